//! Tables that go out as files: CSV, and the format of spreadsheets.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde::Deserialize;
use utoipa::ToSchema;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use super::ports::Download;
use super::{Failure, Outcome};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SheetFormat {
    /// Text, UTF-8, separated by commas.
    Csv,
    /// A workbook of a spreadsheet program.
    Xlsx,
}

/// A value of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text, and numbers that are names: an account's, a contract's.
    Text(String),
    /// An amount, written in yuan with two decimals.
    Yuan(Money),
}

/// A table.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    /// What it is called within a workbook.
    pub title: &'a str,
    /// The headings of its columns.
    pub headings: &'a [&'a str],
    /// Its rows, as long as the headings.
    pub rows: Vec<Vec<Cell>>,
}

/// By this mark a spreadsheet program knows UTF-8, and shows Chinese as such.
const BYTE_ORDER_MARK: &str = "\u{feff}";

impl Sheet<'_> {
    /// The table as a file of this name, without its ending.
    ///
    /// # Errors
    /// Internal, when a writer fails.
    pub fn written(&self, format: SheetFormat, name: &str, now: Instant) -> Outcome<Download> {
        let (content_type, ending, bytes) = match format {
            SheetFormat::Csv => ("text/csv; charset=utf-8", "csv", self.csv()),
            SheetFormat::Xlsx => (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
                self.workbook(now).map_err(|error| error.to_string()),
            ),
        };
        let bytes = bytes.map_err(|error| Failure::internal(format!("a table could not be written: {error}")))?;
        Ok(Download { content_type: content_type.to_owned(), name: format!("{name}.{ending}"), bytes })
    }

    fn csv(&self) -> Result<Vec<u8>, String> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
        writer.write_record(self.headings).map_err(|error| error.to_string())?;
        for row in &self.rows {
            writer.write_record(row.iter().map(csv_text)).map_err(|error| error.to_string())?;
        }
        writer.into_inner().map_err(|error| error.to_string())
    }

    fn workbook(&self, now: Instant) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        // The file says when it was made, by the program's one clock.
        let made_at = ExcelDateTime::from_timestamp(now.utc().timestamp())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
        let (heading, amount) = (Format::new().set_bold(), Format::new().set_num_format("0.00"));
        let sheet = workbook.add_worksheet().set_name(self.title)?;
        for (column, text) in (0_u16..).zip(self.headings) {
            sheet.write_string_with_format(0, column, *text, &heading)?;
        }
        for (index, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                write_cell(sheet, index, column, cell, &amount)?;
            }
        }
        sheet.autofit();
        workbook.save_to_buffer()
    }
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, amount: &Format) -> Result<(), XlsxError> {
    match cell {
        // Text is never read as a formula, and an account keeps all of its digits.
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        // The format of workbooks knows no other numbers; what is written is the decimal itself.
        Cell::Yuan(amount_fen) => match amount_fen.to_string().parse::<f64>() {
            Ok(yuan) => sheet.write_number_with_format(row, column, yuan, amount)?,
            Err(_) => sheet.write_string(row, column, amount_fen.to_string())?,
        },
    };
    Ok(())
}

/// A value as CSV carries it. What a spreadsheet program would take for a formula (OWASP, "CSV
/// injection"), in half or full width, becomes text by an apostrophe in front.
fn csv_text(cell: &Cell) -> String {
    const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    match cell {
        Cell::Text(text) if text.starts_with(FORMULA_STARTS) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
        Cell::Yuan(amount_fen) => amount_fen.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn sheet() -> Sheet<'static> {
        let row = vec![text("北京,\"某某\"公司"), text("6222020200012345678"), Cell::Yuan(Money::from_fen(4_500_001))];
        Sheet { title: "拨付明细", headings: &["收款单位", "银行账号", "金额(元)"], rows: vec![row] }
    }

    #[test]
    fn csv_is_utf8_with_its_mark_and_quotes_what_needs_it() {
        let bytes = sheet().csv().unwrap();
        let expected =
            "\u{feff}收款单位,银行账号,金额(元)\r\n\"北京,\"\"某某\"\"公司\",6222020200012345678,45000.01\r\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn what_looks_like_a_formula_is_text() {
        for start in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1"] {
            assert_eq!(csv_text(&text(start)), format!("'{start}"));
        }
        for harmless in ["", "公司=1", "1-1", "a@b.cn", "'=1"] {
            assert_eq!(csv_text(&text(harmless)), harmless);
        }
        assert_eq!(csv_text(&Cell::Yuan(Money::from_fen(-5))), "-0.05");
    }

    #[test]
    fn a_workbook_is_the_same_at_the_same_instant() {
        let now: Instant = "2026-09-30T10:00:00+08:00".parse().unwrap();
        let file = sheet().written(SheetFormat::Xlsx, "拨付", now).unwrap();
        assert_eq!(file.name, "拨付.xlsx");
        assert!(file.bytes.starts_with(b"PK"));
        assert_eq!(file.bytes, sheet().written(SheetFormat::Xlsx, "拨付", now).unwrap().bytes);
    }
}
