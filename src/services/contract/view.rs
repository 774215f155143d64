//! What is shown of a contract.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::contract::{self, AmountBasis, ContractStatus, Difference, Quote, Reckoned, quote, redeem_from};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::facility::ServiceKind;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::redemption::EvidenceKind;
use voucher_domain::text::Text;
use voucher_storage::contract::Contract;
use voucher_storage::project::Project;
use voucher_storage::redemption::{Evidence, Redemption};
use voucher_storage::voucher::Voucher;

use crate::services::call::erased::Facts;
use crate::services::facility::names;
use crate::services::file::{self, FileView};
use crate::services::{Call, Change, Failure, Outcome, tidings};

/// A contract by itself, as events keep it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContractRecord {
    /// Its id.
    pub id: Uuid,
    /// The accepted project.
    pub project_id: Uuid,
    /// The applicant.
    pub applicant_id: Uuid,
    /// The facility.
    pub facility_id: Uuid,
    /// The policy that judges it: that of its earliest claimed voucher.
    pub policy: String,
    /// Its state.
    pub status: ContractStatus,
    /// Its number, unique for the facility.
    pub number: String,
    /// The day both signed.
    #[schema(value_type = chrono::NaiveDate)]
    pub signed_on: Day,
    /// Its first day.
    #[schema(value_type = chrono::NaiveDate)]
    pub starts_on: Day,
    /// Its last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
    /// What it is agreed to cost.
    pub amount_fen: Money,
    /// The day the service was done, once recorded.
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub completed_on: Option<Day>,
    /// What it really cost, once recorded.
    pub actual_amount_fen: Option<Money>,
    /// Why it ended before the service.
    pub termination_reason: Option<String>,
    /// Until when its vouchers are valid: the earliest of theirs (Art. 15.2).
    pub valid_until: Deadline,
    /// From this day the redemption may be submitted (Art. 15.3).
    #[schema(value_type = chrono::NaiveDate)]
    pub redeem_from: Day,
    /// Until when the redemption must be submitted (Art. 15.3).
    pub redeem_by: Deadline,
    /// When it was registered.
    pub registered_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

/// What the vouchers of a contract would be redeemed for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuoteView {
    /// min(sum of vouchers, amount × share), rounded down to the fen (Art. 12).
    pub claimable_fen: Money,
    /// How it comes about, with its numbers.
    pub formula: Text,
    /// The kinds of evidence that the redemption must carry and does not yet (Art. 15.3).
    pub missing_evidence: Vec<EvidenceKind>,
    /// All the kinds of evidence that the redemption must carry (Art. 15.3).
    pub evidence: Vec<EvidenceKind>,
    /// Until when the redemption must be submitted (Art. 15.3).
    pub redeem_by: Deadline,
}

impl QuoteView {
    /// A quote with the end of its time.
    pub(in crate::services) fn of(quote: Quote, redeem_by: Deadline) -> Self {
        Self {
            claimable_fen: quote.claimable_fen,
            formula: quote.formula,
            missing_evidence: quote.missing_evidence,
            evidence: quote.evidence,
            redeem_by,
        }
    }
}

/// A contract.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContractView {
    /// The contract itself.
    #[serde(flatten)]
    pub contract: ContractRecord,
    /// What the applicant is called.
    pub applicant_name: String,
    /// What the facility is called.
    pub facility_name: String,
    /// The vouchers that pay; none once it is terminated.
    pub voucher_ids: Vec<Uuid>,
    /// The files attached to it, such as the signed contract.
    pub files: Vec<FileView>,
    /// What the vouchers would be redeemed for.
    pub quote: QuoteView,
    /// What has turned out otherwise than the registration, or the last amendment, answered.
    pub differences: Vec<Difference>,
}

impl From<Contract> for ContractRecord {
    fn from(row: Contract) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            applicant_id: row.applicant_id,
            facility_id: row.facility_id,
            policy: row.policy_id,
            status: row.status,
            number: row.number,
            signed_on: row.signed_on,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            amount_fen: row.amount_fen,
            completed_on: row.completed_on,
            actual_amount_fen: row.actual_amount_fen,
            termination_reason: row.termination_reason,
            valid_until: row.valid_until,
            redeem_from: redeem_from(row.ends_on, row.completed_on),
            redeem_by: row.redeem_by,
            registered_at: row.registered_at,
            version: row.version,
        }
    }
}

/// The whole view of one contract.
pub(super) fn of(call: &mut Call<'_>, row: Contract) -> Outcome<ContractView> {
    let names = names(call, [row.applicant_id, row.facility_id])?;
    named(call, row, &names)
}

/// The whole view of a contract whose parties' names are known.
pub(super) fn named(call: &mut Call<'_>, row: Contract, names: &BTreeMap<Uuid, String>) -> Outcome<ContractView> {
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let vouchers = Voucher::of_contract(call.tx, row.id)?;
    let redemption = Redemption::standing_of_contract(call.tx, row.id)?;
    Ok(ContractView {
        applicant_name: name(row.applicant_id),
        facility_name: name(row.facility_id),
        voucher_ids: vouchers.iter().map(|voucher| voucher.id).collect(),
        files: file::attached(call, SubjectKind::Contract, row.id)?,
        quote: quoted(call, &row, &vouchers, redemption.as_ref())?,
        differences: match redemption.map(|redemption| redemption.actual_amount_fen).or(row.actual_amount_fen) {
            Some(actual_amount_fen) => differences(call, &row, &vouchers, actual_amount_fen)?,
            None => Vec::new(),
        },
        contract: row.into(),
    })
}

fn quoted(
    call: &mut Call<'_>,
    row: &Contract,
    vouchers: &[Voucher],
    redemption: Option<&Redemption>,
) -> Outcome<QuoteView> {
    let present = match redemption {
        Some(redemption) => Evidence::of_redemption(call.tx, redemption.id)?,
        None => Vec::new(),
    };
    let present: Vec<EvidenceKind> = present.iter().map(|evidence| evidence.kind).collect();
    let (amount_fen, basis) = match row.actual_amount_fen {
        Some(actual_amount_fen) => (actual_amount_fen, AmountBasis::Actual),
        None => (row.amount_fen, AmountBasis::Contract),
    };
    let kind = kind_of(call, row)?;
    let rules = &call.policy(&row.policy_id)?.voucher;
    let amounts_fen = vouchers.iter().map(|voucher| voucher.amount_fen);
    let quote = quote(amounts_fen, amount_fen, basis, rules.share_bps, &rules.evidence_for(kind), &present)?;
    Ok(QuoteView::of(quote, row.redeem_by.clone()))
}

/// What has turned out otherwise than the contract's registration, or its last amendment, answered. Only
/// an early completion brings the end of the time forward.
///
/// # Errors
/// When the store fails.
pub(in crate::services) fn differences(
    call: &mut Call<'_>,
    row: &Contract,
    vouchers: &[Voucher],
    actual_amount_fen: Money,
) -> Outcome<Vec<Difference>> {
    let calendar = call.calendar()?;
    let rules = &call.policy(&row.policy_id)?.voucher;
    let reckon = |amount_fen, basis| {
        quote(vouchers.iter().map(|voucher| voucher.amount_fen), amount_fen, basis, rules.share_bps, &[], &[])
    };
    let early = row.completed_on.filter(|completed_on| *completed_on < row.ends_on);
    let redeem_by = row.redeem_by.last_day;
    let quoted_until = match early {
        Some(_) => contract::redeem_by(row.ends_on, rules, &calendar)?.last_day,
        None => redeem_by,
    };
    let quoted = reckon(row.amount_fen, AmountBasis::Contract)?;
    let actual = reckon(actual_amount_fen, AmountBasis::Actual)?;
    Ok(contract::differences(
        Reckoned { amount_fen: row.amount_fen, quote: &quoted, redeem_by: quoted_until },
        Reckoned { amount_fen: actual_amount_fen, quote: &actual, redeem_by },
        early,
    ))
}

/// What kind of service a contract is about.
///
/// # Errors
/// When the store fails.
pub(in crate::services) fn kind_of(call: &mut Call<'_>, row: &Contract) -> Outcome<ServiceKind> {
    let project = Project::find(call.tx, row.project_id)?;
    Ok(project.ok_or_else(|| Failure::internal(format!("contract {} has no project", row.id)))?.kind)
}

/// Records what happened to a contract.
pub(super) fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&Contract>,
    after: &Contract,
) -> Outcome<()> {
    let before = before.cloned().map(ContractRecord::from);
    call.record(Change {
        action,
        kind: SubjectKind::Contract,
        id: after.id,
        organization_id: Some(after.applicant_id),
        cycle_id: None,
        before: before.as_ref().map(|record| -> &dyn Facts { record }),
        after: Some(&ContractRecord::from(after.clone())),
    })
}

/// Saves a changed contract and the event of the change.
///
/// # Errors
/// When the store fails.
pub fn save(call: &mut Call<'_>, action: EventAction, before: &Contract, after: Contract) -> Outcome<Contract> {
    let after = Contract::save(call.tx, &after)?;
    record(call, action, Some(before), &after)?;
    tidings::contract(call, action, &after)?;
    Ok(after)
}
