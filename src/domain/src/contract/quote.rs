//! 第十二条: what a contract's vouchers can be redeemed for.

use serde::Serialize;

use crate::coded_enum;
use crate::money::{BasisPoints, Money, MoneyOverflow};
use crate::period::Day;
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
    /// The kinds of evidence that the redemption must carry.
    pub evidence: Vec<EvidenceKind>,
    /// Those of them that it does not carry.
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
        evidence: required.to_vec(),
        missing_evidence: missing_evidence(required, present),
    })
}

coded_enum! {
    /// What of a quote can have turned out otherwise.
    pub enum QuoteField ("field of a quote") {
        /// What the service costs.
        AmountFen = "amount_fen",
        /// What the vouchers are redeemed for.
        ClaimableFen = "claimable_fen",
        /// The last day on which the redemption can be submitted.
        RedeemBy = "redeem_by",
    }
}

/// A value of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum QuoteValue {
    /// An amount, in fen.
    Amount(Money),
    /// A day.
    Day(chrono::NaiveDate),
}

/// Something that is not as it was quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Difference {
    /// What differs.
    pub field: QuoteField,
    /// What the registration, or the last amendment, answered.
    pub quoted: QuoteValue,
    /// What it is now.
    pub actual: QuoteValue,
    /// Why.
    pub because: Text,
}

/// A quote beside what it was reckoned from.
#[derive(Debug, Clone, Copy)]
pub struct Reckoned<'a> {
    /// What the service costs.
    pub amount_fen: Money,
    /// The quote.
    pub quote: &'a Quote,
    /// The last day on which the redemption can be submitted.
    pub redeem_by: Day,
}

/// Art. 12, 15.3: what has turned out otherwise than the registration answered, in the order of
/// [`QuoteField`]; nothing where the quote is honoured.
pub fn differences(quoted: Reckoned<'_>, actual: Reckoned<'_>, completed_on: Option<Day>) -> Vec<Difference> {
    let amount = Text::new(
        format!("实际发生金额为 {} 元,合同金额为 {} 元。", actual.amount_fen, quoted.amount_fen),
        format!("The actual amount is {} yuan, and the contract's is {} yuan.", actual.amount_fen, quoted.amount_fen),
    );
    let claimable = Text::new(
        format!("可兑现金额按实际发生金额核算(第十二条):{}。", actual.quote.formula.zh),
        format!("What can be redeemed is reckoned from the actual amount (Art. 12): {}.", actual.quote.formula.en),
    );
    let redeem_by = match completed_on {
        Some(completed_on) => Text::new(
            format!("服务已于 {completed_on} 提前完成,兑现申请期限自该日起算(第十五条第三款)。"),
            format!("The service was done on {completed_on} already, and the month is counted from then (Art. 15.3)."),
        ),
        None => Text::new("兑现申请期限已重新核算。", "The time for the redemption was reckoned anew."),
    };
    let fields = [
        (QuoteField::AmountFen, QuoteValue::Amount(quoted.amount_fen), QuoteValue::Amount(actual.amount_fen), amount),
        (
            QuoteField::ClaimableFen,
            QuoteValue::Amount(quoted.quote.claimable_fen),
            QuoteValue::Amount(actual.quote.claimable_fen),
            claimable,
        ),
        (QuoteField::RedeemBy, QuoteValue::Day(quoted.redeem_by), QuoteValue::Day(actual.redeem_by), redeem_by),
    ];
    let differing = fields.into_iter().filter(|(_, quoted, actual, _)| quoted != actual);
    differing.map(|(field, quoted, actual, because)| Difference { field, quoted, actual, because }).collect()
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
    fn what_turned_out_otherwise_is_named_with_its_reason() {
        let rules = rules();
        let reckon = |amount_fen, basis| quote([yuan(50_000)], amount_fen, basis, rules.share_bps, &[], &[]).unwrap();
        let (at_first, later) =
            (reckon(yuan(100_000), AmountBasis::Contract), reckon(yuan(90_000), AmountBasis::Actual));
        let may: Day = "2026-05-18".parse().unwrap();
        let quoted = Reckoned { amount_fen: yuan(100_000), quote: &at_first, redeem_by: may };
        assert_eq!(differences(quoted, quoted, None), []);
        let actual = Reckoned { amount_fen: yuan(90_000), quote: &later, redeem_by: may };
        let found = differences(quoted, actual, None);
        assert_eq!(
            found.iter().map(|one| one.field).collect::<Vec<_>>(),
            [QuoteField::AmountFen, QuoteField::ClaimableFen]
        );
        assert_eq!(
            (found[1].quoted, found[1].actual),
            (QuoteValue::Amount(yuan(50_000)), QuoteValue::Amount(yuan(45_000)))
        );
        assert!(found[1].because.zh.contains("90000.00 元 × 50%"), "{:?}", found[1].because);
        // Costing more changes the amount, and not what the vouchers can pay.
        let more = reckon(yuan(100_001), AmountBasis::Actual);
        let found = differences(quoted, Reckoned { amount_fen: yuan(100_001), quote: &more, redeem_by: may }, None);
        assert_eq!(found.iter().map(|one| one.field).collect::<Vec<_>>(), [QuoteField::AmountFen]);
        let april: Day = "2026-04-09".parse().unwrap();
        let found = differences(quoted, Reckoned { redeem_by: april, ..quoted }, Some("2026-03-09".parse().unwrap()));
        assert_eq!((found[0].field, found[0].actual), (QuoteField::RedeemBy, QuoteValue::Day(april)));
        assert!(found[0].because.zh.contains("2026-03-09"));
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

    #[test]
    fn vouchers_pay_no_more_than_they_are_and_no_more_than_their_share() {
        let rules = rules();
        let claimable_fen = |amount_fen, basis| {
            quote([yuan(50_000)], amount_fen, basis, rules.share_bps, &rules.evidence, &[]).unwrap().claimable_fen
        };
        assert_eq!(claimable_fen(yuan(120_000), AmountBasis::Contract), yuan(50_000));
        assert_eq!(claimable_fen(yuan(90_000), AmountBasis::Actual), yuan(45_000));
    }
}
