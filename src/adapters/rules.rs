//! The rules' data: the policies and rest days that ship with the program, then those of the
//! configured directories, which go before them.

use std::collections::BTreeMap;
use std::path::Path;

use voucher_domain::period::Calendar;
use voucher_domain::policy::{Policies, Policy};

use crate::config::Rules;
use crate::services::ports::PortError;

const SHIPPED_POLICIES: [(&str, &str); 2] = [
    ("kejifa-2023-16.toml", include_str!("../../config/policies/kejifa-2023-16.toml")),
    ("kejifa-2023-16-amended-2025.toml", include_str!("../../config/policies/kejifa-2023-16-amended-2025.toml")),
];
const SHIPPED_CALENDAR: &str = include_str!("../../config/calendar/state-council.csv");

/// Loads the policies.
///
/// # Errors
/// The file and what is wrong in it.
pub fn policies(rules: &Rules) -> Result<Policies, PortError> {
    let read = |name: &str, text: &str| Policy::from_toml(text).map_err(|error| PortError(format!("{name}: {error}")));
    let mut by_id = BTreeMap::new();
    for (name, text) in SHIPPED_POLICIES {
        let policy = read(name, text)?;
        by_id.insert(policy.id.clone(), policy);
    }
    for (name, text) in texts(&rules.policies_directory, "toml")? {
        let policy = read(&name, &text)?;
        by_id.insert(policy.id.clone(), policy);
    }
    Policies::new(by_id.into_values()).map_err(|error| PortError(error.to_string()))
}

/// Loads the rest days.
///
/// # Errors
/// The file and what is wrong in it.
pub fn calendar(rules: &Rules) -> Result<Calendar, PortError> {
    let mut calendar =
        Calendar::from_csv(SHIPPED_CALENDAR).map_err(|error| PortError(format!("shipped calendar: {error}")))?;
    for (name, text) in texts(&rules.calendar_directory, "csv")? {
        calendar.merge(Calendar::from_csv(&text).map_err(|error| PortError(format!("{name}: {error}")))?);
    }
    Ok(calendar)
}

/// The files of a directory with this ending, in the order of their names; none where there is no directory.
fn texts(directory: &Path, ending: &str) -> Result<Vec<(String, String)>, PortError> {
    let failed = |path: &Path, error: std::io::Error| PortError(format!("{}: {error}", path.display()));
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(directory, error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(directory, error))?.path();
        if path.extension().is_some_and(|found| found == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            std::fs::read_to_string(&path)
                .map(|text| (path.display().to_string(), text))
                .map_err(|error| failed(&path, error))
        })
        .collect()
}
