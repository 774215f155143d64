//! 第十七条: 追回已拨付资金: how much can be claimed back, and what has come.

use uuid::Uuid;

use crate::coded_enum;
use crate::money::{Money, MoneyOverflow};
use crate::period::Day;
use crate::refusal::{Faults, Refusal};
use crate::transition::Named;

coded_enum! {
    /// Where a clawback is.
    pub enum ClawbackStatus ("clawback status") {
        /// Money is due.
        Open = "open",
        /// All of it has come.
        Recovered = "recovered",
        /// What had not come is claimed no more.
        Waived = "waived",
    }
}

impl ClawbackStatus {
    /// What a clawback still claims of what was paid: all that it asks for, or what has come.
    pub fn claims(self, amount_fen: Money, received_fen: Money) -> Money {
        match self {
            Self::Open | Self::Recovered => amount_fen,
            Self::Waived => received_fen,
        }
    }
}

/// How much of a paid redemption can be clawed back beside what other clawbacks claim of it already.
///
/// # Errors
/// [`MoneyOverflow`].
pub fn recoverable(
    paid_fen: Money,
    others: impl IntoIterator<Item = (ClawbackStatus, Money, Money)>,
) -> Result<Money, MoneyOverflow> {
    let claimed = others.into_iter().map(|(status, amount_fen, received_fen)| status.claims(amount_fen, received_fen));
    Ok(paid_fen.left_after(Money::sum(claimed)?))
}

/// The form of a receipt.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_receipt(amount_fen: Money, received_on: Day, reference: &str, today: Day) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_positive("amount_fen", amount_fen);
    faults.require(
        received_on <= today,
        "received_on",
        "not_in_future",
        format!("到账日期不能晚于今天 {today}。"),
        format!("must not be after today, {today}."),
    );
    faults.require_text("reference", reference, 100);
    faults.done()
}

/// A receipt counts towards what is due, in part or in full, and never beyond: the sum received, and
/// where the clawback is after it.
///
/// # Errors
/// `invalid_state` when nothing is due any more; `validation_failed` with `maximum_fen` for more than is.
pub fn receive(
    status: ClawbackStatus,
    amount_fen: Money,
    received_fen: Money,
    receipt_fen: Money,
) -> Result<(Money, ClawbackStatus), Refusal> {
    match status {
        ClawbackStatus::Open => {}
        ClawbackStatus::Recovered | ClawbackStatus::Waived => {
            return Err(Refusal::invalid_state(
                format!("该追回事项{},不能再登记到账。", status.chinese()),
                format!("The clawback is {}; nothing more can be received.", status.english()),
            )
            .article("17"));
        }
    }
    let due_fen = amount_fen.left_after(received_fen);
    if receipt_fen > due_fen {
        let refusal = Refusal::field(
            "amount_fen",
            "at_most",
            format!("超过尚待追回的 {due_fen} 元;多收款项请退回。"),
            format!("is more than the {due_fen} yuan that are due; please return what is too much."),
        );
        return Err(refusal.article("17").maximum(due_fen));
    }
    let received_fen = received_fen.plus(receipt_fen)?;
    let status = if received_fen == amount_fen { ClawbackStatus::Recovered } else { ClawbackStatus::Open };
    Ok((received_fen, status))
}

/// Which vouchers' money a receipt gives back: what was paid for each is recovered in their order, after
/// what has come before.
///
/// # Errors
/// [`MoneyOverflow`].
pub fn apportion(
    paid: &[(Uuid, Money)],
    earlier_fen: Money,
    receipt_fen: Money,
) -> Result<Vec<(Uuid, Money)>, MoneyOverflow> {
    let (mut to_skip, mut to_take) = (earlier_fen, receipt_fen);
    let mut parts = Vec::new();
    for (voucher_id, paid_fen) in paid {
        let skipped = to_skip.min(*paid_fen);
        to_skip = to_skip.minus(skipped)?;
        let taken = paid_fen.minus(skipped)?.min(to_take);
        to_take = to_take.minus(taken)?;
        if taken.is_positive() {
            parts.push((*voucher_id, taken));
        }
    }
    Ok(parts)
}

impl Named for ClawbackStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Open => "追回中",
            Self::Recovered => "已全部追回",
            Self::Waived => "不再追回",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::day;
    use crate::refusal::RefusalCode;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen)
    }

    #[test]
    fn receipts_come_in_part_and_in_full_and_never_beyond() {
        let receive = |received, receipt| receive(ClawbackStatus::Open, fen(100), fen(received), fen(receipt));
        assert_eq!(receive(0, 40), Ok((fen(40), ClawbackStatus::Open)));
        assert_eq!(receive(40, 60), Ok((fen(100), ClawbackStatus::Recovered)));
        let over = receive(40, 61).unwrap_err();
        assert_eq!((over.code, over.maximum_fen), (RefusalCode::ValidationFailed, Some(fen(60))));
        for status in [ClawbackStatus::Recovered, ClawbackStatus::Waived] {
            let refusal = super::receive(status, fen(100), fen(100), fen(1)).unwrap_err();
            assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("17")));
        }
    }

    #[test]
    fn a_receipt_says_how_much_when_and_by_what() {
        let today = day("2026-03-02");
        assert!(validate_receipt(fen(1), today, "BJ-1", today).is_ok());
        let refusal = validate_receipt(fen(0), day("2026-03-03"), " ", today).unwrap_err();
        let fields: Vec<_> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["amount_fen", "received_on", "reference"]);
    }

    #[test]
    fn no_more_is_claimed_back_than_was_paid() {
        assert_eq!(recoverable(fen(100), []), Ok(fen(100)));
        let others = [(ClawbackStatus::Open, fen(30), fen(10)), (ClawbackStatus::Waived, fen(50), fen(20))];
        assert_eq!(recoverable(fen(100), others), Ok(fen(50)));
        assert_eq!(recoverable(fen(100), [(ClawbackStatus::Recovered, fen(100), fen(100))]), Ok(Money::ZERO));
    }

    #[test]
    fn what_comes_back_is_the_vouchers_in_their_order() {
        let (one, two, three) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let paid = [(one, fen(50)), (two, fen(0)), (three, fen(30))];
        assert_eq!(apportion(&paid, fen(0), fen(20)), Ok(vec![(one, fen(20))]));
        assert_eq!(apportion(&paid, fen(20), fen(40)), Ok(vec![(one, fen(30)), (three, fen(10))]));
        assert_eq!(apportion(&paid, fen(60), fen(20)), Ok(vec![(three, fen(20))]));
        assert_eq!(apportion(&paid, fen(80), fen(0)), Ok(vec![]));
    }
}
