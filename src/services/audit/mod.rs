//! 第十八条: the log of events: sealed by a job, listed and exported for those who audit, published as
//! the root of each day.

mod export;
mod list;
pub mod seal;

use voucher_domain::audit::Sealable;
use voucher_domain::code::Code;
use voucher_storage::event::Event;

pub use export::{AuditExportFormat, AuditExportQuery, export};
pub use list::{
    AuditEventView, AuditEventsQuery, AuditRootView, RootsQuery, SealView, VerificationView, list, roots, verification,
};

/// An event as it is sealed.
pub fn sealable(row: &Event) -> Sealable<'_> {
    Sealable {
        id: row.id,
        occurred_at: row.occurred_at,
        actor_user_id: row.actor_user_id,
        actor_role: row.actor_role.map(Code::code),
        action: &row.action,
        subject_kind: &row.subject_kind,
        subject_id: row.subject_id,
        organization_id: row.organization_id,
        cycle_id: row.cycle_id,
        before: row.before.as_deref(),
        after: row.after.as_deref(),
        request_id: row.request_id,
    }
}
