//! The configuration: `config/default.toml`, then the file of `--config`, then `VOUCHER__SECTION__KEY`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

const DEFAULTS: &str = include_str!("../config/default.toml");
const MIN_SECRET_CHARACTERS: usize = 32;

/// The whole configuration; each key is described in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is described where it is set, in config/default.toml")]
pub struct Settings {
    pub server: Server,
    pub database: Database,
    pub claims: Claims,
    pub auth: Auth,
    pub privacy: Privacy,
    pub files: Files,
    pub mail: Mail,
    pub rules: Rules,
    pub jobs: Jobs,
    pub log: Log,
}

/// `[server]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Server {
    pub listen: String,
    pub public_url: String,
    pub workers: usize,
    pub max_body_bytes: usize,
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Database {
    pub url: String,
    pub max_connections: u32,
}

/// `[claims]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Claims {
    pub queue: usize,
}

/// `[auth]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Auth {
    pub secret: String,
    pub secret_file: PathBuf,
    pub access_token_minutes: i64,
    pub refresh_token_days: i64,
    pub mail_token_hours: i64,
    pub failed_logins_before_lock: i32,
    pub first_lock_seconds: i64,
    pub max_lock_seconds: i64,
    pub argon2_memory_kib: u32,
    pub argon2_iterations: u32,
    pub argon2_lanes: u32,
    pub guesses_per_minute: u32,
}

/// The secret is never printed.
impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").field("secret_file", &self.secret_file).finish_non_exhaustive()
    }
}

/// `[privacy]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Privacy {
    pub keys: String,
    pub keys_file: PathBuf,
}

/// The keys are never printed.
impl std::fmt::Debug for Privacy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Privacy").field("keys_file", &self.keys_file).finish_non_exhaustive()
    }
}

/// `[files]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Files {
    pub directory: PathBuf,
    pub max_bytes: usize,
    pub types: Vec<String>,
}

/// `[mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Mail {
    pub smtp_url: String,
    pub directory: PathBuf,
    pub from: String,
    pub message_id_domain: String,
    pub templates_directory: PathBuf,
    pub smtp_certificate_file: PathBuf,
    pub timeout_seconds: u64,
    pub max_attempts: i32,
}

/// `[rules]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Rules {
    pub policies_directory: PathBuf,
    pub calendar_directory: PathBuf,
}

/// `[jobs]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Jobs {
    pub interval_seconds: u64,
    pub lease_seconds: i64,
    pub reminder_hour: u8,
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "see config/default.toml")]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key is unknown, missing or of the wrong type.
    #[error("the configuration cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A value makes no sense.
    #[error("{key} = {value}: {rule}")]
    Unfit {
        /// The key.
        key: &'static str,
        /// What it was set to.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
}

impl Settings {
    /// Reads the configuration in its three layers.
    ///
    /// # Errors
    /// [`SettingsError`] that names the key.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        Self::layered(file, environment())
    }

    fn layered(file: Option<&Path>, environment: config::Environment) -> Result<Self, SettingsError> {
        let mut layers =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(file) = file {
            layers = layers.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let mut settings: Self = layers.add_source(environment).build()?.try_deserialize()?;
        settings.check()?;
        if settings.server.public_url.is_empty() {
            settings.server.public_url = format!("http://{}", settings.server.listen);
        }
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        let unfit = |key, value: &dyn ToString, rule| Err(SettingsError::Unfit { key, value: value.to_string(), rule });
        let auth = &self.auth;
        if !auth.secret.is_empty() && auth.secret.chars().count() < MIN_SECRET_CHARACTERS {
            return unfit("auth.secret", &"…", "must have at least 32 characters, or be empty");
        }
        if auth.access_token_minutes < 1 {
            return unfit("auth.access_token_minutes", &auth.access_token_minutes, "must be at least 1");
        }
        if auth.failed_logins_before_lock < 1 {
            return unfit("auth.failed_logins_before_lock", &auth.failed_logins_before_lock, "must be at least 1");
        }
        if self.jobs.interval_seconds == 0 || self.jobs.interval_seconds > 60 {
            return unfit(
                "jobs.interval_seconds",
                &self.jobs.interval_seconds,
                "must be 1 to 60: lapsed vouchers are void within a minute",
            );
        }
        if self.mail.timeout_seconds == 0 || self.mail.timeout_seconds > 20 {
            return unfit("mail.timeout_seconds", &self.mail.timeout_seconds, "must be 1 to 20");
        }
        if self.mail.max_attempts < 1 {
            return unfit("mail.max_attempts", &self.mail.max_attempts, "must be at least 1");
        }
        if !(5..=600).contains(&self.jobs.lease_seconds) {
            return unfit("jobs.lease_seconds", &self.jobs.lease_seconds, "must be 5 to 600");
        }
        if self.jobs.reminder_hour > 23 {
            return unfit("jobs.reminder_hour", &self.jobs.reminder_hour, "must be 0 to 23");
        }
        if self.files.max_bytes == 0 {
            return unfit("files.max_bytes", &self.files.max_bytes, "must be more than 0");
        }
        Ok(())
    }
}

/// `VOUCHER__SECTION__KEY`; the entries of a list stand one after the other, with spaces between.
fn environment() -> config::Environment {
    config::Environment::with_prefix("VOUCHER")
        .prefix_separator("__")
        .separator("__")
        .try_parsing(true)
        .list_separator(" ")
        .with_list_parse_key("server.trusted_proxies")
        .with_list_parse_key("files.types")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_whole() {
        let settings = Settings::load(None).unwrap();
        assert_eq!(settings.server.listen, "127.0.0.1:8080");
        assert_eq!(settings.log.format, LogFormat::Text);
    }

    #[test]
    fn the_environment_goes_before_the_defaults_lists_too() {
        let told = [("VOUCHER__SERVER__TRUSTED_PROXIES", "10.0.0.1 10.0.0.2"), ("VOUCHER__SERVER__WORKERS", "3")];
        let told = told.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
        let settings = Settings::layered(None, environment().source(Some(told))).unwrap();
        let proxies: Vec<String> = settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(proxies, ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(settings.server.workers, 3);
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.toml");
        std::fs::write(&file, "[server]\nlisten_on = \"x\"\n").unwrap();
        let error = Settings::load(Some(&file)).unwrap_err().to_string();
        assert!(error.contains("listen_on"), "{error}");
    }

    #[test]
    fn a_short_secret_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.toml");
        std::fs::write(&file, "[auth]\nsecret = \"short\"\n").unwrap();
        let error = Settings::load(Some(&file)).unwrap_err().to_string();
        assert!(error.contains("auth.secret") && !error.contains("short\""), "{error}");
    }
}
