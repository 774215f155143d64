//! Violations and sanctions, for the commission and, its own, for the party.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use voucher_domain::refusal::Refusal;
use voucher_domain::supervision::{SanctionKind, SanctionStatus, ViolationKind, ViolationStatus};
use voucher_storage::organization::Organization;
use voucher_storage::supervision::{Sanction, SanctionFilter, Violation, ViolationFilter};

use super::views::{self, SanctionView, ViolationDetail, ViolationView};
use crate::services::{Call, Failure, Outcome, Page, PageRequest};

/// Which violations are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ViolationsQuery {
    /// Against this party; a party is shown its own alone.
    pub organization_id: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<ViolationKind>,
    /// In this state.
    pub status: Option<ViolationStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Which sanctions are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SanctionsQuery {
    /// On this party.
    pub organization_id: Option<Uuid>,
    /// For this violation.
    pub violation_id: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<SanctionKind>,
    /// Standing so today.
    pub status: Option<SanctionStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A violation that the caller may see: the commission any, a party its own.
pub(super) fn visible(call: &mut Call<'_>, id: Uuid) -> Outcome<Violation> {
    let actor = call.actor()?;
    let row = Violation::find(call.tx, id)?;
    let row = row.filter(|row| actor.sees_everything() || actor.is_of(row.organization_id));
    Ok(row.ok_or_else(Refusal::not_found)?)
}

/// A violation with its evidence, the party's side and what followed.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<ViolationDetail> {
    let row = visible(call, id)?;
    views::detail(call, row)
}

/// The violations, newest first: all of them for the commission, a party its own.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: ViolationsQuery) -> Outcome<Page<ViolationView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let sees_everything = call.actor()?.sees_everything();
    let statuses = query.status.map(|status| if sees_everything { vec![status] } else { seen_as(status) });
    let organization_id = if sees_everything { query.organization_id } else { Some(call.organization()?) };
    let filter = ViolationFilter { organization_id, kind: query.kind, statuses };
    let rows = Violation::list(call.tx, filter, page.before, page.limit)?;
    let parties: Vec<Uuid> = rows.items.iter().map(|row| row.organization_id).collect();
    let organizations = Organization::find_all(call.tx, &parties)?;
    let names: BTreeMap<Uuid, String> = organizations.into_iter().map(|row| (row.id, row.name)).collect();
    Page::of(rows, |row| {
        let name = names.get(&row.organization_id).cloned().unwrap_or_default();
        let whole = ViolationView::whole(row, name);
        Ok(if sees_everything { whole } else { whole.for_party() })
    })
}

/// What a party sees in this state: a proposal looks to it as the record does.
fn seen_as(status: ViolationStatus) -> Vec<ViolationStatus> {
    match status {
        ViolationStatus::Recorded => vec![ViolationStatus::Recorded, ViolationStatus::Decided],
        ViolationStatus::Decided => Vec::new(),
        ViolationStatus::Sanctioned | ViolationStatus::Dropped => vec![status],
    }
}

/// The sanctions, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn sanctions(call: &mut Call<'_>, query: SanctionsQuery) -> Outcome<Page<SanctionView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let filter = SanctionFilter {
        organization_id: query.organization_id,
        violation_id: query.violation_id,
        kind: query.kind,
        status: query.status.map(|status| (status, call.today())),
    };
    let rows = Sanction::list(call.tx, filter, page.before, page.limit)?;
    let views = views::sanction_views(call, rows.items.clone())?;
    let mut views = views.into_iter();
    Page::of(rows, |_| views.next().ok_or_else(|| Failure::internal("a sanction has no view")))
}

/// A sanction.
///
/// # Errors
/// `not_found`.
pub fn sanction(call: &mut Call<'_>, id: Uuid) -> Outcome<SanctionView> {
    let row = Sanction::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    one(call, row)
}

/// The view of one sanction.
pub(super) fn one(call: &mut Call<'_>, row: Sanction) -> Outcome<SanctionView> {
    let view = views::sanction_views(call, vec![row])?.pop();
    view.ok_or_else(|| Failure::internal("a sanction has no view"))
}
