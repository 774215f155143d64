//! Many rows at once, of one table or of several.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
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

/// Rows of several tables that are added together: on PostgreSQL in one statement, and so in one round
/// trip. Constraints are checked at its end; triggers see all of it.
#[derive(Default)]
pub struct Together<'a> {
    inserts: Vec<Box<dyn Insert + 'a>>,
}

trait Insert {
    fn as_arrays(&self) -> Box<dyn QueryFragment<Pg> + '_>;
    fn insert_one_by_one(&self, sqlite: &mut SqliteConnection) -> QueryResult<()>;
}

impl<T: Rows> Insert for &[T] {
    fn as_arrays(&self) -> Box<dyn QueryFragment<Pg> + '_> {
        T::as_arrays(self)
    }

    fn insert_one_by_one(&self, sqlite: &mut SqliteConnection) -> QueryResult<()> {
        T::insert_one_by_one(sqlite, self)
    }
}

impl<'a> Together<'a> {
    /// Adds the rows of a table; a table that others refer to goes before them.
    pub fn add<T: Rows>(&mut self, rows: &'a [T]) {
        if !rows.is_empty() {
            self.inserts.push(Box::new(rows));
        }
    }

    /// Writes them all.
    ///
    /// # Errors
    /// `Unique` or `ForeignKey` when the tables' constraints refuse one of them.
    pub fn insert(self, transaction: &mut Connection) -> Result<(), StorageError> {
        match transaction {
            Connection::Postgresql(postgresql) => {
                let statement = Statement(self.inserts.iter().map(|insert| insert.as_arrays()).collect());
                if !statement.0.is_empty() {
                    statement.execute(postgresql)?;
                }
            }
            Connection::Sqlite(sqlite) => {
                for insert in &self.inserts {
                    insert.insert_one_by_one(sqlite)?;
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

/// One INSERT, or several as parts of a query that reads nothing.
struct Statement<'a>(Vec<Box<dyn QueryFragment<Pg> + 'a>>);

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if let [one] = self.0.as_slice() {
            return one.walk_ast(out);
        }
        for (place, insert) in self.0.iter().enumerate() {
            out.push_sql(if place == 0 { "WITH " } else { ", " });
            out.push_identifier(&format!("part_{place}"))?;
            out.push_sql(" AS (");
            insert.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT 1");
        Ok(())
    }
}

/// Found again by its text, which is the same for the same tables.
impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for Statement<'_> {}
