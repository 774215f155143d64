//! What each action is done to.

use super::{EventAction, SubjectKind};

impl EventAction {
    /// What an event with this action is about.
    pub fn subject(self) -> SubjectKind {
        match self {
            Self::UserRegistered
            | Self::UserCreated
            | Self::UserChanged
            | Self::EmailVerified
            | Self::PasswordChanged
            | Self::LoggedIn
            | Self::LoginFailed
            | Self::AccountLocked
            | Self::LoggedOut
            | Self::SessionRevoked
            | Self::ColleagueAdded
            | Self::ColleagueRemoved
            | Self::FeedOpened
            | Self::FeedClosed
            | Self::AuditLogExported
            | Self::DetailShown
            | Self::DataExported => SubjectKind::User,
            Self::CorrectionRequested | Self::CorrectionWithdrawn | Self::CorrectionDecided => SubjectKind::Correction,
            Self::OrganizationRegistered | Self::OrganizationChanged => SubjectKind::Organization,
            Self::ProfileChanged | Self::MaterialsRead => SubjectKind::Profile,
            Self::FileStored => SubjectKind::File,
            Self::CalendarLoaded | Self::DeadlinesRecounted => SubjectKind::Calendar,
            Self::CycleCreated | Self::CycleChanged | Self::CyclePublished | Self::CycleClosed => SubjectKind::Cycle,
            Self::VoucherClaimed
            | Self::VoucherRegistered
            | Self::VoucherUnbound
            | Self::VoucherDeadlineMoved
            | Self::VoucherRedeeming
            | Self::VoucherRedemptionWithdrawn
            | Self::VoucherAllotted
            | Self::VoucherReduced
            | Self::VoucherRedeemed
            | Self::VoucherReturned
            | Self::VoucherVoided => SubjectKind::Voucher,
            Self::FacilityEntered
            | Self::FacilityDrafted
            | Self::FacilityChanged
            | Self::FacilityApplied
            | Self::FacilityApproved
            | Self::FacilityReturned
            | Self::FacilityRejected
            | Self::FacilityPublished
            | Self::FacilityActivated
            | Self::FacilityCancelled
            | Self::FacilityExitAnnounced
            | Self::FacilityExitWithdrawn
            | Self::FacilityExited
            | Self::FacilityDelisted
            | Self::FacilityReadmitted => SubjectKind::Facility,
            Self::ApplicationSubmitted | Self::ApplicationDecided => SubjectKind::FacilityApplication,
            Self::ChangeProposed | Self::ChangeWithdrawn | Self::ChangeDecided => SubjectKind::FacilityChange,
            Self::AgreementEntered => SubjectKind::RecognitionAgreement,
            Self::ServiceCreated | Self::ServiceChanged | Self::ServiceRemoved => SubjectKind::Service,
            Self::InstrumentCreated | Self::InstrumentChanged | Self::InstrumentRemoved => SubjectKind::Instrument,
            Self::ProjectCreated
            | Self::ProjectChanged
            | Self::ProjectSubmitted
            | Self::ProjectAccepted
            | Self::ProjectReturned
            | Self::ProjectDeclined => SubjectKind::Project,
            Self::ContractRegistered
            | Self::ContractAmended
            | Self::ContractTerminated
            | Self::ContractCompleted
            | Self::ContractSettled
            | Self::ContractLapsed
            | Self::ContractDeadlineMoved => SubjectKind::Contract,
            Self::RedemptionCreated
            | Self::RedemptionChanged
            | Self::RedemptionSubmitted
            | Self::RedemptionChecked
            | Self::RedemptionWithdrawn
            | Self::RedemptionConfirmed
            | Self::RedemptionDisputed
            | Self::RedemptionAccepted
            | Self::RedemptionReturned
            | Self::PanelDrawn
            | Self::RedemptionConcluded
            | Self::RedemptionApproved
            | Self::RedemptionRejected
            | Self::RedemptionPublished
            | Self::RedemptionReduced
            | Self::RedemptionCancelled
            | Self::RedemptionPayable
            | Self::RedemptionInPayment
            | Self::RedemptionPaid
            | Self::RedemptionPaymentFailed
            | Self::RedemptionVoided
            | Self::RedemptionDeadlineMoved => SubjectKind::Redemption,
            Self::ReviewSubmitted | Self::ReviewRecused => SubjectKind::Review,
            Self::InquiryOpened | Self::InquiryRecorded => SubjectKind::Inquiry,
            Self::NoticePublished | Self::NoticeDeadlineMoved => SubjectKind::Notice,
            Self::ObjectionMade | Self::ObjectionDismissed | Self::ObjectionUpheld => SubjectKind::Objection,
            Self::DisbursementPrepared
            | Self::DisbursementApproved
            | Self::DisbursementExported
            | Self::DisbursementResultsRecorded
            | Self::DisbursementSettled
            | Self::DisbursementWithheld => SubjectKind::Disbursement,
            Self::ViolationRecorded
            | Self::ViolationDecided
            | Self::ViolationSanctioned
            | Self::ViolationDropped
            | Self::ViolationDeadlineMoved => SubjectKind::Violation,
            Self::StatementMade => SubjectKind::Statement,
            Self::SanctionImposed | Self::SanctionLifted | Self::CreditRecordsExported => SubjectKind::Sanction,
            Self::ClawbackReceived => SubjectKind::Clawback,
            Self::AssessmentCreated
            | Self::AssessmentChanged
            | Self::AssessmentAnnounced
            | Self::AssessmentPanelDrawn
            | Self::AssessmentVisitsDrawn
            | Self::AssessmentGraded
            | Self::AssessmentDecided => SubjectKind::Assessment,
            Self::AssessmentSubmissionWritten
            | Self::AssessmentSubmissionHandedIn
            | Self::AssessmentVisitRecorded
            | Self::SubmissionGraded
            | Self::SubsidyApproved
            | Self::SubmissionPublished
            | Self::SubmissionRegraded
            | Self::SubmissionCancelled
            | Self::SubmissionConcluded
            | Self::SubsidyPayable
            | Self::SubsidyInPayment
            | Self::SubsidyPaid
            | Self::SubsidyPaymentFailed => SubjectKind::AssessmentSubmission,
            Self::AssessmentReviewGiven | Self::AssessmentReviewRecused => SubjectKind::AssessmentReview,
            Self::FundsStated => SubjectKind::FundStatement,
            Self::LetterRetried => SubjectKind::Letter,
            Self::DrawCommitted | Self::DrawMade => SubjectKind::Draw,
        }
    }
}
