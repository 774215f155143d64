//! Payment batches and their lines.

use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::aggregate;
use crate::schema::{disbursement_lines, disbursements};

aggregate! {
    /// A payment batch (Art. 15.5).
    pub struct Disbursement in disbursements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What it is called.
        pub title: String,
        /// Its state.
        pub status: voucher_domain::disbursement::DisbursementStatus,
        /// The quarter it belongs to, `2026Q3`.
        pub quarter: String,
        /// The sum of its lines.
        pub total_fen: Money,
        /// The officer who prepared it.
        pub prepared_by: Uuid,
        /// The other officer, who approved.
        pub approved_by: Option<Uuid>,
        /// When.
        pub approved_at: Option<Instant>,
        /// When it was prepared.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// One payment of a batch.
    pub struct DisbursementLine in disbursement_lines {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The batch.
        pub disbursement_id: Uuid,
        /// What is paid.
        pub redemption_id: Uuid,
        /// To whom.
        pub facility_id: Uuid,
        /// How much.
        pub amount_fen: Money,
        /// Its state.
        pub status: voucher_domain::disbursement::LineStatus,
        /// The bank's reference, once paid.
        pub reference: Option<String>,
        /// Why it failed.
        pub reason: Option<String>,
        /// When the result came.
        pub settled_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}
