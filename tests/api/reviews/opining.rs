//! What an expert sees and gives (Art. 9.3, 15.4).

use serde_json::{Value, json};

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    an_expert_sees_what_is_assigned_while_it_is_open,
    no_expert_sees_anothers_opinion,
    an_opinion_has_a_form,
    an_opinion_may_change_until_the_conclusion,
    a_tie_that_came_up_later_keeps_from_reviewing,
    only_the_expert_gives_it,
    without_what_is_known_of_the_expert_none_is_taken,
);

async fn an_expert_sees_what_is_assigned_while_it_is_open(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let review = id(&world.review_of(&experts[0], &case.redemption).await);
    let seen = world.read(&experts[0], &format!("/reviews/{review}")).await;
    let materials = &seen["materials"];
    assert_eq!(materials["redemption"]["id"], json!(case.redemption));
    assert_eq!(materials["redemption"]["claimable_fen"], 4_500_000);
    assert_eq!(materials["redemption"]["evidence"].as_array().unwrap().len(), 5);
    assert_eq!(materials["contract_amount_fen"], 10_000_000);
    assert_eq!(materials["applicant_name"], json!(world.organization_name(&case.signed.applicant).await));
    assert_eq!(materials["project_title"], "固态电池材料表征");
    assert!(!seen.to_string().contains(&case.officer.user_id), "{seen}");
    let file = format!("/files/{}", materials["redemption"]["evidence"][3]["file_id"].as_str().unwrap());
    assert_eq!(world.get(&file).by(&experts[0]).send().await.status, 200);
    let path = format!("/redemptions/{}", case.redemption);
    world.read(&experts[0], &path).await;
    // Each of these readings is on record.
    let actions = world.actions(&case.officer, &path).await;
    assert_eq!(actions[..2], ["materials_read", "materials_read"]);

    let stranger = world.expert().await;
    for hidden in [&format!("/reviews/{review}"), &path, &file] {
        world.get(hidden).by(&stranger).send().await.refused(404, "not_found");
    }
    assert_eq!(world.read(&stranger, "/reviews").await["items"], json!([]));

    // Closed by a recusal, and for the others by the conclusion.
    let reason = json!({ "reason": "与申领单位负责人为亲属" });
    world.post(&format!("/reviews/{review}/recuse")).by(&experts[0]).json(reason).send().await.expect(200);
    assert_eq!(world.read(&experts[0], &format!("/reviews/{review}")).await.get("materials"), None);
    for hidden in [&path, &file] {
        world.get(hidden).by(&experts[0]).send().await.refused(404, "not_found");
    }
    assert_eq!(world.read(&experts[0], "/reviews?status=recused").await["items"].as_array().unwrap().len(), 1);
    case.tell(&world, "panel", json!({ "size": 2 })).await.expect(200);
    for expert in &experts[1..] {
        world.give_review(expert, &case.redemption, world.review_form(4_500_000, 4_500_000)).await.expect(200);
    }
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    let closed = world.review_of(&experts[1], &case.redemption).await;
    let closed = world.read(&experts[1], &format!("/reviews/{}", id(&closed))).await;
    assert_eq!((closed.get("materials"), &closed["status"]), (None, &json!("submitted")));
    for hidden in [&path, &file] {
        world.get(hidden).by(&experts[1]).send().await.refused(404, "not_found");
    }
}

async fn no_expert_sees_anothers_opinion(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let mut form = world.review_form(1_234_567, 4_500_000);
    form["opinion"] = json!("此处应保密");
    world.give_review(&experts[0], &case.redemption, form).await.expect(200);
    let theirs = id(&world.review_of(&experts[0], &case.redemption).await);
    world.get(&format!("/reviews/{theirs}")).by(&experts[1]).send().await.refused(404, "not_found");
    let reviews = format!("/redemptions/{}/reviews", case.redemption);
    let parties = [&experts[1], &experts[0], &case.signed.facility, &case.signed.applicant];
    for account in parties {
        world.get(&reviews).by(account).send().await.refused(403, "forbidden");
    }
    let own = id(&world.review_of(&experts[1], &case.redemption).await);
    let path = format!("/redemptions/{}", case.redemption);
    for shown in [format!("/reviews/{own}"), "/reviews".to_owned(), path.clone(), format!("{path}/events")] {
        let shown = world.read(&experts[1], &shown).await.to_string();
        assert!(!shown.contains("保密") && !shown.contains("1234567"), "{shown}");
    }
    for account in [&case.officer, &world.auditor().await] {
        let all = world.read(account, &reviews).await;
        assert!(all.to_string().contains("此处应保密"), "{all}");
        assert_eq!(world.read(account, &format!("/reviews/{theirs}")).await["opinion"], "此处应保密");
    }
}

async fn an_opinion_has_a_form(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let give = async |change: Value| {
        let form = crate::harness::with(world.review_form(4_500_000, 4_500_000), change);
        world.give_review(&experts[0], &case.redemption, form).await
    };
    let score = json!({ "technical_content": 101, "authenticity": 0, "cost_reasonableness": 100 });
    give(json!({ "scores": score })).await.refused_field("scores.technical_content");
    give(json!({ "amount_fen": 4_500_001 })).await.refused_field("amount_fen");
    give(json!({ "amount_fen": 0 })).await.refused_field("amount_fen");
    give(json!({ "recommendation": "reduce" })).await.refused_field("amount_fen");
    give(json!({ "recommendation": "reject" })).await.refused_field("amount_fen");
    give(json!({ "recommendation": "reject", "amount_fen": -1 })).await.refused_field("amount_fen");
    give(json!({ "opinion": " " })).await.refused_field("opinion");
    give(json!({ "grade": 5 })).await.refused(422, "unknown_field");
    let review = world.review_of(&experts[0], &case.redemption).await;
    assert_eq!((&review["status"], &review["version"]), (&json!("assigned"), &json!(1)));
    give(json!({ "recommendation": "reduce", "amount_fen": 4_499_999 })).await.expect(200);
    give(json!({ "recommendation": "reject", "amount_fen": 0 })).await.expect(200);
    give(json!({})).await.expect(200);
}

async fn an_opinion_may_change_until_the_conclusion(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.opine(&world, &experts, [(4_500_000, false); 3]).await;
    let review = world.review_of(&experts[0], &case.redemption).await;
    assert_eq!((&review["status"], &review["version"]), (&json!("submitted"), &json!(2)));
    assert_eq!(review["scores"]["authenticity"], 95);
    let put = |version: &Value| {
        let path = format!("/reviews/{}", id(&review));
        let form = world.review_form(4_500_000, 4_500_000);
        world.put(&path).by(&experts[0]).if_match(version).json(form)
    };
    put(&json!(1)).send().await.refused(412, "precondition_failed");
    put(&json!(2)).send().await.expect(200);
    let path = format!("/reviews/{}", id(&review));
    let form = world.review_form(4_500_000, 4_500_000);
    world.put(&path).by(&experts[0]).json(form).send().await.refused(428, "precondition_required");
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
    put(&json!(3)).send().await.refused(409, "invalid_state");
    let reason = json!({ "reason": "太迟了" });
    world.post(&format!("{path}/recuse")).by(&experts[0]).json(reason).send().await.refused(409, "invalid_state");
}

async fn a_tie_that_came_up_later_keeps_from_reviewing(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let admin = world.admin().await;
    let users = world.read(&admin, "/users?role=expert").await;
    let user = users["items"].as_array().unwrap().iter().find(|user| user["id"] == json!(experts[0].user_id)).unwrap();
    let tie = json!({ "ties": [case.signed.facility.organization_id] });
    let path = format!("/users/{}", experts[0].user_id);
    world.patch(&path).by(&admin).if_match(&user["version"]).json(tie).send().await.expect(200);
    let form = world.review_form(4_500_000, 4_500_000);
    let refused = world.give_review(&experts[0], &case.redemption, form.clone()).await;
    refused.refused_by("conflict_of_interest", "15.4");
    world.give_review(&experts[1], &case.redemption, form).await.expect(200);
    let review = id(&world.review_of(&experts[0], &case.redemption).await);
    let reason = json!({ "reason": "与开放单位有合作" });
    world.post(&format!("/reviews/{review}/recuse")).by(&experts[0]).json(reason).send().await.expect(200);
}

async fn only_the_expert_gives_it(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let path = format!("/reviews/{}", id(&world.review_of(&experts[0], &case.redemption).await));
    let form = world.review_form(4_500_000, 4_500_000);
    let put = |account| world.put(&path).by(account).if_match(&json!(1)).json(form.clone()).send();
    put(&experts[1]).await.refused(404, "not_found");
    for account in [&case.officer, &case.signed.facility, &case.signed.applicant] {
        put(account).await.refused(403, "forbidden");
        world.get("/reviews").by(account).send().await.refused(403, "forbidden");
    }
    world.get(&path).by(&case.signed.facility).send().await.refused(403, "forbidden");
}

async fn without_what_is_known_of_the_expert_none_is_taken(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let lost = format!("DELETE FROM experts WHERE id = '{}'", experts[0].user_id);
    world.spoil(&lost);
    // Their ties are not known, which is not to have none.
    let form = world.review_form(4_500_000, 4_500_000);
    world.give_review(&experts[0], &case.redemption, form).await.refused(500, "internal_error");
}
