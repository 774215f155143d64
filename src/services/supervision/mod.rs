//! Supervision (Art. 16–18): violations, the party's side, sanctions by two officers, and what they do.
//!
//! A violation is of a party, not of a cycle or a campaign: the numbers of Art. 17 (a ban's years, the days for
//! a statement) are those of the default policy on the day they are reckoned.

use std::collections::BTreeSet;

use uuid::Uuid;
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher;
use voucher_storage::organization::Organization;
use voucher_storage::supervision::Sanction;

use super::{Call, Outcome};

mod clawback;
mod credit;
mod decide;
mod delist;
mod impose;
mod lift;
mod read;
mod record;
mod views;

pub use clawback::{ClawbacksQuery, ReceiptForm, clawback, clawbacks, receive};
pub use credit::{CreditQuery, credit_records};
pub use decide::{DropForm, SanctionDecisionForm, decide, drop_violation};
pub use impose::approve;
pub use lift::{LiftForm, lift};
pub use read::{SanctionsQuery, ViolationsQuery, list, sanction, sanctions, show};
pub use record::{StatementForm, ViolationForm, make_statement, record};
pub(super) use views::save;
pub use views::{
    ClawbackDetail, ClawbackView, ReceiptView, SanctionView, StatementView, ViolationDetail, ViolationView,
};

/// None of these organizations is banned (Art. 17).
///
/// # Errors
/// `banned`, saying until when.
pub(super) fn require_not_banned(call: &mut Call<'_>, organization_ids: &[Uuid]) -> Outcome<()> {
    let rows = Organization::find_all(call.tx, organization_ids)?;
    let banned_until = rows.into_iter().filter_map(|row| row.banned_until).max();
    Ok(voucher::require_not_banned(banned_until, call.today())?)
}

/// Whether this organization is banned today (Art. 17).
///
/// # Errors
/// When the store fails.
pub(super) fn is_banned(call: &mut Call<'_>, organization_id: Uuid) -> Outcome<bool> {
    let banned_until = Organization::find(call.tx, organization_id)?.and_then(|row| row.banned_until);
    Ok(voucher::require_not_banned(banned_until, call.today()).is_err())
}

/// Everybody who is banned today (Art. 17).
///
/// # Errors
/// When the store fails.
pub(super) fn every_banned(call: &mut Call<'_>) -> Outcome<BTreeSet<Uuid>> {
    let today = call.today();
    let rows = Organization::every_banned(call.tx)?.into_iter();
    Ok(rows.filter(|(_, until)| voucher::require_not_banned(*until, today).is_err()).map(|(id, _)| id).collect())
}

/// Whether payments to this organization, or for its vouchers, are suspended (Art. 17).
///
/// # Errors
/// When the store fails.
pub(super) fn is_suspended(call: &mut Call<'_>, organization_id: Uuid) -> Outcome<bool> {
    Ok(!Sanction::suspended_among(call.tx, &[organization_id])?.is_empty())
}

/// The organization of a violation or a sanction.
fn party(call: &mut Call<'_>, id: Uuid) -> Outcome<Organization> {
    Ok(Organization::find(call.tx, id)?.ok_or_else(Refusal::not_found)?)
}
