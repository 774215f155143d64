//! What is looked at by itself when a redemption is handed in: the facts, and what came of it.

use uuid::Uuid;
use voucher_domain::applicant::Profile as Statement;
use voucher_domain::contract::ContractStatus;
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::privacy::{Personal, Place, Sealed};
use voucher_domain::redemption::{self as rules, CheckFacts, Flag, Invoice, NearContract, PartyFacts};
use voucher_storage::applicant::Profile;
use voucher_storage::contract::Contract;
use voucher_storage::organization::Organization;
use voucher_storage::redemption::Redemption;
use voucher_storage::user::User;
use voucher_storage::voucher::Voucher;

use super::parts::record as record_event;
use crate::services::call::erased::Facts;
use crate::services::{Call, Outcome};

/// What reviewers should look at more closely.
///
/// # Errors
/// When the store fails.
pub(super) fn look_at(
    call: &mut Call<'_>,
    row: &Redemption,
    contract: &Contract,
    vouchers: &[Voucher],
    invoices: &[Invoice],
) -> Outcome<Vec<Flag>> {
    let (of_applicant, of_facility) = common_phones(call, row.applicant_id, row.facility_id)?;
    let facts = CheckFacts {
        signed_on: contract.signed_on,
        ends_on: contract.ends_on,
        completed_on: contract.completed_on,
        vouchers_fen: Money::sum(vouchers.iter().map(|voucher| voucher.amount_fen))?,
        actual_amount_fen: row.actual_amount_fen,
        invoices,
        neighbours: &neighbours(call, contract)?,
        applicant: &party(call, row.applicant_id, of_applicant)?,
        facility: &party(call, row.facility_id, of_facility)?,
    };
    Ok(rules::check(&facts)?)
}

/// Other contracts that the same parties signed about the same time, and performed or are to perform.
fn neighbours(call: &mut Call<'_>, contract: &Contract) -> Outcome<Vec<NearContract>> {
    let week = rules::week_around(contract.signed_on);
    let near = Contract::of_parties(call.tx, contract.applicant_id, contract.facility_id, week)?.into_iter();
    let mut neighbours = Vec::new();
    for other in near.filter(|other| other.id != contract.id && other.status != ContractStatus::Terminated) {
        let vouchers = Voucher::of_contract(call.tx, other.id)?;
        neighbours.push(NearContract {
            id: other.id,
            number: other.number,
            signed_on: other.signed_on,
            amount_fen: other.amount_fen,
            vouchers_fen: Money::sum(vouchers.iter().map(|voucher| voucher.amount_fen))?,
        });
    }
    Ok(neighbours)
}

/// The telephone numbers of both parties that may be the same: found by their indexes, so that of the
/// facility's no other is opened.
fn common_phones(
    call: &mut Call<'_>,
    applicant_id: Uuid,
    facility_id: Uuid,
) -> Outcome<(Vec<Personal>, Vec<Personal>)> {
    let opened = |call: &Call<'_>, sealed: Vec<(Uuid, Sealed)>| -> Outcome<Vec<Personal>> {
        sealed.iter().map(|(id, phone)| call.program.open(Place::UserPhone, *id, phone)).collect()
    };
    let of_applicant = User::phones_of(call.tx, applicant_id)?;
    let of_applicant = opened(call, of_applicant)?;
    let mut indexes = Vec::new();
    for phone in &of_applicant {
        indexes.extend(call.program.phone_indexes(phone)?);
    }
    let of_facility = User::phones_of_among(call.tx, facility_id, &indexes)?;
    Ok((of_applicant, opened(call, of_facility)?))
}

/// Who stands behind an organization, and how its people are reached.
fn party(call: &mut Call<'_>, id: Uuid, phones: Vec<Personal>) -> Outcome<PartyFacts> {
    let stated = Organization::find(call.tx, id)?.and_then(|row| row.legal_representative);
    let mut representatives: Vec<String> = stated.into_iter().collect();
    if let Some(Statement::Team(team)) = Profile::find(call.tx, id)?.and_then(|row| row.document) {
        representatives.extend(team.members.into_iter().filter(|member| member.is_leader).map(|member| member.name));
    }
    Ok(PartyFacts { representatives, phones })
}

/// Records what the checks found, for the commission; that they were made is no secret.
///
/// # Errors
/// When the store fails.
pub(super) fn record(call: &mut Call<'_>, before: &Redemption, after: &Redemption) -> Outcome<()> {
    let earlier = before.flags.as_ref().map(|flags| -> &dyn Facts { flags });
    record_event(call, EventAction::RedemptionChecked, after, earlier, &after.flags)
}
