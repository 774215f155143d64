//! A redemption as it is shown: to the parties, to the commission, and, while it is reviewed, to its experts.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::contract::{self, AmountBasis, Difference, Quote};
use voucher_domain::facility::ServiceKind;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::redemption::{EvidenceKind, Flag, RedemptionStatus};
use voucher_domain::review::Decision;
use voucher_storage::contract::Contract;
use voucher_storage::redemption::{Allotment, Evidence, Invoice, Redemption};
use voucher_storage::voucher::Voucher;

use super::forms::{EvidenceItem, InvoiceItem};
use crate::services::contract::{QuoteView, differences, kind_of as contract_kind};
use crate::services::{Call, Failure, Outcome};

/// A redemption in a list, and as the log of events keeps it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RedemptionSummary {
    /// Its id.
    pub id: Uuid,
    /// The contract.
    pub contract_id: Uuid,
    /// The applicant.
    pub applicant_id: Uuid,
    /// The facility.
    pub facility_id: Uuid,
    /// The policy that judges it.
    pub policy: String,
    /// Its state.
    pub status: RedemptionStatus,
    /// What the service really cost.
    pub actual_amount_fen: Money,
    /// What can be paid at the most (Art. 12).
    pub claimable_fen: Money,
    /// In the facility's words.
    pub remarks: String,
    /// When it was first handed in.
    pub submitted_at: Option<Instant>,
    /// Until when it must be corrected, while it is returned.
    pub correct_by: Option<Deadline>,
    /// What the officer remarked last.
    pub officer_remarks: String,
    /// Whether the applicant agrees with it as it stands; nothing while it has not answered.
    pub applicant_agrees: Option<bool>,
    /// The applicant's rating, 1 to 5.
    pub applicant_rating: Option<i32>,
    /// In the applicant's words.
    pub applicant_remarks: Option<String>,
    /// What is paid, once approved.
    pub approved_fen: Option<Money>,
    /// When a second officer decided.
    pub approved_at: Option<Instant>,
    /// The notice it is or was published in.
    pub notice_id: Option<Uuid>,
    /// When it was written.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

/// A redemption.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RedemptionView {
    /// Its own facts.
    #[serde(flatten)]
    pub summary: RedemptionSummary,
    /// The contract's number.
    pub contract_number: String,
    /// The first day on which it can be handed in (Art. 15.3).
    #[schema(value_type = chrono::NaiveDate)]
    pub redeem_from: Day,
    /// Until when it must be handed in (Art. 15.3).
    pub redeem_by: Deadline,
    /// What would be paid, and what is still missing for it.
    pub quote: QuoteView,
    /// What has turned out otherwise than the contract's registration, or its last amendment, answered.
    pub differences: Vec<Difference>,
    /// The invoices.
    pub invoices: Vec<InvoiceItem>,
    /// The evidence.
    pub evidence: Vec<EvidenceItem>,
    /// What each voucher pays, once approved.
    pub allotments: Vec<AllotmentView>,
    /// What the automatic checks found at its last submission; officers, auditors and the experts who review it
    /// see it, the parties do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<Flag>>,
    /// What the review came to; the parties see it once it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<ConclusionView>,
}

/// What a voucher pays of a redemption.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllotmentView {
    /// The voucher.
    pub voucher_id: Uuid,
    /// What is paid for it; the rest of it lapses.
    pub payable_fen: Money,
}

/// What a review came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConclusionView {
    /// The decision.
    pub decision: Decision,
    /// The amount, 0 for a rejection.
    pub amount_fen: Money,
    /// Why.
    pub opinion: String,
    /// The officer who concluded; officers and auditors see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concluded_by: Option<Uuid>,
    /// The other officer, who approved; officers and auditors see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Uuid>,
    /// What the other officer added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_opinion: Option<String>,
}

impl From<&Redemption> for RedemptionSummary {
    fn from(row: &Redemption) -> Self {
        Self {
            id: row.id,
            contract_id: row.contract_id,
            applicant_id: row.applicant_id,
            facility_id: row.facility_id,
            policy: row.policy_id.clone(),
            status: row.status,
            actual_amount_fen: row.actual_amount_fen,
            claimable_fen: row.claimable_fen,
            remarks: row.remarks.clone(),
            submitted_at: row.submitted_at,
            correct_by: row.correct_by.clone(),
            officer_remarks: row.officer_remarks.clone(),
            applicant_agrees: row.applicant_agrees,
            applicant_rating: row.applicant_rating,
            applicant_remarks: row.applicant_remarks.clone(),
            approved_fen: row.approved_fen,
            approved_at: row.approved_at,
            notice_id: row.notice_id,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<Invoice> for InvoiceItem {
    fn from(row: Invoice) -> Self {
        Self { code: row.code, number: row.number, amount_fen: row.amount_fen, issued_on: row.issued_on }
    }
}

impl From<Evidence> for EvidenceItem {
    fn from(row: Evidence) -> Self {
        Self { kind: row.kind, file_id: row.file_id }
    }
}

/// What a redemption would be paid, from what it holds now (Art. 12).
///
/// # Errors
/// When the store fails.
pub fn quote(
    call: &Call<'_>,
    row: &Redemption,
    kind: ServiceKind,
    vouchers: &[Voucher],
    present: &[EvidenceKind],
) -> Outcome<Quote> {
    let rules = &call.policy(&row.policy_id)?.voucher;
    let amounts = vouchers.iter().map(|voucher| voucher.amount_fen);
    let basis = AmountBasis::Actual;
    Ok(contract::quote(amounts, row.actual_amount_fen, basis, rules.share_bps, &rules.evidence_for(kind), present)?)
}

/// A stored redemption as the caller may see it.
///
/// # Errors
/// When the store fails.
pub fn view(call: &mut Call<'_>, row: &Redemption) -> Outcome<RedemptionView> {
    let contract = Contract::find(call.tx, row.contract_id)?
        .ok_or_else(|| Failure::internal(format!("redemption {} has no contract", row.id)))?;
    let vouchers = contract::in_claim_order(Voucher::of_contract(call.tx, contract.id)?, Voucher::claim);
    let evidence = Evidence::of_redemption(call.tx, row.id)?;
    let present: Vec<EvidenceKind> = evidence.iter().map(|file| file.kind).collect();
    let kind = contract_kind(call, &contract)?;
    let quote = QuoteView::of(quote(call, row, kind, &vouchers, &present)?, contract.redeem_by.clone());
    let differences = differences(call, &contract, &vouchers, row.actual_amount_fen)?;
    let allotments = Allotment::of_redemption(call.tx, row.id)?.into_iter();
    Ok(RedemptionView {
        summary: row.into(),
        contract_number: contract.number,
        redeem_from: contract::redeem_from(contract.ends_on, contract.completed_on),
        redeem_by: contract.redeem_by,
        quote,
        differences,
        invoices: Invoice::of_redemption(call.tx, row.id)?.into_iter().map(InvoiceItem::from).collect(),
        evidence: evidence.into_iter().map(EvidenceItem::from).collect(),
        allotments: allotments
            .map(|part| AllotmentView { voucher_id: part.voucher_id, payable_fen: part.payable_fen })
            .collect(),
        flags: row.flags.clone().filter(|_| call.caller.is_some_and(|actor| reviews(actor.role))),
        conclusion: conclusion(call, row),
    })
}

/// Whether people of this role look at what the checks found; an expert sees only what is assigned.
fn reviews(role: Role) -> bool {
    match role {
        Role::Officer | Role::Auditor | Role::Expert => true,
        Role::Applicant | Role::Facility | Role::Admin => false,
    }
}

/// What the review came to, as far as the caller may know it.
fn conclusion(call: &Call<'_>, row: &Redemption) -> Option<ConclusionView> {
    let names_people = call.caller.is_some_and(|actor| actor.sees_everything());
    if !names_people && row.approved_at.is_none() {
        return None;
    }
    Some(ConclusionView {
        decision: row.concluded_decision?,
        amount_fen: row.concluded_fen?,
        opinion: row.concluded_opinion.clone()?,
        concluded_by: row.concluded_by.filter(|_| names_people),
        approved_by: row.approved_by.filter(|_| names_people),
        approved_opinion: row.approved_opinion.clone(),
    })
}
