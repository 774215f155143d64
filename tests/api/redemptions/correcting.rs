//! A redemption that is returned is corrected in 5 working days, or void with its vouchers (Art. 15.3).

use serde_json::{Value, json};

use super::accounts;
use crate::harness::{Account, Signed, World};
use crate::on_both_stores;

on_both_stores!(
    a_return_says_why_and_until_when,
    it_is_corrected_until_the_last_second,
    a_correction_that_is_late_voids_everything,
    a_returned_one_can_be_taken_back_in_time,
    what_is_taken_back_dies_with_its_month,
    nothing_is_taken_back_after_its_month,
    it_can_be_returned_again,
);

/// A redemption that an officer returned on Monday 16 March 2026 at 10:00: the fifth working day is the 23rd.
async fn returned(world: &World) -> (Signed, String, Account) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.officer().await;
    world.confirmed(&signed.applicant, &redemption).await;
    world.tell_redemption(&officer, &redemption, "return", json!({ "remarks": "服务报告缺页" })).await.expect(200);
    (signed, redemption, officer)
}

async fn a_return_says_why_and_until_when(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.officer().await;
    world.tell_redemption(&officer, &redemption, "return", json!({ "remarks": "" })).await.refused_field("remarks");
    world.tell_redemption(&officer, &redemption, "return", json!({})).await.refused_field("remarks");
    let body = json!({ "remarks": "服务报告缺页" });
    let returned = world.tell_redemption(&officer, &redemption, "return", body).await.expect(200);
    assert_eq!((&returned["status"], &returned["officer_remarks"]), (&json!("returned"), &json!("服务报告缺页")));
    assert_eq!(
        returned["correct_by"],
        json!({
            "last_day": "2026-03-23", "expires_at": "2026-03-24T00:00:00+08:00", "period": "P5WD",
            "counted_from": "2026-03-16", "provisional": false,
            "moved_past": [{ "day": "2026-03-21", "because": "weekend" }, { "day": "2026-03-22", "because": "weekend" }]
        })
    );
    let voucher = world.voucher_of(&signed).await;
    assert_eq!((&voucher["status"], &voucher["lapses_at"]), (&json!("redeeming"), &json!("2026-03-24T00:00:00+08:00")));
}

async fn it_is_corrected_until_the_last_second(world: World) {
    let (signed, redemption, officer) = returned(&world).await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 8_000_000).await;
    world.at("2026-03-23T23:59:59.999999+08:00");
    world.run_jobs();
    let corrected = world.rewrite(&signed.facility, &redemption, form).await.expect(200);
    assert_eq!((&corrected["status"], &corrected["claimable_fen"]), (&json!("returned"), &json!(4_000_000)));
    assert_eq!(corrected["applicant_agrees"], Value::Null);
    let submitted = world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    assert_eq!((&submitted["status"], &submitted["correct_by"]), (&json!("submitted"), &Value::Null));
    // It was first handed in when it was.
    assert_eq!(submitted["submitted_at"], "2026-03-16T10:00:00+08:00");
    assert_eq!(world.voucher_of(&signed).await["lapses_at"], Value::Null);
    world.at("2026-03-30T10:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.voucher_of(&signed).await["status"], "redeeming");
    assert_eq!(world.accounts(&signed.cycle).await, accounts(0, 5_000_000, 0));
    let accept = || world.tell_redemption(&officer, &redemption, "accept", json!({ "remarks": "" }));
    accept().await.refused(409, "invalid_state");
    world.confirmed(&signed.applicant, &redemption).await;
    accept().await.expect(200);
}

async fn a_correction_that_is_late_voids_everything(world: World) {
    let (signed, redemption, _) = returned(&world).await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 8_000_000).await;
    world.at("2026-03-24T00:00:00+08:00");
    let before = world.see(&signed.facility, &redemption).await;
    for action in ["submit", "withdraw"] {
        world.do_redemption(&signed.facility, &redemption, action).await.refused_by("redemption_overdue", "15.3");
    }
    world.rewrite(&signed.facility, &redemption, form.clone()).await.refused_by("redemption_overdue", "15.3");
    let agrees = json!({ "agrees": true });
    let refused = world.tell_redemption(&signed.applicant, &redemption, "confirm", agrees).await;
    refused.refused_by("redemption_overdue", "15.3");
    assert_eq!(world.see(&signed.facility, &redemption).await, before);
    assert_eq!(world.used_fen(&signed.applicant).await, 0);
    world.run_jobs();
    assert_eq!(world.see(&signed.facility, &redemption).await["status"], "void");
    let voucher = world.voucher_of(&signed).await;
    assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("redemption_overdue")));
    assert_eq!(world.accounts(&signed.cycle).await, accounts(0, 0, 5_000_000));
    let contract = format!("/contracts/{}", crate::harness::id(&signed.contract));
    assert_eq!(world.read(&signed.facility, &contract).await["status"], "lapsed");
    world.do_redemption(&signed.facility, &redemption, "submit").await.refused_by("redemption_overdue", "15.3");
    world.post("/redemptions").by(&signed.facility).json(form).send().await.refused_by("redemption_overdue", "15.3");
}

async fn a_returned_one_can_be_taken_back_in_time(world: World) {
    let (signed, redemption, _) = returned(&world).await;
    world.at("2026-03-23T23:59:59+08:00");
    let withdrawn = world.do_redemption(&signed.facility, &redemption, "withdraw").await.expect(200);
    assert_eq!((&withdrawn["status"], &withdrawn["correct_by"]), (&json!("withdrawn"), &Value::Null));
    let voucher = world.voucher_of(&signed).await;
    assert_eq!(
        (&voucher["status"], &voucher["lapses_at"]),
        (&json!("registered"), &json!("2026-04-17T00:00:00+08:00"))
    );
    // The correction's end is nothing to it any more.
    world.at("2026-03-25T10:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.voucher_of(&signed).await, voucher);
    world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
}

async fn what_is_taken_back_dies_with_its_month(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    world.at("2026-04-16T23:59:59+08:00");
    world.do_redemption(&signed.facility, &redemption, "withdraw").await.expect(200);
    world.at("2026-04-17T00:00:00+08:00");
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    world.post("/redemptions").by(&signed.facility).json(form).send().await.refused_by("redemption_overdue", "15.3");
    world.run_jobs();
    assert_eq!(world.voucher_of(&signed).await["void_cause"], "redemption_overdue");
    assert_eq!(world.see(&signed.facility, &redemption).await["status"], "withdrawn");
    assert_eq!(world.accounts(&signed.cycle).await, accounts(0, 0, 5_000_000));
}

async fn nothing_is_taken_back_after_its_month(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.officer().await;
    // Handed in in time, it does not lapse; taken back now, its vouchers would, and without a word.
    world.at("2026-04-17T00:00:00+08:00");
    let withdraw = || world.do_redemption(&signed.facility, &redemption, "withdraw");
    withdraw().await.refused_by("redemption_overdue", "15.3");
    let back = json!({ "remarks": "请补正" });
    world.tell_redemption(&officer, &redemption, "return", back).await.expect(200);
    withdraw().await.refused_by("redemption_overdue", "15.3");
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    world.run_jobs();
    assert_eq!(world.voucher_of(&signed).await["status"], "redeeming");
}

async fn it_can_be_returned_again(world: World) {
    world.at("2026-04-22T10:00:00+08:00");
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-04-22").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.officer().await;
    let back = || world.tell_redemption(&officer, &redemption, "return", json!({ "remarks": "再补正" }));
    back().await.expect(200);
    back().await.refused(409, "invalid_state");
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    // Over the May holiday: 27 to 30 April are four working days, the fifth is Wednesday 6 May 2026.
    world.at("2026-04-26T10:00:00+08:00");
    let again = back().await.expect(200);
    assert_eq!(again["correct_by"]["counted_from"], "2026-04-26");
    assert_eq!(again["correct_by"]["last_day"], "2026-05-06");
}
