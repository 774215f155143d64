//! Facilities, what they sell, and files, as most tests need them.

use serde_json::{Value, json};

use super::{Account, Reply, World, id, multipart, uscc};

/// A municipal institution of Beijing with an account to be paid to; its contact is not entered yet.
pub fn facility_form(number: u32) -> Value {
    json!({
        "name": format!("北京市第{number}研究所"), "uscc": uscc(number), "region": "beijing", "district": "海淀区",
        "nature": "institute", "is_third_party_testing": false,
        "payee_name": format!("北京市第{number}研究所"), "payee_bank": "北京银行海淀支行",
        "payee_account": format!("0200{number:012}"),
    })
}

/// A service that vouchers may pay.
pub fn service_form() -> Value {
    json!({
        "name": "透射电镜测试", "purpose": "材料微观结构分析", "field": "new_materials", "kind": "testing",
        "price_fen": 80_000, "unit": "样", "turnaround_days": 5, "is_statutory_testing": false,
    })
}

/// An instrument.
pub fn instrument_form() -> Value {
    json!({
        "name": "透射电子显微镜", "maker": "JEOL", "model": "JEM-F200", "category": "电子显微镜",
        "original_value_fen": 1_200_000_000, "opening_rules": "工作日预约,按机时收费",
    })
}

/// The form with these fields instead of, or besides, its own.
pub fn with(mut form: Value, more: Value) -> Value {
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    form
}

/// The form without this field.
pub fn without(mut form: Value, field: &str) -> Value {
    form.as_object_mut().unwrap().remove(field);
    form
}

/// A small PDF, different for each name.
pub fn pdf(name: &str) -> Vec<u8> {
    format!("%PDF-1.4\n% {name}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n").into_bytes()
}

impl World {
    /// An active facility of Beijing: an officer has entered it, and its contact has logged in.
    pub async fn facility(&self) -> Account {
        self.facility_with(json!({})).await
    }

    /// An active facility with these facts instead of the usual ones.
    pub async fn facility_with(&self, more: Value) -> Account {
        let officer = self.officer().await;
        let number = self.next_number();
        let email = format!("facility{number}@institute.test");
        let contact = json!({ "contact": { "name": "周洁", "email": email, "phone": "010-62750001" } });
        let form = with(with(facility_form(number), contact), more);
        self.post("/facilities").by(&officer).json(form).send().await.expect(201);
        self.accept_invitation(&email).await
    }

    /// The id of a testing service in new materials that the facility offers.
    pub async fn service(&self, facility: &Account) -> String {
        self.service_with(facility, json!({})).await
    }

    /// The id of an offered service with these facts instead of the usual ones.
    pub async fn service_with(&self, facility: &Account, more: Value) -> String {
        let form = with(service_form(), more);
        id(&self.post("/me/facility/services").by(facility).json(form).send().await.expect(201))
    }

    /// The id of an offered instrument with these facts instead of the usual ones.
    pub async fn instrument_with(&self, facility: &Account, more: Value) -> String {
        let form = with(instrument_form(), more);
        id(&self.post("/me/facility/instruments").by(facility).json(form).send().await.expect(201))
    }

    /// The id of an uploaded PDF of its own.
    pub async fn upload(&self, account: &Account, name: &str) -> String {
        let content = pdf(&format!("{name} {}", self.next_number()));
        id(&self.ask_upload(account, name, &content).await.expect(201))
    }

    /// Uploads this content under this name.
    pub async fn ask_upload(&self, account: &Account, name: &str, content: &[u8]) -> Reply {
        let (kind, body) = multipart("file", name, content);
        self.post("/files").by(account).raw(&kind, body).send().await
    }

    /// The ids of a public list.
    pub async fn ids(&self, path: &str) -> Vec<String> {
        let found = self.get(path).send().await.expect(200);
        found["items"].as_array().unwrap().iter().map(id).collect()
    }
}
