//! What a registration is refused for.

use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::facility::FacilityStatus;

use super::accounts;
use crate::harness::{World, id, with};
use crate::on_both_stores;

on_both_stores!(
    vouchers_pay_half_and_not_a_fen_more,
    every_fault_of_form_is_named,
    it_is_signed_after_the_claim_and_before_tomorrow,
    a_voucher_pays_one_contract,
    a_voucher_that_was_given_back_pays_nothing,
    the_project_is_accepted,
    the_facility_serves_until_the_last_day,
    a_facility_that_never_applied_registers_nothing,
    what_is_others_is_not_there,
    a_number_is_used_once_by_a_facility,
);

async fn vouchers_pay_half_and_not_a_fen_more(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let ask = |amount_fen: i64| {
        let form = world.contract_form(&project, &[&scene.voucher], amount_fen, "2026-04-30");
        world.post("/contracts?dry_run=true").by(&scene.facility).json(form).send()
    };
    // Half of an odd amount is rounded down.
    for (amount_fen, maximum_fen) in [(9_999_999, 4_999_999), (9_999_998, 4_999_999), (9_999_997, 4_999_998), (1, 0)] {
        let refusal = ask(amount_fen).await.refused_by("share_exceeded", "12");
        assert_eq!(refusal["maximum_fen"], maximum_fen, "{amount_fen}");
    }
    for amount_fen in [10_000_000, 10_000_001, i64::MAX] {
        assert_eq!(ask(amount_fen).await.expect(201)["quote"]["claimable_fen"], 5_000_000);
    }
    let form = world.contract_form(&project, &[&scene.voucher], 9_999_999, "2026-04-30");
    world.ask_contract(&scene.facility, form).await.refused_by("share_exceeded", "12");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 5_000_000, 0, 0));
    assert_eq!(scene.voucher(&world).await["status"], "claimed");
}

async fn every_fault_of_form_is_named(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    let ask = |more: Value| world.ask_contract(&scene.facility, with(form.clone(), more));
    let worst = json!({ "number": " ", "starts_on": "2026-05-01", "amount_fen": 0, "voucher_ids": [] });
    let refusal = ask(worst).await.refused_field("number");
    let fields: Vec<&Value> = refusal["fields"].as_array().unwrap().iter().map(|fault| &fault["field"]).collect();
    assert_eq!(fields, ["number", "ends_on", "amount_fen", "voucher_ids"]);
    ask(json!({ "number": "号".repeat(101) })).await.refused_field("number");
    ask(json!({ "voucher_ids": [scene.voucher, scene.voucher] })).await.refused_field("voucher_ids");
    ask(json!({ "ends_on": "2026-02-30" })).await.refused_field("ends_on");
    ask(json!({ "amount_fen": "12000000" })).await.refused_field("amount_fen");
    ask(json!({ "project_id": "P-1" })).await.refused_field("project_id");
    ask(json!({ "voucher_ids": ["V-1"] })).await.refused_field("voucher_ids[0]");
    ask(json!({ "ends_on": "9999-12-31" })).await.refused_by("validity_exceeded", "15.2");
}

async fn it_is_signed_after_the_claim_and_before_tomorrow(world: World) {
    let scene = world.scene().await;
    world.at("2026-03-05T09:00:00+08:00");
    let project = scene.project(&world).await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    let ask = |signed_on: &str| {
        let form = with(form.clone(), json!({ "signed_on": signed_on, "starts_on": "2026-03-01" }));
        world.post("/contracts?dry_run=true").by(&scene.facility).json(form).send()
    };
    let refusal = ask("2026-03-01").await.refused_field("signed_on");
    assert_eq!((&refusal["article"], &refusal["fields"][0]["rule"]), (&json!("15.2"), &json!("not_before_claim")));
    ask("2026-03-02").await.expect(201);
    ask("2026-03-05").await.expect(201);
    ask("2026-03-06").await.refused_field("signed_on");
    // The day is Shanghai's: at 23:59:59 it is still the fifth there, and the sixth a second later.
    world.at("2026-03-05T23:59:59+08:00");
    ask("2026-03-06").await.refused_field("signed_on");
    world.at("2026-03-06T00:00:00+08:00");
    ask("2026-03-06").await.expect(201);
}

async fn a_voucher_pays_one_contract(world: World) {
    let scene = world.scene().await;
    scene.contract(&world, "2026-04-30").await;
    let project = scene.project(&world).await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    world.ask_contract(&scene.facility, form).await.refused_by("voucher_not_claimed", "15.2");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));
    assert_eq!(world.read(&scene.facility, "/contracts").await["items"].as_array().unwrap().len(), 1);
}

async fn a_voucher_that_was_given_back_pays_nothing(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    world.post(&format!("/vouchers/{}/cancel", scene.voucher)).by(&scene.firm).send().await.expect(200);
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    world.ask_contract(&scene.facility, form).await.refused_by("voucher_not_claimed", "15.2");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 0, 5_000_000));
}

async fn the_project_is_accepted(world: World) {
    let scene = world.scene().await;
    let project = world.submitted_project(&scene.firm, &scene.facility, &[&scene.voucher], 12_000_000).await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    let ask = || world.ask_contract(&scene.facility, form.clone());
    ask().await.refused_by("project_not_accepted", "15.2");
    let remarks = json!({ "remarks": "请补充" });
    world
        .post(&format!("/projects/{project}/return"))
        .by(&scene.facility)
        .json(remarks.clone())
        .send()
        .await
        .expect(200);
    ask().await.refused_by("project_not_accepted", "15.2");
    world.post(&format!("/projects/{project}/submit")).by(&scene.firm).send().await.expect(200);
    world.post(&format!("/projects/{project}/decline")).by(&scene.facility).json(remarks).send().await.expect(200);
    ask().await.refused_by("project_not_accepted", "15.2");
    let draft = world.draft_project(&scene.firm, &scene.facility, &[&scene.voucher], 12_000_000).await;
    let form = with(form.clone(), json!({ "project_id": draft }));
    world.ask_contract(&scene.facility, form).await.refused(404, "not_found");
}

async fn the_facility_serves_until_the_last_day(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let ask = |ends_on: &str| {
        let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, ends_on);
        world.post("/contracts?dry_run=true").by(&scene.facility).json(form).send()
    };
    world.facility_becomes(&scene.facility, FacilityStatus::Exiting, Some("2026-04-30"));
    ask("2026-04-30").await.expect(201);
    ask("2026-05-01").await.refused_by("facility_not_active", "6");
    for (status, article) in [
        (FacilityStatus::Exited, "6"),
        (FacilityStatus::Applied, "6"),
        (FacilityStatus::InNotice, "6"),
        (FacilityStatus::Delisted, "17"),
    ] {
        world.facility_becomes(&scene.facility, status, None);
        ask("2026-04-30").await.refused_by("facility_not_active", article);
    }
    world.facility_becomes(&scene.facility, FacilityStatus::Active, None);
    ask("2026-05-01").await.expect(201);
}

async fn a_facility_that_never_applied_registers_nothing(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let newcomer = world.registered("facility").await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    world.ask_contract(&newcomer, form).await.refused(404, "not_found");
}

async fn what_is_others_is_not_there(world: World) {
    let scene = world.scene().await;
    let (rival, stranger) = (world.enterprise().await, world.facility().await);
    let project = scene.project(&world).await;
    let theirs = id(&world.claim(&rival, &scene.cycle, 1_000_000).await);
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    // A project that was proposed to another facility.
    world.ask_contract(&stranger, form.clone()).await.refused(404, "not_found");
    let absent = with(form.clone(), json!({ "project_id": Uuid::from_u128(7) }));
    world.ask_contract(&scene.facility, absent).await.refused(404, "not_found");
    // A voucher of another applicant looks like one that does not exist, and is named by its place.
    let ask = async |voucher: &str| {
        let form = with(form.clone(), json!({ "voucher_ids": [scene.voucher, voucher] }));
        let mut refusal = world.ask_contract(&scene.facility, form).await.refused(404, "not_found");
        assert_eq!(refusal["fields"][0]["field"], "voucher_ids[1]");
        refusal["request_id"] = Value::Null;
        refusal
    };
    assert_eq!(ask(&theirs).await, ask(&Uuid::from_u128(7).to_string()).await);
    assert_eq!(world.accounts(&scene.cycle).await, accounts(4_000_000, 6_000_000, 0, 0));
}

async fn a_number_is_used_once_by_a_facility(world: World) {
    let scene = world.scene().await;
    let other = id(&world.claim(&scene.firm, &scene.cycle, 1_000_000).await);
    let number = json!({ "number": "HT-1" });
    let facility = &scene.facility;
    let both = [&*scene.voucher, &other];
    world.contract_with(&scene.firm, facility, &both[..1], 12_000_000, "2026-04-30", number.clone()).await;
    let project = world.accepted_project(&scene.firm, facility, &both[1..], 12_000_000).await;
    let form = world.contract_form(&project, &both[1..], 12_000_000, "2026-04-30");
    let again = with(form.clone(), json!({ "number": " HT-1 " }));
    for path in ["/contracts?dry_run=true", "/contracts"] {
        let refusal = world.post(path).by(facility).json(again.clone()).send().await.refused(409, "already_exists");
        assert_eq!(refusal["fields"][0]["field"], "number");
    }
    // Under a key as well: the refusal is kept, the transaction goes on.
    let keyed = || world.post("/contracts").by(facility).key("number-twice").json(again.clone()).send();
    keyed().await.refused(409, "already_exists");
    keyed().await.refused(409, "already_exists");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(4_000_000, 1_000_000, 5_000_000, 0));
    // Another facility counts by itself.
    let elsewhere = world.facility().await;
    world.contract_with(&scene.firm, &elsewhere, &both[1..], 12_000_000, "2026-04-30", number).await;
    assert_eq!(world.accounts(&scene.cycle).await, accounts(4_000_000, 0, 6_000_000, 0));
}
