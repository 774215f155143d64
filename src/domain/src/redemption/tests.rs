//! The edges of submitting, withdrawing, confirming and sharing out.

use proptest::prelude::*;

use super::*;
use crate::fixtures::{at, calendar, day, rules, yuan};

fn november() -> Deadline {
    Deadline::after(day("2026-10-30"), Span::Months(1), &calendar()).unwrap()
}

#[test]
fn the_window_opens_on_the_last_day_and_closes_at_its_end() {
    let code = |now| require_window(day("2026-10-30"), &november(), at(now)).map_err(|refusal| refusal.code);
    assert_eq!(code("2026-10-29T23:59:59.999999+08:00"), Err(RefusalCode::RedemptionTooEarly));
    assert_eq!(code("2026-10-30T00:00:00+08:00"), Ok(()));
    assert_eq!(code("2026-11-30T23:59:59.999999+08:00"), Ok(()));
    assert_eq!(code("2026-12-01T00:00:00+08:00"), Err(RefusalCode::RedemptionOverdue));
}

#[test]
fn a_correction_has_its_working_days_across_a_holiday() {
    let deadline = correction_deadline(&rules(), &calendar(), day("2026-09-29")).unwrap();
    // 30 September, 8, 9, 10 (a worked Saturday) and 12 October.
    assert_eq!(deadline.last_day, day("2026-10-12"));
    assert!(require_correction_in_time(&deadline, at("2026-10-12T23:59:59.999999+08:00")).is_ok());
    let refusal = require_correction_in_time(&deadline, at("2026-10-13T00:00:00+08:00")).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::RedemptionOverdue);
}

#[test]
fn a_redemption_that_is_late_is_void_before_anything_is_written() {
    let november = november();
    let correct_by = correction_deadline(&rules(), &calendar(), day("2026-11-09")).unwrap();
    let is_alive = |status, now| require_alive(status, &november, Some(&correct_by), at(now)).is_ok();
    assert!(is_alive(RedemptionStatus::Draft, "2026-11-30T23:59:59.999999+08:00"));
    assert!(!is_alive(RedemptionStatus::Draft, "2026-12-01T00:00:00+08:00"));
    assert!(is_alive(RedemptionStatus::Returned, "2026-11-16T23:59:59.999999+08:00"));
    assert!(!is_alive(RedemptionStatus::Returned, "2026-11-17T00:00:00+08:00"));
    assert!(is_alive(RedemptionStatus::Submitted, "2027-01-01T00:00:00+08:00"));
    assert!(!is_alive(RedemptionStatus::Void, "2026-11-10T00:00:00+08:00"));
}

#[test]
fn it_is_withdrawn_only_while_another_can_be_submitted() {
    let november = november();
    let correct_by = correction_deadline(&rules(), &calendar(), day("2026-11-30")).unwrap();
    let withdraw_at = |status, now| {
        let correct_by = (status == RedemptionStatus::Returned).then_some(&correct_by);
        withdraw(status, &november, correct_by, at(now)).map_err(|refusal| refusal.code)
    };
    for status in [RedemptionStatus::Draft, RedemptionStatus::Submitted, RedemptionStatus::Returned] {
        assert_eq!(withdraw_at(status, "2026-11-30T23:59:59.999999+08:00"), Ok(RedemptionStatus::Withdrawn));
        assert_eq!(withdraw_at(status, "2026-12-01T00:00:00+08:00"), Err(RefusalCode::RedemptionOverdue));
    }
    let reviewed = withdraw_at(RedemptionStatus::InReview, "2026-12-01T00:00:00+08:00");
    assert_eq!(reviewed, Err(RefusalCode::InvalidState));
}

#[test]
fn a_submission_is_refused_in_the_documented_order() {
    let (november, rules) = (november(), rules());
    let invoice = Invoice { code: String::new(), number: "1".repeat(20), amount_fen: yuan(90_000), issued_on: None };
    let form = RedemptionForm {
        actual_amount_fen: yuan(90_000),
        invoices: std::slice::from_ref(&invoice),
        evidence: &rules.evidence,
        remarks: "",
    };
    let facts = SubmissionFacts {
        status: RedemptionStatus::Draft,
        kind: ServiceKind::Analysis,
        redeem_from: day("2026-10-30"),
        redeem_by: &november,
        correct_by: None,
        recorded_amount_fen: None,
        form,
    };
    let code = |facts: &SubmissionFacts<'_>, now| submit(&rules, facts, at(now)).map_err(|refusal| refusal.code);
    let within = "2026-11-10T10:00:00+08:00";
    assert_eq!(code(&facts, within), Ok(RedemptionStatus::Submitted));
    let bare = SubmissionFacts { form: RedemptionForm { evidence: &[], ..form }, ..facts };
    assert_eq!(code(&bare, within), Err(RefusalCode::EvidenceMissing));
    let unbilled = SubmissionFacts { form: RedemptionForm { invoices: &[], ..bare.form }, ..facts };
    assert_eq!(code(&unbilled, within), Err(RefusalCode::ValidationFailed));
    assert_eq!(code(&unbilled, "2026-10-29T10:00:00+08:00"), Err(RefusalCode::RedemptionTooEarly));
    let as_recorded = SubmissionFacts { recorded_amount_fen: Some(yuan(90_000)), ..facts };
    assert_eq!(code(&as_recorded, within), Ok(RedemptionStatus::Submitted));
    let recorded = Some(Money::from_fen(8_999_999));
    let refusal = submit(&rules, &SubmissionFacts { recorded_amount_fen: recorded, ..unbilled }, at(within));
    let refusal = refusal.unwrap_err();
    assert_eq!((refusal.fields[0].field.as_str(), refusal.article.as_deref()), ("actual_amount_fen", Some("15.3")));
    assert!(refusal.fields[0].message.zh.contains("89999.99"));
    let late = "2026-12-01T00:00:00+08:00";
    assert_eq!(code(&unbilled, late), Err(RefusalCode::RedemptionOverdue));
    let paid = SubmissionFacts { status: RedemptionStatus::Paid, ..facts };
    assert_eq!(code(&paid, late), Err(RefusalCode::InvalidState));
    let void = SubmissionFacts { status: RedemptionStatus::Void, ..facts };
    assert_eq!(code(&void, late), Err(RefusalCode::RedemptionOverdue));
    let correct_by = correction_deadline(&rules, &calendar(), day("2026-11-30")).unwrap();
    let returned = SubmissionFacts { status: RedemptionStatus::Returned, correct_by: Some(&correct_by), ..facts };
    assert_eq!(code(&returned, "2026-12-07T23:59:59+08:00"), Ok(RedemptionStatus::Submitted));
    assert_eq!(code(&returned, "2026-12-08T00:00:00+08:00"), Err(RefusalCode::RedemptionOverdue));
}

#[test]
fn it_is_accepted_only_with_the_applicants_consent() {
    assert!(require_confirmed(Some(true)).is_ok());
    assert!(require_confirmed(Some(false)).is_err());
    assert_eq!(require_confirmed(None).unwrap_err().code, RefusalCode::InvalidState);
}

#[test]
fn who_does_not_agree_says_why() {
    let form = ConfirmationForm { agrees: true, rating: None, remarks: "" };
    assert!(validate_confirmation(&form).is_ok());
    assert!(validate_confirmation(&ConfirmationForm { agrees: false, ..form }).is_err());
    assert!(validate_confirmation(&ConfirmationForm { agrees: false, remarks: "报告未交付", ..form }).is_ok());
    for (rating, fits) in [(0, false), (1, true), (5, true), (6, false)] {
        let form = ConfirmationForm { rating: Some(rating), ..form };
        assert_eq!(validate_confirmation(&form).is_ok(), fits, "{rating}");
    }
}

#[test]
fn vouchers_are_filled_one_after_the_other() {
    let voucher = |id, amount| VoucherAmount { voucher_id: Uuid::from_u128(id), amount_fen: yuan(amount) };
    let allotments = allot(yuan(45_000), &[voucher(1, 30_000), voucher(2, 20_000), voucher(3, 5_000)]).unwrap();
    let shares: Vec<_> = allotments.iter().map(|share| (share.payable_fen, share.lapsed_fen)).collect();
    assert_eq!(shares, [(yuan(30_000), Money::ZERO), (yuan(15_000), yuan(5_000)), (Money::ZERO, yuan(5_000))]);
    assert!(allot(yuan(30_001), &[voucher(1, 30_000)]).is_err());
    assert!(allot(Money::from_fen(-1), &[voucher(1, 30_000)]).is_err());
}

#[test]
fn a_lowered_amount_is_taken_from_the_last_vouchers_first() {
    let voucher = |id, amount, present| {
        (VoucherAmount { voucher_id: Uuid::from_u128(id), amount_fen: yuan(amount) }, yuan(present))
    };
    let vouchers = [voucher(1, 30_000, 30_000), voucher(2, 20_000, 15_000), voucher(3, 5_000, 0)];
    let taken = |payable| -> Vec<_> {
        let reductions = reduce(yuan(payable), &vouchers).unwrap();
        reductions.iter().map(|reduction| (reduction.payable_fen, reduction.taken_fen)).collect()
    };
    let nothing = Money::ZERO;
    assert_eq!(taken(40_000), [(yuan(30_000), nothing), (yuan(10_000), yuan(5_000)), (nothing, nothing)]);
    assert_eq!(taken(20_000), [(yuan(20_000), yuan(10_000)), (nothing, yuan(15_000)), (nothing, nothing)]);
    assert_eq!(taken(45_000), [(yuan(30_000), nothing), (yuan(15_000), nothing), (nothing, nothing)]);
    assert_eq!(taken(0), [(nothing, yuan(30_000)), (nothing, yuan(15_000)), (nothing, nothing)]);
    assert_eq!(reduce(yuan(45_001), &vouchers).unwrap_err().code, RefusalCode::Internal);
}

proptest! {
    #[test]
    fn what_is_allotted_sums_exactly_and_never_exceeds_a_voucher(
        amounts in prop::collection::vec(0_i64..=5_000_000, 0..12),
        part in 0_i64..=10_000,
    ) {
        let total: i64 = amounts.iter().sum();
        let payable = Money::from_fen(total * part / 10_000);
        let vouchers: Vec<_> = amounts
            .iter()
            .map(|fen| VoucherAmount { voucher_id: Uuid::nil(), amount_fen: Money::from_fen(*fen) })
            .collect();
        let allotments = allot(payable, &vouchers).unwrap();
        prop_assert_eq!(Money::sum(allotments.iter().map(|share| share.payable_fen)), Ok(payable));
        for (share, voucher) in allotments.iter().zip(&vouchers) {
            prop_assert!(share.payable_fen >= Money::ZERO && share.lapsed_fen >= Money::ZERO);
            prop_assert_eq!(share.payable_fen.plus(share.lapsed_fen), Ok(voucher.amount_fen));
        }
    }
}
