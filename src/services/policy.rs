//! The policies as anybody may read them.

use serde::Serialize;
use utoipa::ToSchema;
use voucher_domain::policy::Policy;
use voucher_domain::refusal::Refusal;

use super::{Call, Outcome};

/// The policies that the program has.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoliciesView {
    /// The policies, the default one first.
    pub items: Vec<Policy>,
}

/// Every policy, the default one first.
///
/// # Errors
/// None.
pub fn list(call: &mut Call<'_>) -> Outcome<PoliciesView> {
    Ok(PoliciesView { items: call.program.policies.iter().cloned().collect() })
}

/// A policy.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: &str) -> Outcome<Policy> {
    call.program.policies.get(id).cloned().ok_or_else(|| Refusal::not_found().into())
}
