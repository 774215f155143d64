//! Trials, repeats, and several at once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::accounts;
use crate::harness::{World, id, with};
use crate::on_both_stores;

on_both_stores!(
    a_trial_answers_the_contract_and_changes_nothing,
    a_repeat_under_the_same_key_answers_the_same_contract,
    of_several_registrations_at_once_one_gets_the_voucher,
    of_several_with_one_number_one_is_registered,
);

async fn a_trial_answers_the_contract_and_changes_nothing(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    let before = (world.accounts(&scene.cycle).await, scene.voucher(&world).await);
    let ask = |path: &str| world.post(path).by(&scene.facility).json(form.clone()).send();
    let trial = ask("/contracts?dry_run=true").await.expect(201);
    assert_eq!(trial["voucher_ids"], json!([scene.voucher]));
    assert_eq!(trial["quote"]["claimable_fen"], 5_000_000);
    assert_eq!((world.accounts(&scene.cycle).await, scene.voucher(&world).await), before);
    assert_eq!(world.read(&scene.facility, "/contracts").await["items"], json!([]));
    world.get(&format!("/contracts/{}", id(&trial))).by(&scene.facility).send().await.refused(404, "not_found");
    let events = world.read(&scene.firm, &format!("/vouchers/{}/events", scene.voucher)).await;
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    // The number is free, and in earnest the answer is the same but for its id.
    let mut contract = ask("/contracts").await.expect(201);
    contract["id"] = trial["id"].clone();
    assert_eq!(contract, trial);
    ask("/contracts?dry_run=true").await.refused_by("voucher_not_claimed", "15.2");
    ask("/contracts?dry_run=perhaps").await.refused_field("dry_run");
}

async fn a_repeat_under_the_same_key_answers_the_same_contract(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    let ask = |form: &Value| world.post("/contracts").by(&scene.facility).key("登记-1").json(form.clone()).send();
    let ask = async |form: &Value| ask(form).await;
    let contract = ask(&form).await.expect(201);
    world.at("2026-03-03T10:00:00+08:00");
    assert_eq!(ask(&form).await.expect(201), contract);
    assert_eq!(world.read(&scene.facility, "/contracts").await["items"], json!([contract]));
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));
    let other = with(form.clone(), json!({ "amount_fen": 13_000_000 }));
    ask(&other).await.refused(422, "idempotency_key_reused");
}

async fn of_several_registrations_at_once_one_gets_the_voucher(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let asked = (0..6).map(|_| {
        let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
        world.ask_contract(&scene.facility, form)
    });
    let replies = join_all(asked).await;
    let granted = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(granted, 1);
    for refused in replies.into_iter().filter(|reply| reply.status != 201) {
        refused.refused_by("voucher_not_claimed", "15.2");
    }
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));
}

async fn of_several_with_one_number_one_is_registered(world: World) {
    let scene = world.scene().await;
    let mut vouchers = vec![scene.voucher.clone()];
    for _ in 0..3 {
        vouchers.push(id(&world.claim(&scene.firm, &scene.cycle, 1_000_000).await));
    }
    let project = scene.project(&world).await;
    let number = json!({ "number": "HT-1" });
    let asked = vouchers.iter().map(|voucher| {
        let form = with(world.contract_form(&project, &[voucher], 12_000_000, "2026-04-30"), number.clone());
        world.ask_contract(&scene.facility, form)
    });
    let replies = join_all(asked).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    for refused in replies.into_iter().filter(|reply| reply.status != 201) {
        refused.refused(409, "already_exists");
    }
}
