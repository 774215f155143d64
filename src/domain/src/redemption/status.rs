//! 第十五条(三)至(五): the states of a redemption and what leads from one to the next.

use crate::coded_enum;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// Where a redemption is between the facility, the experts, the commission and the bank.
    pub enum RedemptionStatus ("redemption status") {
        /// Being written by the facility.
        Draft = "draft",
        /// With the commission.
        Submitted = "submitted",
        /// With the facility again, to be corrected in time.
        Returned = "returned",
        /// Accepted; experts review it.
        InReview = "in_review",
        /// A site visit or defence is arranged.
        InInquiry = "in_inquiry",
        /// An officer has concluded; another one approves.
        Concluded = "concluded",
        /// Its payable amount is fixed; it waits for its notice.
        Approved = "approved",
        /// 公示: published, open to objections.
        InNotice = "in_notice",
        /// Waits for a batch.
        Payable = "payable",
        /// In a batch.
        InPayment = "in_payment",
        /// Paid.
        Paid = "paid",
        /// Not to be paid.
        Rejected = "rejected",
        /// Taken back by the facility.
        Withdrawn = "withdrawn",
        /// Lapsed with its vouchers.
        Void = "void",
    }
}

coded_enum! {
    /// What is done with a redemption.
    pub enum RedemptionAction ("redemption action") {
        /// The facility changes it.
        Update = "update",
        /// The facility hands it in.
        Submit = "submit",
        /// The facility takes it back.
        Withdraw = "withdraw",
        /// The applicant says whether it agrees.
        Confirm = "confirm",
        /// An officer accepts it for review.
        Accept = "accept",
        /// An officer returns it for correction.
        Return = "return",
        /// Experts are drawn.
        DrawPanel = "draw_panel",
        /// An expert gives or changes an opinion, or recuses.
        Review = "review",
        /// A site visit or defence is arranged.
        OpenInquiry = "open_inquiry",
        /// Its outcome is recorded.
        RecordInquiry = "record_inquiry",
        /// An officer concludes, or reconsiders before the approval.
        Conclude = "conclude",
        /// Another officer approves a payment.
        Approve = "approve",
        /// Another officer approves a rejection.
        Reject = "reject",
        /// It is published.
        Publish = "publish",
        /// An upheld objection lowers it: it is published again.
        Reduce = "reduce",
        /// An upheld objection cancels it.
        Cancel = "cancel",
        /// Its notice ended without an open objection.
        Clear = "clear",
        /// It is taken into a batch.
        Batch = "batch",
        /// The bank has paid.
        Pay = "pay",
        /// The bank has not paid; another batch may.
        FailPayment = "fail_payment",
        /// Its time is over.
        Lapse = "lapse",
    }
}

impl RedemptionStatus {
    /// What can be done with a redemption in this state, and where it leads.
    pub fn offers(self) -> Offers<RedemptionAction, Self> {
        use RedemptionAction as Action;
        match self {
            Self::Draft => &[
                (Action::Update, Self::Draft),
                (Action::Submit, Self::Submitted),
                (Action::Confirm, Self::Draft),
                (Action::Withdraw, Self::Withdrawn),
                (Action::Lapse, Self::Void),
            ],
            Self::Submitted => &[
                (Action::Confirm, Self::Submitted),
                (Action::Withdraw, Self::Withdrawn),
                (Action::Accept, Self::InReview),
                (Action::Return, Self::Returned),
            ],
            Self::Returned => &[
                (Action::Update, Self::Returned),
                (Action::Submit, Self::Submitted),
                (Action::Confirm, Self::Returned),
                (Action::Withdraw, Self::Withdrawn),
                (Action::Lapse, Self::Void),
            ],
            Self::InReview => &[
                (Action::DrawPanel, Self::InReview),
                (Action::Review, Self::InReview),
                (Action::OpenInquiry, Self::InInquiry),
                (Action::Conclude, Self::Concluded),
            ],
            Self::InInquiry => &[(Action::Review, Self::InInquiry), (Action::RecordInquiry, Self::InReview)],
            Self::Concluded => &[
                (Action::Conclude, Self::Concluded),
                (Action::Approve, Self::Approved),
                (Action::Reject, Self::Rejected),
            ],
            Self::Approved => &[(Action::Publish, Self::InNotice)],
            Self::InNotice => {
                &[(Action::Reduce, Self::Approved), (Action::Cancel, Self::Rejected), (Action::Clear, Self::Payable)]
            }
            Self::Payable => &[(Action::Batch, Self::InPayment)],
            Self::InPayment => &[(Action::Pay, Self::Paid), (Action::FailPayment, Self::Payable)],
            Self::Paid | Self::Rejected | Self::Withdrawn | Self::Void => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: RedemptionAction) -> Result<Self, Refusal> {
        step(&Text::new("该兑现申请", "The redemption"), self, action, self.offers())
    }

    /// Whether it is submitted and not ended: its vouchers are `redeeming`, its contract untouchable.
    pub fn holds_vouchers(self) -> bool {
        match self {
            Self::Submitted
            | Self::Returned
            | Self::InReview
            | Self::InInquiry
            | Self::Concluded
            | Self::Approved
            | Self::InNotice
            | Self::Payable
            | Self::InPayment => true,
            Self::Draft | Self::Paid | Self::Rejected | Self::Withdrawn | Self::Void => false,
        }
    }

    /// Whether it was handed in, and neither taken back nor left uncorrected: what an assessment counts as
    /// timely or late (Art. 14).
    pub fn was_handed_in(self) -> bool {
        match self {
            Self::Submitted
            | Self::Returned
            | Self::InReview
            | Self::InInquiry
            | Self::Concluded
            | Self::Approved
            | Self::InNotice
            | Self::Payable
            | Self::InPayment
            | Self::Paid
            | Self::Rejected => true,
            Self::Draft | Self::Withdrawn | Self::Void => false,
        }
    }

    /// Whether it still stands: a contract has one such redemption at most.
    pub fn is_standing(self) -> bool {
        match self {
            Self::Draft
            | Self::Submitted
            | Self::Returned
            | Self::InReview
            | Self::InInquiry
            | Self::Concluded
            | Self::Approved
            | Self::InNotice
            | Self::Payable
            | Self::InPayment
            | Self::Paid => true,
            Self::Rejected | Self::Withdrawn | Self::Void => false,
        }
    }
}

impl Named for RedemptionStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "已提交",
            Self::Returned => "退回补正",
            Self::InReview => "评审中",
            Self::InInquiry => "调研答辩中",
            Self::Concluded => "已形成评审结论",
            Self::Approved => "已批准",
            Self::InNotice => "公示中",
            Self::Payable => "待拨付",
            Self::InPayment => "拨付中",
            Self::Paid => "已拨付",
            Self::Rejected => "未通过",
            Self::Withdrawn => "已撤回",
            Self::Void => "已作废",
        }
    }
}

impl Named for RedemptionAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Update => "修改",
            Self::Submit => "提交",
            Self::Withdraw => "撤回",
            Self::Confirm => "确认",
            Self::Accept => "受理",
            Self::Return => "退回补正",
            Self::DrawPanel => "抽取专家",
            Self::Review => "评审",
            Self::OpenInquiry => "组织现场调研或答辩",
            Self::RecordInquiry => "记录调研答辩结果",
            Self::Conclude => "形成评审结论",
            Self::Approve => "批准",
            Self::Reject => "批准不予兑现",
            Self::Publish => "公示",
            Self::Reduce => "因异议调减",
            Self::Cancel => "因异议取消",
            Self::Clear => "转入待拨付",
            Self::Batch => "列入拨付批次",
            Self::Pay => "记录拨付成功",
            Self::FailPayment => "记录拨付失败",
            Self::Lapse => "作废",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RedemptionAction as Action;
    use super::RedemptionStatus as Status;
    use crate::code::Code;
    use crate::refusal::RefusalCode;

    #[test]
    fn the_straight_way_leads_from_draft_to_paid() {
        let way = [
            (Action::Submit, Status::Submitted),
            (Action::Confirm, Status::Submitted),
            (Action::Accept, Status::InReview),
            (Action::DrawPanel, Status::InReview),
            (Action::Review, Status::InReview),
            (Action::OpenInquiry, Status::InInquiry),
            (Action::RecordInquiry, Status::InReview),
            (Action::Conclude, Status::Concluded),
            (Action::Approve, Status::Approved),
            (Action::Publish, Status::InNotice),
            (Action::Reduce, Status::Approved),
            (Action::Publish, Status::InNotice),
            (Action::Clear, Status::Payable),
            (Action::Batch, Status::InPayment),
            (Action::FailPayment, Status::Payable),
            (Action::Batch, Status::InPayment),
            (Action::Pay, Status::Paid),
        ];
        way.iter().fold(Status::Draft, |status, (action, next)| {
            assert_eq!(status.after(*action), Ok(*next), "{status} {action}");
            *next
        });
    }

    #[test]
    fn an_ended_redemption_offers_nothing() {
        for status in [Status::Paid, Status::Rejected, Status::Withdrawn, Status::Void] {
            assert!(status.offers().is_empty(), "{status}");
        }
    }

    #[test]
    fn what_is_not_offered_is_refused_by_name() {
        let refusal = Status::Paid.after(Action::Withdraw).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::InvalidState);
        assert!(refusal.message.zh.contains("已拨付") && refusal.message.zh.contains("撤回"));
        let refusal = Status::Submitted.after(Action::Update).unwrap_err();
        assert!(refusal.message.en.contains("What can be done now: confirm, withdraw, accept, return."));
    }

    #[test]
    fn every_action_and_every_state_is_reached() {
        for action in Action::ALL {
            assert!(Status::ALL.iter().any(|status| status.after(*action).is_ok()), "{action}");
        }
        for status in Status::ALL.iter().filter(|status| **status != Status::Draft) {
            let reached = Status::ALL.iter().flat_map(|from| from.offers()).any(|(_, next)| next == status);
            assert!(reached, "{status}");
        }
    }

    #[test]
    fn vouchers_are_held_from_submission_to_the_end() {
        let free: Vec<_> = Status::ALL.iter().filter(|status| !status.holds_vouchers()).collect();
        assert_eq!(free, [&Status::Draft, &Status::Paid, &Status::Rejected, &Status::Withdrawn, &Status::Void]);
        assert!(Status::Draft.is_standing() && Status::Paid.is_standing() && !Status::Void.is_standing());
        let never: Vec<_> = Status::ALL.iter().filter(|status| !status.was_handed_in()).collect();
        assert_eq!(never, [&Status::Draft, &Status::Withdrawn, &Status::Void]);
    }
}
