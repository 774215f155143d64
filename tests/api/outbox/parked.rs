//! What cannot be sent is parked, and waits for an administrator.

use serde_json::{Value, json};
use uuid::Uuid;
use voucher_storage::outbox::OutboxMail;

use super::{Post, failure};
use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(
    a_refused_recipient_is_parked_and_holds_up_nobody,
    an_administrator_sends_a_parked_letter_again,
    what_is_no_address_is_parked,
    a_letter_is_given_up_after_all_its_attempts,
    the_outbox_shows_no_secrets,
);

/// A colleague of the applicant's, whose mailbox is gone later on.
async fn invite_gone(post: &Post) {
    post.world.keep_letters();
    let colleague = json!({ "name": "王芳", "email": "gone@firm.test" });
    post.world.post("/me/organization/users").by(&post.applicant).json(colleague).send().await.expect(201);
    post.world.accept_invitation("gone@firm.test").await;
    let url = format!("smtp://localhost:{}", post.server.port);
    post.world.send_letters_with(|mail| mail.smtp_url = url);
}

async fn a_refused_recipient_is_parked_and_holds_up_nobody(world: World) {
    let mut post = Post::office(world).await;
    invite_gone(&post).await;
    post.server.tell("permanent");
    post.letter().await;
    post.letter().await;
    post.world.run_jobs();
    let parked = post.outbox("parked").await;
    assert_eq!((parked.len(), post.outbox("sent").await.len(), post.outbox("waiting").await.len()), (2, 2, 0));
    for letter in &parked {
        assert_eq!((&letter["recipient"], &letter["attempts"]), (&json!("gone@firm.test"), &json!(1)));
        assert_eq!(
            (&letter["settled_at"], &letter["next_attempt_at"]),
            (&json!("2026-03-02T10:00:00+08:00"), &Value::Null)
        );
        assert!(failure(letter).contains("550") && failure(letter).contains("no such mailbox"), "{letter}");
    }
    post.world.at("2026-03-09T10:00:00+08:00");
    post.world.run_jobs();
    assert_eq!((post.server.received().len(), post.outbox("parked").await), (2, parked));
}

async fn an_administrator_sends_a_parked_letter_again(world: World) {
    let officer = world.officer().await;
    let mut post = Post::office(world).await;
    invite_gone(&post).await;
    post.server.tell("permanent");
    post.letter().await;
    post.world.run_jobs();
    let parked = post.outbox("parked").await;
    let path = format!("/outbox/{}/retry", id(&parked[0]));
    post.world.post(&path).by(&post.applicant).send().await.refused(403, "forbidden");
    post.world.get("/outbox").by(&officer).send().await.refused(403, "forbidden");
    let admin = post.world.admin().await;
    post.world.post(&format!("/outbox/{}/retry", Uuid::nil())).by(&admin).send().await.refused(404, "not_found");
    assert_eq!(post.outbox("parked").await, parked);

    post.server.tell("accept");
    let waiting = post.world.post(&path).by(&admin).send().await.expect(200);
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("waiting"), &json!(0)));
    post.world.post(&path).by(&admin).send().await.refused(409, "invalid_state");
    post.world.run_jobs();
    let sent = post.outbox("sent").await;
    assert_eq!((sent.len(), post.outbox("parked").await.len()), (2, 0));
    assert!(sent.iter().any(|letter| id(letter) == id(&parked[0])));
    assert!(post.server.received().iter().any(|letter| letter.contains("To: gone@firm.test")));
    post.world.post(&path).by(&admin).send().await.refused(409, "invalid_state");
}

async fn what_is_no_address_is_parked(world: World) {
    let mut post = Post::office(world).await;
    post.letter().await;
    let waiting = post.outbox("waiting").await;
    // The form of an address is checked when an account is opened: such a one can only be older.
    let other = Uuid::now_v7();
    let letter = Uuid::parse_str(&id(&waiting[0])).unwrap();
    let added = post.world.program.store.write(|tx| {
        let row = OutboxMail::find(tx, letter)?.unwrap();
        OutboxMail::insert(tx, &OutboxMail { id: other, recipient: "nobody".to_owned(), ..row })
    });
    added.unwrap();
    post.world.run_jobs();
    let parked = post.outbox("parked").await;
    assert_eq!((parked.len(), id(&parked[0])), (1, other.to_string()));
    assert!(failure(&parked[0]).contains("nobody"), "{parked:?}");
    assert_eq!(post.server.received().len(), 1);
}

async fn a_letter_is_given_up_after_all_its_attempts(world: World) {
    let mut post = Post::office(world).await;
    post.server.tell("temporary");
    post.letter().await;
    let most = i64::from(post.world.program.settings.mail.max_attempts);
    for attempt in 1..=most {
        post.world.run_jobs();
        if attempt < most {
            let waiting = post.outbox("waiting").await;
            assert_eq!(waiting[0]["attempts"], attempt);
            post.world.at(waiting[0]["next_attempt_at"].as_str().unwrap());
        }
    }
    let parked = post.outbox("parked").await;
    assert_eq!((parked.len(), &parked[0]["attempts"]), (1, &json!(most)));
    assert!(failure(&parked[0]).contains("451"), "{parked:?}");
    post.server.tell("accept");
    post.world.at("2026-03-10T10:00:00+08:00");
    post.world.run_jobs();
    assert_eq!(post.server.received().len(), 0);
}

async fn the_outbox_shows_no_secrets(world: World) {
    let admin = world.admin().await;
    let invitation = json!({ "role": "auditor", "name": "审计", "email": "auditor@voucher.test" });
    world.post("/users").by(&admin).json(invitation).send().await.expect(201);
    let shown = world.get("/outbox?state=waiting").by(&admin).send().await.expect(200);
    let token = world.token_for("auditor@voucher.test");
    assert_eq!(shown["items"][0]["kind"], "reset_password");
    assert!(!shown.to_string().contains(&token), "{shown}");
    // What was sent is forgotten: the store alone lets nobody in.
    let letter = Uuid::parse_str(&id(&shown["items"][0])).unwrap();
    let kept = world.program.store.read(|tx| OutboxMail::find(tx, letter)).unwrap().unwrap();
    assert_eq!(kept.facts.iter().count(), 0);
    world.get("/outbox?state=lost").by(&admin).send().await.refused(422, "validation_failed");
}
