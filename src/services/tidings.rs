//! What people are told of each change, and who is told.

use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_storage::cycle::Cycle;
use voucher_storage::voucher::Voucher;

use super::notify::Message;

/// A claimed voucher, for the applicant (Art. 15.1).
pub fn voucher_claimed(row: &Voucher, cycle: &Cycle) -> Message {
    let facts = Facts::default()
        .with(FactName::Number, &row.number)
        .with(FactName::Amount, row.amount_fen)
        .with(FactName::Cycle, &cycle.name)
        .with(FactName::LastDay, row.register_by.last_day);
    Message { kind: NotificationKind::VoucherClaimed, subject_kind: SubjectKind::Voucher, subject_id: row.id, facts }
}
