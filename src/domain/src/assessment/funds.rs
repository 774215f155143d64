//! 第十三条: a facility's yearly statement of how the money was used. The incentive share is shown beside
//! its usual floor and not enforced: the text says 可.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::coded_enum;
use crate::money::{BasisPoints, Money, MoneyOverflow};
use crate::period::{Day, year_of};
use crate::refusal::{Faults, Refusal};

coded_enum! {
    /// Art. 13: what the money may be used for.
    pub enum FundPurpose ("purpose of funds") {
        /// 相关实验人员及辅助管理人员的绩效激励.
        Incentives = "incentives",
        /// 人员培训.
        Training = "training",
        /// 实验室建设和运行.
        Laboratories = "laboratories",
        /// 科研设施与仪器及测试方法研发.
        Development = "development",
        /// 采购专业服务机构的服务.
        PurchasedServices = "purchased_services",
        /// Other work that furthers opening and sharing.
        Other = "other",
    }
}

/// What was used for a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundUse {
    /// The purpose.
    pub purpose: FundPurpose,
    /// How much.
    pub amount_fen: Money,
}

/// What a year's funds came from and went to, as a facility states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Funds {
    /// 开放共享服务收入: what the services of opened instruments brought in, vouchers included.
    pub service_income_fen: Money,
    /// 创新券服务收入: the part of it that vouchers paid.
    pub voucher_income_fen: Money,
    /// 后补助资金: subsidies received.
    pub subsidy_income_fen: Money,
    /// 相关成本费用.
    pub costs_fen: Money,
    /// 绩效奖励: what of the surplus was given to those who served.
    pub incentive_fen: Money,
    /// What the money was used for.
    #[serde(default)]
    pub uses: Vec<FundUse>,
    /// In the facility's words.
    #[serde(default)]
    pub remarks: String,
}

/// What a statement comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Incentive {
    /// 结余: service income less costs; negative where the costs are higher.
    pub surplus_fen: Money,
    /// The incentives' share of the surplus, rounded down, 100 % at the most; none without a surplus.
    pub share_bps: Option<BasisPoints>,
    /// The usual floor of the share.
    pub floor_bps: BasisPoints,
    /// The floor in money.
    pub floor_fen: Money,
    /// Whether the incentives reach the floor; none without a surplus.
    pub reaches_floor: Option<bool>,
}

/// The form of a statement: of a year that has begun, no amount negative, vouchers a part of the income,
/// each purpose once.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(statement: &Funds, year: i32, today: Day) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require(
        (2015..=year_of(today)).contains(&year),
        "year",
        "range",
        "须为 2015 年至今年。",
        "must be a year from 2015 to this one.",
    );
    let amounts = [
        ("service_income_fen", statement.service_income_fen),
        ("voucher_income_fen", statement.voucher_income_fen),
        ("subsidy_income_fen", statement.subsidy_income_fen),
        ("costs_fen", statement.costs_fen),
        ("incentive_fen", statement.incentive_fen),
    ];
    for (field, amount) in amounts {
        faults.require(amount >= Money::ZERO, field, "not_negative", "不能为负数。", "must not be negative.");
    }
    faults.require(
        statement.voucher_income_fen <= statement.service_income_fen,
        "voucher_income_fen",
        "part",
        "创新券服务收入是服务收入的一部分,不能大于服务收入。",
        "is a part of the service income and cannot be more.",
    );
    let mut seen = BTreeSet::new();
    for (index, used) in statement.uses.iter().enumerate() {
        let field = format!("uses[{index}]");
        faults.require(seen.insert(used.purpose), &field, "unique", "该用途重复。", "is given twice.");
        faults.require(used.amount_fen >= Money::ZERO, &field, "not_negative", "不能为负数。", "must not be negative.");
    }
    if !statement.remarks.trim().is_empty() {
        faults.require_text("remarks", &statement.remarks, 5_000);
    }
    faults.done().map_err(|refusal| refusal.article("13"))
}

/// Art. 13: 扣除相关成本费用后的结余部分,可按照不低于70%的比例用于…绩效奖励: the surplus, and the share of
/// it that was given.
///
/// # Errors
/// [`MoneyOverflow`] when the surplus does not fit.
pub fn incentive(statement: &Funds, floor_bps: BasisPoints) -> Result<Incentive, MoneyOverflow> {
    let surplus_fen = statement.service_income_fen.minus(statement.costs_fen)?;
    if !surplus_fen.is_positive() {
        let floor_fen = Money::ZERO;
        return Ok(Incentive { surplus_fen, share_bps: None, floor_bps, floor_fen, reaches_floor: None });
    }
    let (given, whole) = (i128::from(statement.incentive_fen.fen()), i128::from(surplus_fen.fen()));
    let share = given.saturating_mul(10_000).checked_div(whole).unwrap_or_default().clamp(0, 10_000);
    // Compared without rounding: a share just below the floor does not reach it.
    let reaches = given.saturating_mul(10_000) >= whole.saturating_mul(i128::from(floor_bps.bps()));
    Ok(Incentive {
        surplus_fen,
        share_bps: u16::try_from(share).ok().and_then(BasisPoints::new),
        floor_bps,
        floor_fen: surplus_fen.share(floor_bps),
        reaches_floor: Some(reaches),
    })
}

/// Art. 13: the year whose statement is waited for on a day, by the days on which money came and the years that
/// are stated: the last one that is over, where money came in it and nothing is stated yet. The text sets no day
/// by which.
pub fn year_to_state(today: Day, paid_on: impl IntoIterator<Item = Day>, stated: &[i32]) -> Option<i32> {
    let year = year_of(today).saturating_sub(1);
    let was_paid = paid_on.into_iter().any(|day| year_of(day) == year);
    (was_paid && !stated.contains(&year)).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{day, policy, yuan};

    fn statement() -> Funds {
        Funds {
            service_income_fen: yuan(100_000),
            voucher_income_fen: yuan(45_000),
            subsidy_income_fen: yuan(600_000),
            costs_fen: yuan(60_000),
            incentive_fen: yuan(28_000),
            uses: vec![
                FundUse { purpose: FundPurpose::Incentives, amount_fen: yuan(28_000) },
                FundUse { purpose: FundPurpose::Training, amount_fen: yuan(5_000) },
            ],
            remarks: String::new(),
        }
    }

    fn reckoned(incentive_fen: i64) -> Incentive {
        let statement = Funds { incentive_fen: Money::from_fen(incentive_fen), ..statement() };
        incentive(&statement, policy().assessment.incentive_floor_bps).unwrap()
    }

    #[test]
    fn the_last_year_with_money_is_to_be_stated_once_it_is_over() {
        let asked = |today, stated: &[i32]| year_to_state(day(today), [day("2026-01-01"), day("2026-12-31")], stated);
        assert_eq!(asked("2026-12-31", &[]), None);
        assert_eq!(asked("2027-01-01", &[]), Some(2026));
        assert_eq!(asked("2027-12-31", &[2025]), Some(2026));
        assert_eq!(asked("2028-01-01", &[]), None);
        assert_eq!(asked("2027-01-01", &[2026]), None);
        assert_eq!(year_to_state(day("2027-01-01"), [], &[]), None);
    }

    #[test]
    fn the_floor_of_seventy_per_cent_is_shown_at_its_edge() {
        let at_floor = reckoned(2_800_000);
        assert_eq!((at_floor.surplus_fen, at_floor.floor_fen), (yuan(40_000), yuan(28_000)));
        assert_eq!((at_floor.share_bps, at_floor.reaches_floor), (BasisPoints::new(7_000), Some(true)));
        let below = reckoned(2_799_999);
        assert_eq!((below.share_bps, below.reaches_floor), (BasisPoints::new(6_999), Some(false)));
        assert_eq!(reckoned(0).share_bps, BasisPoints::new(0));
        // More than the surplus, out of the subsidy: Art. 13 allows it.
        assert_eq!(reckoned(5_000_000).share_bps, BasisPoints::new(10_000));
    }

    #[test]
    fn without_a_surplus_there_is_no_share() {
        for costs in [100_000, 130_000] {
            let statement = Funds { costs_fen: yuan(costs), ..statement() };
            let incentive = incentive(&statement, policy().assessment.incentive_floor_bps).unwrap();
            assert_eq!((incentive.share_bps, incentive.reaches_floor), (None, None));
            assert_eq!(incentive.surplus_fen, yuan(100_000 - costs));
        }
    }

    #[test]
    fn a_statement_has_a_form() {
        let today = day("2027-03-01");
        assert_eq!(validate(&statement(), 2026, today), Ok(()));
        assert_eq!(validate(&statement(), 2027, today), Ok(()));
        let fields = |statement: &Funds, year| {
            let refusal = validate(statement, year, today).unwrap_err();
            assert_eq!(refusal.article.as_deref(), Some("13"));
            refusal.fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(&statement(), 2028), ["year"]);
        let more = Funds { voucher_income_fen: yuan(100_001), ..statement() };
        assert_eq!(fields(&more, 2026), ["voucher_income_fen"]);
        let negative = Funds { costs_fen: Money::from_fen(-1), ..statement() };
        assert_eq!(fields(&negative, 2026), ["costs_fen"]);
        let mut twice = statement();
        twice.uses[1].purpose = FundPurpose::Incentives;
        assert_eq!(fields(&twice, 2026), ["uses[1]"]);
    }
}
