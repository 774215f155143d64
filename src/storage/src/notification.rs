//! What people are told in the application.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{Facts, NotificationKind};
use voucher_domain::period::Instant;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::notifications;

entry! {
    /// Something that one person was told.
    pub struct Notification in notifications {
        /// Version 7, so that ids sort by creation; the letter of it has the same.
        pub id: Uuid,
        /// Who.
        pub user_id: Uuid,
        /// What.
        pub kind: NotificationKind,
        /// What kind of thing it is about.
        pub subject_kind: SubjectKind,
        /// Which thing.
        pub subject_id: Uuid,
        /// What the wording is filled with.
        pub facts: Facts,
        /// When.
        pub created_at: Instant,
        /// When the person had read it.
        pub read_at: Option<Instant>,
    }
}

impl Notification {
    /// What one person was told, newest first; all of it, or what is not read yet.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_user(
        tx: &mut Connection,
        user_id: Uuid,
        unread_alone: bool,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut theirs = Self::all().filter(notifications::user_id.is(user_id));
        if unread_alone {
            theirs = theirs.filter(notifications::read_at.is_null());
        }
        Self::page(tx, theirs, before, limit)
    }

    /// Records when it was read; the first time stays.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn mark_read(tx: &mut Connection, id: Uuid, now: Instant) -> Result<(), StorageError> {
        let unread = notifications::table.filter(notifications::id.is(id)).filter(notifications::read_at.is_null());
        diesel::update(unread).set(notifications::read_at.to(Some(now))).execute(tx)?;
        Ok(())
    }
}
