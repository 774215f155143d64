//! What a check found: the rule, its article, what it asks for and what was there.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The outcome of one rule applied to one case; kept with the voucher it decided and shown with
/// every refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// The rule's stable name, `enterprise_age`.
    pub rule: String,
    /// The article it rests on, `第七条` written `7`, or `15.2`.
    pub article: String,
    /// Whether the case satisfies it.
    pub passed: bool,
    /// What the rule asks for.
    pub expected: Text,
    /// What the case shows.
    pub actual: Text,
    /// The finding as one sentence for people.
    pub message: Text,
}

/// A finding as it is kept: without its sentence, where that only puts the rest together. Twenty thousand
/// judgements of one opening day are half as large so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFinding {
    rule: String,
    article: String,
    passed: bool,
    expected: Text,
    actual: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

impl From<Finding> for KeptFinding {
    fn from(finding: Finding) -> Self {
        let Finding { rule, article, passed, expected, actual, message } = finding;
        let message = Some(message).filter(|message| *message != sentence(passed, &expected, &actual));
        Self { rule, article, passed, expected, actual, message }
    }
}

impl From<KeptFinding> for Finding {
    fn from(kept: KeptFinding) -> Self {
        let KeptFinding { rule, article, passed, expected, actual, message } = kept;
        let message = message.unwrap_or_else(|| sentence(passed, &expected, &actual));
        Self { rule, article, passed, expected, actual, message }
    }
}

/// The usual sentence of a finding, put together from what is asked for and what is there.
pub fn sentence(passed: bool, expected: &Text, actual: &Text) -> Text {
    if passed {
        Text::new(
            format!("符合条件:{}(要求:{})。", actual.zh, expected.zh),
            format!("Met: {} (asked for: {}).", actual.en, expected.en),
        )
    } else {
        Text::new(
            format!("很抱歉,暂不符合条件:{}(要求:{})。", actual.zh, expected.zh),
            format!("Sorry, this condition is not met: {} (asked for: {}).", actual.en, expected.en),
        )
    }
}

/// Whether every finding passed.
pub fn all_passed(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(passed: bool, message: Option<Text>) -> Finding {
        let (expected, actual) = (Text::new("不超过 500 人", "at most 500"), Text::new("36 人", "36"));
        let message = message.unwrap_or_else(|| sentence(passed, &expected, &actual));
        Finding { rule: "employees".to_owned(), article: "7".to_owned(), passed, expected, actual, message }
    }

    #[test]
    fn comes_back_as_it_was_kept() {
        let own = Some(Text::new("每年不超过 20 万元。", "200 000 yuan a year."));
        for finding in [finding(true, None), finding(false, None), finding(true, own)] {
            let written = serde_json::to_string(&KeptFinding::from(finding.clone())).unwrap();
            let read: KeptFinding = serde_json::from_str(&written).unwrap();
            assert_eq!(Finding::from(read), finding);
        }
    }

    #[test]
    fn keeps_only_a_sentence_of_its_own() {
        let written = |finding| serde_json::to_string(&KeptFinding::from(finding)).unwrap();
        assert!(!written(finding(true, None)).contains("message"));
        assert!(written(finding(true, Some(Text::new("另", "other")))).contains("message"));
    }

    #[test]
    fn what_was_kept_with_its_sentence_is_read_with_it() {
        let whole = finding(false, Some(Text::new("旧", "old")));
        let read: KeptFinding = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        assert_eq!(Finding::from(read), whole);
    }
}
