//! What a party is told of a violation and of what follows from it (Art. 16, 17).

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::Money;
use voucher_domain::notification::{FactName, Facts, NotificationKind as Kind};
use voucher_domain::supervision::{SanctionKind, ViolationKind};
use voucher_domain::text::Text;
use voucher_domain::transition::Named;
use voucher_storage::organization::Organization;
use voucher_storage::supervision::Violation;
use voucher_storage::voucher::Voucher;

use super::message;
use crate::services::supervision::{ClawbackView, SanctionView};
use crate::services::{Call, Outcome, notify};

fn what(kind: ViolationKind) -> Text {
    Text::new(kind.chinese(), kind.english())
}

/// A sanction in one line.
fn line(sanction: &SanctionView) -> Text {
    let (zh, en) = (sanction.kind.chinese(), sanction.kind.english());
    match (sanction.kind, sanction.ends_on, &sanction.clawback) {
        (SanctionKind::Ban, Some(last_day), _) => {
            Text::new(format!("{zh},至 {last_day}(含当日)"), format!("{en}, up to and including {last_day}"))
        }
        (SanctionKind::ClawBack, _, Some(clawback)) => {
            let amount_fen = clawback.amount_fen;
            Text::new(format!("{zh} {amount_fen} 元"), format!("{en}: {amount_fen} yuan"))
        }
        (
            SanctionKind::Ban
            | SanctionKind::ClawBack
            | SanctionKind::SuspendPayment
            | SanctionKind::Delist
            | SanctionKind::CreditRecord
            | SanctionKind::Referral,
            _,
            _,
        ) => Text::new(zh, en),
    }
}

/// Tells a party that a violation was recorded, dropped, or sanctioned so.
///
/// # Errors
/// When the store fails.
pub fn violation(call: &mut Call<'_>, action: EventAction, row: &Violation, imposed: &[SanctionView]) -> Outcome<()> {
    let told = [
        (EventAction::ViolationRecorded, Kind::ViolationRecorded, Some(row.facts.clone())),
        (EventAction::ViolationDropped, Kind::ViolationDropped, row.closing_reasons.clone()),
        (EventAction::ViolationSanctioned, Kind::SanctionsImposed, row.finding.clone()),
    ];
    let Some((_, kind, remarks)) = told.into_iter().find(|(of, ..)| *of == action) else { return Ok(()) };
    let facts = Facts::default()
        .with(FactName::What, what(row.kind))
        .with(FactName::Remarks, remarks)
        .with(FactName::LastDay, row.statement_by.last_day)
        .with(FactName::Lines, imposed.iter().map(line).collect::<Vec<_>>());
    notify::tell_organization(call, row.organization_id, &message(kind, SubjectKind::Violation, row.id, &facts))
}

/// Tells the officers that a party has stated its side.
///
/// # Errors
/// When the store fails.
pub fn statement_made(call: &mut Call<'_>, row: &Violation) -> Outcome<()> {
    let party = Organization::find(call.tx, row.organization_id)?;
    let facts = Facts::default()
        .with(FactName::What, what(row.kind))
        .with(FactName::Organization, party.map(|party| party.name));
    notify::tell_role(call, Role::Officer, &message(Kind::StatementMade, SubjectKind::Violation, row.id, &facts))
}

/// Tells a party that a sanction on it was lifted.
///
/// # Errors
/// When the store fails.
pub fn sanction_lifted(call: &mut Call<'_>, sanction: &SanctionView) -> Outcome<()> {
    let facts =
        Facts::default().with(FactName::What, line(sanction)).with(FactName::Remarks, sanction.lift_reasons.clone());
    let told = message(Kind::SanctionLifted, SubjectKind::Sanction, sanction.id, &facts);
    notify::tell_organization(call, sanction.organization_id, &told)
}

/// Tells an applicant that a voucher is claimed again, its facility delisted.
///
/// # Errors
/// When the store fails.
pub fn voucher_returned(call: &mut Call<'_>, row: &Voucher, facility_id: Uuid) -> Outcome<()> {
    let facility = Organization::find(call.tx, facility_id)?;
    let facts = Facts::default()
        .with(FactName::Number, &row.number)
        .with(FactName::Amount, row.amount_fen)
        .with(FactName::Facility, facility.map(|facility| facility.name))
        .with(FactName::LastDay, row.register_by.last_day);
    let told = message(Kind::VoucherReturned, SubjectKind::Voucher, row.id, &facts);
    notify::tell_organization(call, row.applicant_id, &told)
}

/// Tells a party that what it paid back has come.
///
/// # Errors
/// When the store fails.
pub fn clawback_received(call: &mut Call<'_>, clawback: &ClawbackView, amount_fen: Money) -> Outcome<()> {
    let facts = Facts::default().with(FactName::Amount, amount_fen).with(FactName::Remaining, clawback.remaining_fen);
    let told = message(Kind::ClawbackReceived, SubjectKind::Clawback, clawback.id, &facts);
    notify::tell_organization(call, clawback.organization_id, &told)
}
