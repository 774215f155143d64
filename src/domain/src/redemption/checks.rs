//! 第十二、十五条(三)(四)、十六条: what is looked at by itself when a redemption is submitted. What a rule
//! forbids is refused (see [`super::submit`]); what is only worth a closer look is flagged here, for the
//! officers and experts who review it. A flag decides nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Invoice;
use crate::coded_enum;
use crate::money::{Money, MoneyOverflow};
use crate::period::{Day, days_around};
use crate::privacy::{Personal, phone_key};
use crate::text::Text;

coded_enum! {
    /// What a flag points at.
    pub enum FlagRule ("rule of a flag") {
        /// The invoices sum to more than the actual amount.
        InvoiceSumDiffers = "invoice_sum_differs",
        /// An invoice was issued before the contract was signed, or after its last day.
        InvoiceDateOutside = "invoice_date_outside",
        /// The service was recorded as done after the contract's last day.
        CompletionDateOutside = "completion_date_outside",
        /// The same two parties signed another contract within a week.
        ContractSplit = "contract_split",
        /// The two parties share a legal representative or a telephone number.
        RelatedParties = "related_parties",
    }
}

/// Something about a redemption that reviewers should look at more closely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Flag {
    /// What it points at.
    pub rule: FlagRule,
    /// The article that makes it matter.
    pub article: String,
    /// What was found, as a sentence for people.
    pub message: Text,
    /// What was found, by itself.
    pub facts: FlagFacts,
}

/// What a flag rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum FlagFacts {
    /// Of `invoice_sum_differs`.
    InvoiceSum(InvoiceSum),
    /// Of `invoice_date_outside`.
    InvoiceDates(InvoiceDates),
    /// Of `completion_date_outside`.
    Completion(LateCompletion),
    /// Of `contract_split`.
    Contracts(NearContracts),
    /// Of `related_parties`.
    Relation(Relation),
}

/// The two amounts that differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceSum {
    /// The sum of the invoices.
    pub invoiced_fen: Money,
    /// The actual amount.
    pub actual_amount_fen: Money,
}

/// The invoices that were issued outside of the contract's days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceDates {
    /// The day the contract was signed.
    #[schema(value_type = chrono::NaiveDate)]
    pub signed_on: Day,
    /// The contract's last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
    /// The invoices.
    pub invoices: Vec<DatedInvoice>,
}

/// An invoice and its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatedInvoice {
    /// 发票代码.
    pub code: String,
    /// 发票号码.
    pub number: String,
    /// 开票日期.
    #[schema(value_type = chrono::NaiveDate)]
    pub issued_on: Day,
}

/// A service that was done after the contract's last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LateCompletion {
    /// The day the service was done.
    #[schema(value_type = chrono::NaiveDate)]
    pub completed_on: Day,
    /// The contract's last day.
    #[schema(value_type = chrono::NaiveDate)]
    pub ends_on: Day,
}

/// The contracts that the same parties signed within a week of this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NearContracts {
    /// What the vouchers of all of them together, this one included, are worth.
    pub vouchers_together_fen: Money,
    /// The other contracts.
    pub contracts: Vec<NearContract>,
}

/// A contract of the same two parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NearContract {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// The day it was signed.
    #[schema(value_type = chrono::NaiveDate)]
    pub signed_on: Day,
    /// What it is agreed to cost.
    pub amount_fen: Money,
    /// What its vouchers are worth.
    pub vouchers_fen: Money,
}

/// What the two parties have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The people who represent both.
    pub representatives: Vec<String>,
    /// The last four digits of telephone numbers that are given for both.
    pub phones_ending_in: Vec<String>,
}

/// A party, as far as it may be tied to the other one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyFacts {
    /// Its legal representative; the leader of a team.
    pub representatives: Vec<String>,
    /// Those telephone numbers of its accounts that the other one may have too, as given.
    pub phones: Vec<Personal>,
}

/// A submitted redemption, with what it is looked at beside.
#[derive(Debug, Clone)]
pub struct CheckFacts<'a> {
    /// The day the contract was signed.
    pub signed_on: Day,
    /// The contract's last day.
    pub ends_on: Day,
    /// The day the service was recorded as done.
    pub completed_on: Option<Day>,
    /// What the contract's vouchers are worth.
    pub vouchers_fen: Money,
    /// What was actually incurred.
    pub actual_amount_fen: Money,
    /// The invoices.
    pub invoices: &'a [Invoice],
    /// Other contracts of the same parties that were not ended before the service.
    pub neighbours: &'a [NearContract],
    /// The applicant.
    pub applicant: &'a PartyFacts,
    /// The facility.
    pub facility: &'a PartyFacts,
}

/// Two contracts are of one week when fewer than seven days lie between their signatures.
const DAYS_APART_WITHIN_A_WEEK: u32 = 6;

/// The days on which another contract was signed within a week of this day.
pub fn week_around(signed_on: Day) -> (Day, Day) {
    days_around(signed_on, DAYS_APART_WITHIN_A_WEEK)
}

/// Everything about a redemption that reviewers should look at, in the order of [`FlagRule`].
///
/// # Errors
/// [`MoneyOverflow`] when a sum does not fit.
pub fn check(facts: &CheckFacts<'_>) -> Result<Vec<Flag>, MoneyOverflow> {
    let found = [
        invoice_sum(facts)?,
        invoice_dates(facts),
        completion_date(facts),
        contract_split(facts)?,
        related_parties(facts.applicant, facts.facility),
    ];
    Ok(found.into_iter().flatten().collect())
}

/// Art. 12: the amount that counts is the actual one; invoices over more are unusual. Less is refused.
fn invoice_sum(facts: &CheckFacts<'_>) -> Result<Option<Flag>, MoneyOverflow> {
    let invoiced_fen = Money::sum(facts.invoices.iter().map(|invoice| invoice.amount_fen))?;
    let actual_amount_fen = facts.actual_amount_fen;
    if invoiced_fen == actual_amount_fen {
        return Ok(None);
    }
    Ok(Some(Flag {
        rule: FlagRule::InvoiceSumDiffers,
        article: "12".to_owned(),
        message: Text::new(
            format!("发票合计 {invoiced_fen} 元,与实际发生金额 {actual_amount_fen} 元不一致,请核对多出部分的用途。"),
            format!(
                "The invoices sum to {invoiced_fen} yuan, and the actual amount is {actual_amount_fen} yuan; please \
                 look at what the rest is for."
            ),
        ),
        facts: FlagFacts::InvoiceSum(InvoiceSum { invoiced_fen, actual_amount_fen }),
    }))
}

/// Art. 15.3: invoices belong to the service of the contract: from its signature to its last day.
fn invoice_dates(facts: &CheckFacts<'_>) -> Option<Flag> {
    let (signed_on, ends_on) = (facts.signed_on, facts.ends_on);
    let outside = facts.invoices.iter().filter_map(|invoice| {
        let issued_on = invoice.issued_on.filter(|day| !(signed_on..=ends_on).contains(day))?;
        Some(DatedInvoice { code: invoice.code.clone(), number: invoice.number.clone(), issued_on })
    });
    let invoices: Vec<DatedInvoice> = outside.collect();
    if invoices.is_empty() {
        return None;
    }
    let named: Vec<String> = invoices.iter().map(|one| format!("{} ({})", one.number, one.issued_on)).collect();
    Some(Flag {
        rule: FlagRule::InvoiceDateOutside,
        article: "15.3".to_owned(),
        message: Text::new(
            format!("发票 {} 的开票日期不在合同签订日 {signed_on} 至终止日 {ends_on} 之间。", named.join("、")),
            format!(
                "The invoices {} were issued outside of the contract's days, {signed_on} (signed) to {ends_on} (last \
                 day).",
                named.join(", ")
            ),
        ),
        facts: FlagFacts::InvoiceDates(InvoiceDates { signed_on, ends_on, invoices }),
    })
}

/// Art. 15.2: the service is within the contract.
fn completion_date(facts: &CheckFacts<'_>) -> Option<Flag> {
    let ends_on = facts.ends_on;
    let completed_on = facts.completed_on.filter(|completed_on| *completed_on > ends_on)?;
    Some(Flag {
        rule: FlagRule::CompletionDateOutside,
        article: "15.2".to_owned(),
        message: Text::new(
            format!("登记的服务完成日 {completed_on} 晚于合同终止日 {ends_on}。"),
            format!("The service was recorded as done on {completed_on}, after the contract's last day, {ends_on}."),
        ),
        facts: FlagFacts::Completion(LateCompletion { completed_on, ends_on }),
    })
}

/// Art. 12: a contract may have been split to stay below a limit: the same parties, the same week.
fn contract_split(facts: &CheckFacts<'_>) -> Result<Option<Flag>, MoneyOverflow> {
    let (first, last) = week_around(facts.signed_on);
    let near = facts.neighbours.iter().filter(|other| (first..=last).contains(&other.signed_on));
    let contracts: Vec<NearContract> = near.cloned().collect();
    if contracts.is_empty() {
        return Ok(None);
    }
    let theirs = Money::sum(contracts.iter().map(|other| other.vouchers_fen))?;
    let vouchers_together_fen = facts.vouchers_fen.plus(theirs)?;
    let numbers: Vec<&str> = contracts.iter().map(|other| other.number.as_str()).collect();
    Ok(Some(Flag {
        rule: FlagRule::ContractSplit,
        article: "12".to_owned(),
        message: Text::new(
            format!(
                "双方在一周内还签订了合同 {},所用创新券合计 {vouchers_together_fen} 元,请核对是否为同一服务拆分签订。",
                numbers.join("、")
            ),
            format!(
                "The same parties signed the contracts {} within a week, with vouchers of {vouchers_together_fen} yuan \
                 in all; please look whether one service was split.",
                numbers.join(", ")
            ),
        ),
        facts: FlagFacts::Contracts(NearContracts { vouchers_together_fen, contracts }),
    }))
}

/// Art. 16: parties that are one in truth can make up a service.
fn related_parties(applicant: &PartyFacts, facility: &PartyFacts) -> Option<Flag> {
    let common = |ours: Vec<String>, theirs: Vec<String>| -> Vec<String> {
        let said = |all: Vec<String>| all.into_iter().filter(|key| !key.is_empty()).collect::<BTreeSet<_>>();
        said(ours).intersection(&said(theirs)).cloned().collect()
    };
    let names = |party: &PartyFacts| party.representatives.iter().map(|name| name_key(name)).collect();
    let numbers = |party: &PartyFacts| party.phones.iter().map(|phone| phone_key(phone.reveal())).collect();
    let representatives = common(names(applicant), names(facility));
    let phones = common(numbers(applicant), numbers(facility));
    if representatives.is_empty() && phones.is_empty() {
        return None;
    }
    let phones_ending_in: Vec<String> = phones.iter().map(|phone| last_four(phone)).collect();
    let (mut chinese, mut english) = (Vec::new(), Vec::new());
    if !representatives.is_empty() {
        chinese.push(format!("法定代表人或负责人同为 {}", representatives.join("、")));
        english.push(format!("are represented by the same person ({})", representatives.join(", ")));
    }
    if !phones_ending_in.is_empty() {
        chinese.push(format!("联系电话相同(尾号 {})", phones_ending_in.join("、")));
        english.push(format!("share a telephone number (ending in {})", phones_ending_in.join(", ")));
    }
    Some(Flag {
        rule: FlagRule::RelatedParties,
        article: "16".to_owned(),
        message: Text::new(
            format!("申领单位与开放单位{},请核对服务的真实性。", chinese.join(",且")),
            format!(
                "The applicant and the facility {}; please look whether the service is real.",
                english.join(" and ")
            ),
        ),
        facts: FlagFacts::Relation(Relation { representatives, phones_ending_in }),
    })
}

/// A name without the blanks that are written into it.
fn name_key(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

fn last_four(digits: &str) -> String {
    let count = digits.chars().count();
    digits.chars().skip(count.saturating_sub(4)).collect()
}

#[cfg(test)]
mod tests;
