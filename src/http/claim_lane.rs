//! The lane that claims go through: a bounded queue, from which one thread at a time takes all that wait and
//! decides them in one transaction. While a batch commits, the next one gathers by itself: a lone
//! claim is not delayed, and a rush makes large batches.
//!
//! On PostgreSQL two threads take turns: one gathers and reads what its batch needs while the other one's
//! rows are being written, and waits for the cycle, which the other one holds until its COMMIT; so the order
//! stays. A third thread waits for the disk and answers: no claim is answered before its own is there.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SendError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;
use uuid::Uuid;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::connection::DatabaseKind;
use voucher_storage::{StorageError, Unflushed};

use crate::services::claim::{Claim, Kept, Render, decide, overloaded};
use crate::services::{Failure, Program};

/// How many claims are decided in one transaction at the most.
const BATCH: usize = 512;
/// More waiting claims than this are shared among those who take turns.
const SHARED: usize = 16;
/// How often a batch is tried whose outcome is unknown, and how long after the first failure.
const ATTEMPTS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A claim in the queue.
struct Waiting {
    claim: Claim,
    reply: oneshot::Sender<Kept>,
}

/// The queue's end where claims come in.
pub struct ClaimLane {
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl ClaimLane {
    /// Starts the lane of a program, with room for so many waiting claims.
    pub fn start(program: Arc<Program>, room: usize, render: Render) -> Self {
        let (queue, waiting) = sync_channel(room);
        let thread = thread::spawn(move || work(&program, waiting, render));
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// Puts a claim at the end of the queue; its answer comes through what is returned.
    ///
    /// # Errors
    /// `overloaded`, at once, when the queue is full.
    pub fn enter(&self, claim: Claim) -> Result<oneshot::Receiver<Kept>, Refusal> {
        let (reply, answer) = oneshot::channel();
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
    replies: Vec<oneshot::Sender<Kept>>,
    answers: Vec<Kept>,
    unflushed: Unflushed,
}

/// Decides batch after batch, while one more thread waits for the disk and answers.
fn work(program: &Program, waiting: Receiver<Waiting>, render: Render) {
    let turns = match program.store.kind() {
        DatabaseKind::Postgresql => 2,
        // There, one transaction writes at a time, from its beginning.
        DatabaseKind::Sqlite => 1,
    };
    let queue = Mutex::new(Queue { incoming: waiting, waiting: VecDeque::new(), turns });
    thread::scope(|scope| {
        let (decided, to_answer) = sync_channel::<Decided>(UNFLUSHED_BATCHES);
        scope.spawn(move || {
            while let Ok(decided) = to_answer.recv() {
                answer_when_flushed(program, decided, render);
            }
        });
        for _ in 0..turns {
            let (queue, lane) = (&queue, Lane { program, decided: decided.clone(), render });
            scope.spawn(move || take_turns(&lane, queue));
        }
    });
}

/// What waits, in the order it came.
struct Queue {
    incoming: Receiver<Waiting>,
    waiting: VecDeque<Waiting>,
    turns: usize,
}

impl Queue {
    /// The next batch, as soon as there is one; nothing when no claim will come any more. Of many, those who
    /// take turns take equal shares: of a large batch and a small one the small one costs as much.
    fn gather(&mut self) -> Option<Vec<Waiting>> {
        if self.waiting.is_empty() {
            self.waiting.push_back(self.incoming.recv().ok()?);
        }
        let room = BATCH.saturating_mul(self.turns).saturating_sub(self.waiting.len());
        self.waiting.extend(self.incoming.try_iter().take(room));
        let many = self.waiting.len();
        let share = if many > SHARED { many.div_ceil(self.turns) } else { many };
        Some(self.waiting.drain(..share.min(BATCH)).collect())
    }
}

/// What the threads that take turns share.
struct Lane<'p> {
    program: &'p Program,
    decided: SyncSender<Decided>,
    render: Render,
}

/// Whoever holds the queue has the turn: from gathering a batch until it is decided and only its rows are
/// left to be written.
fn take_turns(lane: &Lane<'_>, queue: &Mutex<Queue>) {
    loop {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(batch) = queue.gather() else { return };
        let mut turn = Some(queue);
        let mut cycles = by_cycle(batch);
        let last = cycles.pop();
        for (cycle_id, batch) in cycles {
            lane.decide_and_answer(cycle_id, batch, &mut || {});
        }
        // Before, others could come first to a cycle whose claims wait here.
        if let Some((cycle_id, batch)) = last {
            lane.decide_and_answer(cycle_id, batch, &mut || drop(turn.take()));
        }
    }
}

impl Lane<'_> {
    fn decide_and_answer(&self, cycle_id: Uuid, batch: Vec<Waiting>, end_turn: &mut dyn FnMut()) {
        let (program, render) = (self.program, self.render);
        let (claims, replies): (Vec<Claim>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.claim, waiting.reply)).unzip();
        // One alone has nobody behind it: it is answered soonest by a COMMIT that waits.
        let several =
            if claims.len() > 1 { decide_unflushed(program, cycle_id, &claims, render, end_turn) } else { None };
        let Some((answers, unflushed)) = several else {
            return answer(settle(program, cycle_id, &claims, render), replies);
        };
        let batch = Decided { cycle_id, claims, replies, answers, unflushed };
        if let Err(SendError(batch)) = self.decided.send(batch) {
            answer_when_flushed(program, batch, render);
        }
    }
}

/// Decides a batch without waiting for the disk; nothing where the longer way has to be gone.
fn decide_unflushed(
    program: &Program,
    cycle_id: Uuid,
    claims: &[Claim],
    render: Render,
    end_turn: &mut dyn FnMut(),
) -> Option<(Vec<Kept>, Unflushed)> {
    let decided = program.store.write_unflushed(|tx| decide(program, tx, cycle_id, claims, render, end_turn));
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

fn answer(answers: Vec<Kept>, replies: Vec<oneshot::Sender<Kept>>) {
    for (kept, reply) in answers.into_iter().zip(replies) {
        // A client that went away learns the answer by repeating its key.
        let _ = reply.send(kept);
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
        let result = program.store.write(|tx| decide(program, tx, cycle_id, claims, render, &mut || {}));
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
