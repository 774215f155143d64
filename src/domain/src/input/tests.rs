use chrono::NaiveDate;
use proptest::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::*;
use crate::applicant::{Region, Uscc};
use crate::money::Money;
use crate::period::Instant;
use crate::refusal::{FieldFault, RefusalCode};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    amount_fen: Money,
    #[serde(default)]
    count: Option<u32>,
    #[serde(default)]
    is_ready: bool,
    #[serde(default)]
    region: Option<Region>,
    #[serde(default)]
    day: Option<NaiveDate>,
    #[serde(default)]
    at: Option<Instant>,
    #[serde(default)]
    id: Option<Uuid>,
    #[serde(default)]
    uscc: Option<Uscc>,
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(default)]
    pair: Option<(u8, u8)>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    name: String,
}

fn refused(body: &str) -> Refusal {
    decode::<Body>(body.as_bytes()).unwrap_err()
}

/// The one field at fault, of a refusal for its form.
fn fault(body: &str) -> FieldFault {
    let refusal = refused(body);
    assert_eq!(refusal.code, RefusalCode::ValidationFailed, "{body}");
    assert_eq!(refusal.fields.len(), 1, "{body}");
    refusal.fields.into_iter().next().unwrap()
}

#[test]
fn a_good_body_is_read() {
    let body: Body = decode(
        br#"{"amount_fen": 5, "count": 1, "is_ready": true, "region": "hebei", "day": "2026-10-08", "id": null,
            "uscc": "91110108551385082Q", "parts": [{"name": "a"}], "pair": [1, 2]}"#,
    )
    .unwrap();
    assert_eq!(body.amount_fen, Money::from_fen(5));
    assert_eq!(body.region, Some(Region::Hebei));
    assert_eq!(body.parts, [Part { name: "a".to_owned() }]);
    assert_eq!((body.id, body.pair), (None, Some((1, 2))));
}

#[test]
fn what_is_not_json_is_malformed_with_its_place() {
    for (body, zh, en) in [
        ("{\n  \"amount_fen\": ,}", "第 2 行第 17 列", "line 2, column 17"),
        ("{\"amount_fen\": 1", "第 1 行第 16 列", "line 1, column 16"),
        ("", "第 1 行第 0 列", "line 1, column 0"),
        ("{\"amount_fen\": 1} x", "第 1 行第 19 列", "line 1, column 19"),
        ("{\"amount_fen\": 1e999}", "第 1 行", "number out of range"),
    ] {
        let refusal = refused(body);
        assert_eq!(refusal.code, RefusalCode::MalformedRequest, "{body}");
        assert!(refusal.message.zh.contains(zh), "{}", refusal.message.zh);
        assert!(refusal.message.en.contains(en), "{}", refusal.message.en);
        assert_eq!(refusal.message.en.matches("column").count(), 1, "{}", refusal.message.en);
    }
    assert_eq!(decode::<Body>(b"{\"amount_fen\": \"\xff\"}").unwrap_err().code, RefusalCode::MalformedRequest);
    assert_eq!(refused(&"[".repeat(100_000)).code, RefusalCode::MalformedRequest);
}

#[test]
fn an_unknown_field_is_named_with_those_there_are() {
    let refusal = refused(r#"{"amount_fen": 1, "parts": [{"name": "a"}, {"nom": "b"}]}"#);
    assert_eq!(refusal.code, RefusalCode::UnknownField);
    assert_eq!(refusal.fields[0].field, "parts[1].nom");
    assert!(refusal.message.zh.contains("parts[1].nom") && refusal.message.zh.contains("name"));
    assert!(refusal.message.en.contains("there are: name"));

    let refusal = refused(r#"{"amount_fen": 1, "a`, expected": 1}"#);
    assert_eq!(refusal.code, RefusalCode::UnknownField);
    assert_eq!(refusal.fields[0].field, "a`, expected");
}

#[test]
fn a_key_that_is_there_twice_is_refused_at_every_depth() {
    for (body, field) in [
        (r#"{"amount_fen": 1, "amount_fen": 2}"#, "amount_fen"),
        (r#"{"amount_fen": 1, "parts": [{"name": "a", "name": "a"}]}"#, "parts[0].name"),
        (r#"{"x": {"y": 1, "y": 1}}"#, "x.y"),
    ] {
        let fault = fault(body);
        assert_eq!((fault.field.as_str(), fault.rule.as_str()), (field, "duplicate"));
    }
}

#[test]
fn a_text_or_name_with_the_character_0_is_refused_at_every_depth() {
    for (body, field) in [
        (r#"{"amount_fen": 1, "uscc": "a\u0000"}"#, "uscc"),
        (r#"{"amount_fen": 1, "parts": [{"name": "\u0000"}]}"#, "parts[0].name"),
        (r#"{"x": [1, "\u0000"]}"#, "x[1]"),
    ] {
        let fault = fault(body);
        assert_eq!((fault.field.as_str(), fault.rule.as_str()), (field, "no_nul"), "{body}");
    }
    assert_eq!(fault(r#"{"parts\u0000": 1}"#).rule, "no_nul");
    assert!(decode::<Part>(br#"{"name": "\u0001\ud83d\ude00"}"#).is_ok());
    assert_eq!(refused(r#"{"uscc": "\ud83d"}"#).code, RefusalCode::MalformedRequest, "half a character");
}

#[test]
fn a_fault_names_the_path_the_rule_and_what_would_be_right() {
    for (body, field, rule, en) in [
        ("{}", "amount_fen", "required", "required"),
        (r#"{"amount_fen": 1, "parts": [{}]}"#, "parts[0].name", "required", "required"),
        (r#"{"amount_fen": "1"}"#, "amount_fen", "type", "a whole number"),
        (r#"{"amount_fen": 1.5}"#, "amount_fen", "type", "1.5"),
        (r#"{"amount_fen": null}"#, "amount_fen", "type", "null"),
        (r#"{"amount_fen": 9223372036854775808}"#, "amount_fen", "range", "9223372036854775807"),
        (r#"{"amount_fen": 99999999999999999999999}"#, "amount_fen", "range", "9223372036854775807"),
        (r#"{"amount_fen": 1, "count": -1}"#, "count", "range", "from 0 to 4294967295"),
        (r#"{"amount_fen": 1, "is_ready": "yes"}"#, "is_ready", "type", "true or false"),
        (r#"{"amount_fen": 1, "region": "paris"}"#, "region", "one_of", "beijing, tianjin, hebei, other"),
        (r#"{"amount_fen": 1, "region": 3}"#, "region", "type", "one of beijing"),
        (r#"{"amount_fen": 1, "day": "2026-02-30"}"#, "day", "format", "2026-10-08"),
        (r#"{"amount_fen": 1, "day": 20260230}"#, "day", "type", "2026-10-08"),
        (r#"{"amount_fen": 1, "day": "-9999-01-01"}"#, "day", "range", "years 1 to 9999"),
        (r#"{"amount_fen": 1, "day": "0000-12-31"}"#, "day", "range", "years 1 to 9999"),
        (r#"{"amount_fen": 1, "day": "+10000-01-01"}"#, "day", "range", "years 1 to 9999"),
        (r#"{"amount_fen": 1, "day": "+262142-12-31"}"#, "day", "range", "years 1 to 9999"),
        (r#"{"amount_fen": 1, "day": "+262144-01-01"}"#, "day", "format", "2026-10-08"),
        (r#"{"amount_fen": 1, "at": "2026-02-30"}"#, "at", "format", "2026-10-09T00:00:00+08:00"),
        (r#"{"amount_fen": 1, "id": "x"}"#, "id", "format", "UUID"),
        (r#"{"amount_fen": 1, "uscc": "91110108551385082R"}"#, "uscc", "format", "check character"),
        (r#"{"amount_fen": 1, "parts": {}}"#, "parts", "type", "an array"),
        (r#"{"amount_fen": 1, "parts": ["a"]}"#, "parts[0]", "type", "an object"),
        (r#"{"amount_fen": 1, "parts": [["a"]]}"#, "parts[0]", "type", "an object"),
        (r#"{"amount_fen": 1, "pair": [1, 2, 3]}"#, "pair", "length", "3 items"),
        ("[1]", "body", "type", "an object"),
    ] {
        let fault = fault(body);
        assert_eq!((fault.field.as_str(), fault.rule.as_str()), (field, rule), "{body}: {:?}", fault.message);
        assert!(fault.message.en.contains(en), "{body}: {}", fault.message.en);
        assert!(!fault.message.zh.is_empty());
    }
}

#[test]
fn the_first_and_the_last_day_are_read() {
    for day in ["0001-01-01", "9999-12-31"] {
        let body: Body = decode(format!(r#"{{"amount_fen": 1, "day": "{day}"}}"#).as_bytes()).unwrap();
        assert_eq!(body.day, Some(day.parse().unwrap()));
    }
    // Words that only look like a day stay words.
    assert_eq!(decode::<Part>(br#"{"name": "-9999-01-01"}"#).unwrap().name, "-9999-01-01");
}

#[test]
fn a_text_that_was_sent_is_not_repeated() {
    let refusal = refused(r#"{"amount_fen": "my secret word"}"#);
    assert!(!format!("{refusal:?}").contains("secret"));
}

#[test]
fn the_fields_of_a_part_are_named_as_in_the_whole() {
    let paths = |body: &str| within("profile", refused(body)).fields[0].field.clone();
    assert_eq!(paths(r#"{"amount_fen": "1"}"#), "profile.amount_fen");
    assert_eq!(paths("[]"), "profile");
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    limit: Option<u16>,
    most: Option<Money>,
    region: Option<Region>,
    on: Option<NaiveDate>,
    id: Option<Uuid>,
    text: Option<String>,
    is_open: Option<bool>,
}

fn parameters(pairs: &[(&str, &str)]) -> Result<Parameters, Refusal> {
    let pairs: Vec<_> = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    decode_pairs(&pairs)
}

#[test]
fn parameters_are_read_from_their_texts() {
    let read = parameters(&[
        ("limit", "20"),
        ("most", "-5"),
        ("region", "hebei"),
        ("on", "2026-10-08"),
        ("id", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("text", "20"),
        ("is_open", "true"),
    ]);
    let read = read.unwrap();
    assert_eq!((read.limit, read.most, read.region), (Some(20), Some(Money::from_fen(-5)), Some(Region::Hebei)));
    assert_eq!((read.on, read.text.as_deref()), (NaiveDate::from_ymd_opt(2026, 10, 8), Some("20")));
    assert_eq!((read.id.is_some(), read.is_open), (true, Some(true)));
    assert_eq!(parameters(&[]).unwrap().limit, None);
}

#[test]
fn a_parameter_that_is_not_right_is_named_with_what_would_be() {
    for (pair, rule, en) in [
        (("limit", "many"), "type", "a whole number from 0 to 65535"),
        (("limit", ""), "type", "a whole number"),
        (("limit", "-1"), "range", "the number -1"),
        (("limit", "65536"), "range", "from 0 to 65535"),
        (("most", "99999999999999999999"), "range", "9223372036854775807"),
        (("most", "1.5"), "type", "a whole number"),
        (("region", "paris"), "one_of", "beijing, tianjin, hebei, other"),
        (("on", "2026-02-30"), "format", "2026-10-08"),
        (("on", "-9999-01-01"), "range", "years 1 to 9999"),
        (("on", "+10000-01-01"), "range", "years 1 to 9999"),
        (("id", "x"), "format", "UUID"),
        (("is_open", "yes"), "type", "true or false"),
        (("text", "a\0"), "no_nul", "U+0000"),
    ] {
        let refusal = parameters(&[pair]).unwrap_err();
        let fault = &refusal.fields[0];
        assert_eq!((fault.field.as_str(), fault.rule.as_str()), (pair.0, rule), "{pair:?}: {fault:?}");
        assert!(fault.message.en.contains(en), "{pair:?}: {}", fault.message.en);
    }
    let twice = parameters(&[("limit", "1"), ("limit", "1")]).unwrap_err();
    assert_eq!((twice.fields[0].field.as_str(), twice.fields[0].rule.as_str()), ("limit", "duplicate"));
    assert_eq!(parameters(&[("page", "1")]).unwrap_err().code, RefusalCode::UnknownField);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode::<Body>(&bytes);
    }
}
