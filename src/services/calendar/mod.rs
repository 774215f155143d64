//! The rest-day calendar while the server runs: the files it started with, and the notices of years that
//! officers load (SPEC §2). Every server follows: who reckons a deadline looks first whether a newer
//! notice was loaded.

mod recount;
mod telling;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::{Calendar, Day, DayKind, Instant, year_of};
use voucher_domain::refusal::Refusal;
use voucher_storage::calendar::{CalendarVersions, CalendarYear};
use voucher_storage::{Connection, StorageError};

use super::{Call, Change, Outcome};

pub use recount::{Moved, settle};

const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// The rest days of the files, and what is known of the notices loaded since.
pub struct RestDays {
    files: Calendar,
    known: RwLock<Known>,
}

#[derive(Clone)]
struct Known {
    versions: CalendarVersions,
    calendar: Arc<Calendar>,
}

impl RestDays {
    /// The rest days of the files alone, until the store is asked.
    pub fn of_files(files: Calendar) -> Self {
        let known = Known { versions: Vec::new(), calendar: Arc::new(files.clone()) };
        Self { files, known: RwLock::new(known) }
    }

    /// The rest days known at present. One small reading when nothing was loaded since.
    fn current(&self, tx: &mut Connection) -> Outcome<Arc<Calendar>> {
        let versions = CalendarYear::versions(tx)?;
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.versions == versions {
            return Ok(known.calendar);
        }
        let rows = CalendarYear::every(tx)?;
        let calendar = Arc::new(self.with(&rows));
        let versions = rows.iter().map(|row| (row.year, row.version)).collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) =
            Known { versions, calendar: Arc::clone(&calendar) };
        Ok(calendar)
    }

    /// The files with these notices going before them, year by year.
    fn with(&self, rows: &[CalendarYear]) -> Calendar {
        rows.iter().fold(self.files.clone(), |calendar, row| {
            calendar.with_notice(row.year, row.days.iter().copied().collect())
        })
    }
}

impl Call<'_> {
    /// The rest days that deadlines are reckoned over, as they are known at this moment.
    ///
    /// # Errors
    /// When the store fails.
    pub fn calendar(&mut self) -> Outcome<Arc<Calendar>> {
        self.program.rest_days.current(self.tx)
    }
}

/// A day of a notice.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// What the notice makes of it.
    pub kind: DayKind,
}

/// The notice of a year: its days, one by one or as the text of a CSV file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarForm {
    /// The days, each once: of the year, and of the December before.
    pub days: Option<Vec<CalendarDay>>,
    /// The same as CSV with the heading `date,kind`, as in `config/calendar/`.
    pub csv: Option<String>,
}

/// The rest days of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalendarView {
    /// The year.
    pub year: i32,
    /// Whether its notice is known; until then weekends alone are rest days, and deadlines provisional.
    pub loaded: bool,
    /// The holidays and worked weekends of the year.
    pub days: Vec<CalendarDay>,
    /// When an officer loaded it; nothing for what came with the program.
    pub loaded_at: Option<Instant>,
    /// For `If-Match`; 0 while no officer has loaded it.
    pub version: i64,
}

/// A year that was loaded, with what it moved.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LoadedCalendarView {
    /// The year.
    #[serde(flatten)]
    pub calendar: CalendarView,
    /// Open deadlines that were recounted by it.
    pub recounted: Moved,
}

fn view(year: i32, calendar: &Calendar, row: Option<&CalendarYear>) -> CalendarView {
    let of_year = calendar.days().filter(|(day, _)| year_of(*day) == year);
    CalendarView {
        year,
        loaded: calendar.is_loaded(year),
        days: of_year.map(|(date, kind)| CalendarDay { date, kind }).collect(),
        loaded_at: row.map(|row| row.loaded_at),
        version: row.map_or(0, |row| row.version),
    }
}

fn year(word: &str) -> Result<i32, Refusal> {
    let year = Some(word).filter(|word| word.len() == 4).and_then(|word| word.parse().ok());
    year.filter(|year| YEARS.contains(year)).ok_or_else(Refusal::not_found)
}

/// The rest days of a year, for everybody.
///
/// # Errors
/// `not_found` for what is no year of 2000 to 2100.
pub fn show(call: &mut Call<'_>, word: &str) -> Outcome<CalendarView> {
    let year = year(word)?;
    let calendar = call.calendar()?;
    let row = CalendarYear::find(call.tx, year)?;
    Ok(view(year, &calendar, row.as_ref()))
}

/// An officer loads a year's notice, or states it anew; open deadlines follow, and whoever has to act is
/// told of each that moved.
///
/// # Errors
/// `not_found`, `precondition_failed`, `validation_failed` that names the field, and the line of a CSV.
pub fn load(call: &mut Call<'_>, word: &str, form: CalendarForm) -> Outcome<LoadedCalendarView> {
    let year = year(word)?;
    let rows = CalendarYear::lock_every(call.tx)?;
    let before = rows.iter().find(|row| row.year == year);
    call.expect_version(before.map_or(0, |row| row.version))?;
    let notice = notice(&form, year)?;
    let earlier = call.program.rest_days.with(&rows);
    let row = CalendarYear {
        year,
        days: notice.days().collect(),
        loaded_by: call.actor()?.user_id,
        loaded_at: call.now,
        settled_at: None,
        version: before.map_or(1, |row| row.version.saturating_add(1)),
    };
    match before {
        Some(_) => CalendarYear::replace(call.tx, &row)?,
        // Somebody else may have been the first in the meantime: what is there is that one's notice, whatever
        // version this one is meant for.
        None if !CalendarYear::insert_or_ignore(call.tx, &row)? => return Err(StorageError::Stale.into()),
        None => {}
    }
    let calendar = call.program.rest_days.with(&CalendarYear::every(call.tx)?);
    let after = view(year, &calendar, Some(&row));
    let id = subject(year);
    record(call, EventAction::CalendarLoaded, id, Some(&view(year, &earlier, before)), &after)?;
    let recounted = recount::recount(call, &calendar)?;
    record(call, EventAction::DeadlinesRecounted, id, None, &recounted)?;
    Ok(LoadedCalendarView { calendar: after, recounted })
}

fn notice(form: &CalendarForm, year: i32) -> Outcome<Calendar> {
    let (field, notice) = match (&form.days, &form.csv) {
        (Some(days), None) => ("days", listed(days)?),
        (None, Some(csv)) => {
            let read = Calendar::from_csv(csv).map_err(|error| {
                let both = error.to_string();
                let (zh, en) = both.split_once(" / ").unwrap_or((&both, &both));
                Refusal::field("csv", "csv", zh, en)
            })?;
            ("csv", read)
        }
        (Some(_), Some(_)) | (None, None) => {
            let (zh, en) = ("请填写 days 或 csv 其中之一。", "give either `days` or `csv`.");
            return Err(Refusal::field("days", "required", zh, en).into());
        }
    };
    notice.check_notice(year, field)?;
    Ok(notice)
}

fn listed(days: &[CalendarDay]) -> Result<Calendar, Refusal> {
    let mut by_day: BTreeMap<Day, DayKind> = BTreeMap::new();
    for (place, day) in days.iter().enumerate() {
        if by_day.insert(day.date, day.kind).is_some() {
            let (zh, en) = (format!("{} 重复。", day.date), format!("{} is listed twice.", day.date));
            return Err(Refusal::field(&format!("days[{place}].date"), "duplicate", zh, en));
        }
    }
    Ok(by_day.into_iter().collect())
}

/// The id of a year in the log of events: the log names things by ids, and a year has none.
fn subject(year: i32) -> Uuid {
    Uuid::from_u128(u128::from(year.unsigned_abs()))
}

fn record(
    call: &mut Call<'_>,
    action: EventAction,
    id: Uuid,
    before: Option<&dyn super::call::erased::Facts>,
    after: &dyn super::call::erased::Facts,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::Calendar,
        id,
        organization_id: None,
        cycle_id: None,
        before,
        after: Some(after),
    })
}
