//! Open deadlines follow the calendar when rest days are stated anew.
//!
//! What has died stays dead, and what has come to its end stays as it is. A deadline may come to lie
//! earlier, but never without telling whoever has to act, and never so that it leaves them less than
//! the time of the first reminder ([`Deadline::restated`]).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::{Calendar, Deadline, Instant};
use voucher_domain::supervision::ViolationStatus;
use voucher_domain::transition::Named;
use voucher_domain::voucher::VoucherStatus;
use voucher_storage::contract::Contract;
use voucher_storage::deadline::VoucherDeadlines;
use voucher_storage::event::Event;
use voucher_storage::notice::Notice;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::Violation;

use super::telling::{Shift, tell};
use crate::services::{Call, Change, Outcome, Program, contract, redemption, supervision};

const BATCH: u16 = 1000;
/// After so long no transaction of any server is left that reckoned by the calendar before.
const SETTLED_AFTER_SECONDS: i64 = 60;

/// How many open deadlines were recounted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Moved {
    /// Vouchers with a deadline that moved or became final.
    pub vouchers: u32,
    /// Contracts.
    pub contracts: u32,
    /// Redemptions that are being corrected.
    pub redemptions: u32,
    /// Notices.
    pub notices: u32,
    /// Violations about which the party may state its side.
    pub statements: u32,
}

impl Moved {
    fn total(self) -> usize {
        let sum = [self.vouchers, self.contracts, self.redemptions, self.notices, self.statements]
            .into_iter()
            .fold(0, u32::saturating_add);
        usize::try_from(sum).unwrap_or(usize::MAX)
    }
}

/// The present end of each thing that a voucher's own end follows.
#[derive(Default)]
struct Ends {
    by_contract: BTreeMap<Uuid, Instant>,
    corrections: BTreeMap<Uuid, Instant>,
}

/// Recounts every open deadline over this calendar. Locks vouchers, then contracts, redemptions,
/// notices and violations, each in the order of their ids.
pub(super) fn recount(call: &mut Call<'_>, calendar: &Calendar) -> Outcome<Moved> {
    let vouchers = open_vouchers(call)?;
    let mut moved = Moved::default();
    let mut shifts = Vec::new();
    let mut ends = Ends::default();
    recount_contracts(call, calendar, &mut ends, &mut moved, &mut shifts)?;
    recount_corrections(call, calendar, &mut ends, &mut moved, &mut shifts)?;
    recount_vouchers(call, calendar, vouchers, &ends, &mut moved, &mut shifts)?;
    recount_notices(call, calendar, &mut moved)?;
    recount_statements(call, calendar, &mut moved, &mut shifts)?;
    tell(call, &shifts)?;
    Ok(moved)
}

fn open_vouchers(call: &mut Call<'_>) -> Outcome<Vec<VoucherDeadlines>> {
    let mut rows: Vec<VoucherDeadlines> = Vec::new();
    loop {
        let after = rows.last().map(|row| row.id);
        let batch = VoucherDeadlines::lock_open(call.tx, call.now, after, BATCH)?;
        let is_last = batch.len() < usize::from(BATCH);
        rows.extend(batch);
        if is_last {
            return Ok(rows);
        }
    }
}

fn recount_contracts(
    call: &mut Call<'_>,
    calendar: &Calendar,
    ends: &mut Ends,
    moved: &mut Moved,
    shifts: &mut Vec<Shift>,
) -> Outcome<()> {
    let mut after = None;
    loop {
        let rows = Contract::lock_redeemable(call.tx, after, BATCH)?;
        after = rows.last().map(|row| row.id);
        let is_last = rows.len() < usize::from(BATCH);
        for before in rows {
            if before.redeem_by.is_over(call.now) {
                continue;
            }
            let today = call.today();
            let redeem_by = before.redeem_by.restated(calendar, today)?;
            let valid_until = before.valid_until.restated(calendar, today)?;
            ends.by_contract.insert(before.id, redeem_by.expires_at);
            let row = Contract { redeem_by, valid_until, ..before.clone() };
            if row == before {
                continue;
            }
            moved.contracts = moved.contracts.saturating_add(1);
            shifts.extend(shift(&before.redeem_by, &row.redeem_by, |before_end, after_end| Shift {
                kind: DeadlineKind::Redemption,
                part: Part::Facility,
                organization_id: before.facility_id,
                subject_kind: SubjectKind::Contract,
                subject_id: before.id,
                name: before.number.clone(),
                before: before_end,
                after: after_end,
            }));
            contract::save(call, EventAction::ContractDeadlineMoved, &before, row)?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn recount_corrections(
    call: &mut Call<'_>,
    calendar: &Calendar,
    ends: &mut Ends,
    moved: &mut Moved,
    shifts: &mut Vec<Shift>,
) -> Outcome<()> {
    for before in Redemption::lock_returned(call.tx)? {
        let Some(correct_by) = before.correct_by.as_ref().filter(|deadline| !deadline.is_over(call.now)) else {
            continue;
        };
        let restated = correct_by.restated(calendar, call.today())?;
        ends.corrections.insert(before.contract_id, restated.expires_at);
        if restated == *correct_by {
            continue;
        }
        moved.redemptions = moved.redemptions.saturating_add(1);
        let contract = Contract::find(call.tx, before.contract_id)?;
        shifts.extend(shift(correct_by, &restated, |before_end, after_end| Shift {
            kind: DeadlineKind::Correction,
            part: Part::Facility,
            organization_id: before.facility_id,
            subject_kind: SubjectKind::Redemption,
            subject_id: before.id,
            name: contract.map(|row| row.number).unwrap_or_default(),
            before: before_end,
            after: after_end,
        }));
        let after = Redemption { correct_by: Some(restated), ..before.clone() };
        redemption::save(call, EventAction::RedemptionDeadlineMoved, &before, &after)?;
    }
    Ok(())
}

fn recount_vouchers(
    call: &mut Call<'_>,
    calendar: &Calendar,
    rows: Vec<VoucherDeadlines>,
    ends: &Ends,
    moved: &mut Moved,
    shifts: &mut Vec<Shift>,
) -> Outcome<()> {
    let mut events = Vec::new();
    for before in rows {
        let row = restated(&before, calendar, ends, call)?;
        if row == before {
            continue;
        }
        moved.vouchers = moved.vouchers.saturating_add(1);
        VoucherDeadlines::write(call.tx, &row)?;
        events.push(event(call, &before, &row)?);
        shifts.extend(voucher_shift(&before, &row));
    }
    Event::insert_all(call.tx, &events)?;
    Ok(())
}

/// A voucher over the new calendar. Its state dies with what it waits for: its registration, its
/// validity, its contract's redemption, or that one's correction.
fn restated(before: &VoucherDeadlines, calendar: &Calendar, ends: &Ends, call: &Call<'_>) -> Outcome<VoucherDeadlines> {
    let today = call.today();
    let mut row = before.clone();
    if let Some(valid_until) = before.valid_until.as_ref().filter(|deadline| !deadline.is_over(call.now)) {
        row.valid_until = Some(valid_until.restated(calendar, today)?);
    }
    match (before.status, before.contract_id) {
        (VoucherStatus::Claimed, _) => {
            row.register_by = before.register_by.restated(calendar, today)?;
            row.lapses_at = Some(row.register_by.expires_at);
        }
        (VoucherStatus::Registered, None) => row.lapses_at = row.valid_until.as_ref().map(|end| end.expires_at),
        (VoucherStatus::Registered, Some(contract_id)) => {
            row.lapses_at = ends.by_contract.get(&contract_id).copied().or(before.lapses_at);
        }
        // Nothing is due while a redemption is with the commission.
        (VoucherStatus::Redeeming, Some(contract_id)) if before.lapses_at.is_some() => {
            row.lapses_at = ends.corrections.get(&contract_id).copied().or(before.lapses_at);
        }
        (VoucherStatus::Redeeming | VoucherStatus::Redeemed | VoucherStatus::Void, _) => {}
    }
    Ok(row)
}

/// What an applicant has to know: the end of a registration, or of a validity that binds to no contract.
fn voucher_shift(before: &VoucherDeadlines, after: &VoucherDeadlines) -> Option<Shift> {
    let (kind, was, is) = match (before.status, before.contract_id) {
        (VoucherStatus::Claimed, _) => (DeadlineKind::Registration, &before.register_by, &after.register_by),
        (VoucherStatus::Registered, None) => {
            (DeadlineKind::Validity, before.valid_until.as_ref()?, after.valid_until.as_ref()?)
        }
        (VoucherStatus::Registered | VoucherStatus::Redeeming | VoucherStatus::Redeemed | VoucherStatus::Void, _) => {
            return None;
        }
    };
    shift(was, is, |was, is| Shift {
        kind,
        part: Part::Applicant,
        organization_id: before.applicant_id,
        subject_kind: SubjectKind::Voucher,
        subject_id: before.id,
        name: before.number.clone(),
        before: was,
        after: is,
    })
}

fn shift(before: &Deadline, after: &Deadline, shift: impl FnOnce(Deadline, Deadline) -> Shift) -> Option<Shift> {
    (before.last_day != after.last_day).then(|| shift(before.clone(), after.clone()))
}

/// What the log of events keeps of a voucher whose deadlines moved.
#[derive(Serialize)]
struct DeadlinesRecord<'a> {
    id: Uuid,
    number: &'a str,
    status: VoucherStatus,
    register_by: &'a Deadline,
    valid_until: Option<&'a Deadline>,
    lapses_at: Option<Instant>,
}

fn record(row: &VoucherDeadlines) -> DeadlinesRecord<'_> {
    DeadlinesRecord {
        id: row.id,
        number: &row.number,
        status: row.status,
        register_by: &row.register_by,
        valid_until: row.valid_until.as_ref(),
        lapses_at: row.lapses_at,
    }
}

fn event(call: &Call<'_>, before: &VoucherDeadlines, after: &VoucherDeadlines) -> Outcome<Event> {
    call.event(Change {
        action: EventAction::VoucherDeadlineMoved,
        kind: SubjectKind::Voucher,
        id: after.id,
        organization_id: Some(after.applicant_id),
        cycle_id: Some(after.cycle_id),
        before: Some(&record(before)),
        after: Some(&record(after)),
    })
}

fn recount_notices(call: &mut Call<'_>, calendar: &Calendar, moved: &mut Moved) -> Outcome<()> {
    for notice in Notice::ending(call.tx, call.now, None)? {
        let deadline = notice.deadline.restated(calendar, call.today())?;
        if deadline == notice.deadline {
            continue;
        }
        moved.notices = moved.notices.saturating_add(1);
        Notice::move_end(call.tx, notice.id, &deadline)?;
        call.record(Change {
            action: EventAction::NoticeDeadlineMoved,
            kind: SubjectKind::Notice,
            id: notice.id,
            organization_id: None,
            cycle_id: None,
            before: Some(&notice.deadline),
            after: Some(&deadline),
        })?;
    }
    Ok(())
}

fn recount_statements(
    call: &mut Call<'_>,
    calendar: &Calendar,
    moved: &mut Moved,
    shifts: &mut Vec<Shift>,
) -> Outcome<()> {
    let taking = ViolationStatus::ALL.iter().copied().filter(|status| status.takes_statements());
    for before in Violation::lock_in_states(call.tx, taking)? {
        if before.statement_by.is_over(call.now) {
            continue;
        }
        let statement_by = before.statement_by.restated(calendar, call.today())?;
        if statement_by == before.statement_by {
            continue;
        }
        moved.statements = moved.statements.saturating_add(1);
        let after = Violation { statement_by, ..before.clone() };
        shifts.extend(shift(&before.statement_by, &after.statement_by, |before_end, after_end| Shift {
            kind: DeadlineKind::Statement,
            part: Part::Applicant,
            organization_id: before.organization_id,
            subject_kind: SubjectKind::Violation,
            subject_id: before.id,
            name: before.kind.chinese().to_owned(),
            before: before_end,
            after: after_end,
        }));
        supervision::save(call, EventAction::ViolationDeadlineMoved, &before, &after)?;
    }
    Ok(())
}

/// The job that recounts once more when no transaction is left that reckoned by the calendar before:
/// on another server one may have been under way when the notice was loaded.
///
/// # Errors
/// When the store fails.
pub fn settle(program: &Program) -> Outcome<usize> {
    program.transact(|call| {
        let loaded_by = call.now.plus_seconds(SETTLED_AFTER_SECONDS.saturating_neg())?;
        if voucher_storage::calendar::CalendarYear::settle(call.tx, loaded_by, call.now)? == 0 {
            return Ok(0);
        }
        let calendar = call.calendar()?;
        Ok(recount(call, &calendar)?.total())
    })
}
