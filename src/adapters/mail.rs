//! Letters: over SMTP, or as `.eml` files.

use std::path::Path;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::{SmtpTransport, Transport};
use voucher_domain::period::Instant;

use crate::config;
use crate::services::ports::{Letter, Mail, PortError};

enum Way {
    Smtp(Box<SmtpTransport>),
    Directory(std::path::PathBuf),
}

/// Sends letters the way the configuration says.
pub struct Letters {
    way: Way,
    from: Mailbox,
    message_id_domain: String,
}

impl Letters {
    /// SMTP where a URL is configured, files otherwise.
    ///
    /// # Errors
    /// When the URL or the sender's address is not one, or the directory cannot be made.
    pub fn from_settings(mail: &config::Mail) -> Result<Self, PortError> {
        let from: Mailbox = mail.from.parse().map_err(|error| PortError(format!("mail.from: {error}")))?;
        let message_id_domain = match mail.message_id_domain.as_str() {
            "" => from.email.domain().to_owned(),
            domain => domain.to_owned(),
        };
        let way = if mail.smtp_url.is_empty() {
            std::fs::create_dir_all(&mail.directory).map_err(|error| directory_failed(&mail.directory, &error))?;
            Way::Directory(mail.directory.clone())
        } else {
            let smtp = SmtpTransport::from_url(&mail.smtp_url)
                .map_err(|error| PortError(format!("mail.smtp_url: {error}")))?;
            Way::Smtp(Box::new(smtp.build()))
        };
        Ok(Self { way, from, message_id_domain })
    }
}

fn directory_failed(path: &Path, error: &std::io::Error) -> PortError {
    PortError(format!("{}: {error}", path.display()))
}

impl Letters {
    /// The letter as it travels: plain text and HTML, of which the reader's program shows one.
    fn message(&self, letter: &Letter, now: Instant) -> Result<Message, PortError> {
        let to =
            letter.recipient.parse::<Mailbox>().map_err(|error| PortError(format!("{}: {error}", letter.recipient)))?;
        let (text, html) = (letter.wording.text.clone(), letter.wording.html.clone());
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.message_id_domain)))
            .date(now.utc().into())
            .from(self.from.clone())
            .to(to)
            .subject(&letter.wording.subject)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| PortError(format!("the letter cannot be written: {error}")))
    }
}

/// Says that a program wrote the letter, so that no other program answers it (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mail for Letters {
    fn send(&self, letter: &Letter, now: Instant) -> Result<(), PortError> {
        let message = self.message(letter, now)?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(&message).map(|_| ()).map_err(|error| PortError(format!("smtp: {error}"))),
            Way::Directory(directory) => {
                let path = directory.join(format!("{}.eml", letter.id));
                std::fs::write(&path, message.formatted()).map_err(|error| directory_failed(&path, &error))
            }
        }
    }
}
