//! When a period ends: 民法典 第二百条至第二百零三条.

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::day::{Day, days_after, days_between, in_range, months_after, next};
use super::instant::Instant;
use super::span::{Span, SpanError};
use super::walk::{MovedPast, Walk};
use crate::refusal::{Refusal, RefusalCode};

/// The end of a period, with everything that shows how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deadline {
    /// The last day on which it is in time; always a working day.
    #[schema(value_type = chrono::NaiveDate)]
    pub last_day: Day,
    /// The end of the last day: from this instant on it is too late.
    pub expires_at: Instant,
    /// The length of the period, `P15D`, `P3M` or `P5WD`.
    pub period: String,
    /// The day it is counted from, which is not counted itself.
    #[schema(value_type = chrono::NaiveDate)]
    pub counted_from: Day,
    /// The rest days it moved past: from the nominal last day on, or, for working days, on the
    /// whole way.
    pub moved_past: Vec<MovedPast>,
    /// Whether a day that decided the end lies in a year whose calendar is not loaded.
    pub provisional: bool,
}

/// What a shortened deadline leaves at the least: the time of the first reminder.
const FAIR_NOTICE_DAYS: i64 = 5;

impl Deadline {
    /// The end of a period that is counted from a day.
    ///
    /// The day itself is not counted (Art. 201); months end on the same day-number, or on the
    /// month's last day where there is none (Art. 202); a last day that is a rest day moves to the
    /// next working day, and the last day ends at 24:00 (Art. 203).
    ///
    /// # Errors
    /// `validation_failed` when the start or the end lies outside the years 1 to 9999.
    pub fn after(counted_from: Day, span: Span, calendar: &Calendar) -> Result<Self, Refusal> {
        let counted_from = in_range(Some(counted_from))?;
        let walk = match span {
            Span::Days(days) => Walk::starting(days_after(counted_from, days)?, calendar)?.until_working_day()?,
            Span::Months(months) => {
                Walk::starting(months_after(counted_from, months)?, calendar)?.until_working_day()?
            }
            Span::WorkingDays(days) => Walk::starting(counted_from, calendar)?.over_working_days(days)?,
        };
        Ok(Self {
            last_day: walk.day,
            expires_at: Instant::start_of(next(walk.day)?)?,
            period: span.to_string(),
            counted_from,
            moved_past: walk.moved_past,
            provisional: walk.provisional,
        })
    }

    /// The same period over another calendar: what a provisional deadline becomes when its year is
    /// loaded.
    ///
    /// # Errors
    /// As [`Deadline::after`]; `internal_error` when `period` is none that was written here.
    pub fn recounted(&self, calendar: &Calendar) -> Result<Self, Refusal> {
        let span = self.period.parse().map_err(|_: SpanError| {
            Refusal::new(RefusalCode::Internal, "期限记录无法识别。", "The recorded period cannot be read.")
        })?;
        Self::after(self.counted_from, span, calendar)
    }

    /// What an open deadline becomes when the rest days are stated anew: recounted, but a shorter end
    /// must leave whoever relied on the old one so many days from today, else the old end stands
    /// (it is then final, where the new one is).
    ///
    /// # Errors
    /// As [`Deadline::recounted`].
    pub fn restated(&self, calendar: &Calendar, today: Day) -> Result<Self, Refusal> {
        let recounted = self.recounted(calendar)?;
        let shorter = recounted.last_day < self.last_day;
        if shorter && days_between(today, recounted.last_day) < FAIR_NOTICE_DAYS {
            return Ok(Self { provisional: recounted.provisional, ..self.clone() });
        }
        Ok(recounted)
    }

    /// A deadline that is a day and was not reckoned: an announced last day, a certificate's end.
    ///
    /// # Errors
    /// `validation_failed` for the last day of the year 9999.
    pub fn end_of(last_day: Day) -> Result<Instant, Refusal> {
        Instant::start_of(next(last_day)?)
    }

    /// Whether it is too late: at `expires_at` and after it.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.expires_at
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test; an overflow fails it")]
mod tests {
    use proptest::prelude::*;

    use super::super::{RestReason, on, state_council};
    use super::*;

    fn after(counted_from: &str, span: Span) -> Deadline {
        Deadline::after(on(counted_from), span, &state_council()).unwrap()
    }

    fn last_day(counted_from: &str, span: Span) -> String {
        after(counted_from, span).last_day.to_string()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn is_provisional(counted_from: &str, span: Span, csv: &str) -> bool {
        let calendar = Calendar::from_csv(csv).unwrap();
        Deadline::after(on(counted_from), span, &calendar).unwrap().provisional
    }

    #[test]
    fn the_deadline_of_the_specification_is_shown_whole() {
        let deadline = after("2026-09-20", Span::Days(15));
        let shown = serde_json::json!({
            "last_day": "2026-10-08",
            "expires_at": "2026-10-09T00:00:00+08:00",
            "period": "P15D",
            "counted_from": "2026-09-20",
            "moved_past": [
                {"day": "2026-10-05", "because": "holiday"},
                {"day": "2026-10-06", "because": "holiday"},
                {"day": "2026-10-07", "because": "holiday"},
            ],
            "provisional": false,
        });
        assert_eq!(serde_json::to_value(&deadline).unwrap(), shown);
        assert_eq!(serde_json::from_value::<Deadline>(shown).unwrap(), deadline);
    }

    #[test]
    fn its_schema_shows_days_as_dates() {
        let schema = serde_json::to_value(<Deadline as utoipa::PartialSchema>::schema()).unwrap();
        for field in ["last_day", "counted_from"] {
            assert_eq!(schema["properties"][field]["format"], "date", "{field}");
        }
    }

    #[test]
    fn months_end_on_the_same_day_number() {
        assert_eq!(last_day("2026-03-10", Span::Months(1)), "2026-04-10");
        assert_eq!(last_day("2026-03-10", Span::Months(3)), "2026-06-10");
        assert_eq!(last_day("2026-02-28", Span::Months(1)), "2026-03-30"); // the 28th is a Saturday
    }

    #[test]
    fn months_end_on_the_last_day_of_a_shorter_month() {
        assert_eq!(last_day("2024-01-31", Span::Months(1)), "2024-02-29");
        assert_eq!(last_day("2025-01-31", Span::Months(1)), "2025-02-28");
        assert_eq!(last_day("2026-01-31", Span::Months(1)), "2026-02-28"); // a worked Saturday
        assert_eq!(last_day("2026-01-31", Span::Months(3)), "2026-04-30");
        assert_eq!(last_day("2023-11-30", Span::Months(3)), "2024-02-29");
        assert_eq!(last_day("2024-11-30", Span::Months(3)), "2025-02-28");
        assert_eq!(last_day("2025-11-30", Span::Months(3)), "2026-02-28");
    }

    #[test]
    fn a_last_day_just_before_a_holiday_stays() {
        let deadline = after("2026-09-15", Span::Days(15));
        assert_eq!((deadline.last_day, deadline.moved_past), (on("2026-09-30"), Vec::new()));
    }

    #[test]
    fn a_last_day_within_a_holiday_moves_past_all_of_it() {
        let deadline = after("2026-09-16", Span::Days(15));
        assert_eq!(deadline.last_day, on("2026-10-08"));
        assert_eq!(deadline.moved_past.len(), 7);
        assert!(deadline.moved_past.iter().all(|moved| moved.because == RestReason::Holiday));
    }

    #[test]
    fn a_last_day_on_a_weekend_moves_to_monday() {
        let deadline = after("2026-11-06", Span::Days(15)); // nominally Saturday the 21st
        assert_eq!(deadline.last_day, on("2026-11-23"));
        let weekend = ["2026-11-21", "2026-11-22"];
        assert_eq!(deadline.moved_past, weekend.map(|day| MovedPast { day: on(day), because: RestReason::Weekend }));
    }

    #[test]
    fn a_last_day_on_a_worked_weekend_stays() {
        for (counted_from, saturday_or_sunday) in [
            ("2026-09-25", "2026-10-10"),
            ("2026-09-05", "2026-09-20"),
            ("2025-12-20", "2026-01-04"),
            ("2026-01-30", "2026-02-14"),
        ] {
            let deadline = after(counted_from, Span::Days(15));
            assert_eq!((deadline.last_day, deadline.moved_past), (on(saturday_or_sunday), Vec::new()));
        }
    }

    #[test]
    fn working_days_skip_the_holiday_and_count_the_worked_saturday() {
        let deadline = after("2026-09-30", Span::WorkingDays(5)); // 8, 9, 10 (a Saturday), 12, 13 October
        assert_eq!(deadline.last_day, on("2026-10-13"));
        assert_eq!(deadline.period, "P5WD");
        let skipped: Vec<_> = deadline.moved_past.iter().map(|moved| moved.day.to_string()).collect();
        let holiday =
            ["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07"];
        assert_eq!(skipped, [&holiday[..], &["2026-10-11"]].concat());
        assert_eq!(deadline.moved_past[2].because, RestReason::Holiday); // Saturday the 3rd
        assert_eq!(deadline.moved_past[7].because, RestReason::Weekend);
    }

    #[test]
    fn working_days_counted_from_a_rest_day_begin_with_the_next_working_day() {
        assert_eq!(last_day("2026-10-01", Span::WorkingDays(1)), "2026-10-08");
        assert_eq!(last_day("2026-11-21", Span::WorkingDays(5)), "2026-11-27");
    }

    #[test]
    fn a_period_of_nothing_ends_on_the_day_or_the_next_working_day() {
        for span in [Span::Days(0), Span::Months(0), Span::WorkingDays(0)] {
            assert_eq!(last_day("2026-10-08", span), "2026-10-08");
            assert_eq!(last_day("2026-10-04", span), "2026-10-08");
        }
    }

    #[test]
    fn the_last_microsecond_is_in_time_and_midnight_is_too_late() {
        let deadline = after("2026-09-20", Span::Days(15));
        assert!(!deadline.is_over(at("2026-10-08T23:59:59.999999+08:00")));
        assert!(deadline.is_over(at("2026-10-09T00:00:00+08:00")));
        assert!(deadline.is_over(at("2026-10-08T16:00:00Z")));
    }

    #[test]
    fn a_deadline_is_provisional_when_its_last_day_lies_in_a_year_not_loaded() {
        assert!(!after("2026-12-16", Span::Days(15)).provisional); // 31 December
        assert!(after("2026-12-17", Span::Days(15)).provisional); // 1 January
        assert!(after("2026-10-15", Span::Months(3)).provisional);
        assert!(Deadline::after(on("2026-09-20"), Span::Days(15), &Calendar::default()).unwrap().provisional);
    }

    #[test]
    fn a_deadline_is_provisional_when_the_end_was_decided_across_a_year_not_loaded() {
        // 30 and 31 December 2028 are a weekend, 1 January 2029 a Monday.
        assert!(is_provisional("2028-12-15", Span::Days(15), "date,kind\n2028-01-01,holiday"));
        // 31 December 2022 is a Saturday, and 2023 is loaded.
        assert!(is_provisional("2022-12-16", Span::Days(15), "date,kind\n2023-01-01,holiday"));
        assert!(is_provisional("2022-12-29", Span::WorkingDays(5), "date,kind\n2023-01-01,holiday"));
        assert!(is_provisional("2028-12-27", Span::WorkingDays(5), "date,kind\n2028-01-01,holiday"));
        // The day it is counted from is not looked at.
        assert!(!is_provisional("2022-12-31", Span::WorkingDays(5), "date,kind\n2023-01-01,holiday"));
    }

    #[test]
    fn a_provisional_deadline_is_recounted_when_its_year_is_loaded() {
        let mut calendar = state_council();
        let provisional = Deadline::after(on("2026-12-17"), Span::Days(15), &calendar).unwrap();
        assert_eq!((provisional.last_day, provisional.provisional), (on("2027-01-01"), true));
        calendar.merge(Calendar::from_csv("date,kind\n2027-01-01,holiday\n2027-01-03,workday").unwrap());
        let final_one = provisional.recounted(&calendar).unwrap();
        assert_eq!((final_one.last_day, final_one.provisional), (on("2027-01-03"), false));
        assert_eq!((final_one.counted_from, final_one.period.as_str()), (on("2026-12-17"), "P15D"));

        let unreadable = Deadline { period: "15 days".to_owned(), ..provisional };
        assert_eq!(unreadable.recounted(&calendar).unwrap_err().code, RefusalCode::Internal);
    }

    #[test]
    fn a_restated_deadline_is_shortened_only_with_five_days_left() {
        let mut calendar = state_council();
        let provisional = Deadline::after(on("2026-12-18"), Span::Days(15), &calendar).unwrap();
        assert_eq!(provisional.last_day, on("2027-01-04")); // the 2nd is a Saturday
        calendar.merge(Calendar::from_csv("date,kind\n2027-01-01,holiday\n2027-01-02,workday").unwrap());
        let restated = |today: &str| provisional.restated(&calendar, on(today)).unwrap();
        let (shortened, kept) = (restated("2026-12-28"), restated("2026-12-29"));
        assert_eq!((shortened.last_day, shortened.provisional), (on("2027-01-02"), false));
        assert_eq!((kept.last_day, kept.provisional), (on("2027-01-04"), false));
        // A longer one counts at once.
        calendar.merge(Calendar::from_csv("date,kind\n2027-01-02,holiday\n2027-01-04,holiday").unwrap());
        assert_eq!(provisional.restated(&calendar, on("2027-01-04")).unwrap().last_day, on("2027-01-05"));
    }

    #[test]
    fn a_deadline_outside_the_years_1_to_9999_is_refused() {
        let spans = [Span::Days(u32::MAX), Span::Months(u32::MAX), Span::WorkingDays(u32::MAX)];
        let far = spans.map(|span| (on("2026-09-20"), span));
        let starts = [Day::MIN, Day::MAX, on("0000-12-31"), on("9999-12-31")];
        let late = starts.into_iter().flat_map(|day| [(day, Span::Days(1)), (day, Span::WorkingDays(1))]);
        // The 31st itself is a day, but its end lies in the year 10000.
        let last = [(on("9999-12-30"), Span::Days(1)), (on("9999-12-30"), Span::WorkingDays(1))];
        for (day, span) in far.into_iter().chain(late).chain(last) {
            let refusal = Deadline::after(day, span, &state_council()).unwrap_err();
            assert_eq!(refusal.code, RefusalCode::ValidationFailed, "{day} {span}");
        }
        assert_eq!(last_day("9999-12-29", Span::Days(1)), "9999-12-30");
    }

    fn a_day() -> impl Strategy<Value = Day> {
        // 2020 to 2030: loaded years and others.
        (0..4018_u64).prop_map(|days| on("2020-01-01") + chrono::Days::new(days))
    }

    fn any_day() -> impl Strategy<Value = Day> {
        // Every day that can be expressed, far beyond what is accepted.
        (Day::MIN.to_epoch_days()..=Day::MAX.to_epoch_days()).prop_map(|days| Day::from_epoch_days(days).unwrap())
    }

    fn spans_of(count: u32) -> [Span; 3] {
        [Span::Days(count), Span::Months(count), Span::WorkingDays(count)]
    }

    proptest! {
        #[test]
        fn the_last_day_is_a_working_day_and_ends_after_each_of_its_instants(
            day in a_day(), count in 0..200_u32, microseconds in 0..86_400_000_000_i64,
        ) {
            let calendar = state_council();
            for span in spans_of(count) {
                let deadline = Deadline::after(day, span, &calendar).unwrap();
                prop_assert!(calendar.is_working_day(deadline.last_day));
                prop_assert!(deadline.moved_past.iter().all(|moved| !calendar.is_working_day(moved.day)));
                let start = Instant::start_of(deadline.last_day).unwrap().utc();
                let within = Instant::from_utc(start + chrono::TimeDelta::microseconds(microseconds));
                prop_assert_eq!(within.day(), deadline.last_day);
                prop_assert!(!deadline.is_over(within));
                prop_assert!(deadline.is_over(deadline.expires_at));
            }
        }

        #[test]
        fn a_longer_period_never_ends_earlier(day in a_day(), count in 0..200_u32, more in 0..50_u32) {
            let calendar = state_council();
            for (shorter, longer) in spans_of(count).into_iter().zip(spans_of(count + more)) {
                let shorter = Deadline::after(day, shorter, &calendar).unwrap();
                prop_assert!(shorter.expires_at <= Deadline::after(day, longer, &calendar).unwrap().expires_at);
            }
        }

        #[test]
        fn a_later_start_never_ends_earlier(day in a_day(), later_by in 0..50_u64, count in 0..200_u32) {
            let calendar = state_council();
            for span in spans_of(count) {
                let earlier = Deadline::after(day, span, &calendar).unwrap();
                let later = Deadline::after(day + chrono::Days::new(later_by), span, &calendar).unwrap();
                prop_assert!(earlier.expires_at <= later.expires_at);
            }
        }

        #[test]
        fn no_day_and_no_length_makes_it_panic(day in any_day(), count in any::<u32>()) {
            for span in [Span::Days(count), Span::Months(count), Span::WorkingDays(count % 1000)] {
                let _ = Deadline::after(day, span, &Calendar::default());
            }
        }
    }
}
