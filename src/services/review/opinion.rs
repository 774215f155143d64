//! What an expert does: looks at what is assigned, gives an opinion, or steps back (Art. 15.4).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::redemption::RedemptionAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::review::{self as rules, ReviewStatus};
use voucher_storage::expert::Expert;
use voucher_storage::redemption::Redemption;
use voucher_storage::review::Review;

use super::forms::{RecusalForm, ReleaseForm, ReviewForm, ReviewsQuery};
use super::panel::{candidate, case};
use super::views::{ReviewView, materials};
use crate::services::{Call, Change, Failure, Outcome, Page, PageRequest};

/// The reviews of a redemption.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewList {
    /// Those of the first draw first.
    pub items: Vec<ReviewView>,
}

/// Whether an expert's assignment is open: not recused, and no conclusion yet.
fn is_open(row: &Redemption, review: &Review) -> bool {
    review.status != ReviewStatus::Recused && row.status.after(RedemptionAction::Review).is_ok()
}

/// Whether an expert reviews a redemption at present, and so may see it.
///
/// # Errors
/// When the store fails.
pub fn is_reviewing(call: &mut Call<'_>, row: &Redemption, expert_id: Uuid) -> Outcome<bool> {
    let review = Review::of_expert(call.tx, row.id, expert_id)?;
    Ok(review.is_some_and(|review| is_open(row, &review)))
}

/// The redemption of a review; it cannot be gone.
fn reviewed(call: &mut Call<'_>, review: &Review, locked: bool) -> Outcome<Redemption> {
    let id = review.redemption_id;
    let row = if locked { Redemption::lock(call.tx, id)? } else { Redemption::find(call.tx, id)? };
    row.ok_or_else(|| Failure::internal(format!("review {} has no redemption", review.id)))
}

/// The reviews assigned to the caller, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: ReviewsQuery) -> Outcome<Page<ReviewView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let expert_id = call.actor()?.user_id;
    let rows = Review::list(call.tx, expert_id, query.status, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}

/// A review: the expert's own, with what is to be reviewed while it is open; any for the commission.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<ReviewView> {
    let actor = call.actor()?;
    let review = Review::find(call.tx, id)?
        .filter(|review| review.expert_id == actor.user_id || actor.sees_everything())
        .ok_or_else(Refusal::not_found)?;
    let row = reviewed(call, &review, false)?;
    let mut view = ReviewView::from(review.clone());
    if actor.role == Role::Expert && is_open(&row, &review) {
        call.record_reading(SubjectKind::Redemption, row.id, row.applicant_id)?;
        view.materials = Some(materials(call, &row)?);
    }
    Ok(view)
}

/// A review and its redemption, both locked: the redemption first, as whoever concludes does.
fn locked(call: &mut Call<'_>, id: Uuid) -> Outcome<(Redemption, Review)> {
    let seen = Review::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let row = reviewed(call, &seen, true)?;
    Ok((row, Review::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?))
}

/// The same, of the caller's review alone.
fn own(call: &mut Call<'_>, id: Uuid) -> Outcome<(Redemption, Review)> {
    let expert_id = call.actor()?.user_id;
    Review::find(call.tx, id)?.filter(|review| review.expert_id == expert_id).ok_or_else(Refusal::not_found)?;
    locked(call, id)
}

/// Gives an opinion, or changes it before the review is concluded.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `conflict_of_interest`, `validation_failed`.
pub fn give(call: &mut Call<'_>, id: Uuid, form: ReviewForm) -> Outcome<ReviewView> {
    let (row, before) = own(call, id)?;
    call.expect_version(before.version)?;
    row.status.after(RedemptionAction::Review)?;
    let status = rules::require_serving(before.status)?;
    let fields = rules::ReviewForm {
        scores: form.scores,
        recommendation: form.recommendation,
        amount_fen: form.amount_fen,
        opinion: &form.opinion,
    };
    rules::validate_review(&fields, row.claimable_fen)?;
    no_conflict(call, &row, before.expert_id)?;
    let after = Review {
        status,
        scores: Some(form.scores),
        recommendation: Some(form.recommendation),
        amount_fen: Some(form.amount_fen),
        is_doubtful: Some(form.is_doubtful),
        opinion: Some(form.opinion.trim().to_owned()),
        submitted_at: Some(call.now),
        ..before.clone()
    };
    save(call, EventAction::ReviewSubmitted, &row, &before, &after)
}

/// Ties may have been declared after the draw.
fn no_conflict(call: &mut Call<'_>, row: &Redemption, expert_id: Uuid) -> Outcome<()> {
    let expert = Expert::find(call.tx, expert_id)?;
    let expert = expert.ok_or_else(|| Failure::internal(format!("{expert_id} reviews, and is no expert")))?;
    let case = case(call, row)?;
    Ok(rules::require_no_conflict(
        &candidate(&expert, &[row.applicant_id, row.facility_id], &case, |_, _| false),
        &case,
    )?)
}

/// Steps back from a review; another expert is drawn.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed`.
pub fn recuse(call: &mut Call<'_>, id: Uuid, form: RecusalForm) -> Outcome<ReviewView> {
    let (row, before) = own(call, id)?;
    row.status.after(RedemptionAction::Review)?;
    let status = rules::validate_recusal(before.status, &form.reason)?;
    let after = Review { status, recusal_reason: Some(form.reason.trim().to_owned()), ..before.clone() };
    save(call, EventAction::ReviewRecused, &row, &before, &after)
}

/// Takes a review back from an expert who is silent: another expert is drawn.
///
/// # Errors
/// `not_found`; `precondition_failed`; `validation_failed`; `invalid_state` once an opinion is given.
pub fn release(call: &mut Call<'_>, id: Uuid, form: ReleaseForm) -> Outcome<ReviewView> {
    let (row, before) = locked(call, id)?;
    call.respect_version(before.version)?;
    row.status.after(RedemptionAction::Review)?;
    let after = Review {
        status: rules::validate_release(before.status, &form.reason)?,
        recusal_reason: Some(form.reason.trim().to_owned()),
        released_by: Some(call.actor()?.user_id),
        ..before.clone()
    };
    save(call, EventAction::ReviewReleased, &row, &before, &after)
}

fn save(
    call: &mut Call<'_>,
    action: EventAction,
    row: &Redemption,
    before: &Review,
    after: &Review,
) -> Outcome<ReviewView> {
    let after = ReviewView::from(Review::save(call.tx, after)?);
    call.record(Change {
        action,
        kind: SubjectKind::Review,
        id: after.id,
        organization_id: Some(row.facility_id),
        cycle_id: None,
        before: Some(&ReviewView::from(before.clone())),
        after: Some(&after),
    })?;
    Ok(after)
}

/// Every review of a redemption, for the commission.
///
/// # Errors
/// `not_found`.
pub fn of_redemption(call: &mut Call<'_>, redemption_id: Uuid) -> Outcome<ReviewList> {
    Redemption::find(call.tx, redemption_id)?.ok_or_else(Refusal::not_found)?;
    let rows = Review::of_redemption(call.tx, redemption_id)?;
    Ok(ReviewList { items: rows.into_iter().map(ReviewView::from).collect() })
}
