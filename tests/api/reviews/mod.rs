//! Experts review, doubts are looked into, an officer concludes, another one approves (Art. 15.4).

mod approving;
mod concluding;
mod drawing;
mod inquiring;
mod opining;
mod releasing;

use serde_json::{Value, json};

use crate::harness::{Account, Reply, Signed, World};

/// A redemption in review, with the officer who accepted it.
pub struct Case {
    pub signed: Signed,
    pub redemption: String,
    pub officer: Account,
}

impl World {
    /// A redemption that an officer has accepted: a voucher of 50 000 yuan, of which 45 000 are claimable.
    pub async fn case(&self) -> Case {
        let ends_on = self.today();
        let signed = self.signed_contract(5_000_000, 10_000_000, &ends_on).await;
        let redemption = self.redemption(&signed.facility, &signed.contract, 9_000_000).await;
        let officer = self.accepted_redemption(&signed.applicant, &redemption).await;
        Case { signed, redemption, officer }
    }

    /// A case with a panel of three new experts.
    pub async fn case_with_panel(&self) -> (Case, Vec<Account>) {
        let case = self.case().await;
        for _ in 0..3 {
            self.expert().await;
        }
        let experts = self.draw_panel(&case.officer, &case.redemption).await;
        (case, experts)
    }

    /// What the organization of this account is called.
    pub async fn organization_name(&self, account: &Account) -> String {
        self.read(account, "/me").await["organization"]["name"].as_str().unwrap().to_owned()
    }
}

impl Case {
    /// Does something to the redemption as the officer who accepted it.
    pub async fn tell(&self, world: &World, action: &str, body: Value) -> Reply {
        world.tell_redemption(&self.officer, &self.redemption, action, body).await
    }

    /// What the officer reads below the redemption.
    pub async fn read(&self, world: &World, part: &str) -> Value {
        world.read(&self.officer, &format!("/redemptions/{}{part}", self.redemption)).await
    }

    /// Three opinions that recommend these amounts, doubting where it is said so.
    pub async fn opine(&self, world: &World, experts: &[Account], opinions: [(i64, bool); 3]) {
        for (expert, (amount_fen, is_doubtful)) in experts.iter().zip(opinions) {
            let mut form = world.review_form(amount_fen, 4_500_000);
            form["is_doubtful"] = json!(is_doubtful);
            world.give_review(expert, &self.redemption, form).await.expect(200);
        }
    }
}
