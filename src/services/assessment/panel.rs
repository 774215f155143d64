//! 第十四条(三): experts are drawn for each submission, as they are for redemptions.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::assessment::{self as rules, CampaignAction, SubmissionStatus};
use voucher_domain::code::Code;
use voucher_domain::draw::DrawKind;
use voucher_domain::event::EventAction;
use voucher_domain::refusal::Refusal;
use voucher_domain::review::{Candidate, Exclusion, PanelCase, Party, ReviewStatus, draw_panel};
use voucher_storage::assessment::{Assessment, AssessmentReview, Submission};
use voucher_storage::expert::Expert;
use voucher_storage::facility::Service;
use voucher_storage::organization::Organization;

use super::campaign::record_decision;
use crate::services::draw::{self, Drawn};
use crate::services::review::candidate;
use crate::services::{Call, Failure, Outcome, tidings};

/// The experts drawn for a submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubmissionPanelView {
    /// The submission.
    pub submission_id: Uuid,
    /// The draw, which anybody can repeat (`GET /draws`).
    pub draw_id: Uuid,
    /// Who was drawn, in the order of the draw.
    pub drawn_ids: Vec<Uuid>,
    /// Who could not be drawn, and why.
    pub excluded: Vec<Exclusion>,
}

/// The experts drawn for the submissions of a campaign that lacked some.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssessmentPanelView {
    /// One for each such submission.
    pub panels: Vec<SubmissionPanelView>,
}

/// Draws experts for each submission that lacks some: whole panels at first, later those who step back are
/// replaced.
///
/// # Errors
/// `not_found`; `invalid_state` while submissions are taken, once visits are drawn, when nobody is lacking or
/// too few experts fit.
pub fn draw_panels(call: &mut Call<'_>, id: Uuid) -> Outcome<AssessmentPanelView> {
    let row = Assessment::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let status = row.status.after(CampaignAction::DrawPanel)?;
    rules::require_closed(row.submit_by, row.closes_at, call.now)?;
    super::visit::require_not_drawn(&row)?;
    let submissions = Submission::lock_of_campaign(call.tx, id, [SubmissionStatus::Submitted])?;
    let ids: Vec<Uuid> = submissions.iter().map(|row| row.id).collect();
    let reviews = AssessmentReview::of_submissions(call.tx, &ids)?;
    let mut panels = Vec::new();
    for submission in &submissions {
        let theirs: Vec<&AssessmentReview> =
            reviews.iter().filter(|review| review.submission_id == submission.id).collect();
        let missing = rules::lacking(row.criteria.panel_size, theirs.iter().map(|review| review.status)).experts;
        if let Some(missing) = u16::try_from(missing).ok().filter(|missing| *missing > 0) {
            panels.push(draw_for(call, &row, submission, missing, &theirs)?);
        }
    }
    if panels.is_empty() {
        return Err(nobody_lacking().into());
    }
    let after = Assessment::save(call.tx, &Assessment { status, ..row })?;
    let view = AssessmentPanelView { panels };
    record_decision(call, EventAction::AssessmentPanelDrawn, after.id, &view)?;
    Ok(view)
}

fn nobody_lacking() -> Refusal {
    Refusal::invalid_state(
        "没有需要抽取专家的申报:尚无单位提交申报,或各申报的专家均已满员。",
        "No submission lacks experts: none was handed in, or each has its panel.",
    )
    .article("14")
}

fn draw_for(
    call: &mut Call<'_>,
    campaign: &Assessment,
    submission: &Submission,
    missing: u16,
    reviews: &[&AssessmentReview],
) -> Outcome<SubmissionPanelView> {
    // The seed first: the list is only read when it is fixed.
    let ready = draw::ready(call, None)?;
    let case = case(call, submission.facility_id)?;
    let has = |expert_id: Uuid, status: ReviewStatus| {
        reviews.iter().any(|review| review.expert_id == expert_id && review.status == status)
    };
    let experts = Expert::active(call.tx)?;
    let candidates: Vec<Candidate> =
        experts.iter().map(|expert| candidate(expert, &[submission.facility_id], &case, has)).collect();
    let panel = draw_panel(&ready.seed, missing, &candidates, &case)?;
    let is_excluded = |id: Uuid| panel.excluded.iter().any(|exclusion| exclusion.expert_id == id);
    let mut fitting: Vec<Uuid> =
        candidates.iter().map(|candidate| candidate.expert_id).filter(|id| !is_excluded(*id)).collect();
    fitting.sort_unstable();
    let drawn = Drawn {
        id: call.new_id(),
        kind: DrawKind::Panel,
        spot_check: None,
        subject_id: Some(submission.id),
        list: &fitting,
        drawn_ids: &panel.drawn,
    };
    let kept = draw::keep(call, ready, &drawn)?;
    for expert_id in &panel.drawn {
        let row = AssessmentReview {
            id: call.new_id(),
            submission_id: submission.id,
            expert_id: *expert_id,
            status: ReviewStatus::Assigned,
            given: None,
            recusal_reason: None,
            assigned_at: call.now,
            submitted_at: None,
            version: 1,
        };
        let row = AssessmentReview::insert(call.tx, &row)?;
        tidings::assessment_review_assigned(call, campaign, submission, &row)?;
    }
    let (submission_id, drawn_ids, excluded) = (submission.id, panel.drawn, panel.excluded);
    Ok(SubmissionPanelView { submission_id, draw_id: kept.id, drawn_ids, excluded })
}

/// What a panel is drawn for: the fields of the facility's services, and the facility.
pub(super) fn case(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<PanelCase> {
    let offered: Vec<Industry> = Service::offered(call.tx, facility_id)?.iter().map(|service| service.field).collect();
    // Who opens instruments alone has named no field: anybody may judge how they are opened.
    let fields = if offered.is_empty() { Industry::ALL.to_vec() } else { offered };
    let party = Organization::find(call.tx, facility_id)?;
    let party = party.ok_or_else(|| Failure::internal(format!("facility {facility_id} is no organization")))?;
    Ok(PanelCase { fields, parties: vec![Party { name: party.name, uscc: party.uscc }], on: call.today() })
}
