//! What somebody does to the log behind the program's back is found and named.

use innovation_voucher::services::verification::verify;
use voucher_storage::testing::tamper;

use crate::harness::World;
use crate::on_both_stores;

on_both_stores!(
    an_altered_event_is_found,
    a_deleted_event_is_found,
    an_inserted_event_is_found,
    exchanged_events_are_found,
    a_changed_seal_is_found,
    a_chain_that_was_cut_off_or_sealed_anew_is_found,
    auditors_are_told_by_the_api,
);

const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Tampers and has the fault named.
fn fault(world: &World, tampering: &str) -> String {
    tamper(&world.program.store, tampering);
    verify(&world.program).unwrap().fault.unwrap_or_else(|| panic!("{tampering}: nothing was found"))
}

/// Tampers, has the fault named, and puts back what was there.
fn finds(world: &World, tampering: &str, undoing: &str, expected: &str) {
    let found = fault(world, tampering);
    assert!(found.contains(expected), "{tampering}: {found}");
    tamper(&world.program.store, undoing);
    world.prove();
}

async fn an_altered_event_is_found(world: World) {
    world.sealed_log().await;
    let seal = world.seals()[2].clone();
    let (event, named) = (seal.event_id, format!("event {}, number 3, is not what was sealed", seal.event_id));
    for (column, other) in [
        ("action", "'x'"),
        ("subject_kind", "'x'"),
        ("after", "'{}'"),
        ("before", "'{}'"),
        ("actor_user_id", &format!("'{NOBODY}'")),
        ("actor_role", "'auditor'"),
        ("occurred_at", "'2026-03-02T02:00:00.000001Z'"),
        ("request_id", &format!("'{NOBODY}'")),
        ("subject_id", &format!("'{NOBODY}'")),
        ("organization_id", &format!("'{NOBODY}'")),
        ("cycle_id", &format!("'{NOBODY}'")),
    ] {
        let store = &world.program.store;
        tamper(store, &format!("CREATE TABLE kept AS SELECT * FROM events WHERE id = '{event}'"));
        let restored = format!(
            "UPDATE events SET {column} = (SELECT kept.{column} FROM kept) WHERE id = '{event}'; DROP TABLE kept"
        );
        finds(&world, &format!("UPDATE events SET {column} = {other} WHERE id = '{event}'"), &restored, &named);
    }
}

async fn a_deleted_event_is_found(world: World) {
    world.sealed_log().await;
    let last = world.seals().last().unwrap().clone();
    let found = fault(&world, &format!("DELETE FROM events WHERE id = '{}'", last.event_id));
    assert!(found.contains(&format!("event {}, sealed as number {}, is not there", last.event_id, last.position)));
    // With its seal, from the midst.
    let middle = world.seals()[3].event_id;
    let both = format!("DELETE FROM events WHERE id = '{middle}'; DELETE FROM event_seals WHERE event_id = '{middle}'");
    let found = fault(&world, &both);
    assert!(found.contains("seal 5 stands where 4 should"), "{found}");
}

async fn an_inserted_event_is_found(world: World) {
    world.sealed_log().await;
    world.at("2026-03-02T11:00:00+08:00");
    world.enterprise().await;
    world.run_jobs();
    let copy = |id: &str, occurred_at: &str| {
        format!(
            "INSERT INTO events SELECT '{id}', {occurred_at}, actor_user_id, actor_role, action, subject_kind, \
             subject_id, organization_id, cycle_id, before, after, request_id FROM events WHERE id = '{}'",
            world.seals()[2].event_id
        )
    };
    // An id of its time, between the others.
    let early = "019cac46-1500-7fff-bfff-ffffffffffff";
    finds(
        &world,
        &copy(early, "occurred_at"),
        &format!("DELETE FROM events WHERE id = '{early}'"),
        &format!("event {early}, dated 2026-03-02T10:00:00+08:00, was never sealed"),
    );
    // An id that carries no instant is sealed, and known.
    let foreign = "ffffffff-ffff-4fff-bfff-ffffffffffff";
    tamper(&world.program.store, &copy(foreign, "occurred_at"));
    innovation_voucher::jobs::run_once(&world.program);
    let found = verify(&world.program).unwrap().fault.unwrap();
    assert!(found.contains(&format!("event {foreign}, number")) && found.contains("it was slipped in"), "{found}");
}

async fn exchanged_events_are_found(world: World) {
    world.sealed_log().await;
    let (one, other) = (world.seals()[1].event_id, world.seals()[4].event_id);
    let named = format!("numbers 2 and 5 were exchanged: event {one} was sealed as number 2");
    let events = |second: &str, fifth: &str| {
        format!(
            "UPDATE event_seals SET event_id = '{NOBODY}' WHERE position = 2; \
             UPDATE event_seals SET event_id = '{fifth}' WHERE position = 5; \
             UPDATE event_seals SET event_id = '{second}' WHERE position = 2"
        )
    };
    let (one, other) = (one.to_string(), other.to_string());
    finds(&world, &events(&other, &one), &events(&one, &other), &named);
    let places = "UPDATE event_seals SET position = 1000000 WHERE position = 2; \
                  UPDATE event_seals SET position = 2 WHERE position = 5; \
                  UPDATE event_seals SET position = 5 WHERE position = 1000000";
    finds(&world, places, places, &named);
}

async fn a_changed_seal_is_found(world: World) {
    world.sealed_log().await;
    let seal = world.seals()[2].clone();
    let named = format!("event {}, number 3, is not what was sealed", seal.event_id);
    let restored = format!("UPDATE event_seals SET hash = '{}' WHERE position = 3", seal.hash);
    finds(&world, "UPDATE event_seals SET hash = 'x' WHERE position = 3", &restored, &named);
    finds(
        &world,
        "UPDATE event_seals SET sealed_at = '2026-03-02T02:00:00.000001Z' WHERE position = 3",
        "UPDATE event_seals SET sealed_at = '2026-03-02T02:00:00.000000Z' WHERE position = 3",
        &named,
    );
}

async fn a_chain_that_was_cut_off_or_sealed_anew_is_found(world: World) {
    world.sealed_log().await;
    world.at("2026-03-03T09:00:00+08:00");
    world.run_jobs();
    let last = world.seals().last().unwrap().clone();
    // Event and seal are gone together from the end: the published root is beyond it.
    let cut = format!(
        "DELETE FROM events WHERE id = '{}'; DELETE FROM event_seals WHERE position = {}",
        last.event_id, last.position
    );
    let found = fault(&world, &cut);
    assert!(found.contains(&format!("the root of 2026-03-02 is not what number {} says", last.position)), "{found}");
    // The whole chain is made anew: every seal fits, the root does not.
    tamper(&world.program.store, "DELETE FROM event_seals");
    innovation_voucher::jobs::run_once(&world.program);
    let found = verify(&world.program).unwrap().fault.unwrap();
    assert!(found.contains("the root of 2026-03-02 is not what number"), "{found}");
}

async fn auditors_are_told_by_the_api(world: World) {
    world.sealed_log().await;
    let auditor = world.auditor().await;
    world.run_jobs();
    let ask = async || world.get("/audit-events/verification").by(&auditor).unproved().send().await.expect(200);
    let whole = ask().await;
    assert_eq!((&whole["is_whole"], &whole["fault"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(whole["events"], world.seals().len());
    assert_eq!(whole["last_seal"], world.seals().last().unwrap().hash);
    tamper(&world.program.store, "DELETE FROM event_seals WHERE position = 1");
    let broken = ask().await;
    assert_eq!(broken["is_whole"], false);
    assert!(broken["fault"].as_str().unwrap().contains("seal 2 stands where 1 should"), "{broken}");
}
