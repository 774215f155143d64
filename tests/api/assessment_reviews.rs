//! What holds an assessment up, or must not change it: experts who are silent, what was lost, what changed since
//! (Art. 14).

use futures_util::future;
use serde_json::{Value, json};
use voucher_storage::testing::tamper;

use crate::assessing::{award, expected, given};
use crate::assessments::assessment_form;
use crate::harness::{Account, World, id};
use crate::on_both_stores;

on_both_stores!(
    who_is_silent_is_released_and_replaced,
    the_commission_reads_what_sets_each_score_apart,
    what_is_lost_lets_nothing_pass,
    a_main_business_that_changes_after_the_submission_changes_nothing,
    two_first_writings_at_once_are_one_after_the_other,
    what_was_not_handed_in_is_dropped_when_experts_are_drawn,
);

async fn who_is_silent_is_released_and_replaced(world: World) {
    let judging = world.judging(200_000_000).await;
    let silent = world.expert().await;
    let experts = [world.expert().await, world.expert().await];
    world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200);
    for expert in &experts {
        for review in world.open_reviews(expert).await {
            world.ask_scores(expert, &review, given(90, false)).await.expect(200);
        }
    }
    let outstanding = world.open_reviews(&silent).await;
    world.close_account(&silent).await;
    world.ask_of(&judging.officer, &judging.assessment, "visits").await.refused_by("invalid_state", "14");
    let release = async |review: &Value, by: &Account, reason: &str| {
        let path = format!("/assessment-reviews/{}/release", id(review));
        world.post(&path).by(by).json(json!({ "reason": reason })).send().await
    };
    release(&outstanding[0], &judging.officer, "").await.refused_field("reason");
    release(&outstanding[0], &experts[0], "逾期").await.refused(403, "forbidden");
    release(&json!({ "id": judging.assessment }), &judging.officer, "逾期").await.refused(404, "not_found");
    let theirs = world.read(&experts[0], "/assessment-reviews").await["items"][0].clone();
    release(&theirs, &judging.officer, "逾期").await.refused_by("invalid_state", "14");
    for review in &outstanding {
        let released = release(review, &judging.officer, "逾期未评分").await.expect(200);
        assert_eq!((&released["status"], &released["is_released"]), (&json!("recused"), &json!(true)));
        release(review, &judging.officer, "逾期未评分").await.refused_by("invalid_state", "14");
    }
    let another = world.expert().await;
    let panels = world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200)["panels"].clone();
    assert!(panels.as_array().unwrap().iter().all(|panel| panel["drawn_ids"] == json!([another.user_id])), "{panels}");
    for review in world.open_reviews(&another).await {
        world.ask_scores(&another, &review, given(90, false)).await.expect(200);
    }
    world.visited(&judging, "confirmed").await;
    let events = world.read(&world.auditor().await, "/audit-events?action=assessment_review_released").await;
    assert_eq!(events["items"].as_array().unwrap().len(), 3);
    // Once it is drawn whom to visit, nothing changes any more.
    release(&theirs, &judging.officer, "逾期").await.refused_by("invalid_state", "14");
}

async fn the_commission_reads_what_sets_each_score_apart(world: World) {
    let judging = world.judging(200_000_000).await;
    let path = format!("/assessment-submissions/{}/reviews", judging.submissions[0]);
    assert_eq!(
        world.read(&judging.officer, &path).await,
        json!({ "score_bps": null, "is_doubtful": null, "items": [] })
    );
    let experts = [world.expert().await, world.expert().await, world.expert().await];
    world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200);
    let reviews = world.read(&judging.officer, &path).await["items"].clone();
    assert!(reviews.as_array().unwrap().iter().all(|review| review["score_bps"].is_null()), "{reviews}");
    for (expert, score) in experts.iter().zip([90, 92, 60]) {
        let own = world.open_reviews(expert).await;
        let review = own.iter().find(|review| review["submission_id"] == judging.submissions[0]).unwrap();
        world.ask_scores(expert, review, given(score, false)).await.expect(200);
    }
    let list = world.read(&world.auditor().await, &path).await;
    assert_eq!((&list["score_bps"], &list["is_doubtful"]), (&json!(8_066), &json!(true)));
    for (expert, found) in experts.iter().zip([(9_000, false), (9_200, false), (6_000, true)]) {
        let own =
            list["items"].as_array().unwrap().iter().find(|one| one["expert_id"] == json!(expert.user_id)).unwrap();
        assert_eq!((&own["score_bps"], &own["is_outlier"]), (&json!(found.0), &json!(found.1)));
        assert_eq!(own["given"]["opinion"], "情况属实");
        world.get(&path).by(expert).send().await.refused(403, "forbidden");
    }
    // One who steps back takes the mark along.
    let apart = list["items"].as_array().unwrap().iter().find(|one| one["is_outlier"] == json!(true)).unwrap();
    let recuse = world.post(&format!("/assessment-reviews/{}/recuse", id(apart))).by(&experts[2]);
    recuse.json(json!({ "reason": "曾参与其项目" })).send().await.expect(200);
    let list = world.read(&judging.officer, &path).await;
    assert_eq!((&list["score_bps"], &list["is_doubtful"]), (&json!(9_100), &json!(false)));
    world.get(&path).by(&judging.facilities[0]).send().await.refused(403, "forbidden");
    let nowhere = format!("/assessment-submissions/{}/reviews", judging.assessment);
    world.get(&nowhere).by(&judging.officer).send().await.refused(404, "not_found");
}

async fn what_is_lost_lets_nothing_pass(world: World) {
    let judging = world.judging(200_000_000).await;
    let lost = world.expert().await;
    let experts = [world.expert().await, world.expert().await];
    world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200);
    world.spoil(&format!("DELETE FROM experts WHERE id = '{}'", lost.user_id));
    // The expert's ties are not known, which is not to have none.
    for review in world.open_reviews(&lost).await {
        world.ask_scores(&lost, &review, given(90, false)).await.refused(500, "internal_error");
        let release = world.post(&format!("/assessment-reviews/{}/release", id(&review))).by(&judging.officer);
        release.json(json!({ "reason": "资料缺失" })).send().await.expect(200);
    }
    let another = world.expert().await;
    world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200);
    for expert in experts.iter().chain([&another]) {
        for review in world.open_reviews(expert).await {
            world.ask_scores(expert, &review, given(90, false)).await.expect(200);
        }
    }
    world.visited(&judging, "confirmed").await;
    world.ask_grade(&judging, json!([])).await.expect(200);
    world.spoil("UPDATE assessments SET graded_by = NULL");
    // Whoever it was may not be the one who decides.
    world.ask_of(&judging.officer, &judging.assessment, "approve").await.refused(500, "internal_error");
}

async fn a_main_business_that_changes_after_the_submission_changes_nothing(world: World) {
    let judging = world.judging(200_000_000).await;
    tamper(&world.program.store, "UPDATE facilities SET is_third_party_testing = NOT is_third_party_testing");
    world.scored(&judging, [(95, false), (85, false), (95, false)]).await;
    world.visited(&judging, "confirmed").await;
    let proposed = world.ask_grade(&judging, json!([])).await.expect(200);
    assert_eq!(award(&proposed, &judging.submissions[0]), expected("one", "excellent", 100_000_000, 100_000_000));
    assert_eq!(award(&proposed, &judging.submissions[2]), expected("two", "excellent", 0, 0));
}

async fn two_first_writings_at_once_are_one_after_the_other(world: World) {
    let (officer, facility) = (world.officer().await, world.facility().await);
    let assessment = id(&world.post("/assessments").by(&officer).json(assessment_form()).send().await.expect(201));
    world.ask_of(&officer, &assessment, "announce").await.expect(200);
    let path = format!("/assessments/{assessment}/submission");
    let form = json!({ "statement": "全年开放运行情况良好", "file_ids": [] });
    let write = || world.put(&path).by(&facility).header("if-match", "*").json(form.clone()).send();
    for reply in future::join_all([write(), write(), write()]).await {
        assert!([200, 412].contains(&reply.status), "{}", reply.status);
    }
    let written = world.read(&officer, &format!("/assessments/{assessment}/submissions")).await;
    assert_eq!(written["items"].as_array().unwrap().len(), 1);
    let funds = json!({
        "service_income_fen": 10_000_000, "voucher_income_fen": 4_500_000, "subsidy_income_fen": 0,
        "costs_fen": 6_000_000, "incentive_fen": 0, "uses": [], "remarks": ""
    });
    let state = || world.put("/fund-statements/2025").by(&facility).header("if-match", "*").json(funds.clone()).send();
    let replies = future::join_all([state(), state(), state()]).await;
    assert!(replies.iter().all(|reply| [200, 412].contains(&reply.status)));
    assert!(replies.iter().any(|reply| reply.status == 200));
}

async fn what_was_not_handed_in_is_dropped_when_experts_are_drawn(world: World) {
    let (officer, facility) = (world.officer().await, world.facility().await);
    let assessment = id(&world.post("/assessments").by(&officer).json(assessment_form()).send().await.expect(201));
    world.ask_of(&officer, &assessment, "announce").await.expect(200);
    let path = format!("/assessments/{assessment}/submission");
    let form = json!({ "statement": "尚未完成" });
    world.put(&path).by(&facility).header("if-match", "*").json(form).send().await.expect(200);
    world.handed_in(&world.facility().await, &assessment).await;
    let closes_at = world.read(&officer, &format!("/assessments/{assessment}")).await["closes_at"].clone();
    world.at(closes_at.as_str().unwrap());
    for _ in 0..3 {
        world.expert().await;
    }
    assert_eq!(world.read(&facility, &path).await["submission"]["status"], "draft");
    world.ask_of(&officer, &assessment, "panel").await.expect(200);
    let own = world.read(&facility, &path).await["submission"].clone();
    assert_eq!(own["status"], "dropped");
    let listed = world.read(&officer, &format!("/assessments/{assessment}/submissions?status=dropped")).await;
    assert_eq!(listed["items"][0]["id"], own["id"]);
    let events = world.read(&world.auditor().await, "/audit-events?action=assessment_submission_dropped").await;
    assert_eq!(events["items"][0]["subject_id"], own["id"]);
}
