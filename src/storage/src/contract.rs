//! Registered contracts.

use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};

use crate::aggregate::aggregate;
use crate::schema::contracts;

aggregate! {
    /// A registered service contract (Art. 15.2).
    pub struct Contract in contracts {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The accepted project.
        pub project_id: Uuid,
        /// The applicant.
        pub applicant_id: Uuid,
        /// The facility.
        pub facility_id: Uuid,
        /// The policy that judges it.
        pub policy_id: String,
        /// Its state.
        pub status: voucher_domain::contract::ContractStatus,
        /// Its number, unique for the facility.
        pub number: String,
        /// The day both signed.
        pub signed_on: Day,
        /// Its first day.
        pub starts_on: Day,
        /// Its last day.
        pub ends_on: Day,
        /// What it is agreed to cost.
        pub amount_fen: Money,
        /// The day the service was complete, if recorded.
        pub completed_on: Option<Day>,
        /// What it really cost, if recorded.
        pub actual_amount_fen: Option<Money>,
        /// Why it was ended before the service.
        pub termination_reason: Option<String>,
        /// Until when the vouchers on it are valid: the earliest of theirs.
        pub valid_until: Deadline,
        /// Until when redemption must be asked for (Art. 15.3).
        pub redeem_by: Deadline,
        /// When it was registered.
        pub registered_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}
