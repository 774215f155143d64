//! Attempts to claim, in the order they were decided.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::attempt::ChainEnd;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::record;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::attempts;

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
}
