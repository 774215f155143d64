//! The accounts that an administrator manages, and the colleagues of one organization.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::applicant::{Industry, Uscc};
use voucher_domain::event::EventAction;
use voucher_domain::refusal::{Faults, Refusal};
use voucher_storage::expert::Expert;
use voucher_storage::organization::Organization;
use voucher_storage::token::{RefreshToken, TokenPurpose};
use voucher_storage::user::User;

use super::account::UserView;
use super::forms::{check_email, check_name, check_phone};
use super::register::{new_user, open_account, record_user};
use crate::services::letters;
use crate::services::{Call, Outcome, Page, PageRequest};

const MAX_EMPLOYER_CHARACTERS: usize = 200;

/// An invitation of one of the commission's people, or of an expert.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteForm {
    /// `expert`, `officer`, `auditor` or `admin`.
    pub role: Role,
    /// The person's name.
    pub name: String,
    /// The address the link is mailed to.
    pub email: String,
    /// A telephone number.
    pub phone: Option<String>,
    /// The fields an expert knows; required for experts.
    pub fields: Option<Vec<Industry>>,
    /// Where an expert works.
    pub employer_name: Option<String>,
    /// The employer's 统一社会信用代码.
    pub employer_uscc: Option<String>,
    /// Organizations an expert has declared ties with.
    pub ties: Option<Vec<Uuid>>,
}

/// A change of an account; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The person's name.
    pub name: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// Whether the account may be used.
    pub is_active: Option<bool>,
    /// The fields an expert knows.
    pub fields: Option<Vec<Industry>>,
    /// Where an expert works.
    pub employer_name: Option<String>,
    /// Organizations an expert has declared ties with.
    pub ties: Option<Vec<Uuid>>,
}

/// Which accounts are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UsersQuery {
    /// Of this role.
    pub role: Option<Role>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A colleague.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColleagueForm {
    /// The person's name.
    pub name: String,
    /// The address the link is mailed to.
    pub email: String,
    /// A telephone number.
    pub phone: Option<String>,
}

/// The form of what identifies a person.
pub(crate) fn check_person(faults: &mut Faults, name: &str, email: &str, phone: Option<&str>) {
    check_name(faults, "name", name);
    check_email(faults, email);
    if let Some(phone) = phone {
        check_phone(faults, phone);
    }
}

/// What an expert says of their field and employer, where it is said.
fn check_expert_facts(faults: &mut Faults, fields: Option<&[Industry]>, employer_name: Option<&str>) {
    if let Some(fields) = fields {
        faults.require(
            !fields.is_empty(),
            "fields",
            "required",
            "请至少填写一个评审领域。",
            "an expert knows at least one field.",
        );
    }
    if let Some(name) = employer_name {
        faults.require_text("employer_name", name, MAX_EMPLOYER_CHARACTERS);
    }
}

/// Checks what only experts have: an expert needs it, nobody else may bring it.
fn check_expertise(faults: &mut Faults, form: &InviteForm) {
    let given =
        form.fields.is_some() || form.employer_name.is_some() || form.employer_uscc.is_some() || form.ties.is_some();
    match form.role {
        Role::Expert => {
            check_expert_facts(faults, Some(form.fields.as_deref().unwrap_or_default()), form.employer_name.as_deref());
            if let Some(Err(error)) = form.employer_uscc.as_deref().map(Uscc::parse) {
                let text = error.text();
                faults.add("employer_uscc", error.rule(), text.zh, text.en);
            }
        }
        Role::Officer | Role::Auditor | Role::Admin => {
            faults.require(
                !given,
                "fields",
                "absent",
                "仅专家账号可填写领域、单位和关联关系。",
                "only experts have fields, an employer and ties.",
            );
        }
        Role::Applicant | Role::Facility => {
            let (zh, en) = ("申领单位和开放单位请自行注册。", "applicants and facilities register themselves.");
            faults.add("role", "role", zh, en);
        }
    }
}

/// Invites one of the commission's people or an expert: a link to set the password is mailed.
///
/// # Errors
/// `validation_failed`, `already_exists`.
pub fn invite(call: &mut Call<'_>, form: InviteForm) -> Outcome<UserView> {
    let mut faults = Faults::default();
    check_person(&mut faults, &form.name, &form.email, form.phone.as_deref());
    check_expertise(&mut faults, &form);
    faults.done()?;
    check_ties(call, form.ties.as_deref().unwrap_or_default())?;
    let user = User { phone: form.phone.clone(), ..new_user(call, form.role, &form.name, &form.email) };
    let user = open_account(call, &user)?;
    if form.role == Role::Expert {
        let expert = Expert {
            id: user.id,
            employer_name: form.employer_name,
            employer_uscc: form.employer_uscc,
            fields: form.fields.unwrap_or_default(),
            ties: form.ties.unwrap_or_default(),
            version: 1,
        };
        Expert::insert(call.tx, &expert)?;
    }
    letters::mail_token(call, &user, TokenPurpose::ResetPassword)?;
    UserView::load(call, user)
}

fn check_ties(call: &mut Call<'_>, ties: &[Uuid]) -> Outcome<()> {
    for id in ties {
        if Organization::find(call.tx, *id)?.is_none() {
            return Err(Refusal::field(
                "ties",
                "exists",
                format!("没有编号为 {id} 的单位。"),
                format!("there is no organization {id}."),
            )
            .into());
        }
    }
    Ok(())
}

/// The accounts, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list_users(call: &mut Call<'_>, query: UsersQuery) -> Outcome<Page<UserView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = User::list(call.tx, query.role, page.before, page.limit)?;
    Page::of(rows, |user| UserView::load(call, user))
}

/// Changes an account; closing it ends its logins.
///
/// # Errors
/// `not_found`, `precondition_failed`, `validation_failed`.
pub fn change_user(call: &mut Call<'_>, id: Uuid, change: UserChange) -> Outcome<UserView> {
    let before = User::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.expect_version(before.version)?;
    let mut faults = Faults::default();
    let name = change.name.clone().unwrap_or_else(|| before.name.clone());
    check_person(&mut faults, &name, &before.email, change.phone.as_deref());
    let expertise = change.fields.is_some() || change.employer_name.is_some() || change.ties.is_some();
    faults.require(
        !expertise || before.role == Role::Expert,
        "fields",
        "absent",
        "仅专家账号可填写领域、单位和关联关系。",
        "only experts have fields, an employer and ties.",
    );
    check_expert_facts(&mut faults, change.fields.as_deref(), change.employer_name.as_deref());
    let locks_out = change.is_active == Some(false) && call.actor()?.user_id == id;
    faults.require(!locks_out, "is_active", "self", "不能停用自己的账号。", "you cannot close your own account.");
    faults.done()?;
    check_ties(call, change.ties.as_deref().unwrap_or_default())?;
    let after = User {
        name: name.trim().to_owned(),
        phone: change.phone.or_else(|| before.phone.clone()),
        is_active: change.is_active.unwrap_or(before.is_active),
        ..before.clone()
    };
    let after = User::save(call.tx, &after)?;
    if !after.is_active {
        RefreshToken::revoke_user(call.tx, id, call.now)?;
    }
    if expertise && let Some(expert) = Expert::lock(call.tx, id)? {
        let changed = Expert {
            fields: change.fields.unwrap_or_else(|| expert.fields.clone()),
            employer_name: change.employer_name.or_else(|| expert.employer_name.clone()),
            ties: change.ties.unwrap_or_else(|| expert.ties.clone()),
            ..expert
        };
        Expert::save(call.tx, &changed)?;
    }
    record_user(call, EventAction::UserChanged, &before, &after)?;
    UserView::load(call, after)
}

/// Which colleagues are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ColleaguesQuery {
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The people of the caller's organization, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn colleagues(call: &mut Call<'_>, query: ColleaguesQuery) -> Outcome<Page<UserView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let organization_id = call.organization()?;
    let rows = User::of_organization(call.tx, organization_id, page.before, page.limit)?;
    Page::of(rows, |user| UserView::load(call, user))
}

/// Invites a colleague into the caller's organization.
///
/// # Errors
/// `validation_failed`, `already_exists`.
pub fn invite_colleague(call: &mut Call<'_>, form: ColleagueForm) -> Outcome<UserView> {
    let mut faults = Faults::default();
    check_person(&mut faults, &form.name, &form.email, form.phone.as_deref());
    faults.done()?;
    let (actor, organization_id) = (call.actor()?, call.organization()?);
    let user = User {
        organization_id: Some(organization_id),
        phone: form.phone,
        ..new_user(call, actor.role, &form.name, &form.email)
    };
    let user = open_account(call, &user)?;
    letters::mail_token(call, &user, TokenPurpose::ResetPassword)?;
    UserView::load(call, user)
}

/// Closes a colleague's account. Accounts are never erased: events name them.
///
/// # Errors
/// `not_found` for somebody of another organization, `validation_failed` for oneself.
pub fn remove_colleague(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    let (actor, organization_id) = (call.actor()?, call.organization()?);
    let before = User::lock(call.tx, id)?
        .filter(|user| user.organization_id == Some(organization_id))
        .ok_or_else(Refusal::not_found)?;
    if actor.user_id == id {
        return Err(Refusal::field("id", "self", "不能移除自己的账号。", "you cannot remove yourself.").into());
    }
    let after = User::save(call.tx, &User { is_active: false, ..before.clone() })?;
    RefreshToken::revoke_user(call.tx, id, call.now)?;
    record_user(call, EventAction::UserChanged, &before, &after)
}
