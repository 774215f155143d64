//! What answers the use cases' needs of the world outside: clock, files, mail, passwords, tokens, keys.

pub mod clock;
pub mod files;
pub mod mail;
pub mod password;
pub mod rules;
mod secret_file;
pub mod templates;
pub mod token;
pub mod vault;
