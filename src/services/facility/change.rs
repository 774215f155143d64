//! What a serving facility wants changed about itself, until an officer has decided (Art. 6, 11, 15.5).

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{ChangeDecision, ChangeStatus, LookedAt, require_settled};
use voucher_domain::period::Instant;
use voucher_domain::privacy::{Disclosure, Personal, Place, Sealed};
use voucher_domain::refusal::Refusal;
use voucher_storage::facility::Facility;
use voucher_storage::joining::FacilityChange;
use voucher_storage::organization::Organization;

use super::own::renamed;
use super::{organization_of, save, sealed_account};
use crate::services::{Call, Failure, Outcome, Page, PageRequest, tidings};

/// Which changes are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    /// In this state.
    pub status: Option<ChangeStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What an officer decides about a change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDecisionForm {
    /// Whether it holds from now on.
    pub decision: ChangeDecision,
    /// Why; required for a rejection.
    #[serde(default)]
    pub remarks: String,
}

/// A change of a facility's particulars.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeView {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub facility_id: Uuid,
    /// What that facility is called at present.
    pub facility_name: String,
    /// Its state.
    pub status: ChangeStatus,
    /// How it is at present.
    pub present: LookedAt,
    /// How it would be.
    pub proposed: LookedAt,
    /// When it was proposed.
    pub submitted_at: Instant,
    /// What the officer said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Instant>,
    /// For `If-Match`, which is optional here.
    pub version: i64,
}

impl ChangeView {
    pub(super) fn of(
        call: &Call<'_>,
        row: FacilityChange,
        facility: &Facility,
        organization: &Organization,
        disclosure: Disclosure,
    ) -> Outcome<Self> {
        let proposed = opened(call, &row)?.shown(disclosure);
        Ok(Self {
            id: row.id,
            facility_id: row.facility_id,
            facility_name: organization.name.clone(),
            status: row.status,
            present: present(call, facility, organization)?.shown(disclosure),
            proposed,
            submitted_at: row.submitted_at,
            remarks: row.remarks,
            decided_at: row.decided_at,
            version: row.version,
        })
    }
}

/// What is proposed, the account whole.
fn opened(call: &Call<'_>, row: &FacilityChange) -> Outcome<LookedAt> {
    let proposed = call.program.open(Place::ChangeProposed, row.id, &row.proposed)?;
    serde_json::from_str(proposed.reveal())
        .map_err(|_| Failure::internal(format!("the facility change {} cannot be read", row.id)))
}

/// What is stored of a proposal.
fn sealed(call: &Call<'_>, id: Uuid, proposed: &LookedAt) -> Outcome<Sealed> {
    let written = serde_json::to_string(proposed).map_err(|error| Failure::internal(error.to_string()))?;
    call.program.seal(Place::ChangeProposed, id, &Personal::new(written))
}

/// What an officer looked at, as it holds, the account whole.
fn present(call: &Call<'_>, row: &Facility, organization: &Organization) -> Outcome<LookedAt> {
    let account = call.open(Place::FacilityAccount, row.id, row.payee_account.as_ref())?;
    Ok(LookedAt {
        name: organization.name.clone(),
        region: row.region,
        nature: row.nature,
        is_third_party_testing: row.is_third_party_testing,
        payee_name: row.payee_name.clone(),
        payee_bank: row.payee_bank.clone(),
        payee_account: account.map(|account| account.reveal().to_owned()),
    })
}

/// The facility as this would make it; the name is the organization's.
pub(super) fn applied(call: &Call<'_>, row: &Facility, stated: &LookedAt) -> Outcome<Facility> {
    let account = stated.payee_account.clone().map(Personal::new);
    Ok(Facility {
        region: stated.region,
        nature: stated.nature,
        is_third_party_testing: stated.is_third_party_testing,
        payee_name: stated.payee_name.clone(),
        payee_bank: stated.payee_bank.clone(),
        payee_account: sealed_account(call, row.id, account.as_ref())?,
        ..row.clone()
    })
}

/// Puts what a facility, which is locked, states now in the place of what waited. What is as it holds
/// waits for nobody.
pub(super) fn replace_pending(
    call: &mut Call<'_>,
    facility: &Facility,
    organization: &Organization,
    proposed: LookedAt,
) -> Outcome<()> {
    if let Some(waiting) = FacilityChange::lock_pending(call.tx, facility.id)? {
        if opened(call, &waiting)? == proposed {
            return Ok(());
        }
        withdraw(call, waiting, facility, organization)?;
    }
    if proposed == present(call, facility, organization)? {
        return Ok(());
    }
    let id = call.new_id();
    let row = FacilityChange {
        id,
        facility_id: facility.id,
        status: ChangeStatus::Pending,
        proposed: sealed(call, id, &proposed)?,
        submitted_by: call.actor()?.user_id,
        submitted_at: call.now,
        remarks: None,
        decided_by: None,
        decided_at: None,
        version: 1,
    };
    let row = FacilityChange::insert(call.tx, &row)?;
    record(call, EventAction::ChangeProposed, None, row, facility, organization)
}

fn withdraw(
    call: &mut Call<'_>,
    waiting: FacilityChange,
    facility: &Facility,
    organization: &Organization,
) -> Outcome<()> {
    let withdrawn = FacilityChange { status: ChangeStatus::Withdrawn, ..waiting.clone() };
    let withdrawn = FacilityChange::save(call.tx, &withdrawn)?;
    record(call, EventAction::ChangeWithdrawn, Some(waiting), withdrawn, facility, organization)
}

/// Takes back what waits of a facility, which is locked, where it no longer waits.
///
/// # Errors
/// When the store fails.
pub(super) fn withdraw_pending(call: &mut Call<'_>, facility: &Facility, organization: &Organization) -> Outcome<()> {
    match FacilityChange::lock_pending(call.tx, facility.id)? {
        Some(waiting) => withdraw(call, waiting, facility, organization),
        None => Ok(()),
    }
}

fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<FacilityChange>,
    after: FacilityChange,
    facility: &Facility,
    organization: &Organization,
) -> Outcome<()> {
    let masked = |row| ChangeView::of(call, row, facility, organization, Disclosure::Masked);
    let (before, after) = (before.map(masked).transpose()?, masked(after)?);
    let before = before.as_ref().map(|view| -> &dyn crate::services::call::erased::Facts { view });
    call.record(super::change(action, after.id, facility.id, before, &after))?;
    tidings::facility(call, action, facility, &organization.name)
}

fn view(call: &mut Call<'_>, row: FacilityChange, disclosure: Disclosure) -> Outcome<ChangeView> {
    let organization = organization_of(call, row.facility_id)?;
    let facility = Facility::find(call.tx, row.facility_id)?.ok_or_else(Refusal::not_found)?;
    ChangeView::of(call, row, &facility, &organization, disclosure)
}

/// The changes of particulars, newest first, for the commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn changes(call: &mut Call<'_>, query: ChangesQuery) -> Outcome<Page<ChangeView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = FacilityChange::list(call.tx, query.status, page.before, page.limit)?;
    Page::of(rows, |row| view(call, row, Disclosure::Masked))
}

/// One change of particulars, for the commission.
///
/// # Errors
/// `not_found`.
pub fn facility_change(call: &mut Call<'_>, id: Uuid) -> Outcome<ChangeView> {
    let row = FacilityChange::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    view(call, row, Disclosure::Whole)
}

/// Decides a change: an approved one holds from now on.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` when it is decided or withdrawn, or the facility
/// is delisted; `validation_failed` for a rejection without remarks.
pub fn decide_change(call: &mut Call<'_>, id: Uuid, form: ChangeDecisionForm) -> Outcome<ChangeView> {
    let seen = FacilityChange::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let organization = Organization::lock(call.tx, seen.facility_id)?.ok_or_else(Refusal::not_found)?;
    let facility = Facility::lock(call.tx, seen.facility_id)?.ok_or_else(Refusal::not_found)?;
    let before = FacilityChange::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(before.version)?;
    let status = before.status.decided(form.decision, &form.remarks)?;
    let remarks = Some(form.remarks.trim().to_owned()).filter(|remarks| !remarks.is_empty());
    let (decided_by, decided_at) = (Some(call.actor()?.user_id), Some(call.now));
    let after = FacilityChange { status, remarks, decided_by, decided_at, ..before.clone() };
    let after = FacilityChange::save(call.tx, &after)?;
    record(call, EventAction::ChangeDecided, Some(before), after.clone(), &facility, &organization)?;
    match form.decision {
        ChangeDecision::Approve => {
            require_settled(facility.status)?;
            let proposed = opened(call, &after)?;
            renamed(call, organization, Some(&proposed.name))?;
            let changed = applied(call, &facility, &proposed)?;
            save(call, EventAction::FacilityChanged, &facility, &changed)?;
        }
        // Its people read that it was rejected: their copy is out of date.
        ChangeDecision::Reject => drop(Facility::save(call.tx, &facility)?),
    }
    view(call, after, Disclosure::Masked)
}
