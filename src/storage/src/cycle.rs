//! Cycles and their accounts.

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::cycle::{CycleKind, CycleStatus};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::cycles;

aggregate! {
    /// An issuing window with one total budget (Art. 12), or the budget of a yearly assessment under its id
    /// (Art. 11). The seven accounts are caches of the ledger.
    pub struct Cycle in cycles {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What it is called.
        pub name: String,
        /// The policy that judges it for life.
        pub policy_id: String,
        /// Its state.
        pub status: CycleStatus,
        /// Its total budget.
        pub budget_fen: Money,
        /// From this instant vouchers may be claimed.
        pub opens_at: Instant,
        /// At this instant it is too late.
        pub closes_at: Instant,
        /// What can be claimed.
        pub available_fen: Money,
        /// What is claimed and not registered.
        pub held_fen: Money,
        /// What is registered or redeeming.
        pub committed_fen: Money,
        /// What is approved and not paid.
        pub payable_fen: Money,
        /// What is paid.
        pub paid_fen: Money,
        /// What lapsed to the budget.
        pub lapsed_fen: Money,
        /// What was clawed back.
        pub recovered_fen: Money,
        /// The officer who made it.
        pub created_by: Uuid,
        /// When it was made.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// What it is given out as.
        pub kind: CycleKind,
    }
}

impl Cycle {
    /// The issuing windows, newest first, with or without drafts.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        with_drafts: bool,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all().filter(cycles::kind.is(CycleKind::Voucher));
        if !with_drafts {
            rows = rows.filter(cycles::status.other_than(CycleStatus::Draft));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The published issuing windows that open after one instant and not after another, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn opening(tx: &mut Connection, after: Instant, until: Instant) -> Result<Vec<Self>, StorageError> {
        let opening = cycles::table
            .filter(cycles::kind.is(CycleKind::Voucher))
            .filter(cycles::status.is(CycleStatus::Published))
            .filter(cycles::opens_at.greater(after))
            .filter(cycles::opens_at.at_most(until));
        Ok(opening.order(cycles::id).load(tx)?)
    }

    /// Every cycle of whatever kind, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        Ok(cycles::table.order(cycles::id).load(tx)?)
    }
}
