//! How long a period is.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The length of a period. Written `P15D`, `P3M` and `P5WD` (ISO 8601, with working days added).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// So many days, rest days counted.
    Days(u32),
    /// So many months.
    Months(u32),
    /// So many working days.
    WorkingDays(u32),
}

/// A text that is no span.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("应为 P15D、P3M 或 P5WD 形式的期间 / must be a period such as P15D, P3M or P5WD")]
pub struct SpanError;

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "P{days}D"),
            Self::Months(months) => write!(f, "P{months}M"),
            Self::WorkingDays(days) => write!(f, "P{days}WD"),
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let length = text.strip_prefix('P').ok_or(SpanError)?;
        let span = if let Some(days) = length.strip_suffix("WD") {
            days.parse().map(Self::WorkingDays)
        } else if let Some(days) = length.strip_suffix('D') {
            days.parse().map(Self::Days)
        } else {
            length.strip_suffix('M').ok_or(SpanError)?.parse().map(Self::Months)
        };
        // `+5` and `05` are numbers to Rust, but never written here.
        span.ok().filter(|span| span.to_string() == text).ok_or(SpanError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_and_read_back() {
        for (span, text) in [(Span::Days(15), "P15D"), (Span::Months(3), "P3M"), (Span::WorkingDays(5), "P5WD")] {
            assert_eq!(span.to_string(), text);
            assert_eq!(text.parse(), Ok(span));
        }
    }

    #[test]
    fn other_texts_are_no_spans() {
        for text in ["", "P", "PD", "15D", "P15", "P+5D", "P05D", "P-1D", "P5W", "P5Y", "p5D", "P4294967296D", "P5WD "]
        {
            assert_eq!(text.parse::<Span>(), Err(SpanError), "{text}");
        }
    }
}
