//! What is sent in a wrong form is refused by name, by every route alike, and changes nothing.

use actix_web::http::Method;
use innovation_voucher::config::Settings;
use innovation_voucher::http::openapi;
use innovation_voucher::http::route::{Access, Effect, Route, Takes, method_name};
use innovation_voucher::http::routes;
use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_storage::StorageError;
use voucher_storage::event::Event;

use crate::harness::{Account, Ask, World};
use crate::{on_both_stores, on_both_stores_with};

on_both_stores!(
    what_is_not_json_is_malformed_on_every_route,
    a_body_that_says_it_is_something_else_is_not_taken,
    an_unknown_field_is_named_by_every_route,
    a_field_that_is_there_twice_is_named_by_every_route,
    every_field_of_every_form_refuses_the_character_0,
    every_field_of_every_form_refuses_another_type,
    every_number_of_every_form_refuses_what_does_not_fit,
    a_route_without_a_body_takes_none,
    an_unknown_parameter_is_named_by_every_route,
    every_list_checks_its_page,
    what_is_no_id_is_nothing_s_id,
    a_wrong_method_and_an_unknown_path_say_so,
    amounts_and_instants_at_their_ends,
    days_at_their_ends,
    the_simulated_clock_only_moves_forward,
);

on_both_stores_with!(small; a_body_over_the_limit_is_not_read);

fn small(settings: &mut Settings) {
    settings.server.max_body_bytes = 4096;
    settings.files.max_bytes = 4096;
}

/// The routes, and somebody whom each of them lets in.
struct Everything<'w> {
    world: &'w World,
    people: Vec<(Role, Account)>,
    routes: Vec<Route>,
    document: Value,
    newest_event: Option<Uuid>,
}

impl<'w> Everything<'w> {
    async fn of(world: &'w World) -> Self {
        let people = world.one_of_each_role().await;
        let routes = routes::table(&world.program);
        let document = serde_json::to_value(openapi::document(&routes)).unwrap();
        Self { world, people, newest_event: newest_event(world), routes, document }
    }

    /// The routes that take JSON.
    fn with_bodies(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| matches!(route.takes, Takes::Json(_)))
    }

    /// A request to a route by somebody it lets in, about a thing that is not there.
    fn ask(&self, route: &Route) -> Ask<'w> {
        let path: Vec<_> = route
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "01890a5d-ac96-774b-bcce-b302099a8057" } else { part })
            .collect();
        self.ask_at(route, &path.join("/"))
    }

    fn ask_at(&self, route: &Route, path: &str) -> Ask<'w> {
        let method = Method::from_bytes(method_name(&route.method).as_bytes()).unwrap();
        let ask = self.world.ask(method, path).header("if-match", "*").unproved();
        let role = match route.access {
            Access::Public => return ask,
            Access::SignedIn => Role::Applicant,
            Access::Roles(roles) => roles[0],
        };
        let (_, account) = self.people.iter().find(|(known, _)| *known == role).unwrap();
        ask.by(account)
    }

    /// The properties of a route's form, with their schemas.
    fn properties(&self, route: &Route) -> Vec<(String, Value)> {
        let method = method_name(&route.method).to_ascii_lowercase();
        let operation = &self.document["paths"][format!("{}{}", openapi::BASE, route.path)][method];
        let schema = self.resolved(&operation["requestBody"]["content"]["application/json"]["schema"]);
        schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect()
    }

    /// A schema itself, where a reference stands for it or it may also be null.
    fn resolved(&self, schema: &Value) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.resolved(self.document.pointer(reference.trim_start_matches('#')).unwrap());
        }
        match schema["oneOf"].as_array().map(Vec::as_slice) {
            Some([one, other]) if one["type"] == "null" => self.resolved(other),
            Some([one, other]) if other["type"] == "null" => self.resolved(one),
            _ => schema.clone(),
        }
    }

    /// Whether nothing has happened since the beginning.
    #[track_caller]
    fn nothing_happened(&self) {
        self.world.prove();
        assert_eq!(newest_event(self.world), self.newest_event);
    }
}

fn newest_event(world: &World) -> Option<Uuid> {
    let newest = world.program.store.read(|tx| -> Result<_, StorageError> { Event::page(tx, Event::all(), None, 1) });
    newest.unwrap().items.first().map(|event| event.id)
}

fn says(route: &Route) -> String {
    format!("{} {}", method_name(&route.method), route.path)
}

async fn what_is_not_json_is_malformed_on_every_route(world: World) {
    let all = Everything::of(&world).await;
    // Nothing says as much as an object with nothing in it: what is required is named.
    world.post("/auth/login").raw("application/json", "").send().await.refused_field("email");
    for route in all.with_bodies() {
        for wrong in ["{", "{\"a\": 1,}", "{} {}", "nonsense", "{\"a\": 1e400}"] {
            let refusal = all.ask(route).raw("application/json", wrong).send().await.refused(400, "malformed_request");
            assert!(refusal["detail"].as_str().unwrap().contains("第 1 行"), "{}: {refusal}", says(route));
        }
        let bytes = all.ask(route).raw("application/json", *b"{\"name\": \"\xff\"}").send().await;
        bytes.refused(400, "malformed_request");
        for (wrong, field) in [("[]", "body"), ("null", "body"), ("\"a\"", "body"), ("1", "body")] {
            all.ask(route).raw("application/json", wrong).send().await.refused_field(field);
        }
    }
    all.nothing_happened();
}

async fn a_body_that_says_it_is_something_else_is_not_taken(world: World) {
    let all = Everything::of(&world).await;
    for route in all.with_bodies() {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            all.ask(route).raw(kind, "{}").send().await.refused(415, "unsupported_media_type");
        }
    }
    for route in all.routes.iter().filter(|route| matches!(route.takes, Takes::Upload)) {
        all.ask(route).raw("application/json", "{}").send().await.refused(415, "unsupported_media_type");
    }
    all.nothing_happened();
    let form = json!({ "email": "nobody@firm.test" }).to_string();
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"] {
        world.post("/auth/password/forgot").raw(kind, form.clone()).send().await.expect(202);
    }
}

async fn an_unknown_field_is_named_by_every_route(world: World) {
    let all = Everything::of(&world).await;
    for route in all.with_bodies() {
        let refusal = all.ask(route).json(json!({ "no_such_field": 1 })).send().await.refused(422, "unknown_field");
        assert_eq!(refusal["fields"][0]["field"], "no_such_field", "{}", says(route));
    }
    all.nothing_happened();
}

async fn a_field_that_is_there_twice_is_named_by_every_route(world: World) {
    let all = Everything::of(&world).await;
    for route in all.with_bodies() {
        let body = r#"{"name": 1, "name": 1}"#;
        let refusal = all.ask(route).raw("application/json", body).send().await.refused_field("name");
        assert_eq!(refusal["fields"][0]["rule"], "duplicate", "{}", says(route));
    }
    all.nothing_happened();
}

async fn every_field_of_every_form_refuses_the_character_0(world: World) {
    let all = Everything::of(&world).await;
    for route in all.with_bodies() {
        for (name, _) in all.properties(route) {
            let refusal = all.ask(route).json(json!({ &name: "a\0" })).send().await.refused_field(&name);
            assert_eq!(refusal["fields"][0]["rule"], "no_nul", "{}", says(route));
        }
    }
    all.nothing_happened();
}

/// A value that is of no type a form asks for: an array is none, nor is what is in it.
async fn every_field_of_every_form_refuses_another_type(world: World) {
    let all = Everything::of(&world).await;
    for route in all.with_bodies() {
        for (name, schema) in all.properties(route) {
            // What judges by its own rules, once it is known whose it is.
            let is_free = all.resolved(&schema)["type"].is_null();
            if is_free {
                continue;
            }
            let refusal = all.ask(route).json(json!({ &name: [[[]]] })).send().await.refused(422, "validation_failed");
            let field = refusal["fields"][0]["field"].as_str().unwrap();
            assert!(field.starts_with(&name), "{} {name}: {refusal}", says(route));
            assert_eq!(refusal["fields"][0]["rule"], "type", "{} {name}: {refusal}", says(route));
        }
    }
    all.nothing_happened();
}

async fn every_number_of_every_form_refuses_what_does_not_fit(world: World) {
    let all = Everything::of(&world).await;
    let mut numbers = 0;
    for route in all.with_bodies() {
        for (name, schema) in all.properties(route) {
            let kind = &all.resolved(&schema)["type"];
            let is_integer = *kind == json!("integer") || *kind == json!(["integer", "null"]);
            if !is_integer {
                continue;
            }
            numbers += 1;
            for (wrong, rule) in [
                ("99999999999999999999", "range"),
                ("-99999999999999999999", "range"),
                ("1.5", "type"),
                ("1e300", "range"),
            ] {
                let body = format!("{{\"{name}\": {wrong}}}");
                let refusal = all.ask(route).raw("application/json", body).send().await.refused_field(&name);
                assert_eq!(refusal["fields"][0]["rule"], rule, "{} {name} {wrong}: {refusal}", says(route));
            }
        }
    }
    assert!(numbers >= 3, "the document names no numbers");
    all.nothing_happened();
}

async fn a_route_without_a_body_takes_none(world: World) {
    let all = Everything::of(&world).await;
    let changes = |route: &&Route| route.effect == Effect::Changes && matches!(route.takes, Takes::Nothing);
    for route in all.routes.iter().filter(changes) {
        let refusal = all.ask(route).json(json!({ "reason": "x" })).send().await.refused(422, "unknown_field");
        assert_eq!(refusal["fields"][0]["field"], "reason", "{}", says(route));
        all.ask(route).raw("application/json", "{").send().await.refused(400, "malformed_request");
        // What names nothing that could be missing simply does it.
        if route.parameter_names().is_empty() {
            continue;
        }
        // Nothing and an empty object are the same.
        for empty in ["", " \r\n", "{}"] {
            let reply = all.ask(route).raw("application/json", empty).send().await;
            // What is about nobody's thing in particular is refused by its own rules.
            let expected = if route.path.contains("{id}") { 404 } else { 409 };
            assert_eq!(reply.status, expected, "{}: {:?}", says(route), reply.body);
        }
    }
    all.nothing_happened();
}

async fn an_unknown_parameter_is_named_by_every_route(world: World) {
    let all = Everything::of(&world).await;
    for route in &all.routes {
        for query in ["no_such_parameter=1", "no%5Fsuch%5Fparameter", "no_such_parameter"] {
            let path = format!("{}?{query}", route.path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057"));
            let refusal = all.ask_at(route, &path).json(json!({})).send().await.refused(422, "unknown_field");
            assert_eq!(refusal["fields"][0]["field"], "no_such_parameter", "{}", says(route));
        }
    }
    all.nothing_happened();
}

async fn every_list_checks_its_page(world: World) {
    let all = Everything::of(&world).await;
    let mut lists = 0;
    for route in &all.routes {
        let is_list = route.query.iter().any(|parameter| parameter.name == "limit");
        if !is_list || !route.parameter_names().is_empty() {
            continue;
        }
        lists += 1;
        for (query, field, rule) in [
            ("limit=0", "limit", "range"),
            ("limit=201", "limit", "range"),
            ("limit=-1", "limit", "range"),
            ("limit=99999999999999999999", "limit", "range"),
            ("limit=many", "limit", "type"),
            ("limit=", "limit", "type"),
            ("limit=1&limit=1", "limit", "duplicate"),
            ("cursor=nonsense", "cursor", "cursor"),
            ("cursor=", "cursor", "cursor"),
            ("cursor=%00", "cursor", "no_nul"),
        ] {
            let refusal = all.ask_at(route, &format!("{}?{query}", route.path)).send().await.refused_field(field);
            assert_eq!(refusal["fields"][0]["rule"], rule, "{} {query}: {refusal}", says(route));
        }
        let page = all.ask_at(route, &format!("{}?limit=200", route.path)).send().await.expect(200);
        assert!(page["items"].is_array(), "{}: {page}", says(route));
    }
    assert!(lists >= 4, "the table has no lists");
}

async fn what_is_no_id_is_nothing_s_id(world: World) {
    let all = Everything::of(&world).await;
    for route in all.routes.iter().filter(|route| route.path.contains("{id}")) {
        for wrong in ["1", "nonsense", "%00", "..%2F..", "01890a5d-ac96-774b-bcce-b302099a805"] {
            let reply = all.ask_at(route, &route.path.replace("{id}", wrong)).json(json!({})).send().await;
            assert_eq!(reply.status, 404, "{} {wrong}: {:?}", says(route), reply.body);
        }
    }
    all.nothing_happened();
}

async fn a_wrong_method_and_an_unknown_path_say_so(world: World) {
    let all = Everything::of(&world).await;
    for path in all.routes.iter().map(|route| route.path) {
        let known: Vec<_> =
            all.routes.iter().filter(|route| route.path == path).map(|route| method_name(&route.method)).collect();
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if known.contains(&method.as_str()) {
                continue;
            }
            let reply = world.ask(method, &path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057")).unproved();
            let reply = reply.send().await;
            let allowed: Vec<_> = reply.header("allow").unwrap_or_default().split(", ").collect();
            assert_eq!(allowed, known, "{path}");
            reply.refused(405, "method_not_allowed");
        }
    }
    for path in ["/nonsense", "/cycles/", "/cycles//", "", "/users/1/2/3"] {
        let reply = world.get(path).header("accept-language", "en").send().await;
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(reply.refused(404, "not_found")["title"], "Not found");
    }
}

async fn amounts_and_instants_at_their_ends(world: World) {
    let officer = world.officer().await;
    let make = |more: Value| {
        let mut form = json!({
            "name": "一期", "budget_fen": 1, "opens_at": "2026-01-01T09:00:00+08:00", "closes_at": "2026-12-31T18:00:00+08:00"
        });
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.post("/cycles").by(&officer).json(form).send()
    };
    for (more, field) in [
        (json!({ "budget_fen": 0 }), "budget_fen"),
        (json!({ "budget_fen": -1 }), "budget_fen"),
        (json!({ "budget_fen": i64::MIN }), "budget_fen"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "长".repeat(101) }), "name"),
        (json!({ "policy": "nonsense" }), "policy"),
        (json!({ "opens_at": "2026-12-31T18:00:00+08:00" }), "closes_at"),
        (json!({ "opens_at": "2026-02-30T18:00:00+08:00" }), "opens_at"),
        (json!({ "opens_at": "2026-01-01" }), "opens_at"),
        (json!({ "opens_at": "2026-01-01T09:00:00" }), "opens_at"),
        (json!({ "opens_at": 1_767_225_600 }), "opens_at"),
        (json!({ "closes_at": "+10000-01-01T00:00:00Z" }), "closes_at"),
        (json!({ "closes_at": "0000-01-01T00:00:00Z" }), "closes_at"),
    ] {
        make(more).await.refused_field(field);
    }
    // The largest budget and the farthest instants there are can be kept and read again.
    let ends = json!({
        "budget_fen": i64::MAX, "opens_at": "0001-01-01T00:00:00+08:00", "closes_at": "9999-12-31T23:59:59.999999+08:00"
    });
    let made = make(ends.clone()).await.expect(201);
    let read = world.get(&format!("/cycles/{}", made["id"].as_str().unwrap())).by(&officer).send().await.expect(200);
    for (field, value) in ends.as_object().unwrap() {
        assert_eq!(&read[field], value);
    }
    let cycle = crate::harness::id(&made);
    world.post(&format!("/cycles/{cycle}/publish")).by(&officer).send().await.expect(200);
    let firm = world.enterprise().await;
    world.claim(&firm, &cycle, 5_000_000).await;
    world.ask_claim(&firm, &cycle, i64::MAX).await.refused_by("single_cap_exceeded", "12");
}

async fn a_body_over_the_limit_is_not_read(world: World) {
    let all = Everything::of(&world).await;
    let large = format!("{{\"name\": \"{}\"}}", "a".repeat(4096));
    for route in all.routes.iter().filter(|route| route.effect == Effect::Changes) {
        if matches!(route.takes, Takes::Upload) {
            let (kind, body) = crate::harness::multipart("file", "a.pdf", &[b'a'; 70_000]);
            all.ask(route).raw(&kind, body).send().await.refused(413, "payload_too_large");
            continue;
        }
        all.ask(route).raw("application/json", large.clone()).send().await.refused(413, "payload_too_large");
    }
    all.nothing_happened();
}

async fn days_at_their_ends(world: World) {
    let check = |on: &str, kind: &str, profile: Value| {
        world.post("/eligibility/check").json(json!({ "on": on, "kind": kind, "profile": profile })).send()
    };
    let team = json!({ "members": [{ "name": "王芳", "is_student": true, "is_leader": true, "school": "清华大学" }],
        "company_registered": false, "project_stage": "testing" });
    for on in ["0001-01-01", "1899-12-31", "9999-12-31"] {
        assert!([200, 422].contains(&check(on, "enterprise", crate::harness::eligible_profile()).await.status), "{on}");
        check(on, "team", team.clone()).await.expect(200);
    }
    for on in ["+10000-01-01", "0000-01-01", "-0001-01-01", "+262142-12-31", "2026-13-01", ""] {
        check(on, "team", team.clone()).await.refused_field("on");
    }
}

async fn the_simulated_clock_only_moves_forward(world: World) {
    let put = |now: &str| world.put("/dev/clock").json(json!({ "now": now })).send();
    assert_eq!(world.get("/dev/clock").send().await.expect(200)["now"], "2026-03-02T10:00:00+08:00");
    assert_eq!(put("2026-03-02T02:00:01Z").await.expect(200)["now"], "2026-03-02T10:00:01+08:00");
    put("2026-03-02T10:00:00.999999+08:00").await.refused_field("now");
    put("tomorrow").await.refused_field("now");
    assert_eq!(world.get("/dev/clock").send().await.expect(200)["now"], "2026-03-02T10:00:01+08:00");
    assert!(!routes::all().iter().any(|route| route.path.starts_with("/dev")), "it is offered without the flag");
}
