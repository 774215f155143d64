//! The numbers of the regulation as data: one file per policy, every parameter with its article.
//!
//! A policy is judged by its own words: no rule ever asks for a policy's id. What differs between
//! two policies differs in their files.

mod check;
mod edition;
mod set;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use crate::applicant::{CertificateKind, Industry, ProjectStage, Region};
use crate::coded_enum;
use crate::facility::ServiceKind;
use crate::money::{BasisPoints, Money};
use crate::period::Day;
use crate::redemption::EvidenceKind;
use crate::text::Text;

pub use set::{DEFAULT_POLICY_ID, Policies};

/// Everything a cycle, its vouchers, contracts and redemptions are judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The stable name of the policy: lower-case letters, digits and hyphens.
    pub id: String,
    /// The title of the text, in both languages.
    #[serde(deserialize_with = "title_without_unknown_keys")]
    pub title: Text,
    /// The first day of its force.
    #[schema(value_type = String, format = Date)]
    pub effective_from: Day,
    /// Art. 7: what an enterprise must satisfy.
    pub enterprise: EnterpriseRules,
    /// Art. 7: what a team must satisfy.
    pub team: TeamRules,
    /// Art. 12, 15: what a voucher is worth and how long it lives.
    pub voucher: VoucherRules,
    /// Art. 12, 15.3: what lapsed money gives back.
    pub lapse: LapseRules,
    /// Art. 6: facilities.
    pub facility: FacilityRules,
    /// Art. 11, 13: the yearly assessment of facilities.
    pub assessment: AssessmentRules,
    /// Art. 17: sanctions.
    pub sanction: SanctionRules,
}

coded_enum! {
    /// Art. 7: the first condition for enterprises.
    pub enum FirstCondition ("first condition") {
        /// 注册成立不超过 5 年 (含), 或当年新评价入库的科技型中小企业.
        YoungOrNewlyListed = "young_or_newly_listed",
        /// 科技型中小企业: a listing that is valid on the day, whatever the age.
        TechnologySme = "technology_sme",
    }
}

coded_enum! {
    /// Art. 7: the credit condition for enterprises.
    pub enum CreditCondition ("credit condition") {
        /// 无不良诚信记录.
        NoBadRecord = "no_bad_record",
        /// No serious-dishonesty record whose sanction period is running.
        NoRunningSeriousDishonesty = "no_running_serious_dishonesty",
    }
}

/// Art. 7 and 12: what an enterprise must satisfy on the day of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterpriseRules {
    /// Where it must be registered.
    pub region: Region,
    /// The first condition.
    pub first_condition: FirstCondition,
    /// Years since the establishment, that anniversary included; present just with
    /// [`FirstCondition::YoungOrNewlyListed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_years: Option<u32>,
    /// The most employees.
    pub max_employees: u32,
    /// The highest yearly revenue, in fen.
    pub max_annual_revenue_fen: Money,
    /// The highest total assets, in fen.
    pub max_total_assets_fen: Money,
    /// Whether it must be a legal person.
    pub legal_person_required: bool,
    /// Whether it must have a sound finance function.
    pub finance_system_required: bool,
    /// What its credit record must be.
    pub credit: CreditCondition,
    /// The industries that are supported.
    pub industries: Vec<Industry>,
    /// Art. 12: the certificates of which a valid one opens the higher yearly limit.
    pub certified_by: Vec<CertificateKind>,
}

/// Art. 7: what a team must satisfy on the day of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamRules {
    /// Whether it must not have registered a company yet.
    pub unregistered_required: bool,
    /// Whether the leader must be a student.
    pub student_leader_required: bool,
    /// The least share of students among the members, in basis points.
    pub min_student_share_bps: BasisPoints,
    /// The stages a project may be in.
    pub stages: Vec<ProjectStage>,
}

/// Art. 12 and 15: what a voucher is worth and how long it lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherRules {
    /// Art. 12: the most one voucher may carry, in fen.
    pub single_cap_fen: Money,
    /// Art. 12: the most the live vouchers of an applicant may carry in a calendar year, in fen.
    pub annual_limit_fen: Money,
    /// Art. 12: the same with a valid certificate of [`EnterpriseRules::certified_by`], in fen.
    pub annual_limit_certified_fen: Money,
    /// Art. 12: the vouchers' highest share of the contract's actual amount.
    pub share_bps: BasisPoints,
    /// Art. 15.2: the days for the registration, from the claim.
    pub registration_days: u32,
    /// Art. 15.2: the months of validity, from the registration.
    pub validity_months: u32,
    /// Art. 15.3: the months for the redemption, from the contract's last day.
    pub redemption_months: u32,
    /// Art. 14, 15.5: the working days of a notice.
    pub notice_working_days: u32,
    /// The working days for correcting a returned redemption; no article.
    pub correction_working_days: u32,
    /// Art. 15.5: the quarters in which money is paid, 1 to 4.
    pub disbursement_quarters: Vec<u8>,
    /// Art. 15.4: the experts for one redemption.
    pub experts_per_redemption: u16,
    /// Art. 15.3: the evidence a redemption must carry.
    pub evidence: Vec<EvidenceKind>,
    /// Art. 5, 15.3: the evidence that a redemption of rented computing power must carry besides.
    pub compute_evidence: Vec<EvidenceKind>,
}

impl VoucherRules {
    /// Art. 5, 15.3: the evidence that a redemption of a service of this kind must carry.
    pub fn evidence_for(&self, kind: ServiceKind) -> Vec<EvidenceKind> {
        let besides = match kind {
            ServiceKind::Compute => self.compute_evidence.as_slice(),
            ServiceKind::Analysis | ServiceKind::Testing | ServiceKind::Inspection | ServiceKind::Research => &[],
        };
        self.evidence.iter().chain(besides).copied().collect()
    }
}

/// Art. 12 and 15.3: what lapsed money (a void voucher, the unpaid rest of a redeemed one) gives back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LapseRules {
    /// Art. 15.3: whether it no longer counts against the yearly limit of the year of the claim.
    pub returns_annual_limit: bool,
    /// Whether that holds for a revoked voucher too.
    pub returns_annual_limit_when_revoked: bool,
    /// Art. 12: whether it returns to the cycle's pool. 发完即止: it does not, and a file that says
    /// otherwise is refused.
    pub returns_pool: bool,
}

/// Art. 6: facilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityRules {
    /// The months between an exit's application and its last day.
    pub exit_notice_months: u32,
}

/// Art. 11 and 13: the yearly assessment of facilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentRules {
    /// The subsidy's cap for an excellent facility of class I, in fen.
    pub class_one_excellent_cap_fen: Money,
    /// The subsidy's cap for a good facility of class I, in fen.
    pub class_one_good_cap_fen: Money,
    /// The subsidy's cap for an excellent facility of class II, in fen.
    pub class_two_excellent_cap_fen: Money,
    /// The subsidy's cap for a good facility of class II, in fen.
    pub class_two_good_cap_fen: Money,
    /// The subsidy's cap for a qualified or unqualified facility, in fen.
    pub other_grades_cap_fen: Money,
    /// The value of opened instruments from which a facility is of class I, in fen.
    pub class_one_from_instrument_value_fen: Money,
    /// Art. 13: the usual floor of the incentive share of the surplus.
    pub incentive_floor_bps: BasisPoints,
}

/// Art. 17: sanctions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SanctionRules {
    /// The years of a ban.
    pub ban_years: u32,
    /// The working days in which the party may state its side before a decision (the text names none).
    pub statement_working_days: u32,
}

/// Why a policy file was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Not TOML, or not a policy: an unknown, missing or mistyped key, with its line.
    #[error("the policy file cannot be read: {0}")]
    Unreadable(String),
    /// A value outside its range.
    #[error("{key}: {rule}")]
    Rule {
        /// The key in the file, `voucher.single_cap_fen`.
        key: String,
        /// What the value must satisfy.
        rule: String,
    },
    /// Two files with one id.
    #[error("id: two policies are called {0}")]
    Duplicate(String),
    /// No file has the default policy's id.
    #[error("id: there is no policy {0}, the default of new cycles")]
    DefaultMissing(String),
}

impl Policy {
    /// Reads a policy file and checks every value.
    ///
    /// # Errors
    /// [`PolicyError::Unreadable`] for what is not a policy, unknown keys included;
    /// [`PolicyError::Rule`] with the first key whose value breaks its rule.
    pub fn from_toml(file: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(file).map_err(|error| PolicyError::Unreadable(error.to_string()))?;
        check::check(&policy)?;
        Ok(policy)
    }
}

/// [`Text`] travels in answers too, where it is lenient; in a policy file a third language or a
/// misspelt one is a mistake.
fn title_without_unknown_keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Title {
        zh: String,
        en: String,
    }
    Title::deserialize(deserializer).map(|title| Text::new(title.zh, title.en))
}

#[cfg(test)]
mod tests;
