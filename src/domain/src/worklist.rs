//! 第六、十四、十五条: what waits for whom: the things that people of each part have to act on next, and what
//! a facility can expect to be paid.

mod campaign;
mod forecast;

use crate::code::Code;
use crate::coded_enum;
use crate::due::{DeadlineKind, Part};
use crate::period::Day;
use crate::review::{ConclusionFacts, ReviewStatus, may_conclude};
use crate::text::Text;

pub use campaign::next_of_campaign;
pub use forecast::{Expected, ForecastStage, QuarterForecast, by_quarter, payable_from, suspended_sum};

coded_enum! {
    /// What somebody has to do.
    pub enum TaskKind ("kind of task") {
        /// The applicant states the facts that its eligibility is judged by.
        StateProfile = "state_profile",
        /// The applicant finds a facility and has a contract registered before the voucher dies.
        UseVoucher = "use_voucher",
        /// The applicant corrects a project that the facility returned.
        CorrectProject = "correct_project",
        /// The applicant says whether a redemption shows what was done.
        ConfirmRedemption = "confirm_redemption",
        /// The applicant renews a certificate that its yearly limit rests on.
        RenewCertificate = "renew_certificate",
        /// The applicant states its side of a violation.
        AnswerViolation = "answer_violation",
        /// The facility hands in its application, or does so again.
        ApplyAsFacility = "apply_as_facility",
        /// The facility accepts, returns or declines a project.
        DecideProject = "decide_project",
        /// The facility registers the contract before a voucher dies.
        RegisterContract = "register_contract",
        /// The facility does what the contract says.
        PerformContract = "perform_contract",
        /// The facility submits the redemption of a contract.
        SubmitRedemption = "submit_redemption",
        /// The facility corrects a redemption that was returned.
        CorrectRedemption = "correct_redemption",
        /// The facility submits to the yearly assessment.
        SubmitAssessment = "submit_assessment",
        /// The facility states how a year's money was used.
        StateFunds = "state_funds",
        /// The facility brings to an end what it has before its last day.
        PrepareExit = "prepare_exit",
        /// The facility states its side of a violation.
        AnswerViolationAsFacility = "answer_violation_as_facility",
        /// The expert gives an opinion, or steps back.
        GiveReview = "give_review",
        /// The expert scores a submission to the yearly assessment, or steps back.
        ScoreSubmission = "score_submission",
        /// An officer decides an application of a facility.
        DecideApplication = "decide_application",
        /// An officer decides a change of a facility's particulars.
        DecideFacilityChange = "decide_facility_change",
        /// An officer publishes a facility whose application is approved.
        PublishFacility = "publish_facility",
        /// An officer accepts a redemption, or returns it.
        AcceptRedemption = "accept_redemption",
        /// An officer has experts drawn.
        DrawPanel = "draw_panel",
        /// An officer arranges a site visit or a defence.
        ArrangeInquiry = "arrange_inquiry",
        /// An officer records what a site visit or a defence came to.
        RecordInquiry = "record_inquiry",
        /// An officer concludes a review.
        ConcludeReview = "conclude_review",
        /// Another officer than the one who concluded approves.
        ApproveReview = "approve_review",
        /// An officer publishes an approved redemption.
        PublishRedemption = "publish_redemption",
        /// An officer resolves an objection.
        ResolveObjection = "resolve_objection",
        /// An officer puts what is payable into a batch.
        PrepareDisbursement = "prepare_disbursement",
        /// Another officer than the one who prepared a batch approves it.
        ApproveDisbursement = "approve_disbursement",
        /// An officer records the bank's results.
        RecordPayments = "record_payments",
        /// An officer has experts drawn for the submissions to the yearly assessment.
        DrawAssessmentPanels = "draw_assessment_panels",
        /// An officer has drawn whom to visit.
        DrawAssessmentVisits = "draw_assessment_visits",
        /// An officer records what a visit found.
        RecordAssessmentVisit = "record_assessment_visit",
        /// An officer proposes grades and subsidies.
        GradeAssessment = "grade_assessment",
        /// Another officer than the one who proposed them approves grades and subsidies.
        ApproveGrades = "approve_grades",
        /// An officer publishes what a submission to the yearly assessment came to.
        PublishResult = "publish_result",
        /// An officer proposes sanctions for a violation, or drops it.
        DecideViolation = "decide_violation",
        /// Another officer than the one who proposed them approves sanctions.
        ApproveSanctions = "approve_sanctions",
    }
}

impl TaskKind {
    /// What people of this part may have to do, in the order in which it is listed.
    pub fn of_part(part: Part) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |task| task.part() == part)
    }

    /// Whose task it is.
    pub fn part(self) -> Part {
        match self {
            Self::StateProfile
            | Self::UseVoucher
            | Self::CorrectProject
            | Self::ConfirmRedemption
            | Self::RenewCertificate
            | Self::AnswerViolation => Part::Applicant,
            Self::ApplyAsFacility
            | Self::DecideProject
            | Self::RegisterContract
            | Self::PerformContract
            | Self::SubmitRedemption
            | Self::CorrectRedemption
            | Self::SubmitAssessment
            | Self::StateFunds
            | Self::PrepareExit
            | Self::AnswerViolationAsFacility => Part::Facility,
            Self::GiveReview | Self::ScoreSubmission => Part::Expert,
            Self::DecideApplication
            | Self::DecideFacilityChange
            | Self::PublishFacility
            | Self::AcceptRedemption
            | Self::DrawPanel
            | Self::ArrangeInquiry
            | Self::RecordInquiry
            | Self::ConcludeReview
            | Self::ApproveReview
            | Self::PublishRedemption
            | Self::ResolveObjection
            | Self::PrepareDisbursement
            | Self::ApproveDisbursement
            | Self::RecordPayments
            | Self::DrawAssessmentPanels
            | Self::DrawAssessmentVisits
            | Self::RecordAssessmentVisit
            | Self::GradeAssessment
            | Self::ApproveGrades
            | Self::PublishResult
            | Self::DecideViolation
            | Self::ApproveSanctions => Part::Officer,
        }
    }

    /// What it is called.
    pub fn title(self) -> Text {
        let (chinese, english) = match self {
            Self::StateProfile => ("填写单位信息", "State the applicant's facts"),
            Self::UseVoucher => ("使用创新券", "Use a voucher"),
            Self::CorrectProject => ("修改退回的合作项目", "Correct a returned project"),
            Self::ConfirmRedemption => ("确认兑现申请", "Confirm a redemption"),
            Self::RenewCertificate => ("更新证书", "Renew a certificate"),
            Self::ApplyAsFacility => ("提交开放单位申请", "Apply to become a facility"),
            Self::DecideProject => ("答复合作项目", "Decide on a project"),
            Self::RegisterContract => ("登记服务合同", "Register a contract"),
            Self::PerformContract => ("履行服务合同", "Perform a contract"),
            Self::SubmitRedemption => ("提交兑现申请", "Submit a redemption"),
            Self::CorrectRedemption => ("补正兑现申请", "Correct a redemption"),
            Self::SubmitAssessment => ("提交绩效考核申报", "Submit to the yearly assessment"),
            Self::StateFunds => ("填报资金使用情况", "State how a year's money was used"),
            Self::PrepareExit => ("办理退出事宜", "Prepare the exit"),
            Self::GiveReview => ("提交评审意见", "Give a review"),
            Self::ScoreSubmission => ("绩效考核评分", "Score a submission to the assessment"),
            Self::DecideApplication => ("审核开放单位申请", "Decide an application of a facility"),
            Self::DecideFacilityChange => ("审核开放单位信息变更", "Decide a change of a facility"),
            Self::PublishFacility => ("公示开放单位", "Publish a facility"),
            Self::AcceptRedemption => ("受理兑现申请", "Accept a redemption"),
            Self::DrawPanel => ("抽取评审专家", "Draw experts"),
            Self::ArrangeInquiry => ("组织现场调研或答辩", "Arrange a site visit or a defence"),
            Self::RecordInquiry => ("记录现场调研或答辩结果", "Record a site visit or a defence"),
            Self::ConcludeReview => ("形成评审结论", "Conclude a review"),
            Self::ApproveReview => ("批准评审结论", "Approve a conclusion"),
            Self::PublishRedemption => ("公示兑现事项", "Publish a redemption"),
            Self::ResolveObjection => ("处理异议", "Resolve an objection"),
            Self::PrepareDisbursement => ("编制拨付批次", "Put a payment into a batch"),
            Self::ApproveDisbursement => ("批准拨付批次", "Approve a batch"),
            Self::RecordPayments => ("登记拨付结果", "Record the results of a batch"),
            Self::DrawAssessmentPanels => ("抽取考核专家", "Draw experts for the assessment"),
            Self::DrawAssessmentVisits => ("抽取实地核查单位", "Draw whom to visit"),
            Self::RecordAssessmentVisit => ("记录实地核查结果", "Record what a visit found"),
            Self::GradeAssessment => ("形成考核支持方案", "Propose grades and subsidies"),
            Self::ApproveGrades => ("批准考核支持方案", "Approve grades and subsidies"),
            Self::PublishResult => ("公示考核结果", "Publish a result of the assessment"),
            Self::AnswerViolation | Self::AnswerViolationAsFacility => ("陈述申辩", "State one's side of a violation"),
            Self::DecideViolation => ("拟定违规处理决定", "Propose sanctions for a violation"),
            Self::ApproveSanctions => ("批准违规处理决定", "Approve sanctions"),
        };
        Text::new(chinese, english)
    }

    /// The article it follows from.
    pub fn article(self) -> &'static str {
        match self {
            Self::ApplyAsFacility
            | Self::PrepareExit
            | Self::DecideApplication
            | Self::DecideFacilityChange
            | Self::PublishFacility => "6",
            Self::StateProfile => "7",
            Self::StateFunds => "13",
            Self::SubmitAssessment
            | Self::ScoreSubmission
            | Self::DrawAssessmentPanels
            | Self::DrawAssessmentVisits
            | Self::RecordAssessmentVisit
            | Self::GradeAssessment
            | Self::ApproveGrades
            | Self::PublishResult => "14",
            Self::RenewCertificate => "12",
            Self::UseVoucher
            | Self::CorrectProject
            | Self::DecideProject
            | Self::RegisterContract
            | Self::PerformContract => "15.2",
            Self::ConfirmRedemption | Self::SubmitRedemption | Self::CorrectRedemption | Self::AcceptRedemption => {
                "15.3"
            }
            Self::GiveReview
            | Self::DrawPanel
            | Self::ArrangeInquiry
            | Self::RecordInquiry
            | Self::ConcludeReview
            | Self::ApproveReview => "15.4",
            Self::PublishRedemption
            | Self::ResolveObjection
            | Self::PrepareDisbursement
            | Self::ApproveDisbursement
            | Self::RecordPayments => "15.5",
            Self::AnswerViolation
            | Self::AnswerViolationAsFacility
            | Self::DecideViolation
            | Self::ApproveSanctions => "17",
        }
    }
}

/// What whoever acts in this part has to do about an open deadline; nothing where it is only to be
/// known, or where what has to be done hangs on more than the deadline: a facility registers the
/// contract of a project, and submits a redemption once the service is done.
pub fn task_of(kind: DeadlineKind, part: Part) -> Option<TaskKind> {
    match (kind, part) {
        (DeadlineKind::Registration | DeadlineKind::Validity, Part::Applicant) => Some(TaskKind::UseVoucher),
        (DeadlineKind::CertificateExpiry, Part::Applicant) => Some(TaskKind::RenewCertificate),
        (DeadlineKind::Statement, Part::Applicant) => Some(TaskKind::AnswerViolation),
        (DeadlineKind::Statement, Part::Facility) => Some(TaskKind::AnswerViolationAsFacility),
        (DeadlineKind::Correction, Part::Facility) => Some(TaskKind::CorrectRedemption),
        (DeadlineKind::FacilityExit, Part::Facility) => Some(TaskKind::PrepareExit),
        (DeadlineKind::Review, Part::Expert) => Some(TaskKind::GiveReview),
        (DeadlineKind::AssessmentReview, Part::Expert) => Some(TaskKind::ScoreSubmission),
        (DeadlineKind::Assessment, Part::Facility) => Some(TaskKind::SubmitAssessment),
        (DeadlineKind::Registration | DeadlineKind::Validity, Part::Facility | Part::Expert | Part::Officer)
        | (
            DeadlineKind::CertificateExpiry | DeadlineKind::Review | DeadlineKind::AssessmentReview,
            Part::Applicant | Part::Facility | Part::Expert | Part::Officer,
        )
        | (DeadlineKind::Statement, Part::Expert | Part::Officer)
        | (
            DeadlineKind::Correction | DeadlineKind::FacilityExit | DeadlineKind::Assessment,
            Part::Applicant | Part::Expert | Part::Officer,
        )
        | (
            DeadlineKind::Redemption | DeadlineKind::NoticeEnd,
            Part::Applicant | Part::Facility | Part::Expert | Part::Officer,
        ) => None,
    }
}

/// Art. 15.3: what the facility of a contract without a redemption has to do: the service, until the day
/// from which the redemption may be submitted.
pub fn next_of_contract(redeem_from: Day, today: Day) -> TaskKind {
    if today < redeem_from { TaskKind::PerformContract } else { TaskKind::SubmitRedemption }
}

/// Art. 15.4: what an officer has to do next about a redemption in review; nothing while experts are asked.
pub fn next_of_review(facts: &ConclusionFacts<'_>) -> Option<TaskKind> {
    let serving = || facts.reviews.iter().filter(|review| review.status != ReviewStatus::Recused);
    if serving().count() < usize::from(facts.panel_size) {
        return Some(TaskKind::DrawPanel);
    }
    if may_conclude(facts).is_ok() {
        return Some(TaskKind::ConcludeReview);
    }
    let are_given = serving().all(|review| review.status == ReviewStatus::Submitted);
    are_given.then_some(TaskKind::ArrangeInquiry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::day;
    use crate::review::{Opinion, Recommendation};

    fn opinion(status: ReviewStatus, is_doubtful: bool) -> Opinion {
        Opinion { status, recommendation: Some(Recommendation::Approve), is_doubtful }
    }

    #[test]
    fn a_review_is_drawn_then_waited_for_then_concluded_or_looked_into() {
        let next = |reviews: &[Opinion]| next_of_review(&ConclusionFacts { reviews, panel_size: 3, inquiries: &[] });
        let (given, doubtful, recused) = (
            opinion(ReviewStatus::Submitted, false),
            opinion(ReviewStatus::Submitted, true),
            opinion(ReviewStatus::Recused, false),
        );
        let asked = Opinion { recommendation: None, ..opinion(ReviewStatus::Assigned, false) };
        assert_eq!(next(&[]), Some(TaskKind::DrawPanel));
        assert_eq!(next(&[given, given, recused]), Some(TaskKind::DrawPanel));
        assert_eq!(next(&[given, given, asked]), None);
        assert_eq!(next(&[given, given, recused, given]), Some(TaskKind::ConcludeReview));
        assert_eq!(next(&[given, given, doubtful]), Some(TaskKind::ArrangeInquiry));
    }

    #[test]
    fn what_is_only_to_be_known_is_no_task() {
        assert_eq!(task_of(DeadlineKind::NoticeEnd, Part::Facility), None);
        assert_eq!(task_of(DeadlineKind::Correction, Part::Facility), Some(TaskKind::CorrectRedemption));
        for kind in DeadlineKind::ALL {
            for part in Part::ALL {
                assert!(task_of(*kind, *part).is_none_or(|task| task.part() == *part), "{kind} {part}");
            }
        }
    }

    #[test]
    fn a_redemption_is_due_from_the_last_day_of_the_service() {
        let next = |today| next_of_contract(day("2026-03-16"), day(today));
        assert_eq!(next("2026-03-15"), TaskKind::PerformContract);
        assert_eq!(next("2026-03-16"), TaskKind::SubmitRedemption);
    }

    #[test]
    fn every_part_has_tasks_of_its_own() {
        let listed: usize = Part::ALL.iter().map(|part| TaskKind::of_part(*part).count()).sum();
        assert_eq!(listed, TaskKind::ALL.len());
        assert_eq!(
            TaskKind::of_part(Part::Expert).collect::<Vec<_>>(),
            [TaskKind::GiveReview, TaskKind::ScoreSubmission]
        );
    }
}
