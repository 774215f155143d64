//! Letters: over SMTP, or as `.eml` files.

use std::path::Path;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
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
}

impl Letters {
    /// SMTP where a URL is configured, files otherwise.
    ///
    /// # Errors
    /// When the URL or the sender's address is not one, or the directory cannot be made.
    pub fn from_settings(mail: &config::Mail) -> Result<Self, PortError> {
        let from = mail.from.parse().map_err(|error| PortError(format!("mail.from: {error}")))?;
        let way = if mail.smtp_url.is_empty() {
            std::fs::create_dir_all(&mail.directory).map_err(|error| directory_failed(&mail.directory, &error))?;
            Way::Directory(mail.directory.clone())
        } else {
            let smtp = SmtpTransport::from_url(&mail.smtp_url)
                .map_err(|error| PortError(format!("mail.smtp_url: {error}")))?;
            Way::Smtp(Box::new(smtp.build()))
        };
        Ok(Self { way, from })
    }
}

fn directory_failed(path: &Path, error: &std::io::Error) -> PortError {
    PortError(format!("{}: {error}", path.display()))
}

impl Mail for Letters {
    fn send(&self, letter: &Letter, now: Instant) -> Result<(), PortError> {
        let to =
            letter.recipient.parse::<Mailbox>().map_err(|error| PortError(format!("{}: {error}", letter.recipient)))?;
        let message = Message::builder()
            .message_id(Some(format!("<{}@voucher>", letter.id)))
            .date(now.utc().into())
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .map_err(|error| PortError(format!("the letter cannot be written: {error}")))?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(&message).map(|_| ()).map_err(|error| PortError(format!("smtp: {error}"))),
            Way::Directory(directory) => {
                let path = directory.join(format!("{}.eml", letter.id));
                std::fs::write(&path, message.formatted()).map_err(|error| directory_failed(&path, &error))
            }
        }
    }
}
