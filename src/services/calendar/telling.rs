//! Whoever has to act is told of each deadline that moved: one message for what moved alike.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_domain::period::{Day, Deadline};

use crate::services::notify::{self, Message};
use crate::services::{Call, Outcome};

/// So many names stand in one message.
const MOST_NAMES: usize = 10;

/// A deadline that moved to another day, for those who have to act on it.
pub(super) struct Shift {
    pub(super) kind: DeadlineKind,
    pub(super) part: Part,
    pub(super) organization_id: Uuid,
    pub(super) subject_kind: SubjectKind,
    pub(super) subject_id: Uuid,
    pub(super) name: String,
    pub(super) before: Deadline,
    pub(super) after: Deadline,
}

/// What moved alike: whose it is, what for, from which day and to which.
type Alike = (Uuid, DeadlineKind, Day, Day);

/// Tells the people of each organization, in few statements.
pub(super) fn tell(call: &mut Call<'_>, shifts: &[Shift]) -> Outcome<()> {
    let mut alike: BTreeMap<Alike, Vec<&Shift>> = BTreeMap::new();
    for shift in shifts {
        let key = (shift.organization_id, shift.kind, shift.before.last_day, shift.after.last_day);
        alike.entry(key).or_default().push(shift);
    }
    let messages = alike.iter().filter_map(|((id, _, _, _), shifts)| Some((*id, message(shifts)?)));
    notify::tell_organizations(call, &messages.collect::<Vec<_>>())
}

fn message(shifts: &[&Shift]) -> Option<Message> {
    let first = shifts.first()?;
    let names: Vec<&str> = shifts.iter().take(MOST_NAMES).map(|shift| shift.name.as_str()).collect();
    let (mut zh, mut en) = (names.join("、"), names.join(", "));
    if shifts.len() > MOST_NAMES {
        zh.push_str(&format!(" 等 {} 项", shifts.len()));
        en.push_str(&format!(" and others, {} in all", shifts.len()));
    }
    let mut what = first.kind.title();
    what.zh.push_str(&format!(" {zh}"));
    what.en.push_str(&format!(" {en}"));
    let mut explanation = first.after.explanation();
    let to_do = first.kind.what_to_do(first.part, &zh);
    explanation.zh.push_str(&to_do.zh);
    explanation.en.push_str(&format!(" {}", first.kind.what_to_do(first.part, &en).en));
    Some(Message {
        kind: NotificationKind::DeadlineMoved,
        subject_kind: first.subject_kind,
        subject_id: first.subject_id,
        facts: Facts::default()
            .with(FactName::What, what)
            .with(FactName::EarlierDay, first.before.last_day)
            .with(FactName::LastDay, first.after.last_day)
            .with(FactName::Explanation, explanation),
    })
}
