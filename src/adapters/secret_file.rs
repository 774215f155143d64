//! Secrets that are made at the first start and kept in a file that only the program reads.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::services::ports::PortError;

const SECRET_BYTES: usize = 32;

/// What a file holds; it is made with this if it is not there.
pub(super) fn read_or_make(path: &Path, make: impl Fn() -> Result<String, PortError>) -> std::io::Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(secret) if secret.len() >= SECRET_BYTES => Ok(secret),
        Ok(_) => Err(std::io::Error::other("the key is too short; remove the file to have a new one made")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write_new(path, make().map_err(std::io::Error::other)?.into_bytes())
        }
        Err(error) => Err(error),
    }
}

fn write_new(path: &Path, secret: Vec<u8>) -> std::io::Result<Vec<u8>> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    Ok(secret)
}

/// 256 random bits as text, for a URL or a file.
pub(super) fn random_text() -> Result<String, PortError> {
    let mut bytes = [0_u8; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| PortError(format!("no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys/secret.key");
        let made = read_or_make(&path, random_text).unwrap();
        assert_eq!(made, read_or_make(&path, random_text).unwrap());
        std::fs::write(&path, "short").unwrap();
        assert!(read_or_make(&path, random_text).is_err());
    }
}
