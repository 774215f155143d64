//! Supervision (Art. 16–18): violations, the party's side, sanctions by two officers, and what they do.

use uuid::Uuid;
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher;
use voucher_storage::organization::Organization;

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

/// The organization of a violation or a sanction.
fn party(call: &mut Call<'_>, id: Uuid) -> Outcome<Organization> {
    Ok(Organization::find(call.tx, id)?.ok_or_else(Refusal::not_found)?)
}
