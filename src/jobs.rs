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
    /// Every second, when a short look finds something to do.
    Second(fn(&Program) -> Outcome<bool>),
    /// Every minute.
    Minute,
    /// Once an hour.
    Hour,
}

impl Pace {
    fn pause_seconds(&self, usual: u64) -> u64 {
        match self {
            Self::Usual | Self::Hour => usual,
            Self::Second(_) => 1,
            Self::Minute => 60,
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
    loop {
        turn(program, job);
        if !matches!(stopped.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// Does what is due, job after job; a job that fails is tried again at the next turn.
pub fn run_once(program: &Program) {
    JOBS.iter().for_each(|job| turn(program, job));
}

fn turn(program: &Program, job: &Job) {
    let due = job.pace.is_due(program, job.name);
    let done = due.and_then(|due| if due { lease::under(program, job.name, job.work) } else { Ok(None) });
    match done {
        // Another server is at it, or there was nothing to do.
        Ok(None | Some(0)) => {}
        // What is done every second tells of itself in `/metrics`.
        Ok(Some(count)) if matches!(job.pace, Pace::Second(_)) => tracing::debug!(job = job.name, count, "done"),
        Ok(Some(count)) => tracing::info!(job = job.name, count, "done"),
        Err(failure) => tracing::error!(job = job.name, ?failure, "failed; it is tried again"),
    }
}
