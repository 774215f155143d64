//! The migrations are embedded into the program: a change among them is a change of the crate. Their
//! fingerprint names the template that test databases are copied from.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=../../migrations");
    let mut hasher = DefaultHasher::new();
    fingerprint(Path::new("../../migrations/postgres"), &mut hasher)?;
    println!("cargo:rustc-env=VOUCHER_MIGRATIONS_FINGERPRINT={:016x}", hasher.finish());
    Ok(())
}

fn fingerprint(directory: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let mut paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        path.hash(hasher);
        if path.is_dir() {
            fingerprint(&path, hasher)?;
        } else {
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
