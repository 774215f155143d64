//! The registration of a signed contract (合同登记, Art. 12, 15.2).

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::contract::{
    self as rules, ContractStatus, ContractVoucher, RegisteredVoucher, Registration, RegistrationFacts,
};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::ledger;
use voucher_domain::period::Day;
use voucher_domain::policy::Policy;
use voucher_domain::refusal::{Faults, Refusal, RefusalCode};
use voucher_domain::voucher::VoucherAction;
use voucher_storage::StorageError;
use voucher_storage::contract::Contract;
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::voucher::Voucher;

use super::form::ContractForm;
use super::view::{self, ContractView};
use crate::services::accounts::{Books, Origin};
use crate::services::project::serving;
use crate::services::{Call, Failure, Outcome, file, tidings, voucher};

/// What a registration is decided by, locked.
struct Parties {
    books: Books,
    project: Project,
    facility: Option<Facility>,
    banned_until: Option<Day>,
    vouchers: BTreeMap<Uuid, Voucher>,
}

/// Registers a signed contract with its vouchers: from then on they are bound to it, and their money is
/// committed.
///
/// # Errors
/// `not_found` for a project that was not proposed to the caller, or a voucher that is not its
/// applicant's; then those of [`rules::register`], in its order; `already_exists` for a number that the
/// facility has used; `validation_failed` for files that are not its own.
pub fn register(call: &mut Call<'_>, form: ContractForm) -> Outcome<ContractView> {
    let mut parties = lock(call, &form)?;
    let named = named(&form, &parties.vouchers)?;
    let policy = policy(call, &parties.books, &parties.vouchers, &named)?.clone();
    let facility = serving(call, parties.facility.as_ref())?;
    let facts = RegistrationFacts {
        project_status: parties.project.status,
        facility,
        banned_until: parties.banned_until,
        number: &form.number,
        signed_on: form.signed_on,
        starts_on: form.starts_on,
        ends_on: form.ends_on,
        amount_fen: form.amount_fen,
        vouchers: named,
    };
    let calendar = call.calendar()?;
    let granted = rules::register(&policy.voucher, &calendar, facts, call.now)?;
    let row = row(call, &form, &parties.project, policy.id, &granted);
    let row = Contract::insert(call.tx, &row).map_err(explain_taken)?;
    file::attach(call, &form.file_ids, SubjectKind::Contract, row.id)?;
    view::record(call, EventAction::ContractRegistered, None, &row)?;
    tidings::contract(call, EventAction::ContractRegistered, &row)?;
    for registered in &granted.vouchers {
        let before = parties.vouchers.get(&registered.id);
        let before = before.ok_or_else(|| Failure::internal("a voucher was registered that was not asked for"))?;
        bind(call, &mut parties.books, before, registered, &row)?;
    }
    view::of(call, row)
}

/// Finds the project and its vouchers, and locks everything in the one order: cycles, both sides, then
/// vouchers, project, facility. Whose a voucher is never changes, so that may be asked before.
fn lock(call: &mut Call<'_>, form: &ContractForm) -> Outcome<Parties> {
    let facility_id = call.organization()?;
    let project = Project::find(call.tx, form.project_id)?
        .filter(|row| row.facility_id == facility_id && row.submitted_at.is_some())
        .ok_or_else(Refusal::not_found)?;
    let seen = Voucher::find_all(call.tx, &form.voucher_ids)?;
    let seen: Vec<Voucher> = seen.into_iter().filter(|row| row.applicant_id == project.applicant_id).collect();
    let books = Books::open(call, seen.iter().map(|row| row.cycle_id))?;
    // A ban of either side (Art. 17): the longer one is told.
    let sides = Organization::hold_all(call.tx, &[project.applicant_id, facility_id])?;
    let banned_until = sides.into_iter().filter_map(|(_, banned_until)| banned_until).max();
    let ids: Vec<Uuid> = seen.iter().map(|row| row.id).collect();
    let vouchers = Voucher::lock_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let project = Project::lock(call.tx, project.id)?.ok_or_else(Refusal::not_found)?;
    let facility = Facility::lock(call.tx, facility_id)?;
    Ok(Parties { books, project, facility, banned_until, vouchers })
}

/// The vouchers that the form names, one for each place. One that is another applicant's and one that does
/// not exist are the same.
fn named(form: &ContractForm, vouchers: &BTreeMap<Uuid, Voucher>) -> Outcome<Vec<ContractVoucher>> {
    let mut faults = Faults::default();
    for (place, id) in form.voucher_ids.iter().enumerate() {
        faults.require(
            vouchers.contains_key(id),
            &format!("voucher_ids[{place}]"),
            "exists",
            "不是该合作项目申领单位的创新券。",
            "is not a voucher of the project's applicant.",
        );
    }
    if let Err(refusal) = faults.done() {
        return Err(Refusal { fields: refusal.fields, ..Refusal::not_found().article("15.2") }.into());
    }
    form.voucher_ids.iter().filter_map(|id| vouchers.get(id)).map(stated).collect()
}

fn stated(row: &Voucher) -> Outcome<ContractVoucher> {
    Ok(ContractVoucher {
        id: row.id,
        number: row.number.clone(),
        amount_fen: row.amount_fen,
        claimed_at: row.claimed_at,
        standing: voucher::standing(row)?,
        valid_until: row.valid_until.clone(),
    })
}

/// The policy of the earliest claimed voucher; without any, the default one refuses the form.
fn policy<'c>(
    call: &'c Call<'_>,
    books: &Books,
    vouchers: &BTreeMap<Uuid, Voucher>,
    named: &[ContractVoucher],
) -> Outcome<&'c Policy> {
    let ordered = rules::in_claim_order(named.iter().collect(), |voucher| voucher.claim());
    match ordered.first().and_then(|first| vouchers.get(&first.id)) {
        Some(earliest) => call.policy(&books.cycle(earliest.cycle_id)?.policy_id),
        None => Ok(call.program.policies.named(None)?),
    }
}

fn row(call: &Call<'_>, form: &ContractForm, project: &Project, policy_id: String, granted: &Registration) -> Contract {
    Contract {
        id: call.new_id(),
        project_id: project.id,
        applicant_id: project.applicant_id,
        facility_id: project.facility_id,
        policy_id,
        status: ContractStatus::Registered,
        number: form.number.trim().to_owned(),
        signed_on: form.signed_on,
        starts_on: form.starts_on,
        ends_on: form.ends_on,
        amount_fen: form.amount_fen,
        completed_on: None,
        actual_amount_fen: None,
        termination_reason: None,
        valid_until: granted.valid_until.clone(),
        redeem_by: granted.redeem_by.clone(),
        registered_at: call.now,
        version: 1,
    }
}

/// Binds a voucher to the contract. Its validity begins at its first registration alone.
fn bind(
    call: &mut Call<'_>,
    books: &mut Books,
    before: &Voucher,
    registered: &RegisteredVoucher,
    contract: &Contract,
) -> Outcome<()> {
    let after = Voucher {
        status: before.status.after(VoucherAction::Register)?,
        registered_on: before.registered_on.or_else(|| Some(call.today())),
        valid_until: Some(registered.valid_until.clone()),
        contract_id: Some(contract.id),
        lapses_at: Some(contract.redeem_by.expires_at),
        ..before.clone()
    };
    let movements = ledger::on_registration(registered.amount_fen, registered.is_first_registration);
    books.post(call, before.cycle_id, &movements, Origin::of_voucher(contract.id, before.id))?;
    voucher::save(call, EventAction::VoucherRegistered, before, after)?;
    Ok(())
}

/// A number can be registered once for a facility.
fn explain_taken(error: StorageError) -> Failure {
    if !error.is_unique("contracts_facility_id_number") {
        return error.into();
    }
    let field = Refusal::field(
        "number",
        "unique",
        "本单位已登记过该编号的合同。",
        "a contract with this number is registered already.",
    );
    let refusal = Refusal::new(
        RefusalCode::AlreadyExists,
        "该合同编号已登记,请核对编号;同一份合同不能重复登记。",
        "A contract with this number is registered already; please check the number.",
    );
    Refusal { fields: field.fields, ..refusal }.into()
}
