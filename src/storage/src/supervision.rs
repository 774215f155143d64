//! Violations, statements, sanctions, clawbacks and their receipts (Art. 16, 17).

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::supervision::{
    ClawbackStatus, Measure, SanctionKind, SanctionStatus, ViolationKind, ViolationStatus,
};

use crate::aggregate::{aggregate, entry};
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{clawback_receipts, clawbacks, sanctions, violation_statements, violations};

aggregate! {
    /// What was found against an applicant or a facility.
    pub struct Violation in violations {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Against whom.
        pub organization_id: Uuid,
        /// What it is.
        pub kind: ViolationKind,
        /// Its state.
        pub status: ViolationStatus,
        /// What was found.
        pub facts: String,
        /// Until when the party may state its side.
        pub statement_by: Deadline,
        /// The officer who recorded it.
        pub recorded_by: Uuid,
        /// When.
        pub recorded_at: Instant,
        /// What the deciding officer finds.
        pub finding: Option<String>,
        /// The sanctions that officer proposes.
        pub measures: Option<Vec<Measure>>,
        /// That officer.
        pub decided_by: Option<Uuid>,
        /// When.
        pub decided_at: Option<Instant>,
        /// Who approved the sanctions, or dropped it.
        pub closed_by: Option<Uuid>,
        /// When.
        pub closed_at: Option<Instant>,
        /// Why it was dropped.
        pub closing_reasons: Option<String>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

entry! {
    /// What the party states about a violation; never changed.
    pub struct Statement in violation_statements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The violation.
        pub violation_id: Uuid,
        /// What is stated.
        pub statement: String,
        /// By whom.
        pub made_by: Uuid,
        /// When.
        pub made_at: Instant,
    }
}

aggregate! {
    /// A sanction that was approved.
    pub struct Sanction in sanctions {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What for.
        pub violation_id: Uuid,
        /// On whom.
        pub organization_id: Uuid,
        /// Which.
        pub kind: SanctionKind,
        /// The day it was decided.
        pub starts_on: Day,
        /// Its last day, where it has one.
        pub ends_on: Option<Day>,
        /// When it was decided.
        pub imposed_at: Instant,
        /// When all that was clawed back had come.
        pub fulfilled_at: Option<Instant>,
        /// The officer who lifted it.
        pub lifted_by: Option<Uuid>,
        /// When.
        pub lifted_at: Option<Instant>,
        /// Why.
        pub lift_reasons: Option<String>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// What is claimed back of what was paid for a redemption.
    pub struct Clawback in clawbacks {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The sanction.
        pub sanction_id: Uuid,
        /// From whom.
        pub organization_id: Uuid,
        /// What was paid.
        pub redemption_id: Uuid,
        /// Its state.
        pub status: ClawbackStatus,
        /// How much.
        pub amount_fen: Money,
        /// How much of it has come.
        pub received_fen: Money,
        /// When it was decided.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

entry! {
    /// Money that came for a clawback; never changed.
    pub struct Receipt in clawback_receipts {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The clawback.
        pub clawback_id: Uuid,
        /// How much.
        pub amount_fen: Money,
        /// The day it came.
        pub received_on: Day,
        /// The bank's reference, once for a clawback.
        pub reference: String,
        /// The officer who recorded it.
        pub recorded_by: Uuid,
        /// When.
        pub recorded_at: Instant,
    }
}

/// Which violations a list holds.
#[derive(Debug, Clone, Default)]
pub struct ViolationFilter {
    /// Against this party.
    pub organization_id: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<ViolationKind>,
    /// In one of these states.
    pub statuses: Option<Vec<ViolationStatus>>,
}

/// Which sanctions a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SanctionFilter {
    /// On this party.
    pub organization_id: Option<Uuid>,
    /// For this violation.
    pub violation_id: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<SanctionKind>,
    /// Standing so on a day.
    pub status: Option<(SanctionStatus, Day)>,
}

/// Which clawbacks a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClawbackFilter {
    /// From this party.
    pub organization_id: Option<Uuid>,
    /// In this state.
    pub status: Option<ClawbackStatus>,
}

impl Violation {
    /// The violations of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: ViolationFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = filter.organization_id {
            rows = rows.filter(violations::organization_id.is(id));
        }
        if let Some(kind) = filter.kind {
            rows = rows.filter(violations::kind.is(kind));
        }
        if let Some(statuses) = filter.statuses {
            rows = rows.filter(violations::status.among(statuses));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The violations in one state, of one party or of all, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn in_states(
        tx: &mut Connection,
        statuses: impl IntoIterator<Item = ViolationStatus>,
        organization_id: Option<Uuid>,
    ) -> Result<Vec<Self>, StorageError> {
        let mut rows = Self::all().filter(violations::status.among(statuses));
        if let Some(id) = organization_id {
            rows = rows.filter(violations::organization_id.is(id));
        }
        Ok(rows.order(violations::id).load(tx)?)
    }

    /// The same, of all, locked.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn lock_in_states(
        tx: &mut Connection,
        statuses: impl IntoIterator<Item = ViolationStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let rows = violations::table.filter(violations::status.among(statuses)).order(violations::id);
        Ok(for_update(rows).load(tx)?)
    }

    /// Which of these parties were found at fault in a case of their own; one comes once for each.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn at_fault_among(tx: &mut Connection, organization_ids: &[Uuid]) -> Result<Vec<Uuid>, StorageError> {
        let found = violations::table
            .filter(violations::status.is(ViolationStatus::Sanctioned))
            .filter(violations::organization_id.among(organization_ids.iter().copied()));
        Ok(found.select(violations::organization_id).load(tx)?)
    }
}

impl Statement {
    /// What was stated about a violation, the first first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_violation(tx: &mut Connection, violation_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all().filter(violation_statements::violation_id.is(violation_id));
        Ok(theirs.order(violation_statements::id).load(tx)?)
    }

    /// About which of these violations the party has stated its side; one comes once for each statement.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn heard_among(tx: &mut Connection, violation_ids: &[Uuid]) -> Result<Vec<Uuid>, StorageError> {
        let heard =
            violation_statements::table.filter(violation_statements::violation_id.among(violation_ids.iter().copied()));
        Ok(heard.select(violation_statements::violation_id).load(tx)?)
    }
}

impl Sanction {
    /// The sanctions of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: SanctionFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = filter.organization_id {
            rows = rows.filter(sanctions::organization_id.is(id));
        }
        if let Some(id) = filter.violation_id {
            rows = rows.filter(sanctions::violation_id.is(id));
        }
        if let Some(kind) = filter.kind {
            rows = rows.filter(sanctions::kind.is(kind));
        }
        match filter.status {
            None => {}
            Some((SanctionStatus::Lifted, _)) => rows = rows.filter(sanctions::lifted_at.is_not_null()),
            Some((SanctionStatus::Ended, today)) => {
                rows = rows
                    .filter(sanctions::lifted_at.is_null())
                    .filter(sanctions::fulfilled_at.is_not_null().or(sanctions::ends_on.less(Some(today))));
            }
            Some((SanctionStatus::InForce, today)) => {
                rows = rows
                    .filter(sanctions::lifted_at.is_null())
                    .filter(sanctions::fulfilled_at.is_null())
                    .filter(sanctions::ends_on.is_null().or(sanctions::ends_on.at_least(Some(today))));
            }
        }
        Self::page(tx, rows, before, limit)
    }

    /// The sanctions for these violations, in the order they were decided.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_violations(tx: &mut Connection, violation_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all().filter(sanctions::violation_id.among(violation_ids.iter().copied()));
        Ok(theirs.order(sanctions::id).load(tx)?)
    }

    /// Which of these parties' payments are suspended; one comes once for each suspension.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn suspended_among(tx: &mut Connection, organization_ids: &[Uuid]) -> Result<Vec<Uuid>, StorageError> {
        let suspended = sanctions::table
            .filter(sanctions::kind.is(SanctionKind::SuspendPayment))
            .filter(sanctions::lifted_at.is_null())
            .filter(sanctions::organization_id.among(organization_ids.iter().copied()));
        Ok(suspended.select(sanctions::organization_id).load(tx)?)
    }

    /// The last day of the longest ban of a party that was not lifted, whether or not it is over.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn banned_until(tx: &mut Connection, organization_id: Uuid) -> Result<Option<Day>, StorageError> {
        let bans = sanctions::table
            .filter(sanctions::kind.is(SanctionKind::Ban))
            .filter(sanctions::lifted_at.is_null())
            .filter(sanctions::organization_id.is(organization_id));
        let days: Vec<Option<Day>> = bans.select(sanctions::ends_on).load(tx)?;
        Ok(days.into_iter().flatten().max())
    }

    /// The bans that were not lifted: whose, and the last day of each.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every_ban(tx: &mut Connection) -> Result<Vec<(Uuid, Option<Day>)>, StorageError> {
        let bans =
            sanctions::table.filter(sanctions::kind.is(SanctionKind::Ban)).filter(sanctions::lifted_at.is_null());
        Ok(bans.order(sanctions::id).select((sanctions::organization_id, sanctions::ends_on)).load(tx)?)
    }

    /// The sanctions of a kind, in the order they were decided.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_kind(tx: &mut Connection, kind: SanctionKind) -> Result<Vec<Self>, StorageError> {
        Ok(Self::all().filter(sanctions::kind.is(kind)).order(sanctions::id).load(tx)?)
    }
}

impl Clawback {
    /// The clawbacks of a filter, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        filter: ClawbackFilter,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(id) = filter.organization_id {
            rows = rows.filter(clawbacks::organization_id.is(id));
        }
        if let Some(status) = filter.status {
            rows = rows.filter(clawbacks::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The clawbacks of these sanctions.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_sanctions(tx: &mut Connection, sanction_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        Ok(Self::all().filter(clawbacks::sanction_id.among(sanction_ids.iter().copied())).load(tx)?)
    }

    /// Everything that is claimed back of a redemption.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(Self::all().filter(clawbacks::redemption_id.is(redemption_id)).order(clawbacks::id).load(tx)?)
    }

    /// The clawbacks in the order of their ids, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn after(tx: &mut Connection, after: Option<Uuid>, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all().filter(clawbacks::id.greater(after.unwrap_or_default()));
        Ok(rows.order(clawbacks::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl Receipt {
    /// What came for these clawbacks, in the order it was recorded.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_clawbacks(tx: &mut Connection, clawback_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all().filter(clawback_receipts::clawback_id.among(clawback_ids.iter().copied()));
        Ok(theirs.order(clawback_receipts::id).load(tx)?)
    }
}
