//! The tables to fill in, with one line as an example.

use serde::Deserialize;
use utoipa::IntoParams;
use voucher_domain::money::Money;

use super::table::Column;
use super::{instruments, services};
use crate::services::ports::Download;
use crate::services::spreadsheet::{Cell, Sheet, SheetFormat};
use crate::services::{Call, Outcome};

/// As what a template is wanted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct TemplateQuery {
    /// CSV, or a workbook.
    #[param(inline)]
    pub format: SheetFormat,
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn written(
    call: &Call<'_>,
    query: &TemplateQuery,
    title: &str,
    columns: &[Column],
    example: Vec<Cell>,
) -> Outcome<Download> {
    let headings: Vec<&str> = columns.iter().filter_map(|column| column.headings.first().copied()).collect();
    let sheet = Sheet { title, headings: &headings, rows: vec![example] };
    sheet.written(query.format, title, call.now)
}

/// The table to import instruments with.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn instruments_template(call: &mut Call<'_>, query: TemplateQuery) -> Outcome<Download> {
    let example = vec![
        text("示例:三重四极杆质谱仪"),
        text("生产厂商"),
        text("TQ-S"),
        text("质谱仪器"),
        Cell::Yuan(Money::from_fen(320_000_000)),
        text("工作日开放,提前 3 天预约"),
    ];
    written(call, &query, "仪器设备导入模板", &instruments::COLUMNS, example)
}

/// The table to import a price list with.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn services_template(call: &mut Call<'_>, query: TemplateQuery) -> Outcome<Download> {
    let example = vec![
        text("示例:质谱成分分析"),
        text("有机物定性定量分析"),
        text("新材料"),
        text("分析"),
        Cell::Yuan(Money::from_fen(120_000)),
        text("样"),
        text("5"),
        text("否"),
        text(""),
        text(""),
        text(""),
        text(""),
    ];
    written(call, &query, "服务项目导入模板", &services::COLUMNS, example)
}
