//! Who is answered what: every route called by everybody, about what is their own, what is another's, and
//! what is not there. `matrix.txt` holds the answers: status and problem code.
//!
//! A new route needs nothing here but its answers, looked at and written down by
//! `VOUCHER_REWRITE_GOLDEN=1 cargo test --test api permissions`; one that names a new kind of thing in its
//! path needs that thing in `things.rs` first.
//!
//! Forms are the smallest that have the right form (`permissions::form`): who is answered 422 or 409 was let
//! in, and was shown no more than that. Each call finds everything as it was in the beginning: after one that
//! changed something the store is put back.

use std::fmt::Write;

use innovation_voucher::http::openapi;
use innovation_voucher::http::route::{Effect, Route, method_name};
use innovation_voucher::http::routes;
use serde_json::Value;
use voucher_domain::actor::Role;
use voucher_domain::code::Code;

use super::things::{Cast, Things};
use super::{NOBODY, REWRITE, call, form};
use crate::harness::{Account, Reply, World};
use crate::on_both_stores;

on_both_stores!(everybody_is_answered_as_the_golden_file_says);

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/permissions/matrix.txt");
const HEAD: &str = "\
# Who is answered what by each route: status and problem code, about what is their own, another's, and absent.
# Written by VOUCHER_REWRITE_GOLDEN=1 cargo test --test api permissions; see matrix.rs.
";

/// A store with everything in it, and the one at work, which is put back after a change.
struct Stage {
    original: World,
    world: World,
}

impl Stage {
    async fn set(original: World) -> Self {
        let world = original.copy().await;
        Self { original, world }
    }

    /// What somebody is answered who calls a route with this path.
    async fn ask(&mut self, route: &Route, path: &str, who: Option<&Account>, body: &Value) -> String {
        let reply = call(&self.world, route, path, who, body).await;
        if route.effect == Effect::Changes && reply.status < 300 {
            self.world.prove();
            self.world = self.original.copy().await;
        }
        told(&reply)
    }
}

fn told(reply: &Reply) -> String {
    match reply.body["code"].as_str().filter(|_| reply.status >= 400) {
        Some(code) => format!("{} {code}", reply.status),
        None => reply.status.to_string(),
    }
}

/// The path of a route about one thing.
fn path_to(route: &Route, thing: &str) -> String {
    let segments = route.path.split('/').map(|segment| if segment.starts_with('{') { thing } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// The line of one caller: each answer with whose thing it was about, or one answer that is always the same.
fn line(who: &str, answers: &[(&str, String)]) -> String {
    let first = answers.first().map(|(_, answer)| answer.as_str()).unwrap_or_default();
    if answers.iter().all(|(_, answer)| answer == first) {
        return format!("  {who:<10} {first}\n");
    }
    let each: Vec<_> = answers.iter().map(|(whose, answer)| format!("{whose} {answer}")).collect();
    format!("  {who:<10} {}\n", each.join(" · "))
}

/// What one caller is answered.
async fn answers(
    stage: &mut Stage,
    route: &Route,
    (cast, things): (&Cast, &Things),
    role: Role,
    body: &Value,
) -> Vec<(&'static str, String)> {
    let caller = cast.one(role);
    if route.parameter_names().is_empty() {
        return vec![("", stage.ask(route, route.path, Some(caller), body).await)];
    }
    let mut answers = Vec::new();
    for (whose, who, thing) in things.to_ask(route.path, cast, role) {
        answers.push((whose, stage.ask(route, &path_to(route, &thing), Some(who), body).await));
    }
    answers.push(("absent", stage.ask(route, &path_to(route, NOBODY), Some(caller), body).await));
    answers
}

async fn everybody_is_answered_as_the_golden_file_says(world: World) {
    let (cast, things) = Things::made(&world).await;
    let unknown: Vec<_> = routes::all().iter().filter(|route| !things.know(route)).map(|route| route.path).collect();
    assert!(
        unknown.is_empty(),
        "these routes name a kind of thing that this test does not have: make one in Things::made \
         (tests/api/permissions/things.rs), and say whose it is:\n{}",
        unknown.join("\n")
    );
    let document = serde_json::to_value(openapi::document(&routes::all())).unwrap();
    let mut stage = Stage::set(world).await;
    let mut table = String::from(HEAD);
    for route in routes::all() {
        let body = form(&document, &route);
        writeln!(table, "\n{} {}", method_name(&route.method), route.path).unwrap();
        let somebodys = things.any(route.path).unwrap_or_default();
        let path = path_to(&route, &somebodys);
        table += &line("nobody", &[("", stage.ask(&route, &path, None, &body).await)]);
        for role in Role::ALL {
            let answers = answers(&mut stage, &route, (&cast, &things), *role, &body).await;
            table += &line(role.code(), &answers);
        }
    }
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(GOLDEN, &table).unwrap();
    }
    hold_against_the_golden_file(&table);
}

/// The rows of a table, each a route with its callers.
fn rows(table: &str) -> Vec<&str> {
    table.split("\n\n").skip(1).map(str::trim_end).collect()
}

fn hold_against_the_golden_file(table: &str) {
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let (now, then) = (rows(table), rows(&golden));
    let new: Vec<_> = now.iter().filter(|row| !then.contains(row)).copied().collect();
    let gone: Vec<_> = then.iter().filter(|row| !now.contains(row)).copied().collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "matrix.txt does not say this:\n{}\nbut says:\n{}\nlook whether everybody is answered as is meant; if so: \
         {REWRITE}=1 cargo test --test api permissions",
        new.join("\n"),
        gone.join("\n"),
    );
}
