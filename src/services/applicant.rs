//! What an applicant states about itself, and what the rules find in it (Art. 7, 12).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::OrganizationKind;
use voucher_domain::applicant::{self, Profile};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::finding::{Finding, all_passed};
use voucher_domain::input::within;
use voucher_domain::money::Money;
use voucher_domain::period::{Day, Instant, year_of};
use voucher_domain::policy::Policy;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::voucher::ban_finding;
use voucher_storage::applicant as store;
use voucher_storage::cycle::Cycle;
use voucher_storage::organization::Organization;
use voucher_storage::voucher::Voucher;

use super::{Call, Change, Outcome, cycle, file, supervision};

/// A statement as it was sent; which fields it has depends on what kind of applicant sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Statement(Value);

impl PartialSchema for Statement {
    fn schema() -> RefOr<Schema> {
        Profile::schema()
    }
}

impl ToSchema for Statement {
    fn name() -> std::borrow::Cow<'static, str> {
        Profile::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Profile::schemas(schemas);
    }
}

/// An applicant's statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// The applicant.
    pub organization_id: Uuid,
    /// What kind of applicant it is.
    pub kind: OrganizationKind,
    /// What it stated; nothing until it first did.
    #[serde(flatten)]
    pub profile: Option<Profile>,
    /// When it last stated it.
    pub updated_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

/// What the rules find.
#[derive(Debug, Serialize, ToSchema)]
pub struct EligibilityView {
    /// Whether every condition is met on the day: those of Art. 7, and that no ban of one's own runs (Art. 17).
    pub eligible: bool,
    /// The policy it was judged by.
    pub policy: String,
    /// The day it was judged for.
    #[schema(value_type = chrono::NaiveDate)]
    pub on: Day,
    /// The yearly limit (Art. 12).
    pub annual_limit_fen: Money,
    /// What vouchers of the year count against it.
    pub used_fen: Money,
    /// What is left of it.
    pub available_fen: Money,
    /// The last day of a ban that runs (Art. 17); it refuses claims as any other failed finding does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub banned_until: Option<Day>,
    /// Whether payments for one's vouchers are suspended (Art. 17): vouchers can be claimed and used all the
    /// same, but what they pay is held back until that is lifted. A trial is about nobody, and so never.
    pub payments_suspended: bool,
    /// Every rule with what it found.
    pub findings: Vec<Finding>,
}

/// For which cycle eligibility is asked.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EligibilityQuery {
    /// The cycle whose policy judges; the default policy without.
    pub cycle_id: Option<Uuid>,
}

/// A trial of the rules; nothing is stored.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialForm {
    /// The policy that judges; the default one without.
    pub policy: Option<String>,
    /// The day to judge for; today without.
    pub on: Option<chrono::NaiveDate>,
    /// `enterprise` or `team`.
    pub kind: OrganizationKind,
    /// The statement to judge.
    #[schema(value_type = Statement)]
    pub profile: Value,
}

/// The caller's statement.
///
/// # Errors
/// `not_found` for an organization that is no applicant.
pub fn profile(call: &mut Call<'_>) -> Outcome<ProfileView> {
    let organization_id = call.organization()?;
    let row = store::Profile::find(call.tx, organization_id)?.ok_or_else(Refusal::not_found)?;
    view(call, row)
}

/// A statement as it is shown.
///
/// # Errors
/// When the store fails.
pub(super) fn view(call: &mut Call<'_>, row: store::Profile) -> Outcome<ProfileView> {
    let organization = Organization::find(call.tx, row.id)?.ok_or_else(Refusal::not_found)?;
    Ok(ProfileView {
        organization_id: row.id,
        kind: organization.kind,
        profile: row.document,
        updated_at: row.updated_at,
        version: row.version,
    })
}

/// States the applicant's facts anew. Vouchers claimed before keep what was stated then.
///
/// # Errors
/// `validation_failed` and `unknown_field` with every field at fault, `precondition_failed`.
pub fn state_profile(call: &mut Call<'_>, statement: Statement) -> Outcome<ProfileView> {
    let organization_id = call.organization()?;
    let organization = Organization::find(call.tx, organization_id)?.ok_or_else(Refusal::not_found)?;
    let before = store::Profile::lock(call.tx, organization_id)?.ok_or_else(Refusal::not_found)?;
    call.expect_version(before.version)?;
    let profile = Profile::from_json(organization.kind, statement.0)?;
    applicant::validate(&profile, call.today())?;
    attach_certificates(call, &profile, organization_id)?;
    let row = store::Profile { document: Some(profile), updated_at: call.now, ..before.clone() };
    let after = store::Profile::save(call.tx, &row)?;
    call.record(Change {
        action: EventAction::ProfileChanged,
        kind: SubjectKind::Organization,
        id: organization_id,
        organization_id: Some(organization_id),
        cycle_id: None,
        before: Some(&before.document),
        after: Some(&after.document),
    })?;
    view(call, after)
}

/// Attaches the copies of certificates. Those of earlier statements stay: vouchers were claimed by them.
fn attach_certificates(call: &mut Call<'_>, profile: &Profile, organization_id: Uuid) -> Outcome<()> {
    let (places, mut files): (Vec<usize>, Vec<Uuid>) = match profile {
        Profile::Enterprise(enterprise) => {
            let copies = enterprise.certificates.iter().enumerate();
            copies.filter_map(|(place, certificate)| certificate.file_id.map(|id| (place, id))).unzip()
        }
        Profile::Team(_) => (Vec::new(), Vec::new()),
    };
    if files.is_empty() {
        return Ok(());
    }
    files.extend(file::attached(call, SubjectKind::Profile, organization_id)?.iter().map(|earlier| earlier.id));
    let field = |index: usize| {
        let place = places.get(index).copied().unwrap_or_default();
        format!("certificates[{place}].file_id")
    };
    file::attach_named(call, &files, SubjectKind::Profile, organization_id, field)
}

/// What the rules find in the caller's statement today, and what sanctions do to the caller (Art. 17).
///
/// # Errors
/// `not_found` for a cycle that is not there.
pub fn eligibility(call: &mut Call<'_>, query: EligibilityQuery) -> Outcome<EligibilityView> {
    let organization_id = call.organization()?;
    let policy_id = match query.cycle_id {
        Some(id) => {
            let row = Cycle::find(call.tx, id)?;
            Some(cycle::require_visible(call, row.as_ref())?.policy_id.clone())
        }
        None => None,
    };
    let program = call.program;
    let policy = program.policies.named(policy_id.as_deref())?;
    let stated = store::Profile::find(call.tx, organization_id)?.and_then(|row| row.document);
    let used_fen = Voucher::counted_in_year(call.tx, organization_id, year_of(call.today()), call.now)?;
    let mut view = judged(policy, stated.as_ref(), call.today(), used_fen);
    let organization = Organization::find(call.tx, organization_id)?.ok_or_else(Refusal::not_found)?;
    let ban = ban_finding(organization.banned_until, call.today());
    view.banned_until = organization.banned_until.filter(|_| !ban.passed);
    view.payments_suspended = supervision::is_suspended(call, organization_id)?;
    view.findings.push(ban);
    view.eligible = all_passed(&view.findings);
    Ok(view)
}

/// What the rules find in any statement; nothing is stored.
///
/// # Errors
/// `validation_failed` and `unknown_field` with every field at fault.
pub fn try_eligibility(call: &mut Call<'_>, form: TrialForm) -> Outcome<EligibilityView> {
    let policy = call.program.policies.named(form.policy.as_deref())?;
    let on = form.on.unwrap_or_else(|| call.today());
    if form.kind == OrganizationKind::Facility {
        let mut faults = Faults::default();
        faults.add("kind", "one_of", "应为 enterprise 或 team。", "must be enterprise or team.");
        faults.done()?;
    }
    let profile = Profile::from_json(form.kind, form.profile).map_err(|refusal| within("profile", refusal))?;
    applicant::validate(&profile, on).map_err(|refusal| within("profile", refusal))?;
    Ok(judged(policy, Some(&profile), on, Money::ZERO))
}

fn judged(policy: &Policy, profile: Option<&Profile>, on: Day, used_fen: Money) -> EligibilityView {
    let (findings, annual_limit_fen) = judge(policy, profile, on);
    EligibilityView {
        eligible: all_passed(&findings),
        policy: policy.id.clone(),
        on,
        annual_limit_fen,
        used_fen,
        available_fen: annual_limit_fen.left_after(used_fen),
        banned_until: None,
        payments_suspended: false,
        findings,
    }
}

/// The findings and the yearly limit of a statement that may not have been made yet.
pub(super) fn judge(policy: &Policy, profile: Option<&Profile>, on: Day) -> (Vec<Finding>, Money) {
    match profile {
        Some(profile) => (applicant::eligibility(policy, profile, on), applicant::annual_limit(policy, profile, on)),
        None => (vec![applicant::unstated()], policy.voucher.annual_limit_fen),
    }
}
