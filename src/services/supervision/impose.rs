//! The second officer's approval: from that instant the sanctions bind.

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::supervision::{self as rules, ClawbackStatus, Measure, SanctionKind, ViolationAction};
use voucher_storage::StorageError;
use voucher_storage::organization::Organization;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::{Clawback, Sanction, Violation};

use super::delist::{self, Unwinding};
use super::views::{self, SanctionView, ViolationDetail};
use super::{decide, read};
use crate::services::accounts::Books;
use crate::services::{Call, Failure, Outcome, tidings};

/// Approves the sanctions that another officer has proposed (Art. 17): they bind from now on.
///
/// # Errors
/// `not_found`, `invalid_state`, `same_person`, and what makes a sanction impossible by now.
pub fn approve(call: &mut Call<'_>, id: Uuid) -> Outcome<ViolationDetail> {
    let seen = Violation::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let measures = seen.measures.clone().unwrap_or_default();
    let unwinding = Unwinding::of(call, seen.organization_id, &measures)?;
    // The one order of locks: cycles, the party, vouchers, facility, contracts, redemptions, the violation.
    let mut books = Books::open(call, unwinding.cycle_ids())?;
    let party = Organization::lock(call.tx, seen.organization_id)?.ok_or_else(Refusal::not_found)?;
    let unwinding = unwinding.lock(call, party.id, &measures)?;
    let redemption_ids: Vec<Uuid> = measures.iter().filter_map(|measure| measure.redemption_id).collect();
    Redemption::lock_all(call.tx, &redemption_ids)?;
    let row = Violation::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if row.version != seen.version {
        return Err(changed_meanwhile());
    }
    call.respect_version(row.version)?;
    let approver = call.actor()?.user_id;
    // Asked before the proposal is read: another state has none.
    row.status.after(ViolationAction::Approve)?;
    let decided_by =
        row.decided_by.ok_or_else(|| Failure::internal(format!("violation {id} was decided by nobody")))?;
    let status = rules::approve(row.status, decided_by, approver)?;
    decide::check(call, party.id, &measures)?;
    let mut imposed = Vec::with_capacity(measures.len());
    for measure in &measures {
        imposed.push(impose(call, &mut books, &row, measure, &unwinding)?);
    }
    let after = Violation { status, closed_by: Some(approver), closed_at: Some(call.now), ..row.clone() };
    let after = views::save(call, EventAction::ViolationSanctioned, &row, &after)?;
    tidings::violation(call, EventAction::ViolationSanctioned, &after, &imposed)?;
    views::detail(call, after)
}

/// What was looked at before the locks is not so any more: the transaction runs again.
pub(super) fn changed_meanwhile() -> Failure {
    Failure::Storage(StorageError::Contention("what a sanction is about has changed".to_owned()))
}

/// Writes one sanction, and does what it does.
fn impose(
    call: &mut Call<'_>,
    books: &mut Books,
    violation: &Violation,
    measure: &Measure,
    unwinding: &Unwinding,
) -> Outcome<SanctionView> {
    let ends_on = match measure.kind {
        SanctionKind::Ban => Some(rules::ban_until(&call.program.policies.named(None)?.sanction, call.today())?),
        SanctionKind::SuspendPayment
        | SanctionKind::ClawBack
        | SanctionKind::Delist
        | SanctionKind::CreditRecord
        | SanctionKind::Referral => None,
    };
    let row = Sanction {
        id: call.new_id(),
        violation_id: violation.id,
        organization_id: violation.organization_id,
        kind: measure.kind,
        starts_on: call.today(),
        ends_on,
        imposed_at: call.now,
        fulfilled_at: None,
        lifted_by: None,
        lifted_at: None,
        lift_reasons: None,
        version: 1,
    };
    let row = Sanction::insert(call.tx, &row)?;
    match row.kind {
        SanctionKind::Ban => write_ban(call, row.organization_id)?,
        SanctionKind::ClawBack => claim_back(call, &row, measure)?,
        SanctionKind::Delist => delist::delist(call, books, &row, measure, unwinding)?,
        // Asked for where payments are batched, approved and exported; or a record in itself.
        SanctionKind::SuspendPayment | SanctionKind::CreditRecord | SanctionKind::Referral => {}
    }
    let view = read::one(call, row)?;
    views::record_sanction(call, EventAction::SanctionImposed, None, &view)?;
    Ok(view)
}

/// Writes the last day of the longest ban beside the organization, where the claims read it.
pub(super) fn write_ban(call: &mut Call<'_>, organization_id: Uuid) -> Outcome<()> {
    let banned_until = Sanction::banned_until(call.tx, organization_id)?;
    let row = Organization::lock(call.tx, organization_id)?.ok_or_else(Refusal::not_found)?;
    Organization::save(call.tx, &Organization { banned_until, ..row })?;
    Ok(())
}

fn claim_back(call: &mut Call<'_>, sanction: &Sanction, measure: &Measure) -> Outcome<()> {
    let lacking = || Failure::internal("a clawback passed the rules without its amount");
    let row = Clawback {
        id: call.new_id(),
        sanction_id: sanction.id,
        organization_id: sanction.organization_id,
        redemption_id: measure.redemption_id.ok_or_else(lacking)?,
        status: ClawbackStatus::Open,
        amount_fen: measure.amount_fen.ok_or_else(lacking)?,
        received_fen: voucher_domain::money::Money::ZERO,
        created_at: call.now,
        version: 1,
    };
    Clawback::insert(call.tx, &row)?;
    Ok(())
}
