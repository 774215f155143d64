//! The policies a server knows.

use std::collections::BTreeMap;

use super::{Policy, PolicyError};
use crate::refusal::Refusal;

/// The id of the policy that a cycle gets when none is named.
pub const DEFAULT_POLICY_ID: &str = "kejifa-2023-16";

/// Every policy by its id; the default one is always among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    default: Policy,
    others: BTreeMap<String, Policy>,
}

impl Policies {
    /// The set of these policies.
    ///
    /// # Errors
    /// [`PolicyError::Duplicate`] when two share an id, [`PolicyError::DefaultMissing`] when none
    /// is [`DEFAULT_POLICY_ID`].
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Result<Self, PolicyError> {
        let mut by_id = BTreeMap::new();
        for policy in policies {
            if let Some(replaced) = by_id.insert(policy.id.clone(), policy) {
                return Err(PolicyError::Duplicate(replaced.id));
            }
        }
        let default =
            by_id.remove(DEFAULT_POLICY_ID).ok_or_else(|| PolicyError::DefaultMissing(DEFAULT_POLICY_ID.to_owned()))?;
        Ok(Self { default, others: by_id })
    }

    /// The set of these files, each given by its name and its content.
    ///
    /// # Errors
    /// What [`Policy::from_toml`] finds, with the name of the file, and what [`Policies::new`] does.
    pub fn from_files<N, C>(files: impl IntoIterator<Item = (N, C)>) -> Result<Self, PolicyError>
    where
        N: AsRef<str>,
        C: AsRef<str>,
    {
        let read = |(name, content): (N, C)| {
            Policy::from_toml(content.as_ref())
                .map_err(|error| PolicyError::InFile { file: name.as_ref().to_owned(), error: Box::new(error) })
        };
        Self::new(files.into_iter().map(read).collect::<Result<Vec<_>, _>>()?)
    }

    /// The policy of new cycles that name none.
    pub fn default_policy(&self) -> &Policy {
        &self.default
    }

    /// The policy of this id.
    pub fn get(&self, id: &str) -> Option<&Policy> {
        if id == self.default.id { Some(&self.default) } else { self.others.get(id) }
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
