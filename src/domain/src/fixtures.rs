//! Values that the tests of several modules start from.

use chrono::DateTime;

use crate::money::Money;
use crate::period::{Calendar, Day, Instant};
use crate::policy::{Policy, VoucherRules};

/// An instant written as RFC 3339.
pub fn at(text: &str) -> Instant {
    Instant::from_utc(DateTime::parse_from_rfc3339(text).expect("an instant").to_utc())
}

/// A day written as `2026-09-20`.
pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// So many yuan.
pub fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).expect("an amount")
}

/// The rest days that the project carries.
pub fn calendar() -> Calendar {
    Calendar::from_csv(include_str!("../../../config/calendar/state-council.csv")).expect("the calendar")
}

/// The numbers of the 2023 text.
pub fn rules() -> VoucherRules {
    policy().voucher
}

/// The 2023 text as the project ships it.
pub fn policy() -> Policy {
    Policy::from_toml(include_str!("../../../config/policies/kejifa-2023-16.toml")).expect("the policy")
}
