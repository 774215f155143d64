//! The two databases behind one connection type.
//!
//! - [`Connection`]: either database; a query written once runs on whichever it is.
//! - [`types`]: the column types that the two databases store differently, under one name each.
//! - [`values`]: how the domain's values become those columns; a new coded enum or document is one
//!   line in [`registry`].
//! - [`query`]: what diesel cannot say for both at once: row locks, insert-or-ignore, sums of money.
//! - [`rows`]: many rows at once, of one table or of several.
//! - [`search`]: the catalogue's search, by the index of words that each database has.

mod any;
pub mod query;
pub mod rows;
pub mod search;
pub mod types;
// The macros of `values` are used by `registry`, so it comes after.
#[macro_use]
mod values;
mod registry;

pub use any::{AnyConnection as Connection, MultiBackend};
