//! What of the yearly assessment waits for an officer (Art. 14).

use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::worklist::{TaskKind, next_of_campaign};
use voucher_storage::assessment::Assessment;

use super::Task;
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
