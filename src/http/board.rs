//! What everybody polls on an opening day is answered from the board of cycles.

use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web::{self, Data};
use tokio::sync::{Mutex, MutexGuard, Notify};
use uuid::Uuid;
use voucher_domain::actor::Role;

use super::answer::Answer;
use super::request::RawRequest;
use super::route::Route;
use super::server::Shared;
use crate::services::cycle::CycleView;

/// The answer from the board; nothing where the usual way has to be gone: for those who see more than
/// everybody, for what is not there, and for every fault.
pub async fn answer(shared: &Data<Shared>, route: &Route, request: &RawRequest) -> Option<Answer> {
    let id = request.id("id").ok()?;
    if !request.query.is_empty() || !shows_what_everybody_sees(shared, request) {
        return None;
    }
    let view = view(shared, id).await?;
    Answer::written(route.success, &view).ok()
}

/// How often, and for how long each time, one waits for another's reading: it may have begun too early, or its
/// thread may wait for the store.
const MOST_WAITS: usize = 3;
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// Who reads the board anew: one at a time, and all others are told at once when that is done. (A lock that
/// they took one after the other would let each wait for all before.)
#[derive(Default)]
pub struct Turns {
    turn: Mutex<()>,
    over: Notify,
}

/// A turn; it is over when this is dropped, even if who had it went away.
struct Turn<'a> {
    held: Option<MutexGuard<'a, ()>>,
    over: &'a Notify,
}

impl Turns {
    fn take(&self) -> Option<Turn<'_>> {
        let held = self.turn.try_lock().ok()?;
        Some(Turn { held: Some(held), over: &self.over })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Free before the others are told: one of them may have to take it.
        self.held = None;
        self.over.notify_waiters();
    }
}

/// The cycle as the board shows it, or as somebody reads it for all who ask at this moment.
async fn view(shared: &Data<Shared>, id: Uuid) -> Option<CycleView> {
    let asked_at = shared.program.store.commits();
    let mut _turn = None;
    for _ in 0..MOST_WAITS {
        // Asked for before the look: a turn that ends after it is not missed.
        let over = shared.board_turns.over.notified();
        if let Some(view) = shared.board.look(&shared.program, id, asked_at) {
            return Some(view);
        }
        // What is not there, or not for everybody, is nobody else's affair.
        if !shared.board.has(id) {
            break;
        }
        _turn = shared.board_turns.take();
        if _turn.is_some() || timeout(LONGEST_WAIT, over).await.is_err() {
            break;
        }
    }
    let reading = shared.clone();
    web::block(move || reading.board.read(&reading.program, id, asked_at)).await.ok()?.ok()?
}

/// Without a token, or with a good one of somebody who sees no more.
fn shows_what_everybody_sees(shared: &Shared, request: &RawRequest) -> bool {
    if request.authorization.is_none() {
        return true;
    }
    let program = &shared.program;
    let claims = request.bearer().and_then(|token| program.tokens.read(token, program.clock.now()));
    claims.is_some_and(|claims| match claims.role {
        Role::Applicant | Role::Facility | Role::Expert => true,
        Role::Officer | Role::Auditor | Role::Admin => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn all_who_wait_are_told_when_a_turn_is_over_and_one_can_take_the_next() {
        let turns = Turns::default();
        let turn = turns.take();
        assert!(turn.is_some());
        let waiting = [turns.over.notified(), turns.over.notified()];
        assert!(turns.take().is_none(), "one at a time");
        // Whoever had it may just have gone away.
        drop(turn);
        for over in waiting {
            over.await;
        }
        assert!(turns.take().is_some());
    }
}
