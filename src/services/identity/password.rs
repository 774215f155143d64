//! Setting a password with a mailed token: a forgotten one, and the first one of an invited person.

use serde::Deserialize;
use utoipa::ToSchema;
use voucher_domain::event::EventAction;
use voucher_domain::refusal::Faults;
use voucher_storage::token::{AccountToken, RefreshToken, TokenPurpose};
use voucher_storage::user::User;

use super::forms::{check_password, kept_address};
use super::register::{bad_token, hash, record_user};
use crate::services::letters;
use crate::services::{Call, Outcome, Program};

/// An address whose password is forgotten.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenForm {
    /// The address.
    pub email: String,
}

/// A new password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetForm {
    /// The token out of the letter.
    pub token: String,
    /// The new password.
    pub password: String,
}

/// A new password, hashed.
#[derive(Debug, Clone)]
pub struct HashedReset {
    token: String,
    password_hash: String,
}

/// Mails a token to set a new password, if the address has an account; the answer does not tell.
///
/// # Errors
/// When the store fails.
pub fn forgot(call: &mut Call<'_>, form: ForgottenForm) -> Outcome<()> {
    if let Some(user) = User::find_by_email(call.tx, &kept_address(&form.email))?.filter(|user| user.is_active) {
        letters::mail_token(call, &user, TokenPurpose::ResetPassword)?;
    }
    Ok(())
}

/// Checks and hashes the password, before the transaction.
///
/// # Errors
/// `validation_failed` for a password that is too short or too long.
pub fn prepare_reset(program: &Program, form: ResetForm) -> Outcome<HashedReset> {
    let mut faults = Faults::default();
    check_password(&mut faults, &form.password);
    faults.done()?;
    Ok(HashedReset { password_hash: hash(program, &form.password)?, token: form.token })
}

/// Sets the password, unlocks the account, ends its other logins and whatever other letters would set
/// it again. The token came by mail, so the
/// address is proved too.
///
/// # Errors
/// `validation_failed` for a token that is unknown, used or too old.
pub fn reset(call: &mut Call<'_>, form: HashedReset) -> Outcome<()> {
    let digest = call.program.tokens.digest(&form.token);
    let token = AccountToken::take(call.tx, &digest, TokenPurpose::ResetPassword, call.now)?.ok_or_else(bad_token)?;
    let before = User::lock(call.tx, token.user_id)?.ok_or_else(bad_token)?;
    let after = User {
        password_hash: Some(form.password_hash),
        email_verified_at: before.email_verified_at.or(Some(call.now)),
        failed_logins: 0,
        locked_until: None,
        ..before.clone()
    };
    let after = User::save(call.tx, &after)?;
    RefreshToken::revoke_user(call.tx, after.id, call.now)?;
    AccountToken::revoke_user(call.tx, after.id, TokenPurpose::ResetPassword, call.now)?;
    record_user(call, EventAction::PasswordChanged, &before, &after)
}
