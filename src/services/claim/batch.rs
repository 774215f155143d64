//! The decision of a batch: load at once, decide in memory, write in few statements.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;
use voucher_domain::attempt::{ChainEnd, GRANTED};
use voucher_domain::code::Code;
use voucher_domain::money::Money;
use voucher_domain::period::{Calendar, Day, Instant, year_of};
use voucher_domain::policy::Policy;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_domain::voucher::{ClaimFacts, ClaimGrant, decide_claim};
use voucher_storage::Connection;
use voucher_storage::attempt::Attempt;
use voucher_storage::cycle::Cycle;
use voucher_storage::judgement::Judgement;
use voucher_storage::organization::Organization;
use voucher_storage::user::{Standing, User};
use voucher_storage::voucher::Voucher;

use super::answers::Answers;
use super::batch_rows::Rows;
use super::{Claim, ClaimForm, ClaimedView, Judged, Kept, Render};
use crate::services::accounts::Books;
use crate::services::call::{is_kept, unauthenticated};
use crate::services::cycle::{is_announced, window};
use crate::services::voucher::{VoucherView, granted_row};
use crate::services::{Call, Failure, Outcome, Program, lapse};

/// What is known of a cycle and of those who claim from it, kept up while they are decided.
struct Desk {
    cycle: Cycle,
    policy: Policy,
    calendar: Arc<Calendar>,
    now: Instant,
    users: HashMap<Uuid, Standing>,
    judged: HashMap<Uuid, Judged>,
    used_fen: HashMap<Uuid, Money>,
    bans: HashMap<Uuid, Day>,
    pool_fen: Money,
    chain: ChainEnd,
}

impl Desk {
    /// Locks the cycle, then the applicants, and loads what their claims are decided by. Vouchers of
    /// theirs that have died are written so first: only then may what they give back be claimed again.
    fn open(call: &mut Call<'_>, cycle_id: Uuid, claims: &[&Claim]) -> Outcome<(Self, Books)> {
        let user_ids: Vec<Uuid> = claims.iter().map(|claim| claim.claims.user_id).collect();
        let claim_year = year_of(call.today());
        let standings = User::standings(call.tx, &user_ids, claim_year, call.now)?;
        let users: HashMap<Uuid, Standing> = standings.into_iter().map(|user| (user.id, user)).collect();
        let mut applicants: Vec<Uuid> = users.values().filter_map(|user| user.organization_id).collect();
        applicants.sort_unstable();
        applicants.dedup();
        let due = match users.values().any(|user| user.past_due.is_some()) {
            true => Voucher::past_due_of_each(call.tx, &applicants, claim_year, call.now)?,
            false => Vec::new(),
        };
        let mut books = Books::open(call, due.iter().map(|(_, cycle_id)| *cycle_id).chain([cycle_id]))?;
        let cycle = announced(&books, cycle_id)?;
        let held = Organization::hold_all(call.tx, &applicants)?;
        let bans = held.into_iter().filter_map(|(id, banned_until)| Some((id, banned_until?)));
        // The lock may have taken its time: whoever waited past the closing is too late.
        call.now = call.program.clock.now();
        if !due.is_empty() {
            let ids: Vec<Uuid> = due.iter().map(|(id, _)| *id).collect();
            // Of what fails halfway nothing may be kept, as it would be if it were the claims' answer.
            lapse::write(call, &mut books, &ids).map_err(Failure::as_fault)?;
        }
        let policy = call.policy(&cycle.policy_id)?.clone();
        let judged = Judged::of_each(call, &policy, &applicants, call.today())?;
        let used_fen = Voucher::counted_in_year_of_each(call.tx, &applicants, year_of(call.today()))?;
        let desk = Self {
            policy,
            calendar: call.calendar()?,
            now: call.now,
            users,
            judged,
            used_fen: used_fen.into_iter().collect(),
            bans: bans.collect(),
            // What has just lapsed lapsed to the budget, never to the pool.
            pool_fen: books.cycle(cycle_id)?.available_fen,
            chain: Attempt::chain_end(call.tx, cycle.id)?,
            cycle,
        };
        Ok((desk, books))
    }

    /// The applicant behind a claim, if its account still lets it in.
    fn applicant(&self, claim: &Claim) -> Result<Uuid, Refusal> {
        let user =
            self.users.get(&claim.claims.user_id).filter(|user| user.is_active && user.role == claim.claims.role);
        user.and_then(|user| user.organization_id).ok_or_else(unauthenticated)
    }

    /// Decides one claim by what the claims before it have left.
    fn decide(&mut self, applicant_id: Uuid, form: &ClaimForm) -> Outcome<ClaimGrant> {
        let judged = self.judged.get(&applicant_id).ok_or_else(unjudged)?;
        let used = self.used_fen.entry(applicant_id).or_default();
        let facts = ClaimFacts {
            cycle: window(&self.cycle),
            declaration: form.declaration,
            amount_fen: form.amount_fen,
            findings: &judged.findings,
            banned_until: self.bans.get(&applicant_id).copied(),
            annual_limit_fen: judged.annual_limit_fen,
            annual_used_fen: *used,
            pool_remaining_fen: self.pool_fen,
        };
        let grant = decide_claim(&self.policy.voucher, &self.calendar, facts, self.now)?;
        *used = used.plus(grant.amount_fen)?;
        self.pool_fen = grant.pool_remaining_fen;
        Ok(grant)
    }

    /// The judgement that a voucher was granted by; itself too, if it is not kept yet.
    fn judgement(&mut self, applicant_id: Uuid) -> Outcome<(Uuid, Option<Judgement>)> {
        let judged = self.judged.get_mut(&applicant_id).ok_or_else(unjudged)?;
        Ok((judged.id, judged.keep()))
    }
}

fn unjudged() -> Failure {
    Failure::internal("an applicant was not judged before its claim was decided")
}

/// A cycle that can be claimed from at some time; a draft looks like nothing, and so does the ledger of an
/// assessment.
fn announced(books: &Books, cycle_id: Uuid) -> Result<Cycle, Refusal> {
    let cycle = books.cycle(cycle_id)?;
    if is_announced(cycle) { Ok(cycle.clone()) } else { Err(Refusal::not_found()) }
}

/// Decides claims from one cycle in the order they came and answers each, in one transaction.
///
/// # Errors
/// When the store fails; nothing is changed then. A refused claim is no error: its refusal is its answer.
pub fn decide(
    program: &Program,
    tx: &mut Connection,
    cycle_id: Uuid,
    claims: &[Claim],
    render: Render,
) -> Outcome<Vec<Kept>> {
    let now = program.clock.now();
    let mut call = Call { program, tx, now, caller: None, request_id: Uuid::nil(), precondition: None };
    let these: Vec<&Claim> = claims.iter().collect();
    let (mut desk, mut books) = match Desk::open(&mut call, cycle_id, &these) {
        Ok(open) => open,
        Err(failure) => {
            let refusal = failure.by_rule()?;
            return Ok(claims.iter().map(|claim| render(Err(refusal.clone()), claim.request_id)).collect());
        }
    };
    let placed: Vec<(usize, &Claim)> = claims.iter().enumerate().collect();
    let mut answers = Answers::load(&mut call, &placed)?;
    let mut rows = Rows::default();
    for (place, claim) in placed {
        if answers.replay(place, claim, render) {
            continue;
        }
        match desk.applicant(claim) {
            Ok(applicant_id) => {
                let outcome = attempt(&mut call, &mut desk, &mut rows, applicant_id, claim)?;
                let kept = render(outcome, claim.request_id);
                if is_kept(kept.status) {
                    let row = rows.keep(claim, kept, desk.now);
                    answers.under_key(place, claim, row);
                } else {
                    answers.at_once(place, kept);
                }
            }
            // An account that was closed is let in no more, and has no place in the queue.
            Err(refusal) => answers.at_once(place, render(Err(refusal), claim.request_id)),
        }
    }
    let kept = rows.write(&mut call, &mut books, cycle_id)?;
    let mut told = answers.told(kept)?;
    told.sort_by_key(|(place, _)| *place);
    Ok(told.into_iter().map(|(_, kept)| kept).collect())
}

/// Decides one claim, gives it its place in the chain, and notes its rows.
fn attempt(
    call: &mut Call<'_>,
    desk: &mut Desk,
    rows: &mut Rows,
    applicant_id: Uuid,
    claim: &Claim,
) -> Outcome<Result<ClaimedView, Refusal>> {
    let decision = match desk.decide(applicant_id, &claim.form) {
        Ok(grant) => Ok(grant),
        Err(failure) => Err(failure.by_rule()?),
    };
    let outcome = match &decision {
        Ok(_) => GRANTED,
        Err(refusal) => refusal.code.code(),
    };
    let receipt = desk.chain.next(desk.cycle.id, desk.now, outcome, claim.form.amount_fen, desk.pool_fen);
    match decision {
        Ok(grant) => {
            let (judgement_id, judgement) = desk.judgement(applicant_id)?;
            let row = granted_row(call, &desk.cycle, applicant_id, grant, judgement_id);
            let voucher = VoucherView::from(&row);
            rows.judgement(judgement);
            rows.grant(call, row, &voucher, claim)?;
            rows.attempt(&receipt, applicant_id, Some(voucher.id));
            Ok(Ok(ClaimedView { voucher, receipt: Some(receipt) }))
        }
        Err(mut refusal) => {
            rows.attempt(&receipt, applicant_id, None);
            refusal.receipt = Some(receipt);
            Ok(Err(refusal))
        }
    }
}

/// Runs the very same checks for one claim, in a transaction that is rolled back: a trial has no
/// place in the chain.
///
/// # Errors
/// As the claim itself.
pub fn try_claim(call: &mut Call<'_>, form: ClaimForm) -> Outcome<ClaimedView> {
    let actor = call.actor()?;
    let claim = Claim {
        claims: crate::services::ports::AccessClaims { user_id: actor.user_id, role: actor.role },
        form: form.clone(),
        scope: String::new(),
        key: String::new(),
        fingerprint: String::new(),
        request_id: call.request_id,
    };
    let (mut desk, _) = Desk::open(call, form.cycle_id, &[&claim])?;
    let applicant_id = desk.applicant(&claim)?;
    let grant = desk.decide(applicant_id, &form)?;
    let (judgement_id, _) = desk.judgement(applicant_id)?;
    let row = granted_row(call, &desk.cycle, applicant_id, grant, judgement_id);
    Ok(ClaimedView { voucher: VoucherView::from(row), receipt: None })
}

/// The refusal of a claim that was not taken in, or whose outcome could not be learnt.
pub fn overloaded() -> Refusal {
    Refusal::new(
        RefusalCode::Overloaded,
        "当前领取人数较多,请稍后使用同一个 Idempotency-Key 重试;重试不会重复领取。",
        "Many are claiming at this moment; please repeat shortly with the same Idempotency-Key, nothing will be claimed twice.",
    )
    .retry_after(1)
}
