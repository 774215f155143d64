//! What people get to know of what is held about them, and how it is corrected.

use serde_json::{Value, json};
use voucher_storage::StorageError;
use voucher_storage::event::Event;
use voucher_storage::outbox::OutboxMail;

use crate::harness::{Account, PASSWORD, World, id, uscc};
use crate::on_both_stores;

on_both_stores!(
    people_take_along_what_is_held_about_them,
    an_expert_takes_along_the_reviews,
    every_letter_is_taken_along,
    a_facility_s_people_see_its_account,
    an_address_is_corrected_and_proved_again,
    an_organization_is_corrected,
    what_has_no_field_is_corrected_by_hand,
    a_correction_is_asked_for_in_the_right_form,
    a_correction_is_decided_once_and_not_by_oneself,
    a_correction_is_of_whom_it_concerns,
);

fn actions(world: &World, kind: &str, subject: &str) -> Vec<String> {
    let id = subject.parse().unwrap();
    let events =
        world.program.store.read(|tx| -> Result<_, StorageError> { Event::of_subject(tx, kind, id, None, 50) });
    events.unwrap().items.into_iter().map(|event| event.action).collect()
}

fn kinds(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect()
}

async fn people_take_along_what_is_held_about_them(world: World) {
    let (person, admin) = (world.team().await, world.admin().await);
    let colleague = json!({ "name": "赵强", "email": "zhao@team.test", "phone": "010-12345678" });
    world.post("/me/organization/users").by(&person).json(colleague).send().await.expect(201);
    let file = world.upload(&person, "plan").await;
    let cycle = world.open_cycle(10_000_000).await;
    world.claim(&person, &cycle, 1_000_000).await;
    world.run_jobs();
    world.get(&format!("/users/{}", person.user_id)).by(&admin).send().await.expect(200);
    let export = world.read(&person, "/me/data-export").await;
    assert_eq!(export["account"]["phone"], "13800138000");
    assert_eq!((&export["account"]["email"], &export["is_complete"]), (&json!(person.email), &json!(true)));
    assert_eq!(export["organization"]["kind"], "team");
    assert_eq!(export["profile"]["members"][0]["name"], "王芳");
    assert_eq!(export["colleagues"][0]["phone"], "010*****5678");
    assert_eq!(export["colleagues"].as_array().unwrap().len(), 1);
    assert_eq!(export["files"][0]["id"], file);
    assert_eq!(export["sign_ins"].as_array().unwrap().len(), 1);
    assert_eq!(kinds(&export["notifications"]), ["voucher_claimed"]);
    assert_eq!(export["letters"][0]["recipient"], json!(person.email));
    for absent in ["facility", "calendar_feed_since"] {
        assert_eq!(export[absent], Value::Null, "{absent}");
    }
    let history = export["history"].as_array().unwrap();
    let told: Vec<_> = history.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["data_exported", "detail_shown", "logged_in", "email_verified", "user_registered"]);
    assert_eq!((&history[1]["by_role"], &history[1]["by_oneself"]), (&json!("admin"), &json!(false)));
    assert_eq!(history[0]["by_oneself"], true);
    // Neither secrets nor what is held about others.
    let written = export.to_string();
    for secret in ["password", "token", "hash", "010-12345678", "admin@voucher.test"] {
        assert!(!written.contains(secret) || secret == "hash" && written.contains("sha256"), "{secret}: {written}");
    }
    world.get("/me/data-export").send().await.refused(401, "unauthenticated");
}

async fn an_expert_takes_along_the_reviews(world: World) {
    world.approved_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
    let reviews = world.program.store.read(|tx| -> Result<_, StorageError> {
        voucher_storage::review::Review::page(tx, voucher_storage::review::Review::all(), None, 1)
    });
    let review = reviews.unwrap().items.remove(0);
    let expert = world.known_expert(&review.expert_id.to_string());
    let export = world.read(&expert, "/me/data-export").await;
    assert_eq!(export["reviews"][0]["id"], json!(review.id));
    assert_eq!(export["reviews"][0]["opinion"], "材料齐全,费用合理。");
    assert!(export["account"]["employer_name"].is_string() && export["organization"].is_null(), "{export}");
}

async fn every_letter_is_taken_along(world: World) {
    let (person, other, cycle) =
        (world.enterprise().await, world.enterprise().await, world.open_cycle(10_000_000).await);
    world.claim(&other, &cycle, 1_000_000).await;
    let voucher = world.claim(&person, &cycle, 1_000_000).await;
    // Five days ahead, a letter reminds of what ends soon.
    let last = voucher["register_by"]["last_day"].as_str().unwrap().parse::<chrono::NaiveDate>().unwrap();
    world.at(&format!("{}T10:00:00+08:00", last - chrono::Days::new(5)));
    world.run_jobs();
    world.post("/auth/password/forgot").json(json!({ "email": person.email })).send().await.expect(202);
    world.run_jobs();
    let export = world.read(&person, "/me/data-export").await;
    let theirs = world.program.store.read(|tx| -> Result<_, StorageError> { OutboxMail::list(tx, None, None, 200) });
    let id: uuid::Uuid = person.user_id.parse().unwrap();
    let theirs = theirs.unwrap().items.into_iter().filter(|letter| letter.user_id == Some(id));
    let theirs: Vec<Value> = theirs.map(|letter| json!(letter.id)).collect();
    let taken: Vec<Value> = export["letters"].as_array().unwrap().iter().map(|letter| letter["id"].clone()).collect();
    assert_eq!(taken, theirs);
    let kinds = kinds(&export["letters"]);
    for kind in ["reset_password", "voucher_claimed", "verify_email"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert_eq!((kinds.len(), &export["is_complete"]), (4, &json!(true)), "{kinds:?}");
}

async fn a_facility_s_people_see_its_account(world: World) {
    let facility = world.facility().await;
    let whole = world.read(&facility, "/me/facility").await["payee_account"].clone();
    let export = world.read(&facility, "/me/data-export").await;
    assert_eq!((&export["facility"]["payee_account"], &export["profile"]), (&whole, &Value::Null));
}

async fn ask(world: &World, person: &Account, field: &str, proposed: &str) -> String {
    let form = json!({ "field": field, "proposed": proposed, "grounds": "登记有误" });
    let asked = world.post("/me/corrections").by(person).json(form).send().await.expect(201);
    assert_eq!((&asked["status"], &asked["field"]), (&json!("requested"), &json!(field)));
    id(&asked)
}

async fn make(world: &World, admin: &Account, correction: &str) -> Value {
    let path = format!("/corrections/{correction}/decision");
    world.post(&path).by(admin).json(json!({ "decision": "make" })).send().await.expect(200)
}

async fn an_address_is_corrected_and_proved_again(world: World) {
    let (person, admin) = (world.registered("enterprise").await, world.admin().await);
    let correction = ask(&world, &person, "email", " Li.Ming@Firm.test ").await;
    assert_eq!(world.read(&person, "/me/corrections").await["items"][0]["proposed"], "Li.Ming@Firm.test");
    assert_eq!(kinds(&world.read(&admin, "/notifications").await["items"]), ["correction_requested"]);
    let listed = world.read(&admin, "/corrections?status=requested").await;
    assert_eq!(listed["items"][0]["proposed"], "L***@Firm.test");
    let shown = world.read(&admin, &format!("/corrections/{correction}")).await;
    assert_eq!((&shown["proposed"], &shown["user_id"]), (&json!("Li.Ming@Firm.test"), &json!(person.user_id)));
    let made = make(&world, &admin, &correction).await;
    assert_eq!((&made["status"], &made["proposed"]), (&json!("made"), &json!("L***@Firm.test")));
    assert_eq!(
        actions(&world, "correction", &correction),
        ["correction_decided", "detail_shown", "correction_requested"]
    );
    // The old address is told, and good for nothing more; the new one has to be proved.
    world.run_jobs();
    let letters = world.letters.all();
    assert!(
        letters.iter().any(|letter| letter.recipient == person.email && letter.wording.subject.contains("更正申请"))
    );
    let log_in = |email: &str| world.post("/auth/login").json(json!({ "email": email, "password": PASSWORD })).send();
    log_in(&person.email).await.refused(401, "unauthenticated");
    log_in("li.ming@firm.test").await.refused(403, "forbidden");
    let token = world.token_for("li.ming@firm.test");
    world.post("/auth/verify-email").json(json!({ "token": token })).send().await.expect(204);
    let again = world.log_in("li.ming@firm.test").await;
    assert_eq!(again.user_id, person.user_id);
    assert_eq!(kinds(&world.read(&again, "/notifications").await["items"]), ["correction_decided"]);
}

async fn an_organization_is_corrected(world: World) {
    let (person, admin) = (world.registered("enterprise").await, world.admin().await);
    let other = world.registered("enterprise").await;
    let name = ask(&world, &person, "organization_name", "北京更名科技有限公司").await;
    make(&world, &admin, &name).await;
    let taken = world.read(&other, "/me").await["organization"]["uscc"].as_str().unwrap().to_owned();
    let refused = ask(&world, &person, "uscc", &taken).await;
    let decision = world.post(&format!("/corrections/{refused}/decision")).by(&admin);
    decision.json(json!({ "decision": "make" })).send().await.refused(409, "already_exists");
    assert_eq!(world.read(&admin, &format!("/corrections/{refused}")).await["status"], "requested");
    let code = uscc(4_711);
    let right = ask(&world, &person, "uscc", &code.to_lowercase()).await;
    make(&world, &admin, &right).await;
    let me = world.read(&person, "/me").await;
    assert_eq!(
        (&me["organization"]["name"], &me["organization"]["uscc"]),
        (&json!("北京更名科技有限公司"), &json!(code))
    );
    assert_eq!(
        actions(&world, "organization", &person.organization_id)[..2],
        ["organization_changed", "organization_changed"]
    );
}

async fn what_has_no_field_is_corrected_by_hand(world: World) {
    let (expert, admin) = (world.expert().await, world.admin().await);
    let correction = ask(&world, &expert, "other", "工作单位应为北京大学").await;
    let decide = |body: Value| world.post(&format!("/corrections/{correction}/decision")).by(&admin).json(body).send();
    decide(json!({ "decision": "make" })).await.refused_field("remarks");
    let made = decide(json!({ "decision": "make", "remarks": "已按证明更正" })).await.expect(200);
    assert_eq!((&made["status"], &made["remarks"]), (&json!("made"), &json!("已按证明更正")));
    let told = world.read(&expert, "/notifications").await;
    assert!(told["items"][0]["text"].as_str().unwrap().contains("已按证明更正"), "{told}");
}

async fn a_correction_is_asked_for_in_the_right_form(world: World) {
    let (person, facility) = (world.registered("enterprise").await, world.facility().await);
    let before = world.read(&person, "/me/corrections").await;
    let ask = |who: &Account, body: Value| world.post("/me/corrections").by(who).json(body).send();
    let form = |field: &str, proposed: &str| json!({ "field": field, "proposed": proposed, "grounds": "登记有误" });
    ask(&person, form("email", "nobody")).await.refused_field("proposed");
    ask(&person, form("uscc", "911101080000000001")).await.refused_field("proposed");
    ask(&person, form("other", " ")).await.refused_field("proposed");
    ask(&person, json!({ "field": "other", "proposed": "x", "grounds": "" })).await.refused_field("grounds");
    ask(&person, form("phone", "13800138001")).await.refused(422, "validation_failed");
    ask(&facility, form("organization_name", "别的名称")).await.refused_field("field");
    world.post("/me/corrections").json(form("other", "x")).send().await.refused(401, "unauthenticated");
    assert_eq!(world.read(&person, "/me/corrections").await, before);
}

async fn a_correction_is_decided_once_and_not_by_oneself(world: World) {
    let (person, admin) = (world.registered("enterprise").await, world.admin().await);
    let correction = ask(&world, &person, "email", "li@firm.test").await;
    let decide = |body: Value| world.post(&format!("/corrections/{correction}/decision")).by(&admin).json(body).send();
    decide(json!({ "decision": "refuse" })).await.refused_field("remarks");
    decide(json!({ "decision": "withdraw" })).await.refused_field("decision");
    let refused = decide(json!({ "decision": "refuse", "remarks": "未能核实身份" })).await.expect(200);
    assert_eq!(refused["status"], "refused");
    decide(json!({ "decision": "make" })).await.refused(409, "invalid_state");
    let withdraw = format!("/me/corrections/{correction}/withdraw");
    world.post(&withdraw).by(&person).send().await.refused(409, "invalid_state");
    assert_eq!(world.read(&person, "/me").await["user"]["email"], json!(person.email));
    let own = ask(&world, &admin, "email", "boss@voucher.test").await;
    let path = format!("/corrections/{own}/decision");
    world.post(&path).by(&admin).json(json!({ "decision": "make" })).send().await.refused(409, "same_person");
    let taken_back = world.post(&format!("/me/corrections/{own}/withdraw")).by(&admin).send().await.expect(200);
    assert_eq!(taken_back["status"], "withdrawn");
    world.post(&path).by(&admin).json(json!({ "decision": "make" })).send().await.refused(409, "same_person");
}

async fn a_correction_is_of_whom_it_concerns(world: World) {
    let (person, other) = (world.registered("enterprise").await, world.registered("enterprise").await);
    let correction = ask(&world, &person, "other", "x").await;
    assert_eq!(world.read(&other, "/me/corrections").await["items"], json!([]));
    let withdraw = format!("/me/corrections/{correction}/withdraw");
    world.post(&withdraw).by(&other).send().await.refused(404, "not_found");
    for stranger in [&person, &world.officer().await, &world.auditor().await] {
        world.get("/corrections").by(stranger).send().await.refused(403, "forbidden");
        world.get(&format!("/corrections/{correction}")).by(stranger).send().await.refused(403, "forbidden");
    }
    assert_eq!(actions(&world, "correction", &correction), ["correction_requested"]);
}
