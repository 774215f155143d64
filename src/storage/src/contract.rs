//! Registered contracts.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::contract::ContractStatus;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::contracts;

aggregate! {
    /// A registered service contract (Art. 15.2).
    pub struct Contract in contracts {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The accepted project.
        pub project_id: Uuid,
        /// The applicant.
        pub applicant_id: Uuid,
        /// The facility.
        pub facility_id: Uuid,
        /// The policy that judges it.
        pub policy_id: String,
        /// Its state.
        pub status: ContractStatus,
        /// Its number, unique for the facility.
        pub number: String,
        /// The day both signed.
        pub signed_on: Day,
        /// Its first day.
        pub starts_on: Day,
        /// Its last day.
        pub ends_on: Day,
        /// What it is agreed to cost.
        pub amount_fen: Money,
        /// The day the service was complete, if recorded.
        pub completed_on: Option<Day>,
        /// What it really cost, if recorded.
        pub actual_amount_fen: Option<Money>,
        /// Why it was ended before the service.
        pub termination_reason: Option<String>,
        /// Until when the vouchers on it are valid: the earliest of theirs.
        pub valid_until: Deadline,
        /// Until when redemption must be asked for (Art. 15.3).
        pub redeem_by: Deadline,
        /// When it was registered.
        pub registered_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

/// Which contracts a list holds.
#[derive(Debug, Clone, Default)]
pub struct ContractFilter {
    /// In this state.
    pub status: Option<ContractStatus>,
    /// Of this applicant.
    pub applicant_id: Option<Uuid>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
}

impl Contract {
    /// The contracts of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: &ContractFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(status) = filter.status {
            rows = rows.filter(contracts::status.is(status));
        }
        if let Some(id) = filter.applicant_id {
            rows = rows.filter(contracts::applicant_id.is(id));
        }
        if let Some(id) = filter.facility_id {
            rows = rows.filter(contracts::facility_id.is(id));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The contracts of these two parties that were signed on these days, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_parties(
        tx: &mut Connection,
        applicant_id: Uuid,
        facility_id: Uuid,
        signed_on: (Day, Day),
    ) -> Result<Vec<Self>, StorageError> {
        let theirs = contracts::table
            .filter(contracts::applicant_id.is(applicant_id))
            .filter(contracts::facility_id.is(facility_id))
            .filter(contracts::signed_on.between(signed_on.0, signed_on.1));
        Ok(theirs.order(contracts::id).load(tx)?)
    }
}
