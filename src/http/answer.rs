//! What a use case answers, before it is written to the wire.

use serde::Serialize;
use serde_json::Value;
use voucher_domain::text::Language;

use crate::services::ports::Download;
use crate::services::{Failure, Outcome};

/// An answer with its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What is answered.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing (204).
    Empty,
    /// JSON; messages in it still carry both languages.
    Json(Value),
    /// A file.
    File(Download),
}

impl Answer {
    /// A JSON answer.
    ///
    /// # Errors
    /// Internal, when the view has no JSON form.
    pub fn json<V: Serialize>(status: u16, view: &V) -> Outcome<Self> {
        let value = serde_json::to_value(view)
            .map_err(|error| Failure::internal(format!("a view has no JSON form: {error}")))?;
        Ok(Self { status, body: Body::Json(value) })
    }

    /// The answer that was kept as this text; an empty text is an empty body.
    ///
    /// # Errors
    /// Internal, when the text is no JSON.
    pub fn kept(status: u16, text: &str) -> Outcome<Self> {
        if text.is_empty() {
            return Ok(Self { status, body: Body::Empty });
        }
        let value = serde_json::from_str(text)
            .map_err(|error| Failure::internal(format!("a kept answer is no JSON: {error}")))?;
        Ok(Self { status, body: Body::Json(value) })
    }

    /// The text that a JSON answer is kept as; empty for any other.
    pub fn to_keep(&self) -> String {
        match &self.body {
            Body::Json(value) => value.to_string(),
            Body::Empty | Body::File(_) => String::new(),
        }
    }

    /// The entity tag of the thing answered: its `version`, where it has one.
    pub fn etag(&self) -> Option<String> {
        match &self.body {
            Body::Json(value) => value.get("version").and_then(Value::as_i64).map(|version| format!("\"{version}\"")),
            Body::Empty | Body::File(_) => None,
        }
    }
}

/// Puts one wording in the place of every message with two.
pub fn localize(value: &mut Value, language: Language) {
    match value {
        Value::Object(map) => {
            if map.len() == 2
                && let (Some(Value::String(zh)), Some(Value::String(en))) = (map.get("zh"), map.get("en"))
            {
                let wording = match language {
                    Language::Chinese => zh,
                    Language::English => en,
                };
                *value = Value::String(wording.clone());
                return;
            }
            map.values_mut().for_each(|inner| localize(inner, language));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| localize(inner, language)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
