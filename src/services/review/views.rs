//! Panels, reviews and inquiries as they are shown.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::facility::ServiceKind;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant};
use voucher_domain::review::{
    Exclusion, InquiryKind, InquiryOutcome, InquiryStatus, Opinion, Recommendation, ReviewStatus, Scores,
};
use voucher_storage::contract::Contract;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::redemption::Redemption;
use voucher_storage::review::{Inquiry, Panel, Review};
use voucher_storage::user::User;

use crate::services::file::{self, FileView};
use crate::services::redemption::{self, RedemptionView};
use crate::services::{Call, Failure, Outcome};

/// An expert who was drawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawnExpert {
    /// The account.
    pub expert_id: Uuid,
    /// The expert's name.
    pub name: String,
}

/// A draw of experts, with all it takes to repeat it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PanelView {
    /// Its id; the published draw's as well.
    pub id: Uuid,
    /// The seed of the draw; empty where nobody was drawn.
    pub seed: String,
    /// How many experts the panel is to have; those it lacked were drawn.
    pub size: i32,
    /// Who was drawn, in the order of the draw.
    pub drawn: Vec<DrawnExpert>,
    /// From whom, by id: those whose field fits and who have no conflict of interest.
    pub candidate_ids: Vec<Uuid>,
    /// Who could not be drawn, and why.
    pub excluded: Vec<Exclusion>,
    /// The officer who had it drawn.
    pub drawn_by: Uuid,
    /// When.
    pub drawn_at: Instant,
}

/// An expert's review.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewView {
    /// Its id.
    pub id: Uuid,
    /// What is reviewed.
    pub redemption_id: Uuid,
    /// By whom.
    pub expert_id: Uuid,
    /// Its state.
    pub status: ReviewStatus,
    /// The scores.
    pub scores: Option<Scores>,
    /// What the expert recommends.
    pub recommendation: Option<Recommendation>,
    /// What the expert would pay.
    pub amount_fen: Option<Money>,
    /// Whether the expert doubts what is shown.
    pub is_doubtful: Option<bool>,
    /// In the expert's words.
    pub opinion: Option<String>,
    /// Why the expert stepped back, or was released.
    pub recusal_reason: Option<String>,
    /// Whether the commission released the expert, who had given nothing.
    pub is_released: bool,
    /// When it was assigned.
    pub assigned_at: Instant,
    /// When it was last given.
    pub submitted_at: Option<Instant>,
    /// What is to be reviewed; shown to the expert while the review is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub materials: Option<Materials>,
    /// For `If-Match`.
    pub version: i64,
}

/// What an expert reviews a redemption by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Materials {
    /// The redemption with its invoices and evidence.
    pub redemption: RedemptionView,
    /// What the applicant is called.
    pub applicant_name: String,
    /// What the facility is called.
    pub facility_name: String,
    /// The project's title.
    pub project_title: String,
    /// The research it is part of.
    pub research: String,
    /// Analysis, testing, inspection, research or compute.
    pub kind: ServiceKind,
    /// The contract's first day.
    #[schema(value_type = chrono::NaiveDate)]
    pub starts_on: Day,
    /// The contract's last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
    /// What the contract was agreed to cost.
    pub contract_amount_fen: Money,
    /// The site visits and defences about it.
    pub inquiries: Vec<InquiryView>,
}

/// A site visit or a defence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InquiryView {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub redemption_id: Uuid,
    /// What kind it is.
    pub kind: InquiryKind,
    /// Its state.
    pub status: InquiryStatus,
    /// When it takes place.
    pub scheduled_at: Instant,
    /// What it came to.
    pub outcome: Option<InquiryOutcome>,
    /// What was seen and heard; the parties do not read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Where it takes place.
    pub place: Option<String>,
    /// Who was there; the parties do not read it.
    pub attendees: Vec<String>,
    /// The files that belong to the record; not for the parties.
    pub files: Vec<FileView>,
    /// For `If-Match`.
    pub version: i64,
}

impl From<Review> for ReviewView {
    fn from(row: Review) -> Self {
        Self {
            id: row.id,
            redemption_id: row.redemption_id,
            expert_id: row.expert_id,
            status: row.status,
            scores: row.scores,
            recommendation: row.recommendation,
            amount_fen: row.amount_fen,
            is_doubtful: row.is_doubtful,
            opinion: row.opinion,
            recusal_reason: row.recusal_reason,
            is_released: row.released_by.is_some(),
            assigned_at: row.assigned_at,
            submitted_at: row.submitted_at,
            materials: None,
            version: row.version,
        }
    }
}

impl From<Inquiry> for InquiryView {
    fn from(row: Inquiry) -> Self {
        Self {
            id: row.id,
            redemption_id: row.redemption_id,
            kind: row.kind,
            status: inquiry_status(&row),
            scheduled_at: row.scheduled_at,
            outcome: row.outcome,
            record: row.record,
            place: row.place,
            attendees: row.attendees,
            files: Vec::new(),
            version: row.version,
        }
    }
}

/// An inquiry with its files.
pub(super) fn inquiry_view(call: &mut Call<'_>, row: Inquiry) -> Outcome<InquiryView> {
    let files = file::attached(call, SubjectKind::Inquiry, row.id)?;
    Ok(InquiryView { files, ..InquiryView::from(row) })
}

/// An inquiry waits until its outcome is recorded.
pub(super) fn inquiry_status(row: &Inquiry) -> InquiryStatus {
    if row.outcome.is_some() { InquiryStatus::Recorded } else { InquiryStatus::Scheduled }
}

/// What of a stored review decides how it goes on.
pub(super) fn decisive(row: &Review) -> Opinion {
    Opinion { status: row.status, recommendation: row.recommendation, is_doubtful: row.is_doubtful.unwrap_or_default() }
}

/// A stored draw with the names of those drawn.
pub(super) fn panel_view(call: &mut Call<'_>, row: Panel) -> Outcome<PanelView> {
    let users = User::find_all(call.tx, &row.drawn_ids)?;
    let names: BTreeMap<Uuid, String> = users.into_iter().map(|user| (user.id, user.name)).collect();
    let drawn = row.drawn_ids.into_iter();
    let drawn = drawn.map(|id| DrawnExpert { expert_id: id, name: names.get(&id).cloned().unwrap_or_default() });
    Ok(PanelView {
        id: row.id,
        seed: row.seed,
        size: row.size,
        drawn: drawn.collect(),
        candidate_ids: row.candidate_ids,
        excluded: row.excluded,
        drawn_by: row.drawn_by,
        drawn_at: row.drawn_at,
    })
}

/// What an expert reviews a redemption by.
pub(super) fn materials(call: &mut Call<'_>, row: &Redemption) -> Outcome<Materials> {
    let gone = |what: &str| Failure::internal(format!("redemption {} has no {what}", row.id));
    let contract = Contract::find(call.tx, row.contract_id)?.ok_or_else(|| gone("contract"))?;
    let project = Project::find(call.tx, contract.project_id)?.ok_or_else(|| gone("project"))?;
    let applicant = Organization::find(call.tx, row.applicant_id)?.ok_or_else(|| gone("applicant"))?;
    let facility = Organization::find(call.tx, row.facility_id)?.ok_or_else(|| gone("facility"))?;
    let inquiries = Inquiry::of_redemption(call.tx, row.id)?;
    Ok(Materials {
        redemption: redemption::view(call, row)?,
        applicant_name: applicant.name,
        facility_name: facility.name,
        project_title: project.title,
        research: project.research,
        kind: project.kind,
        starts_on: contract.starts_on,
        ends_on: contract.ends_on,
        contract_amount_fen: contract.amount_fen,
        inquiries: inquiries.into_iter().map(|row| inquiry_view(call, row)).collect::<Outcome<_>>()?,
    })
}
