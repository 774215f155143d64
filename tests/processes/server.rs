//! A server in a process of its own, on a given store.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// What tokens are signed with.
pub const SECRET: &str = "a secret that only these tests know";
/// What personal details are sealed under.
pub const PRIVACY_KEYS: &str = "tests:a-secret-that-only-these-tests-know";

/// A running server; it is killed when this is dropped.
pub struct Server {
    process: Child,
    pub port: u16,
    // Kept open: the server's output must not end in a broken pipe.
    _output: BufReader<ChildStdout>,
}

fn command(url: &str, directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voucher"));
    command
        .current_dir(directory)
        .env("VOUCHER__DATABASE__URL", url)
        .env("VOUCHER__AUTH__SECRET", SECRET)
        .env("VOUCHER__PRIVACY__KEYS", PRIVACY_KEYS)
        .env("VOUCHER__LOG__FILTER", "warn")
        .stderr(Stdio::null());
    command
}

impl Server {
    /// Starts a server and waits until it says that it serves.
    pub fn start(url: &str, directory: &Path) -> Self {
        Self::start_with(url, directory, &[], &[])
    }

    /// The same, with these options and settings besides.
    pub fn start_with(url: &str, directory: &Path, options: &[&str], settings: &[(&str, &str)]) -> Self {
        // A port that is free now; the server takes it at once.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = command(url, directory)
            .arg("serve")
            .args(options)
            .envs(settings.iter().copied())
            .env("VOUCHER__SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains("127.0.0.1"), "the server did not start: {line}");
        Self { process, port, _output: output }
    }

    /// Kills it as `kill -9` does: it cannot say goodbye.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs `voucher verify` on the store, which must be content.
pub fn verify(url: &str, directory: &Path) {
    let output = command(url, directory).arg("verify").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
