//! The derived connection. Alone in its file, because the derive imports everything around it.
#![allow(missing_docs, reason = "the derive's public items cannot carry comments")]

use diesel::{MultiConnection, PgConnection, SqliteConnection};

/// A connection to either database. Which one it is matters only in this crate's `backend`,
/// `connection`, `transaction` and `migrations`.
#[derive(MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL, in production.
    Postgresql(PgConnection),
    /// SQLite, embedded.
    Sqlite(SqliteConnection),
}
