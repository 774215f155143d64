//! Redemptions, their invoices, evidence and allotments.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::code::Code;
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

impl Evidence {
    /// The files of a redemption, in the order they were named.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(evidence::table.filter(evidence::redemption_id.is(redemption_id)).order(evidence::id).load(tx)?)
    }
}
