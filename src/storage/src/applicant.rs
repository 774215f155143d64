//! What applicants state about themselves.

use uuid::Uuid;
use voucher_domain::period::Instant;

use crate::aggregate::aggregate;
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
