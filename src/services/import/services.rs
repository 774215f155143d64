//! Importing services, a facility's price list.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::catalogue::{self as cells, CellFault};
use voucher_domain::event::EventAction;
use voucher_domain::facility::{ComputeTerms, ComputeUnit, ServiceKind, validate_instrument_count};
use voucher_domain::text::Text;
use voucher_storage::facility::{Instrument, Service};

use super::instruments::repeated;
use super::record_listed;
use super::report::{ImportReport, Report};
use super::table::{Column, Line, Table};
use crate::services::facility::{ServiceForm, ServiceView, check_service, listed_service, names, own_facility};
use crate::services::ports::Upload;
use crate::services::{Call, Failure, Outcome, Program};

/// The columns of a price list.
pub(super) const COLUMNS: [Column; 12] = [
    Column { field: "name", headings: &["服务名称", "名称", "服务项目", "name"], is_required: true },
    Column { field: "purpose", headings: &["服务内容", "用途", "服务说明", "purpose"], is_required: true },
    Column { field: "field", headings: &["服务领域", "领域", "field"], is_required: true },
    Column { field: "kind", headings: &["服务类型", "类型", "kind"], is_required: true },
    Column {
        field: "price_fen",
        headings: &["单价(元)", "单价", "价格(元)", "收费标准(元)", "price_yuan"],
        is_required: true,
    },
    Column { field: "unit", headings: &["计价单位", "单位", "unit"], is_required: true },
    Column {
        field: "turnaround_days",
        headings: &["服务周期(天)", "周期(天)", "周期", "turnaround_days"],
        is_required: true,
    },
    Column {
        field: "is_statutory_testing",
        headings: &["是否强制或法定检测", "法定检测", "is_statutory_testing"],
        is_required: false,
    },
    Column { field: "instruments", headings: &["使用仪器", "所用仪器", "instruments"], is_required: false },
    Column { field: "compute.model", headings: &["算力机型", "机型", "compute_model"], is_required: false },
    Column { field: "compute.amount", headings: &["算力数量", "compute_amount"], is_required: false },
    Column { field: "compute.unit", headings: &["算力单位", "compute_unit"], is_required: false },
];

/// What people write for each field.
pub(super) const FIELDS: &[(Industry, &str, &[&str])] = &[
    (Industry::NextGenerationIt, "next_generation_it", &["新一代信息技术", "信息技术"]),
    (Industry::MedicineHealth, "medicine_health", &["医药健康"]),
    (Industry::IntelligentManufacturing, "intelligent_manufacturing", &["智能制造"]),
    (Industry::NewMaterials, "new_materials", &["新材料"]),
    (Industry::GreenEnergy, "green_energy", &["绿色能源与节能环保", "绿色能源", "节能环保"]),
    (Industry::Other, "other", &["其他"]),
];

/// What people write for each kind.
pub(super) const KINDS: &[(ServiceKind, &str, &[&str])] = &[
    (ServiceKind::Analysis, "analysis", &["分析"]),
    (ServiceKind::Testing, "testing", &["测试"]),
    (ServiceKind::Inspection, "inspection", &["检验", "检测"]),
    (ServiceKind::Research, "research", &["研发"]),
    (ServiceKind::Compute, "compute", &["算力", "算力租用"]),
];

const UNITS: &[(ComputeUnit, &str, &[&str])] = &[
    (ComputeUnit::CardHour, "card_hour", &["卡时"]),
    (ComputeUnit::CardDay, "card_day", &["卡日", "卡天"]),
    (ComputeUnit::NodeHour, "node_hour", &["节点时"]),
    (ComputeUnit::NodeDay, "node_day", &["节点日", "节点天"]),
    (ComputeUnit::PetaflopsHour, "petaflops_hour", &["pflops·时", "pflops时"]),
];

/// A line of a price list.
#[derive(Debug, Clone)]
struct Entry {
    line: u32,
    form: ServiceForm,
    turnaround_days: i32,
    /// The instruments as they were named, each once; they are the facility's own to find.
    instruments: Vec<String>,
}

/// A table that was read before the transaction.
#[derive(Debug, Clone)]
pub struct ReadServices {
    entries: Vec<Entry>,
    report: Report,
}

/// Reads a price list.
///
/// # Errors
/// `validation_failed` for what is no such table; the faults of its lines are told later, all together.
pub fn prepare_services(_: &Program, upload: Upload) -> Outcome<ReadServices> {
    let table = Table::read(&upload, &COLUMNS)?;
    let (mut entries, mut report) = (Vec::with_capacity(table.lines.len()), Report::default());
    for line in &table.lines {
        entries.extend(entry(&table, line, &mut report)?);
    }
    Ok(ReadServices { entries, report })
}

/// One line as a form; nothing where what it needs cannot be read, which is noted.
fn entry(table: &Table, line: &Line, report: &mut Report) -> Outcome<Option<Entry>> {
    let field = table.value(line, "field", report, |text| cells::label(text, FIELDS));
    let kind = table.value(line, "kind", report, |text| cells::label(text, KINDS));
    let price_fen = table.value(line, "price_fen", report, cells::amount);
    let turnaround_days = table.value(line, "turnaround_days", report, cells::count);
    let is_statutory_testing = table.value(line, "is_statutory_testing", report, cells::yes_or_no);
    let compute = compute(table, line, report);
    let instruments = instruments(table, line, report);
    let mut text = |field| table.text(line, field, report).to_owned();
    let (name, purpose, unit) = (text("name"), text("purpose"), text("unit"));
    let read = (field, kind, price_fen, turnaround_days, is_statutory_testing, compute);
    // What can be read is checked by the rules all the same, with something right in the place of the rest.
    let (field, kind, compute) =
        (read.0.unwrap_or(Industry::Other), read.1.unwrap_or(ServiceKind::Testing), read.5.clone().unwrap_or_default());
    let form = ServiceForm {
        name,
        purpose,
        field,
        kind,
        price_fen: read.2.unwrap_or_default(),
        unit,
        turnaround_days: read.3.unwrap_or_default(),
        is_statutory_testing: read.4.unwrap_or_default(),
        instrument_ids: Vec::new(),
        compute,
    };
    let turnaround_days = match check_service(&form) {
        Ok(days) => days,
        Err(Failure::Refused(refusal)) => {
            report.take_in(line.number, Err(*refusal));
            0
        }
        Err(other) => return Err(other),
    };
    Ok(Some(Entry { line: line.number, form, turnaround_days, instruments }))
}

/// The instruments that a line names, each once.
fn instruments(table: &Table, line: &Line, report: &mut Report) -> Vec<String> {
    let mut seen = HashSet::new();
    let named = table.text(line, "instruments", report).split([';', '；', '、', '\n']).map(str::trim);
    let named: Vec<&str> = named.filter(|name| !name.is_empty() && seen.insert(*name)).collect();
    let counted = validate_instrument_count("instruments", named.len());
    if counted.is_err() {
        report.take_in(line.number, counted);
        return Vec::new();
    }
    named.into_iter().map(str::to_owned).collect()
}

/// What computing power a line rents: its three columns together, or none of them. The outer nothing is
/// a fault that is noted.
fn compute(table: &Table, line: &Line, report: &mut Report) -> Option<Option<ComputeTerms>> {
    let model = table.text(line, "compute.model", report).to_owned();
    let amount = table.text(line, "compute.amount", report);
    let unit = table.text(line, "compute.unit", report);
    if model.is_empty() && amount.is_empty() && unit.is_empty() {
        return Some(None);
    }
    let amount = table.value(line, "compute.amount", report, cells::count);
    let unit = table.value(line, "compute.unit", report, |text| cells::label(text, UNITS));
    Some(Some(ComputeTerms { model, amount: amount?, unit: unit? }))
}

/// What makes two services the same.
fn key(name: &str, unit: &str, kind: ServiceKind) -> String {
    format!("{}\u{1f}{}\u{1f}{kind}", name.trim().to_lowercase(), unit.trim().to_lowercase())
}

/// Lists every service of a price list, or none.
///
/// # Errors
/// `not_found` for an organization that is no facility yet; `validation_failed` with every line at
/// fault, those that are listed already or stand in the table twice included.
pub fn import_services(call: &mut Call<'_>, read: ReadServices) -> Outcome<ImportReport> {
    let facility_id = own_facility(call)?.id;
    let ReadServices { mut entries, mut report } = read;
    let mut seen: BTreeMap<String, Option<u32>> =
        Service::offered(call.tx, facility_id)?.iter().map(|row| (key(&row.name, &row.unit, row.kind), None)).collect();
    let instruments = Called::of(&Instrument::offered(call.tx, facility_id)?);
    for entry in &mut entries {
        let key = key(&entry.form.name, &entry.form.unit, entry.form.kind);
        match seen.get(&key) {
            Some(earlier) => report.add(entry.line, "name", repeated(*earlier)),
            None => drop(seen.insert(key, Some(entry.line))),
        }
        for name in &entry.instruments {
            match instruments.one(name) {
                Ok(id) if !entry.form.instrument_ids.contains(&id) => entry.form.instrument_ids.push(id),
                Ok(_) => {}
                Err(fault) => report.add(entry.line, "instruments", fault),
            }
        }
    }
    report.done()?;
    let listed = |entry: &Entry| listed_service(call, facility_id, &entry.form, entry.turnaround_days);
    let rows: Vec<Service> = entries.iter().map(listed).collect();
    Service::insert_all(call.tx, &rows)?;
    let name = names(call, [facility_id])?.remove(&facility_id).unwrap_or_default();
    let views: Vec<ServiceView> = rows.into_iter().map(|row| ServiceView::of(row, name.clone())).collect();
    record_listed(call, facility_id, EventAction::ServiceCreated, &views, |view| view.id)
}

/// The facility's own instruments by what they are called: by their names, and by names with models.
struct Called(HashMap<String, Meant>);

/// Which instrument a name means.
#[derive(Clone, Copy)]
enum Meant {
    One(Uuid),
    Several,
}

impl Called {
    fn of(instruments: &[Instrument]) -> Self {
        let mut called = HashMap::with_capacity(instruments.len().saturating_mul(2));
        for row in instruments {
            for name in [row.name.clone(), format!("{} {}", row.name, row.model)] {
                called.entry(name).and_modify(|meant| *meant = Meant::Several).or_insert(Meant::One(row.id));
            }
        }
        Self(called)
    }

    /// The instrument that is called so, or whose name and model are written so.
    fn one(&self, name: &str) -> Result<Uuid, CellFault> {
        match self.0.get(name) {
            Some(Meant::One(id)) => Ok(*id),
            None => Err(CellFault {
                rule: "exists",
                message: Text::new(
                    format!("本单位没有在列的仪器“{name}”,请先发布仪器或更正名称。"),
                    format!(
                        "\"{name}\" is no instrument that your facility offers; list it first, or correct its name."
                    ),
                ),
            }),
            Some(Meant::Several) => Err(CellFault {
                rule: "ambiguous",
                message: Text::new(
                    format!("本单位有多台仪器名为“{name}”,请写成“名称 型号”。"),
                    format!("several instruments are called \"{name}\"; write its name and model."),
                ),
            }),
        }
    }
}
