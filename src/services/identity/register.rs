//! How an account comes into being, and how its address is proved.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::applicant::Uscc;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::privacy::{Disclosure, Personal};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::text::Language;
use voucher_storage::applicant::Profile;
use voucher_storage::expert::Expert;
use voucher_storage::organization::Organization;
use voucher_storage::token::{AccountToken, RefreshToken, TokenPurpose};
use voucher_storage::user::User;

use super::account::{UserView, with_phone};
use super::forms::{check_email, check_name, check_password, check_phone, explain_taken, kept_address};
use crate::services::letters;
use crate::services::{Call, Change, Failure, Outcome, Program};

const MAX_ORGANIZATION_NAME_CHARACTERS: usize = 200;

/// An organization that registers itself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationForm {
    /// `enterprise`, `team` or `facility`.
    pub kind: OrganizationKind,
    /// What it is called.
    pub name: String,
    /// 统一社会信用代码 (GB 32100-2015); every organization but a team has one.
    pub uscc: Option<String>,
    /// 法定代表人; may be stated later.
    pub legal_representative: Option<String>,
}

/// A registration.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterForm {
    /// The organization.
    pub organization: OrganizationForm,
    /// The person's name.
    pub name: String,
    /// The address to log in with.
    pub email: String,
    /// A telephone number.
    #[schema(value_type = String)]
    pub phone: Personal,
    /// The password.
    pub password: String,
    /// The language of letters; Chinese without.
    pub language: Option<Language>,
}

/// What came of a registration.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Registered {
    /// The account.
    pub user_id: Uuid,
    /// The organization.
    pub organization_id: Uuid,
}

/// A token out of a letter.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenForm {
    /// The token.
    pub token: String,
}

/// A registration whose form is right, with the password hashed.
#[derive(Debug, Clone)]
pub struct CheckedRegistration {
    form: RegisterForm,
    uscc: Option<Uscc>,
    password_hash: String,
}

/// Checks the form and hashes the password, before the transaction.
///
/// # Errors
/// `validation_failed` that names every field at fault.
pub fn prepare_register(program: &Program, form: RegisterForm) -> Outcome<CheckedRegistration> {
    let mut faults = Faults::default();
    faults.require_text("organization.name", &form.organization.name, MAX_ORGANIZATION_NAME_CHARACTERS);
    if let Some(name) = &form.organization.legal_representative {
        check_name(&mut faults, "organization.legal_representative", name);
    }
    check_name(&mut faults, "name", &form.name);
    check_email(&mut faults, &form.email);
    check_phone(&mut faults, &form.phone);
    check_password(&mut faults, &form.password);
    let uscc = check_uscc(&mut faults, &form.organization);
    faults.done()?;
    let password_hash = hash(program, &form.password)?;
    Ok(CheckedRegistration { form, uscc, password_hash })
}

fn check_uscc(faults: &mut Faults, organization: &OrganizationForm) -> Option<Uscc> {
    let field = "organization.uscc";
    let given = organization.uscc.as_deref().filter(|text| !text.trim().is_empty());
    match (organization.kind, given) {
        (OrganizationKind::Team, None) => None,
        (OrganizationKind::Team, Some(_)) => {
            let (zh, en) =
                ("创业团队未注册企业,没有统一社会信用代码。", "a team is not registered and has no credit code.");
            faults.add(field, "absent", zh, en);
            None
        }
        (OrganizationKind::Enterprise | OrganizationKind::Facility, None) => {
            faults.add(
                field,
                "required",
                "请填写 18 位统一社会信用代码。",
                "the 18 characters of the credit code are required.",
            );
            None
        }
        (OrganizationKind::Enterprise | OrganizationKind::Facility, Some(text)) => match Uscc::parse(text) {
            Ok(uscc) => Some(uscc),
            Err(error) => {
                let text = error.text();
                faults.add(field, error.rule(), text.zh, text.en);
                None
            }
        },
    }
}

pub(super) fn hash(program: &Program, password: &str) -> Outcome<String> {
    program.passwords.hash(password).map_err(|error| Failure::internal(error.to_string()))
}

/// Registers an organization with its first account, and mails a token to prove the address.
///
/// # Errors
/// `already_exists` when the address or the organization has an account.
pub fn register(call: &mut Call<'_>, checked: CheckedRegistration) -> Outcome<Registered> {
    let CheckedRegistration { form, uscc, password_hash } = checked;
    let organization = Organization {
        id: call.new_id(),
        kind: form.organization.kind,
        name: form.organization.name.trim().to_owned(),
        uscc: uscc.map(|uscc| uscc.as_str().to_owned()),
        created_at: call.now,
        version: 1,
        legal_representative: form.organization.legal_representative.as_deref().map(|name| name.trim().to_owned()),
        banned_until: None,
    };
    let organization = Organization::insert(call.tx, &organization).map_err(explain_taken)?;
    add_empty_profile(call, &organization)?;
    let user = User {
        organization_id: Some(organization.id),
        password_hash: Some(password_hash),
        language: form.language.unwrap_or(Language::Chinese),
        ..new_user(call, organization.kind.role(), &form.name, &form.email)
    };
    let user = with_phone(call, user, Some(&form.phone))?;
    let user = open_account_of(call, EventAction::UserRegistered, &user, None)?;
    call.record(Change {
        action: EventAction::OrganizationRegistered,
        kind: SubjectKind::Organization,
        id: organization.id,
        organization_id: Some(organization.id),
        cycle_id: None,
        before: None,
        after: Some(&super::OrganizationView::from(organization.clone())),
    })?;
    letters::mail_token(call, &user, TokenPurpose::VerifyEmail)?;
    Ok(Registered { user_id: user.id, organization_id: organization.id })
}

/// The profile of an applicant exists from the beginning, so that its first statement has a version
/// to be meant for.
fn add_empty_profile(call: &mut Call<'_>, organization: &Organization) -> Outcome<()> {
    match organization.kind {
        OrganizationKind::Enterprise | OrganizationKind::Team => {
            Profile::insert(
                call.tx,
                &Profile { id: organization.id, document: None, updated_at: call.now, version: 1 },
            )?;
        }
        OrganizationKind::Facility => {}
    }
    Ok(())
}

/// An account that nobody can use yet.
pub(crate) fn new_user(call: &Call<'_>, role: Role, name: &str, email: &str) -> User {
    User {
        id: call.new_id(),
        organization_id: None,
        role,
        name: name.trim().to_owned(),
        email: kept_address(email),
        phone: None,
        password_hash: None,
        email_verified_at: None,
        failed_logins: 0,
        locked_until: None,
        is_active: true,
        language: Language::Chinese,
        created_at: call.now,
        version: 1,
        phone_index: None,
    }
}

/// Writes a new account that somebody else creates, and the event of it.
pub(crate) fn open_account(call: &mut Call<'_>, user: &User) -> Outcome<User> {
    open_account_of(call, EventAction::UserCreated, user, None)
}

/// Writes a new account, with the expert whose it is, and the event of both: how it came to be.
pub(super) fn open_account_of(
    call: &mut Call<'_>,
    action: EventAction,
    user: &User,
    expert: Option<Expert>,
) -> Outcome<User> {
    let user = User::insert(call.tx, user).map_err(explain_taken)?;
    let expert = expert.map(|expert| Expert::insert(call.tx, &expert)).transpose()?;
    let view = UserView::of(call, user.clone(), expert, Disclosure::Masked)?;
    call.record(Change {
        action,
        kind: SubjectKind::User,
        id: user.id,
        organization_id: user.organization_id,
        cycle_id: None,
        before: None,
        after: Some(&view),
    })?;
    Ok(user)
}

/// Moves an account, which is locked, to another address, which is to be proved; letters and logins that
/// went to or came from the old one are good for nothing any more.
///
/// # Errors
/// `already_exists` when the address has another account.
pub(crate) fn move_address(call: &mut Call<'_>, before: &User, email: &str) -> Outcome<()> {
    let after = User { email: kept_address(email), email_verified_at: None, ..before.clone() };
    let after = User::save(call.tx, &after).map_err(explain_taken)?;
    for purpose in [TokenPurpose::VerifyEmail, TokenPurpose::ResetPassword] {
        AccountToken::revoke_user(call.tx, after.id, purpose, call.now)?;
    }
    RefreshToken::revoke_user(call.tx, after.id, call.now)?;
    record_user(call, EventAction::UserChanged, before, &after)?;
    letters::mail_token(call, &after, TokenPurpose::VerifyEmail)
}

/// The refusal of a token that proves nothing.
pub(super) fn bad_token() -> Refusal {
    Refusal::field(
        "token",
        "token",
        "链接无效、已使用或已过期,请重新申请。",
        "this link is not valid, was used, or is too old; please ask for a new one.",
    )
}

/// Proves an address with the token that was mailed to it.
///
/// # Errors
/// `validation_failed` for a token that is unknown, used or too old.
pub fn verify_email(call: &mut Call<'_>, form: TokenForm) -> Outcome<()> {
    let digest = call.program.tokens.digest(&form.token);
    let token = AccountToken::take(call.tx, &digest, TokenPurpose::VerifyEmail, call.now)?.ok_or_else(bad_token)?;
    let user = User::lock(call.tx, token.user_id)?.ok_or_else(bad_token)?;
    let verified =
        User::save(call.tx, &User { email_verified_at: user.email_verified_at.or(Some(call.now)), ..user.clone() })?;
    record_user(call, EventAction::EmailVerified, &user, &verified)
}

/// Records what changes nothing that is shown of an account: a login, an export of its data.
///
/// # Errors
/// When the store fails.
pub(crate) fn record_act(call: &mut Call<'_>, action: EventAction, user: &User) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::User,
        id: user.id,
        organization_id: user.organization_id,
        cycle_id: None,
        before: None,
        after: None,
    })
}

/// Records a change of an account that leaves what only experts have as it is.
pub(super) fn record_user(call: &mut Call<'_>, action: EventAction, before: &User, after: &User) -> Outcome<()> {
    let before = UserView::load(call, before.clone())?;
    let after = UserView::load(call, after.clone())?;
    record_view(call, action, &before, &after)
}

/// Records a change of an account, and of the expert whose it is.
pub(super) fn record_view(
    call: &mut Call<'_>,
    action: EventAction,
    before: &UserView,
    after: &UserView,
) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::User,
        id: after.id,
        organization_id: after.organization_id,
        cycle_id: None,
        before: Some(before),
        after: Some(after),
    })
}

/// Creates an administrator from the command line, its address taken as proved.
///
/// # Errors
/// What is wrong with the address, name or password, in words for the terminal.
pub fn create_first_admin(program: &Program, email: &str, name: &str, password: &str) -> Result<Uuid, String> {
    let mut faults = Faults::default();
    check_name(&mut faults, "name", name);
    check_email(&mut faults, email);
    check_password(&mut faults, password);
    let checked = faults.done().map_err(Failure::from).and_then(|()| hash(program, password));
    let password_hash = checked.map_err(|failure| failure.to_string())?;
    let created = program.transact(|call| {
        let user = User {
            password_hash: Some(password_hash.clone()),
            email_verified_at: Some(call.now),
            ..new_user(call, Role::Admin, name, email)
        };
        open_account(call, &user)
    });
    created.map(|user| user.id).map_err(|failure| failure.to_string())
}

/// Sets an account's password as if its mailed link had been opened: for the demonstration.
///
/// # Errors
/// What went wrong, in words for the terminal.
pub fn activate(program: &Program, email: &str, password: &str) -> Result<(), String> {
    let password_hash = hash(program, password).map_err(|failure| failure.to_string())?;
    let activated = program.transact(|call| {
        let user = User::find_by_email(call.tx, email)?.ok_or_else(Refusal::not_found)?;
        let after =
            User { password_hash: Some(password_hash.clone()), email_verified_at: Some(call.now), ..user.clone() };
        let after = User::save(call.tx, &after)?;
        record_user(call, EventAction::PasswordChanged, &user, &after)
    });
    activated.map_err(|failure| failure.to_string())
}

/// Whether nobody can manage accounts yet.
///
/// # Errors
/// When the store fails.
pub fn has_no_admin(program: &Program) -> Result<bool, String> {
    let admins = program.store.read(|tx| User::count_of_role(tx, Role::Admin));
    admins.map(|count| count == 0).map_err(|error| error.to_string())
}
