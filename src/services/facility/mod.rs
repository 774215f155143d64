//! Facilities (Art. 5, 6, 19): how they join, change and leave, and what they open and sell.

mod agreement;
mod application;
mod change;
mod entry;
mod exit;
mod instrument;
mod own;
mod particulars;
mod service;
mod view;

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::catalogue;
use voucher_domain::event::EventAction;
use voucher_domain::facility::waits_on;
use voucher_domain::money::Money;
use voucher_domain::privacy::{Disclosure, Personal, Place, Sealed};
use voucher_domain::refusal::{Faults, Refusal, RefusalCode};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;

use super::call::erased::Facts;
use super::{Call, Change, Failure, Outcome, tidings};

pub(super) use agreement::recognition_of;
pub use agreement::{AgreementEntry, AgreementView, AgreementsQuery, agreements, enter_agreement};
pub(super) use application::overturn;
pub use application::{
    ApplicationEntry, ApplicationView, ApplicationsQuery, DecisionForm, application, applications, apply, decide,
};
pub use change::{ChangeDecisionForm, ChangeView, ChangesQuery, changes, decide_change, facility_change};
pub use entry::{ContactForm, EnteredView, EntryForm, enter};
pub use exit::{ExitEntry, announce_exit, leave_due, withdraw_exit};
pub use instrument::{
    InstrumentChange, InstrumentForm, OwnInstrumentsQuery, add_instrument, change_instrument, own_instrument,
    own_instruments, remove_instrument,
};
pub(super) use instrument::{InstrumentView, check as check_instrument, listed as listed_instrument};
pub use own::{FacilityForm, OwnFacilityView, mine, state};
pub use particulars::{FacilitiesQuery, FacilitiesView, list, show};
pub use service::{
    OwnServicesQuery, ServiceChange, ServiceForm, add_service, change_service, own_service, own_services,
    remove_service,
};
pub(super) use service::{ServiceView, check as check_service, listed as listed_service};
pub use view::FacilityView;

/// The caller's facility.
pub(super) fn own_facility(call: &mut Call<'_>) -> Outcome<Facility> {
    let organization_id = call.organization()?;
    Ok(Facility::find(call.tx, organization_id)?.ok_or_else(not_entered)?)
}

/// The refusal for an organization that registered as a facility and has not said yet what it is (Art. 6).
fn not_entered() -> Refusal {
    Refusal::new(
        RefusalCode::NotFound,
        "贵单位尚未成为开放单位:请先填写单位信息(PUT /me/facility,If-Match: *)并提出申请;市属单位由市科委、中关村管委会录入。",
        "Your organization is not a facility yet: please state what it is (PUT /me/facility, If-Match: *) and apply; \
         municipal institutions are entered by the commission.",
    )
    .article("6")
}

/// The organization of a facility.
pub(super) fn organization_of(call: &mut Call<'_>, id: Uuid) -> Outcome<Organization> {
    Organization::find(call.tx, id)?.ok_or_else(|| Failure::internal(format!("facility {id} is no organization")))
}

/// Whether everybody may see what a facility offers.
pub(super) fn is_serving(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<bool> {
    Ok(Facility::find(call.tx, facility_id)?.is_some_and(|facility| facility.status.is_serving()))
}

/// What a facility is found by.
fn terms(organization: &Organization, district: &str) -> Option<String> {
    Some(catalogue::terms(&organization.name, [district]))
}

/// Saves a changed facility, which is locked, with what it is found by, and the event of the change. A
/// proposal of it that no longer waits is taken back.
///
/// # Errors
/// When the store fails.
pub(super) fn save(call: &mut Call<'_>, action: EventAction, before: &Facility, after: &Facility) -> Outcome<Facility> {
    let organization = organization_of(call, after.id)?;
    let after = Facility { terms: terms(&organization, &after.district), ..after.clone() };
    let after = Facility::save(call.tx, &after)?;
    if !waits_on(before.status, after.status) {
        change::withdraw_pending(call, &after, &organization)?;
    }
    let seen_before = FacilityView::of(call, before.clone(), organization.clone(), Disclosure::Masked)?;
    let seen_after = FacilityView::of(call, after.clone(), organization, Disclosure::Masked)?;
    call.record(change(action, after.id, after.id, Some(&seen_before), &seen_after))?;
    tidings::facility(call, action, &after, &seen_after.name)?;
    Ok(after)
}

/// Tells whom it concerns about a facility that is not changed by it.
///
/// # Errors
/// When the store fails.
pub(super) fn tell(call: &mut Call<'_>, action: EventAction, id: Uuid) -> Outcome<()> {
    let organization = organization_of(call, id)?;
    match Facility::find(call.tx, id)? {
        Some(row) => tidings::facility(call, action, &row, &organization.name),
        None => Ok(()),
    }
}

/// What organizations are called.
pub(super) fn names(call: &mut Call<'_>, ids: impl IntoIterator<Item = Uuid>) -> Outcome<BTreeMap<Uuid, String>> {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let organizations = Organization::find_all(call.tx, &ids)?;
    Ok(organizations.into_iter().map(|organization| (organization.id, organization.name)).collect())
}

/// A change in the facility's own house, for the log.
fn change<'a>(
    action: EventAction,
    id: Uuid,
    facility_id: Uuid,
    before: Option<&'a dyn Facts>,
    after: &'a dyn Facts,
) -> Change<'a> {
    Change {
        action,
        kind: action.subject(),
        id,
        organization_id: Some(facility_id),
        cycle_id: None,
        before,
        after: Some(after),
    }
}

/// The refusal of a change of what is offered no longer.
fn not_offered() -> Refusal {
    Refusal::invalid_state("该项目已下架,请重新发布。", "This is no longer offered; please list it anew.")
}

/// A price to search by.
pub(super) fn check_max_price(max_price_fen: Option<Money>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    if let Some(max_price_fen) = max_price_fen {
        faults.require_positive("max_price_fen", max_price_fen);
    }
    faults.done()
}

/// A facility with its account, for its own people.
///
/// # Errors
/// When the store fails.
pub(super) fn whole_view(call: &mut Call<'_>, row: Facility) -> Outcome<FacilityView> {
    let organization = organization_of(call, row.id)?;
    FacilityView::of(call, row, organization, Disclosure::Whole)
}

/// What is stored of a facility's account.
fn sealed_account(call: &Call<'_>, id: Uuid, account: Option<&Personal>) -> Outcome<Option<Sealed>> {
    call.seal(Place::FacilityAccount, id, account.map(Personal::trimmed).as_ref())
}

pub(super) fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}
