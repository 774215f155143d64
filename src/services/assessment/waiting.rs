//! What of the yearly assessment waits for whom (Art. 13, 14).

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use voucher_domain::assessment::funds::year_to_state;
use voucher_domain::assessment::{CampaignFacts, Lacking, SubmissionStatus, lacking};
use voucher_domain::review::ReviewStatus;
use voucher_storage::assessment::{Assessment, AssessmentReview, FundStatement, Submission};
use voucher_storage::disbursement::DisbursementLine;
use voucher_storage::facility::Facility;

use super::review::is_open;
use crate::services::{Call, Outcome, supervision};

/// The facilities that may submit to a campaign: those that serve and are not banned.
///
/// # Errors
/// When the store fails.
pub fn who_may_submit(call: &mut Call<'_>) -> Outcome<Vec<Uuid>> {
    let banned = supervision::every_banned(call)?;
    Ok(Facility::serving(call.tx)?.into_iter().filter(|id| !banned.contains(id)).collect())
}

/// Those that may submit to this campaign and have not handed anything in.
///
/// # Errors
/// When the store fails.
pub fn still_to_submit(call: &mut Call<'_>, assessment_id: Uuid) -> Outcome<Vec<Uuid>> {
    let handed_in: BTreeSet<Uuid> = Submission::handed_in_by(call.tx, assessment_id)?.into_iter().collect();
    Ok(who_may_submit(call)?.into_iter().filter(|id| !handed_in.contains(id)).collect())
}

/// The open campaigns that a facility may submit to and has not.
///
/// # Errors
/// When the store fails.
pub fn to_submit(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<Vec<Assessment>> {
    let serves = Facility::find(call.tx, facility_id)?.is_some_and(|row| row.status.is_serving());
    if !serves || supervision::is_banned(call, facility_id)? {
        return Ok(Vec::new());
    }
    let mut waiting = Vec::new();
    for campaign in Assessment::open(call.tx, call.now)? {
        let written = Submission::of_facility(call.tx, campaign.id, facility_id)?;
        if written.is_none_or(|row| row.status == SubmissionStatus::Draft) {
            waiting.push(campaign);
        }
    }
    Ok(waiting)
}

/// What waits for an expert's scores while they are taken: each review with the facility that is scored.
///
/// # Errors
/// When the store fails.
pub fn to_score(call: &mut Call<'_>, expert_id: Uuid) -> Outcome<Vec<(AssessmentReview, Uuid)>> {
    let reviews = AssessmentReview::assigned_to(call.tx, expert_id)?;
    let ids: Vec<Uuid> = reviews.iter().map(|review| review.submission_id).collect();
    let submissions = Submission::find_all(call.tx, &ids)?;
    let ids: Vec<Uuid> = submissions.iter().map(|row| row.assessment_id).collect();
    let campaigns = Assessment::find_all(call.tx, &ids)?;
    let open = reviews.into_iter().filter_map(|review| {
        let submission = submissions.iter().find(|row| row.id == review.submission_id)?;
        let campaign = campaigns.iter().find(|row| row.id == submission.assessment_id)?;
        is_open(campaign, &review).then_some((review, submission.facility_id))
    });
    Ok(open.collect())
}

/// The year whose statement of funds is waited for from a facility (Art. 13).
///
/// # Errors
/// When the store fails.
pub fn funds_to_state(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<Option<i32>> {
    let lines = DisbursementLine::paid_to(call.tx, facility_id)?;
    let paid_on = lines.into_iter().filter_map(|line| line.settled_at).map(|at| at.day());
    let stated = FundStatement::years_of(call.tx, facility_id)?;
    Ok(year_to_state(call.today(), paid_on, &stated))
}

/// What is known of a campaign when an officer asks what comes next, and the visits that have no outcome yet:
/// the submission and the facility of each.
///
/// # Errors
/// When the store fails.
pub fn facts_of(call: &mut Call<'_>, campaign: &Assessment) -> Outcome<(CampaignFacts, Vec<(Uuid, Uuid)>)> {
    let judged = Submission::judged_in(call.tx, campaign.id)?;
    let ids: Vec<Uuid> = judged.iter().map(|(id, ..)| *id).collect();
    let mut reviews: BTreeMap<Uuid, Vec<ReviewStatus>> = BTreeMap::new();
    for (submission_id, status) in AssessmentReview::states_among(call.tx, &ids)? {
        reviews.entry(submission_id).or_default().push(status);
    }
    let panel_size = campaign.criteria.panel_size;
    let each = ids.iter().map(|id| lacking(panel_size, reviews.remove(id).unwrap_or_default()));
    let together = each.fold(Lacking::default(), Lacking::and);
    let submissions = judged.len();
    let awaited = judged.into_iter().filter(|(.., visit)| visit.as_ref().is_some_and(|visit| visit.outcome.is_none()));
    let awaited: Vec<(Uuid, Uuid)> = awaited.map(|(id, facility_id, _)| (id, facility_id)).collect();
    let facts = CampaignFacts {
        status: campaign.status,
        is_closed: call.now >= campaign.closes_at,
        submissions,
        lacking: together,
        are_visits_drawn: campaign.visits_draw_id.is_some(),
        open_visits: awaited.len(),
    };
    Ok((facts, awaited))
}
