//! An instant: kept in UTC to the microsecond, read and shown as RFC 3339, shown in +08:00.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveTime, Offset, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, schema};

use super::day::Day;
use super::out_of_range;
use crate::refusal::Refusal;

/// 0001-01-01T00:00:00+08:00, in microseconds since 1970.
const EARLIEST_MICROSECONDS: i64 = -62_135_625_600_000_000;
/// 9999-12-31T23:59:59.999999+08:00, in microseconds since 1970.
const LATEST_MICROSECONDS: i64 = 253_402_271_999_999_999;

const SHANGHAI_OFFSET_SECONDS: i32 = 8 * 60 * 60;

/// A point in time, in whole microseconds (what the store keeps), within the years 1 to 9999 of
/// Shanghai (what RFC 3339 can write).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(DateTime<Utc>);

/// A text that is no RFC 3339 instant within the years 1 to 9999.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("应为 RFC 3339 时间,如 2026-10-09T00:00:00+08:00 / must be an RFC 3339 instant, as 2026-10-09T00:00:00+08:00")]
pub struct InstantError;

impl Instant {
    /// The instant of a clock or of the store: what is finer than a microsecond is cut off, and an
    /// instant outside the years 1 to 9999 becomes the first or the last one within.
    pub fn from_utc(utc: DateTime<Utc>) -> Self {
        // Counting in microseconds also turns a leap second into the first second of the next
        // minute, so that 23:59:60 is past the day's end and not within it.
        let microseconds = utc.timestamp_micros().clamp(EARLIEST_MICROSECONDS, LATEST_MICROSECONDS);
        Self(DateTime::from_timestamp_micros(microseconds).unwrap_or(utc))
    }

    /// The instant in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The day in Shanghai that it falls on.
    pub fn day(self) -> Day {
        self.0.with_timezone(&shanghai()).date_naive()
    }

    /// The first instant of a day in Shanghai.
    ///
    /// # Errors
    /// `validation_failed` for a day outside the years 1 to 9999.
    pub fn start_of(day: Day) -> Result<Self, Refusal> {
        let start = day.and_time(NaiveTime::MIN).and_local_timezone(shanghai()).single();
        start.and_then(|start| Self::in_range(start.to_utc())).ok_or_else(out_of_range)
    }

    /// The instant so many seconds later, or earlier where they are negative.
    ///
    /// # Errors
    /// `validation_failed` when it lies outside the years 1 to 9999.
    pub fn plus_seconds(self, seconds: i64) -> Result<Self, Refusal> {
        TimeDelta::try_seconds(seconds)
            .and_then(|delta| self.0.checked_add_signed(delta))
            .and_then(Self::in_range)
            .ok_or_else(out_of_range)
    }

    /// How many whole seconds to wait from this instant until the later one is reached; 0 when it is
    /// not later.
    pub fn seconds_until(self, later: Self) -> i64 {
        let wait = later.0.signed_duration_since(self.0);
        let begun = i64::from(wait.subsec_nanos() > 0);
        wait.num_seconds().saturating_add(begun).max(0)
    }

    fn in_range(utc: DateTime<Utc>) -> Option<Self> {
        let within = (EARLIEST_MICROSECONDS..=LATEST_MICROSECONDS).contains(&utc.timestamp_micros());
        within.then(|| Self::from_utc(utc))
    }

    /// The hour and the minute that clocks show in Shanghai.
    pub fn hour_and_minute(self) -> (u32, u32) {
        let time = self.0.with_timezone(&shanghai());
        (time.hour(), time.minute())
    }
}

fn shanghai() -> FixedOffset {
    // Eight hours are a valid offset; the tests pin it.
    FixedOffset::east_opt(SHANGHAI_OFFSET_SECONDS).unwrap_or_else(|| Utc.fix())
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.with_timezone(&shanghai()).to_rfc3339_opts(SecondsFormat::AutoSi, false))
    }
}

impl FromStr for Instant {
    type Err = InstantError;

    fn from_str(text: &str) -> Result<Self, InstantError> {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| InstantError)?;
        Self::in_range(parsed.to_utc()).ok_or(InstantError)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(schema::SchemaType::new(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, shown in +08:00."))
            .into()
    }
}

impl utoipa::ToSchema for Instant {}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test; an overflow fails it")]
mod tests {
    use proptest::prelude::*;

    use super::super::on;
    use super::*;
    use crate::refusal::RefusalCode;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn earliest() -> Instant {
        Instant::from_utc(DateTime::<Utc>::MIN_UTC)
    }

    fn latest() -> Instant {
        Instant::from_utc(DateTime::<Utc>::MAX_UTC)
    }

    #[test]
    fn is_written_in_shanghai_time_with_as_many_digits_as_it_needs() {
        assert_eq!(at("2026-10-08T16:00:00Z").to_string(), "2026-10-09T00:00:00+08:00");
        assert_eq!(at("2026-10-08T16:00:00.25Z").to_string(), "2026-10-09T00:00:00.250+08:00");
        assert_eq!(at("2026-10-08T16:00:00.000001Z").to_string(), "2026-10-09T00:00:00.000001+08:00");
    }

    #[test]
    fn any_offset_is_read_as_the_same_instant() {
        let instant = at("2026-10-09T00:00:00+08:00");
        for text in ["2026-10-08T16:00:00Z", "2026-10-08T12:00:00-04:00", "2026-10-08T21:30:00+05:30"] {
            assert_eq!(serde_json::from_value::<Instant>(text.into()).unwrap(), instant, "{text}");
        }
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut_off() {
        assert_eq!(at("2026-10-09T00:00:00.123456999+08:00").to_string(), "2026-10-09T00:00:00.123456+08:00");
        assert_eq!(at("1969-12-31T23:59:59.999999999Z").to_string(), "1970-01-01T07:59:59.999999+08:00");
    }

    #[test]
    fn a_leap_second_belongs_to_the_next_day() {
        assert_eq!(at("2016-12-31T23:59:60+08:00"), at("2017-01-01T00:00:00+08:00"));
    }

    #[test]
    fn its_day_begins_and_ends_at_midnight_in_shanghai() {
        assert_eq!(at("2026-10-08T15:59:59.999999Z").day(), on("2026-10-08"));
        assert_eq!(at("2026-10-08T16:00:00Z").day(), on("2026-10-09"));
        assert_eq!(Instant::start_of(on("2026-10-09")), Ok(at("2026-10-08T16:00:00Z")));
    }

    #[test]
    fn seconds_are_added_and_taken_away() {
        let instant = at("2026-10-08T23:59:59.5+08:00");
        assert_eq!(instant.plus_seconds(1), Ok(at("2026-10-09T00:00:00.5+08:00")));
        assert_eq!(instant.plus_seconds(-86_400), Ok(at("2026-10-07T23:59:59.5+08:00")));
    }

    #[test]
    fn a_begun_second_is_waited_for_as_a_whole_one() {
        let until = at("2026-10-09T00:00:30+08:00");
        for (from, seconds) in [
            ("2026-10-09T00:00:00+08:00", 30),
            ("2026-10-09T00:00:00.000001+08:00", 30),
            ("2026-10-09T00:00:29.999999+08:00", 1),
            ("2026-10-09T00:00:30+08:00", 0),
            ("2026-10-09T00:00:30.5+08:00", 0),
            ("2026-10-09T01:00:00+08:00", 0),
        ] {
            assert_eq!(at(from).seconds_until(until), seconds, "{from}");
        }
    }

    #[test]
    fn instants_stay_within_the_years_1_to_9999() {
        assert_eq!(earliest().to_string(), "0001-01-01T00:00:00+08:00");
        assert_eq!(latest().to_string(), "9999-12-31T23:59:59.999999+08:00");
        assert_eq!((earliest().day(), latest().day()), (on("0001-01-01"), on("9999-12-31")));
        assert_eq!(Instant::start_of(on("0001-01-01")), Ok(earliest()));
        let refused = [
            earliest().plus_seconds(-1),
            latest().plus_seconds(1),
            latest().plus_seconds(i64::MAX),
            latest().plus_seconds(i64::MIN),
            Instant::start_of(Day::MIN),
            Instant::start_of(Day::MAX),
            Instant::start_of(on("0000-12-31")),
        ];
        for result in refused {
            assert_eq!(result.unwrap_err().code, RefusalCode::ValidationFailed);
        }
    }

    #[test]
    fn other_texts_are_no_instants() {
        let texts = [
            "",
            "2026-10-09",
            "2026-10-09T00:00:00",
            "2026-10-09T24:00:00+08:00",
            "2026-02-29T00:00:00Z",
            "0000-12-31T23:59:59+08:00",
            "9999-12-31T23:59:59-01:00",
        ];
        for text in texts {
            assert_eq!(text.parse::<Instant>(), Err(InstantError), "{text}");
        }
        assert!(serde_json::from_value::<Instant>(1_791_475_200.into()).is_err());
    }

    #[test]
    fn its_schema_is_a_date_time() {
        let schema = serde_json::to_value(<Instant as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!((&schema["type"], &schema["format"]), (&"string".into(), &"date-time".into()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_the_same(
            microseconds in EARLIEST_MICROSECONDS..=LATEST_MICROSECONDS,
            nanoseconds in 0..1000_u32,
        ) {
            let exact = DateTime::from_timestamp_micros(microseconds).unwrap();
            let instant = Instant::from_utc(exact + TimeDelta::nanoseconds(i64::from(nanoseconds)));
            prop_assert_eq!(instant.utc(), exact);
            let written = serde_json::to_string(&instant).unwrap();
            prop_assert_eq!(serde_json::from_str::<Instant>(&written).unwrap(), instant);
        }

        #[test]
        fn an_instant_lies_within_its_day(microseconds in EARLIEST_MICROSECONDS..=LATEST_MICROSECONDS) {
            let instant = Instant::from_utc(DateTime::from_timestamp_micros(microseconds).unwrap());
            let start = Instant::start_of(instant.day()).unwrap();
            prop_assert!(start <= instant);
            prop_assert!(start.plus_seconds(86_400).map_or(true, |end| instant < end));
        }
    }
}
