//! A delisting: the facility serves no more, what it has not performed ends, and the vouchers of
//! applicants who are not at fault return as claimed.

use serde_json::{Value, json};

use crate::harness::{World, id, only};
use crate::on_both_stores;

on_both_stores!(
    the_vouchers_of_a_blameless_applicant_return,
    a_returned_voucher_pays_another_contract_or_dies,
    what_is_performed_is_redeemed_and_paid,
    the_last_day_is_not_over,
    an_applicant_at_fault_loses_its_vouchers,
    a_delisted_facility_serves_and_applies_no_more,
    a_readmitted_facility_applies_anew,
);

fn accounts(held: i64, committed: i64, lapsed: i64) -> Value {
    json!({
        "available": 100_000_000 - held - committed - lapsed, "held": held, "committed": committed, "payable": 0,
        "paid": 0, "lapsed": lapsed, "recovered": 0
    })
}

async fn the_vouchers_of_a_blameless_applicant_return(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-05-29").await;
    world.at("2026-03-16T10:00:00+08:00");
    // A redemption that is only being written goes with the contract.
    let draft = id(&world.draft_redemption(&signed.facility, &signed.contract, 10_000_000).await);
    let violation = world.decided(&signed.facility, only("delist")).await;
    assert_eq!(world.accounts(&signed.cycle).await, accounts(0, 5_000_000, 0));
    let approver = world.officer().await;
    world.ask_approval(&approver, &violation).await.expect(200);
    let voucher = world.read(&signed.applicant, &format!("/vouchers/{}", id(&signed.voucher))).await;
    assert_eq!(voucher["status"], "claimed");
    // 15 days from the decision on Monday 16 March.
    assert_eq!((&voucher["register_by"]["last_day"], &voucher["valid_until"]), (&json!("2026-03-31"), &Value::Null));
    assert_eq!(voucher["lapses_at"], "2026-04-01T00:00:00+08:00");
    assert_eq!((&voucher["contract_id"], &voucher["counted_fen"]), (&Value::Null, &json!(5_000_000)));
    assert_eq!(world.accounts(&signed.cycle).await, accounts(5_000_000, 0, 0));
    let contract = world.read(&signed.applicant, &format!("/contracts/{}", id(&signed.contract))).await;
    assert_eq!(contract["status"], "terminated");
    assert!(contract["termination_reason"].as_str().unwrap().contains("第十七条"), "{contract}");
    assert_eq!(world.redemption_status(&approver, &draft).await, "withdrawn");
    assert_eq!(world.facility_status(&signed.facility).await, "delisted");
    let told = world.read(&signed.applicant, "/notifications").await;
    assert_eq!(told["items"][0]["kind"], "voucher_returned");
    assert!(told["items"][0]["text"].as_str().unwrap().contains("2026年3月31日"), "{told}");
    let open = world.read(&signed.applicant, "/me/deadlines").await;
    assert_eq!(
        (&open["items"][0]["kind"], &open["items"][0]["last_day"]),
        (&json!("registration"), &json!("2026-03-31"))
    );
}

async fn a_returned_voucher_pays_another_contract_or_dies(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility, other) = (world.enterprise().await, world.facility().await, world.facility().await);
    let (used, unused) = (world.claim(&firm, &cycle, 2_000_000).await, world.claim(&firm, &cycle, 3_000_000).await);
    let (used, unused) = (id(&used), id(&unused));
    world.contract(&firm, &facility, &[&used, &unused], 10_000_000, "2026-05-29").await;
    world.at("2026-03-16T10:00:00+08:00");
    world.sanctioned(&facility, only("delist")).await;
    world.at("2026-03-31T23:59:59+08:00");
    let contract = world.contract(&firm, &other, &[&used], 4_000_000, "2026-06-30").await;
    // 3 months from the new registration.
    assert_eq!(contract["valid_until"]["last_day"], "2026-06-30");
    world.at("2026-04-01T00:00:00+08:00");
    world.run_jobs();
    let dead = world.read(&firm, &format!("/vouchers/{unused}")).await;
    assert_eq!((&dead["status"], &dead["void_cause"]), (&json!("void"), &json!("registration_overdue")));
    assert_eq!(world.read(&firm, &format!("/vouchers/{used}")).await["status"], "registered");
    assert_eq!(world.accounts(&cycle).await, accounts(0, 2_000_000, 3_000_000));
}

async fn what_is_performed_is_redeemed_and_paid(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let submitted = world.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    // Completed before its last day, and one whose last day is over.
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    let done = id(&world.claim(&firm, &cycle, 1_000_000).await);
    let early = world.contract(&firm, &signed.facility, &[&done], 2_000_000, "2026-05-29").await;
    let completion = json!({ "completed_on": "2026-03-16", "actual_amount_fen": 2_000_000 });
    let path = format!("/contracts/{}", id(&early));
    let early = world.post(&format!("{path}/complete")).by(&signed.facility).json(completion).send().await.expect(200);
    let over = id(&world.claim(&firm, &cycle, 1_000_000).await);
    let past = world.contract(&firm, &signed.facility, &[&over], 2_000_000, "2026-03-16").await;
    world.at("2026-03-17T00:00:00+08:00");
    world.sanctioned(&signed.facility, only("delist")).await;
    assert_eq!(world.read(&firm, &path).await["status"], "completed");
    assert_eq!(world.read(&firm, &format!("/contracts/{}", id(&past))).await["status"], "registered");
    let facility = signed.facility.clone();
    let approved = world.approve_signed(signed, submitted, 5_000_000).await;
    for contract in [&early, &past] {
        world.redemption(&facility, contract, 2_000_000).await;
    }
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    assert_eq!(world.redemption_status(&payer, &approved.redemption).await, "paid");
}

async fn the_last_day_is_not_over(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    world.at("2026-03-16T23:59:59+08:00");
    world.sanctioned(&signed.facility, only("delist")).await;
    let voucher = world.read(&signed.applicant, &format!("/vouchers/{}", id(&signed.voucher))).await;
    assert_eq!((&voucher["status"], &voucher["register_by"]["last_day"]), (&json!("claimed"), &json!("2026-03-31")));
}

async fn an_applicant_at_fault_loses_its_vouchers(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-05-29").await;
    let blameless = world.enterprise().await;
    let voucher = id(&world.claim(&blameless, &signed.cycle, 2_000_000).await);
    world.contract(&blameless, &signed.facility, &[&voucher], 4_000_000, "2026-05-29").await;
    let measure = json!([{ "kind": "delist", "at_fault_applicant_ids": [signed.applicant.organization_id] }]);
    // Nobody is at fault without a case of their own.
    let officer = world.officer().await;
    let violation = world.violation(&officer, &signed.facility).await;
    world.tell_violation(&signed.facility, &violation, "statement", json!({ "statement": "说明" })).await.expect(200);
    let field = "sanctions[0].at_fault_applicant_ids[0]";
    world.ask_decision(&officer, &violation, measure.clone()).await.refused_field(field);
    world.sanctioned(&signed.applicant, only("credit_record")).await;
    world.ask_decision(&officer, &violation, measure).await.expect(200);
    world.ask_approval(&world.officer().await, &violation).await.expect(200);
    let lost = world.read(&signed.applicant, &format!("/vouchers/{}", id(&signed.voucher))).await;
    assert_eq!((&lost["status"], &lost["void_cause"]), (&json!("void"), &json!("revoked")));
    // What is revoked goes on counting against the yearly limit.
    assert_eq!(lost["counted_fen"], 5_000_000);
    assert_eq!(world.read(&blameless, &format!("/vouchers/{voucher}")).await["status"], "claimed");
    assert_eq!(world.accounts(&signed.cycle).await, accounts(2_000_000, 0, 5_000_000));
}

async fn a_delisted_facility_serves_and_applies_no_more(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let cycle = world.open_cycle(100_000_000).await;
    let voucher = id(&world.claim(&firm, &cycle, 5_000_000).await);
    let project = world.accepted_project(&firm, &facility, &[&voucher], 10_000_000).await;
    world.sanctioned(&facility, only("delist")).await;
    let form = world.contract_form(&project, &[&voucher], 10_000_000, "2026-03-20");
    world.ask_contract(&facility, form).await.refused_by("facility_not_active", "17");
    let application = world.application_form(&facility).await;
    world.ask_application(&facility, application).await.refused_by("invalid_state", "17");
    assert!(!world.ids("/facilities").await.contains(&facility.organization_id));
    assert!(world.ids("/services").await.is_empty());
    // It is struck off once.
    let again = world.officer().await;
    let violation = world.violation(&again, &facility).await;
    world.tell_violation(&facility, &violation, "statement", json!({ "statement": "说明" })).await.expect(200);
    world.ask_decision(&again, &violation, only("delist")).await.refused_by("invalid_state", "17");
}

async fn a_readmitted_facility_applies_anew(world: World) {
    let facility = world.facility().await;
    let closed = world.sanctioned(&facility, only("delist")).await;
    let officer = world.officer().await;
    world.ask_lift(&officer, &closed["sanctions"][0]).await.expect(200);
    assert_eq!(world.facility_status(&facility).await, "exited");
    let form = world.application_form(&facility).await;
    assert_eq!(world.ask_application(&facility, form).await.expect(201)["status"], "applied");
}
