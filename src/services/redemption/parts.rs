//! What the calls about redemptions have in common: loading one whole, saving it with its event.

use uuid::Uuid;
use voucher_domain::contract::in_claim_order;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::refusal::Refusal;
use voucher_storage::contract::Contract;
use voucher_storage::redemption::{Invoice, Redemption};
use voucher_storage::voucher::Voucher;

use super::views::RedemptionSummary;
use crate::services::call::erased::Facts;
use crate::services::{Call, Change, Outcome, tidings};

/// A redemption with what is decided about together with it, all of it locked.
pub struct Whole {
    /// The redemption.
    pub redemption: Redemption,
    /// Its contract.
    pub contract: Contract,
    /// The contract's vouchers, in the order of their claims.
    pub vouchers: Vec<Voucher>,
}

impl Whole {
    /// Locks a redemption that is there: its vouchers, its contract, then itself. Where money moves,
    /// the cycles of the vouchers are locked before.
    ///
    /// # Errors
    /// `not_found`; when the store fails.
    pub fn lock(call: &mut Call<'_>, id: Uuid) -> Outcome<Self> {
        let seen = Redemption::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
        let (contract, vouchers) = lock_contract(call, seen.contract_id)?;
        let redemption = Redemption::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
        Ok(Self { redemption, contract, vouchers })
    }
}

/// Locks a contract's vouchers and the contract; the vouchers are answered in the order of their claims.
///
/// # Errors
/// `not_found`; when the store fails.
pub(super) fn lock_contract(call: &mut Call<'_>, contract_id: Uuid) -> Outcome<(Contract, Vec<Voucher>)> {
    let bound: Vec<Uuid> = Voucher::of_contract(call.tx, contract_id)?.into_iter().map(|row| row.id).collect();
    let vouchers = Voucher::lock_all(call.tx, &bound)?;
    let contract = Contract::lock(call.tx, contract_id)?.ok_or_else(Refusal::not_found)?;
    // A termination may have freed them before they were locked.
    let vouchers = vouchers.into_iter().filter(|row| row.contract_id == Some(contract_id)).collect();
    Ok((contract, in_claim_order(vouchers, Voucher::claim)))
}

/// Records what happened to a redemption. Its events are shown to the parties.
///
/// # Errors
/// When the store fails.
pub fn record(
    call: &mut Call<'_>,
    action: EventAction,
    row: &Redemption,
    before: Option<&dyn Facts>,
    after: &dyn Facts,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::Redemption,
        id: row.id,
        organization_id: Some(row.facility_id),
        cycle_id: None,
        before,
        after: Some(after),
    })
}

/// Saves a changed redemption and the event of the change.
///
/// # Errors
/// When the store fails.
pub fn save(call: &mut Call<'_>, action: EventAction, before: &Redemption, after: &Redemption) -> Outcome<Redemption> {
    let after = Redemption::save(call.tx, after)?;
    record(call, action, &after, Some(&RedemptionSummary::from(before)), &RedemptionSummary::from(&after))?;
    tidings::redemption(call, action, &after)?;
    Ok(after)
}

/// Lets the invoices of a redemption that stands no more support another one.
///
/// # Errors
/// When the store fails.
pub fn free_invoices(call: &mut Call<'_>, redemption_id: Uuid) -> Outcome<()> {
    Ok(Invoice::free_of_redemption(call.tx, redemption_id)?)
}
