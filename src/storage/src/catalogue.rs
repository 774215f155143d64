//! What the public searches: services, instruments and facilities, by their words and what is counted.

use std::collections::HashMap;
use std::num::ParseIntError;

use diesel::RunQueryDsl;
use uuid::Uuid;
use voucher_domain::catalogue::Query;
use voucher_domain::money::Money;

use crate::backend::Connection;
use crate::backend::search::{self, Combinations, Counts, Facilities, Hits, TraitsOfHits};
use crate::error::StorageError;

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What facilities sell.
    Service,
    /// What facilities open.
    Instrument,
}

/// Where a query's words must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Anywhere.
    Anywhere,
    /// All of them in the name.
    InName,
    /// Anywhere, but not all of them in the name.
    ElsewhereToo,
}

/// In which order hits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitOrder {
    /// The newest first.
    Newest,
    /// The cheapest first, then the newest.
    Price,
}

/// A search. What is absent is not asked for.
#[derive(Debug, Clone)]
pub struct Search {
    /// What is searched.
    pub sort: Sort,
    /// The words, and where they must be.
    pub words: Option<(Query, Where)>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// The code of the field.
    pub field: Option<String>,
    /// The code of the kind of service.
    pub kind: Option<String>,
    /// The category of the instrument.
    pub category: Option<String>,
    /// The facility's district.
    pub district: Option<String>,
    /// At most this price.
    pub max_price_fen: Option<Money>,
}

/// A place in the order of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The price, in fen; 0 where there is none.
    pub price_fen: i64,
    /// The number in the order of entry.
    pub number: i64,
}

/// A hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Where it is in the order.
    pub place: Place,
    /// The service or instrument.
    pub id: Uuid,
}

/// How many hits have the same traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, diesel::Queryable)]
pub struct Count {
    /// The number of the combination of traits.
    pub traits_id: i32,
    /// How many.
    pub count: i64,
}

/// A combination of traits; what it says under its number never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// The code of the field; empty where there is none.
    pub field: String,
    /// The code of the kind; empty where there is none.
    pub kind: String,
    /// The number of the band of its price (`domain::catalogue::PRICE_BANDS_FEN`), where it has one.
    pub price_band: Option<usize>,
    /// The facility's district.
    pub district: String,
    /// The category; empty where there is none.
    pub category: String,
}

/// Parts of `catalogue_facets.facets`.
const SEPARATOR: char = '\u{1f}';

/// Among how many entries the hits of a part are looked for first, for each hit: where one entry in so many
/// has the words, these are enough.
const NEAREST_PER_HIT: u32 = 50;

impl Search {
    /// The hits after a place, at most so many.
    ///
    /// Where that gains anything, words are sought among the nearest entries first, so that of a word that
    /// many have few hits are looked at to sort them; words that these do not have often enough, rare or far
    /// away, are sought among all.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn hits(
        &self,
        tx: &mut Connection,
        order: HitOrder,
        after: Option<Place>,
        limit: u16,
    ) -> Result<Vec<Hit>, StorageError> {
        if search::gains_by_nearest(tx) && self.is_for_words_alone() {
            let nearest = u32::from(limit).saturating_mul(NEAREST_PER_HIT);
            let hits = self.hits_among(tx, order, after, limit, Some(nearest))?;
            if hits.len() >= usize::from(limit) {
                return Ok(hits);
            }
        }
        self.hits_among(tx, order, after, limit, None)
    }

    /// Whether all entries with the words are hits.
    fn is_for_words_alone(&self) -> bool {
        let Self { sort: _, words, facility_id, field, kind, category, district, max_price_fen } = self;
        let traits = [field, kind, category, district];
        words.is_some() && facility_id.is_none() && max_price_fen.is_none() && traits.into_iter().all(Option::is_none)
    }

    fn hits_among(
        &self,
        tx: &mut Connection,
        order: HitOrder,
        after: Option<Place>,
        limit: u16,
        nearest: Option<u32>,
    ) -> Result<Vec<Hit>, StorageError> {
        let rows: Vec<(i64, Uuid, Option<Money>)> = Hits::new(self, order, after, limit, nearest).load(tx)?;
        let hit = |(number, id, price_fen): (i64, Uuid, Option<Money>)| Hit {
            place: Place { price_fen: price_fen.map_or(0, Money::fen), number },
            id,
        };
        Ok(rows.into_iter().map(hit).collect())
    }

    /// How many hits there are of each combination of traits.
    ///
    /// Without words an index counts them in its order. With words they come in no order, and to sort them
    /// would cost the database as much as to find them: they are counted here.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn counts(&self, tx: &mut Connection) -> Result<Vec<Count>, StorageError> {
        if self.words.is_none() {
            return Ok(Counts::new(self).load(tx)?);
        }
        let numbers: Option<String> = TraitsOfHits::new(self).get_result(tx)?;
        let mut counts: HashMap<&str, i64> = HashMap::new();
        for number in numbers.iter().flat_map(|numbers| numbers.split(',')) {
            let count = counts.entry(number).or_default();
            *count = count.saturating_add(1);
        }
        let count = |(number, count): (&str, i64)| Ok(Count { traits_id: number.parse()?, count });
        counts.into_iter().map(count).collect::<Result<_, ParseIntError>>().map_err(StorageError::other)
    }
}

impl Traits {
    /// Every combination that entries have had, by its number.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn every(tx: &mut Connection) -> Result<HashMap<i32, Self>, StorageError> {
        let rows: Vec<(i32, String)> = Combinations::every().load(tx)?;
        Ok(rows.into_iter().map(|(id, facets)| (id, Self::of(&facets))).collect())
    }

    fn of(facets: &str) -> Self {
        let mut parts = facets.split(SEPARATOR).map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let (field, kind, band, district, category) = (part(), part(), part(), part(), part());
        Self { field, kind, price_band: band.parse().ok(), district, category }
    }
}

/// The serving facilities whose name, services or instruments have these words.
///
/// # Errors
/// Failures of the store alone.
pub fn facilities_with(tx: &mut Connection, words: &Query) -> Result<Vec<Uuid>, StorageError> {
    Ok(Facilities::new(words).load(tx)?)
}
