//! What facilities and experts are told of the yearly assessment (Art. 14).

use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{FactName, Facts, NotificationKind as Kind};
use voucher_domain::text::Text;
use voucher_domain::transition::Named;
use voucher_storage::assessment::{Assessment, AssessmentReview, Submission};
use voucher_storage::organization::Organization;
use voucher_storage::user::User;

use super::message;
use crate::services::assessment::{AssessmentView, SubmissionView, who_may_submit};
use crate::services::notify::Told;
use crate::services::{Call, Outcome, notify};

const OF_SUBMISSIONS: [(EventAction, Kind); 2] =
    [(EventAction::SubmissionGraded, Kind::AssessmentGraded), (EventAction::SubsidyApproved, Kind::SubsidyApproved)];

/// Of how many facilities the people are told in one statement.
const AT_ONCE: usize = 500;

/// Tells those who may submit to it that a campaign was announced (Art. 14.1).
///
/// # Errors
/// When the store fails.
pub fn assessment_announced(call: &mut Call<'_>, campaign: &AssessmentView) -> Outcome<()> {
    let facts = Facts::default().with(FactName::Title, &campaign.title).with(FactName::LastDay, campaign.submit_by);
    let told = message(Kind::AssessmentAnnounced, SubjectKind::Assessment, campaign.id, &facts);
    for ids in who_may_submit(call)?.chunks(AT_ONCE) {
        let mut all = Told::default();
        for reader in User::readers_of(call.tx, ids)? {
            all.add(call, &reader, &told);
        }
        all.write(call)?;
    }
    Ok(())
}

/// Tells a facility's people that its submission was received (Art. 14.2).
///
/// # Errors
/// When the store fails.
pub fn assessment_submitted(call: &mut Call<'_>, campaign: &Assessment, submission: &SubmissionView) -> Outcome<()> {
    let facts =
        Facts::default().with(FactName::Title, &campaign.title).with(FactName::Facility, &submission.facility_name);
    let told = message(Kind::AssessmentSubmitted, SubjectKind::AssessmentSubmission, submission.id, &facts);
    notify::tell_organization(call, submission.facility_id, &told)
}

/// Tells an expert whose submission to score (Art. 14.3).
///
/// # Errors
/// When the store fails.
pub fn assessment_review_assigned(
    call: &mut Call<'_>,
    campaign: &Assessment,
    submission: &Submission,
    review: &AssessmentReview,
) -> Outcome<()> {
    let facility = Organization::find(call.tx, submission.facility_id)?;
    let facts = Facts::default()
        .with(FactName::Title, &campaign.title)
        .with(FactName::Facility, facility.map(|facility| facility.name));
    let told = message(Kind::AssessmentReviewAssigned, SubjectKind::AssessmentReview, review.id, &facts);
    notify::tell_user(call, review.expert_id, &told)
}

/// Tells a facility's people that it will be visited (Art. 14.4); not whether it was drawn or is in doubt.
///
/// # Errors
/// When the store fails.
pub fn assessment_visit_called(call: &mut Call<'_>, campaign: &Assessment, submission: &Submission) -> Outcome<()> {
    let facts = Facts::default().with(FactName::Title, &campaign.title);
    let told = message(Kind::AssessmentVisitCalled, SubjectKind::AssessmentSubmission, submission.id, &facts);
    notify::tell_organization(call, submission.facility_id, &told)
}

/// Tells a facility's people what was decided about its submission (Art. 11, 14.5).
///
/// # Errors
/// When the store fails.
pub fn submission(call: &mut Call<'_>, action: EventAction, row: &Submission) -> Outcome<()> {
    let Some((_, kind)) = OF_SUBMISSIONS.iter().find(|(told, _)| *told == action) else { return Ok(()) };
    let campaign = Assessment::find(call.tx, row.assessment_id)?;
    let title = campaign.map(|campaign| campaign.title);
    let Some(grade) = row.award.map(|award| award.grade) else { return Ok(()) };
    let facts = Facts::default()
        .with(FactName::Title, title)
        .with(FactName::What, Text::new(grade.chinese(), grade.english()))
        .with(FactName::Amount, row.subsidy_fen.unwrap_or_default());
    let told = message(*kind, SubjectKind::AssessmentSubmission, row.id, &facts);
    notify::tell_organization(call, row.facility_id, &told)
}
