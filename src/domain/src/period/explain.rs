//! A deadline in words: what it was counted from, and which rest days moved it.

use chrono::Datelike;

use super::calendar::RestReason;
use super::day::{Day, days_between, year_of};
use super::deadline::Deadline;
use super::span::Span;
use super::walk::MovedPast;
use crate::text::Text;

/// Rest days in a row, for one reason.
struct Run {
    first: Day,
    last: Day,
    because: RestReason,
}

impl Deadline {
    /// How it came about, for people: 民法典 第二百零一条 and 第二百零三条 applied to this case.
    pub fn explanation(&self) -> Text {
        let span = self.period.parse().ok();
        let moved = moved(&runs(&self.moved_past), span, self.last_day);
        let (length_zh, length_en) = length(span, &self.period);
        let from = self.counted_from;
        let mut zh = format!("自 {from} 的次日起算 {length_zh}{};{} 24:00 截止。", moved.zh, self.last_day);
        let mut en =
            format!("{length_en} after {from}, which is not counted{}; until 24:00 on {}.", moved.en, self.last_day);
        if self.provisional {
            let year = year_of(self.last_day);
            zh.push_str(&format!("{year} 年放假安排尚未公布,本期限为暂定,公布后重新计算并告知。"));
            en.push_str(&format!(
                " The rest days of {year} are not announced yet: this is provisional, and will be recounted and told."
            ));
        }
        Text::new(zh, en)
    }
}

fn length(span: Option<Span>, period: &str) -> (String, String) {
    let of = |count: u32, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    match span {
        Some(Span::Days(days)) => (format!("{days} 日"), of(days, "day", "days")),
        Some(Span::Months(months)) => (format!("{months} 个月"), of(months, "month", "months")),
        Some(Span::WorkingDays(days)) => (format!("{days} 个工作日"), of(days, "working day", "working days")),
        None => (period.to_owned(), period.to_owned()),
    }
}

fn moved(runs: &[Run], span: Option<Span>, last_day: Day) -> Text {
    if runs.is_empty() {
        return Text::new("", "");
    }
    let (zh, en): (Vec<String>, Vec<String>) = runs
        .iter()
        .map(|run| (format!("{}为{}", days_zh(run), name(run).zh), format!("{} ({})", days_en(run), name(run).en)))
        .unzip();
    let (zh, en) = (zh.join("、"), en.join(", "));
    match span {
        Some(Span::WorkingDays(_)) => {
            Text::new(format!("(期间{zh},不计入工作日)"), format!(" (not working days: {en})"))
        }
        Some(Span::Days(_) | Span::Months(_)) | None => Text::new(
            format!(",{zh},顺延至 {} 月 {} 日", last_day.month(), last_day.day()),
            format!(", moved past {en} to {last_day}"),
        ),
    }
}

/// The days in a row that have one reason.
fn runs(moved_past: &[MovedPast]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for moved in moved_past {
        match runs.last_mut() {
            Some(run) if run.because == moved.because && days_between(run.last, moved.day) == 1 => run.last = moved.day,
            Some(_) | None => runs.push(Run { first: moved.day, last: moved.day, because: moved.because }),
        }
    }
    runs
}

fn days_zh(run: &Run) -> String {
    let (first, last) = (run.first, run.last);
    let begin = format!("{} 月 {} 日", first.month(), first.day());
    if first == last {
        begin
    } else if first.month() == last.month() {
        format!("{begin}至 {} 日", last.day())
    } else {
        format!("{begin}至 {} 月 {} 日", last.month(), last.day())
    }
}

fn days_en(run: &Run) -> String {
    if run.first == run.last { run.first.to_string() } else { format!("{} to {}", run.first, run.last) }
}

/// What people call these rest days. The State Council's data names no feasts; each has its season.
fn name(run: &Run) -> Text {
    if run.because == RestReason::Weekend {
        return Text::new("周末", "weekend");
    }
    match (run.last.month(), run.last.day()) {
        (12, 29..=31) | (1, 1..=5) => Text::new("元旦假期", "New Year holiday"),
        (1, 17..=31) | (2, _) => Text::new("春节假期", "Spring Festival holiday"),
        (4, 2..=8) => Text::new("清明节假期", "Qingming holiday"),
        (4, 28..=30) | (5, 1..=6) => Text::new("劳动节假期", "Labour Day holiday"),
        (5, 25..=31) | (6, _) => Text::new("端午节假期", "Dragon Boat Festival holiday"),
        (9, 6..=28) => Text::new("中秋节假期", "Mid-Autumn Festival holiday"),
        (9, 29..=30) | (10, 1..=9) => Text::new("国庆节假期", "National Day holiday"),
        _ => Text::new("法定节假日", "public holiday"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Span, on, state_council};
    use super::*;

    fn of(counted_from: &str, span: Span) -> Text {
        Deadline::after(on(counted_from), span, &state_council()).unwrap().explanation()
    }

    #[test]
    fn the_holiday_that_moved_it_is_named() {
        let text = of("2026-09-16", Span::Days(15));
        assert_eq!(
            text.zh,
            "自 2026-09-16 的次日起算 15 日,10 月 1 日至 7 日为国庆节假期,顺延至 10 月 8 日;2026-10-08 24:00 截止。"
        );
        assert_eq!(
            text.en,
            "15 days after 2026-09-16, which is not counted, moved past 2026-10-01 to 2026-10-07 (National Day holiday) \
             to 2026-10-08; until 24:00 on 2026-10-08."
        );
    }

    #[test]
    fn what_moved_nothing_says_nothing_of_it() {
        let text = of("2026-03-02", Span::Days(15));
        assert_eq!(text.zh, "自 2026-03-02 的次日起算 15 日;2026-03-17 24:00 截止。");
        assert!(!text.en.contains("moved"), "{}", text.en);
    }

    #[test]
    fn working_days_leave_rest_days_out() {
        let text = of("2026-09-30", Span::WorkingDays(5));
        assert_eq!(
            text.zh,
            "自 2026-09-30 的次日起算 5 个工作日(期间10 月 1 日至 7 日为国庆节假期、10 月 11 日为周末,不计入工作日);2026-10-13 24:00 截止。"
        );
    }

    #[test]
    fn a_provisional_one_says_so() {
        assert!(of("2026-12-17", Span::Days(15)).zh.contains("2027 年放假安排尚未公布"));
        assert!(of("2026-10-15", Span::Months(3)).en.contains("provisional"));
    }

    #[test]
    fn every_holiday_of_the_shipped_years_has_its_name() {
        let calendar = state_council();
        for (day, _) in calendar.days().filter(|(day, _)| calendar.rest_reason(*day) == Some(RestReason::Holiday)) {
            let run = Run { first: day, last: day, because: RestReason::Holiday };
            assert_ne!(name(&run).zh, "法定节假日", "{day}");
        }
    }
}
