//! The form of what people write about themselves.

use email_address::{EmailAddress, Options};
use voucher_domain::privacy::Personal;
use voucher_domain::refusal::{Faults, Refusal, RefusalCode};
use voucher_storage::StorageError;

use crate::services::Failure;

const MIN_PASSWORD_CHARACTERS: usize = 10;
const MAX_PASSWORD_CHARACTERS: usize = 128;
const MAX_PHONE_CHARACTERS: usize = 40;
const MAX_NAME_CHARACTERS: usize = 100;

/// A person's name.
pub(super) fn check_name(faults: &mut Faults, field: &str, name: &str) {
    faults.require_text(field, name, MAX_NAME_CHARACTERS);
}

/// An address as it is kept and compared: without blanks around it, in lower case.
pub(super) fn kept_address(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The form of an address that stands in a field of another name.
///
/// # Errors
/// `validation_failed` with the field.
pub(crate) fn check_address(field: &str, email: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    check_email_of(&mut faults, field, email);
    faults.done()
}

/// An e-mail address (RFC 5321), and nothing but the address: neither a name before it nor an IP address in it.
pub(super) fn check_email(faults: &mut Faults, email: &str) {
    check_email_of(faults, "email", email);
}

fn check_email_of(faults: &mut Faults, field: &str, email: &str) {
    let form = Options::default().without_display_text().without_domain_literal().with_required_tld();
    faults.require(
        EmailAddress::parse_with_options(&kept_address(email), form).is_ok(),
        field,
        "email",
        "不是有效的电子邮箱地址,例如 name@example.cn。",
        "is not an e-mail address, such as name@example.cn.",
    );
}

/// A telephone number: digits, with `+`, `-` and blanks between them.
pub(super) fn check_phone(faults: &mut Faults, phone: &Personal) {
    let phone = phone.reveal();
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let form = phone.chars().all(|c| c.is_ascii_digit() || "+- ".contains(c));
    faults.require(
        form && (5..=20).contains(&digits) && phone.len() <= MAX_PHONE_CHARACTERS,
        "phone",
        "phone",
        "应为 5 至 20 位电话号码。",
        "must be a telephone number of 5 to 20 digits.",
    );
}

/// A password that is worth hashing.
pub(super) fn check_password(faults: &mut Faults, password: &str) {
    let length = password.chars().count();
    faults.require(
        (MIN_PASSWORD_CHARACTERS..=MAX_PASSWORD_CHARACTERS).contains(&length),
        "password",
        "length",
        format!("密码长度应为 {MIN_PASSWORD_CHARACTERS} 至 {MAX_PASSWORD_CHARACTERS} 个字符。"),
        format!("must have {MIN_PASSWORD_CHARACTERS} to {MAX_PASSWORD_CHARACTERS} characters."),
    );
}

/// Says in people's words which unique thing is taken.
pub(crate) fn explain_taken(error: StorageError) -> Failure {
    let refusal = |field: &str, zh: &str, en: &str| {
        let mut refusal = Refusal::field(field, "unique", zh, en);
        refusal.code = RefusalCode::AlreadyExists;
        refusal.message.zh = zh.to_owned();
        refusal.message.en = en.to_owned();
        Failure::from(refusal)
    };
    if error.is_unique("users_email") {
        return refusal(
            "email",
            "该邮箱已注册,可直接登录或找回密码。",
            "This address has an account already; log in, or reset its password.",
        );
    }
    if error.is_unique("organizations_uscc") {
        return refusal(
            "organization.uscc",
            "该统一社会信用代码已注册,请联系本单位已有账号的同事添加您。",
            "This organization is registered already; ask a colleague with an account to add you.",
        );
    }
    Failure::from(error)
}
