//! Redemptions, reviews, notices and payments, as most tests need them.
