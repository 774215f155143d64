//! 第十四条(四): who is visited is drawn once the scores are in; those in doubt are visited all the same.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::assessment::{self as rules, CampaignStatus, SubmissionStatus, Visit, VisitReason};
use voucher_domain::draw::{self as draws, DrawKind};
use voucher_domain::event::EventAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::review::InquiryOutcome;
use voucher_storage::assessment::{Assessment, Submission};

use super::campaign::record_decision;
use super::decision::judged;
use super::submission::{SubmissionDetail, changed};
use crate::services::draw::{self, Drawn};
use crate::services::{Call, Outcome, tidings};

/// What a visit found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitForm {
    /// Whether it confirms what was stated.
    pub outcome: InquiryOutcome,
    /// What was seen and heard.
    pub record: String,
}

/// A facility that is to be visited.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalledVisit {
    /// Its submission.
    pub submission_id: Uuid,
    /// Why.
    pub reason: VisitReason,
}

/// Who is to be visited.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitsView {
    /// The draw, which anybody can repeat (`GET /draws`).
    pub draw_id: Uuid,
    /// Those in doubt and those drawn, each once.
    pub visits: Vec<CalledVisit>,
}

/// Who is visited is drawn once.
///
/// # Errors
/// `invalid_state`.
pub(super) fn require_not_drawn(row: &Assessment) -> Result<(), Refusal> {
    match row.visits_draw_id {
        None => Ok(()),
        Some(_) => Err(Refusal::invalid_state(
            "实地核查单位已抽取,专家评审已结束。",
            "It was drawn already whom to visit, and scores are no longer taken.",
        )
        .article("14")),
    }
}

/// Draws who is visited: the campaign's share of the submissions, and all that are in doubt.
///
/// # Errors
/// `not_found`; `invalid_state` while scores are missing, or when it was drawn already.
pub fn draw_visits(call: &mut Call<'_>, id: Uuid) -> Outcome<VisitsView> {
    let row = Assessment::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    require_in_review(&row)?;
    require_not_drawn(&row)?;
    // The seed first: the list is only read when it is fixed.
    let ready = draw::ready(call, None)?;
    let submissions = Submission::lock_of_campaign(call.tx, id, [SubmissionStatus::Submitted])?;
    let judged = judged(call, &row, &submissions)?;
    let list: Vec<Uuid> = submissions.iter().map(|row| row.id).collect();
    let size = draws::share_of(list.len(), row.criteria.visit_share_bps.bps());
    let drawn_ids = draws::drawn(&ready.seed, size, list.clone());
    let drawn = Drawn {
        id: call.new_id(),
        kind: DrawKind::Visit,
        spot_check: None,
        subject_id: Some(id),
        list: &list,
        drawn_ids: &drawn_ids,
    };
    let kept = draw::keep(call, ready, &drawn)?;
    let is_doubtful = |id: Uuid| judged.get(&id).is_some_and(|judged| judged.is_doubtful);
    let doubtful: Vec<Uuid> = list.iter().copied().filter(|id| is_doubtful(*id)).collect();
    let called = rules::to_visit(&doubtful, &drawn_ids);
    let mut visits = Vec::with_capacity(called.len());
    for submission in submissions.into_iter().filter(|row| called.contains(&row.id)) {
        let submission_id = submission.id;
        let reason = if is_doubtful(submission_id) { VisitReason::Doubtful } else { VisitReason::Drawn };
        let visit = Visit { reason, outcome: None, record: None, recorded_by: None, recorded_at: None };
        let submission = Submission::save(call.tx, &Submission { visit: Some(visit), ..submission })?;
        tidings::assessment_visit_called(call, &row, &submission)?;
        visits.push(CalledVisit { submission_id, reason });
    }
    Assessment::save(call.tx, &Assessment { visits_draw_id: Some(kept.id), ..row })?;
    let view = VisitsView { draw_id: kept.id, visits };
    record_decision(call, EventAction::AssessmentVisitsDrawn, id, &view)?;
    Ok(view)
}

fn require_in_review(row: &Assessment) -> Result<(), Refusal> {
    match row.status {
        CampaignStatus::InReview => Ok(()),
        CampaignStatus::Draft | CampaignStatus::Announced | CampaignStatus::Graded | CampaignStatus::Decided => {
            Err(Refusal::invalid_state(
                "该绩效考核不在评审阶段,不能抽取或记录实地核查。",
                "The assessment is not in review; visits are neither drawn nor recorded.",
            )
            .article("14"))
        }
    }
}

/// Records what a visit found; it may be recorded anew until grades are proposed.
///
/// # Errors
/// `not_found` where no visit is called for; `precondition_failed`; `invalid_state`; `validation_failed`.
pub fn record_visit(call: &mut Call<'_>, submission_id: Uuid, form: VisitForm) -> Outcome<SubmissionDetail> {
    let seen = Submission::find(call.tx, submission_id)?.ok_or_else(Refusal::not_found)?;
    let campaign = Assessment::lock(call.tx, seen.assessment_id)?.ok_or_else(Refusal::not_found)?;
    let before = Submission::lock(call.tx, submission_id)?.ok_or_else(Refusal::not_found)?;
    let visit = before.visit.clone().ok_or_else(Refusal::not_found)?;
    call.expect_version(before.version)?;
    require_in_review(&campaign)?;
    rules::validate_record(&form.record)?;
    let visit = Visit {
        outcome: Some(form.outcome),
        record: Some(form.record.trim().to_owned()),
        recorded_by: Some(call.actor()?.user_id),
        recorded_at: Some(call.now),
        ..visit
    };
    let after = Submission { visit: Some(visit), ..before.clone() };
    changed(call, EventAction::AssessmentVisitRecorded, &before, &after, campaign.year)
}
