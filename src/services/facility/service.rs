//! What a facility sells (Art. 5, 6), listed by itself.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::catalogue;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{self as rules, ComputeTerms, ServiceKind};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::facility::{Instrument, Service};

use super::{change, names, not_offered, own_facility};
use crate::services::{Call, Failure, Outcome, Page, PageRequest};

/// A service to be listed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceForm {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The field it serves.
    pub field: Industry,
    /// Analysis, testing, inspection, research or compute (Art. 5).
    pub kind: ServiceKind,
    /// The price of one unit, in fen.
    pub price_fen: Money,
    /// The unit the price is for.
    pub unit: String,
    /// How long it takes, in days.
    pub turnaround_days: u32,
    /// Whether it is compulsory or statutory testing, which no voucher pays (Art. 5).
    pub is_statutory_testing: bool,
    /// The instruments it is done with: the facility's own, still offered.
    #[serde(default)]
    pub instrument_ids: Vec<Uuid>,
    /// What computing power one unit of it is; for compute services, and required there (Art. 5).
    pub compute: Option<ComputeTerms>,
}

/// A change of a service; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceChange {
    /// What it is called.
    pub name: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// The field it serves.
    pub field: Option<Industry>,
    /// Analysis, testing, inspection, research or compute (Art. 5).
    pub kind: Option<ServiceKind>,
    /// The price of one unit, in fen.
    pub price_fen: Option<Money>,
    /// The unit the price is for.
    pub unit: Option<String>,
    /// How long it takes, in days.
    pub turnaround_days: Option<u32>,
    /// Whether it is compulsory or statutory testing, which no voucher pays (Art. 5).
    pub is_statutory_testing: Option<bool>,
    /// The instruments it is done with: the facility's own, still offered.
    pub instrument_ids: Option<Vec<Uuid>>,
    /// What computing power one unit of it is; goes with the kind.
    pub compute: Option<ComputeTerms>,
}

/// Which of the facility's own services are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OwnServicesQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A service.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServiceView {
    /// Its id.
    pub id: Uuid,
    /// Who sells it.
    pub facility_id: Uuid,
    /// What that facility is called.
    pub facility_name: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The field it serves.
    pub field: Industry,
    /// Analysis, testing, inspection, research or compute (Art. 5).
    pub kind: ServiceKind,
    /// The price of one unit, in fen.
    pub price_fen: Money,
    /// The unit the price is for.
    pub unit: String,
    /// How long it takes, in days.
    pub turnaround_days: i32,
    /// Whether it is compulsory or statutory testing, which no voucher pays (Art. 5).
    pub is_statutory_testing: bool,
    /// The instruments it is done with.
    pub instrument_ids: Vec<Uuid>,
    /// What computing power one unit of it is (Art. 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeTerms>,
    /// Whether it is still offered.
    pub is_offered: bool,
    /// When it was listed.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

impl ServiceView {
    pub(in crate::services) fn of(row: Service, facility_name: String) -> Self {
        Self {
            id: row.id,
            facility_id: row.facility_id,
            facility_name,
            name: row.name,
            purpose: row.purpose,
            field: row.field,
            kind: row.kind,
            price_fen: row.price_fen,
            unit: row.unit,
            turnaround_days: row.turnaround_days,
            is_statutory_testing: row.is_statutory_testing,
            instrument_ids: row.instrument_ids,
            compute: row.compute,
            is_offered: row.is_offered,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

fn view(call: &mut Call<'_>, row: Service) -> Outcome<ServiceView> {
    let name = names(call, [row.facility_id])?.remove(&row.facility_id).unwrap_or_default();
    Ok(ServiceView::of(row, name))
}

/// The form of a service; answers its turnaround as the store keeps it.
///
/// # Errors
/// `validation_failed` with every fault.
pub(in crate::services) fn check(form: &ServiceForm) -> Outcome<i32> {
    rules::validate_service(&rules::ServiceForm {
        name: &form.name,
        purpose: &form.purpose,
        field: form.field,
        kind: form.kind,
        price_fen: form.price_fen,
        unit: &form.unit,
        turnaround_days: form.turnaround_days,
        is_statutory_testing: form.is_statutory_testing,
        compute: form.compute.as_ref(),
    })?;
    i32::try_from(form.turnaround_days).map_err(|_| Failure::internal("a turnaround passed its check and is too long"))
}

/// The instruments of a service are the facility's own and still offered, each named once.
fn check_instruments(call: &mut Call<'_>, facility_id: Uuid, ids: &[Uuid]) -> Outcome<()> {
    rules::validate_instrument_count("instrument_ids", ids.len())?;
    let mut faults = Faults::default();
    let known = Instrument::find_all(call.tx, ids)?;
    for (index, id) in ids.iter().enumerate() {
        let field = format!("instrument_ids[{index}]");
        let own = known.iter().any(|row| row.id == *id && row.facility_id == facility_id && row.is_offered);
        let (zh, en) = ("不是本单位在列的仪器设备。", "is not an instrument that your facility offers.");
        faults.require(own, &field, "exists", zh, en);
        let is_repeated = ids.iter().take(index).any(|earlier| earlier == id);
        faults.require(!is_repeated, &field, "duplicate", "重复出现。", "is there twice.");
    }
    Ok(faults.done()?)
}

/// Lists a service.
///
/// # Errors
/// `not_found` for an organization that is no facility yet, `validation_failed`.
pub fn add_service(call: &mut Call<'_>, form: ServiceForm) -> Outcome<ServiceView> {
    let facility_id = own_facility(call)?.id;
    let turnaround_days = check(&form)?;
    check_instruments(call, facility_id, &form.instrument_ids)?;
    let row = listed(call, facility_id, &form, turnaround_days);
    let row = Service::insert(call.tx, &row)?;
    let after = view(call, row)?;
    call.record(change(EventAction::ServiceCreated, after.id, facility_id, None, &after))?;
    Ok(after)
}

/// A new service of a facility.
pub(in crate::services) fn listed(
    call: &Call<'_>,
    facility_id: Uuid,
    form: &ServiceForm,
    turnaround_days: i32,
) -> Service {
    let blank = Service {
        id: call.new_id(),
        facility_id,
        name: String::new(),
        purpose: String::new(),
        field: form.field,
        kind: form.kind,
        price_fen: form.price_fen,
        unit: String::new(),
        turnaround_days,
        is_statutory_testing: form.is_statutory_testing,
        instrument_ids: Vec::new(),
        is_offered: true,
        created_at: call.now,
        version: 1,
        compute: None,
        terms: None,
    };
    written(&blank, form, turnaround_days)
}

/// The service as a checked form describes it, with what it is found by.
pub(in crate::services) fn written(row: &Service, form: &ServiceForm, turnaround_days: i32) -> Service {
    let (name, purpose) = (form.name.trim(), form.purpose.trim());
    let model = form.compute.as_ref().map_or("", |compute| compute.model.trim());
    Service {
        name: name.to_owned(),
        purpose: purpose.to_owned(),
        field: form.field,
        kind: form.kind,
        price_fen: form.price_fen,
        unit: form.unit.trim().to_owned(),
        turnaround_days,
        is_statutory_testing: form.is_statutory_testing,
        instrument_ids: form.instrument_ids.clone(),
        compute: form.compute.clone(),
        terms: Some(catalogue::terms(name, [purpose, model])),
        ..row.clone()
    }
}

/// Changes a service. Projects and contracts keep what was agreed.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` once it is no longer offered, `validation_failed`.
pub fn change_service(call: &mut Call<'_>, id: Uuid, form: ServiceChange) -> Outcome<ServiceView> {
    let before = locked(call, id)?;
    call.expect_version(before.version)?;
    if !before.is_offered {
        return Err(not_offered().into());
    }
    if let Some(ids) = &form.instrument_ids {
        check_instruments(call, before.facility_id, ids)?;
    }
    let kind = form.kind.unwrap_or(before.kind);
    let form = ServiceForm {
        name: form.name.unwrap_or_else(|| before.name.clone()),
        purpose: form.purpose.unwrap_or_else(|| before.purpose.clone()),
        field: form.field.unwrap_or(before.field),
        kind,
        price_fen: form.price_fen.unwrap_or(before.price_fen),
        unit: form.unit.unwrap_or_else(|| before.unit.clone()),
        turnaround_days: form.turnaround_days.unwrap_or(before.turnaround_days.unsigned_abs()),
        is_statutory_testing: form.is_statutory_testing.unwrap_or(before.is_statutory_testing),
        instrument_ids: form.instrument_ids.unwrap_or_else(|| before.instrument_ids.clone()),
        // What another kind of service said about computing power says nothing about this one.
        compute: form.compute.or_else(|| before.compute.clone().filter(|_| kind == ServiceKind::Compute)),
    };
    let turnaround_days = check(&form)?;
    let after = written(&before, &form, turnaround_days);
    save(call, EventAction::ServiceChanged, before, &after)
}

/// Takes a service off: it is offered no longer, and stays to be read where it was agreed.
///
/// # Errors
/// `not_found`; taking it off again changes nothing.
pub fn remove_service(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    let before = locked(call, id)?;
    if before.is_offered {
        let after = Service { is_offered: false, ..before.clone() };
        save(call, EventAction::ServiceRemoved, before, &after)?;
    }
    Ok(())
}

/// One of the facility's own services, locked.
fn locked(call: &mut Call<'_>, id: Uuid) -> Outcome<Service> {
    let facility_id = own_facility(call)?.id;
    let row = Service::lock(call.tx, id)?.filter(|row| row.facility_id == facility_id);
    Ok(row.ok_or_else(Refusal::not_found)?)
}

fn save(call: &mut Call<'_>, action: EventAction, before: Service, after: &Service) -> Outcome<ServiceView> {
    let row = Service::save(call.tx, after)?;
    let (before, after) = (view(call, before)?, view(call, row)?);
    call.record(change(action, after.id, after.facility_id, Some(&before), &after))?;
    Ok(after)
}

/// One of the facility's own services, offered or not.
///
/// # Errors
/// `not_found`.
pub fn own_service(call: &mut Call<'_>, id: Uuid) -> Outcome<ServiceView> {
    let organization_id = call.organization()?;
    let row = Service::find(call.tx, id)?.filter(|row| row.facility_id == organization_id);
    view(call, row.ok_or_else(Refusal::not_found)?)
}

/// The facility's own services, newest first, with those that are offered no longer.
///
/// # Errors
/// `not_found` for an organization that is no facility yet, `validation_failed` for a bad page.
pub fn own_services(call: &mut Call<'_>, query: OwnServicesQuery) -> Outcome<Page<ServiceView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let facility_id = own_facility(call)?.id;
    let rows = Service::of_facility(call.tx, facility_id, page.before, page.limit)?;
    let name = names(call, [facility_id])?.remove(&facility_id).unwrap_or_default();
    Page::of(rows, |row| Ok(ServiceView::of(row, name.clone())))
}
