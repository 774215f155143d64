//! Reminders that were given, and the secret addresses of calendar feeds.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::period::{Day, Instant};

use crate::aggregate::{entry, record};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::{deadline_feeds, reminders};

entry! {
    /// That somebody was reminded of a deadline so many days ahead. A deadline that moves is another one.
    pub struct Reminder in reminders {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who was reminded.
        pub user_id: Uuid,
        /// What the deadline is for.
        pub kind: DeadlineKind,
        /// In which part the reader acts.
        pub part: Part,
        /// What the thing is called.
        pub name: String,
        /// What kind of thing it is.
        pub subject_kind: SubjectKind,
        /// Which.
        pub subject_id: Uuid,
        /// The last day.
        pub last_day: Day,
        /// Its end.
        pub expires_at: Instant,
        /// How many days ahead.
        pub days_ahead: i32,
        /// When.
        pub created_at: Instant,
        /// The letter that tells it; none until it is written.
        pub letter_id: Option<Uuid>,
    }
}

impl Reminder {
    /// The reminders of these things.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_subjects(tx: &mut Connection, subject_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        Ok(reminders::table.filter(reminders::subject_id.among(subject_ids.iter().copied())).load(tx)?)
    }

    /// The reminders that no letter tells yet, those of one person together, after one person.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn unlettered(tx: &mut Connection, after: Option<Uuid>, limit: u16) -> Result<Vec<Self>, StorageError> {
        let mut rows = Self::all().filter(reminders::letter_id.is_null());
        if let Some(user_id) = after {
            rows = rows.filter(reminders::user_id.greater(user_id));
        }
        Ok(rows.order((reminders::user_id, reminders::id)).limit(i64::from(limit)).load(tx)?)
    }

    /// The reminders of a person that no letter tells yet, in the order they were given.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn unlettered_of(tx: &mut Connection, user_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all().filter(reminders::letter_id.is_null()).filter(reminders::user_id.is(user_id));
        Ok(theirs.order(reminders::id).load(tx)?)
    }

    /// The reminders that a letter tells.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_letter(tx: &mut Connection, letter_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(Self::all().filter(reminders::letter_id.is(Some(letter_id))).order(reminders::id).load(tx)?)
    }

    /// Writes which letter tells these reminders.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn told_by(tx: &mut Connection, ids: &[Uuid], letter_id: Uuid) -> Result<(), StorageError> {
        let these = reminders::table.filter(reminders::id.among(ids.iter().copied()));
        diesel::update(these).set(reminders::letter_id.to(Some(letter_id))).execute(tx)?;
        Ok(())
    }
}

record! {
    /// The secret address of somebody's calendar feed.
    pub struct DeadlineFeed in deadline_feeds {
        /// Whose deadlines it shows.
        pub user_id: Uuid,
        /// The digest of the secret.
        pub token_hash: String,
        /// When it was made.
        pub created_at: Instant,
    }
}

impl DeadlineFeed {
    /// Whose feed has this digest.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn user_of(tx: &mut Connection, token_hash: &str) -> Result<Option<Uuid>, StorageError> {
        let feed = deadline_feeds::table.filter(deadline_feeds::token_hash.is(token_hash));
        Ok(feed.select(deadline_feeds::user_id).first(tx).optional()?)
    }

    /// The address of somebody's feed, where there is one.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_user(tx: &mut Connection, user_id: Uuid) -> Result<Option<Self>, StorageError> {
        Ok(deadline_feeds::table.filter(deadline_feeds::user_id.is(user_id)).first(tx).optional()?)
    }

    /// Ends the address of somebody's feed; whether there was one.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn remove(tx: &mut Connection, user_id: Uuid) -> Result<bool, StorageError> {
        Ok(diesel::delete(deadline_feeds::table.filter(deadline_feeds::user_id.is(user_id))).execute(tx)? == 1)
    }
}
