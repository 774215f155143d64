//! What a facility opens (Art. 5, 6), listed by itself.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::catalogue;
use voucher_domain::event::EventAction;
use voucher_domain::facility as rules;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;
use voucher_storage::facility::Instrument;

use super::{change, names, not_offered, own_facility};
use crate::services::{Call, Outcome, Page, PageRequest};

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
    pub(in crate::services) fn of(row: Instrument, facility_name: String) -> Self {
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

/// The form of an instrument.
///
/// # Errors
/// `validation_failed` with every fault.
pub(in crate::services) fn check(form: &InstrumentForm) -> Result<(), Refusal> {
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
    let facility_id = own_facility(call)?.id;
    check(&form)?;
    let row = listed(call, facility_id, &form);
    let row = Instrument::insert(call.tx, &row)?;
    let after = view(call, row)?;
    call.record(change(EventAction::InstrumentCreated, after.id, facility_id, None, &after))?;
    Ok(after)
}

/// A new instrument of a facility.
pub(in crate::services) fn listed(call: &Call<'_>, facility_id: Uuid, form: &InstrumentForm) -> Instrument {
    let blank = Instrument {
        id: call.new_id(),
        facility_id,
        name: String::new(),
        maker: String::new(),
        model: String::new(),
        category: String::new(),
        original_value_fen: form.original_value_fen,
        opening_rules: String::new(),
        is_offered: true,
        created_at: call.now,
        version: 1,
        terms: None,
    };
    written(&blank, form)
}

/// The instrument as a checked form describes it, with what it is found by.
pub(in crate::services) fn written(row: &Instrument, form: &InstrumentForm) -> Instrument {
    let (name, maker, model, category) = (form.name.trim(), form.maker.trim(), form.model.trim(), form.category.trim());
    Instrument {
        name: name.to_owned(),
        maker: maker.to_owned(),
        model: model.to_owned(),
        category: category.to_owned(),
        original_value_fen: form.original_value_fen,
        opening_rules: form.opening_rules.trim().to_owned(),
        terms: Some(catalogue::terms(name, [maker, model, category])),
        ..row.clone()
    }
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
    let after = written(&before, &form);
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
    let facility_id = own_facility(call)?.id;
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
    let facility_id = own_facility(call)?.id;
    let rows = Instrument::of_facility(call.tx, facility_id, page.before, page.limit)?;
    let name = names(call, [facility_id])?.remove(&facility_id).unwrap_or_default();
    Page::of(rows, |row| Ok(InstrumentView::of(row, name.clone())))
}
