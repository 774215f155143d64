//! Letters to be sent: written in the transaction of what they tell (of a claim: soon after it), sent later, at
//! least once.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{Facts, LetterState, NotificationKind};
use voucher_domain::period::Instant;
use voucher_domain::text::Language;

use crate::aggregate::entry;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update_skip_locked};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::outbox;

entry! {
    /// A letter that waits to be sent, or what became of it. It is kept as what it tells, and written
    /// out when it is sent.
    pub struct OutboxMail in outbox {
        /// Version 7, so that ids sort by creation; it makes the Message-ID.
        pub id: Uuid,
        /// Whose account it is for; none for an address without one.
        pub user_id: Option<Uuid>,
        /// The address.
        pub recipient: String,
        /// The name of the person.
        pub name: String,
        /// In which language it is written.
        pub language: Language,
        /// What it tells.
        pub kind: NotificationKind,
        /// What its wording is filled with; nothing once it is sent, for there may be secrets among it.
        pub facts: Facts,
        /// What kind of thing it is about.
        pub subject_kind: Option<SubjectKind>,
        /// Which thing.
        pub subject_id: Option<Uuid>,
        /// What became of it.
        pub state: LetterState,
        /// When it was put here.
        pub created_at: Instant,
        /// How often it was tried.
        pub attempts: i32,
        /// Not tried before this instant.
        pub next_attempt_at: Instant,
        /// When it was sent, parked or dropped.
        pub settled_at: Option<Instant>,
        /// Why the last attempt failed.
        pub last_error: Option<String>,
    }
}

impl OutboxMail {
    /// Takes at most `limit` letters that are due, the longest waiting first, and counts an attempt for
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
            .filter(outbox::state.is(LetterState::Waiting))
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

    /// Records that the letter was handed over, and forgets what it told.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn mark_sent(transaction: &mut Connection, id: Uuid, now: Instant) -> Result<(), StorageError> {
        let settled = (
            outbox::state.to(LetterState::Sent),
            outbox::settled_at.to(Some(now)),
            outbox::facts.to(Facts::default()),
            outbox::last_error.to(None::<String>),
        );
        diesel::update(outbox::table.filter(outbox::id.is(id))).set(settled).execute(transaction)?;
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

    /// Gives letters back that were taken and not tried: the attempt is not counted.
    ///
    /// # Errors
    /// Failures of the store alone.
    #[allow(clippy::arithmetic_side_effects, reason = "the subtraction is SQL")]
    pub fn put_back(transaction: &mut Connection, ids: &[Uuid], again_at: Instant) -> Result<(), StorageError> {
        let taken =
            outbox::table.filter(outbox::id.among(ids.iter().copied())).filter(outbox::state.is(LetterState::Waiting));
        diesel::update(taken)
            .set((outbox::attempts.eq(outbox::attempts - 1), outbox::next_attempt_at.to(again_at)))
            .execute(transaction)?;
        Ok(())
    }

    /// Gives the letter up, until an administrator sends it again.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn park(transaction: &mut Connection, id: Uuid, error: &str, now: Instant) -> Result<(), StorageError> {
        let settled = (
            outbox::state.to(LetterState::Parked),
            outbox::settled_at.to(Some(now)),
            outbox::last_error.to(Some(error)),
        );
        diesel::update(outbox::table.filter(outbox::id.is(id))).set(settled).execute(transaction)?;
        Ok(())
    }

    /// Records that the letter is not sent, for what it reminded of was done.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn drop_unsent(transaction: &mut Connection, id: Uuid, now: Instant) -> Result<(), StorageError> {
        let settled = (
            outbox::state.to(LetterState::Dropped),
            outbox::settled_at.to(Some(now)),
            outbox::facts.to(Facts::default()),
        );
        diesel::update(outbox::table.filter(outbox::id.is(id))).set(settled).execute(transaction)?;
        Ok(())
    }

    /// Puts a parked letter among the waiting ones again, with all its attempts before it; whether it
    /// was parked.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn unpark(transaction: &mut Connection, id: Uuid, now: Instant) -> Result<bool, StorageError> {
        let parked = outbox::table.filter(outbox::id.is(id)).filter(outbox::state.is(LetterState::Parked));
        let waiting = (
            outbox::state.to(LetterState::Waiting),
            outbox::settled_at.to(None::<Instant>),
            outbox::attempts.to(0),
            outbox::next_attempt_at.to(now),
        );
        Ok(diesel::update(parked).set(waiting).execute(transaction)? == 1)
    }

    /// The letters for an account, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_user(
        tx: &mut Connection,
        user_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        Self::page(tx, Self::all().filter(outbox::user_id.is(Some(user_id))), before, limit)
    }

    /// The letters, newest first, in one state or in all.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        transaction: &mut Connection,
        state: Option<LetterState>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(state) = state {
            rows = rows.filter(outbox::state.is(state));
        }
        Self::page(transaction, rows, before, limit)
    }
}

impl OutboxMail {
    /// When the letter was put here that has waited longest; none when none waits.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn longest_waiting(transaction: &mut Connection) -> Result<Option<Instant>, StorageError> {
        let waiting = outbox::table.filter(outbox::state.is(LetterState::Waiting));
        Ok(waiting.order(outbox::created_at).select(outbox::created_at).first(transaction).optional()?)
    }

    /// How many letters are parked.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn count_parked(transaction: &mut Connection) -> Result<i64, StorageError> {
        Ok(outbox::table.filter(outbox::state.is(LetterState::Parked)).count().get_result(transaction)?)
    }
}
