//! 拨付: what is payable, redemptions and subsidies, is paid in batches, by two officers (Art. 14.5, 15.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::disbursement::{DisbursementStatus, LineStatus, PaymentKind};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::privacy::{Disclosure, Place};
use voucher_domain::refusal::Refusal;
use voucher_storage::assessment::{Assessment, Submission};
use voucher_storage::contract::Contract;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::redemption::Redemption;

use self::subject::{PaidFor, Subjects};
use super::call::erased::Facts;
use super::{Call, Change, Failure, Outcome, Page, PageRequest};

mod export;
mod prepare;
mod results;
mod subject;
mod suspension;

pub use export::{ExportQuery, export};
pub use prepare::{DisbursementForm, approve, prepare};
pub use results::{LineResultForm, ResultsForm, record_results};
pub(super) use suspension::by_parties as suspended_by_parties;
pub use suspension::withhold;

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
    /// What kind of thing is paid.
    pub kind: PaymentKind,
    /// The redemption that is paid, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption_id: Option<Uuid>,
    /// The submission to an assessment whose subsidy is paid, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission_id: Option<Uuid>,
    /// To whom.
    pub facility_id: Uuid,
    /// The number at the facility of the redemption's contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_number: Option<String>,
    /// The year of the subsidy's assessment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment_year: Option<i32>,
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

/// What a line's subject is known by.
#[derive(Default)]
struct Known {
    /// The number of the contract of each redemption.
    numbers: BTreeMap<Uuid, String>,
    /// The year of the assessment of each submission.
    years: BTreeMap<Uuid, i32>,
}

impl Known {
    fn of(call: &mut Call<'_>, rows: &[DisbursementLine]) -> Outcome<Self> {
        let subjects = Subjects::of(rows)?;
        let redemptions = Redemption::find_all(call.tx, &subjects.redemption_ids)?;
        let contract_ids: Vec<Uuid> = redemptions.iter().map(|row| row.contract_id).collect();
        let numbers: BTreeMap<Uuid, String> =
            Contract::find_all(call.tx, &contract_ids)?.into_iter().map(|row| (row.id, row.number)).collect();
        let submissions = Submission::find_all(call.tx, &subjects.submission_ids)?;
        let campaign_ids: Vec<Uuid> = submissions.iter().map(|row| row.assessment_id).collect();
        let years: BTreeMap<Uuid, i32> =
            Assessment::find_all(call.tx, &campaign_ids)?.into_iter().map(|row| (row.id, row.year)).collect();
        let number = |row: Redemption| Some((row.id, numbers.get(&row.contract_id)?.clone()));
        let year = |row: Submission| Some((row.id, *years.get(&row.assessment_id)?));
        Ok(Self {
            numbers: redemptions.into_iter().filter_map(number).collect(),
            years: submissions.into_iter().filter_map(year).collect(),
        })
    }

    fn view(&self, call: &Call<'_>, row: DisbursementLine, disclosure: Disclosure) -> Outcome<DisbursementLineView> {
        let paid_for = PaidFor::of(&row)?;
        let (contract_number, assessment_year) =
            (self.numbers.get(&paid_for.id()).cloned(), self.years.get(&paid_for.id()).copied());
        if contract_number.is_none() && assessment_year.is_none() {
            return Err(Failure::internal(format!("payment line {} pays what is not there", row.id)));
        }
        Ok(DisbursementLineView {
            payee_account: call.shown(Place::LineAccount, row.id, row.payee_account.as_ref(), disclosure)?,
            id: row.id,
            kind: paid_for.kind(),
            redemption_id: row.redemption_id,
            submission_id: row.submission_id,
            facility_id: row.facility_id,
            contract_number,
            assessment_year,
            payee_name: row.payee_name,
            payee_bank: row.payee_bank,
            amount_fen: row.amount_fen,
            status: row.status,
            reference: row.reference,
            reason: row.reason,
            settled_at: row.settled_at,
        })
    }
}

/// The lines of a batch with what they are known by.
fn lines(call: &mut Call<'_>, disbursement_id: Uuid, disclosure: Disclosure) -> Outcome<Vec<DisbursementLineView>> {
    let rows = DisbursementLine::of_batch(call.tx, disbursement_id)?;
    let known = Known::of(call, &rows)?;
    rows.into_iter().map(|row| known.view(call, row, disclosure)).collect()
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
