//! Names with texts, as a query has them, into a value: what a number or a date is written as is read
//! from its text, and faults are told in the same words as those of a body.

use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::fault::{self, ShapeFault};
use crate::refusal::Refusal;

/// Reads parameters, each given once.
///
/// # Errors
/// As [`decode`](super::decode), but for what only JSON can have wrong.
pub fn decode_pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, Refusal> {
    for (at, (name, text)) in pairs.iter().enumerate() {
        if name.contains('\0') || text.contains('\0') {
            return Err(fault::nul(name));
        }
        if pairs.iter().take(at).any(|(earlier, _)| earlier == name) {
            return Err(fault::repeated(".", name));
        }
    }
    let entries = MapDeserializer::new(pairs.iter().map(|(name, text)| (name.as_str(), Words(text))));
    serde_path_to_error::deserialize(entries).map_err(|error| {
        let path = error.path().to_string();
        fault::refusal(&path, error.into_inner())
    })
}

/// The text of one parameter.
#[derive(Clone, Copy)]
struct Words<'de>(&'de str);

impl<'de> IntoDeserializer<'de, ShapeFault> for Words<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Words<'_> {
    /// What is not a whole number at all has the wrong type; a number that does not fit is out of range.
    fn no_integer(self, expected: &dyn Expected) -> ShapeFault {
        let digits = self.0.strip_prefix('-').unwrap_or(self.0);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            // Digits alone always make a number, if only an infinite one.
            let number = self.0.parse().unwrap_or(f64::INFINITY);
            ShapeFault::invalid_value(Unexpected::Float(number), expected)
        } else {
            ShapeFault::invalid_type(Unexpected::Str(self.0), expected)
        }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:literal;)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeFault> {
            match self.0.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(self.no_integer(&$type)),
            }
        })+
    };
}

impl<'de> Deserializer<'de> for Words<'de> {
    type Error = ShapeFault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeFault> {
        // A date or an id that cannot be read says why, but not what it should have been.
        let as_expected: &dyn Expected = &visitor;
        let expected = as_expected.to_string();
        if let Some(fault) = ShapeFault::of_day(self.0, &expected) {
            return Err(fault);
        }
        visitor.visit_borrowed_str(self.0).map_err(|fault: ShapeFault| fault.expecting(expected))
    }

    integers! {
        deserialize_u8 visit_u8 "u8";
        deserialize_u16 visit_u16 "u16";
        deserialize_u32 visit_u32 "u32";
        deserialize_u64 visit_u64 "u64";
        deserialize_i32 visit_i32 "i32";
        deserialize_i64 visit_i64 "i64";
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeFault> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(ShapeFault::invalid_type(Unexpected::Str(self.0), &"a boolean")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeFault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeFault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeFault> {
        visitor.visit_enum(StrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}
