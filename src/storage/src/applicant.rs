//! What applicants state about themselves.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::period::Instant;

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::profiles;

aggregate! {
    /// What an applicant states about itself (Art. 7); the id is the organization's.
    pub struct Profile in profiles {
        /// The organization.
        pub id: Uuid,
        /// The statement; none until it is first made.
        pub document: Option<voucher_domain::applicant::Profile>,
        /// When it was last stated.
        pub updated_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

impl Profile {
    /// The versions of these applicants' statements; those who are no applicants are left out.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn versions(tx: &mut Connection, ids: &[Uuid]) -> Result<Vec<(Uuid, i64)>, StorageError> {
        let rows = profiles::table.filter(profiles::id.among(ids.iter().copied()));
        Ok(rows.select((profiles::id, profiles::version)).load(tx)?)
    }

    /// Who has stated its facts, in the order of their ids, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn stated_ids(tx: &mut Connection, after: Option<Uuid>, limit: u16) -> Result<Vec<Uuid>, StorageError> {
        let rows = profiles::table
            .filter(profiles::document.is_not_null())
            .filter(profiles::id.greater(after.unwrap_or_default()));
        Ok(rows.order(profiles::id).limit(i64::from(limit)).select(profiles::id).load(tx)?)
    }
}
