//! Issuing windows (发放周期): made, announced and ended by officers, watched by everybody.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::cycle::{self, CycleAction, CycleKind, CyclePhase, CycleStatus, CycleWindow};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::cycle::Cycle;

use super::{Call, Change, Outcome, Page, PageRequest, accounts};

/// A new cycle.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CycleForm {
    /// What it is called.
    pub name: String,
    /// The policy that judges it for life; the default one without.
    pub policy: Option<String>,
    /// Its total budget, in fen.
    pub budget_fen: Money,
    /// From this instant vouchers may be claimed.
    pub opens_at: Instant,
    /// At this instant it is too late.
    pub closes_at: Instant,
}

/// A change of a draft; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CycleChange {
    /// What it is called.
    pub name: Option<String>,
    /// The policy that judges it.
    pub policy: Option<String>,
    /// Its total budget, in fen.
    pub budget_fen: Option<Money>,
    /// From this instant vouchers may be claimed.
    pub opens_at: Option<Instant>,
    /// At this instant it is too late.
    pub closes_at: Option<Instant>,
}

/// Which cycles are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CyclesQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The seven accounts of a budget, in fen; together they are its budget.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountsView {
    /// What can be claimed.
    pub available: Money,
    /// What is claimed and not registered.
    pub held: Money,
    /// What is registered or redeeming.
    pub committed: Money,
    /// What is approved and not paid.
    pub payable: Money,
    /// What is paid.
    pub paid: Money,
    /// What lapsed to the budget.
    pub lapsed: Money,
    /// What was clawed back.
    pub recovered: Money,
}

impl From<&Cycle> for AccountsView {
    fn from(row: &Cycle) -> Self {
        Self {
            available: row.available_fen,
            held: row.held_fen,
            committed: row.committed_fen,
            payable: row.payable_fen,
            paid: row.paid_fen,
            lapsed: row.lapsed_fen,
            recovered: row.recovered_fen,
        }
    }
}

/// A cycle.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CycleView {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The policy that judges it.
    pub policy: String,
    /// What it is at present.
    pub status: CyclePhase,
    /// Its total budget.
    pub budget_fen: Money,
    /// What can still be claimed.
    pub remaining_fen: Money,
    /// From this instant vouchers may be claimed.
    pub opens_at: Instant,
    /// At this instant it is too late.
    pub closes_at: Instant,
    /// The seven accounts; officers and auditors see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountsView>,
    /// For `If-Match`.
    pub version: i64,
}

/// When a cycle can be claimed from.
pub(super) fn window(row: &Cycle) -> CycleWindow {
    CycleWindow { status: row.status, opens_at: row.opens_at, closes_at: row.closes_at }
}

fn view(call: &Call<'_>, row: Cycle) -> CycleView {
    let sees_everything = call.caller.is_some_and(|actor| actor.sees_everything());
    view_at(row, call.now, sees_everything)
}

/// A cycle as it is at an instant, to somebody who sees its accounts or not.
pub(super) fn view_at(row: Cycle, now: Instant, sees_everything: bool) -> CycleView {
    let accounts = sees_everything.then(|| AccountsView::from(&row));
    CycleView {
        id: row.id,
        status: cycle::phase(window(&row), row.available_fen, now),
        name: row.name,
        policy: row.policy_id,
        budget_fen: row.budget_fen,
        remaining_fen: row.available_fen,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        accounts,
        version: row.version,
    }
}

fn change<'a>(action: EventAction, before: Option<&'a CycleView>, after: &'a CycleView) -> Change<'a> {
    Change {
        action,
        kind: SubjectKind::Cycle,
        id: after.id,
        organization_id: None,
        cycle_id: Some(after.id),
        before: before.map(|view| -> &dyn super::call::erased::Facts { view }),
        after: Some(after),
    }
}

/// Makes a cycle as a draft; its budget is in the ledger from the beginning.
///
/// # Errors
/// `validation_failed`.
pub fn create(call: &mut Call<'_>, form: CycleForm) -> Outcome<CycleView> {
    cycle::validate(&form.name, form.budget_fen, form.opens_at, form.closes_at)?;
    let policy_id = call.program.policies.named(form.policy.as_deref())?.id.clone();
    let window = CycleWindow { status: CycleStatus::Draft, opens_at: form.opens_at, closes_at: form.closes_at };
    let new = accounts::NewBudget {
        id: call.new_id(),
        kind: CycleKind::Voucher,
        name: form.name.trim().to_owned(),
        policy_id,
        window,
        budget_fen: form.budget_fen,
    };
    let row = accounts::begin(call, new)?;
    let after = view(call, row);
    call.record(change(EventAction::CycleCreated, None, &after))?;
    Ok(after)
}

/// An issuing window, locked. The ledger of an assessment's subsidies is none; it is shown with the assessment.
fn locked(call: &mut Call<'_>, id: Uuid) -> Outcome<Cycle> {
    let row = Cycle::lock(call.tx, id)?.filter(|row| row.kind.is_issuing());
    Ok(row.ok_or_else(Refusal::not_found)?)
}

/// Changes a draft.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` once published, `validation_failed`.
pub fn amend(call: &mut Call<'_>, id: Uuid, form: CycleChange) -> Outcome<CycleView> {
    let row = locked(call, id)?;
    call.expect_version(row.version)?;
    row.status.after(CycleAction::Change)?;
    let before = view(call, row.clone());
    let policy_id = match &form.policy {
        Some(policy) => call.program.policies.named(Some(policy))?.id.clone(),
        None => row.policy_id.clone(),
    };
    let budget_fen = form.budget_fen.unwrap_or(row.budget_fen);
    let after = Cycle {
        name: form.name.unwrap_or_else(|| row.name.clone()).trim().to_owned(),
        policy_id,
        budget_fen,
        // Nothing is claimed from a draft, so all of the budget is available.
        available_fen: budget_fen,
        opens_at: form.opens_at.unwrap_or(row.opens_at),
        closes_at: form.closes_at.unwrap_or(row.closes_at),
        ..row.clone()
    };
    cycle::validate(&after.name, after.budget_fen, after.opens_at, after.closes_at)?;
    let after = Cycle::save(call.tx, &after)?;
    accounts::write_entries(
        call,
        &after,
        &ledger::on_budget_change(row.budget_fen, budget_fen)?,
        accounts::Origin::of(id),
    )?;
    let after = view(call, after);
    call.record(change(EventAction::CycleChanged, Some(&before), &after))?;
    Ok(after)
}

/// Announces a draft: from then on only its end can change.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` when it would be over already.
pub fn publish(call: &mut Call<'_>, id: Uuid) -> Outcome<CycleView> {
    let row = locked(call, id)?;
    let before = view(call, row.clone());
    let status = cycle::publish(window(&row), call.now)?;
    let after = Cycle::save(call.tx, &Cycle { status, ..row })?;
    let after = view(call, after);
    call.record(change(EventAction::CyclePublished, Some(&before), &after))?;
    Ok(after)
}

/// Ends a published cycle before its time; vouchers claimed from it live on.
///
/// # Errors
/// `not_found`, `invalid_state`.
pub fn close(call: &mut Call<'_>, id: Uuid) -> Outcome<CycleView> {
    let row = locked(call, id)?;
    let before = view(call, row.clone());
    let status = row.status.after(CycleAction::Close)?;
    let after = Cycle::save(call.tx, &Cycle { status, ..row })?;
    let after = view(call, after);
    call.record(change(EventAction::CycleClosed, Some(&before), &after))?;
    Ok(after)
}

/// Whether everybody may see a cycle: an issuing window that is announced.
pub(super) fn is_announced(row: &Cycle) -> bool {
    row.kind.is_issuing()
        && match row.status {
            CycleStatus::Published | CycleStatus::Closed => true,
            CycleStatus::Draft => false,
        }
}

/// Whether the caller may see a cycle: drafts are the commission's alone.
fn may_see(call: &Call<'_>, row: &Cycle) -> bool {
    is_announced(row) || (row.kind.is_issuing() && (call.is_role(Role::Officer) || call.is_role(Role::Auditor)))
}

/// A cycle, for those who may see it.
///
/// # Errors
/// `not_found`, whether it is not there or a draft.
pub(super) fn require_visible<'a>(call: &Call<'_>, row: Option<&'a Cycle>) -> Result<&'a Cycle, Refusal> {
    row.filter(|row| may_see(call, row)).ok_or_else(Refusal::not_found)
}

/// A cycle.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<CycleView> {
    let row = Cycle::find(call.tx, id)?;
    let row = require_visible(call, row.as_ref())?.clone();
    Ok(view(call, row))
}

/// The cycles, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: CyclesQuery) -> Outcome<Page<CycleView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let with_drafts = call.caller.is_some_and(|actor| actor.sees_everything());
    let rows = Cycle::list(call.tx, with_drafts, page.before, page.limit)?;
    Page::of(rows, |row| Ok(view(call, row)))
}
