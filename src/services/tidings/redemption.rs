//! Of redemptions, from their submission to their payment.

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{FactName, Facts, NotificationKind as Kind};
use voucher_domain::review::InquiryKind;
use voucher_domain::text::Text;
use voucher_storage::contract::Contract;
use voucher_storage::notice::{Notice, Objection};
use voucher_storage::redemption::Redemption;
use voucher_storage::review::{Inquiry, Review};

use super::{Parties, Whom, message, of_contract};
use crate::services::{Call, Failure, Outcome, notify};

const OF_REDEMPTIONS: [(EventAction, Kind, Whom); 11] = [
    (EventAction::RedemptionSubmitted, Kind::RedemptionSubmitted, Whom::Applicant),
    (EventAction::RedemptionConfirmed, Kind::RedemptionConfirmed, Whom::Facility),
    (EventAction::RedemptionDisputed, Kind::RedemptionDisputed, Whom::Facility),
    (EventAction::RedemptionWithdrawn, Kind::RedemptionWithdrawn, Whom::Applicant),
    (EventAction::RedemptionAccepted, Kind::RedemptionAccepted, Whom::Both),
    (EventAction::RedemptionReturned, Kind::RedemptionReturned, Whom::Both),
    (EventAction::RedemptionApproved, Kind::RedemptionApproved, Whom::Both),
    (EventAction::RedemptionRejected, Kind::RedemptionRejected, Whom::Both),
    (EventAction::RedemptionPublished, Kind::RedemptionPublished, Whom::Both),
    (EventAction::RedemptionPayable, Kind::RedemptionPayable, Whom::Facility),
    (EventAction::RedemptionPaid, Kind::PaymentPaid, Whom::Both),
];

fn parties(row: &Redemption) -> Parties {
    Parties { applicant_id: row.applicant_id, facility_id: row.facility_id }
}

/// What can be told of any redemption.
fn known(call: &mut Call<'_>, row: &Redemption) -> Outcome<Facts> {
    let contract = Contract::find(call.tx, row.contract_id)?;
    let contract = contract.ok_or_else(|| Failure::internal(format!("redemption {} has no contract", row.id)))?;
    Ok(of_contract(call, &contract)?.with(FactName::Amount, row.approved_fen.unwrap_or(row.claimable_fen)))
}

/// What was done with a redemption (Art. 15.3 to 15.5).
///
/// # Errors
/// When the store fails.
pub fn redemption(call: &mut Call<'_>, action: EventAction, row: &Redemption) -> Outcome<()> {
    let Some((_, kind, whom)) = OF_REDEMPTIONS.iter().find(|(told, ..)| *told == action) else { return Ok(()) };
    // The other side never heard of a draft.
    if row.submitted_at.is_none() {
        return Ok(());
    }
    let mut facts = known(call, row)?.with(FactName::Remarks, remarks(action, row));
    if let Some(last_day) = last_day(call, action, row)? {
        facts = facts.with(FactName::LastDay, last_day);
    }
    parties(row).tell(call, *whom, &message(*kind, SubjectKind::Redemption, row.id, &facts))
}

/// The words of whoever did it.
fn remarks(action: EventAction, row: &Redemption) -> Option<String> {
    if action == EventAction::RedemptionReturned {
        Some(row.officer_remarks.clone())
    } else if action == EventAction::RedemptionRejected {
        row.concluded_opinion.clone()
    } else {
        row.applicant_remarks.clone()
    }
}

/// The day by which it is corrected, or until which it is published.
fn last_day(
    call: &mut Call<'_>,
    action: EventAction,
    row: &Redemption,
) -> Outcome<Option<voucher_domain::period::Day>> {
    if action == EventAction::RedemptionReturned {
        return Ok(row.correct_by.as_ref().map(|deadline| deadline.last_day));
    }
    let notice = row.notice_id.map(|id| Notice::find(call.tx, id)).transpose()?.flatten();
    Ok(notice.map(|notice| notice.deadline.last_day))
}

/// A review, for the expert it was assigned to (Art. 15.4).
///
/// # Errors
/// When the store fails.
pub fn review_assigned(call: &mut Call<'_>, review: &Review) -> Outcome<()> {
    let redemption = found(call, review.redemption_id)?;
    let facts = known(call, &redemption)?;
    let message = message(Kind::ReviewAssigned, SubjectKind::Review, review.id, &facts);
    notify::tell_user(call, review.expert_id, &message)
}

/// A site visit or defence, for both sides (Art. 15.4).
///
/// # Errors
/// When the store fails.
pub fn inquiry_arranged(call: &mut Call<'_>, redemption: &Redemption, inquiry: &Inquiry) -> Outcome<()> {
    let what = match inquiry.kind {
        InquiryKind::SiteVisit => Text::new("现场调研", "site visit"),
        InquiryKind::Defence => Text::new("答辩", "defence"),
    };
    let facts = known(call, redemption)?.with(FactName::What, what).with(FactName::ScheduledAt, inquiry.scheduled_at);
    let message = message(Kind::InquiryArranged, SubjectKind::Inquiry, inquiry.id, &facts);
    parties(redemption).tell(call, Whom::Both, &message)
}

/// An objection, for the facility and the officers; never whose it is (Art. 15.5).
///
/// # Errors
/// When the store fails.
pub fn objection_made(call: &mut Call<'_>, redemption_id: Uuid, objection: &Objection) -> Outcome<()> {
    let redemption = found(call, redemption_id)?;
    let facts = known(call, &redemption)?;
    let message = message(Kind::ObjectionMade, SubjectKind::Objection, objection.id, &facts);
    parties(&redemption).tell(call, Whom::Facility, &message)?;
    notify::tell_role(call, Role::Officer, &message)
}

/// What was found about an objection, for both sides (Art. 15.5).
///
/// # Errors
/// When the store fails.
pub fn resolved(call: &mut Call<'_>, redemption: &Redemption, objection: &Objection) -> Outcome<()> {
    let facts = known(call, redemption)?.with(FactName::Remarks, objection.reasons.clone());
    let (kind, facts) = match objection.amount_fen {
        Some(amount_fen) => (Kind::ObjectionUpheld, facts.with(FactName::Amount, amount_fen)),
        None => (Kind::ObjectionDismissed, facts),
    };
    let message = message(kind, SubjectKind::Redemption, redemption.id, &facts);
    parties(redemption).tell(call, Whom::Both, &message)
}

/// A payment that failed, for the facility, with the bank's reason (Art. 15.5).
///
/// # Errors
/// When the store fails.
pub fn payment_failed(call: &mut Call<'_>, redemption: &Redemption, reason: Option<String>) -> Outcome<()> {
    let facts = known(call, redemption)?.with(FactName::Remarks, reason);
    let message = message(Kind::PaymentFailed, SubjectKind::Redemption, redemption.id, &facts);
    parties(redemption).tell(call, Whom::Facility, &message)
}

fn found(call: &mut Call<'_>, id: Uuid) -> Outcome<Redemption> {
    Redemption::find(call.tx, id)?.ok_or_else(|| Failure::internal(format!("redemption {id} is not there")))
}
