//! What diesel cannot say for both databases at once.

use std::fmt::Debug;
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::dsl;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
};
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Array, Bool, HasSqlType, Nullable, SingleValue, SqlType, Text};
use diesel::sqlite::Sqlite;
use diesel::{ExpressionMethods, QueryResult, RunQueryDsl, SqliteConnection};

use super::types::Fen;
use super::{Connection, MultiBackend};

/// A value compared to a column, or written into it.
///
/// A type of another crate cannot be made an expression of diesel's (an upstream crate might do the
/// same), so `column.eq(Role::Admin)` cannot be; [`Compare`] wraps the value on the way.
#[derive(Debug, Clone, Copy)]
pub struct Value<T>(pub T);

impl<T, ST: SqlType + TypedExpressionType> AsExpression<ST> for Value<T> {
    type Expression = Bound<ST, T>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self.0)
    }
}

impl<T: ToSql<ST, DB> + Debug, ST, DB: Backend> ToSql<ST, DB> for Value<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// Comparisons of a column with any value it can hold: the domain's types, and plain ones as well. A
/// nullable column is compared to `Some(value)`; `is_null` and `is_not_null` are diesel's.
pub trait Compare: ExpressionMethods + Sized
where
    Self::SqlType: SqlType + SingleValue,
{
    /// `column = value`.
    fn is<T>(self, value: T) -> dsl::Eq<Self, Value<T>> {
        self.eq(Value(value))
    }

    /// `column <> value`.
    fn other_than<T>(self, value: T) -> dsl::NotEq<Self, Value<T>> {
        self.ne(Value(value))
    }

    /// `column IN (values)`; false when there are no values.
    fn among<T, V: IntoIterator<Item = T>>(self, values: V) -> Among<Self, Self::SqlType, T> {
        Among { column: self, list: List { values: values.into_iter().collect(), column: PhantomData } }
    }

    /// `column < value`.
    fn less<T>(self, value: T) -> dsl::Lt<Self, Value<T>> {
        self.lt(Value(value))
    }

    /// `column <= value`.
    fn at_most<T>(self, value: T) -> dsl::LtEq<Self, Value<T>> {
        self.le(Value(value))
    }

    /// `column > value`.
    fn greater<T>(self, value: T) -> dsl::Gt<Self, Value<T>> {
        self.gt(Value(value))
    }

    /// `column >= value`.
    fn at_least<T>(self, value: T) -> dsl::GtEq<Self, Value<T>> {
        self.ge(Value(value))
    }

    /// `SET column = value`.
    fn to<T>(self, value: T) -> dsl::Eq<Self, Value<T>> {
        self.eq(Value(value))
    }
}

impl<C: ExpressionMethods> Compare for C where C::SqlType: SqlType + SingleValue {}

/// `column IN (values)`. On PostgreSQL the values are one array, so that the statement is the same for
/// any number of them and stays prepared; diesel's own is prepared, parsed and planned each time.
#[derive(Debug, Clone)]
pub struct Among<C, ST, T> {
    column: C,
    list: List<ST, T>,
}

#[derive(Debug, Clone)]
struct List<ST, T> {
    values: Vec<T>,
    column: PhantomData<ST>,
}

/// The number of values is part of the statement's text on SQLite.
impl<C, ST, T> QueryId for Among<C, ST, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: Expression, ST, T> Expression for Among<C, ST, T> {
    type SqlType = Bool;
}

impl<C, ST, T, GroupBy> ValidGrouping<GroupBy> for Among<C, ST, T> {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

impl<C: AppearsOnTable<QS>, ST, T, QS> AppearsOnTable<QS> for Among<C, ST, T> {}

impl<ST, T> QueryFragment<Pg> for List<ST, T>
where
    ST: 'static,
    Pg: HasSqlType<ST>,
    T: ToSql<ST, Pg> + Debug,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<ST>, _>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<ST, T> QueryFragment<Sqlite> for List<ST, T>
where
    ST: 'static,
    Sqlite: HasSqlType<ST>,
    T: ToSql<ST, Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(" IN (");
        for (place, value) in self.values.iter().enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<ST, _>(value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<C, ST, T> QueryFragment<MultiBackend> for Among<C, ST, T>
where
    C: QueryFragment<MultiBackend>,
    List<ST, T>: QueryFragment<Pg> + QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        MultiBackend::walk_variant_ast(&self.list, out)
    }
}

// A subquery of a query for both is asked for as one for each.
impl<C, ST, T> QueryFragment<Pg> for Among<C, ST, T>
where
    C: QueryFragment<Pg>,
    List<ST, T>: QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        self.list.walk_ast(out)
    }
}

impl<C, ST, T> QueryFragment<Sqlite> for Among<C, ST, T>
where
    C: QueryFragment<Sqlite>,
    List<ST, T>: QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        self.list.walk_ast(out)
    }
}

/// The rows of the query, each locked until the transaction ends. PostgreSQL takes row locks (the
/// kind that still lets others insert rows that refer to these); SQLite has one writer and needs none.
pub fn for_update<Q>(query: Q) -> Locked<Q> {
    Locked { query, lock: Lock { skip_locked: false } }
}

/// As [`for_update`], passing over rows that another transaction holds: for queues with several
/// workers.
pub fn for_update_skip_locked<Q>(query: Q) -> Locked<Q> {
    Locked { query, lock: Lock { skip_locked: true } }
}

/// A query whose rows are locked; see [`for_update`].
#[derive(Debug, Clone, Copy)]
pub struct Locked<Q> {
    query: Q,
    lock: Lock,
}

#[derive(Debug, Clone, Copy)]
struct Lock {
    skip_locked: bool,
}

impl QueryFragment<Pg> for Lock {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FOR NO KEY UPDATE");
        if self.skip_locked {
            out.push_sql(" SKIP LOCKED");
        }
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Lock {
    fn walk_ast<'b>(&'b self, _out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        Ok(())
    }
}

impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Locked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        MultiBackend::walk_variant_ast(&self.lock, out)
    }
}

/// Two locking queries of one shape may differ in `SKIP LOCKED`, so none of them has a static id; the
/// statement is found again by its text.
impl<Q> QueryId for Locked<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Locked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Connection> for Locked<Q> {}

/// An insert that passes over rows that would break a unique constraint; `execute` says how many rows
/// went in. Not to be combined with `returning`.
pub fn or_ignore<I>(insert: I) -> OrIgnore<I> {
    OrIgnore(insert)
}

/// An insert that ignores conflicts; see [`or_ignore`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct OrIgnore<I>(I);

impl<I: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for OrIgnore<I> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" ON CONFLICT DO NOTHING");
        Ok(())
    }
}

impl<I> RunQueryDsl<Connection> for OrIgnore<I> {}

/// An update of all columns of a row. Its text is the same for every row of a table, so the statement is
/// prepared once; those that `diesel::update` makes are parsed and planned each time.
#[derive(Debug, Clone, Copy)]
pub struct Overwrite<C, W> {
    /// The table.
    pub table: &'static str,
    /// The columns with their new values.
    pub columns: C,
    /// Which row.
    pub stored: W,
}

impl<C, W> Overwrite<C, W> {
    fn walk<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        C: QueryFragment<DB>,
        W: QueryFragment<DB>,
    {
        out.push_sql("UPDATE ");
        out.push_identifier(self.table)?;
        out.push_sql(" SET ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.stored.walk_ast(out.reborrow())
    }
}

/// As part of a larger statement, which counts the rows.
impl<C, W> QueryFragment<Pg> for Overwrite<C, W>
where
    C: QueryFragment<Pg>,
    W: QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk(out.reborrow())?;
        out.push_sql(" RETURNING 1");
        Ok(())
    }
}

impl<C, W> QueryFragment<Sqlite> for Overwrite<C, W>
where
    C: QueryFragment<Sqlite>,
    W: QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.walk(out)
    }
}

/// Found again by its text.
impl<C, W> QueryId for Overwrite<C, W> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, W> RunQueryDsl<SqliteConnection> for Overwrite<C, W> {}

/// The sum of a money column over the rows of a query, `None` over no rows. A sum that does not fit
/// 64 bits is an error on both databases.
pub fn sum_fen<E>(column: E) -> SumFen<E> {
    SumFen(column)
}

/// A sum of money; see [`sum_fen`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SumFen<E>(E);

impl<E: Expression> Expression for SumFen<E> {
    type SqlType = Nullable<Fen>;
}

impl<E, GroupBy> ValidGrouping<GroupBy> for SumFen<E> {
    type IsAggregate = diesel::expression::is_aggregate::Yes;
}

impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for SumFen<E> {}
impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for SumFen<E> {}

impl<E: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for SumFen<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // PostgreSQL sums bigint as numeric.
        out.push_sql("CAST(SUM(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS BIGINT)");
        Ok(())
    }
}

/// `(one, other) IN (pairs)` for two columns of text, by an index over both: `one IN … AND other IN …`
/// would find more, or look at every row.
pub fn among_pairs<A, B>(one: A, other: B, pairs: &[(&str, &str)]) -> AmongPairs<A, B> {
    let (ones, others) = pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).unzip();
    AmongPairs { one, other, pairs: Pairs { ones, others } }
}

/// A condition on two columns; see [`among_pairs`].
#[derive(Debug, Clone)]
pub struct AmongPairs<A, B> {
    one: A,
    other: B,
    pairs: Pairs,
}

#[derive(Debug, Clone)]
struct Pairs {
    ones: Vec<String>,
    others: Vec<String>,
}

/// The number of pairs is part of the statement's text on SQLite.
impl<A, B> QueryId for AmongPairs<A, B> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<A: Expression, B: Expression> Expression for AmongPairs<A, B> {
    type SqlType = Bool;
}

impl<A, B, GroupBy> ValidGrouping<GroupBy> for AmongPairs<A, B> {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

impl<A: AppearsOnTable<QS>, B: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for AmongPairs<A, B> {}

impl QueryFragment<Pg> for Pairs {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT * FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.ones)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.others)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Pairs {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        // Not equal to anything, so that no pairs are no error; `VALUES` is not limited in its rows as
        // `UNION` is.
        out.push_sql("VALUES (NULL, NULL)");
        for (one, other) in self.ones.iter().zip(&self.others) {
            out.push_sql(", (");
            out.push_bind_param::<Text, _>(one)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(other)?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl<A: QueryFragment<MultiBackend>, B: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for AmongPairs<A, B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("(");
        self.one.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.other.walk_ast(out.reborrow())?;
        out.push_sql(") IN (");
        MultiBackend::walk_variant_ast(&self.pairs, out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
