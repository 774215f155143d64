//! What facilities and experts are told of the yearly assessment (Art. 14).

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::assessment::SubmissionStatus;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notification::{FactName, Facts, NotificationKind as Kind};
use voucher_domain::text::Text;
use voucher_domain::transition::Named;
use voucher_storage::assessment::{Assessment, AssessmentReview, Submission};
use voucher_storage::notice::{Notice, Objection};
use voucher_storage::organization::Organization;

use super::message;
use crate::services::assessment::{AssessmentView, SubmissionView, who_may_submit};
use crate::services::{Call, Outcome, notify};

const OF_SUBMISSIONS: [(EventAction, Kind); 5] = [
    (EventAction::SubmissionGraded, Kind::AssessmentGraded),
    (EventAction::SubsidyApproved, Kind::SubsidyApproved),
    (EventAction::SubmissionPublished, Kind::AssessmentPublished),
    (EventAction::SubsidyPayable, Kind::SubsidyPayable),
    (EventAction::SubsidyPaid, Kind::SubsidyPaid),
];

/// Tells those who may submit to it that a campaign was announced (Art. 14.1).
///
/// # Errors
/// When the store fails.
pub fn assessment_announced(call: &mut Call<'_>, campaign: &AssessmentView) -> Outcome<()> {
    let facts = Facts::default().with(FactName::Title, &campaign.title).with(FactName::LastDay, campaign.submit_by);
    let told = message(Kind::AssessmentAnnounced, SubjectKind::Assessment, campaign.id, &facts);
    let messages: Vec<_> = who_may_submit(call)?.into_iter().map(|id| (id, told.clone())).collect();
    notify::tell_organizations(call, &messages)
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

/// What can be told of any submission that is decided.
fn known(call: &mut Call<'_>, row: &Submission) -> Outcome<Facts> {
    let campaign = Assessment::find(call.tx, row.assessment_id)?;
    let grade = row.award.map(|award| Text::new(award.grade.chinese(), award.grade.english()));
    let grade = grade.unwrap_or_else(|| Text::new("未评定", "not graded"));
    Ok(Facts::default()
        .with(FactName::Title, campaign.map(|campaign| campaign.title))
        .with(FactName::What, grade)
        .with(FactName::Amount, row.subsidy_fen.unwrap_or_default()))
}

/// Tells a facility's people what became of its submission from the decision on (Art. 11, 14.5). What an
/// objection changes is told with the objection ([`submission_resolved`]).
///
/// # Errors
/// When the store fails.
pub fn submission(call: &mut Call<'_>, action: EventAction, row: &Submission) -> Outcome<()> {
    let Some((_, kind)) = OF_SUBMISSIONS.iter().find(|(told, _)| *told == action) else { return Ok(()) };
    let notice = row.notice_id.map(|id| Notice::find(call.tx, id)).transpose()?.flatten();
    let mut facts = known(call, row)?;
    if let Some(notice) = notice {
        facts = facts.with(FactName::LastDay, notice.deadline.last_day);
    }
    tell(call, *kind, row, &facts)
}

/// Tells a facility's people that the payment of its subsidy failed, with the bank's reason (Art. 14.5).
///
/// # Errors
/// When the store fails.
pub fn subsidy_failed(call: &mut Call<'_>, row: &Submission, reason: Option<String>) -> Outcome<()> {
    let facts = known(call, row)?.with(FactName::Remarks, reason.unwrap_or_default());
    tell(call, Kind::SubsidyPaymentFailed, row, &facts)
}

/// Tells a facility's people and the officers of an objection to its result; never whose it is (Art. 14.5).
///
/// # Errors
/// When the store fails.
pub fn submission_objected(call: &mut Call<'_>, submission_id: Uuid, objection: &Objection) -> Outcome<()> {
    let Some(row) = Submission::find(call.tx, submission_id)? else { return Ok(()) };
    let facility = Organization::find(call.tx, row.facility_id)?;
    let facts = known(call, &row)?.with(FactName::Facility, facility.map(|facility| facility.name));
    let told = message(Kind::AssessmentObjected, SubjectKind::Objection, objection.id, &facts);
    notify::tell_organization(call, row.facility_id, &told)?;
    notify::tell_role(call, Role::Officer, &told)
}

/// Tells a facility's people what was found about an objection to its result, and what the result is by now
/// (Art. 14.5).
///
/// # Errors
/// When the store fails.
pub fn submission_resolved(call: &mut Call<'_>, row: &Submission, objection: &Objection) -> Outcome<()> {
    let amount_fen = row.subsidy_fen.unwrap_or_default();
    let grade = row.award.map(|award| award.grade);
    let what = match (objection.amount_fen, row.status, grade) {
        (None, ..) => Text::new("异议不成立,结果不变", "dismissed, the result stands"),
        (Some(_), SubmissionStatus::Cancelled, _) | (Some(_), _, None) => {
            Text::new("异议成立,取消该结果", "upheld, the result is taken out")
        }
        (Some(_), _, Some(grade)) => Text::new(
            format!("异议成立,结果变更为{},后补助资金 {amount_fen} 元,重新公示", grade.chinese()),
            format!(
                "upheld, the result is {} with a subsidy of {amount_fen} yuan by now, and is published again",
                grade.english()
            ),
        ),
    };
    let facts = known(call, row)?.with(FactName::What, what).with(FactName::Remarks, objection.reasons.clone());
    tell(call, Kind::AssessmentObjectionResolved, row, &facts)
}

fn tell(call: &mut Call<'_>, kind: Kind, row: &Submission, facts: &Facts) -> Outcome<()> {
    let told = message(kind, SubjectKind::AssessmentSubmission, row.id, facts);
    notify::tell_organization(call, row.facility_id, &told)
}
