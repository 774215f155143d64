//! Answers kept under the key that a client sent, in the transaction of what they answer.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use voucher_domain::period::Instant;

use crate::aggregate::record;
use crate::backend::Connection;
use crate::backend::query::among_pairs;
use crate::error::StorageError;
use crate::schema::idempotency_keys;

record! {
    /// An answer that is given again when the same request comes again.
    pub struct IdempotencyKey in idempotency_keys {
        /// Whose key it is, and for which route: keys of different scopes never meet.
        pub scope: String,
        /// The key, as the client sent it.
        pub key: String,
        /// The hash of the request's body; the same key with another body is an error.
        pub request_hash: String,
        /// The status that was answered.
        pub status: i32,
        /// The body that was answered: JSON with both wordings of its messages; empty where there was none.
        pub body: String,
        /// When it was answered.
        pub created_at: Instant,
    }
}

impl IdempotencyKey {
    /// The answer kept under this key.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find(transaction: &mut Connection, scope: &str, key: &str) -> Result<Option<Self>, StorageError> {
        Ok(idempotency_keys::table.find((scope, key)).first(transaction).optional()?)
    }

    /// The answers kept under any of these keys (scope and key).
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find_many(tx: &mut Connection, keys: &[(&str, &str)]) -> Result<Vec<Self>, StorageError> {
        let pairs = among_pairs(idempotency_keys::scope, idempotency_keys::key, keys);
        Ok(idempotency_keys::table.filter(pairs).load(tx)?)
    }

    /// Keeps an answer, unless the key is taken: then `false`, and the transaction can go on. On
    /// PostgreSQL this waits for another transaction that is just keeping the same key.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn keep(transaction: &mut Connection, answer: &Self) -> Result<bool, StorageError> {
        Self::insert_or_ignore(transaction, answer)
    }
}
