//! Violations, sanctions and clawbacks as they are answered.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::supervision::{
    self as rules, ClawbackStatus, Measure, SanctionKind, SanctionStatus, ViolationKind, ViolationStatus,
};
use voucher_storage::organization::Organization;
use voucher_storage::supervision::{Clawback, Receipt, Sanction, Statement, Violation};

use crate::services::call::erased::Facts;
use crate::services::file::{self, FileView};
use crate::services::{Call, Change, Outcome};

/// A violation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViolationView {
    /// Its id.
    pub id: Uuid,
    /// Against whom.
    pub organization_id: Uuid,
    /// What that is called.
    pub organization_name: String,
    /// What it is.
    pub kind: ViolationKind,
    /// Its state.
    pub status: ViolationStatus,
    /// What was found.
    pub facts: String,
    /// Until when the party may state its side.
    pub statement_by: Deadline,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// What was found proved; the party reads it once the sanctions are approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// The sanctions that are proposed, for the commission alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Vec<Measure>>,
    /// The officer who recorded it, for the commission alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<Uuid>,
    /// The officer who proposed the sanctions, for the commission alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Uuid>,
    /// The other officer, who approved them, or who dropped it; for the commission alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<Uuid>,
    /// When it was decided or dropped for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Instant>,
    /// Why it was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing_reasons: Option<String>,
    /// For `If-Match`, which is optional here; for the commission alone, for it counts the proposals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// What the party stated.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatementView {
    /// Its id.
    pub id: Uuid,
    /// The words.
    pub statement: String,
    /// When.
    pub made_at: Instant,
    /// The evidence with it.
    pub files: Vec<FileView>,
}

/// A violation with its evidence, the party's side and what followed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViolationDetail {
    /// The violation.
    #[serde(flatten)]
    pub violation: ViolationView,
    /// The evidence of it.
    pub files: Vec<FileView>,
    /// What the party stated, the first first.
    pub statements: Vec<StatementView>,
    /// The sanctions that were approved.
    pub sanctions: Vec<SanctionView>,
}

/// A sanction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SanctionView {
    /// Its id.
    pub id: Uuid,
    /// What for.
    pub violation_id: Uuid,
    /// On whom.
    pub organization_id: Uuid,
    /// What that is called.
    pub organization_name: String,
    /// Which.
    pub kind: SanctionKind,
    /// Whether it binds today.
    pub status: SanctionStatus,
    /// The day it was decided.
    #[schema(value_type = chrono::NaiveDate)]
    pub starts_on: Day,
    /// Its last day, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub ends_on: Option<Day>,
    /// When it was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift_reasons: Option<String>,
    /// What is claimed back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clawback: Option<ClawbackView>,
    /// For `If-Match`, which is optional here.
    pub version: i64,
}

/// Money that is claimed back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClawbackView {
    /// Its id.
    pub id: Uuid,
    /// The sanction.
    pub sanction_id: Uuid,
    /// From whom.
    pub organization_id: Uuid,
    /// What it was paid for.
    pub redemption_id: Uuid,
    /// Its state.
    pub status: ClawbackStatus,
    /// How much.
    pub amount_fen: Money,
    /// How much of it has come.
    pub received_fen: Money,
    /// How much is still due.
    pub remaining_fen: Money,
    /// When it was decided.
    pub created_at: Instant,
    /// For `If-Match`, which is optional here.
    pub version: i64,
}

/// Money that came.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceiptView {
    /// Its id.
    pub id: Uuid,
    /// How much.
    pub amount_fen: Money,
    /// The day it came.
    #[schema(value_type = chrono::NaiveDate)]
    pub received_on: Day,
    /// The bank's reference.
    pub reference: String,
    /// The officer who recorded it.
    pub recorded_by: Uuid,
    /// When.
    pub recorded_at: Instant,
}

/// Money that is claimed back, with what has come of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClawbackDetail {
    /// The clawback.
    #[serde(flatten)]
    pub clawback: ClawbackView,
    /// What came, the first first.
    pub receipts: Vec<ReceiptView>,
}

impl ViolationView {
    /// As the commission sees it.
    pub(super) fn whole(row: Violation, organization_name: String) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            organization_name,
            kind: row.kind,
            status: row.status,
            facts: row.facts,
            statement_by: row.statement_by,
            recorded_at: row.recorded_at,
            finding: row.finding,
            proposed: row.measures,
            recorded_by: Some(row.recorded_by),
            decided_by: row.decided_by,
            closed_by: row.closed_by,
            closed_at: row.closed_at,
            closing_reasons: row.closing_reasons,
            version: Some(row.version),
        }
    }

    /// As the party sees it: what is only proposed may come otherwise, and who the officers are is not
    /// the party's. Nothing shows it that there is a proposal: it may state its side as before.
    pub(super) fn for_party(self) -> Self {
        let is_sanctioned = self.status == ViolationStatus::Sanctioned;
        let finding = self.finding.filter(|_| is_sanctioned);
        // A proposal looks to the party as the record does.
        let status = if self.status == ViolationStatus::Decided { ViolationStatus::Recorded } else { self.status };
        let (proposed, version) = (None, None);
        Self { status, finding, proposed, recorded_by: None, decided_by: None, closed_by: None, version, ..self }
    }
}

impl From<Clawback> for ClawbackView {
    fn from(row: Clawback) -> Self {
        let remaining_fen = row.status.claims(row.amount_fen, row.received_fen).left_after(row.received_fen);
        Self {
            id: row.id,
            sanction_id: row.sanction_id,
            organization_id: row.organization_id,
            redemption_id: row.redemption_id,
            status: row.status,
            amount_fen: row.amount_fen,
            received_fen: row.received_fen,
            remaining_fen,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<Receipt> for ReceiptView {
    fn from(row: Receipt) -> Self {
        Self {
            id: row.id,
            amount_fen: row.amount_fen,
            received_on: row.received_on,
            reference: row.reference,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}

/// Whether a sanction binds today.
pub(super) fn standing(row: &Sanction, today: Day) -> SanctionStatus {
    rules::standing(row.ends_on, row.fulfilled_at.is_some(), row.lifted_at.is_some(), today)
}

/// The sanctions with the names of whom they are on, and what they claim back.
pub(super) fn sanction_views(call: &mut Call<'_>, rows: Vec<Sanction>) -> Outcome<Vec<SanctionView>> {
    let parties: Vec<Uuid> = rows.iter().map(|row| row.organization_id).collect();
    let organizations = Organization::find_all(call.tx, &parties)?;
    let names: BTreeMap<Uuid, String> = organizations.into_iter().map(|row| (row.id, row.name)).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let claimed = Clawback::of_sanctions(call.tx, &ids)?;
    let mut claimed: BTreeMap<Uuid, Clawback> = claimed.into_iter().map(|row| (row.sanction_id, row)).collect();
    let today = call.today();
    let views = rows.into_iter().map(|row| SanctionView {
        status: standing(&row, today),
        organization_name: names.get(&row.organization_id).cloned().unwrap_or_default(),
        clawback: claimed.remove(&row.id).map(ClawbackView::from),
        id: row.id,
        violation_id: row.violation_id,
        organization_id: row.organization_id,
        kind: row.kind,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        lifted_at: row.lifted_at,
        lift_reasons: row.lift_reasons,
        version: row.version,
    });
    Ok(views.collect())
}

/// A violation with everything that belongs to it, as the caller may see it.
pub(super) fn detail(call: &mut Call<'_>, row: Violation) -> Outcome<ViolationDetail> {
    let id = row.id;
    let name = super::party(call, row.organization_id)?.name;
    let whole = ViolationView::whole(row, name);
    let violation = if call.actor()?.sees_everything() { whole } else { whole.for_party() };
    let mut statements = Vec::new();
    for row in Statement::of_violation(call.tx, id)? {
        statements.push(statement_view(call, row)?);
    }
    let files = file::attached(call, SubjectKind::Violation, id)?;
    let rows = Sanction::of_violations(call.tx, &[id])?;
    let sanctions = sanction_views(call, rows)?;
    Ok(ViolationDetail { violation, files, statements, sanctions })
}

fn statement_view(call: &mut Call<'_>, row: Statement) -> Outcome<StatementView> {
    let files = file::attached(call, SubjectKind::Statement, row.id)?;
    Ok(StatementView { id: row.id, statement: row.statement, made_at: row.made_at, files })
}

/// Saves a changed violation and the event of the change.
pub(in crate::services) fn save(
    call: &mut Call<'_>,
    action: EventAction,
    before: &Violation,
    after: &Violation,
) -> Outcome<Violation> {
    let after = Violation::save(call.tx, after)?;
    record(call, action, Some(before), &after)?;
    Ok(after)
}

/// Records what happened to a violation.
pub(super) fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&Violation>,
    after: &Violation,
) -> Outcome<()> {
    let name = super::party(call, after.organization_id)?.name;
    let before = before.map(|row| ViolationView::whole(row.clone(), name.clone()));
    call.record(Change {
        action,
        kind: SubjectKind::Violation,
        id: after.id,
        organization_id: Some(after.organization_id),
        cycle_id: None,
        before: before.as_ref().map(|view| -> &dyn Facts { view }),
        after: Some(&ViolationView::whole(after.clone(), name)),
    })
}

/// Records what happened to a sanction.
pub(super) fn record_sanction(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&SanctionView>,
    after: &SanctionView,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::Sanction,
        id: after.id,
        organization_id: Some(after.organization_id),
        cycle_id: None,
        before: before.map(|view| -> &dyn Facts { view }),
        after: Some(after),
    })
}
