//! An officer enters a municipal institution, which is a facility at once (Art. 6).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::applicant::Uscc;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::facility::{
    FacilityAction, FacilityNature, FacilityRegion, FacilityStatus, ParticularsForm, validate_particulars,
};
use voucher_domain::input::within;
use voucher_domain::privacy::{Disclosure, Personal};
use voucher_domain::refusal::{Faults, Refusal, RefusalCode};
use voucher_storage::facility::Facility;
use voucher_storage::organization::Organization;
use voucher_storage::token::TokenPurpose;
use voucher_storage::user::User;

use super::own::renamed;
use super::view::FacilityView;
use super::{save, sealed_account, terms, trimmed};
use crate::services::identity::{self, OrganizationView, UserView};
use crate::services::{Call, Change, Failure, Outcome, letters, supervision};

const MAX_NAME_CHARACTERS: usize = 200;
/// So many of a facility's people are shown to the officer who enters it.
const MOST_PEOPLE_SHOWN: u16 = 200;

/// The person through whom a facility takes part.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactForm {
    /// The person's name.
    pub name: String,
    /// The address the link to set a password is mailed to.
    pub email: String,
    /// A telephone number.
    #[schema(value_type = String)]
    pub phone: Personal,
}

/// A municipal institution to be entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryForm {
    /// What it is called.
    pub name: String,
    /// 统一社会信用代码 (GB 32100-2015).
    pub uscc: String,
    /// Where it is registered.
    pub region: FacilityRegion,
    /// The district it is in.
    pub district: String,
    /// What kind of institution it is.
    pub nature: FacilityNature,
    /// Whether testing for others is its main business (Art. 11).
    pub is_third_party_testing: bool,
    /// In whose name the account is that payments go to.
    pub payee_name: Option<String>,
    /// The bank that keeps the account.
    pub payee_bank: Option<String>,
    /// The number of the account.
    #[schema(value_type = Option<String>)]
    pub payee_account: Option<Personal>,
    /// Who gets its first account; may be absent where the institution has registered itself.
    pub contact: Option<ContactForm>,
    /// Where the institution was registered by somebody before: the addresses of the accounts that
    /// really are its people's. Anybody can register with a code that is public; the accounts that are
    /// named neither here nor as the contact are closed.
    pub confirmed_emails: Option<Vec<String>>,
}

/// A facility as it was entered, with those who can act for it from now on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnteredView {
    /// The facility.
    #[serde(flatten)]
    pub facility: FacilityView,
    /// The accounts of its people, those it registered itself with included.
    pub people: Vec<UserView>,
}

/// Enters a municipal institution. One that somebody has registered is taken on under the name that
/// the officer gives, with those of its accounts that the officer confirms.
///
/// # Errors
/// `validation_failed` with every fault, naming the accounts that are to be confirmed; `invalid_state`
/// while an application of it is dealt with; `already_exists` when the institution is a facility
/// already, is registered as an applicant, or the contact's address has another account; `banned` while a
/// sanction excludes it (Art. 17).
pub fn enter(call: &mut Call<'_>, form: EntryForm) -> Outcome<EnteredView> {
    let uscc = check(&form)?;
    let registered = Organization::find_by_uscc(call.tx, uscc.as_str())?;
    let organization = match &registered {
        Some(organization) => take_on(call, organization.id, &form)?,
        None => found(call, &uscc, &form)?,
    };
    match Facility::lock(call.tx, organization.id)? {
        Some(before) => enter_over(call, &before, &organization, &form)?,
        None => {
            let row = insert(call, &organization, &form)?;
            let after = FacilityView::of(call, row, organization.clone(), Disclosure::Masked)?;
            call.record(super::change(EventAction::FacilityEntered, after.id, after.id, None, &after))?;
        }
    }
    let id = organization.id;
    if let Some(contact) = form.contact {
        open_contact_account(call, id, contact).map_err(in_contact)?;
    }
    let row =
        Facility::find(call.tx, id)?.ok_or_else(|| Failure::internal("a facility was entered and is not there"))?;
    let people = User::of_organization(call.tx, id, None, MOST_PEOPLE_SHOWN)?.items;
    let people = people.into_iter().filter(|user| user.is_active);
    let people = people.map(|user| UserView::load(call, user)).collect::<Outcome<_>>()?;
    Ok(EnteredView { facility: FacilityView::of(call, row, organization, Disclosure::Masked)?, people })
}

fn check(form: &EntryForm) -> Result<Uscc, Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", &form.name, MAX_NAME_CHARACTERS);
    let uscc = Uscc::parse(&form.uscc).map_err(|error| error.into_refusal("uscc"));
    faults.take_in(uscc.as_ref().map(|_| ()).map_err(Clone::clone));
    faults.take_in(validate_particulars(&ParticularsForm {
        district: &form.district,
        payee_name: form.payee_name.as_deref(),
        payee_bank: form.payee_bank.as_deref(),
        payee_account: form.payee_account.as_ref().map(Personal::reveal),
    }));
    if let Some(contact) = &form.contact {
        let mut of_contact = Faults::default();
        identity::check_person(&mut of_contact, &contact.name, &contact.email, Some(&contact.phone));
        faults.take_in(of_contact.done().map_err(|refusal| within("contact", refusal)));
    }
    faults.done()?;
    uscc
}

/// An institution that nobody has registered yet: its first account is the contact's.
fn found(call: &mut Call<'_>, uscc: &Uscc, form: &EntryForm) -> Outcome<Organization> {
    if form.contact.is_none() {
        let (zh, en) = (
            "该单位尚无账号,请填写联系人,系统将邮件邀请其设置密码。",
            "is required: the institution has no account yet, and its contact is mailed a link to set a password.",
        );
        return Err(Refusal::field("contact", "required", zh, en).into());
    }
    let organization = Organization {
        id: call.new_id(),
        kind: OrganizationKind::Facility,
        name: form.name.trim().to_owned(),
        uscc: Some(uscc.as_str().to_owned()),
        created_at: call.now,
        version: 1,
        legal_representative: None,
        banned_until: None,
    };
    let organization = Organization::insert(call.tx, &organization)
        .map_err(|error| if error.is_unique("organizations_uscc") { in_use().into() } else { Failure::from(error) })?;
    call.record(Change {
        action: EventAction::OrganizationRegistered,
        kind: SubjectKind::Organization,
        id: organization.id,
        organization_id: Some(organization.id),
        cycle_id: None,
        before: None,
        after: Some(&OrganizationView::from(organization.clone())),
    })?;
    Ok(organization)
}

/// An institution that has registered itself: the officer's name for it is the official one.
fn take_on(call: &mut Call<'_>, id: Uuid, form: &EntryForm) -> Outcome<Organization> {
    let organization = Organization::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    match organization.kind {
        OrganizationKind::Facility => {}
        OrganizationKind::Enterprise | OrganizationKind::Team => {
            let (zh, en) = (
                "该单位已注册为申领单位,不能同时录入为开放单位。",
                "This organization is registered as an applicant, and cannot be a facility as well.",
            );
            return Err(taken(zh, en).into());
        }
    }
    if Facility::find(call.tx, id)?.is_some_and(|row| row.status.is_serving()) {
        return Err(in_use().into());
    }
    supervision::require_not_banned(call, &[id])?;
    confirm_accounts(call, id, form)?;
    renamed(call, organization, Some(&form.name))
}

/// Art. 6: whoever registered with an institution's code does not act for it because an officer enters
/// the institution: the officer says which accounts are its people's, the others are closed.
fn confirm_accounts(call: &mut Call<'_>, organization_id: Uuid, form: &EntryForm) -> Outcome<()> {
    let people = User::of_organization(call.tx, organization_id, None, MOST_PEOPLE_SHOWN)?.items;
    let people: Vec<User> = people.into_iter().filter(|user| user.is_active).collect();
    let known = |email: &str| people.iter().any(|user| user.email == email.trim().to_lowercase());
    let mut faults = Faults::default();
    for (index, email) in form.confirmed_emails.iter().flatten().enumerate() {
        let (zh, en) = ("不是该单位已注册的账号。", "is no account that is registered for this institution.");
        faults.require(known(email), &format!("confirmed_emails[{index}]"), "known", zh, en);
    }
    let contact = form.contact.as_ref().map(|contact| &contact.email);
    let is_confirmed = |user: &&User| {
        let named = form.confirmed_emails.iter().flatten().chain(contact);
        named.into_iter().any(|email| email.trim().to_lowercase() == user.email)
    };
    let (confirmed, others): (Vec<&User>, Vec<&User>) = people.iter().partition(|user| is_confirmed(user));
    let listed = others.iter().map(|user| user.email.as_str()).collect::<Vec<_>>().join("、");
    faults.require(
        others.is_empty() || form.confirmed_emails.is_some(),
        "confirmed_emails",
        "required",
        format!("已有人以该单位名义注册账号({listed});请核实后填写确属该单位的账号邮箱,未列出的账号将被停用(均不属实时填 [])。"),
        format!(
            "accounts are registered in its name already ({listed}); please name those that really are its people's, \
             the others will be closed ([] if none is)."
        ),
    );
    faults.require(
        !confirmed.is_empty() || contact.is_some(),
        "contact",
        "required",
        "没有确认任何账号,请填写联系人,系统将邮件邀请其设置密码。",
        "is required where no account is confirmed; the contact is mailed a link to set a password.",
    );
    faults.done()?;
    for user in others {
        if let Some(locked) = User::lock(call.tx, user.id)? {
            identity::close_account(call, &locked)?;
        }
    }
    Ok(())
}

/// An institution that had begun to apply by itself, or had left: what the officer states holds.
fn enter_over(call: &mut Call<'_>, before: &Facility, organization: &Organization, form: &EntryForm) -> Outcome<()> {
    let status = before.status.after(FacilityAction::Enter)?;
    let entered = entered(call, organization, form)?;
    let after = Facility { status, created_at: before.created_at, version: before.version, ..entered };
    save(call, EventAction::FacilityEntered, before, &after)?;
    Ok(())
}

fn entered(call: &Call<'_>, organization: &Organization, form: &EntryForm) -> Outcome<Facility> {
    Ok(Facility {
        id: organization.id,
        status: FacilityStatus::Active,
        region: form.region,
        terms: terms(organization, form.district.trim()),
        district: form.district.trim().to_owned(),
        nature: form.nature,
        is_third_party_testing: form.is_third_party_testing,
        exit_last_day: None,
        payee_name: trimmed(form.payee_name.clone()),
        payee_bank: trimmed(form.payee_bank.clone()),
        payee_account: sealed_account(call, organization.id, form.payee_account.as_ref())?,
        entered_by: Some(call.actor()?.user_id),
        created_at: call.now,
        version: 1,
        notice_id: None,
        exit_reason: None,
    })
}

fn insert(call: &mut Call<'_>, organization: &Organization, form: &EntryForm) -> Outcome<Facility> {
    let row = entered(call, organization, form)?;
    Facility::insert(call.tx, &row)
        .map_err(|error| if error.is_unique("facilities_id") { in_use().into() } else { Failure::from(error) })
}

/// Opens the contact's account, unless it is one of the institution's own already.
fn open_contact_account(call: &mut Call<'_>, organization_id: Uuid, contact: ContactForm) -> Outcome<()> {
    let known = User::find_by_email(call.tx, contact.email.trim())?;
    if known.is_some_and(|user| user.organization_id == Some(organization_id)) {
        return Ok(());
    }
    let user = identity::new_user(call, Role::Facility, &contact.name, &contact.email);
    let user = User { organization_id: Some(organization_id), ..user };
    let user = identity::with_phone(call, user, Some(&contact.phone))?;
    let user = identity::open_account(call, &user)?;
    letters::mail_token(call, &user, TokenPurpose::ResetPassword)
}

/// A refusal of the contact names its fields as they are in the whole form.
fn in_contact(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(refusal) => within("contact", *refusal).into(),
        other @ (Failure::RefusedAndKept(_) | Failure::Storage(_) | Failure::Internal(_)) => other,
    }
}

fn in_use() -> Refusal {
    taken("该单位已是开放单位,请勿重复录入。", "This organization is a facility already.")
}

fn taken(zh: &str, en: &str) -> Refusal {
    let mut refusal = Refusal::new(RefusalCode::AlreadyExists, zh, en);
    refusal.fields = Refusal::field("uscc", "unique", zh, en).fields;
    refusal
}
