//! The trace of every change: written in its transaction, never changed.

use diesel::QueryDsl;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::period::Instant;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::events;

entry! {
    /// Something that happened: who, when, what, before, after, by which request.
    pub struct Event in events {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// When.
        pub occurred_at: Instant,
        /// Who; none for the program's own jobs.
        pub actor_user_id: Option<Uuid>,
        /// In which role.
        pub actor_role: Option<Role>,
        /// What was done, `voucher.claimed`.
        pub action: String,
        /// What it was done to, `voucher`.
        pub subject_kind: String,
        /// Which one.
        pub subject_id: Uuid,
        /// The organization it concerns.
        pub organization_id: Option<Uuid>,
        /// The cycle it concerns.
        pub cycle_id: Option<Uuid>,
        /// The thing before, as JSON.
        pub before: Option<String>,
        /// The thing after, as JSON.
        pub after: Option<String>,
        /// The request that did it.
        pub request_id: Uuid,
    }
}

impl Event {
    /// What happened to one thing, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_subject(
        transaction: &mut Connection,
        subject_kind: &str,
        subject_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let of_it = Self::all().filter(events::subject_kind.is(subject_kind)).filter(events::subject_id.is(subject_id));
        Self::page(transaction, of_it, before, limit)
    }
}
