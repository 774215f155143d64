//! Ten million events: sealed, then proved in constant memory; and what sealing costs the claims beside it.
//! `cargo bench --bench audit` prints one table; `-- --quick` takes 200 000 events, `-- --sqlite` or
//! `-- --postgresql` one store alone.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement; what panics here ends it"
)]

#[allow(dead_code, reason = "another measurement uses all of it")]
#[path = "../opening_day/load.rs"]
mod load;
#[allow(dead_code, reason = "another measurement uses all of it")]
#[path = "../opening_day/people.rs"]
mod people;
#[allow(dead_code, reason = "another measurement uses all of it")]
#[path = "../opening_day/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "another measurement uses all of it")]
#[path = "../lapse/vouchers.rs"]
mod vouchers;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use innovation_voucher::config::Settings;
use innovation_voucher::http::claim_lane::ClaimLane;
use innovation_voucher::http::claims;
use innovation_voucher::services::audit::seal;
use innovation_voucher::services::{Program, lease, verification};
use innovation_voucher::wiring;
use load::Measured;
use uuid::Uuid;
use voucher_domain::audit::first_id_at;
use voucher_storage::event::Event;
use voucher_storage::{StorageError, Store};

const EVENTS: u64 = 10_000_000;
const QUICK_EVENTS: u64 = 200_000;
const PART: u64 = 5_000;
/// So many events of the log share a millisecond.
const PER_MILLISECOND: u64 = 10;
const CLAIMERS: u64 = 64;
const MEASURED: Duration = Duration::from_secs(6);
const WANTED_SEALED_PER_SECOND: f64 = 10_000.0;
const WANTED_PROOF_MB: u64 = 100;
const PROVE: &str = "--prove-log";

/// What one store came to.
struct Row {
    store: &'static str,
    sealed_per_second: f64,
    proved_seconds: f64,
    proof_peak_mb: u64,
    claims_alone: Measured,
    claims_beside: Measured,
    catching_up_seconds: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, url] = arguments.as_slice()
        && command == PROVE
    {
        return prove_here(url);
    }
    let wants = |option: &str| arguments.iter().any(|argument| argument == option);
    let events = if wants("--quick") { QUICK_EVENTS } else { EVENTS };
    let directory = tempfile::Builder::new().prefix("audit").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // PostgreSQL's own user must be able to come by.
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut rows = Vec::new();
    if !wants("--postgresql") {
        let url = format!("sqlite://{}", directory.path().join("voucher.sqlite3").display());
        rows.push(measure("SQLite", &url, directory.path(), events));
    }
    if !wants("--sqlite") {
        match postgres::Postgres::start(directory.path()) {
            Some(postgres) => rows.push(measure("PostgreSQL", &postgres.url(), directory.path(), events)),
            None => eprintln!("PostgreSQL is not installed here, and is left out"),
        }
    }
    print(&rows, events);
}

fn measure(store: &'static str, url: &str, directory: &Path, events: u64) -> Row {
    let opened = Store::open(url).unwrap();
    people::prepare(&opened, 1);
    fill(&opened, events);
    let mut settings = Settings::load(None).unwrap();
    settings.database.url = url.to_owned();
    settings.auth.secret = "a secret that only this measurement knows".to_owned();
    settings.privacy.keys = "bench:a-secret-that-only-this-measurement-knows".to_owned();
    settings.files.directory = directory.join("files");
    settings.mail.directory = directory.join("mail");
    let program = Arc::new(wiring::program(settings, false).unwrap());
    eprintln!("{store}: {events} events");
    let start = Instant::now();
    let sealed = seal_once(&program);
    let sealed_per_second = sealed as f64 / start.elapsed().as_secs_f64();
    assert!(sealed >= usize::try_from(events).unwrap(), "{sealed}");
    let (proved_seconds, proof_peak_mb) = prove(url);
    let (claims_alone, _) = while_claiming(&program, |over| while_not(over, || {}));
    seal_once(&program);
    let (claims_beside, _) = while_claiming(&program, |over| {
        while_not(over, || {
            seal_once(&program);
        });
    });
    let start = Instant::now();
    seal_once(&program);
    let catching_up_seconds = start.elapsed().as_secs_f64();
    prove(url);
    Row { store, sealed_per_second, proved_seconds, proof_peak_mb, claims_alone, claims_beside, catching_up_seconds }
}

/// Every second, until it is over.
fn while_not(over: &AtomicBool, mut work: impl FnMut()) {
    while !over.load(Ordering::Relaxed) {
        work();
        thread::sleep(Duration::from_secs(1));
    }
}

fn seal_once(program: &Program) -> usize {
    lease::under(program, "seal", seal::run).unwrap().unwrap_or_default()
}

/// Proves the log in a process of its own, which holds nothing else: for how long, and the most memory that it
/// held meanwhile.
fn prove(url: &str) -> (f64, u64) {
    let itself = std::env::current_exe().unwrap();
    let output = Command::new(itself).args([PROVE, url]).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the proof failed");
    let told = String::from_utf8(output.stdout).unwrap();
    let (seconds, peak_mb) = told.trim().split_once(' ').unwrap();
    (seconds.parse().unwrap(), peak_mb.parse().unwrap())
}

/// What that process does: it prints the seconds and the megabytes.
fn prove_here(url: &str) {
    let store = Store::open(url).unwrap();
    let start = Instant::now();
    let now = voucher_domain::period::Instant::from_utc(chrono::Utc::now());
    let report = store.read(|tx| verification::prove_events(tx, now)).unwrap();
    assert_eq!(report.fault, None, "the log is not whole");
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("  proved: {} events in {seconds:.1} s", report.events);
    println!("{seconds} {}", peak_mb());
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}

/// Events of the last weeks, as large as a claim's, written straight into the store.
fn fill(store: &Store, events: u64) {
    let begins = voucher_domain::period::Instant::from_utc(chrono::Utc::now()).plus_seconds(-1_800_000).unwrap();
    for part in 0..events / PART {
        let rows: Vec<Event> = (part * PART..(part + 1) * PART).map(|number| event(begins, number)).collect();
        store.write(|tx| -> Result<(), StorageError> { Event::insert_all(tx, &rows) }).unwrap();
    }
}

fn event(begins: voucher_domain::period::Instant, number: u64) -> Event {
    let milliseconds = i64::try_from(number / PER_MILLISECOND).unwrap();
    let at = begins.utc() + chrono::TimeDelta::milliseconds(milliseconds);
    let occurred_at = voucher_domain::period::Instant::from_utc(at);
    let version = 0x7000_8000_0000_0000_0000;
    let id = Uuid::from_u128(first_id_at(occurred_at).as_u128() | version | u128::from(number % PER_MILLISECOND));
    let after = format!(
        "{{\"id\":\"{id}\",\"number\":\"BJ2026-{number:012}\",\"cycle_id\":\"{id}\",\"applicant_id\":\"{id}\",\
         \"status\":\"claimed\",\"amount_fen\":5000000,\"claimed_at\":\"2026-03-02T10:00:00+08:00\",\"version\":1}}"
    );
    Event {
        id,
        occurred_at,
        actor_user_id: Some(id),
        actor_role: Some(voucher_domain::actor::Role::Applicant),
        action: "voucher_claimed".to_owned(),
        subject_kind: "voucher".to_owned(),
        subject_id: id,
        organization_id: Some(id),
        cycle_id: Some(people::cycle_id()),
        before: None,
        after: Some(after),
        request_id: id,
    }
}

/// Claims for a while beside some work.
fn while_claiming(program: &Arc<Program>, work: impl FnOnce(&AtomicBool) + Send) -> (Measured, f64) {
    let lane = ClaimLane::start(Arc::clone(program), program.settings.claims.queue, claims::render);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let start = Instant::now();
        let (lane, over) = (&lane, &over);
        let claimers: Vec<_> =
            (0..CLAIMERS).map(|number| scope.spawn(move || claim_until(lane, over, number))).collect();
        scope.spawn(move || work(over));
        thread::sleep(MEASURED);
        over.store(true, Ordering::Relaxed);
        let latencies = claimers.into_iter().flat_map(|claimer| claimer.join().unwrap()).collect();
        let seconds = start.elapsed().as_secs_f64();
        (Measured::of(latencies, seconds), seconds)
    })
}

/// Claims one voucher after the other, each for another applicant; what each took, in microseconds.
fn claim_until(lane: &ClaimLane, over: &AtomicBool, number: u64) -> Vec<u64> {
    let mut latencies_us = Vec::new();
    let mut turn = number;
    while !over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let kept = lane.enter(vouchers::claim(turn)).unwrap().blocking_recv().unwrap();
        assert_eq!(kept.status, 201, "{:?}", kept.body);
        latencies_us.push(u64::try_from(asked.elapsed().as_micros()).unwrap());
        turn += CLAIMERS;
    }
    latencies_us
}

fn print(rows: &[Row], events: u64) {
    println!(
        "| store | sealed/s | {events} proved in (s) | peak MB | claims/s alone | p99 ms | claims/s beside sealing | p99 ms | catching up after (s) |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for row in rows {
        let milliseconds = |us: u64| us as f64 / 1000.0;
        let missed = |holds: bool| if holds { "" } else { " !" };
        println!(
            "| {} | {:.0} ({WANTED_SEALED_PER_SECOND}){} | {:.1} | {} ({WANTED_PROOF_MB}){} | {:.0} | {:.1} | {:.0} | {:.1} | {:.2} |",
            row.store,
            row.sealed_per_second,
            missed(row.sealed_per_second >= WANTED_SEALED_PER_SECOND),
            row.proved_seconds,
            row.proof_peak_mb,
            missed(row.proof_peak_mb <= WANTED_PROOF_MB),
            row.claims_alone.per_second,
            milliseconds(row.claims_alone.p99_us),
            row.claims_beside.per_second,
            milliseconds(row.claims_beside.p99_us),
            row.catching_up_seconds,
        );
    }
    println!("In brackets what is wanted; `!` marks what is missed.");
}
