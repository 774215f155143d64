//! Leases: which of several servers does a job at present.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::period::Instant;

use crate::aggregate::record;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::schema::leases;

record! {
    /// Who does a job, until when, and when it was last done to the end.
    pub struct Lease in leases {
        /// The job.
        pub name: String,
        /// The server that has it, or had it last.
        pub holder: Uuid,
        /// From this instant anybody may take it.
        pub expires_at: Instant,
        /// When the job last came to a good end.
        pub succeeded_at: Option<Instant>,
    }
}

impl Lease {
    /// Takes the lease, or keeps it for longer: whether it is the holder's now.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn take(
        tx: &mut Connection,
        name: &str,
        holder: Uuid,
        now: Instant,
        expires_at: Instant,
    ) -> Result<bool, StorageError> {
        let free = leases::table
            .filter(leases::name.is(name))
            .filter(leases::holder.is(holder).or(leases::expires_at.at_most(now)));
        let change = diesel::update(free).set((leases::holder.to(holder), leases::expires_at.to(expires_at)));
        if change.execute(tx)? == 1 {
            return Ok(true);
        }
        let row = Self { name: name.to_owned(), holder, expires_at, succeeded_at: None };
        Self::insert_or_ignore(tx, &row)
    }

    /// Keeps the lease for longer, if it is the holder's still: whether it is.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn keep(tx: &mut Connection, name: &str, holder: Uuid, expires_at: Instant) -> Result<bool, StorageError> {
        let held = leases::table.filter(leases::name.is(name)).filter(leases::holder.is(holder));
        Ok(diesel::update(held).set(leases::expires_at.to(expires_at)).execute(tx)? == 1)
    }

    /// Gives the lease back, if it is the holder's still; a good end is written down with its instant.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn release(
        tx: &mut Connection,
        name: &str,
        holder: Uuid,
        now: Instant,
        succeeded: bool,
    ) -> Result<(), StorageError> {
        let held = || leases::table.filter(leases::name.is(name.to_owned())).filter(leases::holder.is(holder));
        if succeeded {
            let end = (leases::expires_at.to(now), leases::succeeded_at.to(Some(now)));
            diesel::update(held()).set(end).execute(tx)?;
        } else {
            diesel::update(held()).set(leases::expires_at.to(now)).execute(tx)?;
        }
        Ok(())
    }

    /// When a job last came to a good end.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn last_success(tx: &mut Connection, name: &str) -> Result<Option<Instant>, StorageError> {
        let found: Vec<Option<Instant>> =
            leases::table.filter(leases::name.is(name)).select(leases::succeeded_at).load(tx)?;
        Ok(found.into_iter().flatten().next())
    }

    /// Every lease, by name.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        Ok(Self::all().order(leases::name.asc()).load(tx)?)
    }
}
