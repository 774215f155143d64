//! What a facility can expect to be paid, and in which quarter at the earliest: reckoned anew each time
//! from its redemptions and contracts, each named.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::assessment::SubmissionStatus;
use voucher_domain::code::Code;
use voucher_domain::contract::{claimable, redeem_from};
use voucher_domain::disbursement::DisbursementStatus;
use voucher_domain::event::SubjectKind;
use voucher_domain::money::Money;
use voucher_domain::period::Day;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::worklist::{Expected, ForecastStage, QuarterForecast, by_quarter, payable_from, suspended_sum};
use voucher_storage::assessment::{Assessment, Submission};
use voucher_storage::contract::Contract;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::notice::Notice;
use voucher_storage::redemption::Redemption;
use voucher_storage::voucher::Voucher;

use crate::services::{Call, Outcome, deadlines, disbursement};

/// A payment that a facility can expect.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpectedPayment {
    /// A redemption, a contract that has none yet, or a submission to the yearly assessment with its subsidy.
    pub subject_kind: SubjectKind,
    /// Which one.
    pub subject_id: Uuid,
    /// The contract's number, or the assessment's title.
    pub name: String,
    /// How far it is.
    pub stage: ForecastStage,
    /// The amount; at the most, where it is not approved yet.
    pub amount_fen: Money,
    /// The quarter in which it is paid at the earliest, `2026Q3`; nothing while it is held back.
    pub quarter: Option<String>,
    /// Whether it is held back because payments to the facility, or for the applicant's vouchers, are
    /// suspended (Art. 17); nothing is promised until that is lifted.
    pub is_suspended: bool,
}

/// What a facility can expect to be paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ForecastView {
    /// By quarter, the next one first; quarter 4 is carried to the next year (Art. 15.5). What is held back is
    /// in none.
    pub quarters: Vec<QuarterForecast>,
    /// What is held back by suspensions (Art. 17); at the most, where it is not approved yet.
    pub suspended_fen: Money,
    /// What it is reckoned from: every redemption, contract and subsidy on its way to payment.
    pub payments: Vec<ExpectedPayment>,
}

/// What a redemption, contract or subsidy comes to.
struct Source {
    subject_kind: SubjectKind,
    subject_id: Uuid,
    /// The contract it is called by; a subsidy is called by its assessment.
    called: Called,
    /// Whose suspension holds it back: the facility that is paid, and the applicant whose voucher pays.
    parties: [Uuid; 2],
    expected: Expected,
}

/// What a payment is called.
enum Called {
    Contract(Uuid),
    Assessment(String),
}

impl Called {
    fn contract_id(&self) -> Option<Uuid> {
        match self {
            Self::Contract(id) => Some(*id),
            Self::Assessment(_) => None,
        }
    }

    fn name(self, numbers: &BTreeMap<Uuid, String>) -> String {
        match self {
            Self::Contract(id) => numbers.get(&id).cloned().unwrap_or_default(),
            Self::Assessment(title) => title,
        }
    }
}

/// The forecast of the caller's facility.
pub(super) fn of_facility(call: &mut Call<'_>) -> Outcome<ForecastView> {
    let id = call.organization()?;
    let on_their_way = RedemptionStatus::ALL.iter().copied().filter(|status| status.holds_vouchers());
    let redemptions = Redemption::of_party_among(call.tx, id, on_their_way)?;
    let mut sources = of_redemptions(call, &redemptions)?;
    let redeemed: BTreeSet<Uuid> = redemptions.iter().map(|row| row.contract_id).collect();
    let contracts: Vec<Contract> = Contract::redeemable_of(call.tx, id)?
        .into_iter()
        .filter(|row| !redeemed.contains(&row.id) && !row.redeem_by.is_over(call.now))
        .collect();
    sources.extend(of_contracts(call, &contracts)?);
    sources.extend(of_subsidies(call, id)?);
    hold_back(call, &mut sources)?;
    let suspended_fen = suspended_sum(sources.iter().map(|source| &source.expected))?;
    let quarters = by_quarter(sources.iter().map(|source| &source.expected))?;
    let numbers = deadlines::numbers(call, sources.iter().filter_map(|source| source.called.contract_id()))?;
    let payments = sources.into_iter().map(|source| ExpectedPayment {
        subject_kind: source.subject_kind,
        subject_id: source.subject_id,
        name: source.called.name(&numbers),
        stage: source.expected.stage,
        amount_fen: source.expected.amount_fen,
        quarter: source.expected.quarter,
        is_suspended: source.expected.is_suspended,
    });
    Ok(ForecastView { quarters, suspended_fen, payments: payments.collect() })
}

/// Art. 17: what is held back as batches hold it back.
fn hold_back(call: &mut Call<'_>, sources: &mut [Source]) -> Outcome<()> {
    let suspended =
        disbursement::suspended_by_parties(call, sources.iter().map(|source| (source.subject_id, source.parties)))?;
    for source in sources.iter_mut().filter(|source| suspended.contains(&source.subject_id)) {
        source.expected = source.expected.clone().held_back();
    }
    Ok(())
}

fn of_redemptions(call: &mut Call<'_>, rows: &[Redemption]) -> Outcome<Vec<Source>> {
    let batched = batched(call, rows)?;
    let notice_ids: Vec<Uuid> = rows.iter().filter_map(|row| row.notice_id).collect();
    let ends: BTreeMap<Uuid, Day> =
        Notice::find_all(call.tx, &notice_ids)?.into_iter().map(|row| (row.id, row.expires_at.day())).collect();
    let (calendar, today) = (call.calendar()?, call.today());
    let mut sources = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(stage) = ForecastStage::of_redemption(row.status) else { continue };
        let rules = &call.policy(&row.policy_id)?.voucher;
        let from = match stage {
            ForecastStage::InPayment | ForecastStage::Payable => today,
            ForecastStage::InNotice => row.notice_id.and_then(|id| ends.get(&id)).copied().unwrap_or(today).max(today),
            ForecastStage::Approved | ForecastStage::UnderReview | ForecastStage::Contracted => {
                payable_from(rules, &calendar, today)?
            }
        };
        let amount_fen = row.approved_fen.filter(|_| stage.is_approved()).unwrap_or(row.claimable_fen);
        let mut expected = Expected::from_day(stage, amount_fen, rules, from);
        // What is in an approved batch is paid with it, whenever the bank's answer comes.
        if let Some(quarter) = batched.get(&row.id) {
            expected.quarter = Some(quarter.clone());
        }
        sources.push(Source {
            subject_kind: SubjectKind::Redemption,
            subject_id: row.id,
            called: Called::Contract(row.contract_id),
            parties: [row.applicant_id, row.facility_id],
            expected,
        });
    }
    Ok(sources)
}

/// Subsidies of yearly assessments from their decision on, paid on any day once their notice is over (Art. 14.5).
fn of_subsidies(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<Vec<Source>> {
    let on_their_way = SubmissionStatus::ALL.iter().copied().filter(|one| ForecastStage::of_subsidy(*one).is_some());
    let rows = Submission::of_facility_among(call.tx, facility_id, on_their_way)?;
    let campaign_ids: Vec<Uuid> = rows.iter().map(|row| row.assessment_id).collect();
    let campaigns = Assessment::find_all(call.tx, &campaign_ids)?;
    let notice_ids: Vec<Uuid> = rows.iter().filter_map(|row| row.notice_id).collect();
    let notices = Notice::find_all(call.tx, &notice_ids)?;
    let (calendar, today) = (call.calendar()?, call.today());
    let mut sources = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(stage) = ForecastStage::of_subsidy(row.status) else { continue };
        let amount_fen = row.subsidy_fen.unwrap_or_default();
        let Some(campaign) = campaigns.iter().find(|campaign| campaign.id == row.assessment_id) else { continue };
        let notice = notices.iter().find(|notice| Some(notice.id) == row.notice_id);
        let from = match stage {
            ForecastStage::InNotice => notice.map_or(today, |notice| notice.expires_at.day()).max(today),
            ForecastStage::Approved => payable_from(&call.policy(&campaign.policy_id)?.voucher, &calendar, today)?,
            ForecastStage::InPayment
            | ForecastStage::Payable
            | ForecastStage::UnderReview
            | ForecastStage::Contracted => today,
        };
        // A grade alone is published too, and pays nothing.
        if amount_fen.is_positive() {
            sources.push(Source {
                subject_kind: SubjectKind::AssessmentSubmission,
                subject_id: row.id,
                called: Called::Assessment(campaign.title.clone()),
                parties: [facility_id; 2],
                expected: Expected::on_any_day(stage, amount_fen, from),
            });
        }
    }
    Ok(sources)
}

/// The quarter of the approved batch that pays each of these redemptions, where there is one.
fn batched(call: &mut Call<'_>, rows: &[Redemption]) -> Outcome<BTreeMap<Uuid, String>> {
    let in_payment = rows.iter().filter(|row| row.status == RedemptionStatus::InPayment);
    let ids: Vec<Uuid> = in_payment.map(|row| row.id).collect();
    let lines = DisbursementLine::pending_of(call.tx, &ids)?;
    let batches: Vec<Uuid> = lines.iter().map(|line| line.disbursement_id).collect();
    let batches = Disbursement::find_all(call.tx, &batches)?.into_iter();
    let approved: BTreeMap<Uuid, String> = batches
        .filter(|batch| batch.status == DisbursementStatus::Approved)
        .map(|batch| (batch.id, batch.quarter))
        .collect();
    let quarter = |line: &DisbursementLine| Some((line.redemption_id?, approved.get(&line.disbursement_id)?.clone()));
    Ok(lines.iter().filter_map(quarter).collect())
}

/// Contracts without a redemption: what their quote says, at the earliest after a notice from the day on
/// which the redemption may be submitted.
fn of_contracts(call: &mut Call<'_>, rows: &[Contract]) -> Outcome<Vec<Source>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut amounts: BTreeMap<Uuid, Vec<Money>> = BTreeMap::new();
    for (contract_id, amount_fen) in Voucher::amounts_of_contracts(call.tx, &ids)? {
        if let Some(contract_id) = contract_id {
            amounts.entry(contract_id).or_default().push(amount_fen);
        }
    }
    let (calendar, today) = (call.calendar()?, call.today());
    let mut sources = Vec::with_capacity(rows.len());
    for row in rows {
        let rules = &call.policy(&row.policy_id)?.voucher;
        let vouchers_fen = Money::sum(amounts.remove(&row.id).unwrap_or_default())?;
        let amount_fen = row.actual_amount_fen.unwrap_or(row.amount_fen);
        let claimable_fen = claimable(vouchers_fen, amount_fen, rules.share_bps);
        let submitted_on = redeem_from(row.ends_on, row.completed_on).max(today);
        let from = payable_from(rules, &calendar, submitted_on)?;
        sources.push(Source {
            subject_kind: SubjectKind::Contract,
            subject_id: row.id,
            called: Called::Contract(row.id),
            parties: [row.applicant_id, row.facility_id],
            expected: Expected::from_day(ForecastStage::Contracted, claimable_fen, rules, from),
        });
    }
    Ok(sources)
}
