//! 第五、十二、十五条(二): the project (合作项目) that an applicant proposes to a facility.

use crate::coded_enum;
use crate::money::Money;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

/// What a project asks for is what a service is.
pub use crate::facility::ServiceKind as ProjectKind;

coded_enum! {
    /// Where a project is between the applicant and the facility.
    pub enum ProjectStatus ("project status") {
        /// With the applicant.
        Draft = "draft",
        /// With the facility.
        Submitted = "submitted",
        /// With the applicant again, with the facility's remarks.
        Returned = "returned",
        /// The facility will do it; a contract can be registered.
        Accepted = "accepted",
        /// The facility will not do it.
        Declined = "declined",
    }
}

coded_enum! {
    /// What is done with a project.
    pub enum ProjectAction ("project action") {
        /// The applicant changes it.
        Update = "update",
        /// The applicant hands it to the facility.
        Submit = "submit",
        /// The facility agrees.
        Accept = "accept",
        /// The facility asks for changes.
        Return = "return",
        /// The facility will not do it.
        Decline = "decline",
    }
}

impl ProjectStatus {
    /// What can be done with a project in this state.
    pub fn offers(self) -> Offers<ProjectAction, Self> {
        match self {
            Self::Draft => &[(ProjectAction::Update, Self::Draft), (ProjectAction::Submit, Self::Submitted)],
            Self::Returned => &[(ProjectAction::Update, Self::Returned), (ProjectAction::Submit, Self::Submitted)],
            Self::Submitted => &[
                (ProjectAction::Accept, Self::Accepted),
                (ProjectAction::Return, Self::Returned),
                (ProjectAction::Decline, Self::Declined),
            ],
            Self::Accepted | Self::Declined => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: ProjectAction) -> Result<Self, Refusal> {
        step(&Text::new("该合作项目", "The project"), self, action, self.offers())
    }
}

/// A project as the applicant describes it. The services are one facility's; that is seen to where
/// they are loaded.
#[derive(Debug, Clone, Copy)]
pub struct ProjectForm<'a> {
    /// What it is called.
    pub title: &'a str,
    /// The research it is part of.
    pub research: &'a str,
    /// How many services are chosen.
    pub services: usize,
    /// How many different vouchers are meant to pay.
    pub vouchers: usize,
    /// What the contract is expected to cost.
    pub planned_amount_fen: Money,
    /// Whether law or a compulsory standard demands the testing.
    pub is_statutory_testing: bool,
    /// Whether the project has had municipal science funding.
    pub has_municipal_funding: bool,
    /// Whether a chosen service is marked as statutory testing by its facility.
    pub has_statutory_service: bool,
}

/// The form of a project whenever it is written.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(form: &ProjectForm<'_>) -> Result<(), Refusal> {
    form_faults(form).done()
}

/// What a project must have to be handed to the facility: the form whole, at least one service and
/// one voucher, and a purpose that vouchers support.
///
/// # Errors
/// `validation_failed` with every fault, then `not_eligible` (see [`require_supported`]).
pub fn require_complete(form: &ProjectForm<'_>) -> Result<(), Refusal> {
    let mut faults = form_faults(form);
    faults.require(
        form.services > 0,
        "service_ids",
        "not_empty",
        "请至少选择一项开放单位的服务。",
        "choose at least one service of the facility.",
    );
    faults.require(
        form.vouchers > 0,
        "voucher_ids",
        "not_empty",
        "请至少选择一张拟使用的创新券。",
        "name at least one voucher that is meant to pay.",
    );
    faults.done()?;
    require_supported(form)
}

fn form_faults(form: &ProjectForm<'_>) -> Faults {
    let mut faults = Faults::default();
    faults.require_text("title", form.title, 200);
    faults.require_text("research", form.research, 5_000);
    faults.require_positive("planned_amount_fen", form.planned_amount_fen);
    faults
}

/// Art. 5, 12: vouchers support no statutory testing and no project that has had municipal funding.
///
/// # Errors
/// `not_eligible`, resting on Art. 5 or Art. 12.
pub fn require_supported(form: &ProjectForm<'_>) -> Result<(), Refusal> {
    not_statutory_testing(form.is_statutory_testing || form.has_statutory_service)?;
    no_municipal_funding(form.has_municipal_funding)
}

/// Art. 5: 强制检测和法定检测不纳入支持范围.
///
/// # Errors
/// `not_eligible`, resting on Art. 5.
pub fn not_statutory_testing(is_statutory_testing: bool) -> Result<(), Refusal> {
    if !is_statutory_testing {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::NotEligible,
        "法律法规或强制性标准要求的强制检测、法定检测不属于创新券支持范围;创新券用于研发活动中的分析、测试、检验、\
         研发等专业服务,请调整项目内容或所选服务。",
        "Testing that law or a compulsory standard demands is not paid with vouchers; they pay for analysis, testing, \
         inspection and research within research and development. Please change the project or its services.",
    )
    .article("5"))
}

/// Art. 12: 已获得过市级财政科技资金支持的项目不再重复支持.
fn no_municipal_funding(has_municipal_funding: bool) -> Result<(), Refusal> {
    if !has_municipal_funding {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::NotEligible,
        "已获得过市级财政科技资金支持的项目,创新券不再重复支持;请选择未获市级财政科技资金支持的项目。",
        "A project that has had municipal science funding is not supported again; please propose one that has not.",
    )
    .article("12"))
}

/// A project that a facility has seen stays with it: only a draft may go to another one.
///
/// # Errors
/// `validation_failed` that names `facility_id`.
pub fn require_facility_kept(status: ProjectStatus, is_kept: bool) -> Result<(), Refusal> {
    match status {
        ProjectStatus::Draft => Ok(()),
        ProjectStatus::Submitted | ProjectStatus::Returned | ProjectStatus::Accepted | ProjectStatus::Declined
            if is_kept =>
        {
            Ok(())
        }
        ProjectStatus::Submitted | ProjectStatus::Returned | ProjectStatus::Accepted | ProjectStatus::Declined => {
            Err(Refusal::field(
                "facility_id",
                "kept",
                "项目提交后不能更换开放单位;如需委托其他单位,请另建合作项目。",
                "once submitted, a project stays with its facility; please make another one for another facility.",
            ))
        }
    }
}

/// What the facility remarks on its decision: the applicant must read why a project is returned or
/// declined; a consent may go without.
///
/// # Errors
/// `validation_failed` that names `remarks`.
pub fn validate_remarks(action: ProjectAction, remarks: &str) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    match action {
        ProjectAction::Return | ProjectAction::Decline => faults.require_text("remarks", remarks, 2_000),
        ProjectAction::Accept | ProjectAction::Submit | ProjectAction::Update => {
            if !remarks.trim().is_empty() {
                faults.require_text("remarks", remarks, 2_000);
            }
        }
    }
    faults.done()
}

impl Named for ProjectStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "待开放单位确认",
            Self::Returned => "已退回修改",
            Self::Accepted => "已确认",
            Self::Declined => "已谢绝",
        }
    }
}

impl Named for ProjectAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Update => "修改",
            Self::Submit => "提交",
            Self::Accept => "确认",
            Self::Return => "退回",
            Self::Decline => "谢绝",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::yuan;

    fn form() -> ProjectForm<'static> {
        ProjectForm {
            title: "固态电池材料表征",
            research: "新型电解质的结构分析",
            services: 1,
            vouchers: 1,
            planned_amount_fen: yuan(120_000),
            is_statutory_testing: false,
            has_municipal_funding: false,
            has_statutory_service: false,
        }
    }

    #[test]
    fn a_whole_project_can_be_submitted() {
        assert!(require_complete(&form()).is_ok());
    }

    #[test]
    fn a_draft_may_lack_services_and_vouchers_but_a_submission_may_not() {
        let bare = ProjectForm { services: 0, vouchers: 0, ..form() };
        assert!(validate(&bare).is_ok());
        assert_eq!(require_complete(&bare).unwrap_err().fields.len(), 2);
        let blank = ProjectForm { title: "", research: " ", planned_amount_fen: Money::ZERO, ..form() };
        assert_eq!(validate(&blank).unwrap_err().fields.len(), 3);
    }

    #[test]
    fn statutory_testing_is_refused_by_article_5_whoever_says_so() {
        for form in [
            ProjectForm { is_statutory_testing: true, ..form() },
            ProjectForm { has_statutory_service: true, ..form() },
        ] {
            let refusal = require_complete(&form).unwrap_err();
            assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::NotEligible, Some("5")));
        }
    }

    #[test]
    fn a_project_with_municipal_funding_is_refused_by_article_12() {
        let refusal = require_complete(&ProjectForm { has_municipal_funding: true, ..form() }).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::NotEligible, Some("12")));
    }

    #[test]
    fn only_a_draft_goes_to_another_facility() {
        assert!(require_facility_kept(ProjectStatus::Draft, false).is_ok());
        assert!(require_facility_kept(ProjectStatus::Returned, true).is_ok());
        let refusal = require_facility_kept(ProjectStatus::Returned, false).unwrap_err();
        assert_eq!(refusal.fields[0].field, "facility_id");
    }

    #[test]
    fn a_no_says_why_and_a_yes_need_not() {
        assert!(validate_remarks(ProjectAction::Accept, "").is_ok());
        let most = "意".repeat(2_000);
        for action in [ProjectAction::Accept, ProjectAction::Return, ProjectAction::Decline] {
            assert!(validate_remarks(action, &most).is_ok());
            assert_eq!(validate_remarks(action, &format!("{most}见")).unwrap_err().fields[0].rule, "max_length");
        }
        for action in [ProjectAction::Return, ProjectAction::Decline] {
            assert_eq!(validate_remarks(action, " ").unwrap_err().fields[0].rule, "not_blank");
        }
    }

    #[test]
    fn it_goes_between_the_two_and_ends_with_a_yes_or_no() {
        use ProjectAction::{Accept, Decline, Return, Submit, Update};
        use ProjectStatus::{Accepted, Declined, Draft, Returned, Submitted};
        assert_eq!(Draft.after(Submit), Ok(Submitted));
        assert_eq!(Submitted.after(Return), Ok(Returned));
        assert_eq!(Returned.after(Update), Ok(Returned));
        assert_eq!(Returned.after(Submit), Ok(Submitted));
        assert_eq!(Submitted.after(Accept), Ok(Accepted));
        assert_eq!(Submitted.after(Decline), Ok(Declined));
        for (status, action) in [(Submitted, Update), (Draft, Accept), (Accepted, Return), (Declined, Submit)] {
            assert_eq!(status.after(action).unwrap_err().code, RefusalCode::InvalidState);
        }
    }
}
