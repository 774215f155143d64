//! How often one address may call what invites guessing. Measured by the injected clock.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use voucher_domain::refusal::{Refusal, RefusalCode};

use crate::services::ports::Clock;

/// After so many calls, addresses that have not called for long are forgotten.
const CALLS_BETWEEN_CLEANINGS: u32 = 1000;

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
    calls: AtomicU32,
}

impl Limiter {
    /// With so many calls a minute by this clock; 0: any number.
    pub fn new(calls_a_minute: u32, clock: Arc<dyn Clock>) -> Self {
        let clock = Injected(clock);
        let limiter = NonZeroU32::new(calls_a_minute)
            .map(|calls| RateLimiter::new(Quota::per_minute(calls), DashMapStateStore::default(), clock.clone()));
        Self { limiter, clock, calls: AtomicU32::new(0) }
    }

    /// Lets a call in, or says when to come back.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn admit(&self, address: &str) -> Result<(), Refusal> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        // The count may wrap; it only says when to clean.
        if self.calls.fetch_add(1, Ordering::Relaxed).checked_rem(CALLS_BETWEEN_CLEANINGS) == Some(0) {
            limiter.retain_recent();
        }
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

/// The address that calls are counted by. Each trusted proxy appends whom it was called by to
/// `X-Forwarded-For`, so that the last one that is no proxy of ours is the caller; what stands before
/// it anybody may have written. IPv6 callers are counted by their network, of which each has plenty.
pub fn counted_address(peer: IpAddr, forwarded_for: &str, trusted_proxies: &[IpAddr]) -> String {
    let mut caller = peer.to_canonical();
    for hop in forwarded_for.rsplit(',') {
        if !trusted_proxies.contains(&caller) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => caller = address.to_canonical(),
            Err(_) => break,
        }
    }
    match caller {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use voucher_domain::period::Instant;

    use super::*;

    struct Hand(Mutex<Instant>);

    impl Clock for Hand {
        fn now(&self) -> Instant {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn addresses_are_counted_apart_and_forgotten_in_time() {
        let start: Instant = "2026-03-02T10:00:00+08:00".parse().unwrap();
        let clock = Arc::new(Hand(Mutex::new(start)));
        let limiter = Limiter::new(2, clock.clone());
        for address in ["a", "a", "b", "b"] {
            assert!(limiter.admit(address).is_ok());
        }
        let refusal = limiter.admit("a").unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after_seconds), (RefusalCode::RateLimited, Some(30)));
        *clock.0.lock().unwrap() = start.plus_seconds(30).unwrap();
        assert!(limiter.admit("a").is_ok() && limiter.admit("a").is_err());

        *clock.0.lock().unwrap() = start.plus_seconds(3600).unwrap();
        for number in 0..CALLS_BETWEEN_CLEANINGS {
            assert!(limiter.admit(&number.to_string()).is_ok());
        }
        *clock.0.lock().unwrap() = start.plus_seconds(7200).unwrap();
        for _ in 0..CALLS_BETWEEN_CLEANINGS {
            // Refused calls clean too.
            let _ = limiter.admit("c");
        }
        assert_eq!(limiter.limiter.as_ref().unwrap().len(), 1, "only the last address is remembered");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_of_ours_is_the_caller() {
        let trusted: Vec<IpAddr> = ["10.0.0.1", "10.0.0.2"].iter().map(|text| text.parse().unwrap()).collect();
        let counted = |peer: &str, forwarded: &str| counted_address(peer.parse().unwrap(), forwarded, &trusted);
        assert_eq!(counted("203.0.113.7", ""), "203.0.113.7");
        assert_eq!(counted("203.0.113.7", "198.51.100.1"), "203.0.113.7", "anybody can send the header");
        assert_eq!(counted("10.0.0.1", "198.51.100.1, 203.0.113.7"), "203.0.113.7");
        assert_eq!(counted("10.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.2"), "203.0.113.7");
        assert_eq!(counted("10.0.0.1", ""), "10.0.0.1");
        assert_eq!(counted("10.0.0.1", "203.0.113.7, nonsense"), "10.0.0.1");
        assert_eq!(counted("::ffff:10.0.0.1", "203.0.113.7"), "203.0.113.7");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6", ""), "2001:db8:1:2::/64");
    }
}
