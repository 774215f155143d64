use super::*;
use crate::applicant::Industry;
use crate::code::Code;
use crate::fixtures::{calendar, day, policy, yuan};
use crate::money::Money;
use crate::refusal::RefusalCode;

fn beijing(status: FacilityStatus) -> ServingFacts {
    ServingFacts { status, exit_last_day: None, region: FacilityRegion::Beijing, recognition: Recognition::Never }
}

#[test]
fn only_active_and_leaving_facilities_serve() {
    let until = day("2026-12-01");
    for status in FacilityStatus::ALL {
        let facts = ServingFacts { exit_last_day: Some(until), ..beijing(*status) };
        let serves = matches!(status, FacilityStatus::Active | FacilityStatus::Exiting);
        assert_eq!(require_serving(facts, until).is_ok(), serves, "{status}");
    }
    let refusal = require_serving(beijing(FacilityStatus::Delisted), until).unwrap_err();
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::FacilityNotActive, Some("17")));
}

#[test]
fn a_leaving_facility_serves_through_its_last_day() {
    let facts = ServingFacts { exit_last_day: Some(day("2026-11-30")), ..beijing(FacilityStatus::Exiting) };
    assert!(require_serving(facts, day("2026-11-30")).is_ok());
    assert!(require_serving(facts, day("2026-12-01")).unwrap_err().message.zh.contains("2026-11-30"));
}

#[test]
fn a_facility_of_tianjin_serves_while_its_agreement_runs() {
    let facts = ServingFacts { region: FacilityRegion::Tianjin, ..beijing(FacilityStatus::Active) };
    let until = day("2026-11-30");
    assert_eq!(require_serving(facts, until).unwrap_err().article.as_deref(), Some("19"));
    let recognised = ServingFacts { recognition: Recognition::Running(until), ..facts };
    assert!(require_serving(recognised, until).is_ok());
    assert!(require_serving(recognised, day("2026-12-01")).is_err());
}

#[test]
fn a_service_says_everything_a_buyer_needs() {
    let form = ServiceForm {
        name: "",
        purpose: "",
        field: Industry::NewMaterials,
        kind: ServiceKind::Testing,
        price_fen: Money::ZERO,
        unit: "",
        turnaround_days: 0,
        is_statutory_testing: false,
        compute: None,
    };
    assert_eq!(validate_service(&form).unwrap_err().fields.len(), 5);
    let full = ServiceForm {
        name: "透射电镜测试",
        purpose: "材料微观结构分析",
        price_fen: yuan(800),
        unit: "样",
        turnaround_days: 1,
        ..form
    };
    assert!(validate_service(&full).is_ok());
    assert!(validate_service(&ServiceForm { turnaround_days: 3_651, ..full }).is_err());
}

#[test]
fn an_instrument_has_a_value() {
    let form = InstrumentForm {
        name: "透射电镜",
        maker: "JEOL",
        model: "JEM-F200",
        category: "电子显微镜",
        original_value_fen: Money::ZERO,
        opening_rules: "工作日预约",
    };
    assert_eq!(validate_instrument(&form).unwrap_err().fields.len(), 1);
    assert!(validate_instrument(&InstrumentForm { original_value_fen: yuan(1), ..form }).is_ok());
}

#[test]
fn the_account_is_stated_whole_or_not_at_all() {
    let none = ParticularsForm { district: "海淀区", payee_name: None, payee_bank: None, payee_account: None };
    assert!(validate_particulars(&none).is_ok());
    let named = ParticularsForm { payee_name: Some("某研究所"), ..none };
    let fields: Vec<String> =
        validate_particulars(&named).unwrap_err().fields.into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["payee_bank", "payee_account"]);
    let whole = ParticularsForm { payee_bank: Some("工行"), payee_account: Some("0200 0045-1234"), ..named };
    assert!(validate_particulars(&whole).is_ok());
    assert!(validate_particulars(&ParticularsForm { payee_account: Some("零二零零"), ..whole }).is_err());
    assert!(validate_particulars(&ParticularsForm { district: " ", ..whole }).is_err());
}

#[test]
fn the_serving_states_are_those_that_may_take_vouchers() {
    let until = day("2026-12-01");
    for status in FacilityStatus::ALL {
        let facts = ServingFacts { exit_last_day: Some(until), ..beijing(*status) };
        assert_eq!(status.is_serving(), require_serving(facts, until).is_ok(), "{status}");
    }
}

#[test]
fn each_action_leads_where_art_6_says() {
    use FacilityAction as Act;
    use FacilityStatus as At;
    let way = [
        (At::Draft, Act::Apply, At::Applied),
        (At::Applied, Act::Return, At::Returned),
        (At::Returned, Act::Apply, At::Applied),
        (At::Applied, Act::Approve, At::Approved),
        (At::Approved, Act::Publish, At::InNotice),
        (At::InNotice, Act::Clear, At::Active),
        (At::Active, Act::AnnounceExit, At::Exiting),
        (At::Exiting, Act::WithdrawExit, At::Active),
        (At::Exiting, Act::Leave, At::Exited),
        (At::Exited, Act::Apply, At::Applied),
        (At::Applied, Act::Reject, At::Rejected),
        (At::InNotice, Act::Cancel, At::Rejected),
        (At::Rejected, Act::Enter, At::Active),
        (At::Active, Act::Delist, At::Delisted),
        (At::Exiting, Act::Delist, At::Delisted),
        (At::Delisted, Act::Readmit, At::Exited),
    ];
    for (before, action, after) in way {
        assert_eq!(before.after(action), Ok(after));
    }
    for action in FacilityAction::ALL.iter().filter(|action| **action != Act::Readmit) {
        assert_eq!(At::Delisted.after(*action).unwrap_err().article.as_deref(), Some("17"));
    }
    let refusal = At::Active.after(Act::Apply).unwrap_err();
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("6")));
    assert!(refusal.message.zh.contains("申请退出"), "{}", refusal.message.zh);
}

fn stated(condition: JoiningCondition) -> Condition {
    Condition { condition, statement: "符合".to_owned(), file_ids: vec![uuid::Uuid::from_u128(1)] }
}

#[test]
fn all_six_conditions_are_shown() {
    let all: Vec<Condition> = JoiningCondition::ALL.iter().copied().map(stated).collect();
    assert!(require_conditions(&all).is_ok());
    let refusal = require_conditions(&all[..4]).unwrap_err();
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::EvidenceMissing, Some("6")));
    let rules: Vec<&str> = refusal.fields.iter().map(|fault| fault.rule.as_str()).collect();
    assert_eq!(rules, ["missing_voucher_work", "missing_sound_finance"]);
    let mut unshown = all.clone();
    unshown[0].file_ids.clear();
    assert_eq!(require_conditions(&unshown).unwrap_err().fields[0].rule, "missing_legal_person");
    let mut faulty = all.clone();
    faulty[1].statement = " ".to_owned();
    faulty[2] = stated(JoiningCondition::LegalPerson);
    let refusal = require_conditions(&faulty).unwrap_err();
    let fields: Vec<&str> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(
        (refusal.code, fields.as_slice()),
        (RefusalCode::ValidationFailed, ["conditions[1].statement", "conditions[2].condition"].as_slice())
    );
}

#[test]
fn an_exit_is_announced_a_month_ahead_as_the_civil_code_counts() {
    let earliest = |today: &str| earliest_last_day(&policy().facility, &calendar(), day(today)).unwrap();
    assert_eq!(earliest("2026-03-02").last_day, day("2026-04-02"));
    // 31 January: February has no 31st; 28 February 2026 is a Saturday that is worked.
    assert_eq!(earliest("2026-01-31").last_day, day("2026-02-28"));
    // 3 October falls into the National Day holiday.
    assert_eq!(earliest("2026-09-03").last_day, day("2026-10-08"));
    let exit = |last_day: &str| ExitForm { reason: "业务调整", last_day: day(last_day) };
    assert!(validate_exit(&exit("2026-04-02"), &earliest("2026-03-02")).is_ok());
    let refusal = validate_exit(&exit("2026-04-01"), &earliest("2026-03-02")).unwrap_err();
    assert_eq!(refusal.article.as_deref(), Some("6"));
    assert!(refusal.fields[0].message.zh.contains("2026-04-02"));
    assert!(validate_exit(&ExitForm { reason: "", ..exit("2026-04-02") }, &earliest("2026-03-02")).is_err());
    assert!(require_exit_running(Some(day("2026-04-02")), day("2026-04-02")).is_ok());
    assert!(require_exit_running(Some(day("2026-04-02")), day("2026-04-03")).is_err());
}

#[test]
fn agreements_that_follow_each_other_are_one() {
    let days = |first: &str, last: &str| (day(first), day(last));
    let now = day("2026-03-02");
    assert_eq!(recognition(&[], now), Recognition::Never);
    assert_eq!(recognition(&[days("2025-01-01", "2026-03-01")], now), Recognition::Ended(day("2026-03-01")));
    assert_eq!(recognition(&[days("2026-03-03", "2026-12-31")], now), Recognition::NotYet(day("2026-03-03")));
    assert_eq!(recognition(&[days("2026-03-02", "2026-03-02")], now), Recognition::Running(now));
    let chain = [days("2026-07-01", "2026-12-31"), days("2026-01-01", "2026-06-30")];
    assert_eq!(recognition(&chain, now), Recognition::Running(day("2026-12-31")));
    let gap = [days("2026-07-02", "2026-12-31"), days("2026-01-01", "2026-06-30")];
    assert_eq!(recognition(&gap, now), Recognition::Running(day("2026-06-30")));
    for (stands, mentioned) in [
        (Recognition::Ended(day("2026-03-01")), "2026-03-01"),
        (Recognition::NotYet(day("2026-03-03")), "2026-03-03"),
        (Recognition::Running(now), "2026-03-02"),
    ] {
        let refusal = stands.require_until(day("2026-03-03")).unwrap_err();
        assert!(refusal.message.zh.contains(mentioned), "{}", refusal.message.zh);
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::FacilityNotActive, Some("19")));
    }
    let tianjin = require_region(FacilityRegion::Tianjin, Recognition::Never, now).unwrap_err();
    assert_eq!((tianjin.code, tianjin.findings.len()), (RefusalCode::NotEligible, 1));
    assert!(require_region(FacilityRegion::Beijing, Recognition::Never, now).is_ok());
    let agreement = AgreementForm { region: FacilityRegion::Beijing, starts_on: now, ends_on: day("2026-03-01") };
    assert_eq!(validate_agreement(agreement).unwrap_err().fields.len(), 2);
}

#[test]
fn a_compute_service_says_what_it_rents_and_no_other_does() {
    let terms = ComputeTerms { model: "8×910B".to_owned(), amount: 1, unit: ComputeUnit::CardHour };
    let check = |kind, compute| {
        let form = ServiceForm {
            name: "算力租用",
            purpose: "大模型训练",
            field: Industry::NextGenerationIt,
            kind,
            price_fen: yuan(30),
            unit: "卡时",
            turnaround_days: 1,
            is_statutory_testing: false,
            compute,
        };
        validate_service(&form).map_err(|refusal| refusal.fields[0].field.clone())
    };
    assert_eq!(check(ServiceKind::Compute, Some(&terms)), Ok(()));
    assert_eq!(check(ServiceKind::Compute, None), Err("compute".to_owned()));
    assert_eq!(check(ServiceKind::Testing, Some(&terms)), Err("compute".to_owned()));
    assert_eq!(
        check(ServiceKind::Compute, Some(&ComputeTerms { amount: 0, ..terms.clone() })),
        Err("compute.amount".to_owned())
    );
}

#[test]
fn a_change_is_decided_once_and_a_rejection_says_why() {
    use ChangeDecision::{Approve, Reject};
    assert_eq!(ChangeStatus::Pending.decided(Approve, ""), Ok(ChangeStatus::Approved));
    assert_eq!(ChangeStatus::Pending.decided(Reject, " ").unwrap_err().fields[0].field, "remarks");
    assert_eq!(ChangeStatus::Pending.decided(Reject, "账户名与单位不符"), Ok(ChangeStatus::Rejected));
    for done in [ChangeStatus::Approved, ChangeStatus::Rejected, ChangeStatus::Withdrawn] {
        assert_eq!(done.decided(Approve, "").unwrap_err().code, RefusalCode::InvalidState);
    }
    assert!(ApplicationStatus::Submitted.after(ApplicationAction::Return).is_ok());
    assert!(ApplicationStatus::Returned.after(ApplicationAction::Approve).is_err());
}

#[test]
fn a_facility_has_left_when_its_last_day_is_over() {
    let last_day = Some(day("2026-04-02"));
    for (today, is_over) in [("2026-04-01", false), ("2026-04-02", false), ("2026-04-03", true)] {
        assert_eq!(exit_is_over(last_day, day(today)), is_over, "{today}");
        assert_eq!(require_exit_running(last_day, day(today)).is_err(), is_over, "{today}");
    }
    assert!(!exit_is_over(None, day("2026-04-02")));
}

#[test]
fn an_agreement_runs_from_its_first_day_through_its_last() {
    let runs = |today| agreement_runs(day("2026-01-01"), day("2026-12-31"), day(today));
    assert_eq!(["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"].map(runs), [false, true, true, false]);
}

#[test]
fn a_change_waits_as_long_as_the_facility_serves() {
    use FacilityStatus::{Active, Delisted, Draft, Exited, Exiting};
    assert!(waits_on(Active, Active) && waits_on(Active, Exiting) && waits_on(Exiting, Active));
    for (before, after) in [(Exiting, Exited), (Active, Delisted), (Exited, Exited), (Exited, Active), (Draft, Active)]
    {
        assert!(!waits_on(before, after), "{before} {after}");
    }
}
