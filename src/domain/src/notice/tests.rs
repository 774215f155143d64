//! The edges of the notice and of objections.

use super::*;
use crate::fixtures::{at, calendar, day, rules, yuan};

const LAST: &str = "2026-10-10T23:59:59.999999+08:00";
const OVER: &str = "2026-10-11T00:00:00+08:00";
const PUBLISHED: NoticeItemStatus = NoticeItemStatus::Published;

fn ends() -> Deadline {
    notice_period(&rules(), &calendar(), day("2026-09-28")).unwrap()
}

fn form() -> ObjectionForm<'static> {
    ObjectionForm { name: "张三", contact: "13800000000", grounds: "服务并未开展" }
}

#[test]
fn five_working_days_pass_over_a_holiday_and_count_worked_saturdays() {
    // 29 and 30 September, 8, 9 and 10 October; the last is a worked Saturday.
    assert_eq!(ends().last_day, day("2026-10-10"));
}

#[test]
fn a_notice_names_what_it_publishes_each_once() {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert!(validate(&[one, other]).is_ok());
    let faults = |ids: &[Uuid]| {
        let refusal = validate(ids).unwrap_err();
        refusal.fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    assert_eq!(faults(&[one, one]), ["subject_ids[1]"]);
    assert_eq!(faults(&[]), ["subject_ids"]);
    let many: Vec<_> = (0..=200).map(Uuid::from_u128).collect();
    assert_eq!(faults(&many), ["subject_ids"]);
    assert!(validate(&many[1..]).is_ok());
}

#[test]
fn several_policies_take_the_longest_period() {
    let longer = VoucherRules { notice_working_days: 6, ..rules() };
    let longest = |rules: &[VoucherRules]| longest_period(rules, &calendar(), day("2026-09-28"));
    assert_eq!(longest(&[rules(), longer.clone(), rules()]).unwrap().last_day, day("2026-10-12"));
    assert_eq!(longest(&[rules()]).unwrap(), ends());
    assert_eq!(longest(&[]).unwrap_err().code, RefusalCode::Internal);
}

#[test]
fn objections_are_taken_until_the_last_microsecond() {
    assert_eq!(object(&form(), PUBLISHED, &ends(), at(LAST)), Ok(ObjectionStatus::Open));
    let refusal = object(&form(), PUBLISHED, &ends(), at(OVER)).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::InvalidState);
    assert!(object(&form(), NoticeItemStatus::Cancelled, &ends(), at(LAST)).is_err());
}

#[test]
fn an_objection_has_a_name_a_contact_and_grounds() {
    let blank = ObjectionForm { name: "", contact: " ", grounds: "" };
    assert_eq!(object(&blank, PUBLISHED, &ends(), at(LAST)).unwrap_err().fields.len(), 3);
}

#[test]
fn an_item_goes_on_when_its_days_are_over_and_no_objection_is_open() {
    let code = |objections, now| settle(PUBLISHED, &ends(), objections, at(now)).map_err(|refusal| refusal.code);
    assert_eq!(code(0, LAST), Err(RefusalCode::NoticeRunning));
    assert_eq!(code(1, LAST), Err(RefusalCode::NoticeRunning));
    assert_eq!(code(1, OVER), Err(RefusalCode::ObjectionOpen));
    assert_eq!(code(0, OVER), Ok(NoticeItemStatus::Cleared));
    assert!(settle(NoticeItemStatus::Cleared, &ends(), 0, at(OVER)).is_err());
}

fn resolved(outcome: ObjectionOutcome, fen: Option<i64>) -> Result<Resolution, Refusal> {
    resolve(ObjectionStatus::Open, PUBLISHED, outcome, fen.map(Money::from_fen), "经核实", yuan(45_000))
}

#[test]
fn an_upheld_objection_lowers_or_cancels() {
    use ObjectionOutcome::{Dismissed, Upheld};
    assert_eq!(resolved(Dismissed, None), Ok(Resolution::Dismissed));
    let lowered = Resolution::Changed { payable_fen: yuan(40_000), taken_fen: yuan(5_000) };
    assert_eq!(resolved(Upheld, Some(4_000_000)), Ok(lowered));
    let cancelled = Resolution::Cancelled { taken_fen: yuan(45_000) };
    assert_eq!((resolved(Upheld, None), resolved(Upheld, Some(0))), (Ok(cancelled), Ok(cancelled)));
    let unchanged = Resolution::Changed { payable_fen: yuan(45_000), taken_fen: Money::ZERO };
    assert_eq!(resolved(Upheld, Some(4_500_000)), Ok(unchanged));
}

#[test]
fn amounts_out_of_place_are_refused() {
    use ObjectionOutcome::{Dismissed, Upheld};
    assert_eq!(resolved(Upheld, Some(4_500_001)).unwrap_err().maximum_fen, Some(yuan(45_000)));
    assert!(resolved(Upheld, Some(-1)).is_err());
    assert!(resolved(Dismissed, Some(1)).is_err());
}

#[test]
fn an_objection_is_resolved_once_and_upheld_only_while_its_item_stands() {
    let resolve = |objection, item, outcome| resolve(objection, item, outcome, None, "经核实", yuan(1)).is_ok();
    use ObjectionOutcome::{Dismissed, Upheld};
    assert!(!resolve(ObjectionStatus::Dismissed, PUBLISHED, Dismissed));
    assert!(!resolve(ObjectionStatus::Upheld, PUBLISHED, Upheld));
    assert!(resolve(ObjectionStatus::Open, NoticeItemStatus::Changed, Dismissed));
    assert!(!resolve(ObjectionStatus::Open, NoticeItemStatus::Changed, Upheld));
}
