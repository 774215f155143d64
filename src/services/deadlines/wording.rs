//! What a reminder says, and whether it is still to be said.

use voucher_domain::actor::Role;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_domain::period::{Day, days_between};
use voucher_domain::text::Text;
use voucher_storage::outbox::OutboxMail;
use voucher_storage::reminder::Reminder;
use voucher_storage::user::User;

use super::{Due, OpenDeadline, again};
use crate::services::notify::Message;
use crate::services::{Call, Outcome};

/// A single reminder.
pub(super) fn near(item: &OpenDeadline, due: &Due, today: Day) -> Message {
    let mut explanation = item.what_to_do();
    if let Some(reckoned) = item.explanation() {
        explanation.zh.push_str(&reckoned.zh);
        explanation.en.push(' ');
        explanation.en.push_str(&reckoned.en);
    }
    Message {
        kind: NotificationKind::DeadlineNear,
        subject_kind: item.subject_kind,
        subject_id: item.subject_id,
        facts: Facts::default()
            .with(FactName::What, what(item.kind, &item.name))
            .with(FactName::LastDay, due.last_day)
            .with(FactName::DaysAhead, days_between(today, due.last_day))
            .with(FactName::Explanation, explanation),
    }
}

/// The letter of reminders that are still open: of one, or of several in a list; nothing when none is.
pub(super) fn letter(call: &mut Call<'_>, rows: &[Reminder]) -> Outcome<Option<Message>> {
    let (open, today) = (still_open(call, rows)?, call.today());
    Ok(match open.as_slice() {
        [] => None,
        [(item, due)] => Some(near(item, due, today)),
        [(first, _), ..] => Some(Message {
            kind: NotificationKind::DeadlineDigest,
            subject_kind: first.subject_kind,
            subject_id: first.subject_id,
            facts: lines(&open, today),
        }),
    })
}

/// What a letter of reminders says at the moment it is sent: of what is still open alone. Nothing when
/// everything is done.
///
/// # Errors
/// When the store fails.
pub fn still_to_say(call: &mut Call<'_>, letter: &OutboxMail) -> Outcome<Option<Facts>> {
    let rows = Reminder::of_letter(call.tx, letter.id)?;
    let (open, today) = (still_open(call, &rows)?, call.today());
    Ok(match open.first() {
        None => None,
        Some((item, due)) if letter.kind == NotificationKind::DeadlineNear => Some(near(item, due, today).facts),
        Some(_) => Some(lines(&open, today)),
    })
}

fn lines(open: &[(OpenDeadline, Due)], today: Day) -> Facts {
    let lines: Vec<Text> = open.iter().map(|(item, due)| line(item, due, today)).collect();
    Facts::default().with(FactName::Lines, lines)
}

/// The deadlines of these reminders that are open still, the most urgent first.
fn still_open(call: &mut Call<'_>, rows: &[Reminder]) -> Outcome<Vec<(OpenDeadline, Due)>> {
    let mut open = Vec::new();
    for row in rows {
        if let Some(item) = look_again(call, row)?
            && let Some(due) = item.due.clone()
        {
            open.push((item, due));
        }
    }
    open.sort_by_key(|(item, due)| (due.expires_at, item.subject_id));
    Ok(open)
}

fn what(kind: DeadlineKind, name: &str) -> Text {
    let task = kind.task();
    Text::new(format!("{} {name}", task.zh), format!("{} {name}", task.en))
}

fn line(item: &OpenDeadline, due: &Due, today: Day) -> Text {
    let (last_day, days) = (due.last_day, days_between(today, due.last_day));
    let to_do = item.what_to_do();
    Text::new(
        format!("{last_day}(还有 {days} 天) {}", to_do.zh),
        format!("{last_day} ({days} {} left): {}", if days == 1 { "day" } else { "days" }, to_do.en),
    )
}

/// The deadline that somebody was reminded of, if it is open still, and the same.
fn look_again(call: &mut Call<'_>, row: &Reminder) -> Outcome<Option<OpenDeadline>> {
    if call.now >= row.expires_at {
        return Ok(None);
    }
    let Some(user) = User::find(call.tx, row.user_id)? else { return Ok(None) };
    let open = match (row.part, user.organization_id) {
        (Part::Officer, _) if user.role == Role::Officer && row.subject_kind == SubjectKind::Notice => {
            again::of_notice(call, row.subject_id)?
        }
        (Part::Applicant | Part::Facility, Some(organization_id)) => {
            again::of_subject(call, organization_id, row.part, row.kind, row.subject_id)?
        }
        (Part::Officer | Part::Expert, _) | (Part::Applicant | Part::Facility, None) => Vec::new(),
    };
    let same = |item: &OpenDeadline| {
        item.kind == row.kind
            && item.subject_id == row.subject_id
            && item.due.as_ref().is_some_and(|due| due.expires_at == row.expires_at)
    };
    Ok(open.into_iter().find(same))
}
