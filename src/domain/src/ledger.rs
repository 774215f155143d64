//! 第四、十二条: each cycle's budget is moved between accounts, never edited; so is the budget of a yearly
//! assessment (Art. 11, 14), which is given out as subsidies instead of vouchers.
//!
//! | event | movement |
//! | --- | --- |
//! | a cycle is created, its budget changed | funding → available (or back) |
//! | claim | available → held |
//! | registration | held → committed |
//! | termination before the service | none: the voucher stays registered |
//! | the facility is delisted, the applicant not at fault | committed → held |
//! | void while claimed | held → lapsed |
//! | void while registered or redeeming | committed → lapsed |
//! | approval | committed → payable, and the rest → lapsed |
//! | upheld objection | payable → lapsed, for what is taken away |
//! | paid | payable → paid |
//! | clawback received | paid → recovered |
//! | a subsidy is approved | available → payable |
//! | upheld objection to a subsidy | payable → available, or the other way, for the difference |
//!
//! Lapsed money never returns to the pool. What an objection takes from a subsidy does: nobody claims from an
//! assessment's budget, and what one facility is not given another one may be. At any moment the seven accounts sum to the budget.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::coded_enum;
use crate::money::{Money, MoneyOverflow};
use crate::refusal::{Refusal, RefusalCode};
use crate::voucher::VoucherStatus;

coded_enum! {
    /// Where a cycle's money is.
    pub enum Account ("account") {
        /// Outside the cycle: where its budget comes from. Not one of the seven.
        Funding = "funding",
        /// In the pool, to be claimed.
        Available = "available",
        /// In claimed vouchers.
        Held = "held",
        /// In registered vouchers.
        Committed = "committed",
        /// Approved for payment.
        Payable = "payable",
        /// Paid.
        Paid = "paid",
        /// Back with the budget: void vouchers and unpaid rests.
        Lapsed = "lapsed",
        /// Paid and clawed back (Art. 17).
        Recovered = "recovered",
    }
}

coded_enum! {
    /// Why money moved.
    pub enum MovementCause ("cause of a movement") {
        /// The cycle was created, or its budget changed while a draft.
        Budget = "budget",
        /// A voucher was claimed.
        Claim = "claim",
        /// A voucher's contract was registered.
        Registration = "registration",
        /// A voucher returned, its facility delisted.
        Return = "return",
        /// A voucher became void.
        Void = "void",
        /// A redemption was approved.
        Approval = "approval",
        /// A subsidy was approved.
        Subsidy = "subsidy",
        /// An objection was upheld.
        Objection = "objection",
        /// A payment was recorded.
        Payment = "payment",
        /// A clawback was received.
        Recovery = "recovery",
    }
}

/// An amount that moves from one account to another: one balanced entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// The account it leaves.
    pub from: Account,
    /// The account it enters.
    pub to: Account,
    /// How much; more than nothing.
    pub amount_fen: Money,
    /// Why.
    pub cause: MovementCause,
}

/// The movements of one event; those of nothing are left out.
pub type Movements = Vec<Movement>;

fn movement(from: Account, to: Account, amount_fen: Money, cause: MovementCause) -> Movements {
    if amount_fen == Money::ZERO { Vec::new() } else { vec![Movement { from, to, amount_fen, cause }] }
}

/// A cycle is created with this budget.
pub fn on_budget(budget_fen: Money) -> Movements {
    movement(Account::Funding, Account::Available, budget_fen, MovementCause::Budget)
}

/// A draft's budget is changed: the difference comes in or goes out.
///
/// # Errors
/// [`MoneyOverflow`].
pub fn on_budget_change(before_fen: Money, after_fen: Money) -> Result<Movements, MoneyOverflow> {
    Ok(if after_fen >= before_fen {
        on_budget(after_fen.minus(before_fen)?)
    } else {
        movement(Account::Available, Account::Funding, before_fen.minus(after_fen)?, MovementCause::Budget)
    })
}

/// A voucher of this amount is claimed.
pub fn on_claim(amount_fen: Money) -> Movements {
    movement(Account::Available, Account::Held, amount_fen, MovementCause::Claim)
}

/// A voucher's first contract is registered. A voucher freed by a termination is committed already:
/// its next registration moves nothing.
pub fn on_registration(amount_fen: Money, is_first_registration: bool) -> Movements {
    let moved_fen = if is_first_registration { amount_fen } else { Money::ZERO };
    movement(Account::Held, Account::Committed, moved_fen, MovementCause::Registration)
}

/// A registered voucher returns as claimed, its facility delisted (Art. 17).
pub fn on_return(amount_fen: Money) -> Movements {
    movement(Account::Committed, Account::Held, amount_fen, MovementCause::Return)
}

/// A voucher in this state becomes void, before anything of it is approved (after that, see
/// [`on_objection`]).
///
/// # Errors
/// `invalid_state` for a voucher that is redeemed or void already.
pub fn on_void(status: VoucherStatus, amount_fen: Money) -> Result<Movements, Refusal> {
    let from = match status {
        VoucherStatus::Claimed => Account::Held,
        VoucherStatus::Registered | VoucherStatus::Redeeming => Account::Committed,
        VoucherStatus::Redeemed | VoucherStatus::Void => {
            return Err(Refusal::invalid_state(
                "该创新券已办结,不能再作废。",
                "The voucher has come to its end and cannot be voided.",
            ));
        }
    };
    Ok(movement(from, Account::Lapsed, amount_fen, MovementCause::Void))
}

/// A redemption is approved: of a voucher, this much is payable and the rest lapses.
pub fn on_approval(payable_fen: Money, rest_fen: Money) -> Movements {
    let mut movements = movement(Account::Committed, Account::Payable, payable_fen, MovementCause::Approval);
    movements.extend(movement(Account::Committed, Account::Lapsed, rest_fen, MovementCause::Approval));
    movements
}

/// An objection is upheld: this much of what was payable lapses.
pub fn on_objection(taken_fen: Money) -> Movements {
    movement(Account::Payable, Account::Lapsed, taken_fen, MovementCause::Objection)
}

/// Art. 11, 14: a subsidy of this amount is approved. Nobody claims it or registers it: it goes from the
/// assessment's budget to what is payable.
pub fn on_subsidy(amount_fen: Money) -> Movements {
    movement(Account::Available, Account::Payable, amount_fen, MovementCause::Subsidy)
}

/// An objection to a subsidy is upheld: what is taken away returns to the assessment's budget, what is added
/// comes from there.
///
/// # Errors
/// [`MoneyOverflow`].
pub fn on_subsidy_change(before_fen: Money, after_fen: Money) -> Result<Movements, MoneyOverflow> {
    let (from, to, moved_fen) = if after_fen >= before_fen {
        (Account::Available, Account::Payable, after_fen.minus(before_fen)?)
    } else {
        (Account::Payable, Account::Available, before_fen.minus(after_fen)?)
    };
    Ok(movement(from, to, moved_fen, MovementCause::Objection))
}

/// A payment is recorded as paid.
pub fn on_payment(amount_fen: Money) -> Movements {
    movement(Account::Payable, Account::Paid, amount_fen, MovementCause::Payment)
}

/// A clawback is received (Art. 17).
pub fn on_recovery(amount_fen: Money) -> Movements {
    movement(Account::Paid, Account::Recovered, amount_fen, MovementCause::Recovery)
}

/// Why the ledger takes no movement, or is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LedgerFault {
    /// An account has less than is to leave it.
    #[error("account {account} has {has_fen} yuan, and {asked_fen} were to leave it")]
    Overdraft {
        /// The account.
        account: Account,
        /// What it has.
        has_fen: Money,
        /// What was to leave it.
        asked_fen: Money,
    },
    /// An entry of nothing or less.
    #[error("an entry moves {0} yuan; it must move more than nothing")]
    NotPositive(Money),
    /// The accounts do not sum to the budget.
    #[error("the accounts sum to {sum_fen} yuan, the budget is {budget_fen}")]
    NotWhole {
        /// What they sum to.
        sum_fen: Money,
        /// The budget.
        budget_fen: Money,
    },
    /// A sum does not fit.
    #[error(transparent)]
    Overflow(#[from] MoneyOverflow),
}

/// An empty pool is the applicant's matter; every other fault is ours, since a rule has checked the
/// amount before.
impl From<LedgerFault> for Refusal {
    fn from(fault: LedgerFault) -> Self {
        match fault {
            LedgerFault::Overdraft { account: Account::Available, has_fen, asked_fen } => Self::new(
                RefusalCode::PoolExhausted,
                format!("本周期剩余额度为 {has_fen} 元,不足 {asked_fen} 元。"),
                format!("The cycle has {has_fen} yuan left, less than {asked_fen}."),
            )
            .article("12")
            .remaining(has_fen),
            LedgerFault::Overdraft { .. }
            | LedgerFault::NotPositive(_)
            | LedgerFault::NotWhole { .. }
            | LedgerFault::Overflow(_) => Self::new(
                RefusalCode::Internal,
                "账目核对异常,已停止该操作。",
                format!("The ledger refuses this: {fault}."),
            ),
        }
    }
}

/// What the seven accounts of a cycle have, reckoned from its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Balances {
    /// In the pool, to be claimed.
    pub available_fen: Money,
    /// In claimed vouchers.
    pub held_fen: Money,
    /// In registered vouchers.
    pub committed_fen: Money,
    /// Approved for payment.
    pub payable_fen: Money,
    /// Paid.
    pub paid_fen: Money,
    /// Back with the budget.
    pub lapsed_fen: Money,
    /// Paid and clawed back.
    pub recovered_fen: Money,
}

impl Balances {
    /// The balances after one more movement.
    ///
    /// # Errors
    /// [`LedgerFault::Overdraft`], [`LedgerFault::NotPositive`], [`LedgerFault::Overflow`].
    pub fn after(mut self, movement: &Movement) -> Result<Self, LedgerFault> {
        let amount_fen = movement.amount_fen;
        if !amount_fen.is_positive() {
            return Err(LedgerFault::NotPositive(amount_fen));
        }
        if let Some(balance) = self.account(movement.from) {
            if *balance < amount_fen {
                let (account, has_fen) = (movement.from, *balance);
                return Err(LedgerFault::Overdraft { account, has_fen, asked_fen: amount_fen });
            }
            *balance = balance.minus(amount_fen)?;
        }
        if let Some(balance) = self.account(movement.to) {
            *balance = balance.plus(amount_fen)?;
        }
        Ok(self)
    }

    /// The balances after many movements, in their order.
    ///
    /// # Errors
    /// The first fault.
    pub fn after_all<'a>(self, movements: impl IntoIterator<Item = &'a Movement>) -> Result<Self, LedgerFault> {
        movements.into_iter().try_fold(self, Self::after)
    }

    /// What the seven accounts have together.
    ///
    /// # Errors
    /// [`MoneyOverflow`].
    pub fn sum(&self) -> Result<Money, MoneyOverflow> {
        Money::sum([
            self.available_fen,
            self.held_fen,
            self.committed_fen,
            self.payable_fen,
            self.paid_fen,
            self.lapsed_fen,
            self.recovered_fen,
        ])
    }

    /// 第四条: the seven accounts sum to the budget.
    ///
    /// # Errors
    /// [`LedgerFault::NotWhole`], [`LedgerFault::Overflow`].
    pub fn require_whole(&self, budget_fen: Money) -> Result<(), LedgerFault> {
        let sum_fen = self.sum()?;
        if sum_fen == budget_fen { Ok(()) } else { Err(LedgerFault::NotWhole { sum_fen, budget_fen }) }
    }

    /// The balance of an account; funding lies outside and has none.
    fn account(&mut self, account: Account) -> Option<&mut Money> {
        match account {
            Account::Funding => None,
            Account::Available => Some(&mut self.available_fen),
            Account::Held => Some(&mut self.held_fen),
            Account::Committed => Some(&mut self.committed_fen),
            Account::Payable => Some(&mut self.payable_fen),
            Account::Paid => Some(&mut self.paid_fen),
            Account::Lapsed => Some(&mut self.lapsed_fen),
            Account::Recovered => Some(&mut self.recovered_fen),
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test; an overflow fails it")]
mod tests;
