//! The people of a test: each comes into being the way a real one does.

use innovation_voucher::services::identity;
use serde_json::{Value, json};
use voucher_domain::actor::Role;
use voucher_domain::code::Code;

use super::World;

/// The password of everybody in the tests.
pub const PASSWORD: &str = "a long enough password 1";

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Account {
    pub token: String,
    pub user_id: String,
    pub organization_id: String,
    pub email: String,
}

/// A valid unified social credit code (GB 32100-2015) for each number.
pub fn uscc(number: u32) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let body = format!("91110108{:09}", number);
    let value = |c: u8| u32::try_from(ALPHABET.iter().position(|a| *a == c).unwrap()).unwrap();
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(c, weight)| value(c) * weight).sum();
    let check = ALPHABET[usize::try_from((31 - sum % 31) % 31).unwrap()];
    format!("{body}{}", char::from(check))
}

/// The profile of an enterprise that meets every condition of Art. 7 in 2026.
pub fn eligible_profile() -> Value {
    json!({
        "region": "beijing", "established_on": "2023-05-10", "is_legal_person": true, "employees": 42,
        "annual_revenue_fen": 800_000_000, "total_assets_fen": 500_000_000, "has_finance_system": true,
        "has_bad_credit": false, "industry": "new_materials", "certificates": []
    })
}

impl World {
    /// The administrator of this world.
    pub async fn admin(&self) -> Account {
        if let Some(admin) = self.admin.borrow().as_ref() {
            return admin.clone();
        }
        let email = "admin@voucher.test";
        identity::create_first_admin(&self.program, email, "管理员", PASSWORD).unwrap();
        let admin = self.log_in(email).await;
        *self.admin.borrow_mut() = Some(admin.clone());
        admin
    }

    pub async fn log_in(&self, email: &str) -> Account {
        let tokens =
            self.post("/auth/login").json(json!({ "email": email, "password": PASSWORD })).send().await.expect(200);
        let mut account = Account {
            token: tokens["access_token"].as_str().unwrap().to_owned(),
            user_id: String::new(),
            organization_id: String::new(),
            email: email.to_owned(),
        };
        let me = self.get("/me").by(&account).send().await.expect(200);
        account.user_id = me["user"]["id"].as_str().unwrap().to_owned();
        account.organization_id = me["organization"]["id"].as_str().unwrap_or_default().to_owned();
        account
    }

    /// Sets the password with the mailed link, and logs in.
    pub async fn accept_invitation(&self, email: &str) -> Account {
        let token = self.token_for(email);
        self.post("/auth/password/reset")
            .json(json!({ "token": token, "password": PASSWORD }))
            .send()
            .await
            .expect(204);
        self.log_in(email).await
    }

    async fn invited(&self, role: &str, more: Value) -> Account {
        let admin = self.admin().await;
        let email = format!("{role}{}@voucher.test", self.next_number());
        let mut body = json!({ "role": role, "name": format!("{role} 甲"), "email": email });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/users").by(&admin).json(body).send().await.expect(201);
        self.accept_invitation(&email).await
    }

    pub async fn officer(&self) -> Account {
        self.invited("officer", json!({})).await
    }

    pub async fn auditor(&self) -> Account {
        self.invited("auditor", json!({})).await
    }

    /// An expert of every field, tied to nobody.
    pub async fn expert(&self) -> Account {
        self.expert_with(json!({})).await
    }

    /// An expert with these facts besides, or instead of, the usual ones.
    pub async fn expert_with(&self, more: Value) -> Account {
        let mut facts = json!({
            "fields": ["next_generation_it", "medicine_health", "intelligent_manufacturing", "new_materials", "green_energy"],
            "employer_name": format!("专家单位{}", self.next_number()),
        });
        facts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let expert = self.invited("expert", facts).await;
        self.experts.borrow_mut().push(expert.clone());
        expert
    }

    /// The expert of this world with this id.
    pub fn known_expert(&self, user_id: &str) -> Account {
        let experts = self.experts.borrow();
        experts.iter().find(|expert| expert.user_id == user_id).expect("it is no expert of this world").clone()
    }

    /// How many experts there are in this world.
    pub fn count_of_experts(&self) -> usize {
        self.experts.borrow().len()
    }

    /// Registers an organization, verifies its address and logs in.
    pub async fn registered(&self, kind: &str) -> Account {
        let number = self.next_number();
        let email = format!("{kind}{number}@firm.test");
        let mut organization = json!({ "kind": kind, "name": format!("{kind} 单位 {number}") });
        if kind != "team" {
            organization["uscc"] = json!(uscc(number));
        }
        let body = json!({ "organization": organization, "name": "李明", "email": email, "phone": "13800138000", "password": PASSWORD });
        self.post("/auth/register").json(body).send().await.expect(201);
        let token = self.token_for(&email);
        self.post("/auth/verify-email").json(json!({ "token": token })).send().await.expect(204);
        self.log_in(&email).await
    }

    /// Puts this profile in the place of the present one.
    pub async fn put_profile(&self, account: &Account, profile: Value) -> Value {
        let present = self.get("/me/profile").by(account).send().await.expect(200);
        self.put("/me/profile").by(account).if_match(&present["version"]).json(profile).send().await.expect(200)
    }

    /// An enterprise that may claim.
    pub async fn enterprise(&self) -> Account {
        let account = self.registered("enterprise").await;
        self.put_profile(&account, eligible_profile()).await;
        account
    }

    /// A student team that may claim.
    pub async fn team(&self) -> Account {
        let account = self.registered("team").await;
        let profile = json!({
            "members": [
                { "name": "王芳", "is_student": true, "is_leader": true, "school": "清华大学" },
                { "name": "赵强", "is_student": false, "is_leader": false, "school": "" }
            ],
            "company_registered": false, "project_stage": "development"
        });
        self.put_profile(&account, profile).await;
        account
    }

    /// Somebody of each role.
    pub async fn one_of_each_role(&self) -> Vec<(Role, Account)> {
        let mut people = Vec::new();
        for role in Role::ALL {
            let account = match role {
                Role::Applicant => self.enterprise().await,
                Role::Facility => self.facility().await,
                Role::Expert => self.expert().await,
                Role::Officer => self.officer().await,
                Role::Auditor => self.auditor().await,
                Role::Admin => self.admin().await,
            };
            people.push((*role, account));
        }
        people
    }
}
