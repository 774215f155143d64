//! What a check found: the rule, its article, what it asks for and what was there.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The outcome of one rule applied to one case; kept with the voucher it decided and shown with
/// every refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// The rule's stable name, `enterprise_age`.
    pub rule: String,
    /// The article it rests on, `第七条` written `7`, or `15.2`.
    pub article: String,
    /// Whether the case satisfies it.
    pub passed: bool,
    /// What the rule asks for.
    pub expected: Text,
    /// What the case shows.
    pub actual: Text,
    /// The finding as one sentence for people.
    pub message: Text,
}

/// Whether every finding passed.
pub fn all_passed(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.passed)
}
