//! 拨付: what is payable is paid in batches, by two officers (Art. 15.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::disbursement::{DisbursementStatus, LineStatus};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::privacy::{Disclosure, Place};
use voucher_domain::refusal::Refusal;
use voucher_storage::contract::Contract;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::redemption::Redemption;

use super::call::erased::Facts;
use super::{Call, Change, Failure, Outcome, Page, PageRequest};

mod export;
mod prepare;
mod results;
mod suspension;

pub use export::{ExportQuery, export};
pub use prepare::{DisbursementForm, approve, prepare};
pub use results::{LineResultForm, ResultsForm, record_results};
pub use suspension::withhold;
pub(super) use suspension::{among as suspended, by_parties as suspended_by_parties};

/// Which batches are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DisbursementsQuery {
    /// In this state.
    pub status: Option<DisbursementStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A payment batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DisbursementView {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// Its state.
    pub status: DisbursementStatus,
    /// The quarter it was prepared in, `2026Q3`.
    pub quarter: String,
    /// The sum of its lines, without those that were withheld (Art. 17); a batch that was withheld whole keeps
    /// what it was put together for.
    pub total_fen: Money,
    /// The officer who prepared it.
    pub prepared_by: Uuid,
    /// The other officer, who approved it.
    pub approved_by: Option<Uuid>,
    /// When it was approved.
    pub approved_at: Option<Instant>,
    /// When it was prepared.
    pub created_at: Instant,
    /// For `If-Match`, which is optional here.
    pub version: i64,
}

/// One payment of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DisbursementLineView {
    /// Its id, which a result names.
    pub id: Uuid,
    /// What is paid.
    pub redemption_id: Uuid,
    /// To whom.
    pub facility_id: Uuid,
    /// The contract's number at the facility.
    pub contract_number: String,
    /// The name of the account it goes to, as it was when the batch was prepared.
    pub payee_name: String,
    /// The bank of that account; absent when the facility had named none.
    pub payee_bank: Option<String>,
    /// The number of that account, whole where this batch alone is read, masked in the answer to a change;
    /// absent when the facility had named none.
    pub payee_account: Option<String>,
    /// How much.
    pub amount_fen: Money,
    /// Its state.
    pub status: LineStatus,
    /// The bank's reference, once paid.
    pub reference: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
    /// When the result was recorded.
    pub settled_at: Option<Instant>,
}

/// A payment batch with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DisbursementDetail {
    /// The batch.
    #[serde(flatten)]
    pub disbursement: DisbursementView,
    /// Its payments.
    pub lines: Vec<DisbursementLineView>,
}

impl From<Disbursement> for DisbursementView {
    fn from(row: Disbursement) -> Self {
        Self {
            id: row.id,
            title: row.title,
            status: row.status,
            quarter: row.quarter,
            total_fen: row.total_fen,
            prepared_by: row.prepared_by,
            approved_by: row.approved_by,
            approved_at: row.approved_at,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

fn line_view(
    call: &Call<'_>,
    row: DisbursementLine,
    contract_number: String,
    disclosure: Disclosure,
) -> Outcome<DisbursementLineView> {
    Ok(DisbursementLineView {
        payee_account: call.shown(Place::LineAccount, row.id, row.payee_account.as_ref(), disclosure)?,
        id: row.id,
        redemption_id: row.redemption_id,
        facility_id: row.facility_id,
        contract_number,
        payee_name: row.payee_name,
        payee_bank: row.payee_bank,
        amount_fen: row.amount_fen,
        status: row.status,
        reference: row.reference,
        reason: row.reason,
        settled_at: row.settled_at,
    })
}

/// The lines of a batch with the numbers of their contracts.
fn lines(call: &mut Call<'_>, disbursement_id: Uuid, disclosure: Disclosure) -> Outcome<Vec<DisbursementLineView>> {
    let rows = DisbursementLine::of_batch(call.tx, disbursement_id)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.redemption_id).collect();
    let contract_of: BTreeMap<Uuid, Uuid> =
        Redemption::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.contract_id)).collect();
    let contract_ids: Vec<Uuid> = contract_of.values().copied().collect();
    let number_of: BTreeMap<Uuid, String> =
        Contract::find_all(call.tx, &contract_ids)?.into_iter().map(|row| (row.id, row.number)).collect();
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let number = contract_of.get(&row.redemption_id).and_then(|id| number_of.get(id)).cloned();
        let number = number.ok_or_else(|| Failure::internal(format!("payment line {} has no contract", row.id)))?;
        views.push(line_view(call, row, number, disclosure)?);
    }
    Ok(views)
}

/// A batch as the log and the answers to changes have it: the accounts masked.
fn detail(call: &mut Call<'_>, row: Disbursement) -> Outcome<DisbursementDetail> {
    disclosed(call, row, Disclosure::Masked)
}

fn disclosed(call: &mut Call<'_>, row: Disbursement, disclosure: Disclosure) -> Outcome<DisbursementDetail> {
    let lines = lines(call, row.id, disclosure)?;
    Ok(DisbursementDetail { disbursement: row.into(), lines })
}

/// Records what happened to a batch.
fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&DisbursementDetail>,
    after: &DisbursementDetail,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::Disbursement,
        id: after.disbursement.id,
        organization_id: None,
        cycle_id: None,
        before: before.map(|view| -> &dyn Facts { view }),
        after: Some(after),
    })
}

/// A batch with its lines and the accounts they go to, for those who approve and pay it.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<DisbursementDetail> {
    let row = Disbursement::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    disclosed(call, row, Disclosure::Whole)
}

/// The batches, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: DisbursementsQuery) -> Outcome<Page<DisbursementView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = Disbursement::list(call.tx, query.status, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}
