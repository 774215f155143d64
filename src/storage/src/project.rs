//! Projects proposed to facilities.

use diesel::{ExpressionMethods, QueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::project::ProjectStatus;

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::projects;

aggregate! {
    /// What an applicant proposes to a facility (Art. 15.2).
    pub struct Project in projects {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who proposes.
        pub applicant_id: Uuid,
        /// To whom.
        pub facility_id: Uuid,
        /// Its state.
        pub status: ProjectStatus,
        /// What it is called.
        pub title: String,
        /// The research it is part of.
        pub research: String,
        /// Analysis, testing, inspection, research or compute.
        pub kind: voucher_domain::facility::ServiceKind,
        /// The services it wants.
        pub service_ids: Vec<Uuid>,
        /// The vouchers it means to use.
        pub voucher_ids: Vec<Uuid>,
        /// What it is expected to cost.
        pub planned_amount_fen: Money,
        /// Whether it is compulsory or statutory testing (Art. 5).
        pub is_statutory_testing: bool,
        /// Whether it has had municipal science funding (Art. 12).
        pub has_municipal_funding: bool,
        /// What the facility remarked last.
        pub remarks: String,
        /// When it was last submitted.
        pub submitted_at: Option<Instant>,
        /// When the facility decided.
        pub decided_at: Option<Instant>,
        /// When it was written.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

/// Which projects a list holds.
#[derive(Debug, Clone, Default)]
pub struct ProjectFilter {
    /// In this state.
    pub status: Option<ProjectStatus>,
    /// Of this applicant.
    pub applicant_id: Option<Uuid>,
    /// Proposed to this facility.
    pub facility_id: Option<Uuid>,
    /// Without those that were never submitted.
    pub submitted_alone: bool,
}

impl Project {
    /// The projects of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &ProjectFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(status) = filter.status {
            rows = rows.filter(projects::status.is(status));
        }
        if let Some(id) = filter.applicant_id {
            rows = rows.filter(projects::applicant_id.is(id));
        }
        if let Some(id) = filter.facility_id {
            rows = rows.filter(projects::facility_id.is(id));
        }
        if filter.submitted_alone {
            rows = rows.filter(projects::submitted_at.is_not_null());
        }
        Self::page(tx, rows, before, limit)
    }
}
