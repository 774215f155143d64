//! What has been published to the end without an open objection goes on to payment.
//!
//! That follows from the instant; the job only writes it down, and a batch that is put together
//! writes it down itself before it chooses.

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::notice::{self as rules, NoticeKind};
use voucher_domain::redemption::{RedemptionAction, RedemptionStatus};
use voucher_storage::notice::{Notice, NoticeItem, Objection};
use voucher_storage::redemption::Redemption;

use crate::services::{Call, Failure, Outcome, Program, redemption};

const BATCH: u16 = 200;

/// Makes payable every redemption whose notice is over and that no objection holds back.
///
/// # Errors
/// When the store fails; what was settled before stays so.
pub fn settle_due(program: &Program) -> Outcome<usize> {
    let mut done: usize = 0;
    loop {
        let count = program.transact(settle_batch)?;
        done = done.saturating_add(count);
        if count < usize::from(BATCH) {
            return Ok(done);
        }
    }
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
    let astray = || Failure::internal(format!("redemption {} is in no notice", row.id));
    let notice_id = row.notice_id.ok_or_else(astray)?;
    let notice = Notice::find(call.tx, notice_id)?.ok_or_else(astray)?;
    let item = NoticeItem::lock_published(call.tx, notice_id, row.id)?.ok_or_else(astray)?;
    let open = Objection::open_by_item(call.tx, &[item.id])?;
    let status = rules::settle(item.status, &notice.deadline, open.len(), call.now)?;
    NoticeItem::save(call.tx, &NoticeItem { status, ..item })?;
    let status = row.status.after(RedemptionAction::Clear)?;
    redemption::save(call, EventAction::RedemptionPayable, row, &Redemption { status, ..row.clone() })
}
