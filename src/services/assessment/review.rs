//! 第十四条(三): what an expert does: looks at a submission, scores it, or steps back.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::assessment::{self as rules, GivenScores};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::BasisPoints;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_domain::review::{ReviewStatus, require_no_conflict, require_serving, validate_recusal, validate_release};
use voucher_storage::assessment::{Assessment, AssessmentReview, Submission};
use voucher_storage::expert::Expert;

use super::panel::case;
use super::submission::{SubmissionDetail, detail};
use crate::services::review::{RecusalForm, ReleaseForm, candidate};
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
    /// Why the expert stepped back, or was released.
    pub recusal_reason: Option<String>,
    /// Whether the commission released the expert, who had given nothing.
    pub is_released: bool,
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

/// A review as the commission reads it beside the others of its panel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PanelReviewView {
    /// The review itself.
    #[serde(flatten)]
    pub review: AssessmentReviewView,
    /// What its scores come to by the campaign's weights: 9000 is 90 of 100.
    pub score_bps: Option<BasisPoints>,
    /// Whether that lies further from the median of those that are in than the campaign allows.
    pub is_outlier: Option<bool>,
}

/// The reviews of a submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentReviewList {
    /// The mean of the scores that are in; nothing while none is.
    pub score_bps: Option<BasisPoints>,
    /// Whether the submission must be visited: an expert doubts it, or a score lies apart.
    pub is_doubtful: Option<bool>,
    /// Those of the first draw first.
    pub items: Vec<PanelReviewView>,
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
            is_released: row.released_by.is_some(),
            assigned_at: row.assigned_at,
            submitted_at: row.submitted_at,
            materials: None,
            version: row.version,
        }
    }
}

/// The scores that count: those of an expert who has not stepped back since.
pub(super) fn given(row: &AssessmentReview) -> Option<&GivenScores> {
    row.given.as_ref().filter(|_| row.status == ReviewStatus::Submitted)
}

/// Whether scores are still taken: experts are asked, and nobody has drawn the visits yet.
pub(super) fn is_open(campaign: &Assessment, review: &AssessmentReview) -> bool {
    rules::takes_scores(campaign.status, campaign.visits_draw_id.is_some()) && review.status != ReviewStatus::Recused
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

/// Every review of a submission, for the commission, with what sets each apart.
///
/// # Errors
/// `not_found`.
pub fn of_submission(call: &mut Call<'_>, submission_id: Uuid) -> Outcome<AssessmentReviewList> {
    let submission = Submission::find(call.tx, submission_id)?.ok_or_else(Refusal::not_found)?;
    let campaign = Assessment::find(call.tx, submission.assessment_id)?.ok_or_else(Refusal::not_found)?;
    let rows = AssessmentReview::of_submissions(call.tx, &[submission_id])?;
    let given: Vec<GivenScores> = rows.iter().filter_map(given).cloned().collect();
    let criteria = &campaign.criteria;
    let judged = rules::judge(&given, &criteria.weights, criteria.outlier_bps);
    let mut each = judged.iter().flat_map(|judged| judged.each_bps.iter().zip(&judged.is_outlier));
    let items = rows.into_iter().map(|row| {
        let found = self::given(&row).and_then(|_| each.next());
        PanelReviewView {
            score_bps: found.map(|(score_bps, _)| *score_bps),
            is_outlier: found.map(|(_, is_outlier)| *is_outlier),
            review: row.into(),
        }
    });
    Ok(AssessmentReviewList {
        items: items.collect(),
        score_bps: judged.as_ref().map(|judged| judged.score_bps),
        is_doubtful: judged.as_ref().map(|judged| judged.is_doubtful),
    })
}

/// A review, locked after its campaign.
fn locked(call: &mut Call<'_>, id: Uuid) -> Outcome<(Submission, Assessment, AssessmentReview)> {
    let seen = AssessmentReview::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let (submission, campaign) = reviewed(call, &seen, true)?;
    let review = AssessmentReview::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    Ok((submission, campaign, review))
}

/// The same, of the caller's review alone.
fn own(call: &mut Call<'_>, id: Uuid) -> Outcome<(Submission, Assessment, AssessmentReview)> {
    let expert_id = call.actor()?.user_id;
    let own = AssessmentReview::find(call.tx, id)?.filter(|review| review.expert_id == expert_id);
    own.ok_or_else(Refusal::not_found)?;
    locked(call, id)
}

fn require_taken(campaign: &Assessment) -> Result<(), Refusal> {
    rules::require_taking_scores(campaign.status, campaign.visits_draw_id.is_some())
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
    let expert = Expert::find(call.tx, expert_id)?;
    let expert = expert.ok_or_else(|| Failure::internal(format!("{expert_id} scores, and is no expert")))?;
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

/// Takes a review back from an expert who is silent: another expert is drawn.
///
/// # Errors
/// `not_found`; `precondition_failed`; `validation_failed`; `invalid_state` once scores are given.
pub fn release_from(call: &mut Call<'_>, id: Uuid, form: ReleaseForm) -> Outcome<AssessmentReviewView> {
    let (submission, campaign, before) = locked(call, id)?;
    call.respect_version(before.version)?;
    require_taken(&campaign)?;
    let status = validate_release(before.status, &form.reason).map_err(|refusal| refusal.article("14"))?;
    let after = AssessmentReview {
        status,
        recusal_reason: Some(form.reason.trim().to_owned()),
        released_by: Some(call.actor()?.user_id),
        ..before.clone()
    };
    save(call, EventAction::AssessmentReviewReleased, &submission, before, &after)
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
