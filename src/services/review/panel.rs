//! Drawing the experts of a redemption (Art. 15.4).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::applicant::{Industry, Profile};
use voucher_domain::draw::DrawKind;
use voucher_domain::event::EventAction;
use voucher_domain::redemption::RedemptionAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::review::{self as rules, Candidate, Exclusion, Opinion, PanelCase, PanelNeed, Party, ReviewStatus};
use voucher_storage::contract::Contract;
use voucher_storage::expert::Expert;
use voucher_storage::facility::Service;
use voucher_storage::judgement::Judgement;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::redemption::Redemption;
use voucher_storage::review::{Panel, Review};
use voucher_storage::voucher::Voucher;

use super::forms::PanelForm;
use super::views::{PanelView, decisive, panel_view};
use crate::services::draw::{self, Drawn, Ready};
use crate::services::{Call, Failure, Outcome, redemption, tidings};

/// The draws for a redemption.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelList {
    /// How many experts its panel is to have.
    pub size: u16,
    /// The draws, the first one first.
    pub draws: Vec<PanelView>,
}

/// Draws experts at random among those whose field fits and who have no conflict of interest: a whole
/// panel, or as many as it lacks since somebody recused.
///
/// # Errors
/// `not_found`; `validation_failed`; `invalid_state` for a redemption that is not in review, for a
/// panel that lacks nobody, and, naming both numbers, when fewer experts fit than are asked for.
pub fn draw(call: &mut Call<'_>, redemption_id: Uuid, form: PanelForm) -> Outcome<PanelView> {
    let row = Redemption::lock(call.tx, redemption_id)?.ok_or_else(Refusal::not_found)?;
    row.status.after(RedemptionAction::DrawPanel)?;
    let reviews = Review::of_redemption(call.tx, row.id)?;
    let need = need(call, &row, form.size, &reviews)?;
    // The seed first: the list is only read when it is fixed.
    let ready = match need.missing {
        0 => None,
        _some => Some(draw::ready(call, form.seed.as_deref())?),
    };
    // What was used; nothing where nobody is drawn.
    let seed = ready.as_ref().map(|ready| ready.seed.clone()).unwrap_or_default();
    let case = case(call, &row)?;
    let panel = drawn(call, &row, &seed, need, &reviews, &case)?;
    let panel = Panel::insert(call.tx, &panel)?;
    if let Some(ready) = ready {
        publish(call, &ready, &panel)?;
    }
    assign(call, &panel)?;
    let view = panel_view(call, panel)?;
    redemption::record(call, EventAction::PanelDrawn, &row, None, &view)?;
    Ok(view)
}

/// What everybody is shown of the draw: neither who was drawn, nor who could have been.
fn publish(call: &mut Call<'_>, ready: &Ready, panel: &Panel) -> Outcome<()> {
    let drawn = Drawn {
        id: panel.id,
        kind: DrawKind::Panel,
        spot_check: None,
        subject_id: Some(panel.redemption_id),
        list: &panel.candidate_ids,
        drawn_ids: &panel.drawn_ids,
    };
    draw::keep(call, ready, &drawn)?;
    Ok(())
}

/// How large the panel is to be, and how many experts it lacks.
fn need(call: &mut Call<'_>, row: &Redemption, asked: Option<u16>, reviews: &[Review]) -> Outcome<PanelNeed> {
    let present = size_given(&Panel::of_redemption(call.tx, row.id)?);
    let by_policy = call.policy(&row.policy_id)?.voucher.experts_per_redemption;
    let reviews: Vec<Opinion> = reviews.iter().map(decisive).collect();
    Ok(rules::panel_need(asked, present, by_policy, &reviews)?)
}

/// The size that a panel was given by its draws, the last of which counts.
fn size_given<'a>(draws: impl IntoIterator<Item = &'a Panel>) -> Option<u16> {
    draws.into_iter().last().and_then(|panel| u16::try_from(panel.size).ok())
}

/// How many opinions a panel is to give, by its draws.
pub(super) fn size_of<'a>(
    call: &Call<'_>,
    row: &Redemption,
    draws: impl IntoIterator<Item = &'a Panel>,
) -> Outcome<u16> {
    let by_policy = call.policy(&row.policy_id)?.voucher.experts_per_redemption;
    Ok(size_given(draws).unwrap_or(by_policy))
}

/// How many opinions the panel of a redemption is to give.
pub(super) fn panel_size(call: &mut Call<'_>, row: &Redemption) -> Outcome<u16> {
    let draws = Panel::of_redemption(call.tx, row.id)?;
    size_of(call, row, &draws)
}

/// The draw, not stored yet.
fn drawn(
    call: &mut Call<'_>,
    row: &Redemption,
    seed: &str,
    need: PanelNeed,
    reviews: &[Review],
    case: &PanelCase,
) -> Outcome<Panel> {
    let experts = Expert::active(call.tx)?;
    let has = |expert_id: Uuid, status: ReviewStatus| {
        reviews.iter().any(|review| review.expert_id == expert_id && review.status == status)
    };
    let parties = [row.applicant_id, row.facility_id];
    let candidates: Vec<Candidate> = experts.iter().map(|expert| candidate(expert, &parties, case, has)).collect();
    let (drawn_ids, excluded) = match need.missing {
        0 => (Vec::new(), Vec::new()),
        missing => {
            let panel = rules::draw_panel(seed, missing, &candidates, case)?;
            (panel.drawn, panel.excluded)
        }
    };
    let is_excluded = |id: Uuid| excluded.iter().any(|exclusion: &Exclusion| exclusion.expert_id == id);
    let fitting = candidates.iter().map(|candidate| candidate.expert_id).filter(|id| !is_excluded(*id));
    Ok(Panel {
        id: call.new_id(),
        redemption_id: row.id,
        seed: seed.to_owned(),
        size: i32::from(need.size),
        candidate_ids: fitting.collect(),
        drawn_ids,
        excluded,
        drawn_by: call.actor()?.user_id,
        drawn_at: call.now,
    })
}

fn assign(call: &mut Call<'_>, panel: &Panel) -> Outcome<()> {
    for expert_id in &panel.drawn_ids {
        let row = Review {
            id: call.new_id(),
            redemption_id: panel.redemption_id,
            expert_id: *expert_id,
            status: ReviewStatus::Assigned,
            scores: None,
            recommendation: None,
            amount_fen: None,
            is_doubtful: None,
            opinion: None,
            recusal_reason: None,
            assigned_at: call.now,
            submitted_at: None,
            version: 1,
            released_by: None,
        };
        Review::insert(call.tx, &row)?;
        tidings::review_assigned(call, &row)?;
    }
    Ok(())
}

/// What a panel is drawn for: the fields of the services and of the applicant, and the parties.
pub(super) fn case(call: &mut Call<'_>, row: &Redemption) -> Outcome<PanelCase> {
    let contract = Contract::find(call.tx, row.contract_id)?;
    let contract = contract.ok_or_else(|| Failure::internal(format!("redemption {} has no contract", row.id)))?;
    let services = match Project::find(call.tx, contract.project_id)? {
        Some(project) => Service::find_all(call.tx, &project.service_ids)?,
        None => Vec::new(),
    };
    let mut fields: Vec<Industry> = services.iter().map(|service| service.field).collect();
    let vouchers = Voucher::of_contract(call.tx, contract.id)?;
    let judgements: Vec<Uuid> = vouchers.iter().map(|voucher| voucher.judgement_id).collect();
    fields.extend(Judgement::find_all(call.tx, &judgements)?.iter().filter_map(|judged| industry(&judged.profile)));
    let parties = Organization::find_all(call.tx, &[row.applicant_id, row.facility_id])?;
    let parties = parties.into_iter().map(|party| Party { name: party.name, uscc: party.uscc }).collect();
    Ok(PanelCase { fields, parties, on: call.today() })
}

/// The industry that an applicant stated when it claimed; a team has none.
fn industry(profile: &Profile) -> Option<Industry> {
    match profile {
        Profile::Enterprise(enterprise) => Some(enterprise.industry),
        Profile::Team(_) => None,
    }
}

/// An expert as the rules of the draw see one: what ties them to these parties, and whether they have a review
/// in a state.
pub(in crate::services) fn candidate(
    expert: &Expert,
    party_ids: &[Uuid],
    case: &PanelCase,
    has: impl Fn(Uuid, ReviewStatus) -> bool,
) -> Candidate {
    // A tie is declared with an organization we know; the rules compare names.
    let is_party = |id: Uuid| party_ids.contains(&id);
    let tied = expert.ties.iter().any(|tie| is_party(*tie));
    let worked = expert.earlier_work.iter().filter(|work| is_party(work.organization_id));
    Candidate {
        expert_id: expert.id,
        organization_name: expert.employer_name.clone().unwrap_or_default(),
        organization_uscc: expert.employer_uscc.clone(),
        fields: expert.fields.clone(),
        declared_ties: case.parties.iter().filter(|_| tied).map(|party| party.name.clone()).collect(),
        worked_for_party_until: worked.map(|work| work.ended_on).max(),
        has_recused: has(expert.id, ReviewStatus::Recused),
        is_on_panel: has(expert.id, ReviewStatus::Assigned) || has(expert.id, ReviewStatus::Submitted),
    }
}

/// The draws for a redemption, for the commission.
///
/// # Errors
/// `not_found`.
pub fn panels(call: &mut Call<'_>, redemption_id: Uuid) -> Outcome<PanelList> {
    let row = Redemption::find(call.tx, redemption_id)?.ok_or_else(Refusal::not_found)?;
    let size = panel_size(call, &row)?;
    let rows = Panel::of_redemption(call.tx, redemption_id)?;
    let draws = rows.into_iter().map(|row| panel_view(call, row)).collect::<Outcome<_>>()?;
    Ok(PanelList { size, draws })
}
