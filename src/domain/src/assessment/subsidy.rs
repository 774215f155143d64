//! 第十一条: classes by the value of what is opened, the caps of the subsidy, and a budget that must suffice.

use crate::coded_enum;
use crate::money::{Money, MoneyOverflow};
use crate::policy::AssessmentRules;
use crate::refusal::{Refusal, RefusalCode};
use crate::transition::Named;

use super::grade::Grade;

coded_enum! {
    /// Art. 11: Ⅰ、Ⅱ类.
    pub enum FacilityClass ("class of a facility") {
        /// Ⅰ类: the value of what it opens is high.
        One = "one",
        /// Ⅱ类.
        Two = "two",
    }
}

impl Named for FacilityClass {
    fn chinese(self) -> &'static str {
        match self {
            Self::One => "Ⅰ类",
            Self::Two => "Ⅱ类",
        }
    }
}

/// Art. 11: the class of a facility whose opened instruments are worth so much (fen).
pub fn class_of(instrument_value_fen: Money, rules: &AssessmentRules) -> FacilityClass {
    if instrument_value_fen >= rules.class_one_from_instrument_value_fen {
        FacilityClass::One
    } else {
        FacilityClass::Two
    }
}

/// Art. 11: the most that a facility can be given. 以测试、检测、研发服务为主业的第三方服务机构 are graded
/// and given nothing.
pub fn subsidy_cap(class: FacilityClass, grade: Grade, is_third_party_testing: bool, rules: &AssessmentRules) -> Money {
    if is_third_party_testing {
        return Money::ZERO;
    }
    match (class, grade) {
        (FacilityClass::One, Grade::Excellent) => rules.class_one_excellent_cap_fen,
        (FacilityClass::One, Grade::Good) => rules.class_one_good_cap_fen,
        (FacilityClass::Two, Grade::Excellent) => rules.class_two_excellent_cap_fen,
        (FacilityClass::Two, Grade::Good) => rules.class_two_good_cap_fen,
        (FacilityClass::One | FacilityClass::Two, Grade::Qualified | Grade::Unqualified) => rules.other_grades_cap_fen,
    }
}

/// Art. 11: 不超过: a subsidy is at most its cap.
///
/// # Errors
/// `validation_failed`, naming the cap (`maximum_fen`).
pub fn require_within_cap(field: &str, amount_fen: Money, cap_fen: Money) -> Result<(), Refusal> {
    if (Money::ZERO..=cap_fen).contains(&amount_fen) {
        return Ok(());
    }
    let (zh, en) = (format!("须在 0 与 {cap_fen} 元之间。"), format!("must be between 0 and {cap_fen} yuan."));
    Err(Refusal::field(field, "range", zh, en).article("11").maximum(cap_fen))
}

/// What a budget that does not suffice could give to each in proportion. A proposal: nothing is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// What the subsidies come to together.
    pub wanted_fen: Money,
    /// The budget.
    pub budget_fen: Money,
    /// Each in proportion, rounded down to the fen, in their order.
    pub proposal_fen: Vec<Money>,
    /// What the rounding leaves of the budget.
    pub remainder_fen: Money,
}

/// Whether a budget suffices for these subsidies; where it does not, what it could give in proportion.
///
/// # Errors
/// [`MoneyOverflow`] when the sum does not fit.
pub fn against_budget(amounts_fen: &[Money], budget_fen: Money) -> Result<Option<Shortfall>, MoneyOverflow> {
    let wanted_fen = Money::sum(amounts_fen.iter().copied())?;
    if wanted_fen <= budget_fen {
        return Ok(None);
    }
    let proposal_fen: Vec<Money> =
        amounts_fen.iter().map(|amount| in_proportion(*amount, budget_fen, wanted_fen)).collect();
    let remainder_fen = budget_fen.minus(Money::sum(proposal_fen.iter().copied())?)?;
    Ok(Some(Shortfall { wanted_fen, budget_fen, proposal_fen, remainder_fen }))
}

/// `amount × budget ÷ wanted`, rounded down to the fen.
fn in_proportion(amount: Money, budget: Money, wanted: Money) -> Money {
    let product = i128::from(amount.fen()).saturating_mul(i128::from(budget.fen()));
    let part = product.checked_div(i128::from(wanted.fen())).unwrap_or_default();
    // The budget is less than what is wanted, so the part is less than the amount.
    Money::from_fen(i64::try_from(part).unwrap_or_default())
}

impl Shortfall {
    /// The refusal of subsidies that the budget does not suffice for: nothing is cut silently.
    pub fn refusal(&self) -> Refusal {
        Refusal::new(
            RefusalCode::PoolExhausted,
            format!(
                "补助合计 {} 元,超过考核预算 {} 元;系统不会自行削减,请调整各单位金额。按比例核减的建议方案见 \
                 GET …/proposal,合计尾差 {} 元。",
                self.wanted_fen, self.budget_fen, self.remainder_fen
            ),
            format!(
                "The subsidies come to {} yuan and the budget is {} yuan. Nothing is cut by itself: please change the \
                 amounts. GET …/proposal shows each in proportion, which leaves {} yuan by rounding.",
                self.wanted_fen, self.budget_fen, self.remainder_fen
            ),
        )
        .article("11")
        .remaining(self.budget_fen)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::code::Code;
    use crate::fixtures::{policy, yuan};

    #[test]
    fn class_one_begins_at_ten_million_yuan() {
        let rules = policy().assessment;
        assert_eq!(class_of(yuan(10_000_000), &rules), FacilityClass::One);
        assert_eq!(class_of(Money::from_fen(999_999_999), &rules), FacilityClass::Two);
        assert_eq!(class_of(Money::ZERO, &rules), FacilityClass::Two);
    }

    #[test]
    fn each_class_and_grade_has_its_cap() {
        let rules = policy().assessment;
        let cap = |class, grade| subsidy_cap(class, grade, false, &rules);
        assert_eq!(cap(FacilityClass::One, Grade::Excellent), yuan(1_000_000));
        assert_eq!(cap(FacilityClass::One, Grade::Good), yuan(600_000));
        assert_eq!(cap(FacilityClass::Two, Grade::Excellent), yuan(800_000));
        assert_eq!(cap(FacilityClass::Two, Grade::Good), yuan(400_000));
        for class in FacilityClass::ALL {
            assert_eq!(cap(*class, Grade::Qualified), Money::ZERO);
            assert_eq!(cap(*class, Grade::Unqualified), Money::ZERO);
            for grade in Grade::ALL {
                assert_eq!(subsidy_cap(*class, *grade, true, &rules), Money::ZERO, "third-party testing: {grade}");
            }
        }
        assert!(require_within_cap("amount_fen", yuan(600_000), yuan(600_000)).is_ok());
        let refusal = require_within_cap("amount_fen", Money::from_fen(60_000_001), yuan(600_000)).unwrap_err();
        assert_eq!((refusal.article.as_deref(), refusal.fields[0].field.as_str()), (Some("11"), "amount_fen"));
        assert!(require_within_cap("amount_fen", Money::from_fen(-1), yuan(600_000)).is_err());
    }

    #[test]
    fn a_budget_that_does_not_suffice_is_refused_with_a_proposal() {
        let amounts = [yuan(1_000_000), yuan(600_000), yuan(400_000)];
        assert_eq!(against_budget(&amounts, yuan(2_000_000)), Ok(None));
        let short = against_budget(&amounts, Money::from_fen(100_000_001)).unwrap().unwrap();
        assert_eq!(short.wanted_fen, yuan(2_000_000));
        assert_eq!(
            short.proposal_fen,
            [Money::from_fen(50_000_000), Money::from_fen(30_000_000), Money::from_fen(20_000_000)]
        );
        assert_eq!(short.remainder_fen, Money::from_fen(1));
        let refusal = short.refusal();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::PoolExhausted, Some("11")));
        assert!(refusal.message.zh.contains("2000000.00 元"), "{}", refusal.message.zh);
        let nothing = against_budget(&amounts, Money::ZERO).unwrap().unwrap();
        assert_eq!(nothing.proposal_fen, [Money::ZERO; 3]);
    }

    proptest! {
        #[test]
        fn a_proposal_never_exceeds_the_budget_or_an_amount_and_leaves_less_than_a_fen_for_each(
            amounts in prop::collection::vec(0_i64..=100_000_000, 1..50), budget in 0_i64..=1_000_000_000
        ) {
            let amounts: Vec<Money> = amounts.into_iter().map(Money::from_fen).collect();
            let wanted = Money::sum(amounts.iter().copied()).unwrap();
            match against_budget(&amounts, Money::from_fen(budget)).unwrap() {
                None => prop_assert!(wanted.fen() <= budget),
                Some(short) => {
                    prop_assert!(wanted.fen() > budget);
                    let given = Money::sum(short.proposal_fen.iter().copied()).unwrap();
                    prop_assert_eq!(given.plus(short.remainder_fen).unwrap(), Money::from_fen(budget));
                    prop_assert!(short.remainder_fen.fen() < i64::try_from(amounts.len()).unwrap());
                    prop_assert!(short.proposal_fen.iter().zip(&amounts).all(|(part, amount)| part <= amount));
                }
            }
        }
    }
}
