//! 第五、六、十九条: the facility (开放单位), what it opens and what it sells.

mod application;
mod change;
mod compute;
mod exit;
mod forms;
mod recognition;
mod serving;
mod status;

use crate::coded_enum;
use crate::transition::Named;

pub use application::{
    ApplicationAction, ApplicationStatus, Condition, JoiningCondition, require_conditions, require_region,
    validate_decision,
};
pub use change::{ChangeDecision, ChangeStatus, LookedAt, require_settled, waits_on};
pub use compute::{ComputeTerms, ComputeUnit, validate_compute};
pub use exit::{ExitForm, earliest_last_day, exit_is_over, require_exit_running, validate_exit};
pub use forms::{
    InstrumentForm, ParticularsForm, ServiceForm, validate_instrument, validate_instrument_count, validate_particulars,
    validate_service,
};
pub use recognition::{AgreementForm, Recognition, agreement_runs, recognition, validate_agreement};
pub use serving::{ServingFacts, require_serving};
pub use status::{FacilityAction, FacilityStatus};

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

impl Named for FacilityRegion {
    fn chinese(self) -> &'static str {
        match self {
            Self::Beijing => "北京",
            Self::Tianjin => "天津",
            Self::Hebei => "河北",
        }
    }
}

impl Named for FacilityNature {
    fn chinese(self) -> &'static str {
        match self {
            Self::University => "高等学校",
            Self::Institute => "科研院所",
            Self::Enterprise => "企业",
            Self::Other => "其他",
        }
    }
}

impl Named for ServiceKind {
    fn chinese(self) -> &'static str {
        match self {
            Self::Analysis => "分析",
            Self::Testing => "测试",
            Self::Inspection => "检验",
            Self::Research => "研发",
            Self::Compute => "算力",
        }
    }
}

#[cfg(test)]
mod tests;
