//! What is wrong with a part of a request, as data and then in words.

use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

use crate::period::{Day, in_range};
use crate::refusal::{FieldFault, Refusal, RefusalCode};
use crate::text::Text;

/// The field named where the whole body is meant.
pub(super) const WHOLE_BODY: &str = "body";

/// What a reader of a day says that it expects.
const DAY: &str = "a formatted date string";

/// So much of a name that somebody sent is repeated to them.
const MOST_CHARACTERS_SHOWN: usize = 200;

/// Why a value could not be made of a JSON tree.
#[derive(Debug)]
pub(super) enum ShapeFault {
    UnknownField { known: &'static [&'static str] },
    Missing { field: &'static str },
    Repeated { field: String },
    Type { found: Text, expected: Text },
    Range { found: Text, expected: Text },
    NotOneOf { known: &'static [&'static str] },
    Length { found: usize, expected: Text },
    Day,
    Own { reason: String, expected: Option<String> },
}

impl ShapeFault {
    /// With what would have been right, where the fault does not say so itself.
    pub(super) fn expecting(self, what: String) -> Self {
        match self {
            Self::Own { reason, expected: None } => Self::Own { reason, expected: Some(what) },
            other @ (Self::UnknownField { .. }
            | Self::Missing { .. }
            | Self::Repeated { .. }
            | Self::Type { .. }
            | Self::Range { .. }
            | Self::NotOneOf { .. }
            | Self::Length { .. }
            | Self::Day
            | Self::Own { .. }) => other,
        }
    }

    /// Nothing, where a day in the years 1 to 9999, or something else than a day, is read from this text.
    /// Others exist, but no instant can be reckoned from them, and no store keeps them.
    pub(super) fn of_day(text: &str, expected: &str) -> Option<Self> {
        let day: Day = if expected == DAY { text.parse().ok()? } else { return None };
        in_range(Some(day)).is_err().then_some(Self::Day)
    }

    /// Something that is not even a text, where one of these codes should be.
    pub(super) fn not_a_code(found: Unexpected<'_>, known: &'static [&'static str]) -> Self {
        let codes = known.join(", ");
        Self::Type {
            found: found_in_words(found),
            expected: Text::new(format!("下列之一:{codes}"), format!("one of {codes}")),
        }
    }
}

impl Display for ShapeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for ShapeFault {}

impl Error for ShapeFault {
    fn custom<T: Display>(reason: T) -> Self {
        Self::Own { reason: reason.to_string(), expected: None }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let is_whole_but_huge =
            matches!(found, Unexpected::Float(value) if value.fract() == 0.0 && value.abs() >= 9.2e18);
        let (found, wanted) = (found_in_words(found), expected_in_words(&expected));
        if is_whole_but_huge && integer_bounds(&expected).is_some() {
            Self::Range { found, expected: wanted }
        } else {
            Self::Type { found, expected: wanted }
        }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Range { found: found_in_words(found), expected: expected_in_words(&expected.to_string()) }
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Self::Length { found, expected: expected_in_words(&expected.to_string()) }
    }

    fn unknown_variant(_found: &str, known: &'static [&'static str]) -> Self {
        Self::NotOneOf { known }
    }

    fn unknown_field(_field: &str, known: &'static [&'static str]) -> Self {
        // The field's name is the end of its path.
        Self::UnknownField { known }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing { field }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Repeated { field: field.to_owned() }
    }
}

/// The refusal for a fault at this path.
pub(super) fn refusal(path: &str, fault: ShapeFault) -> Refusal {
    match fault {
        ShapeFault::UnknownField { known } => unknown_field(path, known),
        ShapeFault::Missing { field } => Refusal::field(&below(path, field), "required", "必填。", "is required."),
        ShapeFault::Repeated { field } => repeated(path, &field),
        ShapeFault::Type { found, expected } => mismatch(path, "type", &found, &expected),
        ShapeFault::Range { found, expected } => mismatch(path, "range", &found, &expected),
        ShapeFault::NotOneOf { known } => {
            let codes = known.join(", ");
            let (zh, en) = (format!("应为下列之一:{codes}。"), format!("must be one of {codes}."));
            Refusal::field(&at(path), "one_of", zh, en)
        }
        ShapeFault::Length { found, expected } => Refusal::field(
            &at(path),
            "length",
            format!("应为{},现有 {found} 项。", expected.zh),
            format!("must be {}, and has {found} items.", expected.en),
        ),
        ShapeFault::Day => {
            let (zh, en) = ("须在公元 1 年至 9999 年之间。", "must lie in the years 1 to 9999.");
            Refusal::field(&at(path), "range", zh, en)
        }
        ShapeFault::Own { reason, expected } => own(path, &reason, expected.as_deref()),
    }
}

/// The refusal of an object with a key that is there twice.
pub(super) fn repeated(path: &str, key: &str) -> Refusal {
    Refusal::field(&below(path, key), "duplicate", "重复出现,只能填写一次。", "is there twice; it may be given once.")
}

/// The refusal of a text with U+0000 in it.
pub(super) fn nul(path: &str) -> Refusal {
    let (zh, en) = ("不能含有空字符(U+0000)。", "must not contain the character U+0000.");
    Refusal::field(&at(path), "no_nul", zh, en)
}

fn unknown_field(path: &str, known: &'static [&'static str]) -> Refusal {
    let field = at(path);
    let known = known.join(", ");
    let (mut zh, mut en) = (format!("没有“{field}”这个字段"), format!("There is no field “{field}”"));
    if known.is_empty() {
        zh.push_str(";这里不接受任何字段。");
        en.push_str("; none is taken here.");
    } else {
        zh.push_str(&format!(";可用的字段有:{known}。"));
        en.push_str(&format!("; there are: {known}."));
    }
    let message = Text::new(zh, en);
    let mut refusal = Refusal::new(RefusalCode::UnknownField, message.zh.clone(), message.en.clone());
    refusal.fields = vec![FieldFault { field, rule: "unknown_field".to_owned(), message }];
    refusal
}

fn mismatch(path: &str, rule: &str, found: &Text, expected: &Text) -> Refusal {
    Refusal::field(
        &at(path),
        rule,
        format!("应为{},现为{}。", expected.zh, found.zh),
        format!("must be {}, and is {}.", expected.en, found.en),
    )
}

/// A rule of the type itself: in its own words where it has them in both languages, else by what
/// would have been right.
fn own(path: &str, reason: &str, expected: Option<&str>) -> Refusal {
    let field = at(path);
    if let Some((zh, en)) = reason.split_once(" / ") {
        return Refusal::field(&field, "format", zh, en);
    }
    match expected.map(expected_in_words) {
        Some(expected) => {
            let (zh, en) = (format!("格式不正确,应为{}。", expected.zh), format!("must be {}.", expected.en));
            Refusal::field(&field, "format", zh, en)
        }
        None => Refusal::field(&field, "format", format!("内容不正确({reason})。"), format!("is not right: {reason}.")),
    }
}

/// The path of a field; serde's `.` is the whole.
fn at(path: &str) -> String {
    if path == "." { WHOLE_BODY.to_owned() } else { path.chars().take(MOST_CHARACTERS_SHOWN).collect() }
}

fn below(path: &str, field: &str) -> String {
    let whole = if path == "." { field.to_owned() } else { format!("{path}.{field}") };
    at(&whole)
}

/// What was found, by its kind alone: a text is not repeated, it might be a password.
fn found_in_words(found: Unexpected<'_>) -> Text {
    match found {
        Unexpected::Bool(value) => Text::new(format!("布尔值 {value}"), format!("the boolean {value}")),
        Unexpected::Unsigned(value) => Text::new(format!("数字 {value}"), format!("the number {value}")),
        Unexpected::Signed(value) => Text::new(format!("数字 {value}"), format!("the number {value}")),
        Unexpected::Float(value) => Text::new(format!("数字 {value}"), format!("the number {value}")),
        Unexpected::Char(_) | Unexpected::Str(_) => Text::new("文本", "a text"),
        Unexpected::Unit | Unexpected::Option => Text::new("空值", "null"),
        Unexpected::Seq => Text::new("数组", "an array"),
        Unexpected::Map => Text::new("对象", "an object"),
        Unexpected::Bytes(_)
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => Text::new("其他内容", "something else"),
    }
}

/// What a reader expects, by the phrase it describes itself with.
fn expected_in_words(expected: &str) -> Text {
    if let Some((least, most)) = integer_bounds(expected) {
        return Text::new(format!("{least} 到 {most} 之间的整数"), format!("a whole number from {least} to {most}"));
    }
    if expected.contains("date and time") || expected.contains("RFC 3339") {
        return Text::new("时间,如 2026-10-09T00:00:00+08:00", "an instant such as 2026-10-09T00:00:00+08:00");
    }
    if expected.contains("date") {
        return Text::new("日期,如 2026-10-08", "a date such as 2026-10-08");
    }
    if expected.contains("UUID") {
        return Text::new(
            "编号(UUID),如 01890a5d-ac96-774b-bcce-b302099a8057",
            "an id (UUID) such as 01890a5d-ac96-774b-bcce-b302099a8057",
        );
    }
    match expected {
        "a string" | "a borrowed string" | "str" => Text::new("文本", "a text"),
        "a boolean" | "bool" => Text::new("true 或 false", "true or false"),
        "a sequence" | "a tuple" => Text::new("数组", "an array"),
        "a map" | "an object" => Text::new("对象", "an object"),
        "f64" | "f32" => Text::new("数字", "a number"),
        other => Text::new(other, other),
    }
}

/// The bounds of an integer type, by its name.
fn integer_bounds(name: &str) -> Option<(i128, i128)> {
    let (least, most): (i128, i128) = match name {
        "u8" => (u8::MIN.into(), u8::MAX.into()),
        "u16" => (u16::MIN.into(), u16::MAX.into()),
        "u32" => (u32::MIN.into(), u32::MAX.into()),
        "u64" | "usize" => (u64::MIN.into(), u64::MAX.into()),
        "i8" => (i8::MIN.into(), i8::MAX.into()),
        "i16" => (i16::MIN.into(), i16::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" | "isize" => (i64::MIN.into(), i64::MAX.into()),
        _ => return None,
    };
    Some((least, most))
}
