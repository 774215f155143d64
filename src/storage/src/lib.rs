//! The relational store: SQLite embedded, PostgreSQL in production, the same code on both.
//!
//! Reading order: [`connection`] opens a store, [`transaction`] reads and writes, [`error`] says what
//! can go wrong, `schema` lists the tables, [`aggregate`] is how a table becomes a row type, and one
//! file per aggregate follows. Everything that knows there are two databases is in [`backend`],
//! [`connection`], `checkpoint`, [`transaction`], [`error`] and [`migrations`]; diesel never leaves this
//! crate.

pub mod aggregate;
pub mod backend;
mod checkpoint;
pub mod connection;
pub mod error;
pub mod migrations;
pub mod page;
pub mod schema;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod transaction;

pub mod applicant;
pub mod assessment;
pub mod attempt;
pub mod audit;
pub mod calendar;
pub mod catalogue;
pub mod contract;
pub mod cycle;
pub mod deadline;
pub mod disbursement;
pub mod draw;
pub mod event;
pub mod expert;
pub mod facility;
pub mod file;
pub mod idempotency;
pub mod joining;
pub mod judgement;
pub mod lease;
pub mod ledger;
pub mod notice;
pub mod notification;
pub mod organization;
pub mod orphan;
pub mod outbox;
pub mod privacy;
pub mod project;
pub mod redemption;
pub mod reminder;
pub mod review;
pub mod supervision;
pub mod token;
pub mod user;
pub mod voucher;
pub mod worklist;

pub use backend::Connection;
pub use backend::rows::Together;
pub use connection::{Store, StoreOptions};
pub use error::StorageError;
pub use page::Page;
pub use transaction::{TransactionError, Unflushed, savepoint};
