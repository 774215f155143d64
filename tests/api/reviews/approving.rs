//! Another officer approves: the payable amount is fixed, the rest lapses (Art. 12, 15.4).

use serde_json::{Value, json};

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    the_payable_part_is_fixed_and_the_rest_lapses,
    two_vouchers_are_filled_in_the_order_of_their_claims,
    a_rejection_ends_vouchers_contract_and_redemption,
    whoever_concluded_does_not_approve,
    only_what_is_concluded_is_approved,
    an_approval_under_a_key_happens_once,
    an_approval_can_be_meant_for_a_version,
    without_whoever_concluded_nobody_approves,
);

async fn the_payable_part_is_fixed_and_the_rest_lapses(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 9_000_000, 3_000_000).await;
    let redemption = world.read(&approved.facility, &format!("/redemptions/{}", approved.redemption)).await;
    assert_eq!((&redemption["status"], &redemption["approved_fen"]), (&json!("approved"), &json!(3_000_000)));
    assert_eq!(redemption["conclusion"]["decision"], "reduce");
    assert!(redemption["approved_at"].is_string());
    let path = format!("/vouchers/{}", id(&approved.voucher));
    let voucher = world.read(&approved.applicant, &path).await;
    assert_eq!((&voucher["status"], &voucher["counted_fen"]), (&json!("redeeming"), &json!(3_000_000)));
    assert_eq!(voucher["lapses_at"], Value::Null);
    // The rest is the applicant's to claim again this year, from the pool that is left.
    assert_eq!(world.read(&approved.applicant, "/me/eligibility").await["used_fen"], 3_000_000);
    assert_eq!(
        world.accounts(&approved.cycle).await,
        json!({
            "available": 95_000_000, "held": 0, "committed": 0, "payable": 3_000_000, "paid": 0, "lapsed": 2_000_000,
            "recovered": 0
        })
    );
    let contract = world.read(&approved.facility, &format!("/contracts/{}", id(&approved.contract))).await;
    assert_eq!(contract["status"], "registered");
    // It waits for its notice, however long that takes.
    world.at("2026-12-30T10:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.read(&approved.applicant, &path).await, voucher);
    let events = world.read(&approved.concluder, &format!("{path}/events")).await;
    assert_eq!(events["items"][0]["action"], "voucher_allotted");
    assert_eq!(events["items"][0]["actor_user_id"], json!(approved.approver.user_id));
}

async fn two_vouchers_are_filled_in_the_order_of_their_claims(world: World) {
    let (one, other) = (world.open_cycle(100_000_000).await, world.open_cycle(100_000_000).await);
    let (applicant, facility) = (world.enterprise().await, world.facility().await);
    let first = id(&world.claim(&applicant, &other, 3_000_000).await);
    let second = id(&world.claim(&applicant, &one, 2_000_000).await);
    // Named the other way round: the order of the claims counts.
    let contract = world.contract(&applicant, &facility, &[&second, &first], 10_000_000, "2026-03-02").await;
    let redemption = world.redemption(&facility, &contract, 8_000_000).await;
    let officer = world.reviewed(&applicant, &redemption, 4_000_000).await;
    world.conclude(&officer, &redemption, 4_000_000).await.expect(200);
    let approved = world.do_redemption(&world.officer().await, &redemption, "approve").await.expect(200);
    let mut allotments = approved["allotments"].as_array().unwrap().clone();
    allotments.sort_by_key(|part| std::cmp::Reverse(part["payable_fen"].as_i64()));
    assert_eq!(
        allotments,
        [
            json!({ "voucher_id": first, "payable_fen": 3_000_000 }),
            json!({ "voucher_id": second, "payable_fen": 1_000_000 })
        ]
    );
    for (cycle, available, payable, lapsed) in
        [(&other, 97_000_000, 3_000_000, 0), (&one, 98_000_000, 1_000_000, 1_000_000)]
    {
        let accounts = world.accounts(cycle).await;
        assert_eq!(
            (&accounts["available"], &accounts["committed"], &accounts["payable"], &accounts["lapsed"]),
            (&json!(available), &json!(0), &json!(payable), &json!(lapsed))
        );
    }
    assert_eq!(world.read(&applicant, "/me/eligibility").await["used_fen"], 4_000_000);
}

async fn a_rejection_ends_vouchers_contract_and_redemption(world: World) {
    let rejected = world.approved_redemption(5_000_000, 10_000_000, 9_000_000, 0).await;
    let path = format!("/redemptions/{}", rejected.redemption);
    let redemption = world.read(&rejected.facility, &path).await;
    assert_eq!((&redemption["status"], &redemption["approved_fen"]), (&json!("rejected"), &Value::Null));
    assert_eq!(redemption["conclusion"]["decision"], "reject");
    assert_eq!(redemption["allotments"], json!([]));
    let voucher = world.read(&rejected.applicant, &format!("/vouchers/{}", id(&rejected.voucher))).await;
    assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("redemption_rejected")));
    assert_eq!((&voucher["counted_fen"], &voucher["lapses_at"]), (&json!(0), &Value::Null));
    assert_eq!(world.read(&rejected.applicant, "/me/eligibility").await["used_fen"], 0);
    let contract = world.read(&rejected.facility, &format!("/contracts/{}", id(&rejected.contract))).await;
    assert_eq!(contract["status"], "settled");
    let accounts = world.accounts(&rejected.cycle).await;
    assert_eq!(
        (&accounts["committed"], &accounts["payable"], &accounts["lapsed"]),
        (&json!(0), &json!(0), &json!(5_000_000))
    );
    let form = world.redemption_form(&rejected.facility, &rejected.contract, 9_000_000).await;
    world.post("/redemptions").by(&rejected.facility).json(form).send().await.refused(409, "invalid_state");
    world.do_redemption(&rejected.approver, &rejected.redemption, "approve").await.refused(409, "invalid_state");
}

async fn whoever_concluded_does_not_approve(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    let before = (case.read(&world, "").await, world.accounts(&case.signed.cycle).await);
    world.do_redemption(&case.officer, &case.redemption, "approve").await.refused_by("same_person", "15.4");
    for account in [&world.auditor().await, &world.admin().await, &case.signed.facility, &experts[0]] {
        world.do_redemption(account, &case.redemption, "approve").await.refused(403, "forbidden");
    }
    assert_eq!((case.read(&world, "").await, world.accounts(&case.signed.cycle).await), before);
    // Whoever concludes last is the one who may not approve.
    let second = world.officer().await;
    world.conclude(&second, &case.redemption, 4_000_000).await.expect(200);
    world.do_redemption(&second, &case.redemption, "approve").await.refused_by("same_person", "15.4");
    let approved = world.do_redemption(&case.officer, &case.redemption, "approve").await.expect(200);
    assert_eq!(approved["approved_fen"], 4_000_000);
    assert_eq!(approved["conclusion"]["approved_by"], json!(case.officer.user_id));
}

async fn only_what_is_concluded_is_approved(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let officer = world.officer().await;
    world.do_redemption(&officer, &case.redemption, "approve").await.refused(409, "invalid_state");
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    world.do_redemption(&officer, &case.redemption, "approve").await.expect(200);
    world.do_redemption(&officer, &case.redemption, "approve").await.refused(409, "invalid_state");
    world.conclude(&case.officer, &case.redemption, 4_000_000).await.refused(409, "invalid_state");
    assert_eq!(world.accounts(&case.signed.cycle).await["payable"], 4_500_000);
}

async fn an_approval_under_a_key_happens_once(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    let officer = world.officer().await;
    let path = format!("/redemptions/{}/approve", case.redemption);
    let approve = || world.post(&path).by(&officer).key("approve-once").send();
    let first = approve().await.expect(200);
    assert_eq!(approve().await.expect(200), first);
    assert_eq!(world.accounts(&case.signed.cycle).await["payable"], 4_500_000);
}

async fn an_approval_can_be_meant_for_a_version(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    let read = world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    world.conclude(&case.officer, &case.redemption, 4_000_000).await.expect(200);
    let officer = world.officer().await;
    let path = format!("/redemptions/{}/approve", case.redemption);
    world.post(&path).by(&officer).if_match(&read["version"]).send().await.refused(412, "precondition_failed");
    let present = case.read(&world, "").await["version"].clone();
    world.post(&path).by(&officer).if_match(&present).send().await.expect(200);
}

async fn without_whoever_concluded_nobody_approves(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    let lost = format!("UPDATE redemptions SET concluded_by = NULL WHERE id = '{}'", case.redemption);
    world.spoil(&lost);
    // Whoever it was may not be the one who approves.
    case.tell(&world, "approve", json!({})).await.refused(500, "internal_error");
    assert_eq!(case.read(&world, "").await["status"], "concluded");
}
