//! Redemptions and their reviews, as most tests need them.

use innovation_voucher::services::ports::Clock;
use serde_json::{Value, json};

use super::{Account, Reply, World, id, instant};

/// The kinds of evidence that a redemption must carry.
pub const EVIDENCE: [&str; 5] = ["contract", "invoice", "payment_proof", "service_report", "acceptance"];

/// A redemption that was approved, with everybody and everything that led to it.
pub struct Approved {
    pub redemption: String,
    /// The answer to the registration of its contract.
    pub contract: Value,
    /// The answer to the claim of its only voucher.
    pub voucher: Value,
    pub cycle: String,
    pub applicant: Account,
    pub facility: Account,
    /// The officer who concluded.
    pub concluder: Account,
    /// The officer who approved.
    pub approver: Account,
}

/// A contract whose redemption can be written, with its parties.
pub struct Signed {
    pub contract: Value,
    pub voucher: Value,
    pub cycle: String,
    pub applicant: Account,
    pub facility: Account,
}

/// What decision an amount stands for.
pub fn decision(amount_fen: i64, claimable_fen: i64) -> &'static str {
    match amount_fen {
        0 => "reject",
        amount if amount < claimable_fen => "reduce",
        _ => "approve",
    }
}

impl World {
    /// A contract that ends on this day, paid by one voucher of a new enterprise, from a cycle with a
    /// budget of 1 000 000 yuan.
    pub async fn signed_contract(&self, voucher_fen: i64, contract_fen: i64, ends_on: &str) -> Signed {
        let cycle = self.open_cycle(100_000_000).await;
        let (applicant, facility) = (self.enterprise().await, self.facility().await);
        let voucher = self.claim(&applicant, &cycle, voucher_fen).await;
        let contract = self.contract(&applicant, &facility, &[&id(&voucher)], contract_fen, ends_on).await;
        Signed { contract, voucher, cycle, applicant, facility }
    }

    /// The amount of an invoice that no other test's redemption uses.
    pub fn invoice(&self, amount_fen: i64) -> Value {
        json!({ "code": "011002600111", "number": format!("{:08}", self.next_number()), "amount_fen": amount_fen })
    }

    /// A redemption that can be submitted: an invoice of the actual amount, and every kind of evidence.
    pub async fn redemption_form(&self, facility: &Account, contract: &Value, actual_fen: i64) -> Value {
        let mut evidence = Vec::new();
        for kind in EVIDENCE {
            let file = self.upload(facility, &format!("{kind}.pdf")).await;
            evidence.push(json!({ "kind": kind, "file_id": file }));
        }
        json!({
            "contract_id": id(contract), "actual_amount_fen": actual_fen, "invoices": [self.invoice(actual_fen)],
            "evidence": evidence, "remarks": "服务已完成"
        })
    }

    /// The answer to writing a redemption that can be submitted.
    pub async fn draft_redemption(&self, facility: &Account, contract: &Value, actual_fen: i64) -> Value {
        let form = self.redemption_form(facility, contract, actual_fen).await;
        self.post("/redemptions").by(facility).json(form).send().await.expect(201)
    }

    /// Does something to a redemption that takes no body.
    pub async fn do_redemption(&self, account: &Account, redemption: &str, action: &str) -> Reply {
        self.post(&format!("/redemptions/{redemption}/{action}")).by(account).send().await
    }

    /// Does something to a redemption.
    pub async fn tell_redemption(&self, account: &Account, redemption: &str, action: &str, body: Value) -> Reply {
        self.post(&format!("/redemptions/{redemption}/{action}")).by(account).json(body).send().await
    }

    /// A submitted redemption of the contract. If its window is not open yet, the clock is moved to 10:00
    /// of the first day.
    pub async fn redemption(&self, facility: &Account, contract: &Value, actual_fen: i64) -> String {
        let redemption = id(&self.draft_redemption(facility, contract, actual_fen).await);
        let first = format!("{}T10:00:00+08:00", contract["redeem_from"].as_str().unwrap());
        if self.today().as_str() < &first[..10] {
            assert!(self.clock.move_to(instant(&first)));
        }
        self.do_redemption(facility, &redemption, "submit").await.expect(200);
        redemption
    }

    /// The applicant agrees.
    pub async fn confirmed(&self, applicant: &Account, redemption: &str) {
        let body = json!({ "agrees": true, "rating": 5, "remarks": "服务满意" });
        self.tell_redemption(applicant, redemption, "confirm", body).await.expect(200);
    }

    /// The applicant agrees and an officer, who is answered, accepts the redemption.
    pub async fn accepted_redemption(&self, applicant: &Account, redemption: &str) -> Account {
        let officer = self.officer().await;
        self.confirmed(applicant, redemption).await;
        self.tell_redemption(&officer, redemption, "accept", json!({ "remarks": "" })).await.expect(200);
        officer
    }

    /// Draws the redemption's experts by the officer: those drawn, in the order of the draw.
    pub async fn draw_panel(&self, officer: &Account, redemption: &str) -> Vec<Account> {
        let panel = self.tell_redemption(officer, redemption, "panel", json!({})).await.expect(200);
        let drawn = panel["drawn"].as_array().unwrap().iter();
        drawn.map(|expert| self.known_expert(expert["expert_id"].as_str().unwrap())).collect()
    }

    /// The expert's review of this redemption, as it is listed to the expert.
    pub async fn review_of(&self, expert: &Account, redemption: &str) -> Value {
        let list = self.get("/reviews?limit=200").by(expert).send().await.expect(200);
        let mut items = list["items"].as_array().unwrap().iter();
        items.find(|review| review["redemption_id"] == redemption).expect("it was not assigned").clone()
    }

    /// What an expert gives who recommends this amount of what is claimable.
    pub fn review_form(&self, amount_fen: i64, claimable_fen: i64) -> Value {
        json!({
            "scores": { "technical_content": 90, "authenticity": 95, "cost_reasonableness": 85 },
            "recommendation": decision(amount_fen, claimable_fen), "amount_fen": amount_fen, "is_doubtful": false,
            "opinion": "材料齐全,费用合理。"
        })
    }

    /// Gives the expert's review of this redemption.
    pub async fn give_review(&self, expert: &Account, redemption: &str, form: Value) -> Reply {
        let review = self.review_of(expert, redemption).await;
        let path = format!("/reviews/{}", id(&review));
        self.put(&path).by(expert).if_match(&review["version"]).json(form).send().await
    }

    /// Takes a submitted redemption through the applicant's consent, an officer's acceptance, a panel of
    /// three and their unanimous reviews, which recommend this amount. The officer is answered.
    pub async fn reviewed(&self, applicant: &Account, redemption: &str, amount_fen: i64) -> Account {
        let officer = self.accepted_redemption(applicant, redemption).await;
        for _ in 0..3 {
            self.expert().await;
        }
        let claimable_fen = self.read(&officer, &format!("/redemptions/{redemption}")).await["claimable_fen"].clone();
        let form = self.review_form(amount_fen, claimable_fen.as_i64().unwrap());
        for expert in self.draw_panel(&officer, redemption).await {
            self.give_review(&expert, redemption, form.clone()).await.expect(200);
        }
        officer
    }

    /// Concludes a review with this amount.
    pub async fn conclude(&self, officer: &Account, redemption: &str, amount_fen: i64) -> Reply {
        let claimable_fen = self.read(officer, &format!("/redemptions/{redemption}")).await["claimable_fen"].clone();
        let decision = decision(amount_fen, claimable_fen.as_i64().unwrap());
        let body = json!({ "decision": decision, "amount_fen": amount_fen, "opinion": "同意专家意见" });
        self.tell_redemption(officer, redemption, "conclude", body).await
    }

    /// A redemption from nothing to its approval: a voucher of `voucher_fen` pays a contract of
    /// `contract_fen`, which ends in two weeks and really cost `actual_fen`; `approved_fen` are approved
    /// (0: rejected). The clock is moved to the contract's last day.
    pub async fn approved_redemption(
        &self,
        voucher_fen: i64,
        contract_fen: i64,
        actual_fen: i64,
        approved_fen: i64,
    ) -> Approved {
        let ends_on = (self.clock.now().day() + chrono::Days::new(14)).to_string();
        let signed = self.signed_contract(voucher_fen, contract_fen, &ends_on).await;
        let redemption = self.redemption(&signed.facility, &signed.contract, actual_fen).await;
        self.approve_signed(signed, redemption, approved_fen).await
    }

    /// Takes a submitted redemption of a signed contract to its approval.
    pub async fn approve_signed(&self, signed: Signed, redemption: String, approved_fen: i64) -> Approved {
        let concluder = self.reviewed(&signed.applicant, &redemption, approved_fen).await;
        self.conclude(&concluder, &redemption, approved_fen).await.expect(200);
        let approver = self.officer().await;
        self.do_redemption(&approver, &redemption, "approve").await.expect(200);
        let Signed { contract, voucher, cycle, applicant, facility } = signed;
        Approved { redemption, contract, voucher, cycle, applicant, facility, concluder, approver }
    }
}
