//! The chain that seals the events, and what is published of it. Extended by one job, never changed.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension};
use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::audit::first_id_at;
use voucher_domain::period::{Day, Instant};

use crate::aggregate::{entry, record};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::event::Event;
use crate::page::Page;
use crate::schema::{audit_roots, event_seals, events};

record! {
    /// An event's place in the chain.
    pub struct EventSeal in event_seals {
        /// From 1, without gaps.
        pub position: i64,
        /// The event.
        pub event_id: Uuid,
        /// When it was sealed.
        pub sealed_at: Instant,
        /// Over the seal before it and the event.
        pub hash: String,
    }
}

entry! {
    /// Where the chain stood when a day was over.
    pub struct AuditRoot in audit_roots {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The day.
        pub day: Day,
        /// The last seal of that day.
        pub position: i64,
        /// Its hash, which stands for every event before it.
        pub hash: String,
        /// When the day was closed.
        pub closed_at: Instant,
    }
}

/// Which events are asked for; what is not said is not asked.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// By this person.
    pub actor_user_id: Option<Uuid>,
    /// About this kind of thing.
    pub subject_kind: Option<String>,
    /// About this thing.
    pub subject_id: Option<Uuid>,
    /// This was done.
    pub action: Option<String>,
    /// Concerning this organization.
    pub organization_id: Option<Uuid>,
    /// Concerning this cycle.
    pub cycle_id: Option<Uuid>,
    /// By this request.
    pub request_id: Option<Uuid>,
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
    /// Ids from here on; carries the instant for the index.
    pub from_id: Option<Uuid>,
    /// Ids before this one.
    pub until_id: Option<Uuid>,
}

impl EventSeal {
    /// The end of the chain.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn last(tx: &mut Connection) -> Result<Option<Self>, StorageError> {
        Ok(event_seals::table.order(event_seals::position.desc()).first(tx).optional()?)
    }

    /// The seals after a place, in their order.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn after(tx: &mut Connection, position: i64, limit: u16) -> Result<Vec<Self>, StorageError> {
        let later = event_seals::table.filter(event_seals::position.greater(position));
        Ok(later.order(event_seals::position).limit(i64::from(limit)).load(tx)?)
    }

    /// The seals of these events, as far as they are sealed.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_events(tx: &mut Connection, event_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        Ok(event_seals::table.filter(event_seals::event_id.among(event_ids.iter().copied())).load(tx)?)
    }
}

impl AuditRoot {
    /// Whether a day is closed.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn is_closed(tx: &mut Connection, day: Day) -> Result<bool, StorageError> {
        let found: Option<Uuid> =
            audit_roots::table.filter(audit_roots::day.is(day)).select(audit_roots::id).first(tx).optional()?;
        Ok(found.is_some())
    }

    /// Every root, by its place in the chain.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        Ok(audit_roots::table.order((audit_roots::position, audit_roots::day)).load(tx)?)
    }
}

impl Event {
    /// Events from an id on that have no seal, in the order of their ids. The same span of both tables is
    /// looked at, so that a long chain costs nothing.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn unsealed(tx: &mut Connection, from: Uuid, limit: u16) -> Result<Vec<Self>, StorageError> {
        let seal = event_seals::event_id.eq(events::id).and(event_seals::event_id.at_least(from));
        Ok(events::table
            .left_join(event_seals::table.on(seal))
            .filter(events::id.at_least(from))
            .filter(event_seals::event_id.nullable().is_null())
            .order(events::id)
            .limit(i64::from(limit))
            .select(events::all_columns)
            .load(tx)?)
    }

    /// The first event before an instant that has no seal.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn first_unsealed_before(tx: &mut Connection, before: Instant) -> Result<Option<Self>, StorageError> {
        let end = first_id_at(before);
        let seal = event_seals::event_id.eq(events::id).and(event_seals::event_id.less(end));
        Ok(events::table
            .left_join(event_seals::table.on(seal))
            .filter(events::id.less(end))
            .filter(event_seals::event_id.nullable().is_null())
            .order(events::id)
            .select(events::all_columns)
            .first(tx)
            .optional()?)
    }

    /// The events that a filter lets through, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &EventFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = filter.actor_user_id {
            rows = rows.filter(events::actor_user_id.is(Some(id)));
        }
        if let Some(kind) = &filter.subject_kind {
            rows = rows.filter(events::subject_kind.is(kind.clone()));
        }
        if let Some(id) = filter.subject_id {
            rows = rows.filter(events::subject_id.is(id));
        }
        if let Some(action) = &filter.action {
            rows = rows.filter(events::action.is(action.clone()));
        }
        if let Some(id) = filter.organization_id {
            rows = rows.filter(events::organization_id.is(Some(id)));
        }
        if let Some(id) = filter.cycle_id {
            rows = rows.filter(events::cycle_id.is(Some(id)));
        }
        if let Some(id) = filter.request_id {
            rows = rows.filter(events::request_id.is(id));
        }
        Self::page(tx, within(rows, filter), before, limit)
    }
}

type Query<'a> = events::BoxedQuery<'a, crate::backend::MultiBackend>;

/// The span of time; ids bound what is looked at, the instants are what is asked for.
fn within<'a>(mut rows: Query<'a>, filter: &EventFilter) -> Query<'a> {
    if let Some(from) = filter.from {
        rows = rows.filter(events::occurred_at.at_least(from));
    }
    if let Some(until) = filter.until {
        rows = rows.filter(events::occurred_at.less(until));
    }
    if let Some(id) = filter.from_id {
        rows = rows.filter(events::id.at_least(id));
    }
    if let Some(id) = filter.until_id {
        rows = rows.filter(events::id.less(id));
    }
    rows
}
