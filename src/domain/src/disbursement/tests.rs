//! The edges of batches and their lines.

use super::*;
use crate::code::Code;
use crate::fixtures::{day, rules};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn paid(line: u128) -> LineResult {
    LineResult { line_id: id(line), outcome: LineOutcome::Paid, reference: Some("B-1".to_owned()), reason: None }
}

#[test]
fn the_fourth_quarter_pays_nothing_and_says_when_it_can() {
    let rules = rules();
    assert!(require_open_quarter(&rules, day("2026-09-30")).is_ok());
    let refusal = require_open_quarter(&rules, day("2026-10-01")).unwrap_err();
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::QuarterClosed, Some("15.5")));
    assert!(refusal.message.zh.contains("2027-01-01"));
    assert!(require_open_quarter(&rules, day("2026-12-31")).is_err());
    assert!(require_open_quarter(&rules, day("2027-01-01")).is_ok());
}

#[test]
fn the_one_who_prepared_it_does_not_approve_it() {
    let approve = |by, today| {
        approve([&rules()], DisbursementStatus::Prepared, id(1), id(by), day(today)).map_err(|refusal| refusal.code)
    };
    let subsidies = |by| super::approve([], DisbursementStatus::Prepared, id(1), id(by), day("2026-10-01"));
    assert_eq!(subsidies(2), Ok(DisbursementStatus::Approved), "Art. 14.5 names no quarters");
    assert!(subsidies(1).is_err());
    assert_eq!(approve(1, "2026-09-30"), Err(RefusalCode::SamePerson));
    assert_eq!(approve(2, "2026-09-30"), Ok(DisbursementStatus::Approved));
    assert_eq!(approve(2, "2026-10-01"), Err(RefusalCode::QuarterClosed));
}

#[test]
fn a_batch_is_settled_when_its_last_line_has_a_result() {
    let approved = DisbursementStatus::Approved;
    let lines = [(id(1), LineStatus::Pending), (id(2), LineStatus::Pending)];
    assert_eq!(record_results(approved, &lines, &[paid(1)]), Ok(approved));
    assert_eq!(record_results(approved, &lines, &[paid(1), paid(2)]), Ok(DisbursementStatus::Settled));
    let lines = [(id(1), LineStatus::Paid), (id(2), LineStatus::Pending)];
    assert_eq!(record_results(approved, &lines, &[paid(2)]), Ok(DisbursementStatus::Settled));
    assert_eq!(record_results(approved, &lines, &[paid(1)]).unwrap_err().code, RefusalCode::InvalidState);
    assert!(record_results(DisbursementStatus::Prepared, &lines, &[paid(2)]).is_err());
}

#[test]
fn a_paid_line_has_a_reference_and_a_failed_one_a_reason() {
    let lines = [(id(1), LineStatus::Pending)];
    let faults = |results: &[LineResult]| {
        let refusal = record_results(DisbursementStatus::Approved, &lines, results).unwrap_err();
        refusal.fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    assert_eq!(faults(&[LineResult { reference: None, ..paid(1) }]), ["lines[0].reference"]);
    assert_eq!(faults(&[LineResult { outcome: LineOutcome::Failed, ..paid(1) }]), ["lines[0].reason"]);
    assert_eq!(faults(&[paid(1), paid(1)]), ["lines[1].line_id"]);
    assert_eq!(faults(&[paid(9)]), ["lines[0].line_id"]);
    assert_eq!(faults(&[]), ["lines"]);
}

#[test]
fn a_batch_has_a_title_and_something_to_pay() {
    assert!(validate("2026年第三季度", None, None).is_ok());
    assert!(validate("2026年第三季度", Some(&[id(1), id(2)]), Some(&[id(1)])).is_ok());
    let faults = |title, ids: &[Uuid]| {
        let refusal = validate(title, Some(ids), None).unwrap_err();
        refusal.fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    assert_eq!(faults(" ", &[]), ["title", "redemption_ids"]);
    assert_eq!(faults("2026年第三季度", &[id(1), id(2), id(1)]), ["redemption_ids[2]"]);
    assert!(validate("2026年第三季度", None, Some(&[])).is_err());
    assert!(require_payable(1).is_ok());
    assert_eq!(require_payable(0).unwrap_err().code, RefusalCode::InvalidState);
}

#[test]
fn suspended_lines_are_taken_out_and_the_last_one_settles() {
    let (prepared, approved) = (DisbursementStatus::Prepared, DisbursementStatus::Approved);
    let [one, two] = [100, 250].map(Money::from_fen);
    let total = Money::from_fen(350);
    let thinned = |status, total_fen| Ok(Thinned { status, total_fen });
    assert_eq!(withhold(prepared, total, &[one], 2), thinned(prepared, two));
    assert_eq!(withhold(approved, total, &[two], 2), thinned(approved, one));
    assert_eq!(withhold(approved, total, &[two], 1), thinned(DisbursementStatus::Settled, one), "one has a result");
    assert_eq!(withhold(prepared, total, &[one, two], 2), thinned(DisbursementStatus::Settled, total));
    let settled = DisbursementStatus::Settled;
    for refused in [withhold(approved, total, &[], 1), withhold(settled, total, &[one], 1)] {
        let refusal = refused.unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("17")));
    }
    assert_eq!(require_not_suspended(false), Ok(()));
    let refusal = require_not_suspended(true).unwrap_err();
    assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::PaymentSuspended, Some("17")));
}

#[test]
fn a_payment_file_is_of_an_approved_batch_and_of_what_is_still_to_be_paid() {
    for status in DisbursementStatus::ALL {
        let is_offered = status.after(DisbursementAction::Export).is_ok();
        assert_eq!(is_offered, *status == DisbursementStatus::Approved);
    }
    for status in LineStatus::ALL {
        assert_eq!(status.is_exported(), *status == LineStatus::Pending);
    }
}

#[test]
fn what_falls_due_in_the_fourth_quarter_is_paid_in_the_next_year() {
    let paid = |on| paying_quarter(&rules(), day(on)).unwrap();
    assert_eq!(paid("2026-01-01"), "2026Q1");
    assert_eq!(paid("2026-09-30"), "2026Q3");
    assert_eq!(paid("2026-10-01"), "2027Q1");
    assert_eq!(paid("2026-12-31"), "2027Q1");
    assert_eq!(paying_day(&rules(), day("2026-09-30")), Some(day("2026-09-30")));
    assert_eq!(paying_day(&rules(), day("2026-10-01")), Some(day("2027-01-01")));
    let never = VoucherRules { disbursement_quarters: vec![], ..rules() };
    assert_eq!(paying_quarter(&never, day("2026-01-01")), None);
}

#[test]
fn a_batch_is_filed_under_its_quarter() {
    assert_eq!(quarter_name(day("2026-09-30")), "2026Q3");
    assert_eq!(quarter_name(day("2026-10-01")), "2026Q4");
    assert_eq!(quarter_name(day("2027-01-01")), "2027Q1");
}
