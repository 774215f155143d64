//! 第十五条(四): 对存疑项目组织现场调研或答辩会.

use super::opinion::{Opinion, Recommendation};
use crate::coded_enum;
use crate::refusal::{Faults, Refusal};

coded_enum! {
    /// How a doubtful redemption is looked into.
    pub enum InquiryKind ("kind of inquiry") {
        /// 现场调研.
        SiteVisit = "site_visit",
        /// 答辩会.
        Defence = "defence",
    }
}

coded_enum! {
    /// What a site visit or defence found.
    pub enum InquiryOutcome ("outcome of an inquiry") {
        /// What was shown is right.
        Confirmed = "confirmed",
        /// What was shown is right in part.
        PartlyConfirmed = "partly_confirmed",
        /// What was shown is not right.
        NotConfirmed = "not_confirmed",
    }
}

coded_enum! {
    /// Where an inquiry is.
    pub enum InquiryStatus ("inquiry status") {
        /// Arranged.
        Scheduled = "scheduled",
        /// Held; its outcome is recorded.
        Recorded = "recorded",
    }
}

/// An inquiry, as far as it decides how the review goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inquiry {
    /// Where it is.
    pub status: InquiryStatus,
    /// What it found, once recorded.
    pub outcome: Option<InquiryOutcome>,
}

/// Art. 15.4: a site visit or defence is held when a submitted review is doubtful, or when the
/// submitted recommendations split.
pub fn needs_inquiry(reviews: &[Opinion]) -> bool {
    let given: Vec<Recommendation> = reviews.iter().filter_map(|review| review.given()).collect();
    let is_split = given.iter().zip(given.iter().skip(1)).any(|(one, next)| one != next);
    let is_doubtful = reviews.iter().any(|review| review.is_doubtful && review.given().is_some());
    is_doubtful || is_split
}

/// The outcome of an inquiry is recorded once.
///
/// # Errors
/// `invalid_state` when it is recorded already.
pub fn require_inquiry_open(status: InquiryStatus) -> Result<InquiryStatus, Refusal> {
    match status {
        InquiryStatus::Scheduled => Ok(InquiryStatus::Recorded),
        InquiryStatus::Recorded => Err(Refusal::invalid_state(
            "该次现场调研或答辩的结果已记录,不能再修改;如仍有疑问,可另行组织。",
            "The outcome of this inquiry is recorded and stays; if doubts remain, please arrange another one.",
        )
        .article("15.4")),
    }
}

const MOST_ATTENDEES: usize = 50;

/// The record of a held inquiry says what was seen and heard, and by whom.
///
/// # Errors
/// `validation_failed` for a blank or overlong record, or name.
pub fn validate_inquiry_record(record: &str, attendees: &[String]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("record", record, 10_000);
    for (index, name) in attendees.iter().enumerate() {
        faults.require_text(&format!("attendees[{index}]"), name, 100);
    }
    faults.require(
        attendees.len() <= MOST_ATTENDEES,
        "attendees",
        "length",
        format!("参加人员最多 {MOST_ATTENDEES} 名。"),
        format!("must be at most {MOST_ATTENDEES} people."),
    );
    faults.done()
}

/// Where an inquiry takes place, if that is said already.
///
/// # Errors
/// `validation_failed` for a blank or overlong place.
pub fn validate_inquiry_place(place: Option<&str>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    if let Some(place) = place {
        faults.require_text("place", place, 200);
    }
    faults.done()
}
