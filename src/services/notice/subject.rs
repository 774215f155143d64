//! What a notice publishes, by its kind: loaded in order, shown, and marked as published.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::assessment::SubmissionAction;
use voucher_domain::event::EventAction;
use voucher_domain::facility::FacilityAction;
use voucher_domain::notice::{self as rules, NoticeKind};
use voucher_domain::policy::Policy;
use voucher_domain::redemption::RedemptionAction;
use voucher_domain::refusal::Refusal;
use voucher_storage::assessment::{Assessment, Submission};
use voucher_storage::contract::Contract;
use voucher_storage::facility::Facility;
use voucher_storage::notice::Objection;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;
use voucher_storage::redemption::Redemption;

use super::{PublishedFacility, PublishedFacts, PublishedRedemption, PublishedSubsidy, counted};
use crate::services::{Call, Failure, Outcome, assessment, facility, redemption};

/// The subjects of one notice, locked, in the order they were named.
pub(super) enum Subjects {
    /// Redemptions that are approved (Art. 15.5).
    Redemptions(Vec<Redemption>),
    /// Facilities that are approved (Art. 6).
    Facilities(Vec<Facility>),
    /// What submissions to yearly assessments came to, by their campaigns (Art. 14).
    Submissions(Vec<Submission>, BTreeMap<Uuid, Assessment>),
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
            NoticeKind::Subsidy => {
                let rows = by_id(Submission::lock_all(call.tx, ids)?, |row| row.id);
                let rows = ready(call, ids, rows, |row| row.status.after(SubmissionAction::Publish).map(drop), "14")?;
                let campaign_ids: Vec<Uuid> = rows.iter().map(|row| row.assessment_id).collect();
                let campaigns = by_id(Assessment::find_all(call.tx, &campaign_ids)?, |row| row.id);
                Ok(Self::Submissions(rows, campaigns))
            }
        }
    }

    /// The policies that their days are counted by: a facility's is the default one.
    pub fn policies<'c>(&self, call: &'c Call<'_>) -> Outcome<Vec<&'c Policy>> {
        match self {
            Self::Redemptions(rows) => rows.iter().map(|row| call.policy(&row.policy_id)).collect(),
            Self::Facilities(_) => Ok(vec![call.program.policies.named(None)?]),
            Self::Submissions(_, campaigns) => campaigns.values().map(|row| call.policy(&row.policy_id)).collect(),
        }
    }

    /// What the public reads about each.
    pub fn facts(&self, call: &mut Call<'_>) -> Outcome<Vec<(Uuid, PublishedFacts)>> {
        match self {
            Self::Redemptions(rows) => redemptions(call, rows),
            Self::Facilities(rows) => facilities(call, rows),
            Self::Submissions(rows, campaigns) => submissions(call, rows, campaigns),
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
            Self::Submissions(rows, _) => {
                for row in rows {
                    let status = row.status.after(SubmissionAction::Publish)?;
                    let after = Submission { status, notice_id: Some(notice_id), ..row.clone() };
                    assessment::save_submission(call, EventAction::SubmissionPublished, &row, &after)?;
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

fn submissions(
    call: &mut Call<'_>,
    rows: &[Submission],
    campaigns: &BTreeMap<Uuid, Assessment>,
) -> Outcome<Vec<(Uuid, PublishedFacts)>> {
    let names = facility::names(call, rows.iter().map(|row| row.facility_id))?;
    let facts = rows.iter().map(|row| {
        let facts = result(row, campaigns, &names);
        let facts = facts.ok_or_else(|| Failure::internal(format!("submission {} has no result", row.id)))?;
        Ok((row.id, PublishedFacts::Subsidy(facts)))
    });
    facts.collect()
}

fn result(
    row: &Submission,
    campaigns: &BTreeMap<Uuid, Assessment>,
    names: &BTreeMap<Uuid, String>,
) -> Option<PublishedSubsidy> {
    let award = row.award?;
    Some(PublishedSubsidy {
        year: campaigns.get(&row.assessment_id)?.year,
        facility_name: names.get(&row.facility_id)?.clone(),
        class: award.class,
        grade: award.grade,
        is_third_party_testing: award.is_third_party_testing,
        amount_fen: row.subsidy_fen?,
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
