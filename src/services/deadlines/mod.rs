//! What is open and by when: read from the things themselves each time, so that what is done is gone
//! from the list at once. One place for the lists, the calendar feed and the reminders.

mod again;
mod assessments;
mod feed;
mod remind;
mod sources;
mod view;
mod wording;

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::text::Text;

use super::{Call, Outcome};

pub use feed::{FeedView, FeedsQuery, fetch, revoke, secret_address};
pub use remind::run as remind;
pub(super) use sources::{numbers, of_vouchers};
pub use view::{DeadlineView, DeadlinesQuery, DeadlinesView, list};
pub use wording::still_to_say;

/// Whom a deadline concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// The people of an organization.
    Organization(Uuid),
    /// Everybody of a role.
    Role(Role),
    /// One person.
    User(Uuid),
}

/// When it must be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub last_day: Day,
    /// Its end.
    pub expires_at: Instant,
    /// How it was reckoned; nothing for a day that somebody named.
    pub reckoned: Option<Deadline>,
}

/// Something that somebody has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDeadline {
    /// What the deadline is for.
    pub kind: DeadlineKind,
    /// Whom it concerns.
    pub audience: Audience,
    /// In which part they act.
    pub part: Part,
    /// What kind of thing it is about.
    pub subject_kind: SubjectKind,
    /// Which thing.
    pub subject_id: Uuid,
    /// What people call the thing.
    pub name: String,
    /// When; nothing where no rule sets a day.
    pub due: Option<Due>,
}

impl Due {
    pub(super) fn reckoned(deadline: &Deadline) -> Self {
        Self { last_day: deadline.last_day, expires_at: deadline.expires_at, reckoned: Some(deadline.clone()) }
    }

    pub(super) fn named(last_day: Day) -> Outcome<Self> {
        Ok(Self { last_day, expires_at: Deadline::end_of(last_day)?, reckoned: None })
    }
}

impl OpenDeadline {
    /// What is to be done.
    pub fn what_to_do(&self) -> Text {
        self.kind.what_to_do(self.part, &self.name)
    }

    /// How the day came about.
    pub fn explanation(&self) -> Option<Text> {
        match (&self.due, self.kind) {
            (None, _) => None,
            (Some(Due { reckoned: Some(deadline), .. }), _) => Some(deadline.explanation()),
            (Some(due), DeadlineKind::FacilityExit) => Some(Text::new(
                format!("开放单位申报的最后服务日为 {}。", due.last_day),
                format!("The facility has announced {} as its last day.", due.last_day),
            )),
            (Some(due), DeadlineKind::Assessment) => Some(Text::new(
                format!("考核通知规定的申报截止日为 {}。", due.last_day),
                format!("The campaign was announced with {} as the last day of submissions.", due.last_day),
            )),
            (Some(due), _) => Some(Text::new(
                format!("证书载明的有效期至 {}。", due.last_day),
                format!("The certificate says that it is valid until {}.", due.last_day),
            )),
        }
    }
}

/// What the caller has to do, the most urgent first; what has no day comes last.
pub(super) fn of_caller(call: &mut Call<'_>) -> Outcome<Vec<OpenDeadline>> {
    let actor = call.actor()?;
    let mut open = match (actor.role, actor.organization_id) {
        (Role::Applicant, Some(id)) => sources::of_applicant(call, id)?,
        (Role::Facility, Some(id)) => sources::of_facility(call, id)?,
        (Role::Expert, _) => sources::of_expert(call, actor.user_id)?,
        (Role::Officer, _) => sources::of_officers(call)?,
        (Role::Applicant | Role::Facility, None) | (Role::Auditor | Role::Admin, _) => Vec::new(),
    };
    open.sort_by_key(|item| (item.due.is_none(), item.due.as_ref().map(|due| due.expires_at), item.subject_id));
    Ok(open)
}
