//! What has been published to the end without an open objection goes on: a redemption to payment, a
//! facility to serving.
//!
//! That follows from the instant; the job only writes it down, and a batch that is put together
//! writes it down itself before it chooses.

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{FacilityAction, FacilityStatus};
use voucher_domain::notice::{self as rules, NoticeKind};
use voucher_domain::redemption::{RedemptionAction, RedemptionStatus};
use voucher_storage::facility::Facility;
use voucher_storage::notice::{Notice, NoticeItem, Objection};
use voucher_storage::redemption::Redemption;

use crate::services::{Call, Failure, Outcome, Program, facility, redemption};

const BATCH: u16 = 200;

/// Makes payable every redemption, and active every facility, whose notice is over and that no objection
/// holds back.
///
/// # Errors
/// When the store fails; what was settled before stays so.
pub fn settle_due(program: &Program) -> Outcome<usize> {
    let redemptions = settle_all(program, settle_batch)?;
    let facilities = settle_all(program, activate_batch)?;
    Ok(redemptions.saturating_add(facilities))
}

fn settle_all(program: &Program, batch: fn(&mut Call<'_>) -> Outcome<usize>) -> Outcome<usize> {
    let mut done: usize = 0;
    loop {
        let count = program.transact(batch)?;
        done = done.saturating_add(count);
        if count < usize::from(BATCH) {
            return Ok(done);
        }
    }
}

fn activate_batch(call: &mut Call<'_>) -> Outcome<usize> {
    let ids = NoticeItem::due_subjects(call.tx, NoticeKind::Facility, call.now, u32::from(BATCH))?;
    let mut done: usize = 0;
    for row in Facility::lock_all(call.tx, &ids)? {
        if row.status == FacilityStatus::InNotice && activate(call, &row).map(Some).or_else(not_yet)?.is_some() {
            done = done.saturating_add(1);
        }
    }
    Ok(done)
}

/// Makes a published facility, which is locked, active (Art. 6).
fn activate(call: &mut Call<'_>, row: &Facility) -> Outcome<Facility> {
    clear_item(call, row.notice_id, row.id)?;
    let status = row.status.after(FacilityAction::Clear)?;
    facility::save(call, EventAction::FacilityActivated, row, &Facility { status, ..row.clone() })
}

fn settle_batch(call: &mut Call<'_>) -> Outcome<usize> {
    let ids = due(call, u32::from(BATCH))?;
    let mut done: usize = 0;
    for row in Redemption::lock_all(call.tx, &ids)? {
        // Locked, and looked at again: somebody may have acted in between.
        if row.status == RedemptionStatus::InNotice && settle(call, &row).map(Some).or_else(not_yet)?.is_some() {
            done = done.saturating_add(1);
        }
    }
    Ok(done)
}

/// A rule that holds an item back is no failure of the job.
fn not_yet<T>(failure: Failure) -> Outcome<Option<T>> {
    if failure.is_by_rule() { Ok(None) } else { Err(failure) }
}

/// The redemptions that are payable by now and not yet written so.
///
/// # Errors
/// When the store fails.
pub(in crate::services) fn due(call: &mut Call<'_>, limit: u32) -> Outcome<Vec<Uuid>> {
    Ok(NoticeItem::due_subjects(call.tx, NoticeKind::Redemption, call.now, limit)?)
}

/// Makes a published redemption, which is locked, payable. Nothing is written when that is refused.
///
/// # Errors
/// `notice_running`, `objection_open`.
pub(in crate::services) fn settle(call: &mut Call<'_>, row: &Redemption) -> Outcome<Redemption> {
    clear_item(call, row.notice_id, row.id)?;
    let status = row.status.after(RedemptionAction::Clear)?;
    redemption::save(call, EventAction::RedemptionPayable, row, &Redemption { status, ..row.clone() })
}

/// Lets the published item of a subject, which is locked, go on.
fn clear_item(call: &mut Call<'_>, notice_id: Option<Uuid>, subject_id: Uuid) -> Outcome<()> {
    let astray = || Failure::internal(format!("{subject_id} is in no notice"));
    let notice_id = notice_id.ok_or_else(astray)?;
    let notice = Notice::find(call.tx, notice_id)?.ok_or_else(astray)?;
    let item = NoticeItem::lock_published(call.tx, notice_id, subject_id)?.ok_or_else(astray)?;
    let open = Objection::open_by_item(call.tx, &[item.id])?;
    let status = rules::settle(item.status, &notice.deadline, open.len(), call.now)?;
    NoticeItem::save(call.tx, &NoticeItem { status, ..item })?;
    Ok(())
}
