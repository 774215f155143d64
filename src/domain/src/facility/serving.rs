//! 第六、十五、十七、十九条: whether a facility may serve until a day.

use super::{FacilityRegion, FacilityStatus, Recognition};
use crate::period::Day;
use crate::refusal::{Refusal, RefusalCode};
use crate::transition::Named;

/// What decides whether a facility may serve until a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServingFacts {
    /// Its state.
    pub status: FacilityStatus,
    /// The last day of an announced exit.
    pub exit_last_day: Option<Day>,
    /// Where it is registered.
    pub region: FacilityRegion,
    /// Where the recognition of its region stands (Art. 19); unused for Beijing.
    pub recognition: Recognition,
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
        | FacilityStatus::Approved
        | FacilityStatus::InNotice
        | FacilityStatus::Exited => Err(not_in(facts.status, "6")),
        FacilityStatus::Delisted => Err(not_in(facts.status, "17")),
    }
}

fn require_recognised(facts: ServingFacts, until: Day) -> Result<(), Refusal> {
    match facts.region {
        FacilityRegion::Beijing => Ok(()),
        FacilityRegion::Tianjin | FacilityRegion::Hebei => facts.recognition.require_until(until),
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
