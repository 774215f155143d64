//! Organizations: applicants and facilities.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::actor::OrganizationKind;
use voucher_domain::period::{Day, Instant};

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::schema::organizations;

aggregate! {
    /// An enterprise, a team or a facility, to which accounts belong.
    pub struct Organization in organizations {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What it is.
        pub kind: OrganizationKind,
        /// What it is called.
        pub name: String,
        /// 统一社会信用代码, unique; a team has none.
        pub uscc: Option<String>,
        /// When it was entered.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// 法定代表人, where it is stated; a team has none.
        pub legal_representative: Option<String>,
        /// The last day of its longest ban that was not lifted (Art. 17); what the sanctions say, once more.
        pub banned_until: Option<Day>,
    }
}

impl Organization {
    /// Locks these organizations in the order of their ids, and reads of each only the last day of its ban;
    /// absent ones are left out.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn hold_all(tx: &mut Connection, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<Day>)>, StorageError> {
        let rows = organizations::table.filter(organizations::id.among(ids.iter().copied())).order(organizations::id);
        Ok(for_update(rows.select((organizations::id, organizations::banned_until))).load(tx)?)
    }

    /// Those that have a ban, over or not, which was not lifted: whose, and its last day.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every_banned(tx: &mut Connection) -> Result<Vec<(Uuid, Option<Day>)>, StorageError> {
        let banned = organizations::table.filter(organizations::banned_until.is_not_null());
        Ok(banned.order(organizations::id).select((organizations::id, organizations::banned_until)).load(tx)?)
    }

    /// The organization with this credit code.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find_by_uscc(transaction: &mut Connection, uscc: &str) -> Result<Option<Self>, StorageError> {
        Ok(organizations::table.filter(organizations::uscc.is(Some(uscc))).first(transaction).optional()?)
    }
}
