//! Following the chain of seals over the log of events, a page at a time: however long the log is, no
//! more than a page of it is held.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;
use voucher_domain::audit::{AuditFault, Seal, SealEnd, earliest_on_time};
use voucher_domain::period::Instant;
use voucher_storage::audit::{AuditRoot, EventSeal};
use voucher_storage::event::Event;
use voucher_storage::{Connection, StorageError};

use super::{BATCH, Report, Stop};
use crate::services::audit::sealable;

impl From<AuditFault> for Stop {
    fn from(fault: AuditFault) -> Self {
        Self::Fault(format!("events: {fault}"))
    }
}

/// A part of the chain with the events that it seals.
struct Part {
    seals: Vec<EventSeal>,
    events: HashMap<Uuid, Event>,
}

impl Part {
    fn load(tx: &mut Connection, after: i64) -> Result<Self, StorageError> {
        let seals = EventSeal::after(tx, after, BATCH)?;
        let ids: Vec<Uuid> = seals.iter().map(|seal| seal.event_id).collect();
        let events = Event::find_all(tx, &ids)?.into_iter().map(|event| (event.id, event)).collect();
        Ok(Self { seals, events })
    }
}

/// Follows the chain from its beginning to its end, holds the published roots against it, and looks for
/// events that are in no place of it.
///
/// # Errors
/// The first event that is altered, missing, slipped in or exchanged.
pub(super) fn follow(tx: &mut Connection, now: Instant, report: &mut Report) -> Result<(), Stop> {
    // One a day.
    let mut roots: BTreeMap<i64, Vec<AuditRoot>> = BTreeMap::new();
    for root in AuditRoot::every(tx)? {
        roots.entry(root.position).or_default().push(root);
    }
    let mut end = SealEnd::default();
    loop {
        let part = Part::load(tx, end.position)?;
        if part.seals.is_empty() {
            break;
        }
        for seal in &part.seals {
            let event = part.events.get(&seal.event_id).map(sealable);
            end.follow(&told(seal), event.as_ref()).map_err(|fault| exchanged(&end, seal, &part).unwrap_or(fault))?;
            for root in roots.remove(&seal.position).unwrap_or_default() {
                if root.hash != seal.hash {
                    return Err(AuditFault::Root { day: root.day, position: root.position }.into());
                }
            }
            report.events = seal.position;
        }
        report.last_seal = Some(end.hash.clone());
    }
    // What was published lies beyond the end: the chain was cut off.
    if let Some(root) = roots.into_values().flatten().next() {
        return Err(AuditFault::Root { day: root.day, position: root.position }.into());
    }
    let Some(latest) = end.latest else { return Ok(()) };
    match Event::first_unsealed_before(tx, earliest_on_time(latest, now))? {
        None => Ok(()),
        Some(event) => Err(AuditFault::Unsealed { event_id: event.id, dated: event.occurred_at }.into()),
    }
}

fn told(seal: &EventSeal) -> Seal<'_> {
    Seal { position: seal.position, event_id: seal.event_id, sealed_at: seal.sealed_at, hash: &seal.hash }
}

/// Where a seal does not fit: whether an event a little further on is the one that was sealed here, under
/// the seal that stands here or under the one that stands there.
fn exchanged(end: &SealEnd, broken: &EventSeal, part: &Part) -> Option<AuditFault> {
    let position = end.position.saturating_add(1);
    let others = part.seals.iter().filter(|other| other.position > broken.position);
    let belongs = |other: &&EventSeal| {
        part.events.get(&other.event_id).map(sealable).is_some_and(|event| {
            end.would_be(broken.sealed_at, &event) == broken.hash || end.would_be(other.sealed_at, &event) == other.hash
        })
    };
    let other = others.into_iter().find(belongs)?;
    Some(AuditFault::Exchanged { position, other: other.position, event_id: other.event_id })
}
