//! An officer concludes a review, another one approves: the money is fixed, or the vouchers end (Art. 15.4).

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::redemption::{self as redemptions, Allotment, RedemptionAction, VoucherAmount};
use voucher_domain::refusal::Refusal;
use voucher_domain::review::{self as rules, ConclusionFacts, Decision, Opinion};
use voucher_domain::voucher::{VoidCause, counted_when_approved};
use voucher_storage::redemption::{self as store, Redemption};
use voucher_storage::review::{Inquiry, Review};
use voucher_storage::voucher::Voucher;

use super::forms::{ApprovalForm, ConclusionForm};
use super::panel::panel_size;
use super::views::{decisive, inquiry_status};
use crate::services::accounts::{Books, Origin};
use crate::services::redemption::{self, RedemptionView, Whole};
use crate::services::{Call, Failure, Outcome, contract, voucher};

/// Concludes a review, or reconsiders before the approval.
///
/// # Errors
/// `not_found`; `invalid_state` while a review, a replacement or an inquiry is missing;
/// `validation_failed`.
pub fn conclude(call: &mut Call<'_>, id: Uuid, form: ConclusionForm) -> Outcome<RedemptionView> {
    let before = Redemption::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let status = before.status.after(RedemptionAction::Conclude)?;
    rules::validate_conclusion(form.decision, form.amount_fen, &form.opinion, before.claimable_fen)?;
    let reviews: Vec<Opinion> = Review::of_redemption(call.tx, id)?.iter().map(decisive).collect();
    let inquiries: Vec<rules::Inquiry> = Inquiry::of_redemption(call.tx, id)?
        .iter()
        .map(|row| rules::Inquiry { status: inquiry_status(row), outcome: row.outcome })
        .collect();
    let panel_size = panel_size(call, &before)?;
    rules::may_conclude(&ConclusionFacts { reviews: &reviews, panel_size, inquiries: &inquiries })?;
    let after = Redemption {
        status,
        concluded_decision: Some(form.decision),
        concluded_fen: Some(form.amount_fen),
        concluded_opinion: Some(form.opinion.trim().to_owned()),
        concluded_by: Some(call.actor()?.user_id),
        ..before.clone()
    };
    let saved = Redemption::save(call.tx, &after)?;
    let (facts_before, view) = (redemption::view(call, &before)?, redemption::view(call, &saved)?);
    redemption::record(call, EventAction::RedemptionConcluded, &saved, Some(&facts_before), &view)?;
    Ok(view)
}

/// A conclusion that waits for its approval.
struct Conclusion {
    decision: Decision,
    amount_fen: Money,
    concluded_by: Uuid,
}

fn concluded(row: &Redemption) -> Outcome<Conclusion> {
    match (row.concluded_decision, row.concluded_fen, row.concluded_by) {
        (Some(decision), Some(amount_fen), Some(concluded_by)) => Ok(Conclusion { decision, amount_fen, concluded_by }),
        _incomplete => Err(Failure::internal(format!("redemption {} is concluded without a conclusion", row.id))),
    }
}

/// What follows from the approval of a decision.
fn action(decision: Decision) -> (RedemptionAction, EventAction) {
    match decision {
        Decision::Approve | Decision::Reduce => (RedemptionAction::Approve, EventAction::RedemptionApproved),
        Decision::Reject => (RedemptionAction::Reject, EventAction::RedemptionRejected),
    }
}

/// Another officer approves what was concluded. A payment is shared out to the vouchers in the order of
/// their claims, and the rest of each lapses; a rejection ends the vouchers, the contract and the
/// redemption.
///
/// # Errors
/// `not_found`, `invalid_state`, `same_person`.
pub fn approve(call: &mut Call<'_>, id: Uuid, form: ApprovalForm) -> Outcome<RedemptionView> {
    let seen = Redemption::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let cycles: Vec<Uuid> =
        Voucher::of_contract(call.tx, seen.contract_id)?.into_iter().map(|row| row.cycle_id).collect();
    let mut books = Books::open(call, cycles)?;
    let whole = Whole::lock(call, id)?;
    let before = &whole.redemption;
    call.respect_version(before.version)?;
    // Asked before the conclusion is read: another state has none.
    before.status.after(RedemptionAction::Approve)?;
    let conclusion = concluded(before)?;
    let stated = (conclusion.decision, conclusion.amount_fen);
    rules::require_agreement(stated, form.decision, form.amount_fen, form.opinion.as_deref())?;
    let (action, event) = action(conclusion.decision);
    let status = before.status.after(action)?;
    let officer_id = call.actor()?.user_id;
    rules::require_other_person(conclusion.concluded_by, officer_id, "15.4")?;
    let approved_fen = match conclusion.decision {
        Decision::Approve | Decision::Reduce => {
            pay(call, &mut books, &whole, conclusion.amount_fen)?;
            Some(conclusion.amount_fen)
        }
        Decision::Reject => {
            reject(call, &mut books, &whole)?;
            None
        }
    };
    let approved_at = Some(call.now);
    let approved_opinion = form.opinion.map(|opinion| opinion.trim().to_owned()).filter(|opinion| !opinion.is_empty());
    let after = Redemption {
        status,
        approved_fen,
        approved_by: Some(officer_id),
        approved_opinion,
        approved_at,
        ..before.clone()
    };
    let after = redemption::save(call, event, before, &after)?;
    redemption::view(call, &after)
}

/// Fixes what each voucher pays.
fn pay(call: &mut Call<'_>, books: &mut Books, whole: &Whole, payable_fen: Money) -> Outcome<()> {
    let amounts: Vec<VoucherAmount> =
        whole.vouchers.iter().map(|row| VoucherAmount { voucher_id: row.id, amount_fen: row.amount_fen }).collect();
    for (row, share) in whole.vouchers.iter().zip(redemptions::allot(payable_fen, &amounts)?) {
        allot(call, books, whole.redemption.id, row, share)?;
    }
    Ok(())
}

fn allot(call: &mut Call<'_>, books: &mut Books, id: Uuid, row: &Voucher, share: Allotment) -> Outcome<()> {
    let movements = ledger::on_approval(share.payable_fen, share.lapsed_fen);
    books.post(call, row.cycle_id, &movements, Origin::of_voucher(id, row.id))?;
    let allotment = store::Allotment {
        redemption_id: id,
        voucher_id: row.id,
        cycle_id: row.cycle_id,
        payable_fen: share.payable_fen,
    };
    store::Allotment::insert(call.tx, &allotment)?;
    let rules = &call.policy(&books.cycle(row.cycle_id)?.policy_id)?.lapse;
    let counted_fen = counted_when_approved(row.amount_fen, share.payable_fen, rules);
    voucher::save(call, EventAction::VoucherAllotted, row, Voucher { counted_fen, ..row.clone() })?;
    Ok(())
}

/// Ends the vouchers and the contract of a redemption that is not paid.
fn reject(call: &mut Call<'_>, books: &mut Books, whole: &Whole) -> Outcome<()> {
    for row in &whole.vouchers {
        voucher::void(call, books, row, VoidCause::RedemptionRejected, whole.redemption.id)?;
    }
    redemption::free_invoices(call, whole.redemption.id)?;
    contract::settle(call, &whole.contract)?;
    Ok(())
}
