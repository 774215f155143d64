//! Every day of 2024 to 2026, reckoned a second time in another way: with a table of month lengths,
//! weekdays from a running count, and one list of all working days to look up in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Calendar, Day, Deadline, RestReason, Span, state_council};

/// 1 January 2023 was a Sunday.
const FIRST_YEAR: i32 = 2023;
/// The calendar holds 2023 to 2026.
const LAST_LOADED_YEAR: i32 = 2026;

type Ymd = (i32, u32, u32);

struct Reckoning {
    /// Every day of 2023 to 2027 in order, with why it is a rest day.
    days: Vec<(Ymd, Option<RestReason>)>,
    /// The place of each day in `days`.
    places: BTreeMap<Ymd, usize>,
    /// The places of the working days, in order.
    working: Vec<usize>,
}

fn length_of_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 => 29, // true of 1901 to 2099
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Reckoning {
    fn new() -> Self {
        let csv = include_str!("../../../../config/calendar/state-council.csv");
        let listed = |kind: &str| -> BTreeSet<String> {
            csv.lines()
                .filter_map(|row| row.strip_suffix(kind))
                .map(|date| date.trim_end_matches(',').to_owned())
                .collect()
        };
        let (holidays, workdays) = (listed("holiday"), listed("workday"));
        let mut days = Vec::new();
        for year in FIRST_YEAR..=2027 {
            for month in 1..=12 {
                for day in 1..=length_of_month(year, month) {
                    let is_weekend = matches!(days.len() % 7, 0 | 6);
                    let date = format!("{year}-{month:02}-{day:02}");
                    let reason = if holidays.contains(&date) {
                        Some(RestReason::Holiday)
                    } else if is_weekend && !workdays.contains(&date) {
                        Some(RestReason::Weekend)
                    } else {
                        None
                    };
                    days.push(((year, month, day), reason));
                }
            }
        }
        let places = days.iter().enumerate().map(|(place, (day, _))| (*day, place)).collect();
        let working = (0..days.len()).filter(|place| days[*place].1.is_none()).collect();
        Self { days, places, working }
    }

    /// The nominal last day: its place.
    fn nominal(&self, (year, month, day): Ymd, span: Span) -> usize {
        match span {
            Span::Days(days) => self.places[&(year, month, day)] + usize::try_from(days).unwrap(),
            Span::Months(months) => {
                let (mut year, mut month) = (year, month + months);
                while month > 12 {
                    (year, month) = (year + 1, month - 12);
                }
                self.places[&(year, month, day.min(length_of_month(year, month)))]
            }
            // Working days are looked at from the day after the first.
            Span::WorkingDays(_) => self.places[&(year, month, day)] + 1,
        }
    }

    /// The last day, the rest days moved past, and whether it is provisional.
    fn end(&self, day: Ymd, span: Span) -> (Ymd, Vec<(Ymd, RestReason)>, bool) {
        let nominal = self.nominal(day, span);
        let first_working = self.working.partition_point(|place| *place < nominal);
        let end = match span {
            Span::WorkingDays(days) => self.working[first_working + usize::try_from(days).unwrap() - 1],
            Span::Days(_) | Span::Months(_) => self.working[first_working],
        };
        let moved = self.days[nominal..=end].iter().filter_map(|(day, reason)| reason.map(|reason| (*day, reason)));
        (self.days[end].0, moved.collect(), self.days[end].0.0 > LAST_LOADED_YEAR)
    }
}

fn day_of((year, month, day): Ymd) -> Day {
    Day::from_ymd_opt(year, month, day).unwrap()
}

fn assert_agrees(reckoning: &Reckoning, calendar: &Calendar, place: usize, span: Span) {
    let counted_from = reckoning.days[place].0;
    let (last_day, moved_past, provisional) = reckoning.end(counted_from, span);
    let deadline = Deadline::after(day_of(counted_from), span, calendar).unwrap();
    let reckoned_moves: Vec<_> = moved_past.into_iter().map(|(day, because)| (day_of(day), because)).collect();
    let moves: Vec<_> = deadline.moved_past.iter().map(|moved| (moved.day, moved.because)).collect();
    assert_eq!(deadline.last_day, day_of(last_day), "{counted_from:?} {span}");
    assert_eq!(moves, reckoned_moves, "{counted_from:?} {span}");
    assert_eq!(deadline.provisional, provisional, "{counted_from:?} {span}");
    let (year, month, day) = reckoning.days[reckoning.places[&last_day] + 1].0;
    assert_eq!(deadline.expires_at.to_string(), format!("{year}-{month:02}-{day:02}T00:00:00+08:00"));
}

#[test]
fn every_day_of_three_years_agrees_with_a_second_reckoning() {
    let (reckoning, calendar) = (Reckoning::new(), state_council());
    let mut days_walked = 0;
    for (place, (day, reason)) in reckoning.days.iter().enumerate() {
        assert_eq!(calendar.rest_reason(day_of(*day)), *reason, "{day:?}");
        if (2024..=2026).contains(&day.0) {
            days_walked += 1;
            for span in [Span::Days(15), Span::Months(1), Span::Months(3), Span::WorkingDays(5)] {
                assert_agrees(&reckoning, &calendar, place, span);
            }
        }
    }
    assert_eq!(days_walked, 366 + 365 + 365);
}
