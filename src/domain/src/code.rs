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
    ($(#[$meta:meta])* pub enum $name:ident ($set:literal) { $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $code)] $variant,)+
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
    };
}
