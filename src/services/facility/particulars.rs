//! What a facility is: read by everybody, and changed by itself.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{
    FacilityNature, FacilityRegion, FacilityStatus, ParticularsForm, ServiceKind, validate_particulars,
};
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::facility::{Facility, FacilityFilter};
use voucher_storage::organization::Organization;

use super::{change, check_max_price, not_entered, own};
use crate::services::{Call, Failure, Outcome, Page, PageRequest};

/// What a facility states about itself, whole: what is absent is not stated any more.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityForm {
    /// The district it is in.
    pub district: String,
    /// Whether testing for others is its main business (Art. 11).
    pub is_third_party_testing: bool,
    /// In whose name the account is that payments go to.
    pub payee_name: Option<String>,
    /// The bank that keeps the account.
    pub payee_bank: Option<String>,
    /// The number of the account.
    pub payee_account: Option<String>,
    /// Where it is registered; may be repeated, not changed.
    pub region: Option<FacilityRegion>,
    /// What kind of institution it is; may be repeated, not changed.
    pub nature: Option<FacilityNature>,
}

/// Which facilities are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FacilitiesQuery {
    /// In this region.
    pub region: Option<FacilityRegion>,
    /// In this district.
    pub district: Option<String>,
    /// Of this nature.
    pub nature: Option<FacilityNature>,
    /// With an instrument of this category.
    pub category: Option<String>,
    /// With a service for this field.
    pub field: Option<Industry>,
    /// With a service of this kind.
    pub kind: Option<ServiceKind>,
    /// With a service for no more than this a unit.
    pub max_price_fen: Option<Money>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A facility.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FacilityView {
    /// Its id; the organization's as well.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: Option<String>,
    /// Its state.
    pub status: FacilityStatus,
    /// Where it is registered.
    pub region: FacilityRegion,
    /// The district it is in.
    pub district: String,
    /// What kind of institution it is.
    pub nature: FacilityNature,
    /// Whether testing for others is its main business (Art. 11).
    pub is_third_party_testing: bool,
    /// Its last day, once it has announced to leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub exit_last_day: Option<Day>,
    /// In whose name the account is that payments go to; the facility and the commission see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_name: Option<String>,
    /// The bank that keeps the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_bank: Option<String>,
    /// The number of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_account: Option<String>,
    /// Since when it is one.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

impl FacilityView {
    /// The view for those who may see everything of it.
    pub(super) fn whole(row: Facility, organization: Organization) -> Self {
        Self {
            id: row.id,
            name: organization.name,
            uscc: organization.uscc,
            status: row.status,
            region: row.region,
            district: row.district,
            nature: row.nature,
            is_third_party_testing: row.is_third_party_testing,
            exit_last_day: row.exit_last_day,
            payee_name: row.payee_name,
            payee_bank: row.payee_bank,
            payee_account: row.payee_account,
            created_at: row.created_at,
            version: row.version,
        }
    }

    /// The view for this caller: where a facility is paid concerns itself and the commission.
    fn seen_by(call: &Call<'_>, row: Facility, organization: Organization) -> Self {
        let is_insider = call.caller.is_some_and(|actor| actor.sees_everything() || actor.is_of(row.id));
        let view = Self::whole(row, organization);
        if is_insider { view } else { Self { payee_name: None, payee_bank: None, payee_account: None, ..view } }
    }
}

fn organization_of(call: &mut Call<'_>, id: Uuid) -> Outcome<Organization> {
    Organization::find(call.tx, id)?.ok_or_else(|| Failure::internal(format!("facility {id} is no organization")))
}

/// The caller's facility.
///
/// # Errors
/// `not_found` for an organization that is no facility yet.
pub fn mine(call: &mut Call<'_>) -> Outcome<FacilityView> {
    let row = own(call)?;
    let organization = organization_of(call, row.id)?;
    Ok(FacilityView::whole(row, organization))
}

/// States the facility's particulars anew.
///
/// # Errors
/// `not_found`, `precondition_failed`, `validation_failed`.
pub fn state(call: &mut Call<'_>, form: FacilityForm) -> Outcome<FacilityView> {
    let id = call.organization()?;
    let before = Facility::lock(call.tx, id)?.ok_or_else(not_entered)?;
    call.expect_version(before.version)?;
    check(&before, &form)?;
    let organization = organization_of(call, id)?;
    let after = Facility {
        district: form.district.trim().to_owned(),
        is_third_party_testing: form.is_third_party_testing,
        payee_name: trimmed(form.payee_name),
        payee_bank: trimmed(form.payee_bank),
        payee_account: trimmed(form.payee_account),
        ..before.clone()
    };
    let after = Facility::save(call.tx, &after)?;
    let before = FacilityView::whole(before, organization.clone());
    let after = FacilityView::whole(after, organization);
    call.record(change(EventAction::FacilityChanged, id, id, Some(&before), &after))?;
    Ok(after)
}

fn check(row: &Facility, form: &FacilityForm) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.take_in(validate_particulars(&ParticularsForm {
        district: &form.district,
        payee_name: form.payee_name.as_deref(),
        payee_bank: form.payee_bank.as_deref(),
        payee_account: form.payee_account.as_deref(),
    }));
    // An officer decided on these when the facility was entered (Art. 6, 11, 19).
    let (zh, en) = ("不能自行变更,请与市科委、中关村管委会联系。", "is for the commission to change; please ask it.");
    faults.require(form.region.is_none_or(|region| region == row.region), "region", "fixed", zh, en);
    faults.require(form.nature.is_none_or(|nature| nature == row.nature), "nature", "fixed", zh, en);
    faults.done()
}

pub(super) fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}

/// A facility: a serving one for everybody, any for itself and the commission.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<FacilityView> {
    let row = Facility::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let is_insider = call.caller.is_some_and(|actor| actor.sees_everything() || actor.is_of(id));
    if !row.status.is_serving() && !is_insider {
        return Err(Refusal::not_found().into());
    }
    let organization = organization_of(call, id)?;
    Ok(FacilityView::seen_by(call, row, organization))
}

/// The serving facilities, newest first.
///
/// # Errors
/// `validation_failed` for a bad page or price.
pub fn list(call: &mut Call<'_>, query: FacilitiesQuery) -> Outcome<Page<FacilityView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    check_max_price(query.max_price_fen)?;
    let filter = FacilityFilter {
        is_serving: true,
        region: query.region,
        district: trimmed(query.district),
        nature: query.nature,
        category: trimmed(query.category),
        field: query.field,
        kind: query.kind,
        max_price_fen: query.max_price_fen,
    };
    let rows = Facility::list(call.tx, &filter, page.before, page.limit)?;
    Page::of(rows, |row| {
        let organization = organization_of(call, row.id)?;
        Ok::<_, Failure>(FacilityView::seen_by(call, row, organization))
    })
}
