//! Opening a store: which database a URL means, and how its connections are set up.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{Error as ConnectError, ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection as _, ConnectionError, PgConnection, RunQueryDsl, SqliteConnection};

use crate::backend::Connection;
use crate::checkpoint::{Checkpointer, EMPTY_LOG_BYTES, LONGEST_LOG_PAGES};
use crate::error::StorageError;

/// Which database a store is in, and how many connections it may use.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `postgres://user@host/name` or `postgresql://…`; `sqlite://path`; or the bare path of a SQLite
    /// file, created when it is not there. A PostgreSQL database is to be created with
    /// `TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`, so that texts sort as on SQLite.
    pub url: String,
    /// How many connections at most: to PostgreSQL in all, to SQLite for reading (beside the one that
    /// writes). On a hot row few are faster than many.
    pub connections: u32,
    /// How long to wait for a free connection before giving up.
    pub wait: Duration,
}

impl StoreOptions {
    /// A store at this URL, with the usual number of connections.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections: 8, wait: Duration::from_secs(5) }
    }
}

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// PostgreSQL.
    Postgresql,
    /// SQLite.
    Sqlite,
}

/// A database that transactions run on; cheap to clone, shared by all threads. See
/// [`Store::read`](Self::read) and [`Store::write`](Self::write).
#[derive(Debug, Clone)]
pub struct Store {
    kind: DatabaseKind,
    writers: Pool<Manager>,
    readers: Pool<Manager>,
    pub(crate) commits: Arc<AtomicU64>,
    /// Of SQLite alone.
    pub(crate) checkpointer: Option<Arc<Checkpointer>>,
}

impl Store {
    /// Opens the database at this URL with the usual number of connections.
    ///
    /// # Errors
    /// As [`Store::open_with`].
    pub fn open(url: &str) -> Result<Self, StorageError> {
        Self::open_with(&StoreOptions::new(url))
    }

    /// Opens a database. The schema is left as it is: see [`Store::migrate`](Self::migrate).
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] with the database's own message when the URL is not understood or
    /// the first connection fails.
    pub fn open_with(options: &StoreOptions) -> Result<Self, StorageError> {
        let target = Target::parse(&options.url)?;
        let manager = Manager { target: target.clone(), access: Access::Write };
        // The pool would try again in the background and report late; one connection first, by hand.
        // It also turns a new SQLite file to WAL before readers come.
        drop(manager.connect().map_err(unavailable)?);
        let (kind, writers, readers, checkpointer) = match target {
            Target::Postgresql(_) => {
                let pool = pool(manager, options.connections, options.wait)?;
                (DatabaseKind::Postgresql, pool.clone(), pool, None)
            }
            Target::Sqlite(ref path) => {
                let checkpointer = Arc::new(Checkpointer::start(path));
                let reader = Manager { target, access: Access::Read };
                let writers = pool(manager, 1, options.wait)?;
                let readers = pool(reader, options.connections, options.wait)?;
                (DatabaseKind::Sqlite, writers, readers, Some(checkpointer))
            }
        };
        Ok(Self { kind, writers, readers, commits: Arc::default(), checkpointer })
    }

    /// Which database it is.
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// How many writes of this program have ended, but for those [aside](Self::write_aside). What was read after a look at this number is still
    /// what the store says, as far as this program has changed it, while the number is the same.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when it does not answer.
    pub fn ping(&self) -> Result<(), StorageError> {
        let mut connection = self.reader()?;
        match connection.ping() {
            Ok(()) => Ok(()),
            Err(error) => Err(StorageError::Unavailable(error.to_string())),
        }
    }

    pub(crate) fn writer(&self) -> Result<PooledConnection<Manager>, StorageError> {
        self.writers.get().map_err(|error| StorageError::Unavailable(error.to_string()))
    }

    pub(crate) fn reader(&self) -> Result<PooledConnection<Manager>, StorageError> {
        self.readers.get().map_err(|error| StorageError::Unavailable(error.to_string()))
    }

    /// How many stale connections a restarted database can leave behind, at most.
    pub(crate) fn connections(&self) -> u32 {
        self.writers.max_size().max(self.readers.max_size())
    }
}

fn pool(manager: Manager, connections: u32, wait: Duration) -> Result<Pool<Manager>, StorageError> {
    Pool::builder()
        .max_size(connections.max(1))
        .min_idle(Some(1))
        // A stale connection shows at BEGIN, where taking another is safe; no ping on every request.
        .test_on_check_out(false)
        .connection_timeout(wait)
        .build(manager)
        .map_err(|error| StorageError::Unavailable(error.to_string()))
}

fn unavailable(error: ConnectError) -> StorageError {
    StorageError::Unavailable(error.to_string())
}

#[derive(Debug, Clone)]
enum Target {
    Postgresql(String),
    Sqlite(PathBuf),
}

impl Target {
    fn parse(url: &str) -> Result<Self, StorageError> {
        let path = match url.split_once("://") {
            Some(("postgres" | "postgresql", _)) => return Ok(Self::Postgresql(url.to_owned())),
            Some(("sqlite", path)) => path,
            Some((scheme, _)) => {
                return Err(StorageError::Unavailable(format!(
                    "`{scheme}://` is not a database this program knows; use postgres:// or sqlite://"
                )));
            }
            None => url,
        };
        // Each connection would have a database of its own in memory.
        match path {
            "" | ":memory:" => Err(StorageError::Unavailable("a SQLite store needs the path of a file".to_owned())),
            path => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Makes the connections of a pool. diesel's own would try PostgreSQL, then SQLite, and hide the first
/// error.
#[derive(Debug)]
pub(crate) struct Manager {
    target: Target,
    access: Access,
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = ConnectError;

    fn connect(&self) -> Result<Connection, ConnectError> {
        match &self.target {
            Target::Postgresql(url) => connect_postgresql(url).map(Connection::Postgresql),
            Target::Sqlite(path) => connect_sqlite(&path.to_string_lossy(), self.access).map(Connection::Sqlite),
        }
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), ConnectError> {
        connection.ping().map_err(ConnectError::QueryError)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

/// UTC, READ COMMITTED, no endless waits. No request's statement runs for so long that compiling it or sharing
/// it out among processors would gain more than the 3 to 10 ms that either costs. Messages untranslated where
/// the role may ask for that: deadlocks are known by theirs. Documents compressed by LZ4 where the server has
/// it: a voucher's findings take 19 µs of its processor to store then, and 47 with its default.
const POSTGRESQL_SETTINGS: &str = "
    SET TIME ZONE 'UTC';
    SET default_transaction_isolation = 'read committed';
    SET jit = off;
    SET max_parallel_workers_per_gather = 0;
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false);
    EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
    DO $$ BEGIN PERFORM set_config('default_toast_compression', 'lz4', false);
    EXCEPTION WHEN invalid_parameter_value OR undefined_object THEN NULL; END $$;
";

fn connect_postgresql(url: &str) -> Result<PgConnection, ConnectError> {
    let mut connection = PgConnection::establish(url).map_err(ConnectError::ConnectionError)?;
    connection.batch_execute(POSTGRESQL_SETTINGS).map_err(ConnectError::QueryError)?;
    Ok(connection)
}

pub(crate) fn connect_sqlite(path: &str, access: Access) -> Result<SqliteConnection, ConnectError> {
    let mut connection = SqliteConnection::establish(path).map_err(|error| {
        // SQLite's own message does not say which file.
        ConnectError::ConnectionError(ConnectionError::BadConnection(format!("{path}: {error}")))
    })?;
    connection
        .batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;")
        .map_err(ConnectError::QueryError)?;
    let role: &[&str] = match access {
        // The one writer keeps the pages it changes (at most 8 MiB): a rush changes the same pages again
        // and again. It writes them back to the file itself only where the checkpointer cannot come to an end.
        Access::Write => &[
            "PRAGMA journal_mode = WAL",
            "PRAGMA cache_size = -8192",
            &format!("PRAGMA wal_autocheckpoint = {LONGEST_LOG_PAGES}"),
            &format!("PRAGMA journal_size_limit = {EMPTY_LOG_BYTES}"),
        ],
        // There are many readers, each keeps its own pages for good, and the system keeps them all the same.
        Access::Read => &["PRAGMA query_only = ON", "PRAGMA cache_size = -1024"],
    };
    for pragma in role {
        diesel::sql_query(*pragma).execute(&mut connection).map_err(ConnectError::QueryError)?;
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_the_database() {
        assert!(matches!(Target::parse("postgres://u@h/n"), Ok(Target::Postgresql(_))));
        assert!(matches!(Target::parse("postgresql://u@h/n"), Ok(Target::Postgresql(_))));
        assert!(matches!(Target::parse("sqlite:///var/lib/v.db"), Ok(Target::Sqlite(path)) if path.is_absolute()));
        assert!(matches!(Target::parse("data/v.db"), Ok(Target::Sqlite(path)) if path.is_relative()));
    }

    #[test]
    fn an_unknown_scheme_and_memory_are_refused() {
        assert!(Target::parse("mysql://u@h/n").is_err());
        assert!(Target::parse("sqlite://:memory:").is_err());
        assert!(Target::parse("").is_err());
    }

    #[test]
    fn the_first_error_is_the_databases_own() {
        let refused = Store::open("postgres://nobody@127.0.0.1:1/none").expect_err("nothing listens there");
        assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
        let missing = Store::open("/no/such/directory/v.db").expect_err("no directory");
        assert!(missing.to_string().contains("/no/such/directory/v.db"), "{missing}");
    }
}
