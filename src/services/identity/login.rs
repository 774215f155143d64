//! Logging in, staying logged in, logging out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::Actor;
use voucher_domain::event::EventAction;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::token::RefreshToken;
use voucher_storage::user::User;

use super::forms::kept_address;
use super::register::{record_act, record_user};
use crate::services::call::unauthenticated;
use crate::services::ports::AccessClaims;
use crate::services::{Call, Failure, Outcome, Program};

const SECONDS_A_MINUTE: i64 = 60;
const SECONDS_A_DAY: i64 = 86_400;

/// A login.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginForm {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A refresh token.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshForm {
    /// The token.
    pub refresh_token: String,
}

/// What a login is answered with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// Sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// After so many seconds the access token is stale.
    pub expires_in: i64,
    /// Gets the next pair of tokens, once.
    pub refresh_token: String,
}

/// A login whose password was compared, before the transaction: comparing takes long on purpose.
#[derive(Debug, Clone)]
pub struct ComparedLogin {
    user_id: Option<Uuid>,
    // The hash it was compared with: a password changed in between is compared again.
    compared_with: Option<String>,
    matches: bool,
}

/// Compares the password, taking as long for an unknown address as for a known one.
///
/// # Errors
/// When the store fails.
pub fn prepare_log_in(program: &Program, form: LoginForm) -> Outcome<ComparedLogin> {
    let user: Option<User> = program.store.read(|tx| User::find_by_email(tx, &kept_address(&form.email)))?;
    let Some(User { id, password_hash: Some(hash), .. }) = user else {
        program.passwords.verify_nothing(&form.password);
        return Ok(ComparedLogin { user_id: None, compared_with: None, matches: false });
    };
    let matches = program.passwords.verify(&form.password, &hash);
    Ok(ComparedLogin { user_id: Some(id), compared_with: Some(hash), matches })
}

fn wrong_password() -> Refusal {
    Refusal::new(RefusalCode::Unauthenticated, "邮箱或密码不正确。", "The address or the password is not right.")
}

/// Logs in, or counts the failure: from the configured number on, each one locks the account for
/// twice as long as the one before.
///
/// # Errors
/// `unauthenticated`, `account_locked`, `forbidden` while the address is not proved or the account is closed.
pub fn log_in(call: &mut Call<'_>, compared: ComparedLogin) -> Outcome<Tokens> {
    let user = match compared.user_id {
        Some(id) => User::lock(call.tx, id)?.ok_or_else(wrong_password)?,
        None => return Err(wrong_password().into()),
    };
    if let Some(until) = user.locked_until.filter(|until| call.now < *until) {
        return Err(locked(call, until).into());
    }
    if !compared.matches || user.password_hash != compared.compared_with {
        return Err(count_failure(call, user)?);
    }
    if !user.is_active {
        return Err(Refusal::forbidden(
            "账号已停用,请联系管理员。",
            "This account is closed; please ask an administrator.",
        )
        .into());
    }
    if user.email_verified_at.is_none() {
        return Err(Refusal::forbidden(
            "请先点击邮件中的链接验证邮箱。",
            "Please open the link in our letter first, to prove that the address is yours.",
        )
        .into());
    }
    let user = match (user.failed_logins, user.locked_until) {
        (0, None) => user,
        _ => User::save(call.tx, &User { failed_logins: 0, locked_until: None, ..user })?,
    };
    let family_id = call.new_id();
    // From here on it is known who calls.
    call.caller = Some(Actor { user_id: user.id, role: user.role, organization_id: user.organization_id });
    record_act(call, EventAction::LoggedIn, &user)?;
    hand_out(call, &user, family_id)
}

fn locked(call: &Call<'_>, until: voucher_domain::period::Instant) -> Refusal {
    let seconds = call.now.seconds_until(until);
    Refusal::new(
        RefusalCode::AccountLocked,
        format!("登录失败次数过多,请在 {seconds} 秒后({until})再试,或重设密码。"),
        format!("Too many failed logins; please try again in {seconds} seconds (at {until}), or reset the password."),
    )
    .retry_after(seconds)
}

/// Counts a failed login; the count stays although the login is refused.
fn count_failure(call: &mut Call<'_>, user: User) -> Outcome<Failure> {
    let auth = &call.program.settings.auth;
    let failed_logins = user.failed_logins.saturating_add(1);
    let beyond = failed_logins.saturating_sub(auth.failed_logins_before_lock);
    let seconds = match u32::try_from(beyond) {
        Ok(doublings) => {
            auth.first_lock_seconds.saturating_mul(2_i64.saturating_pow(doublings)).min(auth.max_lock_seconds)
        }
        Err(_) => 0,
    };
    let locked_until = if seconds > 0 { Some(call.now.plus_seconds(seconds)?) } else { None };
    let after = User::save(call.tx, &User { failed_logins, locked_until, ..user.clone() })?;
    record_act(call, EventAction::LoginFailed, &after)?;
    Ok(match locked_until {
        Some(until) => {
            record_user(call, EventAction::AccountLocked, &user, &after)?;
            Failure::kept(locked(call, until))
        }
        None => Failure::kept(wrong_password()),
    })
}

/// A new pair of tokens of a family.
fn hand_out(call: &mut Call<'_>, user: &User, family_id: Uuid) -> Outcome<Tokens> {
    let auth = &call.program.settings.auth;
    let internal = |error: crate::services::ports::PortError| Failure::internal(error.to_string());
    let expires_in = auth.access_token_minutes.saturating_mul(SECONDS_A_MINUTE);
    let claims = AccessClaims { user_id: user.id, role: user.role };
    let access_token = call.program.tokens.issue(claims, call.now.plus_seconds(expires_in)?).map_err(internal)?;
    let refresh_token = call.program.tokens.secret().map_err(internal)?;
    let row = RefreshToken {
        token_hash: call.program.tokens.digest(&refresh_token),
        family_id,
        user_id: user.id,
        created_at: call.now,
        expires_at: call.now.plus_seconds(auth.refresh_token_days.saturating_mul(SECONDS_A_DAY))?,
        spent_at: None,
        revoked_at: None,
    };
    RefreshToken::insert(call.tx, &row)?;
    Ok(Tokens { access_token, token_type: "Bearer".to_owned(), expires_in, refresh_token })
}

/// A refresh token and the account it is of, both locked, the account first, as by everybody who ends its
/// logins: a token that is given out in between would be missed.
fn presented(call: &mut Call<'_>, digest: &str) -> Outcome<Option<(User, RefreshToken)>> {
    let Some(seen) = RefreshToken::find(call.tx, digest)? else { return Ok(None) };
    let user = User::lock(call.tx, seen.user_id)?;
    Ok(user.zip(RefreshToken::lock(call.tx, digest)?))
}

/// Exchanges a refresh token for the next pair. A token that was spent before is in two hands: its
/// whole family is revoked (RFC 9700 §4.14.2).
///
/// # Errors
/// `unauthenticated` for a token that is unknown, spent, revoked or too old.
pub fn refresh(call: &mut Call<'_>, form: RefreshForm) -> Outcome<Tokens> {
    let digest = call.program.tokens.digest(&form.refresh_token);
    let (user, token) = presented(call, &digest)?.ok_or_else(unauthenticated)?;
    if token.spent_at.is_some() {
        end_login(call, EventAction::SessionRevoked, &user, &token)?;
        return Err(Failure::kept(unauthenticated()));
    }
    if token.revoked_at.is_some() || call.now >= token.expires_at || !user.is_active {
        return Err(unauthenticated().into());
    }
    if !RefreshToken::spend(call.tx, &digest, call.now)? {
        return Err(unauthenticated().into());
    }
    hand_out(call, &user, token.family_id)
}

/// Ends the login that a refresh token goes back to.
///
/// # Errors
/// When the store fails; an unknown token is no error, the login is over either way.
pub fn log_out(call: &mut Call<'_>, form: RefreshForm) -> Outcome<()> {
    let actor = call.actor()?;
    let digest = call.program.tokens.digest(&form.refresh_token);
    let presented = presented(call, &digest)?.filter(|(user, _)| user.id == actor.user_id);
    match presented {
        Some((user, token)) => end_login(call, EventAction::LoggedOut, &user, &token),
        None => Ok(()),
    }
}

/// Revokes every token that goes back to the same login as this one, once.
fn end_login(call: &mut Call<'_>, action: EventAction, user: &User, token: &RefreshToken) -> Outcome<()> {
    if token.revoked_at.is_some() {
        return Ok(());
    }
    RefreshToken::revoke_family(call.tx, token.family_id, call.now)?;
    record_act(call, action, user)
}
