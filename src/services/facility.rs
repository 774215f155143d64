//! Facilities as officers enter them, and what they sell.
