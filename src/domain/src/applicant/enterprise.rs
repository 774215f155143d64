//! Art. 7: the conditions for small and medium enterprises.

use chrono::Datelike;

use super::eligibility::{either, finding, registered_region};
use super::profile::{Certificate, CertificateKind, EnterpriseProfile};
use crate::finding::Finding;
use crate::money::Money;
use crate::period::{Day, years_after};
use crate::policy::{CreditCondition, EnterpriseRules, FirstCondition};
use crate::text::Text;

pub(super) fn findings(rules: &EnterpriseRules, profile: &EnterpriseProfile, today: Day) -> Vec<Finding> {
    let mut findings = vec![registered_region(rules.region, profile.region, profile.established_on, today)];
    findings.push(match rules.first_condition {
        FirstCondition::YoungOrNewlyListed => young_or_newly_listed(rules, profile, today),
        FirstCondition::TechnologySme => technology_sme(profile, today),
    });
    if rules.legal_person_required {
        findings.push(legal_person(profile));
    }
    findings.push(employees(rules, profile));
    findings.push(at_most(
        "annual_revenue",
        Text::new("年销售收入", "yearly revenue"),
        profile.annual_revenue_fen,
        rules.max_annual_revenue_fen,
    ));
    findings.push(at_most(
        "total_assets",
        Text::new("资产总额", "total assets"),
        profile.total_assets_fen,
        rules.max_total_assets_fen,
    ));
    if rules.finance_system_required {
        findings.push(finance_system(profile));
    }
    findings.push(match rules.credit {
        CreditCondition::NoBadRecord => no_bad_record(profile, today),
        CreditCondition::NoRunningSeriousDishonesty => no_running_serious_dishonesty(profile, today),
    });
    findings.push(main_business(rules, profile));
    findings
}

/// Art. 7: 注册成立不超过 5 年(含), 或当年新评价入库的科技型中小企业.
fn young_or_newly_listed(rules: &EnterpriseRules, profile: &EnterpriseProfile, today: Day) -> Finding {
    let years = rules.max_age_years.unwrap_or(0);
    let established_on = profile.established_on;
    let anniversary = years_after(established_on, years).ok();
    let is_young = established_on <= today && anniversary.is_some_and(|last_day| today <= last_day);
    let listing = newly_listed(profile, today);
    let age = match anniversary {
        Some(last_day) => Text::new(
            format!("{established_on} 成立,满 {years} 年之日为 {last_day}"),
            format!("established on {established_on}, {years} years are full on {last_day}"),
        ),
        None => Text::new(format!("{established_on} 成立"), format!("established on {established_on}")),
    };
    let year = today.year();
    let actual = match listing {
        Some(Certificate { issued_on, valid_until, .. }) => Text::new(
            format!("{};科技型中小企业 {issued_on} 入库,有效期至 {valid_until}", age.zh),
            format!("{}; listed as a technology SME on {issued_on}, valid until {valid_until}", age.en),
        ),
        None => Text::new(
            format!("{};{year} 年无新入库且在 {today} 有效的科技型中小企业证书", age.zh),
            format!("{}; no technology SME listing issued in {year} and valid on {today}", age.en),
        ),
    };
    let expected = Text::new(
        format!("注册成立不超过 {years} 年(含),或 {year} 年新评价入库的科技型中小企业"),
        format!(
            "established at most {years} years ago (that day included), or newly listed as a technology SME in {year}"
        ),
    );
    finding("enterprise_age", is_young || listing.is_some(), expected, actual)
}

/// A listing as a technology SME that was issued in the year of the day and is valid on it.
fn newly_listed(profile: &EnterpriseProfile, today: Day) -> Option<&Certificate> {
    profile.certificates.iter().find(|certificate| {
        certificate.kind == CertificateKind::TechnologySme
            && certificate.issued_on.year() == today.year()
            && certificate.is_valid_on(today)
    })
}

/// Art. 7, as amended: 科技型中小企业, by a listing that is valid on the day.
fn technology_sme(profile: &EnterpriseProfile, today: Day) -> Finding {
    let listing = profile.valid_certificate(&[CertificateKind::TechnologySme], today);
    let last = profile.certificates.iter().filter(|certificate| certificate.kind == CertificateKind::TechnologySme);
    let last = last.max_by_key(|certificate| certificate.valid_until);
    let actual = match listing.or(last) {
        Some(Certificate { number, issued_on, valid_until, .. }) => Text::new(
            format!("科技型中小企业证书 {number} 有效期为 {issued_on} 至 {valid_until}"),
            format!("the technology SME certificate {number} is valid from {issued_on} to {valid_until}"),
        ),
        None => Text::new("未填写科技型中小企业证书", "no technology SME certificate is given"),
    };
    let expected = Text::new(
        format!("在 {today} 持有有效的科技型中小企业证书"),
        format!("a technology SME certificate valid on {today}"),
    );
    finding("technology_sme", listing.is_some(), expected, actual)
}

/// Art. 7: 具有独立法人资格.
fn legal_person(profile: &EnterpriseProfile) -> Finding {
    let actual = if profile.is_legal_person {
        Text::new("具有独立法人资格", "a legal person")
    } else {
        Text::new("不具有独立法人资格", "not a legal person")
    };
    finding("legal_person", profile.is_legal_person, Text::new("具有独立法人资格", "a legal person"), actual)
}

/// Art. 7: 职工总数不超过 500 人.
fn employees(rules: &EnterpriseRules, profile: &EnterpriseProfile) -> Finding {
    let (most, employees) = (rules.max_employees, profile.employees);
    finding(
        "employees",
        employees <= most,
        Text::new(format!("职工总数不超过 {most} 人"), format!("at most {most} employees")),
        Text::new(format!("职工总数 {employees} 人"), format!("employees: {employees}")),
    )
}

/// Art. 7: 年销售收入不超过 2 亿元、资产总额不超过 2 亿元.
fn at_most(rule: &str, name: Text, amount: Money, most: Money) -> Finding {
    finding(
        rule,
        amount <= most,
        Text::new(format!("{}不超过 {most} 元", name.zh), format!("{} of at most {most} yuan", name.en)),
        Text::new(format!("{} {amount} 元", name.zh), format!("{} of {amount} yuan", name.en)),
    )
}

/// Art. 7: 具有健全的财务机构和管理制度.
fn finance_system(profile: &EnterpriseProfile) -> Finding {
    let expected = Text::new("具有健全的财务机构和管理制度", "a sound finance function and management");
    let actual = if profile.has_finance_system {
        expected.clone()
    } else {
        Text::new("财务机构和管理制度尚不健全", "no sound finance function and management yet")
    };
    finding("finance_system", profile.has_finance_system, expected, actual)
}

/// Art. 7: 无不良诚信记录. A running record of serious dishonesty is a bad one, whatever else the form says.
fn no_bad_record(profile: &EnterpriseProfile, today: Day) -> Finding {
    let expected = Text::new("无不良诚信记录", "no bad credit record");
    let running = running_dishonesty(profile, today);
    let actual = match running {
        Some(until) => dishonesty_until(until),
        None if profile.has_bad_credit => Text::new("有不良诚信记录", "a bad credit record"),
        None => expected.clone(),
    };
    finding("credit_record", !profile.has_bad_credit && running.is_none(), expected, actual)
}

/// Art. 7, as amended: no serious-dishonesty record whose sanction period is running.
fn no_running_serious_dishonesty(profile: &EnterpriseProfile, today: Day) -> Finding {
    let running = running_dishonesty(profile, today);
    let actual = match (running, profile.serious_dishonesty_until) {
        (Some(until), _) => dishonesty_until(until),
        (None, Some(until)) => Text::new(
            format!("严重失信惩戒期已于 {until} 届满"),
            format!("the sanction period for serious dishonesty ended on {until}"),
        ),
        (None, None) => Text::new("无严重失信记录", "no record of serious dishonesty"),
    };
    let expected = Text::new(
        format!("在 {today} 没有处于惩戒期内的严重失信记录"),
        format!("no record of serious dishonesty whose sanction period is running on {today}"),
    );
    finding("credit_record", running.is_none(), expected, actual)
}

/// The last day of a sanction period that is not over; that day still belongs to it.
fn running_dishonesty(profile: &EnterpriseProfile, today: Day) -> Option<Day> {
    profile.serious_dishonesty_until.filter(|until| *until >= today)
}

fn dishonesty_until(until: Day) -> Text {
    Text::new(
        format!("严重失信惩戒期至 {until}"),
        format!("the sanction period for serious dishonesty runs until {until}"),
    )
}

/// Art. 7: 主营业务方向符合...等高精尖产业领域.
fn main_business(rules: &EnterpriseRules, profile: &EnterpriseProfile) -> Finding {
    let names = either(rules.industries.iter().map(|industry| industry.label()));
    let name = profile.industry.label();
    finding(
        "main_business",
        rules.industries.contains(&profile.industry),
        Text::new(format!("主营业务属于{}", names.zh), format!("a main business in {}", names.en)),
        Text::new(format!("主营业务为{}", name.zh), format!("a main business in {}", name.en)),
    )
}
