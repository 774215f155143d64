//! Notices, their items and objections.

use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::notice::{NoticeItemStatus, NoticeKind, ObjectionStatus};
use voucher_domain::period::{Deadline, Instant};
use voucher_domain::privacy::Sealed;

use crate::aggregate::{aggregate, entry};
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{notice_items, notices, objections};

entry! {
    /// A publication, open to objections (Art. 15.5).
    pub struct Notice in notices {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What is published.
        pub kind: NoticeKind,
        /// When.
        pub published_at: Instant,
        /// Until when anyone may object.
        pub deadline: Deadline,
        /// The same as an instant.
        pub expires_at: Instant,
        /// The officer who published.
        pub published_by: Uuid,
    }
}

aggregate! {
    /// One thing published in a notice.
    pub struct NoticeItem in notice_items {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The notice.
        pub notice_id: Uuid,
        /// What it is.
        pub subject_id: Uuid,
        /// Its state.
        pub status: NoticeItemStatus,
        /// What the public reads about it.
        pub public_facts: serde_json::Value,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// An objection of somebody who gives their name.
    pub struct Objection in objections {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The notice.
        pub notice_id: Uuid,
        /// The item it is about.
        pub item_id: Uuid,
        /// Its state.
        pub status: ObjectionStatus,
        /// Who objects, sealed.
        pub name: Sealed,
        /// How to reach them, sealed.
        pub contact: Sealed,
        /// Why.
        pub grounds: String,
        /// The amount it was changed to, if upheld.
        pub amount_fen: Option<Money>,
        /// Why it was resolved so.
        pub reasons: Option<String>,
        /// The officer who resolved it.
        pub resolved_by: Option<Uuid>,
        /// When.
        pub resolved_at: Option<Instant>,
        /// When it was made.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

/// Which notices a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoticeFilter {
    /// Of this kind.
    pub kind: Option<NoticeKind>,
    /// Still running at this instant.
    pub running_at: Option<Instant>,
    /// Ended by this instant.
    pub ended_at: Option<Instant>,
}

impl Notice {
    /// The notices of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: NoticeFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(kind) = filter.kind {
            rows = rows.filter(notices::kind.is(kind));
        }
        if let Some(now) = filter.running_at {
            rows = rows.filter(notices::expires_at.greater(now));
        }
        if let Some(now) = filter.ended_at {
            rows = rows.filter(notices::expires_at.at_most(now));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl NoticeItem {
    /// The items of these notices, in the order they were published.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_notices(tx: &mut Connection, notice_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let items = notice_items::table.filter(notice_items::notice_id.among(notice_ids.iter().copied()));
        Ok(items.order(notice_items::id).load(tx)?)
    }

    /// The item of a subject that stands in a notice, locked against other writers.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn lock_published(
        tx: &mut Connection,
        notice_id: Uuid,
        subject_id: Uuid,
    ) -> Result<Option<Self>, StorageError> {
        let item = notice_items::table
            .filter(notice_items::status.is(NoticeItemStatus::Published))
            .filter(notice_items::notice_id.is(notice_id))
            .filter(notice_items::subject_id.is(subject_id));
        Ok(for_update(item).get_result(tx).optional()?)
    }

    /// What of a kind has ended its notice without an open objection, and has not been settled: the
    /// subjects, in the order they were published.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn due_subjects(
        tx: &mut Connection,
        kind: NoticeKind,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<Uuid>, StorageError> {
        let ended =
            notices::table.filter(notices::kind.is(kind)).filter(notices::expires_at.at_most(now)).select(notices::id);
        let objected =
            objections::table.filter(objections::status.is(ObjectionStatus::Open)).select(objections::item_id);
        let due = notice_items::table
            .filter(notice_items::status.is(NoticeItemStatus::Published))
            .filter(notice_items::notice_id.eq_any(ended))
            .filter(notice_items::id.ne_all(objected))
            .order(notice_items::id)
            .select(notice_items::subject_id);
        Ok(due.limit(i64::from(limit)).load(tx)?)
    }
}

impl Objection {
    /// The objections to a notice's items, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_notice(
        tx: &mut Connection,
        notice_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        Self::page(tx, Self::all().filter(objections::notice_id.is(notice_id)), before, limit)
    }

    /// The items of the open objections to these items: an item comes once for each.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn open_by_item(tx: &mut Connection, item_ids: &[Uuid]) -> Result<Vec<Uuid>, StorageError> {
        let open = objections::table
            .filter(objections::status.is(ObjectionStatus::Open))
            .filter(objections::item_id.among(item_ids.iter().copied()));
        Ok(open.select(objections::item_id).load(tx)?)
    }

    /// The subjects of the open objections to these subjects, in whichever notice they were made: a
    /// subject comes once for each.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn open_by_subject(tx: &mut Connection, subject_ids: &[Uuid]) -> Result<Vec<Uuid>, StorageError> {
        let open = objections::table
            .inner_join(notice_items::table.on(notice_items::id.eq(objections::item_id)))
            .filter(objections::status.is(ObjectionStatus::Open))
            .filter(notice_items::subject_id.among(subject_ids.iter().copied()));
        Ok(open.select(notice_items::subject_id).load(tx)?)
    }
}
