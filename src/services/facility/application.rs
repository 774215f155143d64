//! Joining by application (Art. 6): six conditions with their evidence, an officer's decision, a notice.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::facility::{
    self as rules, ApplicationAction, ApplicationStatus, Condition, FacilityAction, require_conditions,
    validate_decision,
};
use voucher_domain::period::Instant;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::facility::Facility;
use voucher_storage::joining::FacilityApplication;

use super::own::{self, OwnFacilityView};
use super::{names, not_entered, recognition_of, save};
use crate::services::call::erased::Facts;
use crate::services::{Call, Outcome, Page, PageRequest, file, supervision};

/// An application to become a facility.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEntry {
    /// The six conditions of Art. 6, each once, with its evidence.
    pub conditions: Vec<Condition>,
    /// That all of it is true and complete.
    pub declaration: bool,
}

/// Which applications are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ApplicationsQuery {
    /// In this state.
    pub status: Option<ApplicationStatus>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What an officer decides about an application.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    /// Approve, return or reject.
    pub decision: ApplicationAction,
    /// Why; required but for an approval.
    #[serde(default)]
    pub remarks: String,
}

/// An application.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicationView {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub facility_id: Uuid,
    /// What that is called.
    pub facility_name: String,
    /// Its state.
    pub status: ApplicationStatus,
    /// What was stated about the six conditions.
    pub conditions: Vec<Condition>,
    /// When it was handed in.
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

impl ApplicationView {
    pub(super) fn of(row: FacilityApplication, facility_name: String) -> Self {
        Self {
            id: row.id,
            facility_id: row.facility_id,
            facility_name,
            status: row.status,
            conditions: row.conditions,
            submitted_at: row.submitted_at,
            remarks: row.remarks,
            decided_at: row.decided_at,
            version: row.version,
        }
    }
}

fn view(call: &mut Call<'_>, row: FacilityApplication) -> Outcome<ApplicationView> {
    let name = names(call, [row.facility_id])?.remove(&row.facility_id).unwrap_or_default();
    Ok(ApplicationView::of(row, name))
}

/// Hands an application in. Whoever was returned or rejected, or has left, hands in a new one.
///
/// # Errors
/// `not_found` before the particulars are stated; `banned` (Art. 17); `invalid_state`; `validation_failed`, the account to
/// be paid to included; `evidence_missing` for a condition that is not shown; `not_eligible` for a
/// region without a running agreement (Art. 19).
pub fn apply(call: &mut Call<'_>, form: ApplicationEntry) -> Outcome<OwnFacilityView> {
    let id = call.organization()?;
    let before = Facility::lock(call.tx, id)?.ok_or_else(not_entered)?;
    call.respect_version(before.version)?;
    supervision::require_not_banned(call, &[id])?;
    let status = before.status.after(FacilityAction::Apply)?;
    check(&before, &form)?;
    require_conditions(&form.conditions)?;
    rules::require_region(before.region, recognition_of(call, before.region)?, call.today())?;
    let row = FacilityApplication {
        id: call.new_id(),
        facility_id: id,
        status: ApplicationStatus::Submitted,
        conditions: form.conditions,
        submitted_by: call.actor()?.user_id,
        submitted_at: call.now,
        remarks: None,
        decided_by: None,
        decided_at: None,
        version: 1,
    };
    let row = FacilityApplication::insert(call.tx, &row)?;
    attach(call, &row)?;
    record(call, EventAction::ApplicationSubmitted, None, row)?;
    let after = Facility { status, exit_last_day: None, exit_reason: None, notice_id: None, ..before.clone() };
    let after = save(call, EventAction::FacilityApplied, &before, &after)?;
    own::view(call, after)
}

/// The declaration, and the account: what vouchers pay is paid to it.
fn check(row: &Facility, form: &ApplicationEntry) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let (zh, en) = ("须声明申请内容真实、完整。", "you must declare that the application is true and complete.");
    faults.require(form.declaration, "declaration", "accepted", zh, en);
    faults.require(
        row.payee_account.is_some(),
        "payee_account",
        "required",
        "请先在单位信息(PUT /me/facility)中填写收款户名、开户行和账号。",
        "please state the account to be paid to first (PUT /me/facility).",
    );
    faults.done()
}

/// Attaches the evidence; a file that is not the applicant's own is named where it stands.
fn attach(call: &mut Call<'_>, row: &FacilityApplication) -> Outcome<()> {
    let places = row.conditions.iter().enumerate().flat_map(|(place, stated)| {
        stated
            .file_ids
            .iter()
            .enumerate()
            .map(move |(index, id)| (format!("conditions[{place}].file_ids[{index}]"), *id))
    });
    let (fields, ids): (Vec<String>, Vec<Uuid>) = places.unzip();
    let field = |index: usize| fields.get(index).cloned().unwrap_or_default();
    file::attach_named(call, &ids, SubjectKind::FacilityApplication, row.id, field)
}

fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<FacilityApplication>,
    after: FacilityApplication,
) -> Outcome<ApplicationView> {
    let before = before.map(|row| view(call, row)).transpose()?;
    let after = view(call, after)?;
    let before = before.as_ref().map(|view| -> &dyn Facts { view });
    call.record(super::change(action, after.id, after.facility_id, before, &after))?;
    Ok(after)
}

/// The applications, newest first, for the commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn applications(call: &mut Call<'_>, query: ApplicationsQuery) -> Outcome<Page<ApplicationView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = FacilityApplication::list(call.tx, query.status, query.facility_id, page.before, page.limit)?;
    Page::of(rows, |row| view(call, row))
}

/// One application, for the commission.
///
/// # Errors
/// `not_found`.
pub fn application(call: &mut Call<'_>, id: Uuid) -> Outcome<ApplicationView> {
    let row = FacilityApplication::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    view(call, row)
}

/// Decides an application: an approved facility is to be published next (`POST /notices`).
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` when it is decided, `validation_failed` without
/// remarks; `not_eligible` when its region's agreement has ended since.
pub fn decide(call: &mut Call<'_>, id: Uuid, form: DecisionForm) -> Outcome<ApplicationView> {
    let seen = FacilityApplication::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let facility = Facility::lock(call.tx, seen.facility_id)?.ok_or_else(Refusal::not_found)?;
    let before = FacilityApplication::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(before.version)?;
    // An approved one is undone by an objection alone.
    let (action, event) = match form.decision {
        ApplicationAction::Approve => (FacilityAction::Approve, EventAction::FacilityApproved),
        ApplicationAction::Return => (FacilityAction::Return, EventAction::FacilityReturned),
        ApplicationAction::Reject => (FacilityAction::Reject, EventAction::FacilityRejected),
    };
    let facility_status = facility.status.after(action)?;
    let status = before.status.after(form.decision)?;
    validate_decision(form.decision, &form.remarks)?;
    if form.decision == ApplicationAction::Approve {
        rules::require_region(facility.region, recognition_of(call, facility.region)?, call.today())?;
    }
    let remarks = Some(form.remarks.trim().to_owned()).filter(|remarks| !remarks.is_empty());
    let view = decided(call, before, status, remarks)?;
    save(call, event, &facility, &Facility { status: facility_status, ..facility.clone() })?;
    Ok(view)
}

fn decided(
    call: &mut Call<'_>,
    before: FacilityApplication,
    status: ApplicationStatus,
    remarks: Option<String>,
) -> Outcome<ApplicationView> {
    let (decided_by, decided_at) = (Some(call.actor()?.user_id), Some(call.now));
    let after = FacilityApplication { status, remarks, decided_by, decided_at, ..before.clone() };
    let after = FacilityApplication::save(call.tx, &after)?;
    record(call, EventAction::ApplicationDecided, Some(before), after)
}

/// Art. 6, 18: an upheld objection ends the joining of a facility that is published, and is locked.
///
/// # Errors
/// `invalid_state` when it is not published.
pub(in crate::services) fn overturn(call: &mut Call<'_>, facility: &Facility, reasons: &str) -> Outcome<()> {
    let status = facility.status.after(FacilityAction::Cancel)?;
    let newest = FacilityApplication::list(call.tx, Some(ApplicationStatus::Approved), Some(facility.id), None, 1)?;
    if let Some(seen) = newest.items.first()
        && let Some(before) = FacilityApplication::lock(call.tx, seen.id)?
    {
        let status = before.status.after(ApplicationAction::Reject)?;
        decided(call, before, status, Some(reasons.trim().to_owned()))?;
    }
    save(call, EventAction::FacilityCancelled, facility, &Facility { status, ..facility.clone() })?;
    Ok(())
}
