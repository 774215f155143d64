//! 第十一条、第十四条: what each submission comes to: class, score, grade, and the most it can be given.

use serde::{Deserialize, Serialize};

use super::campaign::Criteria;
use super::figures::{Figure, FigureKind};
use super::grade::{Grade, GradeReason, Graded, grade};
use super::subsidy::{FacilityClass, class_of, subsidy_cap};
use crate::money::{BasisPoints, Money};
use crate::policy::AssessmentRules;
use crate::review::InquiryOutcome;

/// A submission whose scores are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// What its opened instruments are worth.
    pub instrument_value_fen: Money,
    /// What the experts' scores come to.
    pub score_bps: BasisPoints,
    /// What the visit found, where there was one.
    pub visit: Option<InquiryOutcome>,
    /// 以测试、检测、研发服务为主业的第三方服务机构.
    pub is_third_party_testing: bool,
}

/// What a submission comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Award {
    /// By the value of what it opens.
    pub class: FacilityClass,
    /// What the experts' scores come to: 9000 is 90 of 100.
    pub score_bps: BasisPoints,
    /// The grade.
    pub grade: Grade,
    /// Why it is this one.
    pub reason: GradeReason,
    /// Whether it is graded without money for what its main business is.
    pub is_third_party_testing: bool,
    /// The most it can be given.
    pub cap_fen: Money,
}

/// The value of opened instruments among the figures that were handed in.
pub fn instrument_value(figures: &[Figure]) -> Money {
    let value = figures.iter().find(|figure| figure.figure == FigureKind::InstrumentValueFen);
    Money::from_fen(value.map_or(0, |figure| figure.value))
}

/// Art. 11, 14: what all submissions of a campaign come to, in their order.
pub fn awards(all: &[Scored], criteria: &Criteria, rules: &AssessmentRules) -> Vec<Award> {
    let graded: Vec<Graded> = all
        .iter()
        .map(|one| Graded {
            class: class_of(one.instrument_value_fen, rules),
            score_bps: one.score_bps,
            visit: one.visit,
        })
        .collect();
    let grades = grade(&graded, &criteria.thresholds, criteria.max_excellent_share_bps);
    let award = |((one, graded), (grade, reason)): ((&Scored, &Graded), (Grade, GradeReason))| Award {
        class: graded.class,
        score_bps: one.score_bps,
        grade,
        reason,
        is_third_party_testing: one.is_third_party_testing,
        cap_fen: subsidy_cap(graded.class, grade, one.is_third_party_testing, rules),
    };
    all.iter().zip(&graded).zip(grades).map(award).collect()
}

#[cfg(test)]
mod tests {
    use super::super::campaign::tests::{bps, thresholds, weights};
    use super::*;
    use crate::fixtures::{policy, yuan};

    #[test]
    fn each_comes_to_its_class_grade_and_cap() {
        let criteria = Criteria {
            weights: weights(),
            thresholds: thresholds(),
            max_excellent_share_bps: None,
            visit_share_bps: bps(1_000),
            outlier_bps: bps(1_500),
            panel_size: 3,
        };
        let one = |value, score, is_third_party_testing| Scored {
            instrument_value_fen: yuan(value),
            score_bps: bps(score),
            visit: None,
            is_third_party_testing,
        };
        let all = [one(10_000_000, 9_000, false), one(9_999_999, 8_500, false), one(20_000_000, 9_500, true)];
        let found = awards(&all, &criteria, &policy().assessment);
        let seen: Vec<_> = found.iter().map(|award| (award.class, award.grade, award.cap_fen)).collect();
        assert_eq!(
            seen,
            [
                (FacilityClass::One, Grade::Excellent, yuan(1_000_000)),
                (FacilityClass::Two, Grade::Good, yuan(400_000)),
                (FacilityClass::One, Grade::Excellent, Money::ZERO),
            ]
        );
        let figures = [Figure { figure: FigureKind::InstrumentValueFen, value: 7, sources: Vec::new() }];
        assert_eq!((instrument_value(&figures), instrument_value(&[])), (Money::from_fen(7), Money::ZERO));
    }
}
