//! Claiming a voucher, looking at it, giving it back (Art. 12, 15.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::finding::Finding;
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::period::{Deadline, Instant};
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher::{self as rules, ClaimGrant, Standing, VoidCause, VoucherStatus};
use voucher_storage::contract::Contract;
use voucher_storage::cycle::Cycle;
use voucher_storage::event::Event;
use voucher_storage::judgement::Judgement;
use voucher_storage::voucher::{Voucher, VoucherFilter};

use super::accounts::{Books, Origin};
use super::call::facts;
use super::{Call, Change, Failure, Outcome, Page, PageRequest, tidings};

/// Which vouchers are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct VouchersQuery {
    /// Of this cycle.
    pub cycle_id: Option<Uuid>,
    /// In this state.
    pub status: Option<VoucherStatus>,
    /// Of this applicant; for officers and auditors.
    pub applicant_id: Option<Uuid>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A voucher.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VoucherView {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub number: String,
    /// The cycle it was claimed from.
    pub cycle_id: Uuid,
    /// Whose it is.
    pub applicant_id: Uuid,
    /// How much it carries.
    pub amount_fen: Money,
    /// Its state.
    pub status: VoucherStatus,
    /// Why it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void_cause: Option<VoidCause>,
    /// What it counts against the yearly limit of its claim year.
    pub counted_fen: Money,
    /// When it was claimed.
    pub claimed_at: Instant,
    /// Until when a contract must be registered with it (Art. 15.2).
    pub register_by: Deadline,
    /// Until when it is valid, once registered (Art. 15.2).
    pub valid_until: Option<Deadline>,
    /// The contract it pays.
    pub contract_id: Option<Uuid>,
    /// When its present state dies, if nothing is done.
    pub lapses_at: Option<Instant>,
    /// For the record: it counts the changes.
    pub version: i64,
}

/// A voucher with what its claim was decided by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VoucherDetail {
    /// The voucher.
    #[serde(flatten)]
    pub voucher: VoucherView,
    /// What the rules found when it was claimed.
    pub findings: Vec<Finding>,
}

/// Something that happened to a thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub occurred_at: Instant,
    /// What.
    pub action: String,
    /// In which role somebody did it; nobody for the program's own jobs.
    pub actor_role: Option<Role>,
    /// Who; officers and auditors see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_user_id: Option<Uuid>,
    /// The thing before.
    pub before: Option<Value>,
    /// The thing after.
    pub after: Option<Value>,
    /// By which request.
    pub request_id: Uuid,
}

/// A part of a list of events.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl From<Voucher> for VoucherView {
    fn from(row: Voucher) -> Self {
        Self::from(&row)
    }
}

impl From<&Voucher> for VoucherView {
    fn from(row: &Voucher) -> Self {
        Self {
            id: row.id,
            number: row.number.clone(),
            cycle_id: row.cycle_id,
            applicant_id: row.applicant_id,
            amount_fen: row.amount_fen,
            status: row.status,
            void_cause: row.void_cause,
            counted_fen: row.counted_fen,
            claimed_at: row.claimed_at,
            register_by: row.register_by.clone(),
            valid_until: row.valid_until.clone(),
            contract_id: row.contract_id,
            lapses_at: row.lapses_at,
            version: row.version,
        }
    }
}

/// The row of a claim that is granted.
pub fn granted_row(
    call: &Call<'_>,
    cycle: &Cycle,
    applicant_id: Uuid,
    grant: ClaimGrant,
    judgement_id: Uuid,
) -> Voucher {
    let id = call.new_id();
    let standing = Standing::Claimed { register_by: grant.register_by.expires_at };
    Voucher {
        id,
        number: rules::number(grant.claim_year, id),
        cycle_id: cycle.id,
        applicant_id,
        status: standing.status(),
        void_cause: None,
        amount_fen: grant.amount_fen,
        counted_fen: grant.amount_fen,
        claim_year: grant.claim_year,
        claimed_at: call.now,
        register_by: grant.register_by,
        registered_on: None,
        valid_until: None,
        contract_id: None,
        lapses_at: standing.lapses_at(),
        version: 1,
        judgement_id,
    }
}

/// Records what happened to a voucher.
///
/// # Errors
/// When the store fails.
pub fn record(call: &mut Call<'_>, action: EventAction, before: Option<&Voucher>, after: &Voucher) -> Outcome<()> {
    let before = before.cloned().map(VoucherView::from);
    call.record(Change {
        action,
        kind: SubjectKind::Voucher,
        id: after.id,
        organization_id: Some(after.applicant_id),
        cycle_id: Some(after.cycle_id),
        before: before.as_ref().map(|view| -> &dyn super::call::erased::Facts { view }),
        after: Some(&VoucherView::from(after.clone())),
    })
}

/// Saves a changed voucher and the event of the change.
///
/// # Errors
/// When the store fails.
pub fn save(call: &mut Call<'_>, action: EventAction, before: &Voucher, after: Voucher) -> Outcome<Voucher> {
    let after = Voucher::save(call.tx, &after)?;
    record(call, action, Some(before), &after)?;
    Ok(after)
}

/// What a stored voucher is, with the instant that ends it.
///
/// # Errors
/// Internal, when the row contradicts itself.
pub fn standing(row: &Voucher) -> Outcome<Standing> {
    let lapses_at = || row.lapses_at.ok_or_else(|| Failure::internal(format!("voucher {} has no end", row.id)));
    Ok(match row.status {
        VoucherStatus::Claimed => Standing::Claimed { register_by: lapses_at()? },
        VoucherStatus::Registered if row.contract_id.is_some() => Standing::Bound { redeem_by: lapses_at()? },
        VoucherStatus::Registered => Standing::Unbound { valid_until: lapses_at()? },
        VoucherStatus::Redeeming => Standing::Redeeming { correct_by: row.lapses_at },
        VoucherStatus::Redeemed => Standing::Redeemed,
        VoucherStatus::Void => Standing::Void(
            row.void_cause.ok_or_else(|| Failure::internal(format!("voucher {} is void without a cause", row.id)))?,
        ),
    })
}

/// Ends a voucher that was not redeemed, before anything of it was approved: its money lapses, and
/// the yearly limit gets back what the rules give back.
///
/// # Errors
/// `invalid_state` for one that has ended already.
pub fn void(
    call: &mut Call<'_>,
    books: &mut Books,
    row: &Voucher,
    cause: VoidCause,
    origin_id: Uuid,
) -> Outcome<Voucher> {
    let movements = ledger::on_void(row.status, row.amount_fen)?;
    books.post(call, row.cycle_id, &movements, Origin::of_voucher(origin_id, row.id))?;
    ended(call, books, row, cause)
}

/// Writes a voucher as void, its money having been moved.
///
/// # Errors
/// When the store fails.
pub fn ended(call: &mut Call<'_>, books: &Books, row: &Voucher, cause: VoidCause) -> Outcome<Voucher> {
    let policy_id = &books.cycle(row.cycle_id)?.policy_id;
    let counted_fen = rules::counted_when_void(cause, row.amount_fen, &call.policy(policy_id)?.lapse);
    let after =
        Voucher { status: VoucherStatus::Void, void_cause: Some(cause), counted_fen, lapses_at: None, ..row.clone() };
    let after = save(call, EventAction::VoucherVoided, row, after)?;
    tidings::voucher_voided(call, &after, cause)?;
    Ok(after)
}

/// Gives a claimed voucher back; its money lapses, its yearly limit returns.
///
/// # Errors
/// `not_found`, `registration_overdue`, `invalid_state`.
pub fn cancel(call: &mut Call<'_>, id: Uuid) -> Outcome<VoucherView> {
    let applicant_id = call.organization()?;
    let seen =
        Voucher::find(call.tx, id)?.filter(|row| row.applicant_id == applicant_id).ok_or_else(Refusal::not_found)?;
    let mut books = Books::open(call, [seen.cycle_id])?;
    let row = Voucher::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let cause = rules::cancel(&row.number, standing(&row)?, call.now)?;
    Ok(void(call, &mut books, &row, cause, id)?.into())
}

/// Whether the caller may see a voucher: its applicant, the facility whose contract it pays, the
/// commission.
fn may_see(call: &mut Call<'_>, row: &Voucher) -> Outcome<bool> {
    let actor = call.actor()?;
    if actor.sees_everything() || actor.is_of(row.applicant_id) {
        return Ok(true);
    }
    match row.contract_id {
        Some(id) => Ok(Contract::find(call.tx, id)?.is_some_and(|contract| actor.is_of(contract.facility_id))),
        None => Ok(false),
    }
}

fn visible(call: &mut Call<'_>, id: Uuid) -> Outcome<Voucher> {
    let row = Voucher::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if may_see(call, &row)? { Ok(row) } else { Err(Refusal::not_found().into()) }
}

/// A voucher.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<VoucherDetail> {
    let row = visible(call, id)?;
    call.record_reading(SubjectKind::Voucher, id, row.applicant_id)?;
    let judgement = Judgement::find(call.tx, row.judgement_id)?;
    let judgement = judgement.ok_or_else(|| Failure::internal(format!("voucher {id} has no judgement")))?;
    Ok(VoucherDetail { findings: judgement.findings.into_iter().map(Finding::from).collect(), voucher: row.into() })
}

/// What happened to a voucher, newest first.
///
/// # Errors
/// `not_found`, `validation_failed` for a bad page.
pub fn events(call: &mut Call<'_>, id: Uuid, query: EventsQuery) -> Outcome<Page<EventView>> {
    let row = visible(call, id)?;
    call.record_reading(SubjectKind::Voucher, id, row.applicant_id)?;
    history(call, SubjectKind::Voucher, id, &query)
}

/// What happened to a thing that the caller may see, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn history(call: &mut Call<'_>, kind: SubjectKind, id: Uuid, query: &EventsQuery) -> Outcome<Page<EventView>> {
    use voucher_domain::code::Code;
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let names_people = call.actor()?.sees_everything();
    let rows = Event::of_subject(call.tx, kind.code(), id, page.before, page.limit)?;
    Page::of(rows, |row| {
        Ok(EventView {
            id: row.id,
            occurred_at: row.occurred_at,
            action: row.action,
            actor_role: row.actor_role,
            actor_user_id: row.actor_user_id.filter(|_| names_people),
            before: row.before.as_deref().map(facts).transpose()?,
            after: row.after.as_deref().map(facts).transpose()?,
            request_id: row.request_id,
        })
    })
}

/// The vouchers that the caller may see, newest first: an applicant's own, those that pay a
/// facility's contracts, all for the commission.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: VouchersQuery) -> Outcome<Page<VoucherView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let actor = call.actor()?;
    let mut filter = VoucherFilter {
        cycle_id: query.cycle_id,
        status: query.status,
        applicant_id: query.applicant_id,
        facility_id: None,
    };
    match actor.role {
        Role::Officer | Role::Auditor => {}
        Role::Applicant => filter.applicant_id = Some(call.organization()?),
        Role::Facility => filter.facility_id = Some(call.organization()?),
        Role::Expert | Role::Admin => {
            return Err(Refusal::forbidden("此账号不能查看创新券。", "This account sees no vouchers.").into());
        }
    }
    let rows = Voucher::list(call.tx, &filter, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}
