//! 第六、十七条: where a facility is on its way in and out.

use crate::coded_enum;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// Where a facility is on its way in and out.
    pub enum FacilityStatus ("facility status") {
        /// Filling in its particulars.
        Draft = "draft",
        /// Has applied under Art. 6; an officer decides.
        Applied = "applied",
        /// Its application was returned for correction.
        Returned = "returned",
        /// Its application was rejected, by an officer or by an upheld objection.
        Rejected = "rejected",
        /// Approved; to be published.
        Approved = "approved",
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
    /// What happens to a facility.
    pub enum FacilityAction ("action on a facility") {
        /// It applies.
        Apply = "apply",
        /// An officer approves its application.
        Approve = "approve",
        /// An officer returns its application.
        Return = "return",
        /// An officer rejects its application.
        Reject = "reject",
        /// It is published.
        Publish = "publish",
        /// Its notice ended without an open objection.
        Clear = "clear",
        /// An objection to it was upheld.
        Cancel = "cancel",
        /// An officer enters it as a municipal institution.
        Enter = "enter",
        /// It announces its exit.
        AnnounceExit = "announce_exit",
        /// It takes its exit back.
        WithdrawExit = "withdraw_exit",
        /// Its last day is over.
        Leave = "leave",
        /// Art. 17: struck off the platform.
        Delist = "delist",
        /// The delisting is lifted: it may apply anew.
        Readmit = "readmit",
    }
}

impl FacilityStatus {
    /// The states in which a facility serves, so that everybody may see what it offers.
    pub const SERVING: [Self; 2] = [Self::Active, Self::Exiting];

    /// Whether it serves at present, be it only until an announced last day.
    pub fn is_serving(self) -> bool {
        Self::SERVING.contains(&self)
    }

    /// What can happen to a facility in this state (Art. 6). Whoever was rejected or has left may
    /// apply anew; a delisted one may not (Art. 17).
    pub fn offers(self) -> Offers<FacilityAction, Self> {
        match self {
            Self::Draft | Self::Returned | Self::Rejected | Self::Exited => {
                &[(FacilityAction::Apply, Self::Applied), (FacilityAction::Enter, Self::Active)]
            }
            Self::Applied => &[
                (FacilityAction::Approve, Self::Approved),
                (FacilityAction::Return, Self::Returned),
                (FacilityAction::Reject, Self::Rejected),
            ],
            Self::Approved => &[(FacilityAction::Publish, Self::InNotice)],
            Self::InNotice => &[(FacilityAction::Clear, Self::Active), (FacilityAction::Cancel, Self::Rejected)],
            Self::Active => &[(FacilityAction::AnnounceExit, Self::Exiting), (FacilityAction::Delist, Self::Delisted)],
            Self::Exiting => &[
                (FacilityAction::WithdrawExit, Self::Active),
                (FacilityAction::Leave, Self::Exited),
                (FacilityAction::Delist, Self::Delisted),
            ],
            Self::Delisted => &[(FacilityAction::Readmit, Self::Exited)],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` (Art. 6, or 17 for a delisted one) where this state does not offer it.
    pub fn after(self, action: FacilityAction) -> Result<Self, Refusal> {
        let article = if self == Self::Delisted { "17" } else { "6" };
        step(&Text::new("该单位", "The facility"), self, action, self.offers())
            .map_err(|refusal| refusal.article(article))
    }

    /// Whether it states its particulars without anybody looking at them: before it has applied, and
    /// between two applications.
    pub fn states_freely(self) -> bool {
        match self {
            Self::Draft | Self::Returned | Self::Rejected | Self::Exited => true,
            Self::Applied | Self::Approved | Self::InNotice | Self::Active | Self::Exiting | Self::Delisted => false,
        }
    }
}

impl Named for FacilityStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "尚未申请",
            Self::Applied => "申请审核中",
            Self::Returned => "申请已退回",
            Self::Rejected => "申请未通过",
            Self::Approved => "审核通过、待公示",
            Self::InNotice => "公示中",
            Self::Active => "开放服务",
            Self::Exiting => "即将退出",
            Self::Exited => "已退出",
            Self::Delisted => "已除名",
        }
    }
}

impl Named for FacilityAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Apply => "提出申请",
            Self::Approve => "审核通过",
            Self::Return => "退回申请",
            Self::Reject => "不予通过",
            Self::Publish => "公示",
            Self::Clear => "公示期满转为开放单位",
            Self::Cancel => "因异议取消",
            Self::Enter => "录入为市属开放单位",
            Self::AnnounceExit => "申请退出",
            Self::WithdrawExit => "撤回退出申请",
            Self::Leave => "退出",
            Self::Delist => "除名",
            Self::Readmit => "解除除名",
        }
    }
}
