//! 第六、七、十四、十五条: what has to be done by when, and by whom; and when people are reminded of it.

use crate::coded_enum;
use crate::period::{Day, Instant, days_before};
use crate::refusal::Refusal;
use crate::text::Text;

coded_enum! {
    /// What a deadline is for.
    pub enum DeadlineKind ("kind of deadline") {
        /// Art. 15.2: a contract must be registered with a claimed voucher.
        Registration = "registration",
        /// Art. 15.2: a voucher that a termination freed must find another contract.
        Validity = "validity",
        /// Art. 15.3: the redemption of a contract must be submitted.
        Redemption = "redemption",
        /// A returned redemption must be corrected.
        Correction = "correction",
        /// Art. 15.5: a notice ends; until then anyone may object.
        NoticeEnd = "notice_end",
        /// Art. 6: a facility's announced last day.
        FacilityExit = "facility_exit",
        /// Art. 7, 12: a certificate that a limit rests on ends.
        CertificateExpiry = "certificate_expiry",
        /// Art. 17: the party may state its side before a decision.
        Statement = "statement",
        /// Art. 15.4: an expert's review waits; the text sets no day for it.
        Review = "review",
        /// Art. 14.2: the last day of submissions to the yearly assessment.
        Assessment = "assessment",
        /// Art. 14.3: an expert's scores wait; the text sets no day for them.
        AssessmentReview = "assessment_review",
    }
}

coded_enum! {
    /// In which part somebody has to act.
    pub enum Part ("part") {
        /// 申领单位.
        Applicant = "applicant",
        /// 开放单位.
        Facility = "facility",
        /// 专家.
        Expert = "expert",
        /// 市科委、中关村管委会.
        Officer = "officer",
    }
}

impl DeadlineKind {
    /// The article it rests on, where one speaks.
    pub fn article(self) -> Option<&'static str> {
        match self {
            Self::Registration | Self::Validity => Some("15.2"),
            Self::Redemption => Some("15.3"),
            Self::Correction => None,
            Self::NoticeEnd => Some("15.5"),
            Self::FacilityExit => Some("6"),
            Self::CertificateExpiry => Some("12"),
            Self::Statement => Some("17"),
            Self::Review => Some("15.4"),
            Self::Assessment | Self::AssessmentReview => Some("14"),
        }
    }

    /// What it is called.
    pub fn title(self) -> Text {
        match self {
            Self::Registration => Text::new("合同登记期限", "Registration of a contract"),
            Self::Validity => Text::new("创新券有效期", "Validity of a voucher"),
            Self::Redemption => Text::new("兑现申请期限", "Redemption of a contract"),
            Self::Correction => Text::new("兑现补正期限", "Correction of a redemption"),
            Self::NoticeEnd => Text::new("公示截止", "End of a notice"),
            Self::FacilityExit => Text::new("退出平台日", "Exit of a facility"),
            Self::CertificateExpiry => Text::new("证书到期", "End of a certificate"),
            Self::Statement => Text::new("陈述申辩期限", "Statement about a violation"),
            Self::Review => Text::new("待评审", "Review to be given"),
            Self::Assessment => Text::new("绩效考核申报截止", "End of submissions to the assessment"),
            Self::AssessmentReview => Text::new("待考核评分", "Scores to be given"),
        }
    }

    /// What is to be done, in a few words: 请完成……
    pub fn task(self) -> Text {
        match self {
            Self::Registration => Text::new("登记服务合同", "register the contract of"),
            Self::Validity => Text::new("将创新券用于新的合同", "find another contract for"),
            Self::Redemption => Text::new("提交兑现申请", "submit the redemption of"),
            Self::Correction => Text::new("补正并重新提交兑现申请", "correct and submit again the redemption of"),
            Self::NoticeEnd => Text::new("关注公示并处理异议", "see to objections to the notice of"),
            Self::FacilityExit => Text::new("办理退出事宜", "prepare the exit of"),
            Self::CertificateExpiry => Text::new("更新证书", "renew"),
            Self::Statement => Text::new("提交陈述申辩", "state your side about"),
            Self::Review => Text::new("提交评审意见", "review the redemption of"),
            Self::Assessment => Text::new("提交绩效考核申报", "hand in the submission to"),
            Self::AssessmentReview => Text::new("提交绩效考核评分", "score the submission of"),
        }
    }

    /// What whoever acts in this part has to do about the thing of this name.
    pub fn what_to_do(self, part: Part, name: &str) -> Text {
        match (self, part) {
            (Self::Registration, Part::Facility) => Text::new(
                format!("请在期限内确认合作项目并登记服务合同;逾期未登记,创新券 {name} 自动作废。"),
                format!(
                    "Please decide on the project and register the contract in time; voucher {name} is void otherwise."
                ),
            ),
            (Self::Registration, Part::Applicant | Part::Expert | Part::Officer) => Text::new(
                format!("请在期限内与开放单位签订服务合同,并由开放单位登记;逾期未登记,创新券 {name} 自动作废。"),
                format!(
                    "Please have the contract signed, and registered by the facility, in time; voucher {name} is void otherwise."
                ),
            ),
            (Self::Validity, Part::Facility) => Text::new(
                format!("请在创新券 {name} 的有效期内登记新的服务合同;有效期届满即作废。"),
                format!("Please register the new contract while voucher {name} is valid; it is void after that."),
            ),
            (Self::Validity, Part::Applicant | Part::Expert | Part::Officer) => Text::new(
                format!("创新券 {name} 未绑定合同,请在有效期内用于新的服务合同;有效期届满即作废。"),
                format!(
                    "Voucher {name} is bound to no contract; please use it for another one while it is valid, or it is void."
                ),
            ),
            (Self::Redemption, _) => Text::new(
                format!("请在期限内提交合同 {name} 的兑现申请;逾期未提交,所用创新券自动作废。"),
                format!("Please submit the redemption of contract {name} in time; its vouchers are void otherwise."),
            ),
            (Self::Correction, _) => Text::new(
                format!("合同 {name} 的兑现申请已退回,请在期限内补正并重新提交;逾期未提交,所用创新券自动作废。"),
                format!(
                    "The redemption of contract {name} was returned; please correct and submit it again in time, or its vouchers are void."
                ),
            ),
            (Self::NoticeEnd, Part::Officer) => Text::new(
                "公示即将结束,请处理尚未答复的异议。",
                "The notice is about to end; please resolve what objections are open.",
            ),
            (Self::NoticeEnd, Part::Applicant | Part::Facility | Part::Expert) => Text::new(
                format!("合同 {name} 的兑现正在公示;公示期内可提出异议,无异议的转入拨付。"),
                format!(
                    "The redemption of contract {name} is published; objections are taken until then, and without one it goes on to payment."
                ),
            ),
            (Self::FacilityExit, _) => Text::new(
                format!("{name} 将于当日退出平台;此后结束的合同不能登记,已登记的合同请继续履行。"),
                format!(
                    "{name} leaves the platform on this day; no contract that ends later can be registered, and those registered are to be honoured."
                ),
            ),
            (Self::CertificateExpiry, _) => Text::new(
                format!("{name} 即将到期;到期后不再据此计算年度额度,请及时更新单位信息。"),
                format!(
                    "{name} is about to end; the yearly limit no longer rests on it then. Please state your facts anew in time."
                ),
            ),
            (Self::Statement, _) => Text::new(
                format!("贵单位涉嫌“{name}”已立案,可在期限内陈述申辩并提交证据;逾期未陈述的,依现有证据作出处理。"),
                format!(
                    "A violation is recorded ({name}); you may state your side with evidence in time, and it is decided on what there is otherwise."
                ),
            ),
            (Self::Assessment, _) => Text::new(
                format!("请在期限内填报并提交“{name}”的申报书和附件;逾期不再受理,不能参加本次考核。"),
                format!("Please hand in the submission to \"{name}\" with its files in time; none is taken later."),
            ),
            (Self::AssessmentReview, _) => Text::new(
                format!("请对 {name} 的绩效考核申报评分,或申请回避。"),
                format!("Please score the submission of {name} to the yearly assessment, or step back from it."),
            ),
            (Self::Review, _) => Text::new(
                format!("请评审合同 {name} 的兑现申请,或申请回避。"),
                format!("Please review the redemption of contract {name}, or step back from it."),
            ),
        }
    }
}

/// How many days before a last day people are reminded: twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ahead {
    /// Five days before.
    FiveDays,
    /// On the day before.
    OneDay,
}

impl Ahead {
    /// The first reminder's days.
    pub const MOST_DAYS: u32 = 5;

    /// The number of days.
    pub fn days(self) -> u32 {
        match self {
            Self::FiveDays => Self::MOST_DAYS,
            Self::OneDay => 1,
        }
    }
}

const SECONDS_AN_HOUR: i64 = 3600;

/// Which reminder of a deadline is due at an instant. Each opens on its day at the given hour; the first
/// may be sent until the second opens, the second until the deadline is over: a server that was down
/// sends late what still helps, and never both at once.
///
/// # Errors
/// `validation_failed` outside the years 1 to 9999.
pub fn reminder_due(last_day: Day, expires_at: Instant, now: Instant, hour: u8) -> Result<Option<Ahead>, Refusal> {
    if now >= expires_at {
        return Ok(None);
    }
    for ahead in [Ahead::OneDay, Ahead::FiveDays] {
        let day = days_before(last_day, ahead.days())?;
        let opens_at = Instant::start_of(day)?.plus_seconds(i64::from(hour).saturating_mul(SECONDS_AN_HOUR))?;
        if now >= opens_at {
            return Ok(Some(ahead));
        }
    }
    Ok(None)
}

/// As far as an instant looks ahead for reminders: every deadline whose first reminder may be due ends
/// by then.
///
/// # Errors
/// `validation_failed` outside the years 1 to 9999.
pub fn reminder_horizon(now: Instant) -> Result<Instant, Refusal> {
    const SECONDS_A_DAY: i64 = 24 * SECONDS_AN_HOUR;
    // The last day itself ends a day after it begins.
    now.plus_seconds(i64::from(Ahead::MOST_DAYS).saturating_add(1).saturating_mul(SECONDS_A_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{at, day as on};
    use crate::period::Deadline;

    #[test]
    fn each_reminder_opens_on_its_day_at_its_hour_and_the_first_ends_with_the_second() {
        let (last_day, end) = (on("2026-03-17"), at("2026-03-18T00:00:00+08:00"));
        let cases = [
            ("2026-03-12T07:59:59.999999+08:00", None),
            ("2026-03-12T08:00:00+08:00", Some(Ahead::FiveDays)),
            ("2026-03-16T07:59:59.999999+08:00", Some(Ahead::FiveDays)),
            ("2026-03-16T08:00:00+08:00", Some(Ahead::OneDay)),
            ("2026-03-17T23:59:59.999999+08:00", Some(Ahead::OneDay)),
            ("2026-03-18T00:00:00+08:00", None),
        ];
        for (now, due) in cases {
            assert_eq!(reminder_due(last_day, end, at(now), 8), Ok(due), "{now}");
        }
        assert_eq!(reminder_due(last_day, end, at("2026-03-12T00:00:00+08:00"), 0), Ok(Some(Ahead::FiveDays)));
    }

    #[test]
    fn the_horizon_holds_every_deadline_with_a_reminder_due() {
        let now = at("2026-03-12T00:00:00+08:00");
        let horizon = reminder_horizon(now).unwrap();
        assert_eq!(Deadline::end_of(on("2026-03-17")), Ok(horizon));
        assert_eq!(reminder_due(on("2026-03-18"), Deadline::end_of(on("2026-03-18")).unwrap(), now, 0), Ok(None));
    }

    #[test]
    fn every_kind_says_what_to_do_in_both_languages() {
        for kind in DeadlineKind::ALL {
            for part in Part::ALL {
                let text = kind.what_to_do(*part, "X");
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{kind} {part}");
            }
        }
    }
}
