//! An upheld objection to a published result changes its grade and its money, both ways.

use serde_json::{Value, json};

use super::accounts;
use crate::assessing::Judging;
use crate::harness::{Account, Reply, World, with};
use crate::on_both_stores;

on_both_stores!(
    an_upheld_objection_lowers_a_grade_and_the_money_returns_to_the_budget,
    an_upheld_objection_raises_a_grade_within_the_cap_and_what_is_left,
    what_is_raised_from_nothing_is_paid_and_what_is_lowered_to_nothing_is_not,
    a_submission_is_taken_out_of_the_results,
    grades_are_named_for_results_alone,
);

impl World {
    /// Upholds a new objection to an item of a notice, with these facts.
    async fn ask_upheld(&self, officer: &Account, notice: &Value, item: usize, more: Value) -> Reply {
        let objection = self.object(notice, item).await;
        let body = with(json!({ "outcome": "upheld", "reasons": "经核实,异议成立" }), more);
        self.resolve(officer, &objection, body).await
    }

    /// Grade and subsidy of each facility, as everybody reads them.
    async fn results(&self, judging: &Judging) -> Vec<(String, i64)> {
        let results = self.get(&format!("/assessments/{}/results", judging.assessment)).send().await.expect(200);
        let items = results["items"].as_array().unwrap().iter();
        let result = |one: &Value| (one["grade"].as_str().unwrap().to_owned(), one["subsidy_fen"].as_i64().unwrap());
        items.map(result).collect()
    }
}

fn results(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(grade, fen)| ((*grade).to_owned(), *fen)).collect()
}

async fn an_upheld_objection_lowers_a_grade_and_the_money_returns_to_the_budget(world: World) {
    let (judging, officer) = world.decided_assessment(200_000_000).await;
    let notice = world.publish_results(&officer, &judging).await;
    let lowered = json!({ "grade": "good", "amount_fen": 60_000_000 });
    let resolved = world.ask_upheld(&officer, &notice, 0, lowered).await.expect(200);
    assert_eq!((&resolved["status"], &resolved["amount_fen"]), (&json!("upheld"), &json!(60_000_000)));
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "approved");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(100_000_000, 100_000_000, 0, 0));
    let expected = [("good", 60_000_000), ("good", 40_000_000), ("excellent", 0)];
    assert_eq!(world.results(&judging).await, results(&expected));
    // Published again, with what is right now; the others go on meanwhile.
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "approved");
    assert_eq!(world.submission_status(&judging.submissions[1]).await, "payable");
    let again = world.ask_notice_of(&officer, "subsidy", &[&judging.submissions[0]]).await.expect(201);
    let facts = &again["items"][0]["facts"];
    assert_eq!((&facts["grade"], &facts["amount_fen"]), (&json!("good"), &json!(60_000_000)));
    world.end_of(&again);
    world.run_jobs();
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "payable");
}

async fn an_upheld_objection_raises_a_grade_within_the_cap_and_what_is_left(world: World) {
    // The budget is granted to the last fen but ten million.
    let (judging, officer) = world.decided_assessment(150_000_000).await;
    let notice = world.publish_results(&officer, &judging).await;
    let objection = world.object(&notice, 1).await;
    let raise = async |amount: Value| {
        let body = json!({ "outcome": "upheld", "reasons": "经核实,应为优秀", "grade": "excellent" });
        world.resolve(&officer, &objection, with(body, amount)).await
    };
    let unnamed = raise(json!({})).await.refused_field("amount_fen");
    assert_eq!((&unnamed["maximum_fen"], &unnamed["article"]), (&json!(80_000_000), &json!("11")));
    let above = raise(json!({ "amount_fen": 80_000_001 })).await.refused_field("amount_fen");
    assert_eq!(above["maximum_fen"], 80_000_000);
    // Clearly refused, and nothing is cut.
    let lacking = raise(json!({ "amount_fen": 50_000_001 })).await.refused_by("pool_exhausted", "11");
    assert_eq!((&lacking["status"], &lacking["remaining_fen"]), (&json!(409), &json!(10_000_000)));
    assert!(lacking["detail"].as_str().unwrap().contains("尚缺 0.01 元"), "{lacking}");
    assert_eq!(world.submission_status(&judging.submissions[1]).await, "in_notice");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(10_000_000, 140_000_000, 0, 0));
    raise(json!({ "amount_fen": 50_000_000 })).await.expect(200);
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(0, 150_000_000, 0, 0));
    // What another one is not given can be given.
    world.ask_upheld(&officer, &notice, 0, json!({ "amount_fen": 70_000_000 })).await.expect(200);
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(30_000_000, 120_000_000, 0, 0));
    let again = world.ask_notice_of(&officer, "subsidy", &[&judging.submissions[1]]).await.expect(201);
    world.ask_upheld(&officer, &again, 0, json!({ "amount_fen": 80_000_000 })).await.expect(200);
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(0, 150_000_000, 0, 0));
    let expected = [("excellent", 70_000_000), ("excellent", 80_000_000), ("excellent", 0)];
    assert_eq!(world.results(&judging).await, results(&expected));
    // The class stays what the value of the instruments makes it.
    let path = format!("/assessments/{}/results", judging.assessment);
    assert_eq!(world.get(&path).send().await.expect(200)["items"][1]["class"], "two");
}

async fn what_is_raised_from_nothing_is_paid_and_what_is_lowered_to_nothing_is_not(world: World) {
    let judging = world.judging(200_000_000).await;
    world.scored(&judging, [(95, false), (79, false), (95, false)]).await;
    world.visited(&judging, "confirmed").await;
    world.ask_grade(&judging, json!([])).await.expect(200);
    let officer = world.officer().await;
    world.ask_of(&officer, &judging.assessment, "approve").await.expect(200);
    assert_eq!(world.submission_status(&judging.submissions[1]).await, "graded");
    let notice = world.publish_results(&officer, &judging).await;
    world.ask_upheld(&officer, &notice, 0, json!({ "grade": "qualified" })).await.expect(200);
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "graded");
    world.ask_upheld(&officer, &notice, 1, json!({ "grade": "good", "amount_fen": 40_000_000 })).await.expect(200);
    assert_eq!(world.submission_status(&judging.submissions[1]).await, "approved");
    // Who tests for others is graded and given nothing, whatever an objection says.
    let objection = world.object(&notice, 2).await;
    let body = json!({ "outcome": "upheld", "reasons": "经核实", "amount_fen": 1 });
    let refused = world.resolve(&officer, &objection, body).await.refused_field("amount_fen");
    assert_eq!((&refused["maximum_fen"], &refused["article"]), (&json!(0), &json!("11")));
    world.dismiss(&officer, &objection).await;
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(160_000_000, 40_000_000, 0, 0));
    let both = [judging.submissions[0].as_str(), judging.submissions[1].as_str()];
    let again = world.ask_notice_of(&officer, "subsidy", &both).await.expect(201);
    world.end_of(&again);
    world.run_jobs();
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "concluded");
    assert_eq!(world.submission_status(&judging.submissions[1]).await, "payable");
}

async fn a_submission_is_taken_out_of_the_results(world: World) {
    let (judging, officer) = world.decided_assessment(200_000_000).await;
    let notice = world.publish_results(&officer, &judging).await;
    let resolved = world.ask_upheld(&officer, &notice, 0, json!({})).await.expect(200);
    assert_eq!(resolved["amount_fen"], 0);
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "cancelled");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(160_000_000, 40_000_000, 0, 0));
    assert_eq!(world.results(&judging).await, results(&[("good", 40_000_000), ("excellent", 0)]));
    let item =
        world.get(&format!("/notices/{}", crate::harness::id(&notice))).send().await.expect(200)["items"][0].clone();
    assert_eq!(item["status"], "cancelled");
    let first = [judging.submissions[0].as_str()];
    world.ask_notice_of(&officer, "subsidy", &first).await.refused_by("invalid_state", "14");
    world.ask_objection(&notice, 0).await.refused(409, "invalid_state");
}

async fn grades_are_named_for_results_alone(world: World) {
    let approved = world.approved_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    let refused = world.ask_upheld(&approved.approver, &notice, 0, json!({ "grade": "good" })).await;
    refused.refused_field("grade");
    assert_eq!(world.redemption_status(&approved.approver, &approved.redemption).await, "in_notice");
}
