//! What a correction changes when it is made.

use voucher_domain::applicant::Uscc;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::privacy::{CorrectionField, Personal};
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::organization::Organization;
use voucher_storage::privacy::Correction;
use voucher_storage::user::User;

use crate::services::identity::{self, OrganizationView};
use crate::services::{Call, Change, Outcome};

/// Whom a correction is about, locked: the organization before the account.
pub(super) struct Subject {
    organization: Option<Organization>,
    user: User,
}

/// Locks whom a correction is about.
pub(super) fn lock(call: &mut Call<'_>, row: &Correction) -> Outcome<Subject> {
    let user = User::find(call.tx, row.user_id)?.ok_or_else(Refusal::not_found)?;
    let organization = match user.organization_id {
        Some(id) => Organization::lock(call.tx, id)?,
        None => None,
    };
    let user = User::lock(call.tx, row.user_id)?.ok_or_else(Refusal::not_found)?;
    Ok(Subject { organization, user })
}

/// Nobody decides what is held about themselves.
pub(super) fn same_person() -> Refusal {
    Refusal::new(
        RefusalCode::SamePerson,
        "不能办理本人提出的更正申请,请由其他管理员办理。",
        "You cannot decide your own request; another administrator has to.",
    )
}

/// Makes a correction; what has no field of its own was made by hand.
pub(super) fn make(call: &mut Call<'_>, field: CorrectionField, subject: Subject, proposed: &Personal) -> Outcome<()> {
    match field {
        CorrectionField::Email => identity::move_address(call, &subject.user, proposed.reveal()),
        CorrectionField::OrganizationName => {
            change(call, subject, |row| Organization { name: proposed.reveal().to_owned(), ..row })
        }
        CorrectionField::Uscc => {
            let uscc = Uscc::parse(proposed.reveal()).map_err(|error| error.into_refusal("proposed"))?;
            change(call, subject, |row| Organization { uscc: Some(uscc.as_str().to_owned()), ..row })
        }
        CorrectionField::Other => Ok(()),
    }
}

fn change(call: &mut Call<'_>, subject: Subject, to: impl FnOnce(Organization) -> Organization) -> Outcome<()> {
    let before = subject.organization.ok_or_else(Refusal::not_found)?;
    let after = Organization::save(call.tx, &to(before.clone())).map_err(identity::explain_taken)?;
    call.record(Change {
        action: EventAction::OrganizationChanged,
        kind: SubjectKind::Organization,
        id: after.id,
        organization_id: Some(after.id),
        cycle_id: None,
        before: Some(&OrganizationView::from(before)),
        after: Some(&OrganizationView::from(after.clone())),
    })
}
