//! 第十四条(五)、第十五条(三)至(五): what a facility can expect to be paid, and in which quarter at the earliest.

use std::collections::BTreeMap;

use crate::assessment::SubmissionStatus;
use crate::coded_enum;
use crate::disbursement::{paying_quarter, quarter_name};
use crate::money::{Money, MoneyOverflow};
use crate::notice::notice_period;
use crate::period::{Calendar, Day};
use crate::policy::VoucherRules;
use crate::redemption::RedemptionStatus;
use crate::refusal::Refusal;

coded_enum! {
    /// How far on its way a payment is.
    pub enum ForecastStage ("stage of an expected payment") {
        /// In a batch.
        InPayment = "in_payment",
        /// Its notice has ended; it waits for a batch.
        Payable = "payable",
        /// Its notice runs.
        InNotice = "in_notice",
        /// Approved; to be published.
        Approved = "approved",
        /// Submitted; the amount is what is claimable, at the most.
        UnderReview = "under_review",
        /// Under a registered contract; the amount is what its quote says, at the most.
        Contracted = "contracted",
    }
}

impl ForecastStage {
    /// The stage of a redemption that is on its way to payment; a draft counts with its contract.
    pub fn of_redemption(status: RedemptionStatus) -> Option<Self> {
        match status {
            RedemptionStatus::InPayment => Some(Self::InPayment),
            RedemptionStatus::Payable => Some(Self::Payable),
            RedemptionStatus::InNotice => Some(Self::InNotice),
            RedemptionStatus::Approved => Some(Self::Approved),
            RedemptionStatus::Submitted
            | RedemptionStatus::Returned
            | RedemptionStatus::InReview
            | RedemptionStatus::InInquiry
            | RedemptionStatus::Concluded => Some(Self::UnderReview),
            RedemptionStatus::Draft
            | RedemptionStatus::Paid
            | RedemptionStatus::Rejected
            | RedemptionStatus::Withdrawn
            | RedemptionStatus::Void => None,
        }
    }

    /// The stage of a submission to the yearly assessment whose result is decided and whose way is not over.
    pub fn of_subsidy(status: SubmissionStatus) -> Option<Self> {
        match status {
            SubmissionStatus::InPayment => Some(Self::InPayment),
            SubmissionStatus::Payable => Some(Self::Payable),
            SubmissionStatus::InNotice => Some(Self::InNotice),
            SubmissionStatus::Approved => Some(Self::Approved),
            SubmissionStatus::Draft
            | SubmissionStatus::Submitted
            | SubmissionStatus::Dropped
            | SubmissionStatus::Graded
            | SubmissionStatus::Concluded
            | SubmissionStatus::Paid
            | SubmissionStatus::Cancelled => None,
        }
    }

    /// Whether the amount is approved; what is not yet is the most that can come of it.
    pub fn is_approved(self) -> bool {
        match self {
            Self::InPayment | Self::Payable | Self::InNotice | Self::Approved => true,
            Self::UnderReview | Self::Contracted => false,
        }
    }
}

/// Art. 15.5: the first day on which something can be paid whose notice begins on a day: the one after
/// the notice.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn payable_from(rules: &VoucherRules, calendar: &Calendar, published_on: Day) -> Result<Day, Refusal> {
    Ok(notice_period(rules, calendar, published_on)?.expires_at.day())
}

/// A payment that can be expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// How far it is.
    pub stage: ForecastStage,
    /// The amount; at the most, where it is not approved.
    pub amount_fen: Money,
    /// The quarter in which it is paid at the earliest, `2026Q3`; nothing where no quarter ever pays, or while
    /// it is held back.
    pub quarter: Option<String>,
    /// Whether it is held back, payments to a party being suspended (Art. 17).
    pub is_suspended: bool,
}

impl Expected {
    /// Art. 15.5: what can be paid from a day on is paid in that day's quarter, or in the next one that pays.
    pub fn from_day(stage: ForecastStage, amount_fen: Money, rules: &VoucherRules, payable_from: Day) -> Self {
        Self { stage, amount_fen, quarter: paying_quarter(rules, payable_from), is_suspended: false }
    }

    /// Art. 14.5: what can be paid from a day on, whatever its quarter.
    pub fn on_any_day(stage: ForecastStage, amount_fen: Money, payable_from: Day) -> Self {
        Self { stage, amount_fen, quarter: Some(quarter_name(payable_from)), is_suspended: false }
    }

    /// Art. 17: the same while payments to a party are suspended: no quarter is promised.
    pub fn held_back(self) -> Self {
        Self { quarter: None, is_suspended: true, ..self }
    }
}

/// What can be expected of a quarter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct QuarterForecast {
    /// The quarter, `2026Q3`.
    pub quarter: String,
    /// What is approved.
    pub approved_fen: Money,
    /// What more may come of what is under review, at the most.
    pub under_review_fen: Money,
    /// What more may come of registered contracts, at the most.
    pub contracted_fen: Money,
    /// The sum of the three: the most that can be paid.
    pub at_most_fen: Money,
}

/// Art. 17: what is held back, in no quarter, until suspensions are lifted; at the most, where it is not approved.
///
/// # Errors
/// [`MoneyOverflow`] when the sum does not fit.
pub fn suspended_sum<'a>(payments: impl IntoIterator<Item = &'a Expected>) -> Result<Money, MoneyOverflow> {
    Money::sum(payments.into_iter().filter(|payment| payment.is_suspended).map(|payment| payment.amount_fen))
}

/// The payments by their quarters, the next one first.
///
/// # Errors
/// [`MoneyOverflow`] when a sum does not fit.
pub fn by_quarter<'a>(payments: impl IntoIterator<Item = &'a Expected>) -> Result<Vec<QuarterForecast>, MoneyOverflow> {
    let mut quarters: BTreeMap<&str, QuarterForecast> = BTreeMap::new();
    for payment in payments {
        let Some(quarter) = payment.quarter.as_deref() else { continue };
        let sums = quarters.entry(quarter).or_insert_with(|| QuarterForecast {
            quarter: quarter.to_owned(),
            approved_fen: Money::ZERO,
            under_review_fen: Money::ZERO,
            contracted_fen: Money::ZERO,
            at_most_fen: Money::ZERO,
        });
        let part = match payment.stage {
            ForecastStage::InPayment | ForecastStage::Payable | ForecastStage::InNotice | ForecastStage::Approved => {
                &mut sums.approved_fen
            }
            ForecastStage::UnderReview => &mut sums.under_review_fen,
            ForecastStage::Contracted => &mut sums.contracted_fen,
        };
        *part = part.plus(payment.amount_fen)?;
        sums.at_most_fen = sums.at_most_fen.plus(payment.amount_fen)?;
    }
    Ok(quarters.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{calendar, day, rules, yuan};

    #[test]
    fn a_notice_over_the_end_of_a_quarter_carries_the_payment_with_it() {
        let (rules, rest_days) = (rules(), calendar());
        let quarter = |published| {
            let from = payable_from(&rules, &rest_days, day(published)).unwrap();
            (from.to_string(), paying_quarter(&rules, from).unwrap())
        };
        assert_eq!(quarter("2026-03-23"), ("2026-03-31".to_owned(), "2026Q1".to_owned()));
        assert_eq!(quarter("2026-03-24"), ("2026-04-01".to_owned(), "2026Q2".to_owned()));
        // Quarter 4 pays nothing.
        assert_eq!(quarter("2026-09-28").1, "2027Q1");
        assert_eq!(quarter("2026-12-31").1, "2027Q1");
    }

    #[test]
    fn what_is_approved_is_told_from_what_may_come_at_the_most() {
        let rules = rules();
        let expected = |stage, amount, from: &str| Expected::from_day(stage, yuan(amount), &rules, day(from));
        let payments = [
            expected(ForecastStage::Payable, 1, "2026-09-30"),
            expected(ForecastStage::InNotice, 2, "2026-07-01"),
            expected(ForecastStage::UnderReview, 4, "2026-09-30"),
            expected(ForecastStage::Contracted, 8, "2026-10-01"),
            expected(ForecastStage::Approved, 16, "2026-12-31"),
        ];
        let quarters = by_quarter(&payments).unwrap();
        let sums: Vec<_> = quarters
            .iter()
            .map(|sums| (sums.quarter.as_str(), [sums.approved_fen, sums.under_review_fen, sums.contracted_fen]))
            .collect();
        assert_eq!(sums, [("2026Q3", [yuan(3), yuan(4), Money::ZERO]), ("2027Q1", [yuan(16), Money::ZERO, yuan(8)])]);
        assert_eq!(quarters[1].at_most_fen, yuan(24));
        let held = [payments[0].clone(), payments[2].clone().held_back()];
        assert_eq!((suspended_sum(&held), suspended_sum(&payments)), (Ok(yuan(4)), Ok(Money::ZERO)));
        assert_eq!(by_quarter(&held).unwrap()[0].at_most_fen, yuan(1));
        let most = Expected { amount_fen: Money::from_fen(i64::MAX), ..payments[0].clone() };
        assert!(by_quarter(&[most.clone(), most]).is_err());
    }

    #[test]
    fn a_subsidy_is_paid_in_the_fourth_quarter_too() {
        let expected = Expected::on_any_day(ForecastStage::Payable, yuan(1), day("2026-12-31"));
        assert_eq!(expected.quarter.as_deref(), Some("2026Q4"));
        assert_eq!(ForecastStage::of_subsidy(SubmissionStatus::Approved), Some(ForecastStage::Approved));
        assert_eq!(ForecastStage::of_subsidy(SubmissionStatus::Graded), None);
    }

    #[test]
    fn what_is_on_its_way_has_a_stage_and_what_is_over_has_none() {
        for status in RedemptionStatus::ALL {
            assert_eq!(ForecastStage::of_redemption(*status).is_some(), status.holds_vouchers(), "{status}");
        }
        assert_eq!(ForecastStage::ALL.iter().filter(|stage| stage.is_approved()).count(), 4);
    }
}
