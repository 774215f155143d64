//! 第十四条(三): what the experts' scores come to, and which of them lie apart.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::campaign::{CriterionKind, Weight};
use crate::money::BasisPoints;
use crate::refusal::{Faults, Refusal};

const FULL_MARKS: u8 = 100;
const WHOLE_BPS: u64 = 10_000;

/// An expert's score of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The criterion.
    pub criterion: CriterionKind,
    /// 0 to 100.
    pub score: u8,
}

/// What an expert gives to a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// One for each criterion.
    pub scores: Vec<Score>,
    /// 存疑: whether the expert doubts what is stated.
    pub is_doubtful: bool,
    /// The opinion in words.
    pub opinion: String,
}

/// What the scores of a panel come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The mean of the experts' scores, as a share of full marks, rounded down: 9000 is 90 of 100.
    pub score_bps: BasisPoints,
    /// The score of each expert, in their order.
    pub each_bps: Vec<BasisPoints>,
    /// Whether each lies apart from the panel's median.
    pub is_outlier: Vec<bool>,
    /// Whether it must be visited: an expert doubts it, or a score lies apart.
    pub is_doubtful: bool,
}

/// The form of an expert's scores: each criterion of the campaign once, 0 to 100.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(scores: &Scores, weights: &[Weight]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let mut seen = BTreeSet::new();
    for (index, score) in scores.scores.iter().enumerate() {
        let field = format!("scores[{index}]");
        faults.require(seen.insert(score.criterion), &field, "unique", "该指标重复打分。", "is given twice.");
        faults.require(score.score <= FULL_MARKS, &field, "range", "分数须为 0 至 100。", "must be 0 to 100.");
    }
    faults.require(
        weights.iter().all(|weight| seen.contains(&weight.criterion)),
        "scores",
        "complete",
        "请对全部考核指标打分。",
        "must score every criterion.",
    );
    faults.require_text("opinion", &scores.opinion, 5_000);
    faults.done()
}

/// The weighted sum of an expert's scores, exactly: 1 000 000 for full marks. What is not scored counts
/// nothing.
fn weighted(scores: &[Score], weights: &[Weight]) -> u64 {
    let worth = |weight: &Weight| {
        let score = scores.iter().find(|score| score.criterion == weight.criterion).map_or(0, |score| score.score);
        u64::from(score).saturating_mul(u64::from(weight.weight_bps.bps()))
    };
    weights.iter().map(worth).fold(0, u64::saturating_add)
}

/// A sum of so many experts' weighted scores as a share of full marks, rounded down.
fn share_of_full_marks(sum: u64, experts: u64) -> BasisPoints {
    let full = experts.saturating_mul(u64::from(FULL_MARKS));
    let share = sum.checked_div(full).unwrap_or_default().min(WHOLE_BPS);
    u16::try_from(share).ok().and_then(BasisPoints::new).unwrap_or_default()
}

/// Art. 14.3, 14.4: what the scores of a panel come to. Nothing is left out of the mean: a score that lies
/// further from the median than the campaign allows is marked, and has the submission visited. Without
/// scores nothing is judged.
pub fn judge(panel: &[Scores], weights: &[Weight], outlier_bps: BasisPoints) -> Option<Judged> {
    let sums: Vec<u64> = panel.iter().map(|scores| weighted(&scores.scores, weights)).collect();
    let experts = u64::try_from(sums.len()).ok().filter(|experts| *experts > 0)?;
    let median = twice_median(&sums);
    let allowed = u64::from(outlier_bps.bps()).saturating_mul(u64::from(FULL_MARKS)).saturating_mul(2);
    let is_outlier: Vec<bool> = sums.iter().map(|sum| sum.saturating_mul(2).abs_diff(median) > allowed).collect();
    let total = sums.iter().copied().fold(0, u64::saturating_add);
    Some(Judged {
        score_bps: share_of_full_marks(total, experts),
        each_bps: sums.iter().map(|sum| share_of_full_marks(*sum, 1)).collect(),
        is_doubtful: panel.iter().any(|scores| scores.is_doubtful) || is_outlier.contains(&true),
        is_outlier,
    })
}

/// Twice the median, which is a whole number for an even panel too.
fn twice_median(sums: &[u64]) -> u64 {
    let mut sorted = sums.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len().checked_div(2).unwrap_or_default();
    let upper = sorted.get(middle).copied().unwrap_or_default();
    let is_even = sorted.len().is_multiple_of(2);
    let lower = middle.checked_sub(1).filter(|_| is_even).and_then(|place| sorted.get(place)).copied();
    upper.saturating_add(lower.unwrap_or(upper))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::campaign::tests::{bps, weights};
    use super::*;
    use crate::code::Code;

    fn scores(six: [u8; 6]) -> Scores {
        let scores =
            CriterionKind::ALL.iter().zip(six).map(|(criterion, score)| Score { criterion: *criterion, score });
        Scores { scores: scores.collect(), is_doubtful: false, opinion: "情况属实".to_owned() }
    }

    fn level(score: u8) -> Scores {
        scores([score; 6])
    }

    fn judged(panel: &[Scores]) -> Judged {
        judge(panel, &weights(), bps(1_500)).unwrap()
    }

    #[test]
    fn a_score_is_the_weighted_mean_rounded_down() {
        assert_eq!(judged(&[level(100)]).score_bps, bps(10_000));
        assert_eq!(judged(&[level(0)]).score_bps, bps(0));
        // 90×20 % + 80×10 % + 70×20 % + 60×15 % + 50×20 % + 40×15 % = 65.
        assert_eq!(judged(&[scores([90, 80, 70, 60, 50, 40])]).score_bps, bps(6_500));
        // The mean of 90, 90 and 89 is 89.666…
        let panel = [level(90), level(90), level(89)];
        assert_eq!(judged(&panel).score_bps, bps(8_966));
        assert_eq!(judged(&panel).each_bps, [bps(9_000), bps(9_000), bps(8_900)]);
        assert_eq!(judge(&[], &weights(), bps(1_500)), None);
    }

    #[test]
    fn a_score_that_lies_apart_is_marked_counts_and_has_the_facility_visited() {
        let at_the_edge = judged(&[level(90), level(90), level(75)]);
        assert_eq!((at_the_edge.is_outlier, at_the_edge.is_doubtful), (vec![false; 3], false));
        let beyond = judged(&[level(90), level(90), scores([74, 75, 75, 75, 75, 75])]);
        assert_eq!((beyond.is_outlier, beyond.is_doubtful), (vec![false, false, true], true));
        assert_eq!(judged(&[level(90), level(90), level(60)]).score_bps, bps(8_000));
        // Of two, both lie equally far from the middle.
        assert_eq!(judged(&[level(90), level(60)]).is_outlier, [false, false]);
        assert_eq!(judged(&[level(91), level(60)]).is_outlier, [true, true]);
        let doubted = Scores { is_doubtful: true, ..level(90) };
        assert!(judged(&[level(90), level(90), doubted]).is_doubtful);
    }

    #[test]
    fn every_criterion_is_scored_once() {
        assert_eq!(validate(&level(100), &weights()), Ok(()));
        let rules = |scores: &Scores| {
            let refusal = validate(scores, &weights()).unwrap_err();
            refusal.fields.into_iter().map(|fault| fault.rule).collect::<Vec<_>>()
        };
        assert_eq!(rules(&level(101)), ["range"; 6]);
        let mut twice = level(80);
        twice.scores[1].criterion = CriterionKind::Operation;
        assert_eq!(rules(&twice), ["unique", "complete"]);
        assert_eq!(rules(&Scores { opinion: " ".to_owned(), ..level(80) }), ["not_blank"]);
    }

    proptest! {
        #[test]
        fn a_mean_lies_between_its_experts_and_does_not_hang_on_their_order(
            panel in prop::collection::vec(prop::array::uniform6(0_u8..=100), 1..8)
        ) {
            let panel: Vec<Scores> = panel.into_iter().map(scores).collect();
            let judged = judged(&panel);
            let (least, most) = (judged.each_bps.iter().min().unwrap(), judged.each_bps.iter().max().unwrap());
            prop_assert!(judged.score_bps >= *least && judged.score_bps <= *most);
            let mut turned = panel.clone();
            turned.reverse();
            let other = judge(&turned, &weights(), bps(1_500)).unwrap();
            prop_assert_eq!((other.score_bps, other.is_doubtful), (judged.score_bps, judged.is_doubtful));
        }
    }
}
