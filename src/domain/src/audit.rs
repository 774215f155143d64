//! 第十八条: the chain that seals the log of events, so that years later anybody can be shown that none
//! was altered, taken out, slipped in or exchanged.
//!
//! One job seals every event once, in the order in which it sees them committed. Places are numbered
//! from 1 without gaps. A seal is the SHA-256, in lower-case hexadecimal, of the fifteen fields below in
//! this order: each its length in bytes in decimal, a colon, its UTF-8 text and a line feed; one that is
//! absent is a hyphen and a line feed.
//!
//! `position`, `sealed_at`, the seal before (64 zeros for the first), then of the event `id`,
//! `occurred_at`, `actor_user_id`, `actor_role`, `action`, `subject_kind`, `subject_id`,
//! `organization_id`, `cycle_id`, `before`, `after`, `request_id`. Instants and ids are written as the API
//! shows them, `before` and `after` as they were written down (the export as JSON lines has them so).
//!
//! At the end of each day the last seal is published as the day's root: whoever keeps a root needs to
//! trust nobody for what lies before it.

use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::attempt::BEGINNING;
use crate::hexadecimal::hexadecimal;
use crate::period::{Day, Instant};

/// An event is sealed within a second or two of its commit; one that is older by so many seconds than
/// what was sealed before it came by another way. Longer than any transaction, and any difference between
/// the clocks of servers.
pub const LATEST_SECONDS: i64 = 600;

/// An event as it is sealed.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Sealable<'a> {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub occurred_at: Instant,
    /// Who did it.
    pub actor_user_id: Option<Uuid>,
    /// In which role.
    pub actor_role: Option<&'a str>,
    /// What was done.
    pub action: &'a str,
    /// To what kind of thing.
    pub subject_kind: &'a str,
    /// To which.
    pub subject_id: Uuid,
    /// The organization it concerns.
    pub organization_id: Option<Uuid>,
    /// The cycle it concerns.
    pub cycle_id: Option<Uuid>,
    /// The thing before, as it was written.
    pub before: Option<&'a str>,
    /// The thing after, as it was written.
    pub after: Option<&'a str>,
    /// The request that did it.
    pub request_id: Uuid,
}

/// What a place of the chain says.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    /// Its number.
    pub position: i64,
    /// The event that it seals.
    pub event_id: Uuid,
    /// When it was sealed.
    pub sealed_at: Instant,
    /// The seal.
    pub hash: &'a str,
}

/// Where the log is not what was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuditFault {
    /// A place is missing.
    #[error("seal {found} stands where {expected} should: seals were taken out")]
    Gap {
        /// The number that should stand there.
        expected: i64,
        /// The number that stands there.
        found: i64,
    },
    /// A sealed event is gone.
    #[error("event {event_id}, sealed as number {position}, is not there")]
    Missing {
        /// Its place.
        position: i64,
        /// The event.
        event_id: Uuid,
    },
    /// An event, or its seal, is not as it was.
    #[error("event {event_id}, number {position}, is not what was sealed")]
    Altered {
        /// Its place.
        position: i64,
        /// The event.
        event_id: Uuid,
    },
    /// Two places were exchanged.
    #[error("numbers {position} and {other} were exchanged: event {event_id} was sealed as number {position}")]
    Exchanged {
        /// The first place.
        position: i64,
        /// The other.
        other: i64,
        /// The event that belongs to the first place.
        event_id: Uuid,
    },
    /// An event was sealed long after those of its time.
    #[error(
        "event {event_id}, number {position}, is dated {dated}, but others of {latest} were sealed before it: it was slipped in"
    )]
    SlippedIn {
        /// Its place.
        position: i64,
        /// The event.
        event_id: Uuid,
        /// What it is dated.
        dated: Instant,
        /// The latest that was sealed before it.
        latest: Instant,
    },
    /// An event of long ago is in no place.
    #[error("event {event_id}, dated {dated}, was never sealed: it was slipped in")]
    Unsealed {
        /// The event.
        event_id: Uuid,
        /// What it is dated.
        dated: Instant,
    },
    /// The published root of a day is another one.
    #[error("the root of {day} is not what number {position} says")]
    Root {
        /// The day.
        day: Day,
        /// The place that it names.
        position: i64,
    },
}

/// The end of the chain: what the next seal follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealEnd {
    /// The number of the last seal; 0 before the first.
    pub position: i64,
    /// The last seal.
    pub hash: String,
    /// The latest instant that a sealed event is dated.
    pub latest: Option<Instant>,
}

impl Default for SealEnd {
    fn default() -> Self {
        Self { position: 0, hash: BEGINNING.to_owned(), latest: None }
    }
}

impl SealEnd {
    /// Seals the next event; its number. The chain ends with it then.
    pub fn seal(&mut self, sealed_at: Instant, event: &Sealable<'_>) -> i64 {
        let position = self.position.saturating_add(1);
        let hash = hash(position, sealed_at, &self.hash, event);
        self.go_on(position, hash, sealed_at, event);
        position
    }

    /// Goes on over the next seal, if it and its event are what was sealed.
    ///
    /// # Errors
    /// The fault, naming the place and the event.
    pub fn follow(&mut self, seal: &Seal<'_>, event: Option<&Sealable<'_>>) -> Result<(), AuditFault> {
        let expected = self.position.saturating_add(1);
        let (position, event_id) = (seal.position, seal.event_id);
        if position != expected {
            return Err(AuditFault::Gap { expected, found: position });
        }
        let Some(event) = event else { return Err(AuditFault::Missing { position, event_id }) };
        if self.would_be(seal.sealed_at, event) != seal.hash {
            return Err(AuditFault::Altered { position, event_id });
        }
        let dated = dated(event);
        if let Some(latest) = self.latest.filter(|latest| is_late(dated, *latest, seal.sealed_at)) {
            return Err(AuditFault::SlippedIn { position, event_id, dated, latest });
        }
        self.go_on(position, seal.hash.to_owned(), seal.sealed_at, event);
        Ok(())
    }

    /// What the next seal would be, were it this event's.
    pub fn would_be(&self, sealed_at: Instant, event: &Sealable<'_>) -> String {
        hash(self.position.saturating_add(1), sealed_at, &self.hash, event)
    }

    fn go_on(&mut self, position: i64, hash: String, sealed_at: Instant, event: &Sealable<'_>) {
        // One that is dated in the future says nothing about those that come after it.
        let dated = dated(event).min(sealed_at);
        *self = Self { position, hash, latest: self.latest.max(Some(dated)) };
    }
}

/// Whether what is dated so came too late after others of the latest instant, by the clock of whoever
/// sealed it: a clock that was set back makes nobody a forger.
pub fn is_late(dated: Instant, latest: Instant, now: Instant) -> bool {
    dated < earliest_on_time(latest, now)
}

/// What may still be committed, when others of the latest instant have been sealed.
pub fn earliest_on_time(latest: Instant, now: Instant) -> Instant {
    let known = latest.min(now);
    known.plus_seconds(LATEST_SECONDS.saturating_neg()).unwrap_or(known)
}

/// When an event happened: what it is dated, or what its id says, whichever is earlier. An id without
/// an instant is not one of this program's, and as early as can be.
pub fn dated(event: &Sealable<'_>) -> Instant {
    instant_of(event.id)
        .map_or_else(|| Instant::from_utc(chrono::DateTime::UNIX_EPOCH), |made| made.min(event.occurred_at))
}

/// The instant that an id of version 7 carries, to the millisecond.
pub fn instant_of(id: Uuid) -> Option<Instant> {
    let (seconds, nanoseconds) = id.get_timestamp().filter(|_| id.get_version_num() == 7)?.to_unix();
    let utc = chrono::DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)?;
    // What an event is dated is finer; the end of the millisecond, so that it is the earlier one.
    Some(Instant::from_utc(utc.checked_add_signed(chrono::TimeDelta::microseconds(999))?))
}

/// No id of version 7 that carries this instant or a later one is smaller.
pub fn first_id_at(instant: Instant) -> Uuid {
    let milliseconds = u64::try_from(instant.utc().timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(u128::from(milliseconds).checked_shl(80).unwrap_or_default())
}

fn hash(position: i64, sealed_at: Instant, previous: &str, event: &Sealable<'_>) -> String {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string());
    let mut text = Canonical::default();
    text.add(Some(&position.to_string()));
    text.add(Some(&sealed_at.to_string()));
    text.add(Some(previous));
    text.add(Some(&event.id.to_string()));
    text.add(Some(&event.occurred_at.to_string()));
    text.add(id(event.actor_user_id).as_deref());
    text.add(event.actor_role);
    text.add(Some(event.action));
    text.add(Some(event.subject_kind));
    text.add(Some(&event.subject_id.to_string()));
    text.add(id(event.organization_id).as_deref());
    text.add(id(event.cycle_id).as_deref());
    text.add(event.before);
    text.add(event.after);
    text.add(Some(&event.request_id.to_string()));
    text.digest()
}

/// The fields as they are hashed.
#[derive(Default)]
struct Canonical(Sha256);

impl Canonical {
    fn add(&mut self, field: Option<&str>) {
        match field {
            Some(text) => {
                self.0.update(text.len().to_string());
                self.0.update(":");
                self.0.update(text);
                self.0.update("\n");
            }
            None => self.0.update("-\n"),
        }
    }

    fn digest(self) -> String {
        hexadecimal(self.0.finalize().as_slice())
    }
}

#[cfg(test)]
mod tests;
