//! What everybody polls on an opening day is answered from the board of cycles.

use actix_web::web::{self, Data};
use voucher_domain::actor::Role;

use super::answer::Answer;
use super::request::RawRequest;
use super::route::Route;
use super::server::Shared;

/// The answer from the board; nothing where the usual way has to be gone: for those who see more than
/// everybody, for what is not there, and for every fault.
pub async fn answer(shared: &Data<Shared>, route: &Route, request: &RawRequest) -> Option<Answer> {
    let id = request.id("id").ok()?;
    if !request.query.is_empty() || !shows_what_everybody_sees(shared, request) {
        return None;
    }
    if let Some(view) = shared.board.look(&shared.program, id) {
        return Answer::json(route.success, &view).ok();
    }
    let reading = shared.clone();
    let view = web::block(move || reading.board.read(&reading.program, id)).await.ok()?.ok()??;
    Answer::json(route.success, &view).ok()
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
