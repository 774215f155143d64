//! 第十六、十七条: what must not be done, how the party is heard, and what follows from it.
//!
//! An officer records a violation with its evidence; the party states its side before a deadline; an
//! officer proposes sanctions, and another one approves them: from that instant they bind.

mod clawback;
mod sanction;
mod violation;

pub use clawback::{ClawbackStatus, apportion, receive, recoverable, validate_receipt};
pub use sanction::{
    Measure, SanctionKind, SanctionStatus, ban_until, is_unperformed, require_liftable, standing, validate_measures,
};
pub use violation::{
    ViolationAction, ViolationKind, ViolationStatus, approve, decide, make_statement, statement_by, validate_facts,
    validate_reasons,
};

/// The longest text that a violation, a statement or a decision takes.
const MAX_TEXT_CHARACTERS: usize = 5_000;
