//! Opening day: many claims at once, decided in one order, exact to the fen.

use std::collections::BTreeMap;

use futures_util::future::{join_all, poll_immediate};
use serde_json::{Value, json};
use voucher_domain::attempt::{ChainEnd, Receipt};

use crate::harness::{Account, Reply, World, id};
use crate::on_both_stores;

on_both_stores!(
    a_rush_is_exact,
    a_client_that_went_away_learns_its_answer_by_its_key,
    a_key_repeated_in_the_rush_claims_once,
    a_refused_claim_has_its_place_too,
    a_fault_about_one_applicant_is_answered_to_it_alone,
    drafts_have_no_chain,
    the_chain_is_published_in_parts,
);

const APPLICANTS: usize = 60;
const CLAIMS: usize = 2000;

/// A fixed sequence that looks random (Knuth's MMIX), so that a failure can be repeated.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

async fn chain(world: &World, cycle: &str) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    let mut after = json!(0);
    loop {
        let part = world.get(&format!("/cycles/{cycle}/attempts?limit=1000&after={after}")).send().await.expect(200);
        receipts.extend(
            part["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| serde_json::from_value::<Receipt>(item.clone()).unwrap()),
        );
        if part["next_after"].is_null() {
            return receipts;
        }
        after = part["next_after"].clone();
    }
}

/// Follows the published chain from its beginning, as anybody can.
fn follow(receipts: &[Receipt]) {
    let mut end = ChainEnd::default();
    for receipt in receipts {
        end.follow(receipt).unwrap();
    }
}

/// Reckons the pool from the published chain alone: nothing was granted that did not fit, and nothing
/// that still fitted was refused for the pool.
fn pool_is_explained(receipts: &[Receipt], budget_fen: i64) {
    let mut left = budget_fen;
    for receipt in receipts {
        match receipt.outcome.as_str() {
            "granted" => left -= receipt.amount_fen.fen(),
            "pool_exhausted" => assert!(receipt.amount_fen.fen() > left, "attempt {} still fitted", receipt.sequence),
            _ => {}
        }
        assert!(left >= 0, "attempt {} oversold the pool", receipt.sequence);
        assert_eq!(receipt.remaining_fen.fen(), left, "attempt {}", receipt.sequence);
    }
}

async fn a_rush_is_exact(world: World) {
    let mut sequence = Sequence(42);
    let amounts: Vec<i64> = (0..CLAIMS).map(|_| i64::try_from(sequence.next(600_000)).unwrap() + 1).collect();
    let budget = amounts.iter().sum::<i64>() / 3;
    let cycle = world.open_cycle(budget).await;
    let mut firms: Vec<Account> = Vec::new();
    for _ in 0..APPLICANTS {
        firms.push(world.enterprise().await);
    }
    let claims = amounts.iter().enumerate().map(|(place, amount)| {
        let form = json!({ "cycle_id": cycle, "amount_fen": amount, "declaration": true });
        world.post("/vouchers").by(&firms[place % APPLICANTS]).json(form).unproved().send()
    });
    let answers: Vec<Reply> = join_all(claims).await;
    world.prove();

    let receipts = chain(&world, &cycle).await;
    assert_eq!(receipts.len(), CLAIMS);
    follow(&receipts);
    pool_is_explained(&receipts, budget);
    let stored = vouchers(&world, &cycle).await;
    for (reply, amount) in answers.iter().zip(&amounts) {
        answer_equals_the_store(reply, *amount, &receipts, &stored);
    }
    for firm in &firms {
        let seen = world.get("/me/eligibility").by(firm).send().await.expect(200);
        assert!(seen["used_fen"].as_i64().unwrap() <= 20_000_000, "a yearly limit was crossed: {seen}");
    }
    let issued: i64 =
        receipts.iter().filter(|receipt| receipt.outcome == "granted").map(|receipt| receipt.amount_fen.fen()).sum();
    let accounts = world.accounts(&cycle).await;
    assert_eq!((accounts["held"].as_i64(), accounts["available"].as_i64()), (Some(issued), Some(budget - issued)));
    assert!(
        answers.iter().any(|reply| reply.body["code"] == "pool_exhausted"),
        "the rush was too small to exhaust the pool"
    );
}

/// Every voucher of the cycle by its id, as an officer reads them page by page.
async fn vouchers(world: &World, cycle: &str) -> BTreeMap<String, Value> {
    let officer = world.officer().await;
    let mut all = BTreeMap::new();
    let mut path = format!("/vouchers?cycle_id={cycle}&limit=200");
    loop {
        let page = world.get(&path).by(&officer).send().await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().map(|item| (id(item), item.clone())));
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        path = format!("/vouchers?cycle_id={cycle}&limit=200&cursor={cursor}");
    }
}

/// What was answered is what the chain says, and a granted voucher is in the store.
fn answer_equals_the_store(reply: &Reply, amount: i64, receipts: &[Receipt], stored: &BTreeMap<String, Value>) {
    let receipt: Receipt = serde_json::from_value(reply.body["receipt"].clone()).unwrap();
    let place = usize::try_from(receipt.sequence).unwrap() - 1;
    assert_eq!(receipts[place], receipt);
    assert_eq!(receipt.amount_fen.fen(), amount);
    match reply.status {
        201 => {
            assert_eq!(receipt.outcome, "granted");
            let stored = &stored[&id(&reply.body)];
            assert_eq!((&stored["amount_fen"], &stored["number"]), (&reply.body["amount_fen"], &reply.body["number"]));
        }
        409 => assert_eq!(Some(receipt.outcome.as_str()), reply.body["code"].as_str()),
        status => panic!("{status}: {}", reply.body),
    }
}

async fn a_client_that_went_away_learns_its_answer_by_its_key(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let firm = world.enterprise().await;
    let form = json!({ "cycle_id": cycle, "amount_fen": 4_000_000, "declaration": true });
    let ask = || world.post("/vouchers").by(&firm).json(form.clone()).key("went-away");
    // Polled once, then dropped: the claim has entered the lane, and nobody waits for its answer any more.
    drop(poll_immediate(ask().send()).await);
    let answer = ask().send().await.expect(201);
    assert_eq!(answer["receipt"]["sequence"], 1);
    assert_eq!(ask().send().await.expect(201), answer);
    assert_eq!(world.accounts(&cycle).await["held"], 4_000_000);
}

async fn a_key_repeated_in_the_rush_claims_once(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    let ask = |amount: i64| {
        let form = json!({ "cycle_id": cycle, "amount_fen": amount, "declaration": true });
        world.post("/vouchers").by(&firm).json(form).key("one-key").unproved().send()
    };
    // The same request fifty times, and another under the same key in between.
    let mut asks: Vec<_> = (0..25).map(|_| ask(3_000_000)).collect();
    asks.push(ask(1));
    asks.extend((0..25).map(|_| ask(3_000_000)));
    let answers = join_all(asks).await;
    world.prove();
    let first: Value = answers[0].body.clone();
    for (place, reply) in answers.into_iter().enumerate() {
        if place == 25 {
            reply.refused(422, "idempotency_key_reused");
        } else {
            assert_eq!(reply.expect(201), first);
        }
    }
    assert_eq!(world.accounts(&cycle).await["held"], 3_000_000);
    assert_eq!(chain(&world, &cycle).await.len(), 1);
}

async fn a_refused_claim_has_its_place_too(world: World) {
    let cycle = world.open_cycle(100).await;
    let (one, other) = (world.enterprise().await, world.enterprise().await);
    let refused = world.ask_claim(&one, &cycle, 101).await.refused(409, "pool_exhausted");
    assert_eq!(refused["receipt"]["sequence"], 1);
    assert_eq!(refused["receipt"]["outcome"], "pool_exhausted");
    assert_eq!(refused["receipt"]["remaining_fen"], 100);
    let granted = world.claim(&other, &cycle, 100).await;
    assert_eq!(granted["receipt"]["sequence"], 2);
    assert_eq!(granted["receipt"]["previous_hash"], refused["receipt"]["hash"]);
    let receipts = chain(&world, &cycle).await;
    follow(&receipts);
    assert_eq!(serde_json::to_value(&receipts).unwrap(), json!([refused["receipt"], granted["receipt"]]));
}

async fn a_fault_about_one_applicant_is_answered_to_it_alone(world: World) {
    let (guilty, old, cycle) = (world.enterprise().await, world.open_cycle(5_000).await, world.open_cycle(5_000).await);
    world.claim(&guilty, &old, 100).await;
    let mut others = Vec::new();
    for _ in 0..8 {
        others.push(world.enterprise().await);
    }
    // The guilty one's voucher dies, and what it held is to lapse with the claim: of nothing.
    world.at("2026-03-18T00:00:00+08:00");
    world.spoil(&format!("UPDATE cycles SET available_fen = budget_fen, held_fen = 0 WHERE id = '{old}'"));
    let asked = others.iter().take(4).chain([&guilty]).chain(others.iter().skip(4));
    let form = json!({ "cycle_id": cycle, "amount_fen": 10, "declaration": true });
    let replies = join_all(asked.map(|who| world.post("/vouchers").by(who).json(form.clone()).unproved().send())).await;
    for (place, reply) in replies.into_iter().enumerate() {
        if place == 4 {
            let problem = reply.refused(500, "internal_error");
            assert_eq!(problem["detail"], "系统内部错误,本次领取未生效。");
            assert!(problem["receipt"].is_null(), "{problem}");
        } else {
            reply.expect(201);
        }
    }
    let receipts = chain(&world, &cycle).await;
    follow(&receipts);
    assert_eq!(receipts.iter().map(|receipt| receipt.outcome.as_str()).collect::<Vec<_>>(), ["granted"; 8]);
}

async fn drafts_have_no_chain(world: World) {
    let officer = world.officer().await;
    let form = json!({ "name": "草稿", "budget_fen": 100, "opens_at": "2026-01-01T09:00:00+08:00", "closes_at": "2026-12-31T18:00:00+08:00" });
    let cycle = id(&world.post("/cycles").by(&officer).json(form).send().await.expect(201));
    world.get(&format!("/cycles/{cycle}/attempts")).send().await.refused(404, "not_found");
    let firm = world.enterprise().await;
    world.ask_claim(&firm, &cycle, 1).await.refused(404, "not_found");
}

async fn the_chain_is_published_in_parts(world: World) {
    let cycle = world.open_cycle(100).await;
    let firm = world.enterprise().await;
    for _ in 0..3 {
        world.claim(&firm, &cycle, 1).await;
    }
    let path = format!("/cycles/{cycle}/attempts");
    let part = world.get(&format!("{path}?limit=2")).send().await.expect(200);
    assert_eq!((part["items"].as_array().unwrap().len(), &part["next_after"]), (2, &json!(2)));
    assert!(part["items"][0].get("applicant_id").is_none(), "the chain names nobody");
    let rest = world.get(&format!("{path}?after=2&limit=2")).send().await.expect(200);
    assert_eq!((rest["items"][0]["sequence"].as_i64(), rest["next_after"].is_null()), (Some(3), true));
    world.get(&format!("{path}?limit=1001")).send().await.refused_field("limit");
}
