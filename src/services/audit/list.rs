//! What auditors and administrators are shown of the log, and what everybody is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::audit::{LATEST_SECONDS, first_id_at};
use voucher_domain::code::Code;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::{Day, Instant};
use voucher_domain::refusal::Refusal;
use voucher_storage::audit::{AuditRoot, EventFilter, EventSeal};
use voucher_storage::event::Event;
use voucher_storage::user::User;

use crate::services::verification::{self, Report};
use crate::services::{Call, Failure, Outcome, Page, PageRequest};

/// Which events are asked for; what is not said is not asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditEventsQuery {
    /// By this person.
    pub actor_user_id: Option<Uuid>,
    /// About this kind of thing.
    #[param(inline)]
    pub subject_kind: Option<SubjectKind>,
    /// About this thing.
    pub subject_id: Option<Uuid>,
    /// This was done.
    #[param(inline)]
    pub action: Option<EventAction>,
    /// Concerning this organization.
    pub organization_id: Option<Uuid>,
    /// Concerning this cycle.
    pub cycle_id: Option<Uuid>,
    /// By this request.
    pub request_id: Option<Uuid>,
    /// At this instant or later.
    pub from: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An event's place in the chain.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SealView {
    /// Its number.
    pub position: i64,
    /// When it was sealed.
    pub sealed_at: Instant,
    /// The seal.
    pub hash: String,
}

/// An event of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditEventView {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub occurred_at: Instant,
    /// Who did it; nobody for the program's own work.
    pub actor_user_id: Option<Uuid>,
    /// What they are called.
    pub actor_name: Option<String>,
    /// In which role.
    pub actor_role: Option<Role>,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which.
    pub subject_id: Uuid,
    /// The organization it concerns.
    pub organization_id: Option<Uuid>,
    /// The cycle it concerns.
    pub cycle_id: Option<Uuid>,
    /// The thing before.
    pub before: Option<Value>,
    /// The thing after.
    pub after: Option<Value>,
    /// The request that did it.
    pub request_id: Uuid,
    /// Its place in the chain; absent in its first seconds.
    pub seal: Option<SealView>,
}

impl From<EventSeal> for SealView {
    fn from(row: EventSeal) -> Self {
        Self { position: row.position, sealed_at: row.sealed_at, hash: row.hash }
    }
}

/// The filter of a query.
///
/// # Errors
/// `validation_failed` for a span that ends before it begins.
pub(super) fn filter(query: &AuditEventsQuery) -> Outcome<EventFilter> {
    if let (Some(from), Some(until)) = (query.from, query.until)
        && until <= from
    {
        let refusal = Refusal::field("until", "order", "结束时间应晚于开始时间。", "must be later than `from`.");
        return Err(refusal.into());
    }
    // Ids are made a little after the instant that their event is dated.
    let around = |instant: Instant, seconds: i64| instant.plus_seconds(seconds).unwrap_or(instant);
    Ok(EventFilter {
        actor_user_id: query.actor_user_id,
        subject_kind: query.subject_kind.map(|kind| kind.code().to_owned()),
        subject_id: query.subject_id,
        action: query.action.map(|action| action.code().to_owned()),
        organization_id: query.organization_id,
        cycle_id: query.cycle_id,
        request_id: query.request_id,
        from: query.from,
        until: query.until,
        from_id: query.from.map(|from| first_id_at(around(from, LATEST_SECONDS.saturating_neg()))),
        until_id: query.until.map(|until| first_id_at(around(until, LATEST_SECONDS))),
    })
}

/// The events, newest first.
///
/// # Errors
/// `validation_failed` for a bad page or span.
pub fn list(call: &mut Call<'_>, query: AuditEventsQuery) -> Outcome<Page<AuditEventView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = Event::list(call.tx, &filter(&query)?, page.before, page.limit)?;
    let ids: Vec<Uuid> = rows.items.iter().map(|row| row.id).collect();
    let people: Vec<Uuid> = rows.items.iter().filter_map(|row| row.actor_user_id).collect();
    let mut seals = seals_of(call, &ids)?;
    let names = names_of(call, people)?;
    Page::of(rows, |row| view(row, &names, &mut seals))
}

/// The seals of these events, by event.
pub(super) fn seals_of(call: &mut Call<'_>, ids: &[Uuid]) -> Outcome<BTreeMap<Uuid, EventSeal>> {
    Ok(EventSeal::of_events(call.tx, ids)?.into_iter().map(|seal| (seal.event_id, seal)).collect())
}

/// What these people are called.
pub(super) fn names_of(call: &mut Call<'_>, mut people: Vec<Uuid>) -> Outcome<BTreeMap<Uuid, String>> {
    people.sort_unstable();
    people.dedup();
    Ok(User::find_all(call.tx, &people)?.into_iter().map(|user| (user.id, user.name)).collect())
}

fn view(row: Event, names: &BTreeMap<Uuid, String>, seals: &mut BTreeMap<Uuid, EventSeal>) -> Outcome<AuditEventView> {
    Ok(AuditEventView {
        seal: seals.remove(&row.id).map(SealView::from),
        actor_name: row.actor_user_id.and_then(|id| names.get(&id).cloned()),
        id: row.id,
        occurred_at: row.occurred_at,
        actor_user_id: row.actor_user_id,
        actor_role: row.actor_role,
        action: row.action,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        organization_id: row.organization_id,
        cycle_id: row.cycle_id,
        before: row.before.as_deref().map(facts).transpose()?,
        after: row.after.as_deref().map(facts).transpose()?,
        request_id: row.request_id,
    })
}

fn facts(written: &str) -> Outcome<Value> {
    serde_json::from_str(written).map_err(|error| Failure::internal(format!("an event holds no JSON: {error}")))
}

/// What the proof of the ledger and of the log came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationView {
    /// Whether everything is as it was written.
    pub is_whole: bool,
    /// The first fault.
    pub fault: Option<String>,
    /// How many cycles were proved.
    pub cycles: usize,
    /// How many entries of the ledger were read.
    pub entries: usize,
    /// How many vouchers were held against them.
    pub vouchers: usize,
    /// How many submissions to assessments were held against them.
    pub submissions: usize,
    /// How many attempts to claim were followed.
    pub attempts: usize,
    /// How many sealed events were followed.
    pub events: i64,
    /// The last seal that was reached, which stands for them all.
    pub last_seal: Option<String>,
    /// When this was proved.
    pub verified_at: Instant,
}

/// Proves the ledger and the log, as `voucher verify` does.
///
/// # Errors
/// When the store cannot be read; a fault is no error.
pub fn verification(call: &mut Call<'_>) -> Outcome<VerificationView> {
    let report: Report = verification::prove(call.tx, call.now)?;
    Ok(VerificationView {
        is_whole: report.fault.is_none(),
        fault: report.fault,
        cycles: report.cycles,
        entries: report.entries,
        vouchers: report.vouchers,
        submissions: report.submissions,
        attempts: report.attempts,
        events: report.events,
        last_seal: report.last_seal,
        verified_at: call.now,
    })
}

/// A part of the list of roots.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RootsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Where the chain of events stood at the end of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRootView {
    /// The day.
    #[schema(value_type = chrono::NaiveDate)]
    pub day: Day,
    /// How many events were sealed by then.
    pub position: i64,
    /// The last of their seals: whoever keeps it can prove that nothing before it was altered since.
    pub hash: String,
    /// When the day was closed.
    pub closed_at: Instant,
}

/// The roots, newest first; a day on which nothing was sealed has none.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn roots(call: &mut Call<'_>, query: RootsQuery) -> Outcome<Page<AuditRootView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = AuditRoot::page(call.tx, AuditRoot::all(), page.before, page.limit)?;
    Page::of(rows, |row| {
        Ok(AuditRootView { day: row.day, position: row.position, hash: row.hash, closed_at: row.closed_at })
    })
}
