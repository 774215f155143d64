//! A load generator that leaves the two cores to what is measured: one thread, HTTP/1.1 kept alive,
//! each connection asking again as soon as it is answered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a cell of the table came to. Times in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub per_second: f64,
    pub p50_us: u64,
    pub p99_us: u64,
}

impl Measured {
    /// From the latencies of what was answered within so many seconds.
    pub fn of(mut latencies_us: Vec<u64>, seconds: f64) -> Self {
        assert!(!latencies_us.is_empty(), "nothing was answered");
        latencies_us.sort_unstable();
        let at = |share: usize| latencies_us[(latencies_us.len() * share / 100).min(latencies_us.len() - 1)];
        Self { per_second: latencies_us.len() as f64 / seconds, p50_us: at(50), p99_us: at(99) }
    }
}

/// How long a cell warms up and is measured, and by how many connections.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub connections: usize,
    pub warm_up: Duration,
    pub measured: Duration,
}

struct Tally {
    latencies_us: RefCell<Vec<u64>>,
    asked: Cell<u64>,
    most: u64,
    counted_from: Instant,
    until: Instant,
    last_answer: Cell<Instant>,
}

/// Sends what `request` writes (given the number of the request), `most` times at the most, and expects this
/// status of all.
pub fn run(port: u16, span: Span, most: u64, expected: u16, request: impl Fn(u64, &mut Vec<u8>) + 'static) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let start = Instant::now();
    let tally = Rc::new(Tally {
        latencies_us: RefCell::default(),
        asked: Cell::new(0),
        most,
        counted_from: start + span.warm_up,
        until: start + span.warm_up + span.measured,
        last_answer: Cell::new(start),
    });
    let request = Rc::new(request);
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let work = (0..span.connections).map(|_| {
            let (tally, request) = (Rc::clone(&tally), Rc::clone(&request));
            tokio::task::spawn_local(async move { converse(port, &tally, &*request, expected).await })
        });
        for conversation in work.collect::<Vec<_>>() {
            conversation.await.unwrap();
        }
    });
    // Where all was asked before the time was over, the time ends with the last answer.
    let ended = tally.until.min(tally.last_answer.get());
    let seconds = if tally.asked.get() >= most { ended - tally.counted_from } else { span.measured };
    Measured::of(tally.latencies_us.take(), seconds.as_secs_f64())
}

async fn converse(port: u16, tally: &Tally, request: &impl Fn(u64, &mut Vec<u8>), expected: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut outgoing, mut incoming) = (Vec::new(), Vec::new());
    loop {
        let number = tally.asked.replace(tally.asked.get() + 1);
        outgoing.clear();
        // After the last one nothing is written.
        if number < tally.most {
            request(number, &mut outgoing);
        }
        let asked = Instant::now();
        if asked >= tally.until || number >= tally.most {
            return;
        }
        stream.write_all(&outgoing).await.unwrap();
        let status = answer(&mut stream, &mut incoming).await;
        assert_eq!(status, expected, "{}", String::from_utf8_lossy(&incoming));
        let answered = Instant::now();
        tally.last_answer.set(answered);
        if answered >= tally.counted_from && answered < tally.until {
            let micros = u64::try_from(answered.duration_since(asked).as_micros()).unwrap();
            tally.latencies_us.borrow_mut().push(micros);
        }
    }
}

/// Reads one whole answer; its status.
async fn answer(stream: &mut TcpStream, incoming: &mut Vec<u8>) -> u16 {
    incoming.clear();
    let mut whole = None;
    loop {
        assert_ne!(stream.read_buf(incoming).await.unwrap(), 0, "the server hung up");
        whole = whole.or_else(|| expected_bytes(incoming));
        if whole.is_some_and(|bytes| incoming.len() >= bytes) {
            break;
        }
    }
    std::str::from_utf8(&incoming[9..12]).unwrap().parse().unwrap()
}

/// How many bytes an answer has, once its head is there.
fn expected_bytes(incoming: &[u8]) -> Option<usize> {
    let head = incoming.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&incoming[..head]).unwrap();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    Some(head + length.expect("every answer says its length"))
}
