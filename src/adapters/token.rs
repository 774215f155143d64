//! Access tokens (JWT, HS256) and secrets for one use.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::period::Instant;

use super::secret_file;
use crate::config::Auth;
use crate::services::ports::{AccessClaims, PortError, Tokens};

/// Signs with one shared key.
pub struct JwtTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    role: Role,
    exp: i64,
}

impl JwtTokens {
    /// Signs with this key.
    pub fn new(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The expiry is compared with the injected clock, not with the library's.
        validation.validate_exp = false;
        Self { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key), validation }
    }

    /// Signs with the configured key, or with the one of the key file, which is made if it is not there.
    ///
    /// # Errors
    /// When the file can be neither read nor made.
    pub fn from_settings(auth: &Auth) -> Result<Self, PortError> {
        if !auth.secret.is_empty() {
            return Ok(Self::new(auth.secret.as_bytes()));
        }
        let key = secret_file::read_or_make(&auth.secret_file, secret_file::random_text)
            .map_err(|error| PortError(format!("{}: {error}", auth.secret_file.display())))?;
        Ok(Self::new(&key))
    }
}

impl Tokens for JwtTokens {
    fn issue(&self, claims: AccessClaims, expires_at: Instant) -> Result<String, PortError> {
        let claims = Claims { sub: claims.user_id, role: claims.role, exp: expires_at.utc().timestamp() };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| PortError(format!("jwt: {error}")))
    }

    fn read(&self, token: &str, now: Instant) -> Option<AccessClaims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        (now.utc().timestamp() < claims.exp).then_some(AccessClaims { user_id: claims.sub, role: claims.role })
    }

    fn secret(&self) -> Result<String, PortError> {
        secret_file::random_text()
    }

    fn seal(&self, text: &str) -> Result<String, PortError> {
        // What is signed has no dot in it, so that no seal is ever the signature of a token.
        let text: String = text.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        jsonwebtoken::crypto::sign(text.as_bytes(), &self.encoding, Algorithm::HS256)
            .map_err(|error| PortError(format!("hmac: {error}")))
    }

    fn digest(&self, secret: &str) -> String {
        Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
    }

    #[test]
    fn a_token_holds_until_its_last_second_and_only_under_its_key() {
        let tokens = JwtTokens::new(&[7; 32]);
        let claims = AccessClaims { user_id: Uuid::from_u128(1), role: Role::Officer };
        let token = tokens.issue(claims, instant("2026-10-01T00:15:00+08:00")).unwrap();
        assert_eq!(tokens.read(&token, instant("2026-10-01T00:14:59+08:00")), Some(claims));
        assert_eq!(tokens.read(&token, instant("2026-10-01T00:15:00+08:00")), None);
        assert_eq!(JwtTokens::new(&[8; 32]).read(&token, instant("2026-10-01T00:00:00+08:00")), None);
        assert_eq!(tokens.read("a.b.c", instant("2026-10-01T00:00:00+08:00")), None);
    }

    #[test]
    fn a_seal_is_the_same_under_the_same_key_alone() {
        let (one, other) = (JwtTokens::new(&[7; 32]), JwtTokens::new(&[8; 32]));
        assert_eq!(one.seal("text").unwrap(), one.seal("text").unwrap());
        assert_ne!(one.seal("text").unwrap(), one.seal("tex").unwrap());
        assert_ne!(one.seal("text").unwrap(), other.seal("text").unwrap());
    }
}
