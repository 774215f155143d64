//! Days, periods and deadlines: 民法典 第二百条至第二百零三条 over the State Council's rest-day calendar.
//!
//! The regulation's day is the day in Asia/Shanghai, which has been UTC+08:00 without summer time
//! since 1992; it is taken as a fixed offset. Every computation stays within the years 1 to 9999,
//! which RFC 3339 can write; what would leave them is refused, never wrapped and never a panic.

mod calendar;
mod day;
mod deadline;
mod explain;
mod instant;
mod span;
mod walk;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test; an overflow fails it")]
mod every_day_tests;

pub use calendar::{Calendar, CalendarError, DayKind, RestReason};
pub(crate) use day::in_range;
pub use day::{Day, days_around, days_before, days_between, quarter_of, year_of, years_after};
pub use deadline::Deadline;
pub use instant::{Instant, InstantError};
pub use span::{Span, SpanError};
pub use walk::MovedPast;

use crate::refusal::{Refusal, RefusalCode};

/// The refusal of a day or an instant that lies outside the years 1 to 9999.
fn out_of_range() -> Refusal {
    Refusal::new(
        RefusalCode::ValidationFailed,
        "日期超出可计算的范围(公元 1 年至 9999 年),请核对。",
        "The date is outside the years 1 to 9999 and cannot be reckoned with; please check it.",
    )
}

/// The calendar the project ships, for the tests of this module.
#[cfg(test)]
fn state_council() -> Calendar {
    Calendar::from_csv(include_str!("../../../../config/calendar/state-council.csv")).unwrap()
}

/// A day from its usual notation, for the tests of this module.
#[cfg(test)]
fn on(text: &str) -> Day {
    text.parse().unwrap()
}
