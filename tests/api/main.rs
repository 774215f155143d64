//! The API as its clients see it, on SQLite and on PostgreSQL.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests; what panics here fails them"
)]

mod harness;
#[path = "../smtp/server.rs"]
mod smtp_server;

mod account_events;
mod accounts;
mod assessing;
mod assessment_reviews;
mod assessments;
mod audit;
mod bad_input;
mod calendar;
mod catalogue;
mod claims;
mod contracts;
mod cycles;
mod deadlines;
mod disbursements;
mod draws;
mod eligibility;
mod eve;
mod facilities;
mod files;
mod idempotency;
mod imports;
mod joining;
mod lapsing;
mod leases;
mod leaving;
mod notices;
mod notifications;
mod openapi;
mod outbox;
mod permissions;
mod privacy;
mod projects;
mod recognition;
mod redemptions;
mod reminders;
mod reviews;
mod rush;
mod search;
mod subsidies;
mod supervision;
mod telling;
mod told;
mod users;
mod verification;
mod walkthrough;
mod worklist;
