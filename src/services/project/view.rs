//! What is shown of a project: to the facility, of the applicant, only what it needs to confirm
//! (Art. 9.2): who it is, its field, and whether it meets the conditions; never its revenue, assets or members.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::OrganizationKind;
use voucher_domain::applicant::{Industry, Profile, Region};
use voucher_domain::contract::in_claim_order;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::finding::all_passed;
use voucher_domain::money::Money;
use voucher_domain::period::{Deadline, Instant};
use voucher_domain::project::{ProjectKind, ProjectStatus};
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher::VoucherStatus;
use voucher_storage::applicant as store;
use voucher_storage::cycle::Cycle;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::voucher::Voucher;

use crate::services::call::erased::Facts;
use crate::services::{Call, Change, Outcome, applicant, tidings, voucher};

/// A project by itself, as events keep it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectRecord {
    /// Its id.
    pub id: Uuid,
    /// Who proposes.
    pub applicant_id: Uuid,
    /// To whom.
    pub facility_id: Uuid,
    /// Its state.
    pub status: ProjectStatus,
    /// What it is called.
    pub title: String,
    /// The research it is part of.
    pub research: String,
    /// Analysis, testing, inspection, research or compute.
    pub kind: ProjectKind,
    /// The services it wants.
    pub service_ids: Vec<Uuid>,
    /// The vouchers that are meant to pay.
    pub voucher_ids: Vec<Uuid>,
    /// What the contract is expected to cost.
    pub planned_amount_fen: Money,
    /// Whether it is compulsory or statutory testing (Art. 5).
    pub is_statutory_testing: bool,
    /// Whether it has had municipal science funding (Art. 12).
    pub has_municipal_funding: bool,
    /// What the facility remarked last.
    pub remarks: String,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
    /// When the facility last decided.
    pub decided_at: Option<Instant>,
    /// When it was first written.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

/// What a facility needs to know of the applicant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicantFacts {
    /// What it is called.
    pub name: String,
    /// Its credit code; a team has none.
    pub uscc: Option<String>,
    /// An enterprise or a team.
    pub kind: OrganizationKind,
    /// Where an enterprise is registered.
    pub region: Option<Region>,
    /// An enterprise's main business.
    pub industry: Option<Industry>,
    /// Whether it meets every condition of Art. 7 today, by the policy of its vouchers.
    pub is_eligible: bool,
}

/// A voucher that is meant to pay.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectVoucher {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub number: String,
    /// How much it carries.
    pub amount_fen: Money,
    /// What it is at present.
    pub status: VoucherStatus,
    /// Until when a contract must be registered with it (Art. 15.2).
    pub register_by: Deadline,
    /// Until when it is valid, once registered (Art. 15.2).
    pub valid_until: Option<Deadline>,
}

/// A project.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectView {
    /// The project itself.
    #[serde(flatten)]
    pub project: ProjectRecord,
    /// What the facility is called.
    pub facility_name: String,
    /// Who proposes.
    pub applicant: ApplicantFacts,
    /// The vouchers that are meant to pay.
    pub vouchers: Vec<ProjectVoucher>,
}

/// A project in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectSummary {
    /// Its id.
    pub id: Uuid,
    /// Who proposes.
    pub applicant_id: Uuid,
    /// What the applicant is called.
    pub applicant_name: String,
    /// To whom.
    pub facility_id: Uuid,
    /// What the facility is called.
    pub facility_name: String,
    /// Its state.
    pub status: ProjectStatus,
    /// What it is called.
    pub title: String,
    /// Analysis, testing, inspection, research or compute.
    pub kind: ProjectKind,
    /// What the contract is expected to cost.
    pub planned_amount_fen: Money,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
    /// When the facility last decided.
    pub decided_at: Option<Instant>,
    /// When it was first written.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

impl From<Project> for ProjectRecord {
    fn from(row: Project) -> Self {
        Self {
            id: row.id,
            applicant_id: row.applicant_id,
            facility_id: row.facility_id,
            status: row.status,
            title: row.title,
            research: row.research,
            kind: row.kind,
            service_ids: row.service_ids,
            voucher_ids: row.voucher_ids,
            planned_amount_fen: row.planned_amount_fen,
            is_statutory_testing: row.is_statutory_testing,
            has_municipal_funding: row.has_municipal_funding,
            remarks: row.remarks,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl ProjectSummary {
    pub(super) fn of(row: Project, names: &BTreeMap<Uuid, String>) -> Self {
        let name = |id| names.get(&id).cloned().unwrap_or_default();
        Self {
            id: row.id,
            applicant_id: row.applicant_id,
            applicant_name: name(row.applicant_id),
            facility_id: row.facility_id,
            facility_name: name(row.facility_id),
            status: row.status,
            title: row.title,
            kind: row.kind,
            planned_amount_fen: row.planned_amount_fen,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// The whole view of a project.
pub(super) fn of(call: &mut Call<'_>, row: Project) -> Outcome<ProjectView> {
    let facility = Organization::find(call.tx, row.facility_id)?.ok_or_else(Refusal::not_found)?;
    let vouchers = in_claim_order(Voucher::find_all(call.tx, &row.voucher_ids)?, Voucher::claim);
    let applicant = applicant_facts(call, row.applicant_id, vouchers.first())?;
    let vouchers = vouchers.into_iter().map(|voucher| shown(voucher, call.now)).collect::<Outcome<_>>()?;
    Ok(ProjectView { project: row.into(), facility_name: facility.name, applicant, vouchers })
}

fn applicant_facts(call: &mut Call<'_>, id: Uuid, earliest: Option<&Voucher>) -> Outcome<ApplicantFacts> {
    let organization = Organization::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let cycle = match earliest {
        Some(voucher) => Cycle::find(call.tx, voucher.cycle_id)?,
        None => None,
    };
    let policy = call.program.policies.named(cycle.as_ref().map(|cycle| cycle.policy_id.as_str()))?;
    let profile = store::Profile::find(call.tx, id)?.and_then(|row| row.document);
    let (findings, _) = applicant::judge(policy, profile.as_ref(), call.today());
    let (region, industry) = match profile {
        Some(Profile::Enterprise(enterprise)) => (Some(enterprise.region), Some(enterprise.industry)),
        Some(Profile::Team(_)) | None => (None, None),
    };
    Ok(ApplicantFacts {
        name: organization.name,
        uscc: organization.uscc,
        kind: organization.kind,
        region,
        industry,
        is_eligible: all_passed(&findings),
    })
}

fn shown(row: Voucher, now: Instant) -> Outcome<ProjectVoucher> {
    let status = voucher::standing(&row)?.at(now).status();
    Ok(ProjectVoucher {
        id: row.id,
        number: row.number,
        amount_fen: row.amount_fen,
        status,
        register_by: row.register_by,
        valid_until: row.valid_until,
    })
}

/// Records what happened to a project.
pub(super) fn record(
    call: &mut Call<'_>,
    action: EventAction,
    before: Option<&Project>,
    after: &Project,
) -> Outcome<()> {
    let before = before.cloned().map(ProjectRecord::from);
    call.record(Change {
        action,
        kind: SubjectKind::Project,
        id: after.id,
        organization_id: Some(after.applicant_id),
        cycle_id: None,
        before: before.as_ref().map(|record| -> &dyn Facts { record }),
        after: Some(&ProjectRecord::from(after.clone())),
    })
}

/// Saves a changed project and the event of the change.
pub(super) fn save(call: &mut Call<'_>, action: EventAction, before: &Project, after: Project) -> Outcome<Project> {
    let after = Project::save(call.tx, &after)?;
    record(call, action, Some(before), &after)?;
    tidings::project(call, action, &after)?;
    Ok(after)
}
