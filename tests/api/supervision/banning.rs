//! A ban refuses claims, projects, registrations and applications, says until when, and ends by itself.

use serde_json::{Value, json};

use crate::assessments::assessment_form;
use crate::harness::{Reply, World, facility_form, id, only, with};
use crate::on_both_stores;

on_both_stores!(
    a_ban_refuses_claims_through_its_last_day,
    a_ban_between_claim_and_registration_refuses_the_registration,
    a_banned_facility_registers_nothing,
    a_ban_refuses_projects_of_either_side,
    a_ban_refuses_to_become_a_facility,
    a_ban_refuses_to_apply_for_a_subsidy,
    what_is_registered_before_a_ban_is_paid,
    the_longest_ban_counts_and_lifting_ends_it_at_once,
);

fn until(reply: Reply, last_day: &str) {
    let refusal = reply.refused_by("banned", "17");
    assert!(refusal["detail"].as_str().unwrap().contains(last_day), "{refusal}");
}

async fn a_ban_refuses_claims_through_its_last_day(world: World) {
    let (team, other) = (world.team().await, world.team().await);
    let cycle = world.open_cycle_with(json!({ "closes_at": "2029-12-31T18:00:00+08:00" })).await;
    world.claim(&team, &cycle, 1_000_000).await;
    world.sanctioned(&team, only("ban")).await;
    until(world.ask_claim(&team, &cycle, 1_000_000).await, "2029-03-02");
    let trial = json!({ "cycle_id": cycle, "amount_fen": 1_000_000, "declaration": true });
    until(world.post("/vouchers?dry_run=true").by(&team).json(trial).send().await, "2029-03-02");
    world.claim(&other, &cycle, 1_000_000).await;
    world.at("2029-03-02T23:59:59.999999+08:00");
    until(world.ask_claim(&team, &cycle, 1_000_000).await, "2029-03-02");
    world.at("2029-03-03T00:00:00+08:00");
    world.claim(&team, &cycle, 1_000_000).await;
    let ended = world.read(&world.officer().await, "/sanctions?status=ended").await;
    assert_eq!(ended["items"][0]["kind"], "ban");
}

async fn a_ban_between_claim_and_registration_refuses_the_registration(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let cycle = world.open_cycle(100_000_000).await;
    let voucher = id(&world.claim(&firm, &cycle, 5_000_000).await);
    let project = world.accepted_project(&firm, &facility, &[&voucher], 10_000_000).await;
    world.sanctioned(&firm, only("ban")).await;
    let form = world.contract_form(&project, &[&voucher], 10_000_000, "2026-03-20");
    until(world.ask_contract(&facility, form.clone()).await, "2029-03-02");
    until(world.post("/contracts?dry_run=true").by(&facility).json(form).send().await, "2029-03-02");
    let seen = world.read(&firm, &format!("/vouchers/{voucher}")).await;
    assert_eq!((&seen["status"], &seen["version"]), (&json!("claimed"), &json!(1)));
    // The voucher dies as any other that no contract was registered with.
    world.at("2026-03-18T00:00:00+08:00");
    world.run_jobs();
    let seen = world.read(&firm, &format!("/vouchers/{voucher}")).await;
    assert_eq!((&seen["status"], &seen["void_cause"]), (&json!("void"), &json!("registration_overdue")));
}

async fn a_banned_facility_registers_nothing(world: World) {
    let (firm, facility, other) = (world.enterprise().await, world.facility().await, world.facility().await);
    let cycle = world.open_cycle(100_000_000).await;
    let voucher = id(&world.claim(&firm, &cycle, 5_000_000).await);
    let project = world.accepted_project(&firm, &facility, &[&voucher], 10_000_000).await;
    world.sanctioned(&facility, only("ban")).await;
    let form = world.contract_form(&project, &[&voucher], 10_000_000, "2026-03-20");
    until(world.ask_contract(&facility, form).await, "2029-03-02");
    // The applicant is free to go elsewhere.
    world.contract(&firm, &other, &[&voucher], 10_000_000, "2026-03-20").await;
}

async fn a_ban_refuses_projects_of_either_side(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let cycle = world.open_cycle(100_000_000).await;
    let voucher = id(&world.claim(&firm, &cycle, 5_000_000).await);
    let project = world.draft_project(&firm, &facility, &[&voucher], 10_000_000).await;
    let submit = || world.post(&format!("/projects/{project}/submit")).by(&firm).send();
    let ban = world.sanctioned(&facility, only("ban")).await;
    until(submit().await, "2029-03-02");
    let officer = world.officer().await;
    world.ask_lift(&officer, &ban["sanctions"][0]).await.expect(200);
    world.sanctioned(&firm, only("ban")).await;
    until(submit().await, "2029-03-02");
    assert_eq!(world.read(&firm, &format!("/projects/{project}")).await["status"], "draft");
}

async fn a_ban_refuses_to_become_a_facility(world: World) {
    let facility = world.drafted_facility(json!({})).await;
    let form = world.application_form(&facility).await;
    world.sanctioned(&facility, only("ban")).await;
    until(world.ask_application(&facility, form).await, "2029-03-02");
    assert_eq!(world.facility_status(&facility).await, "draft");
    // Neither does an officer enter it.
    let officer = world.officer().await;
    let me = world.read(&facility, "/me").await;
    let entry = json!({ "uscc": me["organization"]["uscc"], "confirmed_emails": [facility.email] });
    let entry = with(facility_form(world.next_number()), entry);
    until(world.post("/facilities").by(&officer).json(entry).send().await, "2029-03-02");
}

async fn a_ban_refuses_to_apply_for_a_subsidy(world: World) {
    let (officer, facility) = (world.officer().await, world.facility().await);
    let assessment = id(&world.ask_assessment(&officer, assessment_form()).await.expect(201));
    world.post(&format!("/assessments/{assessment}/announce")).by(&officer).send().await.expect(200);
    let form = json!({ "statement": "全年开放运行情况良好", "file_ids": [] });
    let path = format!("/assessments/{assessment}/submission");
    world.put(&path).by(&facility).header("if-match", "*").json(form).send().await.expect(200);
    world.sanctioned(&facility, only("ban")).await;
    until(world.post(&format!("/assessments/{assessment}/submit")).by(&facility).send().await, "2029-03-02");
    assert_eq!(world.read(&facility, &path).await["submission"]["status"], "draft");
}

async fn what_is_registered_before_a_ban_is_paid(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    world.sanctioned(&signed.applicant, only("ban")).await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    let approved = world.approve_signed(signed, redemption, 5_000_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    assert_eq!(world.redemption_status(&payer, &approved.redemption).await, "paid");
}

async fn the_longest_ban_counts_and_lifting_ends_it_at_once(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let cycle = world.open_cycle(100_000_000).await;
    let first = world.sanctioned(&firm, only("ban")).await;
    world.at("2026-05-06T10:00:00+08:00");
    let second = world.sanctioned(&firm, only("ban")).await;
    let claim = || world.ask_claim(&firm, &cycle, 1_000_000);
    until(claim().await, "2029-05-06");
    let lift = |closed: &Value| closed["sanctions"][0].clone();
    world.ask_lift(&officer, &lift(&second)).await.expect(200);
    until(claim().await, "2029-03-02");
    world.ask_lift(&officer, &lift(&first)).await.expect(200);
    claim().await.expect(201);
}
