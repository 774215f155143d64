//! Organizations: applicants and facilities.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::actor::OrganizationKind;
use voucher_domain::period::Instant;

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
    }
}

impl Organization {
    /// Locks these organizations in the order of their ids, without reading them; absent ones are
    /// left out.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn hold_all(tx: &mut Connection, ids: &[Uuid]) -> Result<(), StorageError> {
        let rows = organizations::table.filter(organizations::id.among(ids.iter().copied())).order(organizations::id);
        for_update(rows.select(organizations::id)).load::<Uuid>(tx)?;
        Ok(())
    }

    /// The organization with this credit code.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find_by_uscc(transaction: &mut Connection, uscc: &str) -> Result<Option<Self>, StorageError> {
        Ok(organizations::table.filter(organizations::uscc.is(Some(uscc))).first(transaction).optional()?)
    }
}
