//! What keeps personal details: the keys they are under, and bringing all of them under one.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::period::Instant;
use voucher_domain::privacy::{CorrectionField, CorrectionStatus, Place, Sealed};

use crate::aggregate::{aggregate, record};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::backend::types::{Cipher, Identifier};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{corrections, privacy_keys, unsealed_places};

record! {
    /// A key that details were sealed under, so that another one of the same id is not taken for it.
    pub struct PrivacyKey in privacy_keys {
        /// Its id.
        pub id: String,
        /// Tells it from another key; the key cannot be told from it.
        pub fingerprint: String,
        /// Since when details are sealed under it.
        pub first_used_at: Instant,
    }
}

record! {
    /// A place where details may be stored that were never sealed.
    pub struct UnsealedPlace in unsealed_places {
        /// The place.
        pub place: Place,
    }
}

aggregate! {
    /// A request to correct what is held about somebody.
    pub struct Correction in corrections {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who asks.
        pub user_id: Uuid,
        /// What is to be corrected.
        pub field: CorrectionField,
        /// What it should be, sealed.
        pub proposed: Sealed,
        /// Why.
        pub grounds: String,
        /// Its state.
        pub status: CorrectionStatus,
        /// What the administrator said about it.
        pub remarks: Option<String>,
        /// The administrator.
        pub decided_by: Option<Uuid>,
        /// When it was decided.
        pub decided_at: Option<Instant>,
        /// When it was asked for.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

impl PrivacyKey {
    /// Every key that details are sealed under.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        Ok(privacy_keys::table.order(privacy_keys::id).load(tx)?)
    }

    /// Forgets a key that nothing is sealed under any more.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn forget(tx: &mut Connection, id: &str) -> Result<(), StorageError> {
        diesel::delete(privacy_keys::table.filter(privacy_keys::id.is(id))).execute(tx)?;
        Ok(())
    }
}

impl UnsealedPlace {
    /// Every such place.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(tx: &mut Connection) -> Result<Vec<Place>, StorageError> {
        Ok(unsealed_places::table.select(unsealed_places::place).order(unsealed_places::place).load(tx)?)
    }

    /// Says that everything at a place is sealed.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn clear(tx: &mut Connection, place: Place) -> Result<(), StorageError> {
        diesel::delete(unsealed_places::table.filter(unsealed_places::place.is(place))).execute(tx)?;
        Ok(())
    }
}

impl Correction {
    /// The requests of a person and in a state, where these are asked for, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        user_id: Option<Uuid>,
        status: Option<CorrectionStatus>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = user_id {
            rows = rows.filter(corrections::user_id.is(id));
        }
        if let Some(status) = status {
            rows = rows.filter(corrections::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }
}

/// A stored detail, and the row it belongs to.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Stored {
    /// The row.
    #[diesel(sql_type = Identifier)]
    pub id: Uuid,
    /// The detail.
    #[diesel(sql_type = Cipher)]
    pub detail: Sealed,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Details at a place that do not begin so, of rows after this one, in the order of their ids.
///
/// # Errors
/// Failures of the store alone.
pub fn beginning_otherwise(
    tx: &mut Connection,
    place: Place,
    beginning: &str,
    after: Uuid,
    limit: u32,
) -> Result<Vec<Stored>, StorageError> {
    let (table, column) = place.table_and_column();
    let query = format!(
        "SELECT id, {column} AS detail FROM {table}
         WHERE {column} IS NOT NULL AND {column} NOT LIKE $1 AND id > $2 ORDER BY id LIMIT {limit}"
    );
    let rows = diesel::sql_query(query).bind::<Text, _>(format!("{beginning}%")).bind::<Identifier, _>(after);
    Ok(rows.load(tx)?)
}

/// How many details at a place begin so, or otherwise.
///
/// # Errors
/// Failures of the store alone.
pub fn count(tx: &mut Connection, place: Place, beginning: &str, begins_so: bool) -> Result<i64, StorageError> {
    let (table, column) = place.table_and_column();
    let not = if begins_so { "" } else { "NOT" };
    let query = format!("SELECT count(*) AS count FROM {table} WHERE {column} {not} LIKE $1");
    let counted: Option<Count> =
        diesel::sql_query(query).bind::<Text, _>(format!("{beginning}%")).get_result(tx).optional()?;
    Ok(counted.map_or(0, |counted| counted.count))
}

/// Puts a detail in the place of another one, if that is still there; `false` when it was changed since. The
/// row's version stays: what it tells is the same.
///
/// # Errors
/// Failures of the store alone.
pub fn replace(
    tx: &mut Connection,
    place: Place,
    id: Uuid,
    (from, to): (&Sealed, &Sealed),
    index: Option<&str>,
) -> Result<bool, StorageError> {
    let (table, column) = place.table_and_column();
    let replaced = if place.is_indexed() {
        let query = format!("UPDATE {table} SET {column} = $1, {column}_index = $2 WHERE id = $3 AND {column} = $4");
        let query = diesel::sql_query(query).bind::<Cipher, _>(to).bind::<Nullable<Text>, _>(index);
        query.bind::<Identifier, _>(id).bind::<Cipher, _>(from).execute(tx)?
    } else {
        let query = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3");
        let query = diesel::sql_query(query).bind::<Cipher, _>(to);
        query.bind::<Identifier, _>(id).bind::<Cipher, _>(from).execute(tx)?
    };
    Ok(replaced == 1)
}
