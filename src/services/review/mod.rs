//! Art. 15.4: experts are drawn and review, doubts are looked into, an officer concludes, another one
//! approves.

mod conclude;
mod forms;
mod inquiry;
mod opinion;
mod panel;
mod progress;
mod views;

pub use conclude::{approve, conclude};
pub use forms::{
    ApprovalForm, ConclusionForm, InquiryForm, InquiryRecordForm, PanelForm, RecusalForm, ReleaseForm, ReviewForm,
    ReviewsQuery,
};
pub use inquiry::{InquiryList, arrange, inquiries, readable_inquiry, record_outcome};
pub use opinion::{ReviewList, give, is_reviewing, list, of_redemption, recuse, release, show};
pub(super) use panel::candidate;
pub use panel::{PanelList, draw, panels};
pub(super) use progress::next_tasks;
pub use views::{DrawnExpert, InquiryView, Materials, PanelView, ReviewView};
