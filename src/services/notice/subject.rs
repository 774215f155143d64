//! What a notice publishes, by its kind: loaded in order, shown, and marked as published.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::event::EventAction;
use voucher_domain::facility::FacilityAction;
use voucher_domain::notice::{self as rules, NoticeKind};
use voucher_domain::policy::Policy;
use voucher_domain::redemption::RedemptionAction;
use voucher_domain::refusal::Refusal;
use voucher_storage::contract::Contract;
use voucher_storage::facility::Facility;
use voucher_storage::notice::Objection;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::redemption::Redemption;

use super::{PublishedFacility, PublishedFacts, PublishedRedemption, counted};
use crate::services::{Call, Failure, Outcome, facility, redemption};

/// The subjects of one notice, locked, in the order they were named.
pub(super) enum Subjects {
    /// Redemptions that are approved (Art. 15.5).
    Redemptions(Vec<Redemption>),
    /// Facilities that are approved (Art. 6).
    Facilities(Vec<Facility>),
}

impl Subjects {
    /// Locks them in the order of their ids, each ready to be published.
    pub fn lock(call: &mut Call<'_>, kind: NoticeKind, ids: &[Uuid]) -> Outcome<Self> {
        match kind {
            NoticeKind::Redemption => {
                let rows = by_id(Redemption::lock_all(call.tx, ids)?, |row| row.id);
                ready(call, ids, rows, |row| row.status.after(RedemptionAction::Publish).map(drop), "15.5")
                    .map(Self::Redemptions)
            }
            NoticeKind::Facility => {
                let rows = by_id(Facility::lock_all(call.tx, ids)?, |row| row.id);
                ready(call, ids, rows, |row| row.status.after(FacilityAction::Publish).map(drop), "6")
                    .map(Self::Facilities)
            }
            NoticeKind::Subsidy => Err(Failure::internal("subsidies are not published yet")),
        }
    }

    /// The policies that their days are counted by: a facility's is the default one.
    pub fn policies<'c>(&self, call: &'c Call<'_>) -> Outcome<Vec<&'c Policy>> {
        match self {
            Self::Redemptions(rows) => rows.iter().map(|row| call.policy(&row.policy_id)).collect(),
            Self::Facilities(_) => Ok(vec![call.program.policies.named(None)?]),
        }
    }

    /// What the public reads about each.
    pub fn facts(&self, call: &mut Call<'_>) -> Outcome<Vec<(Uuid, PublishedFacts)>> {
        match self {
            Self::Redemptions(rows) => redemptions(call, rows),
            Self::Facilities(rows) => facilities(call, rows),
        }
    }

    /// Marks each as published in this notice.
    pub fn mark(self, call: &mut Call<'_>, notice_id: Uuid) -> Outcome<()> {
        match self {
            Self::Redemptions(rows) => {
                for row in rows {
                    let status = row.status.after(RedemptionAction::Publish)?;
                    let after = Redemption { status, notice_id: Some(notice_id), ..row.clone() };
                    redemption::save(call, EventAction::RedemptionPublished, &row, &after)?;
                }
            }
            Self::Facilities(rows) => {
                for row in rows {
                    let status = row.status.after(FacilityAction::Publish)?;
                    let after = Facility { status, notice_id: Some(notice_id), ..row.clone() };
                    facility::save(call, EventAction::FacilityPublished, &row, &after)?;
                }
            }
        }
        Ok(())
    }
}

/// The rows in the order they were named, each in a state to be published, with no open objection.
fn ready<T>(
    call: &mut Call<'_>,
    ids: &[Uuid],
    mut rows: BTreeMap<Uuid, T>,
    is_approved: impl Fn(&T) -> Result<(), Refusal>,
    article: &str,
) -> Outcome<Vec<T>> {
    let open = counted(Objection::open_by_subject(call.tx, ids)?);
    let mut ready = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let field = format!("subject_ids[{index}]");
        let row = rows.remove(id).ok_or_else(|| Refusal::not_found().about(&field))?;
        is_approved(&row).map_err(|refusal| refusal.article(article).about(&field))?;
        rules::no_open_objection(open.get(id).copied().unwrap_or_default()).map_err(|refusal| refusal.about(&field))?;
        ready.push(row);
    }
    Ok(ready)
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> BTreeMap<Uuid, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn redemptions(call: &mut Call<'_>, rows: &[Redemption]) -> Outcome<Vec<(Uuid, PublishedFacts)>> {
    let contract_ids: Vec<Uuid> = rows.iter().map(|row| row.contract_id).collect();
    let contracts = by_id(Contract::find_all(call.tx, &contract_ids)?, |row| row.id);
    let project_ids: Vec<Uuid> = contracts.values().map(|row| row.project_id).collect();
    let projects = by_id(Project::find_all(call.tx, &project_ids)?, |row| row.id);
    let party_ids: Vec<Uuid> = rows.iter().flat_map(|row| [row.applicant_id, row.facility_id]).collect();
    let parties = by_id(Organization::find_all(call.tx, &party_ids)?, |row| row.id);
    let lacking = |row: &Redemption| Failure::internal(format!("redemption {} lacks what it rests on", row.id));
    let facts = rows.iter().map(|row| {
        let facts = published(row, &contracts, &projects, &parties).ok_or_else(|| lacking(row))?;
        Ok((row.id, PublishedFacts::Redemption(facts)))
    });
    facts.collect()
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

fn facilities(call: &mut Call<'_>, rows: &[Facility]) -> Outcome<Vec<(Uuid, PublishedFacts)>> {
    let names = facility::names(call, rows.iter().map(|row| row.id))?;
    let facts = rows.iter().map(|row| {
        let facts = PublishedFacility {
            facility_name: names.get(&row.id).cloned().unwrap_or_default(),
            region: row.region,
            district: row.district.clone(),
            nature: row.nature,
            is_third_party_testing: row.is_third_party_testing,
        };
        (row.id, PublishedFacts::Facility(facts))
    });
    Ok(facts.collect())
}
