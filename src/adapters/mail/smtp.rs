//! Handing letters to an SMTP server.

use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{Message, SmtpTransport, Transport};
use url::Url;

use crate::config;
use crate::services::ports::{MailError, PortError};

/// One letter goes after the other.
const CONNECTIONS: u32 = 1;

/// The server that takes letters on.
pub struct Relay(SmtpTransport);

impl Relay {
    /// The server of the configuration; nothing is sent yet.
    ///
    /// # Errors
    /// When the URL is not one, or the certificate cannot be read.
    pub fn from_settings(mail: &config::Mail) -> Result<Self, PortError> {
        // The URL may hold a password: no message repeats it.
        let unfit = |what: &dyn std::fmt::Display| PortError(format!("mail.smtp_url: {what}"));
        let mut builder = SmtpTransport::from_url(&mail.smtp_url)
            .map_err(|error| unfit(&error))?
            .timeout(Some(Duration::from_secs(mail.timeout_seconds)))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        if !mail.smtp_certificate_file.as_os_str().is_empty() {
            let url = Url::parse(&mail.smtp_url).map_err(|error| unfit(&error))?;
            builder = builder.tls(tls(&url, parameters(mail, url.host_str().unwrap_or_default())?));
        }
        Ok(Self(builder.build()))
    }

    /// Hands the letter over.
    ///
    /// # Errors
    /// As [`crate::services::ports::Mail::send`].
    pub fn send(&self, message: &Message) -> Result<(), MailError> {
        self.0.send(message).map(|_| ()).map_err(|error| self.explain(&error))
    }

    /// Whose fault it is. A server that turns everybody away does so when it is greeted; one that is
    /// greeted well has turned away this letter.
    fn explain(&self, error: &smtp::Error) -> MailError {
        let text = format!("smtp: {}", chain(error));
        match error.status().map(u16::from) {
            // The service is closing; the login is refused; the connection must be safer, or is unwelcome.
            None | Some(421 | 454 | 521 | 530..=539) => MailError::Unreachable(text),
            Some(501 | 550..=559) if !error.is_transient() => {
                if self.0.test_connection().is_ok_and(|connected| connected) {
                    MailError::Refused(text)
                } else {
                    MailError::Unreachable(text)
                }
            }
            Some(_) => MailError::Deferred(text),
        }
    }
}

fn parameters(mail: &config::Mail, host: &str) -> Result<TlsParameters, PortError> {
    let file = &mail.smtp_certificate_file;
    let unfit =
        |error: &dyn std::fmt::Display| PortError(format!("mail.smtp_certificate_file: {}: {error}", file.display()));
    let pem = std::fs::read(file).map_err(|error| unfit(&error))?;
    let certificate = Certificate::from_pem(&pem).map_err(|error| unfit(&error))?;
    let parameters = TlsParameters::builder(host.to_owned()).add_root_certificate(certificate);
    parameters.build().map_err(|error| unfit(&error))
}

/// How the URL asks for TLS, as lettre reads it.
fn tls(url: &Url, parameters: TlsParameters) -> Tls {
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => Tls::Wrapper(parameters),
        (_, Some("required")) => Tls::Required(parameters),
        (_, Some("opportunistic")) => Tls::Opportunistic(parameters),
        (_, _) => Tls::None,
    }
}

/// An error with what is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = inner.source();
    }
    text
}
