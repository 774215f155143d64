//! 第十四条(三)、(四): how far a campaign is, and what it waits for.

use super::CampaignStatus;
use crate::review::ReviewStatus;

/// What a submission's panel lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lacking {
    /// Experts to be drawn.
    pub experts: usize,
    /// Scores to be given, those of experts to be drawn too.
    pub scores: usize,
}

impl Lacking {
    /// What both lack together.
    pub fn and(self, other: Self) -> Self {
        Self { experts: self.experts.saturating_add(other.experts), scores: self.scores.saturating_add(other.scores) }
    }
}

/// Art. 14.3: what a submission's panel of this size lacks, by the states of its reviews. Who has stepped back
/// is to be replaced.
pub fn lacking(panel_size: u16, reviews: impl IntoIterator<Item = ReviewStatus>) -> Lacking {
    let (mut asked, mut given) = (0_usize, 0_usize);
    for status in reviews {
        match status {
            ReviewStatus::Assigned => asked = asked.saturating_add(1),
            ReviewStatus::Submitted => given = given.saturating_add(1),
            ReviewStatus::Recused => {}
        }
    }
    let size = usize::from(panel_size);
    Lacking { experts: size.saturating_sub(asked.saturating_add(given)), scores: size.saturating_sub(given).max(asked) }
}

/// What is known of a campaign when it is asked what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignFacts {
    /// Its state.
    pub status: CampaignStatus,
    /// Whether its last day of submissions is over.
    pub is_closed: bool,
    /// How many submissions were handed in.
    pub submissions: usize,
    /// What their panels lack together.
    pub lacking: Lacking,
    /// Whether it is drawn who is visited.
    pub are_visits_drawn: bool,
    /// How many visits have no outcome yet.
    pub open_visits: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_lacks_who_stepped_back_and_what_is_not_given() {
        let (asked, given, back) = (ReviewStatus::Assigned, ReviewStatus::Submitted, ReviewStatus::Recused);
        let of = |reviews: &[ReviewStatus]| {
            let found = lacking(3, reviews.iter().copied());
            (found.experts, found.scores)
        };
        assert_eq!(of(&[]), (3, 3));
        assert_eq!(of(&[asked, asked, asked]), (0, 3));
        assert_eq!(of(&[given, asked, back]), (1, 2));
        assert_eq!(of(&[given, given, back, given]), (0, 0));
        // One who is asked beyond the panel's size is waited for all the same.
        assert_eq!(of(&[given, given, given, asked]), (0, 1));
    }
}
