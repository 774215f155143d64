//! What the log of events tells of accounts: how they came to be, who was let in, who was not (SPEC §4, §8).

use serde_json::{Value, json};

use crate::accounts::{refresh, tokens_of, try_login};
use crate::harness::{Account, World, id};
use crate::on_both_stores;

on_both_stores!(
    logins_are_on_record_with_whoever_was_let_in,
    a_login_of_nobody_is_no_event,
    a_token_in_two_hands_is_on_record_once,
    colleagues_come_and_go_on_record,
    how_an_account_came_to_be_is_on_record,
);

/// What was done to an account, the newest first, and by whom.
async fn done_to(world: &World, user: &str) -> Vec<(String, Value)> {
    let path = format!("/audit-events?subject_kind=user&subject_id={user}");
    let events = world.read(&world.auditor().await, &path).await;
    let events = events["items"].as_array().unwrap().iter();
    events.map(|event| (event["action"].as_str().unwrap().to_owned(), event["actor_user_id"].clone())).collect()
}

async fn actions(world: &World, user: &str) -> Vec<String> {
    done_to(world, user).await.into_iter().map(|(action, _)| action).collect()
}

async fn logins_are_on_record_with_whoever_was_let_in(world: World) {
    let firm: Account = world.enterprise().await;
    let before = actions(&world, &firm.user_id).await.len();
    try_login(&world, &firm.email, "not the password").await.refused(401, "unauthenticated");
    let tokens = tokens_of(&world, &firm.email).await;
    let log_out = || {
        let body = json!({ "refresh_token": tokens["refresh_token"] });
        world.post("/auth/logout").by(&firm).json(body).send()
    };
    log_out().await.expect(204);
    // The login is over already.
    log_out().await.expect(204);
    let done = done_to(&world, &firm.user_id).await;
    let known = |action: &str, by: Value| (action.to_owned(), by);
    let (own, nobody) = (json!(firm.user_id), Value::Null);
    assert_eq!(done.len(), before + 3);
    assert_eq!(done[..3], [known("logged_out", own.clone()), known("logged_in", own), known("login_failed", nobody)]);
    let event = world.read(&world.auditor().await, "/audit-events?action=login_failed").await["items"][0].clone();
    assert_eq!(event["organization_id"], json!(firm.organization_id));
    assert!(event.get("after").is_none_or(Value::is_null), "{event}");
}

async fn a_login_of_nobody_is_no_event(world: World) {
    let auditor = world.auditor().await;
    try_login(&world, "nobody@nowhere.test", "some long password").await.refused(401, "unauthenticated");
    assert_eq!(world.read(&auditor, "/audit-events?action=login_failed").await["items"], json!([]));
}

async fn a_token_in_two_hands_is_on_record_once(world: World) {
    let firm = world.enterprise().await;
    let tokens = tokens_of(&world, &firm.email).await;
    refresh(&world, &tokens).await.expect(200);
    for _ in 0..2 {
        refresh(&world, &tokens).await.refused(401, "unauthenticated");
    }
    let done = actions(&world, &firm.user_id).await;
    assert_eq!(done.iter().filter(|action| *action == "session_revoked").count(), 1, "{done:?}");
}

async fn colleagues_come_and_go_on_record(world: World) {
    let firm = world.enterprise().await;
    let form = json!({ "name": "赵强", "email": "zhao@firm.test", "phone": "010-12345678" });
    let colleague = id(&world.post("/me/organization/users").by(&firm).json(form).send().await.expect(201));
    world.delete(&format!("/me/organization/users/{colleague}")).by(&firm).send().await.expect(204);
    let by = json!(firm.user_id);
    let done = done_to(&world, &colleague).await;
    assert_eq!(done, [("colleague_removed".to_owned(), by.clone()), ("colleague_added".to_owned(), by)]);
}

async fn how_an_account_came_to_be_is_on_record(world: World) {
    let (registered, created) = (world.registered("enterprise").await, world.officer().await);
    assert_eq!(actions(&world, &registered.user_id).await.last().unwrap(), "user_registered");
    assert_eq!(actions(&world, &created.user_id).await.last().unwrap(), "user_created");
}
