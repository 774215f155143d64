//! Putting a batch together, and the second officer's approval.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::disbursement::{self as rules, DisbursementStatus, LineStatus};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::privacy::Place;
use voucher_domain::redemption::{RedemptionAction, RedemptionStatus};
use voucher_domain::refusal::Refusal;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::redemption::Redemption;

use super::{DisbursementDetail, detail, record, suspension};
use crate::services::{Call, Failure, Outcome, notice, payable, redemption};

/// A batch to be put together.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisbursementForm {
    /// What it is called.
    pub title: String,
    /// The redemptions it pays; everything that is payable without.
    pub redemption_ids: Option<Vec<Uuid>>,
}

/// Puts a batch together of what is payable (Art. 15.5), in a quarter that pays.
///
/// # Errors
/// `validation_failed`, `not_found`, `quarter_closed`, then for what is named `payment_suspended`, `notice_running`,
/// `objection_open` and `invalid_state`; `invalid_state` when nothing is payable.
pub fn prepare(call: &mut Call<'_>, form: DisbursementForm) -> Outcome<DisbursementDetail> {
    rules::validate(&form.title, form.redemption_ids.as_deref())?;
    let redemptions = match &form.redemption_ids {
        Some(ids) => named(call, ids)?,
        None => everything(call)?,
    };
    rules::require_payable(redemptions.len())?;
    let amounts = redemptions.iter().map(payable::approved_fen).collect::<Outcome<Vec<_>>>()?;
    let row = Disbursement {
        id: call.new_id(),
        title: form.title.trim().to_owned(),
        status: DisbursementStatus::Prepared,
        quarter: rules::quarter_name(call.today()),
        total_fen: Money::sum(amounts)?,
        prepared_by: call.actor()?.user_id,
        approved_by: None,
        approved_at: None,
        created_at: call.now,
        version: 1,
    };
    let row = Disbursement::insert(call.tx, &row)?;
    let lines = lines(call, row.id, &redemptions)?;
    DisbursementLine::insert_all(call.tx, &lines)?;
    for row in redemptions {
        let status = row.status.after(RedemptionAction::Batch)?;
        let after = Redemption { status, ..row.clone() };
        redemption::save(call, EventAction::RedemptionInPayment, &row, &after)?;
    }
    let after = detail(call, row)?;
    record(call, EventAction::DisbursementPrepared, None, &after)?;
    Ok(after)
}

/// The named redemptions, each payable by now. They are locked in the order of their ids, so that of
/// two batches put together at once only one gets each.
fn named(call: &mut Call<'_>, ids: &[Uuid]) -> Outcome<Vec<Redemption>> {
    let locked = Redemption::lock_all(call.tx, ids)?;
    let mut rows: BTreeMap<Uuid, Redemption> = locked.into_iter().map(|row| (row.id, row)).collect();
    let field = |index: usize| format!("redemption_ids[{index}]");
    if let Some(index) = ids.iter().position(|id| !rows.contains_key(id)) {
        return Err(Refusal::not_found().about(&field(index)).into());
    }
    for row in rows.values() {
        rules::require_open_quarter(&call.policy(&row.policy_id)?.voucher, call.today())?;
    }
    let suspended = suspension::among(call, rows.values())?;
    let mut payable = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let Some(row) = rows.remove(id) else { continue };
        let is_suspended = suspended.contains(&row.id);
        rules::require_not_suspended(is_suspended).map_err(|refusal| refusal.about(&field(index)))?;
        payable.push(made_payable(call, row).map_err(|failure| about(failure, &field(index)))?);
    }
    Ok(payable)
}

/// The redemption as payable, which it is by now or is refused.
fn made_payable(call: &mut Call<'_>, row: Redemption) -> Outcome<Redemption> {
    if row.status == RedemptionStatus::InNotice {
        return notice::settle(call, &row);
    }
    row.status.after(RedemptionAction::Batch).map_err(|refusal| refusal.article("15.5"))?;
    Ok(row)
}

fn about(failure: Failure, field: &str) -> Failure {
    match failure {
        Failure::Refused(refusal) => refusal.about(field).into(),
        Failure::RefusedAndKept(_) | Failure::Storage(_) | Failure::Internal(_) => failure,
    }
}

/// Everything that is payable by now under a policy that pays in this quarter; what is due under
/// another one is carried over.
fn everything(call: &mut Call<'_>) -> Outcome<Vec<Redemption>> {
    let mut ids = Redemption::payable_ids(call.tx)?;
    ids.extend(notice::due(call, u32::MAX)?);
    let mut open = Vec::new();
    let mut closed = None;
    // Locked in the order of their ids, and looked at again: somebody may have acted in between.
    for row in Redemption::lock_all(call.tx, &ids)? {
        if !matches!(row.status, RedemptionStatus::Payable | RedemptionStatus::InNotice) {
            continue;
        }
        match rules::require_open_quarter(&call.policy(&row.policy_id)?.voucher, call.today()) {
            Ok(()) => open.push(row),
            Err(refusal) => closed = Some(refusal),
        }
    }
    let suspended = suspension::among(call, open.iter())?;
    open.retain(|row| !suspended.contains(&row.id));
    let mut payable = Vec::with_capacity(open.len());
    for row in open {
        match made_payable(call, row) {
            Ok(row) => payable.push(row),
            // An objection, or a new notice, came in between.
            Err(failure) if failure.is_by_rule() => {}
            Err(failure) => return Err(failure),
        }
    }
    if payable.is_empty() {
        // Why nothing is paid: the quarter, before there being nothing.
        closed.map_or(Ok(()), Err)?;
        rules::require_open_quarter(&call.program.policies.named(None)?.voucher, call.today())?;
    }
    Ok(payable)
}

/// The lines of a batch. Where the money goes is written down now, so that the second officer
/// approves what is paid, whatever the facility changes later.
fn lines(call: &mut Call<'_>, disbursement_id: Uuid, redemptions: &[Redemption]) -> Outcome<Vec<DisbursementLine>> {
    let ids: Vec<Uuid> = redemptions.iter().map(|row| row.facility_id).collect();
    let facilities: BTreeMap<Uuid, Facility> =
        Facility::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let names: BTreeMap<Uuid, String> =
        Organization::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.name)).collect();
    let mut lines = Vec::with_capacity(redemptions.len());
    for row in redemptions {
        let lacking = || Failure::internal(format!("redemption {} has no facility", row.id));
        let facility = facilities.get(&row.facility_id).ok_or_else(lacking)?;
        let name = names.get(&row.facility_id).ok_or_else(lacking)?;
        let id = call.new_id();
        let account = call.open(Place::FacilityAccount, facility.id, facility.payee_account.as_ref())?;
        lines.push(DisbursementLine {
            id,
            disbursement_id,
            redemption_id: row.id,
            facility_id: row.facility_id,
            payee_name: facility.payee_name.as_ref().unwrap_or(name).clone(),
            payee_bank: facility.payee_bank.clone(),
            payee_account: call.seal(Place::LineAccount, id, account.as_ref())?,
            amount_fen: payable::approved_fen(row)?,
            status: LineStatus::Pending,
            reference: None,
            reason: None,
            settled_at: None,
            version: 1,
        });
    }
    Ok(lines)
}

/// Another officer approves a batch; from then on it can be exported and paid.
///
/// # Errors
/// `not_found`, `invalid_state`, `same_person`, `quarter_closed`, `payment_suspended`.
pub fn approve(call: &mut Call<'_>, id: Uuid) -> Outcome<DisbursementDetail> {
    let row = Disbursement::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let approver = call.actor()?.user_id;
    let before = detail(call, row.clone())?;
    let redemption_ids: Vec<Uuid> = before.lines.iter().map(|line| line.redemption_id).collect();
    let redemptions = Redemption::find_all(call.tx, &redemption_ids)?;
    let policy_ids: BTreeSet<String> = redemptions.iter().map(|row| row.policy_id.clone()).collect();
    let mut status = row.status;
    for policy_id in policy_ids {
        let policy = call.policy(&policy_id)?;
        status = rules::approve(&policy.voucher, row.status, row.prepared_by, approver, call.today())?;
    }
    suspension::require_none(call, &before)?;
    let after = Disbursement { status, approved_by: Some(approver), approved_at: Some(call.now), ..row };
    let after = Disbursement::save(call.tx, &after)?;
    let after = detail(call, after)?;
    record(call, EventAction::DisbursementApproved, Some(&before), &after)?;
    Ok(after)
}
