//! The job that clears away tokens that open nothing any more. Answers kept under idempotency keys stay:
//! a repeat is answered with the first answer whenever it comes.

use voucher_storage::token::{AccountToken, RefreshToken};

use super::{Outcome, Program};

/// Removes tokens that have expired; how many.
///
/// # Errors
/// When the store fails.
pub fn run(program: &Program) -> Outcome<usize> {
    program.transact(|call| {
        let mailed = AccountToken::remove_expired(call.tx, call.now)?;
        let refreshing = RefreshToken::remove_expired(call.tx, call.now)?;
        Ok(mailed.saturating_add(refreshing))
    })
}
