//! How values become columns: what each database carries, and the macros that teach diesel a type.

use chrono::{DateTime, Utc};
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output};
use serde::Serialize;
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::privacy::Sealed;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Lets the derived connection pass `$value` on to the database that it is.
macro_rules! column_value_of_either {
    ($value:ty as $column:ty) => {
        const _: () = {
            use diesel::backend::Backend;
            use diesel::deserialize::{self, FromSql};
            use diesel::serialize::{self, IsNull, Output, ToSql};
            use $crate::backend::MultiBackend;

            impl ToSql<$column, MultiBackend> for $value {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                    // Only the type travels here; the inner connection asks for the value above.
                    out.set_value((<$column>::default(), self));
                    Ok(IsNull::No)
                }
            }

            impl FromSql<$column, MultiBackend> for $value {
                fn from_sql(raw: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    raw.from_sql::<Self, $column>()
                }
            }
        };
    };
}

/// Teaches diesel to write and read `$value` in a column of the local type `$column`: each database
/// has a carrier (a type diesel knows) and a function each way between value and carrier.
macro_rules! column_value {
    ($value:ty as $column:ty {
        postgresql: $pg_type:ty as $pg:ty, $to_pg:expr, $from_pg:expr;
        sqlite: $lite_type:ty as $lite:ty, $to_lite:expr, $from_lite:expr;
    }) => {
        const _: () = {
            use diesel::backend::Backend;
            use diesel::deserialize::{self, FromSql};
            use diesel::pg::Pg;
            use diesel::serialize::{self, IsNull, Output, ToSql};
            use diesel::sqlite::Sqlite;

            impl ToSql<$column, Pg> for $value {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    let carrier: $pg = $to_pg(self)?;
                    ToSql::<$pg_type, Pg>::to_sql(&carrier, &mut out.reborrow())
                }
            }

            impl ToSql<$column, Sqlite> for $value {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                    let carrier: $lite = $to_lite(self)?;
                    out.set_value(carrier);
                    Ok(IsNull::No)
                }
            }

            impl FromSql<$column, Pg> for $value {
                fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    let carrier = <$pg as FromSql<$pg_type, Pg>>::from_sql(raw)?;
                    $from_pg(carrier)
                }
            }

            impl FromSql<$column, Sqlite> for $value {
                fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    let carrier = <$lite as FromSql<$lite_type, Sqlite>>::from_sql(raw)?;
                    $from_lite(carrier)
                }
            }
        };
        column_value_of_either!($value as $column);
    };
}

/// A value read as one field of a row. Types of diesel's own acquaintance (`Uuid`, `Vec`,
/// `serde_json::Value`) have this already.
macro_rules! column_field {
    ($value:ty as $column:ty) => {
        impl diesel::deserialize::Queryable<$column, $crate::backend::MultiBackend> for $value {
            type Row = Self;
            fn build(row: Self) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

/// Coded enums, in columns of type `Word`.
macro_rules! coded {
    ($($value:ty),+ $(,)?) => {
        $(
            column_value!($value as $crate::backend::types::Word {
                postgresql: diesel::sql_types::Text as String, $crate::backend::values::word, $crate::backend::values::coded;
                sqlite: diesel::sql_types::Text as String, $crate::backend::values::word, $crate::backend::values::coded;
            });
            column_field!($value as $crate::backend::types::Word);
        )+
    };
}

/// Values kept as JSON, in columns of type `Document`.
macro_rules! document {
    ($($value:ty),+ $(,)?) => {
        $(
            document_of_known_type!($value);
            column_field!($value as $crate::backend::types::Document);
        )+
    };
}

/// As `document!`, for `Vec`s and `serde_json::Value`, which diesel knows how to read as a field.
macro_rules! document_of_known_type {
    ($($value:ty),+ $(,)?) => {
        $(
            const _: () = {
                use diesel::backend::Backend;
                use diesel::deserialize::{self, FromSql};
                use diesel::pg::Pg;
                use diesel::serialize::{self, IsNull, Output, ToSql};
                use diesel::sqlite::Sqlite;
                use $crate::backend::types::Document;

                impl ToSql<Document, Pg> for $value {
                    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                        $crate::backend::values::write_json(self, out)
                    }
                }

                impl ToSql<Document, Sqlite> for $value {
                    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                        out.set_value(serde_json::to_string(self)?);
                        Ok(IsNull::No)
                    }
                }

                impl FromSql<Document, Pg> for $value {
                    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                        Ok(serde_json::from_slice(raw.as_bytes())?)
                    }
                }

                impl FromSql<Document, Sqlite> for $value {
                    fn from_sql(mut raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                        Ok(serde_json::from_str(raw.read_text())?)
                    }
                }
            };
            column_value_of_either!($value as $crate::backend::types::Document);
        )+
    };
}

/// Straight into the buffer: a value tree in between would cost more than the rest.
pub(super) fn write_json<T: Serialize>(value: &T, out: &mut Output<'_, '_, Pg>) -> serialize::Result {
    serde_json::to_writer(out, value)?;
    Ok(IsNull::No)
}

pub(super) fn word<T: Code>(value: &T) -> Result<String, Failure> {
    Ok(value.code().to_owned())
}

pub(super) fn coded<T: Code>(code: String) -> deserialize::Result<T> {
    T::from_code(&code).ok_or_else(|| format!("the store has `{code}` where a {} is due", T::SET).into())
}

/// Fixed width, so that the text sorts as the instants do: only the years 0000 to 9999 fit.
fn moment_text(instant: &Instant) -> Result<String, Failure> {
    let text = instant.utc().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    match text.len() {
        27 => Ok(text),
        _ => Err(format!("the instant {text} is outside the years 0000 to 9999").into()),
    }
}

fn moment_of_text(text: String) -> deserialize::Result<Instant> {
    Ok(Instant::from_utc(DateTime::parse_from_rfc3339(&text)?.with_timezone(&Utc)))
}

fn copied<T: Copy>(value: &T) -> Result<T, Failure> {
    Ok(*value)
}

fn read<T>(value: T) -> deserialize::Result<T> {
    Ok(value)
}

column_value!(Uuid as super::types::Identifier {
    postgresql: diesel::sql_types::Uuid as Uuid, copied, read;
    sqlite: diesel::sql_types::Text as String,
        |value: &Uuid| -> Result<String, Failure> { Ok(value.to_string()) },
        |text: String| -> deserialize::Result<Uuid> { Ok(Uuid::parse_str(&text)?) };
});

column_value!(Instant as super::types::Moment {
    postgresql: diesel::sql_types::Timestamptz as DateTime<Utc>,
        |value: &Instant| -> Result<DateTime<Utc>, Failure> { Ok(value.utc()) },
        |at: DateTime<Utc>| -> deserialize::Result<Instant> { Ok(Instant::from_utc(at)) };
    sqlite: diesel::sql_types::Text as String, moment_text, moment_of_text;
});
column_field!(Instant as super::types::Moment);

column_value!(Money as super::types::Fen {
    postgresql: diesel::sql_types::BigInt as i64, fen, money;
    sqlite: diesel::sql_types::BigInt as i64, fen, money;
});
column_field!(Money as super::types::Fen);

fn fen(value: &Money) -> Result<i64, Failure> {
    Ok(value.fen())
}

fn money(fen: i64) -> deserialize::Result<Money> {
    Ok(Money::from_fen(fen))
}

column_value!(Sealed as super::types::Cipher {
    postgresql: diesel::sql_types::Text as String, stored, sealed;
    sqlite: diesel::sql_types::Text as String, stored, sealed;
});
column_field!(Sealed as super::types::Cipher);

fn stored(value: &Sealed) -> Result<String, Failure> {
    Ok(value.stored().to_owned())
}

fn sealed(text: String) -> deserialize::Result<Sealed> {
    Ok(Sealed::from_stored(text))
}
