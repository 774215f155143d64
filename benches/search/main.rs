//! The catalogue's search over 50 000 services, on SQLite and on PostgreSQL, beside a plain `LIKE` over the
//! same rows in the same run.
//!
//! `cargo bench --bench search` prints one table. A search is a whole call of the API but for the socket:
//! decoded, checked, one transaction, the answer as JSON. PostgreSQL is the server that
//! `VOUCHER_TEST_POSTGRES` names, as in the tests.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement; what panics here ends it"
)]

mod baseline;
mod catalogue;

use std::sync::Arc;
use std::time::Instant;

use innovation_voucher::adapters::clock::SimulatedClock;
use innovation_voucher::config::Settings;
use innovation_voucher::http::answer::Body;
use innovation_voucher::http::dispatch;
use innovation_voucher::http::request::RawRequest;
use innovation_voucher::http::route::Route;
use innovation_voucher::http::routes;
use innovation_voucher::services::Program;
use innovation_voucher::wiring;
use voucher_storage::testing::{self, TestStore};

const SERVICES: usize = 50_000;
const ROUNDS: usize = 10;
const WANTED_P99_MILLISECONDS: f64 = 20.0;

/// What people type: from words that stand in half of the catalogue to words that are hardly anywhere.
const TYPED: [&str; 24] = [
    "质谱",
    "光谱",
    "电镜",
    "核磁",
    "热重",
    "材料",
    "合金",
    "电池",
    "药物",
    "成分分析",
    "性能测试",
    "失效分析",
    "高分辨质谱",
    "透射电镜",
    "三重四极杆",
    "半导体薄膜",
    "流式细胞",
    "质",
    "xrd",
    "lc-ms",
    "jem-f2",
    "质谱 血液",
    "原子力显微 芯片",
    "可靠性试验",
];

fn main() {
    println!("{SERVICES} services, {} searches a row, milliseconds", TYPED.len() * ROUNDS);
    println!("{:<12} {:<34} {:>8} {:>8} {:>8} {:>8}", "store", "search", "p50", "p99", "max", "hits");
    measure("SQLite", testing::sqlite());
    match std::env::var_os("VOUCHER_TEST_POSTGRES") {
        Some(_) => measure("PostgreSQL", testing::postgres()),
        None => eprintln!("VOUCHER_TEST_POSTGRES is not set: PostgreSQL is left out"),
    }
}

fn measure(name: &str, store: TestStore) {
    catalogue::fill(&store, SERVICES);
    let directory = tempfile::tempdir().unwrap();
    let program = program(&store, &directory);
    let routes = routes::table(&program);
    let route = routes.iter().find(|route| route.path == "/services").unwrap();
    let mut baseline = baseline::Baseline::open(store.url());
    baseline.settle();
    let rows: [(&str, &str); 5] = [
        ("words", ""),
        ("words, with counts", "&facets=true"),
        ("words, field and district", "&field=new_materials&district=%E6%B5%B7%E6%B7%80%E5%8C%BA"),
        ("words, by price", "&order=price"),
        ("words, by price, with counts", "&order=price&facets=true"),
    ];
    for (what, more) in rows {
        let mut hits = 0;
        let times = timed(|typed| hits += ask(&program, route, &format!("q={}{more}", encoded(typed))));
        print(name, what, &times, hits, true);
    }
    let times = timed(|_| assert!(ask(&program, route, "facets=true") > 0));
    print(name, "all, with counts", &times, 0, true);
    let mut hits = 0;
    let times = timed(|typed| hits += baseline.page(typed));
    print(name, "LIKE, words", &times, hits, false);
    let times = timed(|typed| {
        baseline.page(typed);
        baseline.counts(typed);
    });
    print(name, "LIKE, words, with counts", &times, 0, false);
}

fn program(store: &TestStore, directory: &tempfile::TempDir) -> Arc<Program> {
    let mut settings = Settings::load(None).unwrap();
    settings.database.url = store.url().to_owned();
    settings.files.directory = directory.path().join("files");
    settings.mail.directory = directory.path().join("mail");
    settings.auth.secret = "a secret that only this measurement knows".to_owned();
    settings.privacy.keys = "bench:a-secret-that-only-this-measurement-knows".to_owned();
    let clock = Arc::new(SimulatedClock::at("2026-03-02T10:00:00+08:00".parse().unwrap()));
    Arc::new(wiring::program_with_clock(settings, Some(clock)).unwrap())
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// One call of the API; how many were on its page.
fn ask(program: &Program, route: &Route, query: &str) -> usize {
    let request = RawRequest {
        method: "GET".to_owned(),
        path: "/services".to_owned(),
        query: query.to_owned(),
        ..RawRequest::default()
    };
    let answer = dispatch::handle(program, route, request);
    let Body::Json(body) = answer.body else { panic!("{query}: no JSON") };
    assert_eq!(answer.status, 200, "{query}: {body}");
    let written = body.to_string();
    std::hint::black_box(written);
    body["items"].as_array().unwrap().len()
}

/// How long each search took, in milliseconds, the shortest first. The first round warms up.
fn timed(mut search: impl FnMut(&str)) -> Vec<f64> {
    let mut times = Vec::new();
    for round in 0..=ROUNDS {
        for typed in TYPED {
            let from = Instant::now();
            search(typed);
            if round > 0 {
                times.push(from.elapsed().as_secs_f64() * 1_000.0);
            }
        }
    }
    times.sort_by(f64::total_cmp);
    times
}

fn print(store: &str, what: &str, times: &[f64], hits: usize, has_limit: bool) {
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let missed = if has_limit && at(0.99) > WANTED_P99_MILLISECONDS { " (above 20)" } else { "" };
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    println!("{store:<12} {what:<34} {p50:>8.2} {p99:>8.2} {most:>8.2} {hits:>8}{missed}");
}
