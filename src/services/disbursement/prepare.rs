//! Putting a batch together, and the second officer's approval.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::disbursement::{self as rules, DisbursementStatus, LineStatus};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::privacy::Place;
use voucher_domain::refusal::Refusal;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::redemption::Redemption;

use super::subject::{Subject, Subjects};
use super::{DisbursementDetail, detail, record, suspension};
use crate::services::{Call, Failure, Outcome};

/// A batch to be put together.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisbursementForm {
    /// What it is called.
    pub title: String,
    /// The redemptions it pays; without these and submissions, everything that is payable.
    pub redemption_ids: Option<Vec<Uuid>>,
    /// The submissions to assessments whose subsidies it pays.
    pub submission_ids: Option<Vec<Uuid>>,
}

/// Puts a batch together of what is payable: redemptions in a quarter that pays (Art. 15.5), subsidies at any
/// time (Art. 14.5).
///
/// # Errors
/// `validation_failed`, `not_found`, `quarter_closed`, then for what is named `payment_suspended`, `notice_running`,
/// `objection_open` and `invalid_state`; `invalid_state` when nothing is payable.
pub fn prepare(call: &mut Call<'_>, form: DisbursementForm) -> Outcome<DisbursementDetail> {
    rules::validate(&form.title, form.redemption_ids.as_deref(), form.submission_ids.as_deref())?;
    let subjects = match (form.redemption_ids, form.submission_ids) {
        (None, None) => everything(call)?,
        (redemption_ids, submission_ids) => {
            let redemption_ids = redemption_ids.unwrap_or_default();
            let submission_ids = submission_ids.unwrap_or_default();
            named(call, &Subjects { redemption_ids, submission_ids })?
        }
    };
    rules::require_payable(subjects.len())?;
    let amounts = subjects.iter().map(Subject::amount_fen).collect::<Outcome<Vec<_>>>()?;
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
    let lines = lines(call, row.id, &subjects)?;
    DisbursementLine::insert_all(call.tx, &lines)?;
    for subject in &subjects {
        subject.batch(call)?;
    }
    let after = detail(call, row)?;
    record(call, EventAction::DisbursementPrepared, None, &after)?;
    Ok(after)
}

/// What is named, each payable by now.
fn named(call: &mut Call<'_>, subjects: &Subjects) -> Outcome<Vec<Subject>> {
    let mut rows: BTreeMap<Uuid, Subject> = subjects.lock(call)?.into_iter().map(|row| (row.id(), row)).collect();
    let fields = |name: &'static str, ids: &[Uuid]| {
        ids.iter().enumerate().map(move |(index, id)| (*id, format!("{name}[{index}]"))).collect::<Vec<_>>()
    };
    let mut places = fields("redemption_ids", &subjects.redemption_ids);
    places.extend(fields("submission_ids", &subjects.submission_ids));
    if let Some((_, field)) = places.iter().find(|(id, _)| !rows.contains_key(id)) {
        return Err(Refusal::not_found().about(field).into());
    }
    for row in rows.values() {
        row.require_open_quarter(call)?;
    }
    let suspended = suspension::among_subjects(call, rows.values())?;
    let mut payable = Vec::with_capacity(places.len());
    for (id, field) in places {
        let Some(row) = rows.remove(&id) else { continue };
        rules::require_not_suspended(suspended.contains(&id)).map_err(|refusal| refusal.about(&field))?;
        payable.push(row.made_payable(call).map_err(|failure| about(failure, &field))?);
    }
    Ok(payable)
}

fn about(failure: Failure, field: &str) -> Failure {
    match failure {
        Failure::Refused(refusal) => refusal.about(field).into(),
        Failure::RefusedAndKept(_) | Failure::Storage(_) | Failure::Internal(_) => failure,
    }
}

/// Everything that is payable by now, redemptions under a policy that pays in this quarter; what is due under
/// another one is carried over.
fn everything(call: &mut Call<'_>) -> Outcome<Vec<Subject>> {
    let mut open = Vec::new();
    let mut closed = None;
    // Locked, and looked at again: somebody may have acted in between.
    for row in Subjects::payable(call)?.lock(call)? {
        if !row.may_wait() {
            continue;
        }
        match row.require_open_quarter(call) {
            Ok(()) => open.push(row),
            Err(failure) if failure.is_by_rule() => closed = Some(failure),
            Err(failure) => return Err(failure),
        }
    }
    let suspended = suspension::among_subjects(call, open.iter())?;
    open.retain(|row| !suspended.contains(&row.id()));
    let mut payable = Vec::with_capacity(open.len());
    for row in open {
        match row.made_payable(call) {
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
fn lines(call: &mut Call<'_>, disbursement_id: Uuid, subjects: &[Subject]) -> Outcome<Vec<DisbursementLine>> {
    let ids: Vec<Uuid> = subjects.iter().map(Subject::facility_id).collect();
    let facilities: BTreeMap<Uuid, Facility> =
        Facility::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let names: BTreeMap<Uuid, String> =
        Organization::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.name)).collect();
    let mut lines = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let facility_id = subject.facility_id();
        let lacking = || Failure::internal(format!("{} has no facility to be paid", subject.id()));
        let facility = facilities.get(&facility_id).ok_or_else(lacking)?;
        let name = names.get(&facility_id).ok_or_else(lacking)?;
        let (redemption_id, submission_id) = subject.paid_for().ids();
        let id = call.new_id();
        let account = call.open(Place::FacilityAccount, facility.id, facility.payee_account.as_ref())?;
        lines.push(DisbursementLine {
            id,
            disbursement_id,
            redemption_id,
            facility_id,
            payee_name: facility.payee_name.as_ref().unwrap_or(name).clone(),
            payee_bank: facility.payee_bank.clone(),
            payee_account: call.seal(Place::LineAccount, id, account.as_ref())?,
            amount_fen: subject.amount_fen()?,
            status: LineStatus::Pending,
            reference: None,
            reason: None,
            settled_at: None,
            version: 1,
            submission_id,
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
    let redemption_ids: Vec<Uuid> = before.lines.iter().filter_map(|line| line.redemption_id).collect();
    let redemptions = Redemption::find_all(call.tx, &redemption_ids)?;
    let policies = redemptions.iter().map(|row| call.policy(&row.policy_id)).collect::<Outcome<Vec<_>>>()?;
    let quarters = policies.iter().map(|policy| &policy.voucher);
    let status = rules::approve(quarters, row.status, row.prepared_by, approver, call.today())?;
    suspension::require_none(call, id)?;
    let after = Disbursement { status, approved_by: Some(approver), approved_at: Some(call.now), ..row };
    let after = Disbursement::save(call.tx, &after)?;
    let after = detail(call, after)?;
    record(call, EventAction::DisbursementApproved, Some(&before), &after)?;
    Ok(after)
}
