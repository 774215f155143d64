use super::*;

const SEED: &str = include_str!("../../../../config/policies/kejifa-2023-16.toml");
const AMENDED: &str = include_str!("../../../../config/policies/kejifa-2023-16-amended-2025.toml");

fn seed() -> Policy {
    Policy::from_toml(SEED).unwrap()
}

/// The key that a file is refused for after one line was changed.
fn key_at_fault(line: &str, changed: &str) -> String {
    assert!(SEED.contains(line), "the seed file has no {line}");
    match Policy::from_toml(&SEED.replace(line, changed)) {
        Err(PolicyError::Rule { key, .. }) => key,
        other => panic!("{changed}: {other:?}"),
    }
}

#[test]
fn the_seed_file_says_what_the_regulation_says() {
    let policy = seed();
    let yuan = |yuan| Money::from_yuan(yuan).unwrap();
    assert_eq!(policy.id, DEFAULT_POLICY_ID);
    assert_eq!(policy.effective_from, Day::from_ymd_opt(2023, 10, 1).unwrap());
    assert_eq!(policy.enterprise.max_age_years, Some(5));
    assert_eq!(policy.enterprise.max_employees, 500);
    assert_eq!(policy.enterprise.max_annual_revenue_fen, yuan(200_000_000));
    assert_eq!(policy.enterprise.max_total_assets_fen, yuan(200_000_000));
    assert_eq!(policy.voucher.single_cap_fen, yuan(50_000));
    assert_eq!(policy.voucher.annual_limit_fen, yuan(200_000));
    assert_eq!(policy.voucher.annual_limit_certified_fen, yuan(500_000));
    assert_eq!(policy.voucher.share_bps.bps(), 5_000);
    assert_eq!((policy.voucher.registration_days, policy.voucher.validity_months), (15, 3));
    assert_eq!((policy.voucher.redemption_months, policy.voucher.notice_working_days), (1, 5));
    assert_eq!(policy.voucher.disbursement_quarters, [1, 2, 3]);
    assert_eq!(policy.voucher.experts_per_redemption, 3);
    assert_eq!(policy.assessment.class_one_excellent_cap_fen, yuan(1_000_000));
    assert_eq!(policy.assessment.class_two_good_cap_fen, yuan(400_000));
    assert_eq!(policy.assessment.class_one_from_instrument_value_fen, yuan(10_000_000));
    assert_eq!((policy.facility.exit_notice_months, policy.sanction.ban_years), (1, 3));
}

#[test]
fn the_amendment_differs_in_the_first_condition_legal_personality_and_credit_alone() {
    let (policy, mut expected) = (Policy::from_toml(AMENDED).unwrap(), seed());
    expected.id.clone_from(&policy.id);
    expected.title = policy.title.clone();
    expected.effective_from = policy.effective_from;
    expected.enterprise.first_condition = FirstCondition::TechnologySme;
    expected.enterprise.max_age_years = None;
    expected.enterprise.legal_person_required = false;
    expected.enterprise.credit = CreditCondition::NoRunningSeriousDishonesty;
    assert_eq!(policy, expected);
}

#[test]
fn a_value_out_of_its_range_is_named_by_its_key() {
    for (line, changed, key) in [
        ("id = \"kejifa-2023-16\"", "id = \"科技\"", "id"),
        ("max_age_years = 5", "max_age_years = 0", "enterprise.max_age_years"),
        ("max_age_years = 5", "", "enterprise.max_age_years"),
        ("\"young_or_newly_listed\"", "\"technology_sme\"", "enterprise.max_age_years"),
        ("max_employees = 500", "max_employees = 0", "enterprise.max_employees"),
        ("\"green_energy\"", "\"other\"", "enterprise.industries"),
        ("\"green_energy\"", "\"new_materials\"", "enterprise.industries"),
        ("[\"development\", \"testing\"]", "[]", "team.stages"),
        ("[\"development\", \"testing\"]", "[\"idea\"]", "team.stages"),
        ("min_student_share_bps = 5_000", "min_student_share_bps = 10_001", "team.min_student_share_bps"),
        ("single_cap_fen = 5_000_000", "single_cap_fen = 0", "voucher.single_cap_fen"),
        ("single_cap_fen = 5_000_000", "single_cap_fen = -1", "voucher.single_cap_fen"),
        ("single_cap_fen = 5_000_000", "single_cap_fen = 20_000_001", "voucher.single_cap_fen"),
        ("annual_limit_certified_fen = 50_000_000", "annual_limit_certified_fen = 1", "voucher.annual_limit_fen"),
        ("\nshare_bps = 5_000", "\nshare_bps = 10_001", "voucher.share_bps"),
        ("\nshare_bps = 5_000", "\nshare_bps = 0", "voucher.share_bps"),
        ("registration_days = 15", "registration_days = 0", "voucher.registration_days"),
        ("validity_months = 3", "validity_months = 0", "voucher.validity_months"),
        ("validity_months = 3", "validity_months = 4_294_967_295", "voucher.validity_months"),
        ("[1, 2, 3]", "[]", "voucher.disbursement_quarters"),
        ("[1, 2, 3]", "[0]", "voucher.disbursement_quarters"),
        ("[1, 2, 3]", "[5]", "voucher.disbursement_quarters"),
        ("[1, 2, 3]", "[1, 2, 1]", "voucher.disbursement_quarters"),
        ("experts_per_redemption = 3", "experts_per_redemption = 0", "voucher.experts_per_redemption"),
        ("returns_pool = false", "returns_pool = true", "lapse.returns_pool"),
        ("exit_notice_months = 1", "exit_notice_months = 0", "facility.exit_notice_months"),
        (
            "class_one_good_cap_fen = 60_000_000",
            "class_one_good_cap_fen = 100_000_001",
            "assessment.class_one_good_cap_fen",
        ),
        ("incentive_floor_bps = 7_000", "incentive_floor_bps = 10_001", "assessment.incentive_floor_bps"),
        ("ban_years = 3", "ban_years = 0", "sanction.ban_years"),
    ] {
        assert_eq!(key_at_fault(line, changed), key, "{changed}");
    }
}

#[test]
fn unknown_missing_and_mistyped_keys_are_refused_by_name() {
    for (line, changed, named) in [
        ("ban_years = 3", "ban_years = 3\nban_months = 1", "ban_months"),
        ("ban_years = 3", "", "ban_years"),
        ("ban_years = 3", "ban_years = \"three\"", "ban_years"),
        ("ban_years = 3", "ban_years = -3", "ban_years"),
        ("title = { zh", "title = { fr = \"\", zh", "fr"),
        ("\"young_or_newly_listed\"", "\"old\"", "old"),
    ] {
        match Policy::from_toml(&SEED.replace(line, changed)) {
            Err(PolicyError::Unreadable(reason)) => assert!(reason.contains(named), "{reason}"),
            other => panic!("{changed}: {other:?}"),
        }
    }
}

#[test]
fn the_set_knows_its_default_and_names_what_there_is() {
    let policies = Policies::new([seed(), Policy::from_toml(AMENDED).unwrap()]).unwrap();
    assert_eq!(policies.named(None).unwrap().id, "kejifa-2023-16");
    assert_eq!(policies.named(Some("kejifa-2023-16-amended-2025")).unwrap().id, "kejifa-2023-16-amended-2025");
    assert_eq!(policies.iter().count(), 2);
    let refusal = policies.named(Some("kejifa-2099")).unwrap_err();
    assert_eq!(refusal.fields[0].field, "policy");
    assert!(refusal.fields[0].message.en.contains("kejifa-2023-16-amended-2025"));
}

#[test]
fn a_set_without_its_default_or_with_a_name_twice_is_refused() {
    assert_eq!(
        Policies::new([Policy::from_toml(AMENDED).unwrap()]),
        Err(PolicyError::DefaultMissing(DEFAULT_POLICY_ID.to_owned()))
    );
    assert_eq!(Policies::new([seed(), seed()]), Err(PolicyError::Duplicate(DEFAULT_POLICY_ID.to_owned())));
    let error = Policy::from_toml(&SEED.replace("ban_years = 3", "ban_years = 0")).unwrap_err();
    assert_eq!(error.to_string(), "sanction.ban_years: must be from 1 to 100, and is 0");
}
