//! The job that voids what is past its deadline (Art. 15.2, 15.3: 逾期自动作废).
//!
//! Deadlines bind by themselves, inside the transaction of whoever acts; this job only writes down
//! what has already happened.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::voucher::{Standing, VoidCause, VoucherStatus, counted_when_void, gives_back_yearly_limit};
use voucher_storage::deadline::Reached;
use voucher_storage::event::Event;
use voucher_storage::voucher::Voucher;
use voucher_storage::{StorageError, savepoint};

use super::accounts::{Books, Posting};
use super::lease::Turn;
use super::voucher::VoucherView;
use super::{Call, Change, Failure, Outcome, contract, redemption, tidings, voucher};

const BATCH: u16 = 500;

/// Voids every voucher whose present state has died, and ends the redemptions that died with them; how
/// many. One that cannot be voided is logged, left as it is for the next run, and holds up no other.
///
/// # Errors
/// When the store fails; what was voided before stays so.
pub fn run(turn: &Turn<'_>) -> Outcome<usize> {
    let mut done: usize = 0;
    let mut reached = None;
    loop {
        let batch = turn.program.transact(|call| run_batch(call, reached))?;
        done = done.saturating_add(batch.voided);
        reached = batch.reached;
        if reached.is_none() || !turn.goes_on()? {
            return Ok(done);
        }
    }
}

/// What became of the vouchers that are due first.
struct Batch {
    voided: usize,
    /// Where the list was read to; nothing after its last part.
    reached: Reached,
}

fn run_batch(call: &mut Call<'_>, reached: Reached) -> Outcome<Batch> {
    let due = Voucher::past_due(call.tx, call.now, reached, BATCH)?;
    let reached = due.last().filter(|_| due.len() == usize::from(BATCH)).map(|(at, id, _)| (*at, *id));
    let cycles = || due.iter().map(|(_, _, cycle_id)| *cycle_id);
    let mut books = Books::open(call, cycles())?;
    let ids: Vec<Uuid> = due.iter().map(|(_, id, _)| *id).collect();
    // Locked after the cycles, and looked at again: somebody may have acted in between.
    let locked = Voucher::lock_all(call.tx, &ids)?;
    let (bound, free): (Vec<_>, Vec<_>) = locked.into_iter().partition(|row| row.contract_id.is_some());
    let mut voided: usize = 0;
    let mut one_by_one = bound;
    match apart(call, |call| void_free(call, &mut books, &free)) {
        Ok(count) => voided = count,
        Err(failure) if concerns_all(&failure) => return Err(failure),
        Err(failure) => {
            tracing::warn!(%failure, "vouchers cannot be voided together; each is tried by itself");
            books = Books::open(call, cycles())?;
            one_by_one.extend(free);
        }
    }
    for row in &one_by_one {
        match apart(call, |call| lapse(call, &mut books, row)) {
            Ok(true) => voided = voided.saturating_add(1),
            Ok(false) => {}
            Err(failure) if concerns_all(&failure) => return Err(failure),
            Err(failure) => {
                tracing::error!(voucher = %row.id, %failure, "a voucher cannot be voided; it is tried again");
                // What the failed attempt did to the books was undone in the store.
                books = Books::open(call, cycles())?;
            }
        }
    }
    Ok(Batch { voided, reached })
}

/// Voids those of these vouchers whose state has died, in few statements; how many. No contract holds
/// them, so that nothing else dies with them.
fn void_free(call: &mut Call<'_>, books: &mut Books, rows: &[Voucher]) -> Outcome<usize> {
    let mut postings: BTreeMap<Uuid, Vec<Posting>> = BTreeMap::new();
    let mut ids: BTreeMap<(VoidCause, bool), Vec<Uuid>> = BTreeMap::new();
    let mut events = Vec::new();
    let mut voided = Vec::new();
    for row in rows.iter().filter(|row| row.status != VoucherStatus::Void) {
        let Standing::Void(cause) = voucher::standing(row)?.at(call.now) else { continue };
        let rules = &call.policy(&books.cycle(row.cycle_id)?.policy_id)?.lapse;
        ids.entry((cause, gives_back_yearly_limit(cause, rules))).or_default().push(row.id);
        let counted_fen = counted_when_void(cause, row.amount_fen, rules);
        let posting =
            |movement| Posting { movement, subject_id: row.id, voucher_id: Some(row.id), request_id: call.request_id };
        let movements = ledger::on_void(row.status, row.amount_fen)?;
        postings.entry(row.cycle_id).or_default().extend(movements.into_iter().map(posting));
        events.push(voided_event(call, row, cause, counted_fen)?);
        voided.push((row, cause));
    }
    for ((cause, gives_back_limit), ids) in &ids {
        Voucher::void_all(call.tx, ids, *cause, *gives_back_limit)?;
    }
    for (cycle_id, postings) in &postings {
        books.post_all(call, *cycle_id, postings)?;
    }
    Event::insert_all(call.tx, &events)?;
    tidings::vouchers_voided(call, &voided)?;
    Ok(voided.len())
}

fn voided_event(call: &Call<'_>, row: &Voucher, cause: VoidCause, counted_fen: Money) -> Outcome<Event> {
    let before = VoucherView::from(row);
    let after = VoucherView {
        status: VoucherStatus::Void,
        void_cause: Some(cause),
        counted_fen,
        lapses_at: None,
        version: row.version.saturating_add(1),
        ..before.clone()
    };
    call.event(Change {
        action: EventAction::VoucherVoided,
        kind: SubjectKind::Voucher,
        id: row.id,
        organization_id: Some(row.applicant_id),
        cycle_id: Some(row.cycle_id),
        before: Some(&before),
        after: Some(&after),
    })
}

/// Runs a part of the work so that its failure leaves nothing of it behind.
fn apart<T>(call: &mut Call<'_>, work: impl FnOnce(&mut Call<'_>) -> Outcome<T>) -> Outcome<T> {
    let (program, now, caller, request_id) = (call.program, call.now, call.caller, call.request_id);
    let precondition = call.precondition;
    savepoint(call.tx, |tx| work(&mut Call { program, tx, now, caller, request_id, precondition }))
}

/// Whether the store itself failed, and so the transaction: then nothing of it can go on.
fn concerns_all(failure: &Failure) -> bool {
    match failure {
        Failure::Storage(
            StorageError::Contention(_) | StorageError::Unavailable(_) | StorageError::UnknownOutcome(_),
        ) => true,
        Failure::Storage(_) | Failure::Refused(_) | Failure::RefusedAndKept(_) | Failure::Internal(_) => false,
    }
}

/// Voids a voucher whose state has died, with what dies with it; whether it had.
fn lapse(call: &mut Call<'_>, books: &mut Books, row: &Voucher) -> Outcome<bool> {
    let Standing::Void(cause) = voucher::standing(row)?.at(call.now) else { return Ok(false) };
    if row.status == VoucherStatus::Void {
        return Ok(false);
    }
    voucher::void(call, books, row, cause, row.id)?;
    redemption::end_with_voucher(call, row)?;
    if let Some(contract_id) = row.contract_id {
        contract::lapse(call, contract_id)?;
    }
    Ok(true)
}

/// Writes down which of these vouchers have died, for whoever acts on what they leave behind. Their
/// cycles are in the books.
///
/// # Errors
/// When the store fails, or one of them cannot be voided.
pub fn write(call: &mut Call<'_>, books: &mut Books, ids: &[Uuid]) -> Outcome<()> {
    // Locked after the cycles, and looked at again: somebody may have acted in between.
    for row in &Voucher::lock_all(call.tx, ids)? {
        lapse(call, books, row)?;
    }
    Ok(())
}
