//! An expert who is silent does not hold a review up: an officer releases the review (Art. 15.4).

use serde_json::{Value, json};

use crate::harness::{Account, World, id};
use crate::on_both_stores;

on_both_stores!(
    who_is_silent_is_released_and_replaced,
    who_is_released_is_so_on_record,
    only_an_outstanding_review_is_released,
);

impl World {
    /// Closes the account of an expert.
    pub async fn close_account(&self, expert: &Account) {
        let admin = self.admin().await;
        let users = self.read(&admin, "/users?role=expert&limit=200").await;
        let user = users["items"].as_array().unwrap().iter().find(|user| user["id"] == json!(expert.user_id)).unwrap();
        let path = format!("/users/{}", expert.user_id);
        let close = self.patch(&path).by(&admin).if_match(&user["version"]).json(json!({ "is_active": false }));
        close.send().await.expect(200);
    }
}

fn silent() -> Value {
    json!({ "reason": " 逾期未评审,账号已停用 " })
}

async fn who_is_silent_is_released_and_replaced(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let form = world.review_form(4_500_000, 4_500_000);
    for expert in &experts[1..] {
        world.give_review(expert, &case.redemption, form.clone()).await.expect(200);
    }
    let review = id(&world.review_of(&experts[0], &case.redemption).await);
    world.close_account(&experts[0]).await;
    // The review waits for ever.
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused_by("invalid_state", "15.4");
    case.tell(&world, "panel", json!({ "size": 2 })).await.refused_by("invalid_state", "15.4");
    let released =
        world.post(&format!("/reviews/{review}/release")).by(&case.officer).json(silent()).send().await.expect(200);
    assert_eq!((&released["status"], &released["is_released"]), (&json!("recused"), &json!(true)));
    assert_eq!(released["recusal_reason"], "逾期未评审,账号已停用");
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.refused_by("invalid_state", "15.4");
    let another = world.expert().await;
    let drawn = case.tell(&world, "panel", json!({})).await.expect(200);
    assert_eq!(drawn["drawn"][0]["expert_id"], json!(another.user_id));
    world.give_review(&another, &case.redemption, form).await.expect(200);
    world.conclude(&case.officer, &case.redemption, 4_500_000).await.expect(200);
}

async fn who_is_released_is_so_on_record(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let review = id(&world.review_of(&experts[0], &case.redemption).await);
    let path = format!("/reviews/{review}");
    world.post(&format!("{path}/release")).by(&case.officer).json(silent()).send().await.expect(200);
    // An officer may have released somebody who comes back: the review is not theirs any more.
    let shown = world.read(&experts[0], &path).await;
    assert_eq!((shown.get("materials"), &shown["is_released"]), (None, &json!(true)));
    let form = world.review_form(4_500_000, 4_500_000);
    world.give_review(&experts[0], &case.redemption, form).await.refused_by("invalid_state", "15.4");
    case.tell(&world, "panel", json!({})).await.refused(409, "invalid_state");
    world.expert().await;
    let panel = case.tell(&world, "panel", json!({})).await.expect(200);
    let excluded = panel["excluded"].as_array().unwrap();
    let own = excluded.iter().find(|one| one["expert_id"] == json!(experts[0].user_id)).unwrap();
    assert_eq!(own["reason"], "recused");
    let events = world.read(&world.auditor().await, "/audit-events?action=review_released").await;
    assert_eq!(events["items"][0]["actor_user_id"], json!(case.officer.user_id));
    assert_eq!(events["items"][0]["subject_id"], json!(review));
    assert_eq!(events["items"][0]["after"]["recusal_reason"], "逾期未评审,账号已停用");
}

async fn only_an_outstanding_review_is_released(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let review = world.review_of(&experts[0], &case.redemption).await;
    let path = format!("/reviews/{}/release", id(&review));
    let release = |by: &Account, form: Value| world.post(&path).by(by).json(form).send();
    release(&case.officer, json!({ "reason": " " })).await.refused_field("reason");
    for stranger in [&experts[0], &case.signed.facility, &world.auditor().await] {
        release(stranger, silent()).await.refused(403, "forbidden");
    }
    let nowhere = "/reviews/01900000-0000-7000-8000-000000000000/release";
    world.post(nowhere).by(&case.officer).json(silent()).send().await.refused(404, "not_found");
    let form = world.review_form(4_500_000, 4_500_000);
    world.give_review(&experts[0], &case.redemption, form).await.expect(200);
    let old = world.post(&path).by(&case.officer).if_match(&review["version"]).json(silent()).send().await;
    old.refused(412, "precondition_failed");
    release(&case.officer, silent()).await.refused_by("invalid_state", "15.4");
    let given = case.read(&world, "/reviews").await["items"][0].clone();
    assert_eq!((&given["status"], &given["is_released"]), (&json!("submitted"), &json!(false)));
    // Nor one that its expert stepped back from.
    let other = id(&world.review_of(&experts[1], &case.redemption).await);
    let (recuse, release) = (format!("/reviews/{other}/recuse"), format!("/reviews/{other}/release"));
    world.post(&recuse).by(&experts[1]).json(json!({ "reason": "亲属" })).send().await.expect(200);
    world.post(&release).by(&case.officer).json(silent()).send().await.refused_by("invalid_state", "15.4");
}
