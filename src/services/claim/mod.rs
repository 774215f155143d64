//! Claiming a voucher (Art. 7, 12, 15.1): many claims decided in one transaction, in the order they
//! came, each by the same pure rule.
//!
//! What a claim needs to know is loaded for all of them at once; they are decided in memory; what
//! came of them is written in few statements. `http::claim_lane` brings the claims here.

mod answers;
mod batch;
mod batch_rows;
pub mod eve;
mod judging;
mod rush;
pub mod telling;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::attempt::Receipt;
use voucher_domain::money::Money;
use voucher_domain::refusal::Refusal;
use voucher_storage::attempt::Attempt;
use voucher_storage::cycle::Cycle;

use super::cycle::is_announced;
use super::ports::AccessClaims;
use super::voucher::VoucherView;
use super::{Call, Outcome};

pub use batch::{decide, overloaded, try_claim};
pub use judging::Judged;
pub use rush::{InRush, Rush};

/// A claim.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimForm {
    /// The cycle to claim from.
    pub cycle_id: Uuid,
    /// How much, in fen.
    pub amount_fen: Money,
    /// That everything stated is true (诚实信用原则); must be `true`.
    pub declaration: bool,
}

/// A claim as it waits for its decision.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Who claims, as the token says.
    pub claims: AccessClaims,
    /// What is claimed.
    pub form: ClaimForm,
    /// Whose idempotency key it is.
    pub scope: String,
    /// The idempotency key.
    pub key: String,
    /// What makes two requests the same.
    pub fingerprint: String,
    /// The request's id.
    pub request_id: Uuid,
}

/// A claim that was granted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClaimedView {
    /// The voucher.
    #[serde(flatten)]
    pub voucher: VoucherView,
    /// The claim's place in the cycle's published chain of attempts; nothing for a trial.
    pub receipt: Option<Receipt>,
}

/// The answer of a claim, as it is kept under its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The status.
    pub status: u16,
    /// The body: JSON with both wordings of its messages.
    pub body: String,
}

/// Writes what came of a claim as an answer; how is a matter of the outer layer.
pub type Render = fn(Result<ClaimedView, Refusal>, Uuid) -> Kept;

/// Which attempts are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AttemptsQuery {
    /// Those after this number; from the first without.
    pub after: Option<i64>,
    /// How many at the most, 1 to 1000; 200 without.
    pub limit: Option<u16>,
}

/// A part of a cycle's chain of attempts, in its order.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptsView {
    /// The attempts, without names.
    pub items: Vec<Receipt>,
    /// What to send as `after` to read on; nothing at the end.
    pub next_after: Option<i64>,
}

const USUAL_ATTEMPTS: u16 = 200;
const MOST_ATTEMPTS: u16 = 1000;

/// A cycle's attempts, in the order they were decided: anybody can check that nobody jumped the queue.
///
/// # Errors
/// `not_found`, `validation_failed` for a limit out of range.
pub fn attempts(call: &mut Call<'_>, cycle_id: Uuid, query: AttemptsQuery) -> Outcome<AttemptsView> {
    let limit = query.limit.unwrap_or(USUAL_ATTEMPTS);
    if !(1..=MOST_ATTEMPTS).contains(&limit) {
        let (zh, en) = (format!("应在 1 至 {MOST_ATTEMPTS} 之间。"), format!("must be between 1 and {MOST_ATTEMPTS}."));
        return Err(Refusal::field("limit", "range", zh, en).into());
    }
    Cycle::find(call.tx, cycle_id)?.filter(is_announced).ok_or_else(Refusal::not_found)?;
    let after = query.after.unwrap_or_default();
    // One row more says whether there is a next part.
    let rows = Attempt::of_cycle(call.tx, cycle_id, after, limit.saturating_add(1))?;
    let more = rows.len() > usize::from(limit);
    let items: Vec<Receipt> = rows.into_iter().take(usize::from(limit)).map(receipt).collect();
    let next_after = items.last().map(|last| last.sequence).filter(|_| more);
    Ok(AttemptsView { items, next_after })
}

/// The receipt of a stored attempt.
pub fn receipt(row: Attempt) -> Receipt {
    Receipt {
        cycle_id: row.cycle_id,
        sequence: row.sequence,
        decided_at: row.decided_at,
        outcome: row.outcome,
        amount_fen: row.amount_fen,
        remaining_fen: row.remaining_fen,
        previous_hash: row.previous_hash,
        hash: row.hash,
    }
}
