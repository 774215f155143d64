//! Art. 7: the conditions for teams.

use super::eligibility::{either, finding};
use super::profile::TeamProfile;
use crate::finding::Finding;
use crate::money::BasisPoints;
use crate::policy::TeamRules;
use crate::text::Text;

pub(super) fn findings(rules: &TeamRules, profile: &TeamProfile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if rules.unregistered_required {
        findings.push(unregistered(profile));
    }
    findings.push(one_leader(profile));
    if rules.student_leader_required {
        findings.push(student_leader(profile));
    }
    findings.push(student_members(rules.min_student_share_bps, profile));
    findings.push(project_stage(rules, profile));
    findings
}

/// Art. 7: 不具备法人资格,还未注册企业.
fn unregistered(profile: &TeamProfile) -> Finding {
    let expected = Text::new("不具备法人资格,还未注册企业", "no legal personality and no company registered yet");
    let actual = if profile.company_registered {
        Text::new("已注册企业,可以企业身份申领", "a company is registered, which may apply as an enterprise")
    } else {
        Text::new("还未注册企业", "no company registered yet")
    };
    finding("team_unregistered", !profile.company_registered, expected, actual)
}

/// A team has one leader; without, "main members" of Art. 7 would have no meaning.
fn one_leader(profile: &TeamProfile) -> Finding {
    let leaders = profile.members.iter().filter(|member| member.is_leader).count();
    finding(
        "team_leader",
        leaders == 1,
        Text::new("有且只有 1 名负责人", "exactly 1 leader"),
        Text::new(format!("负责人 {leaders} 名"), format!("leaders: {leaders}")),
    )
}

/// Art. 7: 主要成员应为在校学生, of which the leader is one.
fn student_leader(profile: &TeamProfile) -> Finding {
    let mut leaders = profile.members.iter().filter(|member| member.is_leader).peekable();
    let has_leader = leaders.peek().is_some();
    let are_students = leaders.all(|leader| leader.is_student);
    let actual = match (has_leader, are_students) {
        (false, _) => Text::new("没有负责人", "there is no leader"),
        (true, true) => Text::new("负责人为在校学生", "the leader is a student"),
        (true, false) => Text::new("负责人不是在校学生", "the leader is not a student"),
    };
    let expected = Text::new("负责人为在校学生", "a leader who is a student");
    finding("team_leader_student", has_leader && are_students, expected, actual)
}

/// Art. 7: 主要成员应为在校学生, of which this share of the members is the rest.
fn student_members(least: BasisPoints, profile: &TeamProfile) -> Finding {
    let members = profile.members.len();
    let students = profile.members.iter().filter(|member| member.is_student).count();
    // Compared in whole numbers: a quotient would round, and exactly half must count as half.
    let reaches = students.saturating_mul(10_000) >= members.saturating_mul(usize::from(least.bps()));
    finding(
        "team_students",
        members > 0 && reaches,
        Text::new(format!("在校学生不少于成员的 {least}"), format!("students are at least {least} of the members")),
        Text::new(
            format!("成员 {members} 人,其中在校学生 {students} 人"),
            format!("{students} of {members} members are students"),
        ),
    )
}

/// Art. 7: 已开展产品研发及转化所需的测试或研发工作(不包括创业策划阶段项目).
fn project_stage(rules: &TeamRules, profile: &TeamProfile) -> Finding {
    let (stages, stage) = (either(rules.stages.iter().map(|stage| stage.label())), profile.project_stage.label());
    finding(
        "project_stage",
        rules.stages.contains(&profile.project_stage),
        Text::new(format!("项目处于{}阶段", stages.zh), format!("a project in {}", stages.en)),
        Text::new(format!("项目处于{}阶段", stage.zh), format!("the project is in the stage: {}", stage.en)),
    )
}
