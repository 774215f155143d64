//! Looking at projects.

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::code::Code;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::refusal::Refusal;
use voucher_storage::project::{Project, ProjectFilter};

use super::form::ProjectsQuery;
use super::view::{self, ProjectSummary, ProjectView};
use crate::services::facility::names;
use crate::services::voucher::{EventView, EventsQuery, history};
use crate::services::{Call, Outcome, Page, PageRequest};

/// Whether the caller may see a project: its applicant, the facility once it was submitted, the commission.
fn may_see(call: &Call<'_>, row: &Project) -> Result<bool, Refusal> {
    let actor = call.actor()?;
    let is_proposed_to = actor.is_of(row.facility_id) && row.submitted_at.is_some();
    Ok(actor.sees_everything() || actor.is_of(row.applicant_id) || is_proposed_to)
}

/// A project that the caller may see.
pub(super) fn visible(call: &mut Call<'_>, id: Uuid) -> Outcome<Project> {
    let row = Project::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if may_see(call, &row)? { Ok(row) } else { Err(Refusal::not_found().into()) }
}

/// A project. The facility reads what the applicant stated in it: that is recorded (Art. 9.3).
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<ProjectView> {
    let row = visible(call, id)?;
    call.record_reading(SubjectKind::Project, id, row.applicant_id)?;
    view::of(call, row)
}

/// What happened to a project, newest first. What a draft said before it was submitted stays the
/// applicant's.
///
/// # Errors
/// `not_found`, `validation_failed` for a bad page.
pub fn events(call: &mut Call<'_>, id: Uuid, query: EventsQuery) -> Outcome<Page<EventView>> {
    let row = visible(call, id)?;
    call.record_reading(SubjectKind::Project, id, row.applicant_id)?;
    let mut page = history(call, SubjectKind::Project, id, &query)?;
    if call.is_role(Role::Facility) {
        let drafting = [EventAction::ProjectCreated.code(), EventAction::ProjectChanged.code()];
        for event in page.items.iter_mut().filter(|event| drafting.contains(&event.action.as_str())) {
            (event.before, event.after) = (None, None);
        }
    }
    Ok(page)
}

/// The projects that the caller may see, newest first: an applicant's own, those proposed to a facility,
/// all for the commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: ProjectsQuery) -> Outcome<Page<ProjectSummary>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let mut filter = ProjectFilter {
        status: query.status,
        applicant_id: query.applicant_id,
        facility_id: query.facility_id,
        submitted_alone: false,
    };
    match call.actor()?.role {
        Role::Officer | Role::Auditor => {}
        Role::Applicant => filter.applicant_id = Some(call.organization()?),
        Role::Facility => {
            filter.facility_id = Some(call.organization()?);
            filter.submitted_alone = true;
        }
        Role::Expert | Role::Admin => {
            return Err(Refusal::forbidden("此账号不能查看合作项目。", "This account sees no projects.").into());
        }
    }
    let rows = Project::list(call.tx, &filter, page.before, page.limit)?;
    let names = names(call, rows.items.iter().flat_map(|row| [row.applicant_id, row.facility_id]))?;
    Page::of(rows, |row| Ok(ProjectSummary::of(row, &names)))
}
