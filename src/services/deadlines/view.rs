//! The list of a person's deadlines.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::period::{Day, Deadline, Instant, days_between};
use voucher_domain::text::Text;

use super::OpenDeadline;
use crate::services::{Call, Outcome};

const MOST: usize = 1000;

/// Which deadlines are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DeadlinesQuery {
    /// For this alone.
    pub kind: Option<DeadlineKind>,
}

/// Something that the caller has to do, and by when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeadlineView {
    /// What the deadline is for.
    pub kind: DeadlineKind,
    /// What it is called.
    pub title: Text,
    /// In which part the caller acts.
    pub part: Part,
    /// What kind of thing it is about.
    pub subject_kind: SubjectKind,
    /// Which thing.
    pub subject_id: Uuid,
    /// What people call the thing: a voucher's or a contract's number.
    pub name: String,
    /// What is to be done, and what comes of leaving it.
    pub what_to_do: Text,
    /// The article it rests on.
    pub article: Option<String>,
    /// How many days are left after today; nothing where no rule sets a day.
    pub days_left: Option<i64>,
    /// The last day.
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub last_day: Option<Day>,
    /// At this instant it is too late.
    pub expires_at: Option<Instant>,
    /// The deadline whole, where it was reckoned.
    pub deadline: Option<Deadline>,
    /// How the day came about: what it is counted from, and which holiday moved it.
    pub explanation: Option<Text>,
}

/// What the caller has to do, the most urgent first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeadlinesView {
    /// The day it is said on.
    #[schema(value_type = chrono::NaiveDate)]
    pub today: Day,
    /// What there is to do: the 1000 most urgent things at the most.
    pub items: Vec<DeadlineView>,
    /// How many there are in all.
    pub total: usize,
}

impl DeadlineView {
    fn of(item: OpenDeadline, today: Day) -> Self {
        let (what_to_do, explanation) = (item.what_to_do(), item.explanation());
        let due = item.due.as_ref();
        Self {
            kind: item.kind,
            title: item.kind.title(),
            part: item.part,
            subject_kind: item.subject_kind,
            subject_id: item.subject_id,
            what_to_do,
            article: item.kind.article().map(str::to_owned),
            days_left: due.map(|due| days_between(today, due.last_day)),
            last_day: due.map(|due| due.last_day),
            expires_at: due.map(|due| due.expires_at),
            explanation,
            deadline: item.due.and_then(|due| due.reckoned),
            name: item.name,
        }
    }
}

/// What the caller has to do, the most urgent first; what has no day comes last.
///
/// # Errors
/// When the store fails.
pub fn list(call: &mut Call<'_>, query: DeadlinesQuery) -> Outcome<DeadlinesView> {
    let mut open = super::of_caller(call)?;
    open.retain(|item| query.kind.is_none_or(|kind| item.kind == kind));
    let (today, total) = (call.today(), open.len());
    let items = open.into_iter().take(MOST).map(|item| DeadlineView::of(item, today)).collect();
    Ok(DeadlinesView { today, items, total })
}
