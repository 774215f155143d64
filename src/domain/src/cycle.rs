//! 第十二条: the issuing window (发放周期) with one total budget, first come first served.

use crate::coded_enum;
use crate::money::Money;
use crate::period::Instant;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::text::Text;
use crate::transition::{Named, Offers, step};

coded_enum! {
    /// What a budget is given out as.
    pub enum CycleKind ("kind of cycle") {
        /// Vouchers, claimed first come first served (Art. 12).
        Voucher = "voucher",
        /// Subsidies of a yearly assessment (Art. 11, 14): the ledger of its budget, from which nobody claims.
        Subsidy = "subsidy",
    }
}

impl CycleKind {
    /// Whether it is an issuing window, which is announced and claimed from.
    pub fn is_issuing(self) -> bool {
        match self {
            Self::Voucher => true,
            Self::Subsidy => false,
        }
    }
}

coded_enum! {
    /// What an officer has made of the cycle.
    pub enum CycleStatus ("cycle status") {
        /// Being prepared; nobody but the commission sees it.
        Draft = "draft",
        /// Announced: open from its opening to its closing instant.
        Published = "published",
        /// Closed by an officer before its time.
        Closed = "closed",
    }
}

coded_enum! {
    /// What the cycle is at an instant, as it is shown.
    pub enum CyclePhase ("cycle phase") {
        /// Being prepared.
        Draft = "draft",
        /// Announced, not open yet.
        Scheduled = "scheduled",
        /// Vouchers can be claimed.
        Open = "open",
        /// Within its time, but 发完即止: nothing is left.
        Exhausted = "exhausted",
        /// Over, by time or by an officer.
        Closed = "closed",
    }
}

coded_enum! {
    /// What an officer does with a cycle.
    pub enum CycleAction ("cycle action") {
        /// Changes its name, budget, policy or times.
        Change = "change",
        /// Announces it.
        Publish = "publish",
        /// Ends it before its time.
        Close = "close",
    }
}

/// When a cycle can be claimed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CycleWindow {
    /// What an officer has made of it.
    pub status: CycleStatus,
    /// The first instant of claims.
    pub opens_at: Instant,
    /// The instant at which, and after which, it is too late.
    pub closes_at: Instant,
}

impl CycleStatus {
    /// What can be done with a cycle in this state. A published cycle is what applicants rely on,
    /// so it can only be ended.
    pub fn offers(self) -> Offers<CycleAction, Self> {
        match self {
            Self::Draft => &[(CycleAction::Change, Self::Draft), (CycleAction::Publish, Self::Published)],
            Self::Published => &[(CycleAction::Close, Self::Closed)],
            Self::Closed => &[],
        }
    }

    /// The state after the action.
    ///
    /// # Errors
    /// `invalid_state` where this state does not offer it.
    pub fn after(self, action: CycleAction) -> Result<Self, Refusal> {
        step(&Text::new("该发放周期", "The cycle"), self, action, self.offers())
    }
}

/// The name, the budget (fen) and the times of a new or changed cycle (Art. 12).
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(name: &str, budget_fen: Money, opens_at: Instant, closes_at: Instant) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("name", name, 100);
    faults.require_positive("budget_fen", budget_fen);
    faults.require(
        opens_at < closes_at,
        "closes_at",
        "after_opens_at",
        format!("结束时间必须晚于开始时间 {opens_at}。"),
        format!("must be later than the opening at {opens_at}."),
    );
    faults.done()
}

/// Announces a draft; one whose time is over already would never open.
///
/// # Errors
/// `invalid_state` when it is not a draft, or closes now or earlier.
pub fn publish(window: CycleWindow, now: Instant) -> Result<CycleStatus, Refusal> {
    let next = window.status.after(CycleAction::Publish)?;
    if now >= window.closes_at {
        return Err(Refusal::invalid_state(
            format!("该发放周期的结束时间 {} 已过,请先修改起止时间再发布。", window.closes_at),
            format!(
                "The cycle would have closed at {}; please change its times before publishing it.",
                window.closes_at
            ),
        )
        .article("12"));
    }
    Ok(next)
}

/// What the cycle is at this instant, with so much left in its pool (fen).
pub fn phase(window: CycleWindow, remaining_fen: Money, now: Instant) -> CyclePhase {
    match window.status {
        CycleStatus::Draft => CyclePhase::Draft,
        CycleStatus::Closed => CyclePhase::Closed,
        CycleStatus::Published if now >= window.closes_at => CyclePhase::Closed,
        CycleStatus::Published if now < window.opens_at => CyclePhase::Scheduled,
        CycleStatus::Published if remaining_fen.is_positive() => CyclePhase::Open,
        CycleStatus::Published => CyclePhase::Exhausted,
    }
}

/// Art. 12, 15.1: vouchers are claimed from an open cycle; its opening instant is open, its closing
/// instant is too late.
///
/// # Errors
/// `cycle_not_open`, saying when it opens or that it is over.
pub fn require_open(window: CycleWindow, now: Instant) -> Result<(), Refusal> {
    let (opens_at, closes_at) = (window.opens_at, window.closes_at);
    let (chinese, english) = match window.status {
        CycleStatus::Published if now < opens_at => (
            format!("本周期尚未开始发放,将于 {opens_at} 开放领取,请届时再来。"),
            format!("The cycle is not open yet; it opens at {opens_at}. Please come back then."),
        ),
        CycleStatus::Published if now >= closes_at => (
            format!("本周期已于 {closes_at} 结束发放,请关注下一周期。"),
            format!("The cycle closed at {closes_at}; please look out for the next one."),
        ),
        CycleStatus::Published => return Ok(()),
        CycleStatus::Draft => (
            "本周期尚未发布,发布并到开放时间后方可领取。".to_owned(),
            "The cycle is not published yet; vouchers can be claimed once it is published and open.".to_owned(),
        ),
        CycleStatus::Closed => (
            "本周期已由管理部门关闭,请关注下一周期。".to_owned(),
            "The cycle was closed by the commission; please look out for the next one.".to_owned(),
        ),
    };
    Err(Refusal::new(RefusalCode::CycleNotOpen, chinese, english).article("12"))
}

impl Named for CycleStatus {
    fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Published => "已发布",
            Self::Closed => "已关闭",
        }
    }
}

impl Named for CycleAction {
    fn chinese(self) -> &'static str {
        match self {
            Self::Change => "修改",
            Self::Publish => "发布",
            Self::Close => "关闭",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, yuan};

    fn window(status: CycleStatus) -> CycleWindow {
        CycleWindow { status, opens_at: at("2026-09-01T09:00:00+08:00"), closes_at: at("2026-09-30T18:00:00+08:00") }
    }

    #[test]
    fn is_open_from_its_opening_instant_until_just_before_its_closing_instant() {
        let published = window(CycleStatus::Published);
        assert!(require_open(published, at("2026-09-01T08:59:59.999999+08:00")).is_err());
        assert!(require_open(published, at("2026-09-01T09:00:00+08:00")).is_ok());
        assert!(require_open(published, at("2026-09-30T17:59:59.999999+08:00")).is_ok());
        assert!(require_open(published, at("2026-09-30T18:00:00+08:00")).is_err());
    }

    #[test]
    fn a_refusal_says_when_it_opens() {
        let refusal = require_open(window(CycleStatus::Published), at("2026-08-31T00:00:00Z")).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::CycleNotOpen, Some("12")));
        assert!(refusal.message.zh.contains("2026-09-01T09:00:00+08:00"));
        assert!(refusal.message.en.contains("2026-09-01T09:00:00+08:00"));
    }

    #[test]
    fn a_draft_and_a_closed_cycle_are_never_open() {
        let within = at("2026-09-10T12:00:00+08:00");
        assert!(require_open(window(CycleStatus::Draft), within).is_err());
        assert!(require_open(window(CycleStatus::Closed), within).is_err());
    }

    #[test]
    fn its_phase_follows_the_instant_and_the_pool() {
        let published = window(CycleStatus::Published);
        let within = at("2026-09-10T12:00:00+08:00");
        assert_eq!(phase(published, yuan(1), at("2026-09-01T08:59:59+08:00")), CyclePhase::Scheduled);
        assert_eq!(phase(published, Money::from_fen(1), within), CyclePhase::Open);
        assert_eq!(phase(published, Money::ZERO, within), CyclePhase::Exhausted);
        assert_eq!(phase(published, yuan(1), published.closes_at), CyclePhase::Closed);
        assert_eq!(phase(window(CycleStatus::Draft), yuan(1), within), CyclePhase::Draft);
        assert_eq!(phase(window(CycleStatus::Closed), yuan(1), within), CyclePhase::Closed);
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let opens = at("2026-09-01T09:00:00+08:00");
        let refusal = validate(" ", Money::ZERO, opens, opens).unwrap_err();
        let fields: Vec<_> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["name", "budget_fen", "closes_at"]);
        assert!(validate("2026年第三期", Money::from_fen(1), opens, at("2026-09-01T09:00:01+08:00")).is_ok());
    }

    #[test]
    fn only_a_draft_whose_time_is_not_over_is_published() {
        let draft = window(CycleStatus::Draft);
        assert_eq!(publish(draft, at("2026-09-30T17:59:59+08:00")), Ok(CycleStatus::Published));
        assert_eq!(publish(draft, draft.closes_at).unwrap_err().code, RefusalCode::InvalidState);
        assert!(publish(window(CycleStatus::Published), draft.opens_at).is_err());
        assert!(CycleStatus::Draft.after(CycleAction::Close).is_err());
        assert_eq!(CycleStatus::Published.after(CycleAction::Close), Ok(CycleStatus::Closed));
        assert!(CycleStatus::Published.after(CycleAction::Change).is_err());
    }
}
