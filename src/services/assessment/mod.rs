//! The yearly assessment of facilities (Art. 11, 14) and their statements of funds (Art. 13).

mod campaign;
mod decision;
mod funds;
mod known;
mod panel;
mod review;
mod submission;
mod visit;
mod waiting;

pub use campaign::{
    AssessmentChange, AssessmentForm, AssessmentView, AssessmentsQuery, announce, change, create, list, show,
};
pub use decision::{
    AwardView, GradingForm, ProposalView, ResultView, ResultsView, SubsidyForm, decide, proposal, propose_grades,
    results,
};
pub use funds::{FundStatementView, FundStatementsQuery, OwnFundStatementView, own_funds, state_funds, statements};
pub use panel::{AssessmentPanelView, SubmissionPanelView, draw_panels};
pub use review::{
    AssessmentReviewView, AssessmentReviewsQuery, give_scores, is_reviewing, recuse_from, reviews, show_review,
};
pub(in crate::services) use submission::save as save_submission;
pub use submission::{
    OwnSubmissionView, SubmissionDetail, SubmissionForm, SubmissionView, SubmissionsQuery, own,
    show as show_submission, submissions, submit, write,
};
pub use visit::{CalledVisit, VisitForm, VisitsView, draw_visits, record_visit};
pub(super) use waiting::{facts_of, funds_to_state, still_to_submit, to_score, to_submit, who_may_submit};
