//! What waits for applicants, facilities and experts.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use voucher_domain::contract::redeem_from;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::facility::FacilityStatus;
use voucher_domain::project::ProjectStatus;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::text::Text;
use voucher_domain::worklist::{TaskKind, next_of_contract};
use voucher_storage::applicant::Profile;
use voucher_storage::contract::Contract;
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::redemption::Redemption;

use super::Task;
use crate::services::deadlines::{self, Due, OpenDeadline};
use crate::services::{Call, Outcome, assessment};

/// What the caller's open deadlines ask for by themselves.
pub(super) fn by_deadlines(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    Ok(deadlines::of_caller(call)?.into_iter().filter_map(Task::of_deadline).collect())
}

/// What waits for an applicant.
pub(super) fn of_applicant(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let id = call.organization()?;
    let mut tasks = by_deadlines(call)?;
    if Profile::find(call.tx, id)?.is_none_or(|row| row.document.is_none()) {
        tasks.push(Task::of(TaskKind::StateProfile, SubjectKind::Profile, id, name_of(call, id)?));
    }
    let returned = Project::waiting(call.tx, id, [ProjectStatus::Returned])?;
    tasks.extend(about_projects(call, id, Part::Applicant, returned)?);
    tasks.extend(confirmations(call, id)?);
    Ok(tasks)
}

/// The redemptions that an officer can accept once the applicant has confirmed them.
fn confirmations(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<Task>> {
    let rows = Redemption::of_party_among(call.tx, id, [RedemptionStatus::Submitted, RedemptionStatus::Returned])?;
    let rows: Vec<Redemption> = rows.into_iter().filter(|row| row.applicant_agrees.is_none()).collect();
    let numbers = deadlines::numbers(call, rows.iter().map(|row| row.contract_id))?;
    let open = rows.iter().filter(|row| row.correct_by.as_ref().is_none_or(|deadline| !deadline.is_over(call.now)));
    let tasks = open.map(|row| {
        let name = numbers.get(&row.contract_id).cloned().unwrap_or_default();
        Task {
            amount_fen: Some(row.actual_amount_fen),
            since: row.submitted_at,
            due: row.correct_by.as_ref().filter(|_| row.status == RedemptionStatus::Returned).map(Due::reckoned),
            ..Task::of(TaskKind::ConfirmRedemption, SubjectKind::Redemption, row.id, name)
        }
    });
    Ok(tasks.collect())
}

/// What waits for a facility.
pub(super) fn of_facility(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let id = call.organization()?;
    let open = deadlines::of_caller(call)?;
    let mut tasks = about_contracts(call, &open)?;
    tasks.extend(open.into_iter().filter_map(Task::of_deadline));
    let projects = Project::waiting(call.tx, id, [ProjectStatus::Submitted, ProjectStatus::Accepted])?;
    tasks.extend(about_projects(call, id, Part::Facility, projects)?);
    tasks.extend(joining(call, id)?);
    if let Some(year) = assessment::funds_to_state(call, id)? {
        tasks.push(Task::of(TaskKind::StateFunds, SubjectKind::Facility, id, year.to_string()));
    }
    Ok(tasks)
}

/// The application of an organization that does not serve yet, or serves no more and may again.
fn joining(call: &mut Call<'_>, id: Uuid) -> Outcome<Option<Task>> {
    let row = Facility::find(call.tx, id)?;
    let note = match row.map_or(FacilityStatus::Draft, |row| row.status) {
        FacilityStatus::Draft => None,
        FacilityStatus::Returned => Some(Text::new(
            "申请已退回,请按意见修改后重新提交。",
            "The application was returned; please hand it in again as remarked.",
        )),
        FacilityStatus::Applied
        | FacilityStatus::Rejected
        | FacilityStatus::Approved
        | FacilityStatus::InNotice
        | FacilityStatus::Active
        | FacilityStatus::Exiting
        | FacilityStatus::Exited
        | FacilityStatus::Delisted => return Ok(None),
    };
    let name = name_of(call, id)?;
    Ok(Some(Task { note, ..Task::of(TaskKind::ApplyAsFacility, SubjectKind::Facility, id, name) }))
}

/// Projects to be corrected or decided, and those whose contract is to be registered; each by the day on
/// which the first of its vouchers dies. Of an accepted one without a voucher that is alive and free
/// nothing is left to do.
fn about_projects(call: &mut Call<'_>, id: Uuid, part: Part, rows: Vec<Project>) -> Outcome<Vec<Task>> {
    let named: BTreeSet<Uuid> = rows.iter().flat_map(|row| row.voucher_ids.iter().copied()).collect();
    let named: Vec<Uuid> = named.into_iter().collect();
    let open = deadlines::of_vouchers(call, &named, id, part)?;
    let dies: BTreeMap<Uuid, Due> = open.into_iter().filter_map(|open| Some((open.subject_id, open.due?))).collect();
    let tasks = rows.into_iter().filter_map(|row| {
        let due = row.voucher_ids.iter().filter_map(|id| dies.get(id)).min_by_key(|due| due.expires_at).cloned();
        let (kind, since) = match row.status {
            ProjectStatus::Returned => (TaskKind::CorrectProject, row.decided_at),
            ProjectStatus::Submitted => (TaskKind::DecideProject, row.submitted_at),
            ProjectStatus::Accepted if due.is_some() => (TaskKind::RegisterContract, row.decided_at),
            ProjectStatus::Accepted | ProjectStatus::Draft | ProjectStatus::Declined => return None,
        };
        let amount_fen = Some(row.planned_amount_fen);
        Some(Task { amount_fen, since, due, ..Task::of(kind, SubjectKind::Project, row.id, row.title) })
    });
    Ok(tasks.collect())
}

/// The contracts whose redemption is not handed in: to be performed, and from their last day on to be
/// redeemed.
fn about_contracts(call: &mut Call<'_>, open: &[OpenDeadline]) -> Outcome<Vec<Task>> {
    let to_redeem: BTreeMap<Uuid, &OpenDeadline> =
        open.iter().filter(|open| open.kind == DeadlineKind::Redemption).map(|open| (open.subject_id, open)).collect();
    let ids: Vec<Uuid> = to_redeem.keys().copied().collect();
    let mut tasks = Vec::with_capacity(ids.len());
    for row in Contract::find_all(call.tx, &ids)? {
        let from = redeem_from(row.ends_on, row.completed_on);
        let kind = next_of_contract(from, call.today());
        let due = if kind == TaskKind::PerformContract {
            Some(Due::named(from)?)
        } else {
            to_redeem.get(&row.id).and_then(|open| open.due.clone())
        };
        let amount_fen = Some(row.actual_amount_fen.unwrap_or(row.amount_fen));
        tasks.push(Task { amount_fen, due, ..Task::of(kind, SubjectKind::Contract, row.id, row.number) });
    }
    Ok(tasks)
}

fn name_of(call: &mut Call<'_>, id: Uuid) -> Outcome<String> {
    Ok(Organization::find(call.tx, id)?.map(|row| row.name).unwrap_or_default())
}
