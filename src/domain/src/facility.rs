//! 第五、六、十九条: the facility (开放单位), what it opens and what it sells.

use crate::applicant::Industry;
use crate::coded_enum;
use crate::money::Money;
use crate::period::Day;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::transition::Named;

coded_enum! {
    /// Where a facility is on its way in and out.
    pub enum FacilityStatus ("facility status") {
        /// Filling in its particulars.
        Draft = "draft",
        /// Has applied under Art. 6; an officer decides.
        Applied = "applied",
        /// Its application was returned for correction.
        Returned = "returned",
        /// Its application was rejected.
        Rejected = "rejected",
        /// Approved, its notice is running.
        InNotice = "in_notice",
        /// Serves.
        Active = "active",
        /// Has announced its exit; serves until its last day.
        Exiting = "exiting",
        /// Has left.
        Exited = "exited",
        /// 除名 (Art. 17).
        Delisted = "delisted",
    }
}

coded_enum! {
    /// Where a facility is registered.
    pub enum FacilityRegion ("facility region") {
        /// 北京.
        Beijing = "beijing",
        /// 天津, served under a recognition agreement (Art. 19).
        Tianjin = "tianjin",
        /// 河北, served under a recognition agreement (Art. 19).
        Hebei = "hebei",
    }
}

coded_enum! {
    /// What kind of institution a facility is (Art. 5, 6).
    pub enum FacilityNature ("facility nature") {
        /// 高等学校.
        University = "university",
        /// 科研院所.
        Institute = "institute",
        /// 企业.
        Enterprise = "enterprise",
        /// 其他.
        Other = "other",
    }
}

coded_enum! {
    /// What vouchers pay for (Art. 5).
    pub enum ServiceKind ("service kind") {
        /// 分析.
        Analysis = "analysis",
        /// 测试.
        Testing = "testing",
        /// 检验.
        Inspection = "inspection",
        /// 研发.
        Research = "research",
        /// 租用算力开展人工智能大模型训练.
        Compute = "compute",
    }
}

impl FacilityStatus {
    /// The states in which a facility serves, so that everybody may see what it offers.
    pub const SERVING: [Self; 2] = [Self::Active, Self::Exiting];

    /// Whether it serves at present, be it only until an announced last day.
    pub fn is_serving(self) -> bool {
        Self::SERVING.contains(&self)
    }
}

/// What decides whether a facility may serve until a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServingFacts {
    /// Its state.
    pub status: FacilityStatus,
    /// The last day of an announced exit.
    pub exit_last_day: Option<Day>,
    /// Where it is registered.
    pub region: FacilityRegion,
    /// The last day of the recognition agreement that runs for its region; unused for Beijing.
    pub recognised_until: Option<Day>,
}

/// Art. 6, 15.2, 17, 19: the facility serves up to and including this day: it is active, or leaves
/// no earlier; one outside Beijing is recognised up to that day.
///
/// # Errors
/// `facility_not_active`, saying which of these fails.
pub fn require_serving(facts: ServingFacts, until: Day) -> Result<(), Refusal> {
    require_open_to_work(facts, until)?;
    require_recognised(facts, until)
}

fn require_open_to_work(facts: ServingFacts, until: Day) -> Result<(), Refusal> {
    match facts.status {
        FacilityStatus::Active => Ok(()),
        FacilityStatus::Exiting => match facts.exit_last_day {
            Some(last_day) if until <= last_day => Ok(()),
            Some(last_day) => Err(not_active(
                format!("该开放单位将于 {last_day} 退出,合同须在该日(含)前结束,而合同终止日为 {until}。"),
                format!(
                    "The facility leaves on {last_day}; the contract must end by then, and its last day is {until}."
                ),
                "6",
            )),
            None => Err(not_in(facts.status, "6")),
        },
        FacilityStatus::Draft
        | FacilityStatus::Applied
        | FacilityStatus::Returned
        | FacilityStatus::Rejected
        | FacilityStatus::InNotice
        | FacilityStatus::Exited => Err(not_in(facts.status, "6")),
        FacilityStatus::Delisted => Err(not_in(facts.status, "17")),
    }
}

fn require_recognised(facts: ServingFacts, until: Day) -> Result<(), Refusal> {
    match (facts.region, facts.recognised_until) {
        (FacilityRegion::Beijing, _) => Ok(()),
        (FacilityRegion::Tianjin | FacilityRegion::Hebei, Some(last_day)) if until <= last_day => Ok(()),
        (FacilityRegion::Tianjin | FacilityRegion::Hebei, Some(last_day)) => Err(not_active(
            format!("与该地区的互认协议至 {last_day} 为止,合同须在该日(含)前结束,而合同终止日为 {until}。"),
            format!(
                "The recognition agreement with the facility's region runs until {last_day}; the contract must end by \
                 then, and its last day is {until}."
            ),
            "19",
        )),
        (FacilityRegion::Tianjin | FacilityRegion::Hebei, None) => Err(not_active(
            "该开放单位所在地区目前没有有效的创新券互认协议,暂不能收券。".to_owned(),
            "No recognition agreement runs for the facility's region, so it cannot take vouchers now.".to_owned(),
            "19",
        )),
    }
}

fn not_in(status: FacilityStatus, article: &str) -> Refusal {
    not_active(
        format!("该单位当前为“{}”,须为在平台开放服务的单位方可收券,请选择其他开放单位。", status.chinese()),
        format!("The facility is {}; only an active one may take vouchers. Please choose another.", status.english()),
        article,
    )
}

fn not_active(chinese: String, english: String, article: &str) -> Refusal {
    Refusal::new(RefusalCode::FacilityNotActive, chinese, english).article(article)
}

/// What a facility says about itself and may change: where it is, and where it is paid.
#[derive(Debug, Clone, Copy)]
pub struct ParticularsForm<'a> {
    /// The district it is in.
    pub district: &'a str,
    /// In whose name the account is.
    pub payee_name: Option<&'a str>,
    /// The bank that keeps the account.
    pub payee_bank: Option<&'a str>,
    /// The number of the account.
    pub payee_account: Option<&'a str>,
}

/// The form of a facility's particulars. The account is stated whole or not at all (Art. 15.5: what
/// is approved is paid to the facility).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_particulars(form: &ParticularsForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("district", form.district, 50);
    let payee = [
        ("payee_name", form.payee_name, 200),
        ("payee_bank", form.payee_bank, 200),
        ("payee_account", form.payee_account, 40),
    ];
    let is_stated = payee.iter().any(|(_, value, _)| value.is_some());
    for (field, value, max_characters) in payee {
        match value {
            Some(value) => faults.require_text(field, value, max_characters),
            None => faults.require(
                !is_stated,
                field,
                "required",
                "收款户名、开户行和账号须一并填写。",
                "the payee's name, bank and account are stated together.",
            ),
        }
    }
    let account = form.payee_account.unwrap_or_default();
    faults.require(
        account.chars().all(|c| c.is_ascii_alphanumeric() || "- ".contains(c)),
        "payee_account",
        "account_number",
        "账号只能由数字、字母、空格和连字符组成。",
        "may have digits, letters, blanks and hyphens alone.",
    );
    faults.done()
}

/// A service as a facility describes it.
#[derive(Debug, Clone, Copy)]
pub struct ServiceForm<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it is for.
    pub purpose: &'a str,
    /// The field it serves.
    pub field: Industry,
    /// What vouchers would pay for.
    pub kind: ServiceKind,
    /// The price of one unit.
    pub price_fen: Money,
    /// The unit the price is for, `次`.
    pub unit: &'a str,
    /// How long it takes, in days.
    pub turnaround_days: u32,
    /// Whether law or a compulsory standard demands it.
    pub is_statutory_testing: bool,
}

/// The form of a service (Art. 6: 明确的服务内容、服务规范及收费标准). Statutory testing may be
/// listed; it cannot be paid with vouchers.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_service(form: &ServiceForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", form.name, 200);
    faults.require_text("purpose", form.purpose, 2_000);
    faults.require_positive("price_fen", form.price_fen);
    faults.require_text("unit", form.unit, 20);
    faults.require(
        (1..=3_650).contains(&form.turnaround_days),
        "turnaround_days",
        "range",
        "须为 1 至 3650 天。",
        "must be 1 to 3650 days.",
    );
    faults.done()
}

/// An instrument as a facility describes it.
#[derive(Debug, Clone, Copy)]
pub struct InstrumentForm<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Who made it.
    pub maker: &'a str,
    /// Its model.
    pub model: &'a str,
    /// What kind of instrument it is.
    pub category: &'a str,
    /// What it cost when it was bought.
    pub original_value_fen: Money,
    /// How it is opened to others.
    pub opening_rules: &'a str,
}

/// The form of an instrument (Art. 6).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_instrument(form: &InstrumentForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", form.name, 200);
    faults.require_text("maker", form.maker, 200);
    faults.require_text("model", form.model, 200);
    faults.require_text("category", form.category, 100);
    faults.require_positive("original_value_fen", form.original_value_fen);
    faults.require_text("opening_rules", form.opening_rules, 2_000);
    faults.done()
}

impl Named for FacilityStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "尚未申请",
            Self::Applied => "申请审核中",
            Self::Returned => "申请已退回",
            Self::Rejected => "申请未通过",
            Self::InNotice => "公示中",
            Self::Active => "开放服务",
            Self::Exiting => "即将退出",
            Self::Exited => "已退出",
            Self::Delisted => "已除名",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{day, yuan};

    fn beijing(status: FacilityStatus) -> ServingFacts {
        ServingFacts { status, exit_last_day: None, region: FacilityRegion::Beijing, recognised_until: None }
    }

    #[test]
    fn only_active_and_leaving_facilities_serve() {
        let until = day("2026-12-01");
        for status in FacilityStatus::ALL {
            let facts = ServingFacts { exit_last_day: Some(until), ..beijing(*status) };
            let serves = matches!(status, FacilityStatus::Active | FacilityStatus::Exiting);
            assert_eq!(require_serving(facts, until).is_ok(), serves, "{status}");
        }
        let refusal = require_serving(beijing(FacilityStatus::Delisted), until).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::FacilityNotActive, Some("17")));
    }

    #[test]
    fn a_leaving_facility_serves_through_its_last_day() {
        let facts = ServingFacts { exit_last_day: Some(day("2026-11-30")), ..beijing(FacilityStatus::Exiting) };
        assert!(require_serving(facts, day("2026-11-30")).is_ok());
        assert!(require_serving(facts, day("2026-12-01")).unwrap_err().message.zh.contains("2026-11-30"));
    }

    #[test]
    fn a_facility_of_tianjin_serves_while_its_agreement_runs() {
        let facts = ServingFacts { region: FacilityRegion::Tianjin, ..beijing(FacilityStatus::Active) };
        let until = day("2026-11-30");
        assert_eq!(require_serving(facts, until).unwrap_err().article.as_deref(), Some("19"));
        let recognised = ServingFacts { recognised_until: Some(until), ..facts };
        assert!(require_serving(recognised, until).is_ok());
        assert!(require_serving(recognised, day("2026-12-01")).is_err());
    }

    #[test]
    fn a_service_says_everything_a_buyer_needs() {
        let form = ServiceForm {
            name: "",
            purpose: "",
            field: Industry::NewMaterials,
            kind: ServiceKind::Testing,
            price_fen: Money::ZERO,
            unit: "",
            turnaround_days: 0,
            is_statutory_testing: false,
        };
        assert_eq!(validate_service(&form).unwrap_err().fields.len(), 5);
        let full = ServiceForm {
            name: "透射电镜测试",
            purpose: "材料微观结构分析",
            price_fen: yuan(800),
            unit: "样",
            turnaround_days: 1,
            ..form
        };
        assert!(validate_service(&full).is_ok());
        assert!(validate_service(&ServiceForm { turnaround_days: 3_651, ..full }).is_err());
    }

    #[test]
    fn an_instrument_has_a_value() {
        let form = InstrumentForm {
            name: "透射电镜",
            maker: "JEOL",
            model: "JEM-F200",
            category: "电子显微镜",
            original_value_fen: Money::ZERO,
            opening_rules: "工作日预约",
        };
        assert_eq!(validate_instrument(&form).unwrap_err().fields.len(), 1);
        assert!(validate_instrument(&InstrumentForm { original_value_fen: yuan(1), ..form }).is_ok());
    }

    #[test]
    fn the_account_is_stated_whole_or_not_at_all() {
        let none = ParticularsForm { district: "海淀区", payee_name: None, payee_bank: None, payee_account: None };
        assert!(validate_particulars(&none).is_ok());
        let named = ParticularsForm { payee_name: Some("某研究所"), ..none };
        let fields: Vec<String> =
            validate_particulars(&named).unwrap_err().fields.into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["payee_bank", "payee_account"]);
        let whole = ParticularsForm { payee_bank: Some("工行"), payee_account: Some("0200 0045-1234"), ..named };
        assert!(validate_particulars(&whole).is_ok());
        assert!(validate_particulars(&ParticularsForm { payee_account: Some("零二零零"), ..whole }).is_err());
        assert!(validate_particulars(&ParticularsForm { district: " ", ..whole }).is_err());
    }

    #[test]
    fn the_serving_states_are_those_that_may_take_vouchers() {
        let until = day("2026-12-01");
        for status in FacilityStatus::ALL {
            let facts = ServingFacts { exit_last_day: Some(until), ..beijing(*status) };
            assert_eq!(status.is_serving(), require_serving(facts, until).is_ok(), "{status}");
        }
    }
}
