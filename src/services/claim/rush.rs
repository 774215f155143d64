//! Whether many are claiming at this moment: then what can wait lets the claims go first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// From so many claims at once on, it is a rush: fewer come on an ordinary day.
const CROWD: usize = 8;

/// How many claims wait for their answer.
#[derive(Debug, Default)]
pub struct Rush(Arc<AtomicUsize>);

/// A claim that waits for its answer; counted until this is dropped.
#[derive(Debug)]
pub struct InRush(Arc<AtomicUsize>);

impl Rush {
    /// Counts a claim.
    pub fn enter(&self) -> InRush {
        self.0.fetch_add(1, Ordering::Relaxed);
        InRush(Arc::clone(&self.0))
    }

    /// Whether many claim at this moment.
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= CROWD
    }
}

impl Drop for InRush {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rush_lasts_while_many_wait() {
        let rush = Rush::default();
        let mut claims: Vec<InRush> = (1..CROWD).map(|_| rush.enter()).collect();
        assert!(!rush.is_on());
        claims.push(rush.enter());
        assert!(rush.is_on());
        claims.pop();
        assert!(!rush.is_on());
    }
}
