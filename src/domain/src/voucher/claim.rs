//! 第七、十二、十五条(一): claiming a voucher.

use chrono::Datelike;

use crate::cycle::{CycleWindow, require_open};
use crate::finding::{Finding, all_passed, sentence};
use crate::money::Money;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::VoucherRules;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::text::Text;

/// Everything a claim is decided by, as it is at the instant of the decision.
#[derive(Debug, Clone)]
pub struct ClaimFacts<'a> {
    /// The cycle claimed from.
    pub cycle: CycleWindow,
    /// Whether the applicant declares that what it states is true (诚实信用原则, Art. 15.1).
    pub declaration: bool,
    /// What is asked for.
    pub amount_fen: Money,
    /// What the applicant's eligibility found on that day (Art. 7). Findings that are known to have passed
    /// may be left out.
    pub findings: &'a [Finding],
    /// The last day of a running ban, if there is one (Art. 17).
    pub banned_until: Option<Day>,
    /// The applicant's limit of the year, as it is on that day (Art. 12).
    pub annual_limit_fen: Money,
    /// What its vouchers of that year count against it.
    pub annual_used_fen: Money,
    /// What is left in the cycle's pool.
    pub pool_remaining_fen: Money,
}

/// A claim that is granted: what the voucher is written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimGrant {
    /// The voucher's amount, which counts against the yearly limit.
    pub amount_fen: Money,
    /// By when a contract must be registered.
    pub register_by: Deadline,
    /// The Shanghai year whose limit it counts against.
    pub claim_year: i32,
    /// What is left in the pool after it.
    pub pool_remaining_fen: Money,
}

/// Art. 7, 12, 15.1: whether a voucher is granted. Refusals come in this order, the first that
/// applies is answered:
///
/// 1. `cycle_not_open`
/// 2. `validation_failed` (the declaration and the form of the amount, together)
/// 3. `single_cap_exceeded` with `maximum_fen`
/// 4. `not_eligible` with all findings
/// 5. `banned`, saying until when
/// 6. `annual_limit_exceeded` with what is left of the year in `maximum_fen`
/// 7. `pool_exhausted` with `remaining_fen`; nothing is cut silently
///
/// # Errors
/// The first of these that applies.
pub fn decide_claim(
    rules: &VoucherRules,
    calendar: &Calendar,
    facts: ClaimFacts<'_>,
    now: Instant,
) -> Result<ClaimGrant, Refusal> {
    let today = now.day();
    require_open(facts.cycle, now)?;
    require_form(facts.declaration, facts.amount_fen)?;
    single_cap(facts.amount_fen, rules.single_cap_fen)?;
    require_eligible(facts.findings)?;
    require_not_banned(facts.banned_until, today)?;
    annual_limit(facts.amount_fen, facts.annual_limit_fen, facts.annual_used_fen)?;
    let pool_remaining_fen = pool(facts.amount_fen, facts.pool_remaining_fen)?;
    Ok(ClaimGrant {
        amount_fen: facts.amount_fen,
        register_by: Deadline::after(today, Span::Days(rules.registration_days), calendar)?,
        claim_year: today.year(),
        pool_remaining_fen,
    })
}

/// Art. 15.1: the declaration is signed, and the amount is an amount.
fn require_form(declaration: bool, amount_fen: Money) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require(
        declaration,
        "declaration",
        "accepted",
        "领取前须声明所填材料真实、合规、准确,请将 declaration 设为 true。",
        "the declaration that all statements are true, compliant and exact must be made: set it to true.",
    );
    faults.require_positive("amount_fen", amount_fen);
    faults.done().map_err(|refusal| refusal.article("15.1"))
}

/// Art. 12: one voucher carries at most the cap.
fn single_cap(amount_fen: Money, cap_fen: Money) -> Result<(), Refusal> {
    if amount_fen <= cap_fen {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::SingleCapExceeded,
        format!("单张创新券最高 {cap_fen} 元,本次申请 {amount_fen} 元;请减少金额,或分多张领取。"),
        format!(
            "One voucher carries at most {cap_fen} yuan, and {amount_fen} yuan were asked for; please ask for less, \
             or claim several vouchers."
        ),
    )
    .article("12")
    .maximum(cap_fen))
}

/// Art. 7: every condition is met on the day of the claim.
fn require_eligible(findings: &[Finding]) -> Result<(), Refusal> {
    if all_passed(findings) {
        return Ok(());
    }
    let failed = || findings.iter().filter(|finding| !finding.passed);
    let chinese = failed().map(|finding| finding.message.zh.as_str()).collect::<Vec<_>>().join(" ");
    let english = failed().map(|finding| finding.message.en.as_str()).collect::<Vec<_>>().join(" ");
    Err(Refusal::new(
        RefusalCode::NotEligible,
        format!("暂不符合领取条件:{chinese}如情况有变,请更新单位信息后重试。"),
        format!("The conditions for claiming are not met: {english} If this has changed, please update the profile."),
    )
    .article("7")
    .findings(findings.to_vec()))
}

/// Art. 17: no ban runs; its last day is still banned.
///
/// # Errors
/// `banned`, saying until when.
pub fn require_not_banned(banned_until: Option<Day>, today: Day) -> Result<(), Refusal> {
    match banned_until {
        Some(last_day) if today <= last_day => Err(Refusal::new(
            RefusalCode::Banned,
            format!(
                "因违规处理,至 {last_day}(含当日)不能领取、使用和登记创新券,也不能申请成为开放单位,期满后可重新申请。"
            ),
            format!(
                "A sanction bans claims, projects, registrations and applications of facilities up to and including \
                 {last_day}; please apply after it."
            ),
        )
        .article("17")),
        Some(_) | None => Ok(()),
    }
}

/// Art. 17: the same as a finding, for those who look before they claim.
pub fn ban_finding(banned_until: Option<Day>, today: Day) -> Finding {
    let expected = Text::new("没有正在执行的取消申报资格处理", "no ban that is running");
    let actual = match banned_until {
        Some(last_day) => {
            Text::new(format!("取消申报资格至 {last_day}(含当日)"), format!("banned up to and including {last_day}"))
        }
        None => Text::new("没有受到该处理", "none was imposed"),
    };
    let refusal = require_not_banned(banned_until, today).err();
    let passed = refusal.is_none();
    let message = refusal.map_or_else(|| sentence(passed, &expected, &actual), |refusal| refusal.message);
    Finding { rule: "ban".to_owned(), article: "17".to_owned(), passed, expected, actual, message }
}

/// Art. 12: the live vouchers of the year stay within the applicant's limit.
fn annual_limit(amount_fen: Money, limit_fen: Money, used_fen: Money) -> Result<(), Refusal> {
    let left_fen = limit_fen.left_after(used_fen);
    if amount_fen <= left_fen {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::AnnualLimitExceeded,
        format!(
            "本年度可使用额度为 {limit_fen} 元,已占用 {used_fen} 元,尚可领取 {left_fen} 元,本次申请 {amount_fen} 元,\
             超出可领取额度。"
        ),
        format!(
            "The yearly limit is {limit_fen} yuan, of which {used_fen} are in use and {left_fen} are left; \
             {amount_fen} yuan were asked for."
        ),
    )
    .article("12")
    .maximum(left_fen))
}

/// Art. 12: the cycle's total is issued until it is gone (发完即止). Answers what is left after
/// this one.
fn pool(amount_fen: Money, remaining_fen: Money) -> Result<Money, Refusal> {
    if amount_fen <= remaining_fen {
        return Ok(remaining_fen.left_after(amount_fen));
    }
    let (chinese, english) = if remaining_fen.is_positive() {
        (
            format!("本周期剩余额度为 {remaining_fen} 元,不足本次申请的 {amount_fen} 元;可改为不超过剩余额度的金额。"),
            format!(
                "The cycle has {remaining_fen} yuan left, less than the {amount_fen} yuan asked for; please ask for no \
                 more than what is left."
            ),
        )
    } else {
        (
            "本周期额度已发完,请关注下一周期。".to_owned(),
            "The cycle's budget is used up; please look out for the next cycle.".to_owned(),
        )
    };
    Err(Refusal::new(RefusalCode::PoolExhausted, chinese, english).article("12").remaining(remaining_fen))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::cycle::CycleStatus;
    use crate::fixtures::{at, calendar, day, rules, yuan};

    const NOW: &str = "2026-09-20T10:00:00+08:00";

    fn finding(passed: bool) -> Finding {
        Finding {
            rule: "employees".to_owned(),
            article: "7".to_owned(),
            passed,
            expected: Text::new("不超过500人", "at most 500"),
            actual: Text::new("501人", "501"),
            message: Text::new("职工总数不符合要求。", "Too many employees."),
        }
    }

    static PASSED: LazyLock<[Finding; 1]> = LazyLock::new(|| [finding(true)]);
    static FAILED: LazyLock<[Finding; 2]> = LazyLock::new(|| [finding(true), finding(false)]);

    fn facts() -> ClaimFacts<'static> {
        ClaimFacts {
            cycle: CycleWindow {
                status: CycleStatus::Published,
                opens_at: at("2026-09-01T09:00:00+08:00"),
                closes_at: at("2026-12-31T18:00:00+08:00"),
            },
            declaration: true,
            amount_fen: yuan(50_000),
            findings: &*PASSED,
            banned_until: None,
            annual_limit_fen: yuan(200_000),
            annual_used_fen: yuan(150_000),
            pool_remaining_fen: yuan(50_000),
        }
    }

    fn decide(facts: ClaimFacts<'_>) -> Result<ClaimGrant, Refusal> {
        decide_claim(&rules(), &calendar(), facts, at(NOW))
    }

    fn refused(facts: ClaimFacts<'_>) -> Refusal {
        decide(facts).unwrap_err()
    }

    #[test]
    fn the_last_fen_of_the_pool_and_of_the_year_is_granted() {
        let grant = decide(facts()).unwrap();
        assert_eq!((grant.amount_fen, grant.pool_remaining_fen), (yuan(50_000), Money::ZERO));
        assert_eq!(grant.claim_year, 2026);
        // The fifteenth day falls into the National Day holiday and moves to its end.
        assert_eq!(grant.register_by.last_day, day("2026-10-08"));
    }

    #[test]
    fn the_claim_year_is_that_of_the_shanghai_day() {
        let mut facts = facts();
        facts.cycle.closes_at = at("2027-06-01T00:00:00+08:00");
        let grant = decide_claim(&rules(), &calendar(), facts, at("2026-12-31T16:00:00Z")).unwrap();
        assert_eq!(grant.claim_year, 2027);
    }

    #[test]
    fn one_fen_above_the_cap_is_refused_with_the_cap() {
        let refusal = refused(ClaimFacts { amount_fen: Money::from_fen(5_000_001), ..facts() });
        assert_eq!((refusal.code, refusal.maximum_fen), (RefusalCode::SingleCapExceeded, Some(yuan(50_000))));
        assert_eq!(refusal.article.as_deref(), Some("12"));
    }

    #[test]
    fn one_fen_above_the_year_is_refused_with_what_is_left() {
        let used = Money::from_fen(15_000_001);
        let refusal = refused(ClaimFacts { annual_used_fen: used, ..facts() });
        let left = Money::from_fen(4_999_999);
        assert_eq!((refusal.code, refusal.maximum_fen), (RefusalCode::AnnualLimitExceeded, Some(left)));
        assert!(decide(ClaimFacts { annual_used_fen: used, amount_fen: left, ..facts() }).is_ok());
    }

    #[test]
    fn a_limit_that_fell_below_its_use_leaves_nothing() {
        let refusal = refused(ClaimFacts { annual_used_fen: yuan(300_000), ..facts() });
        assert_eq!(refusal.maximum_fen, Some(Money::ZERO));
    }

    #[test]
    fn one_fen_above_the_pool_is_refused_with_what_remains() {
        let remaining = Money::from_fen(4_999_999);
        let refusal = refused(ClaimFacts { pool_remaining_fen: remaining, ..facts() });
        assert_eq!((refusal.code, refusal.remaining_fen), (RefusalCode::PoolExhausted, Some(remaining)));
        let refusal = refused(ClaimFacts { pool_remaining_fen: Money::ZERO, ..facts() });
        assert_eq!(refusal.remaining_fen, Some(Money::ZERO));
    }

    #[test]
    fn a_missing_declaration_and_a_bad_amount_are_named_together() {
        for amount in [0, -1, i64::MIN] {
            let refusal = refused(ClaimFacts { declaration: false, amount_fen: Money::from_fen(amount), ..facts() });
            assert_eq!(refusal.code, RefusalCode::ValidationFailed);
            let fields: Vec<_> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
            assert_eq!(fields, ["declaration", "amount_fen"]);
        }
    }

    #[test]
    fn a_failed_condition_is_refused_with_all_findings() {
        let refusal = refused(ClaimFacts { findings: &*FAILED, ..facts() });
        assert_eq!((refusal.code, refusal.findings.len()), (RefusalCode::NotEligible, 2));
        assert!(refusal.message.zh.contains("职工总数不符合要求"));
    }

    #[test]
    fn a_ban_holds_through_its_last_day() {
        let refusal = refused(ClaimFacts { banned_until: Some(day("2026-09-20")), ..facts() });
        assert_eq!(refusal.code, RefusalCode::Banned);
        assert!(refusal.message.en.contains("2026-09-20"));
        assert!(decide(ClaimFacts { banned_until: Some(day("2026-09-19")), ..facts() }).is_ok());
        // Whoever looks before is told the same.
        let found = |banned_until| ban_finding(banned_until, day("2026-09-20"));
        let running = found(Some(day("2026-09-20")));
        assert_eq!((running.passed, running.message, running.article.as_str()), (false, refusal.message, "17"));
        assert!(found(Some(day("2026-09-19"))).passed && found(None).passed);
    }

    #[test]
    fn refusals_come_in_the_documented_order() {
        let mut facts = ClaimFacts {
            declaration: false,
            amount_fen: yuan(60_000),
            findings: &*FAILED,
            banned_until: Some(day("2029-01-01")),
            annual_used_fen: yuan(200_000),
            pool_remaining_fen: Money::ZERO,
            ..facts()
        };
        facts.cycle.status = CycleStatus::Closed;
        assert_eq!(refused(facts.clone()).code, RefusalCode::CycleNotOpen);
        facts.cycle.status = CycleStatus::Published;
        assert_eq!(refused(facts.clone()).code, RefusalCode::ValidationFailed);
        facts.declaration = true;
        assert_eq!(refused(facts.clone()).code, RefusalCode::SingleCapExceeded);
        facts.amount_fen = yuan(50_000);
        assert_eq!(refused(facts.clone()).code, RefusalCode::NotEligible);
        facts.findings = &*PASSED;
        assert_eq!(refused(facts.clone()).code, RefusalCode::Banned);
        facts.banned_until = None;
        assert_eq!(refused(facts.clone()).code, RefusalCode::AnnualLimitExceeded);
        facts.annual_used_fen = Money::ZERO;
        assert_eq!(refused(facts.clone()).code, RefusalCode::PoolExhausted);
        facts.pool_remaining_fen = yuan(50_000);
        assert!(decide(facts).is_ok());
    }
}
