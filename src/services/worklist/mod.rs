//! What waits for the caller: lists of things to do, each with its deadline, read from the things
//! themselves; and for a facility, what it can expect to be paid in which quarter.

mod campaigns;
mod forecast;
mod officers;
mod parties;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::due::Part;
use voucher_domain::event::SubjectKind;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Deadline, Instant, days_between};
use voucher_domain::refusal::Refusal;
use voucher_domain::text::Text;
use voucher_domain::worklist::{TaskKind, task_of};

use super::deadlines::{Due, OpenDeadline};
use super::{Call, Outcome};

pub use forecast::{ExpectedPayment, ForecastView};

/// How many things one list shows at the most.
const MOST: u16 = 200;
/// How many are read, to know whether there are more.
const READ: u16 = MOST.saturating_add(1);

/// Something that the caller has to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskView {
    /// What kind of thing it is about.
    pub subject_kind: SubjectKind,
    /// Which thing.
    pub subject_id: Uuid,
    /// What people call the thing: a number, a title, a name.
    pub name: String,
    /// What it is about in money, where that is one amount.
    pub amount_fen: Option<Money>,
    /// Since when it waits, where that is known.
    pub since: Option<Instant>,
    /// From this day it can be done, where it cannot yet.
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub opens_on: Option<Day>,
    /// What is to be known before one begins.
    pub note: Option<Text>,
    /// How many days are left after today; nothing where no rule sets a day.
    pub days_left: Option<i64>,
    /// The last day.
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub last_day: Option<Day>,
    /// At this instant it is too late.
    pub expires_at: Option<Instant>,
    /// The deadline whole, where it was reckoned.
    pub deadline: Option<Deadline>,
}

/// The things of one kind that wait for the caller.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskListView {
    /// What is to be done.
    pub task: TaskKind,
    /// What it is called.
    pub title: Text,
    /// The article it follows from.
    pub article: String,
    /// The most urgent first, then those that wait longest; 200 at the most.
    pub items: Vec<TaskView>,
    /// Whether more wait than are shown.
    pub has_more: bool,
}

/// What waits for the caller.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorklistView {
    /// The day it is said on.
    #[schema(value_type = chrono::NaiveDate)]
    pub today: Day,
    /// In which part the caller acts.
    pub part: Part,
    /// Every list of this part, the empty ones too.
    pub lists: Vec<TaskListView>,
    /// For a facility: what it can expect to be paid.
    pub forecast: Option<ForecastView>,
}

/// Something that waits, before it is shown.
#[derive(Debug, Clone)]
struct Task {
    kind: TaskKind,
    subject_kind: SubjectKind,
    subject_id: Uuid,
    name: String,
    amount_fen: Option<Money>,
    since: Option<Instant>,
    opens_on: Option<Day>,
    note: Option<Text>,
    due: Option<Due>,
}

impl Task {
    fn of(kind: TaskKind, subject_kind: SubjectKind, subject_id: Uuid, name: impl Into<String>) -> Self {
        let name = name.into();
        let (amount_fen, since, opens_on, note, due) = (None, None, None, None, None);
        Self { kind, subject_kind, subject_id, name, amount_fen, since, opens_on, note, due }
    }

    /// The task that an open deadline asks for, where it asks for one by itself.
    fn of_deadline(open: OpenDeadline) -> Option<Self> {
        let kind = task_of(open.kind, open.part)?;
        let due = open.due;
        Some(Self { due, ..Self::of(kind, open.subject_kind, open.subject_id, open.name) })
    }

    fn shown(self, today: Day) -> TaskView {
        let due = self.due.as_ref();
        TaskView {
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            name: self.name,
            amount_fen: self.amount_fen,
            since: self.since,
            opens_on: self.opens_on,
            note: self.note,
            days_left: due.map(|due| days_between(today, due.last_day)),
            last_day: due.map(|due| due.last_day),
            expires_at: due.map(|due| due.expires_at),
            deadline: self.due.and_then(|due| due.reckoned),
        }
    }
}

/// What waits for the caller.
///
/// # Errors
/// `forbidden` for a role that nothing waits for.
pub fn list(call: &mut Call<'_>) -> Outcome<WorklistView> {
    let actor = call.actor()?;
    let (part, tasks, forecast) = match actor.role {
        Role::Applicant => (Part::Applicant, parties::of_applicant(call)?, None),
        Role::Facility => (Part::Facility, parties::of_facility(call)?, Some(forecast::of_facility(call)?)),
        Role::Expert => (Part::Expert, parties::by_deadlines(call)?, None),
        Role::Officer => (Part::Officer, officers::of_officer(call, actor.user_id)?, None),
        Role::Auditor | Role::Admin => {
            return Err(Refusal::forbidden("此账号没有待办事项。", "Nothing waits for this account.").into());
        }
    };
    let today = call.today();
    Ok(WorklistView { today, part, lists: lists(part, tasks, today), forecast })
}

fn lists(part: Part, mut tasks: Vec<Task>, today: Day) -> Vec<TaskListView> {
    tasks.sort_by_key(|task| {
        (task.due.is_none(), task.due.as_ref().map(|due| due.expires_at), task.since, task.subject_id)
    });
    let list = |kind: TaskKind| {
        let mut theirs = tasks.iter().filter(|task| task.kind == kind);
        let items = theirs.by_ref().take(usize::from(MOST)).map(|task| task.clone().shown(today)).collect();
        let has_more = theirs.next().is_some();
        TaskListView { task: kind, title: kind.title(), article: kind.article().to_owned(), items, has_more }
    };
    TaskKind::of_part(part).map(list).collect()
}
