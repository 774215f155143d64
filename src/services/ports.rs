//! What the use cases ask of the world outside; `adapters` answer, `main` wires them.

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::notification::{Facts, NotificationKind};
use voucher_domain::period::Instant;
use voucher_domain::privacy::{Personal, Place, Sealed};
use voucher_domain::text::Language;

/// The one source of the present instant.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
}

/// A clock that a demonstration or a test moves.
pub trait MovableClock: Send + Sync {
    /// Moves the clock forward to this instant; `false` when that is in its past, and nothing happens.
    fn move_to(&self, instant: Instant) -> bool;
}

/// Something of the world outside failed; the text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PortError(pub String);

/// Hashes and checks passwords.
pub trait Passwords: Send + Sync {
    /// The hash of a password, with its salt and cost.
    ///
    /// # Errors
    /// When the hasher fails.
    fn hash(&self, password: &str) -> Result<String, PortError>;
    /// Whether the password is the one of the hash.
    fn verify(&self, password: &str, hash: &str) -> bool;
    /// Takes as long as [`Self::verify`], so that an unknown account cannot be told by the time it takes.
    fn verify_nothing(&self, password: &str);
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// The account.
    pub user_id: Uuid,
    /// Its role.
    pub role: Role,
}

/// Issues and reads access tokens, and makes secrets.
pub trait Tokens: Send + Sync {
    /// A signed access token that is valid until the instant.
    ///
    /// # Errors
    /// When signing fails.
    fn issue(&self, claims: AccessClaims, expires_at: Instant) -> Result<String, PortError>;
    /// What a token says, if its signature holds and it has not expired.
    fn read(&self, token: &str, now: Instant) -> Option<AccessClaims>;
    /// A secret for one use: 256 random bits, for a URL.
    ///
    /// # Errors
    /// When the system has no randomness.
    fn secret(&self) -> Result<String, PortError>;
    /// A digest under the program's key: what it was made of cannot be tried out without the key.
    ///
    /// # Errors
    /// When signing fails.
    fn seal(&self, text: &str) -> Result<String, PortError>;
    /// What is stored of such a secret: its SHA-256, so that the store alone lets nobody in.
    fn digest(&self, secret: &str) -> String;
}

/// A key by what tells it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMark {
    /// Its id.
    pub id: String,
    /// The same for the same key alone; the key cannot be told from it.
    pub fingerprint: String,
}

/// Seals personal details and opens them.
pub trait Vault: Send + Sync {
    /// The detail under the key that writes, for this place and row alone.
    ///
    /// # Errors
    /// When the system has no randomness.
    fn seal(&self, place: Place, id: Uuid, detail: &Personal) -> Result<Sealed, PortError>;
    /// The detail that was sealed for this place and row.
    ///
    /// # Errors
    /// When it was never sealed, was altered, is another row's, or its key is not known.
    fn open(&self, place: Place, id: Uuid, sealed: &Sealed) -> Result<Personal, PortError>;
    /// The same for equal texts at a place: under the key that writes, then under the others.
    ///
    /// # Errors
    /// When reckoning fails.
    fn indexes(&self, place: Place, text: &str) -> Result<Vec<String>, PortError>;
    /// The keys, the one that writes first.
    ///
    /// # Errors
    /// When reckoning fails.
    fn marks(&self) -> Result<Vec<KeyMark>, PortError>;
}

/// Keeps the bytes of files by their content.
pub trait Files: Send + Sync {
    /// Keeps the bytes, durably, under their SHA-256 (lower-case hexadecimal), which is answered.
    ///
    /// # Errors
    /// When they cannot be written.
    fn keep(&self, bytes: &[u8]) -> Result<String, PortError>;
    /// The bytes of a digest.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read(&self, sha256: &str) -> Result<Vec<u8>, PortError>;
}

/// A message in the words of its template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// In a line.
    pub title: String,
    /// In full.
    pub text: String,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterWording {
    /// The subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// Puts messages into words.
pub trait Templates: Send + Sync {
    /// The message as the application shows it.
    ///
    /// # Errors
    /// When its template asks for a fact that it was not told with.
    fn message(&self, kind: NotificationKind, language: Language, facts: &Facts) -> Result<Wording, PortError>;
    /// The message as a letter to somebody of this name.
    ///
    /// # Errors
    /// As [`Self::message`].
    fn letter(
        &self,
        kind: NotificationKind,
        language: Language,
        name: &str,
        facts: &Facts,
    ) -> Result<LetterWording, PortError>;
}

/// A letter to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The stable id of the letter; it makes its Message-ID.
    pub id: Uuid,
    /// To whom.
    pub recipient: String,
    /// In which language it is written.
    pub language: Language,
    /// What it says.
    pub wording: LetterWording,
}

/// Why a letter was not handed over; the text is for the log and the administrators.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Nobody was there to take letters: any other would fare the same.
    #[error("{0}")]
    Unreachable(String),
    /// It was not taken, but may be taken later.
    #[error("{0}")]
    Deferred(String),
    /// It will never be taken.
    #[error("{0}")]
    Refused(String),
}

/// Sends letters.
pub trait Mail: Send + Sync {
    /// Hands the letter over. Where that is not known, it is an error: a letter is rather sent twice.
    ///
    /// # Errors
    /// Whether another attempt makes sense.
    fn send(&self, letter: &Letter, now: Instant) -> Result<(), MailError>;
}

/// A file that came in with a request.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The name the sender gave it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A file that goes out with an answer.
#[derive(Debug, Clone)]
pub struct Download {
    /// Its media type.
    pub content_type: String,
    /// The name to save it under.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
