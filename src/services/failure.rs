//! How a use case ends when it does not end well.

use voucher_domain::money::MoneyOverflow;
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::{StorageError, TransactionError};

/// The end of a use case: its answer, or why there is none.
pub type Outcome<T> = Result<T, Failure>;

/// Why a use case gave no answer.
#[derive(Debug)]
pub enum Failure {
    /// A rule said no: nothing is changed.
    Refused(Box<Refusal>),
    /// A rule said no, and what was written on the way to that answer stays: the count of failed
    /// logins, a revoked family of tokens.
    RefusedAndKept(Box<Refusal>),
    /// The store failed.
    Storage(StorageError),
    /// Something of ours is not as it must be; the text is for the log, never for the answer.
    Internal(String),
}

impl Failure {
    /// A refusal whose traces stay written.
    pub fn kept(refusal: Refusal) -> Self {
        Self::RefusedAndKept(Box::new(refusal))
    }

    /// Whether a rule said no, and no more is wrong: work on many things leaves this one out and goes
    /// on. A refusal that tells of a state that cannot be is a failure like any other.
    pub fn is_by_rule(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.code != RefusalCode::Internal,
            Self::RefusedAndKept(_) | Self::Storage(_) | Self::Internal(_) => false,
        }
    }

    /// A refusal where no rule can refuse: a fault of ours, of which nothing may be kept.
    pub fn as_fault(self) -> Self {
        match self {
            Self::Refused(_) | Self::RefusedAndKept(_) => Self::internal(self.to_string()),
            Self::Storage(_) | Self::Internal(_) => self,
        }
    }

    /// The "no" of a rule, where it is an answer among others.
    ///
    /// # Errors
    /// Every other failure, as it is.
    pub fn by_rule(self) -> Result<Refusal, Self> {
        match self {
            Self::Refused(refusal) if refusal.code != RefusalCode::Internal => Ok(*refusal),
            other @ (Self::Refused(_) | Self::RefusedAndKept(_) | Self::Storage(_) | Self::Internal(_)) => Err(other),
        }
    }

    /// A state of ours that cannot be.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into())
    }
}

/// For the log and the terminal; what a client reads is the refusal itself.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) | Self::RefusedAndKept(refusal) => {
                write!(f, "{} / {}", refusal.message.zh, refusal.message.en)?;
                refusal
                    .fields
                    .iter()
                    .try_for_each(|fault| write!(f, "\n  {}: {} / {}", fault.field, fault.message.zh, fault.message.en))
            }
            Self::Storage(error) => error.fmt(f),
            Self::Internal(what) => f.write_str(what),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<MoneyOverflow> for Failure {
    fn from(overflow: MoneyOverflow) -> Self {
        Refusal::from(overflow).into()
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        if !matches!(error, StorageError::Stale) {
            return Self::Storage(error);
        }
        // Somebody else changed the row between our reading and our writing of it.
        Refusal::new(
            RefusalCode::PreconditionFailed,
            "内容刚刚被他人修改,请重新读取后再提交。",
            "Somebody else has just changed this; please read it again and repeat.",
        )
        .into()
    }
}

impl TransactionError for Failure {
    fn storage_error(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            Self::Refused(_) | Self::RefusedAndKept(_) | Self::Internal(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rule_leaves_one_thing_out() {
        assert!(Failure::from(Refusal::not_found()).is_by_rule());
        let impossible = Refusal::new(RefusalCode::Internal, "账目不符。", "The accounts do not agree.");
        assert!(!Failure::from(impossible.clone()).is_by_rule());
        assert_eq!(Failure::from(Refusal::not_found()).by_rule().unwrap(), Refusal::not_found());
        assert!(Failure::from(impossible).by_rule().is_err());
        assert!(!Failure::from(Refusal::not_found()).as_fault().is_by_rule());
        assert!(!Failure::from(StorageError::Stale).as_fault().is_by_rule());
        assert!(matches!(Failure::Storage(StorageError::ForeignKey).as_fault(), Failure::Storage(_)));
        assert!(!Failure::internal("a notice is gone").is_by_rule());
        assert!(!Failure::Storage(StorageError::ForeignKey).is_by_rule());
    }
}
