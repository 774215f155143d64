//! Uploads on disk, each under the SHA-256 of its content.

use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::services::ports::{Files, PortError};

/// A directory of files named by their content.
pub struct DiskFiles {
    directory: PathBuf,
}

impl DiskFiles {
    /// Files in this directory, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(directory: &Path) -> Result<Self, PortError> {
        std::fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
        Ok(Self { directory: directory.to_owned() })
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.directory.join(sha256.get(..2).unwrap_or_default()).join(sha256)
    }
}

fn failed(path: &Path, error: &std::io::Error) -> PortError {
    PortError(format!("{}: {error}", path.display()))
}

/// Written aside, made durable, then given its name: a crash leaves the whole file or none.
fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().ok_or_else(|| std::io::Error::other("no directory"))?;
    std::fs::create_dir_all(directory)?;
    let aside = path.with_extension(format!("{}.part", uuid::Uuid::new_v4()));
    let mut file = std::fs::File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    std::fs::File::open(directory)?.sync_all()
}

impl Files for DiskFiles {
    fn keep(&self, bytes: &[u8]) -> Result<String, PortError> {
        let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = self.path(&sha256);
        if !path.exists() {
            write_durably(&path, bytes).map_err(|error| failed(&path, &error))?;
        }
        Ok(sha256)
    }

    fn read(&self, sha256: &str) -> Result<Vec<u8>, PortError> {
        let path = self.path(sha256);
        std::fs::read(&path).map_err(|error| failed(&path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_is_kept_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let files = DiskFiles::open(directory.path()).unwrap();
        let digest = files.keep(b"abc").unwrap();
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(files.keep(b"abc").unwrap(), digest);
        assert_eq!(files.read(&digest).unwrap(), b"abc");
        assert!(files.read("00").is_err());
    }
}
