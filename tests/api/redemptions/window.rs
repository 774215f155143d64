//! When a redemption can be handed in: from the contract's last day, for one month (Art. 15.3).

use serde_json::json;

use super::accounts;
use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    it_opens_on_the_contracts_last_day,
    it_closes_at_the_end_of_the_months_last_day,
    a_last_day_in_a_holiday_moves,
    an_early_completion_moves_it,
    several_vouchers_end_together,
    a_draft_can_be_written_before_and_not_after,
    a_trial_changes_nothing,
    submitting_takes_the_vouchers_and_no_money,
);

async fn it_opens_on_the_contracts_last_day(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await;
    assert_eq!(draft["redeem_from"], "2026-03-16");
    let redemption = id(&draft);
    world.at("2026-03-15T23:59:59+08:00");
    let submit = || world.do_redemption(&signed.facility, &redemption, "submit");
    let refusal = submit().await.refused_by("redemption_too_early", "15.3");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-03-16"), "{refusal}");
    assert_eq!(world.see(&signed.facility, &redemption).await, draft);
    world.at("2026-03-16T00:00:00+08:00");
    let submitted = submit().await.expect(200);
    assert_eq!(submitted["status"], "submitted");
    assert_eq!(submitted["submitted_at"], "2026-03-16T00:00:00+08:00");
    submit().await.refused(409, "invalid_state");
}

/// 16 April 2026 is a Thursday.
async fn it_closes_at_the_end_of_the_months_last_day(world: World) {
    let in_time = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let late = world.signed_contract(3_000_000, 10_000_000, "2026-03-16").await;
    let (first, second) = (
        id(&world.draft_redemption(&in_time.facility, &in_time.contract, 9_000_000).await),
        id(&world.draft_redemption(&late.facility, &late.contract, 9_000_000).await),
    );
    world.at("2026-04-16T23:59:59.999999+08:00");
    world.do_redemption(&in_time.facility, &first, "submit").await.expect(200);
    world.at("2026-04-17T00:00:00+08:00");
    // The deadline binds before any job has run.
    let before = world.see(&late.facility, &second).await;
    for action in ["submit", "withdraw"] {
        world.do_redemption(&late.facility, &second, action).await.refused_by("redemption_overdue", "15.3");
    }
    let agrees = json!({ "agrees": true, "rating": 3, "remarks": "" });
    world.tell_redemption(&late.applicant, &second, "confirm", agrees).await.refused_by("redemption_overdue", "15.3");
    let form = world.redemption_form(&late.facility, &late.contract, 9_000_000).await;
    world.rewrite(&late.facility, &second, form).await.refused_by("redemption_overdue", "15.3");
    assert_eq!(world.see(&late.facility, &second).await, before);
    assert_eq!(world.used_fen(&late.applicant).await, 0);

    world.run_jobs();
    let voucher = world.voucher_of(&late).await;
    assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("redemption_overdue")));
    assert_eq!((&voucher["counted_fen"], &voucher["lapses_at"]), (&json!(0), &json!(null)));
    assert_eq!(world.see(&late.facility, &second).await["status"], "void");
    let contract = world.read(&late.facility, &format!("/contracts/{}", id(&late.contract))).await;
    assert_eq!(contract["status"], "lapsed");
    assert_eq!(world.accounts(&late.cycle).await, accounts(0, 0, 3_000_000));
    world.do_redemption(&late.facility, &second, "submit").await.refused_by("redemption_overdue", "15.3");

    // What was handed in in time stays; taken back now, it could not be handed in again.
    world.do_redemption(&in_time.facility, &first, "withdraw").await.refused_by("redemption_overdue", "15.3");
    assert_eq!(world.see(&in_time.facility, &first).await["status"], "submitted");
    assert_eq!(world.voucher_of(&in_time).await["status"], "redeeming");
    assert_eq!(world.accounts(&in_time.cycle).await, accounts(0, 5_000_000, 0));
}

/// One month from 7 September 2026 is 7 October, the last day of the National Day holiday.
async fn a_last_day_in_a_holiday_moves(world: World) {
    world.at("2026-08-20T10:00:00+08:00");
    let in_time = world.signed_contract(5_000_000, 10_000_000, "2026-09-07").await;
    let late = world.signed_contract(5_000_000, 10_000_000, "2026-09-07").await;
    let (first, second) = (
        id(&world.draft_redemption(&in_time.facility, &in_time.contract, 9_000_000).await),
        id(&world.draft_redemption(&late.facility, &late.contract, 9_000_000).await),
    );
    let deadline = world.see(&in_time.facility, &first).await["redeem_by"].clone();
    assert_eq!(deadline["last_day"], "2026-10-08");
    assert_eq!(deadline["moved_past"], json!([{ "day": "2026-10-07", "because": "holiday" }]));
    world.at("2026-10-08T23:59:59+08:00");
    world.run_jobs();
    world.do_redemption(&in_time.facility, &first, "submit").await.expect(200);
    world.at("2026-10-09T00:00:00+08:00");
    world.do_redemption(&late.facility, &second, "submit").await.refused_by("redemption_overdue", "15.3");
}

async fn an_early_completion_moves_it(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-04-30").await;
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await;
    assert_eq!((&draft["redeem_from"], &draft["redeem_by"]["last_day"]), (&json!("2026-04-30"), &json!("2026-06-01")));
    let redemption = id(&draft);
    world.at("2026-03-20T17:00:00+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit").await.refused_by("redemption_too_early", "15.3");
    let done = json!({ "completed_on": "2026-03-20", "actual_amount_fen": 9_000_000 });
    let complete = format!("/contracts/{}/complete", id(&signed.contract));
    world.post(&complete).by(&signed.facility).json(done).send().await.expect(200);
    let moved = world.see(&signed.facility, &redemption).await;
    assert_eq!((&moved["redeem_from"], &moved["redeem_by"]["last_day"]), (&json!("2026-03-20"), &json!("2026-04-20")));
    world.at("2026-04-20T23:59:59+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit?dry_run=true").await.expect(200);
    world.at("2026-04-21T00:00:00+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit").await.refused_by("redemption_overdue", "15.3");
    world.run_jobs();
    assert_eq!(world.voucher_of(&signed).await["void_cause"], "redemption_overdue");
}

async fn several_vouchers_end_together(world: World) {
    let (cycle, other) = (world.open_cycle(100_000_000).await, world.open_cycle(100_000_000).await);
    let (applicant, facility) = (world.enterprise().await, world.facility().await);
    let one = id(&world.claim(&applicant, &cycle, 3_000_000).await);
    let two = id(&world.claim(&applicant, &other, 2_000_000).await);
    let contract = world.contract(&applicant, &facility, &[&one, &two], 10_000_000, "2026-03-16").await;
    let redemption = id(&world.draft_redemption(&facility, &contract, 10_000_000).await);
    world.at("2026-04-17T00:00:00+08:00");
    world.run_jobs();
    world.run_jobs();
    for voucher in [&one, &two] {
        let voucher = world.read(&applicant, &format!("/vouchers/{voucher}")).await;
        assert_eq!(voucher["void_cause"], "redemption_overdue");
    }
    assert_eq!(world.accounts(&cycle).await, accounts(0, 0, 3_000_000));
    assert_eq!(world.accounts(&other).await, accounts(0, 0, 2_000_000));
    let actions = world.actions(&facility, &format!("/redemptions/{redemption}")).await;
    assert_eq!(actions, ["redemption_voided", "redemption_created"]);
    let actions = world.actions(&facility, &format!("/contracts/{}", id(&contract))).await;
    assert_eq!(actions, ["contract_lapsed", "contract_registered"]);
}

async fn a_draft_can_be_written_before_and_not_after(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let write = |path: &'static str| world.post(path).by(&signed.facility).json(form.clone()).send();
    assert_eq!(write("/redemptions?dry_run=true").await.expect(201)["status"], "draft");
    world.at("2026-04-16T23:59:59+08:00");
    write("/redemptions?dry_run=true").await.expect(201);
    world.at("2026-04-17T00:00:00+08:00");
    write("/redemptions").await.refused_by("redemption_overdue", "15.3");
    world.run_jobs();
    write("/redemptions").await.refused_by("redemption_overdue", "15.3");
    assert_eq!(world.read(&signed.facility, "/redemptions").await["items"], json!([]));
}

async fn a_trial_changes_nothing(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = id(&world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await);
    let before = (world.see(&signed.facility, &redemption).await, world.voucher_of(&signed).await);
    world
        .do_redemption(&signed.facility, &redemption, "submit?dry_run=true")
        .await
        .refused(409, "redemption_too_early");
    world.at("2026-03-16T09:00:00+08:00");
    let trial = world.do_redemption(&signed.facility, &redemption, "submit?dry_run=true").await.expect(200);
    assert_eq!(trial["status"], "submitted");
    assert_eq!((world.see(&signed.facility, &redemption).await, world.voucher_of(&signed).await), before);
}

async fn submitting_takes_the_vouchers_and_no_money(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let lapses_at = world.voucher_of(&signed).await["lapses_at"].clone();
    assert_eq!(lapses_at, "2026-04-17T00:00:00+08:00");
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let voucher = world.voucher_of(&signed).await;
    assert_eq!((&voucher["status"], &voucher["lapses_at"]), (&json!("redeeming"), &json!(null)));
    assert_eq!((&voucher["counted_fen"], &voucher["contract_id"]), (&json!(5_000_000), &signed.contract["id"]));
    assert_eq!(world.accounts(&signed.cycle).await, accounts(0, 5_000_000, 0));
    // Its contract stays as it is while it is decided on.
    let contract = format!("/contracts/{}", id(&signed.contract));
    let version = world.read(&signed.facility, &contract).await["version"].clone();
    let amend = world.patch(&contract).by(&signed.facility).if_match(&version);
    amend.json(json!({ "amount_fen": 12_000_000 })).send().await.refused_by("invalid_state", "15.3");
    // Nothing of it lapses by time now.
    world.at("2026-06-30T10:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.voucher_of(&signed).await, voucher);
    assert_eq!(world.see(&signed.facility, &redemption).await["status"], "submitted");
}
