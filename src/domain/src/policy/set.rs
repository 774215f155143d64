//! The policies a server knows.

use std::collections::BTreeMap;

use super::edition::edition;
use super::{Policy, PolicyError};
use crate::refusal::Refusal;

/// The id of the policy that a cycle gets when none is named.
pub const DEFAULT_POLICY_ID: &str = "kejifa-2023-16";

/// Every policy by its id; the default one is always among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    default: Policy,
    others: BTreeMap<String, Policy>,
    editions: BTreeMap<String, String>,
}

impl Policies {
    /// The set of these policies.
    ///
    /// # Errors
    /// [`PolicyError::Duplicate`] when two share an id, [`PolicyError::DefaultMissing`] when none
    /// is [`DEFAULT_POLICY_ID`]; [`PolicyError::Unreadable`] when one cannot be written down for its edition.
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Result<Self, PolicyError> {
        let mut by_id = BTreeMap::new();
        for policy in policies {
            if let Some(replaced) = by_id.insert(policy.id.clone(), policy) {
                return Err(PolicyError::Duplicate(replaced.id));
            }
        }
        let editions = by_id.iter().map(|(id, policy)| Ok((id.clone(), edition(policy)?)));
        let editions = editions.collect::<Result<_, PolicyError>>()?;
        let default =
            by_id.remove(DEFAULT_POLICY_ID).ok_or_else(|| PolicyError::DefaultMissing(DEFAULT_POLICY_ID.to_owned()))?;
        Ok(Self { default, others: by_id, editions })
    }

    /// The policy of this id.
    pub fn get(&self, id: &str) -> Option<&Policy> {
        if id == self.default.id { Some(&self.default) } else { self.others.get(id) }
    }

    /// The name of exactly the rules of the policy of this id, as this release applies them.
    pub fn edition(&self, id: &str) -> Option<&str> {
        self.editions.get(id).map(String::as_str)
    }

    /// The policy that a request names in its field `policy`, or the default one.
    ///
    /// # Errors
    /// `validation_failed` on `policy`, naming those there are.
    pub fn named(&self, id: Option<&str>) -> Result<&Policy, Refusal> {
        let Some(id) = id else { return Ok(&self.default) };
        self.get(id).ok_or_else(|| {
            let known = self.iter().map(|policy| policy.id.as_str()).collect::<Vec<_>>().join(", ");
            Refusal::field(
                "policy",
                "one_of",
                format!("没有这项政策;可选的有:{known}。"),
                format!("There is no such policy; there are: {known}."),
            )
        })
    }

    /// Every policy, the default one first.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.default).chain(self.others.values())
    }
}
