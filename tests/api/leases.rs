//! Jobs run in every server, and each piece of work is done once (SPEC §5, ARCHITECTURE.md).

use innovation_voucher::services::lease;
use innovation_voucher::services::ports::Clock;

use crate::harness::World;
use crate::on_both_stores;

on_both_stores!(
    a_job_is_one_server_s_until_it_gives_it_back,
    a_server_that_dies_is_replaced,
    the_page_of_metrics_shows_how_far_the_jobs_are_behind,
);

async fn a_job_is_one_server_s_until_it_gives_it_back(world: World) {
    let other = world.beside().await;
    let done = lease::under(&world.program, "lapse", |turn| {
        assert!(lease::under(&other.program, "lapse", |_| panic!("two at once")).unwrap().is_none());
        // Another job is free.
        assert_eq!(lease::under(&other.program, "mail", |_| Ok(3)).unwrap(), Some(3));
        assert!(turn.goes_on().unwrap());
        Ok(7)
    });
    assert_eq!(done.unwrap(), Some(7));
    assert_eq!(lease::under(&other.program, "lapse", |_| Ok(1)).unwrap(), Some(1));
    // A failure gives it back too, and is no good end.
    assert!(lease::is_due_this_hour(&world.program, "notice").unwrap());
    let failed = lease::under(&world.program, "notice", |_| Err(voucher_domain::refusal::Refusal::not_found().into()));
    assert!(failed.is_err());
    assert!(lease::is_due_this_hour(&world.program, "notice").unwrap());
    assert_eq!(lease::under(&other.program, "notice", |_| Ok(0)).unwrap(), Some(0));
    assert!(!lease::is_due_this_hour(&world.program, "notice").unwrap());
    world.at("2026-03-02T11:00:00+08:00");
    assert!(lease::is_due_this_hour(&world.program, "notice").unwrap());
}

async fn a_server_that_dies_is_replaced(world: World) {
    let other = world.beside().await;
    let now = world.clock.now();
    // The first takes the job, and is never heard of again.
    let taken = world.program.store.write(|tx| {
        let expires_at = now.plus_seconds(30).unwrap();
        voucher_storage::lease::Lease::take(tx, "lapse", world.program.server_id, now, expires_at)
    });
    assert!(taken.unwrap());
    assert_eq!(lease::under(&other.program, "lapse", |_| Ok(1)).unwrap(), None);
    world.at("2026-03-02T10:00:29.999999+08:00");
    assert_eq!(lease::under(&other.program, "lapse", |_| Ok(1)).unwrap(), None);
    world.at("2026-03-02T10:00:30+08:00");
    let done = lease::under(&other.program, "lapse", |_| {
        // It comes back in the middle of it, and learns that the job is another's.
        assert_eq!(lease::under(&world.program, "lapse", |_| Ok(1)).unwrap(), None);
        Ok(2)
    });
    assert_eq!(done.unwrap(), Some(2));
}

async fn the_page_of_metrics_shows_how_far_the_jobs_are_behind(world: World) {
    let cycle = world.open_cycle(10_000_000).await;
    let (firm, other) = (world.enterprise().await, world.team().await);
    world.claim(&firm, &cycle, 1_000_000).await;
    world.run_jobs();
    world.at("2026-03-18T00:01:40+08:00");
    let page = async || String::from_utf8(world.get_outside("/metrics").await.bytes).unwrap();
    world.claim(&other, &cycle, 1_000_000).await;
    world.at("2026-03-18T00:01:45+08:00");
    let late = page().await;
    let succeeded = chrono::DateTime::parse_from_rfc3339("2026-03-02T10:00:00+08:00").unwrap().timestamp();
    for line in [
        format!("voucher_job_last_success_timestamp_seconds{{job=\"lapse\"}} {succeeded}"),
        "voucher_job_lag_seconds{job=\"lapse\"} 1346505".to_owned(),
        "voucher_lapse_oldest_due_seconds 105".to_owned(),
        "voucher_claims_oldest_untold_seconds 5".to_owned(),
        "voucher_outbox_oldest_waiting_seconds 0".to_owned(),
        "voucher_outbox_parked_letters 0".to_owned(),
    ] {
        assert!(late.lines().any(|found| found == line), "{line} is not in\n{late}");
    }
    world.run_jobs();
    let done = page().await;
    assert!(done.contains("voucher_lapse_oldest_due_seconds 0\n"), "{done}");
    assert!(done.contains("voucher_claims_oldest_untold_seconds 0\n"), "{done}");
    assert!(done.contains("voucher_job_lag_seconds{job=\"lapse\"} 0\n"), "{done}");
}
