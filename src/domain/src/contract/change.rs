//! 第十二、十五条(二)(三): amending a registered contract, and recording that its service is done.

use super::register::{earliest, require_days, within_share};
use super::vouchers::within_validity;
use super::{ContractAction, ContractStatus, in_time, no_submitted_redemption, redeem_by, redeem_from, running};
use crate::facility::{ServingFacts, require_serving};
use crate::money::Money;
use crate::period::{Calendar, Day, Deadline, Instant};
use crate::policy::VoucherRules;
use crate::refusal::{Faults, Refusal};

/// A contract as it would be after an amendment, with what decides about it.
#[derive(Debug, Clone)]
pub struct AmendmentFacts<'a> {
    /// Where the contract stands.
    pub status: ContractStatus,
    /// Whether a redemption of it is submitted and neither withdrawn nor ended.
    pub has_submitted_redemption: bool,
    /// Its present deadline for the redemption.
    pub redeem_by: &'a Deadline,
    /// Whether and until when the facility serves.
    pub facility: ServingFacts,
    /// The day both signed.
    pub signed_on: Day,
    /// The first day of the service.
    pub starts_on: Day,
    /// The last day, as amended.
    pub ends_on: Day,
    /// The amount, as amended.
    pub amount_fen: Money,
    /// Its vouchers: number, amount and end of validity.
    pub vouchers: Vec<(&'a str, Money, &'a Deadline)>,
}

/// An amendment that is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The earliest end of a voucher's validity.
    pub valid_until: Deadline,
    /// By when the redemption must be submitted now.
    pub redeem_by: Deadline,
}

/// Art. 12, 15.2: amending the amount or the last day obeys the checks of the registration. In this
/// order: `invalid_state`, `redemption_overdue`, `validation_failed`, `facility_not_active`,
/// `share_exceeded`, `validity_exceeded`, and `redemption_overdue` where the amended last day lies
/// so far back that its month would be over.
///
/// # Errors
/// The first of these that applies.
pub fn amend(
    rules: &VoucherRules,
    calendar: &Calendar,
    facts: &AmendmentFacts<'_>,
    now: Instant,
) -> Result<Amendment, Refusal> {
    in_time(facts.status, ContractAction::Amend, facts.redeem_by, now)?;
    no_submitted_redemption(facts.has_submitted_redemption)?;
    let mut faults = Faults::default();
    require_days(&mut faults, facts.signed_on, facts.starts_on, facts.ends_on);
    faults.require_positive("amount_fen", facts.amount_fen);
    faults.done()?;
    require_serving(facts.facility, facts.ends_on)?;
    let sum_fen = Money::sum(facts.vouchers.iter().map(|(_, amount_fen, _)| *amount_fen))?;
    within_share(sum_fen, facts.amount_fen, rules.share_bps)?;
    for (number, _, valid_until) in &facts.vouchers {
        within_validity(number, facts.ends_on, valid_until)?;
    }
    Ok(Amendment {
        valid_until: earliest(facts.vouchers.iter().map(|(_, _, valid_until)| *valid_until))?,
        redeem_by: running(redeem_by(facts.ends_on, rules, calendar)?, now)?,
    })
}

/// What is recorded when the service is done.
#[derive(Debug, Clone)]
pub struct CompletionFacts<'a> {
    /// Where the contract stands.
    pub status: ContractStatus,
    /// Whether a redemption of it is submitted and neither withdrawn nor ended.
    pub has_submitted_redemption: bool,
    /// Its present deadline for the redemption.
    pub redeem_by: &'a Deadline,
    /// The first day of the service.
    pub starts_on: Day,
    /// The contract's last day.
    pub ends_on: Day,
    /// The day the service was done.
    pub completed_on: Day,
    /// What was actually incurred.
    pub actual_amount_fen: Money,
}

/// A recorded completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The contract's state.
    pub status: ContractStatus,
    /// By when the redemption must be submitted now.
    pub redeem_by: Deadline,
}

/// Art. 15.3: records the completion and the actual amount. A day earlier than the contract's last
/// one brings the month for the redemption forward; a later one does not put it off. A day so early
/// that its month is over already is refused, since recording it would void the vouchers.
///
/// # Errors
/// `invalid_state`, `redemption_overdue`, `validation_failed`, in this order.
pub fn complete(
    rules: &VoucherRules,
    calendar: &Calendar,
    facts: &CompletionFacts<'_>,
    now: Instant,
) -> Result<Completion, Refusal> {
    let status = in_time(facts.status, ContractAction::Complete, facts.redeem_by, now)?;
    no_submitted_redemption(facts.has_submitted_redemption)?;
    let (today, starts_on) = (now.day(), facts.starts_on);
    let mut faults = Faults::default();
    faults.require(
        (starts_on..=today).contains(&facts.completed_on),
        "completed_on",
        "range",
        format!("完成日须在合同开始日 {starts_on} 与今天 {today} 之间。"),
        format!("must be between the contract's first day, {starts_on}, and today, {today}."),
    );
    faults.require_positive("actual_amount_fen", facts.actual_amount_fen);
    faults.done()?;
    let redeem_from = redeem_from(facts.ends_on, Some(facts.completed_on));
    Ok(Completion { status, redeem_by: running(redeem_by(redeem_from, rules, calendar)?, now)? })
}
