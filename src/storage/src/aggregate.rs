//! How a table becomes a row type. To add one:
//!
//! 1. The migration, for both databases. Name every unique constraint, primary keys included, after the
//!    table and its columns (`contracts_facility_id_number`): that is the name in
//!    [`StorageError::Unique`](crate::StorageError::Unique).
//! 2. `diesel::table!` in a file of `schema/`, with the column types of
//!    [`backend::types`](crate::backend::types).
//! 3. New coded enums and documents: one line each in `backend/registry.rs`.
//! 4. The row, in the file of its aggregate:
//!
//! ```text
//! use crate::aggregate::aggregate;
//! use crate::schema::cycles;
//!
//! aggregate! {
//!     /// An issuing window with one total budget.
//!     pub struct Cycle in cycles {
//!         /// Version 7, so that ids sort by creation.
//!         pub id: Uuid,
//!         /// Its state.
//!         pub status: CycleStatus,
//!         /// What is left to claim.
//!         pub remaining_fen: Money,
//!         /// When it closes, where that is set.
//!         pub closes_at: Option<Instant>,
//!         /// Counts the changes; 1 when new.
//!         pub version: i64,
//!     }
//! }
//!
//! impl Cycle {
//!     /// The open cycles, newest first.
//!     pub fn open(tx: &mut Connection, before: Option<Uuid>, limit: u16) -> Result<Page<Self>, StorageError> {
//!         Self::page(tx, Self::all().filter(cycles::status.is(CycleStatus::Open)), before, limit)
//!     }
//! }
//! ```
//!
//! The fields are the table's columns in the table's order, `id` first; anything else does not compile.
//! In queries, columns meet values by [`Compare`](crate::backend::query::Compare): `is`, `among`,
//! `less`, `at_most`, …, and `to` in updates.
//!
//! | macro | for a table with | gives |
//! | --- | --- | --- |
//! | `record!` | any key | the struct, `all`, `insert`, `insert_or_ignore`, `insert_all` |
//! | `entry!` | `id` | that, and `find`, `find_all`, `lock`, `lock_all`, `page` |
//! | `aggregate!` | `id` and `version` | that, and `save` |

/// A row type over any table: `all`, `insert`, `insert_all`.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $row:ident in $table:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, diesel::Queryable)]
        pub struct $row {
            $($(#[$field_meta])* pub $field: $type,)+
        }

        // Rows are read by position: the fields must be the table's columns, all of them, in order.
        const _: <$table::table as diesel::Table>::AllColumns = ($($table::$field,)+);

        impl $row {
            /// All rows, to be narrowed by `filter` and ordered.
            pub fn all<'a>() -> $table::BoxedQuery<'a, $crate::backend::MultiBackend> {
                diesel::QueryDsl::into_boxed($table::table)
            }

            /// Adds the row, and answers it as it is stored.
            ///
            /// # Errors
            /// `Unique` or `ForeignKey` when the table's constraints refuse it.
            pub fn insert(
                transaction: &mut $crate::backend::Connection,
                row: &Self,
            ) -> Result<Self, $crate::error::StorageError> {
                use diesel::RunQueryDsl;
                use $crate::backend::query::Compare;
                Ok(diesel::insert_into($table::table)
                    .values(($($table::$field.to(&row.$field),)+))
                    .returning($table::all_columns)
                    .get_result(transaction)?)
            }

            /// Adds the row unless a unique constraint refuses it: then `false`, and the transaction can
            /// go on. On PostgreSQL this waits for another transaction that is adding the same.
            ///
            /// # Errors
            /// `ForeignKey` when the row refers to one that is not there.
            pub fn insert_or_ignore(
                transaction: &mut $crate::backend::Connection,
                row: &Self,
            ) -> Result<bool, $crate::error::StorageError> {
                use diesel::RunQueryDsl;
                use $crate::backend::query::Compare;
                let insert = diesel::insert_into($table::table).values(($($table::$field.to(&row.$field),)+));
                Ok($crate::backend::query::or_ignore(insert).execute(transaction)? == 1)
            }

            /// Adds many rows at once.
            ///
            /// # Errors
            /// `Unique` or `ForeignKey` when the table's constraints refuse one of them.
            pub fn insert_all(
                transaction: &mut $crate::backend::Connection,
                rows: &[Self],
            ) -> Result<(), $crate::error::StorageError> {
                let mut together = $crate::backend::rows::Together::default();
                together.add(rows);
                together.write(transaction)
            }
        }

        const _: () = {
            use diesel::pg::Pg;
            use diesel::query_builder::{AstPass, QueryFragment};
            use diesel::sql_types::Array;
            use diesel::{Column, Expression, QueryResult, RunQueryDsl, SqliteConnection};
            use $crate::backend::query::Compare;
            use $crate::backend::rows::{Rows, separator};

            /// The rows column by column.
            struct Arrays<'a> {
                $($field: Vec<&'a $type>,)+
            }

            impl QueryFragment<Pg> for Arrays<'_> {
                fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                    out.push_sql("INSERT INTO ");
                    out.push_identifier(stringify!($table))?;
                    out.push_sql(" (");
                    let mut first = true;
                    $(
                        out.push_sql(separator(&mut first));
                        out.push_identifier(<$table::$field as Column>::NAME)?;
                    )+
                    out.push_sql(") SELECT * FROM unnest(");
                    let mut first = true;
                    $(
                        out.push_sql(separator(&mut first));
                        out.push_bind_param::<Array<<$table::$field as Expression>::SqlType>, _>(&self.$field)?;
                    )+
                    out.push_sql(")");
                    Ok(())
                }
            }

            impl Rows for $row {
                fn as_arrays<'a>(rows: &'a [Self]) -> Box<dyn QueryFragment<Pg> + 'a> {
                    Box::new(Arrays { $($field: rows.iter().map(|row| &row.$field).collect(),)+ })
                }

                fn insert_one_by_one(sqlite: &mut SqliteConnection, rows: &[Self]) -> QueryResult<()> {
                    for row in rows {
                        diesel::insert_into($table::table)
                            .values(($($table::$field.to(&row.$field),)+))
                            .execute(sqlite)?;
                    }
                    Ok(())
                }
            }
        };
    };
}

/// A row type over a table with an `id`: what `record!` gives, and `find`, `lock`, `page`.
macro_rules! entry {
    ($(#[$meta:meta])* pub struct $row:ident in $table:ident { $($fields:tt)+ }) => {
        $crate::aggregate::record! { $(#[$meta])* pub struct $row in $table { $($fields)+ } }

        impl $row {
            /// The row with this id.
            ///
            /// # Errors
            /// Failures of the store alone.
            pub fn find(
                transaction: &mut $crate::backend::Connection,
                id: uuid::Uuid,
            ) -> Result<Option<Self>, $crate::error::StorageError> {
                use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
                use $crate::backend::query::Compare;
                Ok($table::table.filter($table::id.is(id)).first(transaction).optional()?)
            }

            /// The rows with these ids, in the order of their ids; absent ones are left out.
            ///
            /// # Errors
            /// Failures of the store alone.
            pub fn find_all(
                transaction: &mut $crate::backend::Connection,
                ids: &[uuid::Uuid],
            ) -> Result<Vec<Self>, $crate::error::StorageError> {
                use diesel::{QueryDsl, RunQueryDsl};
                use $crate::backend::query::Compare;
                Ok($table::table.filter($table::id.among(ids.iter().copied())).order($table::id).load(transaction)?)
            }

            /// The row with this id, locked against other writers until the transaction ends.
            ///
            /// # Errors
            /// `Contention` when others hold it for too long.
            pub fn lock(
                transaction: &mut $crate::backend::Connection,
                id: uuid::Uuid,
            ) -> Result<Option<Self>, $crate::error::StorageError> {
                use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
                use $crate::backend::query::{Compare, for_update};
                Ok(for_update($table::table.filter($table::id.is(id))).get_result(transaction).optional()?)
            }

            /// The rows with these ids, locked in the order of their ids; absent ones are left out.
            ///
            /// # Errors
            /// `Contention` when others hold one of them for too long.
            pub fn lock_all(
                transaction: &mut $crate::backend::Connection,
                ids: &[uuid::Uuid],
            ) -> Result<Vec<Self>, $crate::error::StorageError> {
                use diesel::{QueryDsl, RunQueryDsl};
                use $crate::backend::query::{Compare, for_update};
                let rows = $table::table.filter($table::id.among(ids.iter().copied())).order($table::id);
                Ok(for_update(rows).load(transaction)?)
            }

            /// A page of the query's rows, newest first: at most `limit` of them, with ids before
            /// `before`. The query brings the filters; order and limit are set here.
            ///
            /// # Errors
            /// Failures of the store alone.
            pub fn page(
                transaction: &mut $crate::backend::Connection,
                query: $table::BoxedQuery<'_, $crate::backend::MultiBackend>,
                before: Option<uuid::Uuid>,
                limit: u16,
            ) -> Result<$crate::page::Page<Self>, $crate::error::StorageError> {
                use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
                use $crate::backend::query::Compare;
                // One row more says whether there is a next page.
                let mut query = query.order($table::id.desc()).limit(i64::from(limit).saturating_add(1));
                if let Some(id) = before {
                    query = query.filter($table::id.less(id));
                }
                Ok($crate::page::Page::cut(query.load(transaction)?, limit, |row: &Self| row.id))
            }
        }
    };
}

/// A row type over a table with an `id` and a `version`: what `entry!` gives, and `save`.
macro_rules! aggregate {
    ($(#[$meta:meta])* pub struct $row:ident in $table:ident {
        $(#[$id_meta:meta])* pub id: Uuid,
        $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)+
    }) => {
        $crate::aggregate::entry! {
            $(#[$meta])*
            pub struct $row in $table {
                $(#[$id_meta])* pub id: Uuid,
                $($(#[$field_meta])* pub $field: $type,)+
            }
        }

        impl $row {
            /// The row as it is written over this version of it.
            pub fn next(&self) -> Self {
                Self { version: self.version.saturating_add(1), ..self.clone() }
            }

            /// Writes the row over the stored one, if that still has this version, and answers it with
            /// the next version.
            ///
            /// # Errors
            /// `Stale` when the row has changed since it was read, or is gone; `Unique` or `ForeignKey`
            /// when the table's constraints refuse it.
            pub fn save(
                transaction: &mut $crate::backend::Connection,
                row: &Self,
            ) -> Result<Self, $crate::error::StorageError> {
                let next = row.next();
                let mut together = $crate::backend::rows::Together::default();
                together.overwrite(&next);
                together.write(transaction)?;
                Ok(next)
            }
        }

        const _: () = {
            use diesel::pg::Pg;
            use diesel::query_builder::QueryFragment;
            use diesel::{AsChangeset, BoolExpressionMethods, QueryResult, RunQueryDsl, SqliteConnection};
            use $crate::backend::query::{Compare, Overwrite};
            use $crate::backend::rows::Versioned;

            macro_rules! overwrite {
                ($next:ident) => {
                    Overwrite {
                        table: stringify!($table),
                        columns: ($($table::$field.to(&$next.$field),)+).as_changeset(),
                        stored: $table::id
                            .is($next.id)
                            .and($table::version.is($next.version.saturating_sub(1))),
                    }
                };
            }

            impl Versioned for $row {
                fn as_update<'a>(next: &'a Self) -> Box<dyn QueryFragment<Pg> + 'a> {
                    Box::new(overwrite!(next))
                }

                fn overwrite(sqlite: &mut SqliteConnection, next: &Self) -> QueryResult<usize> {
                    overwrite!(next).execute(sqlite)
                }
            }
        };
    };
}

pub(crate) use {aggregate, entry, record};
