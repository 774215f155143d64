//! 第十七条: the sanctions, by how grave it is: what each asks for, when it ends, what it ends.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::OrganizationKind;
use crate::coded_enum;
use crate::contract::ContractStatus;
use crate::money::Money;
use crate::period::{Day, years_after};
use crate::policy::SanctionRules;
use crate::refusal::{Faults, Refusal};
use crate::transition::Named;

coded_enum! {
    /// What follows from a violation.
    pub enum SanctionKind ("kind of sanction") {
        /// 暂停资金拨付, until it is lifted.
        SuspendPayment = "suspend_payment",
        /// 追回已拨付资金.
        ClawBack = "claw_back",
        /// 取消其三年内参加平台与创新券专项经费申报资格.
        Ban = "ban",
        /// 从平台开放单位中除名.
        Delist = "delist",
        /// 按照本市科技信用管理有关规定进行记录.
        CreditRecord = "credit_record",
        /// 涉嫌违法犯罪的,移交司法机关.
        Referral = "referral",
    }
}

coded_enum! {
    /// Whether a sanction binds.
    pub enum SanctionStatus ("sanction status") {
        /// It binds.
        InForce = "in_force",
        /// Its last day is over, or all was paid back.
        Ended = "ended",
        /// It was lifted before its end.
        Lifted = "lifted",
    }
}

/// A sanction as it is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Which.
    pub kind: SanctionKind,
    /// `claw_back`: the paid redemption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption_id: Option<Uuid>,
    /// `claw_back`: how much of what was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<Money>,
    /// `delist`: the applicants that are at fault as well, each found so in a case of its own; their
    /// vouchers are revoked, those of all others return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_fault_applicant_ids: Vec<Uuid>,
}

impl Measure {
    /// A sanction that says all by its kind.
    pub fn plain(kind: SanctionKind) -> Self {
        Self { kind, redemption_id: None, amount_fen: None, at_fault_applicant_ids: Vec::new() }
    }
}

/// The most sanctions of one decision.
const MOST_MEASURES: usize = 50;

/// The form of a decision's sanctions against a party of this kind: at least one, each once (money may be
/// clawed back of several redemptions), each with what its kind asks for and nothing else; a facility
/// alone can be delisted.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_measures(measures: &[Measure], party: OrganizationKind) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let (zh, en) =
        ("请至少选择一项处理措施;不予处理的请使用 drop。", "must name at least one; use drop where nothing follows.");
    faults.require(!measures.is_empty(), "sanctions", "not_empty", zh, en);
    faults.require(
        measures.len() <= MOST_MEASURES,
        "sanctions",
        "max_length",
        format!("最多 {MOST_MEASURES} 项。"),
        format!("may name at most {MOST_MEASURES}."),
    );
    let mut seen = BTreeSet::new();
    for (index, measure) in measures.iter().enumerate() {
        let at = |field: &str| format!("sanctions[{index}].{field}");
        let is_new = seen.insert((measure.kind, measure.redemption_id));
        faults.require(is_new, &at("kind"), "unique", "该措施重复。", "is named twice.");
        let may_be = measure.kind != SanctionKind::Delist || party == OrganizationKind::Facility;
        faults.require(
            may_be,
            &at("kind"),
            "facility_only",
            "只有开放单位可以除名。",
            "can be done to a facility alone.",
        );
        require_amount(&mut faults, measure, &at);
        let may_name = measure.kind == SanctionKind::Delist || measure.at_fault_applicant_ids.is_empty();
        faults.require(may_name, &at("at_fault_applicant_ids"), "absent", "仅用于除名。", "belongs to delist alone.");
        let mut named = BTreeSet::new();
        for (place, id) in measure.at_fault_applicant_ids.iter().enumerate() {
            let field = at(&format!("at_fault_applicant_ids[{place}]"));
            faults.require(named.insert(id), &field, "unique", "该项重复。", "is named twice.");
        }
    }
    faults.done()
}

/// A clawback says of what and how much; nothing else does.
fn require_amount(faults: &mut Faults, measure: &Measure, at: &impl Fn(&str) -> String) {
    let is_clawback = measure.kind == SanctionKind::ClawBack;
    for (field, is_given) in
        [("redemption_id", measure.redemption_id.is_some()), ("amount_fen", measure.amount_fen.is_some())]
    {
        if is_clawback {
            faults.require(is_given, &at(field), "required", "追回资金须填写。", "is required to claw back.");
        } else {
            faults.require(!is_given, &at(field), "absent", "仅用于追回资金。", "belongs to claw_back alone.");
        }
    }
    if let Some(amount_fen) = measure.amount_fen.filter(|_| is_clawback) {
        faults.require_positive(&at("amount_fen"), amount_fen);
    }
}

/// The last day of a ban that is decided on a day: 三年内. It is a burden and no time to act in, so a
/// rest day at its end does not make it longer.
///
/// # Errors
/// `validation_failed` for a day beyond the calendar.
pub fn ban_until(rules: &SanctionRules, decided_on: Day) -> Result<Day, Refusal> {
    years_after(decided_on, rules.ban_years)
}

/// Whether a sanction binds on a day; its last day is one of them.
pub fn standing(ends_on: Option<Day>, is_fulfilled: bool, is_lifted: bool, today: Day) -> SanctionStatus {
    if is_lifted {
        SanctionStatus::Lifted
    } else if is_fulfilled || ends_on.is_some_and(|last_day| last_day < today) {
        SanctionStatus::Ended
    } else {
        SanctionStatus::InForce
    }
}

/// A sanction that binds can be lifted, but for a referral: what is with the courts is theirs.
///
/// # Errors
/// `invalid_state`.
pub fn require_liftable(kind: SanctionKind, status: SanctionStatus) -> Result<(), Refusal> {
    if kind == SanctionKind::Referral {
        return Err(Refusal::invalid_state(
            "已移交司法机关的事项不能解除。",
            "What was handed to the courts cannot be lifted.",
        )
        .article("17"));
    }
    match status {
        SanctionStatus::InForce => Ok(()),
        SanctionStatus::Ended | SanctionStatus::Lifted => Err(Refusal::invalid_state(
            format!("该处理措施{},无须解除。", status.chinese()),
            format!("The sanction is {}; there is nothing to lift.", status.english()),
        )
        .article("17")),
    }
}

/// Whether a delisting ends a contract of the facility: its service is neither recorded as complete, nor
/// its last day over, nor its redemption submitted. What is performed is redeemed as it would be.
pub fn is_unperformed(status: ContractStatus, ends_on: Day, has_submitted_redemption: bool, today: Day) -> bool {
    match status {
        ContractStatus::Registered => !has_submitted_redemption && today <= ends_on,
        ContractStatus::Completed | ContractStatus::Terminated | ContractStatus::Settled | ContractStatus::Lapsed => {
            false
        }
    }
}

impl Named for SanctionKind {
    fn chinese(self) -> &'static str {
        match self {
            Self::SuspendPayment => "暂停资金拨付",
            Self::ClawBack => "追回已拨付资金",
            Self::Ban => "取消申报资格",
            Self::Delist => "从平台开放单位中除名",
            Self::CreditRecord => "记入科技信用记录",
            Self::Referral => "移交司法机关",
        }
    }
}

impl Named for SanctionStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::InForce => "执行中",
            Self::Ended => "已结束",
            Self::Lifted => "已解除",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{day, policy};

    fn faults(measures: &[Measure], party: OrganizationKind) -> Vec<(String, String)> {
        match validate_measures(measures, party) {
            Ok(()) => Vec::new(),
            Err(refusal) => refusal.fields.into_iter().map(|fault| (fault.field, fault.rule)).collect(),
        }
    }

    fn claw_back(redemption: u128, fen: i64) -> Measure {
        Measure {
            redemption_id: Some(Uuid::from_u128(redemption)),
            amount_fen: Some(Money::from_fen(fen)),
            ..Measure::plain(SanctionKind::ClawBack)
        }
    }

    #[test]
    fn each_sanction_says_what_its_kind_asks_for() {
        let all: Vec<_> = SanctionKind::ALL
            .iter()
            .map(|kind| if *kind == SanctionKind::ClawBack { claw_back(1, 1) } else { Measure::plain(*kind) })
            .collect();
        assert_eq!(faults(&all, OrganizationKind::Facility), []);
        let fault = |field: &str, rule: &str| (field.to_owned(), rule.to_owned());
        assert_eq!(faults(&all, OrganizationKind::Enterprise), [fault("sanctions[3].kind", "facility_only")]);
        assert_eq!(faults(&[], OrganizationKind::Team), [fault("sanctions", "not_empty")]);
        let ban = Measure::plain(SanctionKind::Ban);
        assert_eq!(faults(&[ban.clone(), ban.clone()], OrganizationKind::Team), [fault("sanctions[1].kind", "unique")]);
        assert_eq!(faults(&[claw_back(1, 1), claw_back(2, 1)], OrganizationKind::Team), []);
        assert_eq!(
            faults(&[Measure::plain(SanctionKind::ClawBack), claw_back(1, 0)], OrganizationKind::Team),
            [
                fault("sanctions[0].redemption_id", "required"),
                fault("sanctions[0].amount_fen", "required"),
                fault("sanctions[1].amount_fen", "positive"),
            ]
        );
        let odd = Measure {
            kind: SanctionKind::Ban,
            at_fault_applicant_ids: vec![Uuid::from_u128(1), Uuid::from_u128(1)],
            ..claw_back(1, 1)
        };
        assert_eq!(
            faults(&[odd], OrganizationKind::Team),
            [
                fault("sanctions[0].redemption_id", "absent"),
                fault("sanctions[0].amount_fen", "absent"),
                fault("sanctions[0].at_fault_applicant_ids", "absent"),
                fault("sanctions[0].at_fault_applicant_ids[1]", "unique"),
            ]
        );
    }

    #[test]
    fn a_ban_runs_three_years_and_its_last_day_is_one_of_them() {
        let rules = policy().sanction;
        assert_eq!(ban_until(&rules, day("2026-03-02")), Ok(day("2029-03-02")));
        assert_eq!(ban_until(&rules, day("2028-02-29")), Ok(day("2031-02-28")));
        // A Saturday stays one.
        assert_eq!(ban_until(&rules, day("2026-02-03")), Ok(day("2029-02-03")));
        let on = |today| standing(Some(day("2029-03-02")), false, false, day(today));
        assert_eq!(on("2029-03-02"), SanctionStatus::InForce);
        assert_eq!(on("2029-03-03"), SanctionStatus::Ended);
        assert_eq!(standing(None, false, false, day("2099-01-01")), SanctionStatus::InForce);
        assert_eq!(standing(None, true, false, day("2026-01-01")), SanctionStatus::Ended);
        assert_eq!(standing(Some(day("2029-03-02")), true, true, day("2099-01-01")), SanctionStatus::Lifted);
    }

    #[test]
    fn what_binds_is_lifted_but_no_referral() {
        for kind in SanctionKind::ALL {
            let is_liftable = require_liftable(*kind, SanctionStatus::InForce).is_ok();
            assert_eq!(is_liftable, *kind != SanctionKind::Referral, "{kind}");
            assert!(require_liftable(*kind, SanctionStatus::Ended).is_err());
            assert!(require_liftable(*kind, SanctionStatus::Lifted).is_err());
        }
    }

    #[test]
    fn a_contract_is_performed_when_its_last_day_is_over_or_its_redemption_is_asked_for() {
        let open = |status, submitted, today| is_unperformed(status, day("2026-03-31"), submitted, day(today));
        assert!(open(ContractStatus::Registered, false, "2026-03-31"));
        assert!(!open(ContractStatus::Registered, false, "2026-04-01"));
        assert!(!open(ContractStatus::Registered, true, "2026-03-31"));
        for status in ContractStatus::ALL.iter().filter(|status| **status != ContractStatus::Registered) {
            assert!(!open(*status, false, "2026-03-01"), "{status}");
        }
    }
}
