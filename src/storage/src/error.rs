//! What can go wrong in the store, in words that do not depend on the database.

use std::error::Error;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// A failure of the store.
///
/// Constraint names are the same on both databases: the table and its columns, joined by `_`
/// (`organizations_uscc`, `idempotency_keys_scope_key`, and for a primary key `users_id`). SQLite's
/// messages list the columns; on PostgreSQL the migrations name every unique constraint that way.
#[derive(Debug, Error)]
pub enum StorageError {
    /// A row with the same values is there already.
    #[error("a row with the same values exists ({constraint})")]
    Unique {
        /// The constraint, `organizations_uscc`.
        constraint: String,
    },
    /// A row refers to one that is not there, or is referred to.
    #[error("a row refers to one that does not exist, or is still referred to")]
    ForeignKey,
    /// The row has changed since it was read, or is gone.
    #[error("the row has changed since it was read, or is gone")]
    Stale,
    /// Others held what this transaction needed, again after several attempts; nothing was changed.
    #[error("the store is contended: {0}")]
    Contention(String),
    /// The connection was lost while committing: the change may or may not have happened.
    #[error("the connection was lost at COMMIT, the outcome is unknown: {0}")]
    UnknownOutcome(String),
    /// The database cannot be reached, or the connection was lost before COMMIT; nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The database has been migrated by a newer program.
    #[error(
        "the database schema is newer than this program: it has migration {version}, which this program does not know; run the newer program"
    )]
    NewerSchema {
        /// The migration that this program does not know.
        version: String,
    },
    /// Anything else: a defect, a full disk, a broken file.
    #[error("the store failed: {}", with_causes(.0.as_ref()))]
    Other(Box<dyn Error + Send + Sync>),
}

impl StorageError {
    /// Whether it is a breach of this unique constraint.
    pub fn is_unique(&self, name: &str) -> bool {
        matches!(self, Self::Unique { constraint } if constraint == name)
    }

    /// Any other failure, from its message.
    pub(crate) fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}

/// The message and those of its causes: diesel's own says only which field could not be read.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    message
}

impl From<DieselError> for StorageError {
    fn from(error: DieselError) -> Self {
        if matches!(error, DieselError::BrokenTransactionManager) {
            return Self::Unavailable(error.to_string());
        }
        let DieselError::DatabaseError(kind, information) = &error else { return Self::other(error) };
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::Unique { constraint: constraint_name(information.as_ref()) },
            DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => Self::ForeignKey,
            DatabaseErrorKind::SerializationFailure => Self::Contention(error.to_string()),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::Unavailable(error.to_string())
            }
            DatabaseErrorKind::Unknown if is_contention(information.message()) => Self::Contention(error.to_string()),
            DatabaseErrorKind::Unknown
            | DatabaseErrorKind::ReadOnlyTransaction
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation
            | DatabaseErrorKind::ExclusionViolation
            | _ => Self::other(error),
        }
    }
}

/// The constraint of a unique violation: PostgreSQL names it, SQLite's message lists its columns.
fn constraint_name(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    match information.constraint_name() {
        Some(name) => name.to_owned(),
        None => constraint_of_columns(information.message()),
    }
}

/// `UNIQUE constraint failed: a.x, a.y` is `a_x_y`; an index on expressions is named outright,
/// `UNIQUE constraint failed: index 'a_x'`.
fn constraint_of_columns(message: &str) -> String {
    let columns = message.rsplit_once("failed: ").map_or(message, |(_, columns)| columns);
    if let Some(index) = columns.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let mut name = String::new();
    for column in columns.split(", ") {
        match column.split_once('.') {
            Some((table, column)) if name.is_empty() => name = format!("{table}_{column}"),
            Some((_, column)) => {
                name.push('_');
                name.push_str(column);
            }
            None => name.push_str(column),
        }
    }
    name
}

/// Deadlocks, lock time-outs and SQLite's busy state have no kind of their own in diesel. On
/// PostgreSQL the connection asks for untranslated messages.
fn is_contention(message: &str) -> bool {
    const MESSAGES: [&str; 5] = [
        "deadlock detected",
        "canceling statement due to lock timeout",
        "could not obtain lock on row",
        "database is locked",
        "database table is locked",
    ];
    MESSAGES.iter().any(|known| message.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_sqlite_message_make_the_constraint_name() {
        assert_eq!(constraint_of_columns("UNIQUE constraint failed: organizations.uscc"), "organizations_uscc");
        assert_eq!(constraint_of_columns("UNIQUE constraint failed: keys.scope, keys.key"), "keys_scope_key");
        assert_eq!(constraint_of_columns("UNIQUE constraint failed: index 'users_email'"), "users_email");
    }

    #[test]
    fn deadlocks_and_busy_files_are_contention() {
        for message in ["deadlock detected", "database is locked"] {
            let error = DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()));
            assert!(matches!(StorageError::from(error), StorageError::Contention(_)), "{message}");
        }
    }
}
