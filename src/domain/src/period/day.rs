//! Days in Shanghai: steps over days, months and years.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::out_of_range;
use crate::refusal::Refusal;

/// A day in Asia/Shanghai.
pub type Day = NaiveDate;

const MONTHS_PER_YEAR: u32 = 12;

/// The calendar year of a day.
pub fn year_of(day: Day) -> i32 {
    day.year()
}

/// The quarter of a day, 1 to 4.
pub fn quarter_of(day: Day) -> u8 {
    match day.month() {
        1..=3 => 1,
        4..=6 => 2,
        7..=9 => 3,
        _ => 4,
    }
}

/// The first and the last of the days that lie at most so many days from this one.
pub fn days_around(day: Day, days: u32) -> (Day, Day) {
    let days = Days::new(u64::from(days));
    (day.checked_sub_days(days).unwrap_or(day), day.checked_add_days(days).unwrap_or(day))
}

/// The n-th anniversary of a day; that of 29 February is 28 February in a year without one.
///
/// # Errors
/// `validation_failed` when it lies outside the years 1 to 9999.
pub fn years_after(day: Day, years: u32) -> Result<Day, Refusal> {
    let months = years.checked_mul(MONTHS_PER_YEAR).ok_or_else(out_of_range)?;
    months_after(day, months)
}

/// The day with the same day-number so many months later, or the last day of that month where it
/// has no such number (民法典 第二百零二条).
pub(super) fn months_after(day: Day, months: u32) -> Result<Day, Refusal> {
    in_range(day.checked_add_months(Months::new(months)))
}

/// The day so many days later.
pub(super) fn days_after(day: Day, days: u32) -> Result<Day, Refusal> {
    in_range(day.checked_add_days(Days::new(u64::from(days))))
}

/// How many days lie between two days; negative when the later one comes first.
pub fn days_between(from: Day, to: Day) -> i64 {
    to.signed_duration_since(from).num_days()
}

/// The day so many days earlier.
///
/// # Errors
/// `validation_failed` when it lies outside the years 1 to 9999.
pub fn days_before(day: Day, days: u32) -> Result<Day, Refusal> {
    in_range(day.checked_sub_days(Days::new(u64::from(days))))
}

/// The next day.
pub(super) fn next(day: Day) -> Result<Day, Refusal> {
    in_range(day.succ_opt())
}

/// The day, if it exists and RFC 3339 can write it.
pub(crate) fn in_range(day: Option<Day>) -> Result<Day, Refusal> {
    day.filter(|day| (1..=9999).contains(&day.year())).ok_or_else(out_of_range)
}

#[cfg(test)]
mod tests {
    use super::super::on;
    use super::*;
    use crate::refusal::RefusalCode;

    #[test]
    fn quarters_change_with_january_april_july_and_october() {
        let quarters = [
            ("2026-01-01", 1),
            ("2026-03-31", 1),
            ("2026-04-01", 2),
            ("2026-06-30", 2),
            ("2026-07-01", 3),
            ("2026-09-30", 3),
            ("2026-10-01", 4),
            ("2026-12-31", 4),
        ];
        for (day, quarter) in quarters {
            assert_eq!(quarter_of(on(day)), quarter, "{day}");
        }
        assert_eq!(year_of(on("2026-12-31")), 2026);
    }

    #[test]
    fn an_anniversary_is_the_same_date_and_28_february_where_there_is_no_29th() {
        assert_eq!(years_after(on("2021-11-21"), 5), Ok(on("2026-11-21")));
        assert_eq!(years_after(on("2020-02-29"), 5), Ok(on("2025-02-28")));
        assert_eq!(years_after(on("2020-02-29"), 4), Ok(on("2024-02-29")));
        assert_eq!(years_after(on("2021-02-28"), 3), Ok(on("2024-02-28")));
        assert_eq!(years_after(on("2021-11-21"), 0), Ok(on("2021-11-21")));
    }

    #[test]
    fn an_anniversary_past_the_year_9999_is_refused() {
        assert_eq!(years_after(on("9998-05-01"), 1), Ok(on("9999-05-01")));
        for (day, years) in [(on("9999-05-01"), 1), (Day::MAX, 1), (Day::MIN, 0), (on("2026-01-01"), u32::MAX)] {
            assert_eq!(years_after(day, years).unwrap_err().code, RefusalCode::ValidationFailed);
        }
    }
}
