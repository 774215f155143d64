//! What of the yearly assessment waits for an officer (Art. 14).

use uuid::Uuid;
use voucher_domain::assessment::SubmissionStatus;
use voucher_domain::event::SubjectKind;
use voucher_domain::worklist::{TaskKind, next_of_campaign};
use voucher_storage::assessment::{Assessment, Submission};

use super::{READ, Task};
use crate::services::facility::names;
use crate::services::{Call, Outcome, assessment};

/// What comes next of each campaign under way, and the visits whose outcome is to be recorded. Grades that one
/// has proposed oneself wait for another officer.
pub(super) fn of_officer(call: &mut Call<'_>, officer_id: Uuid) -> Outcome<Vec<Task>> {
    let mut tasks = Vec::new();
    for campaign in Assessment::under_way(call.tx)? {
        let (facts, visits) = assessment::facts_of(call, &campaign)?;
        let names = names(call, visits.iter().map(|(_, facility_id)| *facility_id))?;
        tasks.extend(visits.into_iter().map(|(submission_id, facility_id)| {
            let name = names.get(&facility_id).cloned().unwrap_or_default();
            Task::of(TaskKind::RecordAssessmentVisit, SubjectKind::AssessmentSubmission, submission_id, name)
        }));
        let is_own = campaign.graded_by == Some(officer_id);
        let next = next_of_campaign(&facts).filter(|next| *next != TaskKind::ApproveGrades || !is_own);
        if let Some(kind) = next {
            let task = Task::of(kind, SubjectKind::Assessment, campaign.id, campaign.title);
            tasks.push(Task { since: campaign.announced_at, ..task });
        }
    }
    Ok(tasks)
}

/// What is decided and not published; what an objection changed is published again.
pub(super) fn to_publish(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    about(call, TaskKind::PublishResult, [SubmissionStatus::Graded, SubmissionStatus::Approved])
}

/// The subsidies that can be put into a batch, on any day: Art. 14.5 names no quarters.
pub(super) fn payable(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    about(call, TaskKind::PrepareDisbursement, [SubmissionStatus::Payable])
}

fn about<const N: usize>(call: &mut Call<'_>, kind: TaskKind, statuses: [SubmissionStatus; N]) -> Outcome<Vec<Task>> {
    let rows = Submission::waiting(call.tx, statuses, READ)?;
    let names = names(call, rows.iter().map(|(_, facility_id, _)| *facility_id))?;
    let tasks = rows.into_iter().map(|(id, facility_id, amount_fen)| {
        let name = names.get(&facility_id).cloned().unwrap_or_default();
        Task { amount_fen, ..Task::of(kind, SubjectKind::AssessmentSubmission, id, name) }
    });
    Ok(tasks.collect())
}

/// The payees of these submissions, each with its submission.
pub(super) fn payees(call: &mut Call<'_>, ids: &[Uuid]) -> Outcome<Vec<(Uuid, Uuid)>> {
    Ok(Submission::find_all(call.tx, ids)?.into_iter().map(|row| (row.id, row.facility_id)).collect())
}
