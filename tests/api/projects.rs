//! Proposing to a facility (Art. 5, 12, 15.2).
