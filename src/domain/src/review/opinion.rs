//! 第十五条(四): what an expert gives: scores, a recommendation, an amount and an opinion.

use serde::{Deserialize, Serialize};

use crate::coded_enum;
use crate::money::Money;
use crate::refusal::{Faults, Refusal};

coded_enum! {
    /// Where an assigned review is.
    pub enum ReviewStatus ("review status") {
        /// The expert is asked.
        Assigned = "assigned",
        /// The expert has given an opinion, which may be changed until the conclusion.
        Submitted = "submitted",
        /// The expert has recused, or was released by the commission; another one is drawn.
        Recused = "recused",
    }
}

coded_enum! {
    /// What an expert recommends.
    pub enum Recommendation ("recommendation") {
        /// Pay what is claimable.
        Approve = "approve",
        /// Pay less.
        Reduce = "reduce",
        /// Pay nothing.
        Reject = "reject",
    }
}

/// An expert's scores, each 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// 技术含量 (Art. 3, 5: 具有较高技术含量的研发活动).
    pub technical_content: u8,
    /// 真实性: the service was done as shown (Art. 16).
    pub authenticity: u8,
    /// 费用合理性: the price is reasonable (Art. 4: 据实申请).
    pub cost_reasonableness: u8,
}

/// A review as the expert writes it.
#[derive(Debug, Clone, Copy)]
pub struct ReviewForm<'a> {
    /// The scores.
    pub scores: Scores,
    /// What the expert recommends.
    pub recommendation: Recommendation,
    /// What the expert would pay.
    pub amount_fen: Money,
    /// The opinion in words.
    pub opinion: &'a str,
}

/// What of a review decides how it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opinion {
    /// Where it is.
    pub status: ReviewStatus,
    /// What is recommended, once it is submitted.
    pub recommendation: Option<Recommendation>,
    /// 存疑: whether the expert doubts what is shown.
    pub is_doubtful: bool,
}

impl Opinion {
    /// The recommendation, where the review is submitted.
    pub(super) fn given(self) -> Option<Recommendation> {
        match self.status {
            ReviewStatus::Submitted => self.recommendation,
            ReviewStatus::Assigned | ReviewStatus::Recused => None,
        }
    }
}

/// The form of a review of a redemption with this claimable amount (fen).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_review(form: &ReviewForm<'_>, claimable_fen: Money) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let scores = [
        ("scores.technical_content", form.scores.technical_content),
        ("scores.authenticity", form.scores.authenticity),
        ("scores.cost_reasonableness", form.scores.cost_reasonableness),
    ];
    for (field, score) in scores {
        faults.require(score <= 100, field, "range", "分值须为 0 至 100。", "must be 0 to 100.");
    }
    require_amount(&mut faults, form.recommendation, form.amount_fen, claimable_fen);
    faults.require_text("opinion", form.opinion, 5_000);
    faults.done()
}

/// The amount fits what is decided: nothing for a rejection, more than nothing and at most what is
/// claimable for an approval, less than that for a reduction.
pub(super) fn require_amount(
    faults: &mut Faults,
    recommendation: Recommendation,
    amount_fen: Money,
    claimable_fen: Money,
) {
    let (fits, chinese, english) = match recommendation {
        Recommendation::Approve => (
            amount_fen.is_positive() && amount_fen <= claimable_fen,
            format!("同意兑现的金额须大于 0 且不超过可兑现金额 {claimable_fen} 元。"),
            format!("must be more than 0 and at most the claimable {claimable_fen} yuan for an approval."),
        ),
        Recommendation::Reduce => (
            amount_fen.is_positive() && amount_fen < claimable_fen,
            format!("调减后的金额须大于 0 且低于可兑现金额 {claimable_fen} 元;不予兑现请选择 reject。"),
            format!("must be more than 0 and less than the claimable {claimable_fen} yuan for a reduction."),
        ),
        Recommendation::Reject => {
            (amount_fen == Money::ZERO, "不予兑现的金额须为 0。".to_owned(), "must be 0 for a rejection.".to_owned())
        }
    };
    faults.require(fits, "amount_fen", "fits_decision", chinese, english);
}

/// An assigned or submitted review can be recused from, with a reason, until the conclusion.
///
/// # Errors
/// `validation_failed` without a reason, `invalid_state` when already recused.
pub fn validate_recusal(status: ReviewStatus, reason: &str) -> Result<ReviewStatus, Refusal> {
    let mut faults = Faults::default();
    faults.require_text("reason", reason, 1_000);
    faults.done()?;
    require_serving(status).map(|_| ReviewStatus::Recused)
}

/// An officer takes a review back from an expert who is silent, with a reason: it goes the way of a recusal,
/// so that another expert is drawn. An opinion that was given stays.
///
/// # Errors
/// `validation_failed` without a reason, `invalid_state` once it is given or recused from.
pub fn validate_release(status: ReviewStatus, reason: &str) -> Result<ReviewStatus, Refusal> {
    let mut faults = Faults::default();
    faults.require_text("reason", reason, 1_000);
    faults.done()?;
    match status {
        ReviewStatus::Assigned => Ok(ReviewStatus::Recused),
        ReviewStatus::Submitted => Err(Refusal::invalid_state(
            "该专家已提交评审意见,不能收回评审任务。",
            "The expert has given an opinion, which stays; only a review that is outstanding can be released.",
        )
        .article("15.4")),
        ReviewStatus::Recused => Err(Refusal::invalid_state(
            "该专家已回避或其评审任务已收回,无需再次操作。",
            "The expert has recused or was released already.",
        )
        .article("15.4")),
    }
}

/// The state of a review that is given; one who recused or was released reviews no more.
///
/// # Errors
/// `invalid_state`.
pub fn require_serving(status: ReviewStatus) -> Result<ReviewStatus, Refusal> {
    match status {
        ReviewStatus::Assigned | ReviewStatus::Submitted => Ok(ReviewStatus::Submitted),
        ReviewStatus::Recused => Err(Refusal::invalid_state(
            "您已回避该评审,或该评审任务已由主管部门收回,无需再次操作。",
            "You have recused from this review or were released from it; nothing more is asked of you.",
        )
        .article("15.4")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::yuan;
    use crate::refusal::RefusalCode;

    fn form(recommendation: Recommendation, amount_fen: Money) -> ReviewForm<'static> {
        ReviewForm {
            scores: Scores { technical_content: 100, authenticity: 0, cost_reasonableness: 80 },
            recommendation,
            amount_fen,
            opinion: "材料齐全,费用合理。",
        }
    }

    fn is_valid(recommendation: Recommendation, fen: i64) -> bool {
        validate_review(&form(recommendation, Money::from_fen(fen)), yuan(45_000)).is_ok()
    }

    #[test]
    fn the_amount_fits_the_recommendation() {
        use Recommendation::{Approve, Reduce, Reject};
        assert!(is_valid(Approve, 4_500_000) && !is_valid(Approve, 4_500_001) && !is_valid(Approve, 0));
        assert!(is_valid(Reduce, 4_499_999) && !is_valid(Reduce, 4_500_000) && !is_valid(Reduce, 0));
        assert!(is_valid(Reject, 0) && !is_valid(Reject, 1) && !is_valid(Reject, -1));
    }

    #[test]
    fn scores_and_words_are_asked_for() {
        let mut form = form(Recommendation::Reject, Money::ZERO);
        form.scores.authenticity = 101;
        form.opinion = "";
        let refusal = validate_review(&form, yuan(45_000)).unwrap_err();
        let fields: Vec<_> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["scores.authenticity", "opinion"]);
    }

    #[test]
    fn one_recuses_once_and_says_why() {
        assert_eq!(validate_recusal(ReviewStatus::Assigned, "曾任该单位顾问"), Ok(ReviewStatus::Recused));
        assert!(validate_recusal(ReviewStatus::Assigned, "").is_err());
        assert!(validate_recusal(ReviewStatus::Recused, "曾任该单位顾问").is_err());
        assert_eq!(require_serving(ReviewStatus::Assigned), Ok(ReviewStatus::Submitted));
        assert!(require_serving(ReviewStatus::Recused).is_err());
    }

    #[test]
    fn only_an_outstanding_review_is_released() {
        assert_eq!(validate_release(ReviewStatus::Assigned, "逾期未评审"), Ok(ReviewStatus::Recused));
        assert_eq!(validate_release(ReviewStatus::Assigned, " ").unwrap_err().fields.len(), 1);
        for status in [ReviewStatus::Submitted, ReviewStatus::Recused] {
            let refusal = validate_release(status, "逾期未评审").unwrap_err();
            assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("15.4")));
        }
    }
}
