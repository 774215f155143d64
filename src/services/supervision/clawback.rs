//! Money that is claimed back, and what has come of it: `paid → recovered` (Art. 17).

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::period::Day;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_domain::supervision::{self as rules, ClawbackStatus};
use voucher_storage::StorageError;
use voucher_storage::redemption::{Allotment, Redemption};
use voucher_storage::supervision::{Clawback, ClawbackFilter, Receipt, Sanction};

use super::views::{ClawbackDetail, ClawbackView, ReceiptView};
use crate::services::accounts::{Books, Origin};
use crate::services::{Call, Change, Failure, Outcome, Page, PageRequest, payable, tidings};

/// Money that came.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptForm {
    /// How much.
    pub amount_fen: Money,
    /// The day it came.
    #[schema(value_type = chrono::NaiveDate)]
    pub received_on: Day,
    /// The bank's reference; each counts once.
    pub reference: String,
}

/// Which clawbacks are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ClawbacksQuery {
    /// From this party.
    pub organization_id: Option<Uuid>,
    /// In this state.
    pub status: Option<ClawbackStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The clawbacks, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn clawbacks(call: &mut Call<'_>, query: ClawbacksQuery) -> Outcome<Page<ClawbackView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let filter = ClawbackFilter { organization_id: query.organization_id, status: query.status };
    let rows = Clawback::list(call.tx, filter, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}

/// A clawback with what has come of it.
///
/// # Errors
/// `not_found`.
pub fn clawback(call: &mut Call<'_>, id: Uuid) -> Outcome<ClawbackDetail> {
    let row = Clawback::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    detail(call, row)
}

fn detail(call: &mut Call<'_>, row: Clawback) -> Outcome<ClawbackDetail> {
    let receipts = Receipt::of_clawbacks(call.tx, &[row.id])?;
    Ok(ClawbackDetail { clawback: row.into(), receipts: receipts.into_iter().map(ReceiptView::from).collect() })
}

/// Records money that came for a clawback, in part or in full (Art. 17). It is recovered in the cycles that
/// paid it, voucher by voucher.
///
/// # Errors
/// `not_found`; `validation_failed`, with `maximum_fen` for more than is due; `invalid_state` when nothing
/// is due any more; `already_exists` for a reference that is recorded.
pub fn receive(call: &mut Call<'_>, id: Uuid, form: ReceiptForm) -> Outcome<ClawbackDetail> {
    let seen = Clawback::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let mut books = payable::open_books(call, &[seen.redemption_id])?;
    // The redemption's lock keeps its clawbacks apart: what each recovers follows what the others have.
    Redemption::lock(call.tx, seen.redemption_id)?;
    let row = Clawback::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    rules::validate_receipt(form.amount_fen, form.received_on, &form.reference, call.today())?;
    let (received_fen, status) = rules::receive(row.status, row.amount_fen, row.received_fen, form.amount_fen)?;
    let receipt = Receipt {
        id: call.new_id(),
        clawback_id: id,
        amount_fen: form.amount_fen,
        received_on: form.received_on,
        reference: form.reference.trim().to_owned(),
        recorded_by: call.actor()?.user_id,
        recorded_at: call.now,
    };
    let receipt = Receipt::insert(call.tx, &receipt).map_err(explain_taken)?;
    recover(call, &mut books, &row, &receipt)?;
    let after = Clawback::save(call.tx, &Clawback { received_fen, status, ..row.clone() })?;
    if status == ClawbackStatus::Recovered {
        fulfil(call, after.sanction_id)?;
    }
    let (before, after) = (ClawbackView::from(row), detail(call, after)?);
    call.record(Change {
        action: EventAction::ClawbackReceived,
        kind: SubjectKind::Clawback,
        id,
        organization_id: Some(after.clawback.organization_id),
        cycle_id: None,
        before: Some(&before),
        after: Some(&after),
    })?;
    tidings::clawback_received(call, &after.clawback, receipt.amount_fen)?;
    Ok(after)
}

/// Moves what came, voucher by voucher, in the order of their ids.
fn recover(call: &mut Call<'_>, books: &mut Books, row: &Clawback, receipt: &Receipt) -> Outcome<()> {
    let mut allotments = Allotment::of_redemption(call.tx, row.redemption_id)?;
    allotments.sort_by_key(|allotment| allotment.voucher_id);
    let paid: Vec<(Uuid, Money)> =
        allotments.iter().map(|allotment| (allotment.voucher_id, allotment.payable_fen)).collect();
    let claimed = Clawback::of_redemption(call.tx, row.redemption_id)?;
    let earlier_fen = Money::sum(claimed.into_iter().map(|other| other.received_fen))?;
    for (voucher_id, amount_fen) in rules::apportion(&paid, earlier_fen, receipt.amount_fen)? {
        let allotment = allotments.iter().find(|allotment| allotment.voucher_id == voucher_id);
        let cycle_id =
            allotment.ok_or_else(|| Failure::internal("a voucher was recovered that paid nothing"))?.cycle_id;
        books.post(call, cycle_id, &ledger::on_recovery(amount_fen), Origin::of_voucher(receipt.id, voucher_id))?;
    }
    Ok(())
}

/// All of it has come: the sanction has done what it was for.
fn fulfil(call: &mut Call<'_>, sanction_id: Uuid) -> Outcome<()> {
    let row = Sanction::lock(call.tx, sanction_id)?;
    let row = row.ok_or_else(|| Failure::internal(format!("sanction {sanction_id} is not there")))?;
    Sanction::save(call.tx, &Sanction { fulfilled_at: Some(call.now), ..row })?;
    Ok(())
}

/// A reference is recorded once for a clawback: the same money does not come twice.
fn explain_taken(error: StorageError) -> Failure {
    if !error.is_unique("clawback_receipts_clawback_id_reference") {
        return error.into();
    }
    let field =
        Refusal::field("reference", "unique", "该流水号已登记。", "a receipt with this reference is recorded already.");
    let refusal = Refusal::new(
        RefusalCode::AlreadyExists,
        "该银行流水号的到账已登记,不能重复登记。",
        "A receipt with this reference of the bank is recorded already.",
    );
    Refusal { fields: field.fields, ..refusal.article("17") }.into()
}
