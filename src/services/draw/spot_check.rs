//! 第十六条: what is inspected is drawn at random.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::draw as rules;
use voucher_domain::draw::{DrawKind, SpotScope};
use voucher_domain::facility::FacilityStatus;
use voucher_domain::period::Instant;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::refusal::Refusal;
use voucher_domain::voucher::VoucherStatus;
use voucher_storage::draw::Draw;

use super::{DrawView, Drawn, keep, ready};
use crate::services::{Call, Outcome, Page, PageRequest};

/// What is to be inspected.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpotCheckForm {
    /// From what it is drawn.
    pub scope: SpotScope,
    /// Which share of it, in basis points; rounded up.
    pub share_bps: u16,
    /// The seed of the draw; without, the one that was committed to before.
    pub seed: Option<String>,
}

/// A spot check.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SpotCheckView {
    /// Its draw.
    #[serde(flatten)]
    pub draw: DrawView,
    /// What is to be inspected, in the order of the draw.
    pub item_ids: Vec<Uuid>,
    /// The officer who had it drawn.
    pub drawn_by: Uuid,
    /// When; the same as `drawn_at`.
    pub created_at: Instant,
}

/// A part of the list of spot checks.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SpotChecksQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl From<Draw> for SpotCheckView {
    fn from(row: Draw) -> Self {
        Self {
            item_ids: row.drawn_ids.clone(),
            drawn_by: row.drawn_by,
            created_at: row.drawn_at,
            draw: DrawView::from(row),
        }
    }
}

/// What a spot check of this scope draws from, sorted by id.
fn population(call: &mut Call<'_>, scope: SpotScope) -> Outcome<Vec<Uuid>> {
    Ok(match scope {
        SpotScope::Contracts => {
            let standing = VoucherStatus::ALL.iter().copied().filter(|status| status.stands_for_contract());
            Draw::contracts_of_vouchers(call.tx, standing)?
        }
        SpotScope::Redemptions => {
            let handed_in = RedemptionStatus::ALL.iter().copied().filter(|status| status.was_handed_in());
            Draw::redemptions_among(call.tx, handed_in)?
        }
        SpotScope::Facilities => {
            let serving = FacilityStatus::ALL.iter().copied().filter(|status| status.is_serving());
            Draw::facilities_among(call.tx, serving)?
        }
    })
}

/// Draws what is inspected. That it is, and what, is public at once.
///
/// # Errors
/// `validation_failed`; `invalid_state` when there is nothing to draw from.
pub fn draw_spot_check(call: &mut Call<'_>, form: SpotCheckForm) -> Outcome<SpotCheckView> {
    rules::validate_spot_check(form.share_bps, form.seed.as_deref())?;
    // The seed first: the list is only read when it is fixed.
    let ready = ready(call, form.seed.as_deref())?;
    let list = population(call, form.scope)?;
    if list.is_empty() {
        return Err(Refusal::invalid_state(
            "该范围内目前没有可抽查的对象。",
            "There is nothing within this scope to draw from.",
        )
        .article("16")
        .into());
    }
    let drawn_ids = rules::drawn(&ready.seed, rules::share_of(list.len(), form.share_bps), list.clone());
    let drawn = Drawn {
        id: call.new_id(),
        kind: DrawKind::SpotCheck,
        spot_check: Some((form.scope, form.share_bps)),
        subject_id: None,
        list: &list,
        drawn_ids: &drawn_ids,
    };
    Ok(keep(call, &ready, &drawn)?.into())
}

/// The spot checks, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn spot_checks(call: &mut Call<'_>, query: SpotChecksQuery) -> Outcome<Page<SpotCheckView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = Draw::list(call.tx, Some(DrawKind::SpotCheck), page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}

/// A spot check.
///
/// # Errors
/// `not_found`.
pub fn spot_check(call: &mut Call<'_>, id: Uuid) -> Outcome<SpotCheckView> {
    let row = Draw::find(call.tx, id)?.filter(|row| row.kind == DrawKind::SpotCheck).ok_or_else(Refusal::not_found)?;
    Ok(row.into())
}
