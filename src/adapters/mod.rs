//! What answers the use cases' needs of the world outside: clock, files, mail, passwords, tokens.

pub mod clock;
pub mod files;
pub mod mail;
pub mod password;
pub mod rules;
pub mod templates;
pub mod token;
