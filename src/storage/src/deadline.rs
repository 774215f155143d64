//! What is open and by when, read across the aggregates: for the lists of deadlines, for the reminders,
//! and for recounting when rest days are stated anew.

use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::contract::ContractStatus;
use voucher_domain::facility::FacilityStatus;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::project::ProjectStatus;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::review::ReviewStatus;
use voucher_domain::voucher::VoucherStatus;

use crate::applicant::Profile;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::contract::Contract;
use crate::error::StorageError;
use crate::facility::Facility;
use crate::notice::Notice;
use crate::redemption::Redemption;
use crate::schema::{contracts, facilities, notices, profiles, projects, redemptions, reviews, vouchers};

/// A voucher without what it was claimed on: its state and its deadlines.
#[derive(Debug, Clone, PartialEq, diesel::Queryable)]
pub struct VoucherDeadlines {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub number: String,
    /// The cycle it was claimed from.
    pub cycle_id: Uuid,
    /// Whose it is.
    pub applicant_id: Uuid,
    /// Its state.
    pub status: VoucherStatus,
    /// Until when a contract must be registered with it.
    pub register_by: Deadline,
    /// Until when it is valid, once registered.
    pub valid_until: Option<Deadline>,
    /// The contract it pays, if any.
    pub contract_id: Option<Uuid>,
    /// When its present state dies; none where nothing is due.
    pub lapses_at: Option<Instant>,
}

/// Where a list of vouchers by their end was read to.
pub type Reached = Option<(Instant, Uuid)>;

const COLUMNS: VoucherColumns = (
    vouchers::id,
    vouchers::number,
    vouchers::cycle_id,
    vouchers::applicant_id,
    vouchers::status,
    vouchers::register_by,
    vouchers::valid_until,
    vouchers::contract_id,
    vouchers::lapses_at,
);

type VoucherColumns = (
    vouchers::id,
    vouchers::number,
    vouchers::cycle_id,
    vouchers::applicant_id,
    vouchers::status,
    vouchers::register_by,
    vouchers::valid_until,
    vouchers::contract_id,
    vouchers::lapses_at,
);

impl VoucherDeadlines {
    /// The vouchers whose present state dies after one instant and not after another, those that die first
    /// before the others, from where the list was read to.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn dying(
        tx: &mut Connection,
        after: Instant,
        until: Instant,
        reached: Reached,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let rows = vouchers::table
            .filter(vouchers::lapses_at.greater(Some(after)))
            .filter(vouchers::lapses_at.at_most(Some(until)))
            .order((vouchers::lapses_at, vouchers::id))
            .limit(i64::from(limit))
            .select(COLUMNS);
        match reached {
            None => Ok(rows.load(tx)?),
            Some((at, id)) => {
                let same = vouchers::lapses_at.is(Some(at)).and(vouchers::id.greater(id));
                let beyond = vouchers::lapses_at.greater(Some(at)).or(same).assume_not_null();
                Ok(rows.filter(beyond).load(tx)?)
            }
        }
    }

    /// The vouchers of an applicant whose present state can die, and has not.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_applicant(tx: &mut Connection, applicant_id: Uuid, now: Instant) -> Result<Vec<Self>, StorageError> {
        let theirs = vouchers::table
            .filter(vouchers::applicant_id.is(applicant_id))
            .filter(vouchers::lapses_at.greater(Some(now)));
        Ok(theirs.order(vouchers::id).select(COLUMNS).load(tx)?)
    }

    /// Those of these vouchers whose present state can die, and has not.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn among(tx: &mut Connection, ids: &[Uuid], now: Instant) -> Result<Vec<Self>, StorageError> {
        let these = vouchers::table
            .filter(vouchers::id.among(ids.iter().copied()))
            .filter(vouchers::lapses_at.greater(Some(now)));
        Ok(these.order(vouchers::id).select(COLUMNS).load(tx)?)
    }

    /// The vouchers that have not come to their end at an instant, after one of them, locked in the order
    /// of their ids.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn lock_open(
        tx: &mut Connection,
        now: Instant,
        after: Option<Uuid>,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let open = [VoucherStatus::Claimed, VoucherStatus::Registered, VoucherStatus::Redeeming];
        let rows = vouchers::table
            .filter(vouchers::status.among(open))
            .filter(vouchers::lapses_at.is_null().or(vouchers::lapses_at.greater(Some(now))))
            .filter(vouchers::id.greater(after.unwrap_or_default()))
            .order(vouchers::id)
            .limit(i64::from(limit))
            .select(COLUMNS);
        Ok(for_update(rows).load(tx)?)
    }

    /// Writes the deadlines of a voucher that is locked.
    ///
    /// # Errors
    /// `Stale` when it is gone.
    #[allow(clippy::arithmetic_side_effects, reason = "the addition is SQL")]
    pub fn write(tx: &mut Connection, row: &Self) -> Result<(), StorageError> {
        let change = diesel::update(vouchers::table.filter(vouchers::id.is(row.id))).set((
            vouchers::register_by.to(&row.register_by),
            vouchers::valid_until.to(&row.valid_until),
            vouchers::lapses_at.to(row.lapses_at),
            vouchers::version.eq(vouchers::version + 1),
        ));
        match change.execute(tx)? {
            1 => Ok(()),
            _ => Err(StorageError::Stale),
        }
    }
}

/// A project that a facility may still turn into a contract.
#[derive(Debug, Clone, PartialEq, diesel::Queryable)]
pub struct OpenProject {
    /// Who proposed it.
    pub applicant_id: Uuid,
    /// To whom.
    pub facility_id: Uuid,
    /// The vouchers it means to use.
    pub voucher_ids: Vec<Uuid>,
}

impl OpenProject {
    /// Those of these applicants.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_applicants(tx: &mut Connection, applicant_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = projects::table
            .filter(projects::applicant_id.among(applicant_ids.iter().copied()))
            .filter(projects::status.among([ProjectStatus::Submitted, ProjectStatus::Accepted]));
        Ok(theirs.select((projects::applicant_id, projects::facility_id, projects::voucher_ids)).load(tx)?)
    }

    /// Those proposed to a facility.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = projects::table
            .filter(projects::facility_id.is(facility_id))
            .filter(projects::status.among([ProjectStatus::Submitted, ProjectStatus::Accepted]));
        Ok(theirs.select((projects::applicant_id, projects::facility_id, projects::voucher_ids)).load(tx)?)
    }
}

/// The states in which the redemption of a contract can still be asked for.
fn redeemable() -> impl Iterator<Item = ContractStatus> {
    ContractStatus::ALL.iter().copied().filter(|status| status.is_redeemable())
}

impl Contract {
    /// The contracts of a facility whose redemption can still be asked for.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn redeemable_of(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs =
            Self::all().filter(contracts::facility_id.is(facility_id)).filter(contracts::status.among(redeemable()));
        Ok(theirs.order(contracts::id).load(tx)?)
    }

    /// The contracts whose redemption can still be asked for, after one of them, locked in the order of
    /// their ids.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn lock_redeemable(tx: &mut Connection, after: Option<Uuid>, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = contracts::table
            .filter(contracts::status.among(redeemable()))
            .filter(contracts::id.greater(after.unwrap_or_default()))
            .order(contracts::id)
            .limit(i64::from(limit));
        Ok(for_update(rows).load(tx)?)
    }
}

impl Redemption {
    /// The redemptions of these contracts in one of these states.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_contracts(
        tx: &mut Connection,
        contract_ids: &[Uuid],
        statuses: impl IntoIterator<Item = RedemptionStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all()
            .filter(redemptions::contract_id.among(contract_ids.iter().copied()))
            .filter(redemptions::status.among(statuses));
        Ok(theirs.order(redemptions::id).load(tx)?)
    }

    /// The redemptions that an organization is party to, in one state.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_party(
        tx: &mut Connection,
        organization_id: Uuid,
        status: RedemptionStatus,
    ) -> Result<Vec<Self>, StorageError> {
        let party = redemptions::applicant_id.is(organization_id).or(redemptions::facility_id.is(organization_id));
        Ok(Self::all().filter(party).filter(redemptions::status.is(status)).order(redemptions::id).load(tx)?)
    }

    /// The redemptions that are being corrected, locked in the order of their ids.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn lock_returned(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        let rows = redemptions::table.filter(redemptions::status.is(RedemptionStatus::Returned));
        Ok(for_update(rows.order(redemptions::id)).load(tx)?)
    }

    /// The redemptions that wait for an expert's opinion, with the review each.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn awaiting_expert(tx: &mut Connection, expert_id: Uuid) -> Result<Vec<(Uuid, Self)>, StorageError> {
        let assigned: Vec<(Uuid, Uuid)> = reviews::table
            .filter(reviews::expert_id.is(expert_id))
            .filter(reviews::status.is(ReviewStatus::Assigned))
            .order(reviews::id)
            .select((reviews::id, reviews::redemption_id))
            .load(tx)?;
        let ids: Vec<Uuid> = assigned.iter().map(|(_, redemption_id)| *redemption_id).collect();
        let open = Self::find_all(tx, &ids)?;
        let open = open.into_iter().filter(|row| row.status == RedemptionStatus::InReview);
        let review_of = |row: &Self| assigned.iter().find(|(_, id)| *id == row.id).map(|(review_id, _)| *review_id);
        Ok(open.filter_map(|row| review_of(&row).map(|review_id| (review_id, row))).collect())
    }
}

impl Notice {
    /// The notices that end after one instant and not after another; without the other, all that run.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn ending(tx: &mut Connection, after: Instant, until: Option<Instant>) -> Result<Vec<Self>, StorageError> {
        let mut rows = Self::all().filter(notices::expires_at.greater(after));
        if let Some(until) = until {
            rows = rows.filter(notices::expires_at.at_most(until));
        }
        Ok(rows.order(notices::id).load(tx)?)
    }

    /// Moves the end of a notice.
    ///
    /// # Errors
    /// `Stale` when it is gone.
    pub fn move_end(tx: &mut Connection, id: Uuid, deadline: &Deadline) -> Result<(), StorageError> {
        let change = diesel::update(notices::table.filter(notices::id.is(id)))
            .set((notices::deadline.to(deadline), notices::expires_at.to(deadline.expires_at)));
        match change.execute(tx)? {
            1 => Ok(()),
            _ => Err(StorageError::Stale),
        }
    }
}

impl Facility {
    /// The facilities whose announced last day lies within these days, both included.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn leaving(tx: &mut Connection, from: Day, to: Day) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all()
            .filter(facilities::status.among([FacilityStatus::Active, FacilityStatus::Exiting]))
            .filter(facilities::exit_last_day.at_least(Some(from)))
            .filter(facilities::exit_last_day.at_most(Some(to)));
        Ok(rows.order(facilities::id).load(tx)?)
    }
}

impl Profile {
    /// The stated profiles in the order of their ids, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn stated(tx: &mut Connection, after: Option<Uuid>, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all()
            .filter(profiles::document.is_not_null())
            .filter(profiles::id.greater(after.unwrap_or_default()));
        Ok(rows.order(profiles::id).limit(i64::from(limit)).load(tx)?)
    }
}
