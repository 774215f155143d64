//! The one table.

use crate::load::Measured;

/// The cells of one store and one number of connections.
pub struct Row {
    pub store: &'static str,
    pub connections: usize,
    pub lane: Measured,
    pub naive: Measured,
    pub pgbench: Option<Measured>,
    pub cycles_per_second: f64,
    pub hellos_per_second: f64,
    /// At rest and at the most.
    pub memory_kib: (u64, u64),
}

/// How many times the naive handler's claims a second are wanted.
fn wanted_ratio(store: &str, connections: usize) -> Option<f64> {
    match (store, connections) {
        (_, 1) => None,
        ("SQLite", _) => Some(5.0),
        (_, 64) => Some(15.0),
        _ => Some(25.0),
    }
}

const WANTED_P99_SHARE: f64 = 0.2;
const WANTED_READING_SHARE: f64 = 0.5;
const WANTED_MEMORY_MB: (u64, u64) = (50, 200);

/// Prints it, with what is wanted in brackets and a mark where it is missed.
pub fn print(rows: &[Row]) {
    let head = [
        "store",
        "conns",
        "lane/s",
        "p50 ms",
        "p99 ms",
        "naive/s",
        "p50 ms",
        "p99 ms",
        "lane/naive",
        "p99 lane/naive",
        "pgbench/s",
        "p50 ms",
        "p99 ms",
        "GET cycle/s",
        "hello/s",
        "GET/hello",
        "MB at rest",
        "MB under load",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(cells));
    let widths: Vec<usize> =
        (0..head.len()).map(|place| lines.iter().map(|line| line[place].len()).max().unwrap_or_default()).collect();
    for (number, line) in lines.iter().enumerate() {
        let padded: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        println!("| {} |", padded.join(" | "));
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|width| format!("{}:", "-".repeat(width + 1))).collect();
            println!("|{}|", rules.join("|"));
        }
    }
    println!("In brackets what is wanted; `!` marks what is missed.");
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![row.store.to_owned(), row.connections.to_string()];
    cells.extend(speed(&row.lane));
    cells.extend(speed(&row.naive));
    let ratio = row.lane.per_second / row.naive.per_second;
    let p99_share = row.lane.p99_us as f64 / row.naive.p99_us as f64;
    match wanted_ratio(row.store, row.connections) {
        Some(wanted) => cells.extend([
            format!("{ratio:.1} ({wanted}){}", mark(ratio < wanted)),
            format!("{p99_share:.2} ({WANTED_P99_SHARE}){}", mark(p99_share > WANTED_P99_SHARE)),
        ]),
        None => cells.extend([format!("{ratio:.1}"), format!("{p99_share:.2}")]),
    }
    cells.extend(row.pgbench.as_ref().map_or_else(|| ["-"; 3].map(str::to_owned), speed));
    let reading = row.cycles_per_second / row.hellos_per_second;
    cells.push(format!("{:.0}", row.cycles_per_second));
    cells.push(format!("{:.0}", row.hellos_per_second));
    cells.push(format!("{reading:.2} ({WANTED_READING_SHARE}){}", mark(reading < WANTED_READING_SHARE)));
    let (rest, peak) = (row.memory_kib.0 / 1024, row.memory_kib.1 / 1024);
    cells.push(format!("{rest} ({}){}", WANTED_MEMORY_MB.0, mark(rest >= WANTED_MEMORY_MB.0)));
    cells.push(format!("{peak} ({}){}", WANTED_MEMORY_MB.1, mark(peak >= WANTED_MEMORY_MB.1)));
    cells
}

fn mark(missed: bool) -> &'static str {
    if missed { " !" } else { "" }
}

fn speed(measured: &Measured) -> [String; 3] {
    let milliseconds = |us: u64| format!("{:.1}", us as f64 / 1000.0);
    [format!("{:.0}", measured.per_second), milliseconds(measured.p50_us), milliseconds(measured.p99_us)]
}
