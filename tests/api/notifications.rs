//! What people are told: in the application and by letter.

use serde_json::{Value, json};

use crate::harness::{Account, World};
use crate::on_both_stores;

const POOL: i64 = 10_000_000_000;

on_both_stores!(
    a_claim_is_told_to_everybody_of_the_applicant_s,
    what_was_told_can_be_marked_as_read,
    what_others_were_told_is_not_there,
    the_list_is_read_page_by_page,
    letters_are_in_the_language_of_the_account,
    an_account_is_changed_by_its_owner,
);

async fn told(world: &World, account: &Account) -> Vec<Value> {
    world.tell_claims();
    let page = world.get("/notifications?limit=200").by(account).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn a_claim_is_told_to_everybody_of_the_applicant_s(world: World) {
    let (applicant, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let invited = json!({ "name": "王芳", "email": "wang@firm.test" });
    world.post("/me/organization/users").by(&applicant).json(invited).send().await.expect(201);
    let colleague = world.accept_invitation("wang@firm.test").await;
    let late = json!({ "name": "赵强", "email": "zhao@firm.test" });
    world.post("/me/organization/users").by(&applicant).json(late).send().await.expect(201);
    world.run_jobs();
    let letters = world.letters_sent();

    let voucher = world.claim(&applicant, &cycle, 5_000_000).await;
    for account in [&applicant, &colleague] {
        let items = told(&world, account).await;
        assert_eq!(items.len(), 1, "{items:?}");
        assert_eq!(items[0]["kind"], "voucher_claimed");
        assert_eq!((&items[0]["subject_kind"], &items[0]["subject_id"]), (&json!("voucher"), &voucher["id"]));
        assert_eq!(items[0]["read_at"], Value::Null);
        let (title, text) = (items[0]["title"].as_str().unwrap(), items[0]["text"].as_str().unwrap());
        assert!(title.contains(voucher["number"].as_str().unwrap()) && title.contains("2026年3月17日"), "{title}");
        assert!(text.contains("50,000.00 元") && text.contains("第十五条"), "{text}");
        let letter = world.letter_to(&account.email);
        assert_eq!(letter.id.to_string(), items[0]["id"].as_str().unwrap());
        assert_eq!((letter.wording.subject.as_str(), letter.wording.text.contains(text)), (title, true));
        assert!(letter.wording.html.contains("50,000.00 元"));
    }
    // One whose address is not proved is told nothing.
    assert_eq!(world.letters_sent(), letters + 2);
    world.run_jobs();
    assert_eq!(world.letters_sent(), letters + 2);

    let english = world.get("/notifications").by(&applicant).header("accept-language", "en").send().await.expect(200);
    assert!(english["items"][0]["title"].as_str().unwrap().contains("17 March 2026"), "{english}");
}

async fn what_was_told_can_be_marked_as_read(world: World) {
    let (applicant, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    for _ in 0..2 {
        world.claim(&applicant, &cycle, 1_000_000).await;
    }
    let items = told(&world, &applicant).await;
    let path = format!("/notifications/{}/read", items[1]["id"].as_str().unwrap());
    world.at("2026-03-02T11:00:00+08:00");
    let read = world.post(&path).by(&applicant).send().await.expect(200);
    assert_eq!(read["read_at"], "2026-03-02T11:00:00+08:00");
    world.at("2026-03-02T12:00:00+08:00");
    // The first time stays.
    assert_eq!(world.post(&path).by(&applicant).send().await.expect(200), read);
    let unread = world.get("/notifications?unread=true").by(&applicant).send().await.expect(200);
    assert_eq!(unread["items"].as_array().unwrap().len(), 1);
    assert_eq!(unread["items"][0]["id"], items[0]["id"]);
    let again = told(&world, &applicant).await;
    assert_eq!((again.len(), &again[1]), (2, &read));
}

async fn what_others_were_told_is_not_there(world: World) {
    let (applicant, other, cycle) = (world.enterprise().await, world.team().await, world.open_cycle(POOL).await);
    world.claim(&applicant, &cycle, 1_000_000).await;
    assert_eq!(told(&world, &other).await, Vec::<Value>::new());
    let items = told(&world, &applicant).await;
    let path = format!("/notifications/{}/read", items[0]["id"].as_str().unwrap());
    world.post(&path).by(&other).send().await.refused(404, "not_found");
    world.post(&path).by(&world.officer().await).send().await.refused(404, "not_found");
    world.post(&path).send().await.refused(401, "unauthenticated");
    world.get("/notifications").send().await.refused(401, "unauthenticated");
    assert_eq!(told(&world, &applicant).await, items);
}

async fn the_list_is_read_page_by_page(world: World) {
    let (applicant, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.claim(&applicant, &cycle, 1_000_000).await["id"].clone());
    }
    world.tell_claims();
    let first = world.get("/notifications?limit=2").by(&applicant).send().await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = world.get(&format!("/notifications?limit=2&cursor={cursor}")).by(&applicant).send().await.expect(200);
    let items = [first["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    let subjects: Vec<Value> = items.iter().map(|item| item["subject_id"].clone()).collect();
    ids.reverse();
    assert_eq!(subjects, ids);
    assert_eq!(rest["next_cursor"], Value::Null);
    world.get("/notifications?limit=0").by(&applicant).send().await.refused_field("limit");
    world.get("/notifications?colour=red").by(&applicant).send().await.refused(422, "unknown_field");
}

async fn letters_are_in_the_language_of_the_account(world: World) {
    let (applicant, cycle) = (world.enterprise().await, world.open_cycle(POOL).await);
    let colleague = json!({ "name": "Ann Smith", "email": "ann@firm.test", "language": "en" });
    world.post("/me/organization/users").by(&applicant).json(colleague).send().await.expect(201);
    assert!(world.letter_to("ann@firm.test").wording.text.contains("Dear Ann Smith"));
    world.accept_invitation("ann@firm.test").await;
    world.claim(&applicant, &cycle, 1_000_000).await;
    let (english, chinese) = (world.letter_to("ann@firm.test"), world.letter_to(&applicant.email));
    assert!(english.wording.text.contains("10,000.00 yuan") && english.wording.subject.contains("claimed"));
    assert!(chinese.wording.text.contains("李明,您好") && chinese.wording.text.contains("10,000.00 元"));

    let me = world.get("/me").by(&applicant).send().await.expect(200);
    assert_eq!(me["user"]["language"], "zh");
    let change = json!({ "language": "en" });
    let changed = world.patch("/me").by(&applicant).if_match(&me["version"]).json(change).send().await.expect(200);
    assert_eq!((&changed["user"]["language"], &changed["user"]["name"]), (&json!("en"), &me["user"]["name"]));
    world.claim(&applicant, &cycle, 1_000_000).await;
    assert!(world.letter_to(&applicant.email).wording.text.contains("Dear 李明"));
    let invitation = json!({ "role": "auditor", "name": "Eve", "email": "eve@voucher.test", "language": "en" });
    world.post("/users").by(&world.admin().await).json(invitation).send().await.expect(201);
    assert_eq!(world.letter_to("eve@voucher.test").wording.subject, "Set your password");
}

async fn an_account_is_changed_by_its_owner(world: World) {
    let applicant = world.enterprise().await;
    let me = world.get("/me").by(&applicant).send().await;
    assert_eq!(me.header("etag"), Some(format!("\"{}\"", me.body["version"]).as_str()));
    let me = me.expect(200);
    let change = json!({ "name": " 李小明 ", "phone": "010-87654321" });
    world.patch("/me").by(&applicant).json(change.clone()).send().await.refused(428, "precondition_required");
    let patch = || world.patch("/me").by(&applicant).if_match(&me["version"]);
    patch().json(json!({ "language": "fr" })).send().await.refused(422, "validation_failed");
    patch().json(json!({ "name": "" })).send().await.refused_field("name");
    patch().json(json!({ "phone": "?" })).send().await.refused_field("phone");
    patch().json(json!({ "role": "admin" })).send().await.refused(422, "unknown_field");
    assert_eq!(world.get("/me").by(&applicant).send().await.expect(200), me);
    let changed = patch().json(change.clone()).send().await.expect(200);
    assert_eq!((&changed["user"]["name"], &changed["user"]["phone"]), (&json!("李小明"), &json!("010*****4321")));
    let mut now = world.get("/me").by(&applicant).send().await.expect(200);
    assert_eq!(now["user"]["phone"], "010-87654321");
    now["user"]["phone"] = changed["user"]["phone"].clone();
    assert_eq!(now, changed);
    patch().json(change).send().await.refused(412, "precondition_failed");
}
