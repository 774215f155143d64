//! Redemptions, their invoices, evidence and allotments.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::redemption::RedemptionStatus;

use crate::aggregate::{aggregate, entry, record};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{allotments, evidence, invoices, redemptions};

aggregate! {
    /// A facility's application to be paid (Art. 15.3).
    pub struct Redemption in redemptions {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The contract.
        pub contract_id: Uuid,
        /// The applicant.
        pub applicant_id: Uuid,
        /// The facility.
        pub facility_id: Uuid,
        /// The policy that judges it.
        pub policy_id: String,
        /// Its state.
        pub status: RedemptionStatus,
        /// What the service really cost.
        pub actual_amount_fen: Money,
        /// min(sum of vouchers, actual amount × share).
        pub claimable_fen: Money,
        /// What the facility remarks.
        pub remarks: String,
        /// When it was first submitted.
        pub submitted_at: Option<Instant>,
        /// Until when a returned one must be corrected.
        pub correct_by: Option<Deadline>,
        /// What the officer remarked last.
        pub officer_remarks: String,
        /// Whether the applicant confirms it.
        pub applicant_agrees: Option<bool>,
        /// The applicant's rating, 1 to 5.
        pub applicant_rating: Option<i32>,
        /// What the applicant remarks.
        pub applicant_remarks: Option<String>,
        /// Who confirmed.
        pub confirmed_by: Option<Uuid>,
        /// What the review came to.
        pub concluded_decision: Option<voucher_domain::review::Recommendation>,
        /// The amount the review came to.
        pub concluded_fen: Option<Money>,
        /// Why.
        pub concluded_opinion: Option<String>,
        /// The officer who concluded.
        pub concluded_by: Option<Uuid>,
        /// The amount approved.
        pub approved_fen: Option<Money>,
        /// The other officer, who approved.
        pub approved_by: Option<Uuid>,
        /// What the other officer adds.
        pub approved_opinion: Option<String>,
        /// When.
        pub approved_at: Option<Instant>,
        /// The notice it is or was published in.
        pub notice_id: Option<Uuid>,
        /// When it was written.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// What the automatic checks found when it was last submitted; none before.
        pub flags: Option<Vec<voucher_domain::redemption::Flag>>,
    }
}

impl Redemption {
    /// The one redemption of a contract that still stands, if there is one.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn standing_of_contract(tx: &mut Connection, contract_id: Uuid) -> Result<Option<Self>, StorageError> {
        let standing = RedemptionStatus::ALL.iter().copied().filter(|status| status.is_standing());
        let theirs = redemptions::table.filter(redemptions::contract_id.is(contract_id));
        Ok(theirs.filter(redemptions::status.among(standing)).first(tx).optional()?)
    }
}

record! {
    /// Which part of a redemption a voucher pays.
    pub struct Allotment in allotments {
        /// The redemption.
        pub redemption_id: Uuid,
        /// The voucher.
        pub voucher_id: Uuid,
        /// The voucher's cycle.
        pub cycle_id: Uuid,
        /// Its part.
        pub payable_fen: Money,
    }
}

entry! {
    /// An invoice behind a redemption.
    pub struct Invoice in invoices {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The redemption.
        pub redemption_id: Uuid,
        /// 发票代码; empty for a fully digital invoice.
        pub code: String,
        /// 发票号码.
        pub number: String,
        /// Its amount.
        pub amount_fen: Money,
        /// Whether it supports a submitted redemption, so that no other may use it.
        pub is_claimed: bool,
        /// 开票日期, where it is given.
        pub issued_on: Option<Day>,
    }
}

entry! {
    /// A file that a redemption rests on.
    pub struct Evidence in evidence {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The redemption.
        pub redemption_id: Uuid,
        /// What it proves.
        pub kind: voucher_domain::redemption::EvidenceKind,
        /// The file.
        pub file_id: Uuid,
    }
}

/// Which redemptions a list holds.
#[derive(Debug, Clone, Default)]
pub struct RedemptionFilter {
    /// In this state.
    pub status: Option<RedemptionStatus>,
    /// Of this contract.
    pub contract_id: Option<Uuid>,
    /// Of this applicant.
    pub applicant_id: Option<Uuid>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
}

impl Redemption {
    /// The redemptions of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &RedemptionFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(status) = filter.status {
            rows = rows.filter(redemptions::status.is(status));
        }
        if let Some(id) = filter.contract_id {
            rows = rows.filter(redemptions::contract_id.is(id));
        }
        if let Some(id) = filter.applicant_id {
            rows = rows.filter(redemptions::applicant_id.is(id));
        }
        if let Some(id) = filter.facility_id {
            rows = rows.filter(redemptions::facility_id.is(id));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl Allotment {
    /// The allotments of a redemption, in the order of their vouchers' ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = allotments::table.filter(allotments::redemption_id.is(redemption_id));
        Ok(theirs.order(allotments::voucher_id).load(tx)?)
    }
}

/// The unique index over the invoices that support a redemption.
pub const INVOICE_REUSED: &str = "invoices_code_number";

impl Invoice {
    /// The invoices of a redemption, as they were given.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(invoices::table.filter(invoices::redemption_id.is(redemption_id)).order(invoices::id).load(tx)?)
    }

    /// Takes the invoices of a redemption out, to be given anew.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn remove_of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<(), StorageError> {
        diesel::delete(invoices::table.filter(invoices::redemption_id.is(redemption_id))).execute(tx)?;
        Ok(())
    }

    /// Marks an invoice as supporting its redemption, so that no other can use it.
    ///
    /// # Errors
    /// `Unique` with [`INVOICE_REUSED`] when another redemption has it; the transaction is then to be
    /// given up.
    pub fn claim(tx: &mut Connection, id: Uuid) -> Result<(), StorageError> {
        let change = diesel::update(invoices::table.filter(invoices::id.is(id)));
        change.set(invoices::is_claimed.to(true)).execute(tx)?;
        Ok(())
    }

    /// Lets the invoices of a redemption go: others may use them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn free_of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<(), StorageError> {
        let change = diesel::update(invoices::table.filter(invoices::redemption_id.is(redemption_id)));
        change.set(invoices::is_claimed.to(false)).execute(tx)?;
        Ok(())
    }
}

impl Evidence {
    /// The files a redemption rests on, as they were given.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(evidence::table.filter(evidence::redemption_id.is(redemption_id)).order(evidence::id).load(tx)?)
    }

    /// Takes the evidence of a redemption out, to be given anew.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn remove_of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<(), StorageError> {
        diesel::delete(evidence::table.filter(evidence::redemption_id.is(redemption_id))).execute(tx)?;
        Ok(())
    }
}

impl Redemption {
    /// The redemptions that wait for a batch: their ids, in order.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn payable_ids(tx: &mut Connection) -> Result<Vec<Uuid>, StorageError> {
        let payable = redemptions::table.filter(redemptions::status.is(RedemptionStatus::Payable));
        Ok(payable.order(redemptions::id).select(redemptions::id).load(tx)?)
    }
}

impl Allotment {
    /// The cycles that these redemptions are paid from; a cycle comes once for each voucher.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn cycles_of(tx: &mut Connection, redemption_ids: &[Uuid]) -> Result<Vec<Uuid>, StorageError> {
        let theirs = allotments::table.filter(allotments::redemption_id.among(redemption_ids.iter().copied()));
        Ok(theirs.select(allotments::cycle_id).load(tx)?)
    }

    /// Changes a voucher's part. The redemption is locked, so nobody else does.
    ///
    /// # Errors
    /// `Stale` when there is no such part.
    pub fn change(tx: &mut Connection, row: &Self) -> Result<(), StorageError> {
        let stored = allotments::table
            .filter(allotments::redemption_id.is(row.redemption_id))
            .filter(allotments::voucher_id.is(row.voucher_id));
        match diesel::update(stored).set(allotments::payable_fen.to(row.payable_fen)).execute(tx)? {
            1 => Ok(()),
            _ => Err(StorageError::Stale),
        }
    }
}
