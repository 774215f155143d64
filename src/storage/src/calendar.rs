//! The notices of rest days that were loaded while the server ran.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::period::{Day, DayKind, Instant};

use crate::aggregate::record;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::schema::calendar_years;

record! {
    /// The notice of a year, as it was last loaded.
    pub struct CalendarYear in calendar_years {
        /// The year.
        pub year: i32,
        /// The days it lists.
        pub days: Vec<(Day, DayKind)>,
        /// The officer who loaded it.
        pub loaded_by: Uuid,
        /// When.
        pub loaded_at: Instant,
        /// When what other servers reckoned in the meantime was recounted as well; none until then.
        pub settled_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

/// Which notices the store holds: the year and version of each.
pub type CalendarVersions = Vec<(i32, i64)>;

impl CalendarYear {
    /// Which notices are there, to be compared with what one knows.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn versions(tx: &mut Connection) -> Result<CalendarVersions, StorageError> {
        let columns = (calendar_years::year, calendar_years::version);
        Ok(calendar_years::table.order(calendar_years::year).select(columns).load(tx)?)
    }

    /// Every notice, by year.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        Ok(Self::all().order(calendar_years::year.asc()).load(tx)?)
    }

    /// The notice of a year.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn find(tx: &mut Connection, year: i32) -> Result<Option<Self>, StorageError> {
        Ok(calendar_years::table.find(year).first(tx).optional()?)
    }

    /// The notices, locked: who states one anew does so alone.
    ///
    /// # Errors
    /// `Contention` when others hold one for too long.
    pub fn lock_every(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        Ok(for_update(calendar_years::table.order(calendar_years::year)).load(tx)?)
    }

    /// Writes the notice of a year over the one before.
    ///
    /// # Errors
    /// `Stale` when there is none, or not of the version before.
    pub fn replace(tx: &mut Connection, row: &Self) -> Result<(), StorageError> {
        let stored = calendar_years::table
            .filter(calendar_years::year.is(row.year))
            .filter(calendar_years::version.is(row.version.saturating_sub(1)));
        let change = diesel::update(stored).set((
            calendar_years::days.to(&row.days),
            calendar_years::loaded_by.to(row.loaded_by),
            calendar_years::loaded_at.to(row.loaded_at),
            calendar_years::settled_at.to(row.settled_at),
            calendar_years::version.to(row.version),
        ));
        match change.execute(tx)? {
            1 => Ok(()),
            _ => Err(StorageError::Stale),
        }
    }

    /// Writes that every deadline has followed the notices that were loaded by an instant; how many.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn settle(tx: &mut Connection, loaded_by: Instant, now: Instant) -> Result<usize, StorageError> {
        let open = calendar_years::table
            .filter(calendar_years::settled_at.is_null())
            .filter(calendar_years::loaded_at.at_most(loaded_by));
        Ok(diesel::update(open).set(calendar_years::settled_at.to(Some(now))).execute(tx)?)
    }
}
