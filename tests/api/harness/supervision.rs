//! Violations and sanctions, as most tests need them.

use serde_json::{Value, json};

use super::{Account, Reply, World, id};

impl World {
    /// What an officer records against a party.
    pub fn violation_form(&self, party: &Account) -> Value {
        json!({
            "organization_id": party.organization_id, "kind": "false_information",
            "facts": "兑现材料中的检测报告与留存原始数据不一致"
        })
    }

    /// The id of a violation that an officer has recorded against a party.
    pub async fn violation(&self, officer: &Account, party: &Account) -> String {
        let form = self.violation_form(party);
        id(&self.post("/violations").by(officer).json(form).send().await.expect(201))
    }

    /// Does something about a violation.
    pub async fn tell_violation(&self, account: &Account, violation: &str, action: &str, body: Value) -> Reply {
        self.post(&format!("/violations/{violation}/{action}")).by(account).json(body).send().await
    }

    /// Proposes sanctions.
    pub async fn ask_decision(&self, officer: &Account, violation: &str, sanctions: Value) -> Reply {
        let body = json!({ "finding": "经查证属实", "sanctions": sanctions });
        self.tell_violation(officer, violation, "decision", body).await
    }

    /// Approves sanctions.
    pub async fn ask_approval(&self, officer: &Account, violation: &str) -> Reply {
        self.post(&format!("/violations/{violation}/approve")).by(officer).send().await
    }

    /// The id of a violation about which the party was heard and these sanctions are proposed; another
    /// officer is to approve them.
    pub async fn decided(&self, party: &Account, sanctions: Value) -> String {
        let officer = self.officer().await;
        let violation = self.violation(&officer, party).await;
        let statement = json!({ "statement": "情况属实,愿意整改" });
        self.tell_violation(party, &violation, "statement", statement).await.expect(200);
        self.ask_decision(&officer, &violation, sanctions).await.expect(200);
        violation
    }

    /// These sanctions on a party, approved: the violation they follow from.
    pub async fn sanctioned(&self, party: &Account, sanctions: Value) -> Value {
        let violation = self.decided(party, sanctions).await;
        let approver = self.officer().await;
        self.ask_approval(&approver, &violation).await.expect(200)
    }

    /// A clawback of 30 000 yuan of which 10 000 came: its id, and that of the receipt.
    pub async fn received_clawback(&self) -> (String, String) {
        let paid = self.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
        let (batch, payer) = self.approved_batch().await;
        self.pay(&payer, &batch).await;
        let measure = json!([{ "kind": "claw_back", "redemption_id": paid.redemption, "amount_fen": 3_000_000 }]);
        let closed = self.sanctioned(&paid.facility, measure).await;
        let clawback = id(&closed["sanctions"][0]["clawback"]);
        let body = json!({ "amount_fen": 1_000_000, "received_on": self.today(), "reference": "BJ-1" });
        let path = format!("/clawbacks/{clawback}/receipts");
        let received = self.post(&path).by(&payer).json(body).send().await.expect(201);
        (clawback, id(&received["receipts"][0]))
    }

    /// Lifts a sanction.
    pub async fn ask_lift(&self, officer: &Account, sanction: &Value) -> Reply {
        let path = format!("/sanctions/{}/lift", id(sanction));
        self.post(&path).by(officer).json(json!({ "reasons": "整改完成" })).send().await
    }
}

/// A sanction that says all by its kind, as the only one.
pub fn only(kind: &str) -> Value {
    json!([{ "kind": kind }])
}
