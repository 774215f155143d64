//! The clocks. Only [`SystemClock`] reads the system's.

use std::sync::{Mutex, PoisonError};

use voucher_domain::period::Instant;

use crate::services::ports::{Clock, MovableClock};

/// The system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::from_utc(chrono::Utc::now())
    }
}

/// A clock that stands still until it is moved, and is only ever moved forward.
#[derive(Debug)]
pub struct SimulatedClock {
    now: Mutex<Instant>,
}

impl SimulatedClock {
    /// A clock that stands at this instant.
    pub fn at(now: Instant) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Moves the clock to this instant; `false` when that is in its past, and nothing happens.
    pub fn move_to(&self, instant: Instant) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let forward = instant >= *now;
        if forward {
            *now = instant;
        }
        forward
    }
}

impl MovableClock for SimulatedClock {
    fn move_to(&self, instant: Instant) -> bool {
        Self::move_to(self, instant)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
