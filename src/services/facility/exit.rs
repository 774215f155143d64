//! Leaving (Art. 6): announced a month ahead, with a reason; what is registered is honoured.

use serde::Deserialize;
use utoipa::ToSchema;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{
    FacilityAction, FacilityStatus, earliest_last_day, exit_is_over, require_exit_running, validate_exit,
};
use voucher_domain::period::Day;
use voucher_storage::facility::Facility;

use super::own::{self, OwnFacilityView};
use super::{not_entered, save};
use crate::services::{Call, Outcome, Program};

/// How many facilities one transaction of the job takes.
const BATCH: u32 = 100;

/// An exit that is announced.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExitEntry {
    /// Why.
    pub reason: String,
    /// The last day on which it serves: a month ahead, or more.
    #[schema(value_type = chrono::NaiveDate)]
    pub last_day: Day,
}

/// Announces the exit. From now on no contract is registered, or amended, that would end after the last
/// day; those that are registered are honoured, later ones included. The default policy's notice counts.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` for one that does not serve or has announced it
/// already, `validation_failed` naming the earliest day.
pub fn announce_exit(call: &mut Call<'_>, form: ExitEntry) -> Outcome<OwnFacilityView> {
    let id = call.organization()?;
    let before = Facility::lock(call.tx, id)?.ok_or_else(not_entered)?;
    call.respect_version(before.version)?;
    let status = before.status.after(FacilityAction::AnnounceExit)?;
    let policy = call.program.policies.named(None)?;
    let calendar = call.calendar()?;
    let earliest = earliest_last_day(&policy.facility, &calendar, call.today())?;
    let stated = voucher_domain::facility::ExitForm { reason: &form.reason, last_day: form.last_day };
    validate_exit(&stated, &earliest)?;
    let exit_reason = Some(form.reason.trim().to_owned());
    let after = Facility { status, exit_last_day: Some(form.last_day), exit_reason, ..before.clone() };
    let after = save(call, EventAction::FacilityExitAnnounced, &before, &after)?;
    own::view(call, after)
}

/// Takes the exit back, while its last day is not over.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` when there is none, or it is over.
pub fn withdraw_exit(call: &mut Call<'_>) -> Outcome<OwnFacilityView> {
    let id = call.organization()?;
    let before = Facility::lock(call.tx, id)?.ok_or_else(not_entered)?;
    call.respect_version(before.version)?;
    let status = before.status.after(FacilityAction::WithdrawExit)?;
    require_exit_running(before.exit_last_day, call.today())?;
    let after = Facility { status, exit_last_day: None, exit_reason: None, ..before.clone() };
    let after = save(call, EventAction::FacilityExitWithdrawn, &before, &after)?;
    own::view(call, after)
}

/// The job: whose announced last day is over has left. What it has registered goes on to its end.
///
/// # Errors
/// When the store fails; what was written before stays so.
pub fn leave_due(program: &Program) -> Outcome<usize> {
    program.transact(|call| {
        let mut done: usize = 0;
        let ids = Facility::past_exit(call.tx, call.today(), BATCH)?;
        for before in Facility::lock_all(call.tx, &ids)? {
            // Locked, and looked at again: it may have been taken back.
            if before.status == FacilityStatus::Exiting && exit_is_over(before.exit_last_day, call.today()) {
                let status = before.status.after(FacilityAction::Leave)?;
                save(call, EventAction::FacilityExited, &before, &Facility { status, ..before.clone() })?;
                done = done.saturating_add(1);
            }
        }
        Ok(done)
    })
}
