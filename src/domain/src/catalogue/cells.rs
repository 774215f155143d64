//! 第六条(五): the cells of a price list as people type them into a spreadsheet.

use unicode_normalization::UnicodeNormalization;

use crate::money::Money;
use crate::text::Text;

/// What is wrong with a cell: the rule's stable name, and the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// The rule's stable name, `amount`.
    pub rule: &'static str,
    /// What is wrong and what would be right.
    pub message: Text,
}

fn fault(rule: &'static str, zh: impl Into<String>, en: impl Into<String>) -> CellFault {
    CellFault { rule, message: Text::new(zh, en) }
}

/// A text with full-width digits and signs made plain, and without blanks around it.
fn plain(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_owned()
}

/// A text that can be kept and shown: with no character that only controls a device. U+0000 cannot be
/// kept by PostgreSQL at all; the others are what a damaged or a binary file leaves.
///
/// # Errors
/// A text with such a character in it.
pub fn printable(text: &str) -> Result<&str, CellFault> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(fault(
            "printable",
            "含有不可见的控制字符,请删除后重新填写。",
            "has invisible control characters in it; please remove them.",
        ));
    }
    Ok(text)
}

/// An amount in yuan, as text: `1200`, `1,200.00`, `¥1 200.5`, `１２００元`. Kept in fen.
///
/// # Errors
/// What is no such amount, has parts of a fen, or commas in other places than between thousands.
pub fn amount(text: &str) -> Result<Money, CellFault> {
    let refused = || {
        fault(
            "amount",
            format!("“{text}”不是金额,请填写以元为单位的数字,如 1200.00。"),
            format!("\"{text}\" is no amount; give yuan in digits, such as 1200.00."),
        )
    };
    let plain = plain(text);
    // The yen sign is what Chinese keyboards type for yuan.
    let digits = plain.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = without_separators(whole).ok_or_else(refused)?;
    if whole.is_empty() || !is_digits(fraction) || digits.ends_with('.') {
        return Err(refused());
    }
    if fraction.len() > 2 {
        return Err(fault(
            "whole_fen",
            format!("“{text}”精确到分以下,最多保留两位小数。"),
            format!("\"{text}\" has parts of a fen; two decimals at the most."),
        ));
    }
    format!("{whole}{fraction:0<2}").parse().map(Money::from_fen).map_err(|_| refused())
}

/// The digits of a whole number, whose thousands may be parted by commas or blanks.
fn without_separators(whole: &str) -> Option<String> {
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    let Some(separator) = separator else { return Some(whole.to_owned()) };
    if ![',', ' ', '\''].contains(&separator) {
        return None;
    }
    let groups: Vec<&str> = whole.split(separator).collect();
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = groups.split_first()?;
    let fits = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    (fits && groups.iter().all(|group| is_digits(group))).then(|| groups.concat())
}

/// A whole number, as text: `5`, `５`, `5天`, `1,000`, `5.0`.
///
/// # Errors
/// What is no whole number, or too large.
pub fn count(text: &str) -> Result<u32, CellFault> {
    let plain = plain(text);
    let digits = plain.trim_end_matches(['天', '日']).trim();
    let digits =
        digits.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0')).map_or(digits, |(whole, _)| whole);
    let number = without_separators(digits).and_then(|digits| digits.parse().ok());
    number
        .ok_or_else(|| fault("whole_number", format!("“{text}”不是整数。"), format!("\"{text}\" is no whole number.")))
}

/// 是 or 否; nothing means 否.
///
/// # Errors
/// What is neither.
pub fn yes_or_no(text: &str) -> Result<bool, CellFault> {
    match plain(text).to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" | "√" => Ok(true),
        "" | "否" | "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(fault(
            "yes_or_no",
            format!("“{text}”既不是“是”也不是“否”。"),
            format!("\"{text}\" is neither yes nor no."),
        )),
    }
}

/// One of several words: by its code, or as people write it.
///
/// # Errors
/// What is none of them; they are listed.
pub fn label<T: Copy>(text: &str, known: &[(T, &str, &[&str])]) -> Result<T, CellFault> {
    let plain = plain(text).to_lowercase();
    let fits = |(_, code, labels): &&(T, &str, &[&str])| *code == plain || labels.iter().any(|label| *label == plain);
    known.iter().find(fits).map(|(value, _, _)| *value).ok_or_else(|| {
        let chinese: Vec<&str> = known.iter().filter_map(|(_, _, labels)| labels.first().copied()).collect();
        let english: Vec<&str> = known.iter().map(|(_, code, _)| *code).collect();
        fault(
            "known",
            format!("“{text}”不在可填范围内,可填:{}。", chinese.join("、")),
            format!("\"{text}\" is not known; it may be: {}.", english.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_shown_is_kept() {
        for text in ["", "质谱\t分析\r\n第二行", "\u{feff}é😀"] {
            assert_eq!(printable(text), Ok(text));
        }
        for text in ["质\0谱", "\u{1}", "a\u{7f}", "\u{85}"] {
            assert_eq!(printable(text).unwrap_err().rule, "printable");
        }
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, fen) in [
            ("1200", 120_000),
            ("1,200.00", 120_000),
            ("¥1 200.5", 120_050),
            ("１２００元", 120_000),
            ("１,２００.５０", 120_050),
            ("￥ 0.01", 1),
            (" 12,345,678.9 元", 1_234_567_890),
            ("800.000", 80_000),
            ("0", 0),
        ] {
            assert_eq!(amount(text).map(Money::fen), Ok(fen), "{text}");
        }
        for text in
            ["", "元", "面议", "1,20", "12,00.00", "1.2万", "-5", "1.", ".5", "1e3", "1,2,3", "99999999999999999999"]
        {
            assert_eq!(amount(text).unwrap_err().rule, "amount", "{text}");
        }
        assert_eq!(amount("0.001").unwrap_err().rule, "whole_fen");
    }

    #[test]
    fn counts_are_whole() {
        for (text, number) in [("5", 5), ("５", 5), ("5天", 5), ("1,000", 1_000), ("5.0", 5), (" 10 日", 10)] {
            assert_eq!(count(text), Ok(number), "{text}");
        }
        for text in ["", "5.5", "-1", "五", "3-5", "4294967296"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn yes_no_and_labels() {
        assert_eq!((yes_or_no("是"), yes_or_no(""), yes_or_no("ＮＯ")), (Ok(true), Ok(false), Ok(false)));
        assert!(yes_or_no("也许").is_err());
        let known: &[(u8, &str, &[&str])] = &[(1, "testing", &["测试"]), (2, "compute", &["算力", "算力租用"])];
        assert_eq!((label("测试", known), label("Compute", known), label("算力租用 ", known)), (Ok(1), Ok(2), Ok(2)));
        assert!(label("x", known).unwrap_err().message.zh.contains("测试、算力"));
    }
}
