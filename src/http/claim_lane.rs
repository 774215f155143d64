//! The lane that claims go through: a bounded queue and one thread, which takes all that wait and
//! decides them in one transaction. While a batch commits, the next one gathers by itself: a lone
//! claim is not delayed, and a rush makes large batches. On PostgreSQL the next batch is decided while the
//! one before is written to the disk; no claim is answered before its own is there.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SendError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::{StorageError, Unflushed};

use crate::services::claim::{Claim, InRush, Kept, Render, decide, overloaded};
use crate::services::{Failure, Program};

/// How many claims are decided in one transaction at the most.
const BATCH: usize = 512;
/// How often a batch is tried whose outcome is unknown, and how long after the first failure.
const ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A claim in the queue.
struct Waiting {
    claim: Claim,
    reply: Reply,
}

/// Where the answer of a claim goes; the claim is counted until it is answered.
struct Reply {
    sender: oneshot::Sender<Kept>,
    _counted: InRush,
}

/// The queue's end where claims come in.
pub struct ClaimLane {
    program: Arc<Program>,
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl ClaimLane {
    /// Starts the lane of a program, with room for so many waiting claims.
    pub fn start(program: Arc<Program>, room: usize, render: Render) -> Self {
        let (queue, waiting) = sync_channel(room);
        let working = Arc::clone(&program);
        let thread = thread::spawn(move || work(&working, &waiting, render));
        Self { program, queue: Some(queue), thread: Some(thread) }
    }

    /// Puts a claim at the end of the queue; its answer comes through what is returned.
    ///
    /// # Errors
    /// `overloaded`, at once, when the queue is full.
    pub fn enter(&self, claim: Claim) -> Result<oneshot::Receiver<Kept>, Refusal> {
        let (sender, answer) = oneshot::channel();
        let reply = Reply { sender, _counted: self.program.rush.enter() };
        let queue = self.queue.as_ref().ok_or_else(overloaded)?;
        match queue.try_send(Waiting { claim, reply }) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(overloaded()),
        }
    }
}

/// What waits is still decided before the lane ends.
impl Drop for ClaimLane {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the claim lane ended badly");
        }
    }
}

/// How many decided batches may wait for the disk.
const UNFLUSHED_BATCHES: usize = 3;

/// A batch that is decided and committed, and not on the disk yet.
struct Decided {
    cycle_id: Uuid,
    claims: Vec<Claim>,
    replies: Vec<Reply>,
    answers: Vec<Kept>,
    unflushed: Unflushed,
}

/// Decides batch after batch, while a second thread waits for the disk and answers.
fn work(program: &Program, waiting: &Receiver<Waiting>, render: Render) {
    thread::scope(|scope| {
        let (decided, to_answer) = sync_channel::<Decided>(UNFLUSHED_BATCHES);
        scope.spawn(move || {
            while let Ok(decided) = to_answer.recv() {
                answer_when_flushed(program, decided, render);
            }
        });
        while let Ok(first) = waiting.recv() {
            let mut batch = vec![first];
            batch.extend(waiting.try_iter().take(BATCH.saturating_sub(1)));
            for (cycle_id, batch) in by_cycle(batch) {
                let (claims, replies): (Vec<Claim>, Vec<_>) =
                    batch.into_iter().map(|waiting| (waiting.claim, waiting.reply)).unzip();
                // One alone has nobody behind it: it is answered soonest by a COMMIT that waits.
                let several =
                    if claims.len() > 1 { decide_unflushed(program, cycle_id, &claims, render) } else { None };
                let Some((answers, unflushed)) = several else {
                    answer(settle(program, cycle_id, &claims, render), replies);
                    continue;
                };
                let batch = Decided { cycle_id, claims, replies, answers, unflushed };
                if let Err(SendError(batch)) = decided.send(batch) {
                    answer_when_flushed(program, batch, render);
                }
            }
        }
    });
}

/// Decides a batch without waiting for the disk; nothing where the longer way has to be gone.
fn decide_unflushed(
    program: &Program,
    cycle_id: Uuid,
    claims: &[Claim],
    render: Render,
) -> Option<(Vec<Kept>, Unflushed)> {
    let decided = program.store.write_unflushed(|tx| decide(program, tx, cycle_id, claims, render));
    decided.inspect_err(|failure| tracing::warn!(%failure, "a batch of claims is decided again")).ok()
}

/// No claim is answered before it is on the disk. If that cannot be learnt, the batch is decided again:
/// what was kept is found under its keys, and what was lost was never answered.
fn answer_when_flushed(program: &Program, decided: Decided, render: Render) {
    let Decided { cycle_id, claims, replies, answers, unflushed } = decided;
    match unflushed.wait() {
        Ok(()) => answer(answers, replies),
        Err(error) => {
            tracing::warn!(%error, claims = claims.len(), "a batch of claims may not be on the disk");
            answer(settle(program, cycle_id, &claims, render), replies);
        }
    }
}

fn answer(answers: Vec<Kept>, replies: Vec<Reply>) {
    for (kept, reply) in answers.into_iter().zip(replies) {
        // A client that went away learns the answer by repeating its key.
        let _ = reply.sender.send(kept);
    }
}

/// Claims from different cycles are decided in transactions of their own, so that each locks one cycle.
fn by_cycle(batch: Vec<Waiting>) -> Vec<(Uuid, Vec<Waiting>)> {
    let mut groups: Vec<(Uuid, Vec<Waiting>)> = Vec::new();
    for waiting in batch {
        let cycle_id = waiting.claim.form.cycle_id;
        match groups.iter_mut().find(|(known, _)| *known == cycle_id) {
            Some((_, group)) => group.push(waiting),
            None => groups.push((cycle_id, vec![waiting])),
        }
    }
    groups
}

/// The answers of a batch. One that fails is split, so that only the guilty claim fails.
fn settle(program: &Program, cycle_id: Uuid, claims: &[Claim], render: Render) -> Vec<Kept> {
    let failure = match decide_surely(program, cycle_id, claims, render) {
        Ok(answers) => return answers,
        Err(failure) => failure,
    };
    match claims {
        [] => Vec::new(),
        [claim] => vec![render(Err(failed(&failure, claim.request_id)), claim.request_id)],
        _ => {
            tracing::warn!(%failure, claims = claims.len(), "a batch of claims failed; it is split");
            let (one, other) = claims.split_at(claims.len().div_euclid(2));
            let mut answers = settle(program, cycle_id, one, render);
            answers.extend(settle(program, cycle_id, other, render));
            answers
        }
    }
}

/// Decides a batch until its outcome is known. One whose COMMIT was not answered is simply decided
/// again: what was committed is found under its keys.
fn decide_surely(program: &Program, cycle_id: Uuid, claims: &[Claim], render: Render) -> Result<Vec<Kept>, Failure> {
    let mut pause = FIRST_PAUSE;
    let mut attempt: u32 = 1;
    loop {
        let result = program.store.write(|tx| decide(program, tx, cycle_id, claims, render));
        match result {
            Err(Failure::Storage(
                error @ (StorageError::UnknownOutcome(_) | StorageError::Unavailable(_) | StorageError::Contention(_)),
            )) if attempt < ATTEMPTS => {
                tracing::warn!(%error, attempt, "claims are decided again");
                thread::sleep(pause);
                pause = pause.saturating_mul(2);
                attempt = attempt.saturating_add(1);
            }
            // The same key has just been used on another server, for another cycle: look again.
            Err(Failure::Storage(StorageError::Unique { .. })) if attempt < ATTEMPTS && claims.len() == 1 => {
                attempt = attempt.saturating_add(1);
            }
            known => return known,
        }
    }
}

fn failed(failure: &Failure, request_id: Uuid) -> Refusal {
    match failure {
        Failure::Refused(refusal) | Failure::RefusedAndKept(refusal) if refusal.code != RefusalCode::Internal => {
            (**refusal).clone()
        }
        Failure::Storage(
            StorageError::UnknownOutcome(_) | StorageError::Unavailable(_) | StorageError::Contention(_),
        ) => overloaded(),
        // What is ours to mend goes into the log, not into the answer.
        Failure::Refused(_) | Failure::RefusedAndKept(_) | Failure::Storage(_) | Failure::Internal(_) => {
            tracing::error!(%request_id, %failure, "a claim failed");
            Refusal::new(
                RefusalCode::Internal,
                "系统内部错误,本次领取未生效。",
                "A fault of the system; nothing was claimed.",
            )
        }
    }
}
