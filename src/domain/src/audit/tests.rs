//! The chain of seals: followed, and broken in every way.

use super::*;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// An id of version 7 of this instant.
fn id_at(text: &str, number: u128) -> Uuid {
    Uuid::from_u128(first_id_at(at(text)).as_u128() | 0x7000_8000_0000_0000_0000 | number)
}

const TEN: &str = "2026-03-02T10:00:00+08:00";

fn event(text: &str, number: u128, after: &'static str) -> Sealable<'static> {
    Sealable {
        id: id_at(text, number),
        occurred_at: at(text),
        actor_user_id: None,
        actor_role: Some("applicant"),
        action: "voucher_claimed",
        subject_kind: "voucher",
        subject_id: Uuid::from_u128(number),
        organization_id: Some(Uuid::from_u128(7)),
        cycle_id: None,
        before: None,
        after: Some(after),
        request_id: Uuid::from_u128(9),
    }
}

/// A sealed log: each event with its place and seal.
fn sealed(events: &[Sealable<'static>], sealed_at: Instant) -> Vec<(i64, String, Sealable<'static>)> {
    let mut end = SealEnd::default();
    let seal = |event: &Sealable<'static>| {
        let position = end.seal(sealed_at, event);
        (position, end.hash.clone(), *event)
    };
    events.iter().map(seal).collect()
}

fn check(log: &[(i64, String, Sealable<'static>)], sealed_at: Instant) -> Result<SealEnd, AuditFault> {
    let mut end = SealEnd::default();
    for (position, hash, event) in log {
        end.follow(&Seal { position: *position, event_id: event.id, sealed_at, hash }, Some(event))?;
    }
    Ok(end)
}

fn three() -> Vec<(i64, String, Sealable<'static>)> {
    sealed(&[event(TEN, 1, "{\"amount_fen\":1}"), event(TEN, 2, "{}"), event(TEN, 3, "{}")], at(TEN))
}

#[test]
fn a_chain_can_be_followed_from_its_beginning() {
    let end = check(&three(), at(TEN)).unwrap();
    assert_eq!((end.position, end.latest), (3, Some(at(TEN))));
}

#[test]
fn the_seal_is_what_anybody_reckons_from_the_export() {
    // Python: for each field f"{len(f.encode())}:{f}\n", for None "-\n"; sha256 of all.
    assert_eq!(three()[0].1, "b746f5d8b9553da7f19d14fb25daf848f689d9e23439f914553d0ecf360563ed");
}

#[test]
fn lengths_keep_the_fields_apart() {
    let moved = Sealable { action: "voucher_claimedvoucher", subject_kind: "", ..event(TEN, 1, "{}") };
    let end = SealEnd::default();
    assert_ne!(end.would_be(at(TEN), &moved), end.would_be(at(TEN), &event(TEN, 1, "{}")));
    let absent = Sealable { after: None, before: Some("{}"), ..event(TEN, 1, "{}") };
    assert_ne!(end.would_be(at(TEN), &absent), end.would_be(at(TEN), &event(TEN, 1, "{}")));
}

#[test]
fn every_change_is_found_where_it_is() {
    let mut altered = three();
    altered[1].2.after = Some("{\"amount_fen\":2}");
    let event_id = altered[1].2.id;
    assert_eq!(check(&altered, at(TEN)), Err(AuditFault::Altered { position: 2, event_id }));
    let mut missing = three();
    missing.remove(1);
    assert_eq!(check(&missing, at(TEN)), Err(AuditFault::Gap { expected: 2, found: 3 }));
    // Sealed at another instant than it says.
    assert!(matches!(check(&three(), at("2026-03-02T10:00:01+08:00")), Err(AuditFault::Altered { position: 1, .. })));
    let (position, hash, event) = three().remove(0);
    let gone = Seal { position, event_id: event.id, sealed_at: at(TEN), hash: &hash };
    let fault = SealEnd::default().follow(&gone, None).unwrap_err();
    assert_eq!(fault, AuditFault::Missing { position: 1, event_id: event.id });
}

#[test]
fn what_comes_too_late_was_slipped_in() {
    let now = at("2026-03-02T12:00:00+08:00");
    let log = |dated: &str| sealed(&[event(TEN, 1, "{}"), event(dated, 2, "{}")], now);
    assert!(check(&log("2026-03-02T09:50:00+08:00"), now).is_ok());
    assert!(matches!(check(&log("2026-03-02T09:49:59+08:00"), now), Err(AuditFault::SlippedIn { position: 2, .. })));
    // An id of today, dated back.
    let dated_back = Sealable { occurred_at: at("2026-01-05T10:00:00+08:00"), ..event(TEN, 2, "{}") };
    let log = sealed(&[event(TEN, 1, "{}"), dated_back], now);
    assert!(matches!(check(&log, now), Err(AuditFault::SlippedIn { position: 2, .. })));
    // An id that carries no instant.
    let foreign = Sealable { id: Uuid::from_u128(u128::MAX), ..event(TEN, 2, "{}") };
    assert!(matches!(check(&sealed(&[event(TEN, 1, "{}"), foreign], now), now), Err(AuditFault::SlippedIn { .. })));
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_a_forger() {
    let mut end = SealEnd::default();
    let mut log = Vec::new();
    for (dated, number) in [("2026-06-02T10:00:00+08:00", 1), (TEN, 2), ("2026-03-02T10:00:05+08:00", 3)] {
        let event = event(dated, number, "{}");
        end.seal(at(dated), &event);
        log.push((end.position, end.hash.clone(), event));
    }
    let mut end = SealEnd::default();
    for (position, hash, event) in &log {
        let seal = Seal { position: *position, event_id: event.id, sealed_at: event.occurred_at, hash };
        end.follow(&seal, Some(event)).unwrap();
    }
}

#[test]
fn ids_carry_their_instants() {
    let made = id_at("2026-03-02T10:00:00.123456+08:00", 5);
    assert_eq!(instant_of(made), Some(at("2026-03-02T10:00:00.123999+08:00")));
    assert!(first_id_at(at("2026-03-02T10:00:00.123999+08:00")) <= made);
    assert!(first_id_at(at("2026-03-02T10:00:00.124+08:00")) > made);
    assert_eq!(instant_of(Uuid::from_u128(1)), None);
}
