//! Money is an integer number of fen; shares are basis points; every rounding is down, to the fen.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An amount in fen (1 yuan = 100 fen). Signed, so that a mistake shows as a negative amount and is
/// refused, instead of wrapping; no rule of the regulation yields one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Money(i64);

/// A share in basis points: 5000 is 50 %.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct BasisPoints(u16);

/// A sum that does not fit 64 bits. An error, never a wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("金额超出可表示的范围 / the amount does not fit 64 bits of fen")]
pub struct MoneyOverflow;

const FULL_SHARE_BPS: i128 = 10_000;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many fen.
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// So many yuan, in fen.
    ///
    /// # Errors
    /// [`MoneyOverflow`] when the fen do not fit.
    pub fn from_yuan(yuan: i64) -> Result<Self, MoneyOverflow> {
        yuan.checked_mul(100).map(Self).ok_or(MoneyOverflow)
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyOverflow`] when it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyOverflow> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyOverflow)
    }

    /// The difference; it may be negative.
    ///
    /// # Errors
    /// [`MoneyOverflow`] when it does not fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyOverflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyOverflow)
    }

    /// What is left of this amount after taking away the other, never below nothing.
    pub fn left_after(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// The sum of many amounts.
    ///
    /// # Errors
    /// [`MoneyOverflow`] when it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyOverflow> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// This share of the amount, rounded down to the fen.
    pub fn share(self, share: BasisPoints) -> Self {
        // A share is at most the whole, so the quotient always fits 64 bits again.
        let product = i128::from(self.0).saturating_mul(i128::from(share.0));
        let fen = product.div_euclid(FULL_SHARE_BPS);
        Self(i64::try_from(fen).unwrap_or(self.0))
    }
}

impl BasisPoints {
    /// So many basis points; `None` above 10 000 (the whole).
    pub const fn new(bps: u16) -> Option<Self> {
        if bps <= 10_000 { Some(Self(bps)) } else { None }
    }

    /// The number of basis points.
    pub const fn bps(self) -> u16 {
        self.0
    }
}

/// In yuan as people write it: `50,000.00 元` is written `50000.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen.div_euclid(100), fen.rem_euclid(100))
    }
}

/// In percent: `50%`, `12.5%`.
impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.div_euclid(100), self.0.rem_euclid(100));
        match part {
            0 => write!(f, "{whole}%"),
            _ => write!(f, "{}%", format!("{whole}.{part:02}").trim_end_matches('0')),
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test; an overflow fails it")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HALF: BasisPoints = BasisPoints(5000);

    #[test]
    fn odd_amounts_are_halved_downwards() {
        assert_eq!(Money::from_fen(9_000_001).share(HALF), Money::from_fen(4_500_000));
        assert_eq!(Money::from_fen(1).share(HALF), Money::ZERO);
        assert_eq!(Money::from_fen(i64::MAX).share(HALF), Money::from_fen(i64::MAX / 2));
    }

    #[test]
    fn overflow_is_an_error() {
        assert_eq!(Money::from_fen(i64::MAX).plus(Money::from_fen(1)), Err(MoneyOverflow));
        assert_eq!(Money::from_fen(i64::MIN).minus(Money::from_fen(1)), Err(MoneyOverflow));
        assert_eq!(Money::from_yuan(i64::MAX), Err(MoneyOverflow));
    }

    #[test]
    fn is_written_in_yuan_and_percent() {
        assert_eq!(Money::from_fen(5_000_000).to_string(), "50000.00");
        assert_eq!(Money::from_fen(-5).to_string(), "-0.05");
        assert_eq!(HALF.to_string(), "50%");
        assert_eq!(BasisPoints(1250).to_string(), "12.5%");
        assert_eq!(BasisPoints::new(10_001), None);
    }

    proptest! {
        #[test]
        fn a_share_never_exceeds_its_exact_value_nor_misses_it_by_a_fen(fen in 0..=i64::MAX, bps in 0..=10_000_u16) {
            let share = i128::from(Money::from_fen(fen).share(BasisPoints(bps)).fen());
            let exact = i128::from(fen) * i128::from(bps);
            prop_assert!(share * 10_000 <= exact);
            prop_assert!((share + 1) * 10_000 > exact);
        }

        #[test]
        fn a_sum_taken_back_is_the_amount(a in any::<i64>(), b in any::<i64>()) {
            let (a, b) = (Money::from_fen(a), Money::from_fen(b));
            if let Ok(sum) = a.plus(b) {
                prop_assert_eq!(sum.minus(b), Ok(a));
            }
        }
    }
}
