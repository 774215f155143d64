//! Asking to be paid (Art. 12, 15.3).
