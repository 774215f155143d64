//! The facility's application to be paid (Art. 15.3): written, confirmed by the applicant, handed in,
//! accepted or returned by an officer. What the experts make of it is in [`super::review`].

mod checks;
mod forms;
mod hand_in;
mod parts;
mod read;
mod receive;
mod views;
mod write;

pub use forms::{ConfirmationForm, EvidenceItem, InvoiceItem, RedemptionForm, RedemptionRemarks, RedemptionsQuery};
pub use hand_in::{end_with_voucher, submit, withdraw, withdraw_with_contract};
pub use parts::{Whole, free_invoices, record, save};
pub use read::{events, list, may_see, show};
pub use receive::{accept, confirm, return_for_correction};
pub use views::{AllotmentView, ConclusionView, RedemptionSummary, RedemptionView, quote, view};
pub use write::{create, update};
