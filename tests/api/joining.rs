//! Becoming a facility by application: six conditions, a decision, a notice (Art. 6).

use serde_json::{Value, json};

use crate::harness::{CONDITIONS, World, id, own_particulars, with, without};
use crate::on_both_stores;

on_both_stores!(
    a_facility_applies_is_published_and_serves,
    every_condition_is_stated_and_shown,
    a_returned_application_is_corrected_and_a_rejected_one_begun_anew,
    an_upheld_objection_ends_the_joining,
    a_dismissed_objection_lets_it_go_on,
    nobody_changes_what_is_being_looked_at,
    what_is_not_ready_is_neither_decided_nor_published,
    the_evidence_is_for_the_commission,
);

async fn a_facility_applies_is_published_and_serves(world: World) {
    let facility = world.registered("facility").await;
    let officer = world.officer().await;
    let refusal = world.get("/me/facility").by(&facility).send().await.refused(404, "not_found");
    assert_eq!(refusal["article"], "6");
    let put =
        |form: Value, version: &str| world.put("/me/facility").by(&facility).header("if-match", version).json(form);
    put(own_particulars(), "\"3\"").send().await.refused(412, "precondition_failed");
    put(without(without(own_particulars(), "region"), "nature"), "*").send().await.refused_field("nature");
    let draft = put(with(own_particulars(), json!({ "name": "北京恒信检测有限公司" })), "*").send().await.expect(200);
    assert_eq!((&draft["status"], &draft["version"]), (&json!("draft"), &json!(1)));
    // What it will offer can be listed, and is not shown yet.
    let service = world.service(&facility).await;
    let draft = put(with(own_particulars(), json!({ "payee_account": "0200 1" })), "\"1\"").send().await.expect(200);
    assert_eq!(draft["name"], "北京恒信检测有限公司");
    assert_eq!(world.read(&facility, "/me/facility").await["payee_account"], "0200 1");
    assert!(world.ids("/services").await.is_empty());

    let form = world.application_form(&facility).await;
    let applied = world.ask_application(&facility, form.clone()).await.expect(201);
    assert_eq!((&applied["status"], &applied["application"]["status"]), (&json!("applied"), &json!("submitted")));
    world.ask_application(&facility, form).await.refused_by("invalid_state", "6");
    let listed = world.read(&officer, "/facility-applications?status=submitted").await;
    assert_eq!(listed["items"][0]["facility_name"], "北京恒信检测有限公司");
    assert_eq!(listed["items"][0]["conditions"].as_array().unwrap().len(), 6);
    let application = id(&listed["items"][0]);
    let decided = world.decide(&officer, &application, json!({ "decision": "approve" })).await.expect(200);
    assert_eq!((&decided["status"], decided.get("remarks")), (&json!("approved"), None));
    assert_eq!(world.facility_status(&facility).await, "approved");

    // 26 September 2026 is a Saturday; 30 September, 8, 9, 10 (worked) and 12 October follow the holiday.
    world.at("2026-09-29T17:00:00+08:00");
    let notice = world.ask_facility_notice(&officer, &[&facility.organization_id]).await.expect(201);
    assert_eq!(notice["deadline"]["last_day"], "2026-10-12");
    let facts = json!({
        "facility_name": "北京恒信检测有限公司", "region": "beijing", "district": "朝阳区", "nature": "enterprise",
        "is_third_party_testing": false
    });
    assert_eq!(world.get(&format!("/notices/{}", id(&notice))).send().await.expect(200)["items"][0]["facts"], facts);
    assert_eq!(world.get("/notices?kind=facility").send().await.expect(200)["items"][0]["id"], notice["id"]);
    assert_eq!(world.facility_status(&facility).await, "in_notice");
    world.at("2026-10-12T23:59:59+08:00");
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "in_notice");
    assert!(world.ids("/facilities").await.is_empty());
    world.at("2026-10-13T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "active");
    assert_eq!(world.ids("/facilities").await, [facility.organization_id.as_str()]);
    assert_eq!(world.ids("/services").await, [service]);
    let shown = world.get(&format!("/notices/{}", id(&notice))).send().await.expect(200);
    assert_eq!((&shown["status"], &shown["items"][0]["status"]), (&json!("ended"), &json!("cleared")));
    // Its people, and the officers, have been told of each step.
    let told = async |reader| {
        let page = world.read(reader, "/notifications?limit=100").await;
        let items = page["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "facility_news");
        items.map(|one| one["subject_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(&facility).await, vec![facility.organization_id.clone(); 3], "approved, published, active");
    assert_eq!(told(&officer).await, [facility.organization_id.as_str()], "applied");
}

async fn every_condition_is_stated_and_shown(world: World) {
    let facility = world.drafted_facility(json!({})).await;
    let form = world.application_form(&facility).await;
    let ask = async |form: Value| world.ask_application(&facility, form).await;
    for index in 0..CONDITIONS.len() {
        let mut lacking = form.clone();
        lacking["conditions"].as_array_mut().unwrap().remove(index);
        let refusal = ask(lacking).await.refused_by("evidence_missing", "6");
        assert_eq!(refusal["fields"][0]["rule"], format!("missing_{}", CONDITIONS[index]));
        let mut unshown = form.clone();
        unshown["conditions"][index]["file_ids"] = json!([]);
        ask(unshown).await.refused_by("evidence_missing", "6");
    }
    let mut twice = form.clone();
    twice["conditions"][1] = form["conditions"][0].clone();
    ask(twice).await.refused_field("conditions[1].condition");
    let mut blank = form.clone();
    blank["conditions"][2]["statement"] = json!(" ");
    ask(blank).await.refused_field("conditions[2].statement");
    let foreign = world.upload(&world.facility().await, "foreign.pdf").await;
    let mut stolen = form.clone();
    stolen["conditions"][3]["file_ids"] = json!([foreign]);
    ask(stolen).await.refused_field("conditions[3].file_ids[0]");
    ask(with(form.clone(), json!({ "declaration": false }))).await.refused_field("declaration");
    assert_eq!(world.facility_status(&facility).await, "draft");
    let unpaid = world.registered("facility").await;
    world.ask_application(&unpaid, json!({ "conditions": [], "declaration": true })).await.refused(404, "not_found");
    let particulars = without(without(without(own_particulars(), "payee_name"), "payee_bank"), "payee_account");
    world.put("/me/facility").by(&unpaid).header("if-match", "*").json(particulars).send().await.expect(200);
    let unpaid_form = world.application_form(&unpaid).await;
    world.ask_application(&unpaid, unpaid_form).await.refused_field("payee_account");
    // A municipal one is a facility already.
    world.ask_application(&world.facility().await, form.clone()).await.refused_by("invalid_state", "6");
    ask(form).await.expect(201);
}

async fn a_returned_application_is_corrected_and_a_rejected_one_begun_anew(world: World) {
    let (facility, first) = world.applied_facility(json!({})).await;
    let officer = world.officer().await;
    world.decide(&officer, &first, json!({ "decision": "return" })).await.refused_field("remarks");
    let remarks = json!({ "decision": "return", "remarks": "请补充近三年信用报告" });
    world.decide(&officer, &first, remarks).await.expect(200);
    let mine = world.read(&facility, "/me/facility").await;
    assert_eq!(
        (&mine["status"], &mine["application"]["remarks"]),
        (&json!("returned"), &json!("请补充近三年信用报告"))
    );
    world.decide(&officer, &first, json!({ "decision": "approve" })).await.refused_by("invalid_state", "6");
    let form = world.application_form(&facility).await;
    let second = id(&world.ask_application(&facility, form.clone()).await.expect(201)["application"]);
    assert_ne!(first, second);
    world.decide(&officer, &second, json!({ "decision": "reject", "remarks": "不具备独立法人资格" })).await.expect(200);
    assert_eq!(world.facility_status(&facility).await, "rejected");
    world.ask_facility_notice(&officer, &[&facility.organization_id]).await.refused_by("invalid_state", "6");
    world.ask_application(&facility, form).await.expect(201);
    let path = format!("/facility-applications?facility_id={}", facility.organization_id);
    assert_eq!(world.read(&officer, &path).await["items"].as_array().unwrap().len(), 3);
}

async fn an_upheld_objection_ends_the_joining(world: World) {
    let (facility, notice, officer) = world.published_facility(json!({})).await;
    let (right, late) = (world.object(&notice, 0).await, world.object(&notice, 0).await);
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "in_notice", "it waits for the objections");
    let upheld = json!({ "outcome": "upheld", "reasons": "提供虚假材料" });
    world.resolve(&officer, &right, with(upheld.clone(), json!({ "amount_fen": 1 }))).await.refused_field("amount_fen");
    let resolved = world.resolve(&officer, &right, upheld.clone()).await.expect(200);
    assert_eq!((&resolved["status"], resolved.get("amount_fen")), (&json!("upheld"), None));
    let mine = world.read(&facility, "/me/facility").await;
    assert_eq!((&mine["status"], &mine["application"]["status"]), (&json!("rejected"), &json!("rejected")));
    assert_eq!(mine["application"]["remarks"], "提供虚假材料");
    world.resolve(&officer, &late, upheld).await.refused(409, "invalid_state");
    world.dismiss(&officer, &late).await;
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "rejected");
    assert!(world.ids("/facilities").await.is_empty());
}

async fn a_dismissed_objection_lets_it_go_on(world: World) {
    let (facility, notice, officer) = world.published_facility(json!({})).await;
    let (other, _, _) = world.published_facility(json!({})).await;
    let objection = world.object(&notice, 0).await;
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(
        (world.facility_status(&facility).await, world.facility_status(&other).await),
        ("in_notice".to_owned(), "active".to_owned())
    );
    world.dismiss(&officer, &objection).await;
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "active");
}

async fn nobody_changes_what_is_being_looked_at(world: World) {
    let (facility, application) = world.applied_facility(json!({})).await;
    let put = async || {
        let form = with(own_particulars(), json!({ "district": "海淀区" }));
        world.put("/me/facility").by(&facility).header("if-match", "*").json(form).send().await
    };
    put().await.refused_by("invalid_state", "6");
    let officer = world.officer().await;
    world.decide(&officer, &application, json!({ "decision": "approve" })).await.expect(200);
    put().await.refused_by("invalid_state", "6");
    let notice = world.ask_facility_notice(&officer, &[&facility.organization_id]).await.expect(201);
    put().await.refused_by("invalid_state", "6");
    // An officer does not enter what is being decided either.
    let code = world.get("/me").by(&facility).send().await.expect(200)["organization"]["uscc"].clone();
    let entry = with(crate::harness::facility_form(1), json!({ "uscc": code, "confirmed_emails": [facility.email] }));
    world.post("/facilities").by(&officer).json(entry).send().await.refused_by("invalid_state", "6");
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(put().await.expect(200)["district"], "海淀区");
}

async fn what_is_not_ready_is_neither_decided_nor_published(world: World) {
    let (facility, application) = world.applied_facility(json!({})).await;
    let officer = world.officer().await;
    let nobody = "01890000-0000-7000-8000-000000000000";
    let refusal =
        world.ask_facility_notice(&officer, &[&facility.organization_id]).await.refused_by("invalid_state", "6");
    assert_eq!(refusal["fields"][0]["field"], "subject_ids[0]");
    world.ask_facility_notice(&officer, &[nobody]).await.refused(404, "not_found");
    world.decide(&officer, nobody, json!({ "decision": "approve" })).await.refused(404, "not_found");
    for stranger in [&facility, &world.auditor().await, &world.enterprise().await] {
        world.decide(stranger, &application, json!({ "decision": "approve" })).await.refused(403, "forbidden");
    }
    let wrong = json!({ "decision": "maybe" });
    world.decide(&officer, &application, wrong).await.refused_field("decision");
    let path = format!("/facility-applications/{application}/decision");
    let stale = world.post(&path).by(&officer).header("if-match", "\"7\"").json(json!({ "decision": "approve" }));
    stale.send().await.refused(412, "precondition_failed");
    assert_eq!(world.facility_status(&facility).await, "applied");
}

async fn the_evidence_is_for_the_commission(world: World) {
    let (facility, application) = world.applied_facility(json!({})).await;
    let officer = world.officer().await;
    let seen = world.read(&officer, &format!("/facility-applications/{application}")).await;
    let file = format!("/files/{}", seen["conditions"][0]["file_ids"][0].as_str().unwrap());
    for reader in [&facility, &officer, &world.auditor().await] {
        world.get(&file).by(reader).send().await.expect(200);
    }
    for stranger in [&world.facility().await, &world.enterprise().await, &world.expert().await] {
        world.get(&file).by(stranger).send().await.refused(404, "not_found");
    }
    world.get(&format!("/facility-applications/{application}")).by(&facility).send().await.refused(403, "forbidden");
}
