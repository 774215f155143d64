//! 第十五条(二): the registration of a signed contract with its vouchers.

use super::vouchers::{ContractVoucher, RegisteredVoucher, in_claim_order, usable, within_validity};
use crate::facility::{ServingFacts, require_serving};
use crate::money::{BasisPoints, Money};
use crate::period::{Calendar, Day, Deadline, Instant};
use crate::policy::VoucherRules;
use crate::project::ProjectStatus;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::transition::Named;
use crate::voucher::require_not_banned;

/// Everything a registration is decided by, as it is at the instant of the decision. The parties
/// are the project's; that the project and the vouchers are theirs is seen to where they are
/// loaded, and answers `not_found`.
#[derive(Debug, Clone)]
pub struct RegistrationFacts<'a> {
    /// Where the project stands.
    pub project_status: ProjectStatus,
    /// Whether and until when the facility serves.
    pub facility: ServingFacts,
    /// The last day of a running ban of either party (Art. 17).
    pub banned_until: Option<Day>,
    /// The contract's number, unique per facility (the store sees to that).
    pub number: &'a str,
    /// The day both signed.
    pub signed_on: Day,
    /// The first day of the service.
    pub starts_on: Day,
    /// The last day of the service.
    pub ends_on: Day,
    /// What the service costs.
    pub amount_fen: Money,
    /// The vouchers that pay.
    pub vouchers: Vec<ContractVoucher>,
}

/// A registration that is granted: what the contract and its vouchers are written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The vouchers in claim order, each with its validity.
    pub vouchers: Vec<RegisteredVoucher>,
    /// The earliest end of a voucher's validity, within which the contract stays.
    pub valid_until: Deadline,
    /// By when the redemption must be submitted.
    pub redeem_by: Deadline,
}

/// Art. 12, 15.2: whether a contract is registered. Refusals come in this order, the first that
/// applies is answered:
///
/// 1. `validation_failed`: number, days, amount, vouchers given and named once
/// 2. `project_not_accepted`
/// 3. `facility_not_active`
/// 4. `banned`
/// 5. per voucher in claim order: `registration_overdue`, `validity_exceeded` (its own is over),
///    `voucher_not_claimed`
/// 6. `validation_failed` with `signed_on`: signed before the earliest claim
/// 7. `share_exceeded` with `maximum_fen`
/// 8. `validity_exceeded`: the contract ends after a voucher's validity
/// 9. `redemption_overdue`: the contract ended so long ago that its month for the redemption is over
///
/// # Errors
/// The first of these that applies.
pub fn register(
    rules: &VoucherRules,
    calendar: &Calendar,
    facts: RegistrationFacts<'_>,
    now: Instant,
) -> Result<Registration, Refusal> {
    require_form(&facts, now.day())?;
    require_accepted(facts.project_status)?;
    require_serving(facts.facility, facts.ends_on)?;
    require_not_banned(facts.banned_until, now.day())?;
    let vouchers = in_claim_order(facts.vouchers, ContractVoucher::claim);
    let registered =
        vouchers.iter().map(|voucher| usable(voucher, rules, calendar, now)).collect::<Result<Vec<_>, _>>()?;
    signed_after_claim(&vouchers, facts.signed_on)?;
    let sum_fen = Money::sum(vouchers.iter().map(|voucher| voucher.amount_fen))?;
    within_share(sum_fen, facts.amount_fen, rules.share_bps)?;
    for (voucher, registered) in vouchers.iter().zip(&registered) {
        within_validity(&voucher.number, facts.ends_on, &registered.valid_until)?;
    }
    Ok(Registration {
        valid_until: earliest(registered.iter().map(|voucher| &voucher.valid_until))?,
        redeem_by: super::running(super::redeem_by(facts.ends_on, rules, calendar)?, now)?,
        vouchers: registered,
    })
}

fn require_form(facts: &RegistrationFacts<'_>, today: Day) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_text("number", facts.number, 100);
    faults.require(
        facts.signed_on <= today,
        "signed_on",
        "not_in_future",
        format!("签订日期不能晚于今天 {today}。"),
        format!("must not be after today, {today}."),
    );
    require_days(&mut faults, facts.signed_on, facts.starts_on, facts.ends_on);
    faults.require_positive("amount_fen", facts.amount_fen);
    require_vouchers(&mut faults, &facts.vouchers);
    faults.done()
}

/// The contract's days are in order: it ends neither before it starts nor before it is signed.
pub(super) fn require_days(faults: &mut Faults, signed_on: Day, starts_on: Day, ends_on: Day) {
    faults.require(
        starts_on <= ends_on,
        "ends_on",
        "not_before_starts_on",
        format!("终止日不能早于开始日 {starts_on}。"),
        format!("must not be before the first day, {starts_on}."),
    );
    faults.require(
        signed_on <= ends_on,
        "ends_on",
        "not_before_signed_on",
        format!("终止日不能早于签订日 {signed_on}。"),
        format!("must not be before the signing day, {signed_on}."),
    );
}

fn require_vouchers(faults: &mut Faults, vouchers: &[ContractVoucher]) {
    faults.require(
        !vouchers.is_empty(),
        "voucher_ids",
        "not_empty",
        "请至少选择一张创新券。",
        "name at least one voucher.",
    );
    let mut ids: Vec<_> = vouchers.iter().map(|voucher| voucher.id).collect();
    ids.sort_unstable();
    ids.dedup();
    faults.require(
        ids.len() == vouchers.len(),
        "voucher_ids",
        "unique",
        "同一张创新券只能填写一次。",
        "name each voucher once.",
    );
}

/// Art. 15.2: the facility has confirmed the applicant and the project.
fn require_accepted(status: ProjectStatus) -> Result<(), Refusal> {
    match status {
        ProjectStatus::Accepted => Ok(()),
        ProjectStatus::Draft | ProjectStatus::Submitted | ProjectStatus::Returned | ProjectStatus::Declined => {
            Err(Refusal::new(
                RefusalCode::ProjectNotAccepted,
                format!("该合作项目当前为“{}”,须由开放单位审核确认后方可登记合同。", status.chinese()),
                format!(
                    "The project is {}; the facility must accept it before its contract is registered.",
                    status.english()
                ),
            )
            .article("15.2"))
        }
    }
}

/// Art. 15.2: a contract is signed after the vouchers are claimed, on the day of the earliest claim
/// at the soonest. The vouchers are in claim order.
fn signed_after_claim(vouchers: &[ContractVoucher], signed_on: Day) -> Result<(), Refusal> {
    let Some(claimed_on) = vouchers.first().map(|voucher| voucher.claimed_at.day()) else { return Ok(()) };
    if signed_on >= claimed_on {
        return Ok(());
    }
    Err(Refusal::field(
        "signed_on",
        "not_before_claim",
        format!("签订日期不能早于所用创新券的最早领取日 {claimed_on}。"),
        format!("must not be before the earliest claim among the vouchers, on {claimed_on}."),
    )
    .article("15.2"))
}

/// Art. 12: the vouchers pay at most their share of the contract.
pub(super) fn within_share(vouchers_fen: Money, amount_fen: Money, share: BasisPoints) -> Result<(), Refusal> {
    let maximum_fen = amount_fen.share(share);
    if vouchers_fen <= maximum_fen {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalCode::ShareExceeded,
        format!(
            "创新券合计 {vouchers_fen} 元,超过合同金额 {amount_fen} 元的 {share};本合同最多可使用 {maximum_fen} 元,\
             请减少所用创新券。"
        ),
        format!(
            "The vouchers sum to {vouchers_fen} yuan, more than {share} of the contract's {amount_fen} yuan; at most \
             {maximum_fen} yuan may be used for it. Please use fewer vouchers."
        ),
    )
    .article("12")
    .maximum(maximum_fen))
}

/// The deadline that ends first; there is one, since at least one voucher was asked for.
pub(super) fn earliest<'a>(deadlines: impl Iterator<Item = &'a Deadline>) -> Result<Deadline, Refusal> {
    deadlines.min_by_key(|deadline| deadline.expires_at).cloned().ok_or_else(|| {
        Refusal::field("voucher_ids", "not_empty", "请至少选择一张创新券。", "name at least one voucher.")
    })
}
