//! A facility as it is read.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::facility::{FacilityNature, FacilityRegion, FacilityStatus};
use voucher_domain::period::{Day, Instant};
use voucher_domain::privacy::{Disclosure, Place};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;

use crate::services::{Call, Outcome};

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
    /// Why it leaves; the facility and the commission see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_reason: Option<String>,
    /// The notice in which it was published (Art. 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<Uuid>,
    /// In whose name the account is that payments go to; the facility and the commission see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_name: Option<String>,
    /// The bank that keeps the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_bank: Option<String>,
    /// The number of the account: whole for the facility and the commission where this facility alone is
    /// read, masked in lists and in the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_account: Option<String>,
    /// Since when it is one.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

impl FacilityView {
    /// The view for those who may see everything of it, with so much of its account.
    pub(super) fn of(
        call: &Call<'_>,
        row: Facility,
        organization: Organization,
        disclosure: Disclosure,
    ) -> Outcome<Self> {
        let payee_account = call.shown(Place::FacilityAccount, row.id, row.payee_account.as_ref(), disclosure)?;
        Ok(Self {
            id: row.id,
            name: organization.name,
            uscc: organization.uscc,
            status: row.status,
            region: row.region,
            district: row.district,
            nature: row.nature,
            is_third_party_testing: row.is_third_party_testing,
            exit_last_day: row.exit_last_day,
            exit_reason: row.exit_reason,
            notice_id: row.notice_id,
            payee_name: row.payee_name,
            payee_bank: row.payee_bank,
            payee_account,
            created_at: row.created_at,
            version: row.version,
        })
    }

    /// The view for this caller: where a facility is paid concerns itself and the commission.
    pub(super) fn seen_by(
        call: &Call<'_>,
        row: Facility,
        organization: Organization,
        disclosure: Disclosure,
    ) -> Outcome<Self> {
        let is_insider = call.caller.is_some_and(|actor| actor.sees_everything() || actor.is_of(row.id));
        if is_insider {
            return Self::of(call, row, organization, disclosure);
        }
        let row = Facility { payee_name: None, payee_bank: None, payee_account: None, exit_reason: None, ..row };
        Self::of(call, row, organization, Disclosure::Masked)
    }
}
