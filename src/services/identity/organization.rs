//! What an organization states of itself, beside what it is registered with.

use serde::Deserialize;
use utoipa::ToSchema;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::organization::Organization;

use super::OrganizationView;
use super::forms::check_name;
use crate::services::{Call, Change, Outcome};

/// A change of what an organization states of itself; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    /// 法定代表人.
    pub legal_representative: Option<String>,
}

/// Changes what the caller's organization states of itself.
///
/// # Errors
/// `validation_failed`.
pub fn change_organization(call: &mut Call<'_>, form: OrganizationChange) -> Outcome<OrganizationView> {
    let id = call.organization()?;
    let before = Organization::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let mut faults = Faults::default();
    if let Some(name) = &form.legal_representative {
        check_name(&mut faults, "legal_representative", name);
    }
    faults.done()?;
    let stated = form.legal_representative.map(|name| name.trim().to_owned());
    let legal_representative = stated.or_else(|| before.legal_representative.clone());
    let after = Organization::save(call.tx, &Organization { legal_representative, ..before.clone() })?;
    let (before, after) = (OrganizationView::from(before), OrganizationView::from(after));
    call.record(Change {
        action: EventAction::OrganizationChanged,
        kind: SubjectKind::Organization,
        id,
        organization_id: Some(id),
        cycle_id: None,
        before: Some(&before),
        after: Some(&after),
    })?;
    Ok(after)
}
