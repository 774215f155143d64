//! The movements of money.

use diesel::{BoolExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::ledger::MovementCause;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::{Compare, sum_fen};
use crate::error::StorageError;
use crate::schema::ledger_entries;

entry! {
    /// A movement of money between two accounts of a cycle; never changed.
    pub struct LedgerEntry in ledger_entries {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whose money.
        pub cycle_id: Uuid,
        /// The version that the movement gave the cycle, which is locked for it: this orders the
        /// entries, whatever server wrote them.
        pub cycle_version: i64,
        /// Where it was.
        pub from_account: voucher_domain::ledger::Account,
        /// Where it is then.
        pub to_account: voucher_domain::ledger::Account,
        /// How much.
        pub amount_fen: Money,
        /// Why.
        pub cause: MovementCause,
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
    /// What each thing moved for one cause.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn moved_by_each(tx: &mut Connection, cause: MovementCause) -> Result<Vec<(Uuid, Money)>, StorageError> {
        let sums = ledger_entries::table
            .filter(ledger_entries::cause.is(cause))
            .group_by(ledger_entries::subject_id)
            .select((ledger_entries::subject_id, sum_fen(ledger_entries::amount_fen)));
        let rows: Vec<(Uuid, Option<Money>)> = sums.load(tx)?;
        Ok(rows.into_iter().map(|(id, sum)| (id, sum.unwrap_or_default())).collect())
    }

    /// The entries of a cycle in the order they were written, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_cycle(
        tx: &mut Connection,
        cycle_id: Uuid,
        after: Option<&Self>,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let mut rows = Self::all().filter(ledger_entries::cycle_id.is(cycle_id));
        if let Some(last) = after {
            let same_version =
                ledger_entries::cycle_version.is(last.cycle_version).and(ledger_entries::id.greater(last.id));
            rows = rows.filter(ledger_entries::cycle_version.greater(last.cycle_version).or(same_version));
        }
        Ok(rows.order((ledger_entries::cycle_version, ledger_entries::id)).limit(i64::from(limit)).load(tx)?)
    }

    /// The entries of a voucher, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_voucher(tx: &mut Connection, voucher_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(ledger_entries::table
            .filter(ledger_entries::voucher_id.is(Some(voucher_id)))
            .order(ledger_entries::id)
            .load(tx)?)
    }
}
