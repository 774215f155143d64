//! The log as a file. At most so many events a file; the next file goes on before the last id of it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::audit::Sealable;
use voucher_domain::code::Code;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::audit::EventSeal;
use voucher_storage::event::Event;

use super::list::{AuditEventsQuery, filter, names_of, seals_of};
use super::sealable;
use crate::services::ports::Download;
use crate::services::spreadsheet::{Cell, Sheet, SheetFormat};
use crate::services::{Call, Change, Failure, Outcome};

const MOST_ROWS: u16 = 10_000;
/// What a workbook's cell can hold (32 767 characters), with room for the mark.
const LONGEST_CELL: usize = 32_000;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditExportFormat {
    /// Text, UTF-8, separated by commas; whole.
    Csv,
    /// A workbook of a spreadsheet program; what is too long for a cell is cut.
    Xlsx,
    /// One JSON object a line, with what it takes to reckon every seal again.
    Jsonl,
}

/// Which events go into the file.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditExportQuery {
    /// `csv`, `xlsx` or `jsonl`; `csv` without.
    #[param(inline)]
    pub format: Option<AuditExportFormat>,
    /// By this person.
    pub actor_user_id: Option<Uuid>,
    /// About this kind of thing.
    #[param(inline)]
    pub subject_kind: Option<SubjectKind>,
    /// About this thing.
    pub subject_id: Option<Uuid>,
    /// This was done.
    #[param(inline)]
    pub action: Option<EventAction>,
    /// Concerning this organization.
    pub organization_id: Option<Uuid>,
    /// Concerning this cycle.
    pub cycle_id: Option<Uuid>,
    /// By this request.
    pub request_id: Option<Uuid>,
    /// At this instant or later.
    pub from: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
    /// Older than the event of this id: the last of the file before.
    pub before: Option<Uuid>,
    /// How many at the most, 1 to 10 000; 10 000 without.
    pub rows: Option<u16>,
}

const HEADINGS: [&str; 16] = [
    "编号",
    "时间",
    "操作人",
    "操作人编号",
    "角色",
    "操作",
    "对象类别",
    "对象编号",
    "单位编号",
    "周期编号",
    "变更前",
    "变更后",
    "请求编号",
    "链上序号",
    "上链时间",
    "链上摘要",
];

/// An event on a line of its own, to the byte as it was sealed.
#[derive(Serialize)]
struct Line<'a> {
    position: Option<i64>,
    sealed_at: Option<Instant>,
    hash: Option<&'a str>,
    #[serde(flatten)]
    event: Sealable<'a>,
}

impl From<&AuditExportQuery> for AuditEventsQuery {
    fn from(query: &AuditExportQuery) -> Self {
        Self {
            actor_user_id: query.actor_user_id,
            subject_kind: query.subject_kind,
            subject_id: query.subject_id,
            action: query.action,
            organization_id: query.organization_id,
            cycle_id: query.cycle_id,
            request_id: query.request_id,
            from: query.from,
            until: query.until,
            limit: None,
            cursor: None,
        }
    }
}

/// Writes the events, newest first, to a file; that they were taken out is recorded.
///
/// # Errors
/// `validation_failed` for a bad span or number of rows.
pub fn export(call: &mut Call<'_>, query: AuditExportQuery) -> Outcome<Download> {
    let limit = query.rows.unwrap_or(MOST_ROWS);
    if !(1..=MOST_ROWS).contains(&limit) {
        let refusal = Refusal::field("rows", "range", "条数应在 1 至 10000 之间。", "must be between 1 and 10000.");
        return Err(refusal.into());
    }
    let asked = AuditEventsQuery::from(&query);
    let rows = Event::list(call.tx, &filter(&asked)?, query.before, limit)?.items;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let seals = seals_of(call, &ids)?;
    let name = format!("审计日志-{}", call.today());
    let format = query.format.unwrap_or(AuditExportFormat::Csv);
    let file = match format {
        AuditExportFormat::Jsonl => {
            let lines = rows.iter().map(|row| line(row, seals.get(&row.id))).collect::<Outcome<Vec<_>>>()?;
            let media = "application/jsonl; charset=utf-8";
            Download { content_type: media.to_owned(), name: format!("{name}.jsonl"), bytes: lines.concat().into() }
        }
        AuditExportFormat::Csv => sheet(call, &rows, &seals, None)?.written(SheetFormat::Csv, &name, call.now)?,
        AuditExportFormat::Xlsx => {
            sheet(call, &rows, &seals, Some(LONGEST_CELL))?.written(SheetFormat::Xlsx, &name, call.now)?
        }
    };
    record(call, format, rows.len())?;
    Ok(file)
}

/// What was taken out, of which the log itself tells.
#[derive(Serialize)]
struct Exported {
    format: AuditExportFormat,
    events: usize,
}

fn record(call: &mut Call<'_>, format: AuditExportFormat, events: usize) -> Outcome<()> {
    let user_id = call.actor()?.user_id;
    call.record(Change {
        action: EventAction::AuditLogExported,
        kind: SubjectKind::User,
        id: user_id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(&Exported { format, events }),
    })
}

fn line(row: &Event, seal: Option<&EventSeal>) -> Outcome<String> {
    let line = Line {
        position: seal.map(|seal| seal.position),
        sealed_at: seal.map(|seal| seal.sealed_at),
        hash: seal.map(|seal| seal.hash.as_str()),
        event: sealable(row),
    };
    let written = serde_json::to_string(&line);
    let mut written = written.map_err(|error| Failure::internal(format!("an event has no JSON form: {error}")))?;
    written.push('\n');
    Ok(written)
}

fn sheet(
    call: &mut Call<'_>,
    rows: &[Event],
    seals: &std::collections::BTreeMap<Uuid, EventSeal>,
    longest: Option<usize>,
) -> Outcome<Sheet<'static>> {
    let names = names_of(call, rows.iter().filter_map(|row| row.actor_user_id).collect())?;
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = |row: &Event| {
        let seal = seals.get(&row.id);
        let texts = [
            row.id.to_string(),
            row.occurred_at.to_string(),
            row.actor_user_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
            id(row.actor_user_id),
            row.actor_role.map(|role| role.code().to_owned()).unwrap_or_default(),
            row.action.clone(),
            row.subject_kind.clone(),
            row.subject_id.to_string(),
            id(row.organization_id),
            id(row.cycle_id),
            cut(row.before.as_deref(), longest),
            cut(row.after.as_deref(), longest),
            row.request_id.to_string(),
            seal.map(|seal| seal.position.to_string()).unwrap_or_default(),
            seal.map(|seal| seal.sealed_at.to_string()).unwrap_or_default(),
            seal.map(|seal| seal.hash.clone()).unwrap_or_default(),
        ];
        texts.into_iter().map(Cell::Text).collect()
    };
    Ok(Sheet { title: "审计日志", headings: &HEADINGS, rows: rows.iter().map(cells).collect() })
}

/// A text that fits a cell of so many characters, marked where it was cut; a cell of text holds all of it.
fn cut(text: Option<&str>, longest: Option<usize>) -> String {
    let text = text.unwrap_or_default();
    match longest.and_then(|longest| text.char_indices().nth(longest)) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
