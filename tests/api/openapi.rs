//! The OpenAPI document: what it says is what is served.

use std::collections::BTreeSet;

use innovation_voucher::http::openapi::{self, BASE};
use innovation_voucher::http::route::{Access, Route, method_name};
use innovation_voucher::http::routes;
use serde_json::Value;
use voucher_domain::code::Code;
use voucher_domain::refusal::RefusalCode;

use crate::harness::World;
use crate::on_both_stores;

on_both_stores!(the_document_is_served_with_its_page);

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi.json");

fn document() -> Value {
    serde_json::to_value(openapi::document(&routes::all())).unwrap()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((path.clone(), method.to_ascii_uppercase(), operation.clone()));
        }
    }
    found
}

fn row<'r>(routes: &'r [Route], path: &str, method: &str) -> &'r Route {
    let mut rows = routes.iter();
    rows.find(|route| format!("{BASE}{}", route.path) == path && method_name(&route.method) == method).unwrap()
}

/// Every value of this key, at any depth.
fn all_of<'d>(value: &'d Value, key: &str, found: &mut Vec<&'d str>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                match inner.as_str() {
                    Some(text) if name == key => found.push(text),
                    _ => all_of(inner, key, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| all_of(inner, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_the_one_that_was_looked_at() {
    let kept = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    let same = serde_json::from_str::<Value>(&kept).is_ok_and(|kept| kept == document());
    assert!(same, "the API has changed; look whether it is meant, then: cargo run -- openapi > tests/openapi.json");
}

#[test]
fn its_paths_are_the_rows_of_the_table() {
    let rows = routes::all();
    let served: BTreeSet<_> =
        rows.iter().map(|route| (format!("{BASE}{}", route.path), method_name(&route.method).to_owned())).collect();
    assert_eq!(served.len(), rows.len(), "two rows serve the same");
    let told: BTreeSet<_> = operations(&document()).into_iter().map(|(path, method, _)| (path, method)).collect();
    assert_eq!(told, served);
}

#[test]
fn every_promised_call_is_served() {
    let promised = include_str!("../api-contract.txt").lines().filter(|line| !line.starts_with('#'));
    let served: BTreeSet<_> =
        routes::all().iter().map(|route| format!("{} {}", method_name(&route.method), route.path)).collect();
    let missing: Vec<_> = promised.filter(|call| !served.contains(*call)).collect();
    assert!(missing.is_empty(), "clients are written against these: {missing:?}");
}

#[test]
fn it_is_openapi_3_1_and_whole() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut references = Vec::new();
    all_of(&document, "$ref", &mut references);
    assert!(references.len() > 100);
    for reference in &references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let used = references.contains(&format!("#/components/schemas/{name}").as_str());
        assert!(used, "{name} is used by nothing");
    }
}

#[test]
fn every_operation_says_who_may_call_and_what_it_refuses() {
    let (document, routes) = (document(), routes::all());
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let route = row(&routes, &path, &method);
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{what} has another's id");
        assert!(!route.summary.0.is_empty() && !route.summary.1.is_empty(), "{what} has no summary");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key(&route.success.to_string()), "{what}");
        assert!(responses.keys().any(|status| status.starts_with('4')), "{what} refuses nothing");
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            let schema = &response["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{what} {status}");
        }
        assert_eq!(operation["security"].is_array(), route.access != Access::Public, "{what}");
        let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
        let has = |name: &str| parameters.iter().find(|parameter| parameter["name"] == name);
        for name in route.parameter_names() {
            assert_eq!(has(name).unwrap()["required"], true, "{what} {name}");
        }
        assert_eq!(has("If-Match").is_some(), route.requires_version, "{what}");
        assert_eq!(has("dry_run").is_some(), route.dry_run, "{what}");
        let key = has("Idempotency-Key");
        assert_eq!(key.is_some_and(|key| key["required"] == true), route.requires_key, "{what}");
    }
}

#[test]
fn every_form_is_closed() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(reference) = schema["$ref"].as_str() else { continue };
        let form = document.pointer(reference.trim_start_matches('#')).unwrap();
        let itself = [form.clone()];
        // Of a choice between forms each is closed.
        let forms = form["oneOf"].as_array().map_or(itself.as_slice(), Vec::as_slice);
        for form in forms {
            assert!(is_closed(&document, form), "{method} {path}: {reference}: {form}");
        }
    }
}

/// Whether a form takes no field that it does not name; of a form joined from several, one has to say so.
fn is_closed(document: &Value, form: &Value) -> bool {
    let meant = form["$ref"].as_str().map_or(form, |name| document.pointer(name.trim_start_matches('#')).unwrap());
    let joined = meant["allOf"].as_array();
    meant["additionalProperties"] == false || joined.is_some_and(|all| all.iter().any(|one| is_closed(document, one)))
}

#[test]
fn every_code_is_refused_somewhere() {
    let routes = routes::all();
    let told: BTreeSet<RefusalCode> = routes.iter().flat_map(openapi::refusals).collect();
    for code in RefusalCode::ALL {
        let elsewhere = [RefusalCode::MethodNotAllowed, RefusalCode::Internal].contains(code);
        assert!(told.contains(code) || elsewhere, "{code} is refused by no route");
    }
}

async fn the_document_is_served_with_its_page(world: World) {
    let served = world.get_outside("/openapi.json").await;
    let expected = serde_json::to_value(openapi::document(&routes::table(&world.program))).unwrap();
    assert_eq!(served.expect(200), expected);
    let page = world.get_outside("/docs/").await;
    assert_eq!(page.status, 200);
    let html = String::from_utf8(page.bytes).unwrap();
    // Nothing is loaded from anywhere else.
    assert!(html.contains("swagger-ui") && !html.contains("http://") && !html.contains("https://"), "{html}");
    let initializer = world.get_outside("/docs/swagger-initializer.js").await;
    let script = String::from_utf8(initializer.bytes).unwrap();
    assert!(script.contains("/openapi.json") && !script.contains("https://"), "{script}");
    assert_eq!(world.get_outside("/").await.header("location"), Some("/docs/"));
    assert_eq!(world.get_outside("/health/live").await.expect(200)["status"], "ok");
    assert_eq!(world.get_outside("/health/ready").await.expect(200)["status"], "ready");
    let metrics = world.get_outside("/metrics").await;
    assert_eq!(metrics.status, 200);
    let nowhere = world.get_outside("/nonsense").await;
    assert_eq!(nowhere.refused(404, "not_found")["status"], 404);
}
