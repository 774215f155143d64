//! 第十四条(一): campaigns, prepared and announced by officers, read by everybody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::assessment::{self as rules, Campaign, CampaignAction, CampaignStatus, Criteria};
use voucher_domain::cycle::{CycleKind, CycleStatus, CycleWindow};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::StorageError;
use voucher_storage::assessment::{Assessment, YEAR_TAKEN};
use voucher_storage::cycle::Cycle;

use crate::services::call::erased::Facts;
use crate::services::cycle::AccountsView;
use crate::services::{Call, Change, Failure, Outcome, Page, PageRequest, accounts, tidings};

/// A campaign to be prepared.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentForm {
    /// What it is called.
    pub title: String,
    /// The year that is assessed; one campaign a year.
    pub year: i32,
    /// The policy whose caps bind; the default one without.
    pub policy: Option<String>,
    /// The last day of submissions.
    #[schema(value_type = chrono::NaiveDate)]
    pub submit_by: Day,
    /// What all subsidies together may come to, in fen.
    pub budget_fen: Money,
    /// What submissions are judged by.
    pub criteria: Criteria,
}

/// A change of a campaign that is not announced; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentChange {
    /// What it is called.
    pub title: Option<String>,
    /// The last day of submissions.
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub submit_by: Option<Day>,
    /// What all subsidies together may come to, in fen.
    pub budget_fen: Option<Money>,
    /// What submissions are judged by, whole.
    pub criteria: Option<Criteria>,
}

/// Which campaigns are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AssessmentsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A campaign.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentView {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// The year that is assessed.
    pub year: i32,
    /// The policy whose caps bind.
    pub policy: String,
    /// Its state.
    pub status: CampaignStatus,
    /// Whether submissions are taken at present.
    pub is_open: bool,
    /// The last day of submissions.
    #[schema(value_type = chrono::NaiveDate)]
    pub submit_by: Day,
    /// At this instant it is too late.
    pub closes_at: Instant,
    /// What all subsidies together may come to.
    pub budget_fen: Money,
    /// What submissions are judged by.
    pub criteria: Criteria,
    /// When it was announced.
    pub announced_at: Option<Instant>,
    /// The seven accounts of its budget, once announced; officers and auditors see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountsView>,
    /// For `If-Match`.
    pub version: i64,
}

impl AssessmentView {
    pub(super) fn of(row: Assessment, now: Instant) -> Self {
        Self {
            id: row.id,
            is_open: rules::require_open(row.status, row.submit_by, row.closes_at, now).is_ok(),
            title: row.title,
            year: row.year,
            policy: row.policy_id,
            status: row.status,
            submit_by: row.submit_by,
            closes_at: row.closes_at,
            budget_fen: row.budget_fen,
            criteria: row.criteria,
            announced_at: row.announced_at,
            accounts: None,
            version: row.version,
        }
    }
}

fn check(call: &Call<'_>, row: &Assessment) -> Result<(), Refusal> {
    let campaign = Campaign {
        title: row.title.clone(),
        year: row.year,
        submit_by: row.submit_by,
        budget_fen: row.budget_fen,
        criteria: row.criteria.clone(),
    };
    rules::validate(&campaign, call.today())
}

fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&AssessmentView>,
    after: &AssessmentView,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: action.subject(),
        id: after.id,
        organization_id: None,
        cycle_id: None,
        before: before.map(|view| -> &dyn Facts { view }),
        after: Some(after),
    })
}

/// Records what was drawn or decided about a campaign.
pub(super) fn record_decision(call: &mut Call<'_>, action: EventAction, id: Uuid, after: &dyn Facts) -> Outcome<()> {
    call.record(Change {
        action,
        kind: action.subject(),
        id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(after),
    })
}

/// Prepares a campaign.
///
/// # Errors
/// `validation_failed`; `already_exists` for a year that has one.
pub fn create(call: &mut Call<'_>, form: AssessmentForm) -> Outcome<AssessmentView> {
    let policy_id = call.program.policies.named(form.policy.as_deref())?.id.clone();
    let row = Assessment {
        id: call.new_id(),
        year: form.year,
        title: form.title.trim().to_owned(),
        policy_id,
        status: CampaignStatus::Draft,
        submit_by: form.submit_by,
        closes_at: Deadline::end_of(form.submit_by)?,
        budget_fen: form.budget_fen,
        criteria: form.criteria,
        created_by: call.actor()?.user_id,
        announced_at: None,
        created_at: call.now,
        version: 1,
        graded_by: None,
        decided_by: None,
        decided_at: None,
        visits_draw_id: None,
    };
    check(call, &row)?;
    let row = Assessment::insert(call.tx, &row).map_err(explain_taken)?;
    let after = AssessmentView::of(row, call.now);
    record(call, EventAction::AssessmentCreated, None, &after)?;
    Ok(after)
}

fn explain_taken(error: StorageError) -> Failure {
    if !error.is_unique(YEAR_TAKEN) {
        return error.into();
    }
    Refusal::new(
        RefusalCode::AlreadyExists,
        "该年度的绩效考核已经建立;每年组织一次,请修改已有的考核。",
        "There is an assessment of this year already; it is held once a year, so please change that one.",
    )
    .article("11")
    .into()
}

/// Changes a campaign that is not announced.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` once announced, `validation_failed`.
pub fn change(call: &mut Call<'_>, id: Uuid, form: AssessmentChange) -> Outcome<AssessmentView> {
    let row = Assessment::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.expect_version(row.version)?;
    let status = row.status.after(CampaignAction::Change)?;
    let before = AssessmentView::of(row.clone(), call.now);
    let submit_by = form.submit_by.unwrap_or(row.submit_by);
    let after = Assessment {
        status,
        title: form.title.map_or_else(|| row.title.clone(), |title| title.trim().to_owned()),
        submit_by,
        closes_at: Deadline::end_of(submit_by)?,
        budget_fen: form.budget_fen.unwrap_or(row.budget_fen),
        criteria: form.criteria.unwrap_or_else(|| row.criteria.clone()),
        ..row
    };
    check(call, &after)?;
    let after = AssessmentView::of(Assessment::save(call.tx, &after)?, call.now);
    record(call, EventAction::AssessmentChanged, Some(&before), &after)?;
    Ok(after)
}

/// Announces a campaign: facilities submit until its last day. From here on its budget is what facilities rely
/// on, and in the ledger.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` when its last day is over.
pub fn announce(call: &mut Call<'_>, id: Uuid) -> Outcome<AssessmentView> {
    let row = Assessment::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let status = row.status.after(CampaignAction::Announce)?;
    check(call, &row)?;
    let before = AssessmentView::of(row.clone(), call.now);
    let after = Assessment { status, announced_at: Some(call.now), ..row };
    enter_budget(call, &after)?;
    let after = AssessmentView::of(Assessment::save(call.tx, &after)?, call.now);
    record(call, EventAction::AssessmentAnnounced, Some(&before), &after)?;
    tidings::assessment_announced(call, &after)?;
    Ok(after)
}

/// Enters the budget into the ledger, under the campaign's id.
fn enter_budget(call: &mut Call<'_>, row: &Assessment) -> Outcome<()> {
    let window = CycleWindow { status: CycleStatus::Closed, opens_at: call.now, closes_at: row.closes_at };
    let new = accounts::NewBudget {
        id: row.id,
        kind: CycleKind::Subsidy,
        name: row.title.clone(),
        policy_id: row.policy_id.clone(),
        window,
        budget_fen: row.budget_fen,
    };
    accounts::begin(call, new)?;
    Ok(())
}

/// The campaigns as the caller sees them: the commission with the accounts of their budgets.
fn views(call: &mut Call<'_>, rows: &[Assessment]) -> Outcome<BTreeMap<Uuid, AssessmentView>> {
    let sees_accounts = call.caller.is_some_and(|actor| actor.sees_everything());
    let ids: Vec<Uuid> = rows.iter().filter(|_| sees_accounts).map(|row| row.id).collect();
    let ledgers: BTreeMap<Uuid, AccountsView> =
        Cycle::find_all(call.tx, &ids)?.iter().map(|row| (row.id, AccountsView::from(row))).collect();
    let view = |row: &Assessment| AssessmentView {
        accounts: ledgers.get(&row.id).cloned(),
        ..AssessmentView::of(row.clone(), call.now)
    };
    Ok(rows.iter().map(|row| (row.id, view(row))).collect())
}

/// A campaign that the caller may see: those that are not announced are the commission's alone.
///
/// # Errors
/// `not_found`.
pub(super) fn visible(call: &mut Call<'_>, id: Uuid) -> Outcome<Assessment> {
    let row = Assessment::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let is_announced = row.status != CampaignStatus::Draft;
    let sees_drafts = call.caller.is_some_and(|actor| actor.sees_everything());
    if is_announced || sees_drafts { Ok(row) } else { Err(Refusal::not_found().into()) }
}

/// A campaign.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<AssessmentView> {
    let row = visible(call, id)?;
    let view = views(call, std::slice::from_ref(&row))?.remove(&id);
    view.ok_or_else(|| Failure::internal("an assessment has no view"))
}

/// The campaigns, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: AssessmentsQuery) -> Outcome<Page<AssessmentView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let with_drafts = call.caller.is_some_and(|actor| actor.sees_everything());
    let rows = Assessment::list(call.tx, with_drafts, page.before, page.limit)?;
    let mut views = views(call, &rows.items)?;
    Page::of(rows, |row| views.remove(&row.id).ok_or_else(|| Failure::internal("an assessment has no view")))
}
