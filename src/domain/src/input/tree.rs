//! JSON text into a tree, in which no object says the same thing twice and no text holds U+0000.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::fault;
use crate::refusal::{Refusal, RefusalCode};

/// Takes JSON text apart.
pub(super) fn read(text: &[u8]) -> Result<Value, Refusal> {
    let found = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let tree = Strict { found: &found }
        .deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track))
        .and_then(|tree| json.end().map(|()| tree));
    tree.map_err(|error| match found.take() {
        Some(Found::Repeated(key)) => fault::repeated(&track.path().to_string(), &key),
        Some(Found::Nul) => fault::nul(&track.path().to_string()),
        None => malformed(&error),
    })
}

fn malformed(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() {
        return Refusal::new(
            RefusalCode::MalformedRequest,
            format!("请求内容不是完整的 JSON:在第 {line} 行第 {column} 列中断。"),
            format!("The body is not whole JSON: it breaks off at line {line}, column {column}."),
        );
    }
    let reason = error.to_string();
    // The reason ends with the place, which is said in words of our own.
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
    Refusal::new(
        RefusalCode::MalformedRequest,
        format!("请求内容不是正确的 JSON:第 {line} 行第 {column} 列有误({reason})。"),
        format!("The body is not right JSON at line {line}, column {column}: {reason}."),
    )
}

/// What is wrong with JSON that is JSON.
enum Found {
    /// A key that is there twice.
    Repeated(String),
    /// U+0000, which PostgreSQL cannot keep in a text.
    Nul,
}

/// Reads any JSON and stops at the first of these faults, which it leaves in `found`.
#[derive(Clone, Copy)]
struct Strict<'a> {
    found: &'a RefCell<Option<Found>>,
}

impl Strict<'_> {
    fn text<E: Error>(self, value: String) -> Result<String, E> {
        if value.contains('\0') {
            self.found.replace(Some(Found::Nul));
            return Err(E::custom("U+0000 in a text"));
        }
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.text(value).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut tree = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            tree.push(item);
        }
        Ok(Value::Array(tree))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut tree = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let key = self.text(key)?;
            if tree.contains_key(&key) {
                self.found.replace(Some(Found::Repeated(key)));
                return Err(A::Error::custom("a key is there twice"));
            }
            let value = entries.next_value_seed(self)?;
            tree.insert(key, value);
        }
        Ok(Value::Object(tree))
    }
}
