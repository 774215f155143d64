//! Publishing what is approved.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::notice::{self as rules, NoticeItemStatus, NoticeKind};
use voucher_domain::redemption::RedemptionAction;
use voucher_domain::refusal::Refusal;
use voucher_storage::contract::Contract;
use voucher_storage::notice::{Notice, NoticeItem, Objection};
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::redemption::Redemption;

use super::{NoticeView, PublishedRedemption, counted, view};
use crate::services::{Call, Change, Failure, Outcome, redemption};

/// A notice to be published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    /// What it publishes.
    pub kind: NoticeKind,
    /// The approved redemptions.
    pub subject_ids: Vec<Uuid>,
}

/// Publishes approved redemptions for the days of Art. 15.5; what an upheld objection changed comes
/// back here once no other objection to it is open.
///
/// # Errors
/// `validation_failed`, `not_found`, `invalid_state` for one that is not approved, `objection_open`.
pub fn publish(call: &mut Call<'_>, form: NoticeForm) -> Outcome<NoticeView> {
    rules::validate(form.kind, &form.subject_ids)?;
    let redemptions = approved(call, &form.subject_ids)?;
    let calendar = call.calendar()?;
    let policies = redemptions.iter().map(|row| call.policy(&row.policy_id)).collect::<Outcome<Vec<_>>>()?;
    let periods = policies.iter().map(|policy| &policy.voucher);
    let deadline = rules::longest_period(periods, &calendar, call.today())?;
    let notice = Notice {
        id: call.new_id(),
        kind: form.kind,
        published_at: call.now,
        expires_at: deadline.expires_at,
        deadline,
        published_by: call.actor()?.user_id,
    };
    let notice = Notice::insert(call.tx, &notice)?;
    let items = items(call, &notice, &redemptions)?;
    NoticeItem::insert_all(call.tx, &items)?;
    for row in redemptions {
        let status = row.status.after(RedemptionAction::Publish)?;
        let after = Redemption { status, notice_id: Some(notice.id), ..row.clone() };
        redemption::save(call, EventAction::RedemptionPublished, &row, &after)?;
    }
    let after = view(call, &notice)?;
    call.record(Change {
        action: EventAction::NoticePublished,
        kind: SubjectKind::Notice,
        id: notice.id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(&after),
    })?;
    Ok(after)
}

/// The redemptions, locked in the order of their ids, each ready to be published.
fn approved(call: &mut Call<'_>, ids: &[Uuid]) -> Outcome<Vec<Redemption>> {
    let rows: BTreeMap<Uuid, Redemption> =
        Redemption::lock_all(call.tx, ids)?.into_iter().map(|row| (row.id, row)).collect();
    let open = counted(Objection::open_by_subject(call.tx, ids)?);
    let mut approved = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let field = format!("subject_ids[{index}]");
        let row = rows.get(id).ok_or_else(|| Refusal::not_found().about(&field))?;
        row.status.after(RedemptionAction::Publish).map_err(|refusal| refusal.article("15.5").about(&field))?;
        rules::no_open_objection(open.get(id).copied().unwrap_or_default()).map_err(|refusal| refusal.about(&field))?;
        approved.push(row.clone());
    }
    Ok(approved)
}

/// The items of a notice, in the order they were named.
fn items(call: &mut Call<'_>, notice: &Notice, redemptions: &[Redemption]) -> Outcome<Vec<NoticeItem>> {
    let contract_ids: Vec<Uuid> = redemptions.iter().map(|row| row.contract_id).collect();
    let contracts = by_id(Contract::find_all(call.tx, &contract_ids)?, |row| row.id);
    let project_ids: Vec<Uuid> = contracts.values().map(|row| row.project_id).collect();
    let projects = by_id(Project::find_all(call.tx, &project_ids)?, |row| row.id);
    let party_ids: Vec<Uuid> = redemptions.iter().flat_map(|row| [row.applicant_id, row.facility_id]).collect();
    let parties = by_id(Organization::find_all(call.tx, &party_ids)?, |row| row.id);
    let mut items = Vec::with_capacity(redemptions.len());
    for row in redemptions {
        let facts = published(row, &contracts, &projects, &parties)
            .ok_or_else(|| Failure::internal(format!("redemption {} lacks what it rests on", row.id)))?;
        let public_facts = serde_json::to_value(facts)
            .map_err(|error| Failure::internal(format!("published facts have no JSON form: {error}")))?;
        items.push(NoticeItem {
            id: call.new_id(),
            notice_id: notice.id,
            subject_id: row.id,
            status: NoticeItemStatus::Published,
            public_facts,
            version: 1,
        });
    }
    Ok(items)
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> BTreeMap<Uuid, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn published(
    row: &Redemption,
    contracts: &BTreeMap<Uuid, Contract>,
    projects: &BTreeMap<Uuid, Project>,
    parties: &BTreeMap<Uuid, Organization>,
) -> Option<PublishedRedemption> {
    let contract = contracts.get(&row.contract_id)?;
    Some(PublishedRedemption {
        applicant_name: parties.get(&row.applicant_id)?.name.clone(),
        facility_name: parties.get(&row.facility_id)?.name.clone(),
        service_kind: projects.get(&contract.project_id)?.kind,
        amount_fen: row.approved_fen?,
        starts_on: contract.starts_on,
        ends_on: contract.ends_on,
    })
}
