//! The rush of an opening day over real HTTP, on SQLite and on PostgreSQL, beside its baselines.
//!
//! `cargo bench --bench opening_day` prints one table; `-- --quick` takes a few seconds a cell less,
//! `-- --sqlite` or `-- --postgresql` one store alone. Server and load generator are two processes that
//! share the machine. Both stores keep their promises: `synchronous=FULL` on SQLite, `fsync` and
//! `synchronous_commit` on PostgreSQL, their files below the build directory, which must be on a disk.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement; what panics here ends it"
)]

mod load;
mod naive;
mod people;
mod postgres;
mod proof;
mod server;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use load::{Measured, Span};
use people::AMOUNT_FEN;
use postgres::Postgres;
use server::Server;
use table::Row;
use uuid::Uuid;
use voucher_storage::Store;

const CONNECTIONS: [usize; 3] = [1, 64, 256];

fn main() {
    let wants = |option: &str| std::env::args().any(|argument| argument == option);
    if wants(server::SERVE) {
        return server::serve();
    }
    let directory = tempfile::Builder::new().prefix("opening-day").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // PostgreSQL's own user must be able to come by.
    open_to_all(directory.path());
    let measured = if wants("--quick") { Duration::from_secs(2) } else { Duration::from_secs(6) };
    let mut rows = Vec::new();
    if !wants("--postgresql") {
        let url = format!("sqlite://{}", directory.path().join("voucher.sqlite3").display());
        rows.extend(rush("SQLite", &url, directory.path(), measured, None));
    }
    if !wants("--sqlite") {
        match Postgres::start(directory.path()) {
            Some(postgres) => {
                rows.extend(rush("PostgreSQL", &postgres.url(), directory.path(), measured, Some(&postgres)));
            }
            None => eprintln!("PostgreSQL is not installed here, and is left out"),
        }
    }
    table::print(&rows);
}

fn open_to_all(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// All the cells of a store, and the proof that what they left there is whole.
fn rush(store: &'static str, url: &str, directory: &Path, measured: Duration, postgres: Option<&Postgres>) -> Vec<Row> {
    people::prepare(&Store::open(url).unwrap());
    if let Some(postgres) = postgres {
        postgres.copy_for_pgbench();
    }
    let tokens = people::tokens(server::SECRET);
    let rows = CONNECTIONS.map(|connections| {
        let span = Span { connections, warm_up: Duration::from_millis(700), measured };
        eprintln!("{store}, {connections} connections");
        row(store, url, directory, span, &tokens, postgres)
    });
    proof::prove(url);
    rows.into()
}

/// The cells of one number of connections. The baseline has a process of its own, so that the memory
/// it takes is not counted as ours.
fn row(
    store: &'static str,
    url: &str,
    directory: &Path,
    span: Span,
    tokens: &Arc<Vec<String>>,
    postgres: Option<&Postgres>,
) -> Row {
    let settle = || {
        if let Some(postgres) = postgres {
            postgres.checkpoint()
        }
    };
    let reading = Span { measured: span.measured / 2, ..span };
    let server = Server::start(url, directory);
    thread::sleep(Duration::from_millis(300));
    let rest_kib = server.memory_kib();
    let peak_kib = AtomicU64::new(0);
    let over = AtomicU64::new(0);
    let (hello, cycle, lane) = thread::scope(|scope| {
        scope.spawn(|| {
            while over.load(Ordering::Relaxed) == 0 {
                peak_kib.fetch_max(server.memory_kib(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(100));
            }
        });
        let hello = get(&server, reading, "/bench/hello".to_owned());
        let cycle = get(&server, reading, format!("/api/v1/cycles/{}", people::cycle_id()));
        settle();
        let lane = claims(&server, span, "/api/v1/vouchers", tokens);
        over.store(1, Ordering::Relaxed);
        (hello, cycle, lane)
    });
    drop(server);
    let server = Server::start(url, directory);
    settle();
    let naive = claims(&server, span, "/bench/naive", tokens);
    drop(server);
    let pgbench = postgres.map(|postgres| {
        postgres.take_sample();
        settle();
        postgres.pgbench(span)
    });
    let memory_kib = (rest_kib, peak_kib.into_inner());
    Row { store, connections: span.connections, lane, naive, pgbench, cycle, hello, memory_kib }
}

fn get(server: &Server, span: Span, path: String) -> Measured {
    load::run(server.port, span, 200, move |_, out| {
        out.extend_from_slice(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes());
    })
}

/// Each claim is another applicant's, and has a key of its own.
fn claims(server: &Server, span: Span, path: &'static str, tokens: &Arc<Vec<String>>) -> Measured {
    let tokens = Arc::clone(tokens);
    let body = format!(r#"{{"cycle_id":"{}","amount_fen":{AMOUNT_FEN},"declaration":true}}"#, people::cycle_id());
    let run = Uuid::new_v4().as_u128();
    load::run(server.port, span, 201, move |number, out| {
        let token = &tokens[usize::try_from(number).unwrap() % tokens.len()];
        let key = Uuid::from_u128(run.wrapping_add(u128::from(number)));
        out.extend_from_slice(
            format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
                 idempotency-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
    })
}
