//! Registering a contract with its vouchers, and what becomes of it (Art. 12, 15.2, 15.3).

mod amending;
mod deadlines;
mod ending;
mod refusals;
mod registering;
mod several;
mod trying;

use serde_json::{Value, json};

use crate::harness::{Account, World, id};

/// The seven accounts of a cycle of which nothing is approved yet.
pub fn accounts(available: i64, held: i64, committed: i64, lapsed: i64) -> Value {
    json!({
        "available": available, "held": held, "committed": committed, "payable": 0, "paid": 0, "lapsed": lapsed,
        "recovered": 0
    })
}

/// An applicant with one voucher of a cycle of 100 000 yuan, and a facility.
pub struct Scene {
    pub cycle: String,
    pub firm: Account,
    pub facility: Account,
    pub voucher: String,
}

impl World {
    /// A scene with a voucher of 50 000 yuan that is claimed now.
    pub async fn scene(&self) -> Scene {
        let cycle = self.open_cycle(10_000_000).await;
        let (firm, facility) = (self.enterprise().await, self.facility().await);
        let voucher = id(&self.claim(&firm, &cycle, 5_000_000).await);
        Scene { cycle, firm, facility, voucher }
    }
}

impl Scene {
    /// The voucher as the applicant reads it.
    pub async fn voucher(&self, world: &World) -> Value {
        world.read(&self.firm, &format!("/vouchers/{}", self.voucher)).await
    }

    /// An accepted project with the voucher.
    pub async fn project(&self, world: &World) -> String {
        world.accepted_project(&self.firm, &self.facility, &[&self.voucher], 12_000_000).await
    }

    /// A contract of 120 000 yuan with the voucher, until this day.
    pub async fn contract(&self, world: &World, ends_on: &str) -> Value {
        world.contract(&self.firm, &self.facility, &[&self.voucher], 12_000_000, ends_on).await
    }
}
