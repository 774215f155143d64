//! The payment file that goes to the bank.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use voucher_domain::disbursement::DisbursementAction;
use voucher_domain::event::EventAction;
use voucher_domain::privacy::Disclosure;
use voucher_domain::refusal::Refusal;
use voucher_domain::transition::Named;
use voucher_storage::disbursement::Disbursement;

use super::{DisbursementLineView, detail, disclosed, record, suspension};
use crate::services::ports::Download;
use crate::services::spreadsheet::{Cell, Sheet, SheetFormat};
use crate::services::{Call, Outcome};

/// How the payment file is written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// `csv` or `xlsx`; `csv` without.
    #[param(inline)]
    pub format: Option<SheetFormat>,
}

const HEADINGS: [&str; 9] = [
    "明细编号",
    "收款单位",
    "开户银行",
    "银行账号",
    "金额(元)",
    "合同编号",
    "兑现申请编号",
    "拨付事项",
    "考核申报编号",
];

/// Writes what an approved batch is still to pay to a payment file; that is recorded.
///
/// # Errors
/// `not_found`, `invalid_state` before the approval and once nothing is left to pay, `payment_suspended` while a line waits whose party's
/// payments are suspended (Art. 17).
pub fn export(call: &mut Call<'_>, id: Uuid, query: ExportQuery) -> Outcome<Download> {
    let row = Disbursement::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    row.status.after(DisbursementAction::Export).map_err(|refusal| refusal.article("15.5"))?;
    let name = format!("拨付-{}-{}", row.quarter, row.title);
    let batch = disclosed(call, row.clone(), Disclosure::Whole)?;
    suspension::require_none(call, id)?;
    let rows = batch.lines.iter().filter(|line| line.status.is_exported()).map(cells).collect();
    let sheet = Sheet { title: "拨付明细", headings: &HEADINGS, rows };
    let file = sheet.written(query.format.unwrap_or(SheetFormat::Csv), &name, call.now)?;
    let recorded = detail(call, row)?;
    record(call, EventAction::DisbursementExported, None, &recorded)?;
    Ok(file)
}

fn cells(line: &DisbursementLineView) -> Vec<Cell> {
    let text = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_default());
    let id = |id: Option<Uuid>| Cell::Text(id.map(|id| id.to_string()).unwrap_or_default());
    vec![
        Cell::Text(line.id.to_string()),
        Cell::Text(line.payee_name.clone()),
        text(&line.payee_bank),
        text(&line.payee_account),
        Cell::Yuan(line.amount_fen),
        text(&line.contract_number),
        id(line.redemption_id),
        Cell::Text(line.kind.chinese().to_owned()),
        id(line.submission_id),
    ]
}
