//! Many rows at once, of one table or of several, with the row whose change they belong to.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use super::Connection;
use crate::error::StorageError;

/// A row type that can be added many at once; the macros of [`aggregate`](crate::aggregate) implement it.
pub trait Rows: Sized {
    /// The rows as one INSERT: an array for each column, whatever the number of rows, so that the
    /// statement is parsed and planned once for all.
    fn as_arrays<'a>(rows: &'a [Self]) -> Box<dyn QueryFragment<Pg> + 'a>;
    /// Adds the rows one by one: SQLite is a call away, and keeps the statement prepared.
    ///
    /// # Errors
    /// What the database says of the first that it refuses.
    fn insert_one_by_one(sqlite: &mut SqliteConnection, rows: &[Self]) -> QueryResult<()>;
}

/// A row type that is written over by its version; the macros of [`aggregate`](crate::aggregate) implement
/// it.
pub trait Versioned: Sized {
    /// The UPDATE that writes this row over its version before.
    fn as_update<'a>(next: &'a Self) -> Box<dyn QueryFragment<Pg> + 'a>;
    /// Writes this row over its version before; how many rows that were: 1, or 0 when it has changed since.
    ///
    /// # Errors
    /// What the database says when it refuses it.
    fn overwrite(sqlite: &mut SqliteConnection, next: &Self) -> QueryResult<usize>;
}

/// Rows of several tables that are written together: on PostgreSQL in one statement, and so in one round
/// trip. Constraints are checked at its end; triggers that come after it see all of it.
#[derive(Default)]
pub struct Together<'a> {
    parts: Vec<Box<dyn Part + 'a>>,
}

trait Part {
    /// The part as PostgreSQL is told it.
    fn as_sql(&self) -> Box<dyn QueryFragment<Pg> + '_>;
    /// Whether a row is written over, which may have changed since.
    fn may_be_stale(&self) -> bool;
    fn write(&self, sqlite: &mut SqliteConnection) -> Result<(), StorageError>;
}

struct Added<'a, T>(&'a [T]);

impl<T: Rows> Part for Added<'_, T> {
    fn as_sql(&self) -> Box<dyn QueryFragment<Pg> + '_> {
        T::as_arrays(self.0)
    }

    fn may_be_stale(&self) -> bool {
        false
    }

    fn write(&self, sqlite: &mut SqliteConnection) -> Result<(), StorageError> {
        Ok(T::insert_one_by_one(sqlite, self.0)?)
    }
}

struct Overwritten<'a, T>(&'a T);

impl<T: Versioned> Part for Overwritten<'_, T> {
    fn as_sql(&self) -> Box<dyn QueryFragment<Pg> + '_> {
        T::as_update(self.0)
    }

    fn may_be_stale(&self) -> bool {
        true
    }

    fn write(&self, sqlite: &mut SqliteConnection) -> Result<(), StorageError> {
        match T::overwrite(sqlite, self.0)? {
            1 => Ok(()),
            _ => Err(StorageError::Stale),
        }
    }
}

impl<'a> Together<'a> {
    /// Adds the rows of a table; a table that others refer to goes before them.
    pub fn add<T: Rows>(&mut self, rows: &'a [T]) {
        if !rows.is_empty() {
            self.parts.push(Box::new(Added(rows)));
        }
    }

    /// Writes a row over its version before; each row once.
    pub fn overwrite<T: Versioned>(&mut self, next: &'a T) {
        self.parts.push(Box::new(Overwritten(next)));
    }

    /// Writes them all.
    ///
    /// # Errors
    /// `Unique` or `ForeignKey` when the tables' constraints refuse one of them; `Stale` when a row to be
    /// written over has changed since it was read.
    pub fn write(self, transaction: &mut Connection) -> Result<(), StorageError> {
        match transaction {
            Connection::Postgresql(postgresql) => {
                let statement = Statement {
                    parts: self.parts.iter().map(|part| part.as_sql()).collect(),
                    stale: self.parts.iter().map(|part| part.may_be_stale()).collect(),
                };
                let overwritten = statement.stale.iter().filter(|may_be| **may_be).count();
                if !statement.parts.is_empty() {
                    let written: i64 = statement.get_result(postgresql)?;
                    if usize::try_from(written) != Ok(overwritten) {
                        return Err(StorageError::Stale);
                    }
                }
            }
            Connection::Sqlite(sqlite) => {
                for part in &self.parts {
                    part.write(sqlite)?;
                }
            }
        }
        Ok(())
    }
}

/// Nothing before the first of a list, a comma before each other.
pub(crate) fn separator(first: &mut bool) -> &'static str {
    if std::mem::take(first) { "" } else { ", " }
}

/// The parts of a query that reads nothing but how many rows were written over.
struct Statement<'a> {
    parts: Vec<Box<dyn QueryFragment<Pg> + 'a>>,
    stale: Vec<bool>,
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (place, part) in self.parts.iter().enumerate() {
            out.push_sql(if place == 0 { "WITH " } else { ", " });
            out.push_identifier(&format!("part_{place}"))?;
            out.push_sql(" AS (");
            part.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT CAST(0 AS BIGINT)");
        for (place, _) in self.stale.iter().enumerate().filter(|(_, may_be)| **may_be) {
            out.push_sql(" + (SELECT count(*) FROM ");
            out.push_identifier(&format!("part_{place}"))?;
            out.push_sql(")");
        }
        Ok(())
    }
}

/// Found again by its text, which is the same for the same tables.
impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for Statement<'_> {}
