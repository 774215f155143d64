//! The deadlines of periods counted from every day of 2024 to 2026, against a table that
//! `deadlines.py` reckons by itself from the rest days.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests; what panics here fails them")]

use std::process::Command;

use voucher_domain::period::{Calendar, Day, Deadline, Span};

const REST_DAYS: &str = include_str!("../../config/calendar/state-council.csv");
const TABLE: &str = include_str!("deadlines.csv");
const SPANS: [Span; 4] = [Span::Days(15), Span::Months(1), Span::Months(3), Span::WorkingDays(5)];

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// What the program reckons, in the table's form.
fn reckoned() -> String {
    let calendar = Calendar::from_csv(REST_DAYS).unwrap();
    let mut table = String::from("counted_from,period,last_day,provisional,moved_past\n");
    for counted_from in day("2024-01-01").iter_days().take_while(|counted_from| *counted_from < day("2027-01-01")) {
        for span in SPANS {
            let deadline = Deadline::after(counted_from, span, &calendar).unwrap();
            let moved: Vec<String> = deadline.moved_past.iter().map(|moved| moved.day.to_string()).collect();
            let (last_day, provisional) = (deadline.last_day, deadline.provisional);
            table.push_str(&format!("{counted_from},{span},{last_day},{provisional},{}\n", moved.join(" ")));
        }
    }
    table
}

#[test]
fn every_deadline_is_that_of_the_table_and_the_table_has_no_other() {
    let ours = reckoned();
    let differences: Vec<_> = ours.lines().zip(TABLE.lines()).filter(|(ours, theirs)| ours != theirs).collect();
    assert!(differences.is_empty(), "ours, theirs: {differences:#?}");
    assert_eq!(ours.lines().count(), TABLE.lines().count());
    assert_eq!(TABLE.lines().count(), 1 + (366 + 365 + 365) * SPANS.len());
}

#[test]
fn the_table_is_what_the_script_writes() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/deadlines.py");
    let checked = Command::new("python3").args([script, "--check"]).output().expect("python3 is there");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
