//! The movements of money.

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::ledger_entries;

entry! {
    /// A movement of money between two accounts of a cycle; never changed.
    pub struct LedgerEntry in ledger_entries {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whose money.
        pub cycle_id: Uuid,
        /// Where it was.
        pub from_account: voucher_domain::ledger::Account,
        /// Where it is then.
        pub to_account: voucher_domain::ledger::Account,
        /// How much.
        pub amount_fen: Money,
        /// Why.
        pub cause: voucher_domain::ledger::MovementCause,
        /// What caused it: a cycle, voucher, contract, redemption or line.
        pub subject_id: Uuid,
        /// The voucher it belongs to, if any.
        pub voucher_id: Option<Uuid>,
        /// When.
        pub occurred_at: Instant,
        /// By which request.
        pub request_id: Uuid,
    }
}

impl LedgerEntry {
    /// The entries of a cycle in the order they were written, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_cycle(
        tx: &mut Connection,
        cycle_id: Uuid,
        after: Option<Uuid>,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let mut rows = Self::all().filter(ledger_entries::cycle_id.is(cycle_id));
        if let Some(id) = after {
            rows = rows.filter(ledger_entries::id.greater(id));
        }
        Ok(rows.order(ledger_entries::id).limit(i64::from(limit)).load(tx)?)
    }
}
