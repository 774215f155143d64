//! 第十八条: the trace: what an event is about and what happened. One action per change of state, and
//! one for reading an applicant's materials (Art. 9.3).
//!
//! The log itself (who, when, before, after, request, and the chain that seals it) is kept by the
//! store; here are its words.

mod subject;
mod words;

use crate::coded_enum;

coded_enum! {
    /// What an event is about.
    pub enum SubjectKind ("kind of subject") {
        /// An account.
        User = "user",
        /// An applicant or facility as an organization.
        Organization = "organization",
        /// An applicant's profile.
        Profile = "profile",
        /// An uploaded file.
        File = "file",
        /// The rest-day calendar.
        Calendar = "calendar",
        /// A cycle.
        Cycle = "cycle",
        /// A voucher.
        Voucher = "voucher",
        /// A facility.
        Facility = "facility",
        /// A facility's application (Art. 6).
        FacilityApplication = "facility_application",
        /// A change of a facility's particulars that an officer looks at.
        FacilityChange = "facility_change",
        /// A recognition agreement (Art. 19).
        RecognitionAgreement = "recognition_agreement",
        /// A facility's service.
        Service = "service",
        /// A facility's instrument.
        Instrument = "instrument",
        /// A project.
        Project = "project",
        /// A contract.
        Contract = "contract",
        /// A redemption.
        Redemption = "redemption",
        /// An expert's review.
        Review = "review",
        /// A site visit or defence.
        Inquiry = "inquiry",
        /// A notice.
        Notice = "notice",
        /// An objection.
        Objection = "objection",
        /// A payment batch.
        Disbursement = "disbursement",
        /// A violation.
        Violation = "violation",
        /// What a party states about a violation.
        Statement = "statement",
        /// A sanction.
        Sanction = "sanction",
        /// Money that is claimed back.
        Clawback = "clawback",
        /// A campaign of the yearly assessment (Art. 14).
        Assessment = "assessment",
        /// A facility's submission to it.
        AssessmentSubmission = "assessment_submission",
        /// An expert's review of such a submission.
        AssessmentReview = "assessment_review",
        /// A facility's yearly statement of funds (Art. 13).
        FundStatement = "fund_statement",
        /// A letter in the outbox.
        Letter = "letter",
        /// A request to correct what is held about somebody.
        Correction = "correction",
        /// A draw, of experts or of what is inspected.
        Draw = "draw",
    }
}

coded_enum! {
    /// What happened.
    pub enum EventAction ("event action") {
        /// Someone registered with an organization.
        UserRegistered = "user_registered",
        /// An officer, an admin or the command line created an account.
        UserCreated = "user_created",
        /// An admin changed an account.
        UserChanged = "user_changed",
        /// An e-mail address was verified.
        EmailVerified = "email_verified",
        /// A password was set anew.
        PasswordChanged = "password_changed",
        /// Someone logged in.
        LoggedIn = "logged_in",
        /// A login to an account failed; one to an address without an account is no event.
        LoginFailed = "login_failed",
        /// Failed logins locked an account for a while.
        AccountLocked = "account_locked",
        /// Someone logged out.
        LoggedOut = "logged_out",
        /// A spent refresh token was used again: its whole family is revoked.
        SessionRevoked = "session_revoked",
        /// Someone joined an organization's accounts.
        ColleagueAdded = "colleague_added",
        /// Someone left an organization's accounts.
        ColleagueRemoved = "colleague_removed",
        /// Someone made the secret address of a feed of their deadlines.
        FeedOpened = "feed_opened",
        /// Someone ended that address.
        FeedClosed = "feed_closed",
        /// An organization was registered.
        OrganizationRegistered = "organization_registered",
        /// An organization changed what it states of itself.
        OrganizationChanged = "organization_changed",
        /// An applicant stated its facts anew.
        ProfileChanged = "profile_changed",
        /// Somebody was shown a personal detail of somebody else whole.
        DetailShown = "detail_shown",
        /// Somebody took along what is held about them.
        DataExported = "data_exported",
        /// Somebody asked to have corrected what they cannot change themselves.
        CorrectionRequested = "correction_requested",
        /// Somebody took such a request back.
        CorrectionWithdrawn = "correction_withdrawn",
        /// Such a request was decided.
        CorrectionDecided = "correction_decided",
        /// Another organization read an applicant's materials (Art. 9.3).
        MaterialsRead = "materials_read",
        /// A file was uploaded.
        FileStored = "file_stored",
        /// A year's rest days were loaded.
        CalendarLoaded = "calendar_loaded",
        /// Open provisional deadlines were recounted.
        DeadlinesRecounted = "deadlines_recounted",
        /// A cycle was prepared.
        CycleCreated = "cycle_created",
        /// A draft cycle was changed.
        CycleChanged = "cycle_changed",
        /// A cycle was announced.
        CyclePublished = "cycle_published",
        /// A cycle was closed before its time.
        CycleClosed = "cycle_closed",
        /// A voucher was claimed.
        VoucherClaimed = "voucher_claimed",
        /// A voucher was bound to a contract.
        VoucherRegistered = "voucher_registered",
        /// A termination freed a voucher.
        VoucherUnbound = "voucher_unbound",
        /// An amended or completed contract, or rest days stated anew, moved a voucher's deadline.
        VoucherDeadlineMoved = "voucher_deadline_moved",
        /// A redemption that names a voucher was submitted.
        VoucherRedeeming = "voucher_redeeming",
        /// That redemption was withdrawn.
        VoucherRedemptionWithdrawn = "voucher_redemption_withdrawn",
        /// A redemption was approved: what is paid for a voucher is fixed, the rest of it lapses.
        VoucherAllotted = "voucher_allotted",
        /// An upheld objection lowered what is paid for a voucher.
        VoucherReduced = "voucher_reduced",
        /// A voucher was paid.
        VoucherRedeemed = "voucher_redeemed",
        /// A voucher is as it was when claimed, its facility delisted.
        VoucherReturned = "voucher_returned",
        /// A voucher became void.
        VoucherVoided = "voucher_voided",
        /// An officer entered a municipal institution (Art. 6).
        FacilityEntered = "facility_entered",
        /// An organization began to state what it is as a facility.
        FacilityDrafted = "facility_drafted",
        /// A facility changed its particulars.
        FacilityChanged = "facility_changed",
        /// A facility applied (Art. 6).
        FacilityApplied = "facility_applied",
        /// An officer approved its application; it is to be published.
        FacilityApproved = "facility_approved",
        /// An officer returned its application.
        FacilityReturned = "facility_returned",
        /// An officer rejected its application.
        FacilityRejected = "facility_rejected",
        /// It was published.
        FacilityPublished = "facility_published",
        /// Its notice ended without an open objection: it serves.
        FacilityActivated = "facility_activated",
        /// An upheld objection ended its joining.
        FacilityCancelled = "facility_cancelled",
        /// It announced its exit.
        FacilityExitAnnounced = "facility_exit_announced",
        /// It took its exit back.
        FacilityExitWithdrawn = "facility_exit_withdrawn",
        /// Its last day is over.
        FacilityExited = "facility_exited",
        /// It was struck off the platform.
        FacilityDelisted = "facility_delisted",
        /// Its delisting was lifted.
        FacilityReadmitted = "facility_readmitted",
        /// An application was handed in.
        ApplicationSubmitted = "application_submitted",
        /// An application was decided.
        ApplicationDecided = "application_decided",
        /// A change of particulars waits for an officer.
        ChangeProposed = "change_proposed",
        /// A change of particulars was taken back.
        ChangeWithdrawn = "change_withdrawn",
        /// A change of particulars was decided.
        ChangeDecided = "change_decided",
        /// A recognition agreement was entered.
        AgreementEntered = "agreement_entered",
        /// A service was listed.
        ServiceCreated = "service_created",
        /// A service was changed.
        ServiceChanged = "service_changed",
        /// A service was taken off.
        ServiceRemoved = "service_removed",
        /// An instrument was listed.
        InstrumentCreated = "instrument_created",
        /// An instrument was changed.
        InstrumentChanged = "instrument_changed",
        /// An instrument was taken off.
        InstrumentRemoved = "instrument_removed",
        /// A project was drafted.
        ProjectCreated = "project_created",
        /// A project was changed.
        ProjectChanged = "project_changed",
        /// A project was handed to the facility.
        ProjectSubmitted = "project_submitted",
        /// A facility accepted a project.
        ProjectAccepted = "project_accepted",
        /// A facility returned a project.
        ProjectReturned = "project_returned",
        /// A facility declined a project.
        ProjectDeclined = "project_declined",
        /// A contract was registered.
        ContractRegistered = "contract_registered",
        /// A contract was amended.
        ContractAmended = "contract_amended",
        /// A contract ended before the service.
        ContractTerminated = "contract_terminated",
        /// A contract's service was done.
        ContractCompleted = "contract_completed",
        /// A contract's redemption came to its end.
        ContractSettled = "contract_settled",
        /// A contract's month for the redemption passed.
        ContractLapsed = "contract_lapsed",
        /// Rest days stated anew moved a contract's deadlines.
        ContractDeadlineMoved = "contract_deadline_moved",
        /// A redemption was drafted.
        RedemptionCreated = "redemption_created",
        /// A redemption was changed.
        RedemptionChanged = "redemption_changed",
        /// A redemption was submitted.
        RedemptionSubmitted = "redemption_submitted",
        /// A submitted redemption was looked at by the automatic checks; what they found is for the reviewers.
        RedemptionChecked = "redemption_checked",
        /// A redemption was withdrawn.
        RedemptionWithdrawn = "redemption_withdrawn",
        /// The applicant agreed with a redemption.
        RedemptionConfirmed = "redemption_confirmed",
        /// The applicant disagreed with a redemption.
        RedemptionDisputed = "redemption_disputed",
        /// An officer accepted a redemption for review.
        RedemptionAccepted = "redemption_accepted",
        /// An officer returned a redemption.
        RedemptionReturned = "redemption_returned",
        /// Experts were drawn, with the seed.
        PanelDrawn = "panel_drawn",
        /// An officer concluded the review.
        RedemptionConcluded = "redemption_concluded",
        /// Another officer approved a payment.
        RedemptionApproved = "redemption_approved",
        /// Another officer approved a rejection.
        RedemptionRejected = "redemption_rejected",
        /// A redemption was published.
        RedemptionPublished = "redemption_published",
        /// An upheld objection lowered it.
        RedemptionReduced = "redemption_reduced",
        /// An upheld objection cancelled it.
        RedemptionCancelled = "redemption_cancelled",
        /// Its notice ended without an open objection.
        RedemptionPayable = "redemption_payable",
        /// It was taken into a batch.
        RedemptionInPayment = "redemption_in_payment",
        /// It was paid.
        RedemptionPaid = "redemption_paid",
        /// Its payment failed.
        RedemptionPaymentFailed = "redemption_payment_failed",
        /// It lapsed with its vouchers.
        RedemptionVoided = "redemption_voided",
        /// Rest days stated anew moved the end of a redemption's correction.
        RedemptionDeadlineMoved = "redemption_deadline_moved",
        /// An expert gave or changed an opinion.
        ReviewSubmitted = "review_submitted",
        /// An expert recused.
        ReviewRecused = "review_recused",
        /// A site visit or defence was arranged.
        InquiryOpened = "inquiry_opened",
        /// Its outcome was recorded.
        InquiryRecorded = "inquiry_recorded",
        /// A notice was published.
        NoticePublished = "notice_published",
        /// Rest days stated anew moved the end of a notice.
        NoticeDeadlineMoved = "notice_deadline_moved",
        /// Someone objected.
        ObjectionMade = "objection_made",
        /// An objection was dismissed.
        ObjectionDismissed = "objection_dismissed",
        /// An objection was upheld.
        ObjectionUpheld = "objection_upheld",
        /// A batch was put together.
        DisbursementPrepared = "disbursement_prepared",
        /// Another officer approved a batch.
        DisbursementApproved = "disbursement_approved",
        /// A payment file was exported.
        DisbursementExported = "disbursement_exported",
        /// Results came back.
        DisbursementResultsRecorded = "disbursement_results_recorded",
        /// Every line of a batch has its result.
        DisbursementSettled = "disbursement_settled",
        /// Lines of suspended parties were taken out of a batch.
        DisbursementWithheld = "disbursement_withheld",
        /// A violation was recorded.
        ViolationRecorded = "violation_recorded",
        /// Sanctions were proposed.
        ViolationDecided = "violation_decided",
        /// The sanctions were approved.
        ViolationSanctioned = "violation_sanctioned",
        /// Nothing follows from a violation.
        ViolationDropped = "violation_dropped",
        /// The end of the time for statements moved with the calendar.
        ViolationDeadlineMoved = "violation_deadline_moved",
        /// A party stated its side.
        StatementMade = "statement_made",
        /// A sanction came to bind.
        SanctionImposed = "sanction_imposed",
        /// A sanction was lifted.
        SanctionLifted = "sanction_lifted",
        /// Credit records were exported.
        CreditRecordsExported = "credit_records_exported",
        /// Money that was clawed back came.
        ClawbackReceived = "clawback_received",
        /// An officer prepared a yearly assessment.
        AssessmentCreated = "assessment_created",
        /// An officer changed one that is not announced.
        AssessmentChanged = "assessment_changed",
        /// It was announced.
        AssessmentAnnounced = "assessment_announced",
        /// A facility wrote its submission.
        AssessmentSubmissionWritten = "assessment_submission_written",
        /// It handed the submission in.
        AssessmentSubmissionHandedIn = "assessment_submission_handed_in",
        /// Experts were drawn for the submissions.
        AssessmentPanelDrawn = "assessment_panel_drawn",
        /// An expert scored a submission, or changed the scores.
        AssessmentReviewGiven = "assessment_review_given",
        /// An expert stepped back from a submission.
        AssessmentReviewRecused = "assessment_review_recused",
        /// It was drawn whom the assessment visits.
        AssessmentVisitsDrawn = "assessment_visits_drawn",
        /// What a visit found was recorded.
        AssessmentVisitRecorded = "assessment_visit_recorded",
        /// An officer proposed grades and subsidies.
        AssessmentGraded = "assessment_graded",
        /// Another officer decided.
        AssessmentDecided = "assessment_decided",
        /// A submission was given a grade and no money.
        SubmissionGraded = "submission_graded",
        /// A submission was given a grade and a subsidy.
        SubsidyApproved = "subsidy_approved",
        /// What a submission came to was published.
        SubmissionPublished = "submission_published",
        /// An upheld objection changed grade or subsidy.
        SubmissionRegraded = "submission_regraded",
        /// An upheld objection took a submission out of the results.
        SubmissionCancelled = "submission_cancelled",
        /// The notice of a submission without money ended.
        SubmissionConcluded = "submission_concluded",
        /// The notice of a subsidy ended; it waits for a batch.
        SubsidyPayable = "subsidy_payable",
        /// It was taken into a batch.
        SubsidyInPayment = "subsidy_in_payment",
        /// It was paid.
        SubsidyPaid = "subsidy_paid",
        /// It was not paid.
        SubsidyPaymentFailed = "subsidy_payment_failed",
        /// A facility stated how a year's funds were used.
        FundsStated = "funds_stated",
        /// An administrator sent a parked letter again.
        LetterRetried = "letter_retried",
        /// The program committed to the seed of a draw to come.
        DrawCommitted = "draw_committed",
        /// A list was drawn from, and the seed revealed.
        DrawMade = "draw_made",
        /// A part of the log of events was taken out as a file.
        AuditLogExported = "audit_log_exported",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    #[test]
    fn every_subject_has_an_action() {
        for subject in SubjectKind::ALL {
            assert!(EventAction::ALL.iter().any(|action| action.subject() == *subject), "{subject}");
        }
    }

    #[test]
    fn every_code_is_read_back_as_itself() {
        for action in EventAction::ALL {
            assert_eq!(EventAction::from_code(action.code()), Some(*action));
        }
    }
}
