//! What a project must keep to.

use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::facility::FacilityStatus;
use voucher_storage::facility::Service;

use crate::harness::{World, id, with};
use crate::on_both_stores;

on_both_stores!(
    every_fault_of_form_is_named,
    a_submission_needs_services_and_vouchers,
    services_are_those_that_the_facility_offers,
    vouchers_are_the_applicants_own,
    statutory_testing_is_not_supported,
    a_project_with_municipal_funding_is_not_supported_again,
    it_is_proposed_to_a_facility_on_the_platform,
    the_facility_serves_when_it_is_submitted_and_accepted,
);

async fn every_fault_of_form_is_named(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let form = world.project_form(&facility, &[], 12_000_000).await;
    let ask = |more: Value| world.post("/projects").by(&firm).json(with(form.clone(), more)).send();
    let refusal = ask(json!({ "title": " ", "research": "", "planned_amount_fen": 0 })).await.refused_field("title");
    assert_eq!(refusal["fields"].as_array().unwrap().len(), 3, "{refusal}");
    ask(json!({ "planned_amount_fen": -1 })).await.refused_field("planned_amount_fen");
    ask(json!({ "planned_amount_fen": 1.5 })).await.refused_field("planned_amount_fen");
    ask(json!({ "title": "题".repeat(201) })).await.refused_field("title");
    ask(json!({ "title": "题".repeat(200) })).await.expect(201);
    ask(json!({ "kind": "massage" })).await.refused_field("kind");
    ask(json!({ "applicant_id": facility.organization_id })).await.refused(422, "unknown_field");
    let twice = json!([form["service_ids"][0], form["service_ids"][0]]);
    ask(json!({ "service_ids": twice })).await.refused_field("service_ids[1]");
    let many: Vec<Uuid> = (0..51).map(Uuid::from_u128).collect();
    ask(json!({ "voucher_ids": many })).await.refused_field("voucher_ids");
}

async fn a_submission_needs_services_and_vouchers(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let form = with(world.project_form(&facility, &[], 12_000_000).await, json!({ "service_ids": [] }));
    let project = id(&world.post("/projects").by(&firm).json(form).send().await.expect(201));
    let submit = format!("/projects/{project}/submit");
    let refusal = world.post(&submit).by(&firm).send().await.refused_field("service_ids");
    assert_eq!(refusal["fields"][1]["field"], "voucher_ids");
    assert_eq!(world.read(&firm, &format!("/projects/{project}")).await["status"], "draft");
}

async fn services_are_those_that_the_facility_offers(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility, other) = (world.enterprise().await, world.facility().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    let own = form["service_ids"][0].as_str().unwrap();
    let foreign = world.service(&other).await;
    let ask =
        |ids: Value| world.post("/projects").by(&firm).json(with(form.clone(), json!({ "service_ids": ids }))).send();
    ask(json!([own, foreign])).await.refused_field("service_ids[1]");
    ask(json!([Uuid::from_u128(1), own])).await.refused_field("service_ids[0]");

    // One that is taken off the list meanwhile is missed at the submission.
    let project = id(&ask(json!([own])).await.expect(201));
    change_service(&world, own, |service| service.is_offered = false);
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.refused_field("service_ids[0]");
    ask(json!([own])).await.refused_field("service_ids[0]");
}

/// Writes a service as its facility would have changed it.
fn change_service(world: &World, id: &str, change: impl Fn(&mut Service)) {
    let id = Uuid::parse_str(id).unwrap();
    let changed = world.program.store.write(|tx| {
        let mut service = Service::find(tx, id)?.unwrap();
        change(&mut service);
        Service::save(tx, &service)
    });
    changed.unwrap();
}

async fn vouchers_are_the_applicants_own(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, rival, facility) = (world.enterprise().await, world.enterprise().await, world.facility().await);
    let theirs = id(&world.claim(&rival, &cycle, 3_000_000).await);
    let ask = async |voucher: &str| {
        let form = world.project_form(&facility, &[voucher], 12_000_000).await;
        world.post("/projects").by(&firm).json(form).send().await.refused_field("voucher_ids[0]")
    };
    let foreign = ask(&theirs).await;
    let absent = ask(&Uuid::from_u128(7).to_string()).await;
    // Whether somebody else has it is not told.
    assert_eq!(foreign["fields"], absent["fields"]);
    assert_eq!(foreign["detail"], absent["detail"]);
}

async fn statutory_testing_is_not_supported(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    let statutory = world.service_with(&facility, json!({ "is_statutory_testing": true })).await;
    for more in [json!({ "is_statutory_testing": true }), json!({ "service_ids": [statutory] })] {
        let draft = world.post("/projects").by(&firm).json(with(form.clone(), more)).send().await.expect(201);
        let submit = format!("/projects/{}/submit", id(&draft));
        world.post(&submit).by(&firm).send().await.refused_by("not_eligible", "5");
    }
    // A service that has become statutory since the submission is not accepted.
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let view = world.read(&firm, &format!("/projects/{project}")).await;
    change_service(&world, view["service_ids"][0].as_str().unwrap(), |service| service.is_statutory_testing = true);
    let accept = format!("/projects/{project}/accept");
    world.post(&accept).by(&facility).json(json!({})).send().await.refused_by("not_eligible", "5");
}

async fn a_project_with_municipal_funding_is_not_supported_again(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    let form = with(form, json!({ "has_municipal_funding": true }));
    let project = id(&world.post("/projects").by(&firm).json(form).send().await.expect(201));
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.refused_by("not_eligible", "12");
    assert_eq!(world.read(&firm, &format!("/projects/{project}")).await["status"], "draft");
}

async fn it_is_proposed_to_a_facility_on_the_platform(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let newcomer = world.registered("facility").await;
    let form = with(world.project_form(&facility, &[], 12_000_000).await, json!({ "service_ids": [] }));
    let ask = |facility_id: &str| {
        world.post("/projects").by(&firm).json(with(form.clone(), json!({ "facility_id": facility_id }))).send()
    };
    ask(&newcomer.organization_id).await.refused_by("facility_not_active", "6");
    ask(&firm.organization_id).await.refused_field("facility_id");
    ask(&Uuid::from_u128(7).to_string()).await.refused_field("facility_id");
}

async fn the_facility_serves_when_it_is_submitted_and_accepted(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let draft = world.draft_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let submitted = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    for (status, article) in
        [(FacilityStatus::Exited, "6"), (FacilityStatus::Delisted, "17"), (FacilityStatus::InNotice, "6")]
    {
        world.facility_becomes(&facility, status, None);
        let submit = world.post(&format!("/projects/{draft}/submit")).by(&firm).send().await;
        submit.refused_by("facility_not_active", article);
        let accept = world.post(&format!("/projects/{submitted}/accept")).by(&facility).json(json!({})).send().await;
        accept.refused_by("facility_not_active", article);
    }
    let decline =
        world.post(&format!("/projects/{submitted}/decline")).by(&facility).json(json!({ "remarks": "即将退出" }));
    decline.send().await.expect(200);
}
