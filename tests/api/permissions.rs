//! Who is let in where: every row of the table called without a token, as each role, and by the owners
//! of other things. `matrix` asks more closely: by everybody, about what is their own, another's, or not there.

mod matrix;
mod things;

use std::fmt::Write;

use actix_web::http::Method;
use innovation_voucher::http::openapi;
use innovation_voucher::http::route::{Access, Effect, Route, Takes, method_name};
use innovation_voucher::http::routes;
use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::code::Code;
use voucher_storage::StorageError;
use voucher_storage::event::Event;

use crate::assessments::assessment_form;
use crate::harness::{Account, Reply, World, id};
use crate::on_both_stores;

on_both_stores!(the_roles_are_let_in_as_the_golden_file_says, what_is_another_s_is_not_there);

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/permissions.txt");
const REWRITE: &str = "VOUCHER_REWRITE_GOLDEN";
const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

async fn call(world: &World, route: &Route, path: &str, account: Option<&Account>, body: &Value) -> Reply {
    let method = Method::from_bytes(method_name(&route.method).as_bytes()).unwrap();
    let ask = world.ask(method, path).header("if-match", "*").unproved();
    let ask = match &route.takes {
        Takes::Json(_) => ask.json(body.clone()),
        Takes::Nothing | Takes::Upload => ask,
    };
    match account {
        Some(account) => ask.by(account).send().await,
        None => ask.send().await,
    }
}

/// Turned away for want of a token or of the role, or let in, whatever comes of an empty request.
fn class(reply: &Reply) -> &'static str {
    match reply.status {
        401 => "401",
        403 => "403",
        _ => "in",
    }
}

async fn the_roles_are_let_in_as_the_golden_file_says(world: World) {
    let people = world.one_of_each_role().await;
    let mut table = String::from("# Method and path, then who is let in: without a token, and as each role.\n");
    for route in routes::all() {
        let path = route.path.replace("{id}", NOBODY);
        let mut line = format!("{} {} |", method_name(&route.method), route.path);
        let reply = call(&world, &route, &path, None, &json!({})).await;
        write!(line, " nobody {}", class(&reply)).unwrap();
        for (role, account) in &people {
            let reply = call(&world, &route, &path, Some(account), &json!({})).await;
            write!(line, " · {} {}", role.code(), class(&reply)).unwrap();
        }
        writeln!(table, "{line}").unwrap();
    }
    world.prove();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(GOLDEN, &table).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let differs = table.lines().find(|line| !golden.lines().any(|known| known == *line));
    assert!(
        golden == table,
        "permissions.txt does not say this (or has rows that are gone, or another order):\n{}\nlook whether it is \
         meant; if so: {REWRITE}=1 cargo test --test api permissions",
        differs.unwrap_or_default()
    );
}

/// Things of one applicant, one facility and one expert, by the paths that name them.
async fn owned(world: &World) -> Vec<(&'static str, String)> {
    let approved = world.approved_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
    let (facility, redemption) = (&approved.facility, &approved.redemption);
    let reviews =
        world.get(&format!("/redemptions/{redemption}/reviews")).by(&approved.concluder).send().await.expect(200);
    let expert = world.known_expert(reviews["items"][0]["expert_id"].as_str().unwrap());
    let assessment_review = world.assigned_assessment_review(&approved, &expert).await;
    let told = world.get("/notifications").by(&approved.applicant).send().await.expect(200);
    let colleague = json!({ "name": "王芳", "email": "wang@firm.test", "phone": "010-12345678" });
    let colleague = world.post("/me/organization/users").by(&approved.applicant).json(colleague).send().await;
    let instrument = world.instrument_with(facility, json!({})).await;
    let violation = world.violation(&approved.concluder, facility).await;
    let form = json!({ "field": "other", "proposed": "x", "grounds": "x" });
    let correction = world.post("/me/corrections").by(facility).json(form).send().await;
    vec![
        ("/me/corrections/{id}", id(&correction.expect(201))),
        ("/vouchers/{id}", id(&approved.voucher)),
        ("/projects/{id}", approved.contract["project_id"].as_str().unwrap().to_owned()),
        ("/contracts/{id}", id(&approved.contract)),
        ("/redemptions/{id}", redemption.clone()),
        ("/notifications/{id}", id(&told["items"][0])),
        ("/reviews/{id}", id(&reviews["items"][0])),
        ("/files/{id}", world.upload(facility, "own").await),
        ("/violations/{id}", violation),
        ("/me/facility/instruments/{id}", instrument),
        ("/me/facility/services/{id}", world.service(facility).await),
        ("/me/organization/users/{id}", id(&colleague.expect(201))),
        // One that is not announced is the commission's.
        ("/assessment-reviews/{id}", assessment_review),
        ("/assessments/{id}", id(&world.ask_assessment(&approved.concluder, assessment_form()).await.expect(201))),
    ]
}

/// The smallest value of a schema.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return example(document, document.pointer(reference.trim_start_matches('#')).unwrap());
    }
    if let Some(first) = schema["enum"].as_array().and_then(|codes| codes.first()) {
        return first.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match (kind, schema["format"].as_str()) {
        ("string", Some("uuid")) => json!(NOBODY),
        ("string", Some("date")) => json!("2026-03-20"),
        ("string", Some("date-time")) => json!("2026-03-20T10:00:00+08:00"),
        ("string", _) => json!("说明"),
        ("integer" | "number", _) => json!(1),
        ("boolean", _) => json!(true),
        ("array", _) => json!([example(document, &schema["items"])]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten();
            let entries = required.map(|name| {
                let name = name.as_str().unwrap();
                (name.to_owned(), example(document, &schema["properties"][name]))
            });
            Value::Object(entries.collect())
        }
    }
}

/// A form of a route that is right but for what it is about.
fn form(document: &Value, route: &Route) -> Value {
    let method = method_name(&route.method).to_ascii_lowercase();
    let operation = &document["paths"][format!("{}{}", openapi::BASE, route.path)][method];
    example(document, &operation["requestBody"]["content"]["application/json"]["schema"])
}

fn newest_event(world: &World) -> Option<Uuid> {
    let newest = world.program.store.read(|tx| -> Result<_, StorageError> { Event::page(tx, Event::all(), None, 1) });
    newest.unwrap().items.first().map(|event| event.id)
}

/// Roles that see things because these are theirs. The commission's see what its tasks are about.
fn owns(role: Role) -> bool {
    match role {
        Role::Applicant | Role::Facility | Role::Expert => true,
        Role::Officer | Role::Auditor | Role::Admin => false,
    }
}

async fn what_is_another_s_is_not_there(world: World) {
    let things = owned(&world).await;
    let strangers: Vec<_> = world.one_of_each_role().await.into_iter().filter(|(role, _)| owns(*role)).collect();
    let document = serde_json::to_value(openapi::document(&routes::all())).unwrap();
    let before = newest_event(&world);
    for route in routes::all().iter().filter(|route| route.path.contains("{id}")) {
        let roles: Vec<Role> = match route.access {
            Access::Public => continue,
            Access::SignedIn => strangers.iter().map(|(role, _)| *role).collect(),
            Access::Roles(roles) => roles.iter().copied().filter(|role| owns(*role)).collect(),
        };
        if roles.is_empty() {
            continue;
        }
        let named = things.iter().find(|(stem, _)| route.path == *stem || route.path.starts_with(&format!("{stem}/")));
        let (_, thing) = named.unwrap_or_else(|| panic!("make a thing of somebody's for {}", route.path));
        let body = form(&document, route);
        for (_, stranger) in strangers.iter().filter(|(role, _)| roles.contains(role)) {
            let reply = call(&world, route, &route.path.replace("{id}", thing), Some(stranger), &body).await;
            let what = format!("{} {} by {}", method_name(&route.method), route.path, stranger.email);
            assert_eq!(reply.status, 404, "{what} with {body}: {:?}", reply.body);
            assert!(route.effect != Effect::Reads || reply.body["code"] == "not_found", "{what}");
        }
    }
    assert_eq!(newest_event(&world), before, "something happened to somebody else's");
    world.prove();
}
