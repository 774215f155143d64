//! What runs beside the requests: telling who has claimed, voiding lapsed vouchers, letting what was published go on to
//! payment, sending letters, sealing events. Each job has a thread of its own, so that a slow letter holds up no other,
//! and is done by one server at a time.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::services::lease::{self, Turn};
use crate::services::{
    Outcome, Program, audit, calendar, catalogue, claim, deadlines, draw, facility, housekeeping, lapse, notice, outbox,
};

/// A job.
struct Job {
    /// What it is called in the log, in `/metrics` and in the table of leases.
    name: &'static str,
    /// How often it is done.
    pace: Pace,
    /// Does what is due; how much.
    work: fn(&Turn<'_>) -> Outcome<usize>,
}

/// How often a job is done.
enum Pace {
    /// Every few seconds, as configured.
    Usual,
    /// Every second, when a short look finds something to do; after the claims of a rush.
    Second(fn(&Program) -> Outcome<bool>),
    /// Every minute.
    Minute,
    /// Once an hour.
    Hour,
}

/// So many turns at the most, a job that follows the claims puts off for a rush: half a minute.
const PATIENCE_TURNS: u32 = 30;

impl Pace {
    fn pause_seconds(&self, usual: u64) -> u64 {
        match self {
            Self::Usual | Self::Hour => usual,
            Self::Second(_) => 1,
            Self::Minute => 60,
        }
    }

    /// Whether a turn is put off, after so many others were, because many are claiming: what follows each
    /// claim would take from the minute in which everybody claims what can as well be done after it.
    fn waits(&self, is_rush: bool, put_off: u32) -> bool {
        match self {
            Self::Second(_) => is_rush && put_off < PATIENCE_TURNS,
            Self::Usual | Self::Minute | Self::Hour => false,
        }
    }

    fn is_due(&self, program: &Program, name: &str) -> Outcome<bool> {
        match self {
            Self::Usual | Self::Minute => Ok(true),
            Self::Second(is_due) => is_due(program),
            Self::Hour => lease::is_due_this_hour(program, name),
        }
    }
}

/// Every job, in the order in which a single turn does them.
const JOBS: &[Job] = &[
    Job { name: "tell", pace: Pace::Second(claim::telling::is_due), work: claim::telling::run },
    Job { name: "lapse", pace: Pace::Usual, work: lapse::run },
    Job { name: "notice", pace: Pace::Usual, work: |turn| notice::settle_due(turn.program) },
    Job { name: "exit", pace: Pace::Usual, work: |turn| facility::leave_due(turn.program) },
    Job { name: "calendar", pace: Pace::Usual, work: |turn| calendar::settle(turn.program) },
    Job { name: "judge", pace: Pace::Minute, work: claim::eve::run },
    Job { name: "remind", pace: Pace::Hour, work: deadlines::remind },
    Job { name: "mail", pace: Pace::Usual, work: |turn| outbox::run(turn.program) },
    Job { name: "seal", pace: Pace::Second(audit::seal::is_due), work: audit::seal::run },
    Job { name: "seal_late", pace: Pace::Minute, work: audit::seal::run_late },
    Job { name: "draw", pace: Pace::Minute, work: |turn| draw::stay_committed(turn.program) },
    Job { name: "index", pace: Pace::Hour, work: |turn| catalogue::index(turn.program) },
    Job { name: "housekeeping", pace: Pace::Hour, work: |turn| housekeeping::run(turn.program) },
];

/// The running jobs.
pub struct Jobs {
    threads: Vec<(Sender<()>, JoinHandle<()>)>,
}

impl Jobs {
    /// Ends the jobs after the pieces of work at hand.
    pub fn stop(self) {
        for (stop, _) in &self.threads {
            // A receiver that is gone has stopped already.
            let _ = stop.send(());
        }
        for (_, thread) in self.threads {
            if thread.join().is_err() {
                tracing::error!("a job ended badly");
            }
        }
    }
}

/// Starts the jobs, each on a thread of its own.
pub fn start(program: &Arc<Program>) -> Jobs {
    let start_one = |job: &'static Job| {
        let (stop, stopped) = channel();
        let program = Arc::clone(program);
        (stop, std::thread::spawn(move || keep_doing(&program, job, &stopped)))
    };
    Jobs { threads: JOBS.iter().map(start_one).collect() }
}

fn keep_doing(program: &Program, job: &Job, stopped: &Receiver<()>) {
    let pause = Duration::from_secs(job.pace.pause_seconds(program.settings.jobs.interval_seconds));
    let mut put_off: u32 = 0;
    loop {
        if job.pace.waits(program.rush.is_on(), put_off) {
            put_off = put_off.saturating_add(1);
        } else if turn(program, job) {
            put_off = 0;
        }
        if !matches!(stopped.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// Does what is due, job after job; a job that fails is tried again at the next turn.
pub fn run_once(program: &Program) {
    for job in JOBS {
        turn(program, job);
    }
}

/// Does what is due; whether nothing is left of it to be done by this server at once.
fn turn(program: &Program, job: &Job) -> bool {
    let due = job.pace.is_due(program, job.name);
    let done = due.and_then(|due| if due { lease::under(program, job.name, job.work) } else { Ok(Some(0)) });
    let is_over = matches!(done, Ok(Some(_)));
    match done {
        // Another server is at it, or there was nothing to do.
        Ok(None | Some(0)) => {}
        // What is done every second tells of itself in `/metrics`.
        Ok(Some(count)) if matches!(job.pace, Pace::Second(_)) => tracing::debug!(job = job.name, count, "done"),
        Ok(Some(count)) => tracing::info!(job = job.name, count, "done"),
        Err(failure) => tracing::error!(job = job.name, ?failure, "failed; it is tried again"),
    }
    is_over
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_claims_waits_for_a_rush_to_end_but_not_for_ever() {
        let following = Pace::Second(|_| Ok(true));
        assert!(!following.waits(false, 0));
        assert!(following.waits(true, 0));
        assert!(following.waits(true, PATIENCE_TURNS.saturating_sub(1)));
        assert!(!following.waits(true, PATIENCE_TURNS));
        for other in [Pace::Usual, Pace::Minute, Pace::Hour] {
            assert!(!other.waits(true, 0));
        }
    }
}
