//! A delisting (Art. 17) ends the contracts that are not yet performed. The vouchers of applicants who are
//! not at fault return as claimed; those of applicants who are at fault are revoked. What is performed is
//! redeemed as it would be.

use std::collections::BTreeSet;

use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::contract::ContractAction;
use voucher_domain::event::EventAction;
use voucher_domain::facility::FacilityAction;
use voucher_domain::ledger;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::supervision::{Measure, SanctionKind, is_unperformed};
use voucher_domain::voucher::{self as rules, VoidCause};
use voucher_storage::contract::Contract;
use voucher_storage::facility::Facility;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::Sanction;
use voucher_storage::voucher::Voucher;

use super::decide::no_facility;
use super::impose::changed_meanwhile;
use crate::services::accounts::{Books, Origin};
use crate::services::{Call, Outcome, contract, facility, redemption, tidings, voucher};

/// Why the contracts end.
const REASON: &str = "开放单位已从平台除名,尚未履行的合同终止(第十七条)";

/// The contracts of a facility that a delisting ends, with their vouchers; nothing for other sanctions.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Unwinding {
    contracts: Vec<Contract>,
    vouchers: Vec<Voucher>,
}

impl Unwinding {
    /// What the sanctions on a party would end as things stand.
    pub(super) fn of(call: &mut Call<'_>, party_id: Uuid, measures: &[Measure]) -> Outcome<Self> {
        if !measures.iter().any(|measure| measure.kind == SanctionKind::Delist) {
            return Ok(Self::default());
        }
        let contracts = Contract::redeemable_of(call.tx, party_id)?;
        let ids: Vec<Uuid> = contracts.iter().map(|row| row.id).collect();
        let with_commission = RedemptionStatus::ALL.iter().copied().filter(|status| status.holds_vouchers());
        let submitted = Redemption::of_contracts(call.tx, &ids, with_commission)?;
        let submitted: BTreeSet<Uuid> = submitted.into_iter().map(|row| row.contract_id).collect();
        let today = call.today();
        let ends = |row: &Contract| is_unperformed(row.status, row.ends_on, submitted.contains(&row.id), today);
        let contracts: Vec<Contract> = contracts.into_iter().filter(ends).collect();
        let mut vouchers = Vec::new();
        for contract in &contracts {
            vouchers.extend(Voucher::of_contract(call.tx, contract.id)?);
        }
        vouchers.sort_by_key(|row| row.id);
        Ok(Self { contracts, vouchers })
    }

    /// The cycles whose money it moves.
    pub(super) fn cycle_ids(&self) -> Vec<Uuid> {
        self.vouchers.iter().map(|row| row.cycle_id).collect()
    }

    /// Locks all of it, and the facility against new contracts; runs the transaction again where it is not as
    /// it was seen.
    pub(super) fn lock(self, call: &mut Call<'_>, party_id: Uuid, measures: &[Measure]) -> Outcome<Self> {
        let is_delisting = measures.iter().any(|measure| measure.kind == SanctionKind::Delist);
        if !is_delisting {
            return Ok(self);
        }
        let voucher_ids: Vec<Uuid> = self.vouchers.iter().map(|row| row.id).collect();
        Voucher::lock_all(call.tx, &voucher_ids)?;
        Facility::lock(call.tx, party_id)?;
        let contract_ids: Vec<Uuid> = self.contracts.iter().map(|row| row.id).collect();
        Contract::lock_all(call.tx, &contract_ids)?;
        if Self::of(call, party_id, measures)? == self { Ok(self) } else { Err(changed_meanwhile()) }
    }
}

/// Strikes a facility off, and ends what it has not performed.
pub(super) fn delist(
    call: &mut Call<'_>,
    books: &mut Books,
    sanction: &Sanction,
    measure: &Measure,
    unwinding: &Unwinding,
) -> Outcome<()> {
    let before = Facility::lock(call.tx, sanction.organization_id)?.ok_or_else(no_facility)?;
    let status = before.status.after(FacilityAction::Delist)?;
    let after = Facility { status, ..before.clone() };
    facility::save(call, EventAction::FacilityDelisted, &before, &after)?;
    for row in &unwinding.contracts {
        let status = row.status.after(ContractAction::Terminate)?;
        let termination_reason = Some(REASON.to_owned());
        let after = Contract { status, termination_reason, ..row.clone() };
        contract::save(call, EventAction::ContractTerminated, row, after)?;
        for voucher in unwinding.vouchers.iter().filter(|voucher| voucher.contract_id == Some(row.id)) {
            if measure.at_fault_applicant_ids.contains(&row.applicant_id) {
                voucher::void(call, books, voucher, VoidCause::Revoked, sanction.id)?;
            } else {
                give_back(call, books, sanction, voucher)?;
            }
        }
        redemption::withdraw_with_contract(call, row.id)?;
    }
    Ok(())
}

/// The voucher is as it was when it was claimed, with new days for its registration.
fn give_back(call: &mut Call<'_>, books: &mut Books, sanction: &Sanction, before: &Voucher) -> Outcome<()> {
    let policy = call.policy(&books.cycle(before.cycle_id)?.policy_id)?.voucher.clone();
    let calendar = call.calendar()?;
    let (status, register_by) = rules::give_back(before.status, &policy, call.today(), &calendar)?;
    let movements = ledger::on_return(before.amount_fen);
    books.post(call, before.cycle_id, &movements, Origin::of_voucher(sanction.id, before.id))?;
    let after = Voucher {
        status,
        lapses_at: Some(register_by.expires_at),
        register_by,
        registered_on: None,
        valid_until: None,
        contract_id: None,
        ..before.clone()
    };
    let after = voucher::save(call, EventAction::VoucherReturned, before, after)?;
    tidings::voucher_returned(call, &after, sanction.organization_id)
}
