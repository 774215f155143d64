//! Notices, objections and payments, as most tests need them.

use innovation_voucher::services::ports::Clock;
use serde_json::{Value, json};

use super::{Account, Approved, Reply, World, id, instant};

impl World {
    /// Publishes redemptions.
    pub async fn ask_notice(&self, officer: &Account, redemptions: &[&str]) -> Reply {
        self.ask_notice_of(officer, "redemption", redemptions).await
    }

    /// Publishes things of this kind.
    pub async fn ask_notice_of(&self, officer: &Account, kind: &str, subjects: &[&str]) -> Reply {
        let body = json!({ "kind": kind, "subject_ids": subjects });
        self.post("/notices").by(officer).json(body).send().await
    }

    /// The notice of redemptions that can be published.
    pub async fn publish(&self, officer: &Account, redemptions: &[&str]) -> Value {
        self.ask_notice(officer, redemptions).await.expect(201)
    }

    /// The body of an objection to an item of a notice.
    pub fn objection_form(&self, notice: &Value, item: usize) -> Value {
        json!({
            "item_id": notice["items"][item]["id"], "name": "郑直", "contact": "13911112222",
            "grounds": "所述服务与本人了解的情况不符"
        })
    }

    /// Somebody without an account objects to an item of a notice.
    pub async fn ask_objection(&self, notice: &Value, item: usize) -> Reply {
        self.post(&format!("/notices/{}/objections", id(notice))).json(self.objection_form(notice, item)).send().await
    }

    /// The id of an objection to an item of a notice.
    pub async fn object(&self, notice: &Value, item: usize) -> String {
        id(&self.ask_objection(notice, item).await.expect(201))
    }

    /// Resolves an objection.
    pub async fn resolve(&self, officer: &Account, objection: &str, body: Value) -> Reply {
        self.post(&format!("/objections/{objection}/resolve")).by(officer).json(body).send().await
    }

    /// Dismisses an objection.
    pub async fn dismiss(&self, officer: &Account, objection: &str) {
        let body = json!({ "outcome": "dismissed", "reasons": "经核实,服务属实" });
        self.resolve(officer, objection, body).await.expect(200);
    }

    /// Moves the clock to the instant at which a notice is over.
    pub fn end_of(&self, notice: &Value) {
        let end = notice["deadline"]["expires_at"].as_str().unwrap();
        if self.clock.now() < instant(end) {
            self.at(end);
        }
    }

    /// A redemption that can be paid: approved, published, its notice over.
    pub async fn payable_redemption(
        &self,
        voucher_fen: i64,
        contract_fen: i64,
        actual_fen: i64,
        approved_fen: i64,
    ) -> Approved {
        let approved = self.approved_redemption(voucher_fen, contract_fen, actual_fen, approved_fen).await;
        let notice = self.publish(&approved.approver, &[&approved.redemption]).await;
        self.end_of(&notice);
        approved
    }

    /// Prepares a batch: of these redemptions, or of everything that is payable.
    pub async fn ask_batch(&self, officer: &Account, redemptions: Option<&[&str]>) -> Reply {
        let mut body = json!({ "title": "2026 年创新券拨付" });
        if let Some(redemptions) = redemptions {
            body["redemption_ids"] = json!(redemptions);
        }
        self.post("/disbursements").by(officer).json(body).send().await
    }

    /// An approved batch of everything that is payable, with the officer who approved it.
    pub async fn approved_batch(&self) -> (Value, Account) {
        let (preparer, approver) = (self.officer().await, self.officer().await);
        let batch = self.ask_batch(&preparer, None).await.expect(201);
        let approve = format!("/disbursements/{}/approve", id(&batch));
        (self.post(&approve).by(&approver).send().await.expect(200), approver)
    }

    /// Records results of a batch.
    pub async fn ask_results(&self, officer: &Account, batch: &Value, lines: Value) -> Reply {
        let path = format!("/disbursements/{}/results", id(batch));
        self.post(&path).by(officer).json(json!({ "lines": lines })).send().await
    }

    /// Records that every line of a batch was paid.
    pub async fn pay(&self, officer: &Account, batch: &Value) -> Value {
        let lines = batch["lines"].as_array().unwrap().iter();
        let lines: Vec<_> = lines.map(|line| paid(&line["id"])).collect();
        self.ask_results(officer, batch, json!(lines)).await.expect(200)
    }

    /// The state of a redemption, as the commission sees it.
    pub async fn redemption_status(&self, officer: &Account, redemption: &str) -> String {
        let redemption = self.read(officer, &format!("/redemptions/{redemption}")).await;
        redemption["status"].as_str().unwrap().to_owned()
    }
}

/// The result of a line that was paid.
pub fn paid(line: &Value) -> Value {
    json!({ "line_id": line, "outcome": "paid", "reference": "BJ20260930001" })
}

/// The result of a line that was not paid.
pub fn failed(line: &Value) -> Value {
    json!({ "line_id": line, "outcome": "failed", "reason": "账号与户名不符" })
}
