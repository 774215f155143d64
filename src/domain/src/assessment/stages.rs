//! 第十四条(三)、(四): experts, scores, visits, grades: each is over before the next begins.

use super::CampaignStatus;
use crate::refusal::Refusal;

/// Art. 14.4: it goes on when the scores of all submissions are in.
///
/// # Errors
/// `invalid_state`, saying how many are missing.
pub fn require_all_scores(missing: usize) -> Result<(), Refusal> {
    if missing == 0 {
        return Ok(());
    }
    Err(not_now(
        format!("还有 {missing} 份专家评分未提交或待补充抽取专家,全部提交后方可继续。"),
        format!("{missing} reviews are outstanding or to be replaced; please go on when all are in."),
    ))
}

/// Art. 14.3: whether scores are taken, changed and recused from: experts are asked, and nobody has drawn
/// whom to visit yet.
pub fn takes_scores(status: CampaignStatus, visits_are_drawn: bool) -> bool {
    match status {
        CampaignStatus::InReview => !visits_are_drawn,
        CampaignStatus::Draft | CampaignStatus::Announced | CampaignStatus::Graded | CampaignStatus::Decided => false,
    }
}

/// The same, as a condition.
///
/// # Errors
/// `invalid_state`.
pub fn require_taking_scores(status: CampaignStatus, visits_are_drawn: bool) -> Result<(), Refusal> {
    if takes_scores(status, visits_are_drawn) {
        return Ok(());
    }
    Err(not_now(
        "评审打分已结束,不能再提交、修改评分或申请回避。".to_owned(),
        "Scores are no longer taken; they stay as they were given.".to_owned(),
    ))
}

/// Art. 14.4: visits are drawn and recorded while the campaign is in review.
///
/// # Errors
/// `invalid_state`.
pub fn require_in_review(status: CampaignStatus) -> Result<(), Refusal> {
    match status {
        CampaignStatus::InReview => Ok(()),
        CampaignStatus::Draft | CampaignStatus::Announced | CampaignStatus::Graded | CampaignStatus::Decided => {
            Err(not_now(
                "该绩效考核不在评审阶段,不能抽取或记录实地核查。".to_owned(),
                "The assessment is not in review; visits are neither drawn nor recorded.".to_owned(),
            ))
        }
    }
}

/// Art. 14.4: whom to visit is drawn once, and no expert after it.
///
/// # Errors
/// `invalid_state`.
pub fn require_visits_not_drawn(visits_are_drawn: bool) -> Result<(), Refusal> {
    if !visits_are_drawn {
        return Ok(());
    }
    Err(not_now(
        "实地核查单位已抽取,专家评审已结束。".to_owned(),
        "It was drawn already whom to visit, and scores are no longer taken.".to_owned(),
    ))
}

/// Art. 14.5: grades follow the visits.
///
/// # Errors
/// `invalid_state`.
pub fn require_visits_drawn(visits_are_drawn: bool) -> Result<(), Refusal> {
    if visits_are_drawn {
        return Ok(());
    }
    Err(not_now(
        "请先抽取实地核查单位(POST …/visits)并记录结果,再形成支持方案。".to_owned(),
        "Please draw whom to visit first (POST …/visits), and record what the visits find.".to_owned(),
    ))
}

fn not_now(chinese: String, english: String) -> Refusal {
    Refusal::invalid_state(chinese, english).article("14")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::refusal::RefusalCode;

    #[test]
    fn every_score_that_is_asked_for_is_waited_for() {
        assert!(require_all_scores(0).is_ok());
        let refusal = require_all_scores(2).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("14")));
        assert!(refusal.message.en.starts_with("2 reviews"), "{}", refusal.message.en);
    }

    #[test]
    fn scores_are_taken_in_review_until_the_visits_are_drawn() {
        for status in CampaignStatus::ALL {
            let is_in_review = *status == CampaignStatus::InReview;
            assert_eq!(takes_scores(*status, false), is_in_review, "{status}");
            assert!(!takes_scores(*status, true), "{status}");
            assert_eq!(require_taking_scores(*status, false).is_ok(), is_in_review, "{status}");
            assert_eq!(require_in_review(*status).is_ok(), is_in_review, "{status}");
        }
    }

    #[test]
    fn visits_are_drawn_once_and_before_the_grades() {
        for (outcome, expected) in [
            (require_visits_not_drawn(false), None),
            (require_visits_not_drawn(true), Some("14")),
            (require_visits_drawn(true), None),
            (require_visits_drawn(false), Some("14")),
        ] {
            assert_eq!(outcome.err().and_then(|refusal| refusal.article).as_deref(), expected);
        }
    }
}
