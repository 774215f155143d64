//! 第十四条(四): 实地核查: a share of the facilities is visited ([`crate::draw`] says how it is drawn), and above all
//! those in doubt.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::coded_enum;
use crate::period::Instant;
use crate::refusal::{Faults, Refusal};
use crate::review::InquiryOutcome;

coded_enum! {
    /// Why a facility is visited.
    pub enum VisitReason ("reason for a visit") {
        /// It was drawn.
        Drawn = "drawn",
        /// An expert doubts what it states, or a score lies apart.
        Doubtful = "doubtful",
    }
}

/// A visit that is called for, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Visit {
    /// Why.
    pub reason: VisitReason,
    /// What it found, once it is recorded.
    pub outcome: Option<InquiryOutcome>,
    /// What was seen and heard.
    pub record: Option<String>,
    /// The officer who recorded it.
    pub recorded_by: Option<Uuid>,
    /// When.
    pub recorded_at: Option<Instant>,
}

/// The record of a visit says what was seen and heard.
///
/// # Errors
/// `validation_failed` for a blank or overlong record.
pub fn validate_record(record: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("record", record, 10_000);
    faults.done()
}

/// Who is to be visited: all that are in doubt, and those that were drawn, each once, in the order of
/// their ids.
pub fn to_visit(doubtful: &[Uuid], drawn: &[Uuid]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = doubtful.iter().chain(drawn).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Art. 14.4: grades are proposed once every visit that is called for has an outcome.
///
/// # Errors
/// `invalid_state`, saying how many are missing.
pub fn require_visited(called_for: &[Uuid], visited: &[Uuid]) -> Result<(), Refusal> {
    let missing = called_for.iter().filter(|id| !visited.contains(id)).count();
    if missing == 0 {
        return Ok(());
    }
    Err(Refusal::invalid_state(
        format!("还有 {missing} 家应实地核查的开放单位未记录核查结果,记录后方可评定等次。"),
        format!("{missing} facilities are to be visited and have no outcome yet; grades can be given after that."),
    )
    .article("14"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_in_doubt_come_on_top_of_those_that_were_drawn() {
        let id = Uuid::from_u128;
        assert_eq!(to_visit(&[id(3), id(1)], &[id(2), id(3)]), [id(1), id(2), id(3)]);
        assert!(require_visited(&[id(1), id(2)], &[id(2), id(1), id(9)]).is_ok());
        let refusal = require_visited(&[id(1), id(2)], &[id(2)]).unwrap_err();
        assert!(refusal.message.en.starts_with("1 facilities"), "{}", refusal.message.en);
    }
}
