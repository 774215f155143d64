//! Tokens that were given out, known by their hash alone.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::period::Instant;

use crate::aggregate::record;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::schema::{account_tokens, refresh_tokens};

/// What a mailed token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// To show that an address is one's own.
    VerifyEmail,
    /// To set a password without the old one.
    ResetPassword,
}

impl Code for TokenPurpose {
    const SET: &'static str = "token purpose";
    const ALL: &'static [Self] = &[Self::VerifyEmail, Self::ResetPassword];
    fn code(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

record! {
    /// A token that was mailed to somebody.
    pub struct AccountToken in account_tokens {
        /// The hash of the token.
        pub token_hash: String,
        /// Whose account it is about.
        pub user_id: Uuid,
        /// What it allows.
        pub purpose: TokenPurpose,
        /// At this instant it is too late.
        pub expires_at: Instant,
        /// When it was used; it works once.
        pub used_at: Option<Instant>,
    }
}

impl AccountToken {
    /// Uses the token up: the token if it is for this purpose, unused and in time, else nothing.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn take(
        transaction: &mut Connection,
        token_hash: &str,
        purpose: TokenPurpose,
        now: Instant,
    ) -> Result<Option<Self>, StorageError> {
        let usable = account_tokens::table
            .find(token_hash)
            .filter(account_tokens::purpose.is(purpose))
            .filter(account_tokens::used_at.is_null())
            .filter(account_tokens::expires_at.greater(now));
        let taken = diesel::update(usable)
            .set(account_tokens::used_at.to(Some(now)))
            .returning(account_tokens::all_columns)
            .get_result(transaction)
            .optional()?;
        Ok(taken)
    }

    /// Uses up every token for this purpose that was mailed for an account: none of them works any more.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn revoke_user(
        transaction: &mut Connection,
        user_id: Uuid,
        purpose: TokenPurpose,
        now: Instant,
    ) -> Result<(), StorageError> {
        let theirs = account_tokens::table
            .filter(account_tokens::user_id.is(user_id))
            .filter(account_tokens::purpose.is(purpose))
            .filter(account_tokens::used_at.is_null());
        diesel::update(theirs).set(account_tokens::used_at.to(Some(now))).execute(transaction)?;
        Ok(())
    }

    /// Removes what expired before this instant; how many.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn remove_expired(transaction: &mut Connection, before: Instant) -> Result<usize, StorageError> {
        let expired = account_tokens::table.filter(account_tokens::expires_at.less(before));
        Ok(diesel::delete(expired).execute(transaction)?)
    }
}

record! {
    /// A refresh token. Each login starts a family; each use spends the token and adds the next.
    pub struct RefreshToken in refresh_tokens {
        /// The hash of the token.
        pub token_hash: String,
        /// The login that it goes back to.
        pub family_id: Uuid,
        /// Whose it is.
        pub user_id: Uuid,
        /// When it was given out.
        pub created_at: Instant,
        /// At this instant it is too late.
        pub expires_at: Instant,
        /// When it was exchanged for the next.
        pub spent_at: Option<Instant>,
        /// When its family was revoked.
        pub revoked_at: Option<Instant>,
    }
}

impl RefreshToken {
    /// The tokens of an account that were not removed yet, the oldest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_user(tx: &mut Connection, user_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = refresh_tokens::table.filter(refresh_tokens::user_id.is(user_id));
        Ok(theirs.order((refresh_tokens::created_at, refresh_tokens::token_hash)).load(tx)?)
    }

    /// The token with this hash, as it is at this moment.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find(tx: &mut Connection, token_hash: &str) -> Result<Option<Self>, StorageError> {
        Ok(refresh_tokens::table.find(token_hash).first(tx).optional()?)
    }

    /// The token with this hash, locked until the transaction ends, so that it is spent once. The account it
    /// is of is locked before: whoever revokes all its tokens must not miss the next one.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn lock(transaction: &mut Connection, token_hash: &str) -> Result<Option<Self>, StorageError> {
        Ok(for_update(refresh_tokens::table.find(token_hash)).get_result(transaction).optional()?)
    }

    /// Marks the token as spent; `false` when it was spent or revoked before.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn spend(transaction: &mut Connection, token_hash: &str, now: Instant) -> Result<bool, StorageError> {
        let unspent = refresh_tokens::table
            .find(token_hash)
            .filter(refresh_tokens::spent_at.is_null())
            .filter(refresh_tokens::revoked_at.is_null());
        let spent = diesel::update(unspent).set(refresh_tokens::spent_at.to(Some(now))).execute(transaction)?;
        Ok(spent == 1)
    }

    /// Revokes every token that goes back to the same login.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn revoke_family(transaction: &mut Connection, family_id: Uuid, now: Instant) -> Result<(), StorageError> {
        let family = refresh_tokens::table
            .filter(refresh_tokens::family_id.is(family_id))
            .filter(refresh_tokens::revoked_at.is_null());
        diesel::update(family).set(refresh_tokens::revoked_at.to(Some(now))).execute(transaction)?;
        Ok(())
    }

    /// Revokes every token of an account.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn revoke_user(transaction: &mut Connection, user_id: Uuid, now: Instant) -> Result<(), StorageError> {
        let theirs = refresh_tokens::table
            .filter(refresh_tokens::user_id.is(user_id))
            .filter(refresh_tokens::revoked_at.is_null());
        diesel::update(theirs).set(refresh_tokens::revoked_at.to(Some(now))).execute(transaction)?;
        Ok(())
    }

    /// Removes what expired before this instant; how many.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn remove_expired(transaction: &mut Connection, before: Instant) -> Result<usize, StorageError> {
        let expired = refresh_tokens::table.filter(refresh_tokens::expires_at.less(before));
        Ok(diesel::delete(expired).execute(transaction)?)
    }
}
