//! A request as the use cases' side of HTTP needs it: no sockets, no framework types.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use voucher_domain::input;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_domain::text::Language;

use crate::services::Precondition;
use crate::services::ports::Upload;

/// The parameter that asks for a trial, where a route offers one.
pub const DRY_RUN: &str = "dry_run";
/// The largest key a client may send.
const MAX_KEY_CHARACTERS: usize = 200;

/// What came over the wire, taken apart.
#[derive(Debug, Clone, Default)]
pub struct RawRequest {
    /// The method.
    pub method: String,
    /// The path with its parameters filled in.
    pub path: String,
    /// The path's parameters by name.
    pub parameters: BTreeMap<String, String>,
    /// The query, still encoded.
    pub query: String,
    /// The body, or nothing.
    pub body: Vec<u8>,
    /// An uploaded file, where the route takes one.
    pub upload: Option<Upload>,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `Accept-Language`.
    pub accept_language: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The address the request came from.
    pub peer: String,
    /// The request's id.
    pub request_id: Uuid,
}

impl RawRequest {
    /// The body as a `T`; every field it does not know is refused by name.
    pub fn decode_body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        // Only a body that says it is something else is refused: command-line clients often say nothing.
        if let Some(kind) = &self.content_type
            && !is_json(kind)
        {
            return Err(Refusal::new(
                RefusalCode::UnsupportedMediaType,
                "请求体应为 JSON(Content-Type: application/json)。",
                "The body must be JSON (Content-Type: application/json).",
            ));
        }
        // Nothing says as much as an object with nothing in it: what is required is then named.
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return input::decode(b"{}");
        }
        input::decode(&self.body)
    }

    /// The body of a route that takes none: nothing, or an object with nothing in it.
    pub fn expect_no_body(&self) -> Result<(), Refusal> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct NoFields {}
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.decode_body::<NoFields>().map(|_| ())
    }

    /// The parameters of the query, decoded.
    pub fn parameters_of_query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The query as a `T`.
    pub fn decode_query<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let mut pairs = self.parameters_of_query();
        pairs.retain(|(name, _)| name != DRY_RUN);
        input::decode_pairs(&pairs)
    }

    /// Whether the checks are to be run and nothing is to be changed. What is neither yes nor no is
    /// refused: a trial must not become a claim by a slip of the finger.
    pub fn dry_run(&self) -> Result<bool, Refusal> {
        #[derive(serde::Deserialize)]
        struct Flag {
            #[serde(default)]
            dry_run: bool,
        }
        let mut pairs = self.parameters_of_query();
        pairs.retain(|(name, _)| name == DRY_RUN);
        input::decode_pairs::<Flag>(&pairs).map(|flag| flag.dry_run)
    }

    /// The id at this place of the path. What is no id is nothing's id.
    pub fn id(&self, name: &str) -> Result<Uuid, Refusal> {
        self.parameters.get(name).and_then(|text| Uuid::parse_str(text).ok()).ok_or_else(Refusal::not_found)
    }

    /// The text at this place of the path.
    pub fn word(&self, name: &str) -> Result<&str, Refusal> {
        self.parameters.get(name).map(String::as_str).ok_or_else(Refusal::not_found)
    }

    /// The language the answer is to be written in.
    pub fn language(&self) -> Language {
        preferred_language(self.accept_language.as_deref().unwrap_or_default())
    }

    /// The access token, if one was sent.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The version the change is meant for.
    pub fn precondition(&self) -> Result<Option<Precondition>, Refusal> {
        let Some(text) = self.if_match.as_deref().map(str::trim) else { return Ok(None) };
        if text == "*" {
            return Ok(Some(Precondition::Any));
        }
        let tag = text.strip_prefix("W/").unwrap_or(text);
        // A tag that was never ours matches no version: the answer is 412, as for an old one.
        Ok(Some(Precondition::Version(tag.trim_matches('"').parse().unwrap_or(-1))))
    }

    /// The idempotency key, if one was sent.
    pub fn idempotency_key(&self) -> Result<Option<&str>, Refusal> {
        let Some(key) = self.idempotency_key.as_deref().map(str::trim) else { return Ok(None) };
        if key.is_empty() || key.chars().count() > MAX_KEY_CHARACTERS {
            return Err(Refusal::field(
                "Idempotency-Key",
                "length",
                format!("应为 1 至 {MAX_KEY_CHARACTERS} 个字符,建议使用 UUID。"),
                format!("must have 1 to {MAX_KEY_CHARACTERS} characters; a UUID serves well."),
            ));
        }
        Ok(Some(key))
    }

    /// What makes two requests the same: method, path, query, body and upload.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.method.as_bytes(), self.path.as_bytes(), self.query.as_bytes(), &self.body] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        if let Some(upload) = &self.upload {
            hash.update(upload.name.as_bytes());
            hash.update(&upload.bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

/// The first of the languages we write that the reader names with the highest weight (RFC 9110 §12.5.4).
fn preferred_language(accept: &str) -> Language {
    let mut best = (Language::Chinese, 0.0_f32);
    for range in accept.split(',') {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight =
            parts.find_map(|part| part.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok())).unwrap_or(1.0);
        let language = match tag.split('-').next().unwrap_or_default() {
            "zh" => Language::Chinese,
            "en" => Language::English,
            _ => continue,
        };
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_unless_the_reader_prefers_english() {
        assert_eq!(preferred_language(""), Language::Chinese);
        assert_eq!(preferred_language("en-GB"), Language::English);
        assert_eq!(preferred_language("fr, de"), Language::Chinese);
        assert_eq!(preferred_language("en;q=0.5, zh-CN;q=0.9"), Language::Chinese);
        assert_eq!(preferred_language("zh;q=0.2, en;q=0.8"), Language::English);
        assert_eq!(preferred_language("*"), Language::Chinese);
        assert_eq!(preferred_language("en;q=nonsense"), Language::English);
    }

    #[test]
    fn a_foreign_tag_matches_nothing() {
        let request = RawRequest { if_match: Some("\"abc\"".into()), ..RawRequest::default() };
        assert_eq!(request.precondition(), Ok(Some(Precondition::Version(-1))));
        let request = RawRequest { if_match: Some("W/\"7\"".into()), ..RawRequest::default() };
        assert_eq!(request.precondition(), Ok(Some(Precondition::Version(7))));
    }

    #[test]
    fn requests_that_differ_anywhere_have_different_fingerprints() {
        let one =
            RawRequest { method: "POST".into(), path: "/a".into(), body: b"{}".to_vec(), ..RawRequest::default() };
        let other = RawRequest { path: "/a{}".into(), body: Vec::new(), ..one.clone() };
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint(), one.clone().fingerprint());
    }
}
