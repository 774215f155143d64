//! The job that tells applicants of the vouchers they have claimed.
//!
//! In the minute in which everybody claims, the claims go first: what is told of them is written after
//! them, along the chain of attempts. The mark of how far it has come moves in the transaction that
//! writes the notifications and the letters, so that every claim is told once.

use std::collections::HashMap;

use uuid::Uuid;
use voucher_domain::period::Instant;
use voucher_domain::voucher::VoucherStatus;
use voucher_storage::Connection;
use voucher_storage::attempt::{Attempt, ToldClaims};
use voucher_storage::cycle::Cycle;
use voucher_storage::voucher::Voucher;

use crate::services::lease::Turn;
use crate::services::{Call, Outcome, Program, notify, tidings};

/// How many claims are told in one transaction: SQLite has one writer, which other claims wait for.
const BATCH: u16 = 100;
/// How many are told in one turn, and so in a second.
const TURN: usize = 500;

/// Whether there is anything to tell: one short reading a second.
///
/// # Errors
/// When the store fails.
pub fn is_due(program: &Program) -> Outcome<bool> {
    Ok(!program.store.read(ToldClaims::behind)?.is_empty())
}

/// For how many seconds the claim that waits longest to be told has waited; 0 when none waits.
///
/// # Errors
/// When the store fails.
pub fn lag_seconds(tx: &mut Connection, now: Instant) -> Outcome<i64> {
    let mut oldest = now;
    for mark in ToldClaims::behind(tx)? {
        for attempt in Attempt::granted_after(tx, mark.cycle_id, mark.sequence, 1)? {
            oldest = oldest.min(attempt.decided_at);
        }
    }
    Ok(oldest.seconds_until(now))
}

/// Tells what has been claimed since the last turn, as far as one turn goes; how many claims were told. The
/// cycles take turns, so that none waits for the rush of another, nor for the trouble of another.
///
/// # Errors
/// When the store fails; what was told before and of other cycles stays so.
pub fn run(turn: &Turn<'_>) -> Outcome<usize> {
    let mut done: usize = 0;
    let mut behind: Vec<Uuid> =
        turn.program.store.read(ToldClaims::behind)?.into_iter().map(|mark| mark.cycle_id).collect();
    let mut failed = None;
    while !behind.is_empty() && done < TURN {
        let mut still_behind = Vec::new();
        for cycle_id in behind {
            match turn.program.transact(|call| tell_some(call, cycle_id)) {
                Ok(told) => {
                    done = done.saturating_add(told);
                    if told == usize::from(BATCH) {
                        still_behind.push(cycle_id);
                    }
                }
                Err(failure) => {
                    tracing::error!(cycle = %cycle_id, %failure, "claims cannot be told; it is tried again");
                    failed = Some(failure);
                }
            }
        }
        behind = still_behind;
    }
    failed.map_or(Ok(done), Err)
}

/// Tells the next claims of a cycle, and moves its mark past them and past what was refused; how many there
/// were. Those are told who can be reached at this moment; a voucher that has ended in the meantime was told
/// of with its end, or with that of its redemption.
///
/// # Errors
/// When the store fails.
pub fn tell_some(call: &mut Call<'_>, cycle_id: Uuid) -> Outcome<usize> {
    let mark = ToldClaims::lock(call.tx, cycle_id)?;
    let Some(cycle) = Cycle::find(call.tx, cycle_id)? else { return Ok(0) };
    // Read before what was granted: what is granted between the two is told now or next time, never left out.
    let end = Attempt::chain_end(call.tx, cycle_id)?.sequence;
    let granted = Attempt::granted_after(call.tx, cycle_id, mark.sequence, BATCH)?;
    let last = granted.last().map_or(mark.sequence, |attempt| attempt.sequence);
    let is_full = granted.len() == usize::from(BATCH);
    tell(call, &cycle, &granted)?;
    let sequence = if is_full { last } else { last.max(end) };
    ToldClaims { cycle_id, sequence }.save(call.tx)?;
    Ok(granted.len())
}

fn tell(call: &mut Call<'_>, cycle: &Cycle, granted: &[Attempt]) -> Outcome<()> {
    let ids: Vec<Uuid> = granted.iter().filter_map(|attempt| attempt.voucher_id).collect();
    let vouchers = Voucher::find_all(call.tx, &ids)?;
    let vouchers: HashMap<Uuid, Voucher> = vouchers.into_iter().map(|row| (row.id, row)).collect();
    let claimed = ids.iter().filter_map(|id| vouchers.get(id)).filter(|row| row.status != VoucherStatus::Void);
    let messages = claimed.map(|row| (row.applicant_id, tidings::voucher_claimed(row, cycle)));
    notify::tell_organizations(call, &messages.collect::<Vec<_>>())
}
