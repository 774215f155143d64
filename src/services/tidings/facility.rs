//! What a facility's people, and officers, are told on its way in and out (Art. 6).

use voucher_domain::actor::Role;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_domain::text::Text;
use voucher_domain::transition::Named;
use voucher_storage::facility::Facility;
use voucher_storage::joining::FacilityApplication;

use super::message;
use crate::services::{Call, Outcome, notify};

/// Tells whom it concerns what became of a facility: what it does itself the officers, what is done about
/// it its own people. What changes nothing about its way is told to nobody.
///
/// # Errors
/// When the store fails.
pub fn facility(call: &mut Call<'_>, action: EventAction, row: &Facility, name: &str) -> Outcome<()> {
    let is_its_own = [
        EventAction::FacilityApplied,
        EventAction::FacilityExitAnnounced,
        EventAction::FacilityExitWithdrawn,
        EventAction::ChangeProposed,
    ];
    let is_done_to_it = [
        EventAction::FacilityApproved,
        EventAction::FacilityReturned,
        EventAction::FacilityRejected,
        EventAction::FacilityPublished,
        EventAction::FacilityActivated,
        EventAction::FacilityCancelled,
        EventAction::FacilityExited,
        EventAction::ChangeDecided,
        EventAction::ObjectionMade,
        EventAction::ObjectionDismissed,
    ];
    if !is_its_own.contains(&action) && !is_done_to_it.contains(&action) {
        return Ok(());
    }
    let newest = FacilityApplication::list(call.tx, None, Some(row.id), None, 1)?.items.into_iter().next();
    let decided = [
        EventAction::FacilityApproved,
        EventAction::FacilityReturned,
        EventAction::FacilityRejected,
        EventAction::FacilityCancelled,
    ];
    let remarks = newest.and_then(|application| application.remarks).filter(|_| decided.contains(&action));
    let facts = Facts::default()
        .with(FactName::Facility, name)
        .with(FactName::What, Text::new(action.chinese(), action.english()))
        .with(FactName::Remarks, remarks.unwrap_or_default());
    let message = message(NotificationKind::FacilityNews, SubjectKind::Facility, row.id, &facts);
    if is_its_own.contains(&action) || action == EventAction::ObjectionMade {
        notify::tell_role(call, Role::Officer, &message)?;
    }
    if is_done_to_it.contains(&action) {
        notify::tell_organization(call, row.id, &message)?;
    }
    Ok(())
}
