//! Facilities and what they sell (Art. 6).
