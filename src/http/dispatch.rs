//! The one way every request goes: who calls, what is asked, one transaction, the answer.

use voucher_domain::actor::{Actor, Role};
use voucher_domain::code::Code;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::idempotency::IdempotencyKey;
use voucher_storage::user::User;
use voucher_storage::{Connection, StorageError, TransactionError, savepoint};

use super::answer::Answer;
use super::problem::{self, Problem};
use super::request::{DRY_RUN, RawRequest};
use super::route::{Access, Effect, Route, Run, Takes};
use crate::services::call::{is_kept, key_reused, precondition_required, unauthenticated};
use crate::services::ports::AccessClaims;
use crate::services::{Call, Failure, Outcome, Precondition, Program};

/// What the head of a request says: enough to turn it away before its body is read.
pub struct Head {
    /// What its token says.
    pub claims: Option<AccessClaims>,
    /// The version it is meant for.
    pub precondition: Option<Precondition>,
    /// The key its answer is to be kept under.
    pub key: Option<String>,
    /// Whether it only tries.
    pub dry_run: bool,
}

/// What is known of a request before its transaction.
struct Admitted {
    head: Head,
    key: Option<Key>,
    run: Run,
}

/// An idempotency key with what it stands for.
pub struct Key {
    /// Whose key it is.
    pub scope: String,
    /// The key.
    pub key: String,
    /// What makes two requests the same.
    pub fingerprint: String,
}

/// Handles a request from its first check to its answer.
pub fn handle(program: &Program, route: &Route, request: RawRequest) -> Answer {
    match check_head(program, route, &request) {
        Ok(head) => handle_body(program, route, head, request),
        Err(refusal) => Problem::new(refusal, request.request_id).answer(),
    }
}

/// Handles a request whose head is checked.
pub fn handle_body(program: &Program, route: &Route, head: Head, request: RawRequest) -> Answer {
    let request_id = request.request_id;
    let admitted = admit(program, route, head, request);
    match admitted.and_then(|admitted| perform(program, route, &admitted, request_id)) {
        Ok(answer) => answer,
        Err(failure) => refuse(failure, request_id),
    }
}

/// The answer of a failure. What is ours to mend goes into the log, not into the answer.
pub fn refuse(failure: Failure, request_id: uuid::Uuid) -> Answer {
    let refusal = match failure {
        Failure::Refused(refusal) | Failure::RefusedAndKept(refusal) if refusal.code == RefusalCode::Internal => {
            internal(request_id, &refusal.message.en)
        }
        Failure::Refused(refusal) | Failure::RefusedAndKept(refusal) => *refusal,
        Failure::Storage(
            error @ (StorageError::Contention(_) | StorageError::UnknownOutcome(_) | StorageError::Unavailable(_)),
        ) => {
            tracing::warn!(%request_id, %error, "the store could not take the request");
            Refusal::new(
                RefusalCode::Overloaded,
                "系统繁忙,请稍后使用同一个 Idempotency-Key 重试;重试不会重复办理。",
                "Busy at the moment; please repeat with the same Idempotency-Key, nothing will be done twice.",
            )
            .retry_after(1)
        }
        Failure::Storage(error) => internal(request_id, &error.to_string()),
        Failure::Internal(what) => internal(request_id, &what),
    };
    Problem::new(refusal, request_id).answer()
}

fn internal(request_id: uuid::Uuid, what: &str) -> Refusal {
    tracing::error!(%request_id, what, "internal error");
    Refusal::new(
        RefusalCode::Internal,
        "系统内部错误,本次操作未生效。请记下 request_id 与我们联系。",
        "A fault of the system; nothing was changed. Please tell us the request_id.",
    )
}

/// The checks that need neither body nor store, in the order of their precedence:
/// token, role, trial, key, version, parameters.
///
/// # Errors
/// The refusal of the first that fails.
pub fn check_head(program: &Program, route: &Route, request: &RawRequest) -> Result<Head, Refusal> {
    let claims = authenticate(program, request)?;
    authorize(route, claims.map(|claims| claims.role))?;
    let dry_run = route.dry_run && request.dry_run()?;
    let key = request.idempotency_key()?;
    if route.requires_key && key.is_none() && !dry_run {
        return Err(key_required());
    }
    let precondition = request.precondition()?;
    if route.requires_version && precondition.is_none() {
        return Err(precondition_required());
    }
    check_query(route, request)?;
    // A trial neither keeps its answer nor uses up a key.
    let key = key.filter(|_| route.replayable && !dry_run).map(str::to_owned);
    Ok(Head { claims, precondition, key, dry_run })
}

/// Reads the form, after the head was checked.
fn admit(program: &Program, route: &Route, head: Head, request: RawRequest) -> Outcome<Admitted> {
    if route.effect == Effect::Changes && matches!(route.takes, Takes::Nothing) {
        request.expect_no_body()?;
    }
    let key = match &head.key {
        Some(key) => Some(sealed_key(program, &head, key, &request)?),
        None => None,
    };
    let run = (route.prepare)(program, request)?;
    Ok(Admitted { head, key, run })
}

/// A token that was sent must be good, even where none is needed: a client should learn that it is stale.
fn authenticate(program: &Program, request: &RawRequest) -> Result<Option<AccessClaims>, Refusal> {
    if request.authorization.is_none() {
        return Ok(None);
    }
    let token = request.bearer().ok_or_else(unauthenticated)?;
    program.tokens.read(token, program.clock.now()).map(Some).ok_or_else(unauthenticated)
}

fn authorize(route: &Route, role: Option<Role>) -> Result<(), Refusal> {
    match (route.access, role) {
        (Access::Public, _) | (Access::SignedIn, Some(_)) => Ok(()),
        (Access::SignedIn | Access::Roles(_), None) => Err(unauthenticated()),
        (Access::Roles(allowed), Some(role)) if allowed.contains(&role) => Ok(()),
        (Access::Roles(allowed), Some(role)) => {
            let allowed = allowed.iter().map(|role| role.code()).collect::<Vec<_>>().join(", ");
            Err(Refusal::forbidden(
                format!("当前账号({role})不能进行此操作;可操作的角色:{allowed}。"),
                format!("This account ({role}) may not do this; it takes one of: {allowed}."),
            ))
        }
    }
}

/// The refusal of a request that moves money without a key.
pub fn key_required() -> Refusal {
    Refusal::new(
        RefusalCode::IdempotencyKeyRequired,
        "涉及资金的操作须带 Idempotency-Key 请求头(建议用 UUID);网络中断后用同一个键重试,不会重复办理。",
        "Where money moves, an Idempotency-Key header is required (a UUID serves well); repeat with the same key after a lost connection.",
    )
}

/// A key with the request it stands for, sealed, since a body may hold a password: whoever has the
/// store alone can try out nothing.
pub fn sealed_key(program: &Program, head: &Head, key: &str, request: &RawRequest) -> Outcome<Key> {
    let scope = head.claims.map_or_else(|| "public".to_owned(), |claims| claims.user_id.to_string());
    let sealed = program.tokens.seal(&request.fingerprint());
    let fingerprint = sealed.map_err(|error| Failure::internal(error.to_string()))?;
    Ok(Key { scope, key: key.to_owned(), fingerprint })
}

/// A query parameter that a route does not know is refused by name, as a body's field is.
fn check_query(route: &Route, request: &RawRequest) -> Result<(), Refusal> {
    for (name, _) in request.parameters_of_query() {
        let known = route.query.iter().any(|parameter| parameter.name == name) || (route.dry_run && name == DRY_RUN);
        if !known {
            let mut refusal =
                Refusal::field(&name, "unknown_field", "不支持此查询参数。", "is not a parameter of this call.");
            refusal.code = RefusalCode::UnknownField;
            return Err(refusal);
        }
    }
    Ok(())
}

/// Why a transaction is rolled back: it was only a trial, or it failed.
enum Ended {
    RolledBack(Answer),
    Failed(Failure),
}

impl From<StorageError> for Ended {
    fn from(error: StorageError) -> Self {
        Self::Failed(Failure::from(error))
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl TransactionError for Ended {
    fn storage_error(&self) -> Option<&StorageError> {
        match self {
            Self::Failed(failure) => failure.storage_error(),
            Self::RolledBack(_) => None,
        }
    }
}

fn perform(program: &Program, route: &Route, admitted: &Admitted, request_id: uuid::Uuid) -> Outcome<Answer> {
    let body = |tx: &mut Connection| -> Result<Answer, Ended> {
        // Read when the transaction has begun, anew each time it is run: whoever waited for the store
        // past a deadline is too late.
        let now = program.clock.now();
        let caller = admitted.head.claims.map(|claims| known_actor(tx, claims)).transpose().map_err(Ended::Failed)?;
        let mut call = Call { program, tx, now, caller, request_id, precondition: admitted.head.precondition };
        match &admitted.key {
            Some(key) => keyed(&mut call, route, admitted, key),
            None => once(&mut call, route, admitted),
        }
    };
    let ended = match route.effect {
        Effect::Reads => program.store.read(body),
        Effect::ReadsOnRecord | Effect::Changes => program.store.write(body),
    };
    match ended {
        Ok(answer) | Err(Ended::RolledBack(answer)) => Ok(answer),
        Err(Ended::Failed(failure)) => Err(failure),
    }
}

/// The account behind a token, as it is now: one that was closed is let in no more.
fn known_actor(tx: &mut Connection, claims: AccessClaims) -> Outcome<Actor> {
    let user = User::find(tx, claims.user_id)?.filter(|user| user.is_active && user.role == claims.role);
    let user = user.ok_or_else(unauthenticated)?;
    Ok(Actor { user_id: user.id, role: user.role, organization_id: user.organization_id })
}

/// Runs the use case without a key.
fn once(call: &mut Call<'_>, route: &Route, admitted: &Admitted) -> Result<Answer, Ended> {
    match (admitted.run)(call) {
        Ok(answer) if admitted.head.dry_run => Err(Ended::RolledBack(finished(route, answer))),
        Ok(answer) => Ok(finished(route, answer)),
        // The traces of such a refusal are committed with it.
        Err(Failure::RefusedAndKept(refusal)) => Ok(Problem::new(*refusal, call.request_id).answer()),
        Err(failure) => Err(Ended::Failed(failure)),
    }
}

/// Runs the use case under a key: a repeat answers the first answer, and the row that says so is
/// written in the transaction of what it guards. A refusal by the rules (409) is an answer too.
fn keyed(call: &mut Call<'_>, route: &Route, admitted: &Admitted, key: &Key) -> Result<Answer, Ended> {
    if let Some(saved) = IdempotencyKey::find(call.tx, &key.scope, &key.key)? {
        return replay(saved, key).map_err(Ended::Failed);
    }
    let (program, now, caller, request_id) = (call.program, call.now, call.caller, call.request_id);
    let result = savepoint(call.tx, |tx| {
        let mut inner = Call { program, tx, now, caller, request_id, precondition: admitted.head.precondition };
        (admitted.run)(&mut inner)
    });
    let answer = match result {
        Ok(answer) => finished(route, answer),
        Err(Failure::Refused(refusal)) if is_kept(problem::status(refusal.code)) => {
            Problem::new(*refusal, request_id).answer()
        }
        Err(failure) => return Err(Ended::Failed(failure)),
    };
    let row = IdempotencyKey {
        scope: key.scope.clone(),
        key: key.key.clone(),
        request_hash: key.fingerprint.clone(),
        status: i32::from(answer.status),
        body: answer.to_keep(),
        created_at: now,
    };
    if IdempotencyKey::keep(call.tx, &row)? {
        return Ok(answer);
    }
    // The same key was at work elsewhere and has just finished: everything here is undone, and the
    // transaction runs again to find its answer.
    Err(Ended::from(StorageError::Contention("an idempotency key is in use".to_owned())))
}

fn replay(saved: IdempotencyKey, key: &Key) -> Outcome<Answer> {
    if saved.request_hash != key.fingerprint {
        return Err(key_reused().into());
    }
    let status = u16::try_from(saved.status).map_err(|_| Failure::internal("a kept answer has no status"))?;
    Answer::kept(status, saved.body)
}

/// The answer with the status of its row.
fn finished(route: &Route, mut answer: Answer) -> Answer {
    answer.status = route.success;
    answer
}
