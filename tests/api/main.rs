//! The API as its clients see it, on SQLite and on PostgreSQL.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests; an overflow fails them")]

mod harness;

mod claims;
