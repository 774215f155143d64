//! Issuing windows: made, announced and ended by officers, watched by everybody (Art. 12).

use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    a_cycle_goes_from_draft_to_its_end,
    a_draft_is_seen_by_the_commission_alone,
    a_draft_is_changed_by_version_and_nothing_else_is,
    the_budget_of_a_draft_is_in_the_ledger,
    what_would_be_over_already_is_not_announced,
    the_accounts_are_for_the_commission,
    cycles_are_listed_newest_first,
);

fn form() -> Value {
    json!({
        "name": " 2026 年第一期 ", "budget_fen": 1_000_000,
        "opens_at": "2026-03-03T09:00:00+08:00", "closes_at": "2026-03-04T18:00:00+08:00"
    })
}

async fn draft(world: &World, officer: &Account) -> Value {
    world.post("/cycles").by(officer).json(form()).send().await.expect(201)
}

async fn act(world: &World, officer: &Account, cycle: &str, action: &str) -> Reply {
    world.post(&format!("/cycles/{cycle}/{action}")).by(officer).send().await
}

async fn status(world: &World, cycle: &str) -> Value {
    world.get(&format!("/cycles/{cycle}")).send().await.expect(200)["status"].clone()
}

async fn a_cycle_goes_from_draft_to_its_end(world: World) {
    let officer = world.officer().await;
    let made = draft(&world, &officer).await;
    assert_eq!(
        (&made["name"], &made["status"], &made["policy"]),
        (&json!("2026 年第一期"), &json!("draft"), &json!("kejifa-2023-16"))
    );
    assert_eq!((&made["remaining_fen"], &made["accounts"]["available"]), (&json!(1_000_000), &json!(1_000_000)));
    let cycle = id(&made);
    act(&world, &officer, &cycle, "close").await.refused(409, "invalid_state");
    let announced = act(&world, &officer, &cycle, "publish").await.expect(200);
    assert_eq!(announced["status"], "scheduled");
    act(&world, &officer, &cycle, "publish").await.refused(409, "invalid_state");
    for (at, phase) in [
        ("2026-03-03T08:59:59.999999+08:00", "scheduled"),
        ("2026-03-03T09:00:00+08:00", "open"),
        ("2026-03-04T17:59:59.999999+08:00", "open"),
        ("2026-03-04T18:00:00+08:00", "closed"),
    ] {
        world.at(at);
        assert_eq!(status(&world, &cycle).await, phase, "{at}");
    }
    let early = world.open_cycle(100).await;
    assert_eq!(act(&world, &officer, &early, "close").await.expect(200)["status"], "closed");
    act(&world, &officer, &early, "close").await.refused(409, "invalid_state");
    act(&world, &officer, "01890a5d-ac96-774b-bcce-b302099a8057", "close").await.refused(404, "not_found");
}

async fn a_draft_is_seen_by_the_commission_alone(world: World) {
    let officer = world.officer().await;
    let cycle = id(&draft(&world, &officer).await);
    let path = format!("/cycles/{cycle}");
    world.get(&path).send().await.refused(404, "not_found");
    for stranger in [world.enterprise().await, world.expert().await, world.admin().await] {
        world.get(&path).by(&stranger).send().await.refused(404, "not_found");
        assert_eq!(world.get("/cycles").by(&stranger).send().await.expect(200)["items"], json!([]));
    }
    for seer in [&officer, &world.auditor().await] {
        world.get(&path).by(seer).send().await.expect(200);
        assert_eq!(world.get("/cycles").by(seer).send().await.expect(200)["items"].as_array().unwrap().len(), 1);
    }
}

async fn a_draft_is_changed_by_version_and_nothing_else_is(world: World) {
    let officer = world.officer().await;
    let made = draft(&world, &officer).await;
    let path = format!("/cycles/{}", id(&made));
    let change = |body: Value| world.patch(&path).by(&officer).json(body);
    change(json!({ "name": "新名" })).send().await.refused(428, "precondition_required");
    change(json!({ "name": "新名" })).if_match(&json!(9)).send().await.refused(412, "precondition_failed");
    let after = change(json!({ "name": "新名", "policy": "kejifa-2023-16-amended-2025" })).if_match(&made["version"]);
    let after = after.send().await.expect(200);
    assert_eq!((&after["name"], &after["policy"]), (&json!("新名"), &json!("kejifa-2023-16-amended-2025")));
    assert_eq!((&after["budget_fen"], &after["opens_at"]), (&made["budget_fen"], &made["opens_at"]));
    change(json!({ "name": "旧名" })).if_match(&made["version"]).send().await.refused(412, "precondition_failed");
    for (wrong, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "budget_fen": 0 }), "budget_fen"),
        (json!({ "policy": "nonsense" }), "policy"),
        (json!({ "closes_at": "2026-03-03T09:00:00+08:00" }), "closes_at"),
    ] {
        change(wrong).header("if-match", "*").send().await.refused_field(field);
    }
    act(&world, &officer, &id(&made), "publish").await.expect(200);
    change(json!({ "name": "新名" })).header("if-match", "*").send().await.refused(409, "invalid_state");
}

async fn the_budget_of_a_draft_is_in_the_ledger(world: World) {
    let officer = world.officer().await;
    let cycle = id(&draft(&world, &officer).await);
    // The ledger is proved after each of these.
    for budget_fen in [1_000_001_i64, 1, 1, i64::MAX] {
        let change = world.patch(&format!("/cycles/{cycle}")).by(&officer).header("if-match", "*");
        let after = change.json(json!({ "budget_fen": budget_fen })).send().await.expect(200);
        assert_eq!((&after["budget_fen"], &after["accounts"]["available"]), (&json!(budget_fen), &json!(budget_fen)));
    }
}

async fn what_would_be_over_already_is_not_announced(world: World) {
    let officer = world.officer().await;
    let cycle = id(&draft(&world, &officer).await);
    world.at("2026-03-04T18:00:00+08:00");
    let refusal = act(&world, &officer, &cycle, "publish").await.refused(409, "invalid_state");
    assert_eq!(refusal["article"], "12");
    let change = world.patch(&format!("/cycles/{cycle}")).by(&officer).header("if-match", "*");
    change.json(json!({ "closes_at": "2026-03-04T18:00:01+08:00" })).send().await.expect(200);
    assert_eq!(act(&world, &officer, &cycle, "publish").await.expect(200)["status"], "open");
}

async fn the_accounts_are_for_the_commission(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    world.claim(&firm, &cycle, 400_000).await;
    let path = format!("/cycles/{cycle}");
    let public = world.get(&path).send().await.expect(200);
    assert_eq!((&public["remaining_fen"], &public["accounts"]), (&json!(600_000), &Value::Null));
    assert_eq!(world.get(&path).by(&firm).send().await.expect(200)["accounts"], Value::Null);
    let full = world.get(&path).by(&world.auditor().await).send().await.expect(200);
    let sum: i64 = full["accounts"].as_object().unwrap().values().map(|fen| fen.as_i64().unwrap()).sum();
    assert_eq!((full["accounts"].as_object().unwrap().len(), sum), (7, 1_000_000));
}

async fn cycles_are_listed_newest_first(world: World) {
    let mut cycles = [world.open_cycle(1).await, world.open_cycle(2).await, world.open_cycle(3).await];
    cycles.reverse();
    let page = world.get("/cycles?limit=2").send().await.expect(200);
    let ids = |page: &Value| -> Vec<String> { page["items"].as_array().unwrap().iter().map(id).collect() };
    assert_eq!(ids(&page), cycles[..2]);
    let next = format!("/cycles?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = world.get(&next).send().await.expect(200);
    assert_eq!((ids(&rest), &rest["next_cursor"]), (cycles[2..].to_vec(), &Value::Null));
}
