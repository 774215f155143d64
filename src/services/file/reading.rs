//! Who may read a file: whoever sent it, and whoever may see what it is attached to.

use uuid::Uuid;
use voucher_domain::actor::{Actor, Role};
use voucher_domain::event::SubjectKind;
use voucher_storage::assessment::Submission;
use voucher_storage::contract::Contract;
use voucher_storage::file::{Attachment, File};
use voucher_storage::joining::FacilityApplication;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::{Statement, Violation};

use crate::services::{Call, Outcome, assessment, redemption, review};

/// On what ground somebody reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It is their own, or their organization's.
    Own,
    /// It is attached to something they may see, which is this organization's or concerns it.
    Attached {
        /// The applicant, or the facility that applies or is assessed.
        organization_id: Uuid,
    },
}

/// Whether a file is the person's own, or their organization's.
pub(super) fn is_own(actor: &Actor, file: &File) -> bool {
    file.uploaded_by == actor.user_id || file.organization_id.is_some_and(|id| actor.is_of(id))
}

/// On what ground the caller may read the file; none where they may not.
///
/// # Errors
/// When the store fails.
pub fn may_read(call: &mut Call<'_>, file: &File) -> Outcome<Option<Reading>> {
    let actor = call.actor()?;
    if is_own(&actor, file) {
        return Ok(Some(Reading::Own));
    }
    for attachment in Attachment::of_file(call.tx, file.id)? {
        if let Some(organization_id) = owner_of(call, &attachment)? {
            return Ok(Some(Reading::Attached { organization_id }));
        }
    }
    Ok(None)
}

/// The organization whose thing with files it is, the applicant where it has two parties, where the caller
/// may see the thing.
fn owner_of(call: &mut Call<'_>, attachment: &Attachment) -> Outcome<Option<Uuid>> {
    let id = attachment.subject_id;
    match attachment.subject_kind {
        SubjectKind::Contract => match Contract::find(call.tx, id)? {
            Some(contract) => Ok(may_see_contract(call, &contract)?.then_some(contract.applicant_id)),
            None => Ok(None),
        },
        SubjectKind::Redemption => match Redemption::find(call.tx, id)? {
            Some(row) => Ok(redemption::may_see(call, &row)?.then_some(row.applicant_id)),
            None => Ok(None),
        },
        // Copies of certificates are for the commission alone; a facility learns what they come to. A profile has the
        // id of its organization.
        SubjectKind::Profile => Ok(call.actor()?.sees_everything().then_some(id)),
        // What shows the conditions of Art. 6 is for the commission; the facility's own it is already.
        SubjectKind::FacilityApplication => {
            let row = FacilityApplication::find(call.tx, id)?;
            let sees = call.actor()?.sees_everything();
            Ok(row.filter(|_| sees).map(|row| row.facility_id))
        }
        // What shows a violation, and what the party answers: for the party and the commission.
        SubjectKind::Violation => of_violation(call, id),
        SubjectKind::Statement => match Statement::find(call.tx, id)? {
            Some(statement) => of_violation(call, statement.violation_id),
            None => Ok(None),
        },
        // What a facility submits to the assessment is for the commission, and for its experts while they score
        // it; its own it is already.
        SubjectKind::AssessmentSubmission => {
            let may = call.actor()?.sees_everything() || assessment::is_reviewing(call, id)?;
            let row = Submission::find(call.tx, id)?;
            Ok(row.filter(|_| may).map(|row| row.facility_id))
        }
        // The record of a site visit is for the commission and the experts, not for the parties.
        SubjectKind::Inquiry => match review::readable_inquiry(call, id)? {
            Some(row) => Ok(Some(row.applicant_id)),
            None => Ok(None),
        },
        // Nothing is attached to these; a kind that comes to have files says here who may read them.
        SubjectKind::User
        | SubjectKind::Organization
        | SubjectKind::File
        | SubjectKind::Calendar
        | SubjectKind::Cycle
        | SubjectKind::Voucher
        | SubjectKind::Facility
        | SubjectKind::FacilityChange
        | SubjectKind::RecognitionAgreement
        | SubjectKind::Service
        | SubjectKind::Instrument
        | SubjectKind::Project
        | SubjectKind::Review
        | SubjectKind::Notice
        | SubjectKind::Objection
        | SubjectKind::Disbursement
        | SubjectKind::Sanction
        | SubjectKind::Clawback
        | SubjectKind::Assessment
        | SubjectKind::AssessmentReview
        | SubjectKind::FundStatement
        | SubjectKind::Letter
        | SubjectKind::Correction
        | SubjectKind::Draw => Ok(None),
    }
}

/// The party of a violation, where the caller is of it or of the commission.
fn of_violation(call: &mut Call<'_>, id: Uuid) -> Outcome<Option<Uuid>> {
    let actor = call.actor()?;
    let row = Violation::find(call.tx, id)?;
    Ok(row.map(|row| row.organization_id).filter(|party| actor.sees_everything() || actor.is_of(*party)))
}

/// A contract's files are for its parties and the commission, and for the experts of its redemption
/// while they review it.
fn may_see_contract(call: &mut Call<'_>, contract: &Contract) -> Outcome<bool> {
    let actor = call.actor()?;
    match actor.role {
        Role::Officer | Role::Auditor => Ok(true),
        Role::Applicant => Ok(actor.is_of(contract.applicant_id)),
        Role::Facility => Ok(actor.is_of(contract.facility_id)),
        Role::Expert => match Redemption::standing_of_contract(call.tx, contract.id)? {
            Some(row) => review::is_reviewing(call, &row, actor.user_id),
            None => Ok(false),
        },
        Role::Admin => Ok(false),
    }
}
