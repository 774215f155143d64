//! Writing, handing in, confirming and returning redemptions (Art. 12, 15.3).

use serde_json::json;

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(a_redemption_goes_from_nothing_to_its_approval);

async fn a_redemption_goes_from_nothing_to_its_approval(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 9_000_001, 4_500_000).await;
    let redemption = world.read(&approved.facility, &format!("/redemptions/{}", approved.redemption)).await;
    assert_eq!(redemption["status"], "approved");
    assert_eq!(redemption["claimable_fen"], 4_500_000);
    assert_eq!(redemption["approved_fen"], 4_500_000);
    assert_eq!(redemption["allotments"], json!([{ "voucher_id": id(&approved.voucher), "payable_fen": 4_500_000 }]));
    let accounts = world.accounts(&approved.cycle).await;
    assert_eq!(
        accounts,
        json!({ "available": 95_000_000, "held": 0, "committed": 0, "payable": 4_500_000, "paid": 0, "lapsed": 500_000, "recovered": 0 })
    );
}
