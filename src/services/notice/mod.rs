//! 公示: what is approved is shown to the public before it is paid (Art. 14, 15.5), or before it joins
//! (Art. 6), and anyone may object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::assessment::{FacilityClass, Grade};
use voucher_domain::facility::{FacilityNature, FacilityRegion, ServiceKind};
use voucher_domain::money::Money;
use voucher_domain::notice::{self as rules, NoticeItemStatus, NoticeKind, NoticeStatus};
use voucher_domain::period::{Day, Deadline, Instant};
use voucher_domain::refusal::Refusal;
use voucher_storage::notice::{Notice, NoticeFilter, NoticeItem, Objection};

use super::{Call, Failure, Outcome, Page, PageRequest};

mod objection;
mod publish;
mod resolve;
mod settle;
mod subject;

pub use objection::{
    ObjectionForm, ObjectionReceipt, ObjectionView, ObjectionsQuery, object, objections, show_objection,
};
pub use publish::{NoticeForm, publish};
pub use resolve::{ResolutionForm, resolve};
pub use settle::settle_due;
pub(super) use settle::{due, settle, settle_submission};

/// Which notices are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoticesQuery {
    /// Of this kind.
    pub kind: Option<NoticeKind>,
    /// Running or ended.
    pub status: Option<NoticeStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What the public reads about a redemption: who is paid how much for what kind of service to whom,
/// and when it was done. Nothing of the research, the contract's terms or the people (Art. 9.3).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishedRedemption {
    /// The applicant.
    pub applicant_name: String,
    /// The facility, which is paid.
    pub facility_name: String,
    /// The kind of service.
    pub service_kind: ServiceKind,
    /// The approved amount.
    pub amount_fen: Money,
    /// The contract's first day.
    #[schema(value_type = chrono::NaiveDate)]
    pub starts_on: Day,
    /// The contract's last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
}

/// What the public reads about a facility that joins: who it is and where (Art. 6).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishedFacility {
    /// What it is called.
    pub facility_name: String,
    /// Where it is registered.
    pub region: FacilityRegion,
    /// The district it is in.
    pub district: String,
    /// What kind of institution it is.
    pub nature: FacilityNature,
    /// Whether testing for others is its main business (Art. 11).
    pub is_third_party_testing: bool,
}

/// What the public reads about the result of a submission to the yearly assessment (Art. 14).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishedSubsidy {
    /// The year that was assessed.
    pub year: i32,
    /// What the facility is called.
    pub facility_name: String,
    /// By the value of what it opens (Art. 11).
    pub class: FacilityClass,
    /// Its grade.
    pub grade: Grade,
    /// Whether testing for others is its main business, which is graded without money (Art. 11).
    pub is_third_party_testing: bool,
    /// The subsidy it is given; 0 where there is none.
    pub amount_fen: Money,
}

/// What the public reads about an item, by the kind of its notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum PublishedFacts {
    /// A redemption.
    Redemption(PublishedRedemption),
    /// A facility that joins.
    Facility(PublishedFacility),
    /// The result of a submission to the yearly assessment.
    Subsidy(PublishedSubsidy),
}

/// One thing published in a notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeItemView {
    /// Its id, which an objection names.
    pub id: Uuid,
    /// What it is: a redemption's id, a facility's, or that of a submission to an assessment.
    pub subject_id: Uuid,
    /// Its state.
    pub status: NoticeItemStatus,
    /// What the public reads about it.
    pub facts: PublishedFacts,
    /// How many objections to it wait to be resolved.
    pub open_objections: usize,
}

/// A notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeView {
    /// Its id.
    pub id: Uuid,
    /// What it publishes.
    pub kind: NoticeKind,
    /// Whether its days run; objections are taken while they do.
    pub status: NoticeStatus,
    /// When it was published.
    pub published_at: Instant,
    /// The end of its days.
    pub deadline: Deadline,
    /// How many objections wait to be resolved.
    pub open_objections: usize,
    /// What it publishes.
    pub items: Vec<NoticeItemView>,
}

/// How often each id is in a list.
fn counted(ids: Vec<Uuid>) -> BTreeMap<Uuid, usize> {
    ids.into_iter().fold(BTreeMap::new(), |mut counts, id| {
        let count: &mut usize = counts.entry(id).or_default();
        *count = count.saturating_add(1);
        counts
    })
}

fn item_view(kind: NoticeKind, item: NoticeItem, open_objections: usize) -> Outcome<NoticeItemView> {
    let facts = match kind {
        NoticeKind::Redemption => serde_json::from_value(item.public_facts).map(PublishedFacts::Redemption),
        NoticeKind::Facility => serde_json::from_value(item.public_facts).map(PublishedFacts::Facility),
        NoticeKind::Subsidy => serde_json::from_value(item.public_facts).map(PublishedFacts::Subsidy),
    };
    let facts = facts
        .map_err(|error| Failure::internal(format!("the published facts of {} cannot be read: {error}", item.id)))?;
    Ok(NoticeItemView { id: item.id, subject_id: item.subject_id, status: item.status, facts, open_objections })
}

/// The views of notices, their items read in one go.
fn views(call: &mut Call<'_>, rows: &[Notice]) -> Outcome<BTreeMap<Uuid, NoticeView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let items = NoticeItem::of_notices(call.tx, &ids)?;
    let item_ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let open = counted(Objection::open_by_item(call.tx, &item_ids)?);
    let mut views: BTreeMap<Uuid, NoticeView> = rows.iter().map(|row| (row.id, bare_view(call, row))).collect();
    for item in items {
        let Some(view) = views.get_mut(&item.notice_id) else { continue };
        let open_objections = open.get(&item.id).copied().unwrap_or_default();
        view.open_objections = view.open_objections.saturating_add(open_objections);
        view.items.push(item_view(view.kind, item, open_objections)?);
    }
    Ok(views)
}

fn bare_view(call: &Call<'_>, row: &Notice) -> NoticeView {
    NoticeView {
        id: row.id,
        kind: row.kind,
        status: rules::notice_status(&row.deadline, call.now),
        published_at: row.published_at,
        deadline: row.deadline.clone(),
        open_objections: 0,
        items: Vec::new(),
    }
}

fn view(call: &mut Call<'_>, row: &Notice) -> Outcome<NoticeView> {
    let mut views = views(call, std::slice::from_ref(row))?;
    views.remove(&row.id).ok_or_else(|| Failure::internal("a notice has no view"))
}

/// A notice, for everybody.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<NoticeView> {
    let row = Notice::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    view(call, &row)
}

/// The notices, newest first, for everybody.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: NoticesQuery) -> Outcome<Page<NoticeView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let is = |status| (query.status == Some(status)).then_some(call.now);
    let filter =
        NoticeFilter { kind: query.kind, running_at: is(NoticeStatus::Running), ended_at: is(NoticeStatus::Ended) };
    let rows = Notice::list(call.tx, filter, page.before, page.limit)?;
    let mut views = views(call, &rows.items)?;
    Page::of(rows, |row| views.remove(&row.id).ok_or_else(|| Failure::internal("a notice has no view")))
}
