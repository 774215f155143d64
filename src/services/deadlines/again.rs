//! One thing looked at again: what of it is still open to somebody.

use uuid::Uuid;
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::redemption::RedemptionStatus;
use voucher_storage::applicant::Profile;
use voucher_storage::contract::Contract;
use voucher_storage::deadline::OpenProject;
use voucher_storage::facility::Facility;
use voucher_storage::notice::Notice;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::Violation;

use super::sources::{certificates, for_officers, for_parties, leaving, of_contracts, of_vouchers, statements};
use super::{OpenDeadline, assessments};
use crate::services::{Call, Outcome};

/// What is open of a notice to the officers.
pub(super) fn of_notice(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let notice = Notice::find(call.tx, id)?;
    Ok(notice.iter().filter(|notice| call.now < notice.expires_at).map(for_officers).collect())
}

/// What is open of a thing to an organization that acts in this part.
pub(super) fn of_subject(
    call: &mut Call<'_>,
    organization_id: Uuid,
    part: Part,
    kind: DeadlineKind,
    id: Uuid,
) -> Outcome<Vec<OpenDeadline>> {
    match kind {
        DeadlineKind::Registration | DeadlineKind::Validity => of_voucher(call, organization_id, part, id),
        DeadlineKind::Redemption => {
            let contract = Contract::find(call.tx, id)?;
            of_contracts(call, contract.as_slice())
        }
        DeadlineKind::Correction => {
            let Some(redemption) = Redemption::find(call.tx, id)? else { return Ok(Vec::new()) };
            let contract = Contract::find(call.tx, redemption.contract_id)?;
            of_contracts(call, contract.as_slice())
        }
        DeadlineKind::NoticeEnd => of_published(call, organization_id, part, id),
        DeadlineKind::FacilityExit => {
            let facility = Facility::find(call.tx, id)?;
            leaving(call, facility.as_slice())
        }
        DeadlineKind::CertificateExpiry => match Profile::find(call.tx, id)? {
            Some(profile) => certificates(&profile, call.today()),
            None => Ok(Vec::new()),
        },
        DeadlineKind::Statement => {
            let violation = Violation::find(call.tx, id)?;
            statements(call, violation.as_slice())
        }
        DeadlineKind::Assessment => assessments::of_facility(call, organization_id),
        DeadlineKind::Review | DeadlineKind::AssessmentReview => Ok(Vec::new()),
    }
}

fn of_voucher(call: &mut Call<'_>, organization_id: Uuid, part: Part, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    // A facility is concerned while a project of its own names the voucher.
    if part == Part::Facility {
        let projects = OpenProject::of_facility(call.tx, organization_id)?;
        if !projects.iter().any(|project| project.voucher_ids.contains(&id)) {
            return Ok(Vec::new());
        }
    }
    of_vouchers(call, &[id], organization_id, part)
}

fn of_published(call: &mut Call<'_>, organization_id: Uuid, part: Part, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let published = Redemption::find(call.tx, id)?.filter(|row| row.status == RedemptionStatus::InNotice);
    let Some(notice_id) = published.as_ref().and_then(|row| row.notice_id) else { return Ok(Vec::new()) };
    let notice = Notice::find(call.tx, notice_id)?;
    for_parties(call, published.as_slice(), notice.as_slice(), part, |_| organization_id)
}
