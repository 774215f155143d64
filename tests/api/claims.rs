//! Claiming a voucher (Art. 7, 12, 15.1).

use serde_json::json;

use crate::harness::World;
use crate::on_both_stores;

on_both_stores!(a_claim_is_granted_with_its_deadline, the_last_fen_of_the_pool);

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
}
