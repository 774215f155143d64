//! The edges of what is flagged.

use super::*;
use crate::fixtures::{day, yuan};

static NOBODY: PartyFacts = PartyFacts { representatives: Vec::new(), phones: Vec::new() };

fn invoice(fen: i64, issued_on: Option<&str>) -> Invoice {
    Invoice {
        code: String::new(),
        number: "26117000000123456789".to_owned(),
        amount_fen: Money::from_fen(fen),
        issued_on: issued_on.map(day),
    }
}

fn facts(invoices: &[Invoice]) -> CheckFacts<'_> {
    CheckFacts {
        signed_on: day("2026-03-05"),
        ends_on: day("2026-04-30"),
        completed_on: None,
        vouchers_fen: yuan(50_000),
        actual_amount_fen: yuan(90_000),
        invoices,
        neighbours: &[],
        applicant: &NOBODY,
        facility: &NOBODY,
    }
}

fn rules(facts: &CheckFacts<'_>) -> Vec<FlagRule> {
    check(facts).unwrap().into_iter().map(|flag| flag.rule).collect()
}

fn near(signed_on: &str) -> NearContract {
    NearContract {
        id: Uuid::nil(),
        number: "HT-2".to_owned(),
        signed_on: day(signed_on),
        amount_fen: yuan(60_000),
        vouchers_fen: yuan(30_000),
    }
}

fn party(representative: &str, phone: &str) -> PartyFacts {
    PartyFacts { representatives: vec![representative.to_owned()], phones: vec![Personal::new(phone)] }
}

#[test]
fn what_is_as_it_should_be_raises_no_flag() {
    assert_eq!(rules(&facts(&[invoice(9_000_000, None)])), []);
    assert_eq!(rules(&facts(&[invoice(9_000_000, Some("2026-03-05"))])), []);
    assert_eq!(rules(&facts(&[invoice(9_000_000, Some("2026-04-30"))])), []);
}

#[test]
fn an_invoice_sum_that_differs_by_a_fen_is_flagged() {
    let invoices = [invoice(9_000_001, None)];
    let flags = check(&facts(&invoices)).unwrap();
    assert_eq!((flags[0].rule, flags[0].article.as_str()), (FlagRule::InvoiceSumDiffers, "12"));
    assert!(flags[0].message.zh.contains("90000.01"), "{:?}", flags[0].message);
    let huge = [invoice(i64::MAX, None), invoice(1, None)];
    assert_eq!(check(&facts(&huge)), Err(MoneyOverflow));
}

#[test]
fn an_invoice_before_the_signature_or_after_the_last_day_is_flagged_and_named() {
    for outside in ["2026-03-04", "2026-05-01"] {
        let invoices = [invoice(4_000_000, Some("2026-03-05")), invoice(5_000_000, Some(outside))];
        let flags = check(&facts(&invoices)).unwrap();
        let FlagFacts::InvoiceDates(found) = &flags[0].facts else { panic!("{flags:?}") };
        assert_eq!(found.invoices.len(), 1);
        assert_eq!(found.invoices[0].issued_on, day(outside));
    }
}

#[test]
fn a_completion_after_the_last_day_is_flagged() {
    let invoices = [invoice(9_000_000, None)];
    let done = |on| rules(&CheckFacts { completed_on: Some(day(on)), ..facts(&invoices) });
    assert_eq!(done("2026-04-30"), []);
    assert_eq!(done("2026-05-01"), [FlagRule::CompletionDateOutside]);
}

#[test]
fn another_contract_within_a_week_is_flagged_on_both_sides() {
    let invoices = [invoice(9_000_000, None)];
    let beside = |signed_on| rules(&CheckFacts { neighbours: &[near(signed_on)], ..facts(&invoices) });
    assert_eq!(beside("2026-02-26"), []);
    assert_eq!(beside("2026-02-27"), [FlagRule::ContractSplit]);
    assert_eq!(beside("2026-03-05"), [FlagRule::ContractSplit]);
    assert_eq!(beside("2026-03-11"), [FlagRule::ContractSplit]);
    assert_eq!(beside("2026-03-12"), []);
    let flags = check(&CheckFacts { neighbours: &[near("2026-03-06")], ..facts(&invoices) }).unwrap();
    let FlagFacts::Contracts(found) = &flags[0].facts else { panic!("{flags:?}") };
    assert_eq!(found.vouchers_together_fen, yuan(80_000));
}

#[test]
fn a_shared_representative_or_telephone_number_is_flagged() {
    let invoices = [invoice(9_000_000, None)];
    let between = |applicant: &PartyFacts, facility: &PartyFacts| {
        rules(&CheckFacts { applicant, facility, ..facts(&invoices) }).len()
    };
    assert_eq!(between(&party("王 芳", "1"), &party("王芳", "2")), 1);
    assert_eq!(between(&party("王芳", "13800010001"), &party("王方", "13800010002")), 0);
    assert_eq!(between(&party("", ""), &party(" ", "-")), 0);
    for same in ["+86 10-6275 0001", "010 62750001", "0086-10-62750001", "861062750001"] {
        assert_eq!(between(&party("甲", "010-62750001"), &party("乙", same)), 1, "{same}");
    }
    assert_eq!(between(&party("甲", "86123456"), &party("乙", "123456")), 0);
}

#[test]
fn a_telephone_number_is_not_written_out() {
    let invoices = [invoice(9_000_000, None)];
    let (one, other) = (party("甲", "13800010001"), party("乙", "+8613800010001"));
    let flags = check(&CheckFacts { applicant: &one, facility: &other, ..facts(&invoices) }).unwrap();
    let written = serde_json::to_string(&flags).unwrap();
    assert!(written.contains("0001") && !written.contains("13800010001"), "{written}");
}

#[test]
fn every_kind_of_fact_is_read_back_as_itself() {
    let invoices = [invoice(9_000_001, Some("2026-01-01"))];
    let both = party("甲", "13800010001");
    let all = CheckFacts {
        completed_on: Some(day("2026-05-02")),
        neighbours: &[near("2026-03-06")],
        applicant: &both,
        facility: &both,
        ..facts(&invoices)
    };
    let flags = check(&all).unwrap();
    assert_eq!(flags.iter().map(|flag| flag.rule).collect::<Vec<_>>(), <FlagRule as crate::code::Code>::ALL);
    let written = serde_json::to_string(&flags).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Flag>>(&written).unwrap(), flags);
}
