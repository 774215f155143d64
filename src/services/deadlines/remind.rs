//! The job that reminds people of deadlines, 5 days and 1 day ahead, each once (SPEC §9).
//!
//! It looks at everything that ends soon, once an hour, and writes down whom it has told of what: a
//! server that was down tells late what still helps, and one that dies in the middle tells the rest
//! at the next turn. In the application each deadline is told by itself; the letters of one person are
//! made one. A deadline that moves is another one, and what is done is not found any more.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use voucher_domain::due::{Ahead, reminder_due, reminder_horizon};
use voucher_domain::period::Instant;
use voucher_storage::deadline::Reached;
use voucher_storage::notification::Notification;
use voucher_storage::outbox::OutboxMail;
use voucher_storage::reminder::Reminder;
use voucher_storage::user::{Reader, User};

use super::{Audience, Due, OpenDeadline, assessments, sources, wording};
use crate::services::lease::Turn;
use crate::services::{Call, Outcome, notify};

const BATCH: u16 = 500;

/// Reminds everybody of what is due; how many reminders were given.
///
/// # Errors
/// When the store fails; who was reminded before stays so.
pub fn run(turn: &Turn<'_>) -> Outcome<usize> {
    let vouchers = |call: &mut Call<'_>, reached: Reached| {
        let until = reminder_horizon(call.now)?;
        sources::about_vouchers(call, until, reached, BATCH)
    };
    let others = |call: &mut Call<'_>, _: Option<()>| {
        let until = reminder_horizon(call.now)?;
        let mut open = sources::about_notices(call, until)?;
        open.extend(sources::about_exits(call, until.day())?);
        open.extend(sources::statements_of(call, None)?);
        open.extend(assessments::about(call, until)?);
        Ok((open, None))
    };
    let certificates = |call: &mut Call<'_>, reached: Option<Uuid>| {
        let until = reminder_horizon(call.now)?.day();
        sources::about_certificates(call, until, reached, BATCH)
    };
    let given = part_by_part(turn, vouchers)?;
    let given = given.saturating_add(part_by_part(turn, others)?);
    let given = given.saturating_add(part_by_part(turn, certificates)?);
    write_letters(turn)?;
    Ok(given)
}

/// Reminds of what is read part by part, each from where the one before ended; how many reminders were given.
fn part_by_part<R: Copy>(
    turn: &Turn<'_>,
    read: impl Fn(&mut Call<'_>, Option<R>) -> Outcome<(Vec<OpenDeadline>, Option<R>)>,
) -> Outcome<usize> {
    let mut given: usize = 0;
    let mut reached = None;
    loop {
        // Looked for beside those who write: of most parts nobody is to be reminded.
        let (is_due, mut next) = turn.program.observe(|call| {
            let (open, next) = read(call, reached)?;
            Ok((!due_reminders(call, &open)?.is_empty(), next))
        })?;
        if is_due {
            let (count, written_to) = turn.program.transact(|call| {
                let (open, next) = read(call, reached)?;
                Ok((give(call, &open)?, next))
            })?;
            given = given.saturating_add(count);
            next = written_to;
        }
        reached = next;
        if reached.is_none() || !turn.goes_on()? {
            return Ok(given);
        }
    }
}

/// What one reminder is known by: who, of what, of which end of it, how many days ahead.
type Known = (Uuid, voucher_domain::due::DeadlineKind, Uuid, Instant, i32);

/// Reminds of those of these deadlines whose reminder is due, everybody once; how many reminders.
fn give(call: &mut Call<'_>, open: &[OpenDeadline]) -> Outcome<usize> {
    let (reminders, notifications): (Vec<_>, Vec<_>) = due_reminders(call, open)?.into_iter().unzip();
    Reminder::insert_all(call.tx, &reminders)?;
    Notification::insert_all(call.tx, &notifications)?;
    Ok(reminders.len())
}

/// The reminders of these deadlines that are due and were not given yet, and what they say in the application.
fn due_reminders(call: &mut Call<'_>, open: &[OpenDeadline]) -> Outcome<Vec<(Reminder, Notification)>> {
    let due = due_now(call, open)?;
    let subjects: BTreeSet<Uuid> = due.iter().map(|(item, _, _)| item.subject_id).collect();
    let subjects: Vec<Uuid> = subjects.into_iter().collect();
    let mut known: BTreeSet<Known> = BTreeSet::new();
    for row in Reminder::of_subjects(call.tx, &subjects)? {
        known.insert((row.user_id, row.kind, row.subject_id, row.expires_at, row.days_ahead));
    }
    let readers = readers(call, &due)?;
    let mut reminders = Vec::new();
    for (item, end, ahead) in due {
        let days_ahead = i32::try_from(ahead.days()).unwrap_or(i32::MAX);
        for reader in readers.get(&item.audience).into_iter().flatten() {
            if !known.insert((reader.id, item.kind, item.subject_id, end.expires_at, days_ahead)) {
                continue;
            }
            let reminder = Reminder {
                id: call.new_id(),
                user_id: reader.id,
                kind: item.kind,
                part: item.part,
                name: item.name.clone(),
                subject_kind: item.subject_kind,
                subject_id: item.subject_id,
                last_day: end.last_day,
                expires_at: end.expires_at,
                days_ahead,
                created_at: call.now,
                letter_id: None,
            };
            let message = wording::near(item, end, call.today());
            let notification = Notification {
                id: call.new_id(),
                user_id: reader.id,
                kind: message.kind,
                subject_kind: message.subject_kind,
                subject_id: message.subject_id,
                facts: message.facts,
                created_at: call.now,
                read_at: None,
            };
            reminders.push((reminder, notification));
        }
    }
    Ok(reminders)
}

/// Those of these deadlines of which people are to be reminded at this moment.
fn due_now<'a>(call: &Call<'_>, open: &'a [OpenDeadline]) -> Outcome<Vec<(&'a OpenDeadline, &'a Due, Ahead)>> {
    let hour = call.program.settings.jobs.reminder_hour;
    let mut found = Vec::new();
    for item in open {
        let Some(due) = &item.due else { continue };
        if let Some(ahead) = reminder_due(due.last_day, due.expires_at, call.now, hour)? {
            found.push((item, due, ahead));
        }
    }
    Ok(found)
}

/// The people behind each audience.
fn readers(call: &mut Call<'_>, due: &[(&OpenDeadline, &Due, Ahead)]) -> Outcome<BTreeMap<Audience, Vec<Reader>>> {
    let audiences: BTreeSet<Audience> = due.iter().map(|(item, _, _)| item.audience).collect();
    let organization = |audience: &Audience| match audience {
        Audience::Organization(id) => Some(*id),
        Audience::Role(_) | Audience::User(_) => None,
    };
    let organizations: Vec<Uuid> = audiences.iter().filter_map(organization).collect();
    let mut readers: BTreeMap<Audience, Vec<Reader>> = BTreeMap::new();
    for reader in User::readers_of(call.tx, &organizations)? {
        let Some(id) = reader.organization_id else { continue };
        readers.entry(Audience::Organization(id)).or_default().push(reader);
    }
    for audience in audiences {
        match audience {
            Audience::Organization(_) => {}
            Audience::Role(role) => {
                readers.insert(audience, User::readers_of_role(call.tx, role)?);
            }
            Audience::User(id) => {
                readers.insert(audience, User::reader(call.tx, id)?.into_iter().collect());
            }
        }
    }
    Ok(readers)
}

/// Puts the reminders that no letter tells yet into letters, one for each person.
fn write_letters(turn: &Turn<'_>) -> Outcome<()> {
    let mut after = None;
    loop {
        let next = turn.program.transact(|call| {
            let waiting = Reminder::unlettered(call.tx, after, BATCH)?;
            let people: BTreeSet<Uuid> = waiting.iter().map(|row| row.user_id).collect();
            for user_id in &people {
                write_letter(call, *user_id)?;
            }
            Ok(people.last().copied().filter(|_| waiting.len() == usize::from(BATCH)))
        })?;
        after = next;
        if after.is_none() || !turn.goes_on()? {
            return Ok(());
        }
    }
}

/// One letter with everything that a person was reminded of and no letter tells yet.
fn write_letter(call: &mut Call<'_>, user_id: Uuid) -> Outcome<()> {
    let rows = Reminder::unlettered_of(call.tx, user_id)?;
    let letter_id = call.new_id();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    Reminder::told_by(call.tx, &ids, letter_id)?;
    // An account that was closed in the meantime gets none.
    let Some(reader) = User::reader(call.tx, user_id)? else { return Ok(()) };
    let Some(message) = wording::letter(call, &rows)? else { return Ok(()) };
    OutboxMail::insert(call.tx, &notify::letter(call, letter_id, &reader, &message))?;
    Ok(())
}
