//! Doubts and splits are looked into before an officer concludes (Art. 15.4).

use serde_json::{Value, json};

use super::Case;
use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    unanimous_reviews_are_concluded_at_once,
    every_review_must_be_in,
    a_doubt_asks_for_an_inquiry_with_its_outcome,
    a_split_asks_for_an_inquiry_with_its_outcome,
    opinions_may_change_while_it_is_looked_into,
    an_inquiry_is_recorded_once,
    the_parties_learn_when_and_what_not_the_record,
    a_conclusion_has_a_form,
    a_conclusion_is_the_commissions_until_it_is_approved,
);

async fn unanimous_reviews_are_concluded_at_once(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    let concluded = world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    assert_eq!(concluded["status"], "concluded");
    assert_eq!(
        concluded["conclusion"],
        json!({
            "decision": "approve", "amount_fen": 4_500_000, "opinion": "同意专家意见",
            "concluded_by": case.officer.user_id
        })
    );
    assert_eq!((&concluded["approved_fen"], &concluded["allotments"]), (&Value::Null, &json!([])));
    // No money has moved yet.
    let accounts = world.accounts(&case.signed.cycle).await;
    assert_eq!((&accounts["committed"], &accounts["payable"]), (&json!(5_000_000), &json!(0)));
}

async fn every_review_must_be_in(world: World) {
    let case = world.case().await;
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused_by("invalid_state", "15.4");
    for _ in 0..3 {
        world.expert().await;
    }
    let experts = world.draw_panel(&case.officer, &case.redemption).await;
    for expert in &experts {
        world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused_by("invalid_state", "15.4");
        world.give_review(expert, &case.redemption, world.review_form(4_500_000, 4_500_000)).await.expect(200);
    }
    assert_eq!(case.read(&world, "").await["status"], "in_review");
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
}

/// Takes a case whose reviews ask for an inquiry to its conclusion, with a site visit.
async fn look_into(world: &World, case: &Case) {
    let conclude = || world.conclude(&case.officer, &case.redemption, 3_000_000);
    conclude().await.refused_by("invalid_state", "15.4");
    let visit = json!({ "kind": "site_visit", "scheduled_at": "2026-03-05T14:00:00+08:00" });
    let inquiry = case.tell(world, "inquiries", visit).await.expect(201);
    assert_eq!((&inquiry["status"], &inquiry["kind"]), (&json!("scheduled"), &json!("site_visit")));
    assert_eq!(inquiry["scheduled_at"], "2026-03-05T14:00:00+08:00");
    assert_eq!(case.read(world, "").await["status"], "in_inquiry");
    conclude().await.refused(409, "invalid_state");
    case.tell(world, "panel", json!({})).await.refused(409, "invalid_state");
    let record = json!({ "outcome": "partly_confirmed", "record": "核对原始数据,部分样品未检测。" });
    let path = format!("/inquiries/{}", id(&inquiry));
    let recorded =
        world.put(&path).by(&case.officer).if_match(&inquiry["version"]).json(record).send().await.expect(200);
    assert_eq!((&recorded["status"], &recorded["outcome"]), (&json!("recorded"), &json!("partly_confirmed")));
    assert_eq!(case.read(world, "").await["status"], "in_review");
    let concluded = conclude().await.expect(200);
    assert_eq!(concluded["conclusion"]["decision"], "reduce");
}

async fn a_doubt_asks_for_an_inquiry_with_its_outcome(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false), (4_500_000, true), (4_500_000, false)]).await;
    look_into(&world, &case).await;
}

async fn a_split_asks_for_an_inquiry_with_its_outcome(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false), (3_000_000, false), (4_500_000, false)]).await;
    look_into(&world, &case).await;
}

async fn opinions_may_change_while_it_is_looked_into(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false), (4_500_000, true), (4_500_000, false)]).await;
    let defence = json!({ "kind": "defence", "scheduled_at": "2026-03-05T14:00:00+08:00" });
    let inquiry = case.tell(&world, "inquiries", defence.clone()).await.expect(201);
    case.tell(&world, "inquiries", defence).await.refused(409, "invalid_state");
    let form = world.review_form(4_500_000, 4_500_000);
    world.give_review(&experts[1], &case.redemption, form).await.expect(200);
    let review = id(&world.review_of(&experts[1], &case.redemption).await);
    let seen = world.read(&experts[1], &format!("/reviews/{review}")).await;
    assert_eq!(seen["materials"]["inquiries"][0]["id"], inquiry["id"]);
    // The doubt is gone, but what was arranged is held and recorded.
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused(409, "invalid_state");
    let record = json!({ "outcome": "confirmed", "record": "已说明" });
    let path = format!("/inquiries/{}", id(&inquiry));
    world.put(&path).by(&case.officer).if_match(&json!(1)).json(record).send().await.expect(200);
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
}

async fn an_inquiry_is_recorded_once(world: World) {
    let case = world.case().await;
    let visit = json!({ "kind": "site_visit", "scheduled_at": "2026-03-05T14:00:00+08:00" });
    case.tell(&world, "inquiries", json!({ "kind": "visit", "scheduled_at": "2026-03-05" }))
        .await
        .refused(422, "validation_failed");
    for account in [&case.signed.facility, &case.signed.applicant, &world.auditor().await] {
        world.tell_redemption(account, &case.redemption, "inquiries", visit.clone()).await.refused(403, "forbidden");
    }
    let inquiry = case.tell(&world, "inquiries", visit).await.expect(201);
    let path = format!("/inquiries/{}", id(&inquiry));
    let record = |outcome: &str, words: &str| {
        world.put(&path).by(&case.officer).json(json!({ "outcome": outcome, "record": words }))
    };
    record("confirmed", "属实").send().await.refused(428, "precondition_required");
    record("confirmed", " ").if_match(&json!(1)).send().await.refused_field("record");
    record("perhaps", "属实").if_match(&json!(1)).send().await.refused_field("outcome");
    record("confirmed", "属实").if_match(&json!(1)).send().await.expect(200);
    record("not_confirmed", "不属实").if_match(&json!(1)).send().await.refused(412, "precondition_failed");
    record("not_confirmed", "不属实").if_match(&json!(2)).send().await.refused_by("invalid_state", "15.4");
    let nowhere = "/inquiries/01900000-0000-7000-8000-000000000000";
    let body = json!({ "outcome": "confirmed", "record": "属实" });
    world.put(nowhere).by(&case.officer).if_match(&json!(1)).json(body).send().await.refused(404, "not_found");
}

async fn the_parties_learn_when_and_what_not_the_record(world: World) {
    let case = world.case().await;
    let visit = json!({ "kind": "site_visit", "scheduled_at": "2026-03-05T14:00:00+08:00" });
    let inquiry = id(&case.tell(&world, "inquiries", visit).await.expect(201));
    let record = json!({ "outcome": "not_confirmed", "record": "举报人称仪器未开机" });
    world
        .put(&format!("/inquiries/{inquiry}"))
        .by(&case.officer)
        .if_match(&json!(1))
        .json(record)
        .send()
        .await
        .expect(200);
    let path = format!("/redemptions/{}/inquiries", case.redemption);
    for party in [&case.signed.facility, &case.signed.applicant] {
        let shown = world.read(party, &path).await;
        assert_eq!(shown["items"][0]["outcome"], "not_confirmed");
        assert_eq!(shown["items"][0]["scheduled_at"], "2026-03-05T14:00:00+08:00");
        assert_eq!(shown["items"][0].get("record"), None);
    }
    assert_eq!(case.read(&world, "/inquiries").await["items"][0]["record"], "举报人称仪器未开机");
}

async fn a_conclusion_has_a_form(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    let conclude = async |decision: &str, amount_fen: i64, opinion: &str| {
        let body = json!({ "decision": decision, "amount_fen": amount_fen, "opinion": opinion });
        case.tell(&world, "conclude", body).await
    };
    conclude("approve", 4_500_001, "同意").await.refused_field("amount_fen");
    conclude("approve", 0, "同意").await.refused_field("amount_fen");
    conclude("reduce", 4_500_000, "同意").await.refused_field("amount_fen");
    conclude("reject", 1, "不同意").await.refused_field("amount_fen");
    conclude("approve", 4_500_000, "").await.refused_field("opinion");
    conclude("postpone", 0, "再议").await.refused_field("decision");
    assert_eq!(case.read(&world, "").await["status"], "in_review");
    // It is reconsidered as often as need be, until it is approved.
    conclude("reject", 0, "不同意").await.expect(200);
    let again = conclude("reduce", 4_499_999, "酌减").await.expect(200);
    assert_eq!(again["conclusion"]["amount_fen"], 4_499_999);
}

async fn a_conclusion_is_the_commissions_until_it_is_approved(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(1_234_567, false); 3]).await;
    world.conclude(&case.officer, &case.redemption, 1_234_567).await.expect(200);
    let path = format!("/redemptions/{}", case.redemption);
    let parties = [&case.signed.facility, &case.signed.applicant];
    for party in parties {
        for shown in [path.clone(), "/redemptions".to_owned(), format!("{path}/events")] {
            let shown = world.read(party, &shown).await.to_string();
            assert!(!shown.contains("1234567") && !shown.contains("同意专家意见"), "{shown}");
        }
        world.conclude_as(party, &case.redemption).await.refused(403, "forbidden");
    }
    assert_eq!(world.read(&world.auditor().await, &path).await["conclusion"]["amount_fen"], 1_234_567);
    world.do_redemption(&world.officer().await, &case.redemption, "approve").await.expect(200);
    for party in parties {
        let shown = world.read(party, &path).await;
        assert_eq!(
            shown["conclusion"],
            json!({ "decision": "reduce", "amount_fen": 1_234_567, "opinion": "同意专家意见" })
        );
    }
}

impl World {
    async fn conclude_as(&self, account: &crate::harness::Account, redemption: &str) -> crate::harness::Reply {
        let body = json!({ "decision": "reject", "amount_fen": 0, "opinion": "不同意" });
        self.tell_redemption(account, redemption, "conclude", body).await
    }
}
