//! Projects (合作项目) that applicants propose to facilities (Art. 5, 12, 15.2): written and submitted by
//! the applicant, accepted, returned or declined by the facility.

mod choice;
mod decide;
mod form;
mod propose;
mod read;
mod view;

pub(super) use choice::serving;
pub use decide::{accept, decline, give_back};
pub use form::{ProjectForm, ProjectsQuery, RemarksForm};
pub use propose::{change, create, submit};
pub use read::{events, list, show};
pub use view::{ApplicantFacts, ProjectRecord, ProjectSummary, ProjectView, ProjectVoucher};
