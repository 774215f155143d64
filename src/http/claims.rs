//! Claims do not open a transaction each: they wait in the lane for one that decides many.

use actix_web::web::Data;
use voucher_domain::refusal::{Refusal, RefusalCode};

use super::answer::Answer;
use super::dispatch::{self, Head};
use super::problem::Problem;
use super::request::RawRequest;
use super::server::Shared;
use crate::services::call::unauthenticated;
use crate::services::claim::{Claim, ClaimForm, ClaimedView, Kept};
use crate::services::{Failure, Outcome};

/// The status of a claim that was granted.
const CREATED: u16 = 201;

/// Writes what came of a claim as the answer that is kept under its key.
pub fn render(outcome: Result<ClaimedView, Refusal>, request_id: uuid::Uuid) -> Kept {
    let refusal = match outcome {
        // Written at once: a value tree in between would cost the lane more than the rest.
        Ok(view) => match serde_json::to_string(&view) {
            Ok(body) => return Kept { status: CREATED, body },
            Err(error) => dispatch::refuse(Failure::internal(error.to_string()), request_id),
        },
        Err(refusal) => Problem::new(refusal, request_id).answer(),
    };
    Kept { status: refusal.status, body: refusal.to_keep() }
}

/// Answers a claim through the lane: admitted as every request, then decided with those that wait.
pub async fn answer(shared: &Data<Shared>, head: Head, request: RawRequest) -> Answer {
    let request_id = request.request_id;
    let entered = admit(shared, &head, &request).and_then(|claim| Ok(shared.lane.enter(claim)?));
    let answer = match entered {
        Ok(answer) => answer,
        Err(failure) => return dispatch::refuse(failure, request_id),
    };
    match answer.await {
        Ok(kept) => {
            Answer::kept(kept.status, kept.body).unwrap_or_else(|failure| dispatch::refuse(failure, request_id))
        }
        Err(_) => Problem::new(gone(), request_id).answer(),
    }
}

fn admit(shared: &Shared, head: &Head, request: &RawRequest) -> Outcome<Claim> {
    let claims = head.claims.ok_or_else(unauthenticated)?;
    let key = head.key.as_deref().ok_or_else(dispatch::key_required)?;
    let key = dispatch::sealed_key(&shared.program, head, key, request)?;
    let form: ClaimForm = request.decode_body()?;
    let dispatch::Key { scope, key, fingerprint } = key;
    Ok(Claim { claims, form, scope, key, fingerprint, request_id: request.request_id })
}

/// The lane has ended with the program: what it had taken in may or may not have been decided.
fn gone() -> Refusal {
    Refusal::new(
        RefusalCode::Overloaded,
        "服务正在重启,请稍后使用同一个 Idempotency-Key 重试;重试不会重复领取。",
        "The service is restarting; please repeat shortly with the same Idempotency-Key, nothing will be claimed twice.",
    )
    .retry_after(1)
}
