//! 第十四条(一): 发布通知: what a campaign asks for and judges by.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::CampaignStatus;
use crate::code::Code;
use crate::coded_enum;
use crate::facility::FacilityStatus;
use crate::money::{BasisPoints, Money};
use crate::period::{Day, Instant, year_of};
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::transition::Named;

coded_enum! {
    /// Art. 11: what facilities are assessed by.
    pub enum CriterionKind ("criterion") {
        /// 科研设施与仪器的运行情况.
        Operation = "operation",
        /// 开放制度建设情况.
        OpeningRules = "opening_rules",
        /// 开放程度.
        Openness = "openness",
        /// 服务质量.
        ServiceQuality = "service_quality",
        /// 创新券实施情况.
        VoucherWork = "voucher_work",
        /// 开放效果.
        Results = "results",
    }
}

/// How much a criterion counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// The criterion.
    pub criterion: CriterionKind,
    /// Its share of the whole; the six sum to 10 000.
    pub weight_bps: BasisPoints,
}

/// From which score on a grade is reached; below the last one it is unqualified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// 优秀.
    pub excellent_bps: BasisPoints,
    /// 良好.
    pub good_bps: BasisPoints,
    /// 合格.
    pub qualified_bps: BasisPoints,
}

/// What submissions are judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// How much each criterion of Art. 11 counts.
    pub weights: Vec<Weight>,
    /// The grades.
    pub thresholds: Thresholds,
    /// The highest share of excellents in a class, where one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_excellent_share_bps: Option<BasisPoints>,
    /// The share of submissions that are visited at random (Art. 14.4).
    pub visit_share_bps: BasisPoints,
    /// How far an expert's score may lie from the panel's median before it is marked.
    pub outlier_bps: BasisPoints,
    /// How many experts score each submission.
    pub panel_size: u16,
}

/// A campaign, as an officer states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// What it is called.
    pub title: String,
    /// The year that is assessed.
    pub year: i32,
    /// The last day of submissions.
    pub submit_by: Day,
    /// What all subsidies together may come to.
    pub budget_fen: Money,
    /// What submissions are judged by.
    pub criteria: Criteria,
}

const WHOLE_BPS: u32 = 10_000;
const FIRST_YEAR: i32 = 2015;
const MAX_STATEMENT_CHARACTERS: usize = 20_000;
const MOST_EXPERTS: u16 = 15;

/// The form of a campaign: all six criteria of Art. 11, each once with some weight, together the whole;
/// thresholds that descend; a year that has begun; a last day that is not over.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(campaign: &Campaign, today: Day) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("title", &campaign.title, 200);
    faults.require(
        (FIRST_YEAR..=year_of(today)).contains(&campaign.year),
        "year",
        "range",
        format!("须为 {FIRST_YEAR} 年至今年。"),
        format!("must be a year from {FIRST_YEAR} to this one."),
    );
    faults.require(campaign.submit_by >= today, "submit_by", "future", "申报截止日不能早于今天。", "must not be over.");
    faults.require_positive("budget_fen", campaign.budget_fen);
    let criteria = &campaign.criteria;
    check_shares(&mut faults, criteria);
    check_weights(&mut faults, &criteria.weights);
    check_thresholds(&mut faults, &criteria.thresholds);
    check_numbers(&mut faults, criteria);
    faults.done().map_err(|refusal| refusal.article("14"))
}

fn check_numbers(faults: &mut Faults, criteria: &Criteria) {
    faults.require(
        criteria.max_excellent_share_bps.is_none_or(|share| share.bps() > 0),
        "criteria.max_excellent_share_bps",
        "positive",
        "优秀比例须大于 0;不限制的请不填。",
        "must be more than 0; leave it out where there is no limit.",
    );
    faults.require(
        criteria.visit_share_bps.bps() > 0,
        "criteria.visit_share_bps",
        "positive",
        "第十四条要求抽取一定比例的单位实地核查,比例须大于 0。",
        "must be more than 0: Art. 14 has a share of the facilities visited.",
    );
    faults.require(
        criteria.outlier_bps.bps() > 0,
        "criteria.outlier_bps",
        "positive",
        "偏离标记的分差须大于 0。",
        "must be more than 0.",
    );
    faults.require(
        (1..=MOST_EXPERTS).contains(&criteria.panel_size),
        "criteria.panel_size",
        "range",
        format!("专家人数须为 1 至 {MOST_EXPERTS}。"),
        format!("must be 1 to {MOST_EXPERTS}."),
    );
}

/// No share is more than the whole, whatever was sent.
fn check_shares(faults: &mut Faults, criteria: &Criteria) {
    let shares = [
        ("criteria.thresholds.excellent_bps", Some(criteria.thresholds.excellent_bps)),
        ("criteria.max_excellent_share_bps", criteria.max_excellent_share_bps),
        ("criteria.visit_share_bps", Some(criteria.visit_share_bps)),
        ("criteria.outlier_bps", Some(criteria.outlier_bps)),
    ];
    for (field, share) in shares {
        let is_share = share.is_none_or(|share| BasisPoints::new(share.bps()).is_some());
        faults.require(is_share, field, "share", "不能超过 10000(100%)。", "must be at most 10000 (100 %).");
    }
}

fn check_weights(faults: &mut Faults, weights: &[Weight]) {
    let mut seen = BTreeSet::new();
    for (index, weight) in weights.iter().enumerate() {
        let field = format!("criteria.weights[{index}]");
        faults.require(seen.insert(weight.criterion), &field, "unique", "该指标重复。", "is given twice.");
        faults.require(weight.weight_bps.bps() > 0, &field, "positive", "权重须大于 0。", "must weigh something.");
    }
    faults.require(
        CriterionKind::ALL.iter().all(|kind| seen.contains(kind)),
        "criteria.weights",
        "complete",
        "须包含第十一条的全部六项考核标准。",
        "must name all six criteria of Art. 11.",
    );
    let sum: u32 = weights.iter().fold(0, |sum, weight| sum.saturating_add(u32::from(weight.weight_bps.bps())));
    faults.require(
        sum == WHOLE_BPS,
        "criteria.weights",
        "sum",
        format!("各项权重之和须为 10000(100%),现为 {sum}。"),
        format!("must sum to 10000 (100 %), and sum to {sum}."),
    );
}

fn check_thresholds(faults: &mut Faults, thresholds: &Thresholds) {
    faults.require(
        thresholds.excellent_bps > thresholds.good_bps
            && thresholds.good_bps > thresholds.qualified_bps
            && thresholds.qualified_bps.bps() > 0,
        "criteria.thresholds",
        "descending",
        "优秀、良好、合格的分数线须依次降低,且合格线大于 0。",
        "must descend from excellent to good to qualified, which is more than 0.",
    );
}

/// Art. 14.2: submissions are taken while the campaign is announced, until its last day is over.
///
/// # Errors
/// `invalid_state`, saying until when it was open.
pub fn require_open(status: CampaignStatus, submit_by: Day, closes_at: Instant, now: Instant) -> Result<(), Refusal> {
    match status {
        CampaignStatus::Announced if now < closes_at => Ok(()),
        CampaignStatus::Draft
        | CampaignStatus::Announced
        | CampaignStatus::InReview
        | CampaignStatus::Graded
        | CampaignStatus::Decided => Err(Refusal::invalid_state(
            format!("该绩效考核不在申报期内(申报截止日为 {submit_by}),不能填写或提交申报材料。"),
            format!("The assessment takes no submissions now; its last day is {submit_by}."),
        )
        .article("14")),
    }
}

/// Art. 14.2: 填报专项申报书以及相关附件材料: a submission says something, and attaches what shows it.
///
/// # Errors
/// `validation_failed` for a blank or overlong statement; `evidence_missing` without a file.
pub fn require_complete(statement: &str, files: usize) -> Result<(), Refusal> {
    validate_statement(statement)?;
    if files > 0 {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::EvidenceMissing,
        "请上传专项申报书的附件材料后再提交。",
        "Please attach the material that shows what is stated before you submit.",
    )
    .article("14"))
}

/// The form of what a facility states.
///
/// # Errors
/// `validation_failed` for a blank or overlong statement.
pub fn validate_statement(statement: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("statement", statement, MAX_STATEMENT_CHARACTERS);
    faults.done()
}

/// Art. 11: who is assessed: facilities that serve.
///
/// # Errors
/// `facility_not_active`.
pub fn require_facility(status: FacilityStatus) -> Result<(), Refusal> {
    if status.is_serving() {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::FacilityNotActive,
        format!("绩效考核面向正在开放服务的开放单位;贵单位目前为“{}”。", status.chinese()),
        format!("Facilities that serve are assessed; yours is {}.", status.english()),
    )
    .article("11"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::fixtures::{at, day, yuan};

    pub fn bps(bps: u16) -> BasisPoints {
        BasisPoints::new(bps).unwrap()
    }

    pub fn weights() -> Vec<Weight> {
        let weights = [2_000, 1_000, 2_000, 1_500, 2_000, 1_500];
        CriterionKind::ALL
            .iter()
            .zip(weights)
            .map(|(kind, weight)| Weight { criterion: *kind, weight_bps: bps(weight) })
            .collect()
    }

    pub fn thresholds() -> Thresholds {
        Thresholds { excellent_bps: bps(9_000), good_bps: bps(8_000), qualified_bps: bps(6_000) }
    }

    fn campaign() -> Campaign {
        Campaign {
            title: "2026 年度绩效考核".to_owned(),
            year: 2026,
            submit_by: day("2027-03-31"),
            budget_fen: yuan(5_000_000),
            criteria: Criteria {
                weights: weights(),
                thresholds: thresholds(),
                max_excellent_share_bps: Some(bps(3_000)),
                visit_share_bps: bps(1_000),
                outlier_bps: bps(1_500),
                panel_size: 3,
            },
        }
    }

    fn judged_by(criteria: Criteria) -> Campaign {
        Campaign { criteria, ..campaign() }
    }

    fn faults(campaign: &Campaign) -> Vec<(String, String)> {
        let refusal = validate(campaign, day("2027-03-01")).unwrap_err();
        assert_eq!(refusal.article.as_deref(), Some("14"));
        refusal.fields.into_iter().map(|fault| (fault.field, fault.rule)).collect()
    }

    fn named(field: &str, rule: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), rule.to_owned())]
    }

    #[test]
    fn a_campaign_is_judged_by_all_six_criteria() {
        assert_eq!(validate(&campaign(), day("2027-03-01")), Ok(()));
        let five = judged_by(Criteria { weights: weights()[..5].to_vec(), ..campaign().criteria });
        let rules: Vec<_> = faults(&five).into_iter().map(|(_, rule)| rule).collect();
        assert_eq!(rules, ["complete", "sum"]);
        let mut uneven = campaign();
        uneven.criteria.weights[0].weight_bps = bps(2_001);
        assert_eq!(faults(&uneven), named("criteria.weights", "sum"));
        let mut twice = campaign();
        twice.criteria.weights[1].criterion = CriterionKind::Operation;
        assert_eq!(faults(&twice)[0], ("criteria.weights[1]".to_owned(), "unique".to_owned()));
        let mut weightless = campaign();
        (weightless.criteria.weights[0].weight_bps, weightless.criteria.weights[1].weight_bps) = (bps(0), bps(3_000));
        assert_eq!(faults(&weightless), named("criteria.weights[0]", "positive"));
    }

    #[test]
    fn its_numbers_have_edges() {
        assert_eq!(faults(&Campaign { year: 2028, ..campaign() }), named("year", "range"));
        assert_eq!(faults(&Campaign { year: 2014, ..campaign() }), named("year", "range"));
        assert_eq!(validate(&Campaign { submit_by: day("2027-03-01"), ..campaign() }, day("2027-03-01")), Ok(()));
        assert_eq!(faults(&Campaign { submit_by: day("2027-02-28"), ..campaign() }), named("submit_by", "future"));
        let level = Thresholds { good_bps: bps(9_000), ..thresholds() };
        let level = judged_by(Criteria { thresholds: level, ..campaign().criteria });
        assert_eq!(faults(&level), named("criteria.thresholds", "descending"));
        let nobody = judged_by(Criteria {
            max_excellent_share_bps: Some(bps(0)),
            visit_share_bps: bps(0),
            panel_size: 0,
            ..campaign().criteria
        });
        assert_eq!(faults(&nobody).len(), 3);
        assert_eq!(faults(&Campaign { budget_fen: Money::ZERO, ..campaign() }), named("budget_fen", "positive"));
    }

    #[test]
    fn submissions_are_taken_to_the_end_of_the_last_day() {
        let open = |status, now| require_open(status, day("2027-03-31"), at("2027-04-01T00:00:00+08:00"), at(now));
        assert!(open(CampaignStatus::Announced, "2027-03-31T23:59:59.999999+08:00").is_ok());
        assert!(open(CampaignStatus::Announced, "2027-04-01T00:00:00+08:00").is_err());
        assert!(open(CampaignStatus::Draft, "2027-03-31T12:00:00+08:00").is_err());
    }

    #[test]
    fn a_submission_says_something_and_shows_it() {
        assert!(require_complete("全年开放运行情况良好", 1).is_ok());
        let refusal = require_complete("全年开放运行情况良好", 0).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::EvidenceMissing, Some("14")));
        assert_eq!(require_complete(" ", 1).unwrap_err().fields[0].field, "statement");
        for status in FacilityStatus::ALL {
            assert_eq!(require_facility(*status).is_ok(), status.is_serving(), "{status}");
        }
    }
}
