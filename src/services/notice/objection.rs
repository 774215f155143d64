//! Objecting to what a notice publishes, under a real name that is never published.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::Money;
use voucher_domain::notice::{self as rules, NoticeKind, ObjectionStatus};
use voucher_domain::period::Instant;
use voucher_domain::privacy::{Disclosure, Personal, Place};
use voucher_domain::refusal::Refusal;
use voucher_storage::notice::{Notice, NoticeItem, Objection};

use crate::services::{Call, Change, Outcome, Page, PageRequest, facility, tidings};

/// An objection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectionForm {
    /// The published item it is about.
    pub item_id: Uuid,
    /// The real name of who objects; the commission alone sees it.
    #[schema(value_type = String)]
    pub name: Personal,
    /// How to reach them; the commission alone sees it.
    #[schema(value_type = String)]
    pub contact: Personal,
    /// Why.
    pub grounds: String,
}

/// Which objections are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ObjectionsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What can be said of an objection without saying whose it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionReceipt {
    /// Its id, to ask the commission about it.
    pub id: Uuid,
    /// The notice.
    pub notice_id: Uuid,
    /// The item it is about.
    pub item_id: Uuid,
    /// Its state.
    pub status: ObjectionStatus,
    /// When it was made.
    pub created_at: Instant,
    /// What remains payable, where it was upheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<Money>,
    /// Why it was resolved so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<String>,
    /// When it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Instant>,
}

/// An objection, as the commission sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionView {
    /// What can be said without saying whose it is.
    #[serde(flatten)]
    pub receipt: ObjectionReceipt,
    /// Who objects; masked but where this objection alone is read.
    pub name: String,
    /// How to reach them; masked as well.
    pub contact: String,
    /// Why.
    pub grounds: String,
    /// The officer who resolved it.
    pub resolved_by: Option<Uuid>,
    /// For `If-Match`, which is optional here.
    pub version: i64,
}

impl From<&Objection> for ObjectionReceipt {
    fn from(row: &Objection) -> Self {
        Self {
            id: row.id,
            notice_id: row.notice_id,
            item_id: row.item_id,
            status: row.status,
            created_at: row.created_at,
            amount_fen: row.amount_fen,
            reasons: row.reasons.clone(),
            resolved_at: row.resolved_at,
        }
    }
}

impl ObjectionView {
    pub(super) fn of(call: &Call<'_>, row: Objection, disclosure: Disclosure) -> Outcome<Self> {
        let name = call.program.open(Place::ObjectionName, row.id, &row.name)?;
        let contact = call.program.open(Place::ObjectionContact, row.id, &row.contact)?;
        Ok(Self {
            receipt: ObjectionReceipt::from(&row),
            name: name.shown(Place::ObjectionName, disclosure),
            contact: contact.shown(Place::ObjectionContact, disclosure),
            grounds: row.grounds,
            resolved_by: row.resolved_by,
            version: row.version,
        })
    }
}

/// Records what happened to an objection. The log is never changed, so it does not hold the name and
/// the contact: the objection itself does.
pub(super) fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&Objection>,
    after: &Objection,
) -> Outcome<()> {
    let before = before.map(ObjectionReceipt::from);
    call.record(Change {
        action,
        kind: SubjectKind::Objection,
        id: after.id,
        organization_id: None,
        cycle_id: None,
        before: before.as_ref().map(|view| -> &dyn crate::services::call::erased::Facts { view }),
        after: Some(&ObjectionReceipt::from(after)),
    })
}

/// Objects to one item of a notice while it runs. Open to anyone; the item is held back until the
/// objection is resolved.
///
/// # Errors
/// `not_found`, `validation_failed`, `invalid_state` after the notice, or for an item that no longer
/// stands.
pub fn object(call: &mut Call<'_>, notice_id: Uuid, form: ObjectionForm) -> Outcome<ObjectionReceipt> {
    let notice = Notice::find(call.tx, notice_id)?.ok_or_else(Refusal::not_found)?;
    // Locked, so that the item is not settled or resolved at the same time.
    let item = NoticeItem::lock(call.tx, form.item_id)?.filter(|item| item.notice_id == notice_id);
    let item =
        item.ok_or_else(|| Refusal::field("item_id", "known", "该公示没有这一事项。", "is no item of this notice."))?;
    let said =
        rules::ObjectionForm { name: form.name.reveal(), contact: form.contact.reveal(), grounds: &form.grounds };
    let status = rules::object(&said, item.status, &notice.deadline, call.now)?;
    let id = call.new_id();
    let row = Objection {
        id,
        notice_id,
        item_id: item.id,
        status,
        name: call.program.seal(Place::ObjectionName, id, &form.name.trimmed())?,
        contact: call.program.seal(Place::ObjectionContact, id, &form.contact.trimmed())?,
        grounds: form.grounds.trim().to_owned(),
        amount_fen: None,
        reasons: None,
        resolved_by: None,
        resolved_at: None,
        created_at: call.now,
        version: 1,
    };
    let row = Objection::insert(call.tx, &row)?;
    record(call, EventAction::ObjectionMade, None, &row)?;
    match notice.kind {
        NoticeKind::Redemption => tidings::objection_made(call, item.subject_id, &row)?,
        NoticeKind::Facility => facility::tell(call, EventAction::ObjectionMade, item.subject_id)?,
        NoticeKind::Subsidy => tidings::submission_objected(call, item.subject_id, &row)?,
    }
    Ok(ObjectionReceipt::from(&row))
}

/// The objections to a notice, newest first, for the commission.
///
/// # Errors
/// `not_found`, `validation_failed` for a bad page.
pub fn objections(call: &mut Call<'_>, notice_id: Uuid, query: ObjectionsQuery) -> Outcome<Page<ObjectionView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    Notice::find(call.tx, notice_id)?.ok_or_else(Refusal::not_found)?;
    let rows = Objection::of_notice(call.tx, notice_id, page.before, page.limit)?;
    Page::of(rows, |row| ObjectionView::of(call, row, Disclosure::Masked))
}

/// One objection with who makes it and how to reach them, for the commission. That is recorded.
///
/// # Errors
/// `not_found`.
pub fn show_objection(call: &mut Call<'_>, id: Uuid) -> Outcome<ObjectionView> {
    let row = Objection::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.record_disclosure(SubjectKind::Objection, id, None)?;
    ObjectionView::of(call, row, Disclosure::Whole)
}
