//! Vouchers.

use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::voucher::{VoidCause, VoucherStatus};

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::{Compare, sum_fen};
use crate::deadline::Reached;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{contracts, vouchers};

aggregate! {
    /// A voucher: a right of one applicant, used once (Art. 12, 15).
    pub struct Voucher in vouchers {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What people call it.
        pub number: String,
        /// The cycle it was claimed from.
        pub cycle_id: Uuid,
        /// Whose it is.
        pub applicant_id: Uuid,
        /// Its state.
        pub status: VoucherStatus,
        /// Why it is void.
        pub void_cause: Option<VoidCause>,
        /// How much it carries.
        pub amount_fen: Money,
        /// What it counts against the yearly limit of its claim year.
        pub counted_fen: Money,
        /// The calendar year of the claim.
        pub claim_year: i32,
        /// When it was claimed.
        pub claimed_at: Instant,
        /// Until when a contract must be registered with it (Art. 15.2).
        pub register_by: Deadline,
        /// The day of its registration.
        pub registered_on: Option<Day>,
        /// Until when it is valid, once registered (Art. 15.2).
        pub valid_until: Option<Deadline>,
        /// The contract it pays, if any.
        pub contract_id: Option<Uuid>,
        /// When its present state dies; none where nothing is due.
        pub lapses_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// What the applicant had stated when it claimed, and what the rules found in it.
        pub judgement_id: Uuid,
    }
}

/// Which vouchers a list holds.
#[derive(Debug, Clone, Default)]
pub struct VoucherFilter {
    /// Of this cycle.
    pub cycle_id: Option<Uuid>,
    /// In this state.
    pub status: Option<VoucherStatus>,
    /// Of this applicant.
    pub applicant_id: Option<Uuid>,
    /// Paying a contract of this facility.
    pub facility_id: Option<Uuid>,
}

impl Voucher {
    /// When it was claimed, and its number: by these payments fill a contract's vouchers.
    pub fn claim(&self) -> (Instant, &str) {
        (self.claimed_at, &self.number)
    }

    /// What an applicant's vouchers of a claim year count against its limit at an instant: one whose
    /// state has died counts no more, even if no job has written so yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn counted_in_year(
        tx: &mut Connection,
        applicant_id: Uuid,
        claim_year: i32,
        now: Instant,
    ) -> Result<Money, StorageError> {
        let counted = vouchers::table
            .filter(vouchers::applicant_id.is(applicant_id))
            .filter(vouchers::claim_year.is(claim_year))
            .filter(vouchers::lapses_at.is_null().or(vouchers::lapses_at.greater(Some(now))))
            .select(sum_fen(vouchers::counted_fen));
        Ok(counted.first::<Option<Money>>(tx)?.unwrap_or_default())
    }

    /// The vouchers of these applicants and this claim year whose state has died and is not written so yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn past_due_of_each(
        tx: &mut Connection,
        applicant_ids: &[Uuid],
        claim_year: i32,
        now: Instant,
    ) -> Result<Vec<(Uuid, Uuid)>, StorageError> {
        let due = vouchers::table
            .filter(vouchers::applicant_id.among(applicant_ids.iter().copied()))
            .filter(vouchers::claim_year.is(claim_year))
            .filter(vouchers::lapses_at.at_most(Some(now)))
            .select((vouchers::id, vouchers::cycle_id));
        Ok(due.load(tx)?)
    }

    /// What the vouchers of each applicant count against the limit of a claim year, as they are written:
    /// whoever decides by it has written down first what has died. One without vouchers is left out.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn counted_in_year_of_each(
        tx: &mut Connection,
        applicant_ids: &[Uuid],
        claim_year: i32,
    ) -> Result<Vec<(Uuid, Money)>, StorageError> {
        let counted = vouchers::table
            .filter(vouchers::applicant_id.among(applicant_ids.iter().copied()))
            .filter(vouchers::claim_year.is(claim_year))
            .group_by(vouchers::applicant_id)
            .select((vouchers::applicant_id, sum_fen(vouchers::counted_fen)));
        let rows: Vec<(Uuid, Option<Money>)> = counted.load(tx)?;
        Ok(rows.into_iter().map(|(id, sum)| (id, sum.unwrap_or_default())).collect())
    }

    /// The vouchers of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &VoucherFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = filter.cycle_id {
            rows = rows.filter(vouchers::cycle_id.is(id));
        }
        if let Some(status) = filter.status {
            rows = rows.filter(vouchers::status.is(status));
        }
        if let Some(id) = filter.applicant_id {
            rows = rows.filter(vouchers::applicant_id.is(id));
        }
        if let Some(id) = filter.facility_id {
            let theirs = contracts::table.filter(contracts::facility_id.is(id)).select(contracts::id.nullable());
            rows = rows.filter(vouchers::contract_id.eq_any(theirs));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The vouchers whose present state has died, those that died first before the others, from where the
    /// list was read to: when each died, its id and its cycle.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn past_due(
        tx: &mut Connection,
        now: Instant,
        reached: Reached,
        limit: u16,
    ) -> Result<Vec<(Instant, Uuid, Uuid)>, StorageError> {
        let columns = (vouchers::lapses_at.assume_not_null(), vouchers::id, vouchers::cycle_id);
        let mut due = vouchers::table.filter(vouchers::lapses_at.at_most(Some(now))).into_boxed();
        if let Some((at, id)) = reached {
            let same = vouchers::lapses_at.is(Some(at)).and(vouchers::id.greater(id));
            due = due.filter(vouchers::lapses_at.greater(Some(at)).or(same));
        }
        Ok(due.order((vouchers::lapses_at, vouchers::id)).limit(i64::from(limit)).select(columns).load(tx)?)
    }

    /// The instant at which the first of those died that are not written so yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn first_past_due(tx: &mut Connection, now: Instant) -> Result<Option<Instant>, StorageError> {
        Ok(Self::past_due(tx, now, None, 1)?.first().map(|(died_at, _, _)| *died_at))
    }

    /// Writes vouchers, which are locked, as void for one cause. Their yearly limit gets back all of them
    /// or nothing.
    ///
    /// # Errors
    /// `Stale` when one of them is gone.
    #[allow(clippy::arithmetic_side_effects, reason = "the addition is SQL")]
    pub fn void_all(
        tx: &mut Connection,
        ids: &[Uuid],
        cause: VoidCause,
        gives_back_limit: bool,
    ) -> Result<(), StorageError> {
        let these = vouchers::table.filter(vouchers::id.among(ids.iter().copied()));
        let end = (
            vouchers::status.to(VoucherStatus::Void),
            vouchers::void_cause.to(Some(cause)),
            vouchers::lapses_at.to(None::<Instant>),
            vouchers::version.eq(vouchers::version + 1),
        );
        let written = if gives_back_limit {
            diesel::update(these).set((end, vouchers::counted_fen.to(Money::ZERO))).execute(tx)?
        } else {
            diesel::update(these).set((end, vouchers::counted_fen.eq(vouchers::amount_fen))).execute(tx)?
        };
        if written == ids.len() { Ok(()) } else { Err(StorageError::Stale) }
    }

    /// The vouchers of a cycle in the order of their ids, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_cycle(
        tx: &mut Connection,
        cycle_id: Uuid,
        after: Option<Uuid>,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let mut rows = Self::all().filter(vouchers::cycle_id.is(cycle_id));
        if let Some(id) = after {
            rows = rows.filter(vouchers::id.greater(id));
        }
        Ok(rows.order(vouchers::id).limit(i64::from(limit)).load(tx)?)
    }

    /// The vouchers bound to a contract, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_contract(tx: &mut Connection, contract_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(vouchers::table.filter(vouchers::contract_id.is(Some(contract_id))).order(vouchers::id).load(tx)?)
    }
}
