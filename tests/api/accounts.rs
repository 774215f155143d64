//! Accounts: registering, logging in, staying in, being shut out, and who manages whom.

use innovation_voucher::config::Settings;
use innovation_voucher::services::{Call, Failure, housekeeping, identity};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Account, PASSWORD, Reply, World, until_another_waits, uscc};
use crate::{on_both_stores, on_both_stores_with};

on_both_stores!(
    every_kind_of_organization_registers,
    what_is_registered_once_is_not_registered_again,
    two_registrations_of_one_address_at_once_make_one_account,
    a_registration_names_every_fault_at_once,
    a_credit_code_is_checked_to_its_last_character,
    an_address_is_an_address_and_nothing_else,
    an_address_is_proved_once_with_its_own_token,
    a_mailed_token_ends_after_its_hours,
    nobody_logs_in_before_the_address_is_proved,
    a_wrong_password_and_an_unknown_address_look_the_same,
    failed_logins_lock_for_longer_and_longer,
    a_reset_unlocks,
    a_refresh_token_serves_once_and_its_reuse_ends_the_login,
    logging_out_ends_this_login_alone,
    a_forgotten_password_is_reset_and_old_logins_end,
    a_login_that_goes_on_while_the_password_is_reset_ends_too,
    a_token_that_is_not_ours_is_refused_everywhere,
    what_has_expired_is_cleared_away_and_nothing_else,
);

on_both_stores_with!(
    short_lived;
    an_access_token_ends_by_the_clock,
    guessing_is_slowed_down,
    whoever_calls_through_a_proxy_is_counted_alone,
);

fn short_lived(settings: &mut Settings) {
    settings.auth.access_token_minutes = 15;
    settings.auth.guesses_per_minute = 6;
    settings.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

fn registration(kind: &str, number: u32) -> Value {
    let mut organization = json!({ "kind": kind, "name": format!("单位{number}") });
    if kind != "team" {
        organization["uscc"] = json!(uscc(number));
    }
    json!({
        "organization": organization, "name": "李明", "email": format!("{kind}{number}@firm.test"),
        "phone": "+86 138-0013-8000", "password": PASSWORD
    })
}

async fn register(world: &World, form: Value) -> Reply {
    world.post("/auth/register").json(form).send().await
}

pub async fn try_login(world: &World, email: &str, password: &str) -> Reply {
    world.post("/auth/login").json(json!({ "email": email, "password": password })).send().await
}

pub async fn tokens_of(world: &World, email: &str) -> Value {
    try_login(world, email, PASSWORD).await.expect(200)
}

pub async fn refresh(world: &World, tokens: &Value) -> Reply {
    world.post("/auth/refresh").json(json!({ "refresh_token": tokens["refresh_token"] })).send().await
}

/// The fields that a refusal names, in its order.
pub fn fields(refusal: &Value) -> Vec<&str> {
    refusal["fields"].as_array().unwrap().iter().map(|fault| fault["field"].as_str().unwrap()).collect()
}

async fn every_kind_of_organization_registers(world: World) {
    for (kind, role) in [("enterprise", "applicant"), ("team", "applicant"), ("facility", "facility")] {
        let account = world.registered(kind).await;
        let me = world.get("/me").by(&account).send().await.expect(200);
        assert_eq!((&me["role"], &me["organization"]["kind"]), (&json!(role), &json!(kind)));
        assert_eq!((&me["user"]["email_verified"], &me["user"]["is_active"]), (&json!(true), &json!(true)));
        assert_eq!(me["organization"]["uscc"].is_string(), kind != "team");
        assert!(!me.to_string().contains("argon2"));
    }
}

async fn what_is_registered_once_is_not_registered_again(world: World) {
    register(&world, registration("enterprise", 501)).await.expect(201);

    let mut same_address = registration("enterprise", 502);
    same_address["email"] = json!("ENTERPRISE501@Firm.Test");
    let refusal = register(&world, same_address).await.refused(409, "already_exists");
    assert_eq!(fields(&refusal), ["email"]);

    let mut same_code = registration("facility", 503);
    same_code["organization"]["uscc"] = json!(uscc(501).to_lowercase());
    let refusal = register(&world, same_code).await.refused(409, "already_exists");
    assert_eq!(fields(&refusal), ["organization.uscc"]);

    // Nothing of the refused ones stayed: the organization of the first is still free.
    register(&world, registration("enterprise", 502)).await.expect(201);
}

async fn two_registrations_of_one_address_at_once_make_one_account(world: World) {
    let (mut one, mut other) = (registration("enterprise", 511), registration("enterprise", 512));
    for form in [&mut one, &mut other] {
        form["email"] = json!("both@firm.test");
    }
    let (one, other) = futures_util::future::join(register(&world, one), register(&world, other)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

async fn a_registration_names_every_fault_at_once(world: World) {
    let form = json!({
        "organization": { "kind": "team", "name": "  ", "uscc": uscc(1) },
        "name": "", "email": "nobody", "phone": "call me", "password": "short"
    });
    let refusal = register(&world, form).await.refused(422, "validation_failed");
    assert_eq!(fields(&refusal), ["organization.name", "name", "email", "phone", "password", "organization.uscc"]);

    let mut without_code = registration("facility", 521);
    without_code["organization"].as_object_mut().unwrap().remove("uscc");
    register(&world, without_code).await.refused_field("organization.uscc");

    let mut officer = registration("enterprise", 522);
    officer["organization"]["kind"] = json!("officer");
    register(&world, officer).await.refused_field("organization.kind");

    let mut long = registration("enterprise", 523);
    long["password"] = json!("长".repeat(129));
    register(&world, long).await.refused_field("password");
}

async fn a_credit_code_is_checked_to_its_last_character(world: World) {
    let right = uscc(531);
    for (wrong, rule) in [
        (format!("{}{}", &right[..17], if right.ends_with('0') { '1' } else { '0' }), "uscc_check_digit"),
        (right[..17].to_owned(), "uscc_length"),
        (right.replacen('9', "I", 1), "uscc_character"),
    ] {
        let mut form = registration("enterprise", 531);
        form["organization"]["uscc"] = json!(wrong);
        let refusal = register(&world, form).await.refused_field("organization.uscc");
        assert_eq!(refusal["fields"][0]["rule"], rule, "{wrong}: {refusal}");
    }
}

async fn an_address_is_an_address_and_nothing_else(world: World) {
    for (at, wrong) in [
        "李明 <li@firm.test>",
        "li@",
        "@firm.test",
        "li firm@firm.test",
        "a@b@c",
        "li@firm\n.test",
        "li@[127.0.0.1]",
        "li@firm",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let mut form = registration("enterprise", 541 + u32::try_from(at).unwrap());
        form["email"] = json!(wrong);
        register(&world, form).await.refused_field("email");
    }
    // Blanks around it and the case of its letters are nobody's concern.
    let mut form = registration("enterprise", 559);
    form["email"] = json!("  Li@Firm.test ");
    register(&world, form).await.expect(201);
    let token = world.token_for("li@firm.test");
    world.post("/auth/verify-email").json(json!({ "token": token })).send().await.expect(204);
    try_login(&world, " LI@firm.TEST", PASSWORD).await.expect(200);
}

async fn an_address_is_proved_once_with_its_own_token(world: World) {
    register(&world, registration("enterprise", 561)).await.expect(201);
    let prove = |token: String| world.post("/auth/verify-email").json(json!({ "token": token })).send();
    prove("nonsense".to_owned()).await.refused_field("token");

    // A token to set a password proves nothing here.
    world.post("/auth/password/forgot").json(json!({ "email": "enterprise561@firm.test" })).send().await.expect(202);
    let other_purpose = world.token_for("enterprise561@firm.test");
    prove(other_purpose).await.refused_field("token");

    register(&world, registration("enterprise", 562)).await.expect(201);
    let token = world.token_for("enterprise562@firm.test");
    prove(token.clone()).await.expect(204);
    prove(token).await.refused_field("token");
}

async fn a_mailed_token_ends_after_its_hours(world: World) {
    register(&world, registration("enterprise", 571)).await.expect(201);
    register(&world, registration("enterprise", 572)).await.expect(201);
    let (one, other) = (world.token_for("enterprise571@firm.test"), world.token_for("enterprise572@firm.test"));
    world.at("2026-03-04T09:59:59+08:00");
    world.post("/auth/verify-email").json(json!({ "token": one })).send().await.expect(204);
    world.at("2026-03-04T10:00:00+08:00");
    world.post("/auth/verify-email").json(json!({ "token": other })).send().await.refused_field("token");
}

async fn nobody_logs_in_before_the_address_is_proved(world: World) {
    register(&world, registration("team", 581)).await.expect(201);
    try_login(&world, "team581@firm.test", PASSWORD).await.refused(403, "forbidden");
    try_login(&world, "team581@firm.test", "a wrong password").await.refused(401, "unauthenticated");
}

async fn a_wrong_password_and_an_unknown_address_look_the_same(world: World) {
    let firm = world.registered("enterprise").await;
    let wrong = try_login(&world, &firm.email, "a wrong password").await.refused(401, "unauthenticated");
    let unknown = try_login(&world, "nobody@firm.test", PASSWORD).await.refused(401, "unauthenticated");
    assert_eq!(wrong["detail"], unknown["detail"]);
}

async fn fail_logins(world: &World, email: &str, times: usize) {
    for _ in 0..times {
        try_login(world, email, "a wrong password").await.refused(401, "unauthenticated");
    }
}

#[track_caller]
fn locked_for(reply: Reply, seconds: i64) {
    assert_eq!(reply.header("retry-after"), Some(seconds.to_string().as_str()));
    assert_eq!(reply.refused(423, "account_locked")["retry_after_seconds"], seconds);
}

async fn failed_logins_lock_for_longer_and_longer(world: World) {
    let firm = world.registered("enterprise").await;
    fail_logins(&world, &firm.email, 4).await;
    locked_for(try_login(&world, &firm.email, "a wrong password").await, 30);
    // While it is locked, the right password opens nothing, and a wrong one counts nothing.
    locked_for(try_login(&world, &firm.email, PASSWORD).await, 30);
    world.at("2026-03-02T10:00:29.5+08:00");
    locked_for(try_login(&world, &firm.email, "a wrong password").await, 1);

    world.at("2026-03-02T10:00:30+08:00");
    locked_for(try_login(&world, &firm.email, "a wrong password").await, 60);
    world.at("2026-03-02T10:01:30+08:00");
    locked_for(try_login(&world, &firm.email, "a wrong password").await, 120);

    world.at("2026-03-02T10:03:30+08:00");
    try_login(&world, &firm.email, PASSWORD).await.expect(200);
    // A good login forgets the failures before it.
    fail_logins(&world, &firm.email, 4).await;
    try_login(&world, &firm.email, PASSWORD).await.expect(200);
}

async fn a_reset_unlocks(world: World) {
    let firm = world.registered("enterprise").await;
    fail_logins(&world, &firm.email, 4).await;
    try_login(&world, &firm.email, "a wrong password").await.refused(423, "account_locked");
    world.post("/auth/password/forgot").json(json!({ "email": firm.email })).send().await.expect(202);
    world.accept_invitation(&firm.email).await;
    fail_logins(&world, &firm.email, 4).await;
}

async fn a_refresh_token_serves_once_and_its_reuse_ends_the_login(world: World) {
    let firm = world.registered("enterprise").await;
    let (first, elsewhere) = (tokens_of(&world, &firm.email).await, tokens_of(&world, &firm.email).await);
    let second = refresh(&world, &first).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!((&second["token_type"], &second["expires_in"]), (&json!("Bearer"), &first["expires_in"]));
    let third = refresh(&world, &second).await.expect(200);

    // The first one in two hands: the whole login is over, others are not.
    refresh(&world, &first).await.refused(401, "unauthenticated");
    refresh(&world, &third).await.refused(401, "unauthenticated");
    refresh(&world, &elsewhere).await.expect(200);
    refresh(&world, &json!({ "refresh_token": "nonsense" })).await.refused(401, "unauthenticated");

    let late = tokens_of(&world, &firm.email).await;
    world.at("2026-04-01T10:00:00+08:00");
    refresh(&world, &late).await.refused(401, "unauthenticated");
}

async fn logging_out_ends_this_login_alone(world: World) {
    let (firm, other) = (world.registered("enterprise").await, world.registered("enterprise").await);
    let (here, there) = (tokens_of(&world, &firm.email).await, tokens_of(&world, &firm.email).await);
    let log_out = |account: &Account, tokens: &Value| {
        world.post("/auth/logout").by(account).json(json!({ "refresh_token": tokens["refresh_token"] })).send()
    };
    // Somebody else's token is not ended, and nobody learns that it is one.
    log_out(&other, &here).await.expect(204);
    let here = refresh(&world, &here).await.expect(200);
    log_out(&firm, &here).await.expect(204);
    log_out(&firm, &here).await.expect(204);
    refresh(&world, &here).await.refused(401, "unauthenticated");
    refresh(&world, &there).await.expect(200);
}

async fn a_forgotten_password_is_reset_and_old_logins_end(world: World) {
    let firm = world.registered("enterprise").await;
    let old = tokens_of(&world, &firm.email).await;
    let forgot = |email: &str| world.post("/auth/password/forgot").json(json!({ "email": email })).send();
    let (known, unknown) = (forgot(&firm.email).await, forgot("nobody@firm.test").await);
    assert_eq!((known.status, &known.bytes), (unknown.status, &unknown.bytes));
    known.expect(202);

    let token = world.token_for(&firm.email);
    let reset = |password: &str| {
        world.post("/auth/password/reset").json(json!({ "token": token, "password": password })).send()
    };
    reset("short").await.refused_field("password");
    reset("another long password").await.expect(204);
    reset("a third long password").await.refused_field("token");

    refresh(&world, &old).await.refused(401, "unauthenticated");
    try_login(&world, &firm.email, PASSWORD).await.refused(401, "unauthenticated");
    try_login(&world, &firm.email, "another long password").await.expect(200);
}

async fn a_login_that_goes_on_while_the_password_is_reset_ends_too(world: World) {
    let firm = world.enterprise().await;
    let tokens = tokens_of(&world, &firm.email).await;
    world.post("/auth/password/forgot").json(json!({ "email": firm.email })).send().await.expect(202);
    let form = json!({ "token": world.token_for(&firm.email), "password": "another long password" });
    let program = &world.program;
    let hashed = identity::prepare_reset(program, serde_json::from_value(form).unwrap()).unwrap();
    let next = std::thread::scope(|scope| {
        let mut reset = None;
        let next = program.store.write(|tx| {
            let now = program.clock.now();
            let mut call = Call { program, tx, now, caller: None, request_id: Uuid::nil(), precondition: None };
            let form = json!({ "refresh_token": tokens["refresh_token"] });
            let next = identity::refresh(&mut call, serde_json::from_value(form).unwrap())?;
            // Before it is committed, somebody sets the password anew.
            let hashed = hashed.clone();
            reset = Some(scope.spawn(move || program.transact(|call| identity::reset(call, hashed.clone()))));
            until_another_waits(&program.store);
            Ok::<_, Failure>(next)
        });
        reset.unwrap().join().unwrap().unwrap();
        next.unwrap()
    });
    let next = serde_json::to_value(&next).unwrap();
    refresh(&world, &next).await.refused(401, "unauthenticated");
}

async fn a_token_that_is_not_ours_is_refused_everywhere(world: World) {
    let firm = world.registered("enterprise").await;
    let signed = firm.token.rsplit_once('.').unwrap().0;
    let unsigned = {
        let payload = firm.token.split('.').nth(1).unwrap();
        // {"typ":"JWT","alg":"none"}
        format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{payload}.")
    };
    let forged = format!("{signed}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for token in [unsigned.as_str(), forged.as_str(), "nonsense", ""] {
        let header = format!("Bearer {token}");
        // A public path too: a client should learn that its token is no good.
        for path in ["/me", "/policies"] {
            let reply = world.get(path).header("authorization", &header).send().await;
            assert!(reply.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")));
            reply.refused(401, "unauthenticated");
        }
    }
    world.get("/me").header("authorization", "Basic YTpi").send().await.refused(401, "unauthenticated");
    world.get("/me").header("authorization", &format!("bearer {}", firm.token)).send().await.expect(200);
    world.get("/me").send().await.refused(401, "unauthenticated");
    world.get("/policies").send().await.expect(200);
}

async fn an_access_token_ends_by_the_clock(world: World) {
    let firm = world.registered("enterprise").await;
    world.at("2026-03-02T10:14:59+08:00");
    world.get("/me").by(&firm).send().await.expect(200);
    world.at("2026-03-02T10:15:00+08:00");
    world.get("/me").by(&firm).send().await.refused(401, "unauthenticated");
}

async fn guessing_is_slowed_down(world: World) {
    for _ in 0..6 {
        try_login(&world, "nobody@firm.test", PASSWORD).await.refused(401, "unauthenticated");
    }
    let reply = try_login(&world, "nobody@firm.test", PASSWORD).await;
    assert_eq!(reply.header("retry-after"), Some("10"));
    assert_eq!(reply.refused(429, "rate_limited")["retry_after_seconds"], 10);
    // The other ways to guess are counted with it; what is no guess is not.
    refresh(&world, &json!({ "refresh_token": "nonsense" })).await.refused(429, "rate_limited");
    world.get("/policies").send().await.expect(200);
    world.at("2026-03-02T10:00:10+08:00");
    try_login(&world, "nobody@firm.test", PASSWORD).await.refused(401, "unauthenticated");
    try_login(&world, "nobody@firm.test", PASSWORD).await.refused(429, "rate_limited");
}

async fn whoever_calls_through_a_proxy_is_counted_alone(world: World) {
    let from = |address: &str| {
        let form = json!({ "email": "nobody@firm.test", "password": PASSWORD });
        world.post("/auth/login").header("x-forwarded-for", address).json(form).send()
    };
    for _ in 0..6 {
        from("203.0.113.7").await.refused(401, "unauthenticated");
    }
    from("203.0.113.7").await.refused(429, "rate_limited");
    // What the caller itself wrote before the proxy's word counts nothing.
    from("198.51.100.1, 203.0.113.7").await.refused(429, "rate_limited");
    from("203.0.113.8").await.refused(401, "unauthenticated");
}

async fn what_has_expired_is_cleared_away_and_nothing_else(world: World) {
    let firm = world.registered("enterprise").await;
    let tokens = tokens_of(&world, &firm.email).await;
    assert_eq!(housekeeping::run(&world.program).unwrap(), 0);
    world.at("2026-03-04T10:00:01+08:00");
    assert_eq!(housekeeping::run(&world.program).unwrap(), 1, "the proof of the address");
    let next = refresh(&world, &tokens).await.expect(200);
    world.at("2026-04-02T10:00:00+08:00");
    housekeeping::run(&world.program).unwrap();
    refresh(&world, &tokens).await.refused(401, "unauthenticated");
    // The one that was cleared away revokes nothing; the next lives its own days.
    refresh(&world, &next).await.expect(200);
}
