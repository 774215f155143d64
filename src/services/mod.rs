//! The use cases: what a person (or a job) does, as one pass over one transaction.
//!
//! A use case takes a [`Call`], which carries the open transaction, the instant, the person and the
//! request's id; it loads, lets the domain decide, saves, records the event, and answers. It never
//! opens a transaction, never reads a clock, and knows nothing of HTTP.

pub mod accounts;
pub mod applicant;
pub mod assessment;
pub mod audit;
pub mod board;
pub mod calendar;
pub mod call;
pub mod catalogue;
pub mod claim;
pub mod contract;
pub mod cycle;
pub mod deadlines;
pub mod development;
pub mod disbursement;
pub mod draw;
pub mod facility;
pub mod failure;
pub mod file;
pub mod housekeeping;
pub mod identity;
pub mod import;
pub mod lag;
pub mod lapse;
pub mod lease;
pub mod letters;
pub mod notice;
pub mod notification;
pub mod notify;
pub mod outbox;
pub mod page;
mod payable;
pub mod policy;
pub mod ports;
pub mod privacy;
pub mod project;
pub mod redemption;
pub mod review;
pub mod spreadsheet;
mod subsidy;
pub mod supervision;
pub mod tidings;
pub mod verification;
pub mod voucher;
pub mod worklist;

pub use call::{Call, Change, Precondition, Program};
pub use failure::{Failure, Outcome};
pub use page::{Page, PageRequest};
