//! Reading what people send: JSON into a value of the domain, or a refusal that names the field,
//! the rule and what would be right, in both languages.
//!
//! Reading goes in two steps. [`tree`] takes the JSON apart and refuses what is malformed or says
//! something twice; [`node`] makes the wanted value of it, and keeps every fault as data, which
//! [`fault`] puts into words. The parameters of a query go the same way, as [`pairs`] of texts.
//!
//! A type of the domain whose reading can fail by a rule of its own says why in both languages, as
//! `Chinese / English`.

mod fault;
mod node;
mod pairs;
mod tree;

pub use pairs::decode_pairs;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::refusal::Refusal;

/// Reads the body of a request.
///
/// # Errors
/// `malformed_request` with line and column for what is not JSON; `unknown_field` with the field's
/// path and the known fields; `validation_failed` with the field's path and the rule: `required`,
/// `type`, `range`, `one_of`, `length`, `format`, `duplicate` for a key that is there twice, or `no_nul`
/// for a text that holds U+0000.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    decode_value(&tree::read(body)?)
}

/// Reads a value that is JSON already.
///
/// # Errors
/// As [`decode`], but for what only a text can have wrong.
pub fn decode_value<T: DeserializeOwned>(value: &Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(node::Node::new(value)).map_err(|error| {
        let path = error.path().to_string();
        fault::refusal(&path, error.into_inner())
    })
}

/// The refusal of a part of a request, with its fields named as in the whole: a fault of `members`
/// in a body's `profile` is one of `profile.members`.
#[must_use]
pub fn within(field: &str, mut refusal: Refusal) -> Refusal {
    for fault in &mut refusal.fields {
        fault.field = if fault.field == fault::WHOLE_BODY {
            field.to_owned()
        } else if fault.field.starts_with('[') {
            format!("{field}{}", fault.field)
        } else {
            format!("{field}.{}", fault.field)
        };
    }
    refusal
}

#[cfg(test)]
mod tests;
