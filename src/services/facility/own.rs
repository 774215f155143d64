//! What a facility states about itself: freely before it joins; once it serves, what matters waits for
//! an officer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{
    FacilityNature, FacilityRegion, FacilityStatus, LookedAt, ParticularsForm, require_settled, validate_particulars,
};
use voucher_domain::privacy::{Disclosure, Personal};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::facility::Facility;
use voucher_storage::joining::{FacilityApplication, FacilityChange};
use voucher_storage::organization::Organization;

use super::application::ApplicationView;
use super::change::{self, ChangeView};
use super::view::FacilityView;
use super::{not_entered, organization_of, own_facility, save, sealed_account, terms, trimmed};
use crate::services::{Call, Outcome};

const MAX_NAME_CHARACTERS: usize = 200;

/// What a facility states about itself, whole: what is absent is not stated any more, but for name,
/// region and nature, which then stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityForm {
    /// What it is called.
    pub name: Option<String>,
    /// The district it is in.
    pub district: String,
    /// Whether testing for others is its main business (Art. 11).
    pub is_third_party_testing: bool,
    /// In whose name the account is that payments go to.
    pub payee_name: Option<String>,
    /// The bank that keeps the account.
    pub payee_bank: Option<String>,
    /// The number of the account.
    #[schema(value_type = Option<String>)]
    pub payee_account: Option<Personal>,
    /// Where it is registered; required at first.
    pub region: Option<FacilityRegion>,
    /// What kind of institution it is; required at first.
    pub nature: Option<FacilityNature>,
}

/// The caller's facility, with what is under way.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnFacilityView {
    /// The facility.
    #[serde(flatten)]
    pub facility: FacilityView,
    /// Its newest application, where it has applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationView>,
    /// What it wants changed and an officer has not decided yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_change: Option<ChangeView>,
}

/// The view of a facility for its own people, in the answer to a change.
pub(super) fn view(call: &mut Call<'_>, row: Facility) -> Outcome<OwnFacilityView> {
    disclosed(call, row, Disclosure::Masked)
}

fn disclosed(call: &mut Call<'_>, row: Facility, disclosure: Disclosure) -> Outcome<OwnFacilityView> {
    let organization = organization_of(call, row.id)?;
    let newest = FacilityApplication::list(call.tx, None, Some(row.id), None, 1)?.items.into_iter().next();
    let application = newest.map(|application| ApplicationView::of(application, organization.name.clone()));
    let pending = FacilityChange::pending(call.tx, row.id)?;
    let pending_change =
        pending.map(|pending| ChangeView::of(call, pending, &row, &organization, disclosure)).transpose()?;
    let facility = FacilityView::of(call, row, organization, disclosure)?;
    Ok(OwnFacilityView { facility, application, pending_change })
}

/// The caller's facility.
///
/// # Errors
/// `not_found` for an organization that has not said yet what it is.
pub fn mine(call: &mut Call<'_>) -> Outcome<OwnFacilityView> {
    let row = own_facility(call)?;
    disclosed(call, row, Disclosure::Whole)
}

/// States the facility's particulars. The first time makes it a draft; a serving facility's name,
/// region, nature, main business and account wait until an officer has looked at them.
///
/// # Errors
/// `precondition_failed` (the first time: any other version than `*`), `invalid_state` while an
/// application is dealt with, `validation_failed`.
pub fn state(call: &mut Call<'_>, form: FacilityForm) -> Outcome<OwnFacilityView> {
    let id = call.organization()?;
    let organization = Organization::lock(call.tx, id)?.ok_or_else(not_entered)?;
    let row = match Facility::lock(call.tx, id)? {
        None => {
            call.expect_version(0)?;
            begin(call, organization, form)?
        }
        Some(before) => {
            call.expect_version(before.version)?;
            require_settled(before.status)?;
            let (district, proposed) = check(&before, &organization, form)?;
            if before.status.states_freely() {
                restate(call, &before, organization, district, proposed)?
            } else {
                propose(call, &before, &organization, district, proposed)?
            }
        }
    };
    view(call, row)
}

fn check_form(faults: &mut Faults, form: &FacilityForm) {
    if let Some(name) = &form.name {
        faults.require_text("name", name, MAX_NAME_CHARACTERS);
    }
    faults.take_in(validate_particulars(&ParticularsForm {
        district: &form.district,
        payee_name: form.payee_name.as_deref(),
        payee_bank: form.payee_bank.as_deref(),
        payee_account: form.payee_account.as_ref().map(Personal::reveal),
    }));
}

/// The district, and what an officer would look at, as the form states them.
fn check(before: &Facility, organization: &Organization, form: FacilityForm) -> Result<(String, LookedAt), Refusal> {
    let mut faults = Faults::default();
    check_form(&mut faults, &form);
    faults.done()?;
    let proposed = LookedAt {
        name: form.name.map_or_else(|| organization.name.clone(), |name| name.trim().to_owned()),
        region: form.region.unwrap_or(before.region),
        nature: form.nature.unwrap_or(before.nature),
        is_third_party_testing: form.is_third_party_testing,
        payee_name: trimmed(form.payee_name),
        payee_bank: trimmed(form.payee_bank),
        payee_account: form.payee_account.map(|account| account.trimmed().reveal().to_owned()),
    };
    Ok((form.district.trim().to_owned(), proposed))
}

fn begin(call: &mut Call<'_>, organization: Organization, form: FacilityForm) -> Outcome<Facility> {
    let mut faults = Faults::default();
    check_form(&mut faults, &form);
    let (zh, en) = ("首次填写时必填。", "is required the first time.");
    faults.require(form.region.is_some(), "region", "required", zh, en);
    faults.require(form.nature.is_some(), "nature", "required", zh, en);
    faults.done()?;
    let organization = renamed(call, organization, form.name.as_deref())?;
    let row = Facility {
        id: organization.id,
        status: FacilityStatus::Draft,
        region: form.region.unwrap_or(FacilityRegion::Beijing),
        terms: terms(&organization, form.district.trim()),
        district: form.district.trim().to_owned(),
        nature: form.nature.unwrap_or(FacilityNature::Other),
        is_third_party_testing: form.is_third_party_testing,
        exit_last_day: None,
        payee_name: trimmed(form.payee_name),
        payee_bank: trimmed(form.payee_bank),
        payee_account: sealed_account(call, organization.id, form.payee_account.as_ref())?,
        entered_by: None,
        created_at: call.now,
        version: 1,
        notice_id: None,
        exit_reason: None,
    };
    let row = Facility::insert(call.tx, &row)?;
    let after = FacilityView::of(call, row.clone(), organization, Disclosure::Masked)?;
    call.record(super::change(EventAction::FacilityDrafted, row.id, row.id, None, &after))?;
    Ok(row)
}

/// The organization under the name it is to have.
pub(super) fn renamed(call: &mut Call<'_>, organization: Organization, name: Option<&str>) -> Outcome<Organization> {
    match name.map(str::trim) {
        Some(name) if name != organization.name => {
            Ok(Organization::save(call.tx, &Organization { name: name.to_owned(), ..organization })?)
        }
        Some(_) | None => Ok(organization),
    }
}

fn restate(
    call: &mut Call<'_>,
    before: &Facility,
    organization: Organization,
    district: String,
    stated: LookedAt,
) -> Outcome<Facility> {
    renamed(call, organization, Some(&stated.name))?;
    let after = change::applied(call, &Facility { district, ..before.clone() }, &stated)?;
    save(call, EventAction::FacilityChanged, before, &after)
}

/// The district holds at once; the rest waits, in the place of what waited before.
fn propose(
    call: &mut Call<'_>,
    before: &Facility,
    organization: &Organization,
    district: String,
    proposed: LookedAt,
) -> Outcome<Facility> {
    change::replace_pending(call, before, organization, proposed)?;
    let after = Facility { district, ..before.clone() };
    // Saved even where nothing of it changed: what its people read did.
    if after.district == before.district {
        return Ok(Facility::save(call.tx, &after)?);
    }
    save(call, EventAction::FacilityChanged, before, &after)
}
