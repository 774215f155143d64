//! What an approved redemption comes to: published, lowered or cancelled by an objection, paid. Its
//! vouchers, its contract and the money go with it.
//!
//! The one order of locks: cycles ([`Books`]), redemptions, vouchers, then what publishes or pays
//! them (items and objections, batches and lines), and the contract last.

use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;
use voucher_domain::contract::{ContractAction, ContractStatus};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::redemption::{self as rules, RedemptionAction, RedemptionStatus, Reduction, VoucherAmount};
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher::{VoidCause, VoucherAction, counted_when_approved};
use voucher_storage::contract::Contract;
use voucher_storage::redemption::{Allotment, Redemption};
use voucher_storage::voucher::Voucher;

use super::accounts::{Books, Origin};
use super::{Call, Change, Failure, Outcome, voucher};

/// A redemption after its approval, as the log of events keeps it.
#[derive(Debug, Serialize)]
struct Facts {
    id: Uuid,
    contract_id: Uuid,
    status: RedemptionStatus,
    approved_fen: Option<Money>,
    notice_id: Option<Uuid>,
    version: i64,
}

impl From<&Redemption> for Facts {
    fn from(row: &Redemption) -> Self {
        Self {
            id: row.id,
            contract_id: row.contract_id,
            status: row.status,
            approved_fen: row.approved_fen,
            notice_id: row.notice_id,
            version: row.version,
        }
    }
}

/// Saves a changed redemption and the event of the change.
///
/// # Errors
/// When the store fails.
pub(super) fn save(
    call: &mut Call<'_>,
    action: EventAction,
    before: &Redemption,
    after: Redemption,
) -> Outcome<Redemption> {
    let after = Redemption::save(call.tx, &after)?;
    call.record(Change {
        action,
        kind: SubjectKind::Redemption,
        id: after.id,
        organization_id: Some(after.facility_id),
        cycle_id: None,
        before: Some(&Facts::from(before)),
        after: Some(&Facts::from(&after)),
    })?;
    Ok(after)
}

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
pub(super) fn cycles(call: &mut Call<'_>, redemption_ids: &[Uuid]) -> Outcome<Vec<Uuid>> {
    let allotments = Allotment::of_redemptions(call.tx, redemption_ids)?;
    Ok(allotments.into_iter().map(|row| row.cycle_id).collect())
}

/// The vouchers of a redemption, locked, in the order they are paid in: that of their claims.
fn vouchers(call: &mut Call<'_>, redemption_id: Uuid) -> Outcome<Vec<(Voucher, Allotment)>> {
    let allotments = Allotment::of_redemptions(call.tx, &[redemption_id])?;
    let ids: Vec<Uuid> = allotments.iter().map(|row| row.voucher_id).collect();
    let mut rows: BTreeMap<Uuid, Voucher> =
        Voucher::lock_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let mut vouchers = Vec::with_capacity(ids.len());
    for allotment in allotments {
        let row = rows.remove(&allotment.voucher_id);
        vouchers.push((row.ok_or_else(|| Failure::internal("an allotment has no voucher"))?, allotment));
    }
    vouchers.sort_by(|(a, _), (b, _)| (a.claimed_at, &a.number).cmp(&(b.claimed_at, &b.number)));
    Ok(vouchers)
}

/// Takes away what is payable above a lower amount: it lapses, voucher by voucher.
fn take_away(
    call: &mut Call<'_>,
    books: &mut Books,
    redemption_id: Uuid,
    payable_fen: Money,
) -> Outcome<Vec<(Voucher, Reduction)>> {
    let vouchers = vouchers(call, redemption_id)?;
    let present: Vec<_> = vouchers
        .iter()
        .map(|(row, allotment)| {
            (VoucherAmount { voucher_id: row.id, amount_fen: row.amount_fen }, allotment.payable_fen)
        })
        .collect();
    let reductions = rules::reduce(payable_fen, &present)?;
    let mut taken = Vec::with_capacity(reductions.len());
    for ((row, allotment), reduction) in vouchers.into_iter().zip(reductions) {
        let movements = ledger::on_objection(reduction.taken_fen);
        books.post(call, row.cycle_id, &movements, Origin::of_voucher(redemption_id, row.id))?;
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
pub(super) fn lower(
    call: &mut Call<'_>,
    books: &mut Books,
    row: &Redemption,
    payable_fen: Money,
) -> Outcome<Redemption> {
    let status = row.status.after(RedemptionAction::Reduce)?;
    for (voucher, reduction) in take_away(call, books, row.id, payable_fen)? {
        if reduction.taken_fen == Money::ZERO {
            continue;
        }
        let lapse = &call.policy(&books.cycle(voucher.cycle_id)?.policy_id)?.lapse;
        let counted_fen = counted_when_approved(voucher.amount_fen, reduction.payable_fen, lapse);
        let after = Voucher { counted_fen, ..voucher.clone() };
        voucher::save(call, EventAction::VoucherReduced, &voucher, after)?;
    }
    let after = Redemption { status, approved_fen: Some(payable_fen), ..row.clone() };
    save(call, EventAction::RedemptionReduced, row, after)
}

/// Art. 15.5: cancels what was approved: nothing is payable, and the vouchers are void.
///
/// # Errors
/// `invalid_state`, when the redemption is not in its notice.
pub(super) fn cancel(call: &mut Call<'_>, books: &mut Books, row: &Redemption) -> Outcome<Redemption> {
    let status = row.status.after(RedemptionAction::Cancel)?;
    for (voucher, _) in take_away(call, books, row.id, Money::ZERO)? {
        voucher.status.after(VoucherAction::Void)?;
        voucher::ended(call, books, &voucher, VoidCause::RedemptionRejected)?;
    }
    let after = Redemption { status, approved_fen: Some(Money::ZERO), ..row.clone() };
    let after = save(call, EventAction::RedemptionCancelled, row, after)?;
    settle_contract(call, row.contract_id)?;
    Ok(after)
}

/// Art. 15.5: records that the bank has paid: the vouchers are redeemed.
///
/// # Errors
/// `invalid_state`, when the redemption is not in a batch.
pub(super) fn pay(call: &mut Call<'_>, books: &mut Books, row: &Redemption, line_id: Uuid) -> Outcome<Redemption> {
    let status = row.status.after(RedemptionAction::Pay)?;
    for (voucher, allotment) in vouchers(call, row.id)? {
        let movements = ledger::on_payment(allotment.payable_fen);
        books.post(call, voucher.cycle_id, &movements, Origin::of_voucher(line_id, voucher.id))?;
        let status = voucher.status.after(VoucherAction::Pay)?;
        let after = Voucher { status, lapses_at: None, ..voucher.clone() };
        voucher::save(call, EventAction::VoucherRedeemed, &voucher, after)?;
    }
    let after = save(call, EventAction::RedemptionPaid, row, Redemption { status, ..row.clone() })?;
    settle_contract(call, row.contract_id)?;
    Ok(after)
}

/// A contract as the log of events keeps it when it is done with.
#[derive(Debug, Serialize)]
struct ContractFacts {
    id: Uuid,
    status: ContractStatus,
}

/// Ends the contract of a redemption that came to its end.
fn settle_contract(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    let row = Contract::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if row.status == ContractStatus::Settled {
        return Ok(());
    }
    let after = Contract { status: row.status.after(ContractAction::Settle)?, ..row.clone() };
    let after = Contract::save(call.tx, &after)?;
    call.record(Change {
        action: EventAction::ContractSettled,
        kind: SubjectKind::Contract,
        id,
        organization_id: Some(row.facility_id),
        cycle_id: None,
        before: Some(&ContractFacts { id, status: row.status }),
        after: Some(&ContractFacts { id, status: after.status }),
    })
}
