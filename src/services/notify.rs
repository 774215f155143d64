//! Telling people what concerns them: in the application, and by letter. Both are written in the
//! transaction of what they tell (of a claim: soon after it, by `claim::telling`); the letter's wording
//! is made when it is sent.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{Facts, LetterState, NotificationKind};
use voucher_storage::Together;
use voucher_storage::notification::Notification;
use voucher_storage::outbox::OutboxMail;
use voucher_storage::user::{Reader, User};

use super::{Call, Outcome, deadlines};

/// What somebody is told.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it is; it selects the templates.
    pub kind: NotificationKind,
    /// What kind of thing it is about.
    pub subject_kind: SubjectKind,
    /// Which thing.
    pub subject_id: Uuid,
    /// What the templates are filled with: [`NotificationKind::fact_names`], all of them.
    pub facts: Facts,
}

/// What telling people writes.
#[derive(Debug, Default)]
struct Told {
    notifications: Vec<Notification>,
    letters: Vec<OutboxMail>,
}

impl Told {
    /// Adds what is written to tell one person. The notification and its letter have the same id.
    fn add(&mut self, call: &Call<'_>, reader: &Reader, message: &Message) {
        let id = call.new_id();
        if message.kind.is_shown_in_application() {
            self.notifications.push(Notification {
                id,
                user_id: reader.id,
                kind: message.kind,
                subject_kind: message.subject_kind,
                subject_id: message.subject_id,
                facts: message.facts.clone(),
                created_at: call.now,
                read_at: None,
            });
        }
        self.letters.push(letter(call, id, reader, message));
    }

    /// Writes everything, in one statement.
    ///
    /// # Errors
    /// When the store fails.
    fn write(self, call: &mut Call<'_>) -> Outcome<()> {
        let mut together = Together::default();
        together.add(&self.notifications);
        together.add(&self.letters);
        Ok(together.write(call.tx)?)
    }
}

/// The letter that tells one person.
pub(super) fn letter(call: &Call<'_>, id: Uuid, reader: &Reader, message: &Message) -> OutboxMail {
    OutboxMail {
        id,
        user_id: Some(reader.id),
        recipient: reader.email.clone(),
        name: reader.name.clone(),
        language: reader.language,
        kind: message.kind,
        facts: message.facts.clone(),
        subject_kind: Some(message.subject_kind),
        subject_id: Some(message.subject_id),
        state: LetterState::Waiting,
        created_at: call.now,
        attempts: 0,
        next_attempt_at: call.now,
        settled_at: None,
        last_error: None,
    }
}

/// Tells everybody of an organization who has an account in use.
///
/// # Errors
/// When the store fails.
pub fn tell_organization(call: &mut Call<'_>, organization_id: Uuid, message: &Message) -> Outcome<()> {
    let readers = User::readers_of(call.tx, &[organization_id])?;
    tell(call, &readers, message)
}

/// How many messages are written in one statement.
const AT_ONCE: usize = 500;

/// Tells everybody of each organization its own message, in few statements.
///
/// # Errors
/// When the store fails.
pub fn tell_organizations(call: &mut Call<'_>, messages: &[(Uuid, Message)]) -> Outcome<()> {
    for part in messages.chunks(AT_ONCE) {
        let organizations: BTreeSet<Uuid> = part.iter().map(|(organization_id, _)| *organization_id).collect();
        let organizations: Vec<Uuid> = organizations.into_iter().collect();
        let mut readers: BTreeMap<Uuid, Vec<Reader>> = BTreeMap::new();
        for reader in User::readers_of(call.tx, &organizations)? {
            let Some(organization_id) = reader.organization_id else { continue };
            readers.entry(organization_id).or_default().push(reader);
        }
        let mut told = Told::default();
        for (organization_id, message) in part {
            for reader in readers.get(organization_id).into_iter().flatten() {
                told.add(call, reader, message);
            }
        }
        told.write(call)?;
    }
    Ok(())
}

/// Tells one person, if the account is in use.
///
/// # Errors
/// When the store fails.
pub fn tell_user(call: &mut Call<'_>, user_id: Uuid, message: &Message) -> Outcome<()> {
    let reader = User::reader(call.tx, user_id)?;
    tell(call, reader.as_slice(), message)
}

/// Tells everybody of a role, such as the officers.
///
/// # Errors
/// When the store fails.
pub fn tell_role(call: &mut Call<'_>, role: Role, message: &Message) -> Outcome<()> {
    let readers = User::readers_of_role(call.tx, role)?;
    tell(call, &readers, message)
}

/// What a waiting letter tells now, at the moment it is sent; nothing when what it reminds of was done
/// in the meantime.
///
/// # Errors
/// When the store fails.
pub(super) fn still_told(call: &mut Call<'_>, letter: &OutboxMail) -> Outcome<Option<Facts>> {
    if matches!(letter.kind, NotificationKind::DeadlineNear | NotificationKind::DeadlineDigest) {
        return deadlines::still_to_say(call, letter);
    }
    Ok(Some(letter.facts.clone()))
}

fn tell(call: &mut Call<'_>, readers: &[Reader], message: &Message) -> Outcome<()> {
    let mut told = Told::default();
    for reader in readers {
        told.add(call, reader, message);
    }
    told.write(call)
}
