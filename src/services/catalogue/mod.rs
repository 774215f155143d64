//! What the public searches: services and instruments by words, traits and price (Art. 5, 6, 9, 15.2).

mod cursor;
mod facets;
mod indexing;
mod instruments;
mod services;

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::catalogue::{self as rules, Query};
use voucher_domain::refusal::Refusal;
use voucher_storage::catalogue::{Hit, HitOrder, Search, Where};

use super::facility::{is_serving, names};
use super::{Call, Outcome, Page};

use cursor::Cursor;
pub(super) use facets::facet;
pub use facets::{CatalogueFacets, Facet, KnownTraits, PriceFacet};
pub use indexing::index;
pub use instruments::{InstrumentsQuery, InstrumentsView, instruments, show_instrument};
pub use services::{ServicesQuery, ServicesView, services, show_service};

/// In which order a search answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// What is named by the words first, then what mentions them; each the newest first.
    Relevance,
    /// The cheapest first.
    Price,
    /// The newest first.
    Newest,
}

/// The longest text to search by.
const MOST_CHARACTERS: usize = 200;

/// The words of a search, where there is one.
///
/// # Errors
/// `validation_failed` for a text that is too long, or has no letter, digit or character.
pub(super) fn check_words(text: Option<&str>) -> Result<Option<Query>, Refusal> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    if text.chars().count() > MOST_CHARACTERS {
        let (zh, en) =
            (format!("最多 {MOST_CHARACTERS} 个字。"), format!("may have at most {MOST_CHARACTERS} characters."));
        return Err(Refusal::field("q", "max_length", zh, en));
    }
    match rules::query(text) {
        Some(words) => Ok(Some(words)),
        None => {
            Err(Refusal::field("q", "words", "请输入文字、字母或数字。", "must have letters, digits or characters."))
        }
    }
}

/// A part of what was found: the ids in their order, where the next part begins, and the counts of all
/// that was found, where they were asked for.
struct Found {
    ids: Vec<Uuid>,
    next_cursor: Option<String>,
    facets: Option<CatalogueFacets>,
}

/// What is asked for of a search.
struct Asked {
    order: Order,
    after: Option<Cursor>,
    limit: u16,
    with_counts: bool,
}

/// Finds a part of a search, and counts all of it where that is asked for. The counts say up to which price
/// the cheapest hits lie, so that few are looked at to sort them.
fn find(call: &mut Call<'_>, search: &Search, asked: &Asked) -> Outcome<Found> {
    // One more says whether there is a next part.
    let wanted = asked.limit.saturating_add(1);
    let mut search = search.clone();
    let facets = match asked.with_counts {
        true => {
            let counts = search.counts(call.tx)?;
            Some(CatalogueFacets::of(call, &counts)?)
        }
        false => None,
    };
    let most_fen = search.max_price_fen;
    if let (Order::Price, Some(facets)) = (asked.order, &facets) {
        let holds = facets.price_that_holds(wanted, asked.after.map(|after| after.place));
        search.max_price_fen = holds.into_iter().chain(most_fen).min();
    }
    let mut found = hits(call, &search, asked, wanted)?;
    if search.max_price_fen != most_fen && found.len() < usize::from(wanted) {
        // The counts promised more: whatever they mistook, no hit is lost by it.
        search.max_price_fen = most_fen;
        found = hits(call, &search, asked, wanted)?;
    }
    let has_more = found.len() > usize::from(asked.limit);
    found.truncate(usize::from(asked.limit));
    let last = found.last().filter(|_| has_more);
    let cursor = |(stage, hit): &(usize, Hit)| Cursor { order: asked.order, stage: *stage, place: hit.place }.written();
    let next_cursor = last.map(cursor);
    Ok(Found { ids: found.into_iter().map(|(_, hit)| hit.id).collect(), next_cursor, facets })
}

/// The next hits, each with the search that found it. By relevance, what is named so comes first, and then
/// all else that has the words: two searches, of which the second is asked only when the first is used up.
fn hits(call: &mut Call<'_>, search: &Search, asked: &Asked, wanted: u16) -> Outcome<Vec<(usize, Hit)>> {
    let stages: &[Where] = match (asked.order, &search.words) {
        (Order::Relevance, Some(_)) => &[Where::InName, Where::ElsewhereToo],
        (Order::Relevance | Order::Price | Order::Newest, _) => &[Where::Anywhere],
    };
    let hit_order = match asked.order {
        Order::Price => HitOrder::Price,
        Order::Relevance | Order::Newest => HitOrder::Newest,
    };
    let mut found: Vec<(usize, Hit)> = Vec::new();
    for (stage, place) in stages.iter().enumerate() {
        let room = wanted.saturating_sub(u16::try_from(found.len()).unwrap_or(wanted));
        if room == 0 || asked.after.is_some_and(|after| after.stage > stage) {
            continue;
        }
        let words = search.words.clone().map(|(words, _)| (words, *place));
        let staged = Search { words, ..search.clone() };
        let from = asked.after.filter(|after| after.stage == stage).map(|after| after.place);
        let hits = staged.hits(call.tx, hit_order, from, room)?;
        found.extend(hits.into_iter().map(|hit| (stage, hit)));
    }
    Ok(found)
}

impl Found {
    /// The page of these rows, in the order in which they were found, each with its facility's name.
    fn page<T, V>(
        self,
        call: &mut Call<'_>,
        rows: Vec<T>,
        ids: impl Fn(&T) -> (Uuid, Uuid),
        view: impl Fn(T, String) -> V,
    ) -> Outcome<Page<V>> {
        let names = names(call, rows.iter().map(|row| ids(row).1))?;
        let mut by_id: BTreeMap<Uuid, T> = rows.into_iter().map(|row| (ids(&row).0, row)).collect();
        let in_order = self.ids.iter().filter_map(|id| by_id.remove(id));
        let named = in_order.map(|row| {
            let name = names.get(&ids(&row).1).cloned().unwrap_or_default();
            view(row, name)
        });
        Ok(Page { items: named.collect(), next_cursor: self.next_cursor })
    }
}

/// The name of a facility whose catalogue the public sees.
///
/// # Errors
/// `not_found` for a facility that serves nobody.
fn name_of_serving(call: &mut Call<'_>, facility_id: Uuid) -> Outcome<String> {
    if !is_serving(call, facility_id)? {
        return Err(Refusal::not_found().into());
    }
    Ok(names(call, [facility_id])?.remove(&facility_id).unwrap_or_default())
}
