//! What waits for somebody to act, read across the aggregates, those that have waited longest first; and
//! what a facility's forecast is reckoned from.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::assessment::{CampaignStatus, SubmissionStatus, Visit};
use voucher_domain::code::Code;
use voucher_domain::disbursement::{DisbursementStatus, LineStatus};
use voucher_domain::facility::{ApplicationStatus, ChangeStatus, FacilityStatus};
use voucher_domain::money::Money;
use voucher_domain::notice::ObjectionStatus;
use voucher_domain::project::ProjectStatus;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::review::ReviewStatus;

use crate::assessment::{Assessment, AssessmentReview, FundStatement, Submission};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::disbursement::{Disbursement, DisbursementLine};
use crate::error::StorageError;
use crate::facility::Facility;
use crate::joining::{FacilityApplication, FacilityChange};
use crate::notice::Objection;
use crate::project::Project;
use crate::redemption::Redemption;
use crate::review::{Inquiry, Panel, Review};
use crate::schema::{
    assessment_reviews, assessment_submissions, assessments, disbursement_lines, disbursements, facilities,
    facility_applications, facility_changes, fund_statements, inquiries, objections, panels, projects, redemptions,
    reviews, vouchers,
};
use crate::voucher::Voucher;

impl Project {
    /// The projects that an organization is party to, in one of these states.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(
        tx: &mut Connection,
        party_id: Uuid,
        statuses: impl IntoIterator<Item = ProjectStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let party = projects::applicant_id.is(party_id).or(projects::facility_id.is(party_id));
        let theirs = Self::all().filter(party).filter(projects::status.among(statuses));
        Ok(theirs.order(projects::id).load(tx)?)
    }
}

impl Redemption {
    /// The redemptions in a state, after one of them.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(
        tx: &mut Connection,
        status: RedemptionStatus,
        after: Option<Uuid>,
        limit: u16,
    ) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all()
            .filter(redemptions::status.is(status))
            .filter(redemptions::id.greater(after.unwrap_or_default()));
        Ok(rows.order(redemptions::id).limit(i64::from(limit)).load(tx)?)
    }

    /// The redemptions that another officer than this one has concluded, and that wait for an approval.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn concluded_by_others(tx: &mut Connection, officer_id: Uuid, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all()
            .filter(redemptions::status.is(RedemptionStatus::Concluded))
            .filter(redemptions::concluded_by.other_than(Some(officer_id)));
        Ok(rows.order(redemptions::id).limit(i64::from(limit)).load(tx)?)
    }

    /// The redemptions that an organization is party to, in one of these states.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_party_among(
        tx: &mut Connection,
        party_id: Uuid,
        statuses: impl IntoIterator<Item = RedemptionStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let party = redemptions::applicant_id.is(party_id).or(redemptions::facility_id.is(party_id));
        let theirs = Self::all().filter(party).filter(redemptions::status.among(statuses));
        Ok(theirs.order(redemptions::id).load(tx)?)
    }
}

impl Review {
    /// The reviews of these redemptions.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemptions(tx: &mut Connection, redemption_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = reviews::table.filter(reviews::redemption_id.among(redemption_ids.iter().copied()));
        Ok(theirs.order(reviews::id).load(tx)?)
    }
}

impl Panel {
    /// The draws for these redemptions, the first one of each first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemptions(tx: &mut Connection, redemption_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = panels::table.filter(panels::redemption_id.among(redemption_ids.iter().copied()));
        Ok(theirs.order(panels::id).load(tx)?)
    }
}

impl Inquiry {
    /// The site visits and defences about these redemptions.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemptions(tx: &mut Connection, redemption_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = inquiries::table.filter(inquiries::redemption_id.among(redemption_ids.iter().copied()));
        Ok(theirs.order(inquiries::id).load(tx)?)
    }

    /// The site visits and defences without an outcome.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(tx: &mut Connection, limit: u16) -> Result<Vec<Self>, StorageError> {
        let open = Self::all().filter(inquiries::outcome.is_null());
        Ok(open.order(inquiries::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl Objection {
    /// The objections that wait to be resolved.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(tx: &mut Connection, limit: u16) -> Result<Vec<Self>, StorageError> {
        let open = Self::all().filter(objections::status.is(ObjectionStatus::Open));
        Ok(open.order(objections::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl Disbursement {
    /// The batches that another officer than this one has prepared, and that wait for an approval.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn prepared_by_others(tx: &mut Connection, officer_id: Uuid, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all()
            .filter(disbursements::status.is(DisbursementStatus::Prepared))
            .filter(disbursements::prepared_by.other_than(officer_id));
        Ok(rows.order(disbursements::id).limit(i64::from(limit)).load(tx)?)
    }

    /// The approved batches that wait for results.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(tx: &mut Connection, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all().filter(disbursements::status.is(DisbursementStatus::Approved));
        Ok(rows.order(disbursements::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl DisbursementLine {
    /// The lines without a result of these redemptions.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn pending_of(tx: &mut Connection, redemption_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let lines = Self::all()
            .filter(disbursement_lines::status.is(LineStatus::Pending))
            .filter(disbursement_lines::redemption_id.among(redemption_ids.iter().copied().map(Some)));
        Ok(lines.order(disbursement_lines::id).load(tx)?)
    }
}

impl Facility {
    /// The facilities in a state.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(tx: &mut Connection, status: FacilityStatus, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all().filter(facilities::status.is(status));
        Ok(rows.order(facilities::id).limit(i64::from(limit)).load(tx)?)
    }

    /// The ids of the facilities that serve, in their order.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn serving(tx: &mut Connection) -> Result<Vec<Uuid>, StorageError> {
        let rows = facilities::table.filter(facilities::status.among(FacilityStatus::SERVING));
        Ok(rows.order(facilities::id).select(facilities::id).load(tx)?)
    }
}

impl Assessment {
    /// The campaigns that are announced and not decided.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn under_way(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        let statuses = CampaignStatus::ALL.iter().copied().filter(|status| status.is_under_way());
        Ok(Self::all().filter(assessments::status.among(statuses)).order(assessments::id).load(tx)?)
    }
}

impl Submission {
    /// The facilities that have handed in a submission to a campaign.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn handed_in_by(tx: &mut Connection, assessment_id: Uuid) -> Result<Vec<Uuid>, StorageError> {
        let statuses = SubmissionStatus::ALL.iter().copied().filter(|status| status.was_handed_in());
        let handed_in = assessment_submissions::table
            .filter(assessment_submissions::assessment_id.is(assessment_id))
            .filter(assessment_submissions::status.among(statuses));
        Ok(handed_in.select(assessment_submissions::facility_id).load(tx)?)
    }

    /// The submissions in one of these states: which, whose, and what each is given.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(
        tx: &mut Connection,
        statuses: impl IntoIterator<Item = SubmissionStatus>,
        limit: u16,
    ) -> Result<Vec<(Uuid, Uuid, Option<Money>)>, StorageError> {
        let waiting = assessment_submissions::table.filter(assessment_submissions::status.among(statuses));
        let columns =
            (assessment_submissions::id, assessment_submissions::facility_id, assessment_submissions::subsidy_fen);
        Ok(waiting.order(assessment_submissions::id).limit(i64::from(limit)).select(columns).load(tx)?)
    }

    /// The submissions of a facility in one of these states.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility_among(
        tx: &mut Connection,
        facility_id: Uuid,
        statuses: impl IntoIterator<Item = SubmissionStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all()
            .filter(assessment_submissions::facility_id.is(facility_id))
            .filter(assessment_submissions::status.among(statuses));
        Ok(theirs.order(assessment_submissions::id).load(tx)?)
    }

    /// The submissions that are judged in a campaign: which, whose, and the visit of each that is visited.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn judged_in(
        tx: &mut Connection,
        assessment_id: Uuid,
    ) -> Result<Vec<(Uuid, Uuid, Option<Visit>)>, StorageError> {
        let judged = assessment_submissions::table
            .filter(assessment_submissions::assessment_id.is(assessment_id))
            .filter(assessment_submissions::status.is(SubmissionStatus::Submitted));
        let columns = (assessment_submissions::id, assessment_submissions::facility_id, assessment_submissions::visit);
        Ok(judged.order(assessment_submissions::id).select(columns).load(tx)?)
    }
}

impl AssessmentReview {
    /// What waits for an expert's scores.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn assigned_to(tx: &mut Connection, expert_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all()
            .filter(assessment_reviews::expert_id.is(expert_id))
            .filter(assessment_reviews::status.is(ReviewStatus::Assigned));
        Ok(theirs.order(assessment_reviews::id).load(tx)?)
    }

    /// The states of these submissions' reviews, each with its submission.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn states_among(
        tx: &mut Connection,
        submission_ids: &[Uuid],
    ) -> Result<Vec<(Uuid, ReviewStatus)>, StorageError> {
        let theirs =
            assessment_reviews::table.filter(assessment_reviews::submission_id.among(submission_ids.iter().copied()));
        Ok(theirs.select((assessment_reviews::submission_id, assessment_reviews::status)).load(tx)?)
    }
}

impl FundStatement {
    /// The years that a facility has stated.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn years_of(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<i32>, StorageError> {
        let theirs = fund_statements::table.filter(fund_statements::facility_id.is(facility_id));
        Ok(theirs.select(fund_statements::year).load(tx)?)
    }
}

impl FacilityApplication {
    /// The applications that wait for a decision.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(tx: &mut Connection, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all().filter(facility_applications::status.is(ApplicationStatus::Submitted));
        Ok(rows.order(facility_applications::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl FacilityChange {
    /// The changes that wait for a decision.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn waiting(tx: &mut Connection, limit: u16) -> Result<Vec<Self>, StorageError> {
        let rows = Self::all().filter(facility_changes::status.is(ChangeStatus::Pending));
        Ok(rows.order(facility_changes::id).limit(i64::from(limit)).load(tx)?)
    }
}

impl Voucher {
    /// The amounts of the vouchers that pay these contracts, each with its contract.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn amounts_of_contracts(
        tx: &mut Connection,
        contract_ids: &[Uuid],
    ) -> Result<Vec<(Option<Uuid>, Money)>, StorageError> {
        let theirs = vouchers::table.filter(vouchers::contract_id.among(contract_ids.iter().copied().map(Some)));
        Ok(theirs.select((vouchers::contract_id, vouchers::amount_fen)).load(tx)?)
    }
}
