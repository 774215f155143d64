//! How facilities join, what they want changed about themselves, and the neighbours' recognition
//! (Art. 6, 19).

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::facility::{ApplicationStatus, ChangeStatus, Condition, FacilityRegion};
use voucher_domain::period::{Day, Instant};
use voucher_domain::privacy::Sealed;

use crate::aggregate::{aggregate, entry};
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{facility_applications, facility_changes, recognition_agreements};

aggregate! {
    /// An application to become a facility, as it was handed in once (Art. 6).
    pub struct FacilityApplication in facility_applications {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whose.
        pub facility_id: Uuid,
        /// Its state.
        pub status: ApplicationStatus,
        /// What was stated about the six conditions.
        pub conditions: Vec<Condition>,
        /// Who handed it in.
        pub submitted_by: Uuid,
        /// When.
        pub submitted_at: Instant,
        /// What the officer said about it.
        pub remarks: Option<String>,
        /// The officer.
        pub decided_by: Option<Uuid>,
        /// When it was decided.
        pub decided_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// A change of a facility's particulars that an officer looks at before it holds.
    pub struct FacilityChange in facility_changes {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whose.
        pub facility_id: Uuid,
        /// Its state.
        pub status: ChangeStatus,
        /// How it would be: `domain::facility::LookedAt` as JSON, sealed.
        pub proposed: Sealed,
        /// Who proposed it.
        pub submitted_by: Uuid,
        /// When.
        pub submitted_at: Instant,
        /// What the officer said about it.
        pub remarks: Option<String>,
        /// The officer.
        pub decided_by: Option<Uuid>,
        /// When it was decided.
        pub decided_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

entry! {
    /// An agreement by which a region's facilities take vouchers (Art. 19).
    pub struct RecognitionAgreement in recognition_agreements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// With which region.
        pub region: FacilityRegion,
        /// Its first day.
        pub starts_on: Day,
        /// Its last day.
        pub ends_on: Day,
        /// The officer who entered it.
        pub entered_by: Uuid,
        /// When.
        pub created_at: Instant,
    }
}

impl FacilityApplication {
    /// The applications of a state and a facility, where one is asked for, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        status: Option<ApplicationStatus>,
        facility_id: Option<Uuid>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(status) = status {
            rows = rows.filter(facility_applications::status.is(status));
        }
        if let Some(id) = facility_id {
            rows = rows.filter(facility_applications::facility_id.is(id));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl FacilityChange {
    /// The changes of a state, where one is asked for, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        status: Option<ChangeStatus>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(status) = status {
            rows = rows.filter(facility_changes::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The change of a facility that waits for an officer.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn pending(tx: &mut Connection, facility_id: Uuid) -> Result<Option<Self>, StorageError> {
        let pending = facility_changes::table
            .filter(facility_changes::status.is(ChangeStatus::Pending))
            .filter(facility_changes::facility_id.is(facility_id));
        Ok(pending.first(tx).optional()?)
    }

    /// The same, locked against other writers.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn lock_pending(tx: &mut Connection, facility_id: Uuid) -> Result<Option<Self>, StorageError> {
        let pending = facility_changes::table
            .filter(facility_changes::status.is(ChangeStatus::Pending))
            .filter(facility_changes::facility_id.is(facility_id));
        Ok(for_update(pending).get_result(tx).optional()?)
    }
}

impl RecognitionAgreement {
    /// The agreements, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(tx: &mut Connection, before: Option<Uuid>, limit: u16) -> Result<Page<Self>, StorageError> {
        Self::page(tx, Self::all(), before, limit)
    }

    /// The first and last days of the agreements with a region.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn spans(tx: &mut Connection, region: FacilityRegion) -> Result<Vec<(Day, Day)>, StorageError> {
        let days = (recognition_agreements::starts_on, recognition_agreements::ends_on);
        let agreements = recognition_agreements::table.filter(recognition_agreements::region.is(region));
        Ok(agreements.select(days).load(tx)?)
    }
}
