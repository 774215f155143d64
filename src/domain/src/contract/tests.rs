//! The edges of registering, amending and completing.

use uuid::Uuid;

use super::*;
use crate::code::Code;
use crate::facility::{FacilityRegion, FacilityStatus, Recognition, ServingFacts};
use crate::fixtures::{at, calendar, day, rules, yuan};
use crate::money::Money;
use crate::project::ProjectStatus;
use crate::refusal::RefusalCode;
use crate::voucher::{Standing, VoidCause};

const NOW: &str = "2026-09-21T10:00:00+08:00";

fn claimed(id: u128, amount: i64) -> ContractVoucher {
    ContractVoucher {
        id: Uuid::from_u128(id),
        number: format!("CXQ-{id}"),
        amount_fen: yuan(amount),
        claimed_at: at("2026-09-20T10:00:00+08:00"),
        standing: Standing::Claimed { register_by: at("2026-10-09T00:00:00+08:00") },
        valid_until: None,
    }
}

fn freed(id: u128, amount: i64) -> ContractVoucher {
    let valid_until = Deadline::after(day("2026-08-14"), Span::Months(3), &calendar()).unwrap();
    ContractVoucher {
        claimed_at: at("2026-08-10T10:00:00+08:00"),
        standing: Standing::Unbound { valid_until: valid_until.expires_at },
        valid_until: Some(valid_until),
        ..claimed(id, amount)
    }
}

fn active() -> ServingFacts {
    ServingFacts {
        status: FacilityStatus::Active,
        exit_last_day: None,
        region: FacilityRegion::Beijing,
        recognition: Recognition::Never,
    }
}

fn facts() -> RegistrationFacts<'static> {
    RegistrationFacts {
        project_status: ProjectStatus::Accepted,
        facility: active(),
        banned_until: None,
        number: "HT-2026-001",
        signed_on: day("2026-09-20"),
        starts_on: day("2026-09-21"),
        ends_on: day("2026-10-30"),
        amount_fen: yuan(120_000),
        vouchers: vec![claimed(1, 50_000)],
    }
}

fn decide(facts: RegistrationFacts<'_>) -> Result<Registration, Refusal> {
    register(&rules(), &calendar(), facts, at(NOW))
}

fn refused(facts: RegistrationFacts<'_>) -> Refusal {
    decide(facts).unwrap_err()
}

#[test]
fn a_contract_gets_its_validity_and_its_month() {
    let registration = decide(facts()).unwrap();
    assert_eq!(registration.valid_until.last_day, day("2026-12-21"));
    assert_eq!(registration.redeem_by.last_day, day("2026-11-30"));
    assert!(registration.vouchers[0].is_first_registration);
}

#[test]
fn vouchers_may_be_half_of_the_amount_and_not_a_fen_more() {
    assert!(decide(RegistrationFacts { amount_fen: yuan(100_000), ..facts() }).is_ok());
    let refusal = refused(RegistrationFacts { amount_fen: Money::from_fen(9_999_999), ..facts() });
    assert_eq!((refusal.code, refusal.maximum_fen), (RefusalCode::ShareExceeded, Some(Money::from_fen(4_999_999))));
    assert_eq!(refusal.article.as_deref(), Some("12"));
    let two = vec![claimed(1, 50_000), claimed(2, 10_001)];
    assert_eq!(refused(RegistrationFacts { vouchers: two, ..facts() }).code, RefusalCode::ShareExceeded);
}

#[test]
fn the_last_day_may_be_the_last_of_the_validity() {
    let ends_on = day("2026-12-21");
    assert!(decide(RegistrationFacts { ends_on, ..facts() }).is_ok());
    let refusal = refused(RegistrationFacts { ends_on: day("2026-12-22"), ..facts() });
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::ValidityExceeded, Some("15.2")));
}

#[test]
fn a_freed_voucher_keeps_the_validity_it_has() {
    let registration = decide(RegistrationFacts { vouchers: vec![freed(1, 50_000)], ..facts() }).unwrap();
    // 2026-11-14 is a Saturday: the validity ends on the Monday after it.
    assert_eq!(registration.valid_until.last_day, day("2026-11-16"));
    assert!(!registration.vouchers[0].is_first_registration);
    let late = RegistrationFacts { vouchers: vec![freed(1, 50_000)], ends_on: day("2026-11-17"), ..facts() };
    assert_eq!(refused(late).code, RefusalCode::ValidityExceeded);
}

#[test]
fn vouchers_are_taken_in_claim_order_and_the_earliest_validity_binds() {
    let vouchers = vec![claimed(2, 10_000), freed(3, 10_000), claimed(1, 10_000)];
    let registration = decide(RegistrationFacts { vouchers, ..facts() }).unwrap();
    let ids: Vec<_> = registration.vouchers.iter().map(|voucher| voucher.id.as_u128()).collect();
    assert_eq!(ids, [3, 1, 2]);
    assert_eq!(registration.valid_until.last_day, day("2026-11-16"));
}

#[test]
fn vouchers_of_one_instant_are_taken_in_the_order_of_their_numbers() {
    let numbered = |id, number: &str| ContractVoucher { number: number.to_owned(), ..claimed(id, 10_000) };
    let vouchers = vec![numbered(1, "CXQ-B"), numbered(2, "CXQ-C"), numbered(3, "CXQ-A")];
    let numbers = in_claim_order(vouchers, ContractVoucher::claim).into_iter().map(|voucher| voucher.number);
    assert_eq!(numbers.collect::<Vec<_>>(), ["CXQ-A", "CXQ-B", "CXQ-C"]);
}

#[test]
fn the_last_second_of_the_registration_is_in_time() {
    let decide_at = |now| register(&rules(), &calendar(), facts(), at(now));
    assert!(decide_at("2026-10-08T23:59:59.999999+08:00").is_ok());
    let refusal = decide_at("2026-10-09T00:00:00+08:00").unwrap_err();
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::RegistrationOverdue, Some("15.2")));
}

#[test]
fn a_contract_whose_month_for_the_redemption_is_over_is_not_registered() {
    let ended = |ends_on| RegistrationFacts {
        signed_on: day("2026-08-10"),
        starts_on: day("2026-08-10"),
        ends_on: day(ends_on),
        vouchers: vec![freed(1, 50_000)],
        ..facts()
    };
    // Sunday 20 September is worked, so that a month from 20 August is over on the day of the registration.
    assert_eq!(decide(ended("2026-08-21")).unwrap().redeem_by.last_day, day("2026-09-21"));
    let refusal = refused(ended("2026-08-20"));
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::RedemptionOverdue, Some("15.3")));
}

#[test]
fn a_lapse_refuses_the_same_before_and_after_it_is_written() {
    let with = |standing| {
        let voucher = ContractVoucher { standing, ..freed(1, 50_000) };
        refused(RegistrationFacts { vouchers: vec![voucher], ..facts() }).code
    };
    let over = at(NOW);
    assert_eq!(with(Standing::Claimed { register_by: over }), RefusalCode::RegistrationOverdue);
    assert_eq!(with(Standing::Void(VoidCause::RegistrationOverdue)), RefusalCode::RegistrationOverdue);
    assert_eq!(with(Standing::Unbound { valid_until: over }), RefusalCode::ValidityExceeded);
    assert_eq!(with(Standing::Void(VoidCause::ValidityOverdue)), RefusalCode::ValidityExceeded);
    assert_eq!(with(Standing::Bound { redeem_by: over }), RefusalCode::VoucherNotClaimed);
    assert_eq!(with(Standing::Void(VoidCause::RedemptionOverdue)), RefusalCode::VoucherNotClaimed);
}

#[test]
fn a_voucher_bound_redeeming_redeemed_or_cancelled_pays_no_other_contract() {
    let later = at("2027-01-01T00:00:00+08:00");
    for standing in [
        Standing::Bound { redeem_by: later },
        Standing::Redeeming { correct_by: None },
        Standing::Redeemed,
        Standing::Void(VoidCause::Cancelled),
    ] {
        let vouchers = vec![ContractVoucher { standing, ..claimed(1, 50_000) }];
        assert_eq!(refused(RegistrationFacts { vouchers, ..facts() }).code, RefusalCode::VoucherNotClaimed);
    }
}

#[test]
fn a_contract_is_signed_between_the_first_claim_and_today() {
    let refusal = refused(RegistrationFacts { signed_on: day("2026-09-19"), ..facts() });
    assert_eq!((refusal.code, refusal.fields[0].field.as_str()), (RefusalCode::ValidationFailed, "signed_on"));
    let refusal = refused(RegistrationFacts { signed_on: day("2026-09-22"), ..facts() });
    assert_eq!(refusal.fields[0].rule, "not_in_future");
    assert!(decide(RegistrationFacts { signed_on: day("2026-09-21"), ..facts() }).is_ok());
}

#[test]
fn every_fault_of_form_is_named_at_once() {
    let refusal = refused(RegistrationFacts {
        number: "",
        signed_on: day("2026-09-22"),
        starts_on: day("2026-09-21"),
        ends_on: day("2026-09-20"),
        amount_fen: Money::ZERO,
        vouchers: vec![claimed(1, 1), claimed(1, 1)],
        ..facts()
    });
    let rules: Vec<_> = refusal.fields.iter().map(|fault| fault.rule.as_str()).collect();
    assert_eq!(
        rules,
        ["not_blank", "not_in_future", "not_before_starts_on", "not_before_signed_on", "positive", "unique"]
    );
    assert_eq!(refused(RegistrationFacts { vouchers: Vec::new(), ..facts() }).fields[0].rule, "not_empty");
}

#[test]
fn refusals_come_in_the_documented_order() {
    let mut facts = RegistrationFacts {
        project_status: ProjectStatus::Submitted,
        facility: ServingFacts { status: FacilityStatus::Delisted, ..active() },
        banned_until: Some(day("2029-01-01")),
        number: "",
        signed_on: day("2026-09-19"),
        ends_on: day("2027-09-19"),
        amount_fen: yuan(1),
        vouchers: vec![ContractVoucher { standing: Standing::Redeemed, ..claimed(1, 50_000) }],
        ..facts()
    };
    assert_eq!(refused(facts.clone()).code, RefusalCode::ValidationFailed);
    facts.number = "HT-1";
    assert_eq!(refused(facts.clone()).code, RefusalCode::ProjectNotAccepted);
    facts.project_status = ProjectStatus::Accepted;
    assert_eq!(refused(facts.clone()).code, RefusalCode::FacilityNotActive);
    facts.facility = active();
    assert_eq!(refused(facts.clone()).code, RefusalCode::Banned);
    facts.banned_until = None;
    assert_eq!(refused(facts.clone()).code, RefusalCode::VoucherNotClaimed);
    facts.vouchers = vec![claimed(1, 50_000)];
    assert_eq!(refused(facts.clone()).fields[0].field, "signed_on");
    facts.signed_on = day("2026-09-20");
    assert_eq!(refused(facts.clone()).code, RefusalCode::ShareExceeded);
    facts.amount_fen = yuan(100_000);
    assert_eq!(refused(facts.clone()).code, RefusalCode::ValidityExceeded);
    facts.ends_on = day("2026-10-30");
    assert!(decide(facts).is_ok());
}

#[test]
fn an_amendment_obeys_the_same_checks() {
    let granted = decide(facts()).unwrap();
    let valid_until = granted.valid_until.clone();
    let amendment = AmendmentFacts {
        status: ContractStatus::Registered,
        has_submitted_redemption: false,
        redeem_by: &granted.redeem_by,
        facility: active(),
        signed_on: day("2026-09-20"),
        starts_on: day("2026-09-21"),
        ends_on: day("2026-11-20"),
        amount_fen: yuan(100_000),
        vouchers: vec![("CXQ-1", yuan(50_000), &valid_until)],
    };
    let amend_at = |facts: &AmendmentFacts<'_>, now| amend(&rules(), &calendar(), facts, at(now));
    let amended = amend_at(&amendment, NOW).unwrap();
    assert_eq!(amended.redeem_by.last_day, day("2026-12-21"));
    let code = |facts: &AmendmentFacts<'_>| amend_at(facts, NOW).unwrap_err().code;
    let less = AmendmentFacts { amount_fen: Money::from_fen(9_999_999), ..amendment.clone() };
    assert_eq!(code(&less), RefusalCode::ShareExceeded);
    let longer = AmendmentFacts { ends_on: day("2026-12-22"), ..amendment.clone() };
    assert_eq!(code(&longer), RefusalCode::ValidityExceeded);
    let leaving = ServingFacts { status: FacilityStatus::Exiting, exit_last_day: Some(day("2026-11-19")), ..active() };
    assert_eq!(code(&AmendmentFacts { facility: leaving, ..amendment.clone() }), RefusalCode::FacilityNotActive);
    let submitted = AmendmentFacts { has_submitted_redemption: true, ..amendment.clone() };
    assert_eq!(code(&submitted), RefusalCode::InvalidState);
    let completed = AmendmentFacts { status: ContractStatus::Completed, ..amendment.clone() };
    assert_eq!(code(&completed), RefusalCode::InvalidState);
    let late = amend_at(&amendment, "2026-12-01T00:00:00+08:00").unwrap_err();
    assert_eq!(late.code, RefusalCode::RedemptionOverdue);
    let back = AmendmentFacts { ends_on: day("2026-09-21"), ..amendment.clone() };
    assert_eq!(amend_at(&back, "2026-11-30T10:00:00+08:00").unwrap_err().code, RefusalCode::RedemptionOverdue);
}

#[test]
fn a_completion_brings_the_month_forward_and_never_puts_it_off() {
    let granted = decide(facts()).unwrap();
    let completion = CompletionFacts {
        status: ContractStatus::Registered,
        has_submitted_redemption: false,
        redeem_by: &granted.redeem_by,
        starts_on: day("2026-09-21"),
        ends_on: day("2026-10-30"),
        completed_on: day("2026-10-15"),
        actual_amount_fen: yuan(90_000),
    };
    let complete_at = |facts: &CompletionFacts<'_>, now| complete(&rules(), &calendar(), facts, at(now));
    let done = complete_at(&completion, "2026-10-15T10:00:00+08:00").unwrap();
    assert_eq!(done, Completion { status: ContractStatus::Completed, redeem_by: month_from("2026-10-15") });
    assert_eq!(done.redeem_by.last_day, day("2026-11-16"));
    let late = CompletionFacts { completed_on: day("2026-11-02"), ..completion.clone() };
    let done = complete_at(&late, "2026-11-02T10:00:00+08:00").unwrap();
    assert_eq!(done.redeem_by, month_from("2026-10-30"));
    for completed_on in ["2026-09-20", "2026-10-16"] {
        let facts = CompletionFacts { completed_on: day(completed_on), ..completion.clone() };
        let refusal = complete_at(&facts, "2026-10-15T10:00:00+08:00").unwrap_err();
        assert_eq!(refusal.fields[0].field, "completed_on");
    }
    let refusal = complete_at(&completion, "2026-11-17T00:00:00+08:00").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::RedemptionOverdue);
    let twice = CompletionFacts { status: ContractStatus::Completed, ..completion };
    assert_eq!(complete_at(&twice, "2026-10-15T10:00:00+08:00").unwrap_err().code, RefusalCode::InvalidState);
}

fn month_from(day_of_month: &str) -> Deadline {
    redeem_by(day(day_of_month), &rules(), &calendar()).unwrap()
}

fn november() -> Deadline {
    month_from("2026-10-30")
}

#[test]
fn the_month_is_counted_from_the_last_day_or_an_earlier_completion() {
    let ends_on = day("2026-10-30");
    assert_eq!(redeem_from(ends_on, None), ends_on);
    assert_eq!(redeem_from(ends_on, Some(day("2026-10-15"))), day("2026-10-15"));
    assert_eq!(redeem_from(ends_on, Some(day("2026-11-02"))), ends_on);
    assert_eq!(november().last_day, day("2026-11-30"));
}

#[test]
fn a_contract_is_terminated_before_the_service_only() {
    let terminate_now = |status, submitted, reason| terminate(status, submitted, &november(), reason, at(NOW));
    let registered = ContractStatus::Registered;
    assert_eq!(terminate_now(registered, false, "项目取消"), Ok(ContractStatus::Terminated));
    assert_eq!(terminate_now(registered, true, "项目取消").unwrap_err().code, RefusalCode::InvalidState);
    assert!(terminate_now(ContractStatus::Completed, false, "项目取消").is_err());
    assert_eq!(terminate_now(registered, false, " ").unwrap_err().code, RefusalCode::ValidationFailed);
}

#[test]
fn a_contract_whose_month_is_over_frees_no_vouchers() {
    let terminate_at = |now| terminate(ContractStatus::Registered, false, &november(), "项目取消", at(now));
    assert!(terminate_at("2026-11-30T23:59:59.999999+08:00").is_ok());
    let late = "2026-12-01T00:00:00+08:00";
    assert_eq!(terminate_at(late).unwrap_err().code, RefusalCode::RedemptionOverdue);
    let written = terminate(ContractStatus::Lapsed, false, &november(), "项目取消", at(late)).unwrap_err();
    assert_eq!(written.code, RefusalCode::RedemptionOverdue);
}

#[test]
fn a_redemption_is_written_for_a_contract_that_stands() {
    let code = |status, now| require_redeemable(status, &november(), at(now)).map_err(|refusal| refusal.code);
    let (early, late) = ("2026-09-22T10:00:00+08:00", "2026-12-01T00:00:00+08:00");
    assert_eq!(code(ContractStatus::Registered, early), Ok(()));
    assert_eq!(code(ContractStatus::Completed, early), Ok(()));
    assert_eq!(code(ContractStatus::Terminated, early), Err(RefusalCode::InvalidState));
    assert_eq!(code(ContractStatus::Settled, late), Err(RefusalCode::InvalidState));
    assert_eq!(code(ContractStatus::Registered, late), Err(RefusalCode::RedemptionOverdue));
    assert_eq!(code(ContractStatus::Lapsed, late), Err(RefusalCode::RedemptionOverdue));
}

#[test]
fn every_action_is_offered_by_some_state() {
    for action in ContractAction::ALL {
        assert!(ContractStatus::ALL.iter().any(|status| status.after(*action).is_ok()), "{action}");
    }
}
