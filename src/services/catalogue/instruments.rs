//! Searching what facilities open.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::refusal::Refusal;
use voucher_storage::catalogue::{Search, Sort, Where};
use voucher_storage::facility::Instrument;

use super::{Asked, CatalogueFacets, Cursor, Order, check_words, find, name_of_serving};
use crate::services::facility::{InstrumentView, trimmed};
use crate::services::{Call, Outcome, Page, PageRequest};

/// Which instruments are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InstrumentsQuery {
    /// Words of its name, maker, model or category; all of them.
    pub q: Option<String>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// Of this category.
    pub category: Option<String>,
    /// Of facilities in this district.
    pub district: Option<String>,
    /// By relevance where words are asked for, else the newest first; instruments have no price.
    #[param(inline)]
    pub order: Option<Order>,
    /// Whether to count what is found by its traits.
    pub facets: Option<bool>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the instruments that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstrumentsView {
    /// The instruments, in the order that was asked for.
    #[serde(flatten)]
    pub page: Page<InstrumentView>,
    /// How many of all that were found have each trait, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<CatalogueFacets>,
}

/// An instrument that is offered.
///
/// # Errors
/// `not_found`.
pub fn show_instrument(call: &mut Call<'_>, id: Uuid) -> Outcome<InstrumentView> {
    let row = Instrument::find(call.tx, id)?.filter(|row| row.is_offered).ok_or_else(Refusal::not_found)?;
    let name = name_of_serving(call, row.facility_id)?;
    Ok(InstrumentView::of(row, name))
}

/// The instruments that serving facilities offer.
///
/// # Errors
/// `validation_failed` for a bad page or order, or for words that say nothing.
pub fn instruments(call: &mut Call<'_>, query: InstrumentsQuery) -> Outcome<InstrumentsView> {
    let limit = PageRequest::new(query.limit, None)?.limit;
    let words = check_words(query.q.as_deref())?;
    let order = query.order.unwrap_or(if words.is_some() { Order::Relevance } else { Order::Newest });
    if order == Order::Price {
        let (zh, en) = ("仪器设备没有价格,不能按价格排序。", "instruments have no price to be ordered by.");
        return Err(Refusal::field("order", "priced", zh, en).into());
    }
    let after = query.cursor.as_deref().map(|cursor| Cursor::read(cursor, order)).transpose()?;
    let search = Search {
        sort: Sort::Instrument,
        words: words.map(|words| (words, Where::Anywhere)),
        facility_id: query.facility_id,
        field: None,
        kind: None,
        category: trimmed(query.category),
        district: trimmed(query.district),
        max_price_fen: None,
    };
    let asked = Asked { order, after, limit, with_counts: query.facets == Some(true) };
    let mut found = find(call, &search, &asked)?;
    let facets = found.facets.take();
    let rows = Instrument::find_all(call.tx, &found.ids)?;
    let page = found.page(call, rows, |row| (row.id, row.facility_id), InstrumentView::of)?;
    Ok(InstrumentsView { page, facets })
}
