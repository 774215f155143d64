//! Who sees a redemption (Art. 9.3).

use serde_json::json;

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    the_parties_and_the_commission_see_it_and_nobody_else,
    lists_hold_what_one_may_see,
    an_unknown_one_is_not_found
);

async fn the_parties_and_the_commission_see_it_and_nobody_else(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let paths = ["", "/events", "/inquiries"].map(|part| format!("/redemptions/{redemption}{part}"));
    let seeing = [&signed.facility, &signed.applicant, &world.officer().await, &world.auditor().await];
    for account in seeing {
        for path in &paths {
            world.get(path).by(account).send().await.expect(200);
        }
    }
    let strangers = [world.facility().await, world.enterprise().await, world.expert().await, world.admin().await];
    for account in &strangers {
        for path in &paths {
            world.get(path).by(account).send().await.refused(404, "not_found");
        }
    }
    for path in &paths {
        world.get(path).send().await.refused(401, "unauthenticated");
    }
    // A party's own reading is not an outsider's.
    let actions = world.actions(&signed.applicant, &format!("/redemptions/{redemption}")).await;
    assert_eq!(actions, ["redemption_submitted", "redemption_checked", "redemption_created"]);
}

async fn lists_hold_what_one_may_see(world: World) {
    let one = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let other = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let first = id(&world.draft_redemption(&one.facility, &one.contract, 9_000_000).await);
    let second = world.redemption(&other.facility, &other.contract, 9_000_000).await;
    let officer = world.officer().await;
    let list = async |account, query: &str| {
        let list = world.read(account, &format!("/redemptions{query}")).await;
        list["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(list(&one.facility, "").await, [first.as_str()]);
    assert_eq!(list(&one.applicant, "").await, [first.as_str()]);
    // Another's id in the filter opens nothing.
    let stranger = format!("?facility_id={}", other.facility.organization_id);
    assert_eq!(list(&one.facility, &stranger).await, [first.as_str()]);
    assert_eq!(list(&other.applicant, "?status=draft").await, Vec::<String>::new());
    assert_eq!(list(&officer, "").await, [second.as_str(), first.as_str()]);
    assert_eq!(list(&officer, "?status=submitted").await, [second.as_str()]);
    assert_eq!(list(&officer, &format!("?contract_id={}", id(&one.contract))).await, [first.as_str()]);
    assert_eq!(list(&officer, &format!("?applicant_id={}", other.applicant.organization_id)).await, [second.as_str()]);
    let page = world.read(&officer, "/redemptions?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(list(&officer, &format!("?limit=1&cursor={cursor}")).await, [first.as_str()]);
    world.get("/redemptions").by(&world.expert().await).send().await.refused(403, "forbidden");
    world.get("/redemptions?status=nothing").by(&officer).send().await.refused_field("status");
}

async fn an_unknown_one_is_not_found(world: World) {
    let officer = world.officer().await;
    let nowhere = "01900000-0000-7000-8000-000000000000";
    for path in ["", "/events", "/panel", "/reviews", "/inquiries"] {
        world.get(&format!("/redemptions/{nowhere}{path}")).by(&officer).send().await.refused(404, "not_found");
    }
    let remarks = json!({ "remarks": "请补正" });
    for action in ["accept", "return"] {
        world.tell_redemption(&officer, nowhere, action, remarks.clone()).await.refused(404, "not_found");
    }
    world.tell_redemption(&officer, nowhere, "panel", json!({})).await.refused(404, "not_found");
    world.do_redemption(&officer, nowhere, "approve").await.refused(404, "not_found");
    let inquiry = json!({ "kind": "defence", "scheduled_at": "2026-03-20T10:00:00+08:00" });
    world.tell_redemption(&officer, nowhere, "inquiries", inquiry).await.refused(404, "not_found");
    let conclusion = json!({ "decision": "reject", "amount_fen": 0, "opinion": "无" });
    world.tell_redemption(&officer, nowhere, "conclude", conclusion).await.refused(404, "not_found");
    world.post("/redemptions/nonsense/submit").by(&world.facility().await).send().await.refused(404, "not_found");
}
