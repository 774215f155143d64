//! The pieces of a programme that most tests need: a cycle, a claim.

use serde_json::{Value, json};

use super::{Account, World};

/// The id of a thing that was answered.
pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("no id in {body}")).to_owned()
}

impl World {
    /// A published cycle that is open all year, with this budget in fen.
    pub async fn open_cycle(&self, budget_fen: i64) -> String {
        self.open_cycle_with(json!({ "budget_fen": budget_fen })).await
    }

    /// A published cycle with these facts instead of the usual ones.
    pub async fn open_cycle_with(&self, more: Value) -> String {
        let officer = self.officer().await;
        let mut form = json!({
            "name": format!("2026 年第 {} 期", self.next_number()), "budget_fen": 10_000_000_000_i64,
            "opens_at": "2026-01-01T09:00:00+08:00", "closes_at": "2026-12-31T18:00:00+08:00"
        });
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let cycle = id(&self.post("/cycles").by(&officer).json(form).send().await.expect(201));
        self.post(&format!("/cycles/{cycle}/publish")).by(&officer).send().await.expect(200);
        cycle
    }

    /// Claims a voucher that must be granted.
    pub async fn claim(&self, applicant: &Account, cycle: &str, amount_fen: i64) -> Value {
        self.ask_claim(applicant, cycle, amount_fen).await.expect(201)
    }

    /// Claims a voucher.
    pub async fn ask_claim(&self, applicant: &Account, cycle: &str, amount_fen: i64) -> super::Reply {
        let form = json!({ "cycle_id": cycle, "amount_fen": amount_fen, "declaration": true });
        self.post("/vouchers").by(applicant).json(form).send().await
    }

    /// The seven accounts of a cycle.
    pub async fn accounts(&self, cycle: &str) -> Value {
        let officer = self.officer().await;
        self.get(&format!("/cycles/{cycle}")).by(&officer).send().await.expect(200)["accounts"].clone()
    }
}
