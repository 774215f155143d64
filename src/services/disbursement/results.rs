//! What the bank says: line by line, paid or failed.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::disbursement::{self as rules, DisbursementStatus, LineOutcome, LineResult};
use voucher_domain::event::EventAction;
use voucher_domain::refusal::Refusal;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};

use super::subject::{PaidFor, Subjects};
use super::{DisbursementDetail, detail, record};
use crate::services::accounts::Books;
use crate::services::{Call, Failure, Outcome};

/// The result of one payment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineResultForm {
    /// The payment line.
    pub line_id: Uuid,
    /// Whether it was paid.
    pub outcome: LineOutcome,
    /// The bank's reference; asked for when paid.
    pub reference: Option<String>,
    /// Why it failed; asked for when failed.
    pub reason: Option<String>,
}

/// Results as they come back, for all lines of a batch or for some.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultsForm {
    /// The results.
    pub lines: Vec<LineResultForm>,
}

impl From<LineResultForm> for LineResult {
    fn from(form: LineResultForm) -> Self {
        let LineResultForm { line_id, outcome, reference, reason } = form;
        Self { line_id, outcome, reference, reason }
    }
}

/// Records results (Art. 14.5, 15.5): what is paid redeems its vouchers, what failed is payable again. The
/// batch is settled with its last result.
///
/// # Errors
/// `not_found`, `invalid_state` when the batch is not approved or a line has its result,
/// `validation_failed`.
pub fn record_results(call: &mut Call<'_>, id: Uuid, form: ResultsForm) -> Outcome<DisbursementDetail> {
    let results: Vec<LineResult> = form.lines.into_iter().map(LineResult::from).collect();
    Disbursement::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let mut books = open_books(call, id, &results)?;
    let row = Disbursement::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let lines = DisbursementLine::lock_batch(call.tx, id)?;
    let states: Vec<_> = lines.iter().map(|line| (line.id, line.status)).collect();
    let status = rules::record_results(row.status, &states, &results)?;
    let before = detail(call, row.clone())?;
    apply(call, &mut books, lines, results)?;
    // Saved with every result, settled or not, so that its version tells.
    let after = Disbursement::save(call.tx, &Disbursement { status, ..row })?;
    let after = detail(call, after)?;
    record(call, EventAction::DisbursementResultsRecorded, Some(&before), &after)?;
    if status == DisbursementStatus::Settled {
        record(call, EventAction::DisbursementSettled, Some(&before), &after)?;
    }
    Ok(after)
}

/// Locks the ledgers that the paid lines are paid from.
fn open_books(call: &mut Call<'_>, id: Uuid, results: &[LineResult]) -> Outcome<Books> {
    let is_paid = |line: &&DisbursementLine| {
        results.iter().any(|result| result.line_id == line.id && result.outcome == LineOutcome::Paid)
    };
    let lines = DisbursementLine::of_batch(call.tx, id)?;
    Subjects::of(lines.iter().filter(is_paid))?.open_books(call)
}

/// Writes the results into the lines and what they pay.
fn apply(
    call: &mut Call<'_>,
    books: &mut Books,
    lines: Vec<DisbursementLine>,
    results: Vec<LineResult>,
) -> Outcome<()> {
    let mut lines: BTreeMap<Uuid, DisbursementLine> = lines.into_iter().map(|line| (line.id, line)).collect();
    for result in results {
        let line = lines.remove(&result.line_id);
        let line = line.ok_or_else(|| Failure::internal("a result passed the rules without its line"))?;
        let paid_for = PaidFor::of(&line)?;
        match result.outcome {
            LineOutcome::Paid => paid_for.pay(call, books, line.id)?,
            LineOutcome::Failed => paid_for.lock(call)?.fail(call, said(result.reason.clone()))?,
        }
        let after = DisbursementLine {
            status: result.outcome.status(),
            reference: said(result.reference),
            reason: said(result.reason),
            settled_at: Some(call.now),
            ..line
        };
        DisbursementLine::save(call.tx, &after)?;
    }
    Ok(())
}

/// A text that says something.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
