//! The last second in time, and the first that is not (Art. 15.2).

use serde_json::json;

use super::accounts;
use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    the_fifteenth_day_is_in_time_and_its_midnight_is_not,
    the_days_of_the_registration_move_past_the_national_day,
    a_saturday_that_is_a_workday_ends_the_days_of_the_registration,
    a_contract_may_end_on_the_last_day_of_the_validity,
    a_validity_that_ends_on_a_holiday_moves_past_it,
);

/// Two vouchers are claimed at an instant: the one pays a contract at the last second, the other is too
/// late a second after, before and after the job has voided it.
async fn the_edge(world: &World, claimed_at: &str, last_day: &str, last_second: &str, too_late: &str) {
    world.at(claimed_at);
    let scene = world.scene().await;
    let late = world.claim(&scene.firm, &scene.cycle, 3_000_000).await;
    assert_eq!(late["register_by"]["last_day"], last_day);
    assert_eq!(late["register_by"]["expires_at"], too_late);
    let (project, late) = (scene.project(world).await, id(&late));

    world.at(last_second);
    let day = world.today();
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, &day);
    let contract = world.ask_contract(&scene.facility, form).await.expect(201);
    assert_eq!(contract["valid_until"]["counted_from"], day);
    assert_eq!(world.accounts(&scene.cycle).await, accounts(2_000_000, 3_000_000, 5_000_000, 0));

    world.at(too_late);
    let form = world.contract_form(&project, &[&late], 12_000_000, &world.today());
    let ask = || world.ask_contract(&scene.facility, form.clone());
    ask().await.refused_by("registration_overdue", "15.2");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(2_000_000, 0, 5_000_000, 3_000_000));
    let voucher = world.read(&scene.firm, &format!("/vouchers/{late}")).await;
    assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("registration_overdue")));
    assert_eq!(voucher["counted_fen"], 0);
    ask().await.refused_by("registration_overdue", "15.2");
    assert_eq!(scene.voucher(world).await["status"], "registered");
}

async fn the_fifteenth_day_is_in_time_and_its_midnight_is_not(world: World) {
    let (last_second, too_late) = ("2026-03-17T23:59:59+08:00", "2026-03-18T00:00:00+08:00");
    the_edge(&world, "2026-03-02T10:00:00+08:00", "2026-03-17", last_second, too_late).await;
}

async fn the_days_of_the_registration_move_past_the_national_day(world: World) {
    // The fifteenth day is 5 October, a holiday until the 7th.
    let (last_second, too_late) = ("2026-10-08T23:59:59.999999+08:00", "2026-10-09T00:00:00+08:00");
    the_edge(&world, "2026-09-20T10:00:00+08:00", "2026-10-08", last_second, too_late).await;
}

async fn a_saturday_that_is_a_workday_ends_the_days_of_the_registration(world: World) {
    // 10 October 2026 is a Saturday on which people work, for the holiday before.
    let (last_second, too_late) = ("2026-10-10T23:59:59+08:00", "2026-10-11T00:00:00+08:00");
    the_edge(&world, "2026-09-25T00:00:00+08:00", "2026-10-10", last_second, too_late).await;
}

async fn a_contract_may_end_on_the_last_day_of_the_validity(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let ask = |ends_on: &str| {
        world.ask_contract(&scene.facility, world.contract_form(&project, &[&scene.voucher], 12_000_000, ends_on))
    };
    ask("2026-06-03").await.refused_by("validity_exceeded", "15.2");
    assert_eq!(scene.voucher(&world).await["valid_until"], json!(null));
    let contract = ask("2026-06-02").await.expect(201);
    assert_eq!(contract["valid_until"]["last_day"], "2026-06-02");
    assert_eq!(contract["redeem_by"]["last_day"], "2026-07-02");
}

async fn a_validity_that_ends_on_a_holiday_moves_past_it(world: World) {
    world.at("2026-07-01T10:00:00+08:00");
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let ask = |ends_on: &str| {
        world.ask_contract(&scene.facility, world.contract_form(&project, &[&scene.voucher], 12_000_000, ends_on))
    };
    ask("2026-10-09").await.refused_by("validity_exceeded", "15.2");
    let contract = ask("2026-10-08").await.expect(201);
    assert_eq!(contract["valid_until"]["last_day"], "2026-10-08");
    assert_eq!(contract["valid_until"]["moved_past"].as_array().unwrap().len(), 7);
    assert_eq!(contract["valid_until"]["moved_past"][0], json!({ "day": "2026-10-01", "because": "holiday" }));
    // 8 November is a Sunday.
    assert_eq!(contract["redeem_by"]["last_day"], "2026-11-09");
}
