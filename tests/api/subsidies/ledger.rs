//! A campaign's budget is in a ledger of its own, which nobody claims from.

use serde_json::{Value, json};

use super::accounts;
use crate::harness::World;
use crate::on_both_stores;

on_both_stores!(
    a_budget_is_in_the_ledger_from_the_announcement_on_and_granted_by_the_decision,
    nobody_sees_an_assessment_s_budget_as_a_cycle_or_claims_from_it,
);

async fn a_budget_is_in_the_ledger_from_the_announcement_on_and_granted_by_the_decision(world: World) {
    let judging = world.judging(200_000_000).await;
    let path = format!("/assessments/{}", judging.assessment);
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(200_000_000, 0, 0, 0));
    assert_eq!(world.read(&world.auditor().await, &path).await["accounts"], accounts(200_000_000, 0, 0, 0));
    let listed = world.read(&judging.officer, "/assessments").await["items"][0]["accounts"].clone();
    assert_eq!(listed, accounts(200_000_000, 0, 0, 0));
    // Everybody sees the budget, and not how it stands.
    for seen in [world.get(&path).send().await, world.get(&path).by(&judging.facilities[0]).send().await] {
        let seen = seen.expect(200);
        assert_eq!((&seen["budget_fen"], seen.get("accounts")), (&json!(200_000_000), None));
    }
    world.scored(&judging, [(95, false), (85, false), (95, false)]).await;
    world.visited(&judging, "confirmed").await;
    world.ask_grade(&judging, json!([])).await.expect(200);
    // What is proposed is not granted yet, and not told to the facility.
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(200_000_000, 0, 0, 0));
    let own = world.read(&judging.facilities[0], &format!("{path}/submission")).await["submission"].clone();
    assert_eq!((own.get("grade"), own.get("subsidy_fen")), (None, None));
    let decider = world.officer().await;
    world.ask_of(&decider, &judging.assessment, "approve").await.expect(200);
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 140_000_000, 0, 0));
    let own = world.read(&judging.facilities[0], &format!("{path}/submission")).await["submission"].clone();
    assert_eq!((&own["grade"], &own["subsidy_fen"]), (&json!("excellent"), &json!(100_000_000)));
    let own = world.read(&judging.facilities[2], &format!("{path}/submission")).await["submission"].clone();
    assert_eq!((&own["grade"], &own["subsidy_fen"]), (&json!("excellent"), &json!(0)));
    // A draft has no ledger yet.
    let draft =
        crate::harness::with(crate::assessments::assessment_form(), json!({ "submit_by": "2027-12-31", "year": 2025 }));
    let draft = world.ask_assessment(&judging.officer, draft).await.expect(201);
    assert_eq!(draft.get("accounts"), None);
}

async fn nobody_sees_an_assessment_s_budget_as_a_cycle_or_claims_from_it(world: World) {
    let (assessment, officer) = (world.open_assessment().await, world.officer().await);
    let firm = world.enterprise().await;
    let path = format!("/cycles/{assessment}");
    world.get(&path).send().await.refused(404, "not_found");
    world.get(&path).by(&officer).send().await.refused(404, "not_found");
    world.get(&format!("{path}/attempts")).send().await.refused(404, "not_found");
    assert_eq!(world.get("/cycles").send().await.expect(200)["items"], json!([]));
    assert_eq!(world.read(&officer, "/cycles").await["items"], json!([]));
    let change = world.patch(&path).by(&officer).header("if-match", "*").json(json!({ "budget_fen": 1 }));
    change.send().await.refused(404, "not_found");
    for action in ["publish", "close"] {
        world.post(&format!("{path}/{action}")).by(&officer).send().await.refused(404, "not_found");
    }
    world.ask_claim(&firm, &assessment, 1_000_000).await.refused(404, "not_found");
    let trial = json!({ "cycle_id": assessment, "amount_fen": 1_000_000, "declaration": true });
    world.post("/vouchers?dry_run=true").by(&firm).json(trial).send().await.refused(404, "not_found");
    world.get(&format!("/me/eligibility?cycle_id={assessment}")).by(&firm).send().await.refused(404, "not_found");
    assert_eq!(world.assessment_accounts(&assessment).await, accounts(500_000_000, 0, 0, 0));
    assert_eq!(world.read(&firm, "/vouchers").await["items"], Value::Array(Vec::new()));
}
