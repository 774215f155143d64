//! The yearly assessment of facilities (Art. 11, 14) and their statements of funds (Art. 13).

mod campaign;
mod funds;
mod known;
mod submission;

pub use campaign::{
    AssessmentChange, AssessmentForm, AssessmentView, AssessmentsQuery, announce, change, create, list, show,
};
pub use funds::{FundStatementView, FundStatementsQuery, OwnFundStatementView, own_funds, state_funds, statements};
pub use submission::{
    OwnSubmissionView, SubmissionDetail, SubmissionForm, SubmissionView, SubmissionsQuery, own,
    show as show_submission, submissions, submit, to_submit, write,
};
