//! Lifting a sanction before its end, with reasons.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::FacilityAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::supervision::{self as rules, ClawbackStatus, SanctionKind};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::supervision::{Clawback, Sanction};

use super::decide::no_facility;
use super::impose::write_ban;
use super::read;
use super::views::{self, SanctionView};
use crate::services::{Call, Outcome, facility, tidings};

/// Why a sanction is lifted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftForm {
    /// Why.
    pub reasons: String,
}

/// Lifts a sanction: what it did ends at once. Contracts that a delisting ended stay so, and the facility
/// may apply anew; of a clawback nothing more is due.
///
/// # Errors
/// `not_found`, `validation_failed`, `invalid_state` for one that does not bind, or a referral.
pub fn lift(call: &mut Call<'_>, id: Uuid, form: LiftForm) -> Outcome<SanctionView> {
    let seen = Sanction::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    Organization::hold_all(call.tx, &[seen.organization_id])?;
    // After the party comes what the sanction is about, then itself.
    let clawback = match Clawback::of_sanctions(call.tx, &[id])?.first() {
        Some(row) => Clawback::lock(call.tx, row.id)?,
        None => None,
    };
    let row = Sanction::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    rules::validate_reasons(&form.reasons)?;
    rules::require_liftable(row.kind, views::standing(&row, call.today()))?;
    let before = read::one(call, row.clone())?;
    let after = Sanction {
        lifted_by: Some(call.actor()?.user_id),
        lifted_at: Some(call.now),
        lift_reasons: Some(form.reasons.trim().to_owned()),
        ..row
    };
    let after = Sanction::save(call.tx, &after)?;
    match after.kind {
        SanctionKind::Ban => write_ban(call, after.organization_id)?,
        SanctionKind::Delist => readmit(call, after.organization_id)?,
        SanctionKind::ClawBack => {
            if let Some(row) = clawback {
                Clawback::save(call.tx, &Clawback { status: ClawbackStatus::Waived, ..row })?;
            }
        }
        // Nothing is kept of these beside the sanction.
        SanctionKind::SuspendPayment | SanctionKind::CreditRecord | SanctionKind::Referral => {}
    }
    let after = read::one(call, after)?;
    views::record_sanction(call, EventAction::SanctionLifted, Some(&before), &after)?;
    tidings::sanction_lifted(call, &after)?;
    Ok(after)
}

fn readmit(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    let before = Facility::lock(call.tx, id)?.ok_or_else(no_facility)?;
    let status = before.status.after(FacilityAction::Readmit)?;
    facility::save(call, EventAction::FacilityReadmitted, &before, &Facility { status, ..before.clone() })?;
    Ok(())
}
