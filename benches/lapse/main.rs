//! 100 000 vouchers that lapse at one midnight, voided while claims go on, beside a baseline of one
//! transaction a voucher. `cargo bench --bench lapse` prints one table; `-- --sqlite` or
//! `-- --postgresql` one store alone. It is to take less than a minute on two cores.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement; what panics here ends it"
)]

#[allow(dead_code, reason = "the other measurement uses all of it")]
#[path = "../opening_day/load.rs"]
mod load;
#[allow(dead_code, reason = "the other measurement uses all of it")]
#[path = "../opening_day/people.rs"]
mod people;
#[allow(dead_code, reason = "the other measurement uses all of it")]
#[path = "../opening_day/postgres.rs"]
mod postgres;
mod vouchers;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use innovation_voucher::adapters::clock::SimulatedClock;
use innovation_voucher::config::Settings;
use innovation_voucher::http::claim_lane::ClaimLane;
use innovation_voucher::http::claims;
use innovation_voucher::services::accounts::Books;
use innovation_voucher::services::{Program, lapse, lease, verification};
use innovation_voucher::wiring;
use load::Measured;
use voucher_storage::Store;
use vouchers::{LAPSING, MIDNIGHT, SINGLE};

const CLAIMERS: u64 = 16;
const WANTED_SECONDS: f64 = 60.0;

/// What one store came to.
struct Row {
    store: &'static str,
    seconds: f64,
    single_per_second: f64,
    claims: Measured,
    claims_alone: Measured,
}

fn main() {
    let wants = |option: &str| std::env::args().any(|argument| argument == option);
    let directory = tempfile::Builder::new().prefix("lapse").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // PostgreSQL's own user must be able to come by.
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut rows = Vec::new();
    if !wants("--postgresql") {
        let url = format!("sqlite://{}", directory.path().join("voucher.sqlite3").display());
        rows.push(midnight("SQLite", &url, directory.path()));
    }
    if !wants("--sqlite") {
        match postgres::Postgres::start(directory.path()) {
            Some(postgres) => rows.push(midnight("PostgreSQL", &postgres.url(), directory.path())),
            None => eprintln!("PostgreSQL is not installed here, and is left out"),
        }
    }
    print(&rows);
}

/// Fills a store, then voids what lapsed while others claim.
fn midnight(store: &'static str, url: &str, directory: &Path) -> Row {
    let opened = Store::open(url).unwrap();
    people::prepare(&opened, 1);
    vouchers::prepare(&opened);
    let mut settings = Settings::load(None).unwrap();
    settings.database.url = url.to_owned();
    settings.auth.secret = "a secret that only this measurement knows".to_owned();
    settings.privacy.keys = "bench:a-secret-that-only-this-measurement-knows".to_owned();
    settings.files.directory = directory.join("files");
    settings.mail.directory = directory.join("mail");
    let clock = Arc::new(SimulatedClock::at(MIDNIGHT.parse().unwrap()));
    let program = Arc::new(wiring::program_with_clock(settings, Some(clock)).unwrap());
    eprintln!("{store}: {LAPSING} vouchers have lapsed");
    let (single_seconds, _) = while_claiming(&program, || vouchers::single_ids().for_each(|id| void_one(&program, id)));
    let (seconds, claims) = while_claiming(&program, || {
        let done = lease::under(&program, "lapse", lapse::run).unwrap();
        assert_eq!(done, Some(usize::try_from(LAPSING).unwrap()));
    });
    let (_, claims_alone) = while_claiming(&program, || thread::sleep(Duration::from_secs(3)));
    let report = verification::verify(&program).unwrap();
    assert_eq!(report.fault, None, "the ledger is not whole");
    eprintln!("  proved: {} vouchers, {} entries", report.vouchers, report.entries);
    Row { store, seconds, single_per_second: SINGLE as f64 / single_seconds, claims, claims_alone }
}

/// The baseline: a transaction of its own for a voucher, as whoever acts on it writes it down.
fn void_one(program: &Program, id: uuid::Uuid) {
    let voided = program.transact(|call| {
        let mut books = Books::open(call, [people::cycle_id()])?;
        lapse::write(call, &mut books, &[id])
    });
    voided.unwrap();
}

/// Does the work while others claim: how long it took, and how the claims went meanwhile.
fn while_claiming(program: &Arc<Program>, work: impl FnOnce()) -> (f64, Measured) {
    let lane = ClaimLane::start(Arc::clone(program), program.settings.claims.queue, claims::render);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let claimers: Vec<_> = (0..CLAIMERS)
            .map(|number| {
                let (lane, over) = (&lane, &over);
                scope.spawn(move || claim_until(lane, over, number))
            })
            .collect();
        let start = Instant::now();
        work();
        let seconds = start.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        let latencies = claimers.into_iter().flat_map(|claimer| claimer.join().unwrap()).collect();
        (seconds, Measured::of(latencies, seconds))
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

fn print(rows: &[Row]) {
    println!(
        "| store | {LAPSING} void in (s) | vouchers/s | one transaction each/s | claims/s meanwhile | p50 ms | p99 ms | claims/s alone | p99 ms |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for row in rows {
        let mark = if row.seconds < WANTED_SECONDS { "" } else { " !" };
        let milliseconds = |us: u64| us as f64 / 1000.0;
        println!(
            "| {} | {:.1} ({WANTED_SECONDS}){mark} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} | {:.1} |",
            row.store,
            row.seconds,
            LAPSING as f64 / row.seconds,
            row.single_per_second,
            row.claims.per_second,
            milliseconds(row.claims.p50_us),
            milliseconds(row.claims.p99_us),
            row.claims_alone.per_second,
            milliseconds(row.claims_alone.p99_us),
        );
    }
    println!("In brackets what is wanted; `!` marks what is missed.");
}
