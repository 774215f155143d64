//! A small believable programme to try: it comes into being through the API itself, as a real one does.

use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::applicant::Uscc;
use voucher_domain::period::Instant;
use voucher_storage::user::User;

use crate::http::answer::Body;
use crate::http::dispatch;
use crate::http::request::RawRequest;
use crate::http::routes;
use crate::http::table::{Found, Table};
use crate::services::ports::AccessClaims;
use crate::services::{Program, identity};

/// The password of every account of the demonstration.
const PASSWORD: &str = "voucher-demo-2026";
const ADMIN: &str = "admin@demo.test";
const CYCLE_NAME: &str = "演示发放周期";
const SECONDS_A_DAY: i64 = 86_400;
const BUDGET_FEN: i64 = 1_000_000_000;

const PEOPLE: [(&str, &str, &str); 9] = [
    ("officer", "officer1@demo.test", "陈静(经办)"),
    ("officer", "officer2@demo.test", "刘洋(复核)"),
    ("auditor", "auditor@demo.test", "周敏"),
    ("expert", "expert1@demo.test", "孙教授"),
    ("expert", "expert2@demo.test", "吴研究员"),
    ("expert", "expert3@demo.test", "郑教授"),
    ("expert", "expert4@demo.test", "冯研究员"),
    ("expert", "expert5@demo.test", "沈教授"),
    ("expert", "expert6@demo.test", "韩研究员"),
];
const FIRMS: [(&str, &str, &str, &str); 4] = [
    ("firm1@demo.test", "北京晶格新材料科技有限公司", "911101080", "new_materials"),
    ("firm2@demo.test", "北京启明医药科技有限公司", "911101081", "medicine_health"),
    ("firm3@demo.test", "北京云枢智能制造有限公司", "911101082", "intelligent_manufacturing"),
    (SANCTIONED, "北京虚拟样例科技有限公司", "911101083", "new_materials"),
];
/// The firm that is banned, so that a stranger can see what a sanction does.
const SANCTIONED: &str = "banned@demo.test";
const FACILITIES: [(&str, &str, &str, &str, &str); 2] = [
    ("facility1@demo.test", "北京市材料分析测试中心", "121100004", "海淀区", "materials"),
    ("facility2@demo.test", "北京市算力与药物研发公共平台", "121100005", "昌平区", "medicine"),
];

/// Loads the programme, once, and says what to try.
///
/// # Errors
/// What could not be made; a store that holds another programme is left alone.
pub fn load(program: &Program) -> Result<String, String> {
    let demo = Demo { program, table: Table::new(routes::all()) };
    let known = program.store.read(|tx| User::find_by_email(tx, ADMIN)).map_err(|error| error.to_string())?;
    if known.is_none() {
        if !identity::has_no_admin(program)? {
            return Err("数据库中已有正式数据,不能载入演示 / this store holds a programme already; the demonstration wants an empty one".to_owned());
        }
        demo.make()?;
    }
    demo.welcome()
}

struct Demo<'a> {
    program: &'a Program,
    table: Table,
}

impl Demo<'_> {
    fn make(&self) -> Result<(), String> {
        identity::create_first_admin(self.program, ADMIN, "管理员", PASSWORD)?;
        for (role, email, name) in PEOPLE {
            let mut form = json!({ "role": role, "name": name, "email": email });
            if role == "expert"
                && let Some(form) = form.as_object_mut()
            {
                form.insert(
                    "fields".to_owned(),
                    json!([
                        "new_materials",
                        "medicine_health",
                        "intelligent_manufacturing",
                        "next_generation_it",
                        "green_energy"
                    ]),
                );
                form.insert("employer_name".to_owned(), json!(format!("{name}所在高校")));
            }
            self.call(Some(ADMIN), "POST", "/users", None, &form)?;
            identity::activate(self.program, email, PASSWORD)?;
        }
        FACILITIES.iter().try_for_each(|facility| self.make_facility(facility))?;
        FIRMS.iter().try_for_each(|firm| self.make_firm(firm))?;
        self.make_team()?;
        self.make_cycle()?;
        self.make_sanction()
    }

    fn make_facility(
        &self,
        (email, name, code, district, kind): &(&str, &str, &str, &str, &str),
    ) -> Result<(), String> {
        let form = json!({
            "name": name, "uscc": uscc(code)?, "region": "beijing", "district": district, "nature": "institute", "is_third_party_testing": false,
            "payee_name": name, "payee_bank": "北京银行中关村支行", "payee_account": "0109000000000000000",
            "contact": { "name": "杨主任", "email": email, "phone": "010-82610000" }
        });
        self.call(Some("officer1@demo.test"), "POST", "/facilities", None, &form)?;
        identity::activate(self.program, email, PASSWORD)?;
        let services = match *kind {
            "materials" => [
                (
                    "高分辨质谱成分分析",
                    "新材料成分与杂质的定性定量分析",
                    "new_materials",
                    "analysis",
                    120_000_i64,
                    "样",
                ),
                ("扫描电镜形貌表征", "微观形貌与能谱分析", "new_materials", "testing", 60_000, "机时"),
            ],
            _ => [
                ("候选药物体外活性评价", "细胞水平的活性与毒性评价", "medicine_health", "research", 800_000, "项"),
                ("大模型训练算力租用", "GPU 集群,用于大模型训练", "next_generation_it", "compute", 3_000, "卡时"),
            ],
        };
        for (name, purpose, field, kind, price_fen, unit) in services {
            let compute = json!({ "model": "8×910B 64GB", "amount": 1, "unit": "card_hour" });
            let form = json!({
                "name": name, "purpose": purpose, "field": field, "kind": kind, "price_fen": price_fen, "unit": unit,
                "turnaround_days": 10, "is_statutory_testing": false, "instrument_ids": [],
                "compute": (kind == "compute").then_some(compute)
            });
            self.call(Some(email), "POST", "/me/facility/services", None, &form)?;
        }
        Ok(())
    }

    fn make_firm(&self, (email, name, code, industry): &(&str, &str, &str, &str)) -> Result<(), String> {
        self.register(email, &json!({ "kind": "enterprise", "name": name, "uscc": uscc(code)? }), "李明")?;
        let today = self.program.clock.now().day();
        let established_on = today.checked_sub_months(chrono::Months::new(30)).unwrap_or(today);
        let profile = json!({
            "region": "beijing", "established_on": established_on, "is_legal_person": true, "employees": 36,
            "annual_revenue_fen": 1_200_000_000_i64, "total_assets_fen": 900_000_000_i64, "has_finance_system": true,
            "has_bad_credit": false, "industry": industry, "certificates": []
        });
        self.call(Some(email), "PUT", "/me/profile", Some("*"), &profile).map(|_| ())
    }

    fn make_team(&self) -> Result<(), String> {
        let email = "team@demo.test";
        self.register(email, &json!({ "kind": "team", "name": "清华大学微流控创业团队" }), "王芳")?;
        let profile = json!({
            "members": [
                { "name": "王芳", "is_student": true, "is_leader": true, "school": "清华大学" },
                { "name": "赵强", "is_student": true, "is_leader": false, "school": "北京大学" }
            ],
            "company_registered": false, "project_stage": "development"
        });
        self.call(Some(email), "PUT", "/me/profile", Some("*"), &profile).map(|_| ())
    }

    fn register(&self, email: &str, organization: &Value, name: &str) -> Result<(), String> {
        let form = json!({ "organization": organization, "name": name, "email": email, "phone": "13800138000", "password": PASSWORD });
        self.call(None, "POST", "/auth/register", None, &form)?;
        identity::activate(self.program, email, PASSWORD)
    }

    fn make_cycle(&self) -> Result<(), String> {
        let officer = Some("officer1@demo.test");
        let (opens_at, closes_at) = (self.in_days(-1)?, self.in_days(90)?);
        let form =
            json!({ "name": CYCLE_NAME, "budget_fen": BUDGET_FEN, "opens_at": opens_at, "closes_at": closes_at });
        let cycle = self.call(officer, "POST", "/cycles", None, &form)?;
        let id = cycle.get("id").and_then(Value::as_str).ok_or("a cycle without an id")?;
        self.call(officer, "POST", &format!("/cycles/{id}/publish"), None, &Value::Null).map(|_| ())
    }

    /// A violation from its record over the party's statement to the ban that two officers decide (Art. 16, 17).
    fn make_sanction(&self) -> Result<(), String> {
        let (officer, approver) = (Some("officer1@demo.test"), Some("officer2@demo.test"));
        let party = self.call(Some(SANCTIONED), "GET", "/me", None, &Value::Null)?;
        let form = json!({
            "organization_id": party.pointer("/organization/id"), "kind": "false_information",
            "facts": "领取创新券时填报的职工人数与社会保险缴纳记录不符。"
        });
        let violation = self.call(officer, "POST", "/violations", None, &form)?;
        let id = violation.get("id").and_then(Value::as_str).ok_or("a violation without an id")?;
        let statement = json!({ "statement": "填报时误用了上一年度的数据,愿意更正。" });
        self.call(Some(SANCTIONED), "POST", &format!("/violations/{id}/statement"), None, &statement)?;
        let decision = json!({
            "finding": "经核对社会保险缴纳记录,填报信息不实,情况属实。",
            "sanctions": [{ "kind": "ban" }, { "kind": "credit_record" }]
        });
        self.call(officer, "POST", &format!("/violations/{id}/decision"), None, &decision)?;
        self.call(approver, "POST", &format!("/violations/{id}/approve"), None, &Value::Null).map(|_| ())
    }

    fn in_days(&self, days: i64) -> Result<Instant, String> {
        self.program.clock.now().plus_seconds(days.saturating_mul(SECONDS_A_DAY)).map_err(|refusal| refusal.message.en)
    }

    /// Calls the API as one of the accounts.
    fn call(
        &self,
        email: Option<&str>,
        method: &str,
        path: &str,
        if_match: Option<&str>,
        body: &Value,
    ) -> Result<Value, String> {
        let Found::Row(route, parameters) = self.table.find(method, path) else {
            return Err(format!("no route {method} {path}"));
        };
        let authorization = email.map(|email| self.token(email)).transpose()?;
        let request = RawRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            parameters,
            body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() },
            authorization,
            if_match: if_match.map(str::to_owned),
            request_id: Uuid::new_v4(),
            ..RawRequest::default()
        };
        let answer = dispatch::handle(self.program, route, request);
        match (answer.status, answer.body) {
            (200..300, Body::Json(value)) => Ok(value),
            (200..300, Body::Written(written)) => {
                serde_json::from_str(&written.text).map_err(|error| error.to_string())
            }
            (200..300, Body::Empty | Body::File(_)) => Ok(Value::Null),
            (status, Body::Json(problem)) => Err(format!("{method} {path}: {status} {problem}")),
            (status, Body::Written(problem)) => Err(format!("{method} {path}: {status} {}", problem.text)),
            (status, Body::Empty | Body::File(_)) => Err(format!("{method} {path}: {status}")),
        }
    }

    fn token(&self, email: &str) -> Result<String, String> {
        let user = self.program.store.read(|tx| User::find_by_email(tx, email)).map_err(|error| error.to_string())?;
        let user = user.ok_or_else(|| format!("no account {email}"))?;
        let claims = AccessClaims { user_id: user.id, role: user.role };
        let token = self.program.tokens.issue(claims, self.in_days(1)?).map_err(|error| error.to_string())?;
        Ok(format!("Bearer {token}"))
    }

    fn welcome(&self) -> Result<String, String> {
        let url = &self.program.settings.server.public_url;
        let cycles = self.call(None, "GET", "/cycles", None, &Value::Null)?;
        let cycle = cycles.pointer("/items/0/id").and_then(Value::as_str).unwrap_or("…");
        let mut text = format!(
            "创新券演示服务已启动 / the demonstration is served at {url}\n接口文档 / documents: {url}/docs/\n\n账号 / accounts (密码 / password: {PASSWORD})\n"
        );
        let mut line = |role: Role, email: &str, name: &str| {
            text.push_str(&format!("  {:<10} {email:<22} {name}\n", role.to_string()))
        };
        line(Role::Admin, ADMIN, "管理员");
        for (role, email, name) in PEOPLE {
            let role = voucher_domain::code::Code::from_code(role).unwrap_or(Role::Officer);
            line(role, email, name);
        }
        FACILITIES.iter().for_each(|(email, name, ..)| line(Role::Facility, email, name));
        FIRMS.iter().for_each(|(email, name, ..)| line(Role::Applicant, email, name));
        line(Role::Applicant, "team@demo.test", "清华大学微流控创业团队");
        text.push_str(&format!(
            r#"
试一试 / try
  curl -s {url}/api/v1/cycles
  TOKEN=$(curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' -d '{{"email":"firm1@demo.test","password":"{PASSWORD}"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s {url}/api/v1/vouchers -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(date +%s%N)" -H 'Content-Type: application/json' -d '{{"cycle_id":"{cycle}","amount_fen":5000000,"declaration":true}}'

违规处理一例:{SANCTIONED} 因提供虚假信息被取消三年申报资格;以该账号重复上面两步,领取被拒并说明期限。陈述申辩、决定与批准见以下地址(经办账号登录)
A sanction: {SANCTIONED} is banned for three years for false information; the claim above is refused to it, saying until when. The party's statement and the officers' decision, to an officer:
  {url}/api/v1/violations   {url}/api/v1/sanctions   {url}/api/v1/me/eligibility ({SANCTIONED})
"#
        ));
        Ok(text)
    }
}

/// A valid credit code from nine leading characters.
fn uscc(code: &str) -> Result<String, String> {
    Uscc::from_first_17(&format!("{code}MA01DEMA"))
        .map(|uscc| uscc.as_str().to_owned())
        .map_err(|error| error.to_string())
}
