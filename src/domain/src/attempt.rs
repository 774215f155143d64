//! 第四条 (公开透明), 第十五条(一): every attempt to claim from a cycle, granted or refused, has its
//! place in one chain that anybody can check, so that nobody can have jumped the queue.
//!
//! Attempts of a cycle are numbered from 1 without gaps, in the order they were decided. Each is
//! sealed by the SHA-256 of its facts and of the seal before it; the first follows [`BEGINNING`].

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::hexadecimal::hexadecimal;
use crate::money::Money;
use crate::period::Instant;

/// What the first attempt of a cycle follows: 64 zeros.
pub const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The outcome of an attempt that was granted; a refused one has the refusal's code.
pub const GRANTED: &str = "granted";

/// The receipt of an attempt; it names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    /// The cycle.
    pub cycle_id: Uuid,
    /// Its number within the cycle, from 1, without gaps.
    pub sequence: i64,
    /// When it was decided.
    pub decided_at: Instant,
    /// `granted`, or the code of the refusal.
    pub outcome: String,
    /// What was asked for, in fen.
    pub amount_fen: Money,
    /// What the pool had left after it.
    pub remaining_fen: Money,
    /// The seal of the attempt before.
    pub previous_hash: String,
    /// The seal of this one: SHA-256, in hexadecimal, of the fields above in this order, each followed
    /// by a line feed.
    pub hash: String,
}

/// Where a chain is not whole.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainFault {
    /// A number is missing, repeated or out of order.
    #[error("attempt {found} stands where {expected} should")]
    Sequence {
        /// The number that should stand there.
        expected: i64,
        /// The number that stands there.
        found: i64,
    },
    /// An attempt does not follow the one before it.
    #[error("attempt {0} does not follow the attempt before it")]
    Link(i64),
    /// An attempt's facts are not the ones that were sealed.
    #[error("attempt {0} is not what was sealed")]
    Seal(i64),
}

/// The end of a chain: what the next attempt follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEnd {
    /// The number of the last attempt; 0 before the first.
    pub sequence: i64,
    /// Its seal.
    pub hash: String,
}

impl Default for ChainEnd {
    fn default() -> Self {
        Self { sequence: 0, hash: BEGINNING.to_owned() }
    }
}

impl ChainEnd {
    /// The receipt of the next attempt; the chain ends with it then.
    pub fn next(
        &mut self,
        cycle_id: Uuid,
        decided_at: Instant,
        outcome: &str,
        amount_fen: Money,
        remaining_fen: Money,
    ) -> Receipt {
        let mut receipt = Receipt {
            cycle_id,
            sequence: self.sequence.saturating_add(1),
            decided_at,
            outcome: outcome.to_owned(),
            amount_fen,
            remaining_fen,
            previous_hash: self.hash.clone(),
            hash: String::new(),
        };
        receipt.hash = seal(&receipt);
        *self = Self { sequence: receipt.sequence, hash: receipt.hash.clone() };
        receipt
    }

    /// Goes on over a receipt, if it is the whole next one.
    ///
    /// # Errors
    /// The fault, naming the attempt.
    pub fn follow(&mut self, receipt: &Receipt) -> Result<(), ChainFault> {
        let expected = self.sequence.saturating_add(1);
        if receipt.sequence != expected {
            return Err(ChainFault::Sequence { expected, found: receipt.sequence });
        }
        if receipt.previous_hash != self.hash {
            return Err(ChainFault::Link(receipt.sequence));
        }
        if receipt.hash != seal(receipt) {
            return Err(ChainFault::Seal(receipt.sequence));
        }
        *self = Self { sequence: receipt.sequence, hash: receipt.hash.clone() };
        Ok(())
    }
}

fn seal(receipt: &Receipt) -> String {
    let facts = format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
        receipt.cycle_id,
        receipt.sequence,
        receipt.decided_at,
        receipt.outcome,
        receipt.amount_fen.fen(),
        receipt.remaining_fen.fen(),
        receipt.previous_hash,
    );
    hexadecimal(Sha256::digest(facts.as_bytes()).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Receipt> {
        let at: Instant = "2026-03-02T10:00:00+08:00".parse().unwrap();
        let mut end = ChainEnd::default();
        let mut next = |outcome: &str, amount: i64, left: i64| {
            end.next(Uuid::from_u128(1), at, outcome, Money::from_fen(amount), Money::from_fen(left))
        };
        vec![next(GRANTED, 60, 40), next("pool_exhausted", 50, 40), next(GRANTED, 40, 0)]
    }

    fn check(receipts: &[Receipt]) -> Result<(), ChainFault> {
        let mut end = ChainEnd::default();
        receipts.iter().try_for_each(|receipt| end.follow(receipt))
    }

    #[test]
    fn a_chain_can_be_followed_from_its_beginning() {
        assert_eq!(check(&chain()), Ok(()));
        assert_eq!(chain()[0].previous_hash, BEGINNING);
    }

    #[test]
    fn the_seal_is_what_anybody_reckons_from_the_published_fields() {
        // printf '00000000-0000-0000-0000-000000000001\n1\n2026-03-02T10:00:00+08:00\ngranted\n60\n40\n000…\n' | sha256sum
        assert_eq!(chain()[0].hash, "0732f6f0a927480878b5d64930f29fca544b8040ed603b815abd6f082f14abc8");
    }

    #[test]
    fn every_alteration_is_found_where_it_is() {
        let mut altered = chain();
        altered[1].amount_fen = Money::from_fen(49);
        assert_eq!(check(&altered), Err(ChainFault::Seal(2)));
        let mut missing = chain();
        missing.remove(1);
        assert_eq!(check(&missing), Err(ChainFault::Sequence { expected: 2, found: 3 }));
        let mut swapped = chain();
        swapped.swap(0, 1);
        assert_eq!(check(&swapped), Err(ChainFault::Sequence { expected: 1, found: 2 }));
        // An attempt slipped in and sealed anew breaks the link of the one after it.
        let mut inserted = chain();
        let mut end = ChainEnd { sequence: 1, hash: inserted[0].hash.clone() };
        inserted[1] =
            end.next(Uuid::from_u128(1), inserted[0].decided_at, GRANTED, Money::from_fen(1), Money::from_fen(39));
        assert_eq!(check(&inserted), Err(ChainFault::Link(3)));
    }
}
