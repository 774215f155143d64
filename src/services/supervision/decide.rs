//! The decision about a violation: sanctions that one officer proposes, or none.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::FacilityAction;
use voucher_domain::money::Money;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::supervision::{self as rules, Measure, SanctionKind, ViolationAction};
use voucher_storage::facility::Facility;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::{Clawback, Statement, Violation};

use super::views::{self, ViolationDetail};
use crate::services::{Call, Outcome, payable, tidings};

/// The sanctions that an officer proposes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SanctionDecisionForm {
    /// What is found proved; the party reads it with the sanctions.
    pub finding: String,
    /// What follows.
    pub sanctions: Vec<Measure>,
}

/// Why nothing follows.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DropForm {
    /// Why.
    pub reasons: String,
}

/// Proposes sanctions for a violation, once the party was heard or has let the deadline pass (Art. 17).
/// Until they are approved they may be proposed anew.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` with everything that is not right about a sanction.
pub fn decide(call: &mut Call<'_>, id: Uuid, form: SanctionDecisionForm) -> Outcome<ViolationDetail> {
    let row = Violation::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let is_heard = !Statement::of_violation(call.tx, id)?.is_empty();
    let status = rules::decide(row.status, is_heard, &row.statement_by, &form.finding, call.now)?;
    check(call, row.organization_id, &form.sanctions)?;
    let after = Violation {
        status,
        finding: Some(form.finding.trim().to_owned()),
        measures: Some(form.sanctions),
        decided_by: Some(call.actor()?.user_id),
        decided_at: Some(call.now),
        ..row.clone()
    };
    let after = views::save(call, EventAction::ViolationDecided, &row, &after)?;
    views::detail(call, after)
}

/// What can follow from the proposed sanctions as things stand.
///
/// # Errors
/// `validation_failed` with every fault, and `maximum_fen` where too much is claimed back;
/// `invalid_state` for a facility that cannot be delisted.
pub(super) fn check(call: &mut Call<'_>, party_id: Uuid, measures: &[Measure]) -> Outcome<()> {
    let party = super::party(call, party_id)?;
    rules::validate_measures(measures, party.kind)?;
    let mut faults = Faults::default();
    let mut maximum_fen = None;
    for (index, measure) in measures.iter().enumerate() {
        let at = |field: &str| format!("sanctions[{index}].{field}");
        match measure.kind {
            SanctionKind::ClawBack => {
                if let (Some(redemption_id), Some(amount_fen)) = (measure.redemption_id, measure.amount_fen) {
                    let most_fen = recoverable_of(call, party_id, redemption_id)?;
                    maximum_fen = most_fen.filter(|most_fen| amount_fen > *most_fen).or(maximum_fen);
                    note_amount(&mut faults, most_fen, amount_fen, &at);
                }
            }
            SanctionKind::Delist => {
                let facility = Facility::find(call.tx, party_id)?.ok_or_else(no_facility)?;
                facility.status.after(FacilityAction::Delist)?;
                note_blameless(call, &mut faults, &measure.at_fault_applicant_ids, &at)?;
            }
            SanctionKind::SuspendPayment | SanctionKind::Ban | SanctionKind::CreditRecord | SanctionKind::Referral => {}
        }
    }
    faults.done().map_err(|refusal| {
        let refusal = refusal.article("17");
        maximum_fen.map_or(refusal.clone(), |maximum_fen| refusal.maximum(maximum_fen)).into()
    })
}

/// How much of a redemption that was paid to, or for, the party can still be claimed back; none where there
/// is no such redemption.
fn recoverable_of(call: &mut Call<'_>, party_id: Uuid, redemption_id: Uuid) -> Outcome<Option<Money>> {
    let row = Redemption::find(call.tx, redemption_id)?;
    let is_theirs = |row: &Redemption| row.facility_id == party_id || row.applicant_id == party_id;
    let Some(row) = row.filter(|row| row.status == RedemptionStatus::Paid && is_theirs(row)) else { return Ok(None) };
    let others = Clawback::of_redemption(call.tx, redemption_id)?;
    let others = others.into_iter().map(|other| (other.status, other.amount_fen, other.received_fen));
    Ok(Some(rules::recoverable(payable::approved_fen(&row)?, others)?))
}

fn note_amount(faults: &mut Faults, most_fen: Option<Money>, amount_fen: Money, at: &impl Fn(&str) -> String) {
    let Some(most_fen) = most_fen else {
        let (zh, en) =
            ("不是该单位作为当事方的已拨付兑现事项。", "is no paid redemption that the party has a side of.");
        faults.add(&at("redemption_id"), "known", zh, en);
        return;
    };
    faults.require(
        amount_fen <= most_fen,
        &at("amount_fen"),
        "at_most",
        format!("该兑现事项至多可再追回 {most_fen} 元。"),
        format!("at most {most_fen} yuan of it can still be claimed back."),
    );
}

/// Nobody is treated as at fault who was not found so in a case of their own, and heard in it.
fn note_blameless(call: &mut Call<'_>, faults: &mut Faults, ids: &[Uuid], at: &impl Fn(&str) -> String) -> Outcome<()> {
    let found = Violation::at_fault_among(call.tx, ids)?;
    for (place, id) in ids.iter().enumerate() {
        let (zh, en) = (
            "该申领单位没有经查证属实的违规事项;认定其有过错须另行立案处理。",
            "was not found at fault in a case of its own, which comes first.",
        );
        let field = at(&format!("at_fault_applicant_ids[{place}]"));
        faults.require(found.contains(id), &field, "found_at_fault", zh, en);
    }
    Ok(())
}

pub(super) fn no_facility() -> Refusal {
    Refusal::invalid_state("该单位不是开放单位,不能除名。", "This organization is no facility of the platform.")
        .article("17")
}

/// Drops a violation: nothing follows from it, and the party is told why.
///
/// # Errors
/// `not_found`, `invalid_state` once it is decided for good, `validation_failed`.
pub fn drop_violation(call: &mut Call<'_>, id: Uuid, form: DropForm) -> Outcome<ViolationDetail> {
    let row = Violation::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let status = row.status.after(ViolationAction::Drop)?;
    rules::validate_reasons(&form.reasons)?;
    let after = Violation {
        status,
        closed_by: Some(call.actor()?.user_id),
        closed_at: Some(call.now),
        closing_reasons: Some(form.reasons.trim().to_owned()),
        ..row.clone()
    };
    let after = views::save(call, EventAction::ViolationDropped, &row, &after)?;
    tidings::violation(call, EventAction::ViolationDropped, &after, &[])?;
    views::detail(call, after)
}
