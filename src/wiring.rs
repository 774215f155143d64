//! Puts the program together from its configuration.

use std::sync::{Arc, Mutex, RwLock};

use uuid::ContextV7;
use voucher_storage::Store;

use crate::adapters::clock::{SimulatedClock, SystemClock};
use crate::adapters::files::DiskFiles;
use crate::adapters::mail::Letters;
use crate::adapters::password::Argon2Passwords;
use crate::adapters::rules;
use crate::adapters::token::JwtTokens;
use crate::config::Settings;
use crate::services::Program;
use crate::services::ports::Clock;

/// The program of a configuration; its store is opened, not migrated.
///
/// # Errors
/// Which part could not be made, and why.
pub fn program(settings: Settings, simulated_clock: bool) -> Result<Program, String> {
    let simulated = simulated_clock.then(|| Arc::new(SimulatedClock::at(SystemClock.now())));
    program_with_clock(settings, simulated)
}

/// The program with a clock that can be moved, or with the system's.
///
/// # Errors
/// Which part could not be made, and why.
pub fn program_with_clock(settings: Settings, simulated_clock: Option<Arc<SimulatedClock>>) -> Result<Program, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let clock: Arc<dyn Clock> = match &simulated_clock {
        Some(clock) => clock.clone(),
        None => Arc::new(SystemClock),
    };
    Ok(Program {
        store: Store::open(&settings.database.url, settings.database.max_connections).map_err(|error| text(&error))?,
        clock,
        simulated_clock,
        policies: rules::policies(&settings.rules).map_err(|error| text(&error))?,
        calendar: RwLock::new(Arc::new(rules::calendar(&settings.rules).map_err(|error| text(&error))?)),
        passwords: Arc::new(Argon2Passwords::new(&settings.auth).map_err(|error| text(&error))?),
        tokens: Arc::new(JwtTokens::from_settings(&settings.auth).map_err(|error| text(&error))?),
        files: Arc::new(DiskFiles::open(&settings.files.directory).map_err(|error| text(&error))?),
        mail: Arc::new(Letters::from_settings(&settings.mail).map_err(|error| text(&error))?),
        id_sequence: Mutex::new(ContextV7::new()),
        settings,
    })
}
