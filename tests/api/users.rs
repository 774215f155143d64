//! Who manages whose accounts: the administrator, and the colleagues of one organization.

use serde_json::{Value, json};

use crate::accounts::{fields, refresh, tokens_of, try_login};
use uuid::Uuid;
use voucher_storage::event::Event;

use crate::harness::{Account, PASSWORD, World, id, uscc};
use crate::on_both_stores;

on_both_stores!(
    the_administrator_invites_each_role,
    an_invitation_says_what_is_wrong_with_it,
    accounts_are_listed_by_role_and_page,
    an_account_is_changed_by_version,
    colleagues_are_managed_within_one_organization,
    a_closed_account_is_shut_out_at_once,
    what_is_known_of_an_expert_is_kept_in_the_events,
    one_password_set_ends_the_other_letters,
);

async fn the_administrator_invites_each_role(world: World) {
    let admin = world.admin().await;
    for role in ["officer", "auditor", "admin", "expert"] {
        let email = format!("new-{role}@voucher.test");
        let mut form = json!({ "role": role, "name": "张三", "email": email });
        if role == "expert" {
            form["fields"] = json!(["new_materials"]);
            form["employer_name"] = json!("北京大学");
        }
        let invited = world.post("/users").by(&admin).json(form).send().await.expect(201);
        assert_eq!((&invited["role"], &invited["email_verified"]), (&json!(role), &json!(false)));
        // Nobody has a password before the link was used.
        try_login(&world, &email, PASSWORD).await.refused(401, "unauthenticated");
        let account = world.accept_invitation(&email).await;
        let me = world.get("/me").by(&account).send().await.expect(200);
        assert_eq!((&me["role"], &me["organization"]), (&json!(role), &Value::Null));
    }
}

async fn an_invitation_says_what_is_wrong_with_it(world: World) {
    let admin = world.admin().await;
    let invite = |form: Value| world.post("/users").by(&admin).json(form).send();
    let form = |more: Value| {
        let mut form = json!({ "role": "officer", "name": "张三", "email": "new@voucher.test" });
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        form
    };
    invite(form(json!({ "role": "applicant" }))).await.refused_field("role");
    invite(form(json!({ "role": "emperor" }))).await.refused_field("role");
    invite(form(json!({ "role": "expert" }))).await.refused_field("fields");
    invite(form(json!({ "role": "expert", "fields": ["alchemy"] }))).await.refused_field("fields[0]");
    invite(form(json!({ "fields": ["new_materials"] }))).await.refused_field("fields");
    invite(form(json!({ "role": "expert", "fields": ["other"], "employer_uscc": "1" })))
        .await
        .refused_field("employer_uscc");
    let ties =
        json!({ "role": "expert", "fields": ["new_materials"], "ties": ["01890a5d-ac96-774b-bcce-b302099a8057"] });
    invite(form(ties)).await.refused_field("ties");
    let refusal = invite(form(json!({ "email": admin.email }))).await.refused(409, "already_exists");
    assert_eq!(fields(&refusal), ["email"]);
    let users = world.get("/users").by(&admin).send().await.expect(200);
    assert_eq!(users["items"].as_array().unwrap().len(), 1, "a refused invitation opened an account: {users}");
}

async fn accounts_are_listed_by_role_and_page(world: World) {
    let admin = world.admin().await;
    let officers = [world.officer().await, world.officer().await, world.officer().await];
    world.auditor().await;
    world.registered("team").await;
    let all = world.get("/users").by(&admin).send().await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 6);
    assert_eq!(all["next_cursor"], Value::Null);

    let page = world.get("/users?role=officer&limit=2").by(&admin).send().await.expect(200);
    let ids = |page: &Value| -> Vec<String> { page["items"].as_array().unwrap().iter().map(id).collect() };
    assert_eq!(ids(&page), [officers[2].user_id.clone(), officers[1].user_id.clone()]);
    let next = format!("/users?role=officer&limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = world.get(&next).by(&admin).send().await.expect(200);
    assert_eq!((ids(&rest), &rest["next_cursor"]), (vec![officers[0].user_id.clone()], &Value::Null));
    world.get("/users?role=emperor").by(&admin).send().await.refused_field("role");
}

async fn an_account_is_changed_by_version(world: World) {
    let (admin, expert) = (world.admin().await, world.expert().await);
    let path = format!("/users/{}", expert.user_id);
    let change = |body: Value| world.patch(&path).by(&admin).json(body);
    change(json!({ "name": "新名" })).send().await.refused(428, "precondition_required");
    change(json!({ "name": "新名" })).if_match(&json!(99)).send().await.refused(412, "precondition_failed");
    change(json!({ "name": "新名" })).header("if-match", "\"abc\"").send().await.refused(412, "precondition_failed");

    let before = world.get("/users?role=expert").by(&admin).send().await.expect(200)["items"][0].clone();
    let reply =
        change(json!({ "name": " 新名 ", "fields": ["green_energy"] })).if_match(&before["version"]).send().await;
    let etag = reply.header("etag").map(str::to_owned);
    let after = reply.expect(200);
    assert_eq!((&after["name"], &after["fields"]), (&json!("新名"), &json!(["green_energy"])));
    assert_eq!(after["employer_name"], before["employer_name"]);
    assert_eq!(etag, Some(format!("\"{}\"", after["version"])));
    change(json!({ "name": "旧名" })).if_match(&before["version"]).send().await.refused(412, "precondition_failed");
    // The fields of an expert are part of what the version counts.
    let reply = change(json!({ "fields": ["new_materials"] })).if_match(&after["version"]).send().await.expect(200);
    assert_ne!(reply["version"], after["version"]);
    change(json!({ "fields": [] })).header("if-match", "*").send().await.refused_field("fields");
    change(json!({ "name": "" })).header("if-match", "*").send().await.refused_field("name");

    let nobody = world.patch("/users/01890a5d-ac96-774b-bcce-b302099a8057").by(&admin);
    nobody.header("if-match", "*").json(json!({})).send().await.refused(404, "not_found");
    let oneself = world.patch(&format!("/users/{}", admin.user_id)).by(&admin).header("if-match", "*");
    oneself.json(json!({ "is_active": false })).send().await.refused_field("is_active");
    let officer = world.officer().await;
    let path = format!("/users/{}", officer.user_id);
    let fields = world.patch(&path).by(&admin).header("if-match", "*").json(json!({ "fields": ["other"] }));
    fields.send().await.refused_field("fields");
}

async fn colleagues_are_managed_within_one_organization(world: World) {
    let (firm, stranger) = (world.registered("enterprise").await, world.registered("facility").await);
    let invite = |email: &str| {
        let form = json!({ "name": "王芳", "email": email, "phone": "010-12345678" });
        world.post("/me/organization/users").by(&firm).json(form).send()
    };
    let colleague = invite("wang@firm.test").await.expect(201);
    assert_eq!(
        (&colleague["role"], &colleague["organization_id"]),
        (&json!("applicant"), &json!(firm.organization_id))
    );
    let refusal = invite(&stranger.email).await.refused(409, "already_exists");
    assert_eq!(fields(&refusal), ["email"]);
    invite("nobody").await.refused_field("email");

    let wang = world.accept_invitation("wang@firm.test").await;
    assert_eq!(wang.organization_id, firm.organization_id);
    let listed = world.get("/me/organization/users").by(&wang).send().await.expect(200);
    assert_eq!(
        listed["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(),
        [wang.user_id.clone(), firm.user_id.clone()]
    );

    let of = |account: &Account| format!("/me/organization/users/{}", account.user_id);
    world.delete(&of(&wang)).by(&stranger).send().await.refused(404, "not_found");
    world.delete(&of(&stranger)).by(&firm).send().await.refused(404, "not_found");
    world.delete(&of(&firm)).by(&firm).send().await.refused(422, "validation_failed");
    world.delete(&of(&wang)).by(&firm).send().await.expect(204);
    world.get("/me").by(&wang).send().await.refused(401, "unauthenticated");
    let left = world.get("/me/organization/users").by(&firm).send().await.expect(200);
    assert_eq!((&left["items"][0]["id"], &left["items"][0]["is_active"]), (&json!(wang.user_id), &json!(false)));
}

async fn a_closed_account_is_shut_out_at_once(world: World) {
    let (admin, officer) = (world.admin().await, world.officer().await);
    let tokens = tokens_of(&world, &officer.email).await;
    let user = format!("/users/{}", officer.user_id);
    let listed = world.get("/users?role=officer").by(&admin).send().await.expect(200);
    let version = &listed["items"][0]["version"];
    world.patch(&user).by(&admin).if_match(version).json(json!({ "is_active": false })).send().await.expect(200);

    world.get("/me").by(&officer).send().await.refused(401, "unauthenticated");
    refresh(&world, &tokens).await.refused(401, "unauthenticated");
    try_login(&world, &officer.email, PASSWORD).await.refused(403, "forbidden");
    // Nor does a new password open it.
    world.post("/auth/password/forgot").json(json!({ "email": officer.email })).send().await.expect(202);
    assert!(!world.letter_to(&officer.email).wording.text.is_empty());

    let version = json!(version.as_i64().unwrap() + 1);
    world.patch(&user).by(&admin).if_match(&version).json(json!({ "is_active": true })).send().await.expect(200);
    world.get("/me").by(&officer).send().await.expect(200);
}

async fn what_is_known_of_an_expert_is_kept_in_the_events(world: World) {
    let (admin, firm) = (world.admin().await, world.registered("enterprise").await);
    let (code, other) = (uscc(501), uscc(502));
    let form = json!({
        "role": "expert", "name": "张三", "email": "expert@voucher.test", "fields": ["new_materials"],
        "employer_name": "北京大学", "employer_uscc": format!(" {} ", code.to_lowercase())
    });
    let invited = world.post("/users").by(&admin).json(form).send().await.expect(201);
    assert_eq!(invited["employer_uscc"], json!(code));
    let path = format!("/users/{}", id(&invited));
    let change = |body: Value| world.patch(&path).by(&admin).header("if-match", "*").json(body).send();
    change(json!({ "employer_uscc": "91110108551385082R" })).await.refused_field("employer_uscc");
    let tie = json!({ "employer_uscc": other.to_lowercase(), "ties": [firm.organization_id] });
    assert_eq!(change(tie).await.expect(200)["employer_uscc"], json!(other));
    assert_eq!(change(json!({ "employer_name": "清华大学" })).await.expect(200)["employer_uscc"], json!(other));

    let expert = Uuid::parse_str(&id(&invited)).unwrap();
    let events = world.program.store.read(|tx| Event::of_subject(tx, "user", expert, None, 10)).unwrap();
    let [renamed, tied, created] = &events.items[..] else { panic!("{events:?}") };
    let facts = |written: &Option<String>| {
        let view: Value = serde_json::from_str(written.as_deref().unwrap()).unwrap();
        ["fields", "employer_name", "employer_uscc", "ties"].map(|field| view[field].clone())
    };
    let ties = json!([firm.organization_id]);
    let first = [json!(["new_materials"]), json!("北京大学"), json!(code), json!([])];
    let second = [json!(["new_materials"]), json!("北京大学"), json!(other), ties.clone()];
    assert_eq!(facts(&created.after), first);
    assert_eq!((facts(&tied.before), facts(&tied.after)), (first, second.clone()));
    let third = [json!(["new_materials"]), json!("清华大学"), json!(other), ties];
    assert_eq!((facts(&renamed.before), facts(&renamed.after)), (second, third));
    let officer = world.officer().await;
    let path = format!("/users/{}", officer.user_id);
    let change = world.patch(&path).by(&admin).header("if-match", "*").json(json!({ "employer_uscc": code }));
    change.send().await.refused_field("fields");
}

async fn one_password_set_ends_the_other_letters(world: World) {
    let (admin, officer) = (world.admin().await, world.officer().await);
    let reset = |token: String| {
        world.post("/auth/password/reset").json(json!({ "token": token, "password": "another long password" })).send()
    };
    let mut tokens = Vec::new();
    for _ in 0..4 {
        world.post("/auth/password/forgot").json(json!({ "email": officer.email })).send().await.expect(202);
        tokens.push(world.token_for(&officer.email));
        if tokens.len() == 2 {
            reset(tokens[1].clone()).await.expect(204);
            reset(tokens[0].clone()).await.refused_field("token");
        }
    }
    // Nor does a letter from before open an account that was closed and opened again.
    let path = format!("/users/{}", officer.user_id);
    for is_active in [false, true] {
        let change = world.patch(&path).by(&admin).header("if-match", "*");
        change.json(json!({ "is_active": is_active })).send().await.expect(200);
    }
    for token in tokens.split_off(2) {
        reset(token).await.refused_field("token");
    }
    try_login(&world, &officer.email, "another long password").await.expect(200);
}
