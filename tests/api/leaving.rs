//! Leaving the platform: a month's notice, what it blocks and what it honours (Art. 6).

use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, id, only};
use crate::on_both_stores;

on_both_stores!(
    an_exit_is_announced_a_month_ahead,
    no_contract_ends_after_the_last_day_and_registered_ones_are_honoured,
    an_exit_is_taken_back_until_its_last_day_is_over,
    only_a_serving_facility_leaves,
    what_a_facility_proposed_ends_with_its_serving,
);

async fn exit(world: &World, facility: &Account, last_day: &str) -> Reply {
    let body = json!({ "reason": "业务调整,不再对外开放", "last_day": last_day });
    world.post("/me/facility/exit").by(facility).json(body).send().await
}

async fn an_exit_is_announced_a_month_ahead(world: World) {
    let facility = world.facility().await;
    world.at("2026-09-03T10:00:00+08:00");
    // 3 October falls into the National Day holiday: the month ends on the 8th.
    let refusal = exit(&world, &facility, "2026-10-07").await.refused_field("last_day");
    assert_eq!(refusal["article"], "6");
    assert!(refusal["fields"][0]["message"].as_str().unwrap().contains("2026-10-08"), "{refusal}");
    let blank = json!({ "reason": " ", "last_day": "2026-12-31" });
    world.post("/me/facility/exit").by(&facility).json(blank).send().await.refused_field("reason");
    assert_eq!(world.facility_status(&facility).await, "active");
    let leaving = exit(&world, &facility, "2026-10-08").await.expect(200);
    assert_eq!((&leaving["status"], &leaving["exit_last_day"]), (&json!("exiting"), &json!("2026-10-08")));
    exit(&world, &facility, "2026-12-31").await.refused_by("invalid_state", "6");
    let path = format!("/facilities/{}", facility.organization_id);
    let public = world.get(&path).send().await.expect(200);
    assert_eq!((&public["exit_last_day"], public.get("exit_reason")), (&json!("2026-10-08"), None));
    assert_eq!(world.read(&world.officer().await, &path).await["exit_reason"], "业务调整,不再对外开放");
    world.at("2026-10-08T23:59:59+08:00");
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "exiting");
    world.at("2026-10-09T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "exited");
    world.get(&path).send().await.refused(404, "not_found");
    assert!(world.ids("/facilities").await.is_empty());
    // Whoever has left may apply anew.
    let form = world.application_form(&facility).await;
    let applied = world.ask_application(&facility, form).await.expect(201);
    assert_eq!((&applied["status"], applied.get("exit_last_day")), (&json!("applied"), None));
}

async fn no_contract_ends_after_the_last_day_and_registered_ones_are_honoured(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let vouchers = [world.claim(&firm, &cycle, 1_000_000).await, world.claim(&firm, &cycle, 1_000_000).await];
    let vouchers = vouchers.map(|voucher| id(&voucher));
    let honoured = world.contract(&firm, &facility, &[&vouchers[0]], 4_000_000, "2026-04-20").await;
    exit(&world, &facility, "2026-04-02").await.expect(200);
    let project = world.accepted_project(&firm, &facility, &[&vouchers[1]], 4_000_000).await;
    let form = |ends_on: &str| world.contract_form(&project, &[&vouchers[1]], 4_000_000, ends_on);
    let refusal = world.ask_contract(&facility, form("2026-04-03")).await.refused_by("facility_not_active", "6");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-04-02"), "{refusal}");
    let path = format!("/contracts/{}", id(&honoured));
    let amend =
        |ends_on: &str| world.patch(&path).by(&facility).header("if-match", "*").json(json!({ "ends_on": ends_on }));
    amend("2026-04-21").send().await.refused_by("facility_not_active", "6");
    world.ask_contract(&facility, form("2026-04-02")).await.expect(201);
    world.at("2026-04-03T00:00:00+08:00");
    let third = id(&world.claim(&firm, &cycle, 1_000_000).await);
    let late = world.draft_project(&firm, &facility, &[&third], 4_000_000).await;
    world.post(&format!("/projects/{late}/submit")).by(&firm).send().await.refused_by("facility_not_active", "6");
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "exited");
    // The contract that was registered before is served and redeemed.
    let redemption = world.redemption(&facility, &honoured, 4_000_000).await;
    assert_eq!(world.redemption_status(&world.officer().await, &redemption).await, "submitted");
}

async fn an_exit_is_taken_back_until_its_last_day_is_over(world: World) {
    let facility = world.facility().await;
    let take_back = async || world.delete("/me/facility/exit").by(&facility).send().await;
    take_back().await.refused_by("invalid_state", "6");
    exit(&world, &facility, "2026-04-02").await.expect(200);
    world.at("2026-04-02T23:59:59+08:00");
    let back = take_back().await.expect(200);
    assert_eq!((&back["status"], back.get("exit_last_day"), back.get("exit_reason")), (&json!("active"), None, None));
    exit(&world, &facility, "2026-05-06").await.expect(200);
    // The job has not run yet: the day binds by itself.
    world.at("2026-05-07T00:00:00+08:00");
    take_back().await.refused_by("invalid_state", "6");
    world.run_jobs();
    assert_eq!(world.facility_status(&facility).await, "exited");
}

async fn only_a_serving_facility_leaves(world: World) {
    let (applied, _) = world.applied_facility(json!({})).await;
    exit(&world, &applied, "2026-12-31").await.refused_by("invalid_state", "6");
    let unknown = world.registered("facility").await;
    exit(&world, &unknown, "2026-12-31").await.refused(404, "not_found");
    let body: Value = json!({ "reason": "x", "last_day": "2026-12-31" });
    for stranger in [&world.enterprise().await, &world.officer().await] {
        world.post("/me/facility/exit").by(stranger).json(body.clone()).send().await.refused(403, "forbidden");
    }
}

async fn what_a_facility_proposed_ends_with_its_serving(world: World) {
    let officer = world.officer().await;
    let state = async |facility: &Account, account: &str| {
        let own = world.read(facility, "/me/facility").await;
        let form = json!({
            "district": own["district"], "is_third_party_testing": false, "payee_name": own["payee_name"],
            "payee_bank": own["payee_bank"], "payee_account": account
        });
        world.put("/me/facility").by(facility).if_match(&own["version"]).json(form).send().await.expect(200)
    };
    let approve = async |change: &Value| {
        let path = format!("/facility-changes/{}/decision", id(change));
        world.post(&path).by(&officer).json(json!({ "decision": "approve" })).send().await
    };
    let (left, delisted) = (world.facility().await, world.facility().await);
    let stale = state(&left, "1111").await["pending_change"].clone();
    let other = state(&delisted, "2222").await["pending_change"].clone();
    exit(&world, &left, "2026-04-02").await.expect(200);
    assert_eq!(world.read(&left, "/me/facility").await["pending_change"]["id"], stale["id"], "it serves until then");
    world.at("2026-04-03T00:00:00+08:00");
    world.run_jobs();
    world.sanctioned(&delisted, only("delist")).await;
    for change in [&stale, &other] {
        let shown = world.read(&officer, &format!("/facility-changes/{}", id(change))).await;
        assert_eq!(shown["status"], "withdrawn");
    }
    // What it states now holds, and nothing older comes over it.
    assert_eq!(state(&left, "3333").await.get("pending_change"), None);
    for change in [&stale, &other] {
        approve(change).await.refused(409, "invalid_state");
    }
    assert_eq!(world.read(&left, "/me/facility").await["payee_account"], "3333");
    let actions =
        world.get(&format!("/audit-events?subject_id={}", id(&stale))).by(&world.auditor().await).send().await;
    let actions: Vec<Value> =
        actions.expect(200)["items"].as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
    assert!(actions.contains(&json!("change_withdrawn")), "{actions:?}");
}
