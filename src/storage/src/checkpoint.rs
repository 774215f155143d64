//! Writing SQLite's log back into the file of the database, beside the one connection that writes.
//!
//! Left to that connection, the work falls into the COMMIT that makes the log too long: in a rush, everybody
//! waits for it several times a second. A connection of its own does it while others go on writing. The log
//! begins anew once all of it is written back; where writes never pause, the writer itself writes back the
//! little that is left, every [`LONGEST_LOG_PAGES`].

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use diesel::{Connection as _, RunQueryDsl, SqliteConnection};

/// From so long a log on, it is written back.
const LOG_BYTES: u64 = 8 * 1024 * 1024;
/// To this the log is cut when it begins anew, so that its length says how much is in it.
pub(crate) const EMPTY_LOG_BYTES: u64 = 1024 * 1024;
/// In pages of 4 KiB: 512 MiB.
pub(crate) const LONGEST_LOG_PAGES: u32 = 131_072;
/// So long between the end of one turn and the next.
const PAUSE: Duration = Duration::from_millis(20);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// The thread that writes the log back; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    written: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread for a database; its connection is opened when it is first needed.
    pub fn start(database: &Path) -> Self {
        let (written, told) = sync_channel(1);
        // SQLite follows links to the file itself, and keeps the log beside it.
        let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
        let thread = thread::spawn(move || keep_short(&database, &told));
        Self { written: Some(written), thread: Some(thread) }
    }

    /// Says that something was written.
    pub fn written(&self) {
        if let Some(written) = &self.written {
            // Full: it has been said already.
            let _ = written.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.written = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes SQLite's log back ended badly");
        }
    }
}

fn keep_short(database: &Path, told: &Receiver<()>) {
    let log = log_of(database);
    let mut connection = None;
    // What is said during a turn is one more turn.
    while told.recv().is_ok() {
        if !is_long(&log) {
            continue;
        }
        if let Err(error) = write_back(&mut connection, database) {
            // The writer's own way is left.
            tracing::warn!(%error, "SQLite's log was not written back; it is tried again");
            connection = None;
            thread::sleep(PAUSE_AFTER_ERROR);
        }
        thread::sleep(PAUSE);
    }
}

fn log_of(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

fn is_long(log: &Path) -> bool {
    std::fs::metadata(log).is_ok_and(|log| log.len() >= LOG_BYTES)
}

/// Writes back what nobody still reads an older state of; waits for nobody.
fn write_back(
    connection: &mut Option<SqliteConnection>,
    database: &Path,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(SqliteConnection::establish(&database.to_string_lossy())?),
    };
    diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").execute(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::StorageError;
    use crate::backend::Connection;
    use crate::connection::{Access, connect_sqlite};
    use crate::testing;

    const MEBIBYTE: &str = "INSERT INTO blobs VALUES (zeroblob(1048576));";

    #[test]
    fn a_long_log_is_written_back_and_begins_anew() {
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("v.db");
        let log = log_of(&database);
        let mut writer = connect_sqlite(&database.to_string_lossy(), Access::Write).unwrap();
        writer.batch_execute("CREATE TABLE blobs (bytes BLOB NOT NULL)").unwrap();
        while !is_long(&log) {
            writer.batch_execute(MEBIBYTE).unwrap();
        }
        let before = std::fs::metadata(&database).unwrap().len();
        write_back(&mut None, &database).unwrap();
        assert!(std::fs::metadata(&database).unwrap().len() >= before + LOG_BYTES / 2, "it is in the file now");
        assert!(is_long(&log), "it is the next writer who begins anew");
        writer.batch_execute("INSERT INTO blobs VALUES (zeroblob(1))").unwrap();
        assert!(!is_long(&log));
    }

    #[test]
    fn a_store_has_its_log_written_back_while_it_goes_on_writing() {
        let store = testing::empty_sqlite();
        let Some(database) = store.url().strip_prefix("sqlite://").map(PathBuf::from) else {
            panic!("{}", store.url())
        };
        let log = log_of(&database);
        let bytes = || std::fs::metadata(&database).unwrap().len();
        let write = |statement: &str| {
            let written = store.write(|tx| match tx {
                Connection::Sqlite(sqlite) => Ok::<_, StorageError>(sqlite.batch_execute(statement)?),
                Connection::Postgresql(_) => panic!("a SQLite store has another connection"),
            });
            written.unwrap();
        };
        write("CREATE TABLE blobs (bytes BLOB NOT NULL)");
        let before = bytes();
        while !is_long(&log) {
            write(MEBIBYTE);
        }
        // Each write tells the thread; all of them together are far from what the writer itself writes back.
        let small = "UPDATE blobs SET bytes = zeroblob(1) WHERE rowid = 1";
        let writes = (0..10_000).take_while(|_| bytes() < before + LOG_BYTES / 2).inspect(|_| write(small)).count();
        assert!(writes < 10_000, "the log was not written back");
    }
}
