//! How a contract ends: its service done, before the service, or by time (Art. 15.2, 15.3).

use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::redemption::RedemptionStatus;
use voucher_storage::contract::Contract;
use voucher_storage::redemption::Redemption;

use super::{Scene, accounts};
use crate::harness::{Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    a_completion_brings_the_month_for_the_redemption_forward,
    a_late_completion_does_not_put_it_off,
    a_completion_lies_between_the_first_day_and_today,
    a_termination_frees_the_voucher_for_another_contract,
    a_freed_voucher_dies_with_its_validity,
    a_termination_says_why_and_comes_in_time,
    a_contract_whose_month_passed_lapses_with_its_voucher,
    a_submitted_redemption_holds_the_contract_still,
);

async fn act(world: &World, scene: &Scene, contract: &Value, action: &str, body: Value) -> Reply {
    world.post(&format!("/contracts/{}/{action}", id(contract))).by(&scene.facility).json(body).send().await
}

async fn complete(world: &World, scene: &Scene, contract: &Value, on: &str, actual_amount_fen: i64) -> Reply {
    let body = json!({ "completed_on": on, "actual_amount_fen": actual_amount_fen });
    act(world, scene, contract, "complete", body).await
}

async fn terminate(world: &World, scene: &Scene, contract: &Value) -> Reply {
    act(world, scene, contract, "terminate", json!({ "reason": " 样品未能按时提供 " })).await
}

async fn a_completion_brings_the_month_for_the_redemption_forward(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-04-12T10:00:00+08:00");
    let done = complete(&world, &scene, &contract, "2026-04-10", 8_000_001).await.expect(200);
    assert_eq!((&done["status"], &done["completed_on"]), (&json!("completed"), &json!("2026-04-10")));
    assert_eq!((&done["amount_fen"], &done["actual_amount_fen"]), (&json!(12_000_000), &json!(8_000_001)));
    assert_eq!(done["redeem_from"], "2026-04-10");
    // 10 May 2026 is a Sunday.
    assert_eq!(done["redeem_by"]["last_day"], "2026-05-11");
    assert_eq!(done["quote"]["claimable_fen"], 4_000_000);
    assert_eq!(done["quote"]["formula"], "min(创新券合计 50000.00 元, 实际发生金额 80000.01 元 × 50%) = 40000.00 元");
    assert_eq!(scene.voucher(&world).await["lapses_at"], "2026-05-12T00:00:00+08:00");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));

    complete(&world, &scene, &contract, "2026-04-11", 8_000_001).await.refused(409, "invalid_state");
    terminate(&world, &scene, &contract).await.refused(409, "invalid_state");
    let path = format!("/contracts/{}", id(&contract));
    let amendment = world.patch(&path).by(&scene.facility).if_match(&done["version"]).json(json!({ "amount_fen": 1 }));
    amendment.send().await.refused(409, "invalid_state");
    assert_eq!(world.read(&scene.firm, &path).await, done);
}

async fn a_late_completion_does_not_put_it_off(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-05-06T10:00:00+08:00");
    let done = complete(&world, &scene, &contract, "2026-05-05", 12_000_000).await.expect(200);
    assert_eq!((&done["redeem_from"], &done["redeem_by"]), (&json!("2026-04-30"), &contract["redeem_by"]));
    assert_eq!(scene.voucher(&world).await["version"], 2);
}

async fn a_completion_lies_between_the_first_day_and_today(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-04-13T10:00:00+08:00");
    complete(&world, &scene, &contract, "2026-04-14", 1).await.refused_field("completed_on");
    complete(&world, &scene, &contract, "2026-03-01", 1).await.refused_field("completed_on");
    complete(&world, &scene, &contract, "2026-04-13", 0).await.refused_field("actual_amount_fen");
    // 11 April is a Saturday, so a month from 11 March ends on Monday the 13th; one from the 10th is over.
    complete(&world, &scene, &contract, "2026-03-10", 1).await.refused_by("redemption_overdue", "15.3");
    let done = complete(&world, &scene, &contract, "2026-03-11", 1).await.expect(200);
    assert_eq!(done["redeem_by"]["last_day"], "2026-04-13");
    assert_eq!(done["quote"]["claimable_fen"], 0);
}

async fn a_termination_frees_the_voucher_for_another_contract(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-03-20T10:00:00+08:00");
    let ended = terminate(&world, &scene, &contract).await.expect(200);
    assert_eq!((&ended["status"], &ended["termination_reason"]), (&json!("terminated"), &json!("样品未能按时提供")));
    assert_eq!((&ended["voucher_ids"], &ended["quote"]["claimable_fen"]), (&json!([]), &json!(0)));
    let voucher = scene.voucher(&world).await;
    assert_eq!((&voucher["status"], &voucher["contract_id"]), (&json!("registered"), &Value::Null));
    assert_eq!(voucher["valid_until"]["last_day"], "2026-06-02");
    assert_eq!(voucher["lapses_at"], "2026-06-03T00:00:00+08:00");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));
    let events = world.read(&scene.firm, &format!("/vouchers/{}/events", scene.voucher)).await;
    assert_eq!(events["items"][0]["action"], "voucher_unbound");
    for again in
        [terminate(&world, &scene, &contract).await, complete(&world, &scene, &contract, "2026-03-20", 1).await]
    {
        again.refused(409, "invalid_state");
    }
    // The one it was bound to sees the voucher no more.
    world.get(&format!("/vouchers/{}", scene.voucher)).by(&scene.facility).send().await.refused(404, "not_found");

    // Another contract, at another facility, within the validity that the voucher has.
    let other = world.facility().await;
    world.at("2026-04-01T10:00:00+08:00");
    let project = world.accepted_project(&scene.firm, &other, &[&scene.voucher], 12_000_000).await;
    let ask = |ends_on: &str| {
        world.ask_contract(&other, world.contract_form(&project, &[&scene.voucher], 12_000_000, ends_on))
    };
    ask("2026-06-03").await.refused_by("validity_exceeded", "15.2");
    let second = ask("2026-06-02").await.expect(201);
    assert_eq!(second["valid_until"]["last_day"], "2026-06-02");
    assert_eq!(second["valid_until"]["counted_from"], "2026-03-02");
    let voucher = scene.voucher(&world).await;
    assert_eq!((&voucher["contract_id"], &voucher["lapses_at"]), (&second["id"], &json!("2026-07-03T00:00:00+08:00")));
    // Its money was committed before.
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));
}

async fn a_freed_voucher_dies_with_its_validity(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    world.at("2026-03-20T10:00:00+08:00");
    terminate(&world, &scene, &contract).await.expect(200);
    let project = scene.project(&world).await;
    world.at("2026-06-02T23:59:59+08:00");
    world.run_jobs();
    assert_eq!(scene.voucher(&world).await["status"], "registered");
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-06-02");
    let ask = |path: &str| world.post(path).by(&scene.facility).json(form.clone()).send();
    ask("/contracts?dry_run=true").await.expect(201);

    world.at("2026-06-03T00:00:00+08:00");
    ask("/contracts").await.refused_by("validity_exceeded", "15.2");
    world.run_jobs();
    ask("/contracts").await.refused_by("validity_exceeded", "15.2");
    let voucher = scene.voucher(&world).await;
    assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("validity_overdue")));
    assert_eq!((&voucher["counted_fen"], &voucher["lapses_at"]), (&json!(0), &Value::Null));
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 0, 5_000_000));
    // The contract that was terminated stays so.
    assert_eq!(world.read(&scene.firm, &format!("/contracts/{}", id(&contract))).await["status"], "terminated");
}

async fn a_termination_says_why_and_comes_in_time(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    act(&world, &scene, &contract, "terminate", json!({ "reason": " " })).await.refused_field("reason");
    act(&world, &scene, &contract, "terminate", json!({ "reason": "因".repeat(1_001) })).await.refused_field("reason");
    act(&world, &scene, &contract, "terminate", json!({})).await.refused_field("reason");
    world.at("2026-06-02T00:00:00+08:00");
    terminate(&world, &scene, &contract).await.refused_by("redemption_overdue", "15.3");
    complete(&world, &scene, &contract, "2026-04-30", 1).await.refused_by("redemption_overdue", "15.3");
    world.run_jobs();
    terminate(&world, &scene, &contract).await.refused_by("redemption_overdue", "15.3");
    complete(&world, &scene, &contract, "2026-04-30", 1).await.refused_by("redemption_overdue", "15.3");
}

async fn a_contract_whose_month_passed_lapses_with_its_voucher(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    let path = format!("/contracts/{}", id(&contract));
    world.at("2026-06-01T23:59:59+08:00");
    world.run_jobs();
    assert_eq!(world.read(&scene.firm, &path).await, contract);
    world.at("2026-06-02T00:00:00+08:00");
    world.run_jobs();
    let lapsed = world.read(&scene.firm, &path).await;
    assert_eq!((&lapsed["status"], &lapsed["version"]), (&json!("lapsed"), &json!(2)));
    let voucher = scene.voucher(&world).await;
    assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("redemption_overdue")));
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 0, 5_000_000));
    let events = world.read(&scene.firm, &format!("{path}/events")).await;
    assert_eq!(
        (&events["items"][0]["action"], &events["items"][0]["actor_role"]),
        (&json!("contract_lapsed"), &Value::Null)
    );
    world.run_jobs();
    assert_eq!(world.read(&scene.firm, &path).await, lapsed);
}

async fn a_submitted_redemption_holds_the_contract_still(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    let path = format!("/contracts/{}", id(&contract));
    let redemption = redemption_of(&world, &contract, RedemptionStatus::Draft);
    let patch = |amount_fen: i64| {
        world.patch(&path).by(&scene.facility).header("if-match", "*").json(json!({ "amount_fen": amount_fen })).send()
    };
    patch(13_000_000).await.expect(200);
    let submitted = Redemption { status: RedemptionStatus::Submitted, ..redemption };
    let submitted = world.program.store.write(|tx| Redemption::save(tx, &submitted)).unwrap();
    patch(14_000_000).await.refused_by("invalid_state", "15.3");
    terminate(&world, &scene, &contract).await.refused_by("invalid_state", "15.3");
    complete(&world, &scene, &contract, "2026-03-02", 1).await.refused_by("invalid_state", "15.3");
    let withdrawn = Redemption { status: RedemptionStatus::Withdrawn, ..submitted };
    world.program.store.write(|tx| Redemption::save(tx, &withdrawn)).unwrap();
    patch(14_000_000).await.expect(200);
}

/// A redemption of the contract, in the state that its own calls would have led it to.
fn redemption_of(world: &World, contract: &Value, status: RedemptionStatus) -> Redemption {
    let contract_id = Uuid::parse_str(&id(contract)).unwrap();
    let written = world.program.store.write(|tx| {
        let contract = Contract::find(tx, contract_id)?.unwrap();
        let row = Redemption {
            id: Uuid::from_u128(1),
            contract_id,
            applicant_id: contract.applicant_id,
            facility_id: contract.facility_id,
            policy_id: contract.policy_id,
            status,
            actual_amount_fen: contract.amount_fen,
            claimable_fen: Money::from_fen(1),
            remarks: String::new(),
            submitted_at: None,
            correct_by: None,
            officer_remarks: String::new(),
            applicant_agrees: None,
            applicant_rating: None,
            applicant_remarks: None,
            confirmed_by: None,
            concluded_decision: None,
            concluded_fen: None,
            concluded_opinion: None,
            concluded_by: None,
            approved_fen: None,
            approved_by: None,
            approved_opinion: None,
            approved_at: None,
            notice_id: None,
            created_at: contract.registered_at,
            version: 1,
            flags: None,
        };
        Redemption::insert(tx, &row)
    });
    written.unwrap()
}
