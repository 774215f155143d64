//! The SMTP server of `server.py`, commanded from a test.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/server.py");

/// A running server; it ends when this is dropped.
pub struct SmtpServer {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub port: u16,
}

impl SmtpServer {
    /// A server that takes letters from everybody, in the clear.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server with these options of the script.
    pub fn start_with(options: &[&str]) -> Self {
        // Debian's own, for which the package is, before another one.
        let has_it = |python: &&str| {
            let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        let python = ["/usr/bin/python3", "python3"].into_iter().find(has_it).unwrap_or_else(|| {
            panic!(
                "the tests of letters need Python 3 with aiosmtpd: tests/run.sh installs it on Debian \
                 (python3-aiosmtpd), elsewhere: pip install aiosmtpd"
            )
        });
        let mut process = Command::new(python)
            .arg(SCRIPT)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut answers = BufReader::new(answers);
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the SMTP server of the tests did not start");
        Self { process, commands, answers, port }
    }

    /// Tells the server how to behave from now on.
    pub fn tell(&mut self, command: &str) {
        assert_eq!(self.ask(command), "ok");
    }

    /// The letters that the server has taken, oldest first.
    pub fn received(&mut self) -> Vec<String> {
        serde_json::from_str(&self.ask("received")).unwrap()
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands, "{command}").unwrap();
        self.commands.flush().unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The Message-ID of a letter.
pub fn message_id(letter: &str) -> &str {
    letter.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().trim()
}
