//! Facilities that join by application, as most tests need them.

use serde_json::{Value, json};

use super::{Account, Reply, World, id};

/// The six conditions of Art. 6.
pub const CONDITIONS: [&str; 6] =
    ["legal_person", "open_resources", "service_team", "demand_matching", "voucher_work", "sound_finance"];

/// What an organization of Beijing states before it applies.
pub fn own_particulars() -> Value {
    json!({
        "region": "beijing", "district": "朝阳区", "nature": "enterprise", "is_third_party_testing": false,
        "payee_name": "北京某检测有限公司", "payee_bank": "工商银行朝阳支行", "payee_account": "0200004509000000001",
    })
}

impl World {
    /// Somebody who has registered an organization and stated what it is as a facility.
    pub async fn drafted_facility(&self, more: Value) -> Account {
        let account = self.registered("facility").await;
        let form = super::with(own_particulars(), more);
        self.put("/me/facility").by(&account).header("if-match", "*").json(form).send().await.expect(200);
        account
    }

    /// An application with a file for each condition.
    pub async fn application_form(&self, account: &Account) -> Value {
        let mut conditions = Vec::new();
        for condition in CONDITIONS {
            let file = self.upload(account, &format!("{condition}.pdf")).await;
            conditions.push(json!({ "condition": condition, "statement": "符合要求,见附件", "file_ids": [file] }));
        }
        json!({ "conditions": conditions, "declaration": true })
    }

    /// Hands an application in.
    pub async fn ask_application(&self, account: &Account, form: Value) -> Reply {
        self.post("/me/facility/application").by(account).json(form).send().await
    }

    /// A facility that has applied, with the id of its application.
    pub async fn applied_facility(&self, more: Value) -> (Account, String) {
        let account = self.drafted_facility(more).await;
        let form = self.application_form(&account).await;
        let applied = self.ask_application(&account, form).await.expect(201);
        assert_eq!(applied["status"], "applied");
        (account, id(&applied["application"]))
    }

    /// Decides an application.
    pub async fn decide(&self, officer: &Account, application: &str, body: Value) -> Reply {
        self.post(&format!("/facility-applications/{application}/decision")).by(officer).json(body).send().await
    }

    /// Publishes facilities.
    pub async fn ask_facility_notice(&self, officer: &Account, facilities: &[&str]) -> Reply {
        let body = json!({ "kind": "facility", "subject_ids": facilities });
        self.post("/notices").by(officer).json(body).send().await
    }

    /// A facility that has applied and is published, with its notice and the officer.
    pub async fn published_facility(&self, more: Value) -> (Account, Value, Account) {
        let (account, application) = self.applied_facility(more).await;
        let officer = self.officer().await;
        self.decide(&officer, &application, json!({ "decision": "approve" })).await.expect(200);
        let notice = self.ask_facility_notice(&officer, &[&account.organization_id]).await.expect(201);
        (account, notice, officer)
    }

    /// A facility that has joined by application.
    pub async fn joined_facility(&self, more: Value) -> Account {
        let (account, notice, _) = self.published_facility(more).await;
        self.end_of(&notice);
        self.run_jobs();
        account
    }

    /// The state of the caller's facility.
    pub async fn facility_status(&self, account: &Account) -> String {
        self.read(account, "/me/facility").await["status"].as_str().unwrap().to_owned()
    }
}
