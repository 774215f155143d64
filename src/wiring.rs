//! Puts the program together from its configuration.

use std::sync::{Arc, Mutex};

use uuid::{ContextV7, Uuid};
use voucher_storage::{Store, StoreOptions};

use crate::adapters::clock::{SimulatedClock, SystemClock};
use crate::adapters::files::DiskFiles;
use crate::adapters::mail::Letters;
use crate::adapters::password::Argon2Passwords;
use crate::adapters::rules;
use crate::adapters::templates::TemplateSet;
use crate::adapters::token::JwtTokens;
use crate::adapters::vault::KeyRing;
use crate::config::Settings;
use crate::services::Program;
use crate::services::calendar::RestDays;
use crate::services::catalogue::KnownTraits;
use crate::services::claim::Rush;
use crate::services::ports::{Clock, MovableClock};

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
    make_directory_of(&settings.database.url)?;
    let options =
        StoreOptions { connections: settings.database.max_connections, ..StoreOptions::new(&settings.database.url) };
    Ok(Program {
        store: Store::open_with(&options).map_err(|error| text(&error))?,
        clock,
        simulated_clock: simulated_clock.map(|clock| -> Arc<dyn MovableClock> { clock }),
        policies: rules::policies(&settings.rules).map_err(|error| text(&error))?,
        rest_days: RestDays::of_files(rules::calendar(&settings.rules).map_err(|error| text(&error))?),
        known_traits: KnownTraits::default(),
        rush: Rush::default(),
        passwords: Arc::new(Argon2Passwords::new(&settings.auth).map_err(|error| text(&error))?),
        tokens: Arc::new(JwtTokens::from_settings(&settings.auth).map_err(|error| text(&error))?),
        vault: Arc::new(KeyRing::from_settings(&settings.privacy).map_err(|error| text(&error))?),
        files: Arc::new(DiskFiles::open(&settings.files.directory).map_err(|error| text(&error))?),
        templates: Arc::new(
            TemplateSet::load(&settings.mail, &settings.server.public_url).map_err(|error| text(&error))?,
        ),
        mail: Arc::new(Letters::from_settings(&settings.mail).map_err(|error| text(&error))?),
        server_id: Uuid::new_v4(),
        id_sequence: Mutex::new(ContextV7::new()),
        settings,
    })
}

/// The directory of a SQLite file is made with it.
fn make_directory_of(url: &str) -> Result<(), String> {
    let path = match url.split_once("://") {
        Some(("sqlite", path)) => path,
        Some(_) => return Ok(()),
        None => url,
    };
    match std::path::Path::new(path).parent().filter(|directory| !directory.as_os_str().is_empty()) {
        Some(directory) => {
            std::fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))
        }
        None => Ok(()),
    }
}
