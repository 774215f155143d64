//! What the values of a policy file must satisfy, key by key.

use super::{
    AssessmentRules, EnterpriseRules, FirstCondition, LapseRules, Policy, PolicyError, TeamRules, VoucherRules,
};
use crate::applicant::{Industry, ProjectStage};
use crate::money::{BasisPoints, Money};

// Far beyond any sensible regulation, and near enough that a typing slip (a year for a day) shows.
const MOST_DAYS: u32 = 3_660;
const MOST_MONTHS: u32 = 120;
const MOST_WORKING_DAYS: u32 = 250;
const MOST_YEARS: u32 = 100;
const MOST_EXPERTS: u32 = 15;

pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    check_names(policy)?;
    check_enterprise(&policy.enterprise)?;
    check_team(&policy.team)?;
    check_voucher(&policy.voucher)?;
    check_lapse(&policy.lapse)?;
    within("facility.exit_notice_months", policy.facility.exit_notice_months, MOST_MONTHS)?;
    check_assessment(&policy.assessment)?;
    within("sanction.ban_years", policy.sanction.ban_years, MOST_YEARS)?;
    within("sanction.statement_working_days", policy.sanction.statement_working_days, MOST_WORKING_DAYS)
}

fn check_names(policy: &Policy) -> Result<(), PolicyError> {
    let is_id = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    require(
        !policy.id.is_empty() && policy.id.len() <= 64 && policy.id.chars().all(is_id),
        "id",
        "must be 1 to 64 lower-case letters, digits and hyphens",
    )?;
    require(!policy.title.zh.trim().is_empty(), "title.zh", "must not be blank")?;
    require(!policy.title.en.trim().is_empty(), "title.en", "must not be blank")
}

fn check_enterprise(rules: &EnterpriseRules) -> Result<(), PolicyError> {
    match (rules.first_condition, rules.max_age_years) {
        (FirstCondition::YoungOrNewlyListed, Some(years)) => within("enterprise.max_age_years", years, MOST_YEARS)?,
        (FirstCondition::YoungOrNewlyListed, None) => {
            require(false, "enterprise.max_age_years", "is required by first_condition young_or_newly_listed")?;
        }
        (FirstCondition::TechnologySme, years) => require(
            years.is_none(),
            "enterprise.max_age_years",
            "must be absent: first_condition technology_sme knows no age",
        )?,
    }
    require(rules.max_employees > 0, "enterprise.max_employees", "must be more than 0")?;
    positive("enterprise.max_annual_revenue_fen", rules.max_annual_revenue_fen)?;
    positive("enterprise.max_total_assets_fen", rules.max_total_assets_fen)?;
    distinct("enterprise.industries", &rules.industries)?;
    require(
        !rules.industries.contains(&Industry::Other),
        "enterprise.industries",
        "must not contain other, which is no industry",
    )?;
    distinct("enterprise.certified_by", &rules.certified_by)
}

fn check_team(rules: &TeamRules) -> Result<(), PolicyError> {
    share("team.min_student_share_bps", rules.min_student_share_bps)?;
    distinct("team.stages", &rules.stages)?;
    require(!rules.stages.contains(&ProjectStage::Idea), "team.stages", "must not contain idea, which Art. 7 excludes")
}

fn check_voucher(rules: &VoucherRules) -> Result<(), PolicyError> {
    positive("voucher.single_cap_fen", rules.single_cap_fen)?;
    require(
        rules.single_cap_fen <= rules.annual_limit_fen,
        "voucher.single_cap_fen",
        "must be at most voucher.annual_limit_fen",
    )?;
    require(
        rules.annual_limit_fen <= rules.annual_limit_certified_fen,
        "voucher.annual_limit_fen",
        "must be at most voucher.annual_limit_certified_fen",
    )?;
    share("voucher.share_bps", rules.share_bps)?;
    require(rules.share_bps.bps() > 0, "voucher.share_bps", "must be more than 0")?;
    within("voucher.registration_days", rules.registration_days, MOST_DAYS)?;
    within("voucher.validity_months", rules.validity_months, MOST_MONTHS)?;
    within("voucher.redemption_months", rules.redemption_months, MOST_MONTHS)?;
    within("voucher.notice_working_days", rules.notice_working_days, MOST_WORKING_DAYS)?;
    within("voucher.correction_working_days", rules.correction_working_days, MOST_WORKING_DAYS)?;
    within("voucher.experts_per_redemption", u32::from(rules.experts_per_redemption), MOST_EXPERTS)?;
    distinct("voucher.disbursement_quarters", &rules.disbursement_quarters)?;
    require(
        rules.disbursement_quarters.iter().all(|quarter| (1..=4).contains(quarter)),
        "voucher.disbursement_quarters",
        "must be quarters, from 1 to 4",
    )?;
    distinct("voucher.evidence", &rules.evidence)?;
    require(
        rules.compute_evidence.iter().all(|kind| !rules.evidence.contains(kind)),
        "voucher.compute_evidence",
        "must not repeat what voucher.evidence asks for",
    )?;
    distinct("voucher.compute_evidence", &rules.compute_evidence)
}

fn check_lapse(rules: &LapseRules) -> Result<(), PolicyError> {
    require(
        rules.returns_annual_limit || !rules.returns_annual_limit_when_revoked,
        "lapse.returns_annual_limit_when_revoked",
        "must be false while lapse.returns_annual_limit is false",
    )?;
    require(
        !rules.returns_pool,
        "lapse.returns_pool",
        "must be false: lapsed money never returns to the pool (Art. 12)",
    )
}

fn check_assessment(rules: &AssessmentRules) -> Result<(), PolicyError> {
    positive("assessment.class_one_excellent_cap_fen", rules.class_one_excellent_cap_fen)?;
    positive("assessment.class_one_good_cap_fen", rules.class_one_good_cap_fen)?;
    positive("assessment.class_two_excellent_cap_fen", rules.class_two_excellent_cap_fen)?;
    positive("assessment.class_two_good_cap_fen", rules.class_two_good_cap_fen)?;
    require(
        rules.class_one_good_cap_fen <= rules.class_one_excellent_cap_fen,
        "assessment.class_one_good_cap_fen",
        "must be at most assessment.class_one_excellent_cap_fen",
    )?;
    require(
        rules.class_two_good_cap_fen <= rules.class_two_excellent_cap_fen,
        "assessment.class_two_good_cap_fen",
        "must be at most assessment.class_two_excellent_cap_fen",
    )?;
    require(rules.other_grades_cap_fen >= Money::ZERO, "assessment.other_grades_cap_fen", "must not be below 0")?;
    require(
        rules.other_grades_cap_fen <= rules.class_one_good_cap_fen.min(rules.class_two_good_cap_fen),
        "assessment.other_grades_cap_fen",
        "must be at most what a good facility may get",
    )?;
    positive("assessment.class_one_from_instrument_value_fen", rules.class_one_from_instrument_value_fen)?;
    share("assessment.incentive_floor_bps", rules.incentive_floor_bps)
}

fn require(holds: bool, key: &str, rule: &str) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(PolicyError::Rule { key: key.to_owned(), rule: rule.to_owned() }) }
}

fn within(key: &str, number: u32, most: u32) -> Result<(), PolicyError> {
    require((1..=most).contains(&number), key, &format!("must be from 1 to {most}, and is {number}"))
}

fn positive(key: &str, amount: Money) -> Result<(), PolicyError> {
    require(amount.is_positive(), key, &format!("must be more than 0 fen, and is {}", amount.fen()))
}

fn share(key: &str, share: BasisPoints) -> Result<(), PolicyError> {
    // Reading a file goes around `BasisPoints::new`.
    require(BasisPoints::new(share.bps()).is_some(), key, &format!("must be at most 10000, and is {}", share.bps()))
}

fn distinct<T: PartialEq>(key: &str, values: &[T]) -> Result<(), PolicyError> {
    require(!values.is_empty(), key, "must name at least one")?;
    let repeated =
        values.iter().enumerate().any(|(place, value)| values.iter().take(place).any(|other| other == value));
    require(!repeated, key, "must name each only once")
}
