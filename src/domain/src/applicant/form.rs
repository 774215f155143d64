//! Whether a profile is well-formed. Being well-formed is not being eligible: a form that is
//! honest about 501 employees is a good form.

use chrono::Datelike;

use super::profile::{Certificate, EnterpriseProfile, Member, Profile, TeamProfile};
use crate::money::Money;
use crate::period::Day;
use crate::refusal::{Faults, Refusal};

/// The most employees a profile can say, far above any enterprise there is.
pub const MOST_EMPLOYEES: u32 = 10_000_000;
/// The most members a team can have.
pub const MOST_MEMBERS: usize = 50;
/// The most certificates an enterprise can list.
pub const MOST_CERTIFICATES: usize = 50;

const MOST_NAME_CHARACTERS: usize = 100;
const EARLIEST_YEAR: i32 = 1900;
const LATEST_YEAR: i32 = 2199;

/// Whether the profile is well-formed on this day.
///
/// # Errors
/// `validation_failed` with every fault at once.
pub fn validate(profile: &Profile, today: Day) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    match profile {
        Profile::Enterprise(enterprise) => enterprise_faults(&mut faults, enterprise, today),
        Profile::Team(team) => team_faults(&mut faults, team),
    }
    faults.done()
}

fn enterprise_faults(faults: &mut Faults, enterprise: &EnterpriseProfile, today: Day) {
    require_sensible_day(faults, "established_on", enterprise.established_on);
    faults.require(
        enterprise.established_on <= today,
        "established_on",
        "not_in_future",
        format!("成立日期不能晚于 {today}。"),
        format!("must not be later than {today}."),
    );
    faults.require(
        enterprise.employees <= MOST_EMPLOYEES,
        "employees",
        "range",
        format!("职工总数应在 0 到 {MOST_EMPLOYEES} 之间。"),
        format!("must be from 0 to {MOST_EMPLOYEES}."),
    );
    require_not_negative(faults, "annual_revenue_fen", enterprise.annual_revenue_fen);
    require_not_negative(faults, "total_assets_fen", enterprise.total_assets_fen);
    if let Some(until) = enterprise.serious_dishonesty_until {
        require_sensible_day(faults, "serious_dishonesty_until", until);
    }
    faults.require(
        enterprise.certificates.len() <= MOST_CERTIFICATES,
        "certificates",
        "max_items",
        format!("最多填写 {MOST_CERTIFICATES} 份证书。"),
        format!("may list at most {MOST_CERTIFICATES}."),
    );
    // What is beyond the most is refused as a whole, and need not be read one by one.
    for (place, certificate) in enterprise.certificates.iter().take(MOST_CERTIFICATES).enumerate() {
        certificate_faults(faults, &format!("certificates[{place}]"), certificate);
    }
}

fn certificate_faults(faults: &mut Faults, path: &str, certificate: &Certificate) {
    faults.require_text(&format!("{path}.number"), &certificate.number, MOST_NAME_CHARACTERS);
    require_sensible_day(faults, &format!("{path}.issued_on"), certificate.issued_on);
    let valid_until = format!("{path}.valid_until");
    require_sensible_day(faults, &valid_until, certificate.valid_until);
    faults.require(
        certificate.issued_on <= certificate.valid_until,
        &valid_until,
        "not_before_issue",
        format!("有效期截止日不能早于发证日 {}。", certificate.issued_on),
        format!("must not be earlier than the day of issue, {}.", certificate.issued_on),
    );
}

fn team_faults(faults: &mut Faults, team: &TeamProfile) {
    faults.require(
        (1..=MOST_MEMBERS).contains(&team.members.len()),
        "members",
        "range",
        format!("成员应为 1 到 {MOST_MEMBERS} 人。"),
        format!("must be from 1 to {MOST_MEMBERS}."),
    );
    for (place, member) in team.members.iter().take(MOST_MEMBERS).enumerate() {
        member_faults(faults, &format!("members[{place}]"), member);
    }
}

fn member_faults(faults: &mut Faults, path: &str, member: &Member) {
    faults.require_text(&format!("{path}.name"), &member.name, MOST_NAME_CHARACTERS);
    let school = format!("{path}.school");
    if member.is_student || !member.school.is_empty() {
        faults.require_text(&school, &member.school, MOST_NAME_CHARACTERS);
    }
}

fn require_not_negative(faults: &mut Faults, field: &str, amount: Money) {
    faults.require(amount >= Money::ZERO, field, "not_negative", "金额不能小于 0 分。", "must not be less than 0 fen.");
}

/// A year of five digits is a slip of the finger, and sorts wrongly where days are kept as text.
fn require_sensible_day(faults: &mut Faults, field: &str, day: Day) {
    faults.require(
        (EARLIEST_YEAR..=LATEST_YEAR).contains(&day.year()),
        field,
        "range",
        format!("年份应在 {EARLIEST_YEAR} 到 {LATEST_YEAR} 之间。"),
        format!("must be of a year from {EARLIEST_YEAR} to {LATEST_YEAR}."),
    );
}
