//! 第十四条(五)、第十五条(五): the disbursement (拨付), a batch of payments: redemptions in the quarters that pay,
//! subsidies at any time.

use std::collections::BTreeSet;

use chrono::Datelike;
use uuid::Uuid;

use crate::coded_enum;
use crate::money::Money;
use crate::period::{Day, quarter_of};
use crate::policy::VoucherRules;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::review::require_other_person;
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// Where a batch is.
    pub enum DisbursementStatus ("disbursement status") {
        /// Put together by an officer.
        Prepared = "prepared",
        /// Approved by another one; exported and paid.
        Approved = "approved",
        /// Every line has its result.
        Settled = "settled",
    }
}

coded_enum! {
    /// What is done with a batch.
    pub enum DisbursementAction ("disbursement action") {
        /// Another officer approves.
        Approve = "approve",
        /// It is written to a payment file.
        Export = "export",
        /// Results come back, and lines are still without one.
        RecordResults = "record_results",
        /// Lines of parties whose payments are suspended are taken out.
        Withhold = "withhold",
        /// No line is left without a result.
        Settle = "settle",
    }
}

coded_enum! {
    /// Where one payment of a batch is.
    pub enum LineStatus ("payment line status") {
        /// Without a result.
        Pending = "pending",
        /// Paid.
        Paid = "paid",
        /// Not paid; what it was for is payable again.
        Failed = "failed",
    }
}

coded_enum! {
    /// What a line pays.
    pub enum PaymentKind ("kind of payment") {
        /// A redemption (Art. 15.5).
        Redemption = "redemption",
        /// The subsidy of a yearly assessment (Art. 14.5).
        Subsidy = "subsidy",
    }
}

coded_enum! {
    /// What the bank says about one payment.
    pub enum LineOutcome ("outcome of a payment line") {
        /// Paid.
        Paid = "paid",
        /// Not paid.
        Failed = "failed",
    }
}

impl LineStatus {
    /// Art. 15.5, 17: whether the payment file of an approved batch carries the line: as long as it has no
    /// result. What was withheld, paid or refused by the bank is in no file; one written again after
    /// results carries what is still to be paid, so that nothing is paid twice.
    pub fn is_exported(self) -> bool {
        match self {
            Self::Pending => true,
            Self::Paid | Self::Failed => false,
        }
    }
}

impl DisbursementStatus {
    /// What can be done with a batch in this state.
    pub fn offers(self) -> Offers<DisbursementAction, Self> {
        match self {
            Self::Prepared => &[
                (DisbursementAction::Approve, Self::Approved),
                (DisbursementAction::Withhold, Self::Prepared),
                (DisbursementAction::Settle, Self::Settled),
            ],
            Self::Approved => &[
                (DisbursementAction::Export, Self::Approved),
                (DisbursementAction::RecordResults, Self::Approved),
                (DisbursementAction::Withhold, Self::Approved),
                (DisbursementAction::Settle, Self::Settled),
            ],
            // Nothing is left to pay: one that was withheld whole may never have been approved.
            Self::Settled => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: DisbursementAction) -> Result<Self, Refusal> {
        step(&Text::new("该拨付批次", "The batch"), self, action, self.offers())
    }
}

/// The most redemptions, and the most submissions, that one request can name.
const MAX_NAMED: usize = 1_000;

/// The form of a batch: its title, and the redemptions and submissions it names, where it does not take all that
/// is payable.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(title: &str, redemption_ids: Option<&[Uuid]>, submission_ids: Option<&[Uuid]>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("title", title, 200);
    for (field, ids) in [("redemption_ids", redemption_ids), ("submission_ids", submission_ids)] {
        if let Some(ids) = ids {
            faults.require_distinct_ids(field, ids, MAX_NAMED);
        }
    }
    faults.done()
}

/// The quarter of a day as a batch is filed under it, `2026Q3`.
pub fn quarter_name(day: Day) -> String {
    format!("{:04}Q{}", day.year(), quarter_of(day))
}

/// A batch pays something.
///
/// # Errors
/// `invalid_state` when nothing is payable.
pub fn require_payable(lines: usize) -> Result<(), Refusal> {
    if lines > 0 {
        return Ok(());
    }
    Err(Refusal::invalid_state(
        "目前没有待拨付的事项;兑现和后补助经批准、公示期满且无异议后方可列入拨付批次。",
        "Nothing is payable now; redemptions and subsidies can be paid once they are approved and their notice has ended \
         without objection.",
    )
    .article("15.5"))
}

/// Art. 15.5: 每年前三季度拨款,第四季度滚动到下一年度: money is paid in the policy's quarters.
///
/// # Errors
/// `quarter_closed`, naming the first day on which it is open again.
pub fn require_open_quarter(rules: &VoucherRules, today: Day) -> Result<(), Refusal> {
    let quarter = quarter_of(today);
    if rules.disbursement_quarters.contains(&quarter) {
        return Ok(());
    }
    let (chinese, english) = match next_open_day(rules, today) {
        Some(day) => (format!("自 {day} 起可以拨付"), format!("it can be paid from {day} on")),
        None => ("请核对政策参数".to_owned(), "please check the policy's parameters".to_owned()),
    };
    Err(Refusal::new(
        RefusalCode::QuarterClosed,
        format!("第{quarter}季度不拨付资金,应付款项滚动至下一拨付季度,{chinese}。"),
        format!("Nothing is paid in quarter {quarter}; what is due is carried over, and {english}."),
    )
    .article("15.5"))
}

/// The first day of the next quarter that pays, this year or in the next.
fn next_open_day(rules: &VoucherRules, today: Day) -> Option<Day> {
    let starts = [today.year(), today.year().saturating_add(1)]
        .into_iter()
        .flat_map(|year| [1, 4, 7, 10].into_iter().filter_map(move |month| Day::from_ymd_opt(year, month, 1)));
    starts.filter(|day| *day > today).find(|day| rules.disbursement_quarters.contains(&quarter_of(*day)))
}

/// Art. 15.5: the first day on which what is payable from a day on can be paid: that day, or the first one
/// of the next quarter that pays. Nothing where no quarter ever pays.
pub fn paying_day(rules: &VoucherRules, payable_from: Day) -> Option<Day> {
    if rules.disbursement_quarters.contains(&quarter_of(payable_from)) {
        return Some(payable_from);
    }
    next_open_day(rules, payable_from)
}

/// Art. 15.5: the quarter in which what is payable from a day on is paid, `2026Q3`; quarter 4 is carried
/// to the next year. Nothing where no quarter ever pays.
pub fn paying_quarter(rules: &VoucherRules, payable_from: Day) -> Option<String> {
    paying_day(rules, payable_from).map(quarter_name)
}

/// Another officer approves a prepared batch, in a quarter that pays by the rules of each redemption in it. Art. 14.5
/// names no quarters for subsidies: a batch of them alone has no such rules.
///
/// # Errors
/// `invalid_state`, `same_person`, `quarter_closed`, in this order.
pub fn approve<'a>(
    rules: impl IntoIterator<Item = &'a VoucherRules>,
    status: DisbursementStatus,
    prepared_by: Uuid,
    approver: Uuid,
    today: Day,
) -> Result<DisbursementStatus, Refusal> {
    let next = status.after(DisbursementAction::Approve)?;
    require_other_person(prepared_by, approver, "15.5")?;
    rules.into_iter().try_for_each(|rules| require_open_quarter(rules, today))?;
    Ok(next)
}

/// Art. 17: 暂停资金拨付: nothing is batched, approved or exported while payments to a party are suspended.
/// A result that comes back all the same is recorded: what the bank has done is a fact.
///
/// # Errors
/// `payment_suspended`.
pub fn require_not_suspended(is_suspended: bool) -> Result<(), Refusal> {
    if !is_suspended {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::PaymentSuspended,
        "有当事单位因违规处理被暂停资金拨付,相关款项暂不能拨付;已列入批次的,请先将其撤出(POST /disbursements/{id}/withhold)。",
        "Payments to a party are suspended by a sanction, and this cannot be paid now; what is in a batch already is \
         taken out of it first (POST /disbursements/{id}/withhold).",
    )
    .article("17"))
}

/// A batch after lines were taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thinned {
    /// Its state: settled where no line is left without a result.
    pub status: DisbursementStatus,
    /// What it pays from now on: what another officer approves, and what the bank is told to pay. One that
    /// is withheld whole keeps what it was put together for; nobody approves it any more.
    pub total_fen: Money,
}

/// Art. 17: takes the lines of suspended parties, whose amounts are given, out of a batch, so that the
/// others can be paid.
///
/// # Errors
/// `invalid_state` for a settled batch, or one without such a line.
pub fn withhold(
    status: DisbursementStatus,
    total_fen: Money,
    withheld_fen: &[Money],
    pending_lines: usize,
) -> Result<Thinned, Refusal> {
    let next = status.after(DisbursementAction::Withhold).map_err(|refusal| refusal.article("17"))?;
    if withheld_fen.is_empty() {
        return Err(Refusal::invalid_state(
            "该批次没有被暂停拨付的待拨付明细。",
            "No line of the batch waits for a party whose payments are suspended.",
        )
        .article("17"));
    }
    let left_fen = total_fen.minus(Money::sum(withheld_fen.iter().copied())?)?;
    let total_fen = if left_fen.is_positive() { left_fen } else { total_fen };
    let is_last = withheld_fen.len() == pending_lines;
    let status = if is_last { status.after(DisbursementAction::Settle)? } else { next };
    Ok(Thinned { status, total_fen })
}

/// A result as it comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineResult {
    /// The payment line.
    pub line_id: Uuid,
    /// What the bank says.
    pub outcome: LineOutcome,
    /// The bank's reference, asked for when paid.
    pub reference: Option<String>,
    /// Why it failed, asked for when failed.
    pub reason: Option<String>,
}

/// Checks results against the batch's lines and answers the batch's state after them: settled once
/// no line is without a result. A line gets its result once.
///
/// # Errors
/// `invalid_state` when the batch is not approved, or a line has its result; `validation_failed`
/// with every fault of form and every line that the batch does not have.
pub fn record_results(
    status: DisbursementStatus,
    lines: &[(Uuid, LineStatus)],
    results: &[LineResult],
) -> Result<DisbursementStatus, Refusal> {
    status.after(DisbursementAction::RecordResults)?;
    validate_results(lines, results)?;
    let reported: BTreeSet<_> = results.iter().map(|result| result.line_id).collect();
    let pending = || lines.iter().filter(|(_, status)| *status == LineStatus::Pending).map(|(id, _)| *id);
    if let Some(settled) = lines.iter().find(|(id, status)| reported.contains(id) && *status != LineStatus::Pending) {
        return Err(has_result(settled.0, settled.1));
    }
    if pending().all(|id| reported.contains(&id)) { status.after(DisbursementAction::Settle) } else { Ok(status) }
}

fn validate_results(lines: &[(Uuid, LineStatus)], results: &[LineResult]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require(!results.is_empty(), "lines", "not_empty", "请至少填写一行结果。", "give at least one result.");
    let mut seen = BTreeSet::new();
    for (index, result) in results.iter().enumerate() {
        let id = format!("lines[{index}].line_id");
        faults.require(seen.insert(result.line_id), &id, "unique", "该行重复。", "is given twice.");
        let is_known = lines.iter().any(|(line_id, _)| *line_id == result.line_id);
        faults.require(is_known, &id, "known", "该批次没有这一行。", "is no line of this batch.");
        let (field, text) = match result.outcome {
            LineOutcome::Paid => ("reference", &result.reference),
            LineOutcome::Failed => ("reason", &result.reason),
        };
        faults.require_text(&format!("lines[{index}].{field}"), text.as_deref().unwrap_or_default(), 500);
    }
    faults.done()
}

fn has_result(line_id: Uuid, status: LineStatus) -> Refusal {
    Refusal::invalid_state(
        format!("拨付明细 {line_id} 已记录为“{}”,不能重复记录。", status.chinese()),
        format!("Payment line {line_id} is recorded as {} already; a line gets its result once.", status.english()),
    )
    .article("15.5")
}

impl LineOutcome {
    /// The state of a line with this result.
    pub fn status(self) -> LineStatus {
        match self {
            Self::Paid => LineStatus::Paid,
            Self::Failed => LineStatus::Failed,
        }
    }
}

impl Named for PaymentKind {
    fn chinese(self) -> &'static str {
        match self {
            Self::Redemption => "创新券兑现",
            Self::Subsidy => "绩效考核后补助",
        }
    }
}

impl Named for DisbursementStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Prepared => "待批准",
            Self::Approved => "已批准",
            Self::Settled => "已办结",
        }
    }
}

impl Named for DisbursementAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Approve => "批准",
            Self::Export => "导出",
            Self::RecordResults => "登记拨付结果",
            Self::Withhold => "撤出暂停拨付的明细",
            Self::Settle => "办结",
        }
    }
}

impl Named for LineStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Pending => "待拨付",
            Self::Paid => "已拨付",
            Self::Failed => "拨付失败",
        }
    }
}

#[cfg(test)]
mod tests;
