//! Who sees what of a project (Art. 9.2, 9.3).

use serde_json::{Value, json};

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    a_facility_sees_only_what_it_needs_of_the_applicant,
    a_facility_sees_nothing_of_a_draft,
    each_reading_by_the_facility_is_on_record,
    a_project_of_others_is_not_there,
);

async fn a_facility_sees_only_what_it_needs_of_the_applicant(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, team, facility) = (world.enterprise().await, world.team().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let reply = world.get(&format!("/projects/{project}")).by(&facility).send().await;
    let text = String::from_utf8(reply.bytes.clone()).unwrap();
    let view = reply.expect(200);
    let me = world.read(&firm, "/me").await;
    assert_eq!(
        view["applicant"],
        json!({
            "name": me["organization"]["name"], "uscc": me["organization"]["uscc"], "kind": "enterprise",
            "region": "beijing", "industry": "new_materials", "is_eligible": true
        })
    );
    for confidential in ["revenue", "assets", "employees", "members", "findings", "counted_fen", "email", "phone"] {
        assert!(!text.contains(confidential), "{confidential} is in {text}");
    }
    let keys: Vec<&String> = view["vouchers"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["amount_fen", "id", "number", "register_by", "status", "valid_until"]);

    // A team has neither code nor region, and its members are nobody's business.
    let voucher = id(&world.claim(&team, &cycle, 100).await);
    let project = world.submitted_project(&team, &facility, &[&voucher], 12_000_000).await;
    let view = world.read(&facility, &format!("/projects/{project}")).await;
    assert_eq!((&view["applicant"]["kind"], &view["applicant"]["is_eligible"]), (&json!("team"), &json!(true)));
    assert_eq!((&view["applicant"]["uscc"], &view["applicant"]["region"]), (&Value::Null, &Value::Null));
    assert!(!view.to_string().contains("王芳"), "{view}");

    // What no longer meets Art. 7 is shown as it is today, without saying why.
    let outgrown = json!({
        "region": "beijing", "established_on": "2023-05-10", "is_legal_person": true, "employees": 501,
        "annual_revenue_fen": 800_000_000, "total_assets_fen": 500_000_000, "has_finance_system": true,
        "has_bad_credit": false, "industry": "green_energy", "certificates": []
    });
    world.put_profile(&firm, outgrown).await;
    let list = world.read(&facility, "/projects?status=submitted").await;
    let view = world.read(&facility, &format!("/projects/{}", id(&list["items"][1]))).await;
    assert_eq!(
        (&view["applicant"]["is_eligible"], &view["applicant"]["industry"]),
        (&json!(false), &json!("green_energy"))
    );
}

async fn a_facility_sees_nothing_of_a_draft(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility, first) = (world.enterprise().await, world.facility().await, world.facility().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let project = world.draft_project(&firm, &first, &[], 99).await;
    let path = format!("/projects/{project}");
    for path in [path.clone(), format!("{path}/events")] {
        world.get(&path).by(&first).send().await.refused(404, "not_found");
    }
    for action in ["accept", "return", "decline"] {
        let remarks = json!({ "remarks": "意见" });
        world.post(&format!("{path}/{action}")).by(&first).json(remarks).send().await.refused(404, "not_found");
    }
    let form = world.project_form(&facility, &[&voucher], 12_000_000).await;
    world.put(&path).by(&firm).if_match(&json!(1)).json(form).send().await.expect(200);
    world.post(&format!("{path}/submit")).by(&firm).send().await.expect(200);
    // The one it was first drafted for is not told of it; the one it is proposed to does not learn of the other.
    world.get(&path).by(&first).send().await.refused(404, "not_found");
    let events = world.read(&facility, &format!("{path}/events")).await;
    let events: Vec<(&str, bool)> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["action"].as_str().unwrap(), event["after"].is_null()))
        .collect();
    assert_eq!(
        events,
        [("materials_read", true), ("project_submitted", false), ("project_changed", true), ("project_created", true)]
    );
    assert!(!world.read(&facility, &format!("{path}/events")).await.to_string().contains(&first.organization_id));
    let whole = world.read(&firm, &format!("{path}/events")).await;
    assert!(whole.to_string().contains(&first.organization_id));
}

async fn each_reading_by_the_facility_is_on_record(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility, officer) = (world.enterprise().await, world.facility().await, world.officer().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let path = format!("/projects/{project}");
    world.read(&firm, &path).await;
    world.read(&officer, &path).await;
    world.read(&facility, &path).await;
    let events = world.read(&officer, &format!("{path}/events")).await;
    let readings: Vec<&Value> =
        events["items"].as_array().unwrap().iter().filter(|event| event["action"] == "materials_read").collect();
    assert_eq!(readings.len(), 1);
    assert_eq!(
        (&readings[0]["actor_role"], &readings[0]["actor_user_id"]),
        (&json!("facility"), &json!(facility.user_id))
    );
}

async fn a_project_of_others_is_not_there(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let (rival, stranger, expert) = (world.enterprise().await, world.facility().await, world.expert().await);
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    let project = world.submitted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    let path = format!("/projects/{project}");
    for outsider in [&rival, &stranger, &expert] {
        for path in [path.clone(), format!("{path}/events")] {
            world.get(&path).by(outsider).send().await.refused(404, "not_found");
        }
    }
    let form = world.project_form(&facility, &[], 12_000_000).await;
    world.put(&path).by(&rival).header("if-match", "*").json(form).send().await.refused(404, "not_found");
    world.post(&format!("{path}/submit")).by(&rival).send().await.refused(404, "not_found");
    for action in ["accept", "return", "decline"] {
        let ask = |account| {
            world.post(&format!("/projects/{project}/{action}")).by(account).json(json!({ "remarks": "意见" })).send()
        };
        ask(&stranger).await.refused(404, "not_found");
        ask(&firm).await.refused(403, "forbidden");
    }
    world.post(&format!("{path}/submit")).by(&facility).send().await.refused(403, "forbidden");
    assert_eq!(world.read(&firm, &path).await["version"], 2);
}
