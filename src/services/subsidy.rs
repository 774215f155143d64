//! What a decided submission to the yearly assessment comes to: changed or taken out by an objection, or paid. The
//! money of the campaign goes with it.
//!
//! The order of locks is that of [`payable`](super::payable): the budget's ledger ([`Books`]), the submission, then what
//! publishes it (item, objection). A batch is locked before what it pays.

use uuid::Uuid;
use voucher_domain::assessment::objection::Standing;
use voucher_domain::assessment::{Award, SubmissionAction};
use voucher_domain::event::EventAction;
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::refusal::Refusal;
use voucher_storage::assessment::{Assessment, Submission};

use super::accounts::{Books, Origin};
use super::{Call, Failure, Outcome, assessment};

/// A submission with the budget that it is paid from, both locked.
pub(super) struct Lot {
    /// The ledger of the campaign's budget.
    pub books: Books,
    /// The campaign.
    pub campaign: Assessment,
    /// The submission.
    pub submission: Submission,
}

impl Lot {
    /// Locks the budget, then the submission.
    ///
    /// # Errors
    /// `not_found`; when the store fails.
    pub fn lock(call: &mut Call<'_>, id: Uuid) -> Outcome<Self> {
        let seen = Submission::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
        let books = Books::open(call, [seen.assessment_id])?;
        let submission = Submission::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
        let campaign = Assessment::find(call.tx, seen.assessment_id)?.ok_or_else(Refusal::not_found)?;
        Ok(Self { books, campaign, submission })
    }

    /// The result as it stands, and what the budget has left.
    ///
    /// # Errors
    /// Internal, when nothing was decided about it.
    pub fn standing(&self) -> Outcome<Standing> {
        let undecided = || Failure::internal(format!("submission {} has no grade", self.submission.id));
        Ok(Standing {
            award: self.submission.award.ok_or_else(undecided)?,
            subsidy_fen: granted_fen(&self.submission)?,
            available_fen: self.books.cycle(self.campaign.id)?.available_fen,
        })
    }
}

/// The amount that was granted.
///
/// # Errors
/// Internal, when there is none.
pub(super) fn granted_fen(row: &Submission) -> Outcome<Money> {
    row.subsidy_fen.ok_or_else(|| Failure::internal(format!("submission {} has no amount", row.id)))
}

/// Art. 14, 18: changes grade and subsidy; the result is to be published again.
///
/// # Errors
/// `invalid_state`, when it is not in its notice.
pub(super) fn change(call: &mut Call<'_>, lot: &mut Lot, award: Award, subsidy_fen: Money) -> Outcome<Submission> {
    let status = lot.submission.status.after(SubmissionAction::changing(subsidy_fen))?;
    let after = Submission { status, award: Some(award), subsidy_fen: Some(subsidy_fen), ..lot.submission.clone() };
    corrected(call, lot, EventAction::SubmissionRegraded, after)
}

/// Art. 14, 18: takes a submission out of the results: nothing is payable.
///
/// # Errors
/// `invalid_state`, when it is not in its notice.
pub(super) fn cancel(call: &mut Call<'_>, lot: &mut Lot) -> Outcome<Submission> {
    let status = lot.submission.status.after(SubmissionAction::Cancel)?;
    let after = Submission { status, subsidy_fen: Some(Money::ZERO), ..lot.submission.clone() };
    corrected(call, lot, EventAction::SubmissionCancelled, after)
}

/// Saves what an objection changed; the money follows.
fn corrected(call: &mut Call<'_>, lot: &mut Lot, event: EventAction, after: Submission) -> Outcome<Submission> {
    let before = &lot.submission;
    let movements = ledger::on_subsidy_change(granted_fen(before)?, granted_fen(&after)?)?;
    lot.books.post(call, after.assessment_id, &movements, Origin::of(after.id))?;
    assessment::save_submission(call, event, before, &after)
}

/// The budgets that these submissions are paid from, each the ledger under its campaign's id.
///
/// # Errors
/// When the store fails.
pub(super) fn budgets_of(call: &mut Call<'_>, submission_ids: &[Uuid]) -> Outcome<Vec<Uuid>> {
    Ok(Submission::find_all(call.tx, submission_ids)?.into_iter().map(|row| row.assessment_id).collect())
}

/// Art. 14.5: records that the bank has paid the subsidy of a submission, which is locked.
///
/// # Errors
/// `invalid_state`, when it is not in a batch.
pub(super) fn pay(call: &mut Call<'_>, books: &mut Books, before: &Submission) -> Outcome<Submission> {
    let status = before.status.after(SubmissionAction::Pay)?;
    let movements = ledger::on_payment(granted_fen(before)?);
    books.post(call, before.assessment_id, &movements, Origin::of(before.id))?;
    assessment::save_submission(call, EventAction::SubsidyPaid, before, &Submission { status, ..before.clone() })
}
