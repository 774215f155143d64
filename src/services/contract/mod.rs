//! Service contracts (服务合同): registered by the facility with the vouchers that pay, amended, completed,
//! terminated before the service, or lapsed (Art. 12, 15.2, 15.3).

mod change;
mod form;
mod read;
mod register;
mod view;

pub use change::{amend, complete, lapse, settle, terminate};
pub use form::{CompletionForm, ContractChange, ContractForm, ContractsQuery, TerminationForm};
pub use read::{events, list, show};
pub use register::register;
pub use view::{ContractRecord, ContractView, QuoteView, save};
pub(super) use view::{differences, kind_of};
