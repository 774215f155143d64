//! 第十五条(四)、第十六条: whatever is drawn at random (experts, what is inspected) is drawn so that
//! nobody can arrange it, and anybody can draw the same again.
//!
//! Commit and reveal: the program thinks of a secret seed and publishes its SHA-256 before anybody knows
//! what it will be used for; a draw uses the seed that was committed before it, reveals it with the list it
//! drew from, and commits to the next. Whoever saw the commitment checks that the seed is the one. Where an
//! officer names the seed (a lottery's number of that evening), the commitment is left unused for the next
//! draw: nothing was published of that seed before, and it is shown without a commitment.
//!
//! Where one published seed draws several lists at once (a panel for each submission), the seed of each list
//! is the revealed one, a colon and the id of what the list is drawn for.
//!
//! How a list is drawn from: it is sorted by id. ChaCha20 is seeded with the SHA-256 of the seed's UTF-8
//! bytes. A Fisher–Yates shuffle runs from the front: for the places 0, 1, … up to the size, a number below
//! the count of those left is drawn, and the entry that far on is swapped into the place. A number below
//! `n` is a 64-bit output modulo `n`; outputs at and above the largest multiple of `n` that fits 64 bits are
//! drawn anew, so that none is favoured.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::coded_enum;
use crate::hexadecimal::hexadecimal;
use crate::refusal::{Faults, Refusal};

coded_enum! {
    /// What is drawn.
    pub enum DrawKind ("kind of draw") {
        /// Experts.
        Panel = "panel",
        /// What is inspected.
        SpotCheck = "spot_check",
        /// Whom the assessment visits (Art. 14.4).
        Visit = "visit",
    }
}

coded_enum! {
    /// What a spot check draws from.
    pub enum SpotScope ("scope of a spot check") {
        /// Contracts whose vouchers are neither free again nor void.
        Contracts = "contracts",
        /// Redemptions that were submitted and not withdrawn.
        Redemptions = "redemptions",
        /// Facilities that serve.
        Facilities = "facilities",
    }
}

const WHOLE_BPS: u16 = 10_000;

/// What is published of a seed before it is used: the SHA-256 of its UTF-8 bytes, in lower-case
/// hexadecimal.
pub fn seed_hash(seed: &str) -> String {
    hexadecimal(Sha256::digest(seed.as_bytes()).as_slice())
}

/// The seed of one of several lists that a revealed seed draws at once, as described at the head of this
/// file.
pub fn seed_of_part(revealed: &str, subject_id: Uuid) -> String {
    format!("{revealed}:{subject_id}")
}

/// What stands for a list: the SHA-256 of its entries in their order, each followed by a line feed.
pub fn list_hash(entries: &[String]) -> String {
    let mut hash = Sha256::new();
    for entry in entries {
        hash.update(entry);
        hash.update("\n");
    }
    hexadecimal(hash.finalize().as_slice())
}

/// How somebody is called in the published list of a draw: the first 16 digits of the SHA-256 of the
/// draw's id, a colon and their own. Whoever knows their id finds themselves; nobody else does.
pub fn pseudonym(draw_id: Uuid, id: Uuid) -> String {
    hexadecimal(Sha256::digest(format!("{draw_id}:{id}")).as_slice()).chars().take(16).collect()
}

/// How many of so many a share is: rounded up, so that a share of something is never nothing.
pub fn share_of(count: usize, share_bps: u16) -> usize {
    let part = count.saturating_mul(usize::from(share_bps));
    part.div_ceil(usize::from(WHOLE_BPS))
}

/// A spot check is of a share, 0.01 % to all, and a seed that is given is a text.
///
/// # Errors
/// `validation_failed`.
pub fn validate_spot_check(share_bps: u16, seed: Option<&str>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require(
        (1..=WHOLE_BPS).contains(&share_bps),
        "share_bps",
        "range",
        "抽查比例应在 1 至 10000 个基点之间。",
        "must be between 1 and 10000 basis points.",
    );
    if let Some(seed) = seed {
        faults.require_text("seed", seed, 200);
    }
    faults.done()
}

/// The first places of the shuffled list, as described at the head of this file; the list is sorted.
pub fn drawn<T>(seed: &str, size: usize, mut list: Vec<T>) -> Vec<T> {
    let size = size.min(list.len());
    let mut generator = ChaCha20Rng::from_seed(Sha256::digest(seed.as_bytes()).into());
    for place in 0..size {
        let left = list.len().saturating_sub(place);
        let step = below(&mut generator, left);
        list.swap(place, place.saturating_add(step));
    }
    list.truncate(size);
    list
}

/// A number below the bound, each with the same chance; 0 for a bound of 0 or 1.
fn below(generator: &mut ChaCha20Rng, bound: usize) -> usize {
    let Ok(bound) = u64::try_from(bound) else { return 0 };
    if bound <= 1 {
        return 0;
    }
    let favoured = u64::MAX.checked_rem(bound).unwrap_or_default();
    // Outputs below this limit are a whole number of rounds through the bound.
    let limit = u64::MAX.saturating_sub(favoured);
    loop {
        let output = generator.next_u64();
        if output < limit {
            return output.checked_rem(bound).and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_drawn_the_same_for_ever() {
        // Reckoned by another implementation of what the head of this file says.
        assert_eq!(drawn("2026-11-30", 3, (1..=10).collect()), [6, 4, 1]);
        assert_eq!(drawn("2026-11-30", 3, vec!['a', 'b']).len(), 2);
        assert!(drawn::<u8>("2026-11-30", 3, Vec::new()).is_empty());
    }

    #[test]
    fn a_commitment_is_what_anybody_reckons() {
        // printf '2026-11-30' | sha256sum; printf 'a\nb\n' | sha256sum
        assert_eq!(seed_hash("2026-11-30"), "e0b7c44611a45c9d5d063bcbe6cd59728fd22547b001f20631d3fa8a6a18af17");
        assert_eq!(
            list_hash(&["a".to_owned(), "b".to_owned()]),
            "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
        );
        assert_eq!(pseudonym(Uuid::from_u128(1), Uuid::from_u128(2)), "4899549e45f8be78");
    }

    #[test]
    fn several_lists_are_drawn_by_seeds_that_follow_from_one() {
        let subject = Uuid::from_u128(1);
        assert_eq!(seed_of_part("2026-11-30", subject), "2026-11-30:00000000-0000-0000-0000-000000000001");
        // printf '2026-11-30:00000000-0000-0000-0000-000000000001' | sha256sum, and on as the head of this file says.
        assert_ne!(drawn(&seed_of_part("2026-11-30", subject), 3, (1..=10).collect()), [6, 4, 1]);
    }

    #[test]
    fn a_share_is_never_nothing() {
        assert_eq!([share_of(0, 500), share_of(1, 1), share_of(20, 500), share_of(21, 500)], [0, 1, 1, 2]);
        assert_eq!(share_of(7, 10_000), 7);
        assert!(validate_spot_check(0, None).is_err());
        assert!(validate_spot_check(10_001, None).is_err());
        assert!(validate_spot_check(1, Some(" ")).is_err());
        assert!(validate_spot_check(10_000, Some("0507")).is_ok());
    }
}
