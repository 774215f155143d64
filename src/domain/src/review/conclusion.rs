//! 第十五条(四): an officer concludes when the opinions are in and the doubts looked into.

use super::inquiry::{Inquiry, InquiryStatus, needs_inquiry};
use super::opinion::{Opinion, ReviewStatus, require_amount};
use crate::money::Money;
use crate::refusal::{Faults, Refusal};

/// What an officer decides is what an expert may recommend.
pub use super::opinion::Recommendation as Decision;

/// What a conclusion stands on.
#[derive(Debug, Clone, Copy)]
pub struct ConclusionFacts<'a> {
    /// Every review of the redemption, recused ones too.
    pub reviews: &'a [Opinion],
    /// How many opinions the panel was to give.
    pub panel_size: u16,
    /// Every inquiry into it.
    pub inquiries: &'a [Inquiry],
}

/// Art. 15.4: whether an officer may conclude: no review is outstanding, as many are in as the panel
/// was to give (who recused has been replaced), no inquiry is waiting for its outcome, and there is
/// one with an outcome where the reviews ask for it.
///
/// # Errors
/// `invalid_state`, saying which of these is missing.
pub fn may_conclude(facts: &ConclusionFacts<'_>) -> Result<(), Refusal> {
    let in_status = |status| facts.reviews.iter().filter(|review| review.status == status).count();
    let (outstanding, submitted) = (in_status(ReviewStatus::Assigned), in_status(ReviewStatus::Submitted));
    if outstanding > 0 {
        return Err(not_yet(
            format!("还有 {outstanding} 名专家未提交评审意见,待全部提交后方可形成结论。"),
            format!("{outstanding} reviews are outstanding; please conclude when all are in."),
        ));
    }
    if submitted < usize::from(facts.panel_size) {
        let size = facts.panel_size;
        return Err(not_yet(
            format!("应有 {size} 份评审意见,现有 {submitted} 份;请补充抽取专家。"),
            format!("{size} reviews are asked for and {submitted} are in; please draw more experts."),
        ));
    }
    if facts.inquiries.iter().any(|inquiry| inquiry.status == InquiryStatus::Scheduled) {
        return Err(not_yet(
            "已安排的现场调研或答辩尚未记录结果,请记录后再形成结论。".to_owned(),
            "An inquiry is arranged and its outcome not recorded; please record it first.".to_owned(),
        ));
    }
    if needs_inquiry(facts.reviews) && !facts.inquiries.iter().any(|inquiry| inquiry.outcome.is_some()) {
        return Err(not_yet(
            "评审中有存疑或意见不一致,须先组织现场调研或答辩会并记录结果,再形成结论。".to_owned(),
            "A review is doubtful or the recommendations split; a site visit or defence must be held and recorded first."
                .to_owned(),
        ));
    }
    Ok(())
}

/// The form of a conclusion about a redemption with this claimable amount (fen).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_conclusion(
    decision: Decision,
    amount_fen: Money,
    opinion: &str,
    claimable_fen: Money,
) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    require_amount(&mut faults, decision, amount_fen, claimable_fen);
    faults.require_text("opinion", opinion, 5_000);
    faults.done()
}

/// Two pairs of eyes see the same: an approver who names a decision or an amount (fen) names the
/// concluded one. Who does not agree has the review concluded anew.
///
/// # Errors
/// `invalid_state`, saying what was concluded; `validation_failed` for an opinion that is too long.
pub fn require_agreement(
    concluded: (Decision, Money),
    named_decision: Option<Decision>,
    named_amount_fen: Option<Money>,
    opinion: Option<&str>,
) -> Result<(), Refusal> {
    if let Some(opinion) = opinion.filter(|opinion| !opinion.trim().is_empty()) {
        let mut faults = Faults::default();
        faults.require_text("opinion", opinion, 5_000);
        faults.done()?;
    }
    let (decision, amount_fen) = concluded;
    if named_decision.is_none_or(|named| named == decision) && named_amount_fen.is_none_or(|named| named == amount_fen)
    {
        return Ok(());
    }
    Err(not_yet(
        format!("评审结论为“{decision}”、{amount_fen} 元,与您填写的不一致;如不同意该结论,请由经办人重新形成结论。"),
        format!(
            "The conclusion is {decision} with {amount_fen} yuan, not what you have named; if you do not agree with it, \
             have the review concluded anew."
        ),
    ))
}

fn not_yet(chinese: String, english: String) -> Refusal {
    Refusal::invalid_state(chinese, english).article("15.4")
}

#[cfg(test)]
mod tests {
    use super::super::inquiry::{InquiryOutcome, require_inquiry_open, validate_inquiry_record};
    use super::super::opinion::Recommendation;
    use super::*;
    use crate::fixtures::yuan;

    fn given(recommendation: Recommendation, is_doubtful: bool) -> Opinion {
        Opinion { status: ReviewStatus::Submitted, recommendation: Some(recommendation), is_doubtful }
    }

    fn other(status: ReviewStatus) -> Opinion {
        Opinion { status, recommendation: None, is_doubtful: false }
    }

    fn may(reviews: &[Opinion], inquiries: &[Inquiry]) -> bool {
        may_conclude(&ConclusionFacts { reviews, panel_size: 3, inquiries }).is_ok()
    }

    const SCHEDULED: Inquiry = Inquiry { status: InquiryStatus::Scheduled, outcome: None };
    const HELD: Inquiry = Inquiry { status: InquiryStatus::Recorded, outcome: Some(InquiryOutcome::Confirmed) };

    #[test]
    fn unanimous_and_undoubted_reviews_are_concluded_at_once() {
        let approve = given(Recommendation::Approve, false);
        assert!(may(&[approve; 3], &[]));
        assert!(!may(&[approve; 3], &[SCHEDULED]));
        assert!(may(&[approve; 3], &[HELD]));
    }

    #[test]
    fn an_approver_names_what_was_concluded_or_nothing() {
        let concluded = (Decision::Reduce, yuan(4));
        assert!(require_agreement(concluded, None, None, None).is_ok());
        assert!(require_agreement(concluded, Some(Decision::Reduce), Some(yuan(4)), Some("同意")).is_ok());
        assert!(require_agreement(concluded, Some(Decision::Approve), Some(yuan(4)), None).is_err());
        assert!(require_agreement(concluded, Some(Decision::Reduce), Some(Money::from_fen(401)), None).is_err());
        assert!(require_agreement(concluded, None, None, Some(&"长".repeat(5_001))).is_err());
    }

    #[test]
    fn every_review_must_be_in_and_recused_ones_replaced() {
        let approve = given(Recommendation::Approve, false);
        assert!(!may(&[approve, approve, other(ReviewStatus::Assigned)], &[]));
        assert!(!may(&[approve, approve, approve, other(ReviewStatus::Assigned)], &[]));
        assert!(!may(&[approve, approve, other(ReviewStatus::Recused)], &[]));
        assert!(may(&[approve, approve, other(ReviewStatus::Recused), approve], &[]));
        assert!(!may(&[], &[]));
    }

    #[test]
    fn doubts_and_splits_ask_for_an_inquiry_with_an_outcome() {
        let approve = given(Recommendation::Approve, false);
        let doubtful = [approve, approve, given(Recommendation::Approve, true)];
        let split = [approve, given(Recommendation::Reduce, false), approve];
        for reviews in [doubtful, split] {
            assert!(needs_inquiry(&reviews));
            assert!(!may(&reviews, &[]));
            assert!(!may(&reviews, &[SCHEDULED]));
            assert!(!may(&reviews, &[HELD, SCHEDULED]));
            assert!(may(&reviews, &[HELD]));
        }
    }

    #[test]
    fn the_doubts_of_one_who_recused_do_not_count() {
        let recused = Opinion { is_doubtful: true, ..other(ReviewStatus::Recused) };
        assert!(!needs_inquiry(&[recused, given(Recommendation::Approve, false)]));
        assert!(!needs_inquiry(&[]));
    }

    #[test]
    fn an_outcome_is_recorded_once() {
        assert_eq!(require_inquiry_open(InquiryStatus::Scheduled), Ok(InquiryStatus::Recorded));
        assert!(require_inquiry_open(InquiryStatus::Recorded).is_err());
        assert!(validate_inquiry_record(" ", &[]).is_err());
    }

    #[test]
    fn a_conclusion_pays_at_most_what_is_claimable() {
        let claimable = yuan(45_000);
        assert!(validate_conclusion(Decision::Approve, claimable, "同意", claimable).is_ok());
        assert!(validate_conclusion(Decision::Approve, Money::from_fen(4_500_001), "同意", claimable).is_err());
        assert!(validate_conclusion(Decision::Reject, Money::ZERO, "服务未开展", claimable).is_ok());
        assert!(validate_conclusion(Decision::Reject, Money::from_fen(1), "服务未开展", claimable).is_err());
        assert_eq!(validate_conclusion(Decision::Reduce, claimable, "", claimable).unwrap_err().fields.len(), 2);
    }
}
