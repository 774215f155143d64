//! The facts that a notification tells, by name, and how they are written for people.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike};
use serde::{Deserialize, Serialize};

use crate::coded_enum;
use crate::money::Money;
use crate::period::{Day, Instant};
use crate::text::{Language, Text};

coded_enum! {
    /// The name of a fact, which is also its name in the templates.
    pub enum FactName ("name of a fact") {
        /// The number of a voucher, contract or redemption.
        Number = "number",
        /// The title of a project, or of a letter.
        Title = "title",
        /// An amount of money.
        Amount = "amount",
        /// The name of a cycle.
        Cycle = "cycle",
        /// The name of the applicant.
        Applicant = "applicant",
        /// The name of an organization, whichever it is.
        Organization = "organization",
        /// What is still due.
        Remaining = "remaining",
        /// The name of the facility.
        Facility = "facility",
        /// Why, in the words of the system.
        Cause = "cause",
        /// Why, in the words of whoever decided; may be empty.
        Remarks = "remarks",
        /// The last day of a deadline.
        LastDay = "last_day",
        /// What the last day was before it moved.
        EarlierDay = "earlier_day",
        /// In how many days.
        DaysAhead = "days_ahead",
        /// The day something ends.
        EndsOn = "ends_on",
        /// What is to be done, or what it is about.
        What = "what",
        /// What moved a deadline; may be empty.
        Explanation = "explanation",
        /// Several things, one a line.
        Lines = "lines",
        /// When something takes place.
        ScheduledAt = "scheduled_at",
        /// A secret for one use.
        Token = "token",
        /// Until when the secret is good.
        TokenExpiresAt = "token_expires_at",
    }
}

impl FactName {
    /// A value such as this fact has.
    pub fn sample(self) -> Fact {
        match self {
            Self::Number => "KJ2026-000123".into(),
            Self::Title => "纳米材料表征".into(),
            Self::Amount => Money::from_fen(5_000_000).into(),
            Self::Cycle => "2026 年第一期".into(),
            Self::Organization => "北京某某科技有限公司".into(),
            Self::Remaining => Money::from_fen(1_000_000).into(),
            Self::Applicant => "北京某某科技有限公司".into(),
            Self::Facility => "某某大学分析测试中心".into(),
            Self::Cause => Text::new("逾期未登记", "it was not registered in time").into(),
            Self::Remarks => "请补充材料。".into(),
            Self::LastDay | Self::EarlierDay | Self::EndsOn => Day::default().into(),
            Self::DaysAhead => 5_i64.into(),
            Self::What => Text::new("登记服务合同", "register the contract").into(),
            Self::Explanation => {
                Text::new("10月1日至7日为国庆节,顺延至10月8日。", "1 to 7 October are holidays.").into()
            }
            Self::Lines => vec![Text::new("登记服务合同", "register the contract")].into(),
            Self::ScheduledAt | Self::TokenExpiresAt => Instant::from_utc(DateTime::UNIX_EPOCH).into(),
            Self::Token => "c2VjcmV0".into(),
        }
    }
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A name, a number of a document, somebody's own words: the same in every language.
    Word(String),
    /// A message with both wordings.
    Text(Text),
    /// A count.
    Number(i64),
    /// An amount of money.
    MoneyFen(Money),
    /// A day.
    Day(Day),
    /// An instant.
    Instant(Instant),
    /// Several messages.
    Lines(Vec<Text>),
}

/// A fact as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// A piece of text.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Fact {
    /// The fact as it is written in a language.
    pub fn shown(&self, language: Language) -> Shown {
        Shown::One(match self {
            Self::Word(word) => word.clone(),
            Self::Text(text) => text.in_language(language).to_owned(),
            Self::Number(number) => number.to_string(),
            Self::MoneyFen(amount) => money(*amount, language),
            Self::Day(day) => day_in_words(*day, language),
            Self::Instant(instant) => instant_in_words(*instant, language),
            Self::Lines(lines) => {
                return Shown::Many(lines.iter().map(|line| line.in_language(language).to_owned()).collect());
            }
        })
    }
}

/// `50,000.00 元`, `50,000.00 yuan`.
fn money(amount: Money, language: Language) -> String {
    let plain = amount.to_string();
    let (whole, fen) = plain.split_once('.').unwrap_or((&plain, "00"));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match language {
        Language::Chinese => format!("{sign}{grouped}.{fen} 元"),
        Language::English => format!("{sign}{grouped}.{fen} yuan"),
    }
}

/// `2026年10月8日`, `8 October 2026`.
fn day_in_words(day: Day, language: Language) -> String {
    match language {
        Language::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::English => day.format("%-d %B %Y").to_string(),
    }
}

/// `2026年10月8日 09:30`, `8 October 2026, 09:30 (Beijing time)`.
fn instant_in_words(instant: Instant, language: Language) -> String {
    let (day, (hour, minute)) = (day_in_words(instant.day(), language), instant.hour_and_minute());
    match language {
        Language::Chinese => format!("{day} {hour:02}:{minute:02}"),
        Language::English => format!("{day}, {hour:02}:{minute:02} (Beijing time)"),
    }
}

impl From<&str> for Fact {
    fn from(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

impl From<String> for Fact {
    fn from(word: String) -> Self {
        Self::Word(word)
    }
}

impl From<&String> for Fact {
    fn from(word: &String) -> Self {
        Self::Word(word.clone())
    }
}

/// What was not said is empty.
impl From<Option<String>> for Fact {
    fn from(word: Option<String>) -> Self {
        Self::Word(word.unwrap_or_default())
    }
}

impl From<Text> for Fact {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Fact {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Money> for Fact {
    fn from(amount: Money) -> Self {
        Self::MoneyFen(amount)
    }
}

impl From<Day> for Fact {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl From<Instant> for Fact {
    fn from(instant: Instant) -> Self {
        Self::Instant(instant)
    }
}

impl From<Vec<Text>> for Fact {
    fn from(lines: Vec<Text>) -> Self {
        Self::Lines(lines)
    }
}

/// The facts of a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<FactName, Fact>);

impl Facts {
    /// These facts and one more.
    #[must_use]
    pub fn with(mut self, name: FactName, fact: impl Into<Fact>) -> Self {
        self.0.insert(name, fact.into());
        self
    }

    /// Those of the facts that have these names.
    #[must_use]
    pub fn only(&self, names: &[FactName]) -> Self {
        Self(names.iter().filter_map(|name| Some((*name, self.get(*name)?.clone()))).collect())
    }

    /// The fact of this name.
    pub fn get(&self, name: FactName) -> Option<&Fact> {
        self.0.get(&name)
    }

    /// The facts with their names.
    pub fn iter(&self) -> impl Iterator<Item = (FactName, &Fact)> {
        self.0.iter().map(|(name, fact)| (*name, fact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    fn both(fact: impl Into<Fact>) -> [Shown; 2] {
        let fact = fact.into();
        [fact.shown(Language::Chinese), fact.shown(Language::English)]
    }

    fn words(zh: &str, en: &str) -> [Shown; 2] {
        [Shown::One(zh.to_owned()), Shown::One(en.to_owned())]
    }

    #[test]
    fn facts_are_written_as_people_write_them() {
        assert_eq!(both(Money::from_fen(5_000_000)), words("50,000.00 元", "50,000.00 yuan"));
        assert_eq!(both(Money::from_fen(99)), words("0.99 元", "0.99 yuan"));
        assert_eq!(both(Money::from_fen(99_900)), words("999.00 元", "999.00 yuan"));
        assert_eq!(both(Money::from_fen(-123_456_789)), words("-1,234,567.89 元", "-1,234,567.89 yuan"));
        assert_eq!(both("2026-10-08".parse::<Day>().unwrap()), words("2026年10月8日", "8 October 2026"));
        let late = "2026-10-08T16:05:00Z".parse::<Instant>().unwrap();
        assert_eq!(both(late), words("2026年10月9日 00:05", "9 October 2026, 00:05 (Beijing time)"));
        assert_eq!(both(7), words("7", "7"));
        assert_eq!(both(Text::new("是", "yes")), words("是", "yes"));
        assert_eq!(both(None), words("", ""));
        let lines = both(vec![Text::new("一", "one"), Text::new("二", "two")]);
        assert_eq!(lines[1], Shown::Many(vec!["one".to_owned(), "two".to_owned()]));
    }

    #[test]
    fn facts_are_read_back_as_they_were_written() {
        let facts = FactName::ALL.iter().fold(Facts::default(), |facts, name| facts.with(*name, name.sample()));
        let written = serde_json::to_value(&facts).unwrap();
        assert_eq!(written["amount"]["money_fen"], 5_000_000);
        assert_eq!(serde_json::from_value::<Facts>(written).unwrap(), facts);
    }
}
