//! The keys that details are under: looked at before the program serves, and changed.

use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::privacy::{Personal, Place, Sealed};
use voucher_storage::privacy::{self as store, PrivacyKey, Stored, UnsealedPlace};

use super::failed;
use crate::services::ports::KeyMark;
use crate::services::{Call, Failure, Outcome, Program};

/// How many details one transaction brings under the key.
const BATCH: u32 = 500;
/// How often all places are gone through, at the most: what others wrote meanwhile is found the next time.
const MOST_ROUNDS: usize = 5;

/// What came of bringing everything under the key that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The key that everything is under now.
    pub key: String,
    /// How many details were sealed anew.
    pub resealed: usize,
    /// How many still are under other keys, because somebody writes under them.
    pub left: i64,
    /// The keys that nothing is under any more.
    pub retired: Vec<String>,
}

/// Gets the store ready for the configured keys: refuses to go on with others than those that details are
/// under, and seals what was stored before details were sealed.
///
/// # Errors
/// What is wrong, in words for the terminal.
pub fn prepare(program: &Program) -> Result<(), String> {
    admit_keys(program).map_err(|failure| failure.to_string())?;
    let unsealed = program.store.read(UnsealedPlace::list).map_err(|error| error.to_string())?;
    for place in unsealed {
        let count = reseal_place(program, place).map_err(|failure| failure.to_string())?;
        let cleared = program.transact(|call| Ok(UnsealedPlace::clear(call.tx, place)?));
        cleared.map_err(|failure| failure.to_string())?;
        tracing::info!(%place, count, "sealed what was stored in the clear");
    }
    Ok(())
}

/// Brings every detail under the key that writes.
///
/// # Errors
/// What went wrong, in words for the terminal; what was sealed anew stays so, and the rest can be tried again.
pub fn rotate(program: &Program) -> Result<Rotation, String> {
    prepare(program)?;
    rotated(program).map_err(|failure| failure.to_string())
}

fn rotated(program: &Program) -> Outcome<Rotation> {
    let key = writing(program)?.id;
    let (mut resealed, mut left) = (0_usize, i64::MAX);
    for _ in 0..MOST_ROUNDS {
        for place in Place::ALL {
            resealed = resealed.saturating_add(reseal_place(program, *place)?);
        }
        left = program.transact(|call| under_others(call, &key))?;
        if left == 0 {
            break;
        }
    }
    let retired = program.transact(|call| retire(call, &key))?;
    Ok(Rotation { key, resealed, left, retired })
}

fn writing(program: &Program) -> Outcome<KeyMark> {
    let first = program.vault.marks().map_err(failed)?.into_iter().next();
    first.ok_or_else(|| Failure::internal("there is no key"))
}

/// Every key that details are under must be here, and be the same; the one that writes is noted.
fn admit_keys(program: &Program) -> Outcome<()> {
    let marks = program.vault.marks().map_err(failed)?;
    let writing = writing(program)?;
    program.transact(|call| {
        let used = PrivacyKey::list(call.tx)?;
        for key in &used {
            let Some(mark) = marks.iter().find(|mark| mark.id == key.id) else {
                return Err(Failure::internal(format!(
                    "personal details are sealed under the key `{}`, which is not in privacy.keys",
                    key.id
                )));
            };
            if mark.fingerprint != key.fingerprint {
                return Err(Failure::internal(format!(
                    "the key `{}` in privacy.keys is not the one that personal details are sealed under",
                    key.id
                )));
            }
        }
        let KeyMark { id, fingerprint } = writing.clone();
        PrivacyKey::insert_or_ignore(call.tx, &PrivacyKey { id, fingerprint, first_used_at: call.now })?;
        Ok(())
    })
}

fn under_others(call: &mut Call<'_>, key: &str) -> Outcome<i64> {
    let mut left: i64 = 0;
    for place in Place::ALL {
        left = left.saturating_add(store::count(call.tx, *place, &Sealed::beginning(key), false)?);
    }
    Ok(left)
}

/// Forgets the keys that nothing is under any more.
fn retire(call: &mut Call<'_>, writing: &str) -> Outcome<Vec<String>> {
    let mut retired = Vec::new();
    for key in PrivacyKey::list(call.tx)?.into_iter().filter(|key| key.id != writing) {
        let mut under: i64 = 0;
        for place in Place::ALL {
            under = under.saturating_add(store::count(call.tx, *place, &Sealed::beginning(&key.id), true)?);
        }
        if under == 0 {
            PrivacyKey::forget(call.tx, &key.id)?;
            retired.push(key.id);
        }
    }
    Ok(retired)
}

/// Brings what is at a place under the key that writes, batch after batch; how much.
fn reseal_place(program: &Program, place: Place) -> Outcome<usize> {
    let beginning = Sealed::beginning(&writing(program)?.id);
    let (mut after, mut count) = (Uuid::nil(), 0_usize);
    loop {
        let (last, resealed) = program.transact(|call| {
            let stored = store::beginning_otherwise(call.tx, place, &beginning, after, BATCH)?;
            let mut resealed: usize = 0;
            for detail in &stored {
                resealed = resealed.saturating_add(usize::from(reseal(call, place, detail)?));
            }
            Ok((stored.last().map(|detail| detail.id), resealed))
        })?;
        count = count.saturating_add(resealed);
        match last {
            Some(id) => after = id,
            None => return Ok(count),
        }
    }
}

fn reseal(call: &mut Call<'_>, place: Place, stored: &Stored) -> Outcome<bool> {
    let detail = match stored.detail.parts() {
        Some(_) => call.program.open(place, stored.id, &stored.detail)?,
        None => Personal::new(stored.detail.stored()),
    };
    let sealed = call.program.seal(place, stored.id, &detail)?;
    let index = if place.is_indexed() { call.program.phone_index(&detail)? } else { None };
    Ok(store::replace(call.tx, place, stored.id, (&stored.detail, &sealed), index.as_deref())?)
}
