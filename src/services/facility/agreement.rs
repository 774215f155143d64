//! The neighbours' recognition (Art. 19): agreements with Tianjin and Hebei.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{
    AgreementForm, FacilityRegion, Recognition, agreement_runs, recognition, validate_agreement,
};
use voucher_domain::period::{Day, Instant};
use voucher_storage::joining::RecognitionAgreement;

use crate::services::{Call, Change, Outcome, Page, PageRequest};

/// An agreement to be entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementEntry {
    /// Tianjin or Hebei.
    pub region: FacilityRegion,
    /// Its first day.
    #[schema(value_type = chrono::NaiveDate)]
    pub starts_on: Day,
    /// Its last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
}

/// Which agreements are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AgreementsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An agreement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgreementView {
    /// Its id.
    pub id: Uuid,
    /// With which region.
    pub region: FacilityRegion,
    /// Its first day.
    #[schema(value_type = chrono::NaiveDate)]
    pub starts_on: Day,
    /// Its last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
    /// Whether it runs today.
    pub is_running: bool,
    /// When it was entered.
    pub created_at: Instant,
}

impl AgreementView {
    fn of(row: RecognitionAgreement, today: Day) -> Self {
        Self {
            id: row.id,
            region: row.region,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            is_running: agreement_runs(row.starts_on, row.ends_on, today),
            created_at: row.created_at,
        }
    }
}

/// Enters an agreement. One that follows another carries the recognition on.
///
/// # Errors
/// `validation_failed`.
pub fn enter_agreement(call: &mut Call<'_>, form: AgreementEntry) -> Outcome<AgreementView> {
    validate_agreement(AgreementForm { region: form.region, starts_on: form.starts_on, ends_on: form.ends_on })?;
    let row = RecognitionAgreement {
        id: call.new_id(),
        region: form.region,
        starts_on: form.starts_on,
        ends_on: form.ends_on,
        entered_by: call.actor()?.user_id,
        created_at: call.now,
    };
    let row = RecognitionAgreement::insert(call.tx, &row)?;
    let after = AgreementView::of(row, call.today());
    let action = EventAction::AgreementEntered;
    call.record(Change {
        action,
        kind: action.subject(),
        id: after.id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(&after),
    })?;
    Ok(after)
}

/// The agreements, newest first, for everybody.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn agreements(call: &mut Call<'_>, query: AgreementsQuery) -> Outcome<Page<AgreementView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = RecognitionAgreement::list(call.tx, page.before, page.limit)?;
    let today = call.today();
    Page::of(rows, |row| Ok(AgreementView::of(row, today)))
}

/// Where the recognition of a region stands today; Beijing needs none.
///
/// # Errors
/// When the store fails.
pub(in crate::services) fn recognition_of(call: &mut Call<'_>, region: FacilityRegion) -> Outcome<Recognition> {
    match region {
        FacilityRegion::Beijing => Ok(Recognition::Never),
        FacilityRegion::Tianjin | FacilityRegion::Hebei => {
            let spans = RecognitionAgreement::spans(call.tx, region)?;
            Ok(recognition(&spans, call.today()))
        }
    }
}
