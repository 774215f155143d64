//! Handing a redemption in, taking it back, and its end by time (Art. 15.3).

use uuid::Uuid;
use voucher_domain::contract;
use voucher_domain::event::EventAction;
use voucher_domain::redemption::{
    self as rules, EvidenceKind, RedemptionAction, RedemptionForm, RedemptionStatus, SubmissionFacts,
};
use voucher_domain::voucher::{Standing, VoucherAction, VoucherStatus};
use voucher_storage::contract::Contract;
use voucher_storage::redemption::{Evidence, Invoice, Redemption};
use voucher_storage::voucher::Voucher;

use super::checks;
use super::forms::InvoiceItem;
use super::parts::{Whole, free_invoices, save};
use super::views::{RedemptionView, quote, view};
use super::write::{claim_invoices, own};
use crate::services::contract::kind_of as contract_kind;
use crate::services::{Call, Outcome, voucher};

/// Hands a redemption in: within its month, or, when it was returned, within the time for its correction.
///
/// # Errors
/// `not_found`; those of [`rules::submit`], in its order; `invoice_reused`.
pub fn submit(call: &mut Call<'_>, id: Uuid) -> Outcome<RedemptionView> {
    own(call, id)?;
    let Whole { redemption: before, contract, vouchers } = Whole::lock(call, id)?;
    if before.status == RedemptionStatus::Draft {
        contract::require_redeemable(contract.status, &contract.redeem_by, call.now)?;
    }
    let invoices = Invoice::of_redemption(call.tx, id)?.into_iter().map(|row| InvoiceItem::from(row).into());
    let invoices: Vec<rules::Invoice> = invoices.collect();
    let evidence: Vec<EvidenceKind> = Evidence::of_redemption(call.tx, id)?.iter().map(|file| file.kind).collect();
    let kind = contract_kind(call, &contract)?;
    let facts = SubmissionFacts {
        status: before.status,
        kind,
        redeem_from: contract::redeem_from(contract.ends_on, contract.completed_on),
        redeem_by: &contract.redeem_by,
        correct_by: before.correct_by.as_ref(),
        recorded_amount_fen: contract.actual_amount_fen,
        form: RedemptionForm {
            actual_amount_fen: before.actual_amount_fen,
            invoices: &invoices,
            evidence: &evidence,
            remarks: &before.remarks,
        },
    };
    let status = rules::submit(&call.policy(&before.policy_id)?.voucher, &facts, call.now)?;
    claim_invoices(call, id)?;
    let claimable_fen = quote(call, &before, kind, &vouchers, &evidence)?.claimable_fen;
    for row in &vouchers {
        begin_redemption(call, row)?;
    }
    let submitted_at = before.submitted_at.or(Some(call.now));
    let flags = Some(checks::look_at(call, &before, &contract, &vouchers, &invoices)?);
    let after = Redemption { status, claimable_fen, submitted_at, correct_by: None, flags, ..before.clone() };
    checks::record(call, &before, &after)?;
    let after = save(call, EventAction::RedemptionSubmitted, &before, &after)?;
    view(call, &after)
}

/// A voucher in a redemption that is with the commission dies by no deadline.
fn begin_redemption(call: &mut Call<'_>, row: &Voucher) -> Outcome<()> {
    let lapses_at = Standing::Redeeming { correct_by: None }.lapses_at();
    // One of a corrected redemption is there already.
    if row.status == VoucherStatus::Redeeming {
        voucher::save(call, EventAction::VoucherDeadlineMoved, row, Voucher { lapses_at, ..row.clone() })?;
        return Ok(());
    }
    let status = row.status.after(VoucherAction::BeginRedemption)?;
    voucher::save(call, EventAction::VoucherRedeeming, row, Voucher { status, lapses_at, ..row.clone() })?;
    Ok(())
}

/// Takes a redemption back before it is accepted. Its vouchers are what they were, and die with the
/// month for the redemption; its invoices are free.
///
/// # Errors
/// `not_found`, `redemption_overdue`, `invalid_state`.
pub fn withdraw(call: &mut Call<'_>, id: Uuid) -> Outcome<RedemptionView> {
    own(call, id)?;
    let Whole { redemption: before, contract, vouchers } = Whole::lock(call, id)?;
    let status = rules::withdraw(before.status, &contract.redeem_by, before.correct_by.as_ref(), call.now)?;
    if before.status.holds_vouchers() {
        let lapses_at = Standing::Bound { redeem_by: contract.redeem_by.expires_at }.lapses_at();
        for row in &vouchers {
            let status = row.status.after(VoucherAction::WithdrawRedemption)?;
            let after = Voucher { status, lapses_at, ..row.clone() };
            voucher::save(call, EventAction::VoucherRedemptionWithdrawn, row, after)?;
        }
    }
    free_invoices(call, id)?;
    let after = Redemption { status, correct_by: None, ..before.clone() };
    let after = save(call, EventAction::RedemptionWithdrawn, &before, &after)?;
    view(call, &after)
}

/// Takes back the draft of a redemption whose contract, which is locked, ends before the service.
///
/// # Errors
/// `invalid_state` for one that was submitted.
pub fn withdraw_with_contract(call: &mut Call<'_>, contract_id: Uuid) -> Outcome<()> {
    let Some(seen) = Redemption::standing_of_contract(call.tx, contract_id)? else { return Ok(()) };
    let Some(before) = Redemption::lock(call.tx, seen.id)? else { return Ok(()) };
    let status = before.status.after(RedemptionAction::Withdraw)?;
    free_invoices(call, before.id)?;
    save(call, EventAction::RedemptionWithdrawn, &before, &Redemption { status, ..before.clone() })?;
    Ok(())
}

/// Ends the redemption that was being written, or corrected, for the contract of a voucher that time has
/// ended. A contract with several vouchers ends with the first of them.
///
/// # Errors
/// When the store fails.
pub fn end_with_voucher(call: &mut Call<'_>, voucher: &Voucher) -> Outcome<()> {
    let Some(contract_id) = voucher.contract_id else { return Ok(()) };
    // The lock order is vouchers, contract, redemption.
    Contract::lock(call.tx, contract_id)?;
    let Some(seen) = Redemption::standing_of_contract(call.tx, contract_id)? else { return Ok(()) };
    let Some(before) = Redemption::lock(call.tx, seen.id)? else { return Ok(()) };
    let Ok(status) = before.status.after(RedemptionAction::Lapse) else { return Ok(()) };
    free_invoices(call, before.id)?;
    save(call, EventAction::RedemptionVoided, &before, &Redemption { status, ..before.clone() })?;
    Ok(())
}
