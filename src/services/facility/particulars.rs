//! What a facility is, for everybody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::applicant::Industry;
use voucher_domain::facility::{FacilityNature, FacilityRegion, ServiceKind};
use voucher_domain::money::Money;
use voucher_domain::privacy::Disclosure;
use voucher_domain::refusal::Refusal;
use voucher_storage::catalogue::facilities_with;
use voucher_storage::facility::{Facility, FacilityFilter};

use super::view::FacilityView;
use super::{check_max_price, organization_of, trimmed};
use crate::services::catalogue::{Facet, check_words, facet};
use crate::services::{Call, Outcome, Page, PageRequest};

/// Which facilities are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FacilitiesQuery {
    /// Words of its name, or of what it opens and sells.
    pub q: Option<String>,
    /// In this region.
    pub region: Option<FacilityRegion>,
    /// In this district.
    pub district: Option<String>,
    /// Of this nature.
    pub nature: Option<FacilityNature>,
    /// With an instrument of this category.
    pub category: Option<String>,
    /// With a service for this field.
    pub field: Option<Industry>,
    /// With a service of this kind.
    pub kind: Option<ServiceKind>,
    /// With a service for no more than this a unit.
    pub max_price_fen: Option<Money>,
    /// Whether to count what is found by its traits.
    pub facets: Option<bool>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the facilities that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacilitiesView {
    /// The facilities, newest first.
    #[serde(flatten)]
    pub page: Page<FacilityView>,
    /// How many of all that were found have each trait, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<FacilityFacets>,
}

/// How many facilities have each trait.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacilityFacets {
    /// How many were found in all.
    pub total: i64,
    /// By region.
    pub region: Vec<Facet>,
    /// By nature.
    pub nature: Vec<Facet>,
    /// By district.
    pub district: Vec<Facet>,
}

/// A facility: a serving one for everybody, any for itself and the commission.
///
/// # Errors
/// `not_found`.
pub fn show(call: &mut Call<'_>, id: Uuid) -> Outcome<FacilityView> {
    let row = Facility::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    let is_insider = call.caller.is_some_and(|actor| actor.sees_everything() || actor.is_of(id));
    if !row.status.is_serving() && !is_insider {
        return Err(Refusal::not_found().into());
    }
    let organization = organization_of(call, id)?;
    FacilityView::seen_by(call, row, organization, Disclosure::Whole)
}

/// The serving facilities, newest first.
///
/// # Errors
/// `validation_failed` for a bad page or price, or for words that say nothing.
pub fn list(call: &mut Call<'_>, query: FacilitiesQuery) -> Outcome<FacilitiesView> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    check_max_price(query.max_price_fen)?;
    let ids = match check_words(query.q.as_deref())? {
        Some(words) => Some(facilities_with(call.tx, &words)?),
        None => None,
    };
    let filter = FacilityFilter {
        is_serving: true,
        ids,
        region: query.region,
        district: trimmed(query.district),
        nature: query.nature,
        category: trimmed(query.category),
        field: query.field,
        kind: query.kind,
        max_price_fen: query.max_price_fen,
    };
    let facets = if query.facets == Some(true) { Some(counted(call, &filter)?) } else { None };
    let rows = Facility::list(call.tx, &filter, page.before, page.limit)?;
    let page = Page::of(rows, |row| {
        let organization = organization_of(call, row.id)?;
        FacilityView::seen_by(call, row, organization, Disclosure::Masked)
    })?;
    Ok(FacilitiesView { page, facets })
}

/// There are not so many facilities that they could not be counted one by one.
fn counted(call: &mut Call<'_>, filter: &FacilityFilter) -> Outcome<FacilityFacets> {
    let (mut region, mut nature, mut district) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let traits = Facility::traits(call.tx, filter)?;
    for (in_region, of_nature, in_district) in &traits {
        for (counts, value) in [
            (&mut region, in_region.to_string()),
            (&mut nature, of_nature.to_string()),
            (&mut district, in_district.clone()),
        ] {
            let count: &mut i64 = counts.entry(value).or_default();
            *count = count.saturating_add(1);
        }
    }
    Ok(FacilityFacets {
        total: i64::try_from(traits.len()).unwrap_or(i64::MAX),
        region: facet(region),
        nature: facet(nature),
        district: facet(district),
    })
}
