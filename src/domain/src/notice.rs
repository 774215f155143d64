//! 第十四、十五条(五): the public notice (公示) and objections to what it shows.
//!
//! An objection holds back the one item it is about. A dismissed one lets it go on when the days are
//! over; an upheld one changes the item, which is then published again, or cancels it.

use uuid::Uuid;

use crate::coded_enum;
use crate::money::Money;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::VoucherRules;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// What a notice publishes.
    pub enum NoticeKind ("kind of notice") {
        /// Approved redemptions (Art. 15.5).
        Redemption = "redemption",
        /// Facilities to be (Art. 6).
        Facility = "facility",
        /// Results of the yearly assessment: grades and subsidies (Art. 14).
        Subsidy = "subsidy",
    }
}

coded_enum! {
    /// Where a notice is; it follows from the instant.
    pub enum NoticeStatus ("notice status") {
        /// Its days run; objections are taken.
        Running = "running",
        /// Its days are over.
        Ended = "ended",
    }
}

coded_enum! {
    /// Where a published item is.
    pub enum NoticeItemStatus ("state of a published item") {
        /// Published.
        Published = "published",
        /// Its days ended without an open objection.
        Cleared = "cleared",
        /// Changed by an upheld objection; published again in another notice.
        Changed = "changed",
        /// Cancelled by an upheld objection.
        Cancelled = "cancelled",
    }
}

coded_enum! {
    /// What happens to a published item.
    pub enum NoticeItemAction ("action on a published item") {
        /// An objection is made to it.
        Object = "object",
        /// Its notice ends without an open objection.
        Clear = "clear",
        /// An objection is dismissed.
        Dismiss = "dismiss",
        /// An upheld objection changes it.
        Change = "change",
        /// An upheld objection cancels it.
        Cancel = "cancel",
    }
}

coded_enum! {
    /// Where an objection is.
    pub enum ObjectionStatus ("objection status") {
        /// To be resolved.
        Open = "open",
        /// Found without ground.
        Dismissed = "dismissed",
        /// Found right.
        Upheld = "upheld",
    }
}

coded_enum! {
    /// What an officer finds about an objection.
    pub enum ObjectionOutcome ("outcome of an objection") {
        /// Without ground.
        Dismissed = "dismissed",
        /// Right.
        Upheld = "upheld",
    }
}

impl NoticeItemStatus {
    /// What can happen to an item in this state.
    pub fn offers(self) -> Offers<NoticeItemAction, Self> {
        match self {
            Self::Published => &[
                (NoticeItemAction::Object, Self::Published),
                (NoticeItemAction::Dismiss, Self::Published),
                (NoticeItemAction::Clear, Self::Cleared),
                (NoticeItemAction::Change, Self::Changed),
                (NoticeItemAction::Cancel, Self::Cancelled),
            ],
            // A second objection to an item that the first one changed or cancelled has lost its
            // object: it can only be dismissed.
            Self::Changed => &[(NoticeItemAction::Dismiss, Self::Changed)],
            Self::Cancelled => &[(NoticeItemAction::Dismiss, Self::Cancelled)],
            Self::Cleared => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: NoticeItemAction) -> Result<Self, Refusal> {
        step(&Text::new("该公示事项", "The published item"), self, action, self.offers())
    }
}

/// The most things that one notice can publish.
const MAX_PUBLISHED: usize = 200;

/// The form of a notice: what it publishes, each once.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(subject_ids: &[Uuid]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_distinct_ids("subject_ids", subject_ids, MAX_PUBLISHED);
    faults.done()
}

/// What of one notice may take several policies ends with the longest of their periods.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar; `internal_error` without a policy.
pub fn longest_period<'a>(
    rules: impl IntoIterator<Item = &'a VoucherRules>,
    calendar: &Calendar,
    published_on: Day,
) -> Result<Deadline, Refusal> {
    let mut longest: Option<Deadline> = None;
    for rules in rules {
        let period = notice_period(rules, calendar, published_on)?;
        if longest.as_ref().is_none_or(|longest| period.expires_at > longest.expires_at) {
            longest = Some(period);
        }
    }
    longest.ok_or_else(|| Refusal::new(RefusalCode::Internal, "公示没有内容。", "A notice publishes nothing."))
}

/// Art. 14, 15.5: 公示5个工作日, counted from the day of publication.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn notice_period(rules: &VoucherRules, calendar: &Calendar, published_on: Day) -> Result<Deadline, Refusal> {
    Deadline::after(published_on, Span::WorkingDays(rules.notice_working_days), calendar)
}

/// Where a notice with this end is at this instant.
pub fn notice_status(ends: &Deadline, now: Instant) -> NoticeStatus {
    if ends.is_over(now) { NoticeStatus::Ended } else { NoticeStatus::Running }
}

/// An objection as it is made, under a real name. Not to be printed.
#[derive(Clone, Copy)]
pub struct ObjectionForm<'a> {
    /// Who objects.
    pub name: &'a str,
    /// Where to reach them; shown to the commission alone.
    pub contact: &'a str,
    /// Why.
    pub grounds: &'a str,
}

/// Art. 15.5, 18: whether an objection is taken: while the notice runs, about an item that stands,
/// under a real name, with a contact and grounds.
///
/// # Errors
/// `validation_failed` with every fault, then `invalid_state` after the notice, or for an item that
/// was changed or cancelled already.
pub fn object(
    form: &ObjectionForm<'_>,
    item: NoticeItemStatus,
    ends: &Deadline,
    now: Instant,
) -> Result<ObjectionStatus, Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", form.name, 100);
    faults.require_text("contact", form.contact, 200);
    faults.require_text("grounds", form.grounds, 5_000);
    faults.done()?;
    match notice_status(ends, now) {
        NoticeStatus::Running => item.after(NoticeItemAction::Object).map(|_| ObjectionStatus::Open),
        NoticeStatus::Ended => Err(Refusal::invalid_state(
            format!("公示期已于 {} 结束,不再受理异议;如有违规线索,请向管理部门反映。", ends.last_day),
            format!(
                "The notice ended on {}; objections are no longer taken. Please report a violation to the commission.",
                ends.last_day
            ),
        )
        .article("15.5")),
    }
}

/// Art. 15.5: 公示无异议后: whether an item goes on to payment: its days are over and none of its
/// objections is open.
///
/// # Errors
/// `notice_running` naming its end, `objection_open`, `invalid_state` when it was settled before.
pub fn settle(
    item: NoticeItemStatus,
    ends: &Deadline,
    open_objections: usize,
    now: Instant,
) -> Result<NoticeItemStatus, Refusal> {
    let next = item.after(NoticeItemAction::Clear)?;
    match notice_status(ends, now) {
        NoticeStatus::Ended => no_open_objection(open_objections).map(|()| next),
        NoticeStatus::Running => Err(Refusal::new(
            RefusalCode::NoticeRunning,
            format!("公示期至 {}(含当日),期满且无异议后方可拨付。", ends.last_day),
            format!("The notice runs until {}, that day included; what it shows can be paid after it.", ends.last_day),
        )
        .article("15.5")),
    }
}

/// Art. 15.5: no objection is unresolved; asked for before payment, and before a changed item is
/// published again.
///
/// # Errors
/// `objection_open`.
pub fn no_open_objection(open_objections: usize) -> Result<(), Refusal> {
    if open_objections == 0 {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::ObjectionOpen,
        format!("该事项有 {open_objections} 件异议尚未处理,处理后方可继续。"),
        format!("{open_objections} objections to this item are unresolved; it can go on once they are."),
    )
    .article("15.5"))
}

/// What a resolved objection does to the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Nothing changes.
    Dismissed,
    /// The item is changed and published again.
    Changed {
        /// What is payable now.
        payable_fen: Money,
        /// What is taken away, which lapses.
        taken_fen: Money,
    },
    /// The item is cancelled: nothing is payable.
    Cancelled {
        /// What is taken away, which lapses.
        taken_fen: Money,
    },
}

impl Resolution {
    /// What it does to the published item.
    pub fn action(self) -> NoticeItemAction {
        match self {
            Self::Dismissed => NoticeItemAction::Dismiss,
            Self::Changed { .. } => NoticeItemAction::Change,
            Self::Cancelled { .. } => NoticeItemAction::Cancel,
        }
    }
}

/// Art. 15.5: resolves an open objection to an item with this approved amount (fen). An upheld one
/// names what remains payable, at most what was approved; 0 or nothing named cancels.
///
/// # Errors
/// `invalid_state` when the objection is resolved or the item no longer stands; `validation_failed`
/// without reasons, with an amount for a dismissal, or with one that is negative or above the
/// approved one (`maximum_fen` names it).
pub fn resolve(
    objection: ObjectionStatus,
    item: NoticeItemStatus,
    outcome: ObjectionOutcome,
    amount_fen: Option<Money>,
    reasons: &str,
    approved_fen: Money,
) -> Result<Resolution, Refusal> {
    let mut faults = begin_resolution(objection, reasons)?;
    faults.require(
        outcome == ObjectionOutcome::Upheld || amount_fen.is_none(),
        "amount_fen",
        "absent",
        "异议不成立时不填写金额。",
        "is left out when an objection is dismissed.",
    );
    faults.require(
        amount_fen.is_none_or(|amount| (Money::ZERO..=approved_fen).contains(&amount)),
        "amount_fen",
        "range",
        format!("须在 0 与原批准金额 {approved_fen} 元之间;0 或不填表示取消。"),
        format!("must be between 0 and the approved {approved_fen} yuan; 0 or none cancels."),
    );
    faults.done().map_err(|refusal| refusal.maximum(approved_fen))?;
    let payable_fen = amount_fen.unwrap_or(Money::ZERO);
    let resolution = match outcome {
        ObjectionOutcome::Dismissed => Resolution::Dismissed,
        ObjectionOutcome::Upheld if payable_fen.is_positive() => {
            Resolution::Changed { payable_fen, taken_fen: approved_fen.minus(payable_fen)? }
        }
        ObjectionOutcome::Upheld => Resolution::Cancelled { taken_fen: approved_fen },
    };
    item.after(resolution.action())?;
    Ok(resolution)
}

/// Art. 6: resolves an open objection to a facility that is published. An upheld one ends its joining;
/// there is no amount to change.
///
/// # Errors
/// `invalid_state` when the objection is resolved or the item no longer stands; `validation_failed`
/// without reasons, or with an amount.
pub fn resolve_without_amount(
    objection: ObjectionStatus,
    item: NoticeItemStatus,
    outcome: ObjectionOutcome,
    amount_fen: Option<Money>,
    reasons: &str,
) -> Result<NoticeItemAction, Refusal> {
    let mut faults = begin_resolution(objection, reasons)?;
    let (zh, en) =
        ("对开放单位的异议不涉及金额,请勿填写。", "is left out: an objection to a facility is about no amount.");
    faults.require(amount_fen.is_none(), "amount_fen", "absent", zh, en);
    faults.done()?;
    let action = match outcome {
        ObjectionOutcome::Dismissed => NoticeItemAction::Dismiss,
        ObjectionOutcome::Upheld => NoticeItemAction::Cancel,
    };
    item.after(action)?;
    Ok(action)
}

/// What every resolution needs: an objection that is open, and reasons. The faults of form are to be gone on with.
///
/// # Errors
/// `invalid_state` when it is resolved already.
pub(crate) fn begin_resolution(objection: ObjectionStatus, reasons: &str) -> Result<Faults, Refusal> {
    require_open_objection(objection)?;
    let mut faults = Faults::default();
    faults.require_text("reasons", reasons, 5_000);
    Ok(faults)
}

/// Grades are those of the yearly assessment: an objection to anything else is about none.
///
/// # Errors
/// `validation_failed`.
pub fn require_no_grade(is_named: bool) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let (zh, en) = ("仅对考核结果的异议涉及等次。", "is left out: only results of the yearly assessment have grades.");
    faults.require(!is_named, "grade", "absent", zh, en);
    faults.done()
}

fn require_open_objection(status: ObjectionStatus) -> Result<(), Refusal> {
    match status {
        ObjectionStatus::Open => Ok(()),
        ObjectionStatus::Dismissed | ObjectionStatus::Upheld => Err(Refusal::invalid_state(
            "该异议已处理完毕,不能重复处理。",
            "This objection is resolved already and stays so.",
        )
        .article("15.5")),
    }
}

impl Named for NoticeItemStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Published => "公示中",
            Self::Cleared => "公示无异议",
            Self::Changed => "已因异议变更",
            Self::Cancelled => "已因异议取消",
        }
    }
}

impl Named for NoticeItemAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Object => "提出异议",
            Self::Clear => "公示期满办结",
            Self::Dismiss => "驳回异议",
            Self::Change => "因异议变更",
            Self::Cancel => "因异议取消",
        }
    }
}

#[cfg(test)]
mod tests;
