//! What runs beside the requests: voiding lapsed vouchers, letting what was published go on to
//! payment, sending letters.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::services::{Failure, Program, catalogue, facility, housekeeping, lapse, notice, outbox};

const SECONDS_AN_HOUR: u64 = 3600;

/// The running jobs.
pub struct Jobs {
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Jobs {
    /// Ends the jobs after the piece of work at hand.
    pub fn stop(mut self) {
        // A receiver that is gone has stopped already.
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the jobs ended badly");
        }
    }
}

/// Starts the jobs on a thread of their own.
pub fn start(program: Arc<Program>) -> Jobs {
    let (stop, stopped) = channel();
    let pause = Duration::from_secs(program.settings.jobs.interval_seconds);
    let turns_an_hour = SECONDS_AN_HOUR.checked_div(program.settings.jobs.interval_seconds).unwrap_or(1).max(1);
    let thread = std::thread::spawn(move || {
        for turn in (0..turns_an_hour).cycle() {
            run_once(&program);
            if turn == 0 {
                report("housekeeping", housekeeping::run(&program));
                report("index", catalogue::index(&program));
            }
            if !matches!(stopped.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
                return;
            }
        }
    });
    Jobs { stop, thread: Some(thread) }
}

/// Does what is due; a job that fails is tried again at the next turn.
pub fn run_once(program: &Program) {
    report("lapse", lapse::run(program));
    report("notice", notice::settle_due(program));
    report("exit", facility::leave_due(program));
    report("mail", outbox::run(program));
}

fn report(job: &str, done: Result<usize, Failure>) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::info!(job, count, "done"),
        Err(failure) => tracing::error!(job, ?failure, "failed; it is tried again"),
    }
}
