//! Claims that rush in while servers share the store, and while they are killed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use voucher_domain::attempt::{ChainEnd, Receipt};
use voucher_storage::testing;

use crate::both;
use crate::client::{Client, Reply};
use crate::server::{SECRET, Server, verify};

#[path = "../../benches/opening_day/people.rs"]
mod people;

const KILLS: u64 = 20;
const CLIENTS: u64 = 8;
const ANSWERS_BEFORE_KILL: u64 = 60;

/// The claim that a key stands for.
fn form(amount_fen: i64) -> Value {
    json!({ "cycle_id": people::cycle_id(), "amount_fen": amount_fen, "declaration": true })
}

/// The published chain, from any of the servers.
fn chain(port: u16, token: &str) -> Vec<Receipt> {
    let mut client = Client::connect(port).unwrap();
    let mut receipts: Vec<Receipt> = Vec::new();
    loop {
        let after = receipts.last().map_or(0, |last| last.sequence);
        let path = format!("/cycles/{}/attempts?limit=1000&after={after}", people::cycle_id());
        let part = client.get(&path, token).unwrap();
        assert_eq!(part.status, 200, "{part:?}");
        let items: Vec<Receipt> = serde_json::from_value(part.body["items"].clone()).unwrap();
        receipts.extend(items);
        if part.body["next_after"].is_null() {
            return receipts;
        }
    }
}

fn follow(receipts: &[Receipt]) {
    let mut end = ChainEnd::default();
    receipts.iter().for_each(|receipt| end.follow(receipt).unwrap());
}

/// Every answer has its place in the chain, and no attempt has two.
fn answers_are_in_the_chain(answers: &BTreeMap<String, Reply>, receipts: &[Receipt]) {
    for (key, reply) in answers {
        assert!(matches!(reply.status, 201 | 409), "{key}: {reply:?}");
        let receipt: Receipt = serde_json::from_value(reply.body["receipt"].clone()).unwrap();
        let place = usize::try_from(receipt.sequence).unwrap() - 1;
        assert_eq!(receipts.get(place), Some(&receipt), "{key}");
    }
}

#[test]
fn two_servers_on_one_postgresql_are_exact() {
    let store = testing::postgres();
    people::prepare(&store, 1);
    let directory = tempfile::tempdir().unwrap();
    let servers = [Server::start(store.url(), directory.path()), Server::start(store.url(), directory.path())];
    let tokens = people::tokens(SECRET, 0..1);
    let answers: Arc<Mutex<BTreeMap<String, Reply>>> = Arc::default();
    let threads: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (port, tokens, answers) =
                (servers[usize::try_from(number % 2).unwrap()].port, Arc::clone(&tokens), Arc::clone(&answers));
            thread::spawn(move || {
                let mut client = Client::connect(port).unwrap();
                for turn in 0..250_u64 {
                    // The same twenty applicants at both servers, so that their limits are contended for as well.
                    let token = &tokens[usize::try_from(turn % 20).unwrap()];
                    let key = format!("{number}-{turn}");
                    let reply = client.claim(token, &key, &form(1_000_000 + i64::try_from(turn).unwrap())).unwrap();
                    answers.lock().unwrap().insert(key, reply);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let receipts = chain(servers[0].port, &tokens[0]);
    follow(&receipts);
    let answers = answers.lock().unwrap();
    assert_eq!((answers.len(), receipts.len()), (2000, 2000));
    answers_are_in_the_chain(&answers, &receipts);
    assert!(answers.values().any(|reply| reply.body["code"] == "annual_limit_exceeded"), "no limit was reached");
    verify(store.url(), directory.path());
}

#[test]
fn a_server_killed_in_mid_rush_forgets_no_answered_claim() {
    for store in both() {
        people::prepare(&store, 1);
        let directory = tempfile::tempdir().unwrap();
        let mut answers = BTreeMap::new();
        for round in 0..KILLS {
            let server = Server::start(store.url(), directory.path());
            rush_and_kill(server, round, &mut answers);
        }
        nothing_is_forgotten(store.url(), directory.path(), answers);
    }
}

/// Clients claim until so many answers have come; then the server is killed with claims in hand.
fn rush_and_kill(server: Server, round: u64, answers: &mut BTreeMap<String, Reply>) {
    let tokens = people::tokens(SECRET, 0..1);
    let (answered, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let threads: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (port, tokens, answered, over) =
                (server.port, Arc::clone(&tokens), Arc::clone(&answered), Arc::clone(&over));
            thread::spawn(move || {
                let mut client = Client::connect(port).unwrap();
                let mut mine = Vec::new();
                for turn in 0_u64.. {
                    let place = (round * 1_000 + number * 100 + turn) % people::APPLICANTS;
                    let key = format!("{round}-{number}-{turn}");
                    match client.claim(&tokens[usize::try_from(place).unwrap()], &key, &form(people::AMOUNT_FEN)) {
                        Ok(reply) => mine.push((key, reply)),
                        // Only the kill may end a conversation.
                        Err(error) => {
                            assert!(over.load(Ordering::SeqCst), "{error}");
                            break;
                        }
                    }
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                mine
            })
        })
        .collect();
    while answered.load(Ordering::SeqCst) < ANSWERS_BEFORE_KILL + round {
        thread::yield_now();
    }
    over.store(true, Ordering::SeqCst);
    server.kill();
    for thread in threads {
        answers.extend(thread.join().unwrap());
    }
}

fn nothing_is_forgotten(url: &str, directory: &Path, answers: BTreeMap<String, Reply>) {
    verify(url, directory);
    let server = Server::start(url, directory);
    let tokens = people::tokens(SECRET, 0..1);
    let receipts = chain(server.port, &tokens[0]);
    follow(&receipts);
    assert!(receipts.len() >= answers.len(), "{} attempts, {} answers", receipts.len(), answers.len());
    answers_are_in_the_chain(&answers, &receipts);
    // Whoever repeats the key reads the first answer, and nothing is claimed twice.
    let mut client = Client::connect(server.port).unwrap();
    for (key, reply) in answers.iter().step_by(17) {
        let parts: Vec<u64> = key.split('-').map(|part| part.parse().unwrap()).collect();
        let place = (parts[0] * 1_000 + parts[1] * 100 + parts[2]) % people::APPLICANTS;
        let again = client.claim(&tokens[usize::try_from(place).unwrap()], key, &form(people::AMOUNT_FEN)).unwrap();
        assert_eq!(&again, reply);
    }
    assert_eq!(chain(server.port, &tokens[0]).len(), receipts.len());
    verify(url, directory);
}
