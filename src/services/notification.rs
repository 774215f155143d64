//! What a person was told, as the application shows it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::NotificationKind;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_domain::text::{Language, Text};
use voucher_storage::notification::Notification;

use super::{Call, Failure, Outcome, Page, PageRequest, Program};

/// Which notifications are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NotificationsQuery {
    /// Those alone that are not read yet.
    pub unread: Option<bool>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Something that the caller was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationView {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: NotificationKind,
    /// What kind of thing it is about.
    pub subject_kind: SubjectKind,
    /// Which thing.
    pub subject_id: Uuid,
    /// In a line.
    pub title: Text,
    /// In full.
    pub text: Text,
    /// When.
    pub created_at: Instant,
    /// When it was marked as read.
    pub read_at: Option<Instant>,
}

impl NotificationView {
    /// The row in the words of the templates.
    ///
    /// # Errors
    /// When its template asks for a fact that it was not told with.
    pub(super) fn of(program: &Program, row: Notification) -> Outcome<Self> {
        let wording = |language| {
            let worded = program.templates.message(row.kind, language, &row.facts);
            worded.map_err(|error| Failure::internal(format!("notification {}: {error}", row.id)))
        };
        let (zh, en) = (wording(Language::Chinese)?, wording(Language::English)?);
        Ok(Self {
            id: row.id,
            kind: row.kind,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            title: Text::new(zh.title, en.title),
            text: Text::new(zh.text, en.text),
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}

/// What the caller was told, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: NotificationsQuery) -> Outcome<Page<NotificationView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let (user_id, unread_alone) = (call.actor()?.user_id, query.unread.unwrap_or_default());
    let rows = Notification::of_user(call.tx, user_id, unread_alone, page.before, page.limit)?;
    Page::of(rows, |row| NotificationView::of(call.program, row))
}

/// Marks one as read. That a person reads what was told is no change of the state of anything, and so
/// no event.
///
/// # Errors
/// `not_found` for what somebody else was told.
pub fn mark_read(call: &mut Call<'_>, id: Uuid) -> Outcome<NotificationView> {
    let user_id = call.actor()?.user_id;
    let row = Notification::find(call.tx, id)?.filter(|row| row.user_id == user_id).ok_or_else(Refusal::not_found)?;
    Notification::mark_read(call.tx, id, call.now)?;
    let read_at = row.read_at.or(Some(call.now));
    NotificationView::of(call.program, Notification { read_at, ..row })
}
