//! What becomes of a registered contract: amended, completed, terminated, lapsed (Art. 12, 15.2, 15.3).

use uuid::Uuid;
use voucher_domain::contract::{self as rules, AmendmentFacts, CompletionFacts, ContractAction, ContractStatus};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::period::{Deadline, Instant};
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher::VoucherAction;
use voucher_storage::contract::Contract;
use voucher_storage::facility::Facility;
use voucher_storage::redemption::Redemption;
use voucher_storage::voucher::Voucher;

use super::form::{CompletionForm, ContractChange, TerminationForm};
use super::read;
use super::view::{self, ContractView};
use crate::services::project::serving;
use crate::services::{Call, Failure, Outcome, redemption, voucher};

/// A contract that is to be changed, locked with its vouchers and its facility.
struct Held {
    contract: Contract,
    vouchers: Vec<Voucher>,
    facility: Option<Facility>,
    has_submitted_redemption: bool,
}

/// Locks a contract of the caller's: its vouchers first, then the facility, then itself. None can be bound
/// to it in between: that happens at its registration alone.
fn hold(call: &mut Call<'_>, id: Uuid) -> Outcome<Held> {
    let seen = read::visible(call, id)?;
    let ids: Vec<Uuid> = Voucher::of_contract(call.tx, id)?.iter().map(|row| row.id).collect();
    let vouchers = Voucher::lock_all(call.tx, &ids)?;
    let facility = Facility::lock(call.tx, seen.facility_id)?;
    let contract = Contract::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let standing = Redemption::standing_of_contract(call.tx, id)?;
    Ok(Held {
        contract,
        vouchers: vouchers.into_iter().filter(|row| row.contract_id == Some(id)).collect(),
        facility,
        has_submitted_redemption: standing.is_some_and(|redemption| redemption.status.holds_vouchers()),
    })
}

/// Amends the amount or the last day, within the rules of the registration; the vouchers' end follows.
///
/// # Errors
/// `not_found`, `precondition_failed`, and those of [`rules::amend`] in its order.
pub fn amend(call: &mut Call<'_>, id: Uuid, form: ContractChange) -> Outcome<ContractView> {
    let held = hold(call, id)?;
    let before = &held.contract;
    call.expect_version(before.version)?;
    let amended = Contract {
        ends_on: form.ends_on.unwrap_or(before.ends_on),
        amount_fen: form.amount_fen.unwrap_or(before.amount_fen),
        ..before.clone()
    };
    let facility = serving(call, held.facility.as_ref())?;
    let facts = AmendmentFacts {
        status: before.status,
        has_submitted_redemption: held.has_submitted_redemption,
        redeem_by: &before.redeem_by,
        facility,
        signed_on: before.signed_on,
        starts_on: before.starts_on,
        ends_on: amended.ends_on,
        amount_fen: amended.amount_fen,
        vouchers: held.vouchers.iter().map(validity).collect::<Outcome<_>>()?,
    };
    let calendar = call.calendar()?;
    let rules_of_voucher = &call.policy(&before.policy_id)?.voucher;
    let granted = rules::amend(rules_of_voucher, &calendar, &facts, call.now)?;
    let after = Contract { valid_until: granted.valid_until, redeem_by: granted.redeem_by, ..amended };
    let after = view::save(call, EventAction::ContractAmended, before, after)?;
    follow(call, &held.vouchers, after.redeem_by.expires_at)?;
    view::of(call, after)
}

fn validity(row: &Voucher) -> Outcome<(&str, Money, &Deadline)> {
    let valid_until = row.valid_until.as_ref();
    let valid_until =
        valid_until.ok_or_else(|| Failure::internal(format!("voucher {} is registered without a validity", row.id)))?;
    Ok((&row.number, row.amount_fen, valid_until))
}

/// Records that the service is done and what it really cost; the vouchers' end follows.
///
/// # Errors
/// `not_found`, and those of [`rules::complete`] in its order.
pub fn complete(call: &mut Call<'_>, id: Uuid, form: CompletionForm) -> Outcome<ContractView> {
    let held = hold(call, id)?;
    let before = &held.contract;
    let facts = CompletionFacts {
        status: before.status,
        has_submitted_redemption: held.has_submitted_redemption,
        redeem_by: &before.redeem_by,
        starts_on: before.starts_on,
        ends_on: before.ends_on,
        completed_on: form.completed_on,
        actual_amount_fen: form.actual_amount_fen,
    };
    let calendar = call.calendar()?;
    let rules_of_voucher = &call.policy(&before.policy_id)?.voucher;
    let completion = rules::complete(rules_of_voucher, &calendar, &facts, call.now)?;
    let after = Contract {
        status: completion.status,
        completed_on: Some(form.completed_on),
        actual_amount_fen: Some(form.actual_amount_fen),
        redeem_by: completion.redeem_by,
        ..before.clone()
    };
    let after = view::save(call, EventAction::ContractCompleted, before, after)?;
    follow(call, &held.vouchers, after.redeem_by.expires_at)?;
    view::of(call, after)
}

/// The vouchers of a contract die when its redemption is too late.
fn follow(call: &mut Call<'_>, vouchers: &[Voucher], redeem_by: Instant) -> Outcome<()> {
    let moved = vouchers.iter().filter(|row| row.lapses_at != Some(redeem_by));
    for row in moved {
        let after = Voucher { lapses_at: Some(redeem_by), ..row.clone() };
        voucher::save(call, EventAction::VoucherDeadlineMoved, row, after)?;
    }
    Ok(())
}

/// Ends a contract before the service. Its vouchers stay registered, bound to nothing, within the validity
/// they have; no money moves. A redemption that was being written is taken back with it.
///
/// # Errors
/// `not_found`, and those of [`rules::terminate`].
pub fn terminate(call: &mut Call<'_>, id: Uuid, form: TerminationForm) -> Outcome<ContractView> {
    let held = hold(call, id)?;
    let before = &held.contract;
    let (has_submitted, redeem_by) = (held.has_submitted_redemption, &before.redeem_by);
    let status = rules::terminate(before.status, has_submitted, redeem_by, &form.reason, call.now)?;
    let termination_reason = Some(form.reason.trim().to_owned());
    let after = Contract { status, termination_reason, ..before.clone() };
    let after = view::save(call, EventAction::ContractTerminated, before, after)?;
    for row in &held.vouchers {
        let (_, _, valid_until) = validity(row)?;
        let freed = Voucher {
            status: row.status.after(VoucherAction::Unbind)?,
            contract_id: None,
            lapses_at: Some(valid_until.expires_at),
            ..row.clone()
        };
        voucher::save(call, EventAction::VoucherUnbound, row, freed)?;
    }
    redemption::withdraw_with_contract(call, id)?;
    view::of(call, after)
}

/// Writes a contract as lapsed: its month for the redemption passed, and time has voided its vouchers.
/// One that has come to its end already stays as it is.
///
/// # Errors
/// When the store fails.
pub fn lapse(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    let before = Contract::lock(call.tx, id)?;
    let before =
        before.ok_or_else(|| Failure::internal(format!("a voucher pays contract {id}, which is not there")))?;
    let status = match before.status {
        ContractStatus::Registered | ContractStatus::Completed => before.status.after(ContractAction::Lapse)?,
        ContractStatus::Terminated | ContractStatus::Settled | ContractStatus::Lapsed => return Ok(()),
    };
    view::save(call, EventAction::ContractLapsed, &before, Contract { status, ..before.clone() })?;
    Ok(())
}

/// Writes a contract as settled: its redemption ended in payment or rejection.
///
/// # Errors
/// `invalid_state` for one that has come to its end already.
pub fn settle(call: &mut Call<'_>, before: &Contract) -> Outcome<Contract> {
    let status = before.status.after(ContractAction::Settle)?;
    view::save(call, EventAction::ContractSettled, before, Contract { status, ..before.clone() })
}
