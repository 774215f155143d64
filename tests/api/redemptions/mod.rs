//! Writing, handing in, confirming and returning redemptions (Art. 12, 15.3).

mod checks;
mod confirming;
mod correcting;
mod invoices;
mod quoting;
mod seeing;
mod window;
mod writing;

use serde_json::{Value, json};

use crate::harness::{Account, Signed, World, id};

/// The seven accounts of a cycle of 1 000 000 yuan of which nothing is approved yet.
pub fn accounts(held: i64, committed: i64, lapsed: i64) -> Value {
    json!({
        "available": 100_000_000 - held - committed - lapsed, "held": held, "committed": committed, "payable": 0,
        "paid": 0, "lapsed": lapsed, "recovered": 0
    })
}

impl World {
    /// A redemption as this account reads it.
    pub async fn see(&self, account: &Account, redemption: &str) -> Value {
        self.read(account, &format!("/redemptions/{redemption}")).await
    }

    /// Puts this form in the place of what a redemption says, meant for its present version.
    pub async fn rewrite(&self, facility: &Account, redemption: &str, form: Value) -> crate::harness::Reply {
        let version = self.see(facility, redemption).await["version"].clone();
        self.put(&format!("/redemptions/{redemption}")).by(facility).if_match(&version).json(form).send().await
    }

    /// The voucher that pays, as its applicant reads it.
    pub async fn voucher_of(&self, signed: &Signed) -> Value {
        self.read(&signed.applicant, &format!("/vouchers/{}", id(&signed.voucher))).await
    }

    /// How the applicant's yearly limit stands.
    pub async fn used_fen(&self, applicant: &Account) -> Value {
        self.read(applicant, "/me/eligibility").await["used_fen"].clone()
    }

    /// The actions in what happened to a thing, the newest first.
    pub async fn actions(&self, account: &Account, path: &str) -> Vec<String> {
        let events = self.read(account, &format!("{path}/events?limit=200")).await;
        let items = events["items"].as_array().unwrap().iter();
        items.map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    }
}
