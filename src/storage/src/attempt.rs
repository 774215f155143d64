//! Attempts to claim, in the order they were decided.

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::attempt::ChainEnd;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::record;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::schema::{attempts, cycles, told_claims};

record! {
    /// An attempt to claim, granted or refused; never changed.
    pub struct Attempt in attempts {
        /// The cycle.
        pub cycle_id: Uuid,
        /// Its number within the cycle, from 1, without gaps.
        pub sequence: i64,
        /// When it was decided.
        pub decided_at: Instant,
        /// `granted`, or the code of the refusal.
        pub outcome: String,
        /// What was asked for.
        pub amount_fen: Money,
        /// What the pool had left after it.
        pub remaining_fen: Money,
        /// The seal of the attempt before.
        pub previous_hash: String,
        /// The seal of this one.
        pub hash: String,
        /// Whose it was; never published.
        pub applicant_id: Uuid,
        /// The voucher it was granted.
        pub voucher_id: Option<Uuid>,
    }
}

impl Attempt {
    /// The end of a cycle's chain. To go on from it, hold the cycle's lock.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn chain_end(tx: &mut Connection, cycle_id: Uuid) -> Result<ChainEnd, StorageError> {
        let last = attempts::table
            .filter(attempts::cycle_id.is(cycle_id))
            .order(attempts::sequence.desc())
            .select((attempts::sequence, attempts::hash))
            .first::<(i64, String)>(tx)
            .optional()?;
        Ok(last.map_or_else(ChainEnd::default, |(sequence, hash)| ChainEnd { sequence, hash }))
    }

    /// A cycle's attempts after a number, in their order.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_cycle(tx: &mut Connection, cycle_id: Uuid, after: i64, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = attempts::table.filter(attempts::cycle_id.is(cycle_id)).filter(attempts::sequence.greater(after));
        Ok(rows.order(attempts::sequence).limit(i64::from(limit)).load(tx)?)
    }

    /// A cycle's attempts after a number that were granted, in their order.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn granted_after(
        tx: &mut Connection,
        cycle_id: Uuid,
        after: i64,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let rows = attempts::table.filter(attempts::cycle_id.is(cycle_id)).filter(attempts::sequence.greater(after));
        let granted = rows.filter(attempts::voucher_id.is_not_null());
        Ok(granted.order(attempts::sequence).limit(i64::from(limit)).load(tx)?)
    }
}

record! {
    /// How far the claims of a cycle have been told to those who made them.
    pub struct ToldClaims in told_claims {
        /// The cycle.
        pub cycle_id: Uuid,
        /// The last attempt that was told; 0 before the first.
        pub sequence: i64,
    }
}

impl ToldClaims {
    /// The cycles that have attempts which were not looked at yet, each with how far they were, in the order of
    /// their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn behind(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        let last = attempts::table
            .filter(attempts::cycle_id.eq(cycles::id))
            .order(attempts::sequence.desc())
            .select(attempts::sequence)
            .limit(1)
            .single_value();
        let marked = cycles::table.left_join(told_claims::table.on(told_claims::cycle_id.eq(cycles::id)));
        let columns = (cycles::id, told_claims::sequence.nullable(), last);
        let rows: Vec<(Uuid, Option<i64>, Option<i64>)> = marked.select(columns).order(cycles::id).load(tx)?;
        let marks =
            rows.into_iter().map(|(cycle_id, told, last)| (Self { cycle_id, sequence: told.unwrap_or(0) }, last));
        Ok(marks.filter(|(mark, last)| last.is_some_and(|last| last > mark.sequence)).map(|(mark, _)| mark).collect())
    }

    /// How far a cycle's claims have been told, locked: whoever tells the next ones does it alone.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn lock(tx: &mut Connection, cycle_id: Uuid) -> Result<Self, StorageError> {
        let mark = || for_update(told_claims::table.filter(told_claims::cycle_id.is(cycle_id)));
        if let Some(mark) = mark().get_result(tx).optional()? {
            return Ok(mark);
        }
        Self::insert_or_ignore(tx, &Self { cycle_id, sequence: 0 })?;
        Ok(mark().get_result(tx)?)
    }

    /// Records that a cycle's claims have been told as far as this.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn save(&self, tx: &mut Connection) -> Result<(), StorageError> {
        let mark = told_claims::table.filter(told_claims::cycle_id.is(self.cycle_id));
        diesel::update(mark).set(told_claims::sequence.to(self.sequence)).execute(tx)?;
        Ok(())
    }
}
