//! What people are told: at every step of a voucher's way, and before a deadline.
//!
//! A kind says what is told and which facts its wording may use; the wording itself is a template
//! under `config/templates/`, so that it can be changed without the program.

mod facts;

pub use facts::{Fact, FactName, Facts, Shown};

use crate::coded_enum;

coded_enum! {
    /// What somebody is told.
    pub enum NotificationKind ("kind of notification") {
        /// The token that proves an address; by letter alone.
        VerifyEmail = "verify_email",
        /// The token that sets a password; by letter alone.
        ResetPassword = "reset_password",
        /// A letter that is written out already; by letter alone.
        PlainLetter = "plain_letter",
        /// 第十五条(一): a voucher was claimed.
        VoucherClaimed = "voucher_claimed",
        /// 第十五条: a voucher became void.
        VoucherVoided = "voucher_voided",
        /// 第十五条(二): a project was proposed to the facility.
        ProjectSubmitted = "project_submitted",
        /// The facility accepted the project.
        ProjectAccepted = "project_accepted",
        /// The facility returned the project.
        ProjectReturned = "project_returned",
        /// The facility declined the project.
        ProjectDeclined = "project_declined",
        /// 第十五条(二): a contract was registered with its vouchers.
        ContractRegistered = "contract_registered",
        /// A registered contract was amended.
        ContractAmended = "contract_amended",
        /// A contract ended before the service.
        ContractTerminated = "contract_terminated",
        /// A contract's service was done.
        ContractCompleted = "contract_completed",
        /// 第十五条(三): the facility asks for redemption; the applicant is to confirm it.
        RedemptionSubmitted = "redemption_submitted",
        /// The applicant agreed with a redemption.
        RedemptionConfirmed = "redemption_confirmed",
        /// The applicant disagreed with a redemption.
        RedemptionDisputed = "redemption_disputed",
        /// A redemption was taken back.
        RedemptionWithdrawn = "redemption_withdrawn",
        /// A redemption was accepted for review.
        RedemptionAccepted = "redemption_accepted",
        /// A redemption was returned for correction.
        RedemptionReturned = "redemption_returned",
        /// 第十五条(四): an expert was drawn.
        ReviewAssigned = "review_assigned",
        /// 第十五条(四): a site visit or defence was arranged.
        InquiryArranged = "inquiry_arranged",
        /// A redemption was approved: the payable amount is fixed.
        RedemptionApproved = "redemption_approved",
        /// A redemption was rejected.
        RedemptionRejected = "redemption_rejected",
        /// 第十五条(五): a redemption is published.
        RedemptionPublished = "redemption_published",
        /// Somebody objected to what is published.
        ObjectionMade = "objection_made",
        /// An objection was dismissed.
        ObjectionDismissed = "objection_dismissed",
        /// An objection was upheld.
        ObjectionUpheld = "objection_upheld",
        /// A notice ended without an open objection.
        RedemptionPayable = "redemption_payable",
        /// 第十五条(五): a redemption was paid.
        PaymentPaid = "payment_paid",
        /// A payment failed.
        PaymentFailed = "payment_failed",
        /// 第六条: something became of a facility: its application, its notice, its exit.
        FacilityNews = "facility_news",
        /// 第十七条: a violation is recorded; the party may state its side.
        ViolationRecorded = "violation_recorded",
        /// A party stated its side.
        StatementMade = "statement_made",
        /// Nothing follows from a violation.
        ViolationDropped = "violation_dropped",
        /// 第十七条: sanctions bind from now on.
        SanctionsImposed = "sanctions_imposed",
        /// A sanction was lifted.
        SanctionLifted = "sanction_lifted",
        /// 第十七条: a voucher is as it was when claimed, its facility delisted.
        VoucherReturned = "voucher_returned",
        /// 第十七条: money that was clawed back came.
        ClawbackReceived = "clawback_received",
        /// 第十四条(一): a campaign of the yearly assessment was announced to those who may submit.
        AssessmentAnnounced = "assessment_announced",
        /// 第十四条(二): a submission to the yearly assessment was handed in.
        AssessmentSubmitted = "assessment_submitted",
        /// 第十四条(三): an expert was drawn for a submission to the yearly assessment.
        AssessmentReviewAssigned = "assessment_review_assigned",
        /// 第十四条(四): a facility is to be visited.
        AssessmentVisitCalled = "assessment_visit_called",
        /// 第十一条: a facility was graded without money.
        AssessmentGraded = "assessment_graded",
        /// 第十四条(五): a facility was graded, and a subsidy was decided.
        SubsidyApproved = "subsidy_approved",
        /// 第十四条(五): what a submission came to is published.
        AssessmentPublished = "assessment_published",
        /// Somebody objected to what a submission came to.
        AssessmentObjected = "assessment_objected",
        /// An objection to what a submission came to was resolved.
        AssessmentObjectionResolved = "assessment_objection_resolved",
        /// A subsidy's notice ended without an open objection.
        SubsidyPayable = "subsidy_payable",
        /// 第十四条(五): a subsidy was paid.
        SubsidyPaid = "subsidy_paid",
        /// The payment of a subsidy failed.
        SubsidyPaymentFailed = "subsidy_payment_failed",
        /// Somebody asks to have corrected what is held about them.
        CorrectionRequested = "correction_requested",
        /// Such a request was decided.
        CorrectionDecided = "correction_decided",
        /// A deadline comes near.
        DeadlineNear = "deadline_near",
        /// Several deadlines come near: one letter instead of many; by letter alone.
        DeadlineDigest = "deadline_digest",
        /// A deadline moved.
        DeadlineMoved = "deadline_moved",
    }
}

impl NotificationKind {
    /// Whether it is told in the application too; the others go by letter alone.
    pub fn is_shown_in_application(self) -> bool {
        match self {
            Self::VerifyEmail | Self::ResetPassword | Self::PlainLetter | Self::DeadlineDigest => false,
            Self::VoucherClaimed
            | Self::VoucherVoided
            | Self::ProjectSubmitted
            | Self::ProjectAccepted
            | Self::ProjectReturned
            | Self::ProjectDeclined
            | Self::ContractRegistered
            | Self::ContractAmended
            | Self::ContractTerminated
            | Self::ContractCompleted
            | Self::RedemptionSubmitted
            | Self::RedemptionConfirmed
            | Self::RedemptionDisputed
            | Self::RedemptionWithdrawn
            | Self::RedemptionAccepted
            | Self::RedemptionReturned
            | Self::ReviewAssigned
            | Self::InquiryArranged
            | Self::RedemptionApproved
            | Self::RedemptionRejected
            | Self::RedemptionPublished
            | Self::ObjectionMade
            | Self::ObjectionDismissed
            | Self::ObjectionUpheld
            | Self::RedemptionPayable
            | Self::PaymentPaid
            | Self::PaymentFailed
            | Self::FacilityNews
            | Self::ViolationRecorded
            | Self::StatementMade
            | Self::ViolationDropped
            | Self::SanctionsImposed
            | Self::SanctionLifted
            | Self::VoucherReturned
            | Self::ClawbackReceived
            | Self::AssessmentAnnounced
            | Self::AssessmentSubmitted
            | Self::AssessmentReviewAssigned
            | Self::AssessmentVisitCalled
            | Self::AssessmentGraded
            | Self::SubsidyApproved
            | Self::AssessmentPublished
            | Self::AssessmentObjected
            | Self::AssessmentObjectionResolved
            | Self::SubsidyPayable
            | Self::SubsidyPaid
            | Self::SubsidyPaymentFailed
            | Self::CorrectionRequested
            | Self::CorrectionDecided
            | Self::DeadlineNear
            | Self::DeadlineMoved => true,
        }
    }

    /// The facts that it is told with, all of them: what its wording may use.
    pub fn fact_names(self) -> &'static [FactName] {
        use FactName::{
            Amount, Applicant, Cause, Cycle, DaysAhead, EarlierDay, EndsOn, Explanation, Facility, LastDay, Lines,
            Number, Organization, Remaining, Remarks, ScheduledAt, Title, Token, TokenExpiresAt, What,
        };
        match self {
            Self::VerifyEmail | Self::ResetPassword => &[Token, TokenExpiresAt],
            Self::PlainLetter => &[Title, Remarks],
            Self::VoucherClaimed => &[Number, Amount, Cycle, LastDay],
            Self::VoucherVoided => &[Number, Amount, Cause],
            Self::ProjectSubmitted => &[Title, Applicant],
            Self::ProjectAccepted | Self::ProjectReturned | Self::ProjectDeclined => &[Title, Facility, Remarks],
            Self::ContractRegistered | Self::ContractAmended => &[Number, Title, Facility, Amount, EndsOn, LastDay],
            Self::ContractTerminated => &[Number, Title, Facility, Remarks],
            Self::ContractCompleted => &[Number, Title, Facility, Amount, LastDay],
            Self::RedemptionSubmitted => &[Number, Title, Facility, Amount],
            Self::RedemptionConfirmed | Self::RedemptionDisputed => &[Number, Title, Applicant, Remarks],
            Self::RedemptionWithdrawn => &[Number, Title, Facility],
            Self::RedemptionAccepted => &[Number, Title],
            Self::RedemptionReturned => &[Number, Title, Remarks, LastDay],
            Self::ReviewAssigned => &[Title],
            Self::InquiryArranged => &[Number, Title, What, ScheduledAt],
            Self::RedemptionApproved | Self::RedemptionPayable => &[Number, Title, Amount],
            Self::RedemptionRejected => &[Number, Title, Remarks],
            Self::RedemptionPublished => &[Number, Title, Amount, LastDay],
            Self::ObjectionMade => &[Number, Title],
            Self::ObjectionDismissed => &[Number, Title, Remarks],
            Self::ObjectionUpheld => &[Number, Title, Amount, Remarks],
            Self::PaymentPaid => &[Number, Title, Amount],
            Self::PaymentFailed => &[Number, Title, Amount, Remarks],
            Self::FacilityNews => &[Facility, What, Remarks],
            Self::ViolationRecorded => &[What, Remarks, LastDay],
            Self::StatementMade => &[Organization, What],
            Self::ViolationDropped | Self::SanctionLifted => &[What, Remarks],
            Self::SanctionsImposed => &[What, Lines, Remarks],
            Self::VoucherReturned => &[Number, Amount, Facility, LastDay],
            Self::ClawbackReceived => &[Amount, Remaining],
            Self::AssessmentAnnounced => &[Title, LastDay],
            Self::AssessmentSubmitted | Self::AssessmentReviewAssigned | Self::AssessmentObjected => &[Title, Facility],
            Self::AssessmentVisitCalled => &[Title],
            Self::AssessmentGraded => &[Title, What],
            Self::SubsidyApproved => &[Title, What, Amount],
            Self::AssessmentPublished => &[Title, What, Amount, LastDay],
            Self::AssessmentObjectionResolved => &[Title, What, Remarks],
            Self::SubsidyPayable | Self::SubsidyPaid => &[Title, Amount],
            Self::SubsidyPaymentFailed => &[Title, Amount, Remarks],
            Self::CorrectionRequested => &[What],
            Self::CorrectionDecided => &[What, Cause, Remarks],
            Self::DeadlineNear => &[What, LastDay, DaysAhead, Explanation],
            Self::DeadlineDigest => &[Lines],
            Self::DeadlineMoved => &[What, EarlierDay, LastDay, Explanation],
        }
    }

    /// Facts such as it is told with, to try its wording on.
    pub fn sample(self) -> Facts {
        self.fact_names().iter().fold(Facts::default(), |facts, name| facts.with(*name, name.sample()))
    }
}

coded_enum! {
    /// What became of a letter.
    pub enum LetterState ("state of a letter") {
        /// To be sent, for the first time or again.
        Waiting = "waiting",
        /// Handed over.
        Sent = "sent",
        /// Given up, until an administrator sends it again.
        Parked = "parked",
        /// Not sent, for what it reminded of was done in the meantime.
        Dropped = "dropped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    #[test]
    fn a_sample_has_every_fact_of_its_kind() {
        for kind in NotificationKind::ALL {
            let sample = kind.sample();
            assert!(kind.fact_names().iter().all(|name| sample.get(*name).is_some()), "{kind}");
            assert_eq!(sample.iter().count(), kind.fact_names().len(), "{kind}");
        }
    }

    #[test]
    fn secrets_go_by_letter_alone() {
        for kind in NotificationKind::ALL {
            let is_secret = kind.fact_names().contains(&FactName::Token);
            assert!(!(is_secret && kind.is_shown_in_application()), "{kind}");
        }
    }
}
