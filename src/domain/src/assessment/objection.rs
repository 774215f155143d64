//! 第十四、十八条: what an upheld objection to a published result does to its grade and its money.

use super::award::Award;
use super::grade::{Grade, GradeReason};
use super::subsidy::{require_within_cap, subsidy_cap};
use crate::money::Money;
use crate::notice::{NoticeItemAction, NoticeItemStatus, ObjectionOutcome, ObjectionStatus, begin_resolution};
use crate::policy::AssessmentRules;
use crate::refusal::{Faults, Refusal, RefusalCode};

/// The result that an objection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Class, grade and cap as published.
    pub award: Award,
    /// What it is given as published.
    pub subsidy_fen: Money,
    /// What the campaign's budget has left.
    pub available_fen: Money,
}

/// What an officer names as right instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Named {
    /// The grade, where it changes.
    pub grade: Option<Grade>,
    /// The subsidy.
    pub amount_fen: Option<Money>,
}

/// What a resolved objection does to a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    /// Nothing changes.
    Dismissed,
    /// Grade or subsidy changes, and the result is published again.
    Changed {
        /// Class, grade and cap from now on.
        award: Award,
        /// What it is given from now on.
        subsidy_fen: Money,
    },
    /// The submission is taken out of the results, and nothing is paid.
    Cancelled,
}

impl Correction {
    /// What it does to the published item.
    pub fn action(self) -> NoticeItemAction {
        match self {
            Self::Dismissed => NoticeItemAction::Dismiss,
            Self::Changed { .. } => NoticeItemAction::Change,
            Self::Cancelled => NoticeItemAction::Cancel,
        }
    }
}

/// Art. 11, 14, 18: resolves an open objection to a published result. An upheld one names the right grade, the right
/// amount within the cap of class and grade, or both; without either, or with 0 and no grade, it takes the
/// submission out of the results. A grade that can be given money has its amount named: nothing is granted or cut by
/// itself.
///
/// # Errors
/// `invalid_state` when the objection is resolved or the item no longer stands; `validation_failed` without reasons,
/// with a grade or an amount for a dismissal, or with an amount that is missing or above its cap (`maximum_fen`);
/// `pool_exhausted` when the budget has too little left for what is added, naming what lacks.
pub fn correct(
    objection: ObjectionStatus,
    item: NoticeItemStatus,
    outcome: ObjectionOutcome,
    named: Named,
    reasons: &str,
    standing: &Standing,
    rules: &AssessmentRules,
) -> Result<Correction, Refusal> {
    let faults = begin_resolution(objection, reasons)?;
    let correction = match outcome {
        ObjectionOutcome::Dismissed => dismissed(faults, named)?,
        ObjectionOutcome::Upheld => upheld(faults, named, &standing.award, rules)?,
    };
    item.after(correction.action())?;
    if let Correction::Changed { subsidy_fen, .. } = correction {
        require_left(subsidy_fen.left_after(standing.subsidy_fen), standing.available_fen)?;
    }
    Ok(correction)
}

fn dismissed(mut faults: Faults, named: Named) -> Result<Correction, Refusal> {
    let (zh, en) = ("异议不成立时不填写等次和金额。", "is left out when an objection is dismissed.");
    faults.require(named.grade.is_none(), "grade", "absent", zh, en);
    faults.require(named.amount_fen.is_none(), "amount_fen", "absent", zh, en);
    faults.done().map(|()| Correction::Dismissed)
}

fn upheld(mut faults: Faults, named: Named, before: &Award, rules: &AssessmentRules) -> Result<Correction, Refusal> {
    let takes_out = named.grade.is_none() && named.amount_fen.is_none_or(|amount| amount == Money::ZERO);
    if takes_out {
        return faults.done().map(|()| Correction::Cancelled);
    }
    let grade = named.grade.unwrap_or(before.grade);
    let cap_fen = subsidy_cap(before.class, grade, before.is_third_party_testing, rules);
    faults.require(
        named.amount_fen.is_some() || cap_fen == Money::ZERO,
        "amount_fen",
        "required",
        format!("请填写变更后的补助金额,0 至 {cap_fen} 元。"),
        format!("say what it is given with this grade, 0 to {cap_fen} yuan."),
    );
    let subsidy_fen = named.amount_fen.unwrap_or_default();
    faults.take_in(require_within_cap("amount_fen", subsidy_fen, cap_fen));
    faults.done().map_err(|refusal| refusal.article("11").maximum(cap_fen))?;
    let reason = if grade == before.grade { before.reason } else { GradeReason::Objection };
    Ok(Correction::Changed { award: Award { grade, reason, cap_fen, ..*before }, subsidy_fen })
}

/// What is added to a subsidy is there in the budget: nothing is cut silently.
fn require_left(added_fen: Money, available_fen: Money) -> Result<(), Refusal> {
    if added_fen <= available_fen {
        return Ok(());
    }
    let lacking_fen = added_fen.left_after(available_fen);
    Err(Refusal::new(
        RefusalCode::PoolExhausted,
        format!(
            "考核预算剩余 {available_fen} 元,本次调增需 {added_fen} 元,尚缺 {lacking_fen} 元;系统不会自行削减,请调整金额。"
        ),
        format!(
            "The budget has {available_fen} yuan left, {added_fen} are to be added, {lacking_fen} are lacking. Nothing \
             is cut by itself: please change the amount."
        ),
    )
    .article("11")
    .remaining(available_fen))
}

#[cfg(test)]
mod tests {
    use super::super::campaign::tests::bps;
    use super::super::subsidy::FacilityClass;
    use super::*;
    use crate::fixtures::{policy, yuan};

    fn standing(grade: Grade, subsidy_fen: Money, available_fen: Money) -> Standing {
        let award = Award {
            class: FacilityClass::One,
            score_bps: bps(8_500),
            grade,
            reason: GradeReason::Score,
            is_third_party_testing: false,
            cap_fen: subsidy_cap(FacilityClass::One, grade, false, &policy().assessment),
        };
        Standing { award, subsidy_fen, available_fen }
    }

    fn resolved(outcome: ObjectionOutcome, named: Named, standing: &Standing) -> Result<Correction, Refusal> {
        let (open, published) = (ObjectionStatus::Open, NoticeItemStatus::Published);
        correct(open, published, outcome, named, "经核实", standing, &policy().assessment)
    }

    fn named(grade: Option<Grade>, amount: Option<i64>) -> Named {
        Named { grade, amount_fen: amount.map(yuan) }
    }

    /// Grade, cap and subsidy of a change, in yuan.
    fn changed(correction: Result<Correction, Refusal>) -> (Grade, Money, Money) {
        match correction.unwrap() {
            Correction::Changed { award, subsidy_fen } => (award.grade, award.cap_fen, subsidy_fen),
            other @ (Correction::Dismissed | Correction::Cancelled) => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_upheld_objection_raises_and_lowers_grade_and_money() {
        use ObjectionOutcome::Upheld;
        let good = standing(Grade::Good, yuan(600_000), yuan(400_000));
        let raised = resolved(Upheld, named(Some(Grade::Excellent), Some(1_000_000)), &good);
        assert_eq!(changed(raised), (Grade::Excellent, yuan(1_000_000), yuan(1_000_000)));
        let lowered = resolved(Upheld, named(Some(Grade::Qualified), None), &good);
        assert_eq!(changed(lowered), (Grade::Qualified, Money::ZERO, Money::ZERO));
        let amount = resolved(Upheld, named(None, Some(1)), &good);
        assert_eq!(changed(amount), (Grade::Good, yuan(600_000), yuan(1)));
        // Good and nothing: a grade is named, so the submission stays in the results.
        let nothing = resolved(Upheld, named(Some(Grade::Good), Some(0)), &good);
        assert_eq!(changed(nothing), (Grade::Good, yuan(600_000), Money::ZERO));
        for takes_out in [named(None, None), named(None, Some(0))] {
            assert_eq!(resolved(Upheld, takes_out, &good), Ok(Correction::Cancelled));
        }
        assert_eq!(resolved(ObjectionOutcome::Dismissed, named(None, None), &good), Ok(Correction::Dismissed));
    }

    #[test]
    fn an_amount_is_named_and_stays_within_the_cap_of_the_new_grade() {
        use ObjectionOutcome::{Dismissed, Upheld};
        let good = standing(Grade::Good, yuan(600_000), yuan(10_000_000));
        let refused = |outcome, named| {
            let refusal = resolved(outcome, named, &good).unwrap_err();
            let fields: Vec<_> = refusal.fields.iter().map(|fault| fault.field.clone()).collect();
            (fields, refusal.maximum_fen)
        };
        let field = || vec!["amount_fen".to_owned()];
        assert_eq!(refused(Upheld, named(Some(Grade::Excellent), None)), (field(), Some(yuan(1_000_000))));
        let above = Named { grade: Some(Grade::Excellent), amount_fen: Some(Money::from_fen(100_000_001)) };
        assert_eq!(refused(Upheld, above), (field(), Some(yuan(1_000_000))));
        assert_eq!(refused(Upheld, named(None, Some(600_001))), (field(), Some(yuan(600_000))));
        assert_eq!(refused(Upheld, named(Some(Grade::Qualified), Some(1))), (field(), Some(Money::ZERO)));
        assert_eq!(refused(Upheld, named(None, Some(-1))), (field(), Some(yuan(600_000))));
        assert_eq!(refused(Dismissed, named(Some(Grade::Good), Some(0))).0, ["grade", "amount_fen"]);
        let testing = Standing { award: Award { is_third_party_testing: true, ..good.award }, ..good };
        let refusal = resolved(Upheld, named(Some(Grade::Excellent), Some(1)), &testing).unwrap_err();
        assert_eq!((refusal.maximum_fen, refusal.article.as_deref()), (Some(Money::ZERO), Some("11")));
        assert_eq!(changed(resolved(Upheld, named(Some(Grade::Excellent), None), &testing)).2, Money::ZERO);
    }

    #[test]
    fn a_budget_with_too_little_left_is_told_and_nothing_is_cut() {
        let raise = |left| {
            let good = standing(Grade::Good, yuan(600_000), left);
            resolved(ObjectionOutcome::Upheld, named(Some(Grade::Excellent), Some(1_000_000)), &good)
        };
        assert!(raise(yuan(400_000)).is_ok());
        let left = Money::from_fen(39_999_999);
        let refusal = raise(left).unwrap_err();
        assert_eq!((refusal.code, refusal.remaining_fen), (RefusalCode::PoolExhausted, Some(left)));
        assert_eq!(refusal.article.as_deref(), Some("11"));
        assert!(refusal.message.zh.contains("尚缺 0.01 元"), "{}", refusal.message.zh);
    }

    #[test]
    fn what_is_resolved_or_stands_no_more_stays_as_it_is() {
        let good = standing(Grade::Good, yuan(600_000), Money::ZERO);
        let correct = |objection, item, outcome| {
            correct(objection, item, outcome, Named::default(), "经核实", &good, &policy().assessment)
        };
        use ObjectionOutcome::{Dismissed, Upheld};
        assert!(correct(ObjectionStatus::Upheld, NoticeItemStatus::Published, Upheld).is_err());
        assert!(correct(ObjectionStatus::Open, NoticeItemStatus::Changed, Upheld).is_err());
        assert!(correct(ObjectionStatus::Open, NoticeItemStatus::Changed, Dismissed).is_ok());
    }
}
