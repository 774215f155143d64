//! Exactly which rules something was found by.

use sha2::{Digest, Sha256};

use super::{Policy, PolicyError};
use crate::hexadecimal::hexadecimal;

/// How much of the digest names an edition: enough that no two of a programme are ever alike.
const DIGITS: usize = 16;

/// How applicants are judged: what decides besides the numbers of the policy, anniversaries included.
const RULES: [&str; 6] = [
    include_str!("../applicant/eligibility.rs"),
    include_str!("../applicant/enterprise.rs"),
    include_str!("../applicant/team.rs"),
    include_str!("../applicant/profile.rs"),
    include_str!("../finding.rs"),
    include_str!("../period/day.rs"),
];

/// The name of a policy's edition: its id, and a digest of all that its file and the rules of this release say. What
/// was found by another edition is found anew: the rules may have been mended.
///
/// # Errors
/// [`PolicyError::Unreadable`] when the policy cannot be written down.
pub(super) fn edition(policy: &Policy) -> Result<String, PolicyError> {
    let numbers = serde_json::to_string(policy).map_err(|error| PolicyError::Unreadable(error.to_string()))?;
    Ok(named(&policy.id, &numbers, &RULES))
}

fn named(id: &str, numbers: &str, rules: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in rules.iter().chain([&numbers]) {
        digest.update(part);
        digest.update([0]);
    }
    let digest = hexadecimal(&digest.finalize());
    format!("{id}@{}", digest.get(..DIGITS).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = include_str!("../../../../config/policies/kejifa-2023-16.toml");

    fn edition_of(file: &str) -> String {
        edition(&Policy::from_toml(file).unwrap()).unwrap()
    }

    #[test]
    fn has_the_policys_id_and_sixteen_digits() {
        let name = edition_of(SEED);
        let digits = name.strip_prefix("kejifa-2023-16@").unwrap();
        assert!(digits.len() == 16 && digits.chars().all(|digit| digit.is_ascii_hexdigit()), "{name}");
    }

    #[test]
    fn changes_with_every_number_and_not_with_a_comment() {
        assert_eq!(edition_of(&format!("# 注\n{SEED}")), edition_of(SEED));
        for (line, other) in [("max_employees = 500", "max_employees = 499"), ("ban_years = 3", "ban_years = 4")] {
            assert!(SEED.contains(line), "the seed file has no {line}");
            assert_ne!(edition_of(&SEED.replace(line, other)), edition_of(SEED), "{other}");
        }
    }

    #[test]
    fn changes_with_the_rules_of_the_release() {
        assert_eq!(named("p", "{}", &["one", "two"]), named("p", "{}", &["one", "two"]));
        assert_ne!(named("p", "{}", &["one", "two"]), named("p", "{}", &["one", "too"]));
    }
}
