use serde_json::json;

use super::fixtures::*;
use super::*;
use crate::actor::OrganizationKind;
use crate::code::Code;
use crate::finding::{Finding, all_passed};
use crate::money::Money;
use crate::policy::Policy;
use crate::refusal::RefusalCode;

const TODAY: &str = "2026-06-15";

fn enterprise_findings(policy: &Policy, profile: &EnterpriseProfile, today: &str) -> Vec<Finding> {
    eligibility(policy, &Profile::Enterprise(profile.clone()), day(today))
}

/// The rules an enterprise fails.
fn fails(policy: &Policy, profile: &EnterpriseProfile, today: &str) -> Vec<String> {
    failed(enterprise_findings(policy, profile, today))
}

fn team_fails(profile: &TeamProfile) -> Vec<String> {
    failed(eligibility(&seed(), &Profile::Team(profile.clone()), day(TODAY)))
}

fn failed(findings: Vec<Finding>) -> Vec<String> {
    findings.into_iter().filter(|finding| !finding.passed).map(|finding| finding.rule).collect()
}

fn nothing() -> Vec<String> {
    Vec::new()
}

fn limit_yuan(profile: &Profile, today: &str) -> Money {
    annual_limit(&seed(), profile, day(today))
}

#[test]
fn a_good_enterprise_passes_every_rule_and_every_rule_is_told() {
    let findings = enterprise_findings(&seed(), &enterprise(), TODAY);
    let rules: Vec<_> = findings.iter().map(|finding| (finding.rule.as_str(), finding.article.as_str())).collect();
    assert_eq!(
        rules,
        [
            ("registered_region", "7"),
            ("enterprise_age", "7"),
            ("legal_person", "7"),
            ("employees", "7"),
            ("annual_revenue", "7"),
            ("total_assets", "7"),
            ("finance_system", "7"),
            ("credit_record", "7"),
            ("main_business", "7"),
            ("annual_limit_tier", "12"),
        ]
    );
    assert!(all_passed(&findings));
}

#[test]
fn the_fifth_anniversary_is_included_and_the_day_after_is_not() {
    let profile = EnterpriseProfile { established_on: day("2021-06-15"), ..enterprise() };
    assert_eq!(fails(&seed(), &profile, "2026-06-15"), nothing());
    assert_eq!(fails(&seed(), &profile, "2026-06-16"), ["enterprise_age"]);
}

#[test]
fn who_was_founded_on_a_29_february_is_five_years_old_on_the_28th() {
    let profile = EnterpriseProfile { established_on: day("2020-02-29"), ..enterprise() };
    assert_eq!(fails(&seed(), &profile, "2025-02-28"), nothing());
    assert_eq!(fails(&seed(), &profile, "2025-03-01"), ["enterprise_age"]);
}

#[test]
fn who_is_established_today_is_young_and_who_will_be_tomorrow_is_not_registered() {
    let profile = EnterpriseProfile { established_on: day("2026-06-15"), ..enterprise() };
    assert_eq!(fails(&seed(), &profile, "2026-06-15"), nothing());
    assert_eq!(fails(&seed(), &profile, "2026-06-14"), ["registered_region", "enterprise_age"]);
}

#[test]
fn an_old_enterprise_passes_when_newly_listed_in_the_year_of_the_day() {
    let listed = |kind, issued_on, valid_until| EnterpriseProfile {
        established_on: day("2010-01-01"),
        certificates: vec![certificate(kind, issued_on, valid_until)],
        ..enterprise()
    };
    let sme = CertificateKind::TechnologySme;
    assert_eq!(fails(&seed(), &listed(sme, "2026-01-01", "2026-12-31"), TODAY), nothing());
    assert_eq!(fails(&seed(), &listed(sme, TODAY, "2026-12-31"), TODAY), nothing());
    // Listed last year, listed only tomorrow, run out yesterday, or another certificate.
    assert_eq!(fails(&seed(), &listed(sme, "2025-12-31", "2026-12-31"), TODAY), ["enterprise_age"]);
    assert_eq!(fails(&seed(), &listed(sme, "2026-06-16", "2026-12-31"), TODAY), ["enterprise_age"]);
    assert_eq!(fails(&seed(), &listed(sme, "2026-01-01", "2026-06-14"), TODAY), ["enterprise_age"]);
    let high_tech = CertificateKind::NationalHighTech;
    assert_eq!(fails(&seed(), &listed(high_tech, "2026-01-01", "2028-12-31"), TODAY), ["enterprise_age"]);
}

#[test]
fn five_hundred_employees_pass_and_501_do_not() {
    assert_eq!(fails(&seed(), &EnterpriseProfile { employees: 500, ..enterprise() }, TODAY), nothing());
    let profile = EnterpriseProfile { employees: 501, ..enterprise() };
    assert_eq!(fails(&seed(), &profile, TODAY), ["employees"]);
    let findings = enterprise_findings(&seed(), &profile, TODAY);
    let finding = findings.iter().find(|finding| finding.rule == "employees").unwrap();
    assert_eq!(finding.actual.zh, "职工总数 501 人");
    assert_eq!(finding.expected.en, "at most 500 employees");
    assert!(finding.message.zh.contains("501") && finding.message.en.contains("500"));
}

#[test]
fn two_hundred_million_yuan_pass_and_one_fen_more_does_not() {
    let (most, more) = (Money::from_fen(20_000_000_000), Money::from_fen(20_000_000_001));
    let exact = EnterpriseProfile { annual_revenue_fen: most, total_assets_fen: most, ..enterprise() };
    assert_eq!(fails(&seed(), &exact, TODAY), nothing());
    let revenue = EnterpriseProfile { annual_revenue_fen: more, ..exact.clone() };
    assert_eq!(fails(&seed(), &revenue, TODAY), ["annual_revenue"]);
    let assets = EnterpriseProfile { total_assets_fen: more, ..exact };
    assert_eq!(fails(&seed(), &assets, TODAY), ["total_assets"]);
    let findings = enterprise_findings(&seed(), &assets, TODAY);
    let finding = findings.iter().find(|finding| finding.rule == "total_assets").unwrap();
    assert_eq!(finding.actual.zh, "资产总额 200000000.01 元");
}

#[test]
fn each_other_condition_fails_by_itself() {
    for (profile, rule) in [
        (EnterpriseProfile { region: Region::Hebei, ..enterprise() }, "registered_region"),
        (EnterpriseProfile { is_legal_person: false, ..enterprise() }, "legal_person"),
        (EnterpriseProfile { has_finance_system: false, ..enterprise() }, "finance_system"),
        (EnterpriseProfile { has_bad_credit: true, ..enterprise() }, "credit_record"),
    ] {
        assert_eq!(fails(&seed(), &profile, TODAY), [rule]);
    }
}

#[test]
fn every_industry_but_other_is_supported() {
    for industry in Industry::ALL.iter().copied() {
        let expected = if industry == Industry::Other { vec!["main_business".to_owned()] } else { nothing() };
        assert_eq!(fails(&seed(), &EnterpriseProfile { industry, ..enterprise() }, TODAY), expected);
    }
}

#[test]
fn both_policies_side_by_side_judge_the_same_enterprise_by_their_own_words() {
    let sme = |valid_until| vec![certificate(CertificateKind::TechnologySme, "2025-08-01", valid_until)];
    let old_listed =
        EnterpriseProfile { established_on: day("2010-01-01"), certificates: sme("2026-07-31"), ..enterprise() };
    let expired = EnterpriseProfile { certificates: sme("2026-06-14"), ..enterprise() };
    let last_day = EnterpriseProfile { certificates: sme(TODAY), ..enterprise() };
    let branch = EnterpriseProfile { is_legal_person: false, ..last_day.clone() };
    let bad_credit = EnterpriseProfile { has_bad_credit: true, ..last_day.clone() };
    for (profile, by_seed, by_amended) in [
        (enterprise(), vec![], vec!["technology_sme"]),
        (old_listed, vec!["enterprise_age"], vec![]),
        (expired, vec![], vec!["technology_sme"]),
        (last_day, vec![], vec![]),
        (branch, vec!["legal_person"], vec![]),
        (bad_credit, vec!["credit_record"], vec![]),
    ] {
        assert_eq!(fails(&seed(), &profile, TODAY), by_seed);
        assert_eq!(fails(&amended(), &profile, TODAY), by_amended);
    }
    assert!(
        !enterprise_findings(&amended(), &enterprise(), TODAY).iter().any(|finding| finding.rule == "legal_person")
    );
}

#[test]
fn a_sanction_for_dishonesty_runs_through_its_last_day() {
    let profile = |until: &str| EnterpriseProfile {
        serious_dishonesty_until: Some(day(until)),
        certificates: vec![certificate(CertificateKind::TechnologySme, "2026-01-01", "2026-12-31")],
        ..enterprise()
    };
    for policy in [seed(), amended()] {
        assert_eq!(fails(&policy, &profile(TODAY), TODAY), ["credit_record"]);
        assert_eq!(fails(&policy, &profile("2026-06-14"), TODAY), nothing());
    }
    let bad_and_over = EnterpriseProfile { has_bad_credit: true, ..profile("2026-06-14") };
    assert_eq!(fails(&seed(), &bad_and_over, TODAY), ["credit_record"]);
    assert_eq!(fails(&amended(), &bad_and_over, TODAY), nothing());
}

#[test]
fn the_yearly_limit_follows_the_certificates_of_the_day() {
    let (high, usual) = (Money::from_fen(50_000_000), Money::from_fen(20_000_000));
    for kind in CertificateKind::ALL.iter().copied() {
        let profile = Profile::Enterprise(EnterpriseProfile {
            certificates: vec![certificate(kind, "2026-03-01", "2026-06-15")],
            ..enterprise()
        });
        assert_eq!(limit_yuan(&profile, "2026-02-28"), usual);
        assert_eq!(limit_yuan(&profile, "2026-03-01"), high);
        assert_eq!(limit_yuan(&profile, "2026-06-15"), high, "expiring today is still valid");
        assert_eq!(limit_yuan(&profile, "2026-06-16"), usual, "expired yesterday");
    }
    assert_eq!(limit_yuan(&Profile::Enterprise(enterprise()), TODAY), usual);
    assert_eq!(limit_yuan(&Profile::Team(team(&[true])), TODAY), usual);
}

#[test]
fn the_tier_is_explained_with_its_article() {
    let profile = EnterpriseProfile {
        certificates: vec![certificate(CertificateKind::NationalHighTech, "2024-01-01", "2026-12-31")],
        ..enterprise()
    };
    let tier = enterprise_findings(&seed(), &profile, TODAY).pop().unwrap();
    assert_eq!((tier.rule.as_str(), tier.article.as_str(), tier.passed), ("annual_limit_tier", "12", true));
    assert!(tier.message.zh.contains("500000.00 元") && tier.message.zh.contains("2026-12-31"));
    assert!(tier.message.en.contains("500000.00 yuan"));
}

#[test]
fn a_team_with_exactly_half_students_passes_and_with_fewer_does_not() {
    assert_eq!(team_fails(&team(&[true])), nothing());
    assert_eq!(team_fails(&team(&[true, true, false, false])), nothing());
    assert_eq!(team_fails(&team(&[true, false, false])), ["team_students"]);
    assert_eq!(team_fails(&team(&[true, true, false, false, false])), ["team_students"]);
}

#[test]
fn a_team_has_one_leader_who_is_a_student() {
    assert_eq!(team_fails(&team(&[false, true, true])), ["team_leader_student"]);
    let mut two = team(&[true, true]);
    two.members[1].is_leader = true;
    assert_eq!(team_fails(&two), ["team_leader"]);
    let mut none = team(&[true, true]);
    none.members[0].is_leader = false;
    assert_eq!(team_fails(&none), ["team_leader", "team_leader_student"]);
    assert_eq!(team_fails(&team(&[])), ["team_leader", "team_leader_student", "team_students"]);
}

#[test]
fn a_team_has_no_company_and_is_past_the_idea() {
    assert_eq!(team_fails(&TeamProfile { company_registered: true, ..team(&[true]) }), ["team_unregistered"]);
    assert_eq!(team_fails(&TeamProfile { project_stage: ProjectStage::Idea, ..team(&[true]) }), ["project_stage"]);
    assert_eq!(team_fails(&TeamProfile { project_stage: ProjectStage::Testing, ..team(&[true]) }), nothing());
}

#[test]
fn every_fault_of_a_form_is_named_with_its_path() {
    let mut profile = EnterpriseProfile {
        established_on: day("2026-06-16"),
        employees: MOST_EMPLOYEES + 1,
        annual_revenue_fen: Money::from_fen(-1),
        total_assets_fen: Money::from_fen(-1),
        serious_dishonesty_until: Some(day("+12026-01-01")),
        certificates: vec![certificate(CertificateKind::TechnologySme, "2026-01-02", "2026-01-01")],
        ..enterprise()
    };
    profile.certificates[0].number = "  ".to_owned();
    let refusal = validate(&Profile::Enterprise(profile), day(TODAY)).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::ValidationFailed);
    let faults: Vec<_> = refusal.fields.iter().map(|fault| (fault.field.as_str(), fault.rule.as_str())).collect();
    assert_eq!(
        faults,
        [
            ("established_on", "not_in_future"),
            ("employees", "range"),
            ("annual_revenue_fen", "not_negative"),
            ("total_assets_fen", "not_negative"),
            ("serious_dishonesty_until", "range"),
            ("certificates[0].number", "not_blank"),
            ("certificates[0].valid_until", "not_before_issue"),
        ]
    );
}

#[test]
fn a_team_has_one_to_fifty_members_with_names_and_students_with_schools() {
    let faults = |team| match validate(&Profile::Team(team), day(TODAY)) {
        Ok(()) => nothing(),
        Err(refusal) => refusal.fields.into_iter().map(|fault| fault.field).collect(),
    };
    assert_eq!(faults(team(&[true; 50])), nothing());
    assert_eq!(faults(team(&[true; 51])), ["members"]);
    assert_eq!(faults(team(&[])), ["members"]);
    let mut blank = team(&[true, true, false]);
    blank.members[1].name = "\u{3000}".to_owned();
    blank.members[1].school = String::new();
    assert_eq!(faults(blank), ["members[1].name", "members[1].school"]);
}

#[test]
fn a_form_at_its_edges_is_good() {
    let profile = EnterpriseProfile {
        established_on: day(TODAY),
        employees: 0,
        annual_revenue_fen: Money::ZERO,
        total_assets_fen: Money::ZERO,
        certificates: vec![certificate(CertificateKind::TechnologySme, TODAY, TODAY)],
        ..enterprise()
    };
    assert_eq!(validate(&Profile::Enterprise(profile), day(TODAY)), Ok(()));
}

#[test]
fn a_profile_is_a_plain_object_and_reads_back_without_a_tag() {
    let profile = decoded(OrganizationKind::Enterprise, enterprise_json());
    let json = serde_json::to_value(&profile).unwrap();
    assert_eq!(json, enterprise_json());
    assert_eq!(serde_json::from_value::<Profile>(json).unwrap(), profile);
    let team = Profile::Team(team(&[true, false]));
    let json = serde_json::to_value(&team).unwrap();
    assert_eq!(serde_json::from_value::<Profile>(json.clone()).unwrap(), team);
    assert_eq!(Profile::from_json(OrganizationKind::Team, json), Ok(team));
}

#[test]
fn a_profile_of_the_wrong_kind_is_refused_by_name() {
    let refusal = Profile::from_json(OrganizationKind::Team, enterprise_json()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::UnknownField);
    let refusal = Profile::from_json(OrganizationKind::Facility, enterprise_json()).unwrap_err();
    assert_eq!(refusal.fields[0].field, "kind");
    let mut json = enterprise_json();
    json["certificates"] = json!([{"kind": "technology_sme", "number": "1", "issued_on": "2026-13-01"}]);
    let refusal = Profile::from_json(OrganizationKind::Enterprise, json).unwrap_err();
    assert_eq!(refusal.fields[0].field, "certificates[0].issued_on");
}
