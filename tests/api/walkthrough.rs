//! One voucher from claim to payment, each step as its person does it; a facility from its application to
//! its first contract.

use serde_json::{Value, json};

use crate::harness::{Account, PASSWORD, World, eligible_profile, id, multipart, uscc};
use crate::on_both_stores;

on_both_stores!(from_claim_to_payment, from_claim_to_payment_across_the_national_day_holiday);

/// When each step is done, and what the deadlines must be.
struct Days {
    claimed_at: &'static str,
    register_by: &'static str,
    registered_at: &'static str,
    ends_on: &'static str,
    redeem_by: &'static str,
    moved_past: &'static [&'static str],
    submitted_at: &'static str,
    published_at: &'static str,
    notice_last_day: &'static str,
    notice_over_at: &'static str,
    /// When payment is refused because nothing is paid in that quarter, and when it is made then.
    refused_until: Option<&'static str>,
}

async fn from_claim_to_payment(world: World) {
    let days = Days {
        claimed_at: "2026-03-02T10:00:00+08:00",
        register_by: "2026-03-17",
        registered_at: "2026-03-17T23:59:59+08:00",
        ends_on: "2026-04-20",
        redeem_by: "2026-05-20",
        moved_past: &[],
        submitted_at: "2026-04-20T09:00:00+08:00",
        published_at: "2026-04-22T15:00:00+08:00",
        notice_last_day: "2026-04-29",
        notice_over_at: "2026-04-30T00:00:00+08:00",
        refused_until: None,
    };
    let facility = world.facility().await;
    let service = world.service(&facility).await;
    walk(world, days, facility, service).await;
}

async fn from_claim_to_payment_across_the_national_day_holiday(world: World) {
    let days = Days {
        claimed_at: "2026-08-19T10:00:00+08:00",
        register_by: "2026-09-03",
        registered_at: "2026-08-20T10:00:00+08:00",
        ends_on: "2026-09-05",
        // 5 October is in the holiday, which ends on the 7th.
        redeem_by: "2026-10-08",
        moved_past: &["2026-10-05", "2026-10-06", "2026-10-07"],
        submitted_at: "2026-09-28T09:00:00+08:00",
        published_at: "2026-09-29T17:00:00+08:00",
        // 30 September, then 8, 9, 10 (a Saturday that is worked) and 12 October.
        notice_last_day: "2026-10-12",
        notice_over_at: "2026-10-13T00:00:00+08:00",
        // Nothing is paid in the fourth quarter (Art. 15.5).
        refused_until: Some("2027-01-04T09:00:00+08:00"),
    };
    let (facility, service) = joins_and_is_found(&world).await;
    walk(world, days, facility, service).await;
}

/// An institution applies, is published, serves, imports its price list, and is found by what it can do.
async fn joins_and_is_found(world: &World) -> (Account, String) {
    let facility = world.joined_facility(json!({ "name": "北京恒信检测有限公司" })).await;
    assert_eq!(world.facility_status(&facility).await, "active");
    let table = "服务名称,服务内容,服务领域,服务类型,单价(元),计价单位,服务周期(天)\r\n\
                 高分辨质谱成分分析,有机物定性定量,新材料,分析,\"1,200.00\",样,5\r\n\
                 扫描电镜形貌观察,微观形貌,新材料,测试,600,机时,3\r\n";
    let (kind, body) = multipart("file", "价格表.csv", table.as_bytes());
    let import = world.post("/me/facility/services/import").by(&facility).raw(&kind, body);
    assert_eq!(import.send().await.expect(200)["imported"], 2);
    // 「质谱」
    let found = world.get("/services?q=%E8%B4%A8%E8%B0%B1&facets=true").send().await.expect(200);
    assert_eq!(found["facets"]["total"], 1);
    let service = &found["items"][0];
    assert_eq!((&service["name"], &service["price_fen"]), (&json!("高分辨质谱成分分析"), &json!(120_000)));
    assert_eq!(service["facility_name"], "北京恒信检测有限公司");
    (facility, id(service))
}

/// The contract about this service, which the firm has proposed and the facility accepted.
async fn contract(
    world: &World,
    firm: &Account,
    facility: &Account,
    service: &str,
    voucher: &str,
    ends_on: &str,
) -> Value {
    let mut form = world.project_form(facility, &[voucher], 12_000_000).await;
    form["service_ids"] = json!([service]);
    let project = id(&world.post("/projects").by(firm).json(form).send().await.expect(201));
    world.post(&format!("/projects/{project}/submit")).by(firm).send().await.expect(200);
    let accept = format!("/projects/{project}/accept");
    world.post(&accept).by(facility).json(json!({ "remarks": "同意承接" })).send().await.expect(200);
    let form = world.contract_form(&project, &[voucher], 12_000_000, ends_on);
    world.ask_contract(facility, form).await.expect(201)
}

async fn walk(world: World, days: Days, facility: Account, service: String) {
    world.at(days.claimed_at);
    let (first_officer, second_officer) = (world.officer().await, world.officer().await);
    for _ in 0..3 {
        world.expert().await;
    }
    let cycle = world.open_cycle(100_000_000).await;
    let firm = new_enterprise(&world).await;
    sees_its_findings(&world, &firm, &cycle).await;

    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    assert_eq!(voucher["register_by"]["last_day"], days.register_by);
    world.at(days.registered_at);
    let contract = contract(&world, &firm, &facility, &service, &id(&voucher), days.ends_on).await;
    assert_eq!(contract["redeem_by"]["last_day"], days.redeem_by);
    let moved: Vec<&str> = contract["redeem_by"]["moved_past"]
        .as_array()
        .unwrap()
        .iter()
        .map(|moved| moved["day"].as_str().unwrap())
        .collect();
    assert_eq!(moved, days.moved_past);
    assert_eq!(contract["quote"]["claimable_fen"], 5_000_000);

    world.at(days.submitted_at);
    let redemption = world.redemption(&facility, &contract, 9_000_000).await;
    let concluder = world.reviewed(&firm, &redemption, 4_500_000).await;
    world.conclude(&concluder, &redemption, 4_500_000).await.expect(200);
    world.do_redemption(&concluder, &redemption, "approve").await.refused(409, "same_person");
    let approved = world.do_redemption(&second_officer, &redemption, "approve").await.expect(200);
    assert_eq!((&approved["status"], &approved["approved_fen"]), (&json!("approved"), &json!(4_500_000)));

    world.at(days.published_at);
    let form = json!({ "kind": "redemption", "subject_ids": [redemption] });
    let notice = world.post("/notices").by(&first_officer).json(form).send().await.expect(201);
    assert_eq!(notice["deadline"]["last_day"], days.notice_last_day);
    assert_eq!(notice["deadline"]["expires_at"], days.notice_over_at);
    pay(&world, &days, &first_officer, &second_officer, &redemption).await;

    let accounts = world.accounts(&cycle).await;
    let expected = json!({ "available": 95_000_000, "held": 0, "committed": 0, "payable": 0, "paid": 4_500_000, "lapsed": 500_000, "recovered": 0 });
    assert_eq!(accounts, expected);
    let paid = world.get(&format!("/vouchers/{}", id(&voucher))).by(&firm).send().await.expect(200);
    assert_eq!((&paid["status"], &paid["counted_fen"]), (&json!("redeemed"), &json!(4_500_000)));
    world.prove();
}

/// An enterprise registers, proves its address and states its facts.
async fn new_enterprise(world: &World) -> Account {
    let email = "new@firm.test";
    let body = json!({
        "organization": { "kind": "enterprise", "name": "北京晶格新材料科技有限公司", "uscc": uscc(880_001) },
        "name": "李明", "email": email, "phone": "13800138000", "password": PASSWORD
    });
    world.post("/auth/register").json(body).send().await.expect(201);
    let token = world.token_for(email);
    world.post("/auth/verify-email").json(json!({ "token": token })).send().await.expect(204);
    let firm = world.log_in(email).await;
    world.put_profile(&firm, eligible_profile()).await;
    firm
}

async fn sees_its_findings(world: &World, firm: &Account, cycle: &str) {
    let seen = world.get(&format!("/me/eligibility?cycle_id={cycle}")).by(firm).send().await.expect(200);
    assert_eq!((&seen["eligible"], &seen["available_fen"]), (&json!(true), &json!(20_000_000)));
    assert!(seen["findings"].as_array().unwrap().iter().all(|finding| finding["passed"] == true), "{seen}");
}

/// The notice runs to its last second; then a batch of two officers pays.
async fn pay(world: &World, days: &Days, first: &Account, second: &Account, redemption: &str) {
    let ask = |title: &str| {
        let form = json!({ "title": title, "redemption_ids": [redemption] });
        world.post("/disbursements").by(first).json(form).send()
    };
    if days.refused_until.is_none() {
        world.at(&format!("{}T23:59:59+08:00", days.notice_last_day));
        ask("过早").await.refused(409, "notice_running");
    }
    world.at(days.notice_over_at);
    if let Some(later) = days.refused_until {
        ask("第四季度").await.refused_by("quarter_closed", "15.5");
        world.at(later);
    }
    let batch = ask("第一批").await.expect(201);
    let path = format!("/disbursements/{}", id(&batch));
    world.post(&format!("{path}/approve")).by(first).send().await.refused(409, "same_person");
    let batch: Value = world.post(&format!("{path}/approve")).by(second).send().await.expect(200);
    let lines =
        json!({ "lines": [{ "line_id": batch["lines"][0]["id"], "outcome": "paid", "reference": "BANK-0001" }] });
    world.post(&format!("{path}/results")).by(first).json(lines).send().await.expect(200);
}
