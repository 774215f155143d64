//! 第十五条(二): which vouchers a contract may be registered with.

use uuid::Uuid;

use crate::money::Money;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::VoucherRules;
use crate::refusal::{Refusal, RefusalCode};
use crate::transition::Named;
use crate::voucher::{Standing, VoidCause, registration_overdue};

/// A voucher that a contract names, as it is at the instant of the decision. Whose it is has been
/// seen to where it was loaded: another applicant's is not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractVoucher {
    /// The voucher.
    pub id: Uuid,
    /// Its number, for messages.
    pub number: String,
    /// Its amount.
    pub amount_fen: Money,
    /// When it was claimed.
    pub claimed_at: Instant,
    /// Its state, with the instant that ends it.
    pub standing: Standing,
    /// The validity it got at its first registration.
    pub valid_until: Option<Deadline>,
}

impl ContractVoucher {
    /// Its place in [`in_claim_order`].
    pub fn claim(&self) -> (Instant, &str) {
        (self.claimed_at, &self.number)
    }
}

/// A voucher that a contract is registered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredVoucher {
    /// The voucher.
    pub id: Uuid,
    /// Its amount.
    pub amount_fen: Money,
    /// The end of its validity.
    pub valid_until: Deadline,
    /// Whether this is its first registration, which moves its money from held to committed; a
    /// voucher freed by a termination has been moved already.
    pub is_first_registration: bool,
}

/// Vouchers, in whatever shape they are at hand, by the instants of their claims, and then by their
/// numbers: the first tells whose policy judges the contract, and payments fill them in this order.
#[must_use]
pub fn in_claim_order<V>(mut vouchers: Vec<V>, claim: impl Fn(&V) -> (Instant, &str)) -> Vec<V> {
    vouchers.sort_by(|one, other| claim(one).cmp(&claim(other)));
    vouchers
}

/// Art. 15.2: the voucher is `claimed` within its days, and gets its validity today; or it is
/// `registered` and unbound within the validity it has.
///
/// # Errors
/// `registration_overdue`, `validity_exceeded` when the validity it had is over, and
/// `voucher_not_claimed` in every other state. Whether a lapse has been written yet makes no
/// difference.
pub(super) fn usable(
    voucher: &ContractVoucher,
    rules: &VoucherRules,
    calendar: &Calendar,
    now: Instant,
) -> Result<RegisteredVoucher, Refusal> {
    let registered = |valid_until, is_first_registration| RegisteredVoucher {
        id: voucher.id,
        amount_fen: voucher.amount_fen,
        valid_until,
        is_first_registration,
    };
    match (voucher.standing.at(now), &voucher.valid_until) {
        (Standing::Claimed { .. }, _) => {
            Ok(registered(Deadline::after(now.day(), Span::Months(rules.validity_months), calendar)?, true))
        }
        (Standing::Unbound { .. }, Some(valid_until)) => Ok(registered(valid_until.clone(), false)),
        (Standing::Void(VoidCause::RegistrationOverdue), _) => Err(registration_overdue(&voucher.number)),
        (Standing::Void(VoidCause::ValidityOverdue), _) => Err(validity_over(&voucher.number)),
        (
            standing @ (Standing::Unbound { .. }
            | Standing::Bound { .. }
            | Standing::Redeeming { .. }
            | Standing::Redeemed
            | Standing::Void(
                VoidCause::RedemptionOverdue
                | VoidCause::RedemptionRejected
                | VoidCause::Cancelled
                | VoidCause::Revoked,
            )),
            _,
        ) => Err(not_claimed(&voucher.number, standing)),
    }
}

/// Art. 15.2: the contract's last day is within the voucher's validity, its last day included.
///
/// # Errors
/// `validity_exceeded`, naming the day by which the contract would have to end.
pub(super) fn within_validity(number: &str, ends_on: Day, valid_until: &Deadline) -> Result<(), Refusal> {
    let last_day = valid_until.last_day;
    if ends_on <= last_day {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::ValidityExceeded,
        format!("创新券{number}的有效期至 {last_day},而合同终止日为 {ends_on};合同须在有效期内(含当日)结束。"),
        format!(
            "Voucher {number} is valid until {last_day}, and the contract's last day is {ends_on}; the contract must \
             end within the validity, that day included."
        ),
    )
    .article("15.2"))
}

fn validity_over(number: &str) -> Refusal {
    Refusal::new(
        RefusalCode::ValidityExceeded,
        format!("创新券{number}的有效期已届满,已自动作废,请使用其他有效的创新券。"),
        format!("The validity of voucher {number} is over and it is void; please use another one."),
    )
    .article("15.2")
}

fn not_claimed(number: &str, standing: Standing) -> Refusal {
    let status = standing.status();
    Refusal::new(
        RefusalCode::VoucherNotClaimed,
        format!(
            "创新券{number}当前为“{}”,只有在期限内的“已领取”创新券,或因合同终止而未绑定合同且仍在有效期内的创新券可以登记。",
            status.chinese()
        ),
        format!(
            "Voucher {number} is {}; a contract can be registered with vouchers that are claimed and within their \
             days, or freed by a termination and still valid.",
            status.english()
        ),
    )
    .article("15.2")
}
