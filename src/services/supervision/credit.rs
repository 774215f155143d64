//! 科技信用记录: what is recorded of whom, as a table (Art. 17: 按照本市科技信用管理有关规定进行记录).

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::supervision::SanctionKind;
use voucher_domain::transition::Named;
use voucher_storage::organization::Organization;
use voucher_storage::supervision::{Sanction, Violation};

use super::views::standing;
use crate::services::ports::Download;
use crate::services::spreadsheet::{Cell, Sheet, SheetFormat};
use crate::services::{Call, Change, Failure, Outcome};

/// How the table is written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CreditQuery {
    /// `csv` or `xlsx`; `csv` without.
    #[param(inline)]
    pub format: Option<SheetFormat>,
}

const HEADINGS: [&str; 10] = [
    "单位名称",
    "统一社会信用代码",
    "违规类型",
    "依据",
    "违规事实",
    "处理决定日期",
    "处理措施",
    "资格取消截止日",
    "记录状态",
    "解除理由",
];

/// Writes the credit records, lifted ones included and marked so; the export is recorded.
///
/// # Errors
/// When the store fails.
pub fn credit_records(call: &mut Call<'_>, query: CreditQuery) -> Outcome<Download> {
    let records = Sanction::of_kind(call.tx, SanctionKind::CreditRecord)?;
    let violation_ids: Vec<Uuid> = records.iter().map(|row| row.violation_id).collect();
    let violations = Violation::find_all(call.tx, &violation_ids)?;
    let violations: BTreeMap<Uuid, Violation> = violations.into_iter().map(|row| (row.id, row)).collect();
    let parties: Vec<Uuid> = records.iter().map(|row| row.organization_id).collect();
    let organizations = Organization::find_all(call.tx, &parties)?;
    let organizations: BTreeMap<Uuid, Organization> = organizations.into_iter().map(|row| (row.id, row)).collect();
    let mut beside: BTreeMap<Uuid, Vec<Sanction>> = BTreeMap::new();
    for row in Sanction::of_violations(call.tx, &violation_ids)? {
        beside.entry(row.violation_id).or_default().push(row);
    }
    let mut rows = Vec::with_capacity(records.len());
    for record in &records {
        let lacking = || Failure::internal(format!("credit record {} has no violation or party", record.id));
        let violation = violations.get(&record.violation_id).ok_or_else(lacking)?;
        let party = organizations.get(&record.organization_id).ok_or_else(lacking)?;
        let measures = beside.get(&record.violation_id).map(Vec::as_slice).unwrap_or_default();
        rows.push(cells(call, record, violation, party, measures));
    }
    let sheet = Sheet { title: "科技信用记录", headings: &HEADINGS, rows };
    let name = format!("科技信用记录-{}", call.today());
    let file = sheet.written(query.format.unwrap_or(SheetFormat::Csv), &name, call.now)?;
    let actor = call.actor()?;
    call.record(Change {
        action: EventAction::CreditRecordsExported,
        kind: SubjectKind::Sanction,
        id: actor.user_id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(&records.len()),
    })?;
    Ok(file)
}

fn cells(
    call: &Call<'_>,
    record: &Sanction,
    violation: &Violation,
    party: &Organization,
    measures: &[Sanction],
) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let day = |day: Option<voucher_domain::period::Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let named: Vec<&str> = measures.iter().map(|row| row.kind.chinese()).collect();
    let ban_ends_on = measures.iter().filter(|row| row.lifted_at.is_none()).filter_map(|row| row.ends_on).max();
    vec![
        text(&party.name),
        text(party.uscc.as_deref().unwrap_or_default()),
        text(violation.kind.chinese()),
        Cell::Text(format!("第{}条", violation.kind.article())),
        text(&violation.facts),
        Cell::Text(day(Some(record.starts_on))),
        Cell::Text(named.join("、")),
        Cell::Text(day(ban_ends_on)),
        text(standing(record, call.today()).chinese()),
        text(record.lift_reasons.as_deref().unwrap_or_default()),
    ]
}
