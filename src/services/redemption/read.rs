//! Looking at redemptions.

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::code::Code;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::refusal::Refusal;
use voucher_storage::redemption::{Redemption, RedemptionFilter};

use super::forms::RedemptionsQuery;
use super::views::{RedemptionSummary, RedemptionView, view};
use crate::services::voucher::{EventView, EventsQuery, history};
use crate::services::{Call, Outcome, Page, PageRequest, review};

/// Whether the caller may see a redemption: its parties, the commission, and its experts while they
/// review it.
///
/// # Errors
/// When the store fails.
pub fn may_see(call: &mut Call<'_>, row: &Redemption) -> Outcome<bool> {
    let actor = call.actor()?;
    match actor.role {
        Role::Officer | Role::Auditor => Ok(true),
        Role::Applicant => Ok(actor.is_of(row.applicant_id)),
        Role::Facility => Ok(actor.is_of(row.facility_id)),
        Role::Expert => review::is_reviewing(call, row, actor.user_id),
        Role::Admin => Ok(false),
    }
}

fn visible(call: &mut Call<'_>, id: Uuid) -> Outcome<Redemption> {
    let row = Redemption::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if may_see(call, &row)? { Ok(row) } else { Err(Refusal::not_found().into()) }
}

/// Art. 9.3: an expert's reading is recorded. To the facility it is its own application.
fn note_reading(call: &mut Call<'_>, row: &Redemption) -> Outcome<()> {
    if call.is_role(Role::Expert) {
        call.record_reading(SubjectKind::Redemption, row.id, row.applicant_id)?;
    }
    Ok(())
}

/// A redemption.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<RedemptionView> {
    let row = visible(call, id)?;
    note_reading(call, &row)?;
    view(call, &row)
}

/// The redemptions that the caller may see, newest first: a party's own, all for the commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: RedemptionsQuery) -> Outcome<Page<RedemptionSummary>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let mut filter = RedemptionFilter {
        status: query.status,
        contract_id: query.contract_id,
        applicant_id: query.applicant_id,
        facility_id: query.facility_id,
    };
    match call.actor()?.role {
        Role::Officer | Role::Auditor => {}
        Role::Applicant => filter.applicant_id = Some(call.organization()?),
        Role::Facility => filter.facility_id = Some(call.organization()?),
        Role::Expert | Role::Admin => {
            return Err(Refusal::forbidden("此账号不能查看兑现申请列表。", "This account sees no redemptions.").into());
        }
    }
    let rows = Redemption::list(call.tx, &filter, page.before, page.limit)?;
    Page::of(rows, |row| Ok(RedemptionSummary::from(&row)))
}

/// What happened to a redemption, newest first. What the checks found, who reviews it, and what an officer
/// concludes before another one has approved, is the commission's alone.
///
/// # Errors
/// `not_found`, `validation_failed` for a bad page.
pub fn events(call: &mut Call<'_>, id: Uuid, query: EventsQuery) -> Outcome<Page<EventView>> {
    let row = visible(call, id)?;
    note_reading(call, &row)?;
    let mut page = history(call, SubjectKind::Redemption, id, &query)?;
    if !call.actor()?.sees_everything() {
        let internal = [EventAction::PanelDrawn, EventAction::RedemptionConcluded, EventAction::RedemptionChecked];
        let internal = internal.map(Code::code);
        for event in page.items.iter_mut().filter(|event| internal.contains(&event.action.as_str())) {
            event.before = None;
            event.after = None;
        }
    }
    Ok(page)
}
