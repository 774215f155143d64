//! Going through the calendar day by day, noting the rest days that are passed over.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, RestReason};
use super::day::{Day, days_after, in_range, next, year_of};
use crate::refusal::Refusal;

/// A rest day that a deadline was moved past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MovedPast {
    /// The rest day.
    #[schema(value_type = chrono::NaiveDate)]
    pub day: Day,
    /// Why it is one.
    pub because: RestReason,
}

/// A way through the calendar: where it has come to, the rest days it passed, and whether it
/// touched a year that is not loaded.
pub(super) struct Walk<'calendar> {
    calendar: &'calendar Calendar,
    /// The day it has come to.
    pub(super) day: Day,
    /// The rest days it passed over, in order.
    pub(super) moved_past: Vec<MovedPast>,
    /// Whether a day that was looked at lies in a year that is not loaded.
    pub(super) provisional: bool,
}

impl<'calendar> Walk<'calendar> {
    /// A way that begins on this day, which is not looked at yet.
    ///
    /// # Errors
    /// `validation_failed` for a day outside the years 1 to 9999.
    pub(super) fn starting(day: Day, calendar: &'calendar Calendar) -> Result<Self, Refusal> {
        Ok(Self { calendar, day: in_range(Some(day))?, moved_past: Vec::new(), provisional: false })
    }

    /// Stays where it is on a working day, else goes on to the next one.
    ///
    /// # Errors
    /// `validation_failed` past the year 9999.
    pub(super) fn until_working_day(mut self) -> Result<Self, Refusal> {
        while let Some(because) = self.look() {
            self.moved_past.push(MovedPast { day: self.day, because });
            self.day = next(self.day)?;
        }
        Ok(self)
    }

    /// Goes to the n-th working day after where it is; for none, as [`Walk::until_working_day`].
    ///
    /// # Errors
    /// `validation_failed` past the year 9999.
    pub(super) fn over_working_days(mut self, count: u32) -> Result<Self, Refusal> {
        // That many working days take at least that many days: an absurd count is refused at once.
        days_after(self.day, count)?;
        if count == 0 {
            return self.until_working_day();
        }
        for _ in 0..count {
            self.day = next(self.day)?;
            self = self.until_working_day()?;
        }
        Ok(self)
    }

    fn look(&mut self) -> Option<RestReason> {
        self.provisional |= !self.calendar.is_loaded(year_of(self.day));
        self.calendar.rest_reason(self.day)
    }
}
