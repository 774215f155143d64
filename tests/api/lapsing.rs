//! The job that writes down what time has ended (Art. 15.2, 15.3).

use innovation_voucher::jobs;
use serde_json::json;
use uuid::Uuid;
use voucher_storage::cycle::Cycle;

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(a_voucher_that_cannot_be_voided_holds_up_no_other);

async fn a_voucher_that_cannot_be_voided_holds_up_no_other(world: World) {
    let (broken, whole) = (world.open_cycle(10_000_000).await, world.open_cycle(10_000_000).await);
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    // Those that are due first cannot be voided: the file of their policy is gone.
    let first = id(&world.claim(&firm, &broken, 1_000_000).await);
    let second = id(&world.claim(&firm, &whole, 1_000_000).await);
    let third = id(&world.claim(&firm, &broken, 1_000_000).await);
    let fourth = id(&world.claim(&firm, &whole, 1_000_000).await);
    let policy = |policy_id: &str| {
        let (id, policy_id) = (Uuid::parse_str(&broken).unwrap(), policy_id.to_owned());
        let named = world.program.store.write(|tx| {
            let row = Cycle::lock(tx, id)?.unwrap();
            let before = row.policy_id.clone();
            Cycle::save(tx, &Cycle { policy_id: policy_id.clone(), ..row }).map(|_| before)
        });
        named.unwrap()
    };
    let known = policy("a policy without a file");
    world.at("2026-03-18T00:00:00+08:00");
    // Without its policy the cycle cannot be proved either.
    jobs::run_once(&world.program);
    let status = async |voucher: &str| world.read(&firm, &format!("/vouchers/{voucher}")).await["status"].clone();
    for (voucher, is) in [(&first, "claimed"), (&second, "void"), (&third, "claimed"), (&fourth, "void")] {
        assert_eq!(status(voucher).await, json!(is), "{voucher}");
    }
    let accounts = async |cycle: &str| world.read(&officer, &format!("/cycles/{cycle}")).await["accounts"].clone();
    assert_eq!(accounts(&broken).await["held"], 2_000_000);
    assert_eq!(accounts(&whole).await["lapsed"], 2_000_000);

    policy(&known);
    world.run_jobs();
    assert_eq!((status(&first).await, status(&third).await), (json!("void"), json!("void")));
    assert_eq!(accounts(&broken).await["lapsed"], 2_000_000);
}
