//! 第十四条(二): what facilities submit, prefilled with what the records say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::assessment::{self as rules, Figure, Grade, SubmissionAction, SubmissionStatus, Visit};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::assessment::{Assessment, Submission};
use voucher_storage::facility::Facility;

use super::campaign::visible;
use super::known::figures_of;
use crate::services::call::erased::Facts;
use crate::services::facility::names;
use crate::services::file::{self, FileView};
use crate::services::{Call, Change, Outcome, Page, PageRequest, supervision, tidings};

/// What a facility submits.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionForm {
    /// 专项申报书: in the facility's words.
    pub statement: String,
    /// Uploaded files that show it.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
}

/// Which submissions are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SubmissionsQuery {
    /// In this state.
    pub status: Option<SubmissionStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A submission by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionView {
    /// Its id.
    pub id: Uuid,
    /// The campaign.
    pub assessment_id: Uuid,
    /// Whose.
    pub facility_id: Uuid,
    /// What the facility is called.
    pub facility_name: String,
    /// Its state.
    pub status: SubmissionStatus,
    /// In the facility's words.
    pub statement: String,
    /// When it was handed in.
    pub submitted_at: Option<Instant>,
    /// Its grade, once decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// What it is given, once decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidy_fen: Option<Money>,
    /// The notice it is or was published in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<Uuid>,
    /// For `If-Match`.
    pub version: i64,
}

/// A submission with what it rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionDetail {
    /// The submission itself.
    #[serde(flatten)]
    pub submission: SubmissionView,
    /// What the records said when it was handed in, and say now where it is not; each figure names its
    /// records.
    pub figures: Vec<Figure>,
    /// The files that show it.
    pub files: Vec<FileView>,
    /// The visit that is called for, and what it found; for the commission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<Visit>,
}

/// The caller's submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnSubmissionView {
    /// What is written; nothing yet at first.
    pub submission: Option<SubmissionDetail>,
    /// What the records say now, each figure with its records.
    pub figures: Vec<Figure>,
}

fn view(row: &Submission, names: &BTreeMap<Uuid, String>) -> SubmissionView {
    SubmissionView {
        id: row.id,
        assessment_id: row.assessment_id,
        facility_id: row.facility_id,
        facility_name: names.get(&row.facility_id).cloned().unwrap_or_default(),
        status: row.status,
        statement: row.statement.clone(),
        submitted_at: row.submitted_at,
        grade: row.award.filter(|_| row.status.is_decided()).map(|award| award.grade),
        subsidy_fen: row.subsidy_fen.filter(|_| row.status.is_decided()),
        notice_id: row.notice_id,
        version: row.version,
    }
}

pub(super) fn detail(call: &mut Call<'_>, row: Submission, year: i32) -> Outcome<SubmissionDetail> {
    let names = names(call, [row.facility_id])?;
    let submission = view(&row, &names);
    let figures = match row.figures {
        Some(figures) => figures,
        None => figures_of(call, row.facility_id, year)?,
    };
    let files = file::attached(call, SubjectKind::AssessmentSubmission, row.id)?;
    let visit = row.visit.filter(|_| call.caller.is_some_and(|actor| actor.sees_everything()));
    Ok(SubmissionDetail { submission, figures, files, visit })
}

fn record(
    call: &mut Call<'_>,
    action: EventAction,
    facility_id: Uuid,
    before: Option<&SubmissionView>,
    after: &SubmissionDetail,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: action.subject(),
        id: after.submission.id,
        organization_id: Some(facility_id),
        cycle_id: None,
        before: before.map(|view| -> &dyn Facts { view }),
        after: Some(after),
    })
}

/// Saves a changed submission and the event of the change.
pub(super) fn changed(
    call: &mut Call<'_>,
    action: EventAction,
    before: &Submission,
    after: &Submission,
    year: i32,
) -> Outcome<SubmissionDetail> {
    let names = names(call, [before.facility_id])?;
    let before = view(before, &names);
    let after = Submission::save(call.tx, after)?;
    let facility_id = after.facility_id;
    let after = detail(call, after, year)?;
    record(call, action, facility_id, Some(&before), &after)?;
    Ok(after)
}

/// Saves a submission that was decided about, and the event of the change, without the material it rests on.
///
/// # Errors
/// When the store fails.
pub(in crate::services) fn save(
    call: &mut Call<'_>,
    action: EventAction,
    before: &Submission,
    after: &Submission,
) -> Outcome<Submission> {
    let names = names(call, [before.facility_id])?;
    let after = Submission::save(call.tx, after)?;
    call.record(Change {
        action,
        kind: action.subject(),
        id: after.id,
        organization_id: Some(after.facility_id),
        cycle_id: Some(after.assessment_id),
        before: Some(&view(before, &names)),
        after: Some(&view(&after, &names)),
    })?;
    tidings::submission(call, action, &after)?;
    Ok(after)
}

/// The caller's submission to a campaign, with what the records say.
///
/// # Errors
/// `not_found`.
pub fn own(call: &mut Call<'_>, assessment_id: Uuid) -> Outcome<OwnSubmissionView> {
    let campaign = visible(call, assessment_id)?;
    let facility_id = call.organization()?;
    let submission = match Submission::of_facility(call.tx, assessment_id, facility_id)? {
        Some(row) => Some(detail(call, row, campaign.year)?),
        None => None,
    };
    Ok(OwnSubmissionView { submission, figures: figures_of(call, facility_id, campaign.year)? })
}

/// A campaign that takes the caller's submission, which is locked where it is written already.
fn open_for(call: &mut Call<'_>, assessment_id: Uuid) -> Outcome<(Assessment, Option<Submission>)> {
    let campaign = visible(call, assessment_id)?;
    let facility_id = call.organization()?;
    let facility = Facility::find(call.tx, facility_id)?.ok_or_else(Refusal::not_found)?;
    rules::require_facility(facility.status)?;
    let row = Submission::lock_of_facility(call.tx, assessment_id, facility_id)?;
    rules::require_open(campaign.status, campaign.submit_by, campaign.closes_at, call.now)?;
    Ok((campaign, row))
}

/// Writes the caller's submission; one that was handed in is a draft again until it is handed in anew.
///
/// # Errors
/// `not_found`; `facility_not_active`; `invalid_state` outside the time; `precondition_failed` (the first
/// time: any other version than `*`); `validation_failed`.
pub fn write(call: &mut Call<'_>, assessment_id: Uuid, form: SubmissionForm) -> Outcome<OwnSubmissionView> {
    let (campaign, before) = open_for(call, assessment_id)?;
    call.expect_version(before.as_ref().map_or(0, |row| row.version))?;
    rules::validate_statement(&form.statement)?;
    let facility_id = call.organization()?;
    let statement = form.statement.trim().to_owned();
    let after = match &before {
        None => {
            let row = Submission {
                id: call.new_id(),
                assessment_id,
                facility_id,
                status: SubmissionStatus::Draft,
                statement,
                figures: None,
                submitted_by: None,
                submitted_at: None,
                created_at: call.now,
                version: 1,
                visit: None,
                award: None,
                subsidy_fen: None,
                notice_id: None,
            };
            Submission::insert(call.tx, &row)?
        }
        Some(row) => {
            let status = row.status.after(SubmissionAction::Update)?;
            let after =
                Submission { status, statement, figures: None, submitted_by: None, submitted_at: None, ..row.clone() };
            Submission::save(call.tx, &after)?
        }
    };
    file::attach(call, &form.file_ids, SubjectKind::AssessmentSubmission, after.id)?;
    let after = detail(call, after, campaign.year)?;
    let names = names(call, [facility_id])?;
    let before = before.map(|row| view(&row, &names));
    record(call, EventAction::AssessmentSubmissionWritten, facility_id, before.as_ref(), &after)?;
    let figures = after.figures.clone();
    Ok(OwnSubmissionView { submission: Some(after), figures })
}

/// Hands the caller's submission in, with the figures as they are at this moment.
///
/// # Errors
/// `not_found` when nothing is written; `facility_not_active`; `invalid_state`; `banned` (Art. 17);
/// `evidence_missing`.
pub fn submit(call: &mut Call<'_>, assessment_id: Uuid) -> Outcome<OwnSubmissionView> {
    let (campaign, row) = open_for(call, assessment_id)?;
    let row = row.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let status = row.status.after(SubmissionAction::Submit)?;
    supervision::require_not_banned(call, &[row.facility_id])?;
    let files = file::attached(call, SubjectKind::AssessmentSubmission, row.id)?;
    rules::require_complete(&row.statement, files.len())?;
    let figures = figures_of(call, row.facility_id, campaign.year)?;
    let names = names(call, [row.facility_id])?;
    let before = view(&row, &names);
    let after = Submission {
        status,
        figures: Some(figures.clone()),
        submitted_by: Some(call.actor()?.user_id),
        submitted_at: Some(call.now),
        ..row
    };
    let after = Submission::save(call.tx, &after)?;
    let facility_id = after.facility_id;
    let after = detail(call, after, campaign.year)?;
    record(call, EventAction::AssessmentSubmissionHandedIn, facility_id, Some(&before), &after)?;
    tidings::assessment_submitted(call, &campaign, &after.submission)?;
    Ok(OwnSubmissionView { submission: Some(after), figures })
}

/// The submissions to a campaign, newest first, for the commission.
///
/// # Errors
/// `not_found`, `validation_failed` for a bad page.
pub fn submissions(call: &mut Call<'_>, assessment_id: Uuid, query: SubmissionsQuery) -> Outcome<Page<SubmissionView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let campaign = visible(call, assessment_id)?;
    let rows = Submission::list(call.tx, campaign.id, query.status, page.before, page.limit)?;
    let names = names(call, rows.items.iter().map(|row| row.facility_id))?;
    Page::of(rows, |row| Ok(view(&row, &names)))
}

/// A submission with what it rests on, for the commission.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<SubmissionDetail> {
    let row = Submission::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let campaign = visible(call, row.assessment_id)?;
    detail(call, row, campaign.year)
}
