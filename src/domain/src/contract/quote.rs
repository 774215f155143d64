//! 第十二条: what a contract's vouchers can be redeemed for.

use crate::coded_enum;
use crate::money::{BasisPoints, Money, MoneyOverflow};
use crate::redemption::{EvidenceKind, missing_evidence};
use crate::text::Text;

coded_enum! {
    /// Which amount a quote is reckoned from.
    pub enum AmountBasis ("basis of a quote") {
        /// The amount the contract names; the actual one is not known yet.
        Contract = "contract",
        /// The amount that was actually incurred.
        Actual = "actual",
    }
}

/// What would be paid, and what is still missing for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The claimable amount.
    pub claimable_fen: Money,
    /// How it comes about, with its numbers.
    pub formula: Text,
    /// The kinds of evidence that the redemption must carry and does not.
    pub missing_evidence: Vec<EvidenceKind>,
}

/// Art. 12: `min(sum of vouchers, actual amount × share)`, rounded down to the fen.
pub fn claimable(vouchers_fen: Money, amount_fen: Money, share: BasisPoints) -> Money {
    vouchers_fen.min(amount_fen.share(share))
}

/// The claimable amount of vouchers with these amounts (fen), with its formula and the missing
/// evidence (Art. 12, 15.3).
///
/// # Errors
/// [`MoneyOverflow`] when the vouchers' sum does not fit.
pub fn quote(
    voucher_amounts_fen: impl IntoIterator<Item = Money>,
    amount_fen: Money,
    basis: AmountBasis,
    share: BasisPoints,
    required: &[EvidenceKind],
    present: &[EvidenceKind],
) -> Result<Quote, MoneyOverflow> {
    let vouchers_fen = Money::sum(voucher_amounts_fen)?;
    let claimable_fen = claimable(vouchers_fen, amount_fen, share);
    let (chinese, english) = match basis {
        AmountBasis::Contract => ("合同金额", "contract amount"),
        AmountBasis::Actual => ("实际发生金额", "actual amount"),
    };
    Ok(Quote {
        claimable_fen,
        formula: Text::new(
            format!("min(创新券合计 {vouchers_fen} 元, {chinese} {amount_fen} 元 × {share}) = {claimable_fen} 元"),
            format!("min(vouchers {vouchers_fen} yuan, {english} {amount_fen} yuan × {share}) = {claimable_fen} yuan"),
        ),
        missing_evidence: missing_evidence(required, present),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{rules, yuan};

    #[test]
    fn half_the_actual_amount_or_the_vouchers_whichever_is_less() {
        let half = rules().share_bps;
        assert_eq!(claimable(yuan(50_000), yuan(90_000), half), yuan(45_000));
        assert_eq!(claimable(yuan(50_000), yuan(100_000), half), yuan(50_000));
        assert_eq!(claimable(yuan(50_000), yuan(120_000), half), yuan(50_000));
        assert_eq!(claimable(yuan(50_000), Money::from_fen(9_000_001), half), yuan(45_000));
        assert_eq!(claimable(yuan(50_000), Money::from_fen(1), half), Money::ZERO);
    }

    #[test]
    fn a_quote_shows_its_numbers_and_what_is_missing() {
        let rules = rules();
        let quote = quote(
            [yuan(30_000), yuan(20_000)],
            yuan(90_000),
            AmountBasis::Actual,
            rules.share_bps,
            &rules.evidence,
            &[EvidenceKind::Contract, EvidenceKind::Invoice, EvidenceKind::PaymentProof],
        )
        .unwrap();
        assert_eq!(quote.claimable_fen, yuan(45_000));
        assert_eq!(quote.formula.zh, "min(创新券合计 50000.00 元, 实际发生金额 90000.00 元 × 50%) = 45000.00 元");
        assert_eq!(quote.missing_evidence, [EvidenceKind::ServiceReport, EvidenceKind::Acceptance]);
    }
}
