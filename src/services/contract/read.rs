//! Looking at contracts.

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::SubjectKind;
use voucher_domain::refusal::Refusal;
use voucher_storage::contract::{Contract, ContractFilter};

use super::form::ContractsQuery;
use super::view::{self, ContractView};
use crate::services::facility::names;
use crate::services::voucher::{EventView, EventsQuery, history};
use crate::services::{Call, Outcome, Page, PageRequest};

/// A contract that the caller may see: its two parties, the commission.
pub(super) fn visible(call: &mut Call<'_>, id: Uuid) -> Outcome<Contract> {
    let actor = call.actor()?;
    let row = Contract::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if actor.sees_everything() || actor.is_of(row.applicant_id) || actor.is_of(row.facility_id) {
        Ok(row)
    } else {
        Err(Refusal::not_found().into())
    }
}

/// A contract.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<ContractView> {
    let row = visible(call, id)?;
    view::of(call, row)
}

/// What happened to a contract, newest first.
///
/// # Errors
/// `not_found`, `validation_failed` for a bad page.
pub fn events(call: &mut Call<'_>, id: Uuid, query: EventsQuery) -> Outcome<Page<EventView>> {
    visible(call, id)?;
    history(call, SubjectKind::Contract, id, &query)
}

/// The contracts that the caller may see, newest first: those of which it is a party, all for the
/// commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: ContractsQuery) -> Outcome<Page<ContractView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let mut filter =
        ContractFilter { status: query.status, applicant_id: query.applicant_id, facility_id: query.facility_id };
    match call.actor()?.role {
        Role::Officer | Role::Auditor => {}
        Role::Applicant => filter.applicant_id = Some(call.organization()?),
        Role::Facility => filter.facility_id = Some(call.organization()?),
        Role::Expert | Role::Admin => {
            return Err(Refusal::forbidden("此账号不能查看服务合同。", "This account sees no contracts.").into());
        }
    }
    let rows = Contract::list(call.tx, &filter, page.before, page.limit)?;
    let names = names(call, rows.items.iter().flat_map(|row| [row.applicant_id, row.facility_id]))?;
    Page::of(rows, |row| view::named(call, row, &names))
}
