//! 统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check character.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;
use crate::text::Text;

/// The digits of the code; a character's place is its value. I, O, S, V and Z are left out.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The size of the alphabet, a prime: every single wrong character changes the sum.
const MODULUS: u32 = 31;
/// The weight of a character is this to the power of its place.
const WEIGHT_BASE: u32 = 3;
const LENGTH: usize = 18;

/// A unified social credit code whose check character is right, in capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc(String);

/// Why a text is not a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsccError {
    /// Not 18 characters.
    Length {
        /// How many there are.
        characters: usize,
    },
    /// A character that the standard does not use.
    Character {
        /// The character.
        character: char,
        /// Its place, counted from 1.
        place: usize,
    },
    /// The check character does not fit the others: something is mistyped.
    CheckCharacter,
}

impl Uscc {
    /// Reads a code; blanks around it and lower case are forgiven.
    ///
    /// # Errors
    /// [`UsccError`] with what is wrong.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = text.trim().to_ascii_uppercase();
        let characters = code.chars().count();
        if characters != LENGTH {
            return Err(UsccError::Length { characters });
        }
        let first_17: String = code.chars().take(LENGTH.saturating_sub(1)).collect();
        let expected = check_character(&first_17)?;
        let last = code.chars().next_back().unwrap_or_default();
        value_of(last).ok_or(UsccError::Character { character: last, place: LENGTH })?;
        if last == expected { Ok(Self(code)) } else { Err(UsccError::CheckCharacter) }
    }

    /// The code that begins with these 17 characters.
    ///
    /// # Errors
    /// [`UsccError`] when they are not 17, or one is not of the standard.
    pub fn from_first_17(first_17: &str) -> Result<Self, UsccError> {
        let mut code = first_17.to_ascii_uppercase();
        code.push(check_character(&code)?);
        Self::parse(&code)
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check character that belongs to what precedes it.
fn check_character(preceding: &str) -> Result<char, UsccError> {
    let mut sum = 0_u32;
    let mut weight = 1_u32;
    for (index, character) in preceding.chars().enumerate() {
        let place = index.saturating_add(1);
        let value = value_of(character).ok_or(UsccError::Character { character, place })?;
        // Both stay below 31, so that nothing here comes near an overflow.
        sum = sum.saturating_add(value.saturating_mul(weight)).rem_euclid(MODULUS);
        weight = weight.saturating_mul(WEIGHT_BASE).rem_euclid(MODULUS);
    }
    let value = MODULUS.saturating_sub(sum).rem_euclid(MODULUS);
    let index = usize::try_from(value).unwrap_or_default();
    Ok(ALPHABET.chars().nth(index).unwrap_or_default())
}

fn value_of(character: char) -> Option<u32> {
    ALPHABET.chars().position(|known| known == character).and_then(|place| u32::try_from(place).ok())
}

impl UsccError {
    /// The stable name of the rule that is broken.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Length { .. } => "uscc_length",
            Self::Character { .. } => "uscc_character",
            Self::CheckCharacter => "uscc_check_digit",
        }
    }

    /// What is wrong and what would be right.
    pub fn text(self) -> Text {
        match self {
            Self::Length { characters } => Text::new(
                format!("统一社会信用代码应为 18 位,现为 {characters} 位。"),
                format!("A unified social credit code has 18 characters; this one has {characters}."),
            ),
            Self::Character { character, place } => Text::new(
                format!(
                    "统一社会信用代码第 {place} 位不能是“{character}”,只能使用数字和除 I、O、S、V、Z 外的大写字母。"
                ),
                format!(
                    "Character {place} of the unified social credit code cannot be “{character}”: \
                     digits and capital letters but I, O, S, V and Z are used."
                ),
            ),
            Self::CheckCharacter => Text::new(
                "统一社会信用代码的校验位不正确,请对照营业执照核对。",
                "The check character of the unified social credit code is not right; \
                 please compare it with the business licence.",
            ),
        }
    }

    /// The refusal of a request whose field holds this.
    pub fn into_refusal(self, field: &str) -> Refusal {
        let text = self.text();
        Refusal::field(field, self.rule(), text.zh, text.en)
    }
}

/// Both languages, as [`crate::input`] expects them.
impl fmt::Display for UsccError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        write!(f, "{} / {}", text.zh, text.en)
    }
}

impl std::error::Error for UsccError {}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Uscc {
    type Error = UsccError;

    fn try_from(text: String) -> Result<Self, UsccError> {
        Self::parse(&text)
    }
}

impl From<Uscc> for String {
    fn from(code: Uscc) -> Self {
        code.0
    }
}

impl utoipa::PartialSchema for Uscc {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Uscc {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn genuine_codes_are_read() {
        for code in [
            "91110108551385082Q", // 小米科技
            "91110000802100433B", // 百度网讯
            "914403001922038216", // 华为技术
            "9144030071526726XG", // 腾讯
        ] {
            assert_eq!(Uscc::parse(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn lower_case_and_blanks_around_are_forgiven() {
        assert_eq!(Uscc::parse(" 91110108551385082q ").unwrap().to_string(), "91110108551385082Q");
    }

    #[test]
    fn what_is_wrong_is_said_in_both_languages() {
        assert_eq!(Uscc::parse("911100001000018145"), Err(UsccError::CheckCharacter));
        assert_eq!(Uscc::parse(""), Err(UsccError::Length { characters: 0 }));
        assert_eq!(Uscc::parse("91110108551385082QQ"), Err(UsccError::Length { characters: 19 }));
        assert_eq!(Uscc::parse("91110108551385082O"), Err(UsccError::Character { character: 'O', place: 18 }));
        assert_eq!(Uscc::parse("9111010855138508科Q"), Err(UsccError::Character { character: '科', place: 17 }));
        let refusal = UsccError::CheckCharacter.into_refusal("organization.uscc");
        assert_eq!(refusal.fields[0].field, "organization.uscc");
        assert_eq!(refusal.fields[0].rule, "uscc_check_digit");
    }

    #[test]
    fn is_json_text_and_refused_there_too() {
        let code: Uscc = serde_json::from_str("\"91110108551385082Q\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"91110108551385082Q\"");
        assert!(serde_json::from_str::<Uscc>("\"91110108551385082R\"").is_err());
    }

    proptest! {
        #[test]
        fn every_change_of_one_character_is_noticed(
            values in proptest::collection::vec(0_usize..31, 17), place in 0_usize..18, shift in 1_usize..31,
        ) {
            let alphabet: Vec<char> = ALPHABET.chars().collect();
            let first_17: String = values.iter().map(|value| alphabet[*value]).collect();
            let code = Uscc::from_first_17(&first_17).unwrap();
            let mut changed: Vec<char> = code.as_str().chars().collect();
            let value = alphabet.iter().position(|known| *known == changed[place]).unwrap();
            changed[place] = *alphabet.iter().cycle().skip(value).nth(shift).unwrap();
            let changed: String = changed.into_iter().collect();
            prop_assert_eq!(Uscc::parse(&changed), Err(UsccError::CheckCharacter));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = Uscc::parse(&text);
        }
    }
}
