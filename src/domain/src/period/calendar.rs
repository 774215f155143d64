//! The rest-day calendar: weekends, the State Council's holidays and its 调休 working days, as data.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Weekday};
use thiserror::Error;

use super::day::{Day, year_of};
use crate::code::Code;
use crate::coded_enum;
use crate::refusal::Refusal;

coded_enum! {
    /// What the State Council's notice makes of a day.
    pub enum DayKind ("day kind") {
        /// A public holiday, or a day off moved next to one.
        Holiday = "holiday",
        /// A weekend day that is worked (调休).
        Workday = "workday",
    }
}

coded_enum! {
    /// Why a day is a rest day.
    pub enum RestReason ("rest reason") {
        /// A Saturday or Sunday like any other.
        Weekend = "weekend",
        /// A holiday of the State Council, be it on a weekend or not.
        Holiday = "holiday",
    }
}

const DECEMBER: u32 = 12;

/// Which days are rest days. A day that is not listed is a rest day on Saturday and Sunday only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    days: BTreeMap<Day, DayKind>,
    loaded_years: BTreeSet<i32>,
}

/// Why a calendar file is refused. Lines are counted from 1, the heading included.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The first line is not the heading.
    #[error("第 1 行应为 \"date,kind\",实为 \"{found}\" / line 1 must be \"date,kind\", but is \"{found}\"")]
    Heading {
        /// The beginning of the line.
        found: String,
    },
    /// A line that is not a date and a kind.
    #[error(
        "第 {line} 行应为\"日期,类别\",实为 \"{found}\" / line {line} must be a date and a kind, but is \"{found}\""
    )]
    Row {
        /// The line.
        line: usize,
        /// Its beginning.
        found: String,
    },
    /// A date that does not exist, or is not written `2026-10-01`.
    #[error(
        "第 {line} 行的日期应为 2026-10-01 的形式,实为 \"{found}\" / the date on line {line} must be like 2026-10-01, but is \"{found}\""
    )]
    Date {
        /// The line.
        line: usize,
        /// The beginning of the date.
        found: String,
    },
    /// A kind that is neither `holiday` nor `workday`.
    #[error(
        "第 {line} 行的类别应为 holiday 或 workday,实为 \"{found}\" / the kind on line {line} must be holiday or workday, but is \"{found}\""
    )]
    Kind {
        /// The line.
        line: usize,
        /// The beginning of the kind.
        found: String,
    },
    /// A day that is listed twice.
    #[error("第 {line} 行重复了第 {first_line} 行的 {day} / line {line} repeats {day} of line {first_line}")]
    Duplicate {
        /// The later line.
        line: usize,
        /// The earlier line.
        first_line: usize,
        /// The day.
        day: Day,
    },
    /// A heading and nothing else.
    #[error("文件中没有任何日期 / the file lists no day")]
    Empty,
}

impl Calendar {
    /// The calendar of a CSV file with the heading `date,kind`. A byte order mark, CR LF and blank
    /// lines are let pass, as spreadsheets write them.
    ///
    /// # Errors
    /// [`CalendarError`] for the first line that is not right, and for a file that lists no day.
    pub fn from_csv(csv: &str) -> Result<Self, CalendarError> {
        let mut lines = (1_usize..).zip(csv.trim_start_matches('\u{feff}').lines());
        let heading = lines.next().map_or("", |(_, heading)| heading);
        if heading != "date,kind" {
            return Err(CalendarError::Heading { found: beginning(heading) });
        }
        let mut lines_by_day = BTreeMap::new();
        let mut days = Vec::new();
        for (line, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
            let (day, kind) = parse_row(line, row)?;
            if let Some(first_line) = lines_by_day.insert(day, line) {
                return Err(CalendarError::Duplicate { line, first_line, day });
            }
            days.push((day, kind));
        }
        if days.is_empty() { Err(CalendarError::Empty) } else { Ok(days.into_iter().collect()) }
    }

    /// Adds what another calendar lists; where both list a day, the other one counts. Day by day
    /// and not by whole years, because a year's notice may also name the last days of the year
    /// before.
    pub fn merge(&mut self, newer: Self) {
        self.days.extend(newer.days);
        self.loaded_years.extend(newer.loaded_years);
    }

    /// The calendar in which a year's notice is stated anew: what was listed of its months up to November
    /// is forgotten, then the notice's days count. December days come with the notice of the year
    /// after as well, so those stay unless the notice names them.
    #[must_use]
    pub fn with_notice(&self, year: i32, notice: Self) -> Self {
        let kept = |day: &Day| year_of(*day) != year || day.month() == DECEMBER;
        let mut restated: Self = self.days().filter(|(day, _)| kept(day)).collect();
        restated.merge(notice);
        restated
    }

    /// The days a year's notice may list: its own, and the last ones of the year before.
    ///
    /// # Errors
    /// `validation_failed` that names the first day out of place, or says that no day makes the year loaded.
    pub fn check_notice(&self, year: i32, field: &str) -> Result<(), Refusal> {
        let in_place =
            |day: Day| year_of(day) == year || (day.month() == DECEMBER && year_of(day).checked_add(1) == Some(year));
        if let Some((day, _)) = self.days().find(|(day, _)| !in_place(*day)) {
            return Err(Refusal::field(
                field,
                "other_year",
                format!("{day} 不属于 {year} 年的放假安排(可含上一年 12 月的日期)。"),
                format!(
                    "{day} is not of the notice of {year}, which may name days of that year and of the December before."
                ),
            ));
        }
        if self.is_loaded(year) {
            return Ok(());
        }
        Err(Refusal::field(
            field,
            "required",
            format!("没有 {year} 年的任何日期。"),
            format!("names no day of {year}."),
        ))
    }

    /// Whether the year's notice is known. Days of December alone do not make a year loaded: they
    /// come with the notice of the year after.
    pub fn is_loaded(&self, year: i32) -> bool {
        self.loaded_years.contains(&year)
    }

    /// The years that are loaded, in order.
    pub fn loaded_years(&self) -> impl Iterator<Item = i32> + '_ {
        self.loaded_years.iter().copied()
    }

    /// The days that are listed, in order.
    pub fn days(&self) -> impl Iterator<Item = (Day, DayKind)> + '_ {
        self.days.iter().map(|(day, kind)| (*day, *kind))
    }

    /// Why the day is a rest day; `None` for a working day.
    pub fn rest_reason(&self, day: Day) -> Option<RestReason> {
        match self.days.get(&day) {
            Some(DayKind::Holiday) => Some(RestReason::Holiday),
            Some(DayKind::Workday) => None,
            None => is_weekend(day).then_some(RestReason::Weekend),
        }
    }

    /// Whether the day is worked.
    pub fn is_working_day(&self, day: Day) -> bool {
        self.rest_reason(day).is_none()
    }
}

/// The calendar of listed days; of a day that comes twice, the last one counts.
impl FromIterator<(Day, DayKind)> for Calendar {
    fn from_iter<I: IntoIterator<Item = (Day, DayKind)>>(days: I) -> Self {
        let days: BTreeMap<_, _> = days.into_iter().collect();
        let loaded_years = days.keys().filter(|day| day.month() < DECEMBER).map(|day| year_of(*day)).collect();
        Self { days, loaded_years }
    }
}

fn is_weekend(day: Day) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn parse_row(line: usize, row: &str) -> Result<(Day, DayKind), CalendarError> {
    let malformed = || CalendarError::Row { line, found: beginning(row) };
    let (date, kind) = row.split_once(',').ok_or_else(malformed)?;
    if kind.contains(',') {
        return Err(malformed());
    }
    // The parser also takes `2026-1-1` and `+12026-01-01`; a day has one notation here.
    let day = date.parse::<Day>().ok().filter(|day| date.len() == 10 && day.to_string() == date);
    let day = day.ok_or_else(|| CalendarError::Date { line, found: beginning(date) })?;
    let kind = DayKind::from_code(kind).ok_or_else(|| CalendarError::Kind { line, found: beginning(kind) })?;
    Ok((day, kind))
}

/// As much of a text as a message can hold.
fn beginning(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{on, state_council};
    use super::*;
    use crate::refusal::RefusalCode;

    fn calendar(rows: &str) -> Calendar {
        Calendar::from_csv(&format!("date,kind\n{rows}")).unwrap()
    }

    #[test]
    fn the_shipped_calendar_holds_2023_to_2026() {
        let calendar = state_council();
        assert_eq!(calendar.loaded_years().collect::<Vec<_>>(), [2023, 2024, 2025, 2026]);
        assert_eq!(calendar.days().next(), Some((on("2023-01-01"), DayKind::Holiday)));
        assert!(!calendar.is_loaded(2022) && !calendar.is_loaded(2027));
    }

    #[test]
    fn a_rest_day_is_a_weekend_or_a_holiday_and_never_a_worked_weekend() {
        let calendar = state_council();
        let reasons = [
            ("2026-10-01", Some(RestReason::Holiday)),
            ("2026-10-03", Some(RestReason::Holiday)), // a Saturday
            ("2026-10-08", None),
            ("2026-10-10", None), // a worked Saturday
            ("2026-09-20", None), // a worked Sunday
            ("2026-10-11", Some(RestReason::Weekend)),
            ("2027-10-01", None), // a Friday of a year not loaded
            ("2027-10-02", Some(RestReason::Weekend)),
        ];
        for (day, reason) in reasons {
            assert_eq!(calendar.rest_reason(on(day)), reason, "{day}");
            assert_eq!(calendar.is_working_day(on(day)), reason.is_none(), "{day}");
        }
    }

    #[test]
    fn a_file_that_is_not_right_is_refused_with_its_line() {
        let found = String::from;
        let cases = [
            ("", CalendarError::Heading { found: found("") }),
            ("2026-01-01,holiday\n", CalendarError::Heading { found: found("2026-01-01,holiday") }),
            ("date,kind\n\n", CalendarError::Empty),
            ("date,kind\n2026-01-01\n", CalendarError::Row { line: 2, found: found("2026-01-01") }),
            ("date,kind\n2026-01-01,holiday,\n", CalendarError::Row { line: 2, found: found("2026-01-01,holiday,") }),
            (
                "date,kind\n2026-01-01,holiday\n2026-02-29,holiday\n",
                CalendarError::Date { line: 3, found: found("2026-02-29") },
            ),
            ("date,kind\n2026-1-1,holiday\n", CalendarError::Date { line: 2, found: found("2026-1-1") }),
            ("date,kind\n2026/01/01,holiday\n", CalendarError::Date { line: 2, found: found("2026/01/01") }),
            ("date,kind\n 2026-01-01,holiday\n", CalendarError::Date { line: 2, found: found(" 2026-01-01") }),
            ("date,kind\n+12026-01-01,holiday\n", CalendarError::Date { line: 2, found: found("+12026-01-01") }),
            ("date,kind\n\n2026-01-01,Holiday\n", CalendarError::Kind { line: 3, found: found("Holiday") }),
            ("date,kind\n2026-01-01,\n", CalendarError::Kind { line: 2, found: found("") }),
            (
                "date,kind\n2026-01-01,holiday\n2026-01-02,holiday\n2026-01-01,workday\n",
                CalendarError::Duplicate { line: 4, first_line: 2, day: on("2026-01-01") },
            ),
        ];
        for (csv, error) in cases {
            assert_eq!(Calendar::from_csv(csv), Err(error), "{csv:?}");
        }
        let message = Calendar::from_csv("date,kind\n2026-01-01,rest").unwrap_err().to_string();
        assert!(message.contains("第 2 行") && message.contains("line 2"), "{message}");
    }

    #[test]
    fn a_file_written_by_a_spreadsheet_is_taken() {
        let read = Calendar::from_csv("\u{feff}date,kind\r\n2026-01-01,holiday\r\n\r\n").unwrap();
        assert_eq!(read, calendar("2026-01-01,holiday"));
    }

    #[test]
    fn merging_adds_days_and_the_newer_one_counts() {
        let mut merged = state_council();
        merged.merge(calendar("2026-12-31,holiday\n2026-10-10,holiday\n2027-01-01,holiday"));
        assert!(merged.is_loaded(2026) && merged.is_loaded(2027));
        assert_eq!(merged.rest_reason(on("2026-10-10")), Some(RestReason::Holiday));
        assert_eq!(merged.rest_reason(on("2026-12-31")), Some(RestReason::Holiday));
        assert_eq!(merged.rest_reason(on("2026-10-01")), Some(RestReason::Holiday));
    }

    #[test]
    fn a_notice_stated_anew_speaks_for_its_year_up_to_november() {
        let before = calendar(
            "2026-12-31,holiday\n2027-01-01,holiday\n2027-05-01,holiday\n2027-12-31,holiday\n2028-01-03,holiday",
        );
        let restated = before.with_notice(2027, calendar("2027-01-01,holiday\n2027-05-03,holiday"));
        let listed: Vec<_> = restated.days().map(|(day, _)| day.to_string()).collect();
        assert_eq!(listed, ["2026-12-31", "2027-01-01", "2027-05-03", "2027-12-31", "2028-01-03"]);
        assert_eq!(restated.loaded_years().collect::<Vec<_>>(), [2027, 2028]);
    }

    #[test]
    fn a_notice_names_days_of_its_year_and_of_the_december_before() {
        assert_eq!(calendar("2026-12-31,holiday\n2027-01-01,holiday").check_notice(2027, "days"), Ok(()));
        for rows in
            ["2026-11-30,holiday\n2027-01-01,holiday", "2027-01-01,holiday\n2028-01-01,holiday", "2026-12-31,holiday"]
        {
            let refusal = calendar(rows).check_notice(2027, "days").unwrap_err();
            assert_eq!(refusal.code, RefusalCode::ValidationFailed, "{rows}");
        }
        assert!(Calendar::default().check_notice(2027, "days").is_err());
    }

    #[test]
    fn the_last_days_of_december_alone_do_not_load_a_year() {
        let calendar = calendar("2026-12-31,holiday\n2027-01-01,holiday");
        assert!(!calendar.is_loaded(2026));
        assert!(calendar.is_loaded(2027));
        assert_eq!(calendar.rest_reason(on("2026-12-31")), Some(RestReason::Holiday));
    }
}
