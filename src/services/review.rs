//! Experts and what they review (Art. 15.4).
