//! The job that sends letters: at least once, later and later after each failure, none lost. What
//! cannot be sent is parked, and waits for an administrator.

mod parked;

use std::collections::VecDeque;

use uuid::Uuid;
use voucher_domain::notification::Facts;
use voucher_domain::period::Instant;
use voucher_storage::outbox::OutboxMail;

use super::ports::{Letter, MailError};
use super::{Outcome, Program, notify};

pub use parked::{LetterView, OutboxQuery, list, retry};

const BATCH: u16 = 50;
/// A turn is short, so that what was taken is sent long before somebody else may take it.
const TURN_SECONDS: i64 = 20;
/// While a worker has a letter in hand, nobody else takes it.
const IN_HAND_SECONDS: i64 = 180;
const FIRST_DELAY_SECONDS: i64 = 30;
const MAX_DELAY_SECONDS: i64 = 6 * 3600;

/// What came of an attempt.
enum Attempt {
    /// The letter was handed over.
    Sent,
    /// It is not needed any more, or is tried later, or was given up.
    Settled,
    /// No letter can be handed over at present.
    Unreachable,
}

/// Sends what is due; how many letters went out.
///
/// # Errors
/// When the store fails. A letter that cannot be sent is no error: it is tried again, or parked.
pub fn run(program: &Program) -> Outcome<usize> {
    let ends_at = program.clock.now().plus_seconds(TURN_SECONDS)?;
    let mut sent: usize = 0;
    loop {
        let now = program.clock.now();
        let in_hand_until = now.plus_seconds(IN_HAND_SECONDS)?;
        let mails = program.store.write_aside(|tx| OutboxMail::take_due(tx, now, in_hand_until, BATCH))?;
        // In a rush of claims a turn has one batch: claims wait for what each letter writes.
        let is_last = mails.len() < usize::from(BATCH) || program.rush.is_on();
        let mut mails = VecDeque::from(mails);
        while let Some(mail) = mails.pop_front() {
            match attempt(program, &mail, program.clock.now())? {
                Attempt::Sent => sent = sent.saturating_add(1),
                Attempt::Settled => {}
                Attempt::Unreachable => {
                    put_back(program, &mails, program.clock.now().plus_seconds(FIRST_DELAY_SECONDS)?)?;
                    return Ok(sent);
                }
            }
            if program.clock.now() >= ends_at {
                put_back(program, &mails, program.clock.now())?;
                return Ok(sent);
            }
        }
        if is_last {
            return Ok(sent);
        }
    }
}

/// Letters that were taken and not tried are tried from then on.
fn put_back(program: &Program, mails: &VecDeque<OutboxMail>, again_at: Instant) -> Outcome<()> {
    let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
    Ok(program.store.write_aside(|tx| OutboxMail::put_back(tx, &ids, again_at))?)
}

/// Tries one letter, and records what came of it.
fn attempt(program: &Program, mail: &OutboxMail, now: Instant) -> Outcome<Attempt> {
    let Some(facts) = program.observe(|call| notify::still_told(call, mail))? else {
        program.store.write_aside(|tx| OutboxMail::drop_unsent(tx, mail.id, now))?;
        return Ok(Attempt::Settled);
    };
    let error = match deliver(program, mail, &facts, now) {
        Ok(()) => {
            program.store.write_aside(|tx| OutboxMail::mark_sent(tx, mail.id, now))?;
            return Ok(Attempt::Sent);
        }
        Err(error) => error,
    };
    let text = error.to_string();
    let given_up = matches!(error, MailError::Refused(_)) || mail.attempts >= program.settings.mail.max_attempts;
    if given_up {
        tracing::error!(id = %mail.id, error = %text, attempts = mail.attempts, "a letter is parked");
        program.store.write_aside(|tx| OutboxMail::park(tx, mail.id, &text, now))?;
    } else {
        let again_at = now.plus_seconds(delay_seconds(mail.attempts))?;
        tracing::warn!(id = %mail.id, error = %text, %again_at, "a letter was not sent");
        program.store.write_aside(|tx| OutboxMail::mark_failed(tx, mail.id, &text, again_at))?;
    }
    Ok(match error {
        MailError::Unreachable(_) => Attempt::Unreachable,
        MailError::Deferred(_) | MailError::Refused(_) => Attempt::Settled,
    })
}

/// Puts the letter into words and hands it over.
fn deliver(program: &Program, mail: &OutboxMail, facts: &Facts, now: Instant) -> Result<(), MailError> {
    let wording = program.templates.letter(mail.kind, mail.language, &mail.name, facts);
    let wording = wording.map_err(|error| MailError::Refused(error.to_string()))?;
    let letter = Letter { id: mail.id, recipient: mail.recipient.clone(), language: mail.language, wording };
    program.mail.send(&letter, now)
}

/// Half a minute after the first failure, twice as long after each further one, six hours at the most.
fn delay_seconds(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    FIRST_DELAY_SECONDS.saturating_mul(2_i64.saturating_pow(doublings)).min(MAX_DELAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_six_hours() {
        assert_eq!([1, 2, 3, 4].map(delay_seconds), [30, 60, 120, 240]);
        assert_eq!(delay_seconds(i32::MAX), MAX_DELAY_SECONDS);
    }

    #[test]
    fn the_usual_attempts_take_about_five_days() {
        let attempts = crate::config::Settings::load(None).unwrap().mail.max_attempts;
        let hours: i64 = (1..attempts).map(delay_seconds).sum::<i64>() / 3600;
        assert!((110..=130).contains(&hours), "{hours}");
    }
}
