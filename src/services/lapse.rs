//! The job that voids what is past its deadline (Art. 15.2, 15.3: 逾期自动作废).
//!
//! Deadlines bind by themselves, inside the transaction of whoever acts; this job only writes down
//! what has already happened.

use uuid::Uuid;
use voucher_domain::voucher::{Standing, VoucherStatus};
use voucher_storage::voucher::Voucher;

use super::accounts::Books;
use super::{Call, Outcome, Program, contract, redemption, voucher};

const BATCH: u16 = 200;

/// Voids every voucher whose present state has died, and ends the redemptions that died with them.
///
/// # Errors
/// When the store fails; what was voided before stays so.
pub fn run(program: &Program) -> Outcome<usize> {
    let mut done: usize = 0;
    loop {
        let count = program.transact(run_batch)?;
        done = done.saturating_add(count);
        if count < usize::from(BATCH) {
            return Ok(done);
        }
    }
}

fn run_batch(call: &mut Call<'_>) -> Outcome<usize> {
    let due = Voucher::past_due(call.tx, call.now, BATCH)?;
    let mut books = Books::open(call, due.iter().map(|row| row.cycle_id))?;
    let ids: Vec<Uuid> = due.iter().map(|row| row.id).collect();
    write(call, &mut books, &ids)?;
    Ok(due.len())
}

/// Writes down which of these vouchers have died, for whoever acts on what they leave behind. Their
/// cycles are in the books.
///
/// # Errors
/// When the store fails.
pub fn write(call: &mut Call<'_>, books: &mut Books, ids: &[Uuid]) -> Outcome<()> {
    // Locked after the cycles, and looked at again: somebody may have acted in between.
    let locked = Voucher::lock_all(call.tx, ids)?;
    for row in &locked {
        let standing = voucher::standing(row)?;
        if let Standing::Void(cause) = standing.at(call.now)
            && row.status != VoucherStatus::Void
        {
            voucher::void(call, books, row, cause, row.id)?;
            redemption::end_with_voucher(call, row)?;
            if let Some(contract_id) = row.contract_id {
                contract::lapse(call, contract_id)?;
            }
        }
    }
    Ok(())
}
