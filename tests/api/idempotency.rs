//! The same key answers the first answer again, and claims at once never overspend (SPEC §5, §10).

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Account, Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    a_claim_needs_a_key,
    a_repeat_is_answered_with_the_first_answer,
    a_refused_claim_is_answered_again_too,
    a_request_that_was_not_decided_keeps_no_key,
    the_same_key_with_another_request_is_refused,
    the_keys_of_two_people_do_not_meet,
    one_key_sent_many_times_at_once_makes_one_voucher,
    fifty_claims_at_once_take_the_pool_and_not_a_fen_more,
    one_applicant_s_claims_at_once_stay_within_its_year,
    two_servers_on_one_store_are_as_exact_as_one,
);

fn form(cycle: &str, amount_fen: i64) -> Value {
    json!({ "cycle_id": cycle, "amount_fen": amount_fen, "declaration": true })
}

async fn claim_with(world: &World, account: &Account, key: &str, form: Value) -> Reply {
    world.post("/vouchers").by(account).key(key).json(form).send().await
}

async fn vouchers_of(world: &World, account: &Account) -> usize {
    let page = world.get("/vouchers?limit=200").by(account).send().await.expect(200);
    page["items"].as_array().unwrap().len()
}

async fn a_claim_needs_a_key(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let claim = || world.post("/vouchers").by(&firm).json(form(&cycle, 100));
    claim().without_key().send().await.refused(400, "idempotency_key_required");
    claim().key(&"k".repeat(201)).send().await.refused_field("Idempotency-Key");
    claim().key("  ").send().await.refused_field("Idempotency-Key");
    claim().key(&"k".repeat(200)).send().await.expect(201);
    assert_eq!(vouchers_of(&world, &firm).await, 1);
}

async fn a_repeat_is_answered_with_the_first_answer(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let first = claim_with(&world, &firm, "one", form(&cycle, 100)).await.expect(201);
    world.at("2026-03-20T10:00:00+08:00");
    world.run_jobs();
    // The voucher is void by now; the answer is the one of then, here and on another server.
    assert_eq!(claim_with(&world, &firm, "one", form(&cycle, 100)).await.expect(201), first);
    let beside = world.beside().await;
    assert_eq!(claim_with(&beside, &firm, "one", form(&cycle, 100)).await.expect(201), first);
    assert_eq!(vouchers_of(&world, &firm).await, 1);
}

async fn a_refused_claim_is_answered_again_too(world: World) {
    let (firm, other, cycle) = (world.enterprise().await, world.enterprise().await, world.open_cycle(100).await);
    let first = claim_with(&world, &firm, "one", form(&cycle, 101)).await.refused_by("pool_exhausted", "12");
    world.claim(&other, &cycle, 100).await;
    let again = claim_with(&world, &firm, "one", form(&cycle, 101)).await;
    assert_eq!(again.header("content-type"), Some("application/problem+json"));
    assert_eq!(again.refused_by("pool_exhausted", "12"), first);
}

async fn a_request_that_was_not_decided_keeps_no_key(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let mut wrong = form(&cycle, 100);
    wrong["declaration"] = json!(false);
    claim_with(&world, &firm, "one", wrong).await.refused_field("declaration");
    claim_with(&world, &firm, "one", form("01890a5d-ac96-774b-bcce-b302099a8057", 1)).await.refused(404, "not_found");
    claim_with(&world, &firm, "one", form(&cycle, 100)).await.expect(201);
}

async fn the_same_key_with_another_request_is_refused(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let voucher = id(&claim_with(&world, &firm, "one", form(&cycle, 100)).await.expect(201));
    claim_with(&world, &firm, "one", form(&cycle, 101)).await.refused(422, "idempotency_key_reused");
    let elsewhere = world.post(&format!("/vouchers/{voucher}/cancel")).by(&firm).key("one").send().await;
    elsewhere.refused(422, "idempotency_key_reused");
    assert_eq!(vouchers_of(&world, &firm).await, 1);
}

async fn the_keys_of_two_people_do_not_meet(world: World) {
    let (firm, other, cycle) = (world.enterprise().await, world.enterprise().await, world.open_cycle(1_000_000).await);
    let one = claim_with(&world, &firm, "one", form(&cycle, 100)).await.expect(201);
    let two = claim_with(&world, &other, "one", form(&cycle, 200)).await.expect(201);
    assert_ne!(one["id"], two["id"]);
}

async fn one_key_sent_many_times_at_once_makes_one_voucher(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(1_000_000).await);
    let replies = join_all((0..10).map(|_| claim_with(&world, &firm, "one", form(&cycle, 100)))).await;
    let mut ids: Vec<_> = replies.into_iter().map(|reply| id(&reply.expect(201))).collect();
    ids.dedup();
    assert_eq!((ids.len(), vouchers_of(&world, &firm).await), (1, 1));
}

/// How many claims were granted; every other one must be refused for one of these reasons.
fn granted(replies: &[Reply], reasons: &[&str]) -> usize {
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        let code = reply.body["code"].as_str().unwrap_or_default();
        assert!(reply.status == 409 && reasons.contains(&code), "{}", reply.body);
    }
    replies.iter().filter(|reply| reply.status == 201).count()
}

async fn fifty_claims_at_once_take_the_pool_and_not_a_fen_more(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let mut firms = Vec::new();
    for _ in 0..10 {
        firms.push(world.enterprise().await);
    }
    let claims = (0..50).map(|at| world.ask_claim(&firms[at % 10], &cycle, 5_000_000));
    let replies = join_all(claims).await;
    assert_eq!(granted(&replies, &["pool_exhausted", "annual_limit_exceeded"]), 20);
    let accounts = world.accounts(&cycle).await;
    assert_eq!((&accounts["available"], &accounts["held"]), (&json!(0), &json!(100_000_000)));
    for firm in &firms {
        assert!(vouchers_of(&world, firm).await <= 4);
    }
}

async fn one_applicant_s_claims_at_once_stay_within_its_year(world: World) {
    let mut cycles = Vec::new();
    for _ in 0..5 {
        cycles.push(world.open_cycle(1_000_000_000).await);
    }
    let firm = world.enterprise().await;
    let replies = join_all((0..50).map(|at| world.ask_claim(&firm, &cycles[at % 5], 3_000_000))).await;
    assert_eq!(granted(&replies, &["annual_limit_exceeded"]), 6);
    let view = world.get("/me/eligibility").by(&firm).send().await.expect(200);
    assert_eq!((&view["used_fen"], &view["available_fen"]), (&json!(18_000_000), &json!(2_000_000)));
}

async fn two_servers_on_one_store_are_as_exact_as_one(world: World) {
    let cycle = world.open_cycle(50_000_000).await;
    let firms =
        [world.enterprise().await, world.enterprise().await, world.enterprise().await, world.enterprise().await];
    let beside = world.beside().await;
    let servers = [&world, &beside];
    let replies = join_all((0..40).map(|at| servers[at % 2].ask_claim(&firms[at % 4], &cycle, 5_000_000))).await;
    assert_eq!(granted(&replies, &["pool_exhausted", "annual_limit_exceeded"]), 10);
    assert_eq!(beside.accounts(&cycle).await["available"], 0);
}
