//! A message for people, in both languages; which one is shown is decided when it is answered.

use serde::{Deserialize, Serialize};

use crate::coded_enum;

/// A message in Chinese and in English. It travels and is stored with both; the outermost layer
/// picks one by `Accept-Language`, Chinese by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The Chinese message.
    pub zh: String,
    /// The English message.
    pub en: String,
}

coded_enum! {
    /// A language that messages are written in.
    pub enum Language ("language") {
        /// 中文, the default.
        Chinese = "zh",
        /// English, where the reader asks for it.
        English = "en",
    }
}

impl Text {
    /// A message from its two wordings.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The wording in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

impl utoipa::PartialSchema for Text {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        // A reader only ever sees one wording.
        <String as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Text {}
