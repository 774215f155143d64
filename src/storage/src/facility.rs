//! Facilities, their instruments and services.

use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant};

use crate::aggregate::aggregate;
use crate::schema::{facilities, instruments, services};

aggregate! {
    /// A facility (Art. 6); the id is the organization's.
    pub struct Facility in facilities {
        /// The organization.
        pub id: Uuid,
        /// Its state.
        pub status: voucher_domain::facility::FacilityStatus,
        /// Where it is registered.
        pub region: voucher_domain::facility::FacilityRegion,
        /// The district, for searches.
        pub district: String,
        /// What kind of institution it is.
        pub nature: voucher_domain::facility::FacilityNature,
        /// Whether testing is its main business (Art. 11).
        pub is_third_party_testing: bool,
        /// Its last day, once it has announced to leave.
        pub exit_last_day: Option<Day>,
        /// Whom payments go to.
        pub payee_name: Option<String>,
        /// The bank of the account.
        pub payee_bank: Option<String>,
        /// The number of the account.
        pub payee_account: Option<String>,
        /// The officer who entered it.
        pub entered_by: Option<Uuid>,
        /// When it was entered.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// An instrument that a facility opens.
    pub struct Instrument in instruments {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whose it is.
        pub facility_id: Uuid,
        /// What it is called.
        pub name: String,
        /// Who made it.
        pub maker: String,
        /// Its model.
        pub model: String,
        /// Its category.
        pub category: String,
        /// What it cost.
        pub original_value_fen: Money,
        /// How it may be used.
        pub opening_rules: String,
        /// Whether it is still offered.
        pub is_offered: bool,
        /// When it was entered.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// A service that a facility sells.
    pub struct Service in services {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who sells it.
        pub facility_id: Uuid,
        /// What it is called.
        pub name: String,
        /// What it is for.
        pub purpose: String,
        /// The field it serves.
        pub field: voucher_domain::applicant::Industry,
        /// Analysis, testing, inspection, research or compute (Art. 5).
        pub kind: voucher_domain::facility::ServiceKind,
        /// Its price for a unit.
        pub price_fen: Money,
        /// The unit of the price.
        pub unit: String,
        /// How long it takes.
        pub turnaround_days: i32,
        /// Whether it is compulsory or statutory testing, which no voucher pays (Art. 5).
        pub is_statutory_testing: bool,
        /// The instruments it uses.
        pub instrument_ids: Vec<Uuid>,
        /// Whether it is still offered.
        pub is_offered: bool,
        /// When it was entered.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}
