//! A throw-away PostgreSQL that keeps its promises (`fsync`), and `pgbench` on it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::load::{Measured, Span};

const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c fsync=on -c synchronous_commit=on -c full_page_writes=on \
                        -c max_connections=300 -c shared_buffers=256MB -c max_wal_size=2GB";

/// A running server; it and its directory are gone when this is dropped.
pub struct Postgres {
    binaries: PathBuf,
    place: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one in this directory; nothing where no server is installed.
    pub fn start(directory: &Path) -> Option<Self> {
        let mut versions: Vec<PathBuf> =
            std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        versions.sort();
        let place = directory.join("postgres");
        std::fs::create_dir_all(&place).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { binaries: versions.pop()?.join("bin"), place, port };
        if is_root() {
            // PostgreSQL refuses to run as root.
            check(&Command::new("chown").arg("postgres").arg(&server.place).output().unwrap());
        }
        let data = server.place.join("data");
        let (data, place) = (data.to_str().unwrap(), server.place.to_str().unwrap());
        let made = ["-D", data, "-U", "voucher", "--auth=trust", "--locale=C", "--encoding=UTF8"];
        check(&server.run("initdb", &made));
        let options = format!("-p {port} -c unix_socket_directories={place} {SETTINGS}");
        let log = format!("{place}/log");
        check(&server.run("pg_ctl", &["-D", data, "-w", "-s", "-l", &log, "-o", &options, "start"]));
        server.sql("postgres", "CREATE DATABASE opening_day");
        Some(server)
    }

    /// The URL of the database that is measured.
    pub fn url(&self) -> String {
        format!("postgres://voucher@127.0.0.1:{}/opening_day", self.port)
    }

    /// Writes back what waits, so that no part of the run pays for the one before.
    pub fn checkpoint(&self) {
        self.sql("postgres", "CHECKPOINT");
    }

    /// Copies the database as it is, for pgbench to work on.
    pub fn copy_for_pgbench(&self) {
        self.sql("postgres", "CREATE DATABASE pgbench TEMPLATE opening_day");
    }

    /// What pgbench writes into the columns of documents: as large as the real ones.
    pub fn take_sample(&self) {
        let of = |column: &str, table: &str| {
            let document = self.sql("opening_day", &format!("SELECT {column} FROM {table} LIMIT 1"));
            format!("$a${document}$a$::text AS {column}")
        };
        let documents = [of("after", "events"), of("body", "idempotency_keys")];
        let made = format!("DROP TABLE IF EXISTS sample; CREATE TABLE sample AS SELECT {}", documents.join(", "));
        self.sql("pgbench", &made);
    }

    fn sql(&self, database: &str, statement: &str) -> String {
        let port = self.port.to_string();
        let output = self.run("psql", &["-h", "127.0.0.1", "-p", &port, "-U", "voucher", "-qAtc", statement, database]);
        check(&output);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The same rows, one transaction each, without any server of ours in between.
    pub fn pgbench(&self, span: Span) -> Measured {
        let script = self.place.join("claim.sql");
        std::fs::write(&script, include_str!("claim.sql")).unwrap();
        let (port, clients) = (self.port.to_string(), span.connections.to_string());
        let seconds = span.measured.as_secs().max(1);
        let log = self.place.join("latencies");
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let (script, prefix, duration) = (text(&script), text(&log), seconds.to_string());
        let server = ["-h", "127.0.0.1", "-p", &port, "-U", "voucher"];
        let work =
            ["-n", "-M", "prepared", "-c", &clients, "-T", &duration, "-f", &script, "-l", "--log-prefix", &prefix];
        check(&self.run("pgbench", &[&server[..], &work[..], &["pgbench"][..]].concat()));
        let mut latencies_us = Vec::new();
        for entry in std::fs::read_dir(&self.place).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with("latencies")) {
                let lines = std::fs::read_to_string(&entry).unwrap();
                // client, transaction, microseconds, …
                latencies_us.extend(lines.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()));
                std::fs::remove_file(&entry).unwrap();
            }
        }
        Measured::of(latencies_us, seconds as f64)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let program = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir(&self.place).output().unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.place.join("data");
        self.run("pg_ctl", &["-D", &data.to_string_lossy(), "-m", "immediate", "-w", "-s", "stop"]);
    }
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
}

fn check(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
