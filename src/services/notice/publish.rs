//! Publishing what is approved.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notice::{self as rules, NoticeItemStatus, NoticeKind};
use voucher_storage::notice::{Notice, NoticeItem};

use super::subject::Subjects;
use super::{NoticeView, view};
use crate::services::{Call, Change, Failure, Outcome};

/// A notice to be published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    /// What it publishes.
    pub kind: NoticeKind,
    /// The approved redemptions, the approved facilities, or the submissions to an assessment that is decided.
    pub subject_ids: Vec<Uuid>,
}

/// Publishes what is approved for the days of Art. 14 and 15.5: redemptions, facilities that join (Art. 6), and what
/// submissions to the yearly assessment came to, with money or without. What an upheld objection changed comes back
/// here once no other objection to it is open.
///
/// # Errors
/// `validation_failed`, `not_found`, `invalid_state` for one that is not approved, `objection_open`.
pub fn publish(call: &mut Call<'_>, form: NoticeForm) -> Outcome<NoticeView> {
    rules::validate(&form.subject_ids)?;
    let subjects = Subjects::lock(call, form.kind, &form.subject_ids)?;
    let calendar = call.calendar()?;
    let periods = subjects.policies(call)?.into_iter().map(|policy| &policy.voucher);
    let deadline = rules::longest_period(periods, &calendar, call.today())?;
    let notice = Notice {
        id: call.new_id(),
        kind: form.kind,
        published_at: call.now,
        expires_at: deadline.expires_at,
        deadline,
        published_by: call.actor()?.user_id,
    };
    let notice = Notice::insert(call.tx, &notice)?;
    let items = items(call, &notice, &subjects)?;
    NoticeItem::insert_all(call.tx, &items)?;
    subjects.mark(call, notice.id)?;
    let after = view(call, &notice)?;
    call.record(Change {
        action: EventAction::NoticePublished,
        kind: SubjectKind::Notice,
        id: notice.id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(&after),
    })?;
    Ok(after)
}

/// The items of a notice, in the order they were named.
fn items(call: &mut Call<'_>, notice: &Notice, subjects: &Subjects) -> Outcome<Vec<NoticeItem>> {
    let mut items = Vec::new();
    for (subject_id, facts) in subjects.facts(call)? {
        let public_facts = serde_json::to_value(facts)
            .map_err(|error| Failure::internal(format!("published facts have no JSON form: {error}")))?;
        items.push(NoticeItem {
            id: call.new_id(),
            notice_id: notice.id,
            subject_id,
            status: NoticeItemStatus::Published,
            public_facts,
            version: 1,
        });
    }
    Ok(items)
}
