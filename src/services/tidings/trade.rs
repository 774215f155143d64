//! Of vouchers, projects and contracts.

use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{FactName, Facts, NotificationKind as Kind};
use voucher_domain::text::Text;
use voucher_domain::transition::Named;
use voucher_domain::voucher::VoidCause;
use voucher_storage::contract::Contract;
use voucher_storage::cycle::Cycle;
use voucher_storage::project::Project;
use voucher_storage::voucher::Voucher;

use super::{Parties, Whom, message, names, of_contract};
use crate::services::notify::{self, Message};
use crate::services::{Call, Outcome};

/// A claimed voucher, for the applicant (Art. 15.1).
pub fn voucher_claimed(row: &Voucher, cycle: &Cycle) -> Message {
    let facts = Facts::default()
        .with(FactName::Number, &row.number)
        .with(FactName::Amount, row.amount_fen)
        .with(FactName::Cycle, &cycle.name)
        .with(FactName::LastDay, row.register_by.last_day);
    message(Kind::VoucherClaimed, SubjectKind::Voucher, row.id, &facts)
}

/// A voucher that became void, for the applicant and for the facility whose contract it was to pay
/// (Art. 15). One whose redemption was rejected or cancelled is told with that.
///
/// # Errors
/// When the store fails.
pub fn voucher_voided(call: &mut Call<'_>, row: &Voucher, cause: VoidCause) -> Outcome<()> {
    let Some(message) = voided(row, cause) else { return Ok(()) };
    notify::tell_organization(call, row.applicant_id, &message)?;
    let contract = row.contract_id.map(|id| Contract::find(call.tx, id)).transpose()?.flatten();
    match contract {
        Some(contract) => notify::tell_organization(call, contract.facility_id, &message),
        None => Ok(()),
    }
}

/// Vouchers that became void and that no contract holds, for their applicants, in few statements.
///
/// # Errors
/// When the store fails.
pub fn vouchers_voided(call: &mut Call<'_>, rows: &[(&Voucher, VoidCause)]) -> Outcome<()> {
    let message = |(row, cause): &(&Voucher, VoidCause)| Some((row.applicant_id, voided(row, *cause)?));
    notify::tell_organizations(call, &rows.iter().filter_map(message).collect::<Vec<_>>())
}

/// What is told of a void voucher; nothing where its redemption tells it.
fn voided(row: &Voucher, cause: VoidCause) -> Option<Message> {
    match cause {
        VoidCause::RedemptionRejected => return None,
        VoidCause::RegistrationOverdue
        | VoidCause::ValidityOverdue
        | VoidCause::RedemptionOverdue
        | VoidCause::Cancelled
        | VoidCause::Revoked => {}
    }
    let facts = Facts::default()
        .with(FactName::Number, &row.number)
        .with(FactName::Amount, row.amount_fen)
        .with(FactName::Cause, Text::new(cause.chinese(), cause.english()));
    Some(message(Kind::VoucherVoided, SubjectKind::Voucher, row.id, &facts))
}

const OF_PROJECTS: [(EventAction, Kind, Whom); 4] = [
    (EventAction::ProjectSubmitted, Kind::ProjectSubmitted, Whom::Facility),
    (EventAction::ProjectAccepted, Kind::ProjectAccepted, Whom::Applicant),
    (EventAction::ProjectReturned, Kind::ProjectReturned, Whom::Applicant),
    (EventAction::ProjectDeclined, Kind::ProjectDeclined, Whom::Applicant),
];

/// What was done with a project, for the other side (Art. 15.2).
///
/// # Errors
/// When the store fails.
pub fn project(call: &mut Call<'_>, action: EventAction, row: &Project) -> Outcome<()> {
    let Some((_, kind, whom)) = OF_PROJECTS.iter().find(|(told, ..)| *told == action) else { return Ok(()) };
    let parties = Parties { applicant_id: row.applicant_id, facility_id: row.facility_id };
    let facts = names(call, parties)?.with(FactName::Title, &row.title).with(FactName::Remarks, &row.remarks);
    parties.tell(call, *whom, &message(*kind, SubjectKind::Project, row.id, &facts))
}

const OF_CONTRACTS: [(EventAction, Kind, Whom); 4] = [
    (EventAction::ContractRegistered, Kind::ContractRegistered, Whom::Both),
    (EventAction::ContractAmended, Kind::ContractAmended, Whom::Both),
    (EventAction::ContractTerminated, Kind::ContractTerminated, Whom::Applicant),
    (EventAction::ContractCompleted, Kind::ContractCompleted, Whom::Applicant),
];

/// What was done with a contract (Art. 15.2, 15.3).
///
/// # Errors
/// When the store fails.
pub fn contract(call: &mut Call<'_>, action: EventAction, row: &Contract) -> Outcome<()> {
    let Some((_, kind, whom)) = OF_CONTRACTS.iter().find(|(told, ..)| *told == action) else { return Ok(()) };
    let facts = of_contract(call, row)?
        .with(FactName::Amount, row.actual_amount_fen.unwrap_or(row.amount_fen))
        .with(FactName::EndsOn, row.ends_on)
        .with(FactName::LastDay, row.redeem_by.last_day)
        .with(FactName::Remarks, row.termination_reason.clone());
    let parties = Parties { applicant_id: row.applicant_id, facility_id: row.facility_id };
    parties.tell(call, *whom, &message(*kind, SubjectKind::Contract, row.id, &facts))
}
