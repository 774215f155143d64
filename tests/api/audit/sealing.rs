//! Every event is sealed once, in the order in which the job sees them committed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use innovation_voucher::services::audit::seal;
use innovation_voucher::services::lease;
use innovation_voucher::services::ports::Clock;
use innovation_voucher::services::verification::verify;
use innovation_voucher::wiring;
use uuid::Uuid;
use voucher_domain::audit::first_id_at;
use voucher_domain::period::Instant;
use voucher_storage::testing::change;

use crate::harness::{World, instant};
use crate::on_both_stores;

on_both_stores!(
    every_event_is_sealed_once,
    two_servers_make_one_chain,
    what_was_committed_late_is_sealed_within_a_minute,
    what_comes_later_than_any_transaction_is_not,
    a_day_has_one_root,
    a_day_that_ends_while_it_is_sealed_has_its_root,
    the_metrics_show_what_waits,
);

/// Adds an event by the store's own means, with this instant in its id.
fn enter(world: &World, at: &str, number: u128) -> Uuid {
    let id = Uuid::from_u128(first_id_at(instant(at)).as_u128() | 0x7000_8000_0000_0000_0000 | number);
    let statement = format!(
        "INSERT INTO events (id, occurred_at, action, subject_kind, subject_id, request_id) VALUES ('{id}', '{}', \
         'voucher_claimed', 'voucher', '{id}', '{id}')",
        instant(at).utc().format("%Y-%m-%dT%H:%M:%S%.6fZ")
    );
    change(&world.program.store, &statement).unwrap();
    id
}

async fn every_event_is_sealed_once(world: World) {
    world.sealed_log().await;
    let seals = world.seals();
    assert!(seals.iter().zip(1..).all(|(seal, number)| seal.position == number));
    let report = verify(&world.program).unwrap();
    assert_eq!((report.fault, usize::try_from(report.events).unwrap()), (None, seals.len()));
    assert_eq!(report.last_seal.as_ref(), seals.last().map(|seal| &seal.hash));
    // Nothing to do, and nothing done.
    assert!(!seal::is_due(&world.program).unwrap());
    world.run_jobs();
    assert_eq!(world.seals(), seals);
}

async fn two_servers_make_one_chain(world: World) {
    let other = world.beside().await;
    for server in [&world, &other, &world, &other] {
        server.enterprise().await;
        server.run_jobs();
    }
    let report = verify(&other.program).unwrap();
    assert_eq!((report.fault, usize::try_from(report.events).unwrap()), (None, world.seals().len()));
}

async fn what_was_committed_late_is_sealed_within_a_minute(world: World) {
    world.sealed_log().await;
    world.at("2026-03-02T10:09:00+08:00");
    world.enterprise().await;
    world.run_jobs();
    // A transaction that began nine minutes ago ends now.
    let late = enter(&world, "2026-03-02T10:00:00+08:00", 77);
    assert!(!seal::is_due(&world.program).unwrap());
    lease::under(&world.program, "seal", seal::run).unwrap();
    assert_eq!(world.unsealed().len(), 1);
    lease::under(&world.program, "seal_late", seal::run_late).unwrap();
    assert_eq!(world.seals().last().unwrap().event_id, late);
    world.prove();
}

async fn what_comes_later_than_any_transaction_is_not(world: World) {
    world.sealed_log().await;
    world.at("2026-03-02T10:20:00+08:00");
    world.enterprise().await;
    world.run_jobs();
    let late = enter(&world, "2026-03-02T10:05:00+08:00", 77);
    lease::under(&world.program, "seal_late", seal::run_late).unwrap();
    assert_eq!(world.unsealed().len(), 1);
    let fault = verify(&world.program).unwrap().fault.unwrap();
    assert!(fault.contains(&format!("event {late}, dated 2026-03-02T10:05:00+08:00, was never sealed")), "{fault}");
}

async fn a_day_has_one_root(world: World) {
    world.sealed_log().await;
    let of_the_first_day = world.seals().last().unwrap().clone();
    assert!(world.get("/audit-events/roots").send().await.expect(200)["items"].as_array().unwrap().is_empty());
    world.at("2026-03-03T00:00:00+08:00");
    world.run_jobs();
    world.run_jobs();
    world.enterprise().await;
    world.run_jobs();
    // A day on which nothing is sealed has none.
    world.at("2026-03-06T09:00:00+08:00");
    world.run_jobs();
    let roots = world.get("/audit-events/roots").send().await.expect(200)["items"].clone();
    let days: Vec<_> = roots.as_array().unwrap().iter().map(|root| root["day"].clone()).collect();
    assert_eq!(days, ["2026-03-03", "2026-03-02"]);
    assert_eq!(
        (&roots[1]["hash"], &roots[1]["position"]),
        (&of_the_first_day.hash.into(), &of_the_first_day.position.into())
    );
    assert_eq!(roots[1]["closed_at"], "2026-03-03T00:00:00+08:00");
}

/// A clock that passes from one instant to the other once it was read so often.
struct Passing {
    readings_left: AtomicU32,
    before: Instant,
    after: Instant,
}

impl Clock for Passing {
    fn now(&self) -> Instant {
        let was_left = self.readings_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if was_left.is_ok() { self.before } else { self.after }
    }
}

async fn a_day_that_ends_while_it_is_sealed_has_its_root(world: World) {
    let mut program = wiring::program_with_clock(world.program.settings.clone(), None).unwrap();
    // Midnight comes at one reading of the clock after the other.
    for readings in 0..8_u32 {
        let midnight = instant("2026-03-03T00:00:00+08:00").plus_seconds(i64::from(readings) * 86_400).unwrap();
        let before = midnight.plus_seconds(-1).unwrap();
        enter(&world, &before.to_string(), 77);
        program.clock = Arc::new(Passing { readings_left: AtomicU32::new(readings), before, after: midnight });
        lease::under(&program, "seal", seal::run).unwrap();
        // Another one after midnight, a minute later.
        let after = midnight.plus_seconds(60).unwrap();
        enter(&world, &after.to_string(), 78);
        program.clock = Arc::new(Passing { readings_left: AtomicU32::new(0), before: after, after });
        lease::under(&program, "seal", seal::run).unwrap();
    }
    assert!(world.unsealed().is_empty());
    let sealed: BTreeSet<String> = world.seals().iter().map(|seal| seal.sealed_at.day().to_string()).collect();
    let roots = world.get("/audit-events/roots?limit=200").send().await.expect(200)["items"].clone();
    let closed: BTreeSet<String> =
        roots.as_array().unwrap().iter().map(|root| root["day"].as_str().unwrap().to_owned()).collect();
    let open: Vec<&String> = sealed.difference(&closed).collect();
    assert_eq!(open, [sealed.last().unwrap()], "only the last day is not over");
}

async fn the_metrics_show_what_waits(world: World) {
    world.sealed_log().await;
    let page = async || String::from_utf8(world.get_outside("/metrics").await.bytes).unwrap();
    let sealed = world.seals().len();
    let whole = page().await;
    assert!(whole.contains("voucher_audit_oldest_unsealed_seconds 0\n"), "{whole}");
    assert!(whole.contains(&format!("voucher_audit_sealed_events {sealed}\n")), "{whole}");
    enter(&world, "2026-03-02T10:00:00+08:00", 77);
    world.at("2026-03-02T10:00:40+08:00");
    let waiting = page().await;
    assert!(waiting.contains("voucher_audit_oldest_unsealed_seconds 40\n"), "{waiting}");
}
