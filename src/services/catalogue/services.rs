//! Searching what facilities sell.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::facility::ServiceKind;
use voucher_domain::money::Money;
use voucher_domain::refusal::Refusal;
use voucher_storage::catalogue::{Search, Sort, Where};
use voucher_storage::facility::Service;

use super::{Asked, CatalogueFacets, Cursor, Order, check_words, find, name_of_serving};
use crate::services::facility::{ServiceView, check_max_price, trimmed};
use crate::services::{Call, Outcome, Page, PageRequest};

/// Which services are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ServicesQuery {
    /// Words of its name, its purpose or its machine; all of them.
    pub q: Option<String>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// For this field.
    pub field: Option<Industry>,
    /// Of this kind.
    pub kind: Option<ServiceKind>,
    /// Of facilities in this district.
    pub district: Option<String>,
    /// For no more than this a unit, in fen.
    pub max_price_fen: Option<Money>,
    /// By relevance where words are asked for, else the newest first, unless this says otherwise.
    #[param(inline)]
    pub order: Option<Order>,
    /// Whether to count what is found by its traits.
    pub facets: Option<bool>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the services that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServicesView {
    /// The services, in the order that was asked for.
    #[serde(flatten)]
    pub page: Page<ServiceView>,
    /// How many of all that were found have each trait, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<CatalogueFacets>,
}

/// A service that is offered.
///
/// # Errors
/// `not_found`.
pub fn show_service(call: &mut Call<'_>, id: Uuid) -> Outcome<ServiceView> {
    let row = Service::find(call.tx, id)?.filter(|row| row.is_offered).ok_or_else(Refusal::not_found)?;
    let name = name_of_serving(call, row.facility_id)?;
    Ok(ServiceView::of(row, name))
}

/// The services that serving facilities offer.
///
/// # Errors
/// `validation_failed` for a bad page or price, or for words that say nothing.
pub fn services(call: &mut Call<'_>, query: ServicesQuery) -> Outcome<ServicesView> {
    let limit = PageRequest::new(query.limit, None)?.limit;
    check_max_price(query.max_price_fen)?;
    let words = check_words(query.q.as_deref())?;
    let order = query.order.unwrap_or(if words.is_some() { Order::Relevance } else { Order::Newest });
    let after = query.cursor.as_deref().map(|cursor| Cursor::read(cursor, order)).transpose()?;
    let search = Search {
        sort: Sort::Service,
        words: words.map(|words| (words, Where::Anywhere)),
        facility_id: query.facility_id,
        field: query.field.map(|field| field.to_string()),
        kind: query.kind.map(|kind| kind.to_string()),
        category: None,
        district: trimmed(query.district),
        max_price_fen: query.max_price_fen,
    };
    let asked = Asked { order, after, limit, with_counts: query.facets == Some(true) };
    let mut found = find(call, &search, &asked)?;
    let facets = found.facets.take();
    let rows = Service::find_all(call.tx, &found.ids)?;
    let page = found.page(call, rows, |row| (row.id, row.facility_id), ServiceView::of)?;
    Ok(ServicesView { page, facets })
}
