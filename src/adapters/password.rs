//! Passwords: argon2id with the cost of the configuration.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::config::Auth;
use crate::services::ports::{Passwords, PortError};

/// Argon2id.
pub struct Argon2Passwords {
    argon2: Argon2<'static>,
    // What an unknown account's password is compared with.
    nobody: String,
}

impl Argon2Passwords {
    /// With the cost of the configuration.
    ///
    /// # Errors
    /// When the cost is out of argon2's range.
    pub fn new(auth: &Auth) -> Result<Self, PortError> {
        let params = Params::new(auth.argon2_memory_kib, auth.argon2_iterations, auth.argon2_lanes, None)
            .map_err(|error| PortError(format!("auth.argon2_*: {error}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, "nobody's password")?;
        Ok(Self { argon2, nobody })
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, PortError> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(|error| PortError(format!("argon2: {error}")))?;
    Ok(hash.to_string())
}

impl Passwords for Argon2Passwords {
    fn hash(&self, password: &str) -> Result<String, PortError> {
        hash(&self.argon2, password)
    }

    fn verify(&self, password: &str, hash: &str) -> bool {
        PasswordHash::new(hash).is_ok_and(|hash| self.argon2.verify_password(password.as_bytes(), &hash).is_ok())
    }

    fn verify_nothing(&self, password: &str) {
        // The answer is known; only the time it takes matters.
        let _ = self.verify(password, &self.nobody);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let auth = crate::config::Settings::load(None).unwrap().auth;
        let cheap = Auth { argon2_memory_kib: 64, argon2_iterations: 1, ..auth };
        let passwords = Argon2Passwords::new(&cheap).unwrap();
        let hash = passwords.hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse", &hash));
        assert!(!passwords.verify("wrong horse", &hash));
        assert!(!passwords.verify("correct horse", "no hash"));
        assert_ne!(hash, passwords.hash("correct horse").unwrap(), "each hash has its own salt");
    }
}
