//! What a facility opens (Art. 5, 6): listed by itself, found by everybody.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility as rules;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::facility::{Instrument, InstrumentFilter};

use super::particulars::trimmed;
use super::{change, is_serving, names, not_offered, own};
use crate::services::{Call, Failure, Outcome, Page, PageRequest};

/// An instrument to be listed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentForm {
    /// What it is called.
    pub name: String,
    /// Who made it.
    pub maker: String,
    /// Its model.
    pub model: String,
    /// What kind of instrument it is.
    pub category: String,
    /// What it cost when it was bought, in fen.
    pub original_value_fen: Money,
    /// How it is opened to others.
    pub opening_rules: String,
}

/// A change of an instrument; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentChange {
    /// What it is called.
    pub name: Option<String>,
    /// Who made it.
    pub maker: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// What kind of instrument it is.
    pub category: Option<String>,
    /// What it cost when it was bought, in fen.
    pub original_value_fen: Option<Money>,
    /// How it is opened to others.
    pub opening_rules: Option<String>,
}

/// Which of the facility's own instruments are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct OwnInstrumentsQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Which instruments are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InstrumentsQuery {
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// Of this category.
    pub category: Option<String>,
    /// Of facilities in this district.
    pub district: Option<String>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An instrument.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstrumentView {
    /// Its id.
    pub id: Uuid,
    /// Who opens it.
    pub facility_id: Uuid,
    /// What that facility is called.
    pub facility_name: String,
    /// What it is called.
    pub name: String,
    /// Who made it.
    pub maker: String,
    /// Its model.
    pub model: String,
    /// What kind of instrument it is.
    pub category: String,
    /// What it cost when it was bought, in fen.
    pub original_value_fen: Money,
    /// How it is opened to others.
    pub opening_rules: String,
    /// Whether it is still offered.
    pub is_offered: bool,
    /// When it was listed.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

impl InstrumentView {
    fn of(row: Instrument, facility_name: String) -> Self {
        Self {
            id: row.id,
            facility_id: row.facility_id,
            facility_name,
            name: row.name,
            maker: row.maker,
            model: row.model,
            category: row.category,
            original_value_fen: row.original_value_fen,
            opening_rules: row.opening_rules,
            is_offered: row.is_offered,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

fn view(call: &mut Call<'_>, row: Instrument) -> Outcome<InstrumentView> {
    let name = names(call, [row.facility_id])?.remove(&row.facility_id).unwrap_or_default();
    Ok(InstrumentView::of(row, name))
}

fn page_of(call: &mut Call<'_>, filter: &InstrumentFilter, page: PageRequest) -> Outcome<Page<InstrumentView>> {
    let rows = Instrument::list(call.tx, filter, page.before, page.limit)?;
    let names = names(call, rows.items.iter().map(|row| row.facility_id))?;
    Page::of(rows, |row| {
        let name = names.get(&row.facility_id).cloned().unwrap_or_default();
        Ok::<_, Failure>(InstrumentView::of(row, name))
    })
}

fn check(form: &InstrumentForm) -> Result<(), Refusal> {
    rules::validate_instrument(&rules::InstrumentForm {
        name: &form.name,
        maker: &form.maker,
        model: &form.model,
        category: &form.category,
        original_value_fen: form.original_value_fen,
        opening_rules: &form.opening_rules,
    })
}

/// Lists an instrument.
///
/// # Errors
/// `not_found` for an organization that is no facility yet, `validation_failed`.
pub fn add_instrument(call: &mut Call<'_>, form: InstrumentForm) -> Outcome<InstrumentView> {
    let facility_id = own(call)?.id;
    check(&form)?;
    let row = Instrument {
        id: call.new_id(),
        facility_id,
        name: form.name.trim().to_owned(),
        maker: form.maker.trim().to_owned(),
        model: form.model.trim().to_owned(),
        category: form.category.trim().to_owned(),
        original_value_fen: form.original_value_fen,
        opening_rules: form.opening_rules.trim().to_owned(),
        is_offered: true,
        created_at: call.now,
        version: 1,
    };
    let row = Instrument::insert(call.tx, &row)?;
    let after = view(call, row)?;
    call.record(change(EventAction::InstrumentCreated, after.id, facility_id, None, &after))?;
    Ok(after)
}

/// Changes an instrument.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_state` once it is no longer offered, `validation_failed`.
pub fn change_instrument(call: &mut Call<'_>, id: Uuid, form: InstrumentChange) -> Outcome<InstrumentView> {
    let before = locked(call, id)?;
    call.expect_version(before.version)?;
    if !before.is_offered {
        return Err(not_offered().into());
    }
    let form = InstrumentForm {
        name: form.name.unwrap_or_else(|| before.name.clone()),
        maker: form.maker.unwrap_or_else(|| before.maker.clone()),
        model: form.model.unwrap_or_else(|| before.model.clone()),
        category: form.category.unwrap_or_else(|| before.category.clone()),
        original_value_fen: form.original_value_fen.unwrap_or(before.original_value_fen),
        opening_rules: form.opening_rules.unwrap_or_else(|| before.opening_rules.clone()),
    };
    check(&form)?;
    let after = Instrument {
        name: form.name.trim().to_owned(),
        maker: form.maker.trim().to_owned(),
        model: form.model.trim().to_owned(),
        category: form.category.trim().to_owned(),
        original_value_fen: form.original_value_fen,
        opening_rules: form.opening_rules.trim().to_owned(),
        ..before.clone()
    };
    save(call, EventAction::InstrumentChanged, before, &after)
}

/// Takes an instrument off: it is offered no longer. Services that name it stay as they are.
///
/// # Errors
/// `not_found`; taking it off again changes nothing.
pub fn remove_instrument(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    let before = locked(call, id)?;
    if before.is_offered {
        let after = Instrument { is_offered: false, ..before.clone() };
        save(call, EventAction::InstrumentRemoved, before, &after)?;
    }
    Ok(())
}

/// One of the facility's own instruments, locked.
fn locked(call: &mut Call<'_>, id: Uuid) -> Outcome<Instrument> {
    let facility_id = own(call)?.id;
    let row = Instrument::lock(call.tx, id)?.filter(|row| row.facility_id == facility_id);
    Ok(row.ok_or_else(Refusal::not_found)?)
}

fn save(call: &mut Call<'_>, action: EventAction, before: Instrument, after: &Instrument) -> Outcome<InstrumentView> {
    let row = Instrument::save(call.tx, after)?;
    let (before, after) = (view(call, before)?, view(call, row)?);
    call.record(change(action, after.id, after.facility_id, Some(&before), &after))?;
    Ok(after)
}

/// One of the facility's own instruments, offered or not.
///
/// # Errors
/// `not_found`.
pub fn own_instrument(call: &mut Call<'_>, id: Uuid) -> Outcome<InstrumentView> {
    let organization_id = call.organization()?;
    let row = Instrument::find(call.tx, id)?.filter(|row| row.facility_id == organization_id);
    view(call, row.ok_or_else(Refusal::not_found)?)
}

/// The facility's own instruments, newest first, with those that are offered no longer.
///
/// # Errors
/// `not_found` for an organization that is no facility yet, `validation_failed` for a bad page.
pub fn own_instruments(call: &mut Call<'_>, query: OwnInstrumentsQuery) -> Outcome<Page<InstrumentView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let facility_id = Some(own(call)?.id);
    page_of(call, &InstrumentFilter { facility_id, ..InstrumentFilter::default() }, page)
}

/// An instrument that is offered.
///
/// # Errors
/// `not_found`.
pub fn show_instrument(call: &mut Call<'_>, id: Uuid) -> Outcome<InstrumentView> {
    let row = Instrument::find(call.tx, id)?.filter(|row| row.is_offered).ok_or_else(Refusal::not_found)?;
    if !is_serving(call, row.facility_id)? {
        return Err(Refusal::not_found().into());
    }
    view(call, row)
}

/// The instruments that serving facilities offer, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn instruments(call: &mut Call<'_>, query: InstrumentsQuery) -> Outcome<Page<InstrumentView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let filter = InstrumentFilter {
        is_on_offer: true,
        facility_id: query.facility_id,
        category: trimmed(query.category),
        district: trimmed(query.district),
    };
    page_of(call, &filter, page)
}
