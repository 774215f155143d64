//! 第十六、十七条: the eight kinds of violation, and the way from its record to the decision.

use uuid::Uuid;

use super::MAX_TEXT_CHARACTERS;
use crate::coded_enum;
use crate::period::{Calendar, Day, Deadline, Instant, Span};
use crate::policy::SanctionRules;
use crate::refusal::{Faults, Refusal};
use crate::review::require_other_person;
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// What Art. 16 forbids to applicants and facilities, and the refusal that Art. 17 adds.
    pub enum ViolationKind ("kind of violation") {
        /// 提供虚假信息.
        FalseInformation = "false_information",
        /// 编报虚假预算、套取财政资金.
        FalseBudget = "false_budget",
        /// 截留、挤占、挪用财政经费.
        FundsDiverted = "funds_diverted",
        /// 提供虚假财务会计信息、虚列支出.
        FalseAccounts = "false_accounts",
        /// 转让、买卖、赠送和重复使用创新券.
        VoucherAbused = "voucher_abused",
        /// 对外泄漏申领单位注册资料、科研活动内容、商业机密.
        InformationLeaked = "information_leaked",
        /// 其他违反国家法律法规及相关规章制度的行为.
        OtherBreach = "other_breach",
        /// Art. 17: 拒不配合监督管理.
        SupervisionRefused = "supervision_refused",
    }
}

coded_enum! {
    /// Where a violation is on its way to the decision.
    pub enum ViolationStatus ("violation status") {
        /// Recorded; the party may state its side.
        Recorded = "recorded",
        /// Sanctions are proposed; another officer is to approve them.
        Decided = "decided",
        /// The sanctions bind.
        Sanctioned = "sanctioned",
        /// Nothing follows from it.
        Dropped = "dropped",
    }
}

coded_enum! {
    /// What is done about a violation.
    pub enum ViolationAction ("action on a violation") {
        /// The party states its side.
        MakeStatement = "make_statement",
        /// An officer proposes sanctions.
        Decide = "decide",
        /// Another officer approves them.
        Approve = "approve",
        /// An officer finds that nothing follows.
        Drop = "drop",
    }
}

impl ViolationKind {
    /// The article that names it.
    pub fn article(self) -> &'static str {
        match self {
            Self::FalseInformation
            | Self::FalseBudget
            | Self::FundsDiverted
            | Self::FalseAccounts
            | Self::VoucherAbused
            | Self::InformationLeaked
            | Self::OtherBreach => "16",
            Self::SupervisionRefused => "17",
        }
    }
}

impl ViolationStatus {
    /// Whether the party may state its side, while its time runs: until sanctions are approved, for a proposal
    /// may come otherwise.
    pub fn takes_statements(self) -> bool {
        match self {
            Self::Recorded | Self::Decided => true,
            Self::Sanctioned | Self::Dropped => false,
        }
    }

    /// What can be done about a violation in this state.
    pub fn offers(self) -> Offers<ViolationAction, Self> {
        match self {
            Self::Recorded => &[
                (ViolationAction::MakeStatement, Self::Recorded),
                (ViolationAction::Decide, Self::Decided),
                (ViolationAction::Drop, Self::Dropped),
            ],
            Self::Decided => &[
                // The party does not know of the proposal: what it has time for stays.
                (ViolationAction::MakeStatement, Self::Decided),
                (ViolationAction::Decide, Self::Decided),
                (ViolationAction::Approve, Self::Sanctioned),
                (ViolationAction::Drop, Self::Dropped),
            ],
            Self::Sanctioned | Self::Dropped => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: ViolationAction) -> Result<Self, Refusal> {
        step(&Text::new("该违规事项", "The violation"), self, action, self.offers())
            .map_err(|refusal| refusal.article("17"))
    }
}

/// The record says what was found.
///
/// # Errors
/// `validation_failed`.
pub fn validate_facts(facts: &str) -> Result<(), Refusal> {
    require_text("facts", facts)
}

/// A drop, and the lifting of a sanction, say why.
///
/// # Errors
/// `validation_failed`.
pub fn validate_reasons(reasons: &str) -> Result<(), Refusal> {
    require_text("reasons", reasons)
}

fn require_text(field: &str, text: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text(field, text, MAX_TEXT_CHARACTERS);
    faults.done()
}

/// Until when the party may state its side, counted from the day of the record.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn statement_by(rules: &SanctionRules, recorded_on: Day, calendar: &Calendar) -> Result<Deadline, Refusal> {
    Deadline::after(recorded_on, Span::WorkingDays(rules.statement_working_days), calendar)
}

/// The party states its side, as often as it likes until the deadline, or until sanctions are approved.
///
/// # Errors
/// `invalid_state` after the approval or the deadline, `validation_failed` for a statement of nothing.
pub fn make_statement(
    status: ViolationStatus,
    deadline: &Deadline,
    statement: &str,
    now: Instant,
) -> Result<(), Refusal> {
    status.after(ViolationAction::MakeStatement)?;
    if deadline.is_over(now) {
        let last_day = deadline.last_day;
        return Err(Refusal::invalid_state(
            format!("陈述申辩期限已于 {last_day} 届满,不能再提交;如有新的证据,请联系市科委、中关村管委会。"),
            format!("Statements were taken until {last_day}; if there is new evidence, please contact the commission."),
        )
        .article("17"));
    }
    require_text("statement", statement)
}

/// Sanctions are proposed once the party has stated its side, or has let the deadline pass.
///
/// # Errors
/// `invalid_state` in another state, or while the party may still be heard; `validation_failed` for a
/// finding of nothing.
pub fn decide(
    status: ViolationStatus,
    is_heard: bool,
    deadline: &Deadline,
    finding: &str,
    now: Instant,
) -> Result<ViolationStatus, Refusal> {
    let next = status.after(ViolationAction::Decide)?;
    if !is_heard && !deadline.is_over(now) {
        let last_day = deadline.last_day;
        return Err(Refusal::invalid_state(
            format!("作出处理决定前应听取当事单位的陈述申辩:当事单位尚未陈述,期限至 {last_day}(含当日)。"),
            format!("The party is heard before a decision: it has not stated its side yet, and may until {last_day}."),
        )
        .article("17"));
    }
    require_text("finding", finding)?;
    Ok(next)
}

/// Another officer approves the proposed sanctions.
///
/// # Errors
/// `invalid_state`, `same_person`.
pub fn approve(status: ViolationStatus, decided_by: Uuid, approver: Uuid) -> Result<ViolationStatus, Refusal> {
    let next = status.after(ViolationAction::Approve)?;
    require_other_person(decided_by, approver, "17")?;
    Ok(next)
}

impl Named for ViolationKind {
    fn chinese(self) -> &'static str {
        match self {
            Self::FalseInformation => "提供虚假信息",
            Self::FalseBudget => "编报虚假预算、套取财政资金",
            Self::FundsDiverted => "截留、挤占、挪用财政经费",
            Self::FalseAccounts => "提供虚假财务会计信息、虚列支出",
            Self::VoucherAbused => "转让、买卖、赠送或重复使用创新券",
            Self::InformationLeaked => "对外泄漏申领单位信息",
            Self::OtherBreach => "其他违反法律法规及规章制度的行为",
            Self::SupervisionRefused => "拒不配合监督管理",
        }
    }
}

impl Named for ViolationStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Recorded => "已立案、听取陈述申辩",
            Self::Decided => "已拟处理、待批准",
            Self::Sanctioned => "已处理",
            Self::Dropped => "不予处理",
        }
    }
}

impl Named for ViolationAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::MakeStatement => "陈述申辩",
            Self::Decide => "拟定处理决定",
            Self::Approve => "批准处理决定",
            Self::Drop => "不予处理",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{at, calendar, day, policy};
    use crate::refusal::RefusalCode;

    const LAST_MICROSECOND: &str = "2026-03-09T23:59:59.999999+08:00";
    const END: &str = "2026-03-10T00:00:00+08:00";

    /// Recorded on Monday 2 March 2026: five working days later is Monday the 9th.
    fn deadline() -> Deadline {
        statement_by(&policy().sanction, day("2026-03-02"), &calendar()).unwrap()
    }

    #[test]
    fn there_are_eight_kinds_and_one_is_of_article_17() {
        assert_eq!(ViolationKind::ALL.len(), 8);
        let of_17: Vec<_> = ViolationKind::ALL.iter().filter(|kind| kind.article() == "17").collect();
        assert_eq!(of_17, [&ViolationKind::SupervisionRefused]);
    }

    #[test]
    fn the_party_is_heard_for_five_working_days() {
        let deadline = deadline();
        assert_eq!((deadline.last_day, deadline.expires_at), (day("2026-03-09"), at(END)));
        let state = |now| make_statement(ViolationStatus::Recorded, &deadline, "情况属实", at(now));
        assert_eq!(state(LAST_MICROSECOND), Ok(()));
        let late = state(END).unwrap_err();
        assert_eq!((late.code, late.article.as_deref()), (RefusalCode::InvalidState, Some("17")));
        // A proposal is not the party's to know; an approval is.
        let in_state = |status| make_statement(status, &deadline, "情况属实", at(LAST_MICROSECOND));
        assert_eq!(in_state(ViolationStatus::Decided), Ok(()));
        for status in ViolationStatus::ALL {
            assert_eq!(in_state(*status).is_ok(), status.takes_statements(), "{status}");
        }
        let blank = make_statement(ViolationStatus::Recorded, &deadline, " ", at(LAST_MICROSECOND)).unwrap_err();
        assert_eq!(blank.fields[0].field, "statement");
    }

    #[test]
    fn nothing_is_decided_before_the_party_is_heard_or_silent() {
        let decided = |is_heard, now| decide(ViolationStatus::Recorded, is_heard, &deadline(), "查证属实", at(now));
        let early = decided(false, LAST_MICROSECOND).unwrap_err();
        assert_eq!((early.code, early.article.as_deref()), (RefusalCode::InvalidState, Some("17")));
        assert!(early.message.zh.contains("2026-03-09"), "{}", early.message.zh);
        assert_eq!(decided(true, LAST_MICROSECOND), Ok(ViolationStatus::Decided));
        assert_eq!(decided(false, END), Ok(ViolationStatus::Decided));
        let again = decide(ViolationStatus::Decided, true, &deadline(), "重新认定", at(END));
        assert_eq!(again, Ok(ViolationStatus::Decided));
        let over = decide(ViolationStatus::Sanctioned, true, &deadline(), "查证属实", at(END));
        assert_eq!(over.unwrap_err().code, RefusalCode::InvalidState);
    }

    #[test]
    fn another_officer_approves() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(approve(ViolationStatus::Decided, one, other), Ok(ViolationStatus::Sanctioned));
        assert_eq!(approve(ViolationStatus::Decided, one, one).unwrap_err().code, RefusalCode::SamePerson);
        assert_eq!(approve(ViolationStatus::Recorded, one, other).unwrap_err().code, RefusalCode::InvalidState);
    }
}
