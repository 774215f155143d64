//! What facilities and experts are told of the yearly assessment (Art. 14).

use voucher_domain::assessment::SubmissionStatus;
use voucher_domain::event::SubjectKind;
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

/// Tells each facility of a campaign how it was decided about it (Art. 11, 14.5).
///
/// # Errors
/// When the store fails.
pub fn assessment_decided(call: &mut Call<'_>, campaign: &AssessmentView) -> Outcome<()> {
    let decided =
        [(SubmissionStatus::Graded, Kind::AssessmentGraded), (SubmissionStatus::Approved, Kind::SubsidyApproved)];
    for (status, kind) in decided {
        for row in Submission::of_campaign(call.tx, campaign.id, [status])? {
            let Some(grade) = row.award.map(|award| award.grade) else { continue };
            let facts = Facts::default()
                .with(FactName::Title, &campaign.title)
                .with(FactName::What, Text::new(grade.chinese(), grade.english()))
                .with(FactName::Amount, row.subsidy_fen.unwrap_or_default());
            let told = message(kind, SubjectKind::AssessmentSubmission, row.id, &facts);
            notify::tell_organization(call, row.facility_id, &told)?;
        }
    }
    Ok(())
}
