//! Site visits and defences about doubtful redemptions (Art. 15.4: 对存疑项目组织现场调研或答辩会).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::redemption::RedemptionAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::review as rules;
use voucher_storage::redemption::Redemption;
use voucher_storage::review::Inquiry;

use super::forms::{InquiryForm, InquiryRecordForm};
use super::views::{InquiryView, inquiry_status, inquiry_view};
use crate::services::call::erased::Facts;
use crate::services::{Call, Change, Failure, Outcome, file, redemption, tidings};

/// The site visits and defences about a redemption.
#[derive(Debug, Serialize, ToSchema)]
pub struct InquiryList {
    /// The first one first.
    pub items: Vec<InquiryView>,
}

/// Arranges a site visit or a defence: the review waits for its outcome.
///
/// # Errors
/// `not_found`, `invalid_state`.
pub fn arrange(call: &mut Call<'_>, redemption_id: Uuid, form: InquiryForm) -> Outcome<InquiryView> {
    let row = Redemption::lock(call.tx, redemption_id)?.ok_or_else(Refusal::not_found)?;
    let status = row.status.after(RedemptionAction::OpenInquiry)?;
    rules::validate_inquiry_place(form.place.as_deref())?;
    let inquiry = Inquiry {
        id: call.new_id(),
        redemption_id,
        kind: form.kind,
        scheduled_at: form.scheduled_at,
        outcome: None,
        record: None,
        recorded_by: None,
        created_at: call.now,
        version: 1,
        place: form.place.map(|place| place.trim().to_owned()),
        attendees: Vec::new(),
    };
    let view = InquiryView::from(Inquiry::insert(call.tx, &inquiry)?);
    Redemption::save(call.tx, &Redemption { status, ..row.clone() })?;
    record(call, EventAction::InquiryOpened, &row, None, &view)?;
    tidings::inquiry_arranged(call, &row, &inquiry)?;
    Ok(view)
}

/// Records what a site visit or a defence came to: the review goes on.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state`, `validation_failed`.
pub fn record_outcome(call: &mut Call<'_>, id: Uuid, form: InquiryRecordForm) -> Outcome<InquiryView> {
    let seen = Inquiry::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let row = Redemption::lock(call.tx, seen.redemption_id)?;
    let row = row.ok_or_else(|| Failure::internal(format!("inquiry {id} has no redemption")))?;
    let before = Inquiry::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.expect_version(before.version)?;
    rules::require_inquiry_open(inquiry_status(&before))?;
    let status = row.status.after(RedemptionAction::RecordInquiry)?;
    rules::validate_inquiry_record(&form.record, &form.attendees)?;
    file::attach(call, &form.file_ids, SubjectKind::Inquiry, id)?;
    let after = Inquiry {
        outcome: Some(form.outcome),
        record: Some(form.record.trim().to_owned()),
        recorded_by: Some(call.actor()?.user_id),
        attendees: form.attendees.iter().map(|name| name.trim().to_owned()).collect(),
        ..before.clone()
    };
    let after = Inquiry::save(call.tx, &after)?;
    let view = inquiry_view(call, after)?;
    Redemption::save(call.tx, &Redemption { status, ..row.clone() })?;
    record(call, EventAction::InquiryRecorded, &row, Some(&InquiryView::from(before)), &view)?;
    Ok(view)
}

fn record(
    call: &mut Call<'_>,
    action: EventAction,
    row: &Redemption,
    before: Option<&dyn Facts>,
    after: &InquiryView,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::Inquiry,
        id: after.id,
        organization_id: Some(row.facility_id),
        cycle_id: None,
        before,
        after: Some(after),
    })
}

/// The site visits and defences about a redemption, for whoever may see it. The parties learn when
/// they take place and what they came to, not what was recorded, nor by whom.
///
/// # Errors
/// `not_found`.
pub fn inquiries(call: &mut Call<'_>, redemption_id: Uuid) -> Outcome<InquiryList> {
    let row = Redemption::find(call.tx, redemption_id)?.ok_or_else(Refusal::not_found)?;
    if !redemption::may_see(call, &row)? {
        return Err(Refusal::not_found().into());
    }
    let actor = call.actor()?;
    let is_party = actor.is_of(row.applicant_id) || actor.is_of(row.facility_id);
    let rows = Inquiry::of_redemption(call.tx, redemption_id)?.into_iter();
    let items = if is_party {
        rows.map(|row| InquiryView::from(Inquiry { record: None, attendees: Vec::new(), ..row })).collect()
    } else {
        rows.map(|row| inquiry_view(call, row)).collect::<Outcome<_>>()?
    };
    Ok(InquiryList { items })
}

/// The redemption of an inquiry whose record the caller may read.
///
/// # Errors
/// When the store fails.
pub fn readable_inquiry(call: &mut Call<'_>, id: Uuid) -> Outcome<Option<Redemption>> {
    let Some(inquiry) = Inquiry::find(call.tx, id)? else { return Ok(None) };
    let Some(row) = Redemption::find(call.tx, inquiry.redemption_id)? else { return Ok(None) };
    let actor = call.actor()?;
    let is_party = actor.is_of(row.applicant_id) || actor.is_of(row.facility_id);
    Ok(if !is_party && redemption::may_see(call, &row)? { Some(row) } else { None })
}
