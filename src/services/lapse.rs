//! The job that voids what is past its deadline (Art. 15.2, 15.3: 逾期自动作废).
//!
//! Deadlines bind by themselves, inside the transaction of whoever acts; this job only writes down
//! what has already happened.

use uuid::Uuid;
use voucher_domain::voucher::{Standing, VoucherStatus};
use voucher_storage::voucher::Voucher;
use voucher_storage::{StorageError, savepoint};

use super::accounts::Books;
use super::{Call, Failure, Outcome, Program, contract, redemption, voucher};

const BATCH: u16 = 200;

/// Voids every voucher whose present state has died, and ends the redemptions that died with them; how
/// many. One that cannot be voided is logged, left as it is for the next run, and holds up no other.
///
/// # Errors
/// When the store fails; what was voided before stays so.
pub fn run(program: &Program) -> Outcome<usize> {
    let mut done: usize = 0;
    loop {
        let batch = program.transact(run_batch)?;
        done = done.saturating_add(batch.voided);
        // A batch that voided nothing would come again just so.
        if batch.due < usize::from(BATCH) || batch.voided == 0 {
            return Ok(done);
        }
    }
}

/// What became of the vouchers that are due first.
struct Batch {
    due: usize,
    voided: usize,
}

fn run_batch(call: &mut Call<'_>) -> Outcome<Batch> {
    let due = Voucher::past_due(call.tx, call.now, BATCH)?;
    let mut books = Books::open(call, due.iter().map(|row| row.cycle_id))?;
    let ids: Vec<Uuid> = due.iter().map(|row| row.id).collect();
    // Locked after the cycles, and looked at again: somebody may have acted in between.
    let locked = Voucher::lock_all(call.tx, &ids)?;
    let mut voided: usize = 0;
    for row in &locked {
        match apart(call, |call| lapse(call, &mut books, row)) {
            Ok(true) => voided = voided.saturating_add(1),
            Ok(false) => {}
            Err(failure) if concerns_all(&failure) => return Err(failure),
            Err(failure) => {
                tracing::error!(voucher = %row.id, %failure, "a voucher cannot be voided; it is tried again");
                // What the failed attempt did to the books was undone in the store.
                books = Books::open(call, due.iter().map(|row| row.cycle_id))?;
            }
        }
    }
    Ok(Batch { due: due.len(), voided })
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
