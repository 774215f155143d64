//! Resolving an objection: dismissed, or upheld with what remains payable.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::notice::{self as rules, ObjectionOutcome, ObjectionStatus, Resolution};
use voucher_domain::refusal::Refusal;
use voucher_storage::notice::{NoticeItem, Objection};

use super::objection::{self, ObjectionView};
use crate::services::redemption::Whole;
use crate::services::{Call, Failure, Outcome, payable, tidings};

/// What an officer finds about an objection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionForm {
    /// Whether it is right.
    pub outcome: ObjectionOutcome,
    /// What remains payable where it is; 0 or nothing cancels the item.
    pub amount_fen: Option<Money>,
    /// Why.
    pub reasons: String,
}

/// Resolves an objection (Art. 15.5). A dismissed one lets its item go on; an upheld one lowers what
/// is payable, to be published again, or cancels it: what is taken away lapses.
///
/// # Errors
/// `not_found`, `invalid_state` when it is resolved or its item no longer stands, `validation_failed`
/// with `maximum_fen`.
pub fn resolve(call: &mut Call<'_>, id: Uuid, form: ResolutionForm) -> Outcome<ObjectionView> {
    let seen = Objection::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let item = NoticeItem::find(call.tx, seen.item_id)?.ok_or_else(|| Failure::internal("an objection to no item"))?;
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
    let (action, objection_status, amount_fen) = match resolution {
        Resolution::Dismissed => (EventAction::ObjectionDismissed, ObjectionStatus::Dismissed, None),
        Resolution::Changed { payable_fen, .. } => {
            payable::lower(call, &mut books, &whole, payable_fen)?;
            (EventAction::ObjectionUpheld, ObjectionStatus::Upheld, Some(payable_fen))
        }
        Resolution::Cancelled { .. } => {
            payable::cancel(call, &mut books, &whole)?;
            (EventAction::ObjectionUpheld, ObjectionStatus::Upheld, Some(Money::ZERO))
        }
    };
    if status != item.status {
        NoticeItem::save(call.tx, &NoticeItem { status, ..item })?;
    }
    let after = Objection {
        status: objection_status,
        amount_fen,
        reasons: Some(form.reasons.trim().to_owned()),
        resolved_by: Some(call.actor()?.user_id),
        resolved_at: Some(call.now),
        ..row.clone()
    };
    let after = Objection::save(call.tx, &after)?;
    objection::record(call, action, Some(&row), &after)?;
    tidings::resolved(call, &whole.redemption, &after)?;
    Ok(after.into())
}
