//! The yearly assessment of facilities: campaigns, submissions, statements of funds; and the records that
//! figures are counted from.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::assessment::funds::Funds;
use voucher_domain::assessment::{Award, CampaignStatus, Criteria, Figure, GivenScores, SubmissionStatus, Visit};
use voucher_domain::disbursement::LineStatus;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant};
use voucher_domain::review::ReviewStatus;

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::contract::Contract;
use crate::disbursement::DisbursementLine;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{
    assessment_reviews, assessment_submissions, assessments, contracts, disbursement_lines, fund_statements,
};

aggregate! {
    /// A campaign of the yearly assessment (Art. 14).
    pub struct Assessment in assessments {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The year that is assessed.
        pub year: i32,
        /// What it is called.
        pub title: String,
        /// The policy whose caps bind.
        pub policy_id: String,
        /// Its state.
        pub status: CampaignStatus,
        /// The last day of submissions.
        pub submit_by: Day,
        /// Its end.
        pub closes_at: Instant,
        /// What all subsidies together may come to.
        pub budget_fen: Money,
        /// What submissions are judged by.
        pub criteria: Criteria,
        /// The officer who made it.
        pub created_by: Uuid,
        /// When it was announced.
        pub announced_at: Option<Instant>,
        /// When it was made.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// The officer who proposed the grades.
        pub graded_by: Option<Uuid>,
        /// The other officer, who decided.
        pub decided_by: Option<Uuid>,
        /// When.
        pub decided_at: Option<Instant>,
        /// The draw that says who is visited.
        pub visits_draw_id: Option<Uuid>,
    }
}

aggregate! {
    /// What a facility submits to a campaign (Art. 14.2).
    pub struct Submission in assessment_submissions {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The campaign.
        pub assessment_id: Uuid,
        /// Whose.
        pub facility_id: Uuid,
        /// Its state.
        pub status: SubmissionStatus,
        /// In the facility's words.
        pub statement: String,
        /// What the records said when it was handed in.
        pub figures: Option<Vec<Figure>>,
        /// Who handed it in.
        pub submitted_by: Option<Uuid>,
        /// When.
        pub submitted_at: Option<Instant>,
        /// When it was first written.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// The visit that is called for, and what it found.
        pub visit: Option<Visit>,
        /// What it came to.
        pub award: Option<Award>,
        /// What it is given.
        pub subsidy_fen: Option<Money>,
        /// The notice it is or was published in.
        pub notice_id: Option<Uuid>,
    }
}

aggregate! {
    /// An expert's review of a submission (Art. 14.3).
    pub struct AssessmentReview in assessment_reviews {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What is scored.
        pub submission_id: Uuid,
        /// By whom.
        pub expert_id: Uuid,
        /// Its state.
        pub status: ReviewStatus,
        /// What the expert gives.
        pub given: Option<GivenScores>,
        /// Why the expert stepped back.
        pub recusal_reason: Option<String>,
        /// When it was assigned.
        pub assigned_at: Instant,
        /// When it was last given.
        pub submitted_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// A facility's statement of how a year's money was used (Art. 13).
    pub struct FundStatement in fund_statements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Whose.
        pub facility_id: Uuid,
        /// Of which year.
        pub year: i32,
        /// The policy whose floor it is shown beside.
        pub policy_id: String,
        /// What is stated.
        pub stated: Funds,
        /// Who stated it last.
        pub stated_by: Uuid,
        /// When.
        pub stated_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

/// The unique index over the years of campaigns.
pub const YEAR_TAKEN: &str = "assessments_year";

impl Assessment {
    /// The campaigns, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        with_drafts: bool,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if !with_drafts {
            rows = rows.filter(assessments::status.other_than(CampaignStatus::Draft));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The campaigns that are announced or further, in the order of their ids.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn announced(tx: &mut Connection) -> Result<Vec<Self>, StorageError> {
        let announced = Self::all().filter(assessments::status.other_than(CampaignStatus::Draft));
        Ok(announced.order(assessments::id).load(tx)?)
    }

    /// The campaigns that take submissions at an instant.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn open(tx: &mut Connection, now: Instant) -> Result<Vec<Self>, StorageError> {
        let open = Self::all()
            .filter(assessments::status.is(CampaignStatus::Announced))
            .filter(assessments::closes_at.greater(now));
        Ok(open.order(assessments::id).load(tx)?)
    }
}

impl Submission {
    /// The submission of a facility to a campaign.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility(
        tx: &mut Connection,
        assessment_id: Uuid,
        facility_id: Uuid,
    ) -> Result<Option<Self>, StorageError> {
        let theirs = assessment_submissions::table
            .filter(assessment_submissions::assessment_id.is(assessment_id))
            .filter(assessment_submissions::facility_id.is(facility_id));
        Ok(theirs.first(tx).optional()?)
    }

    /// The same, locked against other writers.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn lock_of_facility(
        tx: &mut Connection,
        assessment_id: Uuid,
        facility_id: Uuid,
    ) -> Result<Option<Self>, StorageError> {
        let theirs = assessment_submissions::table
            .filter(assessment_submissions::assessment_id.is(assessment_id))
            .filter(assessment_submissions::facility_id.is(facility_id));
        Ok(for_update(theirs).get_result(tx).optional()?)
    }

    /// The submissions to a campaign, in one state or in any, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        assessment_id: Uuid,
        status: Option<SubmissionStatus>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all().filter(assessment_submissions::assessment_id.is(assessment_id));
        if let Some(status) = status {
            rows = rows.filter(assessment_submissions::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl Submission {
    /// Every submission to a campaign in one of these states, in the order of their ids, locked.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn lock_of_campaign(
        tx: &mut Connection,
        assessment_id: Uuid,
        statuses: impl IntoIterator<Item = SubmissionStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let theirs = assessment_submissions::table
            .filter(assessment_submissions::assessment_id.is(assessment_id))
            .filter(assessment_submissions::status.among(statuses));
        Ok(for_update(theirs.order(assessment_submissions::id)).load(tx)?)
    }

    /// The same, for reading alone.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_campaign(
        tx: &mut Connection,
        assessment_id: Uuid,
        statuses: impl IntoIterator<Item = SubmissionStatus>,
    ) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all()
            .filter(assessment_submissions::assessment_id.is(assessment_id))
            .filter(assessment_submissions::status.among(statuses));
        Ok(theirs.order(assessment_submissions::id).load(tx)?)
    }

    /// The submissions that wait for a batch: their ids, in order.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn payable_ids(tx: &mut Connection) -> Result<Vec<Uuid>, StorageError> {
        let payable =
            assessment_submissions::table.filter(assessment_submissions::status.is(SubmissionStatus::Payable));
        Ok(payable.order(assessment_submissions::id).select(assessment_submissions::id).load(tx)?)
    }
}

impl AssessmentReview {
    /// The reviews of these submissions, those of the first draw first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_submissions(tx: &mut Connection, submission_ids: &[Uuid]) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all().filter(assessment_reviews::submission_id.among(submission_ids.iter().copied()));
        Ok(theirs.order(assessment_reviews::id).load(tx)?)
    }

    /// What is or was assigned to an expert, newest first, in one state or in all.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        expert_id: Uuid,
        status: Option<ReviewStatus>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all().filter(assessment_reviews::expert_id.is(expert_id));
        if let Some(status) = status {
            rows = rows.filter(assessment_reviews::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl FundStatement {
    /// The statement of a facility about a year.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility(tx: &mut Connection, facility_id: Uuid, year: i32) -> Result<Option<Self>, StorageError> {
        let theirs = fund_statements::table
            .filter(fund_statements::facility_id.is(facility_id))
            .filter(fund_statements::year.is(year));
        Ok(theirs.first(tx).optional()?)
    }

    /// The same, locked against other writers.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn lock_of_facility(tx: &mut Connection, facility_id: Uuid, year: i32) -> Result<Option<Self>, StorageError> {
        let theirs = fund_statements::table
            .filter(fund_statements::facility_id.is(facility_id))
            .filter(fund_statements::year.is(year));
        Ok(for_update(theirs).get_result(tx).optional()?)
    }

    /// The statements of a year and of a facility, where one is asked for, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        year: Option<i32>,
        facility_id: Option<Uuid>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(year) = year {
            rows = rows.filter(fund_statements::year.is(year));
        }
        if let Some(id) = facility_id {
            rows = rows.filter(fund_statements::facility_id.is(id));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl Contract {
    /// Every contract of a facility.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_facility(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let theirs = Self::all().filter(contracts::facility_id.is(facility_id));
        Ok(theirs.order(contracts::id).load(tx)?)
    }
}

impl DisbursementLine {
    /// What a facility was paid, redemptions and subsidies.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn paid_to(tx: &mut Connection, facility_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let paid = Self::all()
            .filter(disbursement_lines::facility_id.is(facility_id))
            .filter(disbursement_lines::status.is(LineStatus::Paid));
        Ok(paid.order(disbursement_lines::id).load(tx)?)
    }
}
