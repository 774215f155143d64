//! How much was found of each trait.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use utoipa::ToSchema;
use voucher_domain::catalogue::PRICE_BANDS_FEN;
use voucher_domain::money::Money;
use voucher_storage::Connection;
use voucher_storage::catalogue::{Count, Place, Traits};

use crate::services::{Call, Failure, Outcome};

/// A trait, and how many of what was found have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    /// The value, as the filter takes it.
    pub value: String,
    /// How many.
    pub count: i64,
}

/// A band of prices, and how many of what was found are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriceFacet {
    /// More than this, in fen.
    pub above_fen: Money,
    /// At most this, in fen; absent in the last band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to_fen: Option<Money>,
    /// How many.
    pub count: i64,
}

/// How much was found of each trait. The most frequent come first; prices rise.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueFacets {
    /// How many were found in all.
    pub total: i64,
    /// By field, of services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub field: Vec<Facet>,
    /// By kind, of services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<Facet>,
    /// By category, of instruments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<Facet>,
    /// By the facility's district.
    pub district: Vec<Facet>,
    /// By price, of services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub price: Vec<PriceFacet>,
}

/// The most frequent first, then in the order of their values.
pub(in crate::services) fn facet(counts: BTreeMap<String, i64>) -> Vec<Facet> {
    let mut facets: Vec<Facet> = counts
        .into_iter()
        .filter(|(value, _)| !value.is_empty())
        .map(|(value, count)| Facet { value, count })
        .collect();
    facets.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value)));
    facets
}

/// The combinations of traits that are known: what one says never changes, so that each is read once. (A
/// server that runs on while its database is restored to an earlier state is to be started anew.)
#[derive(Default)]
pub struct KnownTraits(RwLock<Arc<HashMap<i32, Traits>>>);

impl KnownTraits {
    /// Those that were counted, and others. Read again when one of them is new.
    fn of(&self, tx: &mut Connection, counts: &[Count]) -> Outcome<Arc<HashMap<i32, Traits>>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if counts.iter().all(|count| known.contains_key(&count.traits_id)) {
            return Ok(known);
        }
        let read = Arc::new(Traits::every(tx)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }
}

impl CatalogueFacets {
    /// The counts of combinations, told apart by trait.
    ///
    /// # Errors
    /// When the store fails; internal, when it counts a combination that it does not have.
    pub(super) fn of(call: &mut Call<'_>, counts: &[Count]) -> Outcome<Self> {
        let known = call.program.known_traits.of(call.tx, counts)?;
        let unknown = || Failure::internal("hits were counted by a combination of traits that is nowhere");
        let counted = counts.iter().map(|count| Some((known.get(&count.traits_id)?, count.count)));
        let counted: Vec<(&Traits, i64)> = counted.collect::<Option<_>>().ok_or_else(unknown)?;
        let mut price: BTreeMap<usize, i64> = BTreeMap::new();
        for (traits, count) in &counted {
            if let Some(band) = traits.price_band {
                let sum = price.entry(band).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        Ok(Self {
            total: counts.iter().fold(0, |sum, count| sum.saturating_add(count.count)),
            field: by(&counted, |traits| &traits.field),
            kind: by(&counted, |traits| &traits.kind),
            category: by(&counted, |traits| &traits.category),
            district: by(&counted, |traits| &traits.district),
            price: price.into_iter().map(|(band, count)| price_facet(band, count)).collect(),
        })
    }

    /// A price up to which at least so many hits lie after a place in the order of prices; nothing where no
    /// band of prices ends there.
    pub(super) fn price_that_holds(&self, wanted: u16, after: Option<Place>) -> Option<Money> {
        // Of the band that the place lies in, nobody knows how many are after it.
        let from_fen = after.map_or(0, |after| after.price_fen.max(1));
        let mut held: i64 = 0;
        let beyond = self.price.iter().filter(|band| band.above_fen.fen() >= from_fen);
        for band in beyond {
            held = held.saturating_add(band.count);
            if held >= i64::from(wanted) {
                return band.up_to_fen;
            }
        }
        None
    }
}

fn by(counted: &[(&Traits, i64)], value: fn(&Traits) -> &String) -> Vec<Facet> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (traits, count) in counted {
        let sum = sums.entry(value(traits).as_str()).or_default();
        *sum = sum.saturating_add(*count);
    }
    facet(sums.into_iter().map(|(value, sum)| (value.to_owned(), sum)).collect())
}

fn price_facet(band: usize, count: i64) -> PriceFacet {
    let below = band.checked_sub(1).and_then(|band| PRICE_BANDS_FEN.get(band)).copied();
    PriceFacet { above_fen: below.unwrap_or(Money::ZERO), up_to_fen: PRICE_BANDS_FEN.get(band).copied(), count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facets(counts: [i64; 4]) -> CatalogueFacets {
        let price = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        CatalogueFacets {
            total: counts.iter().sum(),
            field: Vec::new(),
            kind: Vec::new(),
            category: Vec::new(),
            district: Vec::new(),
            price: price.map(|(band, count)| price_facet(band, count)).collect(),
        }
    }

    fn held(counts: [i64; 4], wanted: u16, after_fen: Option<i64>) -> Option<i64> {
        let after = after_fen.map(|price_fen| Place { price_fen, number: 1 });
        facets(counts).price_that_holds(wanted, after).map(Money::fen)
    }

    #[test]
    fn the_first_bands_that_hold_enough_end_at_the_price() {
        assert_eq!(held([21, 0, 0, 0], 21, None), Some(100_000));
        assert_eq!(held([20, 1, 0, 0], 21, None), Some(1_000_000));
        assert_eq!(held([20, 0, 1, 9], 21, None), Some(5_000_000));
        assert_eq!(held([20, 0, 0, 9], 21, None), None);
        assert_eq!(held([5, 5, 5, 5], 21, None), None);
        assert_eq!(held([0, 0, 0, 0], 21, None), None);
    }

    #[test]
    fn the_band_of_the_last_hit_is_not_counted() {
        // At the upper end of a band, the next one is wholly beyond.
        assert_eq!(held([50, 21, 0, 0], 21, Some(100_000)), Some(1_000_000));
        assert_eq!(held([50, 21, 21, 0], 21, Some(100_001)), Some(5_000_000));
        assert_eq!(held([50, 0, 0, 21], 21, Some(99)), None);
        // What is free lies in the first band, too.
        assert_eq!(held([50, 21, 0, 0], 21, Some(0)), Some(1_000_000));
    }
}
