//! The deadlines as a calendar that other programs subscribe to (RFC 5545), under a secret address.

use chrono::Duration;
use icalendar::{Alarm, Calendar, Class, Component, Event, EventLike, Property};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Actor;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_domain::text::Language;
use voucher_storage::reminder::DeadlineFeed;
use voucher_storage::user::User;

use super::{Due, OpenDeadline, of_caller};
use crate::services::ports::Download;
use crate::services::{Call, Change, Failure, Outcome};

const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";
const FILE_NAME: &str = "deadlines.ics";
/// How often programs are asked to look again.
const REFRESH_HOURS: i64 = 6;

/// The secret address of a feed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeedView {
    /// The address; whoever has it reads these deadlines. It is shown once.
    pub url: String,
    /// When it was made.
    pub created_at: Instant,
}

/// Whose feed is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FeedsQuery {
    /// The secret of the address; not needed with an access token.
    pub token: Option<String>,
}

/// Makes the address of the caller's feed anew; an earlier one ends.
///
/// # Errors
/// When the store fails, or the system has no randomness.
pub fn secret_address(call: &mut Call<'_>) -> Outcome<FeedView> {
    let user_id = call.actor()?.user_id;
    // Locked, so that of two at once the later one holds.
    User::lock(call.tx, user_id)?;
    DeadlineFeed::remove(call.tx, user_id)?;
    let tokens = &call.program.tokens;
    let secret = tokens.secret().map_err(|error| Failure::internal(error.to_string()))?;
    let row = DeadlineFeed { user_id, token_hash: tokens.digest(&secret), created_at: call.now };
    DeadlineFeed::insert(call.tx, &row)?;
    record(call, EventAction::FeedOpened, user_id)?;
    let url = format!("{}/api/v1/me/deadlines.ics?token={secret}", call.program.settings.server.public_url);
    Ok(FeedView { url, created_at: call.now })
}

/// Ends the address of the caller's feed.
///
/// # Errors
/// `not_found` when there is none.
pub fn revoke(call: &mut Call<'_>) -> Outcome<()> {
    let user_id = call.actor()?.user_id;
    if !DeadlineFeed::remove(call.tx, user_id)? {
        return Err(Refusal::not_found().into());
    }
    record(call, EventAction::FeedClosed, user_id)
}

fn record(call: &mut Call<'_>, action: EventAction, user_id: Uuid) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::User,
        id: user_id,
        organization_id: call.caller.and_then(|actor| actor.organization_id),
        cycle_id: None,
        before: None,
        after: None,
    })
}

/// The deadlines of whoever the secret, or the access token, belongs to.
///
/// # Errors
/// `not_found` for a secret that is none, or no more.
pub fn fetch(call: &mut Call<'_>, query: FeedsQuery) -> Outcome<Download> {
    let user_id = match (&query.token, call.caller) {
        (Some(secret), _) => DeadlineFeed::user_of(call.tx, &call.program.tokens.digest(secret))?,
        (None, Some(actor)) => Some(actor.user_id),
        (None, None) => None,
    };
    let user = match user_id {
        Some(id) => User::find(call.tx, id)?,
        None => None,
    };
    let user = user.filter(|user| user.is_active).ok_or_else(Refusal::not_found)?;
    call.caller = Some(Actor { user_id: user.id, role: user.role, organization_id: user.organization_id });
    let open = of_caller(call)?;
    let host = host(&call.program.settings.server.public_url);
    let text = calendar(&open, call.now, user.language, host).to_string();
    Ok(Download { content_type: MEDIA_TYPE.to_owned(), name: FILE_NAME.to_owned(), bytes: text.into_bytes() })
}

fn calendar(open: &[OpenDeadline], now: Instant, language: Language, host: &str) -> Calendar {
    let name = match language {
        Language::Chinese => "创新券期限",
        Language::English => "Voucher deadlines",
    };
    let mut calendar = Calendar::new();
    calendar.name(name).ttl(&Duration::hours(REFRESH_HOURS));
    for item in open {
        if let Some(due) = &item.due {
            calendar.push(event(item, due, now, language, host));
        }
    }
    calendar.done()
}

/// An all-day event on the last day. Its id is the thing's, so that a deadline that moves moves its event.
fn event(item: &OpenDeadline, due: &Due, now: Instant, language: Language, host: &str) -> Event {
    let words = |text: voucher_domain::text::Text| text.in_language(language).to_owned();
    let (title, what_to_do) = (words(item.kind.title()), words(item.what_to_do()));
    let explanation = item.explanation().map(words).unwrap_or_default();
    let until = match language {
        Language::Chinese => ":",
        Language::English => ": ",
    };
    let uid = format!("{}-{}@{host}", item.kind, item.subject_id);
    let mut alarm = Alarm::display(&title, Duration::days(-1));
    alarm.uid(&format!("alarm-{uid}")).timestamp(now.utc());
    let mut event = Event::new();
    event
        .uid(&uid)
        .timestamp(now.utc())
        // A day without an end is that whole day (RFC 5545 §3.6.1).
        .starts(due.last_day)
        .class(Class::Confidential)
        .summary(&format!("{title}{until}{}", item.name))
        .description(&format!("{what_to_do}\n{explanation}"))
        .append_property(Property::new("TRANSP", "TRANSPARENT"))
        .alarm(alarm);
    event.done()
}

/// The host of an address, which makes the ids of events differ from those of other calendars.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use voucher_domain::due::{DeadlineKind, Part};
    use voucher_domain::period::{Calendar as RestDays, Deadline, Span};

    use super::super::Audience;
    use super::*;

    fn registration() -> OpenDeadline {
        let rest_days = RestDays::from_csv(include_str!("../../../config/calendar/state-council.csv")).unwrap();
        let deadline = Deadline::after("2026-09-16".parse().unwrap(), Span::Days(15), &rest_days).unwrap();
        OpenDeadline {
            kind: DeadlineKind::Registration,
            audience: Audience::Organization(Uuid::nil()),
            part: Part::Applicant,
            subject_kind: SubjectKind::Voucher,
            subject_id: Uuid::nil(),
            name: "CXQ-2026-7K3M-9QXR-2HVT".to_owned(),
            due: Some(Due::reckoned(&deadline)),
        }
    }

    #[test]
    fn an_event_lies_on_the_last_day_and_keeps_its_id() {
        let now: Instant = "2026-09-16T10:00:00+08:00".parse().unwrap();
        let text = calendar(&[registration()], now, Language::Chinese, "voucher.test").to_string();
        let unfolded = text.replace("\r\n ", "");
        for line in [
            "BEGIN:VCALENDAR",
            "UID:registration-00000000-0000-0000-0000-000000000000@voucher.test",
            "DTSTAMP:20260916T020000Z",
            "DTSTART;VALUE=DATE:20261008",
            "SUMMARY:合同登记期限:CXQ-2026-7K3M-9QXR-2HVT",
        ] {
            assert!(unfolded.lines().any(|found| found == line), "{line} is not in\n{unfolded}");
        }
        assert!(unfolded.contains("国庆节假期"), "{unfolded}");
        // The day after it is no part of it, and the same deadlines are the same text.
        assert!(!unfolded.contains("DTEND"), "{unfolded}");
        assert_eq!(text, calendar(&[registration()], now, Language::Chinese, "voucher.test").to_string());
        // RFC 5545 §3.1: lines of at most 75 octets, ended by CR LF.
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    }

    #[test]
    fn what_has_no_day_is_no_event() {
        let review = OpenDeadline { due: None, ..registration() };
        let now: Instant = "2026-09-16T10:00:00+08:00".parse().unwrap();
        assert!(!calendar(&[review], now, Language::English, "voucher.test").to_string().contains("VEVENT"));
    }

    #[test]
    fn the_host_is_cut_out_of_an_address() {
        for url in ["https://voucher.test/x", "http://voucher.test:8080", "voucher.test"] {
            assert_eq!(host(url), "voucher.test", "{url}");
        }
    }
}
