//! The letters that carry a secret, and so go by mail alone.

use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{FactName, Facts, NotificationKind};
use voucher_storage::outbox::OutboxMail;
use voucher_storage::token::{AccountToken, TokenPurpose};
use voucher_storage::user::{Reader, User};

use super::notify::{self, Message};
use super::{Call, Failure, Outcome};

const SECONDS_AN_HOUR: i64 = 3600;

/// Mails somebody a token for one use, to the address of the account, proved or not.
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
    let kind = match purpose {
        TokenPurpose::VerifyEmail => NotificationKind::VerifyEmail,
        TokenPurpose::ResetPassword => NotificationKind::ResetPassword,
    };
    let facts = Facts::default().with(FactName::Token, secret).with(FactName::TokenExpiresAt, expires_at);
    let message = Message { kind, subject_kind: SubjectKind::User, subject_id: user.id, facts };
    let letter = notify::letter(call, call.new_id(), &reader(user), &message);
    OutboxMail::insert(call.tx, &letter)?;
    Ok(())
}

fn reader(user: &User) -> Reader {
    Reader {
        id: user.id,
        organization_id: user.organization_id,
        name: user.name.clone(),
        email: user.email.clone(),
        language: user.language,
    }
}
