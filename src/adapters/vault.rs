//! Seals personal details: XChaCha20-Poly1305 under keys of which the first writes and all read.
//!
//! From each secret a key is derived for sealing and another one for each index (HKDF-SHA256), so that
//! neither says anything about the other. A detail is bound to its place and row and to the id of its key
//! as associated data: put into another row, or another column, it does not open. Nonces are random; they
//! are long enough for that (192 bits).

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use voucher_domain::code::Code;
use voucher_domain::privacy::{Personal, Place, Sealed};
use zeroize::Zeroizing;

use super::secret_file;
use crate::config::Privacy;
use crate::services::ports::{KeyMark, PortError, Vault};

const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;
const FINGERPRINT_BYTES: usize = 8;
const MIN_SECRET_CHARACTERS: usize = 32;
const MAX_ID_CHARACTERS: usize = 32;
/// The id of the key that is made at the first start.
const FIRST_KEY_ID: &str = "first";

/// A key as it was configured, with what is derived from it.
struct Key {
    id: String,
    secret: Zeroizing<String>,
    cipher: XChaCha20Poly1305,
}

/// The keys, of which the first writes.
pub struct KeyRing {
    writing: Key,
    reading: Vec<Key>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|key| &key.id)).finish()
    }
}

impl KeyRing {
    /// The configured keys, or those of the key file, which is made with one key if it is not there.
    ///
    /// # Errors
    /// What is wrong with the keys, without any of them; when the file can be neither read nor made.
    pub fn from_settings(privacy: &Privacy) -> Result<Self, PortError> {
        if !privacy.keys.trim().is_empty() {
            return Self::parse(&privacy.keys).map_err(|what| PortError(format!("privacy.keys: {what}")));
        }
        Self::from_file(&privacy.keys_file)
    }

    fn from_file(path: &Path) -> Result<Self, PortError> {
        let shown = path.display();
        let made = || Ok(format!("{FIRST_KEY_ID}:{}\n", secret_file::random_text()?));
        let bytes = secret_file::read_or_make(path, made).map_err(|error| PortError(format!("{shown}: {error}")))?;
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| PortError(format!("{shown}: is not text")))?;
        Self::parse(text).map_err(|what| PortError(format!("{shown}: {what}")))
    }

    /// Keys as they are written: `id:secret`, with blanks, commas or ends of lines between them.
    fn parse(text: &str) -> Result<Self, String> {
        let written = text.split(|c: char| c.is_whitespace() || c == ',').filter(|entry| !entry.is_empty());
        let mut keys = written.map(Key::parse).collect::<Result<Vec<_>, _>>()?.into_iter();
        let writing = keys.next().ok_or("there is no key")?;
        let ring = Self { writing, reading: keys.collect() };
        let repeated = ring.reading.iter().find(|key| ring.all().filter(|other| other.id == key.id).count() > 1);
        repeated.map_or(Ok(()), |key| Err(format!("the id `{}` stands for two keys", key.id)))?;
        Ok(ring)
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.writing).chain(&self.reading)
    }
}

impl Key {
    fn parse(entry: &str) -> Result<Self, String> {
        let (id, secret) = entry.split_once(':').ok_or("a key is written as id:secret")?;
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > MAX_ID_CHARACTERS || !id.chars().all(is_id) {
            return Err("the id of a key has small letters, digits and hyphens, at the most 32".to_owned());
        }
        if secret.chars().count() < MIN_SECRET_CHARACTERS {
            return Err(format!("the secret of the key `{id}` must have at least 32 characters"));
        }
        let secret = Zeroizing::new(secret.to_owned());
        let sealing = derived::<KEY_BYTES>(&secret, "seal")?;
        let cipher = XChaCha20Poly1305::new_from_slice(&*sealing).map_err(|_| "a key has the wrong length")?;
        Ok(Self { id: id.to_owned(), secret, cipher })
    }

    fn associated(&self, place: Place, id: Uuid) -> Vec<u8> {
        [place.code().as_bytes(), b"\0", self.id.as_bytes(), b"\0", id.as_bytes()].concat()
    }

    fn index(&self, place: Place, text: &str) -> Result<String, PortError> {
        let key = derived::<KEY_BYTES>(&self.secret, &format!("index {place}")).map_err(PortError)?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*key).map_err(|error| PortError(error.to_string()))?;
        mac.update(text.as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn mark(&self) -> Result<KeyMark, PortError> {
        let fingerprint = derived::<FINGERPRINT_BYTES>(&self.secret, "fingerprint").map_err(PortError)?;
        Ok(KeyMark { id: self.id.clone(), fingerprint: fingerprint.iter().map(|byte| format!("{byte:02x}")).collect() })
    }
}

/// What is derived from a secret for one purpose.
fn derived<const BYTES: usize>(secret: &str, purpose: &str) -> Result<Zeroizing<[u8; BYTES]>, String> {
    let mut key = Zeroizing::new([0_u8; BYTES]);
    let info = format!("innovation-voucher/1/{purpose}");
    let expanded = Hkdf::<Sha256>::new(None, secret.as_bytes()).expand(info.as_bytes(), &mut *key);
    expanded.map_err(|_| "no key of this length can be derived".to_owned())?;
    Ok(key)
}

impl Vault for KeyRing {
    fn seal(&self, place: Place, id: Uuid, detail: &Personal) -> Result<Sealed, PortError> {
        let key = &self.writing;
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| PortError(format!("no randomness: {error}")))?;
        let associated = key.associated(place, id);
        let payload = Payload { msg: detail.reveal().as_bytes(), aad: &associated };
        let encrypted = key.cipher.encrypt(&XNonce::from(nonce), payload);
        let encrypted = encrypted.map_err(|_| PortError(format!("{place} of {id} cannot be sealed")))?;
        Ok(Sealed::new(&key.id, &URL_SAFE_NO_PAD.encode([nonce.as_slice(), encrypted.as_slice()].concat())))
    }

    fn open(&self, place: Place, id: Uuid, sealed: &Sealed) -> Result<Personal, PortError> {
        let (key_id, encoded) =
            sealed.parts().ok_or_else(|| PortError(format!("{place} of {id} is not sealed; run `voucher migrate`")))?;
        let key = self.all().find(|key| key.id == key_id);
        let key = key.ok_or_else(|| {
            PortError(format!("{place} of {id} is sealed under the key `{key_id}`, which is not in privacy.keys"))
        })?;
        let damaged = || PortError(format!("{place} of {id} does not open: it was altered, or is another row's"));
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| damaged())?;
        let (nonce, encrypted) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let associated = key.associated(place, id);
        let payload = Payload { msg: encrypted, aad: &associated };
        let opened = key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(opened).map(Personal::new).map_err(|_| damaged())
    }

    fn indexes(&self, place: Place, text: &str) -> Result<Vec<String>, PortError> {
        self.all().map(|key| key.index(place, text)).collect()
    }

    fn marks(&self) -> Result<Vec<KeyMark>, PortError> {
        self.all().map(Key::mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "old:an-old-secret-that-is-long-enough-to-be-one";
    const NEW: &str = "new:another-secret-that-is-long-enough-too";

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    fn row(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_and_row_alone() {
        let (ring, phone) = (ring(OLD), Personal::new("13800138000"));
        let sealed = ring.seal(Place::UserPhone, row(1), &phone).unwrap();
        assert!(!sealed.stored().contains("13800138000"));
        assert_eq!(ring.open(Place::UserPhone, row(1), &sealed).unwrap(), phone);
        assert!(ring.open(Place::UserPhone, row(2), &sealed).is_err());
        assert!(ring.open(Place::ObjectionContact, row(1), &sealed).is_err());
        let again = ring.seal(Place::UserPhone, row(1), &phone).unwrap();
        assert_ne!(again, sealed, "equal numbers must not be told apart from others by what is stored");
    }

    #[test]
    fn what_was_altered_or_never_sealed_does_not_open() {
        let ring = ring(OLD);
        let sealed = ring.seal(Place::UserPhone, row(1), &Personal::new("13800138000")).unwrap();
        let (_, encoded) = sealed.parts().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(encoded).unwrap();
        for place in 0..bytes.len() {
            let mut altered = bytes.clone();
            if let Some(byte) = altered.get_mut(place) {
                *byte ^= 1;
            }
            let altered = Sealed::new("old", &URL_SAFE_NO_PAD.encode(altered));
            assert!(ring.open(Place::UserPhone, row(1), &altered).is_err(), "{place}");
        }
        for stored in ["13800138000", "sealed:1:old:", "sealed:1:old:!", "sealed:1:gone:AAAA", "sealed:2:old:AAAA"] {
            assert!(ring.open(Place::UserPhone, row(1), &Sealed::from_stored(stored.to_owned())).is_err(), "{stored}");
        }
    }

    #[test]
    fn the_first_key_writes_and_all_of_them_read() {
        let (before, after) = (ring(OLD), ring(&format!("{NEW}\n{OLD}")));
        let phone = Personal::new("13800138000");
        let old = before.seal(Place::UserPhone, row(1), &phone).unwrap();
        let new = after.seal(Place::UserPhone, row(1), &phone).unwrap();
        assert_eq!(after.open(Place::UserPhone, row(1), &old).unwrap(), phone);
        assert_eq!(new.parts().unwrap().0, "new");
        assert!(before.open(Place::UserPhone, row(1), &new).is_err());
        let other = ring("old:a-third-secret-that-is-not-the-old-one");
        assert!(other.open(Place::UserPhone, row(1), &old).is_err());
        assert_ne!(other.marks().unwrap(), before.marks().unwrap());
    }

    #[test]
    fn equal_details_have_equal_indexes_under_the_same_key_and_place() {
        let (old, both) = (ring(OLD), ring(&format!("{NEW},{OLD}")));
        let index = old.indexes(Place::UserPhone, "13800138000").unwrap();
        assert_eq!(index, old.indexes(Place::UserPhone, "13800138000").unwrap());
        assert_ne!(index, old.indexes(Place::UserPhone, "13800138001").unwrap());
        assert_ne!(index, old.indexes(Place::ObjectionContact, "13800138000").unwrap());
        assert_eq!(both.indexes(Place::UserPhone, "13800138000").unwrap().last(), index.last());
    }

    #[test]
    fn keys_that_cannot_be_used_are_refused_without_being_told() {
        for (text, told) in [
            ("", "no key"),
            ("a-secret-without-an-id-that-is-long-enough", "id:secret"),
            ("Old:a-secret-that-is-long-enough-to-be-one", "small letters"),
            ("old:short", "at least 32"),
            ("old:a-secret-that-is-long-enough-to-be-one old:a-secret-that-is-long-enough-to-be-two", "two keys"),
        ] {
            let error = KeyRing::parse(text).unwrap_err();
            assert!(error.contains(told) && !error.contains("short") && !error.contains("a-secret"), "{error}");
        }
        assert_eq!(format!("{:?}", ring(&format!("{NEW} {OLD}"))), r#"["new", "old"]"#);
    }

    #[test]
    fn the_key_file_is_made_once_and_more_keys_are_read_from_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys/privacy.key");
        let made = KeyRing::from_file(&path).unwrap();
        assert_eq!(made.marks().unwrap(), KeyRing::from_file(&path).unwrap().marks().unwrap());
        let first = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{NEW}\n{first}")).unwrap();
        let rotated = KeyRing::from_file(&path).unwrap();
        assert_eq!(rotated.writing.id, "new");
        assert_eq!(rotated.marks().unwrap().last(), made.marks().unwrap().last());
    }
}
