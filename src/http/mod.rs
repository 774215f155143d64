//! The REST API: one table of routes, one way through, one mapping of refusals to answers.

pub mod answer;
pub mod board;
pub mod claim_lane;
pub mod claims;
pub mod dispatch;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod request;
pub mod route;
#[rustfmt::skip] // a table: one row, one line or two
pub mod routes;
pub mod server;
pub mod table;
