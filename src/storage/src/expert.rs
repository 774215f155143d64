//! Experts, their fields and ties.

use uuid::Uuid;

use crate::aggregate::aggregate;
use crate::schema::experts;

aggregate! {
    /// Who reviews (Art. 15.4); the id is the account's.
    pub struct Expert in experts {
        /// The account.
        pub id: Uuid,
        /// Where the expert works.
        pub employer_name: Option<String>,
        /// The employer's 统一社会信用代码.
        pub employer_uscc: Option<String>,
        /// The fields the expert knows.
        pub fields: Vec<voucher_domain::applicant::Industry>,
        /// Organizations the expert has declared ties with.
        pub ties: Vec<Uuid>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}
