//! Facilities (Art. 5, 6): entered by officers, and what they open and sell.

mod entry;
mod instrument;
mod particulars;
mod service;

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::refusal::{Faults, Refusal, RefusalCode};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;

use super::call::erased::Facts;
use super::{Call, Change, Outcome};

pub use entry::{ContactForm, EnteredView, EntryForm, enter};
pub use instrument::{
    InstrumentChange, InstrumentForm, InstrumentView, InstrumentsQuery, OwnInstrumentsQuery, add_instrument,
    change_instrument, instruments, own_instrument, own_instruments, remove_instrument, show_instrument,
};
pub use particulars::{FacilitiesQuery, FacilityForm, FacilityView, list, mine, show, state};
pub use service::{
    OwnServicesQuery, ServiceChange, ServiceForm, ServiceView, ServicesQuery, add_service, change_service, own_service,
    own_services, remove_service, services, show_service,
};

/// The caller's facility.
fn own(call: &mut Call<'_>) -> Outcome<Facility> {
    let organization_id = call.organization()?;
    Ok(Facility::find(call.tx, organization_id)?.ok_or_else(not_entered)?)
}

/// The refusal for an organization that registered as a facility and is none yet (Art. 6).
fn not_entered() -> Refusal {
    Refusal::new(
        RefusalCode::NotFound,
        "贵单位尚未成为开放单位:市属单位由市科委、中关村管委会录入,请与其联系。",
        "Your organization is not a facility yet: municipal institutions are entered by the commission; please ask it.",
    )
    .article("6")
}

/// Whether everybody may see what a facility offers.
fn is_serving(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<bool> {
    Ok(Facility::find(call.tx, facility_id)?.is_some_and(|facility| facility.status.is_serving()))
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
fn check_max_price(max_price_fen: Option<Money>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    if let Some(max_price_fen) = max_price_fen {
        faults.require_positive("max_price_fen", max_price_fen);
    }
    faults.done()
}
