//! Resolving an objection: dismissed, or upheld with what remains payable.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::assessment::Grade;
use voucher_domain::assessment::objection::{Correction, Named, correct};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::notice::{self as rules, NoticeKind, ObjectionOutcome, ObjectionStatus, Resolution};
use voucher_domain::privacy::Disclosure;
use voucher_domain::refusal::Refusal;
use voucher_storage::facility::Facility;
use voucher_storage::notice::{Notice, NoticeItem, Objection};

use super::objection::{self, ObjectionView};
use crate::services::redemption::Whole;
use crate::services::{Call, Failure, Outcome, facility, payable, subsidy, tidings};

/// What an officer finds about an objection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionForm {
    /// Whether it is right.
    pub outcome: ObjectionOutcome,
    /// What remains payable where it is; 0 or nothing cancels the item. With a grade: what it is given.
    pub amount_fen: Option<Money>,
    /// The right grade, where the objection is about a result of the yearly assessment and changes it.
    pub grade: Option<Grade>,
    /// Why.
    pub reasons: String,
}

/// Resolves an objection (Art. 6, 14, 15.5). A dismissed one lets its item go on; an upheld one lowers what
/// is payable, to be published again, or cancels it: what is taken away lapses. To a result of the yearly assessment
/// it changes grade and subsidy, within their cap and what the budget has left, or takes it out of the results: what
/// is taken away returns to the campaign's budget.
///
/// # Errors
/// `not_found`, `invalid_state` when it is resolved or its item no longer stands, `validation_failed`
/// with `maximum_fen`, `pool_exhausted` when the campaign's budget has too little left.
pub fn resolve(call: &mut Call<'_>, id: Uuid, form: ResolutionForm) -> Outcome<ObjectionView> {
    let seen = Objection::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let item = NoticeItem::find(call.tx, seen.item_id)?.ok_or_else(|| Failure::internal("an objection to no item"))?;
    let notice =
        Notice::find(call.tx, seen.notice_id)?.ok_or_else(|| Failure::internal("an objection to no notice"))?;
    match notice.kind {
        NoticeKind::Redemption => {
            rules::require_no_grade(form.grade.is_some())?;
            about_redemption(call, id, item, form)
        }
        NoticeKind::Facility => {
            rules::require_no_grade(form.grade.is_some())?;
            about_facility(call, id, item, form)
        }
        NoticeKind::Subsidy => about_submission(call, id, item, form),
    }
}

/// Art. 14, 18: an upheld objection to a result changes its grade and its money, or takes it out.
fn about_submission(call: &mut Call<'_>, id: Uuid, item: NoticeItem, form: ResolutionForm) -> Outcome<ObjectionView> {
    let mut lot = subsidy::Lot::lock(call, item.subject_id)?;
    let item = NoticeItem::lock(call.tx, item.id)?.ok_or_else(Refusal::not_found)?;
    let row = Objection::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let named = Named { grade: form.grade, amount_fen: form.amount_fen };
    let assessment_rules = &call.policy(&lot.campaign.policy_id)?.assessment;
    let correction =
        correct(row.status, item.status, form.outcome, named, &form.reasons, &lot.standing()?, assessment_rules)?;
    let status = item.status.after(correction.action())?;
    let (amount_fen, submission) = match correction {
        Correction::Dismissed => (None, lot.submission),
        Correction::Changed { award, subsidy_fen } => {
            (Some(subsidy_fen), subsidy::change(call, &mut lot, award, subsidy_fen)?)
        }
        Correction::Cancelled => (Some(Money::ZERO), subsidy::cancel(call, &mut lot)?),
    };
    if status != item.status {
        NoticeItem::save(call.tx, &NoticeItem { status, ..item })?;
    }
    let view = resolved(call, row, form, amount_fen)?;
    if let Some(after) = Objection::find(call.tx, id)? {
        tidings::submission_resolved(call, &submission, &after)?;
    }
    Ok(view)
}

/// Art. 6, 18: an upheld objection to a facility that is published ends its joining.
fn about_facility(call: &mut Call<'_>, id: Uuid, item: NoticeItem, form: ResolutionForm) -> Outcome<ObjectionView> {
    let facility = Facility::lock(call.tx, item.subject_id)?.ok_or_else(Refusal::not_found)?;
    let item = NoticeItem::lock(call.tx, item.id)?.ok_or_else(Refusal::not_found)?;
    let row = Objection::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let action = rules::resolve_without_amount(row.status, item.status, form.outcome, form.amount_fen, &form.reasons)?;
    match form.outcome {
        ObjectionOutcome::Upheld => facility::overturn(call, &facility, &form.reasons)?,
        ObjectionOutcome::Dismissed => facility::tell(call, EventAction::ObjectionDismissed, facility.id)?,
    }
    let status = item.status.after(action)?;
    if status != item.status {
        NoticeItem::save(call.tx, &NoticeItem { status, ..item })?;
    }
    resolved(call, row, form, None)
}

fn about_redemption(call: &mut Call<'_>, id: Uuid, item: NoticeItem, form: ResolutionForm) -> Outcome<ObjectionView> {
    // A dismissed objection moves no money.
    let paid_from: &[Uuid] = match form.outcome {
        ObjectionOutcome::Upheld => &[item.subject_id],
        ObjectionOutcome::Dismissed => &[],
    };
    let mut books = payable::open_books(call, paid_from)?;
    let whole = Whole::lock(call, item.subject_id)?;
    // Locked after the redemption, and looked at again: another objection may have changed it.
    let item = NoticeItem::lock(call.tx, item.id)?.ok_or_else(Refusal::not_found)?;
    let row = Objection::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let approved_fen = payable::approved_fen(&whole.redemption)?;
    let resolution =
        rules::resolve(row.status, item.status, form.outcome, form.amount_fen, &form.reasons, approved_fen)?;
    let status = item.status.after(resolution.action())?;
    let amount_fen = match resolution {
        Resolution::Dismissed => None,
        Resolution::Changed { payable_fen, .. } => {
            payable::lower(call, &mut books, &whole, payable_fen)?;
            Some(payable_fen)
        }
        Resolution::Cancelled { .. } => {
            payable::cancel(call, &mut books, &whole)?;
            Some(Money::ZERO)
        }
    };
    if status != item.status {
        NoticeItem::save(call.tx, &NoticeItem { status, ..item })?;
    }
    let view = resolved(call, row, form, amount_fen)?;
    if let Some(after) = Objection::find(call.tx, id)? {
        tidings::resolved(call, &whole.redemption, &after)?;
    }
    Ok(view)
}

/// Writes what was found about an objection, which is locked.
fn resolved(
    call: &mut Call<'_>,
    row: Objection,
    form: ResolutionForm,
    amount_fen: Option<Money>,
) -> Outcome<ObjectionView> {
    let (action, status) = match form.outcome {
        ObjectionOutcome::Dismissed => (EventAction::ObjectionDismissed, ObjectionStatus::Dismissed),
        ObjectionOutcome::Upheld => (EventAction::ObjectionUpheld, ObjectionStatus::Upheld),
    };
    let after = Objection {
        status,
        amount_fen,
        reasons: Some(form.reasons.trim().to_owned()),
        resolved_by: Some(call.actor()?.user_id),
        resolved_at: Some(call.now),
        ..row.clone()
    };
    let after = Objection::save(call.tx, &after)?;
    objection::record(call, action, Some(&row), &after)?;
    ObjectionView::of(call, after, Disclosure::Masked)
}
