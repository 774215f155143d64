//! What a project chooses: services of one facility, vouchers of the applicant.

use std::collections::BTreeSet;

use uuid::Uuid;
use voucher_domain::facility::{FacilityRegion, FacilityStatus, Recognition, ServingFacts};
use voucher_domain::project;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::facility::{Facility, Service};
use voucher_storage::project::Project;
use voucher_storage::voucher::Voucher;

use crate::services::facility::recognition_of;
use crate::services::{Call, Outcome};

const MOST_CHOSEN: usize = 50;

/// The form of a project, for the rules; its choices have been loaded.
pub(super) fn form<'a>(row: &'a Project, services: &[Service]) -> project::ProjectForm<'a> {
    project::ProjectForm {
        title: &row.title,
        research: &row.research,
        services: row.service_ids.len(),
        vouchers: row.voucher_ids.len(),
        planned_amount_fen: row.planned_amount_fen,
        is_statutory_testing: row.is_statutory_testing,
        has_municipal_funding: row.has_municipal_funding,
        has_statutory_service: services.iter().any(|service| service.is_statutory_testing),
    }
}

/// Loads the services that a project chooses, and notes each place of `service_ids` and `voucher_ids` at
/// fault: services are offered by its facility, vouchers are the applicant's own. Whose another voucher is,
/// or whether it exists, is not told.
///
/// # Errors
/// `validation_failed` for too many of them.
pub(super) fn load(call: &mut Call<'_>, row: &Project, faults: &mut Faults) -> Outcome<Vec<Service>> {
    for (field, ids) in [("service_ids", &row.service_ids), ("voucher_ids", &row.voucher_ids)] {
        require_few(field, ids)?;
        note_repeats(faults, field, ids);
    }
    let services = Service::find_all(call.tx, &row.service_ids)?;
    let is_offered = |service: &&Service| service.facility_id == row.facility_id && service.is_offered;
    let offered = services.iter().filter(is_offered).map(|service| service.id).collect();
    let words = ("不是该开放单位正在提供的服务。", "is not a service that this facility offers.");
    note_others(faults, "service_ids", &row.service_ids, &offered, words);
    let vouchers = Voucher::find_all(call.tx, &row.voucher_ids)?;
    let is_own = |voucher: &&Voucher| voucher.applicant_id == row.applicant_id;
    let own = vouchers.iter().filter(is_own).map(|voucher| voucher.id).collect();
    let words = ("不是本单位的创新券。", "is not a voucher of yours.");
    note_others(faults, "voucher_ids", &row.voucher_ids, &own, words);
    Ok(services)
}

fn require_few(field: &str, ids: &[Uuid]) -> Result<(), Refusal> {
    if ids.len() <= MOST_CHOSEN {
        return Ok(());
    }
    let (zh, en) = (format!("最多 {MOST_CHOSEN} 项。"), format!("may have at most {MOST_CHOSEN} items."));
    Err(Refusal::field(field, "max_items", zh, en))
}

fn note_repeats(faults: &mut Faults, field: &str, ids: &[Uuid]) {
    let mut seen = BTreeSet::new();
    for (place, id) in ids.iter().enumerate() {
        faults.require(seen.insert(id), &format!("{field}[{place}]"), "duplicate", "重复出现。", "is there twice.");
    }
}

fn note_others(faults: &mut Faults, field: &str, ids: &[Uuid], good: &BTreeSet<Uuid>, (zh, en): (&str, &str)) {
    for (place, id) in ids.iter().enumerate() {
        faults.require(good.contains(id), &format!("{field}[{place}]"), "exists", zh, en);
    }
}

/// What decides whether a facility may serve. An organization that never applied stands like one that
/// is still filling in its particulars.
pub(in crate::services) fn serving(call: &mut Call<'_>, row: Option<&Facility>) -> Outcome<ServingFacts> {
    Ok(match row {
        None => ServingFacts {
            status: FacilityStatus::Draft,
            exit_last_day: None,
            region: FacilityRegion::Beijing,
            recognition: Recognition::Never,
        },
        Some(row) => ServingFacts {
            status: row.status,
            exit_last_day: row.exit_last_day,
            region: row.region,
            recognition: recognition_of(call, row.region)?,
        },
    })
}

/// The refusal of a facility that is none.
pub(super) fn no_such_facility() -> Refusal {
    Refusal::field("facility_id", "facility", "没有这个开放单位。", "is not a facility.")
}
