//! 第十四条: what an officer has to do next about a campaign of the yearly assessment.

use super::TaskKind;
use crate::assessment::{CampaignFacts, CampaignStatus};

/// Art. 14.3 to 14.5: what comes next. Nothing while facilities submit or experts score, nor while visits are
/// under way: each of those is a task of its own.
pub fn next_of_campaign(facts: &CampaignFacts) -> Option<TaskKind> {
    match facts.status {
        CampaignStatus::Draft | CampaignStatus::Decided => None,
        CampaignStatus::Announced => {
            (facts.is_closed && facts.submissions > 0).then_some(TaskKind::DrawAssessmentPanels)
        }
        CampaignStatus::InReview if facts.are_visits_drawn => {
            (facts.open_visits == 0).then_some(TaskKind::GradeAssessment)
        }
        CampaignStatus::InReview if facts.lacking.experts > 0 => Some(TaskKind::DrawAssessmentPanels),
        CampaignStatus::InReview => (facts.lacking.scores == 0).then_some(TaskKind::DrawAssessmentVisits),
        CampaignStatus::Graded => Some(TaskKind::ApproveGrades),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Lacking;

    const ANNOUNCED: CampaignFacts = CampaignFacts {
        status: CampaignStatus::Announced,
        is_closed: true,
        submissions: 3,
        lacking: Lacking { experts: 9, scores: 9 },
        are_visits_drawn: false,
        open_visits: 0,
    };

    #[test]
    fn a_campaign_goes_from_its_panels_to_the_other_officer() {
        let open = CampaignFacts { is_closed: false, ..ANNOUNCED };
        let empty = CampaignFacts { submissions: 0, lacking: Lacking::default(), ..ANNOUNCED };
        let review = CampaignFacts { status: CampaignStatus::InReview, ..ANNOUNCED };
        let scoring = CampaignFacts { lacking: Lacking { experts: 0, scores: 1 }, ..review };
        let scored = CampaignFacts { lacking: Lacking::default(), ..review };
        let visiting = CampaignFacts { are_visits_drawn: true, open_visits: 1, ..scored };
        let visited = CampaignFacts { open_visits: 0, ..visiting };
        let graded = CampaignFacts { status: CampaignStatus::Graded, ..visited };
        let decided = CampaignFacts { status: CampaignStatus::Decided, ..visited };
        for (facts, next) in [
            (open, None),
            (empty, None),
            (ANNOUNCED, Some(TaskKind::DrawAssessmentPanels)),
            (review, Some(TaskKind::DrawAssessmentPanels)),
            (scoring, None),
            (scored, Some(TaskKind::DrawAssessmentVisits)),
            (visiting, None),
            (visited, Some(TaskKind::GradeAssessment)),
            (graded, Some(TaskKind::ApproveGrades)),
            (decided, None),
        ] {
            assert_eq!(next_of_campaign(&facts), next, "{facts:?}");
        }
    }
}
