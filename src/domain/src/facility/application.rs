//! 第六条: the application of an institution that is not a municipal one, and its six conditions.

use uuid::Uuid;

use super::{FacilityRegion, Recognition};
use crate::coded_enum;
use crate::finding::Finding;
use crate::period::Day;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// The six conditions that a facility meets at the same time (Art. 6).
    pub enum JoiningCondition ("condition of joining") {
        /// 1. 在北京地区注册成立,具有独立法人资格.
        LegalPerson = "legal_person",
        /// 2. 拥有或经授权运营一定量可开放的科研设施与仪器,有较强加入意愿.
        OpenResources = "open_resources",
        /// 3. 稳定的专业服务团队、良好的对外服务基础和较高的服务水平.
        ServiceTeam = "service_team",
        /// 4. 能够对接服务企业创新需求,支撑高精尖产业和重点区域发展.
        DemandMatching = "demand_matching",
        /// 5. 按要求开展创新券工作,有明确的服务内容、服务规范及收费标准.
        VoucherWork = "voucher_work",
        /// 6. 健全的财务机构和管理制度,近3年无不良诚信记录.
        SoundFinance = "sound_finance",
    }
}

coded_enum! {
    /// Where an application is.
    pub enum ApplicationStatus ("application status") {
        /// With the commission.
        Submitted = "submitted",
        /// Approved: the facility is published.
        Approved = "approved",
        /// Returned for correction: it is handed in again.
        Returned = "returned",
        /// Rejected.
        Rejected = "rejected",
    }
}

coded_enum! {
    /// What becomes of an application.
    pub enum ApplicationAction ("decision on an application") {
        /// The conditions are met.
        Approve = "approve",
        /// Something is to be corrected.
        Return = "return",
        /// The conditions are not met.
        Reject = "reject",
    }
}

/// What the applicant says about one condition, with the files that show it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which of the six.
    pub condition: JoiningCondition,
    /// How it is met, in the applicant's words.
    pub statement: String,
    /// The files that show it, at least one.
    pub file_ids: Vec<Uuid>,
}

/// The most files for one condition.
const MOST_FILES: usize = 20;
/// The longest statement, in characters.
const MOST_CHARACTERS: usize = 2_000;

impl ApplicationStatus {
    /// What can become of an application in this state. An upheld objection rejects an approved one.
    pub fn offers(self) -> Offers<ApplicationAction, Self> {
        match self {
            Self::Submitted => &[
                (ApplicationAction::Approve, Self::Approved),
                (ApplicationAction::Return, Self::Returned),
                (ApplicationAction::Reject, Self::Rejected),
            ],
            Self::Approved => &[(ApplicationAction::Reject, Self::Rejected)],
            Self::Returned | Self::Rejected => &[],
        }
    }

    /// The state after the decision.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: ApplicationAction) -> Result<Self, Refusal> {
        step(&Text::new("该申请", "The application"), self, action, self.offers())
            .map_err(|refusal| refusal.article("6"))
    }
}

/// Art. 6: each of the six conditions is stated once, with a reason and evidence.
///
/// # Errors
/// `validation_failed` with every fault of form; then `evidence_missing`, naming each condition that
/// is not stated, or not shown by any file.
pub fn require_conditions(conditions: &[Condition]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    for (index, stated) in conditions.iter().enumerate() {
        let field = |name: &str| format!("conditions[{index}].{name}");
        faults.require_text(&field("statement"), &stated.statement, MOST_CHARACTERS);
        let is_first = conditions.iter().take(index).all(|earlier| earlier.condition != stated.condition);
        faults.require(is_first, &field("condition"), "unique", "该条件重复。", "is stated twice.");
        if !stated.file_ids.is_empty() {
            faults.require_distinct_ids(&field("file_ids"), &stated.file_ids, MOST_FILES);
        }
    }
    faults.done()?;
    require_shown(conditions)
}

fn require_shown(conditions: &[Condition]) -> Result<(), Refusal> {
    use crate::code::Code;
    let is_shown = |wanted| conditions.iter().any(|stated| stated.condition == wanted && !stated.file_ids.is_empty());
    let lacking: Vec<JoiningCondition> =
        JoiningCondition::ALL.iter().copied().filter(|condition| !is_shown(*condition)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let mut faults = Faults::default();
    for condition in &lacking {
        faults.add(
            "conditions",
            &format!("missing_{condition}"),
            format!("缺少“{}”的说明或证明材料。", condition.chinese()),
            format!("lacks the evidence of: {}.", condition.english()),
        );
    }
    let chinese = lacking.iter().map(|condition| condition.chinese()).collect::<Vec<_>>().join("、");
    let english = lacking.iter().map(|condition| condition.english()).collect::<Vec<_>>().join(", ");
    let refusal = Refusal::new(
        RefusalCode::EvidenceMissing,
        format!("成为开放单位须同时满足第六条的六项条件;以下条件尚缺说明或证明材料:{chinese}。"),
        format!("All six conditions of Art. 6 are to be shown; evidence is missing for: {english}."),
    )
    .article("6");
    let fields = faults.done().err().map(|named| named.fields).unwrap_or_default();
    Err(Refusal { fields, ..refusal })
}

/// Art. 6 (1), 19: a facility is registered in Beijing, or in a region whose recognition agreement
/// runs today.
///
/// # Errors
/// `not_eligible` with the finding.
pub fn require_region(region: FacilityRegion, recognition: Recognition, today: Day) -> Result<(), Refusal> {
    match region {
        FacilityRegion::Beijing => Ok(()),
        FacilityRegion::Tianjin | FacilityRegion::Hebei => recognition.require_until(today).map_err(|refusal| {
            let finding = Finding {
                rule: "facility_region".to_owned(),
                article: "19".to_owned(),
                passed: false,
                expected: Text::new("北京,或互认协议有效的天津、河北", "Beijing, or a region with a running agreement"),
                actual: Text::new(region.chinese(), region.english()),
                message: refusal.message.clone(),
            };
            Refusal { code: RefusalCode::NotEligible, ..refusal }.findings(vec![finding])
        }),
    }
}

/// The form of a decision: whoever returns or rejects says why.
///
/// # Errors
/// `validation_failed` with `remarks`.
pub fn validate_decision(action: ApplicationAction, remarks: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let needs_reason = match action {
        ApplicationAction::Approve => !remarks.trim().is_empty(),
        ApplicationAction::Return | ApplicationAction::Reject => true,
    };
    if needs_reason {
        faults.require_text("remarks", remarks, MOST_CHARACTERS);
    }
    faults.done()
}

impl Named for JoiningCondition {
    fn chinese(self) -> &'static str {
        match self {
            Self::LegalPerson => "在北京注册的独立法人",
            Self::OpenResources => "可对外开放的科研设施与仪器",
            Self::ServiceTeam => "专业服务团队与对外服务基础",
            Self::DemandMatching => "对接企业创新需求的能力",
            Self::VoucherWork => "服务内容、服务规范及收费标准",
            Self::SoundFinance => "健全的财务制度、近三年无不良诚信记录",
        }
    }
}

impl Named for ApplicationStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Submitted => "待审核",
            Self::Approved => "已通过",
            Self::Returned => "已退回",
            Self::Rejected => "未通过",
        }
    }
}

impl Named for ApplicationAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Approve => "通过",
            Self::Return => "退回",
            Self::Reject => "不予通过",
        }
    }
}
