//! Redemptions, their invoices, evidence and allotments.

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::{Deadline, Instant};
use voucher_domain::redemption::RedemptionStatus;

use crate::aggregate::{aggregate, entry, record};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
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
        /// When.
        pub approved_at: Option<Instant>,
        /// The notice it is or was published in.
        pub notice_id: Option<Uuid>,
        /// When it was written.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
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
    /// What these redemptions pay, by redemption and voucher.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemptions(tx: &mut Connection, redemption_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = allotments::table.filter(allotments::redemption_id.among(redemption_ids.iter().copied()));
        Ok(theirs.order((allotments::redemption_id, allotments::voucher_id)).load(tx)?)
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
