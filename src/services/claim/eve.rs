//! The job that judges applicants on the eve of an opening (Art. 7).
//!
//! In the minute in which everybody claims, each first claim would have to judge its applicant and to keep what
//! was found. Who has stated its facts before is judged ahead instead, for the day on which the cycle opens. It
//! decides nothing: a statement that was made anew since is a version of its own, which its claim judges, and
//! so is who met not all conditions, for its refusal is to name them.

use std::collections::BTreeSet;

use uuid::Uuid;
use voucher_domain::period::Day;
use voucher_storage::applicant::Profile;
use voucher_storage::cycle::Cycle;
use voucher_storage::judgement::Judgement;
use voucher_storage::organization::Organization;

use super::Judged;
use crate::services::lease::Turn;
use crate::services::{Call, Outcome, Program};

/// How long before its opening a cycle's applicants are judged.
const AHEAD_SECONDS: i64 = 12 * 60 * 60;
/// How many are looked at in one reading.
const READ: u16 = 1000;
/// How many are judged in one transaction: SQLite has one writer, which claims from other cycles wait for.
const WRITTEN: usize = 200;

/// Judges, for each cycle that opens soon, everybody who has stated its facts and was not judged by them yet; of
/// how many a judgement was kept. A rush goes first: the rest is judged after it, or by its claims.
///
/// # Errors
/// When the store fails, or a policy is missing; what was kept before, and for other cycles, stays so.
pub fn run(turn: &Turn<'_>) -> Outcome<usize> {
    let program = turn.program;
    let now = program.clock.now();
    let until = now.plus_seconds(AHEAD_SECONDS)?;
    let opening = program.store.read(|tx| Cycle::opening(tx, now, until))?;
    let openings: BTreeSet<(String, Day)> =
        opening.into_iter().map(|cycle| (cycle.policy_id, cycle.opens_at.day())).collect();
    let (mut kept, mut failed): (usize, _) = (0, None);
    for (policy_id, on) in openings {
        match judge_all(program, &policy_id, on, || Ok(!program.rush.is_on() && turn.goes_on()?)) {
            Ok(some) => kept = kept.saturating_add(some),
            Err(failure) => {
                tracing::error!(policy_id, %on, %failure, "applicants cannot be judged ahead; it is tried again");
                failed = Some(failure);
            }
        }
    }
    failed.map_or(Ok(kept), Err)
}

/// Judges everybody who has stated its facts, by this policy and for this day; of how many a judgement was kept.
///
/// # Errors
/// When the store fails, or there is no such policy; what was kept before stays so.
pub fn judge_all(
    program: &Program,
    policy_id: &str,
    on: Day,
    mut goes_on: impl FnMut() -> Outcome<bool>,
) -> Outcome<usize> {
    let mut kept: usize = 0;
    let mut reached = None;
    while goes_on()? {
        // Looked for beside those who write: on most turns everybody was judged before.
        let (unkept, last) = program.observe(|call| unkept(call, policy_id, on, reached))?;
        for some in unkept.chunks(WRITTEN) {
            kept = kept.saturating_add(program.transact(|call| judge(call, policy_id, on, some))?);
        }
        reached = last;
        if reached.is_none() {
            break;
        }
    }
    Ok(kept)
}

/// Those of the next ones who meet all conditions and of whom no judgement is kept yet, and who was the last that was
/// looked at, if there may be more.
fn unkept(call: &mut Call<'_>, policy_id: &str, on: Day, after: Option<Uuid>) -> Outcome<(Vec<Uuid>, Option<Uuid>)> {
    let stated = Profile::stated_ids(call.tx, after, READ)?;
    let last = stated.last().copied().filter(|_| stated.len() == usize::from(READ));
    let policy = call.policy(policy_id)?.clone();
    let mut judged = Judged::of_each(call, &policy, &stated, on)?;
    let is_unkept = |id: &Uuid| judged.get_mut(id).is_some_and(|judged| judged.keep().is_some());
    Ok((stated.into_iter().filter(is_unkept).collect(), last))
}

/// Judges these; of how many a judgement was kept.
fn judge(call: &mut Call<'_>, policy_id: &str, on: Day, applicant_ids: &[Uuid]) -> Outcome<usize> {
    // As claims do: what one of them keeps meanwhile is not kept twice.
    Organization::hold_all(call.tx, applicant_ids)?;
    let policy = call.policy(policy_id)?.clone();
    let mut judged = Judged::of_each(call, &policy, applicant_ids, on)?;
    let new: Vec<Judgement> = judged.values_mut().filter_map(Judged::keep).collect();
    Judgement::insert_all(call.tx, &new)?;
    Ok(new.len())
}
