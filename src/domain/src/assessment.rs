//! 第十一、十三、十四条: the yearly assessment (绩效考核) of facilities and the subsidy (后补助) that follows
//! from it.
//!
//! The order of Art. 14: a notice with criteria and a budget ([`Campaign`]); submissions, prefilled with
//! what the records say ([`figures`]); experts' scores ([`judge`]); site visits to a random share and to
//! all that are doubtful ([`visits`]); grades ([`grade`]); classes and subsidies within their caps and the
//! budget ([`subsidy`]); what objections to the published results change ([`objection`]). Statements of how the money was used are in [`funds`].

use crate::coded_enum;
use crate::money::Money;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::transition::{Named, Offers, step};

mod award;
mod campaign;
pub mod figures;
pub mod funds;
pub mod grade;
pub mod objection;
mod progress;
pub mod score;
pub mod stages;
pub mod subsidy;
pub mod visits;

pub use award::{Award, Scored, awards, instrument_value};
pub use campaign::{
    Campaign, Criteria, CriterionKind, Thresholds, Weight, require_closed, require_complete, require_facility,
    require_open, validate, validate_statement,
};
pub use figures::{Figure, figures};
pub use grade::{Grade, GradeReason, Graded, grade};
pub use progress::{CampaignFacts, Lacking, lacking};
pub use score::{GivenScores, Judged, judge, validate as validate_scores};
pub use stages::{
    require_all_scores, require_in_review, require_taking_scores, require_visits_drawn, require_visits_not_drawn,
    takes_scores,
};
pub use subsidy::{FacilityClass, Shortfall, against_budget, class_of, require_within_cap, subsidy_cap};
pub use visits::{Visit, VisitReason, require_visited, to_visit, validate_record};

coded_enum! {
    /// Where a campaign (考核通知) is.
    pub enum CampaignStatus ("campaign status") {
        /// Being prepared; nobody but the commission sees it.
        Draft = "draft",
        /// Announced: facilities submit until its last day.
        Announced = "announced",
        /// Experts score what was submitted.
        InReview = "in_review",
        /// An officer has proposed grades and subsidies; another one decides.
        Graded = "graded",
        /// Decided; what is to be paid is published.
        Decided = "decided",
    }
}

coded_enum! {
    /// What is done with a campaign.
    pub enum CampaignAction ("campaign action") {
        /// An officer changes it.
        Change = "change",
        /// An officer announces it.
        Announce = "announce",
        /// Experts are drawn, the submissions being in.
        DrawPanel = "draw_panel",
        /// An officer proposes grades and subsidies, or does so anew.
        Grade = "grade",
        /// Another officer decides.
        Approve = "approve",
    }
}

coded_enum! {
    /// Where a facility's submission is.
    pub enum SubmissionStatus ("submission status") {
        /// Being written by the facility.
        Draft = "draft",
        /// Handed in.
        Submitted = "submitted",
        /// Not handed in by the last day.
        Dropped = "dropped",
        /// Decided with a grade and no money, which waits for its notice.
        Graded = "graded",
        /// Decided with a subsidy, which waits for its notice.
        Approved = "approved",
        /// 公示: published, open to objections.
        InNotice = "in_notice",
        /// Its notice ended, and there is nothing to pay.
        Concluded = "concluded",
        /// Waits for a batch.
        Payable = "payable",
        /// In a batch.
        InPayment = "in_payment",
        /// Paid.
        Paid = "paid",
        /// An upheld objection took it out of the results.
        Cancelled = "cancelled",
    }
}

coded_enum! {
    /// What is done with a submission.
    pub enum SubmissionAction ("submission action") {
        /// The facility writes it.
        Update = "update",
        /// The facility hands it in.
        Submit = "submit",
        /// Its time is over, and it was not handed in.
        Drop = "drop",
        /// An officer's decision gives it a grade and no money.
        Grade = "grade",
        /// An officer's decision gives it a grade and a subsidy.
        Approve = "approve",
        /// It is published.
        Publish = "publish",
        /// An upheld objection changes grade or subsidy, and there is a subsidy: it is published again.
        Change = "change",
        /// An upheld objection leaves it a grade and no money: it is published again.
        Regrade = "regrade",
        /// An upheld objection takes it out of the results.
        Cancel = "cancel",
        /// The notice of its subsidy ended without an open objection.
        Clear = "clear",
        /// Its notice ended without an open objection, and there is nothing to pay.
        Conclude = "conclude",
        /// It is taken into a batch.
        Batch = "batch",
        /// The bank has paid.
        Pay = "pay",
        /// The bank has not paid; another batch may.
        FailPayment = "fail_payment",
    }
}

impl CampaignStatus {
    /// What can be done with a campaign in this state. An announced one is what facilities rely on.
    pub fn offers(self) -> Offers<CampaignAction, Self> {
        use CampaignAction as Action;
        match self {
            Self::Draft => &[(Action::Change, Self::Draft), (Action::Announce, Self::Announced)],
            Self::Announced => &[(Action::DrawPanel, Self::InReview)],
            Self::InReview => &[(Action::DrawPanel, Self::InReview), (Action::Grade, Self::Graded)],
            Self::Graded => &[(Action::Grade, Self::Graded), (Action::Approve, Self::Decided)],
            Self::Decided => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` (Art. 14) where this state does not offer it.
    pub fn after(self, action: CampaignAction) -> Result<Self, Refusal> {
        step(&Text::new("该绩效考核", "The assessment"), self, action, self.offers())
            .map_err(|refusal| refusal.article("14"))
    }
}

impl CampaignStatus {
    /// Whether it is announced and not decided: somebody has something to do about it.
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Announced | Self::InReview | Self::Graded => true,
            Self::Draft | Self::Decided => false,
        }
    }
}

impl SubmissionStatus {
    /// What can be done with a submission in this state; it goes the way of a redemption from its
    /// approval on.
    pub fn offers(self) -> Offers<SubmissionAction, Self> {
        use SubmissionAction as Action;
        match self {
            Self::Draft => {
                &[(Action::Update, Self::Draft), (Action::Submit, Self::Submitted), (Action::Drop, Self::Dropped)]
            }
            Self::Submitted => {
                &[(Action::Update, Self::Draft), (Action::Grade, Self::Graded), (Action::Approve, Self::Approved)]
            }
            Self::Graded | Self::Approved => &[(Action::Publish, Self::InNotice)],
            Self::InNotice => &[
                (Action::Change, Self::Approved),
                (Action::Regrade, Self::Graded),
                (Action::Cancel, Self::Cancelled),
                (Action::Clear, Self::Payable),
                (Action::Conclude, Self::Concluded),
            ],
            Self::Payable => &[(Action::Batch, Self::InPayment)],
            Self::InPayment => &[(Action::Pay, Self::Paid), (Action::FailPayment, Self::Payable)],
            Self::Dropped | Self::Concluded | Self::Paid | Self::Cancelled => &[],
        }
    }

    /// Whether it was handed in, and so is judged or was.
    pub fn was_handed_in(self) -> bool {
        match self {
            Self::Draft | Self::Dropped => false,
            Self::Submitted
            | Self::Graded
            | Self::Approved
            | Self::InNotice
            | Self::Concluded
            | Self::Payable
            | Self::InPayment
            | Self::Paid
            | Self::Cancelled => true,
        }
    }

    /// Whether grade and subsidy are decided, so that the facility and the public may know them.
    pub fn is_decided(self) -> bool {
        match self {
            Self::Draft | Self::Submitted | Self::Dropped => false,
            Self::Graded
            | Self::Approved
            | Self::InNotice
            | Self::Concluded
            | Self::Payable
            | Self::InPayment
            | Self::Paid
            | Self::Cancelled => true,
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` (Art. 14) where this state does not offer it.
    pub fn after(self, action: SubmissionAction) -> Result<Self, Refusal> {
        step(&Text::new("该考核申报", "The submission"), self, action, self.offers())
            .map_err(|refusal| refusal.article("14"))
    }
}

impl SubmissionAction {
    /// The decision that gives this much.
    pub fn deciding(subsidy_fen: Money) -> Self {
        if subsidy_fen.is_positive() { Self::Approve } else { Self::Grade }
    }

    /// The upheld objection that leaves it this much.
    pub fn changing(subsidy_fen: Money) -> Self {
        if subsidy_fen.is_positive() { Self::Change } else { Self::Regrade }
    }

    /// The end of the notice of one that is given this much: without money there is nothing to pay.
    pub fn ending_notice(subsidy_fen: Money) -> Self {
        if subsidy_fen.is_positive() { Self::Clear } else { Self::Conclude }
    }
}

impl Named for CampaignStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Announced => "申报中",
            Self::InReview => "评审中",
            Self::Graded => "已形成支持方案",
            Self::Decided => "已决策",
        }
    }
}

impl Named for CampaignAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Change => "修改",
            Self::Announce => "发布",
            Self::DrawPanel => "抽取专家",
            Self::Grade => "形成支持方案",
            Self::Approve => "批准支持方案",
        }
    }
}

impl Named for SubmissionStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "已提交",
            Self::Dropped => "未申报",
            Self::Graded => "已评定等次",
            Self::Approved => "已批准补助",
            Self::InNotice => "公示中",
            Self::Concluded => "已办结",
            Self::Payable => "待拨付",
            Self::InPayment => "拨付中",
            Self::Paid => "已拨付",
            Self::Cancelled => "已取消补助",
        }
    }
}

impl Named for SubmissionAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Update => "修改",
            Self::Submit => "提交",
            Self::Drop => "作未申报处理",
            Self::Grade => "评定等次",
            Self::Approve => "批准补助",
            Self::Publish => "公示",
            Self::Change => "因异议变更",
            Self::Regrade => "因异议改评且不予补助",
            Self::Cancel => "因异议取消",
            Self::Clear => "转入待拨付",
            Self::Conclude => "公示期满办结",
            Self::Batch => "列入拨付批次",
            Self::Pay => "记录拨付成功",
            Self::FailPayment => "记录拨付失败",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::refusal::RefusalCode;

    #[test]
    fn a_campaign_goes_from_its_notice_to_its_decision() {
        let way = [
            (CampaignAction::Change, CampaignStatus::Draft),
            (CampaignAction::Announce, CampaignStatus::Announced),
            (CampaignAction::DrawPanel, CampaignStatus::InReview),
            (CampaignAction::Grade, CampaignStatus::Graded),
            (CampaignAction::Grade, CampaignStatus::Graded),
            (CampaignAction::Approve, CampaignStatus::Decided),
        ];
        way.iter().fold(CampaignStatus::Draft, |status, (action, next)| {
            assert_eq!(status.after(*action), Ok(*next), "{status} {action}");
            *next
        });
        let refusal = CampaignStatus::Announced.after(CampaignAction::Change).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::InvalidState, Some("14")));
    }

    #[test]
    fn every_state_and_action_of_a_submission_is_reached() {
        for action in SubmissionAction::ALL {
            assert!(SubmissionStatus::ALL.iter().any(|status| status.after(*action).is_ok()), "{action}");
        }
        for status in SubmissionStatus::ALL.iter().filter(|status| **status != SubmissionStatus::Draft) {
            let reached = SubmissionStatus::ALL.iter().flat_map(|from| from.offers()).any(|(_, next)| next == status);
            assert!(reached, "{status}");
        }
        for status in [SubmissionStatus::Paid, SubmissionStatus::Concluded, SubmissionStatus::Cancelled] {
            assert!(status.offers().is_empty(), "{status}");
        }
    }

    #[test]
    fn what_is_handed_in_is_decided_or_waits_for_it() {
        let undecided = |status: &SubmissionStatus| status.was_handed_in() && !status.is_decided();
        let waiting: Vec<_> = SubmissionStatus::ALL.iter().filter(|status| undecided(status)).collect();
        assert_eq!(waiting, [&SubmissionStatus::Submitted]);
        assert!(SubmissionStatus::ALL.iter().all(|status| status.was_handed_in() || !status.is_decided()));
        let idle: Vec<_> = CampaignStatus::ALL.iter().filter(|status| !status.is_under_way()).collect();
        assert_eq!(idle, [&CampaignStatus::Draft, &CampaignStatus::Decided]);
    }

    #[test]
    fn what_is_given_nothing_is_published_all_the_same_and_ends_without_payment() {
        let (some, none) = (Money::from_fen(1), Money::ZERO);
        let decided = |fen| SubmissionStatus::Submitted.after(SubmissionAction::deciding(fen)).unwrap();
        assert_eq!((decided(some), decided(none)), (SubmissionStatus::Approved, SubmissionStatus::Graded));
        for status in [decided(some), decided(none)] {
            assert_eq!(status.after(SubmissionAction::Publish), Ok(SubmissionStatus::InNotice));
        }
        let after = |action: fn(Money) -> SubmissionAction, fen| SubmissionStatus::InNotice.after(action(fen)).unwrap();
        assert_eq!(after(SubmissionAction::ending_notice, some), SubmissionStatus::Payable);
        assert_eq!(after(SubmissionAction::ending_notice, none), SubmissionStatus::Concluded);
        assert_eq!(after(SubmissionAction::changing, some), SubmissionStatus::Approved);
        assert_eq!(after(SubmissionAction::changing, none), SubmissionStatus::Graded);
    }
}
