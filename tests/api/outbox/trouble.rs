//! Quiet days and bad ones: sent once, or again until it is sent, and nothing lost.

use super::{Post, failure};
use crate::harness::{World, id};
use crate::on_both_stores;
use crate::smtp_server::message_id;

on_both_stores!(
    on_a_quiet_day_a_letter_is_sent_once,
    a_server_that_is_down_for_a_while_loses_nothing,
    a_server_that_is_too_busy_is_left_alone_for_a_while,
    what_is_refused_for_now_is_tried_again,
    a_letter_that_may_have_arrived_is_sent_again_as_the_same,
);

async fn on_a_quiet_day_a_letter_is_sent_once(world: World) {
    let mut post = Post::office(world).await;
    let voucher = post.letter().await;
    for _ in 0..3 {
        post.world.run_jobs();
    }
    post.world.at("2026-03-03T10:00:00+08:00");
    post.world.run_jobs();
    let received = post.server.received();
    assert_eq!(received.len(), 1);
    let letter = &received[0];
    let sent = post.outbox("sent").await;
    assert_eq!((sent[0]["subject_id"].as_str(), sent[0]["attempts"].as_i64()), (Some(id(&voucher).as_str()), Some(1)));
    assert_eq!(message_id(letter), format!("<{}@voucher.invalid>", id(&sent[0])));
    assert!(letter.contains(&format!("To: {}", post.applicant.email)), "{letter}");
    assert!(letter.contains("Content-Type: multipart/alternative"), "{letter}");
    assert!(letter.contains("Content-Type: text/plain; charset=utf-8"), "{letter}");
    assert!(letter.contains("Content-Type: text/html; charset=utf-8"), "{letter}");
    assert!(letter.contains("Date: Mon, 02 Mar 2026 02:00:00 +0000"), "{letter}");
}

async fn a_server_that_is_down_for_a_while_loses_nothing(world: World) {
    let mut post = Post::office(world).await;
    post.server.tell("down");
    for _ in 0..3 {
        post.letter().await;
    }
    post.world.run_jobs();
    let waiting = post.outbox("waiting").await;
    assert_eq!(waiting.len(), 3);
    // One was tried, for all of them.
    let attempts: i64 = waiting.iter().map(|letter| letter["attempts"].as_i64().unwrap()).sum();
    assert_eq!(attempts, 1);
    assert!(waiting.iter().any(|letter| !letter["last_error"].is_null()), "{waiting:?}");
    post.world.at("2026-03-02T10:00:29+08:00");
    post.server.tell("up");
    post.world.run_jobs();
    assert_eq!(post.server.received().len(), 0, "it is not tried before its time");
    post.server.tell("down");
    post.world.at("2026-03-02T10:00:30+08:00");
    post.world.run_jobs();
    post.server.tell("up");
    post.world.at("2026-03-02T10:02:00+08:00");
    post.world.run_jobs();
    let received = post.server.received();
    let mut ids: Vec<&str> = received.iter().map(|letter| message_id(letter)).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((received.len(), ids.len()), (3, 3));
    assert_eq!((post.outbox("sent").await.len(), post.outbox("waiting").await.len()), (3, 0));
}

async fn a_server_that_is_too_busy_is_left_alone_for_a_while(world: World) {
    let mut post = Post::office(world).await;
    post.server.tell("busy");
    post.letter().await;
    post.letter().await;
    post.world.run_jobs();
    let waiting = post.outbox("waiting").await;
    let attempts: Vec<i64> = waiting.iter().map(|letter| letter["attempts"].as_i64().unwrap()).collect();
    assert_eq!(attempts.iter().sum::<i64>(), 1, "{waiting:?}");
    let tried = waiting.iter().find(|letter| letter["attempts"] == 1).unwrap();
    assert!(failure(tried).contains("421"), "{tried}");
    post.server.tell("accept");
    post.world.at("2026-03-02T10:01:00+08:00");
    post.world.run_jobs();
    assert_eq!(post.server.received().len(), 2);
}

async fn what_is_refused_for_now_is_tried_again(world: World) {
    let mut post = Post::office(world).await;
    post.server.tell("temporary");
    post.letter().await;
    for instant in ["10:00:00", "10:00:30", "10:01:29", "10:01:30"] {
        post.world.at(&format!("2026-03-02T{instant}+08:00"));
        post.world.run_jobs();
    }
    let waiting = post.outbox("waiting").await;
    // Half a minute after the first attempt, a minute after the second, two after the third.
    assert_eq!((waiting.len(), waiting[0]["attempts"].as_i64()), (1, Some(3)));
    assert_eq!(waiting[0]["next_attempt_at"], "2026-03-02T10:03:30+08:00");
    assert!(failure(&waiting[0]).contains("451"), "{waiting:?}");
    post.server.tell("accept");
    post.world.at("2026-03-02T10:03:30+08:00");
    post.world.run_jobs();
    let sent = post.outbox("sent").await;
    assert_eq!((sent[0]["attempts"].as_i64(), &sent[0]["last_error"]), (Some(4), &serde_json::Value::Null));
    let received = post.server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(message_id(&received[0]), format!("<{}@voucher.invalid>", id(&sent[0])));
}

async fn a_letter_that_may_have_arrived_is_sent_again_as_the_same(world: World) {
    let mut post = Post::office(world).await;
    post.server.tell("break");
    post.letter().await;
    post.world.run_jobs();
    assert_eq!((post.server.received().len(), post.outbox("waiting").await.len()), (1, 1));
    post.server.tell("accept");
    post.world.at("2026-03-02T10:00:30+08:00");
    post.world.run_jobs();
    let received = post.server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(message_id(&received[0]), message_id(&received[1]));
    assert_eq!(post.outbox("sent").await.len(), 1);
}
