//! How far the jobs are behind, for `/metrics`.

use voucher_domain::period::Instant;
use voucher_storage::lease::Lease;
use voucher_storage::outbox::OutboxMail;
use voucher_storage::voucher::Voucher;

use super::{Outcome, Program, audit, claim};

/// How far the jobs are behind.
#[derive(Debug, Clone, Default)]
pub struct Lags {
    /// Each job that was ever done to a good end: when that was last, and how many seconds ago.
    pub jobs: Vec<JobLag>,
    /// For how many seconds the voucher that died first has waited to be voided; 0 when none waits.
    pub lapse_seconds: i64,
    /// For how many seconds the oldest claim that was not told has waited; 0 when none waits.
    pub telling_seconds: i64,
    /// For how many seconds the letter that waits longest has waited; 0 when none waits.
    pub letter_seconds: i64,
    /// How many letters were given up, until an administrator sends them again.
    pub parked_letters: i64,
    /// For how many seconds the event that waits longest for its seal has waited; 0 when none waits.
    pub seal_seconds: i64,
    /// How many events are sealed.
    pub sealed_events: i64,
}

/// When a job was last done.
#[derive(Debug, Clone)]
pub struct JobLag {
    /// The job.
    pub job: String,
    /// When it last came to a good end, in seconds since 1970.
    pub succeeded_at_seconds: i64,
    /// How many seconds ago.
    pub lag_seconds: i64,
}

/// How far the jobs are behind at this moment.
///
/// # Errors
/// When the store fails.
pub fn read(program: &Program) -> Outcome<Lags> {
    let now = program.clock.now();
    program.store.read(|tx| {
        let jobs = Lease::every(tx)?.into_iter().filter_map(|lease| job_lag(lease, now)).collect();
        let lapse_seconds = Voucher::first_past_due(tx, now)?.map_or(0, |died_at| died_at.seconds_until(now));
        let telling_seconds = claim::telling::lag_seconds(tx, now)?;
        let letter_seconds = OutboxMail::longest_waiting(tx)?.map_or(0, |created_at| created_at.seconds_until(now));
        let (seal_seconds, sealed_events) = audit::seal::lag(tx, now)?;
        let parked_letters = OutboxMail::count_parked(tx)?;
        Ok(Lags { jobs, lapse_seconds, telling_seconds, letter_seconds, parked_letters, seal_seconds, sealed_events })
    })
}

fn job_lag(lease: Lease, now: Instant) -> Option<JobLag> {
    let succeeded_at = lease.succeeded_at?;
    Some(JobLag {
        job: lease.name,
        succeeded_at_seconds: succeeded_at.utc().timestamp(),
        lag_seconds: succeeded_at.seconds_until(now),
    })
}
