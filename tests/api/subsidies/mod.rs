//! The money of the yearly assessment (Art. 11, 13, 14): its ledger, its notice, objections and payment.

mod ledger;
mod notices;
mod objections;
mod paying;

use serde_json::{Value, json};

use crate::assessing::Judging;
use crate::harness::{Account, World};

impl World {
    /// The notice of everything that an assessment came to.
    pub async fn publish_results(&self, officer: &Account, judging: &Judging) -> Value {
        let submissions: Vec<&str> = judging.submissions.iter().map(String::as_str).collect();
        self.ask_notice_of(officer, "subsidy", &submissions).await.expect(201)
    }

    /// The state of a submission, as the commission sees it.
    pub async fn submission_status(&self, submission: &str) -> String {
        let officer = self.officer().await;
        let submission = self.read(&officer, &format!("/assessment-submissions/{submission}")).await;
        submission["status"].as_str().unwrap().to_owned()
    }
}

/// The accounts of a budget of which so much is available, payable, paid and recovered.
pub fn accounts(available: i64, payable: i64, paid: i64, recovered: i64) -> Value {
    json!({
        "available": available, "held": 0, "committed": 0, "payable": payable, "paid": paid, "lapsed": 0,
        "recovered": recovered
    })
}
