//! Importing instruments.

use std::collections::BTreeMap;

use voucher_domain::catalogue::{self as cells, CellFault};
use voucher_domain::event::EventAction;
use voucher_domain::text::Text;
use voucher_storage::facility::Instrument;

use super::record_listed;
use super::report::{ImportReport, Report};
use super::table::{Column, Table};
use crate::services::facility::{
    InstrumentForm, InstrumentView, check_instrument, listed_instrument, names, own_facility,
};
use crate::services::ports::Upload;
use crate::services::{Call, Outcome, Program};

/// The columns of a table of instruments.
pub(super) const COLUMNS: [Column; 6] = [
    Column { field: "name", headings: &["仪器名称", "名称", "设备名称", "name"], is_required: true },
    Column {
        field: "maker", headings: &["生产厂商", "生产厂家", "厂商", "制造商", "maker"], is_required: true
    },
    Column { field: "model", headings: &["型号", "规格型号", "model"], is_required: true },
    Column { field: "category", headings: &["类别", "仪器类别", "分类", "category"], is_required: true },
    Column {
        field: "original_value_fen",
        headings: &["原值(元)", "原值", "购置金额(元)", "original_value_yuan"],
        is_required: true,
    },
    Column {
        field: "opening_rules",
        headings: &["开放规则", "开放制度", "收费及开放说明", "opening_rules"],
        is_required: true,
    },
];

/// A table that was read before the transaction: a large one would hold up every other writer.
#[derive(Debug, Clone)]
pub struct ReadInstruments {
    forms: Vec<(u32, InstrumentForm)>,
    report: Report,
}

/// Reads a table of instruments.
///
/// # Errors
/// `validation_failed` for what is no such table; the faults of its lines are told later, all together.
pub fn prepare_instruments(_: &Program, upload: Upload) -> Outcome<ReadInstruments> {
    let table = Table::read(&upload, &COLUMNS)?;
    let (mut forms, mut report) = (Vec::with_capacity(table.lines.len()), Report::default());
    for line in &table.lines {
        let value = table.value(line, "original_value_fen", &mut report, cells::amount);
        let mut text = |field| table.text(line, field, &mut report).to_owned();
        let form = InstrumentForm {
            name: text("name"),
            maker: text("maker"),
            model: text("model"),
            category: text("category"),
            original_value_fen: value.unwrap_or_default(),
            opening_rules: text("opening_rules"),
        };
        report.take_in(line.number, check_instrument(&form));
        forms.push((line.number, form));
    }
    Ok(ReadInstruments { forms, report })
}

/// What makes two instruments the same: a second one of the same kind is told apart by its name.
fn key(name: &str, maker: &str, model: &str) -> String {
    [name, maker, model].map(|part| part.trim().to_lowercase()).join("\u{1f}")
}

/// Lists every instrument of a table, or none.
///
/// # Errors
/// `not_found` for an organization that is no facility yet; `validation_failed` with every line at
/// fault, those that are listed already or stand in the table twice included.
pub fn import_instruments(call: &mut Call<'_>, read: ReadInstruments) -> Outcome<ImportReport> {
    let facility_id = own_facility(call)?.id;
    let mut report = read.report;
    let mut seen: BTreeMap<String, Option<u32>> = Instrument::offered(call.tx, facility_id)?
        .iter()
        .map(|row| (key(&row.name, &row.maker, &row.model), None))
        .collect();
    for (line, form) in &read.forms {
        match seen.get(&key(&form.name, &form.maker, &form.model)) {
            Some(earlier) => report.add(*line, "name", repeated(*earlier)),
            None => drop(seen.insert(key(&form.name, &form.maker, &form.model), Some(*line))),
        }
    }
    report.done()?;
    let rows: Vec<Instrument> = read.forms.iter().map(|(_, form)| listed_instrument(call, facility_id, form)).collect();
    Instrument::insert_all(call.tx, &rows)?;
    let name = names(call, [facility_id])?.remove(&facility_id).unwrap_or_default();
    let views: Vec<InstrumentView> = rows.into_iter().map(|row| InstrumentView::of(row, name.clone())).collect();
    record_listed(call, facility_id, EventAction::InstrumentCreated, &views, |view| view.id)
}

/// The fault of a line that is there already.
pub(super) fn repeated(earlier: Option<u32>) -> CellFault {
    let message = match earlier {
        Some(line) => Text::new(format!("与第 {line} 行重复。"), format!("is the same as line {line}.")),
        None => Text::new(
            "本单位已发布同名同规格的项目,请勿重复导入。",
            "is listed already by your facility under the same name and particulars.",
        ),
    };
    CellFault { rule: "unique", message }
}
