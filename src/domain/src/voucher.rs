//! 第十二、十五条: the voucher (创新券), an electronic right bound to one applicant and used once.
//!
//! `claimed → registered → redeeming → redeemed`, and `void` from the first three; back to `claimed` when
//! the facility is delisted (Art. 17). Every state but
//! the last two can die by time; deadlines bind at the instant of an action, whether or not the job
//! that voids what lapsed has run.

use uuid::Uuid;

use crate::coded_enum;
use crate::money::Money;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::{LapseRules, VoucherRules};
use crate::refusal::{Refusal, RefusalCode};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

mod claim;

pub use claim::{ClaimFacts, ClaimGrant, ban_finding, decide_claim, require_not_banned};

coded_enum! {
    /// Where a voucher is in its life.
    pub enum VoucherStatus ("voucher status") {
        /// Claimed; a contract must be registered within its days.
        Claimed = "claimed",
        /// Registered with a contract, or free again after that contract's termination.
        Registered = "registered",
        /// Named by a redemption that was submitted.
        Redeeming = "redeeming",
        /// Paid.
        Redeemed = "redeemed",
        /// 作废: ended without being redeemed.
        Void = "void",
    }
}

coded_enum! {
    /// Why a voucher ended without being redeemed.
    pub enum VoidCause ("void cause") {
        /// Art. 15.2: no contract was registered within the days.
        RegistrationOverdue = "registration_overdue",
        /// Art. 15.2: its validity ended while it was bound to no contract.
        ValidityOverdue = "validity_overdue",
        /// Art. 15.3: no redemption was submitted (or corrected) in time.
        RedemptionOverdue = "redemption_overdue",
        /// Art. 15.4, 15.5: the redemption was rejected, or cancelled by an upheld objection.
        RedemptionRejected = "redemption_rejected",
        /// Given back by the applicant while claimed.
        Cancelled = "cancelled",
        /// Art. 17: taken back as a sanction.
        Revoked = "revoked",
    }
}

coded_enum! {
    /// What happens to a voucher.
    pub enum VoucherAction ("voucher action") {
        /// A contract is registered with it.
        Register = "register",
        /// Its contract ends before the service; it is bound to nothing.
        Unbind = "unbind",
        /// A redemption that names it is submitted.
        BeginRedemption = "begin_redemption",
        /// That redemption is withdrawn.
        WithdrawRedemption = "withdraw_redemption",
        /// Its payment is recorded.
        Pay = "pay",
        /// The applicant gives it back.
        Cancel = "cancel",
        /// Art. 17: its facility is delisted, and it is as it was when it was claimed.
        Return = "return",
        /// It ends by time, rejection or sanction.
        Void = "void",
    }
}

/// The state of a voucher with the instant that ends it. `expires_at` of a deadline throughout: at
/// that instant, and after it, it is too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Claimed, to be registered by then.
    Claimed {
        /// When the registration is too late.
        register_by: Instant,
    },
    /// Registered and bound to a contract, to be redeemed by then.
    Bound {
        /// When the contract's redemption is too late.
        redeem_by: Instant,
    },
    /// Registered, its contract terminated before the service.
    Unbound {
        /// When its validity is over.
        valid_until: Instant,
    },
    /// In a redemption; it only dies by time while that one is returned for correction.
    Redeeming {
        /// When the correction is too late; `None` while nothing is to be corrected.
        correct_by: Option<Instant>,
    },
    /// Paid.
    Redeemed,
    /// Ended.
    Void(VoidCause),
}

impl Standing {
    /// The state's code.
    pub fn status(self) -> VoucherStatus {
        match self {
            Self::Claimed { .. } => VoucherStatus::Claimed,
            Self::Bound { .. } | Self::Unbound { .. } => VoucherStatus::Registered,
            Self::Redeeming { .. } => VoucherStatus::Redeeming,
            Self::Redeemed => VoucherStatus::Redeemed,
            Self::Void(_) => VoucherStatus::Void,
        }
    }

    /// The instant at which the present state dies, if time can end it.
    pub fn lapses_at(self) -> Option<Instant> {
        match self {
            Self::Claimed { register_by } => Some(register_by),
            Self::Bound { redeem_by } => Some(redeem_by),
            Self::Unbound { valid_until } => Some(valid_until),
            Self::Redeeming { correct_by } => correct_by,
            Self::Redeemed | Self::Void(_) => None,
        }
    }

    /// What the voucher is void for when its present state dies (Art. 15.2, 15.3).
    pub fn lapse_cause(self) -> Option<VoidCause> {
        match self {
            Self::Claimed { .. } => Some(VoidCause::RegistrationOverdue),
            Self::Unbound { .. } => Some(VoidCause::ValidityOverdue),
            Self::Bound { .. } | Self::Redeeming { .. } => Some(VoidCause::RedemptionOverdue),
            Self::Redeemed | Self::Void(_) => None,
        }
    }

    /// What the voucher is at this instant: void, once its state has died, even if no job has
    /// written so yet.
    #[must_use]
    pub fn at(self, now: Instant) -> Self {
        match (self.lapses_at(), self.lapse_cause()) {
            (Some(lapses_at), Some(cause)) if now >= lapses_at => Self::Void(cause),
            _ => self,
        }
    }
}

impl VoucherStatus {
    /// What can happen to a voucher in this state.
    pub fn offers(self) -> Offers<VoucherAction, Self> {
        match self {
            Self::Claimed => &[
                (VoucherAction::Register, Self::Registered),
                (VoucherAction::Cancel, Self::Void),
                (VoucherAction::Void, Self::Void),
            ],
            Self::Registered => &[
                // A voucher freed by a termination is registered with another contract.
                (VoucherAction::Register, Self::Registered),
                (VoucherAction::Unbind, Self::Registered),
                (VoucherAction::BeginRedemption, Self::Redeeming),
                (VoucherAction::Return, Self::Claimed),
                (VoucherAction::Void, Self::Void),
            ],
            Self::Redeeming => &[
                (VoucherAction::WithdrawRedemption, Self::Registered),
                (VoucherAction::Pay, Self::Redeemed),
                (VoucherAction::Void, Self::Void),
            ],
            Self::Redeemed | Self::Void => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: VoucherAction) -> Result<Self, Refusal> {
        step(&Text::new("该创新券", "The voucher"), self, action, self.offers())
    }
}

/// Art. 12, 15.3: whether a void voucher gives its amount back to the applicant's yearly limit of
/// the claim's year, by the policy. The cycle's pool gets nothing back (发完即止).
pub fn gives_back_yearly_limit(cause: VoidCause, rules: &LapseRules) -> bool {
    match cause {
        VoidCause::RegistrationOverdue
        | VoidCause::ValidityOverdue
        | VoidCause::RedemptionOverdue
        | VoidCause::RedemptionRejected
        | VoidCause::Cancelled => rules.returns_annual_limit,
        VoidCause::Revoked => rules.returns_annual_limit_when_revoked,
    }
}

/// What a void voucher of this amount (fen) goes on counting against the yearly limit.
pub fn counted_when_void(cause: VoidCause, amount_fen: Money, rules: &LapseRules) -> Money {
    if gives_back_yearly_limit(cause, rules) { Money::ZERO } else { amount_fen }
}

/// What a voucher of this amount (fen) goes on counting once so much of it is approved: the unpaid
/// rest lapses, and gives back as a void voucher does.
pub fn counted_when_approved(amount_fen: Money, payable_fen: Money, rules: &LapseRules) -> Money {
    if rules.returns_annual_limit { payable_fen } else { amount_fen }
}

/// The applicant gives back a voucher (its number) that is claimed and not overdue.
///
/// # Errors
/// `registration_overdue` when its days are over, `invalid_state` in any later state.
pub fn cancel(number: &str, standing: Standing, now: Instant) -> Result<VoidCause, Refusal> {
    let standing = standing.at(now);
    if standing == Standing::Void(VoidCause::RegistrationOverdue) {
        return Err(registration_overdue(number));
    }
    standing.status().after(VoucherAction::Cancel).map(|_| VoidCause::Cancelled)
}

/// Art. 17: the facility is delisted before the service, and the applicant not at fault: the voucher is
/// claimed again, with the days for a registration counted from the decision.
///
/// # Errors
/// `invalid_state` for one that is not registered, `validation_failed` for a day beyond the calendar.
pub fn give_back(
    status: VoucherStatus,
    rules: &VoucherRules,
    decided_on: Day,
    calendar: &Calendar,
) -> Result<(VoucherStatus, Deadline), Refusal> {
    let status = status.after(VoucherAction::Return)?;
    Ok((status, Deadline::after(decided_on, Span::Days(rules.registration_days), calendar)?))
}

/// Art. 15.2: the days for the registration of this voucher (its number) are over.
pub(crate) fn registration_overdue(number: &str) -> Refusal {
    Refusal::new(
        RefusalCode::RegistrationOverdue,
        format!("创新券{number}未在规定期限内完成合同登记,已自动作废,其额度已退回当年可用额度,可重新领取。"),
        format!(
            "Voucher {number} was not registered with a contract in time and is void; its amount is available again \
             within the yearly limit, and a new voucher can be claimed."
        ),
    )
    .article("15.2")
}

/// The number people quote, `CXQ-2026-7K3M-9QXR-2HVT`: the claim's year and the last 60 bits of the
/// voucher's id in Crockford's base 32. Made from the id, so that no counter is contended for and
/// a number tells nothing about how many were issued; the store keeps it unique.
pub fn number(claim_year: i32, id: Uuid) -> String {
    const ALPHABET: [char; 32] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M', 'N',
        'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
    ];
    let mut number = format!("CXQ-{claim_year:04}");
    for place in (0..12_u32).rev() {
        if place.rem_euclid(4) == 3 {
            number.push('-');
        }
        let digit = id.as_u128().checked_shr(place.saturating_mul(5)).unwrap_or_default() & 31;
        let digit = usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit));
        number.push(digit.copied().unwrap_or('0'));
    }
    number
}

impl Named for VoucherStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Claimed => "已领取",
            Self::Registered => "已登记",
            Self::Redeeming => "兑现中",
            Self::Redeemed => "已兑现",
            Self::Void => "已作废",
        }
    }
}

impl Named for VoidCause {
    fn chinese(self) -> &'static str {
        match self {
            Self::RegistrationOverdue => "逾期未登记合同",
            Self::ValidityOverdue => "有效期届满",
            Self::RedemptionOverdue => "逾期未申请兑现",
            Self::RedemptionRejected => "兑现未获通过",
            Self::Cancelled => "申领单位退回",
            Self::Revoked => "因违规收回",
        }
    }
}

impl Named for VoucherAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Register => "登记合同",
            Self::Unbind => "解除合同绑定",
            Self::BeginRedemption => "提交兑现",
            Self::WithdrawRedemption => "撤回兑现",
            Self::Pay => "记录拨付",
            Self::Cancel => "退回",
            Self::Return => "恢复为已领取",
            Self::Void => "作废",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{at, calendar, day, policy, rules};

    const END: &str = "2026-10-09T00:00:00+08:00";
    const LAST_MICROSECOND: &str = "2026-10-08T23:59:59.999999+08:00";

    #[test]
    fn a_state_lives_until_the_last_microsecond_and_dies_at_the_end_of_its_last_day() {
        let end = at(END);
        for (standing, cause) in [
            (Standing::Claimed { register_by: end }, VoidCause::RegistrationOverdue),
            (Standing::Unbound { valid_until: end }, VoidCause::ValidityOverdue),
            (Standing::Bound { redeem_by: end }, VoidCause::RedemptionOverdue),
            (Standing::Redeeming { correct_by: Some(end) }, VoidCause::RedemptionOverdue),
        ] {
            assert_eq!(standing.at(at(LAST_MICROSECOND)), standing);
            assert_eq!(standing.at(end), Standing::Void(cause));
        }
    }

    #[test]
    fn a_redemption_under_way_and_an_ended_voucher_do_not_lapse() {
        let late = at("2099-01-01T00:00:00+08:00");
        for standing in
            [Standing::Redeeming { correct_by: None }, Standing::Redeemed, Standing::Void(VoidCause::Cancelled)]
        {
            assert_eq!(standing.at(late), standing);
            assert_eq!(standing.lapses_at(), None);
        }
    }

    #[test]
    fn only_a_claimed_voucher_in_its_days_can_be_given_back() {
        let claimed = Standing::Claimed { register_by: at(END) };
        assert_eq!(cancel("CXQ", claimed, at(LAST_MICROSECOND)), Ok(VoidCause::Cancelled));
        assert_eq!(cancel("CXQ", claimed, at(END)).unwrap_err().code, RefusalCode::RegistrationOverdue);
        let lapsed = Standing::Void(VoidCause::RegistrationOverdue);
        assert_eq!(cancel("CXQ", lapsed, at(END)).unwrap_err().code, RefusalCode::RegistrationOverdue);
        let bound = Standing::Bound { redeem_by: at(END) };
        assert_eq!(cancel("CXQ", bound, at(LAST_MICROSECOND)).unwrap_err().code, RefusalCode::InvalidState);
        let cancelled = Standing::Void(VoidCause::Cancelled);
        assert_eq!(cancel("CXQ", cancelled, at(LAST_MICROSECOND)).unwrap_err().code, RefusalCode::InvalidState);
    }

    #[test]
    fn a_registered_voucher_returns_with_fifteen_days_from_the_decision() {
        let given = |status| give_back(status, &rules(), day("2026-03-02"), &calendar());
        let (status, register_by) = given(VoucherStatus::Registered).unwrap();
        assert_eq!((status, register_by.last_day), (VoucherStatus::Claimed, day("2026-03-17")));
        for other in VoucherStatus::ALL.iter().filter(|status| **status != VoucherStatus::Registered) {
            assert_eq!(given(*other).unwrap_err().code, RefusalCode::InvalidState);
        }
    }

    #[test]
    fn every_cause_but_revocation_gives_the_yearly_limit_back() {
        let rules = policy().lapse;
        let kept: Vec<_> = VoidCause::ALL.iter().filter(|cause| !gives_back_yearly_limit(**cause, &rules)).collect();
        assert_eq!(kept, [&VoidCause::Revoked]);
        let (amount, payable) = (Money::from_fen(7), Money::from_fen(3));
        assert_eq!(counted_when_void(VoidCause::Revoked, amount, &rules), amount);
        assert_eq!(counted_when_void(VoidCause::Cancelled, amount, &rules), Money::ZERO);
        assert_eq!(counted_when_approved(amount, payable, &rules), payable);
    }

    #[test]
    fn a_number_is_made_of_the_year_and_the_id() {
        assert_eq!(number(2026, Uuid::nil()), "CXQ-2026-0000-0000-0000");
        assert_eq!(number(2026, Uuid::from_u128(u128::MAX)), "CXQ-2026-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(number(2026, Uuid::from_u128(33)), "CXQ-2026-0000-0000-0011");
    }

    #[test]
    fn every_action_is_offered_by_some_state() {
        for action in VoucherAction::ALL {
            assert!(VoucherStatus::ALL.iter().any(|status| status.after(*action).is_ok()), "{action}");
        }
    }
}
