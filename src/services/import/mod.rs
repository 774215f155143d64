//! Filling the catalogue from a table (Art. 6): a workbook or CSV as people have it. Every line is right
//! or refused by its number; nothing is half imported.

mod delimited;
mod instruments;
mod report;
mod services;
mod table;
mod template;
mod workbook;

pub use instruments::{import_instruments, prepare_instruments};
pub use report::ImportReport;
pub use services::{import_services, prepare_services};
pub use template::{TemplateQuery, instruments_template, services_template};

/// The most lines that one table may have.
const MOST_LINES: usize = 10_000;
