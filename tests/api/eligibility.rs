//! What the rules find in an applicant (Art. 7, 12), at the edges, over HTTP.

use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, eligible_profile};
use crate::on_both_stores;

on_both_stores!(
    an_enterprise_may_claim_up_to_its_fifth_anniversary,
    a_listing_of_this_year_stands_for_youth,
    sizes_are_judged_to_the_person_and_the_fen,
    every_condition_of_an_enterprise_has_its_finding,
    a_certificate_counts_through_its_last_day,
    the_yearly_limit_follows_the_certificate_in_mid_year,
    half_of_a_team_are_students,
    the_two_policies_judge_side_by_side,
    a_cycle_judges_by_its_own_policy,
    what_is_used_and_what_is_left,
    an_applicant_that_stated_nothing_is_told_to,
    a_profile_is_changed_by_version,
    a_profile_names_what_is_wrong_with_it,
    a_profile_is_of_its_own_kind,
    the_copy_of_a_certificate_is_one_s_own_and_for_the_commission,
    findings_are_in_the_reader_s_language,
    a_draft_judges_nobody,
    the_policies_can_be_read,
);

const FIRST: &str = "kejifa-2023-16";
const AMENDED: &str = "kejifa-2023-16-amended-2025";

fn enterprise(more: Value) -> Value {
    let mut profile = eligible_profile();
    profile.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    profile
}

fn certificate(kind: &str, issued_on: &str, valid_until: &str) -> Value {
    json!({ "kind": kind, "number": "GR-1", "issued_on": issued_on, "valid_until": valid_until })
}

fn team(members: &[(bool, bool)], stage: &str) -> Value {
    let members: Vec<_> = members
        .iter()
        .map(|(is_student, is_leader)| {
            json!({ "name": "王芳", "is_student": is_student, "is_leader": is_leader, "school": if *is_student { "清华大学" } else { "" } })
        })
        .collect();
    json!({ "members": members, "company_registered": false, "project_stage": stage })
}

async fn try_rules(world: &World, form: Value) -> Reply {
    world.post("/eligibility/check").json(form).send().await
}

/// What the rules find in an enterprise on a day.
async fn check(world: &World, on: &str, profile: &Value) -> Value {
    try_rules(world, json!({ "on": on, "kind": "enterprise", "profile": profile })).await.expect(200)
}

/// The rules that are not met.
fn failed(view: &Value) -> Vec<&str> {
    let findings = view["findings"].as_array().unwrap();
    let failed: Vec<_> = findings
        .iter()
        .filter(|finding| finding["passed"] == false)
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(view["eligible"], failed.is_empty(), "{view}");
    failed
}

async fn own(world: &World, account: &Account) -> Value {
    world.get("/me/eligibility").by(account).send().await.expect(200)
}

async fn an_enterprise_may_claim_up_to_its_fifth_anniversary(world: World) {
    let profile = enterprise(json!({ "established_on": "2021-03-02" }));
    assert!(failed(&check(&world, "2026-03-02", &profile).await).is_empty());
    let late = check(&world, "2026-03-03", &profile).await;
    assert_eq!(failed(&late), ["enterprise_age"]);
    assert_eq!(late["findings"][1]["article"], "7");
    // Of a leap day it is the last of February.
    let leap = enterprise(json!({ "established_on": "2020-02-29" }));
    assert!(failed(&check(&world, "2025-02-28", &leap).await).is_empty());
    assert_eq!(failed(&check(&world, "2025-03-01", &leap).await), ["enterprise_age"]);

    // The same, stated by somebody who then claims.
    let (firm, cycle) = (world.registered("enterprise").await, world.open_cycle(10_000_000).await);
    world.put_profile(&firm, profile).await;
    world.at("2026-03-02T23:59:59.999999+08:00");
    world.claim(&firm, &cycle, 100).await;
    world.at("2026-03-03T00:00:00+08:00");
    let refusal = world.ask_claim(&firm, &cycle, 100).await.refused_by("not_eligible", "7");
    assert_eq!(refusal["findings"][1]["rule"], "enterprise_age");
    assert_eq!(refusal["findings"][1]["passed"], false);
}

async fn a_listing_of_this_year_stands_for_youth(world: World) {
    let listed = |issued_on: &str| {
        let certificates = [certificate("technology_sme", issued_on, "2026-12-31")];
        enterprise(json!({ "established_on": "2001-01-01", "certificates": certificates }))
    };
    assert!(failed(&check(&world, "2026-03-02", &listed("2026-01-01")).await).is_empty());
    assert_eq!(failed(&check(&world, "2026-03-02", &listed("2025-12-31")).await), ["enterprise_age"]);
    assert_eq!(failed(&check(&world, "2026-03-02", &listed("2026-03-03")).await), ["enterprise_age"]);
    let other_kind = enterprise(json!({
        "established_on": "2001-01-01", "certificates": [certificate("national_high_tech", "2026-01-01", "2028-12-31")]
    }));
    assert_eq!(failed(&check(&world, "2026-03-02", &other_kind).await), ["enterprise_age"]);
}

async fn sizes_are_judged_to_the_person_and_the_fen(world: World) {
    for (field, most, more, rule) in [
        ("employees", 500_i64, 501_i64, "employees"),
        ("annual_revenue_fen", 20_000_000_000, 20_000_000_001, "annual_revenue"),
        ("total_assets_fen", 20_000_000_000, 20_000_000_001, "total_assets"),
    ] {
        assert!(failed(&check(&world, "2026-03-02", &enterprise(json!({ field: most }))).await).is_empty());
        let view = check(&world, "2026-03-02", &enterprise(json!({ field: more }))).await;
        assert_eq!(failed(&view), [rule]);
    }
    let view = check(&world, "2026-03-02", &enterprise(json!({ "annual_revenue_fen": 20_000_000_001_i64 }))).await;
    let finding =
        view["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "annual_revenue").unwrap();
    assert!(finding["expected"].as_str().unwrap().contains("200000000.00"), "{finding}");
    assert!(finding["actual"].as_str().unwrap().contains("200000000.01"), "{finding}");
}

async fn every_condition_of_an_enterprise_has_its_finding(world: World) {
    let worst = enterprise(json!({
        "region": "hebei", "established_on": "2001-01-01", "is_legal_person": false, "employees": 501,
        "annual_revenue_fen": 20_000_000_001_i64, "total_assets_fen": 20_000_000_001_i64, "has_finance_system": false,
        "has_bad_credit": true, "industry": "other"
    }));
    let view = check(&world, "2026-03-02", &worst).await;
    let all = [
        "registered_region",
        "enterprise_age",
        "legal_person",
        "employees",
        "annual_revenue",
        "total_assets",
        "finance_system",
        "credit_record",
        "main_business",
    ];
    assert_eq!(failed(&view), all);
    for finding in view["findings"].as_array().unwrap() {
        for member in ["rule", "article", "expected", "actual", "message"] {
            assert!(finding[member].as_str().is_some_and(|text| !text.is_empty()), "{finding}");
        }
    }
}

async fn a_certificate_counts_through_its_last_day(world: World) {
    for kind in ["national_high_tech", "zhongguancun_high_tech", "technology_sme"] {
        let profile = enterprise(json!({ "certificates": [certificate(kind, "2024-03-02", "2026-03-02")] }));
        let limit_on = async |on: &str| check(&world, on, &profile).await["annual_limit_fen"].clone();
        assert_eq!(limit_on("2026-03-02").await, 50_000_000, "{kind} expires today");
        assert_eq!(limit_on("2026-03-03").await, 20_000_000, "{kind} expired yesterday");
        assert_eq!(limit_on("2024-03-02").await, 50_000_000, "{kind} was issued today");
        assert_eq!(limit_on("2024-03-01").await, 20_000_000, "{kind} is issued tomorrow");
    }
}

async fn the_yearly_limit_follows_the_certificate_in_mid_year(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000_000).await);
    for _ in 0..4 {
        world.claim(&firm, &cycle, 5_000_000).await;
    }
    let refusal = world.ask_claim(&firm, &cycle, 1).await.refused_by("annual_limit_exceeded", "12");
    assert_eq!(refusal["maximum_fen"], 0);

    let certified =
        enterprise(json!({ "certificates": [certificate("national_high_tech", "2026-03-02", "2026-03-09")] }));
    world.put_profile(&firm, certified).await;
    let view = own(&world, &firm).await;
    assert_eq!((&view["annual_limit_fen"], &view["available_fen"]), (&json!(50_000_000), &json!(30_000_000)));
    for _ in 0..5 {
        world.claim(&firm, &cycle, 5_000_000).await;
    }
    world.at("2026-03-09T23:59:59+08:00");
    world.claim(&firm, &cycle, 4_999_999).await;

    // The certificate is over: the vouchers stay, nothing more can be claimed.
    world.at("2026-03-10T00:00:00+08:00");
    let view = own(&world, &firm).await;
    assert_eq!((&view["annual_limit_fen"], &view["used_fen"]), (&json!(20_000_000), &json!(49_999_999)));
    assert_eq!((&view["available_fen"], &view["eligible"]), (&json!(0), &json!(true)));
    let refusal = world.ask_claim(&firm, &cycle, 1).await.refused_by("annual_limit_exceeded", "12");
    assert_eq!(refusal["maximum_fen"], 0);
}

async fn half_of_a_team_are_students(world: World) {
    let check =
        async |profile: Value| try_rules(&world, json!({ "kind": "team", "profile": profile })).await.expect(200);
    let (leader, student, other) = ((true, true), (true, false), (false, false));
    let view = check(team(&[leader, student, other, other], "testing")).await;
    assert!(failed(&view).is_empty());
    assert_eq!(view["annual_limit_fen"], 20_000_000);
    assert_eq!(failed(&check(team(&[leader, student, other, other, other], "testing")).await), ["team_students"]);
    assert_eq!(failed(&check(team(&[(false, true), student, student], "testing")).await), ["team_leader_student"]);
    assert_eq!(failed(&check(team(&[leader, leader], "testing")).await), ["team_leader"]);
    assert_eq!(failed(&check(team(&[leader], "idea")).await), ["project_stage"]);
    let mut company = team(&[leader], "development");
    company["company_registered"] = json!(true);
    assert_eq!(failed(&check(company).await), ["team_unregistered"]);
}

async fn the_two_policies_judge_side_by_side(world: World) {
    let judge = async |policy: &str, profile: &Value| {
        let form = json!({ "policy": policy, "on": "2026-03-02", "kind": "enterprise", "profile": profile });
        try_rules(&world, form).await.expect(200)
    };
    // Old, but listed since long; no legal person; a bad record whose sanction is over.
    let listed = enterprise(json!({
        "established_on": "2001-01-01", "is_legal_person": false, "has_bad_credit": true,
        "serious_dishonesty_until": "2026-03-01",
        "certificates": [certificate("technology_sme", "2024-01-01", "2026-12-31")]
    }));
    assert_eq!(failed(&judge(FIRST, &listed).await), ["enterprise_age", "legal_person", "credit_record"]);
    assert!(failed(&judge(AMENDED, &listed).await).is_empty());
    let mut running = listed.clone();
    running["serious_dishonesty_until"] = json!("2026-03-02");
    assert_eq!(failed(&judge(AMENDED, &running).await), ["credit_record"]);
    // Young, but not listed.
    let young = enterprise(json!({}));
    assert!(failed(&judge(FIRST, &young).await).is_empty());
    assert_eq!(failed(&judge(AMENDED, &young).await), ["technology_sme"]);
    let refusal = json!({ "policy": "nonsense", "kind": "enterprise", "profile": young });
    try_rules(&world, refusal).await.refused_field("policy");
    // Without a policy the first one judges.
    assert_eq!(check(&world, "2026-03-02", &young).await["policy"], FIRST);
}

async fn a_cycle_judges_by_its_own_policy(world: World) {
    let first = world.open_cycle(10_000_000).await;
    let amended = world.open_cycle_with(json!({ "policy": AMENDED })).await;
    let (young, listed) = (world.enterprise().await, world.registered("enterprise").await);
    let certificates = [certificate("technology_sme", "2024-01-01", "2026-12-31")];
    world
        .put_profile(&listed, enterprise(json!({ "established_on": "2001-01-01", "certificates": certificates })))
        .await;

    world.claim(&young, &first, 100).await;
    let refusal = world.ask_claim(&young, &amended, 100).await.refused_by("not_eligible", "7");
    assert!(refusal["detail"].as_str().unwrap().contains("科技型中小企业"));
    world.claim(&listed, &amended, 100).await;
    world.ask_claim(&listed, &first, 100).await.refused_by("not_eligible", "7");

    let asked = async |account: &Account, cycle: &str| {
        world.get(&format!("/me/eligibility?cycle_id={cycle}")).by(account).send().await.expect(200)
    };
    let view = asked(&young, &amended).await;
    assert_eq!((failed(&view), &view["policy"]), (vec!["technology_sme"], &json!(AMENDED)));
    assert!(failed(&asked(&listed, &amended).await).is_empty());
    let nowhere = world.get("/me/eligibility?cycle_id=01890a5d-ac96-774b-bcce-b302099a8057").by(&young);
    nowhere.send().await.refused(404, "not_found");
}

async fn what_is_used_and_what_is_left(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000_000).await);
    let view = own(&world, &firm).await;
    assert_eq!(
        (&view["used_fen"], &view["available_fen"], &view["on"]),
        (&json!(0), &json!(20_000_000), &json!("2026-03-02"))
    );
    world.claim(&firm, &cycle, 4_999_999).await;
    let view = own(&world, &firm).await;
    assert_eq!((&view["used_fen"], &view["available_fen"]), (&json!(4_999_999), &json!(15_000_001)));
    // Whoever else claims changes nothing for this one.
    world.claim(&world.enterprise().await, &cycle, 5_000_000).await;
    assert_eq!(own(&world, &firm).await["used_fen"], 4_999_999);
}

async fn an_applicant_that_stated_nothing_is_told_to(world: World) {
    let (firm, cycle) = (world.registered("enterprise").await, world.open_cycle(1_000_000).await);
    let view = own(&world, &firm).await;
    assert_eq!(failed(&view), ["profile_stated"]);
    let profile = world.get("/me/profile").by(&firm).send().await.expect(200);
    assert_eq!(
        (&profile["kind"], &profile["version"], &profile["region"]),
        (&json!("enterprise"), &json!(1), &Value::Null)
    );
    let refusal = world.ask_claim(&firm, &cycle, 100).await.refused_by("not_eligible", "7");
    assert_eq!(refusal["findings"][0]["rule"], "profile_stated");
    let facility = world.registered("facility").await;
    world.get("/me/profile").by(&facility).send().await.refused(403, "forbidden");
}

async fn a_profile_is_changed_by_version(world: World) {
    let firm = world.registered("enterprise").await;
    let put = |version: Option<Value>| {
        let ask = world.put("/me/profile").by(&firm).json(eligible_profile());
        match version {
            Some(version) => ask.if_match(&version).send(),
            None => ask.send(),
        }
    };
    put(None).await.refused(428, "precondition_required");
    put(Some(json!(2))).await.refused(412, "precondition_failed");
    let reply = put(Some(json!(1))).await;
    assert_eq!(reply.header("etag"), Some("\"2\""));
    assert_eq!(reply.expect(200)["employees"], 42);
    put(Some(json!(1))).await.refused(412, "precondition_failed");
    let read = world.get("/me/profile").by(&firm).send().await;
    assert_eq!(read.header("etag"), Some("\"2\""));
    let read = read.expect(200);
    for (field, value) in eligible_profile().as_object().unwrap() {
        assert_eq!(&read[field], value, "{field}");
    }
}

async fn a_profile_names_what_is_wrong_with_it(world: World) {
    let firm = world.registered("enterprise").await;
    let put = |profile: Value| world.put("/me/profile").by(&firm).if_match(&json!(1)).json(profile).send();
    for (more, field, rule) in [
        (json!({ "employees": "42" }), "employees", "type"),
        (json!({ "employees": -1 }), "employees", "range"),
        (json!({ "employees": 4_294_967_296_i64 }), "employees", "range"),
        (json!({ "employees": 10_000_001 }), "employees", "range"),
        (json!({ "annual_revenue_fen": -1 }), "annual_revenue_fen", "not_negative"),
        (json!({ "annual_revenue_fen": 1.5 }), "annual_revenue_fen", "type"),
        (json!({ "is_legal_person": "yes" }), "is_legal_person", "type"),
        (json!({ "region": "shanghai" }), "region", "one_of"),
        (json!({ "established_on": "2023-02-29" }), "established_on", "format"),
        (json!({ "established_on": "2026-03-03" }), "established_on", "not_in_future"),
        (json!({ "established_on": "+12023-02-28" }), "established_on", "range"),
        (json!({ "industry": null }), "industry", "type"),
        (json!({ "certificates": [{ "kind": "technology_sme" }] }), "certificates[0].number", "required"),
        (
            json!({ "certificates": [certificate("technology_sme", "2026-01-02", "2026-01-01")] }),
            "certificates[0].valid_until",
            "not_before_issue",
        ),
        (json!({ "predecessor_team_id": "1" }), "predecessor_team_id", "format"),
    ] {
        let refusal = put(enterprise(more.clone())).await.refused_field(field);
        assert_eq!(refusal["fields"][0]["rule"], rule, "{more}: {refusal}");
    }
    let refusal = put(enterprise(json!({ "certificates": [{ "colour": 1 }] }))).await.refused(422, "unknown_field");
    assert_eq!(refusal["fields"][0]["field"], "certificates[0].colour");
    let mut short = eligible_profile();
    short.as_object_mut().unwrap().remove("industry");
    put(short).await.refused_field("industry");
    let refusal = put(enterprise(json!({ "employees": 10_000_001, "total_assets_fen": -1 }))).await.expect(422);
    assert_eq!(refusal["fields"].as_array().unwrap().len(), 2, "every fault at once");
    assert_eq!(world.get("/me/profile").by(&firm).send().await.expect(200)["version"], 1);
}

async fn a_profile_is_of_its_own_kind(world: World) {
    let (firm, students) = (world.registered("enterprise").await, world.registered("team").await);
    let of_a_team = team(&[(true, true)], "testing");
    let put = |account: &Account, profile: &Value| {
        world.put("/me/profile").by(account).if_match(&json!(1)).json(profile.clone()).send()
    };
    assert_eq!(put(&firm, &of_a_team).await.refused(422, "unknown_field")["fields"][0]["field"], "company_registered");
    put(&students, &eligible_profile()).await.refused(422, "unknown_field");
    put(&students, &of_a_team).await.expect(200);
    let wrong_kind = json!({ "kind": "facility", "profile": {} });
    try_rules(&world, wrong_kind).await.refused_field("kind");
    let within = json!({ "kind": "enterprise", "profile": of_a_team });
    let refusal = try_rules(&world, within).await.refused(422, "unknown_field");
    assert_eq!(refusal["fields"][0]["field"], "profile.company_registered");
    let within = json!({ "kind": "team", "profile": team(&[], "testing") });
    try_rules(&world, within).await.refused_field("profile.members");
}

async fn findings_are_in_the_reader_s_language(world: World) {
    let firm = world.registered("enterprise").await;
    world.put_profile(&firm, enterprise(json!({ "employees": 501 }))).await;
    let message = async |language: &str| {
        let reply = world.get("/me/eligibility").by(&firm).header("accept-language", language).send().await;
        let tag = reply.header("content-language").map(str::to_owned);
        let view = reply.expect(200);
        let findings = view["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["rule"] == "employees").unwrap();
        (tag.unwrap(), finding["actual"].as_str().unwrap().to_owned())
    };
    assert_eq!(message("en").await, ("en".to_owned(), "employees: 501".to_owned()));
    assert_eq!(message("zh-CN, en;q=0.8").await, ("zh-CN".to_owned(), "职工总数 501 人".to_owned()));
    assert_eq!(message("fr").await.0, "zh-CN");
    let cycle = world.open_cycle(1_000_000).await;
    let form = json!({ "cycle_id": cycle, "amount_fen": 1, "declaration": true });
    let refusal = world.post("/vouchers").by(&firm).header("accept-language", "en").json(form).send().await;
    let refusal = refusal.refused_by("not_eligible", "7");
    assert!(refusal["detail"].as_str().unwrap().starts_with("The conditions for claiming are not met"), "{refusal}");
    assert_eq!(refusal["title"], "Not possible as things stand");
}

async fn a_draft_judges_nobody(world: World) {
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let form = json!({
        "name": "草稿", "budget_fen": 1, "policy": AMENDED,
        "opens_at": "2026-01-01T09:00:00+08:00", "closes_at": "2026-12-31T18:00:00+08:00"
    });
    let draft = crate::harness::id(&world.post("/cycles").by(&officer).json(form).send().await.expect(201));
    world.get(&format!("/me/eligibility?cycle_id={draft}")).by(&firm).send().await.refused(404, "not_found");
}

async fn the_policies_can_be_read(world: World) {
    let listed = world.get("/policies").send().await.expect(200);
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|policy| policy["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [FIRST, AMENDED]);
    let policy = world.get(&format!("/policies/{FIRST}")).send().await.expect(200);
    assert_eq!(
        (&policy["voucher"]["single_cap_fen"], &policy["voucher"]["registration_days"]),
        (&json!(5_000_000), &json!(15))
    );
    world.get("/policies/nonsense").send().await.refused(404, "not_found");
}

async fn the_copy_of_a_certificate_is_one_s_own_and_for_the_commission(world: World) {
    let (firm, other, facility) = (world.enterprise().await, world.enterprise().await, world.facility().await);
    let (first, second) = (world.upload(&firm, "first").await, world.upload(&firm, "second").await);
    let strange = world.upload(&other, "strange").await;
    let with_copies = |copies: [Option<&str>; 2]| {
        let certificates = copies.map(|copy| {
            let mut certificate = certificate("national_high_tech", "2026-01-01", "2028-12-31");
            certificate["file_id"] = json!(copy);
            certificate
        });
        enterprise(json!({ "certificates": certificates }))
    };
    let put = |profile: Value| world.put("/me/profile").by(&firm).header("if-match", "*").json(profile).send();
    for wrong in [strange.as_str(), "01890a5d-ac96-774b-bcce-b302099a8057"] {
        let refusal = put(with_copies([None, Some(wrong)])).await.refused_field("certificates[1].file_id");
        assert_eq!(refusal["fields"][0]["rule"], "exists");
    }
    put(with_copies([Some(&first), None])).await.expect(200);
    // What was stated before stays readable: vouchers were claimed by it.
    put(with_copies([Some(&second), Some(&second)])).await.expect(200);
    for copy in [&first, &second] {
        let path = format!("/files/{copy}");
        for stranger in [&other, &facility, &world.expert().await] {
            world.get(&path).by(stranger).send().await.refused(404, "not_found");
        }
        for reader in [&firm, &world.officer().await, &world.auditor().await] {
            assert_eq!(world.get(&path).by(reader).send().await.status, 200);
        }
    }
}
