//! What an account shows of itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::applicant::Industry;
use voucher_domain::event::EventAction;
use voucher_domain::period::Instant;
use voucher_domain::privacy::{Disclosure, Personal, Place};
use voucher_domain::refusal::Faults;
use voucher_domain::review::EarlierWork;
use voucher_domain::text::Language;
use voucher_storage::expert::Expert;
use voucher_storage::organization::Organization;
use voucher_storage::user::User;

use super::check_person;
use super::register::record_user;
use crate::services::call::unauthenticated;
use crate::services::{Call, Outcome};

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserView {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub role: Role,
    /// The person's name.
    pub name: String,
    /// The address to log in with.
    pub email: String,
    /// A telephone number: whole for the person, and for an administrator who asks for this account;
    /// masked otherwise, and in the answer to a change.
    pub phone: Option<String>,
    /// Whether it may be used.
    pub is_active: bool,
    /// Whether the address is proved.
    pub email_verified: bool,
    /// Whom the person acts for.
    pub organization_id: Option<Uuid>,
    /// The fields an expert knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<Industry>>,
    /// Where an expert works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer_name: Option<String>,
    /// The employer's 统一社会信用代码.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer_uscc: Option<String>,
    /// The organizations an expert has declared ties with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ties: Option<Vec<Uuid>>,
    /// The organizations an expert worked for before, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_work: Option<Vec<EarlierWork>>,
    /// The language of letters.
    pub language: Language,
    /// When it was opened.
    pub created_at: Instant,
    /// For `If-Match`.
    pub version: i64,
}

impl UserView {
    /// The view of an account, and of the expert behind it, if there is one.
    ///
    /// # Errors
    /// When the telephone number does not open.
    pub fn of(call: &Call<'_>, user: User, expert: Option<Expert>, disclosure: Disclosure) -> Outcome<Self> {
        let phone = call.shown(Place::UserPhone, user.id, user.phone.as_ref(), disclosure)?;
        let (fields, employer_name, employer_uscc, ties, earlier_work) = match expert {
            Some(expert) => (
                Some(expert.fields),
                expert.employer_name,
                expert.employer_uscc,
                Some(expert.ties),
                Some(expert.earlier_work),
            ),
            None => (None, None, None, None, None),
        };
        Ok(Self {
            id: user.id,
            role: user.role,
            name: user.name,
            email: user.email,
            phone,
            is_active: user.is_active,
            email_verified: user.email_verified_at.is_some(),
            organization_id: user.organization_id,
            fields,
            employer_name,
            employer_uscc,
            ties,
            earlier_work,
            language: user.language,
            created_at: user.created_at,
            version: user.version,
        })
    }

    /// The view of an account in the store, for others and for the log.
    ///
    /// # Errors
    /// When the store fails.
    pub fn load(call: &mut Call<'_>, user: User) -> Outcome<Self> {
        Self::disclosed(call, user, Disclosure::Masked)
    }

    /// The view of an account in the store, with so much of its telephone number.
    ///
    /// # Errors
    /// When the store fails.
    pub fn disclosed(call: &mut Call<'_>, user: User, disclosure: Disclosure) -> Outcome<Self> {
        let expert = match user.role {
            Role::Expert => Expert::find(call.tx, user.id)?,
            Role::Applicant | Role::Facility | Role::Officer | Role::Auditor | Role::Admin => None,
        };
        Self::of(call, user, expert, disclosure)
    }
}

/// An organization.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrganizationView {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: OrganizationKind,
    /// What it is called.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: Option<String>,
    /// 法定代表人, once stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_representative: Option<String>,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id,
            kind: organization.kind,
            name: organization.name,
            uscc: organization.uscc,
            legal_representative: organization.legal_representative,
        }
    }
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// The account.
    pub user: UserView,
    /// Its role.
    pub role: Role,
    /// Its organization.
    pub organization: Option<OrganizationView>,
    /// The account's, for `If-Match`.
    pub version: i64,
}

/// A change that people make to their own account; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeChange {
    /// The person's name.
    pub name: Option<String>,
    /// A telephone number.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Personal>,
    /// The language of letters.
    pub language: Option<Language>,
}

/// The account with this telephone number, where one is given.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn with_phone(call: &Call<'_>, user: User, phone: Option<&Personal>) -> Outcome<User> {
    let Some(phone) = phone else { return Ok(user) };
    let phone_index = call.program.phone_index(phone)?;
    Ok(User { phone: Some(call.program.seal(Place::UserPhone, user.id, phone)?), phone_index, ..user })
}

/// Who is logged in.
///
/// # Errors
/// `unauthenticated`.
pub fn me(call: &mut Call<'_>) -> Outcome<MeView> {
    let user_id = call.actor()?.user_id;
    let user = User::find(call.tx, user_id)?.ok_or_else(unauthenticated)?;
    whole(call, user, Disclosure::Whole)
}

fn whole(call: &mut Call<'_>, user: User, disclosure: Disclosure) -> Outcome<MeView> {
    let organization = match user.organization_id {
        Some(id) => Organization::find(call.tx, id)?.map(OrganizationView::from),
        None => None,
    };
    let (role, version) = (user.role, user.version);
    Ok(MeView { user: UserView::disclosed(call, user, disclosure)?, role, organization, version })
}

/// Changes the caller's own account.
///
/// # Errors
/// `precondition_failed`, `validation_failed`.
pub fn change_me(call: &mut Call<'_>, change: MeChange) -> Outcome<MeView> {
    let user_id = call.actor()?.user_id;
    let before = User::lock(call.tx, user_id)?.ok_or_else(unauthenticated)?;
    call.expect_version(before.version)?;
    let name = change.name.as_deref().unwrap_or(&before.name).trim().to_owned();
    let mut faults = Faults::default();
    check_person(&mut faults, &name, &before.email, change.phone.as_ref());
    faults.done()?;
    let language = change.language.unwrap_or(before.language);
    let after = with_phone(call, User { name, language, ..before.clone() }, change.phone.as_ref())?;
    let after = User::save(call.tx, &after)?;
    record_user(call, EventAction::UserChanged, &before, &after)?;
    whole(call, after, Disclosure::Masked)
}
