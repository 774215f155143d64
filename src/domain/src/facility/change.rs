//! 第六、十一、十五条: what a serving facility cannot change about itself before an officer has looked.
//!
//! Its name, region and nature are what was looked at and published when it joined; whether testing
//! is its main business decides about subsidies (Art. 11); and whoever could change the account alone
//! could have public money paid elsewhere (Art. 15.5). The district serves searches and is its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FacilityNature, FacilityRegion, FacilityStatus};
use crate::coded_enum;
use crate::privacy::{Disclosure, Personal, Place};
use crate::refusal::{Faults, Refusal};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// Where a change of particulars is.
    pub enum ChangeStatus ("status of a change") {
        /// Waits for an officer.
        Pending = "pending",
        /// Was taken over.
        Approved = "approved",
        /// Was not taken over.
        Rejected = "rejected",
        /// The facility took it back, or states something else now.
        Withdrawn = "withdrawn",
    }
}

coded_enum! {
    /// What an officer decides about a change.
    pub enum ChangeDecision ("decision on a change") {
        /// It holds from now on.
        Approve = "approve",
        /// It does not.
        Reject = "reject",
    }
}

/// Art. 6, 15.5: whether what a facility proposed still waits for an officer when it goes from one state to
/// another: only as long as it serves. Once it has left or was delisted, what it states, or an officer
/// enters, holds at once, and no older proposal may come over it.
pub fn waits_on(before: FacilityStatus, after: FacilityStatus) -> bool {
    before.is_serving() && after.is_serving()
}

/// What an officer looks at before it holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookedAt {
    /// What it is called.
    pub name: String,
    /// Where it is registered.
    pub region: FacilityRegion,
    /// What kind of institution it is.
    pub nature: FacilityNature,
    /// Whether testing for others is its main business (Art. 11).
    pub is_third_party_testing: bool,
    /// In whose name the account is.
    pub payee_name: Option<String>,
    /// The bank that keeps the account.
    pub payee_bank: Option<String>,
    /// The number of the account.
    pub payee_account: Option<String>,
}

impl LookedAt {
    /// The same with the account shown so far.
    #[must_use]
    pub fn shown(self, disclosure: Disclosure) -> Self {
        let shown = |account: String| Personal::new(account).shown(Place::FacilityAccount, disclosure);
        Self { payee_account: self.payee_account.map(shown), ..self }
    }
}

/// Without the account.
impl fmt::Debug for LookedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookedAt").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ChangeStatus {
    /// What can be decided about a change in this state.
    pub fn offers(self) -> Offers<ChangeDecision, Self> {
        match self {
            Self::Pending => &[(ChangeDecision::Approve, Self::Approved), (ChangeDecision::Reject, Self::Rejected)],
            Self::Approved | Self::Rejected | Self::Withdrawn => &[],
        }
    }

    /// The state after the decision, with what must be said about it: a rejection says why.
    ///
    /// # Errors
    /// `invalid_state` when it is decided or withdrawn already; `validation_failed` with `remarks`.
    pub fn decided(self, decision: ChangeDecision, remarks: &str) -> Result<Self, Refusal> {
        let next = step(&Text::new("该变更", "The change"), self, decision, self.offers())?;
        let mut faults = Faults::default();
        match decision {
            ChangeDecision::Approve if remarks.trim().is_empty() => {}
            ChangeDecision::Approve | ChangeDecision::Reject => faults.require_text("remarks", remarks, 2_000),
        }
        faults.done()?;
        Ok(next)
    }
}

/// While an application is looked at or published, nobody changes what it is about.
///
/// # Errors
/// `invalid_state`.
pub fn require_settled(status: FacilityStatus) -> Result<(), Refusal> {
    match status {
        FacilityStatus::Draft
        | FacilityStatus::Returned
        | FacilityStatus::Rejected
        | FacilityStatus::Exited
        | FacilityStatus::Active
        | FacilityStatus::Exiting => Ok(()),
        FacilityStatus::Applied | FacilityStatus::Approved | FacilityStatus::InNotice => Err(Refusal::invalid_state(
            format!("申请正在办理(“{}”),单位信息暂不能修改;如需更正,请联系受理人员退回申请。", status.chinese()),
            format!(
                "The application is being dealt with ({}); what it states cannot be changed now. Please ask for it to be \
                 returned.",
                status.english()
            ),
        )
        .article("6")),
        FacilityStatus::Delisted => Err(Refusal::invalid_state(
            "该单位已被除名,不能修改单位信息。",
            "A delisted facility cannot change its particulars.",
        )
        .article("17")),
    }
}

impl Named for ChangeStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Pending => "待审核",
            Self::Approved => "已通过",
            Self::Rejected => "未通过",
            Self::Withdrawn => "已撤回",
        }
    }
}

impl Named for ChangeDecision {
    fn chinese(self) -> &'static str {
        match self {
            Self::Approve => "通过",
            Self::Reject => "不予通过",
        }
    }
}
