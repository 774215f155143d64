//! Closed sets of words: each value has one stable code, the same in the API, the store and the log.

/// A value out of a closed set, written as a stable snake_case code.
pub trait Code: Copy + Eq + Sized + 'static {
    /// What a value of this set is called, for messages (`voucher status`).
    const SET: &'static str;
    /// Every value, in the order of its life or of the regulation.
    const ALL: &'static [Self];
    /// The code of this value.
    fn code(self) -> &'static str;
    /// The value of a code; `None` where the set has no such code.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// Declares an enum whose values are codes: serde, `Display`, [`Code`] and the OpenAPI enum at once.
#[macro_export]
macro_rules! coded_enum {
    (
        $(#[doc = $doc:literal])* pub enum $name:ident ($set:literal) {
            $($(#[doc = $variant_doc:literal])* $variant:ident = $code:literal,)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[doc = $variant_doc])* #[serde(rename = $code)] $variant,)+
        }

        impl $crate::code::Code for $name {
            const SET: &'static str = $set;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::code::Code::code(*self))
            }
        }

        // Made from the codes: a derived schema would name the variants as Rust does.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let meanings = [$(($code, concat!($($variant_doc),*)),)+];
                $crate::code::schema(concat!($($doc),*), &meanings)
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

/// The schema of a set of codes, with what each of them means.
pub fn schema(
    meaning: &str,
    codes: &[(&'static str, &'static str)],
) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
    let lines = codes.iter().map(|(code, meaning)| format!("- `{code}`: {}", meaning.trim()));
    let description = format!("{}\n\n{}", meaning.trim(), lines.collect::<Vec<_>>().join("\n"));
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .enum_values(Some(codes.iter().map(|(code, _)| *code)))
        .description(Some(description))
        .into()
}

#[cfg(test)]
mod tests {
    use super::Code;

    coded_enum! {
        /// The seasons that
        /// there are.
        pub enum Season ("season") {
            /// Warm.
            HighSummer = "high_summer",
            /// Cold.
            Winter = "winter",
        }
    }

    #[test]
    fn a_value_is_its_code_everywhere() {
        for season in Season::ALL {
            assert_eq!(serde_json::to_value(season).unwrap(), season.code());
            assert_eq!(serde_json::from_value::<Season>(season.code().into()).unwrap(), *season);
            assert_eq!(Season::from_code(&season.to_string()), Some(*season));
        }
        assert_eq!(Season::from_code("HighSummer"), None);
    }

    #[test]
    fn its_schema_names_the_codes() {
        let schema = serde_json::to_value(<Season as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(
            (&schema["type"], &schema["enum"][0], &schema["enum"][1]),
            (&"string".into(), &"high_summer".into(), &"winter".into())
        );
        let description = schema["description"].as_str().unwrap();
        assert_eq!(description, "The seasons that there are.\n\n- `high_summer`: Warm.\n- `winter`: Cold.");
        assert_eq!(<Season as utoipa::ToSchema>::name(), "Season");
    }
}
