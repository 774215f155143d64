//! Asking to have corrected what is held about oneself, and deciding it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_domain::period::Instant;
use voucher_domain::privacy::{
    CorrectionDecision, CorrectionField, CorrectionForm, CorrectionStatus, Disclosure, Personal, Place,
    decide_correction, validate_correction,
};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::text::Text;
use voucher_domain::transition::Named;
use voucher_storage::privacy::Correction;

use super::making;
use crate::services::call::erased;
use crate::services::notify::{self, Message};
use crate::services::{Call, Change, Outcome, Page, PageRequest, identity};

/// What somebody wants corrected.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionEntry {
    /// What is to be corrected. A name, a telephone number and the language are changed at once with
    /// `PATCH /me`.
    pub field: CorrectionField,
    /// What it should be.
    #[schema(value_type = String)]
    pub proposed: Personal,
    /// Why.
    pub grounds: String,
}

/// What an administrator decides about a correction.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionDecisionForm {
    /// `make` or `refuse`.
    pub decision: CorrectionDecision,
    /// Why it is refused; what was done, where it is made by hand.
    #[serde(default)]
    pub remarks: String,
}

/// Which of one's own requests are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OwnCorrectionsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Which requests are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CorrectionsQuery {
    /// In this state.
    pub status: Option<CorrectionStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A request for a correction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorrectionView {
    /// Its id.
    pub id: Uuid,
    /// Whose account it is about.
    pub user_id: Uuid,
    /// What is to be corrected.
    pub field: CorrectionField,
    /// What it should be: whole for who asks, and for the administrator who reads this request alone.
    pub proposed: String,
    /// Why.
    pub grounds: String,
    /// Its state.
    pub status: CorrectionStatus,
    /// What the administrator said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Instant>,
    /// When it was asked for.
    pub created_at: Instant,
    /// For `If-Match`, which is optional here.
    pub version: i64,
}

impl CorrectionView {
    pub(super) fn of(call: &Call<'_>, row: Correction, disclosure: Disclosure) -> Outcome<Self> {
        let proposed = call.program.open(Place::CorrectionProposed, row.id, &row.proposed)?;
        Ok(Self {
            id: row.id,
            user_id: row.user_id,
            field: row.field,
            proposed: proposed.shown(Place::CorrectionProposed, disclosure),
            grounds: row.grounds,
            status: row.status,
            remarks: row.remarks,
            decided_at: row.decided_at,
            created_at: row.created_at,
            version: row.version,
        })
    }
}

/// Records what became of a request, the proposal masked.
fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&Correction>,
    after: &Correction,
) -> Outcome<CorrectionView> {
    let before = before.map(|row| CorrectionView::of(call, row.clone(), Disclosure::Masked)).transpose()?;
    let after = CorrectionView::of(call, after.clone(), Disclosure::Masked)?;
    call.record(Change {
        action,
        kind: SubjectKind::Correction,
        id: after.id,
        organization_id: None,
        cycle_id: None,
        before: before.as_ref().map(|view| -> &dyn erased::Facts { view }),
        after: Some(&after),
    })?;
    Ok(after)
}

fn message(kind: NotificationKind, row: &Correction, facts: Facts) -> Message {
    let what = Text::new(row.field.chinese(), row.field.english());
    let facts = facts.with(FactName::What, what);
    Message { kind, subject_kind: SubjectKind::Correction, subject_id: row.id, facts }
}

/// Asks to have corrected what the caller cannot change. The administrators are told.
///
/// # Errors
/// `validation_failed`.
pub fn ask(call: &mut Call<'_>, entry: CorrectionEntry) -> Outcome<CorrectionView> {
    let actor = call.actor()?;
    let is_applicant = actor.role == Role::Applicant;
    let mut faults = Faults::default();
    let form = CorrectionForm { field: entry.field, proposed: &entry.proposed, grounds: &entry.grounds, is_applicant };
    faults.take_in(validate_correction(&form));
    if entry.field == CorrectionField::Email {
        faults.take_in(identity::check_address("proposed", entry.proposed.reveal()));
    }
    faults.done()?;
    let id = call.new_id();
    let row = Correction {
        id,
        user_id: actor.user_id,
        field: entry.field,
        proposed: call.program.seal(Place::CorrectionProposed, id, &entry.proposed.trimmed())?,
        grounds: entry.grounds.trim().to_owned(),
        status: CorrectionStatus::Requested,
        remarks: None,
        decided_by: None,
        decided_at: None,
        created_at: call.now,
        version: 1,
    };
    let row = Correction::insert(call.tx, &row)?;
    let view = record(call, EventAction::CorrectionRequested, None, &row)?;
    let told = message(NotificationKind::CorrectionRequested, &row, Facts::default());
    notify::tell_role(call, Role::Admin, &told)?;
    Ok(view)
}

/// The caller's own requests, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn own(call: &mut Call<'_>, query: OwnCorrectionsQuery) -> Outcome<Page<CorrectionView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let user_id = call.actor()?.user_id;
    let rows = Correction::list(call.tx, Some(user_id), None, page.before, page.limit)?;
    Page::of(rows, |row| CorrectionView::of(call, row, Disclosure::Whole))
}

/// Everybody's requests, newest first, for administrators.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn corrections(call: &mut Call<'_>, query: CorrectionsQuery) -> Outcome<Page<CorrectionView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = Correction::list(call.tx, None, query.status, page.before, page.limit)?;
    Page::of(rows, |row| CorrectionView::of(call, row, Disclosure::Masked))
}

/// One request, whole, for the administrator who decides it. That is recorded.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<CorrectionView> {
    let row = Correction::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.record_disclosure(SubjectKind::Correction, id, None)?;
    CorrectionView::of(call, row, Disclosure::Whole)
}

/// Takes an own request back.
///
/// # Errors
/// `not_found` for somebody else's, `invalid_state` once it is decided.
pub fn withdraw(call: &mut Call<'_>, id: Uuid) -> Outcome<CorrectionView> {
    let user_id = call.actor()?.user_id;
    let before = Correction::lock(call.tx, id)?.filter(|row| row.user_id == user_id).ok_or_else(Refusal::not_found)?;
    call.respect_version(before.version)?;
    let status = decide_correction(before.status, before.field, CorrectionDecision::Withdraw, "")?;
    let after = Correction::save(call.tx, &Correction { status, ..before.clone() })?;
    record(call, EventAction::CorrectionWithdrawn, Some(&before), &after)
}

/// Decides a request; one that is made changes what is held at once, but for what is done by hand. Whoever
/// asked is told, at the address from before.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` when it is decided or taken back; `same_person` for
/// one's own; `validation_failed`; `already_exists` when somebody else has the address or the code.
pub fn decide(call: &mut Call<'_>, id: Uuid, form: CorrectionDecisionForm) -> Outcome<CorrectionView> {
    let mut faults = Faults::default();
    faults.require(
        form.decision != CorrectionDecision::Withdraw,
        "decision",
        "role",
        "撤回由申请人本人进行。",
        "is for whoever asked.",
    );
    faults.done()?;
    let seen = Correction::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let subject = making::lock(call, &seen)?;
    let before = Correction::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(before.version)?;
    let decided_by = call.actor()?.user_id;
    if decided_by == before.user_id {
        return Err(making::same_person().into());
    }
    let status = decide_correction(before.status, before.field, form.decision, &form.remarks)?;
    let remarks = Some(form.remarks.trim().to_owned()).filter(|remarks| !remarks.is_empty());
    let facts = Facts::default()
        .with(FactName::Cause, Text::new(status.chinese(), status.english()))
        .with(FactName::Remarks, remarks.clone().unwrap_or_default());
    notify::tell_user(call, before.user_id, &message(NotificationKind::CorrectionDecided, &before, facts))?;
    if form.decision == CorrectionDecision::Make {
        let proposed = call.program.open(Place::CorrectionProposed, id, &before.proposed)?;
        making::make(call, before.field, subject, &proposed)?;
    }
    let (decided_by, decided_at) = (Some(decided_by), Some(call.now));
    let after = Correction { status, remarks, decided_by, decided_at, ..before.clone() };
    let after = Correction::save(call.tx, &after)?;
    record(call, EventAction::CorrectionDecided, Some(&before), &after)
}
