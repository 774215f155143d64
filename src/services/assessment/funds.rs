//! 第十三条: facilities state how a year's money was used; the incentive share is shown beside its usual
//! floor.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::assessment::Figure;
use voucher_domain::assessment::figures::FigureKind;
use voucher_domain::assessment::funds::{self as rules, Funds, Incentive};
use voucher_domain::event::EventAction;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::assessment::FundStatement;
use voucher_storage::facility::Facility;

use super::known::figures_of;
use crate::services::call::erased::Facts;
use crate::services::facility::names;
use crate::services::{Call, Change, Outcome, Page, PageRequest};

/// Which statements are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FundStatementsQuery {
    /// Of this year.
    pub year: Option<i32>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A statement of how a year's money was used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FundStatementView {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub facility_id: Uuid,
    /// What the facility is called.
    pub facility_name: String,
    /// Of which year.
    pub year: i32,
    /// What is stated.
    pub stated: Funds,
    /// What it comes to.
    pub incentive: Incentive,
    /// When it was stated last.
    pub stated_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

/// The caller's statement of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnFundStatementView {
    /// What is stated; nothing yet at first.
    pub statement: Option<FundStatementView>,
    /// What vouchers paid in the year by the records, to state it by.
    pub known_voucher_income: Figure,
    /// What subsidies of assessments paid in the year by the records.
    pub known_subsidy_income: Figure,
}

/// A year as it is written in a path.
fn year_of(word: &str) -> Result<i32, Refusal> {
    let year = word.parse().ok().filter(|_| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()));
    year.ok_or_else(Refusal::not_found)
}

fn view(call: &Call<'_>, row: FundStatement, facility_name: String) -> Outcome<FundStatementView> {
    let floor_bps = call.policy(&row.policy_id)?.assessment.incentive_floor_bps;
    Ok(FundStatementView {
        id: row.id,
        facility_id: row.facility_id,
        facility_name,
        year: row.year,
        incentive: rules::incentive(&row.stated, floor_bps)?,
        stated: row.stated,
        stated_at: row.stated_at,
        version: row.version,
    })
}

fn named(call: &mut Call<'_>, row: FundStatement) -> Outcome<FundStatementView> {
    let name = names(call, [row.facility_id])?.remove(&row.facility_id).unwrap_or_default();
    view(call, row, name)
}

/// A statement beside what the records say was paid to the facility in the year.
fn beside_records(
    call: &mut Call<'_>,
    statement: Option<FundStatementView>,
    facility_id: Uuid,
    year: i32,
) -> Outcome<OwnFundStatementView> {
    let figures = figures_of(call, facility_id, year)?;
    let known = |kind| {
        let found = figures.iter().find(|figure| figure.figure == kind).cloned();
        found.unwrap_or(Figure { figure: kind, value: 0, sources: Vec::new() })
    };
    Ok(OwnFundStatementView {
        statement,
        known_voucher_income: known(FigureKind::PaidFen),
        known_subsidy_income: known(FigureKind::SubsidyFen),
    })
}

/// The caller's statement of a year, beside what the records say.
///
/// # Errors
/// `not_found` for what is no year.
pub fn own_funds(call: &mut Call<'_>, word: &str) -> Outcome<OwnFundStatementView> {
    let (year, facility_id) = (year_of(word)?, call.organization()?);
    let statement = match FundStatement::of_facility(call.tx, facility_id, year)? {
        Some(row) => Some(named(call, row)?),
        None => None,
    };
    beside_records(call, statement, facility_id, year)
}

/// States how a year's money was used, or states it anew.
///
/// # Errors
/// `not_found` for what is no year or no facility; `precondition_failed` (the first time: any other version
/// than `*`); `validation_failed`.
pub fn state_funds(call: &mut Call<'_>, word: &str, form: Funds) -> Outcome<OwnFundStatementView> {
    let (year, facility_id) = (year_of(word)?, call.organization()?);
    Facility::find(call.tx, facility_id)?.ok_or_else(Refusal::not_found)?;
    let before = FundStatement::lock_of_facility(call.tx, facility_id, year)?;
    call.expect_version(before.as_ref().map_or(0, |row| row.version))?;
    rules::validate(&form, year, call.today())?;
    let stated = Funds { remarks: form.remarks.trim().to_owned(), ..form };
    let (stated_by, stated_at) = (call.actor()?.user_id, call.now);
    let after = match before.clone() {
        None => {
            let policy_id = call.program.policies.named(None)?.id.clone();
            let id = call.new_id();
            let row = FundStatement { id, facility_id, year, policy_id, stated, stated_by, stated_at, version: 1 };
            FundStatement::insert(call.tx, &row)?
        }
        Some(row) => FundStatement::save(call.tx, &FundStatement { stated, stated_by, stated_at, ..row })?,
    };
    let after = named(call, after)?;
    let before = match before {
        Some(row) => Some(view(call, row, after.facility_name.clone())?),
        None => None,
    };
    let action = EventAction::FundsStated;
    call.record(Change {
        action,
        kind: action.subject(),
        id: after.id,
        organization_id: Some(facility_id),
        cycle_id: None,
        before: before.as_ref().map(|view| -> &dyn Facts { view }),
        after: Some(&after),
    })?;
    beside_records(call, Some(after), facility_id, year)
}

/// The statements, newest first, for the commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn statements(call: &mut Call<'_>, query: FundStatementsQuery) -> Outcome<Page<FundStatementView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = FundStatement::list(call.tx, query.year, query.facility_id, page.before, page.limit)?;
    let names = names(call, rows.items.iter().map(|row| row.facility_id))?;
    Page::of(rows, |row| {
        let name = names.get(&row.facility_id).cloned().unwrap_or_default();
        view(call, row, name)
    })
}
