//! Facilities, their instruments and services.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::code::Code;
use voucher_domain::facility::{ComputeTerms, FacilityNature, FacilityRegion, FacilityStatus, ServiceKind};
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant};
use voucher_domain::privacy::Sealed;

use crate::aggregate::aggregate;
use crate::backend::query::Compare;
use crate::backend::{Connection, MultiBackend};
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
        /// The number of the account, sealed.
        pub payee_account: Option<Sealed>,
        /// The officer who entered it.
        pub entered_by: Option<Uuid>,
        /// When it was entered.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// The notice it is or was published in.
        pub notice_id: Option<Uuid>,
        /// Why it leaves.
        pub exit_reason: Option<String>,
        /// What it is found by (`domain::catalogue::terms`); none until that is written.
        pub terms: Option<String>,
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
        /// What it is found by (`domain::catalogue::terms`); none until that is written.
        pub terms: Option<String>,
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
        /// What computing power it rents (Art. 5), where it does.
        pub compute: Option<ComputeTerms>,
        /// What it is found by (`domain::catalogue::terms`); none until that is written.
        pub terms: Option<String>,
    }
}

/// Which facilities a list holds.
#[derive(Debug, Clone, Default)]
pub struct FacilityFilter {
    /// Only those that serve.
    pub is_serving: bool,
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
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
        Self::page(tx, Self::filtered(filter), before, limit)
    }

    /// Region, nature and district of all facilities of a filter, to be counted.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn traits(
        tx: &mut Connection,
        filter: &FacilityFilter,
    ) -> Result<Vec<(FacilityRegion, FacilityNature, String)>, StorageError> {
        let traits = (facilities::region, facilities::nature, facilities::district);
        Ok(Self::filtered(filter).select(traits).load(tx)?)
    }

    /// The facilities whose announced last day is over, and that are not written so, oldest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn past_exit(tx: &mut Connection, today: Day, limit: u32) -> Result<Vec<Uuid>, StorageError> {
        let over = facilities::table
            .filter(facilities::status.is(FacilityStatus::Exiting))
            .filter(facilities::exit_last_day.less(Some(today)));
        Ok(over.order(facilities::id).select(facilities::id).limit(i64::from(limit)).load(tx)?)
    }

    /// Those whose words are not written yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn without_terms(tx: &mut Connection, limit: u32) -> Result<Vec<Self>, StorageError> {
        let bare = facilities::table.filter(facilities::terms.is_null());
        Ok(bare.order(facilities::id).limit(i64::from(limit)).load(tx)?)
    }

    fn filtered<'f>(filter: &'f FacilityFilter) -> facilities::BoxedQuery<'f, MultiBackend> {
        let mut rows = Self::all();
        if filter.is_serving {
            rows = rows.filter(facilities::status.among(FacilityStatus::SERVING));
        }
        if let Some(ids) = &filter.ids {
            rows = rows.filter(facilities::id.among(ids.iter().copied()));
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
        rows
    }
}

impl Instrument {
    /// The instruments of a facility, newest first, with those that are offered no longer.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility(
        tx: &mut Connection,
        facility_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        Self::page(tx, Self::all().filter(instruments::facility_id.is(facility_id)), before, limit)
    }

    /// What a facility offers at present.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn offered(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let offered = instruments::table
            .filter(instruments::facility_id.is(facility_id))
            .filter(instruments::is_offered.is(true));
        Ok(offered.order(instruments::id).load(tx)?)
    }

    /// Those whose words are not written yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn without_terms(tx: &mut Connection, limit: u32) -> Result<Vec<Self>, StorageError> {
        let bare = instruments::table.filter(instruments::terms.is_null());
        Ok(bare.order(instruments::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl Service {
    /// The services of a facility, newest first, with those that are offered no longer.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility(
        tx: &mut Connection,
        facility_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        Self::page(tx, Self::all().filter(services::facility_id.is(facility_id)), before, limit)
    }

    /// What a facility offers at present.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn offered(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let offered =
            services::table.filter(services::facility_id.is(facility_id)).filter(services::is_offered.is(true));
        Ok(offered.order(services::id).load(tx)?)
    }

    /// Those whose words are not written yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn without_terms(tx: &mut Connection, limit: u32) -> Result<Vec<Self>, StorageError> {
        let bare = services::table.filter(services::terms.is_null());
        Ok(bare.order(services::id).limit(i64::from(limit)).load(tx)?)
    }
}
