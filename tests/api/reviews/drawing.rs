//! Drawing experts: at random, reproducibly, without conflicts of interest (Art. 15.4).

use serde_json::{Value, json};

use crate::harness::{Account, World, id, uscc};
use crate::on_both_stores;

on_both_stores!(
    three_are_drawn_and_the_others_excluded_with_their_reason,
    the_same_seed_draws_the_same_experts,
    a_pool_that_is_too_small_is_said_with_both_numbers,
    who_recused_is_replaced,
    a_panel_that_nobody_can_complete_is_made_smaller,
    a_panel_is_drawn_in_review_alone,
    a_teams_experts_come_from_the_services_field,
);

fn ids(experts: &[Account]) -> Vec<&str> {
    experts.iter().map(|expert| expert.user_id.as_str()).collect()
}

fn drawn(panel: &Value) -> Vec<&str> {
    panel["drawn"].as_array().unwrap().iter().map(|expert| expert["expert_id"].as_str().unwrap()).collect()
}

async fn three_are_drawn_and_the_others_excluded_with_their_reason(world: World) {
    let case = world.case().await;
    let facility_name = world.organization_name(&case.signed.facility).await;
    let applicant = world.read(&case.signed.applicant, "/me").await["organization"].clone();
    let colleague = world.expert_with(json!({ "employer_name": facility_name })).await;
    let employee = world.expert_with(json!({ "employer_uscc": applicant["uscc"] })).await;
    let tied = world.expert_with(json!({ "ties": [case.signed.applicant.organization_id] })).await;
    let friend = world.expert_with(json!({ "ties": [case.signed.facility.organization_id] })).await;
    let doctor = world.expert_with(json!({ "fields": ["medicine_health"] })).await;
    let elsewhere = world.expert_with(json!({ "employer_uscc": uscc(987_654) })).await;
    let (second, third) = (world.expert().await, world.expert().await);
    let panel = case.tell(&world, "panel", json!({})).await.expect(200);
    let reason = |expert: &Account, reason: &str| json!({ "expert_id": expert.user_id, "reason": reason });
    assert_eq!(
        panel["excluded"],
        json!([
            reason(&colleague, "same_organization"),
            reason(&employee, "same_organization"),
            reason(&tied, "declared_tie"),
            reason(&friend, "declared_tie"),
            reason(&doctor, "field_mismatch")
        ])
    );
    let mut fitting = vec![elsewhere.user_id.as_str(), second.user_id.as_str(), third.user_id.as_str()];
    fitting.sort_unstable();
    assert_eq!(panel["candidate_ids"], json!(fitting));
    let mut by_id = drawn(&panel);
    by_id.sort_unstable();
    assert_eq!(by_id, fitting);
    assert_eq!(panel["size"], 3);
    assert!(panel["seed"].as_str().unwrap().len() >= 32, "{panel}");
    assert!(panel["drawn"][0]["name"].as_str().is_some_and(|name| !name.is_empty()), "{panel}");
    assert_eq!(case.read(&world, "/panel").await, json!({ "size": 3, "draws": [panel] }));
    let reviews = case.read(&world, "/reviews").await;
    let assigned: Vec<_> = reviews["items"].as_array().unwrap().iter().map(|review| &review["status"]).collect();
    assert_eq!(assigned, ["assigned"; 3]);
    // The draw is the commission's: the parties do not learn who reviews.
    for party in [&case.signed.facility, &case.signed.applicant] {
        let events = world.read(party, &format!("/redemptions/{}/events", case.redemption)).await;
        assert_eq!(events["items"][0]["action"], "panel_drawn");
        assert!(!events.to_string().contains(&second.user_id), "{events}");
        world.get(&format!("/redemptions/{}/panel", case.redemption)).by(party).send().await.refused(403, "forbidden");
    }
    let events = case.read(&world, "/events").await;
    assert_eq!(events["items"][0]["after"]["drawn"], panel["drawn"]);
}

async fn the_same_seed_draws_the_same_experts(world: World) {
    let (one, other) = (world.case().await, world.case().await);
    for _ in 0..8 {
        world.expert().await;
    }
    let seeded = json!({ "seed": "2026-03-02 开奖号码 0507", "size": 4 });
    let first = one.tell(&world, "panel", seeded.clone()).await.expect(200);
    let second = other.tell(&world, "panel", seeded).await.expect(200);
    assert_eq!((&first["seed"], &first["size"]), (&json!("2026-03-02 开奖号码 0507"), &json!(4)));
    assert_eq!(drawn(&first).len(), 4);
    assert_eq!((&first["drawn"], &first["candidate_ids"]), (&second["drawn"], &second["candidate_ids"]));
}

async fn a_pool_that_is_too_small_is_said_with_both_numbers(world: World) {
    let case = world.case().await;
    let (one, two) = (world.expert().await, world.expert().await);
    let refusal = case.tell(&world, "panel", json!({})).await.refused_by("invalid_state", "15.4");
    let detail = refusal["detail"].as_str().unwrap();
    assert!(detail.contains('3') && detail.contains('2'), "{detail}");
    assert_eq!(case.read(&world, "/panel").await["draws"], json!([]));
    assert_eq!(case.read(&world, "/reviews").await["items"], json!([]));
    case.tell(&world, "panel", json!({ "size": 0 })).await.refused_field("size");
    case.tell(&world, "panel", json!({ "seed": " " })).await.refused_field("seed");
    let panel = case.tell(&world, "panel", json!({ "size": 2 })).await.expect(200);
    let mut both = ids(&[one, two]).into_iter().map(str::to_owned).collect::<Vec<_>>();
    both.sort_unstable();
    assert_eq!(panel["candidate_ids"], json!(both));
    // One whose account is closed reviews no more.
    let other = world.case().await;
    let admin = world.admin().await;
    let users = world.read(&admin, "/users?role=expert").await;
    let user = users["items"].as_array().unwrap().iter().find(|user| user["id"] == json!(both[0])).unwrap();
    let path = format!("/users/{}", both[0]);
    let close = world.patch(&path).by(&admin).if_match(&user["version"]).json(json!({ "is_active": false }));
    close.send().await.expect(200);
    other.tell(&world, "panel", json!({ "size": 2 })).await.refused(409, "invalid_state");
    let panel = other.tell(&world, "panel", json!({ "size": 1 })).await.expect(200);
    assert_eq!(drawn(&panel), [both[1].as_str()]);
}

async fn who_recused_is_replaced(world: World) {
    let (case, experts) = world.case_with_panel().await;
    case.tell(&world, "panel", json!({})).await.refused_by("invalid_state", "15.4");
    let spare = world.expert().await;
    case.tell(&world, "panel", json!({ "size": 3 })).await.refused(409, "invalid_state");
    let review = world.review_of(&experts[1], &case.redemption).await;
    let recuse = format!("/reviews/{}/recuse", id(&review));
    let step_back = |body| world.post(&recuse).by(&experts[1]).json(body).send();
    step_back(json!({ "reason": "" })).await.refused_field("reason");
    world.post(&recuse).by(&experts[0]).json(json!({ "reason": "误操作" })).send().await.refused(404, "not_found");
    let recused = step_back(json!({ "reason": "曾任该单位顾问" })).await.expect(200);
    assert_eq!((&recused["status"], &recused["recusal_reason"]), (&json!("recused"), &json!("曾任该单位顾问")));
    step_back(json!({ "reason": "曾任该单位顾问" })).await.refused(409, "invalid_state");
    let form = world.review_form(4_500_000, 4_500_000);
    world.give_review(&experts[1], &case.redemption, form.clone()).await.refused(409, "invalid_state");
    for expert in [&experts[0], &experts[2]] {
        world.give_review(expert, &case.redemption, form.clone()).await.expect(200);
    }
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused_by("invalid_state", "15.4");

    let panel = case.tell(&world, "panel", json!({})).await.expect(200);
    assert_eq!(drawn(&panel), [spare.user_id.as_str()]);
    assert_eq!(panel["size"], 3);
    let reason = |expert: &Account| {
        let excluded = panel["excluded"].as_array().unwrap().iter();
        excluded.clone().find(|one| one["expert_id"] == json!(expert.user_id)).unwrap()["reason"].clone()
    };
    assert_eq!([0, 1, 2].map(|place| reason(&experts[place])), ["already_on_panel", "recused", "already_on_panel"]);
    assert_eq!(case.read(&world, "/panel").await["draws"].as_array().unwrap().len(), 2);
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused(409, "invalid_state");
    world.give_review(&spare, &case.redemption, form).await.expect(200);
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
}

async fn a_panel_that_nobody_can_complete_is_made_smaller(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let review = world.review_of(&experts[0], &case.redemption).await;
    let body = json!({ "reason": "时间冲突" });
    world.post(&format!("/reviews/{}/recuse", id(&review))).by(&experts[0]).json(body).send().await.expect(200);
    case.tell(&world, "panel", json!({})).await.refused_by("invalid_state", "15.4");
    let named = json!({ "size": 2, "seed": "2026-03-02 开奖号码 0507" });
    let panel = case.tell(&world, "panel", named).await.expect(200);
    assert_eq!((&panel["drawn"], &panel["size"]), (&json!([]), &json!(2)));
    assert_eq!(panel["seed"], "", "a seed that drew nobody was not used");
    case.tell(&world, "panel", json!({})).await.refused(409, "invalid_state");
    for expert in &experts[1..] {
        world.give_review(expert, &case.redemption, world.review_form(4_500_000, 4_500_000)).await.expect(200);
    }
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
}

async fn a_panel_is_drawn_in_review_alone(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-02").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    for _ in 0..3 {
        world.expert().await;
    }
    let officer = world.officer().await;
    world.tell_redemption(&officer, &redemption, "panel", json!({})).await.refused(409, "invalid_state");
    for account in [&signed.facility, &signed.applicant, &world.auditor().await, &world.expert().await] {
        world.tell_redemption(account, &redemption, "panel", json!({})).await.refused(403, "forbidden");
    }
    assert_eq!(
        world.read(&officer, &format!("/redemptions/{redemption}/panel")).await,
        json!({ "size": 3, "draws": [] })
    );
}

async fn a_teams_experts_come_from_the_services_field(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (team, facility) = (world.team().await, world.facility().await);
    let voucher = id(&world.claim(&team, &cycle, 1_000_000).await);
    let contract = world.contract(&team, &facility, &[&voucher], 2_000_000, "2026-03-02").await;
    let redemption = world.redemption(&facility, &contract, 2_000_000).await;
    let officer = world.accepted_redemption(&team, &redemption).await;
    // The service is in new materials.
    let outsider = world.expert_with(json!({ "fields": ["next_generation_it"] })).await;
    let tied_by_name = world.expert_with(json!({ "employer_name": world.organization_name(&team).await })).await;
    let fitting = world.expert_with(json!({ "fields": ["new_materials"] })).await;
    let panel = world.tell_redemption(&officer, &redemption, "panel", json!({ "size": 1 })).await.expect(200);
    assert_eq!(drawn(&panel), [fitting.user_id.as_str()]);
    let reasons: Vec<_> =
        panel["excluded"].as_array().unwrap().iter().map(|one| (&one["expert_id"], &one["reason"])).collect();
    assert_eq!(
        reasons,
        [
            (&json!(outsider.user_id), &json!("field_mismatch")),
            (&json!(tied_by_name.user_id), &json!("same_organization"))
        ]
    );
}
