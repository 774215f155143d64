//! The letters that the use cases write; they go out through the outbox.

use voucher_domain::text::{Language, Text};
use voucher_storage::outbox::OutboxMail;
use voucher_storage::token::{AccountToken, TokenPurpose};
use voucher_storage::user::User;

use super::{Call, Failure, Outcome};

const SECONDS_AN_HOUR: i64 = 3600;

/// Mails somebody a token for one use.
///
/// # Errors
/// When the store fails, or the system has no randomness.
pub fn mail_token(call: &mut Call<'_>, user: &User, purpose: TokenPurpose) -> Outcome<()> {
    let secret = call.program.tokens.secret().map_err(|error| Failure::internal(error.to_string()))?;
    let hours = call.program.settings.auth.mail_token_hours;
    let expires_at = call.now.plus_seconds(hours.saturating_mul(SECONDS_AN_HOUR))?;
    let token = AccountToken {
        token_hash: call.program.tokens.digest(&secret),
        user_id: user.id,
        purpose,
        expires_at,
        used_at: None,
    };
    AccountToken::insert(call.tx, &token)?;
    let (subject, body) =
        token_letter(purpose, &user.name, &call.program.settings.server.public_url, &secret, &expires_at.to_string());
    post(call, user, &subject, &body)
}

fn token_letter(purpose: TokenPurpose, name: &str, url: &str, secret: &str, expires_at: &str) -> (Text, Text) {
    match purpose {
        TokenPurpose::VerifyEmail => (
            Text::new("请验证您的邮箱", "Please prove your address"),
            Text::new(
                format!(
                    "{name},您好:\n\n请将下面的验证码提交至 POST {url}/api/v1/auth/verify-email 以完成注册(有效期至 {expires_at}):\n\ntoken={secret}\n\n如非本人操作,请忽略此邮件。\n"
                ),
                format!(
                    "Dear {name},\n\nto finish your registration, send this token to POST {url}/api/v1/auth/verify-email (until {expires_at}):\n\ntoken={secret}\n\nIf this was not you, please ignore this letter.\n"
                ),
            ),
        ),
        TokenPurpose::ResetPassword => (
            Text::new("设置您的密码", "Set your password"),
            Text::new(
                format!(
                    "{name},您好:\n\n请将下面的验证码与新密码提交至 POST {url}/api/v1/auth/password/reset(有效期至 {expires_at}):\n\ntoken={secret}\n\n如非本人操作,请忽略此邮件。\n"
                ),
                format!(
                    "Dear {name},\n\nto set your password, send this token with it to POST {url}/api/v1/auth/password/reset (until {expires_at}):\n\ntoken={secret}\n\nIf this was not you, please ignore this letter.\n"
                ),
            ),
        ),
    }
}

/// Puts a letter into the outbox, in the language of its reader.
fn post(call: &mut Call<'_>, user: &User, subject: &Text, body: &Text) -> Outcome<()> {
    let language: Language = user.language;
    let mail = OutboxMail {
        id: call.new_id(),
        recipient: user.email.clone(),
        subject: subject.in_language(language).to_owned(),
        body: body.in_language(language).to_owned(),
        created_at: call.now,
        sent_at: None,
        attempts: 0,
        next_attempt_at: call.now,
        last_error: None,
    };
    OutboxMail::insert(call.tx, &mail)?;
    Ok(())
}
