//! 第十一条、第十四条(三)(四): the grade of each submission, by thresholds, by what a visit found, and by
//! the highest share of excellents where the campaign sets one.

use std::collections::BTreeMap;

use super::campaign::Thresholds;
use super::subsidy::FacilityClass;
use crate::coded_enum;
use crate::money::BasisPoints;
use crate::review::InquiryOutcome;
use crate::transition::Named;

coded_enum! {
    /// Art. 11: 等次.
    pub enum Grade ("grade") {
        /// 优秀.
        Excellent = "excellent",
        /// 良好.
        Good = "good",
        /// 合格.
        Qualified = "qualified",
        /// 不合格.
        Unqualified = "unqualified",
    }
}

impl Named for Grade {
    fn chinese(self) -> &'static str {
        match self {
            Self::Excellent => "优秀",
            Self::Good => "良好",
            Self::Qualified => "合格",
            Self::Unqualified => "不合格",
        }
    }
}

coded_enum! {
    /// Why a grade is what it is.
    pub enum GradeReason ("reason for a grade") {
        /// The score reaches it.
        Score = "score",
        /// The visit confirmed what was stated in part: one grade lower.
        PartlyConfirmed = "partly_confirmed",
        /// The visit did not confirm what was stated: unqualified.
        NotConfirmed = "not_confirmed",
        /// Excellent by its score, but the class has its share of excellents: good.
        ShareOfExcellents = "share_of_excellents",
        /// An upheld objection changed it.
        Objection = "objection",
    }
}

/// A submission to be graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graded {
    /// Its class: the share of excellents is counted in each.
    pub class: FacilityClass,
    /// What the experts' scores come to.
    pub score_bps: BasisPoints,
    /// What the visit found, where there was one.
    pub visit: Option<InquiryOutcome>,
}

impl Grade {
    /// The grade that a score reaches.
    pub fn of_score(score_bps: BasisPoints, thresholds: &Thresholds) -> Self {
        if score_bps >= thresholds.excellent_bps {
            Self::Excellent
        } else if score_bps >= thresholds.good_bps {
            Self::Good
        } else if score_bps >= thresholds.qualified_bps {
            Self::Qualified
        } else {
            Self::Unqualified
        }
    }

    /// One grade lower; below the last there is none.
    pub fn lowered(self) -> Self {
        match self {
            Self::Excellent => Self::Good,
            Self::Good => Self::Qualified,
            Self::Qualified | Self::Unqualified => Self::Unqualified,
        }
    }
}

fn by_itself(one: &Graded, thresholds: &Thresholds) -> (Grade, GradeReason) {
    let scored = Grade::of_score(one.score_bps, thresholds);
    match one.visit {
        None | Some(InquiryOutcome::Confirmed) => (scored, GradeReason::Score),
        Some(InquiryOutcome::PartlyConfirmed) => (scored.lowered(), GradeReason::PartlyConfirmed),
        Some(InquiryOutcome::NotConfirmed) => (Grade::Unqualified, GradeReason::NotConfirmed),
    }
}

/// Art. 11, 14.3, 14.4: the grades of all submissions, in their order. Where a class may have so many
/// excellents at the most (its share of the class, rounded down), those with the highest scores are;
/// those of equal scores at the border go together, so that the share is never exceeded and nobody is
/// preferred.
pub fn grade(
    all: &[Graded],
    thresholds: &Thresholds,
    max_excellent_share_bps: Option<BasisPoints>,
) -> Vec<(Grade, GradeReason)> {
    let mut grades: Vec<(Grade, GradeReason)> = all.iter().map(|one| by_itself(one, thresholds)).collect();
    let Some(share) = max_excellent_share_bps else { return grades };
    let mut borders: BTreeMap<FacilityClass, Option<BasisPoints>> = BTreeMap::new();
    for (one, (grade, reason)) in all.iter().zip(&mut grades) {
        let border = *borders.entry(one.class).or_insert_with(|| border(one.class, all, thresholds, share));
        let reaches = border.is_some_and(|least| one.score_bps >= least);
        if *grade == Grade::Excellent && !reaches {
            (*grade, *reason) = (Grade::Good, GradeReason::ShareOfExcellents);
        }
    }
    grades
}

/// The least score with which one of a class is excellent; none where nobody is.
fn border(class: FacilityClass, all: &[Graded], thresholds: &Thresholds, share: BasisPoints) -> Option<BasisPoints> {
    let of_class = || all.iter().filter(|one| one.class == class);
    let most = most_excellents(of_class().count(), share);
    let mut scores: Vec<BasisPoints> =
        of_class().filter(|one| by_itself(one, thresholds).0 == Grade::Excellent).map(|one| one.score_bps).collect();
    scores.sort_unstable_by(|a, b| b.cmp(a));
    match scores.get(most) {
        None => scores.last().copied(),
        // The first of those that are too many: whoever has more stays.
        Some(first_out) => scores.iter().copied().filter(|score| score > first_out).min(),
    }
}

/// The share of so many, rounded down.
fn most_excellents(count: usize, share: BasisPoints) -> usize {
    count.saturating_mul(usize::from(share.bps())).checked_div(10_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::campaign::tests::{bps, thresholds};
    use super::*;
    use crate::code::Code;

    fn one(score: u16) -> Graded {
        Graded { class: FacilityClass::One, score_bps: bps(score), visit: None }
    }

    fn visited(score: u16, outcome: InquiryOutcome) -> Graded {
        Graded { visit: Some(outcome), ..one(score) }
    }

    fn grades(all: &[Graded], share: Option<u16>) -> Vec<Grade> {
        grade(all, &thresholds(), share.map(bps)).into_iter().map(|(grade, _)| grade).collect()
    }

    #[test]
    fn each_threshold_is_reached_at_its_edge() {
        let all = [10_000, 9_000, 8_999, 8_000, 7_999, 6_000, 5_999, 0].map(one);
        use Grade::{Excellent, Good, Qualified, Unqualified};
        let expected = [Excellent, Excellent, Good, Good, Qualified, Qualified, Unqualified, Unqualified];
        assert_eq!(grades(&all, None), expected);
    }

    #[test]
    fn what_a_visit_does_not_confirm_lowers_the_grade() {
        let all = [
            visited(9_500, InquiryOutcome::Confirmed),
            visited(9_500, InquiryOutcome::PartlyConfirmed),
            visited(9_500, InquiryOutcome::NotConfirmed),
            visited(5_000, InquiryOutcome::PartlyConfirmed),
        ];
        let graded = grade(&all, &thresholds(), None);
        assert_eq!(
            graded,
            [
                (Grade::Excellent, GradeReason::Score),
                (Grade::Good, GradeReason::PartlyConfirmed),
                (Grade::Unqualified, GradeReason::NotConfirmed),
                (Grade::Unqualified, GradeReason::PartlyConfirmed),
            ]
        );
    }

    #[test]
    fn a_class_has_its_share_of_excellents_at_the_most() {
        use Grade::{Excellent, Good};
        // 30 % of six is one, and of seven two.
        let six = [9_900, 9_800, 9_700, 9_600, 9_500, 9_400].map(one);
        assert_eq!(grades(&six, Some(3_000)), [Excellent, Good, Good, Good, Good, Good]);
        let seven = [9_100, 9_900, 9_800, 9_700, 9_600, 9_500, 9_400].map(one);
        assert_eq!(grades(&seven, Some(3_000))[..3], [Good, Excellent, Excellent]);
        assert_eq!(grade(&seven, &thresholds(), Some(bps(3_000)))[0].1, GradeReason::ShareOfExcellents);
        // Those of equal scores at the border go together.
        let tied = [9_900, 9_800, 9_800, 9_000, 8_000, 8_000, 8_000].map(one);
        assert_eq!(grades(&tied, Some(3_000))[..3], [Excellent, Good, Good]);
        let all_tied = [9_800, 9_800, 9_800, 8_000].map(one);
        assert_eq!(grades(&all_tied, Some(5_000))[..3], [Good, Good, Good]);
        // Each class has its own; a class of three has none of 30 %.
        let mut classes = seven.to_vec();
        classes.extend([9_900, 9_800, 9_700].map(|score| Graded { class: FacilityClass::Two, ..one(score) }));
        assert_eq!(grades(&classes, Some(3_000))[7..], [Good, Good, Good]);
        // Whom a visit has lowered takes no place.
        let lowered = [visited(9_900, InquiryOutcome::NotConfirmed), one(9_500), one(9_400), one(7_000)];
        assert_eq!(grades(&lowered, Some(5_000))[1..3], [Excellent, Excellent]);
    }

    fn any_graded() -> impl Strategy<Value = Graded> {
        let class = prop::sample::select(FacilityClass::ALL);
        let visit = prop::option::of(prop::sample::select(InquiryOutcome::ALL));
        (class, 0_u16..=10_000, visit).prop_map(|(class, score, visit)| Graded { class, score_bps: bps(score), visit })
    }

    proptest! {
        #[test]
        fn the_share_is_never_exceeded_and_scores_never_passed_over(
            all in prop::collection::vec(any_graded(), 0..40), share in 1_u16..=10_000
        ) {
            let graded = grades(&all, Some(share));
            let free = grades(&all, None);
            for class in FacilityClass::ALL {
                let of_class: Vec<_> =
                    all.iter().zip(&graded).filter(|(one, _)| one.class == *class).collect();
                let excellent: Vec<_> = of_class.iter().filter(|(_, grade)| **grade == Grade::Excellent).collect();
                prop_assert!(excellent.len() <= most_excellents(of_class.len(), bps(share)));
                let unlimited = all.iter().zip(&free).zip(&graded).filter(|((one, free), grade)| {
                    one.class == *class && **free == Grade::Excellent && **grade != Grade::Excellent
                });
                for ((one, _), grade) in unlimited {
                    prop_assert_eq!(*grade, Grade::Good);
                    prop_assert!(excellent.iter().all(|(best, _)| best.score_bps > one.score_bps));
                }
            }
            // Nobody but those that are too many is graded otherwise than without the limit.
            for (with, without) in graded.iter().zip(&free) {
                prop_assert!(with == without || (*without == Grade::Excellent && *with == Grade::Good));
            }
        }
    }
}
