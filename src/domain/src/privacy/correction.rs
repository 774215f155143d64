//! 个人信息保护法 第四十六条: what people want corrected of what is held about them, where they cannot
//! change it themselves.

use super::Personal;
use crate::applicant::Uscc;
use crate::coded_enum;
use crate::refusal::{Faults, Refusal};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// What is to be corrected.
    pub enum CorrectionField ("field of a correction") {
        /// The address to log in with; the new one is to be proved.
        Email = "email",
        /// What the applicant is called; a facility states its name itself.
        OrganizationName = "organization_name",
        /// The applicant's 统一社会信用代码.
        Uscc = "uscc",
        /// Anything else, which an administrator sees to by hand.
        Other = "other",
    }
}

coded_enum! {
    /// Where a request for a correction is.
    pub enum CorrectionStatus ("status of a correction") {
        /// Waits for an administrator.
        Requested = "requested",
        /// Was made.
        Made = "made",
        /// Was refused, with the reason.
        Refused = "refused",
        /// Was taken back.
        Withdrawn = "withdrawn",
    }
}

coded_enum! {
    /// What becomes of a request for a correction.
    pub enum CorrectionDecision ("decision on a correction") {
        /// It is made.
        Make = "make",
        /// It is refused, with the reason.
        Refuse = "refuse",
        /// Who asked takes it back.
        Withdraw = "withdraw",
    }
}

/// A correction as it is asked for. Not to be printed.
#[derive(Clone, Copy)]
pub struct CorrectionForm<'a> {
    /// What is to be corrected.
    pub field: CorrectionField,
    /// What it should be.
    pub proposed: &'a Personal,
    /// Why.
    pub grounds: &'a str,
    /// Whether who asks acts for an applicant.
    pub is_applicant: bool,
}

/// The form of a request; an address is checked where accounts are.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate_correction(form: &CorrectionForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("proposed", form.proposed.reveal(), 500);
    faults.require_text("grounds", form.grounds, 2_000);
    let is_of_applicants = match form.field {
        CorrectionField::OrganizationName | CorrectionField::Uscc => true,
        CorrectionField::Email | CorrectionField::Other => false,
    };
    faults.require(
        form.is_applicant || !is_of_applicants,
        "field",
        "applicant",
        "仅申领单位可申请更正单位名称和统一社会信用代码;开放单位请通过单位信息(PUT /me/facility)变更。",
        "only an applicant asks for this; a facility states its name anew (PUT /me/facility).",
    );
    if form.field == CorrectionField::Uscc
        && let Err(error) = Uscc::parse(form.proposed.reveal())
    {
        let text = error.text();
        faults.add("proposed", error.rule(), text.zh, text.en);
    }
    faults.done()
}

impl CorrectionStatus {
    /// What can become of a request in this state.
    pub fn offers(self) -> Offers<CorrectionDecision, Self> {
        match self {
            Self::Requested => &[
                (CorrectionDecision::Make, Self::Made),
                (CorrectionDecision::Refuse, Self::Refused),
                (CorrectionDecision::Withdraw, Self::Withdrawn),
            ],
            Self::Made | Self::Refused | Self::Withdrawn => &[],
        }
    }
}

/// The state after a decision. A refusal says why, and so does a correction that is made by hand.
///
/// # Errors
/// `invalid_state` when it was decided or taken back; `validation_failed` with `remarks`.
pub fn decide_correction(
    status: CorrectionStatus,
    field: CorrectionField,
    decision: CorrectionDecision,
    remarks: &str,
) -> Result<CorrectionStatus, Refusal> {
    let next = step(&Text::new("该更正申请", "The request"), status, decision, status.offers())?;
    let must_say = match (decision, field) {
        (CorrectionDecision::Refuse, _) | (CorrectionDecision::Make, CorrectionField::Other) => true,
        (
            CorrectionDecision::Make,
            CorrectionField::Email | CorrectionField::OrganizationName | CorrectionField::Uscc,
        )
        | (CorrectionDecision::Withdraw, _) => false,
    };
    let mut faults = Faults::default();
    if must_say || !remarks.trim().is_empty() {
        faults.require_text("remarks", remarks, 2_000);
    }
    faults.done()?;
    Ok(next)
}

impl Named for CorrectionField {
    fn chinese(self) -> &'static str {
        match self {
            Self::Email => "登录邮箱",
            Self::OrganizationName => "单位名称",
            Self::Uscc => "统一社会信用代码",
            Self::Other => "其他信息",
        }
    }
}

impl Named for CorrectionStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Requested => "待办理",
            Self::Made => "已更正",
            Self::Refused => "未予更正",
            Self::Withdrawn => "已撤回",
        }
    }
}

impl Named for CorrectionDecision {
    fn chinese(self) -> &'static str {
        match self {
            Self::Make => "更正",
            Self::Refuse => "不予更正",
            Self::Withdraw => "撤回",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::RefusalCode;

    fn ask(field: CorrectionField, proposed: &str, is_applicant: bool) -> Result<(), Refusal> {
        validate_correction(&CorrectionForm {
            field,
            proposed: &Personal::new(proposed),
            grounds: "有误",
            is_applicant,
        })
    }

    #[test]
    fn a_request_says_what_and_why_and_is_of_whom_it_concerns() {
        assert!(ask(CorrectionField::Email, "li@firm.test", false).is_ok());
        assert!(ask(CorrectionField::OrganizationName, "北京某科技有限公司", true).is_ok());
        assert!(ask(CorrectionField::OrganizationName, "北京某科技有限公司", false).is_err());
        assert!(ask(CorrectionField::Uscc, "911101080000000001", true).is_err());
        assert!(ask(CorrectionField::Other, " ", true).is_err());
    }

    #[test]
    fn a_refusal_and_what_is_done_by_hand_are_explained() {
        use CorrectionDecision::{Make, Refuse, Withdraw};
        let decide =
            |field, decision, remarks| decide_correction(CorrectionStatus::Requested, field, decision, remarks);
        assert_eq!(decide(CorrectionField::Email, Make, ""), Ok(CorrectionStatus::Made));
        assert_eq!(decide(CorrectionField::Other, Make, "已更正姓名"), Ok(CorrectionStatus::Made));
        assert_eq!(decide(CorrectionField::Uscc, Withdraw, ""), Ok(CorrectionStatus::Withdrawn));
        for (field, decision) in [(CorrectionField::Other, Make), (CorrectionField::Email, Refuse)] {
            assert_eq!(
                decide(field, decision, " ").map_err(|refusal| refusal.code),
                Err(RefusalCode::ValidationFailed)
            );
        }
    }

    #[test]
    fn what_is_decided_stays_so() {
        for status in [CorrectionStatus::Made, CorrectionStatus::Refused, CorrectionStatus::Withdrawn] {
            let again = decide_correction(status, CorrectionField::Email, CorrectionDecision::Make, "");
            assert_eq!(again.map_err(|refusal| refusal.code), Err(RefusalCode::InvalidState));
        }
    }
}
