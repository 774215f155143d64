//! What was paid is claimed back and comes, in part and in full, and never more (`paid → recovered`).

use futures_util::future;
use serde_json::{Value, json};

use crate::harness::{Account, Approved, Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    receipts_come_in_part_and_in_full,
    one_fen_over_is_refused,
    a_repeat_answers_the_same_receipt,
    no_more_is_claimed_back_than_was_paid,
    several_vouchers_are_recovered_in_their_order,
    a_waived_clawback_takes_nothing_more,
    two_receipts_at_once_never_exceed_what_is_due,
);

/// A redemption that was paid.
async fn paid_redemption(world: &World) -> Approved {
    let approved = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    approved
}

fn claw_back(redemption: &str, amount_fen: i64) -> Value {
    json!([{ "kind": "claw_back", "redemption_id": redemption, "amount_fen": amount_fen }])
}

/// A clawback of this much of a paid redemption.
async fn clawback(world: &World, paid: &Approved, amount_fen: i64) -> Value {
    let closed = world.sanctioned(&paid.facility, claw_back(&paid.redemption, amount_fen)).await;
    closed["sanctions"][0]["clawback"].clone()
}

async fn receive(world: &World, officer: &Account, clawback: &Value, amount_fen: i64, reference: &str) -> Reply {
    let body = json!({ "amount_fen": amount_fen, "received_on": world.today(), "reference": reference });
    world.post(&format!("/clawbacks/{}/receipts", id(clawback))).by(officer).json(body).send().await
}

async fn money(world: &World, cycle: &str) -> (i64, i64) {
    let accounts = world.accounts(cycle).await;
    (accounts["paid"].as_i64().unwrap(), accounts["recovered"].as_i64().unwrap())
}

async fn receipts_come_in_part_and_in_full(world: World) {
    let paid = paid_redemption(&world).await;
    let officer = world.officer().await;
    let clawback = clawback(&world, &paid, 3_000_000).await;
    assert_eq!((&clawback["status"], &clawback["remaining_fen"]), (&json!("open"), &json!(3_000_000)));
    // Deciding moves no money; receiving does.
    assert_eq!(money(&world, &paid.cycle).await, (5_000_000, 0));
    let part = receive(&world, &officer, &clawback, 1_000_000, "BJ-1").await.expect(201);
    assert_eq!((&part["received_fen"], &part["remaining_fen"]), (&json!(1_000_000), &json!(2_000_000)));
    assert_eq!(money(&world, &paid.cycle).await, (4_000_000, 1_000_000));
    let told = world.read(&paid.facility, "/notifications").await;
    assert_eq!(told["items"][0]["kind"], "clawback_received");
    assert!(told["items"][0]["text"].as_str().unwrap().contains("20,000.00 元"), "{told}");
    let all = receive(&world, &officer, &clawback, 2_000_000, "BJ-2").await.expect(201);
    assert_eq!((&all["status"], all["receipts"].as_array().unwrap().len()), (&json!("recovered"), 2));
    assert_eq!(money(&world, &paid.cycle).await, (2_000_000, 3_000_000));
    let sanction = world.read(&officer, &format!("/sanctions/{}", clawback["sanction_id"].as_str().unwrap())).await;
    assert_eq!(sanction["status"], "ended");
    receive(&world, &officer, &clawback, 1, "BJ-3").await.refused_by("invalid_state", "17");
    world.ask_lift(&officer, &sanction).await.refused_by("invalid_state", "17");
    // The voucher was used, and stays so.
    let voucher = world.read(&paid.applicant, &format!("/vouchers/{}", id(&paid.voucher))).await;
    assert_eq!((&voucher["status"], &voucher["counted_fen"]), (&json!("redeemed"), &json!(5_000_000)));
}

async fn one_fen_over_is_refused(world: World) {
    let paid = paid_redemption(&world).await;
    let officer = world.officer().await;
    let clawback = clawback(&world, &paid, 3_000_000).await;
    receive(&world, &officer, &clawback, 1_000_000, "BJ-1").await.expect(201);
    let over = receive(&world, &officer, &clawback, 2_000_001, "BJ-2").await.refused_field("amount_fen");
    assert_eq!(over["maximum_fen"], 2_000_000);
    receive(&world, &officer, &clawback, 0, "BJ-2").await.refused_field("amount_fen");
    receive(&world, &officer, &clawback, 1, " ").await.refused_field("reference");
    let tomorrow = json!({ "amount_fen": 1, "received_on": "2099-01-01", "reference": "BJ-2" });
    let path = format!("/clawbacks/{}/receipts", id(&clawback));
    world.post(&path).by(&officer).json(tomorrow).send().await.refused_field("received_on");
    assert_eq!(money(&world, &paid.cycle).await, (4_000_000, 1_000_000));
    receive(&world, &officer, &clawback, 2_000_000, "BJ-2").await.expect(201);
}

async fn a_repeat_answers_the_same_receipt(world: World) {
    let paid = paid_redemption(&world).await;
    let officer = world.officer().await;
    let clawback = clawback(&world, &paid, 3_000_000).await;
    let path = format!("/clawbacks/{}/receipts", id(&clawback));
    let body = |fen: i64| json!({ "amount_fen": fen, "received_on": world.today(), "reference": "BJ-1" });
    let ask = || world.post(&path).by(&officer);
    ask().without_key().json(body(1_000_000)).send().await.refused(400, "idempotency_key_required");
    let first = ask().key("receipt-1").json(body(1_000_000)).send().await.expect(201);
    assert_eq!(ask().key("receipt-1").json(body(1_000_000)).send().await.expect(201), first);
    ask().key("receipt-1").json(body(2_000_000)).send().await.refused(422, "idempotency_key_reused");
    // The same money under another key is known by its reference.
    ask().key("receipt-2").json(body(1_000_000)).send().await.refused_by("already_exists", "17");
    assert_eq!(money(&world, &paid.cycle).await, (4_000_000, 1_000_000));
    let shown = world.read(&officer, &format!("/clawbacks/{}", id(&clawback))).await;
    assert_eq!(shown["receipts"].as_array().unwrap().len(), 1);
}

async fn no_more_is_claimed_back_than_was_paid(world: World) {
    let paid = paid_redemption(&world).await;
    let officer = world.officer().await;
    let violation = world.violation(&officer, &paid.facility).await;
    world.tell_violation(&paid.facility, &violation, "statement", json!({ "statement": "说明" })).await.expect(200);
    let ask = |fen: i64| world.ask_decision(&officer, &violation, claw_back(&paid.redemption, fen));
    let over = ask(5_000_001).await.refused_field("sanctions[0].amount_fen");
    assert_eq!(over["maximum_fen"], 5_000_000);
    ask(5_000_000).await.expect(200);
    // Meanwhile the applicant's case claims a part of the same: the rest is what can be approved.
    let other = world.sanctioned(&paid.applicant, claw_back(&paid.redemption, 1)).await;
    let approver = world.officer().await;
    let late = world.ask_approval(&approver, &violation).await.refused_field("sanctions[0].amount_fen");
    assert_eq!(late["maximum_fen"], 4_999_999);
    assert_eq!(world.read(&approver, &format!("/violations/{violation}")).await["status"], "decided");
    assert_eq!(world.read(&approver, "/clawbacks").await["items"].as_array().unwrap().len(), 1);
    world.ask_lift(&officer, &other["sanctions"][0]).await.expect(200);
    world.ask_approval(&approver, &violation).await.expect(200);
    // Another's redemption, and one that is not paid.
    let unpaid = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let again = world.violation(&officer, &paid.applicant).await;
    world.tell_violation(&paid.applicant, &again, "statement", json!({ "statement": "说明" })).await.expect(200);
    let strange = world.ask_decision(&officer, &again, claw_back(&unpaid.redemption, 1)).await;
    strange.refused_field("sanctions[0].redemption_id");
}

async fn several_vouchers_are_recovered_in_their_order(world: World) {
    let (one, two) = (world.open_cycle(100_000_000).await, world.open_cycle(100_000_000).await);
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let first = id(&world.claim(&firm, &one, 2_000_000).await);
    let second = id(&world.claim(&firm, &two, 3_000_000).await);
    let contract = world.contract(&firm, &facility, &[&first, &second], 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&facility, &contract, 10_000_000).await;
    let officer = world.reviewed(&firm, &redemption, 5_000_000).await;
    world.conclude(&officer, &redemption, 5_000_000).await.expect(200);
    let approver = world.officer().await;
    world.do_redemption(&approver, &redemption, "approve").await.expect(200);
    let notice = world.publish(&approver, &[&redemption]).await;
    world.end_of(&notice);
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    let closed = world.sanctioned(&facility, claw_back(&redemption, 4_000_000)).await;
    let clawback = &closed["sanctions"][0]["clawback"];
    receive(&world, &payer, clawback, 1_500_000, "BJ-1").await.expect(201);
    assert_eq!((money(&world, &one).await.1, money(&world, &two).await.1), (1_500_000, 0));
    receive(&world, &payer, clawback, 2_500_000, "BJ-2").await.expect(201);
    assert_eq!((money(&world, &one).await.1, money(&world, &two).await.1), (2_000_000, 2_000_000));
}

async fn a_waived_clawback_takes_nothing_more(world: World) {
    let paid = paid_redemption(&world).await;
    let officer = world.officer().await;
    let clawback = clawback(&world, &paid, 3_000_000).await;
    receive(&world, &officer, &clawback, 1_000_000, "BJ-1").await.expect(201);
    let sanction = json!({ "id": clawback["sanction_id"] });
    let lifted = world.ask_lift(&officer, &sanction).await.expect(200);
    assert_eq!((&lifted["clawback"]["status"], &lifted["clawback"]["remaining_fen"]), (&json!("waived"), &json!(0)));
    receive(&world, &officer, &clawback, 1, "BJ-2").await.refused_by("invalid_state", "17");
    // What came stays; the rest can be claimed again.
    assert_eq!(money(&world, &paid.cycle).await, (4_000_000, 1_000_000));
    world.sanctioned(&paid.facility, claw_back(&paid.redemption, 4_000_000)).await;
}

async fn two_receipts_at_once_never_exceed_what_is_due(world: World) {
    let paid = paid_redemption(&world).await;
    let officer = world.officer().await;
    let clawback = clawback(&world, &paid, 3_000_000).await;
    let references: Vec<String> = (0..4).map(|number| format!("BJ-{number}")).collect();
    let asked = references.iter().map(|reference| receive(&world, &officer, &clawback, 2_000_000, reference));
    let replies = future::join_all(asked).await;
    let taken = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(taken, 1);
    assert_eq!(money(&world, &paid.cycle).await, (3_000_000, 2_000_000));
}
