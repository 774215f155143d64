//! Who is shown how much, and what is nowhere in the store.

use serde_json::{Value, json};
use voucher_storage::StorageError;
use voucher_storage::event::Event;
use voucher_storage::testing::everything;

use crate::harness::{Account, PASSWORD, World, facility_form, id, own_particulars, uscc, with};
use crate::on_both_stores;

on_both_stores!(
    nothing_personal_is_stored_in_the_clear,
    a_telephone_number_is_the_person_s_own,
    an_administrator_who_asks_for_a_telephone_number_is_on_record,
    an_objector_is_shown_to_who_resolves,
    an_account_is_shown_whole_where_it_is_decided_and_paid,
    a_masked_detail_is_not_taken_for_a_detail,
    equal_numbers_cannot_be_told_from_what_is_stored,
);

/// What the store must not say, with what may be said instead.
const DETAILS: [(&str, &str); 7] = [
    ("13577770001", "135****0001"),
    ("13577770002", "135****0002"),
    ("13577770003", "135****0003"),
    ("6222025550000001", "6222********0001"),
    ("6222025550000002", "6222********0002"),
    ("钱守真", "钱**"),
    ("qian.shouzhen@mail.test", "q***@mail.test"),
];

async fn register_with(world: &World, phone: &str) -> Account {
    let number = world.next_number();
    let email = format!("person{number}@firm.test");
    let body = json!({
        "organization": { "kind": "enterprise", "name": "某某科技", "uscc": uscc(number) }, "name": "李明",
        "email": email, "phone": phone, "password": PASSWORD
    });
    world.post("/auth/register").key("register").json(body).send().await.expect(201);
    let token = world.token_for(&email);
    world.post("/auth/verify-email").json(json!({ "token": token })).send().await.expect(204);
    world.log_in(&email).await
}

async fn nothing_personal_is_stored_in_the_clear(world: World) {
    let [phone, contact_phone, colleague_phone, account, other_account, objector, contact] =
        DETAILS.map(|(detail, _)| detail);
    let person = register_with(&world, phone).await;
    let me = world.read(&person, "/me").await;
    let change = json!({ "phone": colleague_phone });
    world.patch("/me").by(&person).key("a").if_match(&me["version"]).json(change).send().await.expect(200);
    let colleague = json!({ "name": "王芳", "email": "wang@firm.test", "phone": phone });
    world.post("/me/organization/users").by(&person).key("b").json(colleague).send().await.expect(201);
    let form = json!({ "field": "other", "proposed": contact, "grounds": "登记有误" });
    world.post("/me/corrections").by(&person).key("f").json(form).send().await.expect(201);
    world.read(&person, "/me/data-export").await;
    // A facility with its account, the change of it, and a payment to it.
    let officer = world.officer().await;
    let contact_form = json!({ "name": "周洁", "email": "zhou@institute.test", "phone": contact_phone });
    let form = with(facility_form(world.next_number()), json!({ "payee_account": account, "contact": contact_form }));
    world.post("/facilities").by(&officer).key("z").json(form).send().await.expect(201);
    let facility = world.accept_invitation("zhou@institute.test").await;
    let present = world.read(&facility, "/me/facility").await;
    let mut form = json!({ "payee_account": other_account });
    for field in ["district", "is_third_party_testing", "payee_name", "payee_bank"] {
        form[field] = present[field].clone();
    }
    let put = world.put("/me/facility").by(&facility).key("c").if_match(&present["version"]).json(form);
    let pending = id(&put.send().await.expect(200)["pending_change"]);
    let decision = world.post(&format!("/facility-changes/{pending}/decision")).by(&officer).key("d");
    decision.json(json!({ "decision": "approve" })).send().await.expect(200);
    let approved = paid_to(&world, &facility).await;
    // An objection to its publication.
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    let form = with(world.objection_form(&notice, 0), json!({ "name": objector, "contact": contact }));
    let path = format!("/notices/{}/objections", id(&notice));
    let objection = id(&world.post(&path).key("e").json(form).send().await.expect(201));
    world.read(&officer, &format!("/objections/{objection}")).await;
    world.dismiss(&officer, &objection).await;
    world.end_of(&notice);
    let (batch, payer) = world.approved_batch().await;
    let shown = world.read(&payer, &format!("/disbursements/{}", id(&batch))).await;
    assert_eq!(shown["lines"][0]["payee_account"], other_account);
    world.get(&format!("/disbursements/{}/export", id(&batch))).by(&payer).send().await.expect(200);
    world.pay(&payer, &batch).await;
    world.run_jobs();

    let stored = everything(&world.program.store);
    assert!(stored.len() > 100, "the store was not read");
    for row in &stored {
        for (detail, _) in DETAILS {
            assert!(!row.contains(detail), "{detail} is in {row}");
        }
    }
    // The log tells them apart all the same.
    for (_, masked) in DETAILS.iter().take(5) {
        assert!(stored.iter().any(|row| row.starts_with("events: ") && row.contains(masked)), "{masked}");
    }
}

/// An approved redemption of this facility.
async fn paid_to(world: &World, facility: &Account) -> crate::harness::Approved {
    let cycle = world.open_cycle(100_000_000).await;
    let applicant = world.enterprise().await;
    let voucher = world.claim(&applicant, &cycle, 4_500_000).await;
    let contract = world.contract(&applicant, facility, &[&id(&voucher)], 10_000_000, "2026-03-16").await;
    let signed = crate::harness::Signed { contract, voucher, cycle, applicant, facility: facility.clone() };
    let redemption = world.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    world.approve_signed(signed, redemption, 4_500_000).await
}

/// The telephone number that a list of accounts shows of this person.
fn listed_phone(list: &Value, user_id: &str) -> String {
    let items = list["items"].as_array().unwrap();
    let user = items.iter().find(|user| user["id"] == user_id).unwrap_or_else(|| panic!("{user_id} is not in {list}"));
    user["phone"].as_str().unwrap().to_owned()
}

async fn a_telephone_number_is_the_person_s_own(world: World) {
    let (person, admin) = (world.registered("enterprise").await, world.admin().await);
    assert_eq!(world.read(&person, "/me").await["user"]["phone"], "13800138000");
    let form = json!({ "name": "王芳", "email": "wang@firm.test", "phone": "010-12345678" });
    let invited = world.post("/me/organization/users").by(&person).json(form).send().await.expect(201);
    assert_eq!(invited["phone"], "010*****5678");
    let colleague = world.accept_invitation("wang@firm.test").await;
    assert_eq!(world.read(&colleague, "/me").await["user"]["phone"], "010-12345678");
    let colleagues = world.read(&colleague, "/me/organization/users").await;
    assert_eq!(listed_phone(&colleagues, &person.user_id), "138****8000");
    assert_eq!(listed_phone(&colleagues, &colleague.user_id), "010*****5678");
    assert_eq!(listed_phone(&world.read(&admin, "/users").await, &person.user_id), "138****8000");
}

/// Who was shown details of this thing.
fn disclosures(world: &World, kind: &str, subject: &str) -> Vec<String> {
    let id = subject.parse().unwrap();
    let events =
        world.program.store.read(|tx| -> Result<_, StorageError> { Event::of_subject(tx, kind, id, None, 50) });
    let shown = events.unwrap().items.into_iter().filter(|event| event.action == "detail_shown");
    shown.map(|event| event.actor_user_id.unwrap().to_string()).collect()
}

async fn an_administrator_who_asks_for_a_telephone_number_is_on_record(world: World) {
    let (person, admin) = (world.registered("enterprise").await, world.admin().await);
    let path = format!("/users/{}", person.user_id);
    assert_eq!(disclosures(&world, "user", &person.user_id), [""; 0]);
    assert_eq!(world.read(&admin, &path).await["phone"], "13800138000");
    assert_eq!(disclosures(&world, "user", &person.user_id), std::slice::from_ref(&admin.user_id));
    for other in [&person, &world.officer().await, &world.auditor().await] {
        world.get(&path).by(other).send().await.refused(403, "forbidden");
    }
    let unknown = format!("/users/{}", person.organization_id);
    world.get(&unknown).by(&admin).send().await.refused(404, "not_found");
    assert_eq!(disclosures(&world, "user", &person.user_id).len(), 1);
    // There is nothing to be shown of who has stated no number.
    world.read(&admin, &format!("/users/{}", admin.user_id)).await;
    assert_eq!(disclosures(&world, "user", &admin.user_id), [""; 0]);
}

async fn an_objector_is_shown_to_who_resolves(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (officer, auditor) = (approved.approver.clone(), world.auditor().await);
    let notice = world.publish(&officer, &[&approved.redemption]).await;
    let objection = world.object(&notice, 0).await;
    let path = format!("/objections/{objection}");
    for reader in [&officer, &auditor] {
        let whole = world.read(reader, &path).await;
        assert_eq!((&whole["name"], &whole["contact"]), (&json!("郑直"), &json!("13911112222")));
    }
    let mut readers = disclosures(&world, "objection", &objection);
    readers.reverse();
    assert_eq!(readers, [officer.user_id.clone(), auditor.user_id]);
    for stranger in [&approved.applicant, &approved.facility, &world.expert().await, &world.admin().await] {
        world.get(&path).by(stranger).send().await.refused(403, "forbidden");
    }
    let unknown = format!("/objections/{}", approved.redemption);
    world.get(&unknown).by(&officer).send().await.refused(404, "not_found");
    let body = json!({ "outcome": "dismissed", "reasons": "经核实,服务属实" });
    let resolved = world.resolve(&officer, &objection, body).await.expect(200);
    assert_eq!((&resolved["name"], &resolved["contact"]), (&json!("郑*"), &json!("139****2222")));
}

async fn an_account_is_shown_whole_where_it_is_decided_and_paid(world: World) {
    let number = world.next_number();
    let whole = json!(format!("0200{number:012}"));
    let masked = json!(format!("0200********{:04}", number));
    let (officer, auditor) = (world.officer().await, world.auditor().await);
    let contact = json!({ "contact": { "name": "周洁", "email": "zhou@institute.test", "phone": "010-62750001" } });
    let form = with(facility_form(number), contact);
    let entered = world.post("/facilities").by(&officer).json(form).send().await.expect(201);
    assert_eq!((&entered["payee_account"], &entered["people"][0]["phone"]), (&masked, &json!("010*****0001")));
    let facility = world.accept_invitation("zhou@institute.test").await;
    let path = format!("/facilities/{}", id(&entered));
    for reader in [&facility, &officer, &auditor] {
        assert_eq!(world.read(reader, &path).await["payee_account"], whole);
        assert_eq!(world.read(reader, "/facilities").await["items"][0]["payee_account"], masked);
    }
    let stranger = world.enterprise().await;
    assert_eq!(world.read(&stranger, &path).await.get("payee_account"), None);
    assert_eq!(world.get(&path).send().await.expect(200).get("payee_account"), None);
    // A change of it is looked at whole by who decides it.
    let present = world.read(&facility, "/me/facility").await;
    let mut form = json!({ "payee_account": "6222025550000001" });
    for field in ["district", "is_third_party_testing", "payee_name", "payee_bank"] {
        form[field] = present[field].clone();
    }
    let put = world.put("/me/facility").by(&facility).if_match(&present["version"]).json(form).send().await.expect(200);
    let change = format!("/facility-changes/{}", id(&put["pending_change"]));
    let listed = world.read(&officer, "/facility-changes").await;
    assert_eq!(listed["items"][0]["proposed"]["payee_account"], "6222********0001");
    let shown = world.read(&officer, &change).await;
    assert_eq!(shown["proposed"]["payee_account"], "6222025550000001");
    assert_eq!(shown["present"]["payee_account"], whole);
}

async fn a_masked_detail_is_not_taken_for_a_detail(world: World) {
    let person = world.registered("enterprise").await;
    let me = world.read(&person, "/me").await;
    let patch = world.patch("/me").by(&person).if_match(&me["version"]).json(json!({ "phone": "138****8000" }));
    patch.send().await.refused_field("phone");
    let facility = world.drafted_facility(json!({})).await;
    let form = with(own_particulars(), json!({ "payee_account": "0200***********0001" }));
    let put = world.put("/me/facility").by(&facility).header("if-match", "*").json(form);
    put.send().await.refused_field("payee_account");
}

async fn equal_numbers_cannot_be_told_from_what_is_stored(world: World) {
    let people = [world.registered("enterprise").await, world.registered("enterprise").await];
    let users = people.map(|person| {
        let id = person.user_id.parse().unwrap();
        world.program.store.read(|tx| voucher_storage::user::User::find(tx, id)).unwrap().unwrap()
    });
    let [one, other] = users;
    assert_ne!(one.phone, other.phone);
    // But by who has the key: that is what tells of parties that are one.
    assert!(one.phone_index.is_some() && one.phone_index == other.phone_index);
    assert!(!format!("{one:?}").contains("13800138000"));
}
