//! What is sent about projects.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::project::{ProjectKind, ProjectStatus};
use voucher_storage::project::Project;

/// A project as the applicant describes it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectForm {
    /// The facility it is proposed to.
    pub facility_id: Uuid,
    /// What it is called.
    pub title: String,
    /// The research it is part of.
    pub research: String,
    /// Analysis, testing, inspection, research or compute.
    pub kind: ProjectKind,
    /// Services of that facility; at least one when it is submitted.
    #[serde(default)]
    pub service_ids: Vec<Uuid>,
    /// The applicant's vouchers that are meant to pay; at least one when it is submitted.
    #[serde(default)]
    pub voucher_ids: Vec<Uuid>,
    /// What the contract is expected to cost, in fen.
    pub planned_amount_fen: Money,
    /// Whether law or a compulsory standard demands the testing (Art. 5); such a project is not supported.
    pub is_statutory_testing: bool,
    /// Whether it has had municipal science funding (Art. 12); such a project is not supported again.
    pub has_municipal_funding: bool,
}

/// What the facility remarks on its decision.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemarksForm {
    /// The remarks; needed where a project is returned or declined.
    #[serde(default)]
    pub remarks: String,
}

/// Which projects are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ProjectsQuery {
    /// In this state.
    pub status: Option<ProjectStatus>,
    /// Of this applicant; for facilities, officers and auditors.
    pub applicant_id: Option<Uuid>,
    /// Proposed to this facility; for applicants, officers and auditors.
    pub facility_id: Option<Uuid>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl ProjectForm {
    /// The project as this form describes it.
    pub(super) fn over(self, row: Project) -> Project {
        Project {
            facility_id: self.facility_id,
            title: self.title.trim().to_owned(),
            research: self.research.trim().to_owned(),
            kind: self.kind,
            service_ids: self.service_ids,
            voucher_ids: self.voucher_ids,
            planned_amount_fen: self.planned_amount_fen,
            is_statutory_testing: self.is_statutory_testing,
            has_municipal_funding: self.has_municipal_funding,
            ..row
        }
    }
}
