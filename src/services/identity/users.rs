//! The accounts that an administrator manages, and the colleagues of one organization.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::applicant::{Industry, Uscc};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::privacy::{Disclosure, Personal};
use voucher_domain::refusal::{Faults, Refusal};
use voucher_domain::review::EarlierWork;
use voucher_domain::text::Language;
use voucher_storage::expert::Expert;
use voucher_storage::organization::Organization;
use voucher_storage::token::{AccountToken, RefreshToken, TokenPurpose};
use voucher_storage::user::User;

use super::account::{UserView, with_phone};
use super::forms::{check_email, check_name, check_phone};
use super::register::{new_user, open_account_of, record_user, record_view};
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
    #[schema(value_type = Option<String>)]
    pub phone: Option<Personal>,
    /// The fields an expert knows; required for experts.
    pub fields: Option<Vec<Industry>>,
    /// Where an expert works.
    pub employer_name: Option<String>,
    /// The employer's 统一社会信用代码.
    pub employer_uscc: Option<String>,
    /// Organizations an expert has declared ties with.
    pub ties: Option<Vec<Uuid>>,
    /// Organizations an expert worked for before, and until when.
    pub earlier_work: Option<Vec<EarlierWork>>,
    /// The language of letters; Chinese without.
    pub language: Option<Language>,
}

/// A change of an account; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The person's name.
    pub name: Option<String>,
    /// A telephone number.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Personal>,
    /// Whether the account may be used.
    pub is_active: Option<bool>,
    /// The fields an expert knows.
    pub fields: Option<Vec<Industry>>,
    /// Where an expert works.
    pub employer_name: Option<String>,
    /// The employer's 统一社会信用代码.
    pub employer_uscc: Option<String>,
    /// Organizations an expert has declared ties with.
    pub ties: Option<Vec<Uuid>>,
    /// Organizations an expert worked for before, and until when.
    pub earlier_work: Option<Vec<EarlierWork>>,
}

impl UserChange {
    /// Whether it says anything that only experts have.
    fn has_expertise(&self) -> bool {
        self.fields.is_some()
            || self.employer_name.is_some()
            || self.employer_uscc.is_some()
            || self.ties.is_some()
            || self.earlier_work.is_some()
    }
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
    #[schema(value_type = Option<String>)]
    pub phone: Option<Personal>,
    /// The language of letters; Chinese without.
    pub language: Option<Language>,
}

/// The form of what identifies a person.
pub(crate) fn check_person(faults: &mut Faults, name: &str, email: &str, phone: Option<&Personal>) {
    check_name(faults, "name", name);
    check_email(faults, email);
    if let Some(phone) = phone {
        check_phone(faults, phone);
    }
}

/// What an expert says of their field and employer, where it is said.
fn check_expert_facts(
    faults: &mut Faults,
    fields: Option<&[Industry]>,
    employer_name: Option<&str>,
    employer_uscc: Option<&str>,
) {
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
    if let Some(Err(error)) = employer_uscc.map(Uscc::parse) {
        let text = error.text();
        faults.add("employer_uscc", error.rule(), text.zh, text.en);
    }
}

/// Checks what only experts have: an expert needs it, nobody else may bring it.
fn check_expertise(faults: &mut Faults, form: &InviteForm) {
    let given = form.fields.is_some()
        || form.employer_name.is_some()
        || form.employer_uscc.is_some()
        || form.ties.is_some()
        || form.earlier_work.is_some();
    match form.role {
        Role::Expert => {
            let fields = Some(form.fields.as_deref().unwrap_or_default());
            check_expert_facts(faults, fields, form.employer_name.as_deref(), form.employer_uscc.as_deref());
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

/// A checked code as the draw compares it with those of the parties: blanks and small letters that
/// were typed are gone.
fn kept_uscc(code: &str) -> Option<String> {
    Uscc::parse(code).ok().map(|uscc| uscc.as_str().to_owned())
}

/// Invites one of the commission's people or an expert: a link to set the password is mailed.
///
/// # Errors
/// `validation_failed`, `already_exists`.
pub fn invite(call: &mut Call<'_>, form: InviteForm) -> Outcome<UserView> {
    let mut faults = Faults::default();
    check_person(&mut faults, &form.name, &form.email, form.phone.as_ref());
    check_expertise(&mut faults, &form);
    faults.done()?;
    check_known(call, "ties", form.ties.as_deref().unwrap_or_default())?;
    check_known(call, "earlier_work", &employers(form.earlier_work.as_deref()))?;
    let user = new_user(call, form.role, &form.name, &form.email);
    let user = User { language: form.language.unwrap_or(Language::Chinese), ..user };
    let user = with_phone(call, user, form.phone.as_ref())?;
    let expert = (form.role == Role::Expert).then(|| Expert {
        id: user.id,
        employer_name: form.employer_name,
        employer_uscc: form.employer_uscc.as_deref().and_then(kept_uscc),
        fields: form.fields.unwrap_or_default(),
        ties: form.ties.unwrap_or_default(),
        version: 1,
        earlier_work: form.earlier_work.unwrap_or_default(),
    });
    let user = open_account_of(call, EventAction::UserCreated, &user, expert)?;
    letters::mail_token(call, &user, TokenPurpose::ResetPassword)?;
    UserView::load(call, user)
}

/// For whom an expert worked before.
fn employers(earlier_work: Option<&[EarlierWork]>) -> Vec<Uuid> {
    earlier_work.unwrap_or_default().iter().map(|work| work.organization_id).collect()
}

fn check_known(call: &mut Call<'_>, field: &str, ids: &[Uuid]) -> Outcome<()> {
    for id in ids {
        if Organization::find(call.tx, *id)?.is_none() {
            return Err(Refusal::field(
                field,
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

/// One account, with its telephone number: for who has to reach the person. That is recorded.
///
/// # Errors
/// `not_found`.
pub fn show_user(call: &mut Call<'_>, id: Uuid) -> Outcome<UserView> {
    let user = User::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    if user.phone.is_some() {
        call.record_disclosure(SubjectKind::User, id, user.organization_id)?;
    }
    UserView::disclosed(call, user, Disclosure::Whole)
}

/// Changes an account; closing it ends its logins.
///
/// # Errors
/// `not_found`, `precondition_failed`, `validation_failed`.
pub fn change_user(call: &mut Call<'_>, id: Uuid, change: UserChange) -> Outcome<UserView> {
    let row = User::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.expect_version(row.version)?;
    check_change(call, &row, &change)?;
    let before = UserView::load(call, row.clone())?;
    let name = change.name.as_deref().unwrap_or(&row.name).trim().to_owned();
    let is_active = change.is_active.unwrap_or(row.is_active);
    let after = with_phone(call, User { name, is_active, ..row }, change.phone.as_ref())?;
    let after = User::save(call.tx, &after)?;
    if !after.is_active {
        shut_out(call, id)?;
    }
    if change.has_expertise()
        && let Some(expert) = Expert::lock(call.tx, id)?
    {
        let changed = Expert {
            fields: change.fields.unwrap_or_else(|| expert.fields.clone()),
            employer_name: change.employer_name.or_else(|| expert.employer_name.clone()),
            employer_uscc: change.employer_uscc.as_deref().map_or_else(|| expert.employer_uscc.clone(), kept_uscc),
            ties: change.ties.unwrap_or_else(|| expert.ties.clone()),
            earlier_work: change.earlier_work.unwrap_or_else(|| expert.earlier_work.clone()),
            ..expert
        };
        Expert::save(call.tx, &changed)?;
    }
    let after = UserView::load(call, after)?;
    record_view(call, EventAction::UserChanged, &before, &after)?;
    Ok(after)
}

/// The form of a change of this account.
fn check_change(call: &mut Call<'_>, row: &User, change: &UserChange) -> Outcome<()> {
    let mut faults = Faults::default();
    check_person(&mut faults, change.name.as_deref().unwrap_or(&row.name), &row.email, change.phone.as_ref());
    faults.require(
        !change.has_expertise() || row.role == Role::Expert,
        "fields",
        "absent",
        "仅专家账号可填写领域、单位和关联关系。",
        "only experts have fields, an employer and ties.",
    );
    let (employer_name, employer_uscc) = (change.employer_name.as_deref(), change.employer_uscc.as_deref());
    check_expert_facts(&mut faults, change.fields.as_deref(), employer_name, employer_uscc);
    let locks_out = change.is_active == Some(false) && call.actor()?.user_id == row.id;
    faults.require(!locks_out, "is_active", "self", "不能停用自己的账号。", "you cannot close your own account.");
    faults.done()?;
    check_known(call, "ties", change.ties.as_deref().unwrap_or_default())?;
    check_known(call, "earlier_work", &employers(change.earlier_work.as_deref()))
}

/// Ends the logins of a closed account, and the letters that would set it a password: opened again, it
/// is opened for whoever knows the present one.
fn shut_out(call: &mut Call<'_>, id: Uuid) -> Outcome<()> {
    RefreshToken::revoke_user(call.tx, id, call.now)?;
    Ok(AccountToken::revoke_user(call.tx, id, TokenPurpose::ResetPassword, call.now)?)
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
    check_person(&mut faults, &form.name, &form.email, form.phone.as_ref());
    faults.done()?;
    let (actor, organization_id) = (call.actor()?, call.organization()?);
    let user = User {
        organization_id: Some(organization_id),
        language: form.language.unwrap_or(Language::Chinese),
        ..new_user(call, actor.role, &form.name, &form.email)
    };
    let user = with_phone(call, user, form.phone.as_ref())?;
    let user = open_account_of(call, EventAction::ColleagueAdded, &user, None)?;
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
    close_as(call, EventAction::ColleagueRemoved, &before)
}

/// Closes an account, which is locked: it is let in no more.
///
/// # Errors
/// When the store fails.
pub(crate) fn close_account(call: &mut Call<'_>, before: &User) -> Outcome<()> {
    close_as(call, EventAction::UserChanged, before)
}

fn close_as(call: &mut Call<'_>, action: EventAction, before: &User) -> Outcome<()> {
    let after = User::save(call.tx, &User { is_active: false, ..before.clone() })?;
    shut_out(call, before.id)?;
    record_user(call, action, before, &after)
}
