//! 第十四条(三): what an expert does: looks at a submission, scores it, or steps back.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::assessment::{self as rules, CampaignStatus, GivenScores};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_domain::review::{ReviewStatus, require_no_conflict, require_serving, validate_recusal};
use voucher_storage::assessment::{Assessment, AssessmentReview, Submission};
use voucher_storage::expert::Expert;

use super::panel::case;
use super::submission::{SubmissionDetail, detail};
use crate::services::review::{RecusalForm, candidate};
use crate::services::{Call, Change, Failure, Outcome, Page, PageRequest};

/// Which reviews are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AssessmentReviewsQuery {
    /// In this state.
    pub status: Option<ReviewStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An expert's review of a submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentReviewView {
    /// Its id.
    pub id: Uuid,
    /// What is scored.
    pub submission_id: Uuid,
    /// By whom.
    pub expert_id: Uuid,
    /// Its state.
    pub status: ReviewStatus,
    /// What the expert gives.
    pub given: Option<GivenScores>,
    /// Why the expert stepped back.
    pub recusal_reason: Option<String>,
    /// When it was assigned.
    pub assigned_at: Instant,
    /// When it was last given.
    pub submitted_at: Option<Instant>,
    /// What is scored; shown to the expert while the review is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub materials: Option<SubmissionDetail>,
    /// For `If-Match`.
    pub version: i64,
}

impl From<AssessmentReview> for AssessmentReviewView {
    fn from(row: AssessmentReview) -> Self {
        Self {
            id: row.id,
            submission_id: row.submission_id,
            expert_id: row.expert_id,
            status: row.status,
            given: row.given,
            recusal_reason: row.recusal_reason,
            assigned_at: row.assigned_at,
            submitted_at: row.submitted_at,
            materials: None,
            version: row.version,
        }
    }
}

/// Whether scores are still taken: experts are asked, and nobody has drawn the visits yet.
pub(super) fn is_open(campaign: &Assessment, review: &AssessmentReview) -> bool {
    let takes_scores = campaign.status == CampaignStatus::InReview && campaign.visits_draw_id.is_none();
    takes_scores && review.status != ReviewStatus::Recused
}

/// Whether the caller is an expert who scores a submission at present, and so may see its files.
///
/// # Errors
/// When the store fails.
pub fn is_reviewing(call: &mut Call<'_>, submission_id: Uuid) -> Outcome<bool> {
    let expert_id = call.actor()?.user_id;
    let reviews = AssessmentReview::of_submissions(call.tx, &[submission_id])?;
    let Some(review) = reviews.into_iter().find(|review| review.expert_id == expert_id) else { return Ok(false) };
    let (_, campaign) = reviewed(call, &review, false)?;
    Ok(is_open(&campaign, &review))
}

/// The submission and the campaign of a review; they cannot be gone.
fn reviewed(call: &mut Call<'_>, review: &AssessmentReview, locked: bool) -> Outcome<(Submission, Assessment)> {
    let gone = || Failure::internal(format!("assessment review {} has no submission", review.id));
    let submission = Submission::find(call.tx, review.submission_id)?.ok_or_else(gone)?;
    let id = submission.assessment_id;
    let campaign = if locked { Assessment::lock(call.tx, id)? } else { Assessment::find(call.tx, id)? };
    Ok((submission, campaign.ok_or_else(gone)?))
}

/// The reviews assigned to the caller, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn reviews(call: &mut Call<'_>, query: AssessmentReviewsQuery) -> Outcome<Page<AssessmentReviewView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let expert_id = call.actor()?.user_id;
    let rows = AssessmentReview::list(call.tx, expert_id, query.status, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}

/// A review: the expert's own, with what is scored while it is open, which is recorded; any for the
/// commission.
///
/// # Errors
/// `not_found`.
pub fn show_review(call: &mut Call<'_>, id: Uuid) -> Outcome<AssessmentReviewView> {
    let actor = call.actor()?;
    let review = AssessmentReview::find(call.tx, id)?
        .filter(|review| review.expert_id == actor.user_id || actor.sees_everything())
        .ok_or_else(Refusal::not_found)?;
    let (submission, campaign) = reviewed(call, &review, false)?;
    let is_open = is_open(&campaign, &review);
    let mut view = AssessmentReviewView::from(review);
    if is_open && actor.role == Role::Expert {
        call.record_reading(SubjectKind::AssessmentSubmission, submission.id, submission.facility_id)?;
        view.materials = Some(detail(call, submission, campaign.year)?);
    }
    Ok(view)
}

/// The caller's review, locked after its campaign, while scores are taken.
fn own(call: &mut Call<'_>, id: Uuid) -> Outcome<(Submission, Assessment, AssessmentReview)> {
    let expert_id = call.actor()?.user_id;
    let seen = AssessmentReview::find(call.tx, id)?.filter(|review| review.expert_id == expert_id);
    let (submission, campaign) = reviewed(call, &seen.ok_or_else(Refusal::not_found)?, true)?;
    let review = AssessmentReview::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    Ok((submission, campaign, review))
}

fn require_taken(campaign: &Assessment) -> Result<(), Refusal> {
    if campaign.status == CampaignStatus::InReview && campaign.visits_draw_id.is_none() {
        return Ok(());
    }
    Err(Refusal::invalid_state(
        "评审打分已结束,不能再提交、修改评分或申请回避。",
        "Scores are no longer taken; they stay as they were given.",
    )
    .article("14"))
}

/// Scores a submission, or changes the scores while they are taken.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `conflict_of_interest`, `validation_failed`.
pub fn give_scores(call: &mut Call<'_>, id: Uuid, form: GivenScores) -> Outcome<AssessmentReviewView> {
    let (submission, campaign, before) = own(call, id)?;
    call.expect_version(before.version)?;
    require_taken(&campaign)?;
    let status = require_serving(before.status)?;
    rules::validate_scores(&form, &campaign.criteria.weights)?;
    no_conflict(call, submission.facility_id, before.expert_id)?;
    let given = GivenScores { opinion: form.opinion.trim().to_owned(), ..form };
    let after = AssessmentReview { status, given: Some(given), submitted_at: Some(call.now), ..before.clone() };
    save(call, EventAction::AssessmentReviewGiven, &submission, before, &after)
}

/// Ties may have been declared after the draw.
fn no_conflict(call: &mut Call<'_>, facility_id: Uuid, expert_id: Uuid) -> Outcome<()> {
    let Some(expert) = Expert::find(call.tx, expert_id)? else { return Ok(()) };
    let case = case(call, facility_id)?;
    Ok(require_no_conflict(&candidate(&expert, &[facility_id], &case, |_, _| false), &case)?)
}

/// Steps back from a submission; another expert is drawn.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed`.
pub fn recuse_from(call: &mut Call<'_>, id: Uuid, form: RecusalForm) -> Outcome<AssessmentReviewView> {
    let (submission, campaign, before) = own(call, id)?;
    require_taken(&campaign)?;
    let status = validate_recusal(before.status, &form.reason)?;
    let after = AssessmentReview { status, recusal_reason: Some(form.reason.trim().to_owned()), ..before.clone() };
    save(call, EventAction::AssessmentReviewRecused, &submission, before, &after)
}

fn save(
    call: &mut Call<'_>,
    action: EventAction,
    submission: &Submission,
    before: AssessmentReview,
    after: &AssessmentReview,
) -> Outcome<AssessmentReviewView> {
    let after = AssessmentReviewView::from(AssessmentReview::save(call.tx, after)?);
    call.record(Change {
        action,
        kind: action.subject(),
        id: after.id,
        organization_id: Some(submission.facility_id),
        cycle_id: None,
        before: Some(&AssessmentReviewView::from(before)),
        after: Some(&after),
    })?;
    Ok(after)
}
