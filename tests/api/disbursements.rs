//! Paying in batches (Art. 15.5).
