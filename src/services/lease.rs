//! Jobs run in every server, but each piece of work is done once: whoever does it holds the job's lease
//! in the store. A server that dies stops prolonging its lease, and another one takes over.

use voucher_storage::lease::Lease;

use super::{Outcome, Program};

/// A server's turn at a job.
pub struct Turn<'a> {
    /// The program.
    pub program: &'a Program,
    job: &'static str,
}

impl Turn<'_> {
    /// Keeps the lease for longer, between two parts of long work: whether it is still this server's.
    ///
    /// # Errors
    /// When the store fails.
    pub fn goes_on(&self) -> Outcome<bool> {
        let program = self.program;
        let expires_at = program.clock.now().plus_seconds(program.settings.jobs.lease_seconds)?;
        Ok(program.store.write_aside(|tx| Lease::keep(tx, self.job, program.server_id, expires_at))?)
    }
}

/// Does a job under its lease; nothing when another server is at it.
///
/// # Errors
/// What the work fails with; the lease is given back all the same.
pub fn under(
    program: &Program,
    job: &'static str,
    work: impl FnOnce(&Turn<'_>) -> Outcome<usize>,
) -> Outcome<Option<usize>> {
    let now = program.clock.now();
    let expires_at = now.plus_seconds(program.settings.jobs.lease_seconds)?;
    if !program.store.write_aside(|tx| Lease::take(tx, job, program.server_id, now, expires_at))? {
        return Ok(None);
    }
    let done = work(&Turn { program, job });
    let now = program.clock.now();
    program.store.write_aside(|tx| Lease::release(tx, job, program.server_id, now, done.is_ok()))?;
    done.map(Some)
}

/// Whether a job that is due once an hour has not been done in this hour.
///
/// # Errors
/// When the store fails.
pub fn is_due_this_hour(program: &Program, job: &str) -> Outcome<bool> {
    const SECONDS_AN_HOUR: i64 = 3600;
    let done = program.store.read(|tx| Lease::last_success(tx, job))?;
    let hour = |instant: voucher_domain::period::Instant| instant.utc().timestamp().div_euclid(SECONDS_AN_HOUR);
    Ok(done.is_none_or(|done| hour(done) < hour(program.clock.now())))
}
