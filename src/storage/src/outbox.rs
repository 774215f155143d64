//! Mails to be sent: written in the transaction of what they tell, sent later, at least once.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::period::Instant;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update_skip_locked};
use crate::error::StorageError;
use crate::schema::outbox;

entry! {
    /// A mail that waits to be sent, or was sent.
    pub struct OutboxMail in outbox {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The address.
        pub recipient: String,
        /// The subject line.
        pub subject: String,
        /// The text.
        pub body: String,
        /// When it was written.
        pub created_at: Instant,
        /// When it was handed over.
        pub sent_at: Option<Instant>,
        /// How often it was tried.
        pub attempts: i32,
        /// Not tried before this instant.
        pub next_attempt_at: Instant,
        /// Why the last attempt failed.
        pub last_error: Option<String>,
    }
}

impl OutboxMail {
    /// Takes at most `limit` mails that are due, the longest waiting first, and counts an attempt for
    /// each. No other worker gets them before `again_at`: a worker that dies leaves them to be sent then.
    ///
    /// # Errors
    /// Failures of the store alone.
    #[allow(clippy::arithmetic_side_effects, reason = "the addition is SQL")]
    pub fn take_due(
        transaction: &mut Connection,
        now: Instant,
        again_at: Instant,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let due = outbox::table
            .filter(outbox::sent_at.is_null())
            .filter(outbox::next_attempt_at.at_most(now))
            .order((outbox::next_attempt_at, outbox::id))
            .limit(i64::from(limit));
        let mut mails: Vec<Self> = for_update_skip_locked(due).load(transaction)?;
        let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
        diesel::update(outbox::table.filter(outbox::id.among(ids)))
            .set((outbox::attempts.eq(outbox::attempts + 1), outbox::next_attempt_at.to(again_at)))
            .execute(transaction)?;
        for mail in &mut mails {
            mail.attempts = mail.attempts.saturating_add(1);
            mail.next_attempt_at = again_at;
        }
        Ok(mails)
    }

    /// Records that the mail was handed over.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn mark_sent(transaction: &mut Connection, id: Uuid, now: Instant) -> Result<(), StorageError> {
        diesel::update(outbox::table.filter(outbox::id.is(id)))
            .set((outbox::sent_at.to(Some(now)), outbox::last_error.to(None::<String>)))
            .execute(transaction)?;
        Ok(())
    }

    /// Records that an attempt failed, and when to try again.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn mark_failed(
        transaction: &mut Connection,
        id: Uuid,
        error: &str,
        again_at: Instant,
    ) -> Result<(), StorageError> {
        diesel::update(outbox::table.filter(outbox::id.is(id)))
            .set((outbox::last_error.to(Some(error)), outbox::next_attempt_at.to(again_at)))
            .execute(transaction)?;
        Ok(())
    }
}
