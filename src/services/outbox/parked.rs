//! The outbox as an administrator sees it: what waits, what was sent, what could not be. Never what a
//! letter says: there may be secrets in it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{LetterState, NotificationKind};
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::outbox::OutboxMail;

use crate::services::{Call, Change, Outcome, Page, PageRequest};

/// Which letters are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OutboxQuery {
    /// In this state.
    pub state: Option<LetterState>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A letter, from outside.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterView {
    /// Its id, which is in its Message-ID.
    pub id: Uuid,
    /// The address.
    pub recipient: String,
    /// What it tells.
    pub kind: NotificationKind,
    /// What kind of thing it is about.
    pub subject_kind: Option<SubjectKind>,
    /// Which thing.
    pub subject_id: Option<Uuid>,
    /// What became of it.
    pub state: LetterState,
    /// When it was put into the outbox.
    pub created_at: Instant,
    /// How often it was tried, since it was last put there.
    pub attempts: i32,
    /// When it is tried next; nothing for one that does not wait.
    pub next_attempt_at: Option<Instant>,
    /// When it was sent, parked or dropped.
    pub settled_at: Option<Instant>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

impl From<OutboxMail> for LetterView {
    fn from(row: OutboxMail) -> Self {
        Self {
            id: row.id,
            recipient: row.recipient,
            kind: row.kind,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            state: row.state,
            created_at: row.created_at,
            attempts: row.attempts,
            next_attempt_at: (row.state == LetterState::Waiting).then_some(row.next_attempt_at),
            settled_at: row.settled_at,
            last_error: row.last_error,
        }
    }
}

/// The letters, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: OutboxQuery) -> Outcome<Page<LetterView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = OutboxMail::list(call.tx, query.state, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}

/// Sends a parked letter again, with all its attempts before it.
///
/// # Errors
/// `not_found`, `invalid_state` for one that is not parked.
pub fn retry(call: &mut Call<'_>, id: Uuid) -> Outcome<LetterView> {
    let before = OutboxMail::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if before.state != LetterState::Parked {
        return Err(Refusal::invalid_state(
            "只有发送失败并被搁置(parked)的邮件才能重新发送。",
            "Only a letter that was parked can be sent again.",
        )
        .into());
    }
    OutboxMail::unpark(call.tx, id, call.now)?;
    let after = OutboxMail::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let (before, after) = (LetterView::from(before), LetterView::from(after));
    call.record(Change {
        action: EventAction::LetterRetried,
        kind: SubjectKind::Letter,
        id,
        organization_id: None,
        cycle_id: None,
        before: Some(&before),
        after: Some(&after),
    })?;
    Ok(after)
}
