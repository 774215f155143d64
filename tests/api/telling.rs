//! Claims are told after their transaction, each once (SPEC §9, ARCHITECTURE.md).

use std::collections::BTreeSet;
use std::thread;

use innovation_voucher::services::claim::telling;
use innovation_voucher::services::lease;
use serde_json::{Value, json};

use crate::harness::{Account, World};
use crate::on_both_stores;

const POOL: i64 = 10_000_000_000;

on_both_stores!(
    a_claim_is_told_when_the_job_comes_by_and_never_again,
    a_refused_claim_is_passed_over,
    many_claims_are_told_in_their_order_and_none_is_left_out,
    the_claims_of_every_cycle_are_told,
    two_servers_that_tell_at_once_tell_each_claim_once,
    what_cannot_be_told_yet_is_told_later,
    a_cycle_that_cannot_be_told_holds_up_no_other,
    a_voucher_that_ended_before_it_was_told_is_told_by_its_end_alone,
);

async fn notifications(world: &World, account: &Account) -> Vec<Value> {
    let page = world.get("/notifications?limit=200").by(account).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// The vouchers that somebody was told of, the newest first.
async fn vouchers_told(world: &World, account: &Account) -> Vec<Value> {
    notifications(world, account).await.iter().map(|item| item["subject_id"].clone()).collect()
}

async fn a_claim_is_told_when_the_job_comes_by_and_never_again(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    assert!(!telling::is_due(&world.program).unwrap());
    let voucher = world.claim(&firm, &cycle, 1_000_000).await;
    assert!(telling::is_due(&world.program).unwrap());
    assert_eq!(notifications(&world, &firm).await, Vec::<Value>::new());
    world.at("2026-03-02T10:00:01+08:00");
    assert_eq!(world.tell_claims(), 1);
    let told = notifications(&world, &firm).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["kind"], &told[0]["subject_id"]), (&json!("voucher_claimed"), &voucher["id"]));
    assert_eq!(told[0]["created_at"], "2026-03-02T10:00:01+08:00");
    assert!(!telling::is_due(&world.program).unwrap());
    assert_eq!(world.tell_claims(), 0);
    let letters = world.letters_sent();
    world.run_jobs();
    world.run_jobs();
    assert_eq!(world.letters_sent(), letters + 1);
    assert_eq!(notifications(&world, &firm).await, told);
}

async fn a_refused_claim_is_passed_over(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    world.ask_claim(&firm, &cycle, 5_000_001).await.refused(409, "single_cap_exceeded");
    assert!(telling::is_due(&world.program).unwrap());
    assert_eq!(world.tell_claims(), 0);
    assert!(!telling::is_due(&world.program).unwrap());
    let voucher = world.claim(&firm, &cycle, 1_000_000).await;
    world.ask_claim(&firm, &cycle, 5_000_001).await.refused(409, "single_cap_exceeded");
    assert_eq!(world.tell_claims(), 1);
    assert!(!telling::is_due(&world.program).unwrap());
    assert_eq!(vouchers_told(&world, &firm).await, [voucher["id"].clone()]);
}

/// More than one transaction of the job holds.
async fn many_claims_are_told_in_their_order_and_none_is_left_out(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let mut claimed = Vec::new();
    for number in 0..130 {
        match number % 3 {
            0 => drop(world.ask_claim(&firm, &cycle, 5_000_001).await.refused(409, "single_cap_exceeded")),
            _ => claimed.push(world.claim(&firm, &cycle, 10_000).await["id"].clone()),
        }
    }
    assert_eq!(world.tell_claims(), claimed.len());
    assert!(!telling::is_due(&world.program).unwrap());
    claimed.reverse();
    assert_eq!(vouchers_told(&world, &firm).await, claimed);
}

async fn the_claims_of_every_cycle_are_told(world: World) {
    let firm = world.enterprise().await;
    let cycles = [world.open_cycle(POOL).await, world.open_cycle(POOL).await, world.open_cycle(POOL).await];
    let mut claimed = BTreeSet::new();
    for cycle in cycles {
        claimed.insert(world.claim(&firm, &cycle, 1_000_000).await["id"].to_string());
    }
    assert_eq!(world.tell_claims(), 3);
    let told: Vec<Value> = vouchers_told(&world, &firm).await;
    assert_eq!((told.len(), told.iter().map(Value::to_string).collect::<BTreeSet<_>>()), (3, claimed));
}

/// A lease can run out while its holder is slow: then two servers are at it.
async fn two_servers_that_tell_at_once_tell_each_claim_once(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let mut claimed = BTreeSet::new();
    for _ in 0..20 {
        claimed.insert(world.claim(&firm, &cycle, 10_000).await["id"].to_string());
    }
    let other = world.beside().await;
    let told: usize = thread::scope(|threads| {
        let tell = |world, job| {
            let program: &innovation_voucher::services::Program = world;
            threads.spawn(move || lease::under(program, job, telling::run).unwrap().unwrap())
        };
        [tell(&world.program, "tell"), tell(&other.program, "tell too")].map(|done| done.join().unwrap()).iter().sum()
    });
    assert_eq!(told, 20);
    let told = vouchers_told(&world, &firm).await;
    assert_eq!((told.len(), told.iter().map(Value::to_string).collect::<BTreeSet<_>>()), (20, claimed));
}

async fn what_cannot_be_told_yet_is_told_later(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let voucher = world.claim(&firm, &cycle, 1_000_000).await;
    // The transaction that tells fails at its end: nothing is told, and the mark stays where it was.
    let failed = world.program.transact(|call| -> innovation_voucher::services::Outcome<()> {
        telling::tell_some(call, cycle.parse().unwrap())?;
        Err(innovation_voucher::services::Failure::internal("the disk is full"))
    });
    assert!(failed.is_err());
    assert_eq!(notifications(&world, &firm).await, Vec::<Value>::new());
    assert_eq!(world.tell_claims(), 1);
    assert_eq!(vouchers_told(&world, &firm).await, [voucher["id"].clone()]);
}

async fn a_voucher_that_ended_before_it_was_told_is_told_by_its_end_alone(world: World) {
    let (firm, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let (ended, kept) = (world.claim(&firm, &cycle, 1_000_000).await, world.claim(&firm, &cycle, 1_000_000).await);
    let path = format!("/vouchers/{}/cancel", ended["id"].as_str().unwrap());
    world.post(&path).by(&firm).send().await.expect(200);
    assert_eq!(world.tell_claims(), 2);
    let told = notifications(&world, &firm).await;
    let told: Vec<_> = told.iter().map(|item| (&item["kind"], &item["subject_id"])).collect();
    assert_eq!(told, [(&json!("voucher_claimed"), &kept["id"]), (&json!("voucher_voided"), &ended["id"])]);
}

async fn a_cycle_that_cannot_be_told_holds_up_no_other(world: World) {
    let (firm, other) = (world.enterprise().await, world.team().await);
    let (first, second) = (world.open_cycle(POOL).await, world.open_cycle(POOL).await);
    world.claim(&firm, &first, 1_000_000).await;
    let voucher = world.claim(&other, &second, 1_000_000).await;
    world.spoil(&format!("UPDATE vouchers SET register_by = 'no deadline' WHERE cycle_id = '{first}'"));
    for _ in 0..2 {
        assert!(lease::under(&world.program, "tell", telling::run).is_err());
        assert_eq!(notifications(&world, &firm).await, Vec::<Value>::new());
        assert_eq!(vouchers_told(&world, &other).await, [voucher["id"].clone()]);
    }
    assert!(telling::is_due(&world.program).unwrap());
}
