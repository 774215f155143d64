//! The applicant confirms a redemption; an officer accepts it for review or returns it for correction.

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::redemption::{self as rules, RedemptionAction};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::voucher::Standing;
use voucher_storage::contract::Contract;
use voucher_storage::redemption::Redemption;
use voucher_storage::voucher::Voucher;

use super::forms::{ConfirmationForm, RedemptionRemarks};
use super::parts::{Whole, save};
use super::views::{RedemptionView, view};
use crate::services::{Call, Outcome, voucher};

const MAX_REMARKS_CHARACTERS: usize = 2_000;

/// The applicant says whether a redemption shows what was done. It may say so again until the
/// redemption is accepted.
///
/// # Errors
/// `not_found`, `redemption_overdue`, `invalid_state`, `validation_failed`; `precondition_failed`
/// when it names a version (`If-Match`) and the facility has changed it since.
pub fn confirm(call: &mut Call<'_>, id: Uuid, form: ConfirmationForm) -> Outcome<RedemptionView> {
    let applicant_id = call.organization()?;
    let before =
        Redemption::lock(call.tx, id)?.filter(|row| row.applicant_id == applicant_id).ok_or_else(Refusal::not_found)?;
    call.respect_version(before.version)?;
    let contract = Contract::find(call.tx, before.contract_id)?.ok_or_else(Refusal::not_found)?;
    rules::require_alive(before.status, &contract.redeem_by, before.correct_by.as_ref(), call.now)?;
    let status = before.status.after(RedemptionAction::Confirm)?;
    rules::validate_confirmation(&rules::ConfirmationForm {
        agrees: form.agrees,
        rating: form.rating,
        remarks: &form.remarks,
    })?;
    let after = Redemption {
        status,
        applicant_agrees: Some(form.agrees),
        applicant_rating: form.rating.map(i32::from),
        applicant_remarks: Some(form.remarks.trim().to_owned()),
        confirmed_by: Some(call.actor()?.user_id),
        ..before.clone()
    };
    let action = if form.agrees { EventAction::RedemptionConfirmed } else { EventAction::RedemptionDisputed };
    let after = save(call, action, &before, &after)?;
    view(call, &after)
}

/// An officer accepts a redemption that the applicant has confirmed: experts can be drawn.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed`.
pub fn accept(call: &mut Call<'_>, id: Uuid, form: RedemptionRemarks) -> Outcome<RedemptionView> {
    let before = Redemption::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(before.version)?;
    let status = before.status.after(RedemptionAction::Accept)?;
    check(&form, false)?;
    rules::require_confirmed(before.applicant_agrees)?;
    let after = Redemption { status, officer_remarks: form.remarks.trim().to_owned(), ..before.clone() };
    let after = save(call, EventAction::RedemptionAccepted, &before, &after)?;
    view(call, &after)
}

/// An officer returns a redemption: it is corrected in time, or void with its vouchers.
///
/// # Errors
/// `not_found`, `invalid_state`, `validation_failed` without remarks.
pub fn return_for_correction(call: &mut Call<'_>, id: Uuid, form: RedemptionRemarks) -> Outcome<RedemptionView> {
    let Whole { redemption: before, vouchers, .. } = Whole::lock(call, id)?;
    call.respect_version(before.version)?;
    let status = before.status.after(RedemptionAction::Return)?;
    check(&form, true)?;
    let calendar = call.calendar()?;
    let correct_by = rules::correction_deadline(&call.policy(&before.policy_id)?.voucher, &calendar, call.today())?;
    let lapses_at = Standing::Redeeming { correct_by: Some(correct_by.expires_at) }.lapses_at();
    for row in &vouchers {
        voucher::save(call, EventAction::VoucherDeadlineMoved, row, Voucher { lapses_at, ..row.clone() })?;
    }
    let after = Redemption {
        status,
        correct_by: Some(correct_by),
        officer_remarks: form.remarks.trim().to_owned(),
        ..before.clone()
    };
    let after = save(call, EventAction::RedemptionReturned, &before, &after)?;
    view(call, &after)
}

/// The form of an officer's remarks, which may be blank where nothing is asked of the facility.
fn check(form: &RedemptionRemarks, required: bool) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    if required || !form.remarks.trim().is_empty() {
        faults.require_text("remarks", &form.remarks, MAX_REMARKS_CHARACTERS);
    }
    faults.done()
}
