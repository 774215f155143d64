//! The program as processes: several servers on one store, and servers that are killed in mid-rush.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests; an overflow fails them"
)]

mod client;
mod letters;
mod rush;
mod server;
#[path = "../smtp/server.rs"]
mod smtp_server;

use voucher_storage::testing::{self, TestStore};

fn both() -> [TestStore; 2] {
    [testing::sqlite(), testing::postgres()]
}
