//! A small believable programme to try.

use crate::services::Program;

/// Loads the programme, once, and says what to try.
///
/// # Errors
/// What could not be made.
pub fn load(_program: &Program) -> Result<String, String> {
    Ok(String::new())
}
