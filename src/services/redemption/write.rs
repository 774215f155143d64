//! Writing a redemption: a draft, or one that was returned for correction.

use serde::Serialize;
use uuid::Uuid;
use voucher_domain::contract::{self, ContractAction};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::redemption::{self as rules, EvidenceKind, RedemptionAction, RedemptionStatus};
use voucher_domain::refusal::Refusal;
use voucher_storage::StorageError;
use voucher_storage::contract::Contract;
use voucher_storage::redemption::{Evidence, INVOICE_REUSED, Invoice, Redemption};
use voucher_storage::voucher::Voucher;

use super::forms::{EvidenceItem, InvoiceItem, RedemptionForm};
use super::parts::{Whole, lock_contract, record};
use super::views::{RedemptionSummary, RedemptionView, quote, view};
use crate::services::contract::kind_of as contract_kind;
use crate::services::{Call, Failure, Outcome, file};

/// A redemption with its parts, as the log of events keeps what a facility wrote.
#[derive(Serialize)]
struct Written {
    #[serde(flatten)]
    summary: RedemptionSummary,
    invoices: Vec<InvoiceItem>,
    evidence: Vec<EvidenceItem>,
}

fn written(call: &mut Call<'_>, row: &Redemption) -> Outcome<Written> {
    Ok(Written {
        summary: row.into(),
        invoices: Invoice::of_redemption(call.tx, row.id)?.into_iter().map(InvoiceItem::from).collect(),
        evidence: Evidence::of_redemption(call.tx, row.id)?.into_iter().map(EvidenceItem::from).collect(),
    })
}

/// Writes a redemption for one of the facility's contracts, as a draft.
///
/// # Errors
/// `not_found` for a contract that is not the facility's; `redemption_overdue`, `invalid_state`;
/// `already_exists` when the contract has a redemption that stands; `validation_failed`.
pub fn create(call: &mut Call<'_>, form: RedemptionForm) -> Outcome<RedemptionView> {
    let facility_id = call.organization()?;
    Contract::find(call.tx, form.contract_id)?
        .filter(|contract| contract.facility_id == facility_id)
        .ok_or_else(Refusal::not_found)?;
    let (contract, vouchers) = lock_contract(call, form.contract_id)?;
    contract::require_redeemable(contract.status, &contract.redeem_by, call.now)?;
    check(&form)?;
    if Redemption::standing_of_contract(call.tx, contract.id)?.is_some() {
        return Err(rules::already_standing().into());
    }
    let row = draft(call, &contract, &form);
    let row = described(call, row, &form, &contract, &vouchers)?;
    let row = Redemption::insert(call.tx, &row)?;
    write_parts(call, &row, form)?;
    let after = written(call, &row)?;
    record(call, EventAction::RedemptionCreated, &row, None, &after)?;
    view(call, &row)
}

/// Changes a draft, or a redemption that was returned. The applicant is asked again.
///
/// # Errors
/// `not_found`, `precondition_failed`, `redemption_overdue`, `invalid_state`, `validation_failed`;
/// `invoice_reused` for one that was handed in before.
pub fn update(call: &mut Call<'_>, id: Uuid, form: RedemptionForm) -> Outcome<RedemptionView> {
    own(call, id)?;
    let Whole { redemption: before, contract, vouchers } = Whole::lock(call, id)?;
    call.expect_version(before.version)?;
    rules::require_alive(before.status, &contract.redeem_by, before.correct_by.as_ref(), call.now)?;
    let status = before.status.after(RedemptionAction::Update)?;
    contract.status.after(ContractAction::Redeem)?;
    if form.contract_id != contract.id {
        return Err(Refusal::field(
            "contract_id",
            "unchanged",
            "兑现申请所依据的合同不能更改;请撤回后另行填报。",
            "stays the same; withdraw this redemption and write another one.",
        )
        .into());
    }
    check(&form)?;
    let facts_before = written(call, &before)?;
    let row = described(call, Redemption { status, ..before }, &form, &contract, &vouchers)?;
    let row = Redemption::save(call.tx, &row)?;
    Invoice::remove_of_redemption(call.tx, id)?;
    Evidence::remove_of_redemption(call.tx, id)?;
    write_parts(call, &row, form)?;
    let after = written(call, &row)?;
    record(call, EventAction::RedemptionChanged, &row, Some(&facts_before), &after)?;
    view(call, &row)
}

/// The redemption, if it is the caller's facility's.
pub(super) fn own(call: &mut Call<'_>, id: Uuid) -> Outcome<Redemption> {
    let facility_id = call.organization()?;
    Ok(Redemption::find(call.tx, id)?.filter(|row| row.facility_id == facility_id).ok_or_else(Refusal::not_found)?)
}

fn check(form: &RedemptionForm) -> Result<(), Refusal> {
    let invoices: Vec<rules::Invoice> = form.invoices.iter().cloned().map(rules::Invoice::from).collect();
    let kinds: Vec<EvidenceKind> = form.evidence.iter().map(|file| file.kind).collect();
    rules::validate(&rules::RedemptionForm {
        actual_amount_fen: form.actual_amount_fen,
        invoices: &invoices,
        evidence: &kinds,
        remarks: &form.remarks,
    })
}

/// A redemption nobody has looked at yet.
fn draft(call: &Call<'_>, contract: &Contract, form: &RedemptionForm) -> Redemption {
    Redemption {
        id: call.new_id(),
        contract_id: contract.id,
        applicant_id: contract.applicant_id,
        facility_id: contract.facility_id,
        policy_id: contract.policy_id.clone(),
        status: RedemptionStatus::Draft,
        actual_amount_fen: form.actual_amount_fen,
        claimable_fen: form.actual_amount_fen,
        remarks: String::new(),
        submitted_at: None,
        correct_by: None,
        officer_remarks: String::new(),
        applicant_agrees: None,
        applicant_rating: None,
        applicant_remarks: None,
        confirmed_by: None,
        concluded_decision: None,
        concluded_fen: None,
        concluded_opinion: None,
        concluded_by: None,
        approved_fen: None,
        approved_by: None,
        approved_opinion: None,
        approved_at: None,
        notice_id: None,
        created_at: call.now,
        version: 1,
        flags: None,
    }
}

/// The redemption as the form describes it, not confirmed by the applicant.
fn described(
    call: &mut Call<'_>,
    row: Redemption,
    form: &RedemptionForm,
    contract: &Contract,
    vouchers: &[Voucher],
) -> Outcome<Redemption> {
    let row = Redemption {
        actual_amount_fen: form.actual_amount_fen,
        remarks: form.remarks.trim().to_owned(),
        applicant_agrees: None,
        applicant_rating: None,
        applicant_remarks: None,
        confirmed_by: None,
        ..row
    };
    let kind = contract_kind(call, contract)?;
    let claimable_fen = quote(call, &row, kind, vouchers, &[])?.claimable_fen;
    Ok(Redemption { claimable_fen, ..row })
}

fn write_parts(call: &mut Call<'_>, row: &Redemption, form: RedemptionForm) -> Outcome<()> {
    let invoices: Vec<Invoice> = form.invoices.into_iter().map(|item| invoice(call.new_id(), row.id, item)).collect();
    Invoice::insert_all(call.tx, &invoices)?;
    // One that was handed in holds its invoices while it is corrected.
    if row.status.holds_vouchers() {
        claim_invoices(call, row.id)?;
    }
    let files: Vec<Uuid> = form.evidence.iter().map(|file| file.file_id).collect();
    let field = |index| format!("evidence[{index}].file_id");
    file::attach_named(call, &files, SubjectKind::Redemption, row.id, field)?;
    let evidence: Vec<Evidence> = form
        .evidence
        .into_iter()
        .map(|file| Evidence { id: call.new_id(), redemption_id: row.id, kind: file.kind, file_id: file.file_id })
        .collect();
    Ok(Evidence::insert_all(call.tx, &evidence)?)
}

fn invoice(id: Uuid, redemption_id: Uuid, item: InvoiceItem) -> Invoice {
    Invoice {
        id,
        redemption_id,
        code: item.code,
        number: item.number,
        amount_fen: item.amount_fen,
        is_claimed: false,
        issued_on: item.issued_on,
    }
}

/// Art. 15.3, 16: from now on no other redemption can use these invoices.
///
/// # Errors
/// `invoice_reused`, naming the first one that another redemption has.
pub(super) fn claim_invoices(call: &mut Call<'_>, redemption_id: Uuid) -> Outcome<()> {
    let mut invoices = Invoice::of_redemption(call.tx, redemption_id)?;
    // In one order on every path, so that two redemptions with the same invoices cannot wait for each other.
    invoices.sort_by(|a, b| (&a.code, &a.number).cmp(&(&b.code, &b.number)));
    for row in invoices.into_iter().filter(|row| !row.is_claimed) {
        Invoice::claim(call.tx, row.id).map_err(|error| reused(error, row))?;
    }
    Ok(())
}

fn reused(error: StorageError, row: Invoice) -> Failure {
    if error.is_unique(INVOICE_REUSED) {
        return rules::invoice_reused(&InvoiceItem::from(row).into()).into();
    }
    error.into()
}
