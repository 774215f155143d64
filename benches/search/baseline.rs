//! What one writes first: `LIKE` over name and purpose, which looks at every row.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, SqliteConnection};

/// A connection of its own.
pub enum Baseline {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Baseline {
    pub fn open(url: &str) -> Self {
        match url.strip_prefix("sqlite://") {
            Some(path) => Self::Sqlite(SqliteConnection::establish(path).unwrap()),
            None => Self::Postgresql(PgConnection::establish(url).unwrap()),
        }
    }

    /// What PostgreSQL does of itself within a minute of such a load (autovacuum).
    pub fn settle(&mut self) {
        if let Self::Postgresql(connection) = self {
            connection.batch_execute("VACUUM (ANALYZE) catalogue_entries, services, facilities").unwrap();
        }
    }

    fn load<T: QueryableByName<diesel::pg::Pg> + QueryableByName<diesel::sqlite::Sqlite> + 'static>(
        &mut self,
        select: &str,
        typed: &str,
        rest: &str,
    ) -> Vec<T> {
        // The words of the measurement hold no quotes.
        let words: Vec<String> = typed
            .split_whitespace()
            .map(|word| format!("(lower(s.name) LIKE '%{word}%' OR lower(s.purpose) LIKE '%{word}%')"))
            .collect();
        let sql = format!(
            "SELECT {select} FROM services s JOIN facilities f ON f.id = s.facility_id \
             WHERE s.is_offered = TRUE AND f.status IN ('active', 'exiting') AND {} {rest}",
            words.join(" AND ")
        );
        match self {
            Self::Sqlite(connection) => diesel::sql_query(sql).load(connection).unwrap(),
            Self::Postgresql(connection) => diesel::sql_query(sql).load(connection).unwrap(),
        }
    }

    /// The newest twenty.
    pub fn page(&mut self, typed: &str) -> usize {
        let rows: Vec<Named> = self.load("s.name AS name", typed, "ORDER BY s.id DESC LIMIT 20");
        std::hint::black_box(rows.iter().map(|row| row.name.len()).sum::<usize>());
        rows.len()
    }

    /// The counts of two traits.
    pub fn counts(&mut self, typed: &str) {
        for column in ["s.field", "f.district"] {
            let rows: Vec<Counted> =
                self.load(&format!("{column} AS word, count(*) AS number"), typed, &format!("GROUP BY {column}"));
            std::hint::black_box(rows.iter().map(|row| row.number + row.word.len() as i64).sum::<i64>());
        }
    }
}
