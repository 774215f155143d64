//! How often one address may call what invites guessing. Measured by the injected clock.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use voucher_domain::refusal::{Refusal, RefusalCode};

use crate::services::Program;
use crate::services::ports::Clock;

/// The injected clock, as governor reads it.
#[derive(Clone)]
struct Injected(Arc<dyn Clock>);

/// An instant of the injected clock, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Nanoseconds(u64);

impl std::ops::Add<Nanos> for Nanoseconds {
    type Output = Self;
    fn add(self, nanos: Nanos) -> Self {
        Self(self.0.saturating_add(nanos.as_u64()))
    }
}

impl Reference for Nanoseconds {
    fn duration_since(&self, earlier: Self) -> Nanos {
        Nanos::new(self.0.saturating_sub(earlier.0))
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.as_u64()))
    }
}

impl GovernorClock for Injected {
    type Instant = Nanoseconds;
    fn now(&self) -> Nanoseconds {
        let nanoseconds = self.0.now().utc().timestamp_nanos_opt().unwrap_or_default();
        Nanoseconds(u64::try_from(nanoseconds).unwrap_or_default())
    }
}

type ByAddress = RateLimiter<String, DashMapStateStore<String>, Injected, NoOpMiddleware<Nanoseconds>>;

/// Counts calls by address.
pub struct Limiter {
    // None: calls are not counted.
    limiter: Option<ByAddress>,
    clock: Injected,
}

impl Limiter {
    /// With the configured number of calls a minute.
    pub fn new(program: &Program) -> Self {
        let clock = Injected(Arc::clone(&program.clock));
        let limiter = NonZeroU32::new(program.settings.auth.guesses_per_minute)
            .map(|calls| RateLimiter::new(Quota::per_minute(calls), DashMapStateStore::default(), clock.clone()));
        Self { limiter, clock }
    }

    /// Lets a call in, or says when to come back.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn admit(&self, address: &str) -> Result<(), Refusal> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.check_key(&address.to_owned()).map_err(|until| self.refusal(&until))
    }

    fn refusal(&self, until: &NotUntil<Nanoseconds>) -> Refusal {
        let wait: Duration = until.wait_time_from(self.clock.now());
        // A part of a second is waited for as a whole one.
        let seconds = i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
        Refusal::new(
            RefusalCode::RateLimited,
            format!("请求过于频繁,请在 {seconds} 秒后再试。"),
            format!("Too many requests; please try again in {seconds} seconds."),
        )
        .retry_after(seconds)
    }
}
