//! 第六条: 须有正当退出理由并提前1个月提交退出申请.

use crate::period::{Calendar, Day, Deadline, Span};
use crate::policy::FacilityRules;
use crate::refusal::{Faults, Refusal};

/// An exit as a facility announces it.
#[derive(Debug, Clone, Copy)]
pub struct ExitForm<'a> {
    /// Why.
    pub reason: &'a str,
    /// The last day on which it serves.
    pub last_day: Day,
}

/// Art. 6: the earliest last day of an exit that is announced today: the month before it is a period
/// like all others (民法典 Art. 200-203), the day of the announcement not counted.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn earliest_last_day(rules: &FacilityRules, calendar: &Calendar, today: Day) -> Result<Deadline, Refusal> {
    Deadline::after(today, Span::Months(rules.exit_notice_months), calendar)
}

/// Art. 6: an exit has a reason and is announced a month ahead.
///
/// # Errors
/// `validation_failed` with every fault; `last_day` names the earliest.
pub fn validate_exit(form: &ExitForm<'_>, earliest: &Deadline) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("reason", form.reason, 2_000);
    let first = earliest.last_day;
    faults.require(
        form.last_day >= first,
        "last_day",
        "exit_notice",
        format!("退出须至少提前 1 个月申请,最早可填 {first}。"),
        format!("an exit is announced at least 1 month ahead; the earliest day is {first}."),
    );
    faults.done().map_err(|refusal| refusal.article("6"))
}

/// Art. 6: the announced last day, where there is one, is over: the facility has left.
pub fn exit_is_over(last_day: Option<Day>, today: Day) -> bool {
    last_day.is_some_and(|last_day| last_day < today)
}

/// Art. 6: an exit can be taken back while its last day is not over.
///
/// # Errors
/// `invalid_state` after it.
pub fn require_exit_running(last_day: Option<Day>, today: Day) -> Result<(), Refusal> {
    match last_day {
        Some(last_day) if exit_is_over(Some(last_day), today) => Err(Refusal::invalid_state(
            format!("退出日 {last_day} 已过,不能撤回;如需恢复服务,请重新申请。"),
            format!("The last day, {last_day}, is over; please apply anew to serve again."),
        )
        .article("6")),
        Some(_) | None => Ok(()),
    }
}
