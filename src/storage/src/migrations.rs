//! The schema's versions: embedded in the program, applied all or none.
//!
//! `migrations/sqlite` and `migrations/postgres` hold the same names, each with `up.sql` and
//! `down.sql`. A run is one transaction under a lock, so that two servers that start together do not
//! migrate twice and a failed step leaves the schema as it was. A script that rebuilds a table on SQLite
//! starts with `PRAGMA defer_foreign_keys = ON`.

use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::backend::{Connection, MultiBackend};
use crate::connection::Store;
use crate::error::StorageError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

type Migrations = Vec<Box<dyn Migration<MultiBackend>>>;

impl Store {
    /// Brings the schema up to this program's, and answers the names of the migrations that were run;
    /// none when it was up to date.
    ///
    /// # Errors
    /// [`StorageError::NewerSchema`] when the schema is ahead of this program; any other failure leaves
    /// the schema as it was.
    pub fn migrate(&self) -> Result<Vec<String>, StorageError> {
        self.write(|transaction| {
            lock(transaction)?;
            let Survey { pending, .. } = survey(transaction)?;
            for migration in &pending {
                transaction.run_migration(migration.as_ref()).map_err(failed)?;
            }
            Ok(names(&pending))
        })
    }

    /// The migrations that this program has and the schema has not, in their order.
    ///
    /// # Errors
    /// [`StorageError::NewerSchema`] when the schema is ahead of this program.
    pub fn pending(&self) -> Result<Vec<String>, StorageError> {
        // Asking for the applied ones makes diesel create the table that lists them: a write.
        self.write(|transaction| Ok(names(&survey(transaction)?.pending)))
    }

    /// Undoes every migration, newest first, with all that is stored; the names of those undone.
    ///
    /// # Errors
    /// [`StorageError::NewerSchema`] when the schema is ahead of this program, which cannot know how to
    /// undo it.
    pub fn revert_all(&self) -> Result<Vec<String>, StorageError> {
        self.revert(usize::MAX)
    }

    /// Undoes the newest migrations, with all that is stored in what they made; the names of those
    /// undone.
    ///
    /// # Errors
    /// As [`Store::revert_all`](Self::revert_all).
    pub fn revert(&self, how_many: usize) -> Result<Vec<String>, StorageError> {
        self.write(|transaction| {
            lock(transaction)?;
            let Survey { mut applied, .. } = survey(transaction)?;
            applied.reverse();
            applied.truncate(how_many);
            for migration in &applied {
                transaction.revert_migration(migration.as_ref()).map_err(failed)?;
            }
            Ok(names(&applied))
        })
    }
}

/// SQLite's transaction has the file to itself; on PostgreSQL a lock of the schema's own keeps out
/// another server that migrates.
fn lock(transaction: &mut Connection) -> Result<(), StorageError> {
    const LOCK: &str = "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7311202316);";
    match transaction {
        Connection::Postgresql(postgresql) => Ok(postgresql.batch_execute(LOCK)?),
        Connection::Sqlite(_) => Ok(()),
    }
}

/// This program's migrations, oldest first.
struct Survey {
    applied: Migrations,
    pending: Migrations,
}

fn survey(transaction: &mut Connection) -> Result<Survey, StorageError> {
    let versions = transaction.applied_migrations().map_err(failed)?;
    let source = match transaction {
        Connection::Postgresql(_) => POSTGRESQL,
        Connection::Sqlite(_) => SQLITE,
    };
    let mut known: Migrations = source.migrations().map_err(failed)?;
    known.sort_by(|one, other| one.name().version().cmp(&other.name().version()));
    let is_known = |version: &MigrationVersion| known.iter().any(|migration| migration.name().version() == *version);
    if let Some(unknown) = versions.iter().find(|version| !is_known(version)) {
        return Err(StorageError::NewerSchema { version: unknown.to_string() });
    }
    let (applied, pending) = known.into_iter().partition(|migration| versions.contains(&migration.name().version()));
    Ok(Survey { applied, pending })
}

fn names(migrations: &Migrations) -> Vec<String> {
    migrations.iter().map(|migration| migration.name().to_string()).collect()
}

fn failed(error: Box<dyn Error + Send + Sync>) -> StorageError {
    StorageError::other(error)
}
