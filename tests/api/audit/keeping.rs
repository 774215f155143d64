//! What is entered once is never changed: the database itself refuses it.

use voucher_storage::connection::DatabaseKind;
use voucher_storage::testing::change;

use crate::harness::World;
use crate::on_both_stores;

on_both_stores!(entries_are_neither_changed_nor_removed, entries_are_added_all_the_same);

async fn entries_are_neither_changed_nor_removed(world: World) {
    world.received_clawback().await;
    world.run_jobs();
    world.at("2026-12-01T10:00:00+08:00");
    world.run_jobs();
    for (table, column) in [
        ("events", "action"),
        ("event_seals", "hash"),
        ("audit_roots", "hash"),
        ("ledger_entries", "cause"),
        ("attempts", "outcome"),
        ("judgements", "policy_id"),
        ("panels", "seed"),
        ("draws", "seed"),
        ("violation_statements", "statement"),
        ("clawback_receipts", "reference"),
    ] {
        let mut statements = vec![format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")];
        if world.program.store.kind() == DatabaseKind::Postgresql {
            statements.push(format!("TRUNCATE {table}"));
        }
        for statement in statements {
            let refused = change(&world.program.store, &statement).expect_err(&statement).to_string();
            assert!(refused.contains(&format!("{table} is kept as it was entered")), "{statement}: {refused}");
        }
    }
    world.prove();
}

async fn entries_are_added_all_the_same(world: World) {
    world.sealed_log().await;
    let before = world.seals().len();
    world.enterprise().await;
    world.run_jobs();
    assert!(world.seals().len() > before);
}
