//! 第十一条、第十四条(五): grades and subsidies are proposed by one officer and decided by another one; the
//! budget must suffice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::assessment::{
    self as rules, Award, CampaignAction, CampaignStatus, FacilityClass, Grade, Judged, Scored, SubmissionAction,
    SubmissionStatus,
};
use voucher_domain::code::Code;
use voucher_domain::event::EventAction;
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::review::require_other_person;
use voucher_storage::assessment::{Assessment, AssessmentReview, Submission};

use super::campaign::{AssessmentView, record_decision, visible};
use super::review::given;
use super::submission;
use crate::services::accounts::{self, Books, Origin};
use crate::services::facility::names;
use crate::services::{Call, Failure, Outcome, subsidy};

/// What a submission is to be given.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubsidyForm {
    /// The submission.
    pub submission_id: Uuid,
    /// How much, in fen; at most its cap.
    pub amount_fen: Money,
}

/// Grades to be proposed. They follow from scores and visits; amounts that are not named are the caps.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GradingForm {
    /// The amounts that differ from the caps.
    #[serde(default)]
    pub subsidies: Vec<SubsidyForm>,
}

/// What a submission comes to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AwardView {
    /// The submission.
    pub submission_id: Uuid,
    /// What the facility is called.
    pub facility_name: String,
    /// Class, score, grade, and the most it can be given.
    pub award: Award,
    /// What it is given; the cap where nothing is proposed yet.
    pub subsidy_fen: Money,
    /// What the budget could give it in proportion, where it does not suffice for the caps. Nothing is cut by
    /// itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proportional_fen: Option<Money>,
}

/// What all submissions come to, beside the budget.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProposalView {
    /// Where the campaign is.
    pub status: CampaignStatus,
    /// The budget.
    pub budget_fen: Money,
    /// What the subsidies come to together.
    pub total_fen: Money,
    /// Whether the budget suffices for them.
    pub suffices: bool,
    /// What giving in proportion leaves of the budget by rounding down, where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remainder_fen: Option<Money>,
    /// Every submission, in the order of their ids.
    pub awards: Vec<AwardView>,
}

/// The result of a facility, as everybody reads it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultView {
    /// What the facility is called.
    pub facility_name: String,
    /// Its class.
    pub class: FacilityClass,
    /// Its grade.
    pub grade: Grade,
    /// What it is given.
    pub subsidy_fen: Money,
}

/// The results of a campaign.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultsView {
    /// The year that was assessed.
    pub year: i32,
    /// Every facility that submitted.
    pub items: Vec<ResultView>,
}

/// What the scores of each submission come to, when all are in.
///
/// # Errors
/// `invalid_state`, saying how many are missing.
pub(super) fn judged(
    call: &mut Call<'_>,
    campaign: &Assessment,
    rows: &[Submission],
) -> Outcome<BTreeMap<Uuid, Judged>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let reviews = AssessmentReview::of_submissions(call.tx, &ids)?;
    let criteria = &campaign.criteria;
    let mut judged = BTreeMap::new();
    let mut missing = 0_usize;
    for id in ids {
        let theirs = || reviews.iter().filter(|review| review.submission_id == id);
        let given: Vec<_> = theirs().filter_map(given).cloned().collect();
        let lacking = rules::lacking(criteria.panel_size, theirs().map(|review| review.status));
        missing = missing.saturating_add(lacking.scores);
        if let Some(found) = rules::judge(&given, &criteria.weights, criteria.outlier_bps) {
            judged.insert(id, found);
        }
    }
    rules::require_all_scores(missing)?;
    Ok(judged)
}

/// What each submission comes to by scores and visits, all of which are in.
fn awards(call: &mut Call<'_>, campaign: &Assessment, rows: &[Submission]) -> Outcome<Vec<Award>> {
    let judged = judged(call, campaign, rows)?;
    let called: Vec<Uuid> = rows.iter().filter(|row| row.visit.is_some()).map(|row| row.id).collect();
    let outcome = |row: &Submission| row.visit.as_ref().and_then(|visit| visit.outcome);
    let visited: Vec<Uuid> = rows.iter().filter(|row| outcome(row).is_some()).map(|row| row.id).collect();
    rules::require_visited(&called, &visited)?;
    let scored = |row: &Submission| -> Outcome<Scored> {
        let gone = |what: &str| Failure::internal(format!("submission {} is judged without {what}", row.id));
        Ok(Scored {
            // What the facility was when it handed in, not what it is by now.
            instrument_value_fen: rules::instrument_value(row.figures.as_deref().ok_or_else(|| gone("figures"))?),
            score_bps: judged.get(&row.id).ok_or_else(|| gone("scores"))?.score_bps,
            visit: outcome(row),
            is_third_party_testing: row.is_third_party_testing.ok_or_else(|| gone("its main business"))?,
        })
    };
    let scored: Vec<Scored> = rows.iter().map(scored).collect::<Outcome<_>>()?;
    let policy = call.policy(&campaign.policy_id)?;
    Ok(rules::awards(&scored, &campaign.criteria, &policy.assessment))
}

/// What the submissions would come to, or what was proposed, with what the budget could give in proportion.
///
/// # Errors
/// `not_found`; `invalid_state` while scores or visits are missing.
pub fn proposal(call: &mut Call<'_>, id: Uuid) -> Outcome<ProposalView> {
    let campaign = visible(call, id)?;
    rules::require_visits_drawn(campaign.visits_draw_id.is_some())?;
    let handed_in = SubmissionStatus::ALL.iter().copied().filter(|status| status.was_handed_in());
    let rows = Submission::of_campaign(call.tx, id, handed_in)?;
    let found = match campaign.status {
        CampaignStatus::Draft | CampaignStatus::Announced | CampaignStatus::InReview => awards(call, &campaign, &rows)?,
        CampaignStatus::Graded | CampaignStatus::Decided => proposed(&rows)?,
    };
    let amounts: Vec<Money> =
        rows.iter().zip(&found).map(|(row, award)| row.subsidy_fen.unwrap_or(award.cap_fen)).collect();
    view(call, &campaign, &rows, &found, &amounts)
}

fn proposed(rows: &[Submission]) -> Outcome<Vec<Award>> {
    let award =
        |row: &Submission| row.award.ok_or_else(|| Failure::internal(format!("submission {} has no grade", row.id)));
    rows.iter().map(award).collect()
}

fn view(
    call: &mut Call<'_>,
    campaign: &Assessment,
    rows: &[Submission],
    awards: &[Award],
    amounts: &[Money],
) -> Outcome<ProposalView> {
    let names = names(call, rows.iter().map(|row| row.facility_id))?;
    let shortfall = rules::against_budget(amounts, campaign.budget_fen)?;
    let proportional = |index: usize| shortfall.as_ref().and_then(|short| short.proposal_fen.get(index)).copied();
    let awards = rows.iter().zip(awards).zip(amounts).enumerate().map(|(index, ((row, award), amount))| AwardView {
        submission_id: row.id,
        facility_name: names.get(&row.facility_id).cloned().unwrap_or_default(),
        award: *award,
        subsidy_fen: *amount,
        proportional_fen: proportional(index),
    });
    Ok(ProposalView {
        status: campaign.status,
        budget_fen: campaign.budget_fen,
        total_fen: Money::sum(amounts.iter().copied())?,
        suffices: shortfall.is_none(),
        remainder_fen: shortfall.as_ref().map(|short| short.remainder_fen),
        awards: awards.collect(),
    })
}

/// The amounts: those that are named, and the caps of all others.
fn amounts(form: &GradingForm, rows: &[Submission], awards: &[Award]) -> Result<Vec<Money>, Refusal> {
    let mut faults = Faults::default();
    for (index, named) in form.subsidies.iter().enumerate() {
        let field = format!("subsidies[{index}]");
        let place = rows.iter().position(|row| row.id == named.submission_id);
        match place.and_then(|place| awards.get(place)) {
            Some(award) => {
                faults.take_in(rules::require_within_cap(
                    &format!("{field}.amount_fen"),
                    named.amount_fen,
                    award.cap_fen,
                ));
            }
            None => {
                let (zh, en) = ("该考核没有这一申报。", "is no submission to this assessment.");
                faults.require(false, &format!("{field}.submission_id"), "known", zh, en);
            }
        }
        let is_first =
            form.subsidies.iter().position(|other| other.submission_id == named.submission_id) == Some(index);
        faults.require(is_first, &format!("{field}.submission_id"), "unique", "该申报重复。", "is given twice.");
    }
    faults.done().map_err(|refusal| refusal.article("11"))?;
    let named = |id: Uuid| form.subsidies.iter().find(|one| one.submission_id == id).map(|one| one.amount_fen);
    Ok(rows.iter().zip(awards).map(|(row, award)| named(row.id).unwrap_or(award.cap_fen)).collect())
}

/// Proposes grades and subsidies, or does so anew. They wait for another officer's decision.
///
/// # Errors
/// `not_found`; `invalid_state` while scores or visits are missing; `validation_failed` for an amount above
/// its cap; `pool_exhausted` when the budget does not suffice: nothing is cut by itself.
pub fn propose_grades(call: &mut Call<'_>, id: Uuid, form: GradingForm) -> Outcome<ProposalView> {
    let campaign = Assessment::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(campaign.version)?;
    let status = campaign.status.after(CampaignAction::Grade)?;
    rules::require_visits_drawn(campaign.visits_draw_id.is_some())?;
    let rows = Submission::lock_of_campaign(call.tx, id, [SubmissionStatus::Submitted])?;
    let found = awards(call, &campaign, &rows)?;
    let amounts = amounts(&form, &rows, &found)?;
    if let Some(shortfall) = rules::against_budget(&amounts, campaign.budget_fen)? {
        return Err(shortfall.refusal().into());
    }
    let mut saved = Vec::with_capacity(rows.len());
    for ((row, award), amount) in rows.into_iter().zip(&found).zip(&amounts) {
        let after = Submission { award: Some(*award), subsidy_fen: Some(*amount), ..row };
        saved.push(Submission::save(call.tx, &after)?);
    }
    let after = Assessment { status, graded_by: Some(call.actor()?.user_id), ..campaign };
    let after = Assessment::save(call.tx, &after)?;
    let view = view(call, &after, &saved, &found, &amounts)?;
    record_decision(call, EventAction::AssessmentGraded, id, &view)?;
    Ok(view)
}

/// Another officer decides as it was proposed: what is granted leaves the budget for what is payable.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `same_person`.
pub fn decide(call: &mut Call<'_>, id: Uuid) -> Outcome<AssessmentView> {
    let mut books = Books::open(call, [id])?;
    let campaign = Assessment::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(campaign.version)?;
    let status = campaign.status.after(CampaignAction::Approve)?;
    let officer_id = call.actor()?.user_id;
    let graded_by = campaign.graded_by;
    let graded_by = graded_by.ok_or_else(|| Failure::internal(format!("assessment {id} was graded by nobody")))?;
    require_other_person(graded_by, officer_id, "14")?;
    let rows = Submission::lock_of_campaign(call.tx, id, [SubmissionStatus::Submitted])?;
    grant(call, &mut books, id, &rows)?;
    let after = Assessment { status, decided_by: Some(officer_id), decided_at: Some(call.now), ..campaign };
    let view = AssessmentView::of(Assessment::save(call.tx, &after)?, call.now);
    record_decision(call, EventAction::AssessmentDecided, id, &view)?;
    Ok(view)
}

/// Gives each submission what was proposed for it.
fn grant(call: &mut Call<'_>, books: &mut Books, id: Uuid, rows: &[Submission]) -> Outcome<()> {
    let mut granted = Vec::new();
    for row in rows {
        let subsidy_fen = subsidy::granted_fen(row)?;
        granted.extend(accounts::postings(call, &ledger::on_subsidy(subsidy_fen), Origin::of(row.id)));
        let status = row.status.after(SubmissionAction::deciding(subsidy_fen))?;
        let event =
            if subsidy_fen.is_positive() { EventAction::SubsidyApproved } else { EventAction::SubmissionGraded };
        submission::save(call, event, row, &Submission { status, ..row.clone() })?;
    }
    books.post_all(call, id, &granted)
}

/// The results, once they are decided, as upheld objections have changed them; what one took out is none.
///
/// # Errors
/// `not_found` before.
pub fn results(call: &mut Call<'_>, id: Uuid) -> Outcome<ResultsView> {
    let campaign = visible(call, id)?;
    if campaign.status != CampaignStatus::Decided {
        return Err(Refusal::not_found().into());
    }
    let stands = |status: &SubmissionStatus| status.is_decided() && *status != SubmissionStatus::Cancelled;
    let standing = SubmissionStatus::ALL.iter().copied().filter(stands);
    let rows = Submission::of_campaign(call.tx, id, standing)?;
    let names = names(call, rows.iter().map(|row| row.facility_id))?;
    let items = rows.iter().filter_map(|row| {
        Some(ResultView {
            facility_name: names.get(&row.facility_id).cloned().unwrap_or_default(),
            class: row.award?.class,
            grade: row.award?.grade,
            subsidy_fen: row.subsidy_fen.unwrap_or_default(),
        })
    });
    Ok(ResultsView { year: campaign.year, items: items.collect() })
}
