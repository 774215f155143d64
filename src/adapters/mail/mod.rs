//! Letters: over SMTP, or as `.eml` files.

mod smtp;

use std::path::{Path, PathBuf};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use voucher_domain::period::Instant;

use crate::config;
use crate::services::ports::{Letter, Mail, MailError, PortError};

enum Way {
    Smtp(Box<smtp::Relay>),
    Directory(PathBuf),
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
            std::fs::create_dir_all(&mail.directory)
                .map_err(|error| PortError(directory_failed(&mail.directory, &error)))?;
            Way::Directory(mail.directory.clone())
        } else {
            Way::Smtp(Box::new(smtp::Relay::from_settings(mail)?))
        };
        Ok(Self { way, from, message_id_domain })
    }

    /// The letter as it travels: plain text and HTML, of which the reader's program shows one.
    fn message(&self, letter: &Letter, now: Instant) -> Result<Message, MailError> {
        let to = letter.recipient.parse::<Mailbox>();
        let to = to.map_err(|error| MailError::Refused(format!("{} is no address: {error}", letter.recipient)))?;
        let (text, html) = (letter.wording.text.clone(), letter.wording.html.clone());
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.message_id_domain)))
            .date(now.utc().into())
            .from(self.from.clone())
            .to(to)
            .subject(&letter.wording.subject)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| MailError::Refused(format!("the letter cannot be written: {error}")))
    }
}

fn directory_failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
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
    fn send(&self, letter: &Letter, now: Instant) -> Result<(), MailError> {
        let message = self.message(letter, now)?;
        match &self.way {
            Way::Smtp(relay) => relay.send(&message),
            Way::Directory(directory) => {
                let path = directory.join(format!("{}.eml", letter.id));
                std::fs::write(&path, message.formatted())
                    .map_err(|error| MailError::Unreachable(directory_failed(&path, &error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use voucher_domain::text::Language;

    use super::*;
    use crate::services::ports::LetterWording;

    fn letter(recipient: &str) -> Letter {
        let wording =
            LetterWording {
                subject: "创新券".to_owned(), text: "您好".to_owned(), html: "<p>您好</p>".to_owned()
            };
        Letter { id: Uuid::nil(), recipient: recipient.to_owned(), language: Language::Chinese, wording }
    }

    fn written(change: impl FnOnce(&mut config::Mail)) -> String {
        let directory = tempfile::tempdir().unwrap();
        let mut mail = config::Settings::load(None).unwrap().mail;
        mail.directory = directory.path().to_owned();
        change(&mut mail);
        let now = "2026-03-02T10:00:00+08:00".parse().unwrap();
        Letters::from_settings(&mail).unwrap().send(&letter("a@firm.test"), now).unwrap();
        std::fs::read_to_string(directory.path().join(format!("{}.eml", Uuid::nil()))).unwrap()
    }

    #[test]
    fn a_letter_is_text_and_html_with_a_message_id_of_its_own() {
        let letter = written(|_| ());
        assert!(letter.contains("Message-ID: <00000000-0000-0000-0000-000000000000@voucher.invalid>"), "{letter}");
        assert!(letter.contains("multipart/alternative") && letter.contains("text/plain"), "{letter}");
        assert!(letter.contains("text/html") && letter.contains("Auto-Submitted: auto-generated"), "{letter}");
        let other = written(|mail| mail.message_id_domain = "kw.beijing.example".to_owned());
        assert!(other.contains("000000000000@kw.beijing.example>"), "{other}");
    }

    #[test]
    fn what_is_no_address_is_refused_for_good() {
        let directory = tempfile::tempdir().unwrap();
        let mut mail = config::Settings::load(None).unwrap().mail;
        mail.directory = directory.path().to_owned();
        let letters = Letters::from_settings(&mail).unwrap();
        let now = "2026-03-02T10:00:00+08:00".parse().unwrap();
        assert!(matches!(letters.send(&letter("nobody"), now), Err(MailError::Refused(_))));
    }
}
