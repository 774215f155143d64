//! What is banned or suspended is seen before it is run into: in one's eligibility, and in what a facility can
//! expect to be paid.

use serde_json::{Value, json};

use crate::harness::{Account, World, id, only};
use crate::on_both_stores;

on_both_stores!(
    eligibility_shows_a_ban_through_its_last_day,
    eligibility_shows_a_suspension_that_refuses_no_claim,
    what_is_suspended_is_expected_in_no_quarter,
    an_applicant_s_suspension_holds_back_what_its_vouchers_pay_alone,
);

/// Whether somebody is eligible, until when banned, and what the finding about bans says.
async fn eligibility(world: &World, account: &Account) -> (Value, Value, Value) {
    let view = world.read(account, "/me/eligibility").await;
    let findings = view["findings"].as_array().unwrap();
    let ban = findings.iter().find(|finding| finding["rule"] == "ban").unwrap().clone();
    assert_eq!(ban["article"], "17");
    (view["eligible"].clone(), view["banned_until"].clone(), ban)
}

async fn eligibility_shows_a_ban_through_its_last_day(world: World) {
    let (team, other) = (world.team().await, world.team().await);
    let cycle = world.open_cycle_with(json!({ "closes_at": "2029-12-31T18:00:00+08:00" })).await;
    let (eligible, until, ban) = eligibility(&world, &team).await;
    assert_eq!((eligible, until, &ban["passed"]), (json!(true), Value::Null, &json!(true)));
    let closed = world.sanctioned(&team, only("ban")).await;
    for now in ["2026-03-02T10:00:00+08:00", "2029-03-02T23:59:59.999999+08:00"] {
        world.at(now);
        let (eligible, until, ban) = eligibility(&world, &team).await;
        assert_eq!((eligible, until, &ban["passed"]), (json!(false), json!("2029-03-02"), &json!(false)), "{now}");
        // It says what the claim is refused with.
        let refusal = world.ask_claim(&team, &cycle, 1_000_000).await.refused_by("banned", "17");
        assert_eq!(ban["message"], refusal["detail"], "{now}");
        assert_eq!(eligibility(&world, &other).await.0, true, "nobody else");
    }
    world.at("2029-03-03T00:00:00+08:00");
    let (eligible, until, ban) = eligibility(&world, &team).await;
    assert_eq!((eligible, until, &ban["passed"]), (json!(true), Value::Null, &json!(true)));
    world.claim(&team, &cycle, 1_000_000).await;
    // One that is lifted ends at once.
    let again = world.sanctioned(&team, only("ban")).await;
    assert_eq!(eligibility(&world, &team).await.1, "2032-03-03");
    world.ask_lift(&world.officer().await, &again["sanctions"][0]).await.expect(200);
    assert_eq!(eligibility(&world, &team).await.0, true);
    assert_eq!(closed["sanctions"][0]["ends_on"], "2029-03-02");
    // A trial is about nobody.
    let profile = world.read(&team, "/me/profile").await;
    let profile = json!({
        "members": profile["members"], "company_registered": false, "project_stage": profile["project_stage"]
    });
    let trial = json!({ "kind": "team", "profile": profile });
    let trial = world.post("/eligibility/check").json(trial).send().await.expect(200);
    assert_eq!((&trial["payments_suspended"], &trial["banned_until"]), (&json!(false), &Value::Null));
    assert!(trial["findings"].as_array().unwrap().iter().all(|finding| finding["rule"] != "ban"), "{trial}");
}

async fn eligibility_shows_a_suspension_that_refuses_no_claim(world: World) {
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let cycle = world.open_cycle(100_000_000).await;
    let closed = world.sanctioned(&firm, only("suspend_payment")).await;
    let view = world.read(&firm, "/me/eligibility").await;
    assert_eq!((&view["payments_suspended"], &view["eligible"]), (&json!(true), &json!(true)));
    world.claim(&firm, &cycle, 1_000_000).await;
    world.ask_lift(&officer, &closed["sanctions"][0]).await.expect(200);
    assert_eq!(world.read(&firm, "/me/eligibility").await["payments_suspended"], false);
}

async fn forecast(world: &World, facility: &Account) -> Value {
    world.read(facility, "/me/worklist").await["forecast"].clone()
}

async fn what_is_suspended_is_expected_in_no_quarter(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let (facility, officer) = (signed.facility.clone(), world.officer().await);
    let promised = |seen: &Value, stage: &str, fen: i64| {
        assert_eq!((&seen["suspended_fen"], &seen["quarters"][0]["at_most_fen"]), (&json!(0), &json!(fen)), "{seen}");
        let payment = &seen["payments"][0];
        assert_eq!((&payment["stage"], &payment["is_suspended"]), (&json!(stage), &json!(false)), "{seen}");
    };
    let held_back = |seen: &Value, stage: &str, fen: i64| {
        assert_eq!((&seen["suspended_fen"], &seen["quarters"]), (&json!(fen), &json!([])), "{seen}");
        let payment = &seen["payments"][0];
        assert_eq!((&payment["stage"], &payment["amount_fen"]), (&json!(stage), &json!(fen)), "{seen}");
        assert_eq!((&payment["is_suspended"], &payment["quarter"]), (&json!(true), &Value::Null), "{seen}");
    };
    promised(&forecast(&world, &facility).await, "contracted", 5_000_000);
    let closed = world.sanctioned(&facility, only("suspend_payment")).await;
    held_back(&forecast(&world, &facility).await, "contracted", 5_000_000);
    let redemption = world.redemption(&facility, &signed.contract, 9_000_000).await;
    let approved = world.approve_signed(signed, redemption, 4_000_000).await;
    held_back(&forecast(&world, &facility).await, "approved", 4_000_000);
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    world.run_jobs();
    held_back(&forecast(&world, &facility).await, "payable", 4_000_000);
    world.ask_lift(&officer, &closed["sanctions"][0]).await.expect(200);
    promised(&forecast(&world, &facility).await, "payable", 4_000_000);
    // In a batch too, even an approved one: no payment file is written while it holds.
    world.approved_batch().await;
    world.sanctioned(&facility, only("suspend_payment")).await;
    held_back(&forecast(&world, &facility).await, "in_payment", 4_000_000);
}

async fn an_applicant_s_suspension_holds_back_what_its_vouchers_pay_alone(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let firm = world.enterprise().await;
    let voucher = world.claim(&firm, &signed.cycle, 2_000_000).await;
    world.contract(&firm, &signed.facility, &[&id(&voucher)], 4_000_000, "2026-03-16").await;
    world.sanctioned(&firm, only("suspend_payment")).await;
    let seen = forecast(&world, &signed.facility).await;
    assert_eq!((&seen["suspended_fen"], &seen["quarters"][0]["at_most_fen"]), (&json!(2_000_000), &json!(5_000_000)));
    let held: Vec<&Value> = seen["payments"].as_array().unwrap().iter().map(|one| &one["is_suspended"]).collect();
    assert_eq!(held, [false, true]);
}
