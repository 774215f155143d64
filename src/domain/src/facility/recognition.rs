//! 第十九条: 收券单位互认: the facilities of a neighbouring region take vouchers while an agreement runs.

use super::FacilityRegion;
use crate::period::Day;
use crate::refusal::{Faults, Refusal, RefusalCode};

/// A recognition agreement as it is entered.
#[derive(Debug, Clone, Copy)]
pub struct AgreementForm {
    /// The region it is with.
    pub region: FacilityRegion,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
}

/// Art. 19: an agreement is with a neighbour, and ends no earlier than it starts.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_agreement(form: AgreementForm) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let is_neighbour = match form.region {
        FacilityRegion::Beijing => false,
        FacilityRegion::Tianjin | FacilityRegion::Hebei => true,
    };
    let (zh, en) = ("互认协议只与天津市、河北省签订。", "agreements are made with Tianjin and Hebei.");
    faults.require(is_neighbour, "region", "neighbour", zh, en);
    faults.require(
        form.starts_on <= form.ends_on,
        "ends_on",
        "not_before_starts_on",
        format!("终止日不能早于起始日 {}。", form.starts_on),
        format!("must not be before the first day, {}.", form.starts_on),
    );
    faults.done().map_err(|refusal| refusal.article("19"))
}

/// Art. 19: an agreement runs from its first day through its last.
pub fn agreement_runs(starts_on: Day, ends_on: Day, today: Day) -> bool {
    (starts_on..=ends_on).contains(&today)
}

/// Where a region's recognition stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// There has never been an agreement.
    Never,
    /// The last one ended on this day.
    Ended(Day),
    /// The next one starts on this day.
    NotYet(Day),
    /// One runs, through this day.
    Running(Day),
}

/// Art. 19: where a region's recognition stands today, from the first and last days of its agreements.
/// One that starts on the day after another ends, or before, carries it on.
pub fn recognition(agreements: &[(Day, Day)], today: Day) -> Recognition {
    let mut ordered = agreements.to_vec();
    ordered.sort_unstable();
    let mut until: Option<Day> = None;
    for (starts_on, ends_on) in &ordered {
        let begins_in_time = match until {
            Some(until) => until.succ_opt().is_none_or(|next| *starts_on <= next),
            None => *starts_on <= today,
        };
        if begins_in_time && *ends_on >= today {
            until = Some(until.map_or(*ends_on, |until| until.max(*ends_on)));
        }
    }
    if let Some(until) = until {
        return Recognition::Running(until);
    }
    let next = ordered.iter().map(|(starts_on, _)| *starts_on).find(|starts_on| *starts_on > today);
    let last = ordered.iter().map(|(_, ends_on)| *ends_on).max();
    match (next, last) {
        (Some(next), _) => Recognition::NotYet(next),
        (None, Some(last)) => Recognition::Ended(last),
        (None, None) => Recognition::Never,
    }
}

impl Recognition {
    /// Art. 19: the recognition reaches this day.
    ///
    /// # Errors
    /// `facility_not_active`, naming when it ends, ended or begins.
    pub fn require_until(self, until: Day) -> Result<(), Refusal> {
        let (chinese, english) = match self {
            Self::Running(last_day) if until <= last_day => return Ok(()),
            Self::Running(last_day) => (
                format!("与该地区的互认协议至 {last_day} 为止,服务须在该日(含)前结束,而终止日为 {until}。"),
                format!(
                    "The recognition agreement with the facility's region runs until {last_day}; the service must end by \
                     then, and its last day is {until}."
                ),
            ),
            Self::NotYet(first_day) => (
                format!("与该地区的互认协议自 {first_day} 起生效,此前该地区的单位不能收券。"),
                format!(
                    "The recognition agreement with the facility's region starts on {first_day}; until then it cannot take \
                     vouchers."
                ),
            ),
            Self::Ended(last_day) => (
                format!("与该地区的互认协议已于 {last_day} 到期,该地区的单位目前不能收券。"),
                format!(
                    "The recognition agreement with the facility's region ended on {last_day}; it cannot take vouchers \
                     now."
                ),
            ),
            Self::Never => (
                "该开放单位所在地区目前没有有效的创新券互认协议,暂不能收券。".to_owned(),
                "No recognition agreement runs for the facility's region, so it cannot take vouchers now.".to_owned(),
            ),
        };
        Err(Refusal::new(RefusalCode::FacilityNotActive, chinese, english).article("19"))
    }
}
