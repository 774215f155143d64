//! What a use case answers, before it is written to the wire.

use serde::{Deserialize, Serialize};
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
    /// JSON as a text that says the same in both languages.
    Written(Written),
    /// A file.
    File(Download),
}

/// JSON as a text, with what its headers repeat.
#[derive(Debug, Clone)]
pub struct Written {
    /// The text.
    pub text: String,
    /// The version of the thing answered, where it has one.
    pub version: Option<i64>,
}

/// What begins a message with two wordings, wherever it is; a text within a text has its quotes escaped.
const WORDING: &str = "\"zh\":";

impl Written {
    /// The text, unless a wording in it has still to be chosen or it says something of the answer itself.
    fn of(text: String) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Marks {
            version: Option<i64>,
            retry_after_seconds: Option<i64>,
        }
        if !text.starts_with('{') || text.contains(WORDING) {
            return Err(text);
        }
        match serde_json::from_str::<Marks>(&text) {
            Ok(Marks { version, retry_after_seconds: None }) => Ok(Self { text, version }),
            Ok(Marks { retry_after_seconds: Some(_), .. }) | Err(_) => Err(text),
        }
    }
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

    /// A JSON answer, written at once: in a rush a tree of values in between would cost more than the rest.
    ///
    /// # Errors
    /// Internal, when the view has no JSON form.
    pub fn written<V: Serialize>(status: u16, view: &V) -> Outcome<Self> {
        let text = serde_json::to_string(view)
            .map_err(|error| Failure::internal(format!("a view has no JSON form: {error}")))?;
        Self::kept(status, text)
    }

    /// The answer that was kept as this text; an empty text is an empty body.
    ///
    /// # Errors
    /// Internal, when the text is no JSON.
    pub fn kept(status: u16, text: String) -> Outcome<Self> {
        if text.is_empty() {
            return Ok(Self { status, body: Body::Empty });
        }
        let body = match Written::of(text) {
            Ok(written) => Body::Written(written),
            Err(text) => Body::Json(
                serde_json::from_str(&text)
                    .map_err(|error| Failure::internal(format!("a kept answer is no JSON: {error}")))?,
            ),
        };
        Ok(Self { status, body })
    }

    /// The text that a JSON answer is kept as; empty for any other.
    pub fn to_keep(&self) -> String {
        match &self.body {
            Body::Json(value) => value.to_string(),
            Body::Written(written) => written.text.clone(),
            Body::Empty | Body::File(_) => String::new(),
        }
    }

    /// The entity tag of the thing answered: its `version`, where it has one.
    pub fn etag(&self) -> Option<String> {
        let version = match &self.body {
            Body::Json(value) => value.get("version").and_then(Value::as_i64),
            Body::Written(written) => written.version,
            Body::Empty | Body::File(_) => None,
        };
        version.map(|version| format!("\"{version}\""))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Answer {
        Answer::kept(200, text.to_owned()).unwrap()
    }

    #[test]
    fn a_text_without_wordings_is_answered_as_it_is() {
        let text = r#"{"name":"say \"zh\": no","version":7,"inner":{"version":8}}"#;
        let answer = kept(text);
        assert!(matches!(&answer.body, Body::Written(written) if written.text == text));
        assert_eq!((answer.etag().as_deref(), answer.to_keep().as_str()), (Some("\"7\""), text));
        assert_eq!(kept(r#"{"inner":{"version":8}}"#).etag(), None);
    }

    #[test]
    fn what_has_still_to_be_put_into_words_or_headers_is_taken_apart() {
        for text in [r#"{"message":{"zh":"是","en":"yes"},"version":7}"#, r#"{"retry_after_seconds":1,"version":7}"#] {
            let answer = kept(text);
            assert!(matches!(answer.body, Body::Json(_)), "{text}");
            assert_eq!(answer.etag().as_deref(), Some("\"7\""));
        }
        assert!(matches!(kept("[1]").body, Body::Json(_)));
        assert!(matches!(kept("").body, Body::Empty));
        assert!(Answer::kept(200, "no JSON".to_owned()).is_err());
    }
}
