//! The job that sends letters: at least once, later and later after each failure, none lost.

use voucher_domain::notification::Facts;
use voucher_domain::period::Instant;
use voucher_storage::outbox::OutboxMail;

use super::ports::{Letter, PortError};
use super::{Outcome, Program, notify};

const BATCH: u16 = 50;
const TURN_SECONDS: i64 = 20;
/// While a worker has a letter in hand, nobody else takes it.
const IN_HAND_SECONDS: i64 = 120;
const FIRST_DELAY_SECONDS: i64 = 30;
const MAX_DELAY_SECONDS: i64 = 6 * 3600;

/// Sends what is due; how many letters went out. A turn is short, whatever there is to send: other jobs
/// wait for it.
///
/// # Errors
/// When the store fails. A letter that cannot be sent is no error: it is tried again.
pub fn run(program: &Program) -> Outcome<usize> {
    let ends_at = program.clock.now().plus_seconds(TURN_SECONDS)?;
    let mut sent: usize = 0;
    loop {
        let now = program.clock.now();
        let in_hand_until = now.plus_seconds(IN_HAND_SECONDS)?;
        let mails: Vec<OutboxMail> = program.store.write(|tx| OutboxMail::take_due(tx, now, in_hand_until, BATCH))?;
        let all = mails.len() < usize::from(BATCH);
        for mail in mails {
            sent = sent.saturating_add(usize::from(send(program, &mail, now)?));
        }
        if all || program.clock.now() >= ends_at {
            return Ok(sent);
        }
    }
}

/// Sends one letter and records what came of it; whether it went out.
fn send(program: &Program, mail: &OutboxMail, now: Instant) -> Outcome<bool> {
    let Some(facts) = program.transact(|call| notify::still_told(call, mail))? else {
        program.store.write(|tx| OutboxMail::drop_unsent(tx, mail.id, now))?;
        return Ok(false);
    };
    let Err(error) = deliver(program, mail, &facts, now) else {
        program.store.write(|tx| OutboxMail::mark_sent(tx, mail.id, now))?;
        return Ok(true);
    };
    let again_at = now.plus_seconds(delay_seconds(mail.attempts))?;
    tracing::warn!(id = %mail.id, %error, %again_at, "a letter was not sent");
    program.store.write(|tx| OutboxMail::mark_failed(tx, mail.id, &error.to_string(), again_at))?;
    Ok(false)
}

/// Puts the letter into words and hands it over.
fn deliver(program: &Program, mail: &OutboxMail, facts: &Facts, now: Instant) -> Result<(), PortError> {
    let wording = program.templates.letter(mail.kind, mail.language, &mail.name, facts)?;
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
}
