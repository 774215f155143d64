//! What an assessment came to is published, with money or without, and goes on when its notice is over.

use serde_json::{Value, json};

use super::accounts;
use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    a_decided_assessment_is_published_and_goes_on_to_payment_or_to_its_end,
    only_what_is_decided_is_published_and_once,
    an_objection_holds_back_its_item_alone,
);

async fn a_decided_assessment_is_published_and_goes_on_to_payment_or_to_its_end(world: World) {
    let (judging, officer) = world.decided_assessment(200_000_000).await;
    let notice = world.publish_results(&officer, &judging).await;
    assert_eq!((&notice["kind"], &notice["status"]), (&json!("subsidy"), &json!("running")));
    let published = world.get(&format!("/notices/{}", id(&notice))).send().await.expect(200);
    let facts = |place: usize| published["items"][place]["facts"].clone();
    let first = json!({
        "year": 2026, "facility_name": facts(0)["facility_name"], "class": "one", "grade": "excellent",
        "is_third_party_testing": false, "amount_fen": 100_000_000
    });
    assert_eq!(facts(0), first);
    assert_eq!((&facts(1)["grade"], &facts(1)["amount_fen"]), (&json!("good"), &json!(40_000_000)));
    // Graded without money, and published all the same.
    assert_eq!((&facts(2)["is_third_party_testing"], &facts(2)["amount_fen"]), (&json!(true), &json!(0)));
    assert_eq!(notice["deadline"]["period"], "P5WD");
    for submission in &judging.submissions {
        assert_eq!(world.submission_status(submission).await, "in_notice");
    }
    world.run_jobs();
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "in_notice");
    world.end_of(&notice);
    world.run_jobs();
    let mut statuses = Vec::new();
    for submission in &judging.submissions {
        statuses.push(world.submission_status(submission).await);
    }
    assert_eq!(statuses, ["payable", "payable", "concluded"]);
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 140_000_000, 0, 0));
    let items = world.get(&format!("/notices/{}", id(&notice))).send().await.expect(200)["items"].clone();
    assert!(items.as_array().unwrap().iter().all(|item| item["status"] == "cleared"));
}

async fn only_what_is_decided_is_published_and_once(world: World) {
    let judging = world.judging(200_000_000).await;
    let ids: Vec<&str> = judging.submissions.iter().map(String::as_str).collect();
    let early = world.ask_notice_of(&judging.officer, "subsidy", &ids).await.refused_by("invalid_state", "14");
    assert_eq!(early["fields"][0]["field"], "subject_ids[0]");
    world.ask_notice_of(&judging.facilities[0], "subsidy", &ids).await.refused(403, "forbidden");
    world.scored(&judging, [(95, false), (85, false), (50, false)]).await;
    world.visited(&judging, "confirmed").await;
    world.ask_grade(&judging, json!([])).await.expect(200);
    world.ask_notice_of(&judging.officer, "subsidy", &ids).await.refused_by("invalid_state", "14");
    world.ask_of(&world.officer().await, &judging.assessment, "approve").await.expect(200);
    world.ask_notice_of(&judging.officer, "subsidy", &[&judging.assessment]).await.refused(404, "not_found");
    world.ask_notice_of(&judging.officer, "redemption", &ids).await.refused(404, "not_found");
    let part = world.ask_notice_of(&judging.officer, "subsidy", &ids[..2]).await.expect(201);
    assert_eq!(part["items"].as_array().unwrap().len(), 2);
    world.ask_notice_of(&judging.officer, "subsidy", &ids).await.refused_by("invalid_state", "14");
    let rest = world.ask_notice_of(&judging.officer, "subsidy", &ids[2..]).await.expect(201);
    assert_eq!(rest["items"][0]["facts"]["grade"], "unqualified");
    let listed = world.get("/notices?kind=subsidy").send().await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

async fn an_objection_holds_back_its_item_alone(world: World) {
    let (judging, officer) = world.decided_assessment(200_000_000).await;
    let notice = world.publish_results(&officer, &judging).await;
    let objection = world.object(&notice, 0).await;
    world.end_of(&notice);
    world.ask_objection(&notice, 1).await.refused_by("invalid_state", "15.5");
    world.run_jobs();
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "in_notice");
    assert_eq!(world.submission_status(&judging.submissions[1]).await, "payable");
    let with_grade = json!({ "outcome": "dismissed", "reasons": "经核实", "grade": "good" });
    world.resolve(&officer, &objection, with_grade).await.refused_field("grade");
    world.dismiss(&officer, &objection).await;
    world.run_jobs();
    assert_eq!(world.submission_status(&judging.submissions[0]).await, "payable");
    let own = format!("/assessments/{}/submission", judging.assessment);
    let own = world.read(&judging.facilities[0], &own).await["submission"].clone();
    assert_eq!((&own["subsidy_fen"], &own["notice_id"]), (&json!(100_000_000), &notice["id"]));
    assert_ne!(own["notice_id"], Value::Null);
}
