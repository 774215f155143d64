//! What is open of the yearly assessment: submissions to be handed in, scores to be given (Art. 14).

use uuid::Uuid;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::period::Instant;
use voucher_storage::assessment::Assessment;

use super::{Audience, Due, OpenDeadline};
use crate::services::facility::names;
use crate::services::{Call, Outcome, assessment};

/// The campaigns that a facility has still to submit to.
pub(super) fn of_facility(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let campaigns = assessment::to_submit(call, id)?;
    campaigns.iter().map(|campaign| to_submit(campaign, id)).collect()
}

/// The submissions that are still lacking to campaigns that close by an instant.
pub(super) fn about(call: &mut Call<'_>, until: Instant) -> Outcome<Vec<OpenDeadline>> {
    let mut open = Vec::new();
    for campaign in Assessment::open(call.tx, call.now)?.into_iter().filter(|row| row.closes_at <= until) {
        for facility_id in assessment::still_to_submit(call, campaign.id)? {
            open.push(to_submit(&campaign, facility_id)?);
        }
    }
    Ok(open)
}

fn to_submit(campaign: &Assessment, facility_id: Uuid) -> Outcome<OpenDeadline> {
    Ok(OpenDeadline {
        kind: DeadlineKind::Assessment,
        audience: Audience::Organization(facility_id),
        part: Part::Facility,
        subject_kind: SubjectKind::Assessment,
        subject_id: campaign.id,
        name: campaign.title.clone(),
        due: Some(Due::named(campaign.submit_by)?),
    })
}

/// The submissions that an expert has still to score; the text sets no day for it.
pub(super) fn of_expert(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let waiting = assessment::to_score(call, id)?;
    let names = names(call, waiting.iter().map(|(_, facility_id)| *facility_id))?;
    let open = waiting.into_iter().map(|(review, facility_id)| OpenDeadline {
        kind: DeadlineKind::AssessmentReview,
        audience: Audience::User(id),
        part: Part::Expert,
        subject_kind: SubjectKind::AssessmentReview,
        subject_id: review.id,
        name: names.get(&facility_id).cloned().unwrap_or_default(),
        due: None,
    });
    Ok(open.collect())
}
