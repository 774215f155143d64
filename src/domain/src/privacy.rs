//! Personal details (个人信息保护法 第二十八、五十一条): where they are kept, and how much of them is shown.
//!
//! A telephone number, an account, the contact of an objector are stored sealed under a key and shown
//! masked, but to the few who need them whole. An e-mail address is what people log in with and are
//! written to, and a name is what they act under: those are kept as they are.

mod correction;
mod mask;

use std::fmt;

use serde::Deserialize;

use crate::code::Code;
use crate::coded_enum;

pub use correction::{
    CorrectionDecision, CorrectionField, CorrectionForm, CorrectionStatus, decide_correction, validate_correction,
};
pub use mask::{masked_contact, masked_name, masked_number};

coded_enum! {
    /// Where a personal detail is kept: table and column. What was sealed for one place and row opens
    /// at no other.
    pub enum Place ("place of a personal detail") {
        /// The telephone number of an account.
        UserPhone = "users.phone",
        /// The number of the bank account that a facility is paid to.
        FacilityAccount = "facilities.payee_account",
        /// What a facility wants changed, its bank account included.
        ChangeProposed = "facility_changes.proposed",
        /// The bank account as it was when a payment was prepared.
        LineAccount = "disbursement_lines.payee_account",
        /// Who objects to what is published.
        ObjectionName = "objections.name",
        /// How to reach who objects.
        ObjectionContact = "objections.contact",
        /// What somebody wants corrected of what is held about them.
        CorrectionProposed = "corrections.proposed",
    }
}

impl Place {
    /// Its table and column.
    pub fn table_and_column(self) -> (&'static str, &'static str) {
        self.code().split_once('.').unwrap_or_default()
    }

    /// Whether equal details are looked for without opening all of them.
    pub fn is_indexed(self) -> bool {
        match self {
            Self::UserPhone => true,
            Self::FacilityAccount
            | Self::ChangeProposed
            | Self::LineAccount
            | Self::ObjectionName
            | Self::ObjectionContact
            | Self::CorrectionProposed => false,
        }
    }
}

/// How much of a personal detail is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// As much as tells one from another.
    Masked,
    /// All of it.
    Whole,
}

/// A personal detail in the clear. It is never printed, and cannot be written as JSON by accident.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// A detail as somebody gave it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole detail: to seal it, to check its form, or for who may see it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The detail without the blanks around it.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self(self.0.trim().to_owned())
    }

    /// The detail as it is shown.
    pub fn shown(&self, place: Place, disclosure: Disclosure) -> String {
        match (disclosure, place) {
            (Disclosure::Whole, _) => self.0.clone(),
            (Disclosure::Masked, Place::UserPhone) => masked_number(&self.0, 3, 4),
            (Disclosure::Masked, Place::FacilityAccount | Place::LineAccount) => masked_number(&self.0, 4, 4),
            (Disclosure::Masked, Place::ObjectionName) => masked_name(&self.0),
            (Disclosure::Masked, Place::ObjectionContact | Place::ChangeProposed | Place::CorrectionProposed) => {
                masked_contact(&self.0)
            }
        }
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(…)")
    }
}

/// What is stored of a personal detail: the id of a key, and the detail encrypted under it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(String);

const MARK: &str = "sealed:1:";

impl Sealed {
    /// Of a detail encrypted under the key of this id.
    pub fn new(key_id: &str, encrypted: &str) -> Self {
        Self(format!("{MARK}{key_id}:{encrypted}"))
    }

    /// As it is stored. What was stored before details were sealed has no key.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it is stored.
    pub fn stored(&self) -> &str {
        &self.0
    }

    /// The id of the key and the encrypted detail; nothing where it was never sealed.
    pub fn parts(&self) -> Option<(&str, &str)> {
        self.0.strip_prefix(MARK)?.split_once(':')
    }

    /// What everything sealed under the key of this id begins with.
    pub fn beginning(key_id: &str) -> String {
        format!("{MARK}{key_id}:")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({})", self.parts().map_or("not sealed", |(key_id, _)| key_id))
    }
}

/// The digits that make two telephone numbers one, without the country's code and the leading zeros:
/// `+86 10-6275 0001` and `010-62750001`. Nothing where nothing is left.
pub fn phone_key(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let is_international = phone.trim_start().starts_with('+') || digits.starts_with("00") || digits.len() >= 12;
    let digits = digits.trim_start_matches('0');
    let local = if is_international { digits.strip_prefix("86").unwrap_or(digits) } else { digits };
    local.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_neither_printed_nor_told_by_what_is_stored() {
        assert_eq!(format!("{:?}", Personal::new("13800138000")), "Personal(…)");
        assert_eq!(format!("{:?}", Sealed::new("2026a", "xyz")), "Sealed(2026a)");
        assert_eq!(format!("{:?}", Sealed::from_stored("13800138000".to_owned())), "Sealed(not sealed)");
    }

    #[test]
    fn what_is_sealed_names_its_key() {
        let sealed = Sealed::new("2026a", "xyz");
        assert_eq!(sealed.parts(), Some(("2026a", "xyz")));
        assert!(sealed.stored().starts_with(&Sealed::beginning("2026a")));
        assert_eq!(Sealed::from_stored("13800138000".to_owned()).parts(), None);
        assert_eq!(Sealed::from_stored("sealed:1:".to_owned()).parts(), None);
    }

    #[test]
    fn every_place_is_a_table_and_a_column() {
        for place in Place::ALL {
            let (table, column) = place.table_and_column();
            assert!(!table.is_empty() && !column.is_empty(), "{place}");
        }
    }

    #[test]
    fn a_number_is_one_however_it_is_written() {
        for written in ["010-62750001", "+86 10 6275 0001", "0086-10-62750001", "86 010 62750001", "1062750001"] {
            assert_eq!(phone_key(written), "1062750001", "{written}");
        }
        assert_eq!(phone_key("13800138000"), phone_key("+86 138-0013-8000"));
        assert_eq!(phone_key("00-0"), "");
    }
}
