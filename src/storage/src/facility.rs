//! Facilities, their instruments and services.

use diesel::{ExpressionMethods, QueryDsl};
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::code::Code;
use voucher_domain::facility::{FacilityNature, FacilityRegion, FacilityStatus, ServiceKind};
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant};

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{facilities, instruments, services};

aggregate! {
    /// A facility (Art. 6); the id is the organization's.
    pub struct Facility in facilities {
        /// The organization.
        pub id: Uuid,
        /// Its state.
        pub status: FacilityStatus,
        /// Where it is registered.
        pub region: FacilityRegion,
        /// The district, for searches.
        pub district: String,
        /// What kind of institution it is.
        pub nature: FacilityNature,
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
        pub field: Industry,
        /// Analysis, testing, inspection, research or compute (Art. 5).
        pub kind: ServiceKind,
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

/// Which facilities a list holds.
#[derive(Debug, Clone, Default)]
pub struct FacilityFilter {
    /// Only those that serve.
    pub is_serving: bool,
    /// In this region.
    pub region: Option<FacilityRegion>,
    /// In this district.
    pub district: Option<String>,
    /// Of this nature.
    pub nature: Option<FacilityNature>,
    /// With an offered instrument of this category.
    pub category: Option<String>,
    /// With an offered service for this field; one service must fit this and the next two.
    pub field: Option<Industry>,
    /// Of this kind.
    pub kind: Option<ServiceKind>,
    /// For no more than this a unit.
    pub max_price_fen: Option<Money>,
}

/// Which instruments a list holds.
#[derive(Debug, Clone, Default)]
pub struct InstrumentFilter {
    /// Only what a serving facility offers.
    pub is_on_offer: bool,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// Of this category.
    pub category: Option<String>,
    /// In this district.
    pub district: Option<String>,
}

/// Which services a list holds.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter {
    /// Only what a serving facility offers.
    pub is_on_offer: bool,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// For this field.
    pub field: Option<Industry>,
    /// Of this kind.
    pub kind: Option<ServiceKind>,
    /// In this district.
    pub district: Option<String>,
    /// For no more than this a unit.
    pub max_price_fen: Option<Money>,
}

impl FacilityFilter {
    /// Whether it asks for a service.
    fn asks_for_service(&self) -> bool {
        self.field.is_some() || self.kind.is_some() || self.max_price_fen.is_some()
    }
}

impl Facility {
    /// The facilities of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &FacilityFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if filter.is_serving {
            rows = rows.filter(facilities::status.among(FacilityStatus::SERVING));
        }
        if let Some(region) = filter.region {
            rows = rows.filter(facilities::region.is(region));
        }
        if let Some(district) = &filter.district {
            rows = rows.filter(facilities::district.is(district.clone()));
        }
        if let Some(nature) = filter.nature {
            rows = rows.filter(facilities::nature.is(nature));
        }
        if let Some(category) = &filter.category {
            let theirs = instruments::table
                .filter(instruments::is_offered.is(true))
                .filter(instruments::category.is(category.clone()));
            rows = rows.filter(facilities::id.eq_any(theirs.select(instruments::facility_id)));
        }
        if filter.asks_for_service() {
            // A subquery has one shape on both databases, so what is not asked for is written as "any".
            let fields = filter.field.map_or_else(|| Industry::ALL.to_vec(), |field| vec![field]);
            let kinds = filter.kind.map_or_else(|| ServiceKind::ALL.to_vec(), |kind| vec![kind]);
            let max_price_fen = filter.max_price_fen.unwrap_or(Money::from_fen(i64::MAX));
            let theirs = services::table
                .filter(services::is_offered.is(true))
                .filter(services::field.among(fields))
                .filter(services::kind.among(kinds))
                .filter(services::price_fen.at_most(max_price_fen));
            rows = rows.filter(facilities::id.eq_any(theirs.select(services::facility_id)));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl Instrument {
    /// The instruments of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &InstrumentFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if filter.is_on_offer {
            let serving = facilities::table.filter(facilities::status.among(FacilityStatus::SERVING));
            rows = rows.filter(instruments::is_offered.is(true));
            rows = rows.filter(instruments::facility_id.eq_any(serving.select(facilities::id)));
        }
        if let Some(district) = &filter.district {
            let there = facilities::table.filter(facilities::district.is(district.clone())).select(facilities::id);
            rows = rows.filter(instruments::facility_id.eq_any(there));
        }
        if let Some(id) = filter.facility_id {
            rows = rows.filter(instruments::facility_id.is(id));
        }
        if let Some(category) = &filter.category {
            rows = rows.filter(instruments::category.is(category.clone()));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl Service {
    /// The services of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &ServiceFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = filter.facility_id {
            rows = rows.filter(services::facility_id.is(id));
        }
        if let Some(field) = filter.field {
            rows = rows.filter(services::field.is(field));
        }
        if let Some(kind) = filter.kind {
            rows = rows.filter(services::kind.is(kind));
        }
        if let Some(max_price_fen) = filter.max_price_fen {
            rows = rows.filter(services::price_fen.at_most(max_price_fen));
        }
        if filter.is_on_offer {
            let serving = facilities::table.filter(facilities::status.among(FacilityStatus::SERVING));
            rows = rows.filter(services::is_offered.is(true));
            rows = rows.filter(services::facility_id.eq_any(serving.select(facilities::id)));
        }
        if let Some(district) = &filter.district {
            let there = facilities::table.filter(facilities::district.is(district.clone())).select(facilities::id);
            rows = rows.filter(services::facility_id.eq_any(there));
        }
        Self::page(tx, rows, before, limit)
    }
}
