//! The way of a project between the applicant and the facility.

use serde_json::{Value, json};

use crate::harness::{Account, World, id, with};
use crate::on_both_stores;

on_both_stores!(
    a_project_goes_from_draft_to_accepted,
    a_returned_project_is_changed_and_submitted_again,
    a_declined_project_is_at_its_end,
    each_state_offers_its_actions_alone,
    a_change_is_meant_for_the_version_that_was_read,
    lists_are_filtered_and_leafed_through,
);

async fn act(world: &World, account: &Account, project: &str, action: &str, remarks: &str) -> crate::harness::Reply {
    let path = format!("/projects/{project}/{action}");
    world.post(&path).by(account).json(json!({ "remarks": remarks })).send().await
}

fn actions(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect()
}

async fn a_project_goes_from_draft_to_accepted(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    let draft = world.post("/projects").by(&firm).json(form.clone()).send().await.expect(201);
    assert_eq!((&draft["status"], &draft["version"]), (&json!("draft"), &json!(1)));
    assert_eq!(draft["applicant_id"], firm.organization_id);
    assert_eq!(draft["submitted_at"], Value::Null);
    assert_eq!(draft["vouchers"][0]["amount_fen"], 3_000_000);
    let path = format!("/projects/{}", id(&draft));
    world.get(&path).by(&facility).send().await.refused(404, "not_found");

    world.at("2026-03-03T09:00:00+08:00");
    let submitted = world.post(&format!("{path}/submit")).by(&firm).send().await.expect(200);
    assert_eq!((&submitted["status"], &submitted["version"]), (&json!("submitted"), &json!(2)));
    assert_eq!(submitted["submitted_at"], "2026-03-03T09:00:00+08:00");

    world.at("2026-03-04T09:00:00+08:00");
    let accepted = act(&world, &facility, &id(&draft), "accept", "  同意承接 ").await.expect(200);
    assert_eq!((&accepted["status"], &accepted["remarks"]), (&json!("accepted"), &json!("同意承接")));
    assert_eq!(accepted["decided_at"], "2026-03-04T09:00:00+08:00");
    assert_eq!(world.read(&firm, &path).await, accepted);

    let events = world.read(&firm, &format!("{path}/events")).await;
    assert_eq!(actions(&events), ["project_accepted", "project_submitted", "project_created"]);
    assert_eq!(events["items"][1]["before"]["status"], "draft");
    assert_eq!(events["items"][1]["after"]["status"], "submitted");
    // Nothing is bound yet: a project moves no money.
    let voucher = world.read(&firm, &format!("/vouchers/{voucher}")).await;
    assert_eq!((&voucher["status"], &voucher["contract_id"]), (&json!("claimed"), &Value::Null));
    assert_eq!(world.accounts(&cycle).await["held"], 3_000_000);
}

async fn a_returned_project_is_changed_and_submitted_again(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility, other) = (world.enterprise().await, world.facility().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let path = format!("/projects/{project}");
    act(&world, &facility, &project, "return", " ").await.refused_field("remarks");
    let returned = act(&world, &facility, &project, "return", "请补充样品数量").await.expect(200);
    assert_eq!((&returned["status"], &returned["remarks"]), (&json!("returned"), &json!("请补充样品数量")));

    // The facility has seen it: it stays there.
    let elsewhere = world.project_form(&other, &[&voucher], 12_000_000).await;
    let put = |form: Value| world.put(&path).by(&firm).if_match(&returned["version"]).json(form).send();
    put(elsewhere).await.refused_field("facility_id");
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    let changed = put(with(form, json!({ "research": "样品 20 个,每个 3 个区域" }))).await.expect(200);
    assert_eq!((&changed["status"], &changed["research"]), (&json!("returned"), &json!("样品 20 个,每个 3 个区域")));
    world.post(&format!("{path}/submit")).by(&firm).send().await.expect(200);
    act(&world, &facility, &project, "accept", "").await.expect(200);
    let events = world.read(&firm, &format!("{path}/events")).await;
    assert_eq!(
        actions(&events),
        [
            "project_accepted",
            "project_submitted",
            "project_changed",
            "project_returned",
            "project_submitted",
            "project_created"
        ]
    );
}

async fn a_declined_project_is_at_its_end(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    act(&world, &facility, &project, "decline", "").await.refused_field("remarks");
    let declined = act(&world, &facility, &project, "decline", "暂无机时").await.expect(200);
    assert_eq!(declined["status"], "declined");
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.refused(409, "invalid_state");
    act(&world, &facility, &project, "accept", "").await.refused(409, "invalid_state");
    // The voucher is as free as before for another project.
    world.accepted_project(&firm, &facility, &[&voucher], 12_000_000).await;
}

async fn each_state_offers_its_actions_alone(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let path = format!("/projects/{project}");
    let put = || world.put(&path).by(&firm).header("if-match", "*").json(form.clone()).send();
    let submit = || world.post(&format!("/projects/{project}/submit")).by(&firm).send();
    put().await.refused(409, "invalid_state");
    submit().await.refused(409, "invalid_state");
    act(&world, &facility, &project, "return", "请修改").await.expect(200);
    for action in ["accept", "return", "decline"] {
        act(&world, &facility, &project, action, "意见").await.refused(409, "invalid_state");
    }
    submit().await.expect(200);
    act(&world, &facility, &project, "accept", "").await.expect(200);
    put().await.refused(409, "invalid_state");
    submit().await.refused(409, "invalid_state");
    for action in ["accept", "return", "decline"] {
        act(&world, &facility, &project, action, "意见").await.refused(409, "invalid_state");
    }
    assert_eq!(world.read(&firm, &path).await["version"], 5);
}

async fn a_change_is_meant_for_the_version_that_was_read(world: World) {
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let form = world.project_form(&facility, &[], 12_000_000).await;
    let draft = world.post("/projects").by(&firm).json(form.clone()).send().await.expect(201);
    let path = format!("/projects/{}", id(&draft));
    world.put(&path).by(&firm).json(form.clone()).send().await.refused(428, "precondition_required");
    let title = |title: &str| with(form.clone(), json!({ "title": title }));
    let put = |version: i64, title: Value| world.put(&path).by(&firm).if_match(&json!(version)).json(title).send();
    let reply = put(1, title(" 新标题 ")).await;
    assert_eq!(reply.header("etag"), Some("\"2\""));
    assert_eq!(reply.expect(200)["title"], "新标题");
    put(1, title("又一个标题")).await.refused(412, "precondition_failed");
    assert_eq!(world.read(&firm, &path).await["title"], "新标题");
    // A draft may go to another facility.
    let other = world.facility().await;
    let moved = put(2, world.project_form(&other, &[], 12_000_000).await).await.expect(200);
    assert_eq!(moved["facility_id"], other.organization_id);
}

async fn lists_are_filtered_and_leafed_through(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, team) = (world.enterprise().await, world.team().await);
    let (facility, other) = (world.facility().await, world.facility().await);
    let (officer, auditor) = (world.officer().await, world.auditor().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let draft = world.draft_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let submitted = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let accepted = world.accepted_project(&firm, &other, &[&voucher], 12_000_000).await;
    let theirs = world.draft_project(&team, &facility, &[], 1).await;

    let world = &world;
    let list = async |account: &Account, query: &str| -> Vec<String> {
        let page = world.read(account, &format!("/projects{query}")).await;
        page["items"].as_array().unwrap().iter().map(id).collect()
    };
    assert_eq!(list(&firm, "").await, [&*accepted, &submitted, &draft]);
    assert_eq!(list(&firm, "?status=draft").await, [&*draft]);
    assert_eq!(list(&firm, &format!("?facility_id={}", other.organization_id)).await, [&*accepted]);
    assert_eq!(list(&firm, &format!("?applicant_id={}", team.organization_id)).await, [&*accepted, &submitted, &draft]);
    assert_eq!(list(&facility, "").await, [&*submitted]);
    assert_eq!(list(&facility, "?status=draft").await, [""; 0]);
    assert_eq!(list(&other, "").await, [&*accepted]);
    for commission in [&officer, &auditor] {
        assert_eq!(list(commission, "").await, [&*theirs, &accepted, &submitted, &draft]);
    }
    assert_eq!(list(&officer, &format!("?applicant_id={}", team.organization_id)).await, [&*theirs]);
    world.get("/projects").by(&world.expert().await).send().await.refused(403, "forbidden");
    world.get("/projects?status=lost").by(&officer).send().await.refused_field("status");

    let first = world.read(&officer, "/projects?limit=3").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(list(&officer, &format!("?limit=3&cursor={cursor}")).await, [&*draft]);
}
