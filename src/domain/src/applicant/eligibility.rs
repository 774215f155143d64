//! Art. 7: whether an applicant may claim on a day; Art. 12: how much in that year.

use super::profile::{Profile, Region};
use super::{enterprise, team};
use crate::finding::{Finding, sentence};
use crate::money::Money;
use crate::period::Day;
use crate::policy::Policy;
use crate::text::Text;

/// Art. 7, 12: a finding for every rule of the policy, passed or not, in the order of the text.
///
/// The last one, `annual_limit_tier`, passes always and explains [`annual_limit`].
pub fn eligibility(policy: &Policy, profile: &Profile, today: Day) -> Vec<Finding> {
    let mut findings = match profile {
        Profile::Enterprise(profile) => enterprise::findings(&policy.enterprise, profile, today),
        Profile::Team(profile) => team::findings(&policy.team, profile),
    };
    findings.push(tier(policy, profile, today));
    findings
}

/// Art. 12: what the live vouchers of the applicant may carry in the calendar year, as of this day.
pub fn annual_limit(policy: &Policy, profile: &Profile, today: Day) -> Money {
    let is_certified = match profile {
        Profile::Enterprise(profile) => profile.valid_certificate(&policy.enterprise.certified_by, today).is_some(),
        Profile::Team(_) => false,
    };
    if is_certified { policy.voucher.annual_limit_certified_fen } else { policy.voucher.annual_limit_fen }
}

/// Art. 12: which yearly limit applies, and why.
fn tier(policy: &Policy, profile: &Profile, today: Day) -> Finding {
    let kinds = &policy.enterprise.certified_by;
    let (certified, usual) = (policy.voucher.annual_limit_certified_fen, policy.voucher.annual_limit_fen);
    let names = either(kinds.iter().map(|kind| kind.label()));
    let certificate = match profile {
        Profile::Enterprise(profile) => profile.valid_certificate(kinds, today),
        Profile::Team(_) => None,
    };
    let actual = match (certificate, profile) {
        (Some(certificate), _) => {
            let (label, until) = (certificate.kind.label(), certificate.valid_until);
            Text::new(
                format!("{}证书有效期至 {until}", label.zh),
                format!("the {} certificate is valid until {until}", label.en),
            )
        }
        (None, Profile::Enterprise(_)) => {
            Text::new(format!("{today} 无有效证书"), format!("no certificate is valid on {today}"))
        }
        (None, Profile::Team(_)) => Text::new("创业团队", "a team"),
    };
    let limit = annual_limit(policy, profile, today);
    Finding {
        rule: "annual_limit_tier".to_owned(),
        article: "12".to_owned(),
        passed: true,
        expected: Text::new(
            format!("持有有效的{}证书的企业每年不超过 {certified} 元,其他申领单位每年不超过 {usual} 元", names.zh),
            format!(
                "{certified} yuan a year for an enterprise with a valid certificate as {}, {usual} yuan for others",
                names.en
            ),
        ),
        message: Text::new(
            format!("{},每年可使用的创新券额度不超过 {limit} 元。", actual.zh),
            format!("The yearly limit is {limit} yuan: {}.", actual.en),
        ),
        actual,
    }
}

/// A finding of Art. 7, its message put together from what is asked for and what is there.
pub(super) fn finding(rule: &str, passed: bool, expected: Text, actual: Text) -> Finding {
    let message = sentence(passed, &expected, &actual);
    Finding { rule: rule.to_owned(), article: "7".to_owned(), passed, expected, actual, message }
}

/// Several names, of which one is enough.
pub(super) fn either(names: impl Iterator<Item = Text>) -> Text {
    let (zh, en): (Vec<_>, Vec<_>) = names.map(|name| (name.zh, name.en)).unzip();
    Text::new(zh.join("、"), en.join(" or "))
}

/// Art. 7: 在北京地区注册. Who is not established yet is registered nowhere.
pub(super) fn registered_region(asked: Region, region: Region, established_on: Day, today: Day) -> Finding {
    let (asked_name, name) = (asked.label(), region.label());
    let is_established = established_on <= today;
    let actual = if is_established {
        Text::new(format!("注册地为{}", name.zh), format!("registered in {}", name.en))
    } else {
        Text::new(
            format!("注册地为{},成立日期 {established_on} 晚于 {today}", name.zh),
            format!("registered in {}, but established on {established_on}, after {today}", name.en),
        )
    };
    let expected = Text::new(format!("在{}注册成立", asked_name.zh), format!("registered in {}", asked_name.en));
    finding("registered_region", region == asked && is_established, expected, actual)
}

/// The finding about an applicant that has stated nothing yet: there is nothing to judge.
pub fn unstated() -> Finding {
    Finding {
        rule: "profile_stated".to_owned(),
        article: "7".to_owned(),
        passed: false,
        expected: Text::new("已填写申领单位信息", "the applicant's facts are stated"),
        actual: Text::new("尚未填写", "nothing is stated yet"),
        message: Text::new(
            "请先填写申领单位信息(PUT /api/v1/me/profile),再领取创新券。",
            "Please state the applicant's facts (PUT /api/v1/me/profile) before claiming.",
        ),
    }
}
