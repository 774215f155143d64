//! The facility's part: it accepts a project, returns it with remarks, or declines it (Art. 15.2).

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::require_serving;
use voucher_domain::project::{self as rules, ProjectAction};
use voucher_domain::refusal::Refusal;
use voucher_storage::facility::{Facility, Service};
use voucher_storage::project::Project;

use super::form::RemarksForm;
use super::view::{self, ProjectView};
use super::{choice, read};
use crate::services::{Call, Outcome};

/// Accepts a project: its contract can be registered.
///
/// # Errors
/// `not_found`, `invalid_state`, `facility_not_active`, `not_eligible` when a chosen service has become
/// statutory testing since.
pub fn accept(call: &mut Call<'_>, id: Uuid, form: RemarksForm) -> Outcome<ProjectView> {
    let row = proposed(call, id)?;
    row.status.after(ProjectAction::Accept)?;
    let facility = Facility::find(call.tx, row.facility_id)?;
    require_serving(choice::serving(call, facility.as_ref())?, call.today())?;
    let services = Service::find_all(call.tx, &row.service_ids)?;
    rules::require_supported(&choice::form(&row, &services))?;
    decided(call, &row, ProjectAction::Accept, EventAction::ProjectAccepted, &form)
}

/// Gives a project back to the applicant, with remarks on what to change.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` without remarks.
pub fn give_back(call: &mut Call<'_>, id: Uuid, form: RemarksForm) -> Outcome<ProjectView> {
    let row = proposed(call, id)?;
    decided(call, &row, ProjectAction::Return, EventAction::ProjectReturned, &form)
}

/// Declines a project, with remarks why.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` without remarks.
pub fn decline(call: &mut Call<'_>, id: Uuid, form: RemarksForm) -> Outcome<ProjectView> {
    let row = proposed(call, id)?;
    decided(call, &row, ProjectAction::Decline, EventAction::ProjectDeclined, &form)
}

/// A project that was proposed to the caller, locked.
fn proposed(call: &mut Call<'_>, id: Uuid) -> Outcome<Project> {
    read::visible(call, id)?;
    Ok(Project::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?)
}

fn decided(
    call: &mut Call<'_>,
    row: &Project,
    action: ProjectAction,
    event: EventAction,
    form: &RemarksForm,
) -> Outcome<ProjectView> {
    let status = row.status.after(action)?;
    rules::validate_remarks(action, &form.remarks)?;
    let remarks = form.remarks.trim().to_owned();
    let after = Project { status, remarks, decided_at: Some(call.now), ..row.clone() };
    let after = view::save(call, event, row, after)?;
    view::of(call, after)
}
