//! How much was found of each trait.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use voucher_domain::catalogue::PRICE_BANDS_FEN;
use voucher_domain::money::Money;
use voucher_storage::catalogue::Count;

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

impl CatalogueFacets {
    /// The counts of combinations, told apart by trait.
    pub(super) fn of(counts: Vec<Count>) -> Self {
        let by = |value: fn(&Count) -> &String| {
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for count in &counts {
                let sum = sums.entry(value(count).clone()).or_default();
                *sum = sum.saturating_add(count.count);
            }
            facet(sums)
        };
        let mut price: BTreeMap<usize, i64> = BTreeMap::new();
        for count in &counts {
            if let Some(band) = count.price_band {
                let sum = price.entry(band).or_default();
                *sum = sum.saturating_add(count.count);
            }
        }
        Self {
            total: counts.iter().fold(0, |sum, count| sum.saturating_add(count.count)),
            field: by(|count| &count.field),
            kind: by(|count| &count.kind),
            category: by(|count| &count.category),
            district: by(|count| &count.district),
            price: price.into_iter().map(|(band, count)| price_facet(band, count)).collect(),
        }
    }
}

fn price_facet(band: usize, count: i64) -> PriceFacet {
    let below = band.checked_sub(1).and_then(|band| PRICE_BANDS_FEN.get(band)).copied();
    PriceFacet { above_fen: below.unwrap_or(Money::ZERO), up_to_fen: PRICE_BANDS_FEN.get(band).copied(), count }
}
