//! 第十二、十五条(三)至(五): the redemption (兑现), a facility's application to be paid.

use uuid::Uuid;

use crate::facility::ServiceKind;
use crate::money::Money;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::VoucherRules;
use crate::refusal::{Faults, Refusal, RefusalCode};

mod application;
mod checks;
mod status;

pub use application::{
    EvidenceKind, Invoice, RedemptionForm, invoice_reused, invoices_cover, invoices_issued, missing_evidence,
    require_evidence, validate,
};
pub use checks::{
    CheckFacts, DatedInvoice, Flag, FlagFacts, FlagRule, InvoiceDates, InvoiceSum, LateCompletion, NearContract,
    NearContracts, PartyFacts, Relation, check, week_around,
};
pub use status::{RedemptionAction, RedemptionStatus};

/// Art. 15.3: a redemption is first submitted from the contract's last day (that day included, or
/// an earlier completion) until its month is over.
///
/// # Errors
/// `redemption_too_early` naming the first day, `redemption_overdue`.
pub fn require_window(redeem_from: Day, redeem_by: &Deadline, now: Instant) -> Result<(), Refusal> {
    if now.day() < redeem_from {
        return Err(Refusal::new(
            RefusalCode::RedemptionTooEarly,
            format!(
                "服务合同尚未到期,自 {redeem_from} 起至 {} 可提交兑现申请;如服务已提前完成,请先登记完成情况。",
                redeem_by.last_day
            ),
            format!(
                "The contract has not ended; a redemption can be submitted from {redeem_from} until {}. If the service \
                 is done already, please record its completion first.",
                redeem_by.last_day
            ),
        )
        .article("15.3"));
    }
    if redeem_by.is_over(now) { Err(redemption_overdue(redeem_by.last_day)) } else { Ok(()) }
}

/// A returned redemption is submitted again until its correction deadline; the month of Art. 15.3
/// was met by its first submission.
///
/// # Errors
/// `redemption_overdue`.
pub fn require_correction_in_time(correct_by: &Deadline, now: Instant) -> Result<(), Refusal> {
    if !correct_by.is_over(now) {
        return Ok(());
    }
    let last_day = correct_by.last_day;
    Err(Refusal::new(
        RefusalCode::RedemptionOverdue,
        format!("补正期限 {last_day} 已过,兑现申请及所用创新券已自动作废。"),
        format!("The time for the correction ended on {last_day}; the redemption and its vouchers are void."),
    )
    .article("15.3"))
}

/// Art. 15.3: 逾期自动作废: a redemption that was not submitted, or not corrected, in time is void from
/// that instant on, whether or not the lapse has been written yet.
///
/// # Errors
/// `redemption_overdue`.
pub fn require_alive(
    status: RedemptionStatus,
    redeem_by: &Deadline,
    correct_by: Option<&Deadline>,
    now: Instant,
) -> Result<(), Refusal> {
    match status {
        RedemptionStatus::Void => Err(redemption_overdue(correct_by.unwrap_or(redeem_by).last_day)),
        RedemptionStatus::Draft if redeem_by.is_over(now) => Err(redemption_overdue(redeem_by.last_day)),
        RedemptionStatus::Returned => {
            correct_by.map_or(Ok(()), |correct_by| require_correction_in_time(correct_by, now))
        }
        RedemptionStatus::Draft
        | RedemptionStatus::Submitted
        | RedemptionStatus::InReview
        | RedemptionStatus::InInquiry
        | RedemptionStatus::Concluded
        | RedemptionStatus::Approved
        | RedemptionStatus::InNotice
        | RedemptionStatus::Payable
        | RedemptionStatus::InPayment
        | RedemptionStatus::Paid
        | RedemptionStatus::Rejected
        | RedemptionStatus::Withdrawn => Ok(()),
    }
}

/// Art. 15.3: a contract has one redemption that stands. The refusal for another one.
pub fn already_standing() -> Refusal {
    Refusal::new(
        RefusalCode::AlreadyExists,
        "该合同已有兑现申请,请在原申请上修改;如需重新填报,请先撤回原申请。",
        "The contract has a redemption already; please change that one, or withdraw it first to write another.",
    )
    .article("15.3")
}

/// The end of the time for correcting a redemption returned today.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn correction_deadline(rules: &VoucherRules, calendar: &Calendar, today: Day) -> Result<Deadline, Refusal> {
    Deadline::after(today, Span::WorkingDays(rules.correction_working_days), calendar)
}

/// Art. 15.3: 逾期自动作废: the month for the redemption ended on this day.
pub(crate) fn redemption_overdue(last_day: Day) -> Refusal {
    Refusal::new(
        RefusalCode::RedemptionOverdue,
        format!("兑现申请期限 {last_day} 已过,所用创新券已自动作废。"),
        format!("The time for the redemption ended on {last_day}; its vouchers are void."),
    )
    .article("15.3")
}

/// A redemption that is to be submitted, with what decides about it.
#[derive(Debug, Clone, Copy)]
pub struct SubmissionFacts<'a> {
    /// Where it stands.
    pub status: RedemptionStatus,
    /// What kind of service is redeemed.
    pub kind: ServiceKind,
    /// The first day of its window.
    pub redeem_from: Day,
    /// The end of its window.
    pub redeem_by: &'a Deadline,
    /// The end of the time for its correction, once it was returned.
    pub correct_by: Option<&'a Deadline>,
    /// What was recorded as actually incurred when the service was done.
    pub recorded_amount_fen: Option<Money>,
    /// What is submitted.
    pub form: RedemptionForm<'a>,
}

/// Art. 15.3: whether a redemption is submitted. Refusals come in this order, the first that applies
/// is answered:
///
/// 1. `redemption_overdue` for one that is void, `invalid_state` for one that offers no submission
/// 2. `redemption_too_early`, `redemption_overdue`
/// 3. `validation_failed`: the form, then invoices of days to come, then an actual amount other than the one that was recorded, then
///    invoices that do not show it
/// 4. `evidence_missing`, naming the kinds
///
/// # Errors
/// The first of these that applies.
pub fn submit(rules: &VoucherRules, facts: &SubmissionFacts<'_>, now: Instant) -> Result<RedemptionStatus, Refusal> {
    if facts.status == RedemptionStatus::Void {
        return Err(redemption_overdue(facts.correct_by.unwrap_or(facts.redeem_by).last_day));
    }
    let next = facts.status.after(RedemptionAction::Submit)?;
    match facts.correct_by {
        Some(correct_by) => require_correction_in_time(correct_by, now)?,
        None => require_window(facts.redeem_from, facts.redeem_by, now)?,
    }
    validate(&facts.form)?;
    invoices_issued(now.day(), facts.form.invoices)?;
    as_recorded(facts.form.actual_amount_fen, facts.recorded_amount_fen)?;
    invoices_cover(facts.form.actual_amount_fen, facts.form.invoices)?;
    require_evidence(&rules.evidence_for(facts.kind), facts.form.evidence)?;
    Ok(next)
}

/// Art. 15.3: what the contract's completion was recorded with is what is redeemed.
fn as_recorded(actual_amount_fen: Money, recorded_amount_fen: Option<Money>) -> Result<(), Refusal> {
    let Some(recorded_fen) = recorded_amount_fen.filter(|recorded_fen| *recorded_fen != actual_amount_fen) else {
        return Ok(());
    };
    Err(Refusal::field(
        "actual_amount_fen",
        "as_recorded",
        format!("登记合同完成时的实际发生金额为 {recorded_fen} 元,兑现申请须与之一致,现为 {actual_amount_fen} 元。"),
        format!(
            "must be the {recorded_fen} yuan that were recorded when the contract was completed, and is \
             {actual_amount_fen} yuan."
        ),
    )
    .article("15.3"))
}

/// Takes a redemption back before it is accepted: its state then. Once the month for the redemption is
/// over no other one can be submitted, and the vouchers would be void at once; that is refused, so
/// that nobody loses them by it.
///
/// # Errors
/// Those of [`require_alive`]; `invalid_state`; `redemption_overdue`.
pub fn withdraw(
    status: RedemptionStatus,
    redeem_by: &Deadline,
    correct_by: Option<&Deadline>,
    now: Instant,
) -> Result<RedemptionStatus, Refusal> {
    require_alive(status, redeem_by, correct_by, now)?;
    let next = status.after(RedemptionAction::Withdraw)?;
    if !redeem_by.is_over(now) {
        return Ok(next);
    }
    let last_day = redeem_by.last_day;
    Err(Refusal::new(
        RefusalCode::RedemptionOverdue,
        format!("兑现申请期限 {last_day} 已过,撤回后不能重新提交,所用创新券将随即作废,因此不能撤回。"),
        format!(
            "The time for the redemption ended on {last_day}: once withdrawn it could not be submitted again and its \
             vouchers would be void, so it cannot be withdrawn."
        ),
    )
    .article("15.3"))
}

/// What the applicant says about the service.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmationForm<'a> {
    /// Whether the redemption shows what was done.
    pub agrees: bool,
    /// 1 (poor) to 5 (excellent).
    pub rating: Option<u8>,
    /// In the applicant's words; asked for when it does not agree.
    pub remarks: &'a str,
}

/// Art. 10.3: the form of the applicant's confirmation. Who does not agree says why.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_confirmation(form: &ConfirmationForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require(
        form.rating.is_none_or(|rating| (1..=5).contains(&rating)),
        "rating",
        "range",
        "评分须为 1 至 5。",
        "must be 1 to 5.",
    );
    if !form.agrees {
        faults.require_text("remarks", form.remarks, 2_000);
    } else {
        optional_remarks(&mut faults, form.remarks);
    }
    faults.done()
}

/// Remarks that may be blank, within their length.
fn optional_remarks(faults: &mut Faults, remarks: &str) {
    if !remarks.trim().is_empty() {
        faults.require_text("remarks", remarks, 2_000);
    }
}

/// Art. 10.3, 15.3: an officer accepts a redemption only after the applicant has confirmed it as it
/// stands; `None` while it has not answered.
///
/// # Errors
/// `invalid_state`, saying what the applicant has or has not said.
pub fn require_confirmed(applicant_agrees: Option<bool>) -> Result<(), Refusal> {
    let (chinese, english) = match applicant_agrees {
        Some(true) => return Ok(()),
        Some(false) => (
            "申领单位对该兑现申请有异议,不能受理;请退回开放单位与申领单位核实后重新提交。",
            "The applicant does not agree with this redemption; please return it to the facility, to be cleared up with \
             the applicant.",
        ),
        None => (
            "申领单位尚未确认该兑现申请,待其确认后方可受理。",
            "The applicant has not confirmed this redemption yet; it can be accepted once that is done.",
        ),
    };
    Err(Refusal::invalid_state(chinese, english).article("15.3"))
}

/// A voucher of a redemption, for sharing out what is payable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoucherAmount {
    /// The voucher.
    pub voucher_id: Uuid,
    /// Its amount.
    pub amount_fen: Money,
}

/// What one voucher gets of a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allotment {
    /// The voucher.
    pub voucher_id: Uuid,
    /// What is paid for it.
    pub payable_fen: Money,
    /// The rest of its amount, which lapses.
    pub lapsed_fen: Money,
}

/// Shares the payable amount (fen) out to the vouchers in the order given (that of their claims),
/// filling each before the next; every fen of every voucher is either payable or lapses.
///
/// # Errors
/// `internal_error` when the amount is negative or more than the vouchers together: it was decided
/// within the claimable amount, so such a decision is a fault of ours.
pub fn allot(payable_fen: Money, vouchers: &[VoucherAmount]) -> Result<Vec<Allotment>, Refusal> {
    let total_fen = Money::sum(vouchers.iter().map(|voucher| voucher.amount_fen))?;
    if payable_fen < Money::ZERO || payable_fen > total_fen {
        return Err(Refusal::new(
            RefusalCode::Internal,
            format!("应付金额 {payable_fen} 元与创新券合计 {total_fen} 元不符。"),
            format!("A payable amount of {payable_fen} yuan does not fit vouchers of {total_fen} yuan."),
        ));
    }
    let mut left_fen = payable_fen;
    let mut allotments = Vec::with_capacity(vouchers.len());
    for voucher in vouchers {
        let payable_fen = left_fen.min(voucher.amount_fen);
        left_fen = left_fen.minus(payable_fen)?;
        allotments.push(Allotment {
            voucher_id: voucher.voucher_id,
            payable_fen,
            lapsed_fen: voucher.amount_fen.minus(payable_fen)?,
        });
    }
    Ok(allotments)
}

/// What an upheld objection takes from one voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduction {
    /// The voucher.
    pub voucher_id: Uuid,
    /// What is paid for it from now on.
    pub payable_fen: Money,
    /// What was payable for it and lapses now.
    pub taken_fen: Money,
}

/// Art. 15.5: shares a lowered amount (fen) out anew, as [`allot`] does, to vouchers given with what
/// is payable for them at present: the last ones lose first, and none gains.
///
/// # Errors
/// As [`allot`]; `internal_error` when the amount is not lowered.
pub fn reduce(payable_fen: Money, vouchers: &[(VoucherAmount, Money)]) -> Result<Vec<Reduction>, Refusal> {
    let amounts: Vec<_> = vouchers.iter().map(|(voucher, _)| *voucher).collect();
    let mut reductions = Vec::with_capacity(vouchers.len());
    for (share, (_, present_fen)) in allot(payable_fen, &amounts)?.iter().zip(vouchers) {
        let taken_fen = present_fen.minus(share.payable_fen)?;
        if taken_fen < Money::ZERO {
            return Err(Refusal::new(
                RefusalCode::Internal,
                "异议处理后的金额高于原批准金额。",
                "After an objection no voucher can pay more than before.",
            ));
        }
        reductions.push(Reduction { voucher_id: share.voucher_id, payable_fen: share.payable_fen, taken_fen });
    }
    Ok(reductions)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test; an overflow fails it")]
mod tests;
