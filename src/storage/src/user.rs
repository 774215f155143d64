//! Accounts of people.

use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::period::Instant;
use voucher_domain::privacy::Sealed;
use voucher_domain::text::Language;

use crate::aggregate::aggregate;
use crate::backend::query::Compare;
use crate::backend::{Connection, MultiBackend};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{users, vouchers};

aggregate! {
    /// An account of one person.
    pub struct User in users {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whom the person acts for; none for the commission's people and experts.
        pub organization_id: Option<Uuid>,
        /// What the account is for.
        pub role: Role,
        /// The person's name.
        pub name: String,
        /// Unique, in lower case; what people log in with.
        pub email: String,
        /// A telephone number, sealed.
        pub phone: Option<Sealed>,
        /// The hash of the password; none until one is set.
        pub password_hash: Option<String>,
        /// When the address was shown to be theirs; no login before.
        pub email_verified_at: Option<Instant>,
        /// Failed logins since the last good one.
        pub failed_logins: i32,
        /// Until when no login is tried.
        pub locked_until: Option<Instant>,
        /// Whether the account may be used at all.
        pub is_active: bool,
        /// The language of letters.
        pub language: Language,
        /// When it was opened.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// The same for equal telephone numbers, which cannot be told from it without the key.
        pub phone_index: Option<String>,
    }
}

/// What an account is let in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, diesel::Queryable)]
pub struct Standing {
    /// The account.
    pub id: Uuid,
    /// Whom the person acts for.
    pub organization_id: Option<Uuid>,
    /// What the account is for.
    pub role: Role,
    /// Whether the account may be used at all.
    pub is_active: bool,
    /// A voucher of theirs that has died and is not written so yet, where there is one.
    pub past_due: Option<Uuid>,
}

/// Somebody who can be told something: an account in use, whose address was proved.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Reader {
    /// The account.
    pub id: Uuid,
    /// Whom the person acts for.
    pub organization_id: Option<Uuid>,
    /// The person's name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The language of letters.
    pub language: Language,
}

impl User {
    /// Who can be told something of these organizations' matters, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn readers_of(tx: &mut Connection, organization_ids: &[Uuid]) -> Result<Vec<Reader>, StorageError> {
        let theirs = users::organization_id.among(organization_ids.iter().copied().map(Some));
        Ok(reachable().filter(theirs).select(reader_columns()).order(users::id).load(tx)?)
    }

    /// Who can be told something that concerns a role, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn readers_of_role(tx: &mut Connection, role: Role) -> Result<Vec<Reader>, StorageError> {
        Ok(reachable().filter(users::role.is(role)).select(reader_columns()).order(users::id).load(tx)?)
    }

    /// The person of this account, if one can be told something.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn reader(tx: &mut Connection, id: Uuid) -> Result<Option<Reader>, StorageError> {
        Ok(reachable().filter(users::id.is(id)).select(reader_columns()).first(tx).optional()?)
    }

    /// What these accounts are let in by, and whether they have vouchers of a claim year that are past their
    /// deadline; absent ones are left out.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn standings(
        tx: &mut Connection,
        ids: &[Uuid],
        claim_year: i32,
        now: Instant,
    ) -> Result<Vec<Standing>, StorageError> {
        // One voucher of each, not `EXISTS`: that, PostgreSQL may answer by reading the vouchers of everybody.
        let past_due = vouchers::table
            .filter(vouchers::applicant_id.nullable().eq(users::organization_id))
            .filter(vouchers::claim_year.is(claim_year))
            .filter(vouchers::lapses_at.at_most(Some(now)))
            .select(vouchers::id)
            .limit(1)
            .single_value();
        let columns = (users::id, users::organization_id, users::role, users::is_active, past_due);
        Ok(users::table.filter(users::id.among(ids.iter().copied())).select(columns).load(tx)?)
    }

    /// The account with this address; the case of its letters does not matter.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find_by_email(transaction: &mut Connection, email: &str) -> Result<Option<Self>, StorageError> {
        Ok(users::table.filter(users::email.is(email.to_lowercase())).first(transaction).optional()?)
    }

    /// The accounts of an organization, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_organization(
        transaction: &mut Connection,
        organization_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let theirs = Self::all().filter(users::organization_id.is(Some(organization_id)));
        Self::page(transaction, theirs, before, limit)
    }

    /// The accounts, newest first, of one role or of all.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        role: Option<Role>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(role) = role {
            rows = rows.filter(users::role.is(role));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The telephone numbers of an organization's accounts, sealed, by account.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn phones_of(tx: &mut Connection, organization_id: Uuid) -> Result<Vec<(Uuid, Sealed)>, StorageError> {
        let theirs = users::table.filter(users::organization_id.is(Some(organization_id))).into_boxed();
        sealed_phones(tx, theirs)
    }

    /// Those of them that are one of these, by their index.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn phones_of_among(
        tx: &mut Connection,
        organization_id: Uuid,
        indexes: &[String],
    ) -> Result<Vec<(Uuid, Sealed)>, StorageError> {
        let theirs = users::table
            .filter(users::organization_id.is(Some(organization_id)))
            .filter(users::phone_index.among(indexes.iter().cloned().map(Some)));
        sealed_phones(tx, theirs.into_boxed())
    }

    /// How many accounts have this role.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn count_of_role(tx: &mut Connection, role: Role) -> Result<i64, StorageError> {
        Ok(users::table.filter(users::role.is(role)).count().get_result(tx)?)
    }
}

fn sealed_phones(
    tx: &mut Connection,
    of: users::BoxedQuery<'_, MultiBackend>,
) -> Result<Vec<(Uuid, Sealed)>, StorageError> {
    let phones: Vec<(Uuid, Option<Sealed>)> = of.order(users::id).select((users::id, users::phone)).load(tx)?;
    Ok(phones.into_iter().filter_map(|(id, phone)| Some((id, phone?))).collect())
}

type ReaderColumns = (users::id, users::organization_id, users::name, users::email, users::language);

fn reader_columns() -> ReaderColumns {
    (users::id, users::organization_id, users::name, users::email, users::language)
}

/// The accounts in use whose address was proved.
fn reachable() -> users::BoxedQuery<'static, MultiBackend> {
    users::table.filter(users::is_active.is(true)).filter(users::email_verified_at.is_not_null()).into_boxed()
}
