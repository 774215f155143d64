//! The job that seals every event once, in the order in which it sees them committed.
//!
//! Ids carry the instant at which their transaction began, and a transaction may be committed after a
//! younger one. So there are two looks: every second at what is younger than the last seal, and a little
//! before it; every minute at all that may still be committed ([`LATEST_SECONDS`]). What is older than
//! that is not sealed: `voucher verify` names it.
//!
//! Claims do not wait for it: it reads what is committed, and writes into tables of its own.

use uuid::Uuid;
use voucher_domain::audit::{SealEnd, earliest_on_time, first_id_at, instant_of};
use voucher_domain::period::Instant;
use voucher_storage::Connection;
use voucher_storage::audit::{AuditRoot, EventSeal};
use voucher_storage::event::Event;

use super::sealable;
use crate::services::lease::Turn;
use crate::services::{Failure, Outcome, Program};

/// How many are sealed in one transaction: few enough that they take little memory and nobody waits for them.
const BATCH: u16 = 1000;

/// So far before the last seal every look begins: most transactions are committed within it.
const OVERLAP_SECONDS: i64 = 3;

/// How far back a look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// A little before the last seal.
    Short,
    /// As far as anything may still be committed.
    Long,
}

/// Where a look begins; everything, before the first seal.
fn begins(last: Option<&EventSeal>, look: Look, now: Instant) -> Outcome<Uuid> {
    let Some(latest) = last.and_then(|last| instant_of(last.event_id)) else { return Ok(Uuid::nil()) };
    let since = match look {
        Look::Short => latest.min(now).plus_seconds(OVERLAP_SECONDS.saturating_neg())?,
        Look::Long => earliest_on_time(latest, now),
    };
    Ok(first_id_at(since))
}

/// Whether there is anything to seal, or a day to close: one short reading a second.
///
/// # Errors
/// When the store fails.
pub fn is_due(program: &Program) -> Outcome<bool> {
    let now = program.clock.now();
    program.store.read(|tx| {
        let last = EventSeal::last(tx)?;
        let from = begins(last.as_ref(), Look::Short, now)?;
        Ok(!Event::unsealed(tx, from, 1)?.is_empty() || day_to_close(tx, last.as_ref(), now)?.is_some())
    })
}

/// For how many seconds the oldest event that a short look finds has waited for its seal, and how many
/// events are sealed.
///
/// # Errors
/// When the store fails.
pub fn lag(tx: &mut Connection, now: Instant) -> Outcome<(i64, i64)> {
    let last = EventSeal::last(tx)?;
    let from = begins(last.as_ref(), Look::Short, now)?;
    let oldest = Event::unsealed(tx, from, 1)?;
    let waits = oldest.first().map_or(0, |event| event.occurred_at.seconds_until(now));
    Ok((waits, last.map_or(0, |last| last.position)))
}

/// Seals what has been committed since the last look; how many.
///
/// # Errors
/// When the store fails; what was sealed before stays so.
pub fn run(turn: &Turn<'_>) -> Outcome<usize> {
    seal_all(turn, Look::Short)
}

/// Seals what was committed late; how many.
///
/// # Errors
/// As [`run`].
pub fn run_late(turn: &Turn<'_>) -> Outcome<usize> {
    seal_all(turn, Look::Long)
}

fn seal_all(turn: &Turn<'_>, look: Look) -> Outcome<usize> {
    let program = turn.program;
    let mut from = None;
    let mut done: usize = 0;
    loop {
        // Once a round: whatever is sealed as of a day was looked at as of that day, and the one before is closed.
        let now = program.clock.now();
        close_day(program, now)?;
        let begun = match from {
            Some(reached) => reached,
            None => program.store.read(|tx| begins(EventSeal::last(tx)?.as_ref(), look, now))?,
        };
        let Some((sealed, reached)) = seal_batch(program, begun, now)? else { return Ok(done) };
        done = done.saturating_add(sealed);
        if sealed < usize::from(BATCH) || !turn.goes_on()? {
            return Ok(done);
        }
        from = Some(reached);
    }
}

/// Seals the next events from an id on: how many, and the last of them. Nothing when there is none, or
/// when another server has just sealed them.
fn seal_batch(program: &Program, from: Uuid, now: Instant) -> Outcome<Option<(usize, Uuid)>> {
    let (last, events) =
        program.store.read(|tx| -> Outcome<_> { Ok((EventSeal::last(tx)?, Event::unsealed(tx, from, BATCH)?)) })?;
    let Some(reached) = events.last().map(|event| event.id) else { return Ok(None) };
    // Never before the seal it follows: the look at all that is late may have begun earlier.
    let sealed_at = last.as_ref().map_or(now, |last| last.sealed_at.max(now));
    let mut end =
        last.map_or_else(SealEnd::default, |last| SealEnd { position: last.position, hash: last.hash, latest: None });
    let seals: Vec<EventSeal> = events
        .iter()
        .map(|event| {
            let position = end.seal(sealed_at, &sealable(event));
            EventSeal { position, event_id: event.id, sealed_at, hash: end.hash.clone() }
        })
        .collect();
    match program.store.write_aside(|tx| EventSeal::insert_all(tx, &seals)) {
        Ok(()) => Ok(Some((seals.len(), reached))),
        // A number is given once: the chain cannot fork, whoever else extends it.
        Err(error) if error.is_unique("event_seals_position") || error.is_unique("event_seals_event_id") => Ok(None),
        Err(error) => Err(Failure::from(error)),
    }
}

/// The last seal of a day that is over and not closed.
fn day_to_close(tx: &mut Connection, last: Option<&EventSeal>, now: Instant) -> Outcome<Option<EventSeal>> {
    let over = last.filter(|last| last.sealed_at.day() < now.day());
    match over {
        Some(last) if !AuditRoot::is_closed(tx, last.sealed_at.day())? => Ok(Some(last.clone())),
        Some(_) | None => Ok(None),
    }
}

/// Publishes the root of the last day on which anything was sealed, once it is over; before anything is
/// sealed on the next.
fn close_day(program: &Program, now: Instant) -> Outcome<()> {
    let due = program.store.read(|tx| {
        let last = EventSeal::last(tx)?;
        day_to_close(tx, last.as_ref(), now)
    })?;
    let Some(last) = due else { return Ok(()) };
    let root = AuditRoot {
        id: program.new_id(now),
        day: last.sealed_at.day(),
        position: last.position,
        hash: last.hash,
        closed_at: now,
    };
    program.store.write_aside(|tx| AuditRoot::insert_or_ignore(tx, &root))?;
    Ok(())
}
