//! What has been published to the end without an open objection goes on: a redemption and a subsidy to payment, a
//! facility to serving.
//!
//! That follows from the instant; the job only writes it down, and a batch that is put together
//! writes it down itself before it chooses.

use uuid::Uuid;
use voucher_domain::assessment::{SubmissionAction, SubmissionStatus};
use voucher_domain::code::Code;
use voucher_domain::event::EventAction;
use voucher_domain::facility::{FacilityAction, FacilityStatus};
use voucher_domain::notice::{self as rules, NoticeKind};
use voucher_domain::redemption::{RedemptionAction, RedemptionStatus};
use voucher_storage::assessment::Submission;
use voucher_storage::facility::Facility;
use voucher_storage::notice::{Notice, NoticeItem, Objection};
use voucher_storage::redemption::Redemption;

use crate::services::{Call, Failure, Outcome, Program, assessment, facility, redemption, subsidy};

const BATCH: u16 = 200;

/// Makes payable every redemption and subsidy, and active every facility, whose notice is over and that no objection
/// holds back.
///
/// # Errors
/// When the store fails; what was settled before stays so.
pub fn settle_due(program: &Program) -> Outcome<usize> {
    let mut done: usize = 0;
    for kind in NoticeKind::ALL {
        done = done.saturating_add(settle_all(program, *kind)?);
    }
    Ok(done)
}

fn settle_all(program: &Program, kind: NoticeKind) -> Outcome<usize> {
    let mut done: usize = 0;
    loop {
        let count = program.transact(|call| settle_batch(call, kind))?;
        done = done.saturating_add(count);
        if count < usize::from(BATCH) {
            return Ok(done);
        }
    }
}

/// Settles what is due of a kind, a batch of it: how many were.
fn settle_batch(call: &mut Call<'_>, kind: NoticeKind) -> Outcome<usize> {
    let ids = due(call, kind, u32::from(BATCH))?;
    let mut done: usize = 0;
    // Locked, and looked at again: somebody may have acted in between.
    match kind {
        NoticeKind::Redemption => {
            for row in Redemption::lock_all(call.tx, &ids)? {
                if row.status == RedemptionStatus::InNotice {
                    done = done.saturating_add(counted(settle(call, &row))?);
                }
            }
        }
        NoticeKind::Facility => {
            for row in Facility::lock_all(call.tx, &ids)? {
                if row.status == FacilityStatus::InNotice {
                    done = done.saturating_add(counted(activate(call, &row))?);
                }
            }
        }
        NoticeKind::Subsidy => {
            for row in Submission::lock_all(call.tx, &ids)? {
                if row.status == SubmissionStatus::InNotice {
                    done = done.saturating_add(counted(settle_submission(call, &row))?);
                }
            }
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

/// One that was settled, or none: a rule that holds an item back is no failure of the job.
fn counted<T>(settled: Outcome<T>) -> Outcome<usize> {
    match settled {
        Ok(_) => Ok(1),
        Err(failure) if failure.is_by_rule() => Ok(0),
        Err(failure) => Err(failure),
    }
}

/// What of a kind goes on by now, and is not yet written so.
///
/// # Errors
/// When the store fails.
pub(in crate::services) fn due(call: &mut Call<'_>, kind: NoticeKind, limit: u32) -> Outcome<Vec<Uuid>> {
    Ok(NoticeItem::due_subjects(call.tx, kind, call.now, limit)?)
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

/// Makes the published result of a submission, which is locked, payable; one without money has come to its end
/// (Art. 14.5). Nothing is written when that is refused.
///
/// # Errors
/// `notice_running`, `objection_open`.
pub(in crate::services) fn settle_submission(call: &mut Call<'_>, row: &Submission) -> Outcome<Submission> {
    clear_item(call, row.notice_id, row.id)?;
    let subsidy_fen = subsidy::granted_fen(row)?;
    let status = row.status.after(SubmissionAction::ending_notice(subsidy_fen))?;
    let event = if subsidy_fen.is_positive() { EventAction::SubsidyPayable } else { EventAction::SubmissionConcluded };
    assessment::save_submission(call, event, row, &Submission { status, ..row.clone() })
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
