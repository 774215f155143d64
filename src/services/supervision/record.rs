//! Recording a violation, and the party's side of it.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::refusal::Refusal;
use voucher_domain::supervision::{self as rules, ViolationKind, ViolationStatus};
use voucher_storage::organization::Organization;
use voucher_storage::supervision::{Statement, Violation};

use super::read;
use super::views::{self, ViolationDetail};
use crate::services::{Call, Change, Outcome, file, tidings};

/// A violation to be recorded.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViolationForm {
    /// Against whom: an applicant or a facility.
    pub organization_id: Uuid,
    /// What it is.
    pub kind: ViolationKind,
    /// What was found; the party reads it.
    pub facts: String,
    /// The evidence; the party reads it too, so it names nobody who is to be protected.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
}

/// What the party states.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementForm {
    /// Its side.
    pub statement: String,
    /// Evidence for it.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
}

/// Records a violation (Art. 16); the party is told, and may state its side.
///
/// # Errors
/// `validation_failed`, for an organization that is not there as well.
pub fn record(call: &mut Call<'_>, form: ViolationForm) -> Outcome<ViolationDetail> {
    rules::validate_facts(&form.facts)?;
    if Organization::find(call.tx, form.organization_id)?.is_none() {
        return Err(Refusal::field("organization_id", "known", "没有这个单位。", "is no organization.").into());
    }
    let calendar = call.calendar()?;
    let policy = call.program.policies.named(None)?;
    let row = Violation {
        id: call.new_id(),
        organization_id: form.organization_id,
        kind: form.kind,
        status: ViolationStatus::Recorded,
        facts: form.facts.trim().to_owned(),
        statement_by: rules::statement_by(&policy.sanction, call.today(), &calendar)?,
        recorded_by: call.actor()?.user_id,
        recorded_at: call.now,
        finding: None,
        measures: None,
        decided_by: None,
        decided_at: None,
        closed_by: None,
        closed_at: None,
        closing_reasons: None,
        version: 1,
    };
    let row = Violation::insert(call.tx, &row)?;
    file::attach(call, &form.file_ids, SubjectKind::Violation, row.id)?;
    views::record(call, EventAction::ViolationRecorded, None, &row)?;
    tidings::violation(call, EventAction::ViolationRecorded, &row, &[])?;
    views::detail(call, row)
}

/// Takes what the party states about a violation (Art. 17).
///
/// # Errors
/// `not_found` for another's; `invalid_state` after the approval or the deadline; `validation_failed`.
pub fn make_statement(call: &mut Call<'_>, id: Uuid, form: StatementForm) -> Outcome<ViolationDetail> {
    read::visible(call, id)?;
    let row = Violation::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    rules::make_statement(row.status, &row.statement_by, &form.statement, call.now)?;
    let statement = Statement {
        id: call.new_id(),
        violation_id: id,
        statement: form.statement.trim().to_owned(),
        made_by: call.actor()?.user_id,
        made_at: call.now,
    };
    let statement = Statement::insert(call.tx, &statement)?;
    file::attach(call, &form.file_ids, SubjectKind::Statement, statement.id)?;
    call.record(Change {
        action: EventAction::StatementMade,
        kind: SubjectKind::Statement,
        id: statement.id,
        organization_id: Some(row.organization_id),
        cycle_id: None,
        before: None,
        after: Some(&statement.statement),
    })?;
    tidings::statement_made(call, &row)?;
    views::detail(call, row)
}
