//! Amending the amount or the last day obeys the checks of the registration (Art. 12, 15.2).

use serde_json::{Value, json};
use voucher_domain::facility::FacilityStatus;

use super::{Scene, accounts};
use crate::harness::{Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    the_amount_goes_up_and_down_to_twice_the_vouchers,
    the_last_day_moves_within_the_validity_and_the_vouchers_end_follows,
    an_amendment_is_meant_for_the_version_that_was_read,
    nothing_is_amended_once_the_month_for_the_redemption_is_over,
    the_facility_still_serves_on_the_amended_last_day,
);

async fn amend(world: &World, scene: &Scene, contract: &Value, change: Value) -> Reply {
    let path = format!("/contracts/{}", id(contract));
    world.patch(&path).by(&scene.facility).header("if-match", "*").json(change).send().await
}

async fn the_amount_goes_up_and_down_to_twice_the_vouchers(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    let up = amend(&world, &scene, &contract, json!({ "amount_fen": 30_000_000 })).await.expect(200);
    assert_eq!((&up["amount_fen"], &up["version"]), (&json!(30_000_000), &json!(2)));
    assert_eq!(up["redeem_by"], contract["redeem_by"]);
    let refusal = amend(&world, &scene, &contract, json!({ "amount_fen": 9_999_999 })).await;
    assert_eq!(refusal.refused_by("share_exceeded", "12")["maximum_fen"], 4_999_999);
    amend(&world, &scene, &contract, json!({ "amount_fen": 0 })).await.refused_field("amount_fen");
    let down = amend(&world, &scene, &contract, json!({ "amount_fen": 10_000_000 })).await.expect(200);
    assert_eq!(down["quote"]["claimable_fen"], 5_000_000);
    assert_eq!(down["quote"]["formula"], "min(创新券合计 50000.00 元, 合同金额 100000.00 元 × 50%) = 50000.00 元");
    amend(&world, &scene, &contract, json!({ "number": "HT-2" })).await.refused(422, "unknown_field");
    // No money moves, and the voucher is as it was.
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));
    assert_eq!(scene.voucher(&world).await["version"], 2);
    let events = world.read(&scene.firm, &format!("/contracts/{}/events", id(&contract))).await;
    assert_eq!(events["items"][0]["action"], "contract_amended");
    assert_eq!(events["items"][0]["before"]["amount_fen"], 30_000_000);
    assert_eq!(events["items"][0]["after"]["amount_fen"], 10_000_000);
}

async fn the_last_day_moves_within_the_validity_and_the_vouchers_end_follows(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-04-01T10:00:00+08:00");
    // The validity is still counted from the registration.
    amend(&world, &scene, &contract, json!({ "ends_on": "2026-06-03" })).await.refused_by("validity_exceeded", "15.2");
    let later = amend(&world, &scene, &contract, json!({ "ends_on": "2026-06-02" })).await.expect(200);
    assert_eq!(later["valid_until"], contract["valid_until"]);
    assert_eq!(later["redeem_by"]["last_day"], "2026-07-02");
    assert_eq!(scene.voucher(&world).await["lapses_at"], "2026-07-03T00:00:00+08:00");
    let events = world.read(&scene.firm, &format!("/vouchers/{}/events", scene.voucher)).await;
    assert_eq!(events["items"][0]["action"], "voucher_deadline_moved");

    amend(&world, &scene, &contract, json!({ "ends_on": "2026-03-01" })).await.refused_field("ends_on");
    let earlier = amend(&world, &scene, &contract, json!({ "ends_on": "2026-03-10" })).await.expect(200);
    assert_eq!(earlier["redeem_by"]["last_day"], "2026-04-10");
    assert_eq!(scene.voucher(&world).await["lapses_at"], "2026-04-11T00:00:00+08:00");
    // So far back that the month would be over: that would void the voucher.
    amend(&world, &scene, &contract, json!({ "ends_on": "2026-04-30" })).await.expect(200);
    world.at("2026-04-13T00:00:00+08:00");
    amend(&world, &scene, &contract, json!({ "ends_on": "2026-03-10" })).await.refused_by("redemption_overdue", "15.3");
    assert_eq!(scene.voucher(&world).await["lapses_at"], "2026-06-02T00:00:00+08:00");
}

async fn an_amendment_is_meant_for_the_version_that_was_read(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    let path = format!("/contracts/{}", id(&contract));
    let patch = || world.patch(&path).by(&scene.facility).json(json!({ "amount_fen": 13_000_000 }));
    patch().send().await.refused(428, "precondition_required");
    patch().if_match(&contract["version"]).send().await.expect(200);
    patch().if_match(&contract["version"]).send().await.refused(412, "precondition_failed");
    assert_eq!(world.read(&scene.firm, &path).await["version"], 2);
}

async fn nothing_is_amended_once_the_month_for_the_redemption_is_over(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-06-01T23:59:59+08:00");
    let longer = json!({ "ends_on": "2026-05-31" });
    assert_eq!(
        amend(&world, &scene, &contract, json!({ "amount_fen": 13_000_000 })).await.expect(200)["amount_fen"],
        13_000_000
    );
    world.at("2026-06-02T00:00:00+08:00");
    amend(&world, &scene, &contract, longer.clone()).await.refused_by("redemption_overdue", "15.3");
    world.run_jobs();
    amend(&world, &scene, &contract, longer).await.refused_by("redemption_overdue", "15.3");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 0, 5_000_000));
}

async fn the_facility_still_serves_on_the_amended_last_day(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.facility_becomes(&scene.facility, FacilityStatus::Exiting, Some("2026-05-08"));
    amend(&world, &scene, &contract, json!({ "ends_on": "2026-05-09" })).await.refused_by("facility_not_active", "6");
    amend(&world, &scene, &contract, json!({ "ends_on": "2026-05-08" })).await.expect(200);
    world.facility_becomes(&scene.facility, FacilityStatus::Delisted, None);
    amend(&world, &scene, &contract, json!({ "ends_on": "2026-05-07" })).await.refused_by("facility_not_active", "17");
}
