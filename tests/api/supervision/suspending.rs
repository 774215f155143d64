//! A suspension holds payment lines wherever they are on their way, and lets them go when it is lifted.

use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, id, only, paid};
use crate::on_both_stores;

on_both_stores!(
    between_approval_and_payment_nothing_is_batched,
    a_prepared_batch_is_not_approved_with_a_suspended_line,
    an_approved_batch_is_not_exported_with_a_suspended_line,
    what_the_bank_has_paid_is_recorded_all_the_same,
    an_applicant_s_suspension_holds_what_its_vouchers_pay,
    only_suspended_lines_are_taken_out,
    a_batch_that_nobody_approved_is_never_exported,
    a_file_written_again_carries_what_is_still_to_be_paid,
);

async fn act(world: &World, officer: &Account, batch: &Value, action: &str) -> Reply {
    world.post(&format!("/disbursements/{}/{action}", id(batch))).by(officer).send().await
}

async fn export(world: &World, officer: &Account, batch: &Value) -> Reply {
    world.get(&format!("/disbursements/{}/export", id(batch))).by(officer).send().await
}

/// The lines that the payment file of a batch carries, and what it pays in all.
async fn exported(world: &World, officer: &Account, batch: &Value) -> (Vec<String>, f64) {
    let reply = export(world, officer, batch).await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    let mut table = csv::Reader::from_reader(&reply.bytes[3..]);
    let rows: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().unwrap();
    let sum = rows.iter().map(|row| row[4].parse::<f64>().unwrap()).sum();
    (rows.iter().map(|row| row[6].to_owned()).collect(), sum)
}

async fn between_approval_and_payment_nothing_is_batched(world: World) {
    let approved = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = approved.approver.clone();
    let closed = world.sanctioned(&approved.facility, only("suspend_payment")).await;
    let named: &[&str] = &[&approved.redemption];
    let refusal = world.ask_batch(&officer, Some(named)).await.refused_by("payment_suspended", "17");
    assert_eq!(refusal["fields"][0]["field"], "redemption_ids[0]");
    world.ask_batch(&officer, None).await.refused_by("invalid_state", "15.5");
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "payable");
    assert_eq!(world.accounts(&approved.cycle).await["payable"], 5_000_000);
    // Another facility is paid meanwhile.
    let other = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let batch = world.ask_batch(&officer, None).await.expect(201);
    assert_eq!(batch["lines"].as_array().unwrap().len(), 1);
    assert_eq!(batch["lines"][0]["redemption_id"], json!(other.redemption));
    world.ask_lift(&officer, &closed["sanctions"][0]).await.expect(200);
    let batch = world.ask_batch(&officer, Some(named)).await.expect(201);
    assert_eq!(batch["lines"][0]["redemption_id"], json!(approved.redemption));
}

async fn a_prepared_batch_is_not_approved_with_a_suspended_line(world: World) {
    let held = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let free = world.payable_redemption(4_000_000, 10_000_000, 10_000_000, 4_000_000).await;
    let (preparer, approver) = (world.officer().await, world.officer().await);
    let batch = world.ask_batch(&preparer, None).await.expect(201);
    world.sanctioned(&held.facility, only("suspend_payment")).await;
    let refusal = act(&world, &approver, &batch, "approve").await.refused_by("payment_suspended", "17");
    let place = batch["lines"].as_array().unwrap().iter().position(|line| line["redemption_id"] == held.redemption);
    assert_eq!(refusal["fields"][0]["field"], format!("lines[{}]", place.unwrap()));
    let thinner = act(&world, &preparer, &batch, "withhold").await.expect(200);
    assert_eq!(thinner["status"], "prepared");
    let line = &thinner["lines"][place.unwrap()];
    assert_eq!(line["status"], "failed");
    assert!(line["reason"].as_str().unwrap().contains("第十七条"), "{line}");
    assert_eq!(world.redemption_status(&approver, &held.redemption).await, "payable");
    // What the second officer approves is what is left.
    assert_eq!((&batch["total_fen"], &thinner["total_fen"]), (&json!(9_000_000), &json!(4_000_000)));
    let approved = act(&world, &approver, &batch, "approve").await.expect(200);
    assert_eq!(approved["total_fen"], 4_000_000);
    assert_eq!(exported(&world, &approver, &approved).await, (vec![free.redemption.clone()], 40_000.0));
    let other = 1 - place.unwrap();
    let results = json!([paid(&approved["lines"][other]["id"])]);
    assert_eq!(world.ask_results(&approver, &approved, results).await.expect(200)["status"], "settled");
    assert_eq!(world.redemption_status(&approver, &free.redemption).await, "paid");
    let told = world.read(&held.facility, "/notifications").await;
    assert_eq!(told["items"][0]["kind"], "payment_failed");
}

async fn an_approved_batch_is_not_exported_with_a_suspended_line(world: World) {
    let held = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, officer) = world.approved_batch().await;
    let closed = world.sanctioned(&held.facility, only("suspend_payment")).await;
    export(&world, &officer, &batch).await.refused_by("payment_suspended", "17");
    let settled = act(&world, &officer, &batch, "withhold").await.expect(200);
    assert_eq!(settled["status"], "settled");
    export(&world, &officer, &batch).await.refused_by("invalid_state", "15.5");
    act(&world, &officer, &batch, "withhold").await.refused_by("invalid_state", "17");
    assert_eq!(world.accounts(&held.cycle).await["payable"], 5_000_000);
    world.ask_lift(&officer, &closed["sanctions"][0]).await.expect(200);
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    assert_eq!(world.redemption_status(&payer, &held.redemption).await, "paid");
}

async fn what_the_bank_has_paid_is_recorded_all_the_same(world: World) {
    let held = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, officer) = world.approved_batch().await;
    assert_eq!(export(&world, &officer, &batch).await.status, 200);
    world.sanctioned(&held.facility, only("suspend_payment")).await;
    world.pay(&officer, &batch).await;
    assert_eq!(world.redemption_status(&officer, &held.redemption).await, "paid");
    assert_eq!(world.accounts(&held.cycle).await["paid"], 5_000_000);
}

async fn an_applicant_s_suspension_holds_what_its_vouchers_pay(world: World) {
    let held = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    world.sanctioned(&held.applicant, only("suspend_payment")).await;
    let named: &[&str] = &[&held.redemption];
    world.ask_batch(&held.approver, Some(named)).await.refused_by("payment_suspended", "17");
}

async fn only_suspended_lines_are_taken_out(world: World) {
    world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = world.officer().await;
    let batch = world.ask_batch(&officer, None).await.expect(201);
    act(&world, &officer, &batch, "withhold").await.refused_by("invalid_state", "17");
    let nothing = json!({ "id": officer.user_id });
    act(&world, &officer, &nothing, "withhold").await.refused(404, "not_found");
}

async fn a_batch_that_nobody_approved_is_never_exported(world: World) {
    let held = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (preparer, other) = (world.officer().await, world.officer().await);
    let batch = world.ask_batch(&preparer, None).await.expect(201);
    world.sanctioned(&held.facility, only("suspend_payment")).await;
    let withheld = act(&world, &preparer, &batch, "withhold").await.expect(200);
    assert_eq!((&withheld["status"], &withheld["approved_by"]), (&json!("settled"), &Value::Null));
    assert_eq!(withheld["total_fen"], 5_000_000, "what it was put together for");
    for officer in [&preparer, &other] {
        export(&world, officer, &batch).await.refused_by("invalid_state", "15.5");
    }
    let shown = world.read(&other, &format!("/disbursements/{}", id(&batch))).await;
    assert_eq!(shown["version"], withheld["version"]);
}

async fn a_file_written_again_carries_what_is_still_to_be_paid(world: World) {
    let one = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let other = world.payable_redemption(4_000_000, 10_000_000, 10_000_000, 4_000_000).await;
    let held = world.payable_redemption(3_000_000, 10_000_000, 10_000_000, 3_000_000).await;
    let (batch, officer) = world.approved_batch().await;
    let (lines, sum) = exported(&world, &officer, &batch).await;
    assert_eq!((lines.len(), sum), (3, 120_000.0));
    world.sanctioned(&held.facility, only("suspend_payment")).await;
    let thinner = act(&world, &officer, &batch, "withhold").await.expect(200);
    assert_eq!((&thinner["status"], &thinner["total_fen"]), (&json!("approved"), &json!(9_000_000)));
    assert_eq!(exported(&world, &officer, &batch).await.1, 90_000.0);
    let line = |redemption: &str| {
        let mut lines = batch["lines"].as_array().unwrap().iter();
        lines.find(|line| line["redemption_id"] == redemption).unwrap()["id"].clone()
    };
    world.ask_results(&officer, &batch, json!([paid(&line(&one.redemption))])).await.expect(200);
    assert_eq!(exported(&world, &officer, &batch).await, (vec![other.redemption.clone()], 40_000.0));
    world.ask_results(&officer, &batch, json!([paid(&line(&other.redemption))])).await.expect(200);
    export(&world, &officer, &batch).await.refused_by("invalid_state", "15.5");
}
