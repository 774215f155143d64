//! 第六条: what a facility states: its particulars, its instruments, its services with their prices.

use super::ServiceKind;
use super::compute::{ComputeTerms, validate_compute};
use crate::applicant::Industry;
use crate::money::Money;
use crate::refusal::{Faults, Refusal};

/// What a facility says about itself and may change: where it is, and where it is paid. Not to be printed.
#[derive(Clone, Copy)]
pub struct ParticularsForm<'a> {
    /// The district it is in.
    pub district: &'a str,
    /// In whose name the account is.
    pub payee_name: Option<&'a str>,
    /// The bank that keeps the account.
    pub payee_bank: Option<&'a str>,
    /// The number of the account.
    pub payee_account: Option<&'a str>,
}

/// The form of a facility's particulars. The account is stated whole or not at all (Art. 15.5: what
/// is approved is paid to the facility).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_particulars(form: &ParticularsForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("district", form.district, 50);
    let payee = [
        ("payee_name", form.payee_name, 200),
        ("payee_bank", form.payee_bank, 200),
        ("payee_account", form.payee_account, 40),
    ];
    let is_stated = payee.iter().any(|(_, value, _)| value.is_some());
    for (field, value, max_characters) in payee {
        match value {
            Some(value) => faults.require_text(field, value, max_characters),
            None => faults.require(
                !is_stated,
                field,
                "required",
                "收款户名、开户行和账号须一并填写。",
                "the payee's name, bank and account are stated together.",
            ),
        }
    }
    let account = form.payee_account.unwrap_or_default();
    faults.require(
        account.chars().all(|c| c.is_ascii_alphanumeric() || "- ".contains(c)),
        "payee_account",
        "account_number",
        "账号只能由数字、字母、空格和连字符组成。",
        "may have digits, letters, blanks and hyphens alone.",
    );
    faults.done()
}

/// A service as a facility describes it.
#[derive(Debug, Clone, Copy)]
pub struct ServiceForm<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it is for.
    pub purpose: &'a str,
    /// The field it serves.
    pub field: Industry,
    /// What vouchers would pay for.
    pub kind: ServiceKind,
    /// The price of one unit.
    pub price_fen: Money,
    /// The unit the price is for, `次`.
    pub unit: &'a str,
    /// How long it takes, in days.
    pub turnaround_days: u32,
    /// Whether law or a compulsory standard demands it.
    pub is_statutory_testing: bool,
    /// What computing power it rents (Art. 5), where it does.
    pub compute: Option<&'a ComputeTerms>,
}

/// The form of a service (Art. 6: 明确的服务内容、服务规范及收费标准). Statutory testing may be
/// listed; it cannot be paid with vouchers.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_service(form: &ServiceForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", form.name, 200);
    faults.require_text("purpose", form.purpose, 2_000);
    faults.require_positive("price_fen", form.price_fen);
    faults.require_text("unit", form.unit, 20);
    faults.require(
        (1..=3_650).contains(&form.turnaround_days),
        "turnaround_days",
        "range",
        "须为 1 至 3650 天。",
        "must be 1 to 3650 days.",
    );
    validate_compute(&mut faults, form.kind, form.compute);
    faults.done()
}

/// So many instruments one service may name.
const MOST_INSTRUMENTS: usize = 50;

/// How many instruments a service names in this field, by their ids or, in a table, by what they are called.
///
/// # Errors
/// `validation_failed` for more than a service may.
pub fn validate_instrument_count(field: &str, count: usize) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require(
        count <= MOST_INSTRUMENTS,
        field,
        "max_items",
        format!("最多 {MOST_INSTRUMENTS} 台。"),
        format!("may have at most {MOST_INSTRUMENTS}."),
    );
    faults.done()
}

/// An instrument as a facility describes it.
#[derive(Debug, Clone, Copy)]
pub struct InstrumentForm<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Who made it.
    pub maker: &'a str,
    /// Its model.
    pub model: &'a str,
    /// What kind of instrument it is.
    pub category: &'a str,
    /// What it cost when it was bought.
    pub original_value_fen: Money,
    /// How it is opened to others.
    pub opening_rules: &'a str,
}

/// The form of an instrument (Art. 6).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_instrument(form: &InstrumentForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", form.name, 200);
    faults.require_text("maker", form.maker, 200);
    faults.require_text("model", form.model, 200);
    faults.require_text("category", form.category, 100);
    faults.require_positive("original_value_fen", form.original_value_fen);
    faults.require_text("opening_rules", form.opening_rules, 2_000);
    faults.done()
}
