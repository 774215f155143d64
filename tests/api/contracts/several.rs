//! Several vouchers on one contract, of several cycles.

use serde_json::{Value, json};

use super::accounts;
use crate::harness::{World, eligible_profile, id, with};
use crate::on_both_stores;

on_both_stores!(
    two_vouchers_pay_one_contract,
    vouchers_of_two_cycles_keep_their_books_apart,
    one_that_cannot_be_used_leaves_the_other_untouched,
);

async fn two_vouchers_pay_one_contract(world: World) {
    let scene = world.scene().await;
    let second = id(&world.claim(&scene.firm, &scene.cycle, 3_000_001).await);
    let vouchers = [&*scene.voucher, &second];
    let project = world.accepted_project(&scene.firm, &scene.facility, &vouchers, 16_000_002).await;
    let ask = |amount_fen: i64| {
        world.ask_contract(&scene.facility, world.contract_form(&project, &vouchers, amount_fen, "2026-04-30"))
    };
    let refusal = ask(16_000_001).await.refused_by("share_exceeded", "12");
    assert_eq!(refusal["maximum_fen"], 8_000_000);
    let contract = ask(16_000_002).await.expect(201);
    assert_eq!(contract["quote"]["claimable_fen"], 8_000_001);
    assert_eq!(contract["voucher_ids"], json!(vouchers));
    assert_eq!(world.accounts(&scene.cycle).await, accounts(1_999_999, 0, 8_000_001, 0));
    for voucher in vouchers {
        let voucher = world.read(&scene.facility, &format!("/vouchers/{voucher}")).await;
        assert_eq!((&voucher["contract_id"], &voucher["status"]), (&contract["id"], &json!("registered")));
    }
    // Both end with the contract's month, and it lapses once.
    world.at("2026-06-02T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.accounts(&scene.cycle).await, accounts(1_999_999, 0, 0, 8_000_001));
    let events = world.read(&scene.firm, &format!("/contracts/{}/events", id(&contract))).await;
    let actions: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["contract_lapsed", "contract_registered"]);
}

async fn vouchers_of_two_cycles_keep_their_books_apart(world: World) {
    let amended = json!({ "policy": "kejifa-2023-16-amended-2025", "budget_fen": 10_000_000 });
    let (earlier, later) = (world.open_cycle_with(amended).await, world.open_cycle(10_000_000).await);
    let firm = world.enterprise().await;
    let certificate = json!({ "kind": "technology_sme", "number": "2026110108", "issued_on": "2026-01-10", "valid_until": "2026-12-31" });
    world.put_profile(&firm, with(eligible_profile(), json!({ "certificates": [certificate] }))).await;
    let facility = world.facility().await;
    let first = id(&world.claim(&firm, &earlier, 4_000_000).await);
    world.at("2026-03-06T10:00:00+08:00");
    let second = id(&world.claim(&firm, &later, 2_000_000).await);
    world.at("2026-03-09T10:00:00+08:00");
    // Whatever the order in which they are named, the earliest claim tells whose policy judges.
    let contract = world.contract(&firm, &facility, &[&second, &first], 12_000_000, "2026-04-30").await;
    assert_eq!(contract["policy"], "kejifa-2023-16-amended-2025");
    assert_eq!(world.accounts(&earlier).await, accounts(6_000_000, 0, 4_000_000, 0));
    assert_eq!(world.accounts(&later).await, accounts(8_000_000, 0, 2_000_000, 0));

    let path = format!("/contracts/{}", id(&contract));
    let reason = json!({ "reason": "项目调整" });
    world.post(&format!("{path}/terminate")).by(&facility).json(reason).send().await.expect(200);
    assert_eq!(world.accounts(&earlier).await, accounts(6_000_000, 0, 4_000_000, 0));
    // Freed, each may go its own way.
    let contract = world.contract(&firm, &facility, &[&second], 12_000_000, "2026-04-30").await;
    assert_eq!(contract["policy"], "kejifa-2023-16");
    world.at("2026-06-10T00:00:00+08:00");
    world.run_jobs();
    let voucher = world.read(&firm, &format!("/vouchers/{first}")).await;
    assert_eq!(voucher["void_cause"], "validity_overdue");
    let voucher = world.read(&firm, &format!("/vouchers/{second}")).await;
    assert_eq!(voucher["void_cause"], "redemption_overdue");
    assert_eq!(world.accounts(&earlier).await, accounts(6_000_000, 0, 0, 4_000_000));
    assert_eq!(world.accounts(&later).await, accounts(8_000_000, 0, 0, 2_000_000));
}

async fn one_that_cannot_be_used_leaves_the_other_untouched(world: World) {
    let scene = world.scene().await;
    world.at("2026-03-10T10:00:00+08:00");
    let second = id(&world.claim(&scene.firm, &scene.cycle, 3_000_000).await);
    let vouchers = [&*second, &scene.voucher];
    let project = world.accepted_project(&scene.firm, &scene.facility, &vouchers, 16_000_000).await;
    // The first is overdue, the second is not.
    world.at("2026-03-18T00:00:00+08:00");
    let form = world.contract_form(&project, &vouchers, 16_000_000, "2026-04-30");
    world.ask_contract(&scene.facility, form).await.refused_by("registration_overdue", "15.2");
    let voucher = world.read(&scene.firm, &format!("/vouchers/{second}")).await;
    assert_eq!(
        (&voucher["status"], &voucher["contract_id"], &voucher["version"]),
        (&json!("claimed"), &Value::Null, &json!(1))
    );
    let form = world.contract_form(&project, &[&second], 16_000_000, "2026-04-30");
    // Signed before the other voucher's claim is no fault of a contract that this one alone pays.
    let early = with(form.clone(), json!({ "signed_on": "2026-03-09" }));
    world.ask_contract(&scene.facility, early).await.refused_field("signed_on");
    world.ask_contract(&scene.facility, form).await.expect(201);
    assert_eq!(world.accounts(&scene.cycle).await, accounts(2_000_000, 0, 3_000_000, 5_000_000));
}
