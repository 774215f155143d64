//! 第五条: 租用算力资源开展人工智能大模型训练: what such a service offers for its price.

use serde::{Deserialize, Serialize};

use super::ServiceKind;
use crate::coded_enum;
use crate::refusal::Faults;

coded_enum! {
    /// What computing power is metered in.
    pub enum ComputeUnit ("unit of computing power") {
        /// 卡时: one accelerator for one hour.
        CardHour = "card_hour",
        /// 卡日: one accelerator for one day.
        CardDay = "card_day",
        /// 节点时: one node for one hour.
        NodeHour = "node_hour",
        /// 节点日: one node for one day.
        NodeDay = "node_day",
        /// PFLOPS·时: 10^15 floating-point operations a second for one hour.
        PetaflopsHour = "petaflops_hour",
    }
}

/// What one priced unit of a compute service comprises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputeTerms {
    /// The machine: maker, model and memory of its accelerators.
    pub model: String,
    /// How many metering units the price buys.
    pub amount: u32,
    /// What they are metered in.
    pub unit: ComputeUnit,
}

/// The most metering units one priced unit comprises.
const MOST_UNITS: u32 = 10_000_000;

/// Art. 5: a compute service says what machine it rents, how much of it and in what unit; no other
/// service does.
pub fn validate_compute(faults: &mut Faults, kind: ServiceKind, terms: Option<&ComputeTerms>) {
    let is_compute = match kind {
        ServiceKind::Compute => true,
        ServiceKind::Analysis | ServiceKind::Testing | ServiceKind::Inspection | ServiceKind::Research => false,
    };
    let Some(terms) = terms else {
        let (zh, en) =
            ("算力租用服务须填写机型、数量和计量单位。", "a compute service states its model, amount and unit.");
        faults.require(!is_compute, "compute", "required", zh, en);
        return;
    };
    let (zh, en) = ("只有算力租用服务填写此项。", "is for compute services alone.");
    faults.require(is_compute, "compute", "absent", zh, en);
    faults.require_text("compute.model", &terms.model, 200);
    faults.require(
        (1..=MOST_UNITS).contains(&terms.amount),
        "compute.amount",
        "range",
        format!("须为 1 至 {MOST_UNITS}。"),
        format!("must be 1 to {MOST_UNITS}."),
    );
}
