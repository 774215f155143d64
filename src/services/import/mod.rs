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

use serde::Serialize;
use uuid::Uuid;
use voucher_domain::event::EventAction;

use super::{Call, Change, Outcome};

/// The most lines that one table may have.
const MOST_LINES: usize = 10_000;

/// Records what a table listed, a line of the log for each, and says how much it was.
fn record_listed<V: Serialize>(
    call: &mut Call<'_>,
    facility_id: Uuid,
    action: EventAction,
    views: &[V],
    id: impl Fn(&V) -> Uuid,
) -> Outcome<ImportReport> {
    let changes = views.iter().map(|view| Change {
        action,
        kind: action.subject(),
        id: id(view),
        organization_id: Some(facility_id),
        cycle_id: None,
        before: None,
        after: Some(view),
    });
    call.record_all(changes.collect())?;
    Ok(ImportReport { lines: views.len(), imported: views.len() })
}
