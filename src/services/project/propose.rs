//! The applicant's part: writing a project and handing it to the facility.

use uuid::Uuid;
use voucher_domain::actor::OrganizationKind;
use voucher_domain::event::EventAction;
use voucher_domain::facility::require_serving;
use voucher_domain::project::{self as rules, ProjectAction, ProjectStatus};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;

use super::form::ProjectForm;
use super::view::{self, ProjectView};
use super::{choice, read};
use crate::services::{Call, Outcome, supervision};

/// Writes a project as a draft.
///
/// # Errors
/// `validation_failed` with every field at fault, `facility_not_active` for an organization that is not
/// on the platform.
pub fn create(call: &mut Call<'_>, form: ProjectForm) -> Outcome<ProjectView> {
    let blank = Project {
        id: call.new_id(),
        applicant_id: call.organization()?,
        facility_id: form.facility_id,
        status: ProjectStatus::Draft,
        title: String::new(),
        research: String::new(),
        kind: form.kind,
        service_ids: Vec::new(),
        voucher_ids: Vec::new(),
        planned_amount_fen: form.planned_amount_fen,
        is_statutory_testing: form.is_statutory_testing,
        has_municipal_funding: form.has_municipal_funding,
        remarks: String::new(),
        submitted_at: None,
        decided_at: None,
        created_at: call.now,
        version: 1,
    };
    let row = form.over(blank);
    check(call, &row)?;
    let row = Project::insert(call.tx, &row)?;
    view::record(call, EventAction::ProjectCreated, None, &row)?;
    view::of(call, row)
}

/// Writes a draft, or a project that was returned, anew.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, and those of [`create`].
pub fn change(call: &mut Call<'_>, id: Uuid, form: ProjectForm) -> Outcome<ProjectView> {
    let row = own(call, id)?;
    call.expect_version(row.version)?;
    row.status.after(ProjectAction::Update)?;
    rules::require_facility_kept(row.status, form.facility_id == row.facility_id)?;
    let after = form.over(row.clone());
    check(call, &after)?;
    let after = view::save(call, EventAction::ProjectChanged, &row, after)?;
    view::of(call, after)
}

/// What every writing of a project must keep to.
fn check(call: &mut Call<'_>, row: &Project) -> Outcome<()> {
    require_known_facility(call, row.facility_id)?;
    let mut faults = Faults::default();
    let services = choice::load(call, row, &mut faults)?;
    faults.take_in(rules::validate(&choice::form(row, &services)));
    Ok(faults.done()?)
}

/// A project can be drafted for any facility on the platform; whether that one serves is asked when it is
/// submitted.
fn require_known_facility(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    if Facility::find(call.tx, id)?.is_some() {
        return Ok(());
    }
    let organization = Organization::find(call.tx, id)?.filter(|row| row.kind == OrganizationKind::Facility);
    organization.ok_or_else(choice::no_such_facility)?;
    require_serving(choice::serving(call, None)?, call.today())?;
    Ok(())
}

/// Hands a project to the facility.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` with everything that is missing, `not_eligible` for
/// what vouchers do not support (Art. 5, 12), `facility_not_active`, `banned` for either side (Art. 17).
pub fn submit(call: &mut Call<'_>, id: Uuid) -> Outcome<ProjectView> {
    let row = own(call, id)?;
    let status = row.status.after(ProjectAction::Submit)?;
    let mut faults = Faults::default();
    let services = choice::load(call, &row, &mut faults)?;
    faults.done()?;
    rules::require_complete(&choice::form(&row, &services))?;
    let facility = Facility::find(call.tx, row.facility_id)?;
    require_serving(choice::serving(call, facility.as_ref())?, call.today())?;
    supervision::require_not_banned(call, &[row.applicant_id, row.facility_id])?;
    let after = Project { status, submitted_at: Some(call.now), ..row.clone() };
    let after = view::save(call, EventAction::ProjectSubmitted, &row, after)?;
    view::of(call, after)
}

/// A project of the caller's, locked.
fn own(call: &mut Call<'_>, id: Uuid) -> Outcome<Project> {
    read::visible(call, id)?;
    Ok(Project::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?)
}
