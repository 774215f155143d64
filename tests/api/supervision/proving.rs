//! What `voucher verify` finds about bans and clawbacks when somebody has been at the database.

use innovation_voucher::services::verification::verify;
use voucher_storage::testing::tamper;

use crate::harness::{World, only};
use crate::on_both_stores;

on_both_stores!(an_edited_ban_is_found, edited_receipts_are_found);

/// Tampers, has the fault named, and puts back what was there.
fn finds(world: &World, tampering: &str, undoing: &str, expected: &str) {
    tamper(&world.program.store, tampering);
    let fault = verify(&world.program).unwrap().fault.unwrap_or_else(|| panic!("{tampering}: nothing was found"));
    assert!(fault.contains(expected), "{tampering}: {fault}");
    tamper(&world.program.store, undoing);
    world.prove();
}

async fn an_edited_ban_is_found(world: World) {
    let (firm, other) = (world.enterprise().await, world.enterprise().await);
    world.sanctioned(&firm, only("ban")).await;
    let (firm, other) = (&firm.organization_id, &other.organization_id);
    let set = |id: &str, value: &str| format!("UPDATE organizations SET banned_until = {value} WHERE id = '{id}'");
    finds(&world, &set(firm, "NULL"), &set(firm, "'2029-03-02'"), firm);
    finds(&world, &set(firm, "'2026-04-01'"), &set(firm, "'2029-03-02'"), firm);
    finds(&world, &set(other, "'2029-03-02'"), &set(other, "NULL"), other);
}

async fn edited_receipts_are_found(world: World) {
    let (clawback, receipt) = world.received_clawback().await;
    let of_clawback = |fen: i64| format!("UPDATE clawbacks SET received_fen = {fen} WHERE id = '{clawback}'");
    finds(&world, &of_clawback(2_000_000), &of_clawback(1_000_000), &clawback);
    let of_receipt = |fen: i64| {
        let edited = format!("UPDATE clawback_receipts SET amount_fen = {fen} WHERE id = '{receipt}'");
        format!("{edited}; {}", of_clawback(fen))
    };
    finds(&world, &of_receipt(999_999), &of_receipt(1_000_000), &receipt);
}
