//! The catalogue's search, by the index of words that each database has: FTS5 on SQLite, GIN over
//! `tsvector` on PostgreSQL. The words are the same, made by the domain; what they find is the same.

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl};
use voucher_domain::catalogue::{self, NAME_MARK};
use voucher_domain::money::Money;

use super::types::{Fen, Identifier};
use super::{Connection, MultiBackend};
use crate::catalogue::{HitOrder, Place, Search, Sort, Where};

/// How one database says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Postgresql,
    Sqlite,
}

/// A piece of a statement: text, or a value that is bound in its place.
#[derive(Debug, Clone)]
enum Piece {
    Sql(&'static str),
    Text(String),
    Number(i64),
}

/// A statement in the words of each database.
#[derive(Debug, Clone)]
struct Statement {
    postgresql: Vec<Piece>,
    sqlite: Vec<Piece>,
}

impl Statement {
    fn of(write: impl Fn(Dialect) -> Vec<Piece>) -> Self {
        Self { postgresql: write(Dialect::Postgresql), sqlite: write(Dialect::Sqlite) }
    }
}

fn walk<'b, DB>(pieces: &'b [Piece], mut out: AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    DB: Backend + diesel::sql_types::HasSqlType<Text> + diesel::sql_types::HasSqlType<BigInt>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    for piece in pieces {
        match piece {
            Piece::Sql(sql) => out.push_sql(sql),
            Piece::Text(text) => out.push_bind_param::<Text, _>(text)?,
            Piece::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
        }
    }
    Ok(())
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        walk(&self.postgresql, out)
    }
}

impl QueryFragment<Sqlite> for Statement {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        walk(&self.sqlite, out)
    }
}

/// A statement that answers rows of these columns; found again among the prepared ones by its text.
macro_rules! statement {
    ($(#[$meta:meta])* $name:ident answers $columns:ty) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name(Statement);

        impl QueryFragment<MultiBackend> for $name {
            fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
                MultiBackend::walk_variant_ast(&self.0, out)
            }
        }

        impl QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl Query for $name {
            type SqlType = $columns;
        }

        impl RunQueryDsl<Connection> for $name {}
    };
}

statement! {
    /// A part of the hits of a search: number, id, price.
    Hits answers (BigInt, Identifier, Nullable<Fen>)
}

statement! {
    /// How many hits a search has of each combination of traits: the combination, the count.
    Counts answers (Integer, BigInt)
}

statement! {
    /// The numbers of the combinations of all hits, one after the other with commas between; nothing where
    /// there is no hit.
    TraitsOfHits answers Nullable<Text>
}

statement! {
    /// Every combination of traits that entries have had: its number, the traits.
    Combinations answers (Integer, Text)
}

statement! {
    /// The facilities that have words anywhere.
    Facilities answers Identifier
}

impl Hits {
    /// At most `limit` hits after a place; where `nearest` is given, only among so many entries that come
    /// next there, whatever their words.
    pub fn new(search: &Search, order: HitOrder, after: Option<Place>, limit: u16, nearest: Option<u32>) -> Self {
        Self(Statement::of(|dialect| {
            let mut sql = vec![Piece::Sql("SELECT e.number, e.entry_id, e.price_fen FROM ")];
            from_and_where(&mut sql, dialect, search);
            if let Some(after) = after {
                sql.extend(beyond(order, after));
            }
            if let Some(nearest) = nearest {
                sql.extend(among_nearest(search.sort, order, after, nearest));
            }
            sql.push(Piece::Sql(in_order(dialect, order, search.words.is_some())));
            sql.extend([Piece::Sql(" LIMIT "), Piece::Number(i64::from(limit))]);
            sql
        }))
    }
}

impl Counts {
    /// All hits, counted.
    pub fn new(search: &Search) -> Self {
        Self(Statement::of(|dialect| {
            let mut sql = vec![Piece::Sql("SELECT e.facets_id, count(*) FROM ")];
            from_and_where(&mut sql, dialect, search);
            sql.push(Piece::Sql(" GROUP BY e.facets_id"));
            sql
        }))
    }
}

impl TraitsOfHits {
    /// Of all hits.
    pub fn new(search: &Search) -> Self {
        Self(Statement::of(|dialect| {
            let mut sql = vec![Piece::Sql("SELECT string_agg(CAST(e.facets_id AS text), ',') FROM ")];
            from_and_where(&mut sql, dialect, search);
            sql
        }))
    }
}

impl Combinations {
    /// All of them: some hundreds or thousands.
    pub fn every() -> Self {
        Self(Statement::of(|_| vec![Piece::Sql("SELECT f.id, f.facets FROM catalogue_facets f")]))
    }
}

impl Facilities {
    /// Those that have these words.
    pub fn new(words: &catalogue::Query) -> Self {
        Self(Statement::of(|dialect| {
            let mut sql = vec![Piece::Sql("SELECT DISTINCT e.facility_id FROM ")];
            sql.push(Piece::Sql(with_words(dialect)));
            sql.extend(matching(dialect, words, Where::Anywhere));
            sql.push(Piece::Sql(" AND e.is_shown = TRUE"));
            sql
        }))
    }
}

/// The entries together with the index of their words, which SQLite keeps in a table of its own. It is
/// to look there first (`CROSS JOIN` says so), and reads it in the order of numbers, so that the newest
/// hits are found without looking at all.
fn with_words(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgresql => "catalogue_entries e WHERE ",
        Dialect::Sqlite => {
            "__catalogue_terms CROSS JOIN catalogue_entries e ON e.number = __catalogue_terms.rowid WHERE "
        }
    }
}

/// By PostgreSQL's table in the order of numbers or prices, rare words would be looked for in entry after
/// entry; a sum is in no index, so that it takes the index of words and sorts what that finds.
fn in_order(dialect: Dialect, order: HitOrder, has_words: bool) -> &'static str {
    match (order, dialect, has_words) {
        (HitOrder::Price, Dialect::Postgresql, true) => " ORDER BY e.price_fen + 0, e.number DESC",
        (HitOrder::Price, Dialect::Postgresql, false) | (HitOrder::Price, Dialect::Sqlite, _) => {
            " ORDER BY e.price_fen, e.number DESC"
        }
        (HitOrder::Newest, Dialect::Postgresql, true) => " ORDER BY e.number + 0 DESC",
        (HitOrder::Newest, Dialect::Sqlite, true) => " ORDER BY __catalogue_terms.rowid DESC",
        (HitOrder::Newest, Dialect::Postgresql | Dialect::Sqlite, false) => " ORDER BY e.number DESC",
    }
}

fn beyond(order: HitOrder, after: Place) -> Vec<Piece> {
    match order {
        HitOrder::Newest => vec![Piece::Sql(" AND e.number < "), Piece::Number(after.number)],
        HitOrder::Price => vec![
            Piece::Sql(" AND (e.price_fen > "),
            Piece::Number(after.price_fen),
            Piece::Sql(" OR (e.price_fen = "),
            Piece::Number(after.price_fen),
            Piece::Sql(" AND e.number < "),
            Piece::Number(after.number),
            Piece::Sql("))"),
        ],
    }
}

/// Whether words are found sooner when they are sought among the nearest entries first. SQLite goes through
/// the hits one by one, in the order of numbers, and stops by itself when it has enough.
pub fn gains_by_nearest(connection: &Connection) -> bool {
    match connection {
        Connection::Postgresql(_) => true,
        Connection::Sqlite(_) => false,
    }
}

/// That an entry is among so many that come next in an order, which its index tells without a look at the
/// entries.
fn among_nearest(sort: Sort, order: HitOrder, after: Option<Place>, nearest: u32) -> Vec<Piece> {
    let (from, place, end) = match order {
        HitOrder::Newest => (
            " AND e.number >= coalesce((SELECT n.number FROM catalogue_entries n WHERE n.",
            after.map(|after| [Piece::Sql(" AND n.number < "), Piece::Number(after.number)]),
            [" ORDER BY n.number DESC LIMIT 1 OFFSET ", "), 0)"],
        ),
        HitOrder::Price => (
            " AND e.price_fen <= coalesce((SELECT n.price_fen FROM catalogue_entries n WHERE n.",
            after.map(|after| [Piece::Sql(" AND n.price_fen >= "), Piece::Number(after.price_fen)]),
            [" ORDER BY n.price_fen LIMIT 1 OFFSET ", "), 9223372036854775807)"],
        ),
    };
    let [ordered, otherwise] = end;
    let mut sql = vec![Piece::Sql(from), Piece::Sql(of_sort(sort)), Piece::Sql(" AND n.is_shown = TRUE")];
    sql.extend(place.into_iter().flatten());
    sql.extend([Piece::Sql(ordered), Piece::Number(i64::from(nearest)), Piece::Sql(otherwise)]);
    sql
}

/// That an entry is of the sort that is searched.
fn of_sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Service => "sort = 'service'",
        Sort::Instrument => "sort = 'instrument'",
    }
}

fn from_and_where(sql: &mut Vec<Piece>, dialect: Dialect, search: &Search) {
    match &search.words {
        Some((words, place)) => {
            sql.push(Piece::Sql(with_words(dialect)));
            sql.extend(matching(dialect, words, *place));
            sql.push(Piece::Sql(" AND "));
        }
        None => sql.push(Piece::Sql("catalogue_entries e WHERE ")),
    }
    sql.extend([Piece::Sql("e."), Piece::Sql(of_sort(search.sort)), Piece::Sql(" AND e.is_shown = TRUE")]);
    if let Some(id) = search.facility_id {
        let (before, after) = match dialect {
            Dialect::Postgresql => (" AND e.facility_id = CAST(", " AS uuid)"),
            Dialect::Sqlite => (" AND e.facility_id = ", ""),
        };
        sql.extend([Piece::Sql(before), Piece::Text(id.to_string()), Piece::Sql(after)]);
    }
    let equals: [(&'static str, &Option<String>); 4] = [
        (" AND e.field = ", &search.field),
        (" AND e.kind = ", &search.kind),
        (" AND e.category = ", &search.category),
        (" AND e.district = ", &search.district),
    ];
    for (column, value) in equals {
        if let Some(value) = value {
            sql.extend([Piece::Sql(column), Piece::Text(value.clone())]);
        }
    }
    if let Some(price) = search.max_price_fen.map(Money::fen) {
        sql.extend([Piece::Sql(" AND e.price_fen <= "), Piece::Number(price)]);
    }
}

/// That an entry has the words. What the domain makes words of needs no quoting inside of quotes.
fn matching(dialect: Dialect, words: &catalogue::Query, place: Where) -> Vec<Piece> {
    let anywhere = all_of(dialect, words, None);
    let in_name = all_of(dialect, words, Some(NAME_MARK));
    let asked = match (place, dialect) {
        (Where::Anywhere, Dialect::Postgresql | Dialect::Sqlite) => anywhere,
        (Where::InName, Dialect::Postgresql | Dialect::Sqlite) => in_name,
        (Where::ElsewhereToo, Dialect::Postgresql) => format!("{anywhere} & !({in_name})"),
        (Where::ElsewhereToo, Dialect::Sqlite) => format!("({anywhere}) NOT ({in_name})"),
    };
    match dialect {
        // As the index was declared, or it is not used.
        Dialect::Postgresql => {
            vec![Piece::Sql("__catalogue_words(e.__terms) @@ CAST("), Piece::Text(asked), Piece::Sql(" AS tsquery)")]
        }
        Dialect::Sqlite => vec![Piece::Sql("__catalogue_terms MATCH "), Piece::Text(asked)],
    }
}

fn all_of(dialect: Dialect, words: &catalogue::Query, mark: Option<char>) -> String {
    let mark = mark.map(String::from).unwrap_or_default();
    let whole = words.whole.iter().map(|word| match dialect {
        Dialect::Postgresql => format!("'{mark}{word}'"),
        Dialect::Sqlite => format!("\"{mark}{word}\""),
    });
    let beginnings = words.beginnings.iter().map(|word| match dialect {
        Dialect::Postgresql => format!("'{mark}{word}':*"),
        Dialect::Sqlite => format!("\"{mark}{word}\" *"),
    });
    let and = match dialect {
        Dialect::Postgresql => " & ",
        Dialect::Sqlite => " AND ",
    };
    whole.chain(beginnings).collect::<Vec<_>>().join(and)
}
