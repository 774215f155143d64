//! The rush of an opening day over real HTTP, on SQLite and on PostgreSQL, beside its baselines.
//!
//! `cargo bench --bench opening_day` prints one table; `-- --quick` takes a few seconds a cell less,
//! `-- --sqlite` or `-- --postgresql` one store alone. Applicants were judged on the eve, as the server's job
//! does it; with `-- --unjudged` nobody was, and each claim judges its applicant and keeps what it found.
//!
//! Server and load generator are two processes that share the machine. Both stores keep their promises:
//! `synchronous=FULL` on SQLite, `fsync` and `synchronous_commit` on PostgreSQL, their files below the build
//! directory, which must be on a disk.

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

use innovation_voucher::services::claim::eve;
use load::{Measured, Span};
use people::AMOUNT_FEN;
use postgres::Postgres;
use server::Server;
use table::Row;
use uuid::Uuid;
use voucher_domain::period::Instant;
use voucher_domain::policy::DEFAULT_POLICY_ID;
use voucher_storage::lease::Lease;
use voucher_storage::{Connection, StorageError, Store};

const CONNECTIONS: [usize; 3] = [1, 64, 256];
/// Each claim is the first of its applicant, the lane's as the baseline's: in parts of 20 000 applicants, as many
/// as are served in a run of so many connections.
const LANE_PARTS: [u64; CONNECTIONS.len()] = [1, 4, 7];
const NAIVE_PARTS: u64 = 1;

fn wants(option: &str) -> bool {
    std::env::args().any(|argument| argument == option)
}

fn main() {
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
    match wants("--unjudged") {
        true => println!(
            "Each claim judged its applicant and kept what it found; pgbench writes no such row, and is left out."
        ),
        false => {
            println!("Applicants were judged before, as on the eve of an opening; `-- --unjudged` measures without.")
        }
    }
}

fn open_to_all(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// All the cells of a store, and the proof that what they left there is whole.
fn rush(store: &'static str, url: &str, directory: &Path, measured: Duration, postgres: Option<&Postgres>) -> Vec<Row> {
    let parts: u64 = LANE_PARTS.iter().map(|of_lane| of_lane + NAIVE_PARTS).sum();
    people::prepare(&Store::open(url).unwrap(), parts);
    let judged = if wants("--unjudged") { 0 } else { judge(url) };
    assert!(judged == 0 || judged == parts * people::APPLICANTS, "{judged} were judged before the rush");
    if let Some(postgres) = postgres {
        postgres.copy_for_pgbench();
    }
    let mut first = 0;
    let rows = CONNECTIONS.into_iter().zip(LANE_PARTS).map(|(connections, lane_parts)| {
        let span = Span { connections, warm_up: Duration::from_millis(700), measured };
        eprintln!("{store}, {connections} connections");
        let (of_lane, of_naive) = (first..first + lane_parts, first + lane_parts..first + lane_parts + NAIVE_PARTS);
        first += lane_parts + NAIVE_PARTS;
        let tokens = [of_lane, of_naive].map(|parts| people::tokens(server::SECRET, parts));
        row(store, url, directory, span, tokens, postgres)
    });
    let rows = rows.collect();
    proof::prove(url, judged);
    rows
}

/// The cells of one number of connections. The baseline has a process of its own, so that the memory
/// it takes is not counted as ours.
fn row(
    store: &'static str,
    url: &str,
    directory: &Path,
    span: Span,
    [of_lane, of_naive]: [Arc<Vec<String>>; 2],
    postgres: Option<&Postgres>,
) -> Row {
    // No run pays for the one before: not for its log, nor for its jobs, which left their leases when they were
    // killed.
    let start = || {
        settle(url, postgres);
        let server = Server::start(url, directory);
        thread::sleep(Duration::from_millis(300));
        server
    };
    let server = start();
    let rest_kib = server.memory_kib();
    let peak_kib = AtomicU64::new(0);
    let over = AtomicU64::new(0);
    let (hellos_per_second, cycles_per_second, lane) = thread::scope(|scope| {
        scope.spawn(|| {
            while over.load(Ordering::Relaxed) == 0 {
                peak_kib.fetch_max(server.memory_kib(), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(100));
            }
        });
        let (hellos_per_second, cycles_per_second) = readings(&server, span);
        let lane = claims(&server, span, "/api/v1/vouchers", &of_lane);
        over.store(1, Ordering::Relaxed);
        (hellos_per_second, cycles_per_second, lane)
    });
    drop(server);
    let server = start();
    // The jobs have as much time for what is left of the run before as the lane's had.
    readings(&server, span);
    let naive = claims(&server, span, "/bench/naive", &of_naive);
    drop(server);
    let pgbench = postgres.filter(|_| !wants("--unjudged")).map(|postgres| {
        postgres.take_sample();
        postgres.checkpoint();
        postgres.pgbench(span)
    });
    let memory_kib = (rest_kib, peak_kib.into_inner());
    Row { store, connections: span.connections, lane, naive, pgbench, cycles_per_second, hellos_per_second, memory_kib }
}

/// What the server's job does on the eve of an opening; of how many it kept a judgement.
fn judge(url: &str) -> u64 {
    let program = server::program(url);
    let today = program.clock.now().day();
    eve::judge_all(&program, DEFAULT_POLICY_ID, today, || Ok(true)).unwrap() as u64
}

fn settle(url: &str, postgres: Option<&Postgres>) {
    let store = Store::open(url).unwrap();
    let now: Instant = "2026-01-01T09:00:00+08:00".parse().unwrap();
    let give_back = |tx: &mut Connection| -> Result<(), StorageError> {
        Lease::every(tx)?.iter().try_for_each(|lease| Lease::release(tx, &lease.name, lease.holder, now, false))
    };
    store.write(give_back).unwrap();
    if let Some(postgres) = postgres {
        postgres.checkpoint();
    }
    // Of SQLite, who closes last writes the log back.
    drop(store);
}

/// How many plain answers and how many cycles a second.
fn readings(server: &Server, span: Span) -> (f64, f64) {
    let span = Span { measured: span.measured / 4, ..span };
    let hellos = || get(server, span, "/bench/hello".to_owned()).per_second;
    let cycles = || get(server, span, format!("/api/v1/cycles/{}", people::cycle_id())).per_second;
    // What the run before left to the jobs becomes less from one to the next: neither has more of it.
    let (first, then, again, last) = (hellos(), cycles(), cycles(), hellos());
    ((first + last) / 2.0, (then + again) / 2.0)
}

fn get(server: &Server, span: Span, path: String) -> Measured {
    load::run(server.port, span, u64::MAX, 200, move |_, out| {
        out.extend_from_slice(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes());
    })
}

/// Each claim is another applicant's, and has a key of its own.
fn claims(server: &Server, span: Span, path: &'static str, tokens: &Arc<Vec<String>>) -> Measured {
    let tokens = Arc::clone(tokens);
    let body = format!(r#"{{"cycle_id":"{}","amount_fen":{AMOUNT_FEN},"declaration":true}}"#, people::cycle_id());
    let run = Uuid::new_v4().as_u128();
    load::run(server.port, span, tokens.len() as u64, 201, move |number, out| {
        let token = &tokens[usize::try_from(number).unwrap()];
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
