//! Experts, their fields and ties.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::{experts, users};

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
        /// For whom the expert worked before, and until when.
        pub earlier_work: Vec<voucher_domain::review::EarlierWork>,
    }
}

impl Expert {
    /// The experts whose accounts are in use, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn active(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        let in_use = users::table.filter(users::is_active.is(true)).select(users::id);
        Ok(experts::table.filter(experts::id.eq_any(in_use)).order(experts::id).load(tx)?)
    }
}
