//! What one writes first: a transaction and row locks for each claim, its rows one by one.
//!
//! It decides by the same rule and leaves the same rows as the lane, so that only the way differs; what is
//! told of a claim is left to the same job.

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, web};
use innovation_voucher::http::server::Shared;
use innovation_voucher::services::accounts::{Books, Origin};
use innovation_voucher::services::call::unauthenticated;
use innovation_voucher::services::claim::{ClaimForm, ClaimedView, Judged};
use innovation_voucher::services::ports::AccessClaims;
use innovation_voucher::services::voucher::{VoucherView, granted_row, record};
use innovation_voucher::services::{Call, Failure, Outcome};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use voucher_domain::attempt::GRANTED;
use voucher_domain::event::EventAction;
use voucher_domain::voucher::{ClaimFacts, decide_claim};
use voucher_domain::{cycle, ledger, period};
use voucher_storage::attempt::Attempt;
use voucher_storage::idempotency::IdempotencyKey;
use voucher_storage::judgement::Judgement;
use voucher_storage::organization::Organization;
use voucher_storage::user::User;
use voucher_storage::voucher::Voucher;

struct Sent {
    claims: AccessClaims,
    form: ClaimForm,
    key: String,
    fingerprint: String,
}

/// `POST /bench/naive`.
pub async fn claim(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let text = |name: &str| Some(request.headers().get(name)?.to_str().ok()?.to_owned());
    let (token, key) = (text(AUTHORIZATION.as_str()), text("idempotency-key"));
    // Counted as the lane's claims are: the jobs let these go first, too.
    let counted = shared.program.rush.enter();
    let decided = web::block(move || {
        let _counted = counted;
        let now = shared.program.clock.now();
        let token = token.as_deref().and_then(|token| token.strip_prefix("Bearer "));
        let claims = token.and_then(|token| shared.program.tokens.read(token, now)).ok_or_else(unauthenticated)?;
        let form = serde_json::from_slice(&body).map_err(|error| Failure::internal(error.to_string()))?;
        let fingerprint = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
        let sent = Sent { claims, form, key: key.unwrap_or_default(), fingerprint };
        let request_id = Uuid::new_v4();
        shared.program.store.write(|tx| {
            let mut call = Call { program: &shared.program, tx, now, caller: None, request_id, precondition: None };
            decide(&mut call, &sent)
        })
    });
    match decided.await {
        Ok(Ok(body)) => HttpResponse::Created().content_type("application/json").body(body),
        Ok(Err(failure)) => HttpResponse::InternalServerError().body(failure.to_string()),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn decide(call: &mut Call<'_>, sent: &Sent) -> Outcome<String> {
    let missing = |what: &str| Failure::internal(format!("no {what}"));
    let scope = sent.claims.user_id.to_string();
    let mut books = Books::open(call, [sent.form.cycle_id])?;
    if let Some(kept) = IdempotencyKey::find(call.tx, &scope, &sent.key)? {
        return Ok(kept.body);
    }
    let cycle = books.cycle(sent.form.cycle_id)?.clone();
    let user = User::find(call.tx, sent.claims.user_id)?.filter(|user| user.is_active).ok_or_else(unauthenticated)?;
    let applicant_id = user.organization_id.ok_or_else(unauthenticated)?;
    Organization::lock(call.tx, applicant_id)?.ok_or_else(|| missing("organization"))?;
    let annual_used_fen = Voucher::counted_in_year(call.tx, applicant_id, period::year_of(call.today()), call.now)?;
    let mut chain = Attempt::chain_end(call.tx, cycle.id)?;
    let (policy, today) = (call.policy(&cycle.policy_id)?.clone(), call.today());
    let mut judged = Judged::of_each(call, &policy, &[applicant_id], today)?;
    let judged = judged.get_mut(&applicant_id).ok_or_else(|| missing("judgement"))?;
    let facts = ClaimFacts {
        cycle: cycle::CycleWindow { status: cycle.status, opens_at: cycle.opens_at, closes_at: cycle.closes_at },
        declaration: sent.form.declaration,
        amount_fen: sent.form.amount_fen,
        findings: &judged.findings,
        banned_until: None,
        annual_limit_fen: judged.annual_limit_fen,
        annual_used_fen,
        pool_remaining_fen: cycle.available_fen,
    };
    let grant = decide_claim(&policy.voucher, &*call.calendar()?, facts, call.now)?;
    let left_fen = grant.pool_remaining_fen;
    if let Some(new) = judged.keep() {
        Judgement::insert(call.tx, &new)?;
    }
    let row = Voucher::insert(call.tx, &granted_row(call, &cycle, applicant_id, grant, judged.id))?;
    books.post(call, cycle.id, &ledger::on_claim(row.amount_fen), Origin::of_voucher(row.id, row.id))?;
    record(call, EventAction::VoucherClaimed, None, &row)?;
    let receipt = chain.next(cycle.id, call.now, GRANTED, row.amount_fen, left_fen);
    let attempt = Attempt {
        cycle_id: receipt.cycle_id,
        sequence: receipt.sequence,
        decided_at: receipt.decided_at,
        outcome: receipt.outcome.clone(),
        amount_fen: receipt.amount_fen,
        remaining_fen: receipt.remaining_fen,
        previous_hash: receipt.previous_hash.clone(),
        hash: receipt.hash.clone(),
        applicant_id,
        voucher_id: Some(row.id),
    };
    Attempt::insert(call.tx, &attempt)?;
    let view = ClaimedView { voucher: VoucherView::from(row), receipt: Some(receipt) };
    let body = serde_json::to_string(&view).map_err(|error| Failure::internal(error.to_string()))?;
    let answer = IdempotencyKey {
        scope,
        key: sent.key.clone(),
        request_hash: sent.fingerprint.clone(),
        status: 201,
        body: body.clone(),
        created_at: call.now,
    };
    IdempotencyKey::insert(call.tx, &answer)?;
    Ok(body)
}
