//! CSV as spreadsheet programs of all sorts write it: UTF-8 with and without its mark, GBK, UTF-16;
//! commas, semicolons or tabs.

use encoding_rs::{Encoding, GB18030, UTF_8};
use voucher_domain::refusal::Refusal;

use super::MOST_LINES;
use super::table::{Cell, Line, unreadable};

/// A line that is longer than this has more columns than anybody wants.
const MOST_COLUMNS: usize = 64;

/// The file's lines, parted in each of the ways that are in use: the reader takes the one that has the
/// headings.
pub(super) fn variants(bytes: &[u8]) -> Result<Vec<Vec<Line>>, Refusal> {
    // A line's end of two characters would be counted late.
    let text = decoded(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    b",;\t".iter().map(|delimiter| lines(&text, *delimiter)).collect()
}

/// The text of the bytes. A mark at their beginning says what they are; without one they are UTF-8 if
/// they can be, and else GBK (as GB 18030, which holds it), the habit of Chinese spreadsheet programs.
fn decoded(bytes: &[u8]) -> Result<String, Refusal> {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(bytes) {
        let (text, has_faults) = encoding.decode_without_bom_handling(bytes.get(mark_bytes..).unwrap_or_default());
        return if has_faults { Err(unknown()) } else { Ok(text.into_owned()) };
    }
    for encoding in [UTF_8, GB18030] {
        let (text, has_faults) = encoding.decode_without_bom_handling(bytes);
        // A binary file may happen to be GBK; no table has such characters.
        let is_text = !has_faults && !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
        if is_text {
            return Ok(text.trim_start_matches('\u{feff}').to_owned());
        }
    }
    Err(unknown())
}

fn unknown() -> Refusal {
    unreadable(
        "无法识别文件内容:请上传 .xlsx,或 UTF-8、GBK 编码的 CSV。",
        "cannot be read: please send .xlsx, or CSV in UTF-8 or GBK.",
    )
}

fn lines(text: &str, delimiter: u8) -> Result<Vec<Line>, Refusal> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| unknown())?;
        let number = record.position().map_or(0, |position| line_of(text, position));
        let cells: Vec<Option<Cell>> = record.iter().take(MOST_COLUMNS).map(cell).collect();
        if cells.iter().any(Option::is_some) {
            lines.push(Line { number: u32::try_from(number).unwrap_or(u32::MAX), cells });
        }
        // The table refuses what is more; this only keeps a large file from filling the memory.
        if lines.len() > MOST_LINES.saturating_mul(2) {
            break;
        }
    }
    Ok(lines)
}

/// The line that a record begins in. The reader counts from where it went on reading, before the blank
/// lines that it passes over.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let rest = usize::try_from(position.byte()).ok().and_then(|from| text.as_bytes().get(from..)).unwrap_or_default();
    rest.iter().take_while(|byte| **byte == b'\n').fold(position.line(), |line, _| line.saturating_add(1))
}

fn cell(text: &str) -> Option<Cell> {
    // What this program's own exports put before what a spreadsheet would take for a formula.
    let text = text.trim().strip_prefix('\'').unwrap_or(text.trim());
    (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_cells(bytes: &[u8]) -> Vec<String> {
        let lines = &variants(bytes).unwrap()[0];
        lines.iter().map(|line| format!("{} {:?}", line.number, line.cells[0])).collect()
    }

    #[test]
    fn every_usual_encoding_is_read() {
        let text = "名称,型号\r\n质谱仪,\"多\n行\"\r\n\r\n电镜,b\r\n";
        let expected = first_cells(text.as_bytes());
        assert_eq!(expected, ["1 Some(Text(\"名称\"))", "2 Some(Text(\"质谱仪\"))", "5 Some(Text(\"电镜\"))"]);
        let gbk = encoding_rs::GBK.encode(text).0.into_owned();
        let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [
            with(b"\xef\xbb\xbf", text.as_bytes()),
            gbk.clone(),
            // The mark of GB 18030.
            with(b"\x84\x31\x95\x33", &gbk),
            with(b"\xff\xfe", &utf16),
        ] {
            assert_eq!(first_cells(&bytes), expected);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(variants(b"\x00\x01\x02\xff\xff").is_err());
        assert!(variants(b"%PDF-1.4\n\x00\x80\xff").is_err());
    }
}
