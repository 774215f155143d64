//! Column types that the two databases store differently, under one name each.
//!
//! | here | PostgreSQL | SQLite | value |
//! | --- | --- | --- | --- |
//! | [`Identifier`] | `uuid` | `TEXT`, hyphenated lower case | `uuid::Uuid` |
//! | [`Moment`] | `timestamptz` | `TEXT`, `2026-10-08T00:00:00.000000Z` | `Instant` |
//! | [`Word`] | `text` | `TEXT` | coded enums |
//! | [`Fen`] | `bigint` | `INTEGER` | `Money` |
//! | [`Document`] | `text` | `TEXT` | what `registry` lists, `serde_json::Value` |
//! | [`Cipher`] | `text` | `TEXT` | `Sealed` |
//!
//! diesel's own `Text`, `BigInt`, `Integer`, `Bool` and `Date` need no help: `text`/`TEXT`,
//! `bigint`/`INTEGER`, `integer`/`INTEGER`, `boolean`/`INTEGER`, `date`/`TEXT`. Both forms of
//! [`Identifier`] and [`Moment`] sort alike. Being local types, they let the domain's values implement
//! diesel's `ToSql`, `FromSql` and `Queryable` directly.

use diesel::query_builder::QueryId;
use diesel::sql_types::{HasSqlType, SqlOrd, SqlType};

use super::MultiBackend;

/// A uuid. Version 7 ones sort by their instant of creation.
#[derive(Debug, Default, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Text"))]
pub struct Identifier;

/// An instant in UTC, to the microsecond.
#[derive(Debug, Default, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
pub struct Moment;

/// A code out of a closed set.
#[derive(Debug, Default, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Text"))]
pub struct Word;

/// An amount of money in fen.
#[derive(Debug, Default, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 20, array_oid = 1016), sqlite_type(name = "Long"))]
pub struct Fen;

/// A JSON value, kept as it was written and never searched: to the byte, for what is evidence. As `jsonb`,
/// PostgreSQL would take it apart at each insert; who searches by hand casts it.
#[derive(Debug, Default, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Text"))]
pub struct Document;

/// A personal detail under a key.
#[derive(Debug, Default, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Text"))]
pub struct Cipher;

macro_rules! known_to_both {
    ($($column:ty),+) => {
        $(impl HasSqlType<$column> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$column>(lookup)
            }
        })+
    };
}

known_to_both!(Identifier, Moment, Word, Fen, Document, Cipher);

impl SqlOrd for Identifier {}
impl SqlOrd for Moment {}
impl SqlOrd for Fen {}
