//! Proposing a project to a facility (Art. 5, 9, 12, 15.2).

mod privacy;
mod proposing;
mod refusals;
