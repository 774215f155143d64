//! What people are told of each change, and who is told: beside the event of the change, in its
//! transaction.

mod assessment;
mod facility;
mod redemption;
mod supervision;
mod trade;

use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_storage::contract::Contract;
use voucher_storage::organization::Organization;
use voucher_storage::project::Project;

use super::notify::{self, Message};
use super::{Call, Failure, Outcome};

pub use assessment::{
    assessment_announced, assessment_review_assigned, assessment_submitted, assessment_visit_called, submission,
    submission_objected, submission_resolved, subsidy_failed,
};
pub use facility::facility;
pub use redemption::{inquiry_arranged, objection_made, payment_failed, redemption, resolved, review_assigned};
pub use supervision::{clawback_received, sanction_lifted, statement_made, violation, voucher_returned};
pub use trade::{contract, project, voucher_claimed, voucher_voided, vouchers_voided};

/// Which side of a voucher is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    Applicant,
    Facility,
    Both,
}

/// The two sides of a project, a contract or a redemption.
#[derive(Debug, Clone, Copy)]
struct Parties {
    applicant_id: Uuid,
    facility_id: Uuid,
}

impl Parties {
    fn tell(self, call: &mut Call<'_>, whom: Whom, message: &Message) -> Outcome<()> {
        if matches!(whom, Whom::Applicant | Whom::Both) {
            notify::tell_organization(call, self.applicant_id, message)?;
        }
        if matches!(whom, Whom::Facility | Whom::Both) {
            notify::tell_organization(call, self.facility_id, message)?;
        }
        Ok(())
    }
}

/// The names of the two sides.
fn names(call: &mut Call<'_>, parties: Parties) -> Outcome<Facts> {
    let rows = Organization::find_all(call.tx, &[parties.applicant_id, parties.facility_id])?;
    let name = |id: Uuid| rows.iter().find(|row| row.id == id).map(|row| row.name.clone());
    Ok(Facts::default()
        .with(FactName::Applicant, name(parties.applicant_id))
        .with(FactName::Facility, name(parties.facility_id)))
}

/// What can be told of a contract: its number, what it is about, whose it is.
fn of_contract(call: &mut Call<'_>, row: &Contract) -> Outcome<Facts> {
    let project = Project::find(call.tx, row.project_id)?;
    let project = project.ok_or_else(|| Failure::internal(format!("contract {} has no project", row.id)))?;
    let names = names(call, Parties { applicant_id: row.applicant_id, facility_id: row.facility_id })?;
    Ok(names.with(FactName::Number, &row.number).with(FactName::Title, project.title))
}

/// A message with the facts that are its kind's, out of those that are known.
fn message(kind: NotificationKind, subject_kind: SubjectKind, subject_id: Uuid, known: &Facts) -> Message {
    Message { kind, subject_kind, subject_id, facts: known.only(kind.fact_names()) }
}
