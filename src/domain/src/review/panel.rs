//! 第十五条(四): drawing experts at random ([`crate::draw`] says how), without conflicts of interest.

use uuid::Uuid;

use super::opinion::{Opinion, ReviewStatus};
use crate::applicant::Industry;
use crate::coded_enum;
use crate::draw;
use crate::period::{Day, years_after};
use crate::refusal::{Faults, Refusal, RefusalCode};

coded_enum! {
    /// Why an expert is not drawn from.
    pub enum ExclusionReason ("reason for an exclusion") {
        /// Recused from this review, or released from it.
        Recused = "recused",
        /// On its panel already.
        AlreadyOnPanel = "already_on_panel",
        /// Of the same organization as a party.
        SameOrganization = "same_organization",
        /// Has declared a tie with a party.
        DeclaredTie = "declared_tie",
        /// Worked for a party within the last three years.
        EarlierWork = "earlier_work",
        /// Another field.
        FieldMismatch = "field_mismatch",
    }
}

/// An expert who might be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The expert's account.
    pub expert_id: Uuid,
    /// The name of the organization the expert works for.
    pub organization_name: String,
    /// Its unified social credit code, where known.
    pub organization_uscc: Option<String>,
    /// The fields the expert knows.
    pub fields: Vec<Industry>,
    /// Organizations the expert has declared a tie with, by name or unified social credit code.
    pub declared_ties: Vec<String>,
    /// The last day on which the expert worked for a party; none for one who never did.
    pub worked_for_party_until: Option<Day>,
    /// Whether the expert has recused from this review, or was released from it.
    pub has_recused: bool,
    /// Whether the expert is on its panel already.
    pub is_on_panel: bool,
}

/// Work of an expert for an organization that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierWork {
    /// For whom.
    pub organization_id: Uuid,
    /// Its last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ended_on: Day,
}

/// For so many years after its last day, earlier work for a party is a conflict of interest; the day
/// itself so many years later included.
const EARLIER_WORK_YEARS: u32 = 3;

/// A party of the redemption: the applicant or the facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Its unified social credit code; a team has none.
    pub uscc: Option<String>,
}

/// What a panel is drawn for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelCase {
    /// The fields that fit: the applicant's industry and those of the project's services.
    pub fields: Vec<Industry>,
    /// The parties.
    pub parties: Vec<Party>,
    /// The day on which the experts are looked at.
    pub on: Day,
}

/// An expert who is not drawn from, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Exclusion {
    /// The expert.
    pub expert_id: Uuid,
    /// Why.
    pub reason: ExclusionReason,
}

/// A drawn panel, with everything needed to draw it again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Panel {
    /// The recorded seed.
    pub seed: String,
    /// The experts drawn, in the order of the draw.
    pub drawn: Vec<Uuid>,
    /// How many had no obstacle.
    pub fitting: usize,
    /// Those who had one, by id.
    pub excluded: Vec<Exclusion>,
}

/// How large a panel is to be, and how many experts it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelNeed {
    /// How many experts are to review.
    pub size: u16,
    /// How many are to be drawn for that; none, where a panel is only made smaller.
    pub missing: u16,
}

/// Art. 15.4: the panel has the size asked for now, else the one it was given before, else that of
/// the policy; who recused is replaced.
///
/// # Errors
/// `validation_failed` for a size of nothing; `invalid_state` when nobody is missing.
pub fn panel_need(
    asked: Option<u16>,
    present: Option<u16>,
    by_policy: u16,
    reviews: &[Opinion],
) -> Result<PanelNeed, Refusal> {
    let size = asked.or(present).unwrap_or(by_policy);
    let mut faults = Faults::default();
    require_size(&mut faults, size);
    faults.done()?;
    let serving = reviews.iter().filter(|review| review.status != ReviewStatus::Recused).count();
    let is_changed = present.is_some_and(|present| present != size);
    match usize::from(size).checked_sub(serving).map(u16::try_from) {
        Some(Ok(missing)) if missing > 0 || is_changed => Ok(PanelNeed { size, missing }),
        _complete => Err(Refusal::invalid_state(
            format!("评审组现有 {serving} 名专家,已满足 {size} 名的要求,无需抽取。"),
            format!("The panel has {serving} experts, and {size} are asked for; nobody is to be drawn."),
        )
        .article("15.4")),
    }
}

fn require_size(faults: &mut Faults, size: u16) {
    faults.require(size > 0, "size", "positive", "专家人数至少为 1。", "must be at least 1.");
}

/// Art. 15.4: an expert who was drawn before a tie with a party came up recuses instead of reviewing.
///
/// # Errors
/// `conflict_of_interest`.
pub fn require_no_conflict(candidate: &Candidate, case: &PanelCase) -> Result<(), Refusal> {
    if conflict(candidate, case).is_none() {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::ConflictOfInterest,
        "您与该项目的申领单位或开放单位存在关联,不能评审,请申请回避。",
        "You are tied to a party of this redemption and cannot review it; please recuse.",
    )
    .article("15.4"))
}

/// Art. 15.4: draws so many experts at random among those whose field fits and who have no conflict
/// of interest. The order the candidates are given in makes no difference.
///
/// # Errors
/// `validation_failed` for a blank seed or a size of nothing; `invalid_state`, naming both numbers,
/// when fewer fit than are asked for.
pub fn draw_panel(seed: &str, size: u16, candidates: &[Candidate], case: &PanelCase) -> Result<Panel, Refusal> {
    let mut faults = Faults::default();
    faults.require_text("seed", seed, 200);
    require_size(&mut faults, size);
    faults.done()?;
    let mut sorted: Vec<_> = candidates.iter().collect();
    sorted.sort_by_key(|candidate| candidate.expert_id);
    let mut fitting = Vec::new();
    let mut excluded = Vec::new();
    for candidate in sorted {
        match obstacle(candidate, case) {
            None => fitting.push(candidate.expert_id),
            Some(reason) => excluded.push(Exclusion { expert_id: candidate.expert_id, reason }),
        }
    }
    let count = fitting.len();
    if count < usize::from(size) {
        return Err(too_few(count, size));
    }
    let drawn = draw::drawn(seed, usize::from(size), fitting);
    Ok(Panel { seed: seed.to_owned(), drawn, fitting: count, excluded })
}

/// What keeps an expert off the panel, if anything does.
fn obstacle(candidate: &Candidate, case: &PanelCase) -> Option<ExclusionReason> {
    if candidate.has_recused {
        Some(ExclusionReason::Recused)
    } else if candidate.is_on_panel {
        Some(ExclusionReason::AlreadyOnPanel)
    } else if let Some(reason) = conflict(candidate, case) {
        Some(reason)
    } else if !candidate.fields.iter().any(|field| case.fields.contains(field)) {
        Some(ExclusionReason::FieldMismatch)
    } else {
        None
    }
}

/// What ties an expert to a party, if anything does.
fn conflict(candidate: &Candidate, case: &PanelCase) -> Option<ExclusionReason> {
    let is_same = |name: &str, party: &Party| {
        name.trim() == party.name.trim() || party.uscc.as_deref().is_some_and(|uscc| uscc == name.trim())
    };
    let works_for = |party: &Party| {
        is_same(&candidate.organization_name, party)
            || candidate.organization_uscc.as_deref().is_some_and(|uscc| is_same(uscc, party))
    };
    let is_tied_to = |party: &Party| candidate.declared_ties.iter().any(|tie| is_same(tie, party));
    if case.parties.iter().any(works_for) {
        Some(ExclusionReason::SameOrganization)
    } else if case.parties.iter().any(is_tied_to) {
        Some(ExclusionReason::DeclaredTie)
    } else if candidate.worked_for_party_until.is_some_and(|ended_on| still_binds(ended_on, case.on)) {
        Some(ExclusionReason::EarlierWork)
    } else {
        None
    }
}

/// Whether work that ended on a day still binds an expert. A day that no calendar has any more binds.
fn still_binds(ended_on: Day, on: Day) -> bool {
    years_after(ended_on, EARLIER_WORK_YEARS).is_ok_and(|free_after| on <= free_after) || ended_on > on
}

fn too_few(fitting: usize, size: u16) -> Refusal {
    Refusal::invalid_state(
        format!(
            "需抽取 {size} 名专家,而领域相符且无利益冲突的专家只有 {fitting} 名;请补充专家库,或将人数减至 {fitting} 名以内。"
        ),
        format!(
            "{size} experts are asked for, but only {fitting} fit the field and have no conflict of interest; please \
             add experts, or ask for no more than {fitting}."
        ),
    )
    .article("15.4")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::refusal::RefusalCode;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn candidate(id: u128) -> Candidate {
        Candidate {
            expert_id: Uuid::from_u128(id),
            organization_name: "北京第三大学".to_owned(),
            organization_uscc: None,
            fields: vec![Industry::NewMaterials],
            declared_ties: Vec::new(),
            worked_for_party_until: None,
            has_recused: false,
            is_on_panel: false,
        }
    }

    fn case() -> PanelCase {
        PanelCase {
            fields: vec![Industry::NewMaterials, Industry::GreenEnergy],
            parties: vec![
                Party {
                    name: "北京新材科技有限公司".to_owned(), uscc: Some("91110108MA00000001".to_owned())
                },
                Party { name: "北京测试中心".to_owned(), uscc: Some("12110000400000002X".to_owned()) },
            ],
            on: day("2026-03-02"),
        }
    }

    fn drawn(seed: &str, size: u16, candidates: &[Candidate]) -> Vec<u128> {
        draw_panel(seed, size, candidates, &case()).unwrap().drawn.iter().map(|id| id.as_u128()).collect()
    }

    #[test]
    fn a_recorded_seed_draws_the_same_experts_for_ever() {
        let pool: Vec<_> = (1..=10).map(candidate).collect();
        // Reckoned by another implementation of what the head of this file says.
        assert_eq!(drawn("2026-11-30", 3, &pool), [6, 4, 1]);
    }

    #[test]
    fn every_obstacle_excludes_with_its_reason() {
        let mut pool: Vec<_> = (1..=9).map(candidate).collect();
        pool[0].has_recused = true;
        pool[1].is_on_panel = true;
        pool[2].organization_name = " 北京测试中心 ".to_owned();
        pool[3].organization_uscc = Some("91110108MA00000001".to_owned());
        pool[4].declared_ties = vec!["北京新材科技有限公司".to_owned()];
        pool[5].declared_ties = vec!["12110000400000002X".to_owned()];
        pool[6].fields = vec![Industry::MedicineHealth];
        let panel = draw_panel("种子", 2, &pool, &case()).unwrap();
        let reasons: Vec<_> = panel.excluded.iter().map(|exclusion| exclusion.reason).collect();
        assert_eq!(
            reasons,
            [
                ExclusionReason::Recused,
                ExclusionReason::AlreadyOnPanel,
                ExclusionReason::SameOrganization,
                ExclusionReason::SameOrganization,
                ExclusionReason::DeclaredTie,
                ExclusionReason::DeclaredTie,
                ExclusionReason::FieldMismatch,
            ]
        );
        assert_eq!(panel.fitting, 2);
    }

    #[test]
    fn work_for_a_party_binds_for_three_years() {
        let reason = |ended_on: &str, on: &str| {
            let worker = Candidate { worked_for_party_until: Some(day(ended_on)), ..candidate(1) };
            conflict(&worker, &PanelCase { on: day(on), ..case() })
        };
        assert_eq!(reason("2023-03-02", "2026-03-02"), Some(ExclusionReason::EarlierWork));
        assert_eq!(reason("2023-03-01", "2026-03-02"), None);
        assert_eq!(reason("2024-02-29", "2027-02-28"), Some(ExclusionReason::EarlierWork));
        assert_eq!(reason("2024-02-29", "2027-03-01"), None);
        // Still at work there.
        assert_eq!(reason("2026-12-31", "2026-03-02"), Some(ExclusionReason::EarlierWork));
        assert_eq!(reason("9999-12-31", "2026-03-02"), Some(ExclusionReason::EarlierWork));
    }

    #[test]
    fn a_pool_that_is_too_small_is_said_with_both_numbers() {
        let refusal = draw_panel("种子", 3, &[candidate(1), candidate(2)], &case()).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("15.4")));
        assert!(refusal.message.en.contains("3 experts are asked for, but only 2 fit"));
        assert_eq!(drawn("种子", 2, &[candidate(1), candidate(2)]).len(), 2);
    }

    #[test]
    fn a_seed_and_a_size_are_asked_for() {
        assert_eq!(draw_panel(" ", 0, &[], &case()).unwrap_err().fields.len(), 2);
    }

    #[test]
    fn who_recused_is_replaced_and_nobody_else() {
        let review = |status| Opinion { status, recommendation: None, is_doubtful: false };
        let serving = review(ReviewStatus::Submitted);
        let recused = review(ReviewStatus::Recused);
        let need = |asked, present, reviews: &[Opinion]| {
            panel_need(asked, present, 3, reviews).map(|need| (need.size, need.missing)).map_err(|refusal| refusal.code)
        };
        assert_eq!(need(None, None, &[]), Ok((3, 3)));
        assert_eq!(need(Some(5), None, &[]), Ok((5, 5)));
        assert_eq!(need(None, Some(3), &[serving, recused, serving]), Ok((3, 1)));
        assert_eq!(need(None, Some(3), &[serving; 3]), Err(RefusalCode::InvalidState));
        assert_eq!(need(Some(3), Some(3), &[serving; 3]), Err(RefusalCode::InvalidState));
        assert_eq!(need(Some(4), Some(3), &[serving; 3]), Ok((4, 1)));
        // Nobody is left to replace the one who recused: the panel is made smaller.
        assert_eq!(need(Some(2), Some(3), &[serving, recused, serving]), Ok((2, 0)));
        assert_eq!(need(Some(1), Some(3), &[serving, serving]), Err(RefusalCode::InvalidState));
        assert_eq!(need(Some(0), Some(3), &[]), Err(RefusalCode::ValidationFailed));
    }

    #[test]
    fn a_tie_that_came_up_later_keeps_an_expert_from_reviewing() {
        let mut on_panel = candidate(1);
        on_panel.is_on_panel = true;
        assert!(require_no_conflict(&on_panel, &case()).is_ok());
        on_panel.declared_ties = vec!["北京测试中心".to_owned()];
        let refusal = require_no_conflict(&on_panel, &case()).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::ConflictOfInterest);
    }

    #[test]
    fn each_expert_has_the_same_chance() {
        let pool: Vec<_> = (0..7).map(candidate).collect();
        let mut counts = [0_u32; 7];
        for round in 0..7_000 {
            for id in drawn(&round.to_string(), 3, &pool) {
                counts[usize::try_from(id).unwrap()] += 1;
            }
        }
        // 3000 are expected of each; 150 is more than three standard deviations (41).
        assert!(counts.iter().all(|count| count.abs_diff(3_000) < 150), "{counts:?}");
    }

    proptest! {
        #[test]
        fn the_order_of_the_candidates_makes_no_difference(
            ids in prop::collection::btree_set(any::<u128>(), 1..20),
            seed in "[a-z0-9]{1,20}",
        ) {
            let size = u16::try_from(ids.len()).unwrap().min(3);
            let forward: Vec<_> = ids.iter().copied().map(candidate).collect();
            let backward: Vec<_> = ids.iter().rev().copied().map(candidate).collect();
            let first = drawn(&seed, size, &forward);
            prop_assert_eq!(&first, &drawn(&seed, size, &backward));
            let distinct: std::collections::BTreeSet<_> = first.iter().collect();
            prop_assert_eq!(distinct.len(), usize::from(size));
        }
    }
}
