//! Workbooks (.xlsx) as Excel and LibreOffice write them: numbers, text, dates, merged cells.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor, Read, copy, sink};

use calamine::{DataRef, Reader, SheetVisible, Xlsx, XlsxError};
use quick_xml::events::{BytesStart, Event};
use voucher_domain::refusal::Refusal;

use super::MOST_LINES;
use super::table::{Cell, Line, unreadable};

/// What a workbook may come to when it is unpacked: a small file can be made to fill the memory.
const MOST_UNPACKED_BYTES: u64 = 256 * 1024 * 1024;
/// So many texts its list of shared strings may have, or say it has: the reader makes room for as many as
/// the list says, before it has read one.
const MOST_STRINGS: u64 = 1_000_000;
const MOST_COLUMNS: u32 = 64;
/// Blank and formatted lines are passed over, but not without end.
const MOST_SHEETS: usize = 20;

type Rows = BTreeMap<u32, BTreeMap<u32, Cell>>;

/// The lines of each visible sheet.
pub(super) fn sheets(bytes: &[u8]) -> Result<Vec<Vec<Line>>, Refusal> {
    check_size(bytes, MOST_UNPACKED_BYTES)?;
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

fn damaged() -> Refusal {
    unreadable("不是有效的 .xlsx 工作簿。", "is no .xlsx workbook.")
}

fn too_large() -> Refusal {
    unreadable("工作簿解压后过大。", "is too large when it is unpacked.")
}

/// Unpacks every part once, into nothing: what a part says it comes to need not be true.
fn check_size(bytes: &[u8], most_bytes: u64) -> Result<(), Refusal> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut left_bytes = most_bytes.saturating_add(1);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| damaged())?;
        let name = part.name().map_err(|_| damaged())?.to_ascii_lowercase();
        let mut part = part.take(left_bytes);
        if name.ends_with("sharedstrings.xml") {
            check_strings(BufReader::new(&mut part))?;
        }
        copy(&mut part, &mut sink()).map_err(|_| damaged())?;
        left_bytes = part.limit();
        if left_bytes == 0 {
            return Err(too_large());
        }
    }
    Ok(())
}

/// Neither are there more shared strings than any table has, nor does their list say so.
fn check_strings(list: impl BufRead) -> Result<(), Refusal> {
    let mut list = quick_xml::Reader::from_reader(list);
    list.config_mut().check_end_names = false;
    let (mut buffer, mut strings) = (Vec::new(), 0_u64);
    loop {
        buffer.clear();
        match list.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "sst" => require_few(claimed(&tag)?)?,
                "si" => {
                    strings = strings.saturating_add(1);
                    require_few(strings)?;
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

/// How many strings their list says it has.
fn claimed(tag: &BytesStart<'_>) -> Result<u64, Refusal> {
    let mut most = 0;
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| damaged())?;
        if attribute.key.as_ref() == "uniqueCount" {
            // What is no such number may be one to another reader.
            most = attribute.value.trim().parse::<u64>().map_err(|_| too_large())?.max(most);
        }
    }
    Ok(most)
}

fn require_few(strings: u64) -> Result<(), Refusal> {
    if strings > MOST_STRINGS { Err(too_large()) } else { Ok(()) }
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
    use std::io::Write as _;

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

    /// An archive with one part.
    fn archive(name: &str, content: &[u8]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn what_a_part_unpacks_to_is_counted_whatever_it_says() {
        let mut bytes = archive("xl/worksheets/sheet1.xml", &[b' '; 10_000]);
        assert_eq!(check_size(&bytes, 10_000), Ok(()));
        assert!(check_size(&bytes, 9_999).is_err());
        // The entry of the directory at the end, and in it what the part says it comes to.
        let entry = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        bytes[entry + 24..entry + 28].copy_from_slice(&1_u32.to_le_bytes());
        assert!(check_size(&bytes, 9_999).is_err());
    }

    #[test]
    fn shared_strings_are_as_many_as_a_table_may_have() {
        let list = |head: &str, strings: &str| {
            archive("XL/SharedStrings.xml", format!("<?xml version=\"1.0\"?><!-- -->{head}{strings}</sst>").as_bytes())
        };
        for head in ["<sst>", "<sst count=\"9\" uniqueCount=\"2\">", "<x:sst uniqueCount='1000000'>"] {
            assert_eq!(check_size(&list(head, "<si><t>a</t></si><si/>"), 1_000_000), Ok(()), "{head}");
        }
        for head in [
            "<sst uniqueCount=\"1000001\">",
            "<sst uniqueCount = '18446744073709551616'>",
            "<sst uniqueCount=\"\">",
            "<x:sst count=\"1\" uniqueCount=\"40000000000\"/>",
        ] {
            assert!(check_size(&list(head, ""), 1_000_000).is_err(), "{head}");
        }
        assert!(check_size(&list("<sst>", &"<si/>".repeat(1_000_001)), MOST_UNPACKED_BYTES).is_err());
    }
}
