//! 第十二、十五条(二): the service contract (服务合同) and its registration (合同登记).
//!
//! The facility registers the signed contract with the vouchers that pay for it. From then on the
//! vouchers are bound to it: it may be amended within the same rules, completed, or terminated
//! before the service, which frees them.

use crate::coded_enum;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::VoucherRules;
use crate::redemption::redemption_overdue;
use crate::refusal::{Faults, Refusal};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

mod change;
mod quote;
mod register;
mod vouchers;

pub use change::{Amendment, AmendmentFacts, Completion, CompletionFacts, amend, complete};
pub use quote::{AmountBasis, Difference, Quote, QuoteField, QuoteValue, Reckoned, claimable, differences, quote};
pub use register::{Registration, RegistrationFacts, register};
pub use vouchers::{ContractVoucher, RegisteredVoucher, in_claim_order};

coded_enum! {
    /// Where a contract is in its life.
    pub enum ContractStatus ("contract status") {
        /// Registered with its vouchers.
        Registered = "registered",
        /// The service is done and its actual amount recorded.
        Completed = "completed",
        /// Ended before the service; its vouchers are free.
        Terminated = "terminated",
        /// Its redemption ended in payment or rejection.
        Settled = "settled",
        /// Its month for the redemption passed; its vouchers are void.
        Lapsed = "lapsed",
    }
}

coded_enum! {
    /// What is done with a contract.
    pub enum ContractAction ("contract action") {
        /// Its amount or last day changes.
        Amend = "amend",
        /// It ends before the service.
        Terminate = "terminate",
        /// The service is done.
        Complete = "complete",
        /// A redemption is written for it.
        Redeem = "redeem",
        /// Its redemption ended.
        Settle = "settle",
        /// Its vouchers lapsed.
        Lapse = "lapse",
    }
}

impl ContractStatus {
    /// Whether its redemption can still be asked for.
    pub fn is_redeemable(self) -> bool {
        match self {
            Self::Registered | Self::Completed => true,
            Self::Terminated | Self::Settled | Self::Lapsed => false,
        }
    }

    /// What can be done with a contract in this state.
    pub fn offers(self) -> Offers<ContractAction, Self> {
        match self {
            Self::Registered => &[
                (ContractAction::Amend, Self::Registered),
                (ContractAction::Terminate, Self::Terminated),
                (ContractAction::Complete, Self::Completed),
                (ContractAction::Redeem, Self::Registered),
                (ContractAction::Settle, Self::Settled),
                (ContractAction::Lapse, Self::Lapsed),
            ],
            Self::Completed => &[
                (ContractAction::Redeem, Self::Completed),
                (ContractAction::Settle, Self::Settled),
                (ContractAction::Lapse, Self::Lapsed),
            ],
            Self::Terminated | Self::Settled | Self::Lapsed => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: ContractAction) -> Result<Self, Refusal> {
        step(&Text::new("该服务合同", "The contract"), self, action, self.offers())
    }
}

/// The first day on which the redemption may be submitted: the contract's last day, or the day its
/// completion was recorded for, if that is earlier (Art. 15.3).
pub fn redeem_from(ends_on: Day, completed_on: Option<Day>) -> Day {
    completed_on.map_or(ends_on, |completed_on| completed_on.min(ends_on))
}

/// Art. 15.3: 合同到期后1个月内, counted from [`redeem_from`].
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn redeem_by(redeem_from: Day, rules: &VoucherRules, calendar: &Calendar) -> Result<Deadline, Refusal> {
    Deadline::after(redeem_from, Span::Months(rules.redemption_months), calendar)
}

/// Terminates a contract before the service: its completion is not recorded, no redemption is
/// submitted, and its vouchers are still alive. They stay `registered`, bound to nothing, within the
/// validity they have.
///
/// # Errors
/// `redemption_overdue` when the month for the redemption is over, `invalid_state` otherwise;
/// `validation_failed` without a reason.
pub fn terminate(
    status: ContractStatus,
    has_submitted_redemption: bool,
    redeem_by: &Deadline,
    reason: &str,
    now: Instant,
) -> Result<ContractStatus, Refusal> {
    let mut faults = Faults::default();
    faults.require_text("reason", reason, 1_000);
    faults.done()?;
    let next = in_time(status, ContractAction::Terminate, redeem_by, now)?;
    no_submitted_redemption(has_submitted_redemption)?;
    Ok(next)
}

/// Art. 15.3: a redemption can be written for the contract. It may be drafted before the window
/// opens, and submitted within it.
///
/// # Errors
/// `redemption_overdue`, `invalid_state` for a contract that was terminated or settled.
pub fn require_redeemable(status: ContractStatus, redeem_by: &Deadline, now: Instant) -> Result<(), Refusal> {
    in_time(status, ContractAction::Redeem, redeem_by, now).map(|_| ())
}

/// The state after an action that needs living vouchers: the month for the redemption is not over,
/// whether or not the lapse has been written yet.
fn in_time(
    status: ContractStatus,
    action: ContractAction,
    redeem_by: &Deadline,
    now: Instant,
) -> Result<ContractStatus, Refusal> {
    if status == ContractStatus::Lapsed {
        return Err(redemption_overdue(redeem_by.last_day));
    }
    let next = status.after(action)?;
    if redeem_by.is_over(now) { Err(redemption_overdue(redeem_by.last_day)) } else { Ok(next) }
}

/// A new deadline for the redemption that is not over already: a contract with another one would be
/// dead from the start, and its vouchers with it.
fn running(redeem_by: Deadline, now: Instant) -> Result<Deadline, Refusal> {
    if redeem_by.is_over(now) { Err(redemption_overdue(redeem_by.last_day)) } else { Ok(redeem_by) }
}

/// No redemption of the contract is submitted: what it rests on cannot change under it.
fn no_submitted_redemption(has_submitted_redemption: bool) -> Result<(), Refusal> {
    if !has_submitted_redemption {
        return Ok(());
    }
    Err(Refusal::invalid_state(
        "该合同的兑现申请已提交,合同不能再变更或终止;如确有需要,请先撤回兑现申请。",
        "A redemption of this contract is submitted, so the contract cannot be changed or ended; please withdraw the \
         redemption first if it must be.",
    )
    .article("15.3"))
}

impl Named for ContractStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Registered => "已登记",
            Self::Completed => "已完成",
            Self::Terminated => "已终止",
            Self::Settled => "已办结",
            Self::Lapsed => "逾期未兑现",
        }
    }
}

impl Named for ContractAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Amend => "变更",
            Self::Terminate => "终止",
            Self::Complete => "登记完成",
            Self::Redeem => "申请兑现",
            Self::Settle => "办结",
            Self::Lapse => "记录逾期",
        }
    }
}

#[cfg(test)]
mod tests;
