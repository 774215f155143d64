//! The server that is measured: the program's own, in a process of its own, with two handlers beside it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{App, HttpServer, middleware, web};
use innovation_voucher::config::Settings;
use innovation_voucher::http::server::{self, Shared};
use innovation_voucher::services::Program;
use innovation_voucher::{jobs, wiring};

use crate::naive;

/// What the process is started with to be the server.
pub const SERVE: &str = "--serve";
/// What tokens are signed with.
pub const SECRET: &str = "a secret that only this measurement knows";
/// What personal details are sealed under.
pub const PRIVACY_KEYS: &str = "bench:a-secret-that-only-this-measurement-knows";

/// Serves until the parent ends it, and says at which port.
#[actix_web::main]
pub async fn serve() {
    let program = Arc::new(wiring::program(Settings::load(None).unwrap(), false).unwrap());
    let workers = program.settings.server.workers;
    // All that runs beside the claims in earnest: telling, sealing, sending letters.
    let _jobs = jobs::start(&program);
    let shared = Data::new(Shared::new(program));
    let bound = HttpServer::new(move || {
        let shared = shared.clone();
        App::new()
            .wrap(middleware::Compress::default())
            .route("/bench/hello", web::get().to(|| async { "hello" }))
            .route("/bench/naive", web::post().to(naive::claim))
            .configure(move |service| server::configure(&shared, service))
    })
    .workers(workers)
    .worker_max_blocking_threads(server::BLOCKING_THREADS)
    .bind("127.0.0.1:0")
    .unwrap();
    println!("{}", bound.addrs()[0].port());
    std::io::stdout().flush().unwrap();
    bound.run().await.unwrap();
}

/// The server's program, for what is done beside it.
pub fn program(url: &str) -> Program {
    let mut settings = Settings::load(None).unwrap();
    settings.database.url = url.to_owned();
    settings.auth.secret = SECRET.to_owned();
    settings.privacy.keys = PRIVACY_KEYS.to_owned();
    wiring::program(settings, false).unwrap()
}

/// A running server; it ends when this is dropped.
pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    pub fn start(url: &str, directory: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .env("VOUCHER__DATABASE__URL", url)
            .env("VOUCHER__AUTH__SECRET", SECRET)
            .env("VOUCHER__PRIVACY__KEYS", PRIVACY_KEYS)
            .env("VOUCHER__FILES__DIRECTORY", directory.join("files"))
            .env("VOUCHER__MAIL__DIRECTORY", directory.join("mail"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server says its port");
        Self { process, port }
    }

    /// The memory it holds at present, in KiB (`VmRSS`).
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.split_whitespace().next()).and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
