//! Claiming a voucher (Art. 7, 12, 15.1) and giving it back.

use serde_json::{Value, json};

use crate::harness::{World, eligible_profile, id};
use crate::on_both_stores;

on_both_stores!(
    a_claim_is_granted_with_its_deadline,
    the_last_fen_of_the_pool,
    a_cycle_is_open_from_its_opening_to_just_before_its_closing,
    a_draft_does_not_exist_and_a_closed_cycle_gives_nothing,
    the_single_cap_is_met_exactly,
    the_yearly_limit_is_met_exactly,
    the_form_of_a_claim_is_checked_as_a_whole,
    refusals_come_in_their_order_and_change_nothing,
    who_is_not_eligible_learns_why,
    a_trial_changes_nothing,
    the_claim_year_is_that_of_the_shanghai_day,
    a_voucher_is_given_back_in_its_days,
    the_deadline_moves_past_the_national_day_holiday,
    a_weekend_that_is_worked_does_not_move_the_deadline,
    a_voucher_lapses_at_its_instant_whether_or_not_the_job_has_run,
    the_job_voids_more_than_one_batch,
    a_voucher_is_seen_by_its_applicant_and_the_commission_alone,
    a_voucher_s_events_are_kept,
    a_voucher_keeps_what_was_found_when_it_was_claimed,
    vouchers_are_listed_newest_first,
);

async fn a_claim_is_granted_with_its_deadline(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let firm = world.enterprise().await;
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    assert_eq!(voucher["status"], "claimed");
    assert_eq!(voucher["amount_fen"], 5_000_000);
    assert_eq!(voucher["claimed_at"], "2026-03-02T10:00:00+08:00");
    assert_eq!(voucher["register_by"]["last_day"], "2026-03-17");
    assert_eq!(voucher["register_by"]["expires_at"], "2026-03-18T00:00:00+08:00");
    assert_eq!(voucher["register_by"]["period"], "P15D");
    assert_eq!(voucher["register_by"]["counted_from"], "2026-03-02");
    assert_eq!(voucher["register_by"]["moved_past"], json!([]));
    assert_eq!(voucher["register_by"]["provisional"], false);
    assert!(voucher["number"].as_str().unwrap().starts_with("CXQ-2026-"));
    let kept = world.read(&firm, &format!("/vouchers/{}", id(&voucher))).await;
    assert!(kept["findings"].as_array().unwrap().iter().all(|finding| finding["passed"] == true));
    let accounts = world.accounts(&cycle).await;
    assert_eq!(
        accounts,
        json!({ "available": 5_000_000, "held": 5_000_000, "committed": 0, "payable": 0, "paid": 0, "lapsed": 0, "recovered": 0 })
    );
}

async fn the_last_fen_of_the_pool(world: World) {
    let cycle = world.open_cycle(5_000_001).await;
    let (one, other) = (world.enterprise().await, world.enterprise().await);
    world.claim(&one, &cycle, 5_000_000).await;
    let refusal = world.ask_claim(&other, &cycle, 2).await.refused_by("pool_exhausted", "12");
    assert_eq!(refusal["remaining_fen"], 1);
    world.claim(&other, &cycle, 1).await;
    assert_eq!(world.accounts(&cycle).await["available"], 0);
    let refusal = world.ask_claim(&other, &cycle, 1).await.refused_by("pool_exhausted", "12");
    assert_eq!(refusal["remaining_fen"], 0);
    assert_eq!(world.get(&format!("/cycles/{cycle}")).send().await.expect(200)["status"], "exhausted");
}

async fn a_cycle_is_open_from_its_opening_to_just_before_its_closing(world: World) {
    let cycle = world
        .open_cycle_with(json!({ "opens_at": "2026-03-03T09:00:00+08:00", "closes_at": "2026-03-04T18:00:00+08:00" }))
        .await;
    let firm = world.enterprise().await;
    world.at("2026-03-03T08:59:59.999999+08:00");
    let refusal = world.ask_claim(&firm, &cycle, 100).await.refused_by("cycle_not_open", "12");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-03-03T09:00:00+08:00"), "{refusal}");
    world.at("2026-03-03T09:00:00+08:00");
    world.claim(&firm, &cycle, 100).await;
    world.at("2026-03-04T17:59:59.999999+08:00");
    world.claim(&firm, &cycle, 100).await;
    world.at("2026-03-04T18:00:00+08:00");
    world.ask_claim(&firm, &cycle, 100).await.refused_by("cycle_not_open", "12");
}

async fn a_draft_does_not_exist_and_a_closed_cycle_gives_nothing(world: World) {
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let form = json!({
        "name": "草稿", "budget_fen": 1_000_000,
        "opens_at": "2026-01-01T09:00:00+08:00", "closes_at": "2026-12-31T18:00:00+08:00"
    });
    let cycle = id(&world.post("/cycles").by(&officer).json(form).send().await.expect(201));
    world.ask_claim(&firm, &cycle, 100).await.refused(404, "not_found");
    world.ask_claim(&firm, "01890a5d-ac96-774b-bcce-b302099a8057", 100).await.refused(404, "not_found");
    world.post(&format!("/cycles/{cycle}/publish")).by(&officer).send().await.expect(200);
    let voucher = world.claim(&firm, &cycle, 100).await;
    world.post(&format!("/cycles/{cycle}/close")).by(&officer).send().await.expect(200);
    world.ask_claim(&firm, &cycle, 100).await.refused_by("cycle_not_open", "12");
    // What was claimed before lives on.
    let path = format!("/vouchers/{}", id(&voucher));
    assert_eq!(world.get(&path).by(&firm).send().await.expect(200)["status"], "claimed");
}

async fn the_single_cap_is_met_exactly(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(100_000_000).await);
    let refusal = world.ask_claim(&firm, &cycle, 5_000_001).await.refused_by("single_cap_exceeded", "12");
    assert_eq!(refusal["maximum_fen"], 5_000_000);
    world.ask_claim(&firm, &cycle, i64::MAX).await.refused_by("single_cap_exceeded", "12");
    world.claim(&firm, &cycle, 5_000_000).await;
}

async fn the_yearly_limit_is_met_exactly(world: World) {
    // Two cycles of one year, one limit.
    let (firm, one, other) =
        (world.enterprise().await, world.open_cycle(100_000_000).await, world.open_cycle(100_000_000).await);
    for cycle in [&one, &other, &one] {
        world.claim(&firm, cycle, 5_000_000).await;
    }
    world.claim(&firm, &other, 4_999_999).await;
    let refusal = world.ask_claim(&firm, &one, 2).await.refused_by("annual_limit_exceeded", "12");
    assert_eq!(refusal["maximum_fen"], 1);
    world.claim(&firm, &other, 1).await;
    let refusal = world.ask_claim(&firm, &other, 1).await.refused_by("annual_limit_exceeded", "12");
    assert_eq!(refusal["maximum_fen"], 0);
    let team = world.team().await;
    for _ in 0..4 {
        world.claim(&team, &one, 5_000_000).await;
    }
    world.ask_claim(&team, &one, 1).await.refused_by("annual_limit_exceeded", "12");
}

async fn the_form_of_a_claim_is_checked_as_a_whole(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let claim = |form: Value| world.post("/vouchers").by(&firm).json(form).send();
    let refusal = claim(json!({ "cycle_id": cycle, "amount_fen": 0, "declaration": false })).await.expect(422);
    let fields: Vec<_> = refusal["fields"].as_array().unwrap().iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!((fields, &refusal["article"]), (vec![json!("declaration"), json!("amount_fen")], &json!("15.1")));
    claim(json!({ "cycle_id": cycle, "amount_fen": -1, "declaration": true })).await.refused_field("amount_fen");
    claim(json!({ "cycle_id": cycle, "amount_fen": 1.5, "declaration": true })).await.refused_field("amount_fen");
    claim(json!({ "cycle_id": cycle, "amount_fen": 100 })).await.refused_field("declaration");
    claim(json!({ "cycle_id": "1", "amount_fen": 100, "declaration": true })).await.refused_field("cycle_id");
    assert_eq!(world.accounts(&cycle).await["held"], 0);
}

async fn refusals_come_in_their_order_and_change_nothing(world: World) {
    let cycle = world.open_cycle_with(json!({ "budget_fen": 1, "opens_at": "2026-03-03T09:00:00+08:00" })).await;
    let firm = world.registered("enterprise").await;
    let claim = |amount_fen: i64, declaration: bool| {
        let form = json!({ "cycle_id": cycle, "amount_fen": amount_fen, "declaration": declaration });
        world.post("/vouchers").by(&firm).json(form).send()
    };
    claim(6_000_000, false).await.refused_by("cycle_not_open", "12");
    world.at("2026-03-03T09:00:00+08:00");
    claim(6_000_000, false).await.refused(422, "validation_failed");
    claim(6_000_000, true).await.refused_by("single_cap_exceeded", "12");
    claim(5_000_000, true).await.refused_by("not_eligible", "7");
    let before = world.accounts(&cycle).await;
    world.put_profile(&firm, eligible_profile()).await;
    claim(5_000_000, true).await.refused_by("pool_exhausted", "12");
    assert_eq!(world.accounts(&cycle).await, before);
    let listed = world.get("/vouchers").by(&firm).send().await.expect(200);
    assert_eq!(listed["items"], json!([]));
}

async fn who_is_not_eligible_learns_why(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let mut profile = eligible_profile();
    profile["employees"] = json!(501);
    profile["industry"] = json!("other");
    world.put_profile(&firm, profile).await;
    let refusal = world.ask_claim(&firm, &cycle, 100).await.refused_by("not_eligible", "7");
    let findings = refusal["findings"].as_array().unwrap();
    let failed: Vec<_> =
        findings.iter().filter(|finding| finding["passed"] == false).map(|finding| &finding["rule"]).collect();
    assert_eq!(failed, ["employees", "main_business"]);
    assert!(findings.len() > failed.len(), "what is met is said too");
}

async fn a_trial_changes_nothing(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let form = |amount_fen: i64| json!({ "cycle_id": cycle, "amount_fen": amount_fen, "declaration": true });
    let attempt = |amount_fen: i64| world.post("/vouchers?dry_run=true").by(&firm).without_key().json(form(amount_fen));
    let tried = attempt(1_000_000).send().await.expect(201);
    assert_eq!((&tried["amount_fen"], &tried["register_by"]["last_day"]), (&json!(1_000_000), &json!("2026-03-17")));
    attempt(1_000_001).send().await.refused_by("pool_exhausted", "12");
    world.get(&format!("/vouchers/{}", id(&tried))).by(&firm).send().await.refused(404, "not_found");
    let listed = world.get("/vouchers").by(&firm).send().await.expect(200);
    assert_eq!((&listed["items"], &world.accounts(&cycle).await["held"]), (&json!([]), &json!(0)));

    // Nor does it use up a key.
    attempt(1_000_000).key("one").send().await.expect(201);
    world.post("/vouchers").by(&firm).key("one").json(form(5)).send().await.expect(201);
    let real = world.post("/vouchers?dry_run=false").by(&firm).without_key().json(form(5));
    real.send().await.refused(400, "idempotency_key_required");
    for odd in ["dry_run=yes", "dry_run", "dry_run=", "dry_run=true&dry_run=false"] {
        let reply = world.post(&format!("/vouchers?{odd}")).by(&firm).json(form(7)).send().await;
        reply.refused_field("dry_run");
    }
    let listed = world.get("/vouchers").by(&firm).send().await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

async fn the_claim_year_is_that_of_the_shanghai_day(world: World) {
    let cycle = world.open_cycle_with(json!({ "closes_at": "2027-06-30T18:00:00+08:00" })).await;
    let firm = world.enterprise().await;
    world.at("2026-12-31T23:59:59+08:00");
    for _ in 0..4 {
        let voucher = world.claim(&firm, &cycle, 5_000_000).await;
        assert!(voucher["number"].as_str().unwrap().starts_with("CXQ-2026-"));
    }
    world.ask_claim(&firm, &cycle, 1).await.refused_by("annual_limit_exceeded", "12");
    // In UTC it is still the old year.
    world.at("2027-01-01T00:00:00+08:00");
    let view = world.get("/me/eligibility").by(&firm).send().await.expect(200);
    assert_eq!((&view["on"], &view["used_fen"]), (&json!("2027-01-01"), &json!(0)));
    for _ in 0..4 {
        let voucher = world.claim(&firm, &cycle, 5_000_000).await;
        assert!(voucher["number"].as_str().unwrap().starts_with("CXQ-2027-"));
        assert_eq!(voucher["claimed_at"], "2027-01-01T00:00:00+08:00");
        // The rest days of 2027 are not announced: weekends alone are known.
        assert_eq!(voucher["register_by"]["provisional"], true);
    }
    world.ask_claim(&firm, &cycle, 1).await.refused_by("annual_limit_exceeded", "12");
}

async fn a_voucher_is_given_back_in_its_days(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(20_000_000).await);
    let vouchers: Vec<String> = {
        let mut vouchers = Vec::new();
        for _ in 0..4 {
            vouchers.push(id(&world.claim(&firm, &cycle, 5_000_000).await));
        }
        vouchers
    };
    let cancel = |voucher: &str| world.post(&format!("/vouchers/{voucher}/cancel")).by(&firm).send();
    let cancelled = cancel(&vouchers[0]).await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["void_cause"]), (&json!("void"), &json!("cancelled")));
    assert_eq!((&cancelled["counted_fen"], &cancelled["lapses_at"]), (&json!(0), &Value::Null));
    cancel(&vouchers[0]).await.refused(409, "invalid_state");
    // The yearly limit has it back, the pool has not.
    let view = world.get("/me/eligibility").by(&firm).send().await.expect(200);
    assert_eq!(view["available_fen"], 5_000_000);
    world.ask_claim(&firm, &cycle, 1).await.refused_by("pool_exhausted", "12");
    let accounts = world.accounts(&cycle).await;
    assert_eq!((&accounts["held"], &accounts["lapsed"]), (&json!(15_000_000), &json!(5_000_000)));

    world.at("2026-03-17T23:59:59.999999+08:00");
    cancel(&vouchers[1]).await.expect(200);
    world.at("2026-03-18T00:00:00+08:00");
    cancel(&vouchers[2]).await.refused_by("registration_overdue", "15.2");
    world.run_jobs();
    cancel(&vouchers[2]).await.refused_by("registration_overdue", "15.2");
}

async fn the_deadline_moves_past_the_national_day_holiday(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(20_000_000).await);
    world.at("2026-09-16T10:00:00+08:00");
    let voucher = world.claim(&firm, &cycle, 100).await;
    let deadline = &voucher["register_by"];
    assert_eq!(
        (&deadline["last_day"], &deadline["expires_at"]),
        (&json!("2026-10-08"), &json!("2026-10-09T00:00:00+08:00"))
    );
    let moved: Vec<_> =
        (1..=7).map(|day| json!({ "day": format!("2026-10-{day:02}"), "because": "holiday" })).collect();
    assert_eq!(deadline["moved_past"], json!(moved));
    let cancel = || world.post(&format!("/vouchers/{}/cancel", id(&voucher))).by(&firm);
    world.at("2026-10-08T23:59:59.999999+08:00");
    cancel().send().await.expect(200);

    // The last day falls on the last day of the holiday, and on the working day after it.
    world.at("2026-10-09T00:00:00+08:00");
    assert_eq!(
        world.claim(&firm, &cycle, 100).await["register_by"]["last_day"],
        "2026-10-26",
        "24 October is a Saturday"
    );
}

async fn a_weekend_that_is_worked_does_not_move_the_deadline(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(20_000_000).await);
    // 20 September, a Sunday, and 10 October, a Saturday, are worked for the holiday between them.
    for (claimed_on, last_day) in [("2026-09-05", "2026-09-20"), ("2026-09-25", "2026-10-10")] {
        world.at(&format!("{claimed_on}T12:00:00+08:00"));
        let voucher = world.claim(&firm, &cycle, 100).await;
        assert_eq!(
            (&voucher["register_by"]["last_day"], &voucher["register_by"]["moved_past"]),
            (&json!(last_day), &json!([]))
        );
    }
    // 11 October is an ordinary Sunday.
    world.at("2026-09-26T12:00:00+08:00");
    let voucher = world.claim(&firm, &cycle, 100).await;
    assert_eq!(voucher["register_by"]["last_day"], "2026-10-12");
    assert_eq!(voucher["register_by"]["moved_past"], json!([{ "day": "2026-10-11", "because": "weekend" }]));
}

async fn a_voucher_lapses_at_its_instant_whether_or_not_the_job_has_run(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(100_000_000).await);
    let mut vouchers = Vec::new();
    for _ in 0..4 {
        vouchers.push(id(&world.claim(&firm, &cycle, 5_000_000).await));
    }
    let show = |voucher: &str| world.get(&format!("/vouchers/{voucher}")).by(&firm).send();
    world.at("2026-03-17T23:59:59.999999+08:00");
    world.run_jobs();
    assert_eq!(show(&vouchers[0]).await.expect(200)["status"], "claimed");
    world.ask_claim(&firm, &cycle, 1).await.refused_by("annual_limit_exceeded", "12");

    world.at("2026-03-18T00:00:00+08:00");
    // No job has run: the limit is free all the same.
    let view = world.get("/me/eligibility").by(&firm).send().await.expect(200);
    assert_eq!((&view["used_fen"], &view["available_fen"]), (&json!(0), &json!(20_000_000)));
    let fresh = id(&world.claim(&firm, &cycle, 5_000_000).await);

    world.run_jobs();
    for voucher in &vouchers {
        let lapsed = show(voucher).await.expect(200);
        assert_eq!((&lapsed["status"], &lapsed["void_cause"]), (&json!("void"), &json!("registration_overdue")));
        assert_eq!((&lapsed["counted_fen"], &lapsed["lapses_at"]), (&json!(0), &Value::Null));
    }
    assert_eq!(show(&fresh).await.expect(200)["status"], "claimed");
    let accounts = world.accounts(&cycle).await;
    assert_eq!(
        (&accounts["held"], &accounts["lapsed"], &accounts["available"]),
        (&json!(5_000_000), &json!(20_000_000), &json!(75_000_000))
    );
    let events = world.get(&format!("/vouchers/{}/events", vouchers[0])).by(&firm).send().await.expect(200);
    assert_eq!(
        (&events["items"][0]["action"], &events["items"][0]["actor_role"]),
        (&json!("voucher_voided"), &Value::Null)
    );
    // Nothing is left to do.
    let before = world.accounts(&cycle).await;
    world.run_jobs();
    assert_eq!(world.accounts(&cycle).await, before);
}

async fn the_job_voids_more_than_one_batch(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    for _ in 0..205 {
        let form = json!({ "cycle_id": cycle, "amount_fen": 1, "declaration": true });
        world.post("/vouchers").by(&firm).json(form).unproved().send().await.expect(201);
    }
    world.at("2026-03-18T00:00:00+08:00");
    world.run_jobs();
    let accounts = world.accounts(&cycle).await;
    assert_eq!((&accounts["held"], &accounts["lapsed"]), (&json!(0), &json!(205)));
}

async fn a_voucher_is_seen_by_its_applicant_and_the_commission_alone(world: World) {
    let (firm, other, cycle) = (world.enterprise().await, world.enterprise().await, world.open_cycle(1_000_000).await);
    let voucher = id(&world.claim(&firm, &cycle, 100).await);
    let paths = [format!("/vouchers/{voucher}"), format!("/vouchers/{voucher}/events")];
    let (facility, expert) = (world.registered("facility").await, world.expert().await);
    for path in &paths {
        for stranger in [&other, &facility] {
            world.get(path).by(stranger).send().await.refused(404, "not_found");
        }
        world.get(path).by(&expert).send().await.refused(403, "forbidden");
        world.get(path).by(&world.admin().await).send().await.refused(403, "forbidden");
        world.get(path).send().await.refused(401, "unauthenticated");
        for seer in [&firm, &world.officer().await, &world.auditor().await] {
            world.get(path).by(seer).send().await.expect(200);
        }
    }
    let cancel = format!("/vouchers/{voucher}/cancel");
    world.post(&cancel).by(&other).send().await.refused(404, "not_found");
    world.post(&cancel).by(&world.officer().await).send().await.refused(403, "forbidden");
    assert_eq!(world.get(&paths[0]).by(&firm).send().await.expect(200)["status"], "claimed");
}

async fn a_voucher_s_events_are_kept(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let voucher = id(&world.claim(&firm, &cycle, 100).await);
    world.at("2026-03-03T10:00:00+08:00");
    world.post(&format!("/vouchers/{voucher}/cancel")).by(&firm).send().await.expect(200);
    let path = format!("/vouchers/{voucher}/events");
    let events = world.get(&path).by(&firm).send().await.expect(200)["items"].clone();
    let told: Vec<_> =
        events.as_array().unwrap().iter().map(|event| (&event["action"], &event["occurred_at"])).collect();
    assert_eq!(
        told,
        [
            (&json!("voucher_voided"), &json!("2026-03-03T10:00:00+08:00")),
            (&json!("voucher_claimed"), &json!("2026-03-02T10:00:00+08:00"))
        ]
    );
    assert_eq!((&events[0]["before"]["status"], &events[0]["after"]["status"]), (&json!("claimed"), &json!("void")));
    assert_eq!((&events[1]["before"], &events[1]["actor_role"]), (&Value::Null, &json!("applicant")));
    // Who it was in person is for the commission.
    assert_eq!(events[1]["actor_user_id"], Value::Null);
    let full = world.get(&path).by(&world.officer().await).send().await.expect(200);
    assert_eq!(full["items"][1]["actor_user_id"], json!(firm.user_id));
    let page = world.get(&format!("{path}?limit=1")).by(&firm).send().await.expect(200);
    let next = format!("{path}?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = world.get(&next).by(&firm).send().await.expect(200);
    assert_eq!((&rest["items"][0], &rest["next_cursor"]), (&events[1], &Value::Null));
}

async fn vouchers_are_listed_newest_first(world: World) {
    let (firm, other) = (world.enterprise().await, world.enterprise().await);
    let (cycle, second) = (world.open_cycle(1_000_000).await, world.open_cycle(1_000_000).await);
    let mut vouchers = Vec::new();
    for at in 0..5 {
        let from = if at == 2 { &second } else { &cycle };
        vouchers.push(id(&world.claim(&firm, from, 100).await));
    }
    let strange = id(&world.claim(&other, &cycle, 100).await);
    vouchers.reverse();
    let list = async |query: &str| world.get(&format!("/vouchers?{query}")).by(&firm).send().await.expect(200);
    let ids = |page: &Value| -> Vec<String> { page["items"].as_array().unwrap().iter().map(id).collect() };

    let mut seen = Vec::new();
    let mut page = list("limit=2").await;
    loop {
        seen.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => page = list(&format!("limit=2&cursor={cursor}")).await,
            None => break,
        }
    }
    assert_eq!(seen, vouchers);
    assert_eq!(ids(&list(&format!("cycle_id={second}")).await), [vouchers[2].clone()]);
    // Somebody else's are not had by asking for them.
    assert_eq!(ids(&list(&format!("applicant_id={}", other.organization_id)).await), vouchers);

    world.post(&format!("/vouchers/{}/cancel", vouchers[1])).by(&firm).send().await.expect(200);
    assert_eq!(ids(&list("status=void").await), [vouchers[1].clone()]);
    assert_eq!(ids(&list("status=claimed").await).len(), 4);
    world.get("/vouchers?status=lost").by(&firm).send().await.refused_field("status");

    let officer = world.officer().await;
    let all = world.get(&format!("/vouchers?cycle_id={cycle}")).by(&officer).send().await.expect(200);
    assert_eq!(ids(&all).first(), Some(&strange));
    let theirs = world.get(&format!("/vouchers?applicant_id={}", other.organization_id)).by(&officer).send().await;
    assert_eq!(ids(&theirs.expect(200)), [strange]);
    let facility = world.registered("facility").await;
    assert_eq!(world.get("/vouchers").by(&facility).send().await.expect(200)["items"], json!([]));
}

async fn a_voucher_keeps_what_was_found_when_it_was_claimed(world: World) {
    let cycle = world.open_cycle(10_000_000_000).await;
    let firm = world.enterprise().await;
    let employees = async |voucher: &Value| {
        let kept = world.read(&firm, &format!("/vouchers/{}", id(voucher))).await;
        let finding = |rule: &str| {
            kept["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap().clone()
        };
        finding("employees")["actual"].as_str().unwrap().to_owned()
    };
    let first = world.claim(&firm, &cycle, 1_000).await;
    let second = world.claim(&firm, &cycle, 1_000).await;
    assert_eq!(employees(&first).await, employees(&second).await);
    let before = employees(&first).await;
    // Stated anew: what was claimed keeps what was found then, what is claimed now is judged anew.
    let mut profile = eligible_profile();
    profile["employees"] = json!(41);
    world.put_profile(&firm, profile).await;
    let third = world.claim(&firm, &cycle, 1_000).await;
    assert_eq!((employees(&first).await, employees(&second).await), (before.clone(), before.clone()));
    assert_ne!(employees(&third).await, before);
    // The next day it is judged anew: it may have grown too old.
    world.at("2026-03-03T10:00:00+08:00");
    let fourth = world.claim(&firm, &cycle, 1_000).await;
    assert_eq!(employees(&fourth).await, employees(&third).await);
}
