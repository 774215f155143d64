//! What applicants state about themselves.

use diesel::{QueryDsl, RunQueryDsl};
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
    /// The versions of these statements, by organization.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn versions(tx: &mut Connection, ids: &[Uuid]) -> Result<Vec<(Uuid, i64)>, StorageError> {
        let rows = profiles::table.filter(profiles::id.among(ids.iter().copied()));
        Ok(rows.select((profiles::id, profiles::version)).load(tx)?)
    }
}
