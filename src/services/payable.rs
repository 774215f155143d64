//! What an approved redemption comes to: lowered or cancelled by an objection, or paid. Its vouchers,
//! its contract and the money go with it.
//!
//! The one order of locks: cycles ([`Books`]), what [`Whole`] locks (vouchers, contract, redemption),
//! then what publishes it (item, objection). A batch is locked before what it pays.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::redemption::{self as rules, RedemptionAction, Reduction, VoucherAmount};
use voucher_domain::voucher::{VoidCause, VoucherAction, counted_when_approved};
use voucher_storage::redemption::{Allotment, Redemption};
use voucher_storage::voucher::Voucher;

use super::accounts::{Books, Origin};
use super::redemption::{self, Whole};
use super::{Call, Failure, Outcome, contract, voucher};

/// The amount that was approved.
///
/// # Errors
/// Internal, when there is none.
pub(super) fn approved_fen(row: &Redemption) -> Outcome<Money> {
    row.approved_fen.ok_or_else(|| Failure::internal(format!("redemption {} has no approved amount", row.id)))
}

/// The cycles whose money these redemptions are paid from.
///
/// # Errors
/// When the store fails.
pub(super) fn cycles_of(call: &mut Call<'_>, redemption_ids: &[Uuid]) -> Outcome<Vec<Uuid>> {
    Ok(Allotment::cycles_of(call.tx, redemption_ids)?)
}

/// Locks the cycles whose money these redemptions are paid from.
///
/// # Errors
/// When the store fails.
pub(super) fn open_books(call: &mut Call<'_>, redemption_ids: &[Uuid]) -> Outcome<Books> {
    let cycle_ids = cycles_of(call, redemption_ids)?;
    Books::open(call, cycle_ids)
}

/// What each voucher pays, in the order of the vouchers.
fn allotted<'a>(call: &mut Call<'_>, whole: &'a Whole) -> Outcome<Vec<(&'a Voucher, Allotment)>> {
    let allotments = Allotment::of_redemption(call.tx, whole.redemption.id)?;
    let mut allotments: BTreeMap<Uuid, Allotment> =
        allotments.into_iter().map(|allotment| (allotment.voucher_id, allotment)).collect();
    let mut allotted = Vec::with_capacity(whole.vouchers.len());
    for row in &whole.vouchers {
        let allotment = allotments.remove(&row.id);
        let lacking =
            || Failure::internal(format!("voucher {} has no part of redemption {}", row.id, whole.redemption.id));
        allotted.push((row, allotment.ok_or_else(lacking)?));
    }
    Ok(allotted)
}

/// Takes away what is payable above a lower amount: it lapses, voucher by voucher.
fn take_away<'a>(
    call: &mut Call<'_>,
    books: &mut Books,
    whole: &'a Whole,
    payable_fen: Money,
) -> Outcome<Vec<(&'a Voucher, Reduction)>> {
    let allotted = allotted(call, whole)?;
    let amount = |row: &Voucher| VoucherAmount { voucher_id: row.id, amount_fen: row.amount_fen };
    let present: Vec<_> = allotted.iter().map(|(row, allotment)| (amount(row), allotment.payable_fen)).collect();
    let reductions = rules::reduce(payable_fen, &present)?;
    let mut taken = Vec::with_capacity(reductions.len());
    for ((row, allotment), reduction) in allotted.into_iter().zip(reductions) {
        let movements = ledger::on_objection(reduction.taken_fen);
        books.post(call, row.cycle_id, &movements, Origin::of_voucher(whole.redemption.id, row.id))?;
        Allotment::change(call.tx, &Allotment { payable_fen: reduction.payable_fen, ..allotment })?;
        taken.push((row, reduction));
    }
    Ok(taken)
}

/// Art. 15.5: lowers what is payable; the redemption is to be published again. What the vouchers no
/// longer pay counts no longer against the yearly limit.
///
/// # Errors
/// `invalid_state`, when the redemption is not in its notice.
pub(super) fn lower(call: &mut Call<'_>, books: &mut Books, whole: &Whole, payable_fen: Money) -> Outcome<Redemption> {
    let before = &whole.redemption;
    let status = before.status.after(RedemptionAction::Reduce)?;
    for (row, reduction) in take_away(call, books, whole, payable_fen)? {
        if reduction.taken_fen == Money::ZERO {
            continue;
        }
        let lapse = &call.policy(&books.cycle(row.cycle_id)?.policy_id)?.lapse;
        let counted_fen = counted_when_approved(row.amount_fen, reduction.payable_fen, lapse);
        voucher::save(call, EventAction::VoucherReduced, row, Voucher { counted_fen, ..row.clone() })?;
    }
    let after = Redemption { status, approved_fen: Some(payable_fen), ..before.clone() };
    redemption::save(call, EventAction::RedemptionReduced, before, &after)
}

/// Art. 15.5: cancels what was approved: nothing is payable, the vouchers are void, and the contract
/// and the redemption end as with a rejection.
///
/// # Errors
/// `invalid_state`, when the redemption is not in its notice.
pub(super) fn cancel(call: &mut Call<'_>, books: &mut Books, whole: &Whole) -> Outcome<Redemption> {
    let before = &whole.redemption;
    let status = before.status.after(RedemptionAction::Cancel)?;
    for (row, _) in take_away(call, books, whole, Money::ZERO)? {
        row.status.after(VoucherAction::Void)?;
        voucher::ended(call, books, row, VoidCause::RedemptionRejected)?;
    }
    redemption::free_invoices(call, before.id)?;
    contract::settle(call, &whole.contract)?;
    let after = Redemption { status, approved_fen: Some(Money::ZERO), ..before.clone() };
    redemption::save(call, EventAction::RedemptionCancelled, before, &after)
}

/// Art. 15.5: records that the bank has paid: the vouchers are redeemed, and the contract is settled.
///
/// # Errors
/// `invalid_state`, when the redemption is not in a batch.
pub(super) fn pay(call: &mut Call<'_>, books: &mut Books, whole: &Whole, line_id: Uuid) -> Outcome<Redemption> {
    let before = &whole.redemption;
    let status = before.status.after(RedemptionAction::Pay)?;
    for (row, allotment) in allotted(call, whole)? {
        let movements = ledger::on_payment(allotment.payable_fen);
        books.post(call, row.cycle_id, &movements, Origin::of_voucher(line_id, row.id))?;
        let status = row.status.after(VoucherAction::Pay)?;
        voucher::save(call, EventAction::VoucherRedeemed, row, Voucher { status, lapses_at: None, ..row.clone() })?;
    }
    contract::settle(call, &whole.contract)?;
    redemption::save(call, EventAction::RedemptionPaid, before, &Redemption { status, ..before.clone() })
}
