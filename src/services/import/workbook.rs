//! Workbooks (.xlsx) as Excel and LibreOffice write them: numbers, text, dates, merged cells.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, SheetVisible, Xlsx, XlsxError};
use voucher_domain::refusal::Refusal;

use super::MOST_LINES;
use super::table::{Cell, Line, unreadable};

/// What a workbook may come to when it is unpacked: a small file can be made to fill the memory.
const MOST_UNPACKED_BYTES: u64 = 256 * 1024 * 1024;
const MOST_COLUMNS: u32 = 64;
/// Blank and formatted lines are passed over, but not without end.
const MOST_SHEETS: usize = 20;

type Rows = BTreeMap<u32, BTreeMap<u32, Cell>>;

/// The lines of each visible sheet.
pub(super) fn sheets(bytes: &[u8]) -> Result<Vec<Vec<Line>>, Refusal> {
    check_size(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).take(MOST_SHEETS).collect();
    let mut found = Vec::new();
    for name in names {
        let mut rows = rows(&mut workbook, &name).map_err(|error| broken(&error))?;
        for merged in workbook.merge_cells_by_sheet_name(&name).map_err(|error| broken(&error))? {
            spread(&mut rows, merged.start, merged.end);
        }
        found.push(rows.into_iter().map(|(row, cells)| line(row, &cells)).collect());
    }
    Ok(found)
}

fn broken(error: &XlsxError) -> Refusal {
    tracing::debug!(%error, "a workbook cannot be read");
    unreadable("工作簿无法读取,可能已损坏或加密。", "cannot be read: the workbook is damaged or has a password.")
}

fn check_size(bytes: &[u8]) -> Result<(), Refusal> {
    let damaged = || unreadable("不是有效的 .xlsx 工作簿。", "is no .xlsx workbook.");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut unpacked_bytes: u64 = 0;
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|_| damaged())?;
        unpacked_bytes = unpacked_bytes.saturating_add(file.size());
    }
    if unpacked_bytes > MOST_UNPACKED_BYTES {
        return Err(unreadable("工作簿解压后过大。", "is too large when it is unpacked."));
    }
    Ok(())
}

/// The cells that have something in them. Read one by one: a single cell in the last column of the last
/// row makes a sheet of seventeen thousand million cells.
fn rows(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Rows, XlsxError> {
    let mut rows = Rows::new();
    let mut reader = workbook.worksheet_cells_reader(name)?;
    while let Some(found) = reader.next_cell()? {
        let (row, column) = found.get_position();
        if column >= MOST_COLUMNS {
            continue;
        }
        if let Some(cell) = cell(found.get_value()) {
            rows.entry(row).or_default().insert(column, cell);
        }
        // The table refuses what is more.
        if rows.len() > MOST_LINES.saturating_mul(2) {
            break;
        }
    }
    Ok(rows)
}

fn cell(value: &DataRef<'_>) -> Option<Cell> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| Cell::Text(text.trim().to_owned()));
    match value {
        DataRef::Int(number) => Some(Cell::Text(number.to_string())),
        DataRef::Float(number) => Some(Cell::Text(plain_number(*number))),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(true) => Some(Cell::Text("是".to_owned())),
        DataRef::Bool(false) => Some(Cell::Text("否".to_owned())),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Some(Cell::Date),
        DataRef::Error(_) => Some(Cell::Broken),
        DataRef::Empty => None,
    }
}

/// A number as it is shown: workbooks keep 0.3 as 0.299999999999999989. No exponent, no zeros behind.
fn plain_number(number: f64) -> String {
    let digits = format!("{number:.6}");
    match digits.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole.to_owned(),
        Some(_) => digits.trim_end_matches('0').to_owned(),
        None => digits,
    }
}

/// What stands in a merged cell stands for each of its lines. One across several columns says nothing
/// about whose content it is.
fn spread(rows: &mut Rows, start: (u32, u32), end: (u32, u32)) {
    let ((first_row, first_column), (last_row, last_column)) = (start, end);
    let Some(content) = rows.get(&first_row).and_then(|row| row.get(&first_column)).cloned() else { return };
    let is_across = last_column > first_column;
    let content = if is_across { Cell::Covered } else { content };
    // Lines are as many as the table may have; a column that is merged to its very end has no more of them.
    let filled: Vec<u32> = rows.range(first_row..=last_row).map(|(row, _)| *row).collect();
    for row in filled {
        let cells = rows.entry(row).or_default();
        for column in first_column..=last_column.min(MOST_COLUMNS) {
            // The title above the headings keeps its text: nothing is read there but headings.
            if !is_across || cells.contains_key(&column) || row > first_row || column > first_column {
                cells.insert(column, content.clone());
            }
        }
    }
}

fn line(row: u32, cells: &BTreeMap<u32, Cell>) -> Line {
    let width = cells.keys().next_back().map_or(0, |last| last.saturating_add(1));
    Line { number: row.saturating_add(1), cells: (0..width).map(|column| cells.get(&column).cloned()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        for (number, text) in [
            (1_200.0, "1200"),
            (1_200.5, "1200.5"),
            (0.1 + 0.2, "0.3"),
            (1e15, "1000000000000000"),
            (19.999, "19.999"),
            (-3.0, "-3"),
        ] {
            assert_eq!(plain_number(number), text);
        }
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        assert!(sheets(b"PK\x03\x04 and nothing more").is_err());
    }
}
