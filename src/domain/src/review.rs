//! 第十五条(四): experts are drawn and review, doubtful ones are looked into, an officer concludes
//! and another one approves.

use uuid::Uuid;

use crate::refusal::{Refusal, RefusalCode};

mod conclusion;
mod inquiry;
mod opinion;
mod panel;

pub use conclusion::{ConclusionFacts, Decision, may_conclude, require_agreement, validate_conclusion};
pub use inquiry::{
    Inquiry, InquiryKind, InquiryOutcome, InquiryStatus, needs_inquiry, require_inquiry_open, validate_inquiry_place,
    validate_inquiry_record,
};
pub use opinion::{
    Opinion, Recommendation, ReviewForm, ReviewStatus, Scores, require_serving, validate_recusal, validate_release,
    validate_review,
};
pub use panel::{
    Candidate, EarlierWork, Exclusion, ExclusionReason, Panel, PanelCase, PanelNeed, Party, draw_panel, panel_need,
    require_no_conflict,
};

/// 两人: whoever concluded a review, or prepared a payment, does not approve it.
///
/// # Errors
/// `same_person`.
pub fn require_other_person(first: Uuid, second: Uuid, article: &str) -> Result<(), Refusal> {
    if first != second {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::SamePerson,
        "该事项由您本人经办,须由另一位工作人员批准。",
        "You prepared this yourself; another officer must approve it.",
    )
    .article(article))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_who_prepared_does_not_approve() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(require_other_person(one, other, "15.4").is_ok());
        let refusal = require_other_person(one, one, "15.4").unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::SamePerson, Some("15.4")));
    }
}
