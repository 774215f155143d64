//! What became of a table: all of it imported, or every line at fault named.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;
use voucher_domain::catalogue::CellFault;
use voucher_domain::refusal::{Faults, Refusal};

/// An import in which every line is right.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportReport {
    /// How many lines the table has below its headings, blank ones not counted.
    pub lines: usize,
    /// How many things were listed: as many; in a trial, how many would be.
    pub imported: usize,
}

/// So many faults are named; a table with more is wrong in the same way everywhere.
const MOST_NAMED: usize = 1_000;

/// The faults of a table, as they are found.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    named: Vec<(u32, String, CellFault)>,
    unnamed: usize,
    /// The line that was at fault last, and its fields that are.
    latest: (u32, BTreeSet<String>),
}

impl Report {
    /// How many faults there are.
    pub fn count(&self) -> usize {
        self.named.len().saturating_add(self.unnamed)
    }

    /// Notes what is wrong with a field of a line.
    pub fn add(&mut self, line: u32, field: &str, fault: CellFault) {
        if self.latest.0 != line {
            self.latest = (line, BTreeSet::new());
        }
        self.latest.1.insert(field.to_owned());
        if self.named.len() < MOST_NAMED {
            self.named.push((line, field.to_owned(), fault));
        } else {
            self.unnamed = self.unnamed.saturating_add(1);
        }
    }

    /// Notes what the rules of form found in the line that is being read; a field of it that is at fault
    /// already stays so.
    pub fn take_in(&mut self, line: u32, checked: Result<(), Refusal>) {
        let Err(refusal) = checked else { return };
        for fault in refusal.fields {
            let is_known = self.latest.0 == line && self.latest.1.contains(&fault.field);
            if !is_known {
                self.add(line, &fault.field, CellFault { rule: "form", message: fault.message });
            }
        }
    }

    /// Nothing, or the refusal that names the faults, in the order of their lines: nothing is imported.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn done(mut self) -> Result<(), Refusal> {
        if self.count() == 0 {
            return Ok(());
        }
        self.named.sort_by_key(|(line, _, _)| *line);
        let mut faults = Faults::default();
        for (line, field, fault) in self.named {
            let (zh, en) = (format!("第 {line} 行:{}", fault.message.zh), format!("line {line}: {}", fault.message.en));
            faults.add(&format!("lines[{line}].{field}"), fault.rule, zh, en);
        }
        if self.unnamed > 0 {
            faults.add(
                "file",
                "more_faults",
                format!("另有 {} 处错误未列出。", self.unnamed),
                format!("has {} more faults that are not listed.", self.unnamed),
            );
        }
        let refusal = faults.done().err();
        refusal.map_or(Ok(()), |refusal| {
            Err(Refusal {
                message: voucher_domain::text::Text::new(
                    "表格中有错误,未导入任何内容;请按行号修改后重新上传。",
                    "The table has faults, and nothing of it was imported; please correct the lines and send it again.",
                ),
                ..refusal
            })
        })
    }
}
