//! Transactions: a consistent read, a write that commits or leaves nothing, a savepoint within one.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::PooledConnection;

use crate::backend::Connection;
use crate::connection::{Manager, Store};
use crate::error::StorageError;

/// What the closure of a transaction fails with: an error that can hold a failure of the store, and
/// shows it, so that contention is tried again.
pub trait TransactionError: From<StorageError> {
    /// The failure of the store within, if that is what it is.
    fn storage_error(&self) -> Option<&StorageError>;
}

impl TransactionError for StorageError {
    fn storage_error(&self) -> Option<&StorageError> {
        Some(self)
    }
}

/// How often a write is run before contention is reported.
const ATTEMPTS: u32 = 5;

#[derive(Clone, Copy)]
enum Mode {
    Read,
    Write,
    WriteUnflushed,
    WriteAside,
}

/// A write that is committed and seen by everybody, but perhaps not on the disk yet: what depends on it
/// outside the database must [`wait`](Self::wait).
#[must_use = "nothing may be answered before the write is on the disk"]
pub struct Unflushed(PooledConnection<Manager>);

impl Unflushed {
    /// Waits until the write is on the disk. The session that wrote it asks: a database that crashed
    /// meanwhile, and may have lost the write, does not know it any more.
    ///
    /// # Errors
    /// [`StorageError::UnknownOutcome`] when the session is lost.
    pub fn wait(mut self) -> Result<(), StorageError> {
        match &mut *self.0 {
            Connection::Postgresql(postgresql) => {
                // A commit that writes something waits for the log up to its own place, and so for all
                // before it; a message is the least that can be written.
                let written = postgresql.batch_execute("SELECT pg_logical_emit_message(true, 'voucher', '')");
                written.map_err(|error| StorageError::UnknownOutcome(error.to_string()))
            }
            // Its COMMIT has waited already.
            Connection::Sqlite(_) => Ok(()),
        }
    }
}

impl Store {
    /// Reads one consistent state of the database; nothing can be changed.
    ///
    /// # Errors
    /// What the closure fails with, or [`StorageError::Unavailable`].
    pub fn read<T, E: From<StorageError>>(&self, read: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.begin(Mode::Read)?;
        let outcome = read(&mut connection);
        // Nothing was changed, so nothing depends on how it ends; a broken connection leaves the pool.
        rollback(&mut connection);
        outcome
    }

    /// Changes the database: commits when the closure answers `Ok`, leaves nothing behind when it
    /// answers `Err`. Under contention the whole closure is run again, so it must not change anything
    /// outside the transaction. An error of the store is to be passed on, or caught around a
    /// [`savepoint`]: swallowed outside of one it makes PostgreSQL refuse the COMMIT.
    ///
    /// # Errors
    /// What the closure fails with; [`StorageError::Contention`] after several attempts;
    /// [`StorageError::UnknownOutcome`] when the connection is lost at COMMIT;
    /// [`StorageError::Unavailable`] when it is lost before.
    pub fn write<T, E: TransactionError>(&self, write: impl FnMut(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        self.write_as(Mode::Write, write).map(|(value, _)| value)
    }

    /// As [`Self::write`], without waiting for the disk: on PostgreSQL, the next write can begin while the
    /// log is still being written.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_unflushed<T, E: TransactionError>(
        &self,
        write: impl FnMut(&mut Connection) -> Result<T, E>,
    ) -> Result<(T, Unflushed), E> {
        let (value, connection) = self.write_as(Mode::WriteUnflushed, write)?;
        Ok((value, Unflushed(connection)))
    }

    /// As [`Self::write`], for what a job notes for itself or for other jobs, and nobody looks at: it is no
    /// reason to read anew what others were shown (see [`Self::commits`]).
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_aside<T, E: TransactionError>(
        &self,
        write: impl FnMut(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_as(Mode::WriteAside, write).map(|(value, _)| value)
    }

    fn write_as<T, E: TransactionError>(
        &self,
        mode: Mode,
        mut write: impl FnMut(&mut Connection) -> Result<T, E>,
    ) -> Result<(T, PooledConnection<Manager>), E> {
        let mut attempt: u32 = 1;
        loop {
            let outcome = self.write_once(mode, &mut write);
            let contended = outcome.as_ref().err().and_then(E::storage_error);
            match contended {
                Some(StorageError::Contention(reason)) if attempt < ATTEMPTS => {
                    tracing::debug!(attempt, reason, "contention, trying again");
                    // 2, 4, 8, 16 ms: enough to let the other side finish.
                    thread::sleep(Duration::from_millis(1_u64.checked_shl(attempt).unwrap_or(16)));
                    attempt = attempt.saturating_add(1);
                }
                _done => return outcome,
            }
        }
    }

    fn write_once<T, E: From<StorageError>>(
        &self,
        mode: Mode,
        write: &mut impl FnMut(&mut Connection) -> Result<T, E>,
    ) -> Result<(T, PooledConnection<Manager>), E> {
        let mut connection = self.begin(mode)?;
        match write(&mut connection) {
            Ok(value) => {
                let committed = commit(&mut connection);
                // Counted even if its outcome is unknown.
                if !matches!(mode, Mode::WriteAside) {
                    self.commits.fetch_add(1, Ordering::Release);
                }
                if let Some(checkpointer) = &self.checkpointer {
                    checkpointer.written();
                }
                committed?;
                Ok((value, connection))
            }
            Err(error) => {
                rollback(&mut connection);
                Err(error)
            }
        }
    }

    /// A connection within a new transaction. A restarted database leaves stale connections in the
    /// pool: they show here, where nothing has happened yet, and the next one is taken.
    fn begin(&self, mode: Mode) -> Result<PooledConnection<Manager>, StorageError> {
        let mut stale: u32 = 0;
        loop {
            let mut connection = match mode {
                Mode::Read => self.reader()?,
                Mode::Write | Mode::WriteUnflushed | Mode::WriteAside => self.writer()?,
            };
            match begin(&mut connection, mode) {
                Ok(()) => return Ok(connection),
                Err(StorageError::Unavailable(_)) if stale < self.connections() => stale = stale.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
    }
}

fn begin(connection: &mut Connection, mode: Mode) -> Result<(), StorageError> {
    let begun = match (connection, mode) {
        (Connection::Postgresql(postgresql), Mode::Read) => {
            AnsiTransactionManager::begin_transaction_sql(postgresql, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
        (Connection::Postgresql(postgresql), Mode::Write | Mode::WriteAside) => {
            AnsiTransactionManager::begin_transaction_sql(postgresql, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        }
        (Connection::Postgresql(postgresql), Mode::WriteUnflushed) => AnsiTransactionManager::begin_transaction_sql(
            postgresql,
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = off",
        ),
        (Connection::Sqlite(sqlite), Mode::Read) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN"),
        // The deferred default ends in "database is locked" when a reader wants to write.
        (Connection::Sqlite(sqlite), Mode::Write | Mode::WriteUnflushed | Mode::WriteAside) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")
        }
    };
    begun.map_err(StorageError::from)
}

fn commit(connection: &mut Connection) -> Result<(), StorageError> {
    match connection {
        Connection::Postgresql(postgresql) => {
            // After a failed statement PostgreSQL answers COMMIT by rolling back, without an error. The
            // query before it, in the same round trip, fails in that state, and the COMMIT is not run.
            let Err(error) = postgresql.batch_execute("SELECT 1; COMMIT") else { return Ok(()) };
            // Its own failure tells nothing more: a connection still in a transaction leaves the pool.
            let _ended = AnsiTransactionManager::rollback_transaction(postgresql);
            let error = StorageError::from(error);
            let StorageError::Unavailable(reason) = error else { return Err(error) };
            Err(StorageError::UnknownOutcome(reason))
        }
        Connection::Sqlite(sqlite) => {
            let Err(error) = AnsiTransactionManager::commit_transaction(sqlite) else { return Ok(()) };
            let error = StorageError::from(error);
            // A write or fsync that failed at COMMIT may still be found by the next start.
            let StorageError::Other(reason) = error else { return Err(error) };
            Err(StorageError::UnknownOutcome(reason.to_string()))
        }
    }
}

fn rollback(connection: &mut Connection) {
    // A connection that cannot roll back is still in a transaction, or closed: the pool drops it, and
    // the database rolls back.
    if let Err(error) = Connection::rollback_transaction(connection) {
        tracing::debug!(%error, "rollback failed, the connection is dropped");
    }
}

/// Runs part of a transaction so that its failure undoes that part alone and the rest can go on.
///
/// # Errors
/// What the closure fails with, or a failure of the store itself.
pub fn savepoint<T, E: From<StorageError>>(
    transaction: &mut Connection,
    part: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    Connection::begin_transaction(transaction).map_err(StorageError::from)?;
    match part(transaction) {
        Ok(value) => {
            Connection::commit_transaction(transaction).map_err(StorageError::from)?;
            Ok(value)
        }
        Err(error) => {
            // If this fails the transaction is broken, and its COMMIT will say so.
            rollback(transaction);
            Err(error)
        }
    }
}
