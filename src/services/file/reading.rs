//! Who may read a file: whoever sent it, and whoever may see what it is attached to.

use uuid::Uuid;
use voucher_domain::actor::{Actor, Role};
use voucher_domain::event::SubjectKind;
use voucher_domain::redemption::{RedemptionAction, RedemptionStatus};
use voucher_domain::review::ReviewStatus;
use voucher_storage::contract::Contract;
use voucher_storage::file::{Attachment, File};
use voucher_storage::redemption::Redemption;

use crate::services::{Call, Outcome};

/// On what ground somebody reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It is their own, or their organization's.
    Own,
    /// It is attached to something they may see, which concerns this applicant.
    Attached {
        /// The applicant.
        applicant_id: Uuid,
    },
}

/// The parties of what a file is attached to.
#[derive(Debug, Clone, Copy)]
struct Parties {
    applicant_id: Uuid,
    facility_id: Uuid,
    contract_id: Uuid,
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
        if let Some(parties) = parties(call, &attachment)?
            && may_see(call, &actor, &attachment, parties)?
        {
            return Ok(Some(Reading::Attached { applicant_id: parties.applicant_id }));
        }
    }
    Ok(None)
}

/// The parties of a thing that files are attached to.
fn parties(call: &mut Call<'_>, attachment: &Attachment) -> Outcome<Option<Parties>> {
    let id = attachment.subject_id;
    Ok(match attachment.subject_kind {
        SubjectKind::Contract => Contract::find(call.tx, id)?.map(|contract| Parties {
            applicant_id: contract.applicant_id,
            facility_id: contract.facility_id,
            contract_id: id,
        }),
        SubjectKind::Redemption => Redemption::find(call.tx, id)?.map(|redemption| Parties {
            applicant_id: redemption.applicant_id,
            facility_id: redemption.facility_id,
            contract_id: redemption.contract_id,
        }),
        // Nothing is attached to these; a kind that comes to have files says here who may read them.
        SubjectKind::User
        | SubjectKind::Organization
        | SubjectKind::Profile
        | SubjectKind::File
        | SubjectKind::Calendar
        | SubjectKind::Cycle
        | SubjectKind::Voucher
        | SubjectKind::Facility
        | SubjectKind::Service
        | SubjectKind::Instrument
        | SubjectKind::Project
        | SubjectKind::Review
        | SubjectKind::Inquiry
        | SubjectKind::Notice
        | SubjectKind::Objection
        | SubjectKind::Disbursement => None,
    })
}

/// A contract and its redemption are seen by their parties and the commission, and by the experts who
/// review the redemption, while they do.
fn may_see(call: &mut Call<'_>, actor: &Actor, attachment: &Attachment, parties: Parties) -> Outcome<bool> {
    match actor.role {
        Role::Officer | Role::Auditor => Ok(true),
        Role::Applicant => Ok(actor.is_of(parties.applicant_id)),
        Role::Facility => Ok(actor.is_of(parties.facility_id)),
        Role::Expert => {
            let reviews = Attachment::reviews_by(call.tx, actor.user_id, parties.contract_id)?;
            let is_about = |id: Uuid| attachment.subject_kind == SubjectKind::Contract || attachment.subject_id == id;
            Ok(reviews.iter().any(|(id, redemption, review)| is_about(*id) && is_open(*redemption, *review)))
        }
        Role::Admin => Ok(false),
    }
}

/// Whether a review can still be given or changed.
fn is_open(redemption: RedemptionStatus, review: ReviewStatus) -> bool {
    review != ReviewStatus::Recused && redemption.after(RedemptionAction::Review).is_ok()
}
