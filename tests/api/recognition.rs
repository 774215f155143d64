//! The neighbours' facilities take vouchers while an agreement runs (Art. 19), and rented computing power
//! is redeemed with its metering record (Art. 5, 15.3).

use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    agreements_are_entered_by_officers_and_read_by_everybody,
    a_facility_of_tianjin_serves_while_an_agreement_runs,
    a_neighbour_joins_under_an_agreement,
    rented_computing_power_is_redeemed_with_its_metering_record,
);

async fn agree(world: &World, officer: &Account, region: &str, starts_on: &str, ends_on: &str) -> Reply {
    let body = json!({ "region": region, "starts_on": starts_on, "ends_on": ends_on });
    world.post("/recognition-agreements").by(officer).json(body).send().await
}

async fn agreements_are_entered_by_officers_and_read_by_everybody(world: World) {
    let officer = world.officer().await;
    agree(&world, &officer, "beijing", "2026-01-01", "2026-12-31").await.refused_field("region");
    let refusal = agree(&world, &officer, "hebei", "2026-02-01", "2026-01-31").await.refused_field("ends_on");
    assert_eq!(refusal["article"], "19");
    for stranger in [&world.facility().await, &world.enterprise().await, &world.auditor().await] {
        agree(&world, stranger, "hebei", "2026-01-01", "2026-12-31").await.refused(403, "forbidden");
    }
    assert!(world.ids("/recognition-agreements").await.is_empty());
    agree(&world, &officer, "hebei", "2026-01-01", "2026-12-31").await.expect(201);
    agree(&world, &officer, "tianjin", "2027-01-01", "2027-12-31").await.expect(201);
    let listed = world.get("/recognition-agreements").send().await.expect(200);
    let running: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["region"].clone(), one["is_running"].clone()))
        .collect();
    assert_eq!(running, [(json!("tianjin"), json!(false)), (json!("hebei"), json!(true))]);
}

async fn a_facility_of_tianjin_serves_while_an_agreement_runs(world: World) {
    let (officer, cycle) = (world.officer().await, world.open_cycle(100_000_000).await);
    let facility = world.facility_with(json!({ "region": "tianjin", "district": "南开区" })).await;
    let firm = world.enterprise().await;
    let voucher = id(&world.claim(&firm, &cycle, 1_000_000).await);
    let project = world.draft_project(&firm, &facility, &[&voucher], 4_000_000).await;
    let submit = async || world.post(&format!("/projects/{project}/submit")).by(&firm).send().await;
    submit().await.refused_by("facility_not_active", "19");
    agree(&world, &officer, "hebei", "2026-01-01", "2026-12-31").await.expect(201);
    submit().await.refused_by("facility_not_active", "19");
    agree(&world, &officer, "tianjin", "2026-03-05", "2026-04-10").await.expect(201);
    let refusal = submit().await.refused_by("facility_not_active", "19");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-03-05"), "{refusal}");
    world.at("2026-03-05T00:00:00+08:00");
    submit().await.expect(200);
    let accept = async || {
        let path = format!("/projects/{project}/accept");
        world.post(&path).by(&facility).json(json!({ "remarks": "同意" })).send().await
    };
    accept().await.expect(200);
    let form = |ends_on: &str| world.contract_form(&project, &[&voucher], 4_000_000, ends_on);
    let refusal = world.ask_contract(&facility, form("2026-04-11")).await.refused_by("facility_not_active", "19");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-04-10"), "{refusal}");
    // An agreement that follows carries the recognition on.
    agree(&world, &officer, "tianjin", "2026-04-11", "2026-12-31").await.expect(201);
    world.ask_contract(&facility, form("2026-04-11")).await.expect(201);
    world.at("2027-01-01T00:00:00+08:00");
    let late = world.draft_project(&firm, &facility, &[&voucher], 4_000_000).await;
    let late = world.post(&format!("/projects/{late}/submit")).by(&firm).send().await;
    let refusal = late.refused_by("facility_not_active", "19");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-12-31"), "{refusal}");
}

async fn a_neighbour_joins_under_an_agreement(world: World) {
    let officer = world.officer().await;
    let facility = world.drafted_facility(json!({ "region": "hebei", "district": "石家庄市" })).await;
    let form = world.application_form(&facility).await;
    let refusal = world.ask_application(&facility, form.clone()).await.refused_by("not_eligible", "19");
    assert_eq!(refusal["findings"][0]["rule"], "facility_region");
    agree(&world, &officer, "hebei", "2026-01-01", "2026-03-02").await.expect(201);
    let application = id(&world.ask_application(&facility, form).await.expect(201)["application"]);
    world.at("2026-03-03T00:00:00+08:00");
    world.decide(&officer, &application, json!({ "decision": "approve" })).await.refused_by("not_eligible", "19");
    agree(&world, &officer, "hebei", "2026-03-03", "2026-12-31").await.expect(201);
    world.decide(&officer, &application, json!({ "decision": "approve" })).await.expect(200);
}

async fn rented_computing_power_is_redeemed_with_its_metering_record(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let terms = json!({ "model": "8×910B 64GB", "amount": 1, "unit": "card_hour" });
    let compute = json!({ "kind": "compute", "unit": "卡时", "price_fen": 1_200, "compute": terms });
    let post = async |more: Value| {
        let form = crate::harness::with(crate::harness::service_form(), more);
        world.post("/me/facility/services").by(&facility).json(form).send().await
    };
    post(json!({ "kind": "compute" })).await.refused_field("compute");
    post(json!({ "compute": terms })).await.refused_field("compute");
    let mut wrong = compute.clone();
    wrong["compute"]["amount"] = json!(0);
    post(wrong.clone()).await.refused_field("compute.amount");
    wrong["compute"]["unit"] = json!("year");
    post(wrong).await.refused_field("compute.unit");
    let service = post(compute).await.expect(201);
    assert_eq!(service["compute"], terms);
    let path = format!("/me/facility/services/{}", id(&service));
    let patch = |change: Value| world.patch(&path).by(&facility).header("if-match", "*").json(change);
    let changed = patch(json!({ "kind": "testing" })).send().await.expect(200);
    assert_eq!(changed.get("compute"), None);
    patch(json!({ "kind": "compute" })).send().await.refused_field("compute");
    patch(json!({ "kind": "compute", "compute": terms })).send().await.expect(200);

    let voucher = id(&world.claim(&firm, &cycle, 1_000_000).await);
    let mut form = world.project_form(&facility, &[&voucher], 4_000_000).await;
    form["kind"] = json!("compute");
    form["service_ids"] = json!([service["id"]]);
    let project = id(&world.post("/projects").by(&firm).json(form).send().await.expect(201));
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.expect(200);
    let accepted = format!("/projects/{project}/accept");
    world.post(&accepted).by(&facility).json(json!({ "remarks": "" })).send().await.expect(200);
    let contract = world.contract_form(&project, &[&voucher], 4_000_000, "2026-03-16");
    let contract = world.ask_contract(&facility, contract).await.expect(201);
    assert_eq!(contract["quote"]["missing_evidence"].as_array().unwrap().last(), Some(&json!("metering_record")));
    let mut redemption = world.redemption_form(&facility, &contract, 4_000_000).await;
    let draft = world.post("/redemptions").by(&facility).json(redemption.clone()).send().await.expect(201);
    assert_eq!(draft["quote"]["missing_evidence"], json!(["metering_record"]));
    world.at("2026-03-16T10:00:00+08:00");
    let submit = async || world.do_redemption(&facility, &id(&draft), "submit").await;
    let refusal = submit().await.refused_by("evidence_missing", "15.3");
    assert_eq!(refusal["fields"][0]["rule"], "missing_metering_record");
    let record = world.upload(&facility, "metering.pdf").await;
    redemption["evidence"].as_array_mut().unwrap().push(json!({ "kind": "metering_record", "file_id": record }));
    let path = format!("/redemptions/{}", id(&draft));
    world.put(&path).by(&facility).header("if-match", "*").json(redemption).send().await.expect(200);
    submit().await.expect(200);
}
