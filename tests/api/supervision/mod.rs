//! Supervision and sanctions (Art. 16, 17).

mod banning;
mod clawing_back;
mod delisting;
mod hearing;
mod proving;
mod showing;
mod suspending;
