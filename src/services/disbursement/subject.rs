//! What a batch pays, by its kind: a redemption (Art. 15.5) or the subsidy of an assessment (Art. 14.5).

use uuid::Uuid;
use voucher_domain::assessment::{SubmissionAction, SubmissionStatus};
use voucher_domain::disbursement::{self as rules, PaymentKind};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::notice::NoticeKind;
use voucher_domain::redemption::{RedemptionAction, RedemptionStatus};
use voucher_domain::refusal::Refusal;
use voucher_storage::assessment::Submission;
use voucher_storage::disbursement::DisbursementLine;
use voucher_storage::redemption::Redemption;

use crate::services::accounts::Books;
use crate::services::redemption::{self, Whole};
use crate::services::{Call, Failure, Outcome, assessment, notice, payable, subsidy, tidings};

/// Which things a batch pays.
#[derive(Debug, Clone, Default)]
pub(super) struct Subjects {
    /// Redemptions.
    pub redemption_ids: Vec<Uuid>,
    /// Submissions that were granted a subsidy.
    pub submission_ids: Vec<Uuid>,
}

/// Something that a batch pays.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// A redemption.
    Redemption(Box<Redemption>),
    /// The subsidy of a submission.
    Subsidy(Box<Submission>),
}

/// What a line pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaidFor {
    /// A redemption.
    Redemption(Uuid),
    /// The subsidy of a submission.
    Subsidy(Uuid),
}

impl PaidFor {
    /// What this line pays: one or the other.
    ///
    /// # Errors
    /// Internal, when it is neither or both.
    pub fn of(line: &DisbursementLine) -> Outcome<Self> {
        match (line.redemption_id, line.submission_id) {
            (Some(id), None) => Ok(Self::Redemption(id)),
            (None, Some(id)) => Ok(Self::Subsidy(id)),
            (None, None) | (Some(_), Some(_)) => {
                Err(Failure::internal(format!("payment line {} does not pay one thing", line.id)))
            }
        }
    }

    /// Its id.
    pub fn id(self) -> Uuid {
        match self {
            Self::Redemption(id) | Self::Subsidy(id) => id,
        }
    }

    /// As the two columns of a line, of which one is filled: redemption and submission.
    pub fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Redemption(id) => (Some(id), None),
            Self::Subsidy(id) => (None, Some(id)),
        }
    }

    /// Which of the two it is.
    pub fn kind(self) -> PaymentKind {
        match self {
            Self::Redemption(_) => PaymentKind::Redemption,
            Self::Subsidy(_) => PaymentKind::Subsidy,
        }
    }
}

impl Subjects {
    /// What these lines pay.
    ///
    /// # Errors
    /// Internal, when one of them does not pay one thing.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a DisbursementLine>) -> Outcome<Self> {
        let mut subjects = Self::default();
        for line in lines {
            match PaidFor::of(line)? {
                PaidFor::Redemption(id) => subjects.redemption_ids.push(id),
                PaidFor::Subsidy(id) => subjects.submission_ids.push(id),
            }
        }
        Ok(subjects)
    }

    /// Everything that waits for a batch by now, written so or not.
    ///
    /// # Errors
    /// When the store fails.
    pub fn payable(call: &mut Call<'_>) -> Outcome<Self> {
        let mut redemption_ids = Redemption::payable_ids(call.tx)?;
        redemption_ids.extend(notice::due(call, NoticeKind::Redemption, u32::MAX)?);
        let mut submission_ids = Submission::payable_ids(call.tx)?;
        submission_ids.extend(notice::due(call, NoticeKind::Subsidy, u32::MAX)?);
        Ok(Self { redemption_ids, submission_ids })
    }

    /// Locks them, each kind in the order of its ids, so that of two batches put together at once only one gets
    /// each; absent ones are left out.
    ///
    /// # Errors
    /// When the store fails.
    pub fn lock(&self, call: &mut Call<'_>) -> Outcome<Vec<Subject>> {
        let redemptions = Redemption::lock_all(call.tx, &self.redemption_ids)?;
        let submissions = Submission::lock_all(call.tx, &self.submission_ids)?;
        Ok(together(redemptions, submissions))
    }

    /// The same, for reading alone.
    ///
    /// # Errors
    /// When the store fails.
    pub fn find(&self, call: &mut Call<'_>) -> Outcome<Vec<Subject>> {
        let redemptions = Redemption::find_all(call.tx, &self.redemption_ids)?;
        let submissions = Submission::find_all(call.tx, &self.submission_ids)?;
        Ok(together(redemptions, submissions))
    }

    /// Locks the ledgers that they are paid from.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open_books(&self, call: &mut Call<'_>) -> Outcome<Books> {
        let mut ledgers = payable::cycles_of(call, &self.redemption_ids)?;
        ledgers.extend(subsidy::budgets_of(call, &self.submission_ids)?);
        Books::open(call, ledgers)
    }
}

fn together(redemptions: Vec<Redemption>, submissions: Vec<Submission>) -> Vec<Subject> {
    let redemptions = redemptions.into_iter().map(|row| Subject::Redemption(Box::new(row)));
    redemptions.chain(submissions.into_iter().map(|row| Subject::Subsidy(Box::new(row)))).collect()
}

impl Subject {
    /// Its id, which no other thing has.
    pub fn id(&self) -> Uuid {
        self.paid_for().id()
    }

    /// What a line over it pays.
    pub fn paid_for(&self) -> PaidFor {
        match self {
            Self::Redemption(row) => PaidFor::Redemption(row.id),
            Self::Subsidy(row) => PaidFor::Subsidy(row.id),
        }
    }

    /// To whom it is paid.
    pub fn facility_id(&self) -> Uuid {
        match self {
            Self::Redemption(row) => row.facility_id,
            Self::Subsidy(row) => row.facility_id,
        }
    }

    /// Whose suspension holds it back: the facility that is paid, and the applicant whose voucher pays.
    pub fn parties(&self) -> [Uuid; 2] {
        match self {
            Self::Redemption(row) => [row.applicant_id, row.facility_id],
            Self::Subsidy(row) => [row.facility_id; 2],
        }
    }

    /// How much is paid.
    ///
    /// # Errors
    /// Internal, when nothing was approved.
    pub fn amount_fen(&self) -> Outcome<Money> {
        match self {
            Self::Redemption(row) => payable::approved_fen(row),
            Self::Subsidy(row) => subsidy::granted_fen(row),
        }
    }

    /// Whether it may wait for a batch: it does, or its notice may be over.
    pub fn may_wait(&self) -> bool {
        match self {
            Self::Redemption(row) => matches!(row.status, RedemptionStatus::Payable | RedemptionStatus::InNotice),
            Self::Subsidy(row) => matches!(row.status, SubmissionStatus::Payable | SubmissionStatus::InNotice),
        }
    }

    /// Art. 15.5 names quarters for redemptions; subsidies are paid when their notice is over (Art. 14.5).
    ///
    /// # Errors
    /// `quarter_closed`.
    pub fn require_open_quarter(&self, call: &Call<'_>) -> Outcome<()> {
        match self {
            Self::Redemption(row) => {
                Ok(rules::require_open_quarter(&call.policy(&row.policy_id)?.voucher, call.today())?)
            }
            Self::Subsidy(_) => Ok(()),
        }
    }

    /// As payable, which it is by now or is refused.
    ///
    /// # Errors
    /// `notice_running`, `objection_open`, `invalid_state`.
    pub fn made_payable(self, call: &mut Call<'_>) -> Outcome<Self> {
        let subject = match self {
            Self::Redemption(row) if row.status == RedemptionStatus::InNotice => {
                Self::Redemption(Box::new(notice::settle(call, &row)?))
            }
            Self::Subsidy(row) if row.status == SubmissionStatus::InNotice => {
                Self::Subsidy(Box::new(notice::settle_submission(call, &row)?))
            }
            Self::Redemption(_) | Self::Subsidy(_) => self,
        };
        subject.offers_batch()?;
        Ok(subject)
    }

    fn offers_batch(&self) -> Result<(), Refusal> {
        match self {
            Self::Redemption(row) => {
                row.status.after(RedemptionAction::Batch).map(drop).map_err(|refusal| refusal.article("15.5"))
            }
            Self::Subsidy(row) => row.status.after(SubmissionAction::Batch).map(drop),
        }
    }

    /// Writes that it was taken into a batch.
    ///
    /// # Errors
    /// `invalid_state`.
    pub fn batch(&self, call: &mut Call<'_>) -> Outcome<()> {
        match self {
            Self::Redemption(row) => {
                let status = row.status.after(RedemptionAction::Batch)?;
                let after = Redemption { status, ..Redemption::clone(row) };
                redemption::save(call, EventAction::RedemptionInPayment, row, &after)?;
            }
            Self::Subsidy(row) => {
                let status = row.status.after(SubmissionAction::Batch)?;
                let after = Submission { status, ..Submission::clone(row) };
                assessment::save_submission(call, EventAction::SubsidyInPayment, row, &after)?;
            }
        }
        Ok(())
    }

    /// Writes that its payment failed: it is payable again.
    ///
    /// # Errors
    /// `invalid_state`.
    pub fn fail(&self, call: &mut Call<'_>, reason: Option<String>) -> Outcome<()> {
        match self {
            Self::Redemption(row) => {
                let status = row.status.after(RedemptionAction::FailPayment)?;
                let after = Redemption { status, ..Redemption::clone(row) };
                let after = redemption::save(call, EventAction::RedemptionPaymentFailed, row, &after)?;
                tidings::payment_failed(call, &after, reason)
            }
            Self::Subsidy(row) => {
                let status = row.status.after(SubmissionAction::FailPayment)?;
                let after = Submission { status, ..Submission::clone(row) };
                let after = assessment::save_submission(call, EventAction::SubsidyPaymentFailed, row, &after)?;
                tidings::subsidy_failed(call, &after, reason)
            }
        }
    }
}

impl PaidFor {
    /// Writes that the bank has paid it with this line.
    ///
    /// # Errors
    /// `invalid_state`, when it is not in a batch.
    pub fn pay(self, call: &mut Call<'_>, books: &mut Books, line_id: Uuid) -> Outcome<()> {
        match self {
            Self::Redemption(id) => {
                let whole = Whole::lock(call, id)?;
                payable::pay(call, books, &whole, line_id)?;
            }
            Self::Subsidy(id) => {
                let row = Submission::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
                subsidy::pay(call, books, &row)?;
            }
        }
        Ok(())
    }

    /// It itself, locked.
    ///
    /// # Errors
    /// `not_found`.
    pub fn lock(self, call: &mut Call<'_>) -> Outcome<Subject> {
        Ok(match self {
            Self::Redemption(id) => {
                Subject::Redemption(Box::new(Redemption::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?))
            }
            Self::Subsidy(id) => {
                Subject::Subsidy(Box::new(Submission::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?))
            }
        })
    }
}
