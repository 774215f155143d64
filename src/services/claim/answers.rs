//! The answers of a batch: those that the store has kept under their keys, and those just given.

use std::collections::HashMap;

use voucher_storage::idempotency::IdempotencyKey;

use super::{Claim, Kept, Render};
use crate::services::call::key_reused;
use crate::services::{Call, Failure, Outcome};

/// Where the answer of a claim is.
enum Told {
    /// Here.
    Now(Kept),
    /// In this row, written for it.
    Under(usize),
    /// In this row, written for an earlier claim of the batch under the same key.
    Again(usize),
}

/// The answers of a batch.
pub(super) struct Answers<'a> {
    stored: HashMap<(String, String), (String, Kept)>,
    given: HashMap<(&'a str, &'a str), (&'a str, usize)>,
    told: Vec<(usize, Told)>,
}

impl<'a> Answers<'a> {
    /// Looks up what is kept under the keys of these claims.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn load(call: &mut Call<'_>, claims: &[(usize, &'a Claim)]) -> Outcome<Self> {
        let keys: Vec<(&str, &str)> =
            claims.iter().map(|(_, claim)| (claim.scope.as_str(), claim.key.as_str())).collect();
        let rows = IdempotencyKey::find_many(call.tx, &keys)?;
        let stored = rows.into_iter().filter_map(|row| {
            let kept = Kept { status: u16::try_from(row.status).ok()?, body: row.body };
            Some(((row.scope, row.key), (row.request_hash, kept)))
        });
        let (stored, given) = (stored.collect(), HashMap::with_capacity(claims.len()));
        Ok(Self { stored, given, told: Vec::with_capacity(claims.len()) })
    }

    /// Answers a claim whose key is known; whether it is.
    pub(super) fn replay(&mut self, place: usize, claim: &Claim, render: Render) -> bool {
        let known = if let Some((fingerprint, row)) = self.given.get(&(claim.scope.as_str(), claim.key.as_str())) {
            (*fingerprint == claim.fingerprint).then_some(Told::Again(*row))
        } else if self.stored.is_empty() {
            return false;
        } else if let Some((fingerprint, kept)) = self.stored.get(&(claim.scope.clone(), claim.key.clone())) {
            (*fingerprint == claim.fingerprint).then(|| Told::Now(kept.clone()))
        } else {
            return false;
        };
        let told = known.unwrap_or_else(|| Told::Now(render(Err(key_reused()), claim.request_id)));
        self.told.push((place, told));
        true
    }

    /// The answer of a claim that is kept under no key.
    pub(super) fn at_once(&mut self, place: usize, answer: Kept) {
        self.told.push((place, Told::Now(answer)));
    }

    /// The answer of a claim is the one of this row.
    pub(super) fn under_key(&mut self, place: usize, claim: &'a Claim, row: usize) {
        self.given.insert((&claim.scope, &claim.key), (&claim.fingerprint, row));
        self.told.push((place, Told::Under(row)));
    }

    /// The answers with the places of their claims, once the rows are written.
    ///
    /// # Errors
    /// Internal, when a row is not there.
    pub(super) fn told(self, rows: Vec<IdempotencyKey>) -> Outcome<Vec<(usize, Kept)>> {
        let mut rows: Vec<Kept> = rows
            .into_iter()
            .map(|row| Ok(Kept { status: u16::try_from(row.status)?, body: row.body }))
            .collect::<Result<_, std::num::TryFromIntError>>()
            .map_err(|_| Failure::internal("an answer has no status"))?;
        let missing = || Failure::internal("an answer of a batch was not kept");
        // Repeats first, for they copy what is moved out afterwards.
        let mut told = self.told;
        for (_, answer) in &mut told {
            if let Told::Again(row) = answer {
                *answer = Told::Now(rows.get(*row).ok_or_else(missing)?.clone());
            }
        }
        let mut take = |row: usize| {
            let kept = rows.get_mut(row)?;
            Some(Kept { status: kept.status, body: std::mem::take(&mut kept.body) })
        };
        told.into_iter()
            .map(|(place, answer)| match answer {
                Told::Now(kept) => Ok((place, kept)),
                Told::Under(row) | Told::Again(row) => Ok((place, take(row).ok_or_else(missing)?)),
            })
            .collect()
    }
}
