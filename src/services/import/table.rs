//! A table whatever file it came in: lines with their numbers, cells under headings.

use unicode_normalization::UnicodeNormalization;
use voucher_domain::catalogue::{self as cells, CellFault};
use voucher_domain::refusal::Refusal;
use voucher_domain::text::Text;

use super::report::Report;
use super::{MOST_LINES, delimited, workbook};
use crate::services::ports::Upload;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Text, or a number in plain digits.
    Text(String),
    /// Something that the spreadsheet program took for a date: what was typed is lost.
    Date,
    /// The mark of a formula that failed.
    Broken,
    /// A cell that one across several columns covers.
    Covered,
}

/// A line that has something in it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its number, as the program that made the file shows it.
    pub number: u32,
    /// Its cells by column; absent ones are empty.
    pub cells: Vec<Option<Cell>>,
}

/// A column that a table has, or may have.
pub(super) struct Column {
    /// The field, as the API names it.
    pub field: &'static str,
    /// The headings it may have; the first is the template's.
    pub headings: &'static [&'static str],
    /// Whether a table without it is refused.
    pub is_required: bool,
}

/// The lines below the headings, and where each field stands in them.
pub(super) struct Table {
    pub lines: Vec<Line>,
    places: Vec<(&'static str, usize)>,
}

/// Headings are looked for in so many lines: a title and remarks may stand above them.
const HEADING_LINES: usize = 10;

/// Reads a file into lines, by its content.
fn lines(upload: &Upload) -> Result<Vec<Vec<Line>>, Refusal> {
    if upload.bytes.starts_with(b"PK\x03\x04") {
        return workbook::sheets(&upload.bytes);
    }
    // The formats before 2007 and encrypted workbooks.
    if upload.bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(unreadable(
            "旧版 .xls 或加密的工作簿无法读取,请另存为 .xlsx(不加密)或 CSV 后上传。",
            "is an old or an encrypted workbook; please save it as .xlsx without a password, or as CSV.",
        ));
    }
    delimited::variants(&upload.bytes)
}

/// The refusal of a file that cannot be read.
pub(super) fn unreadable(zh: &str, en: &str) -> Refusal {
    Refusal::field("file", "readable", zh, en)
}

/// A heading as it is compared: full width and half, blanks and the star of what is required are one.
fn plain(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && *c != '*').collect::<String>().to_lowercase()
}

impl Table {
    /// Reads a file: of its sheets (or of the ways to part its lines) the first that has the headings.
    ///
    /// # Errors
    /// `validation_failed` for what is no table, has not the headings, or has too many lines.
    pub fn read(upload: &Upload, columns: &[Column]) -> Result<Self, Refusal> {
        let candidates = lines(upload)?;
        for lines in candidates {
            let found =
                lines.iter().take(HEADING_LINES).enumerate().find_map(|(at, line)| Some((at, places(line, columns)?)));
            if let Some((at, places)) = found {
                let below: Vec<Line> = lines.into_iter().skip(at.saturating_add(1)).collect();
                return Self::checked(below, places);
            }
        }
        let wanted: Vec<&str> = columns
            .iter()
            .filter(|column| column.is_required)
            .filter_map(|column| column.headings.first().copied())
            .collect();
        Err(Refusal::field(
            "file",
            "headings",
            format!("没有找到表头。前 {HEADING_LINES} 行中须有一行包含各列名称:{};可下载模板填写。", wanted.join("、")),
            format!(
                "has no headings: one of its first {HEADING_LINES} lines must name the columns {}; a template can be \
                 downloaded.",
                wanted.join(", ")
            ),
        ))
    }

    fn checked(lines: Vec<Line>, places: Vec<(&'static str, usize)>) -> Result<Self, Refusal> {
        let in_columns =
            |line: &Line| places.iter().any(|(_, place)| line.cells.get(*place).is_some_and(Option::is_some));
        let lines: Vec<Line> = lines.into_iter().filter(in_columns).collect();
        if lines.is_empty() {
            return Err(Refusal::field("file", "not_empty", "表头下没有内容。", "has nothing below its headings."));
        }
        if lines.len() > MOST_LINES {
            return Err(Refusal::field(
                "file",
                "max_lines",
                format!("一次最多导入 {MOST_LINES} 行,请分成几个文件。"),
                format!("has more than {MOST_LINES} lines; please part it into several files."),
            ));
        }
        Ok(Self { lines, places })
    }

    /// The text of a line's field, whatever file it came in; empty where there is none. What is no text, or
    /// none that can be kept, is noted.
    pub fn text<'t>(&self, line: &'t Line, field: &'static str, report: &mut Report) -> &'t str {
        let place = self.places.iter().find(|(known, _)| *known == field).map(|(_, place)| *place);
        let read = match place.and_then(|place| line.cells.get(place)).and_then(Option::as_ref) {
            Some(Cell::Text(text)) => cells::printable(text.trim()),
            Some(odd) => Err(odd.fault()),
            None => Ok(""),
        };
        read.unwrap_or_else(|fault| {
            report.add(line.number, field, fault);
            ""
        })
    }

    /// A field read by a function of the domain; a fault is noted, and there is no value.
    pub fn value<T>(
        &self,
        line: &Line,
        field: &'static str,
        report: &mut Report,
        read: impl Fn(&str) -> Result<T, CellFault>,
    ) -> Option<T> {
        let before = report.count();
        let text = self.text(line, field, report);
        if report.count() > before {
            return None;
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                report.add(line.number, field, fault);
                None
            }
        }
    }
}

impl Cell {
    fn fault(&self) -> CellFault {
        let (rule, zh, en) = match self {
            Self::Text(_) => ("text", "不是文本。", "is no text."),
            Self::Date => (
                "date_cell",
                "该单元格被表格软件识别成了日期,原来输入的内容已丢失;请把单元格格式设为“文本”后重新填写。",
                "was taken for a date by the spreadsheet program, and what was typed is lost; please format the cell as \
                 text and type it again.",
            ),
            Self::Broken => {
                ("formula", "公式出错(如 #REF!),请填写数值。", "is a formula that failed; please give its value.")
            }
            Self::Covered => (
                "merged_cells",
                "该单元格与其他列合并,无法判断内容属于哪一列;请取消合并后分别填写。",
                "is merged with another column, so that it cannot be told whose content it is; please part the cells.",
            ),
        };
        CellFault { rule, message: Text::new(zh, en) }
    }
}

/// Where each field stands in a line of headings; `None` where a required one is missing or one is there twice.
fn places(line: &Line, columns: &[Column]) -> Option<Vec<(&'static str, usize)>> {
    let headings: Vec<String> = line
        .cells
        .iter()
        .map(|cell| match cell {
            Some(Cell::Text(text)) => plain(text),
            Some(Cell::Date | Cell::Broken | Cell::Covered) | None => String::new(),
        })
        .collect();
    let mut places = Vec::new();
    for column in columns {
        let is_named = |heading: &&String| column.headings.iter().any(|known| plain(known) == **heading);
        let mut found = headings.iter().enumerate().filter(|(_, heading)| is_named(heading));
        match (found.next(), found.next()) {
            (Some((place, _)), None) => places.push((column.field, place)),
            (None, _) if !column.is_required => {}
            (None | Some(_), _) => return None,
        }
    }
    Some(places)
}
