//! The simulated clock, where the program was started with one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voucher_domain::period::Instant;
use voucher_domain::refusal::Refusal;

use super::{Call, Outcome};

/// Where the clock is to be moved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockForm {
    /// The new present; not before the old one.
    pub now: Instant,
}

/// What the clock shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// The present.
    pub now: Instant,
}

/// What the clock shows.
///
/// # Errors
/// None.
pub fn clock(call: &mut Call<'_>) -> Outcome<ClockView> {
    Ok(ClockView { now: call.now })
}

/// Moves the clock forward.
///
/// # Errors
/// `validation_failed` for an instant in its past: what has happened has happened.
pub fn move_clock(call: &mut Call<'_>, form: ClockForm) -> Outcome<ClockView> {
    let clock = call.program.simulated_clock.as_ref().ok_or_else(Refusal::not_found)?;
    if !clock.move_to(form.now) {
        let (zh, en) = (
            format!("时钟只能向前拨,当前为 {}。", call.now),
            format!("the clock only moves forward; it shows {}.", call.now),
        );
        return Err(Refusal::field("now", "forward", zh, en).into());
    }
    Ok(ClockView { now: form.now })
}
