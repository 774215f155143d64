//! Becoming a facility, and what it says about itself (Art. 5, 6).

use serde_json::{Value, json};

use crate::harness::{World, facility_form, instrument_form, service_form, uscc, with, without};
use crate::on_both_stores;

on_both_stores!(
    an_officer_enters_a_municipal_institution,
    every_fault_of_an_entry_is_named,
    only_officers_enter_facilities,
    an_institution_is_entered_once,
    a_contact_has_no_other_account,
    an_institution_that_registered_itself_is_taken_on,
    an_applicant_is_no_facility,
    a_registered_facility_that_is_not_entered_offers_nothing,
    a_facility_states_its_particulars_anew,
    what_a_facility_cannot_state_is_refused,
    where_a_facility_is_paid_is_not_public,
);

/// The form of an entry with a contact at this address.
fn entry(number: u32, email: &str) -> Value {
    with(facility_form(number), json!({ "contact": { "name": "周洁", "email": email, "phone": "010-62750001" } }))
}

async fn an_officer_enters_a_municipal_institution(world: World) {
    let officer = world.officer().await;
    let form = with(
        facility_form(7),
        json!({ "contact": { "name": "周洁", "email": "Zhou@Institute.test", "phone": "010-62750001" } }),
    );
    let entered = world.post("/facilities").by(&officer).json(form).send().await.expect(201);
    assert_eq!(entered["status"], "active");
    assert_eq!(entered["people"][0]["email"], "zhou@institute.test");
    assert_eq!(entered["people"][0]["role"], "facility");
    let contact = world.accept_invitation("zhou@institute.test").await;
    assert_eq!(contact.organization_id, entered["id"]);
    let mine = world.get("/me/facility").by(&contact).send().await;
    assert_eq!(mine.header("etag"), Some("\"1\""));
    let mine = mine.expect(200);
    assert_eq!((&mine["name"], &mine["payee_account"]), (&json!("北京市第7研究所"), &json!("0200000000000007")));
    world.service(&contact).await;
    let found = world.get("/services?field=new_materials").send().await.expect(200);
    assert_eq!(found["items"][0]["facility_name"], "北京市第7研究所");
}

async fn every_fault_of_an_entry_is_named(world: World) {
    let officer = world.officer().await;
    let post = async |form: Value| world.post("/facilities").by(&officer).json(form).send().await;
    let bad = json!({
        "name": " ", "uscc": "91110108551385082R", "region": "beijing", "district": "", "nature": "institute",
        "is_third_party_testing": false, "payee_name": "某研究所",
        "contact": { "name": "", "email": "nobody", "phone": "1" }
    });
    let refusal = post(bad).await.refused(422, "validation_failed");
    let mut named: Vec<&str> =
        refusal["fields"].as_array().unwrap().iter().map(|fault| fault["field"].as_str().unwrap()).collect();
    named.sort_unstable();
    let all =
        ["contact.email", "contact.name", "contact.phone", "district", "name", "payee_account", "payee_bank", "uscc"];
    assert_eq!(named, all);
    post(with(entry(1, "a@b.test"), json!({ "uscc": "1234" }))).await.refused_field("uscc");
    post(with(entry(1, "a@b.test"), json!({ "region": "shanghai" }))).await.refused_field("region");
    post(with(entry(1, "a@b.test"), json!({ "payee_account": "账号" }))).await.refused_field("payee_account");
    post(without(entry(1, "a@b.test"), "nature")).await.refused_field("nature");
    post(facility_form(1)).await.refused_field("contact");
    let unknown = post(with(entry(1, "a@b.test"), json!({ "status": "active" }))).await.refused(422, "unknown_field");
    assert_eq!(unknown["fields"][0]["field"], "status");
    assert!(world.ids("/facilities").await.is_empty());
    // Nothing of it stayed: the very same institution can be entered now.
    post(entry(1, "a@b.test")).await.expect(201);
}

async fn only_officers_enter_facilities(world: World) {
    let others = [
        world.enterprise().await,
        world.facility().await,
        world.expert().await,
        world.auditor().await,
        world.admin().await,
    ];
    for other in &others {
        world.post("/facilities").by(other).json(entry(900, "a@b.test")).send().await.refused(403, "forbidden");
    }
    world.post("/facilities").json(entry(900, "a@b.test")).send().await.refused(401, "unauthenticated");
    for path in ["/me/facility", "/me/facility/services", "/me/facility/instruments"] {
        world.get(path).by(&others[0]).send().await.refused(403, "forbidden");
        world.get(path).by(&world.officer().await).send().await.refused(403, "forbidden");
    }
    world.post("/me/facility/services").by(&others[0]).json(service_form()).send().await.refused(403, "forbidden");
}

async fn an_institution_is_entered_once(world: World) {
    let officer = world.officer().await;
    let post = async |form: Value| world.post("/facilities").by(&officer).json(form).send().await;
    post(entry(1, "a@b.test")).await.expect(201);
    let refusal = post(entry(1, "c@d.test")).await.refused(409, "already_exists");
    assert_eq!(refusal["fields"][0]["field"], "uscc");
    post(facility_form(1)).await.refused(409, "already_exists");
    // Lower case and blanks are the same code.
    let lower = format!(" {} ", uscc(1).to_lowercase());
    post(with(entry(1, "c@d.test"), json!({ "uscc": lower }))).await.refused(409, "already_exists");
    assert_eq!(world.ids("/facilities").await.len(), 1);
    // The refused entries opened no accounts either.
    post(entry(2, "c@d.test")).await.expect(201);
}

async fn a_contact_has_no_other_account(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    for taken in [firm.email.clone(), firm.email.to_uppercase(), officer.email.clone()] {
        let form = entry(501, &taken);
        let refusal = world.post("/facilities").by(&officer).json(form).send().await.refused(409, "already_exists");
        assert_eq!(refusal["fields"][0]["field"], "contact.email", "{refusal}");
    }
    // The organization of the refused entry is not there either.
    world.post("/facilities").by(&officer).json(entry(501, "a@b.test")).send().await.expect(201);
}

async fn an_institution_that_registered_itself_is_taken_on(world: World) {
    let officer = world.officer().await;
    let own = world.registered("facility").await;
    let me = world.get("/me").by(&own).send().await.expect(200);
    let form =
        with(facility_form(1), json!({ "uscc": me["organization"]["uscc"], "name": "北京市计量检测科学研究院" }));
    let entered = world.post("/facilities").by(&officer).json(form).send().await.expect(201);
    assert_eq!((&entered["id"], &entered["status"]), (&json!(own.organization_id), &json!("active")));
    // Who acts for it from now on is shown to the officer.
    assert_eq!(entered["people"].as_array().unwrap().len(), 1);
    assert_eq!(entered["people"][0]["email"], own.email);
    assert_eq!(world.get("/me/facility").by(&own).send().await.expect(200)["name"], "北京市计量检测科学研究院");
    world.service(&own).await;
    // A contact that is no colleague yet gets an account; one that is keeps the one it has.
    let second = world.registered("facility").await;
    let code = world.get("/me").by(&second).send().await.expect(200)["organization"]["uscc"].clone();
    let form = with(entry(2, "new@institute.test"), json!({ "uscc": code }));
    let entered = world.post("/facilities").by(&officer).json(form).send().await.expect(201);
    assert_eq!(entered["people"].as_array().unwrap().len(), 2);
    assert_eq!(world.accept_invitation("new@institute.test").await.organization_id, second.organization_id);
    let third = world.registered("facility").await;
    let code = world.get("/me").by(&third).send().await.expect(200)["organization"]["uscc"].clone();
    let form = with(entry(3, &third.email), json!({ "uscc": code }));
    let entered = world.post("/facilities").by(&officer).json(form).send().await.expect(201);
    assert_eq!(entered["people"].as_array().unwrap().len(), 1);
}

async fn an_applicant_is_no_facility(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let code = world.get("/me").by(&firm).send().await.expect(200)["organization"]["uscc"].clone();
    let form = with(entry(1, "a@b.test"), json!({ "uscc": code }));
    let refusal = world.post("/facilities").by(&officer).json(form).send().await.refused(409, "already_exists");
    assert_eq!(refusal["fields"][0]["field"], "uscc");
    assert!(world.ids("/facilities").await.is_empty());
}

async fn a_registered_facility_that_is_not_entered_offers_nothing(world: World) {
    let own = world.registered("facility").await;
    let refusal = world.get("/me/facility").by(&own).send().await.refused(404, "not_found");
    assert_eq!(refusal["article"], "6");
    let form = json!({ "district": "海淀区", "is_third_party_testing": false });
    world.put("/me/facility").by(&own).header("if-match", "*").json(form).send().await.refused(404, "not_found");
    world.post("/me/facility/services").by(&own).json(service_form()).send().await.refused(404, "not_found");
    world.post("/me/facility/instruments").by(&own).json(instrument_form()).send().await.refused(404, "not_found");
    world.get("/me/facility/services").by(&own).send().await.refused(404, "not_found");
    world.get(&format!("/facilities/{}", own.organization_id)).send().await.refused(404, "not_found");
}

async fn a_facility_states_its_particulars_anew(world: World) {
    let facility = world.facility().await;
    let reply = world.get("/me/facility").by(&facility).send().await;
    assert_eq!(reply.header("etag"), Some("\"1\""));
    let before = reply.expect(200);
    let form = json!({
        "region": "beijing", "nature": "institute", "district": " 昌平区 ", "is_third_party_testing": true,
        "payee_name": "某研究所", "payee_bank": "工商银行", "payee_account": "0200-0045 1234"
    });
    let put = |version: Value| world.put("/me/facility").by(&facility).if_match(&version).json(form.clone());
    let after = put(before["version"].clone()).send().await.expect(200);
    assert_eq!((&after["district"], &after["is_third_party_testing"]), (&json!("昌平区"), &json!(true)));
    assert_eq!((&after["payee_account"], &after["version"]), (&json!("0200-0045 1234"), &json!(2)));
    assert_eq!((&after["name"], &after["status"]), (&before["name"], &json!("active")));
    put(before["version"].clone()).send().await.refused(412, "precondition_failed");
    let nothing = world.put("/me/facility").by(&facility).json(form.clone()).send().await;
    nothing.refused(428, "precondition_required");
    assert_eq!(world.get("/me/facility").by(&facility).send().await.expect(200), after);
    // What is left out is not stated any more.
    let bare = json!({ "district": "昌平区", "is_third_party_testing": true });
    let bare = world.put("/me/facility").by(&facility).if_match(&json!(2)).json(bare).send().await.expect(200);
    assert_eq!(bare.get("payee_name"), None);
}

async fn what_a_facility_cannot_state_is_refused(world: World) {
    let facility = world.facility().await;
    let usual = json!({ "district": "海淀区", "is_third_party_testing": false });
    for (more, field) in [
        (json!({ "region": "tianjin" }), "region"),
        (json!({ "nature": "enterprise" }), "nature"),
        (json!({ "district": "" }), "district"),
        (json!({ "district": "区".repeat(51) }), "district"),
        (json!({ "payee_bank": "工商银行" }), "payee_account"),
        (json!({ "payee_name": "", "payee_bank": "工商银行", "payee_account": "1" }), "payee_name"),
        (json!({ "is_third_party_testing": "no" }), "is_third_party_testing"),
    ] {
        let form = with(usual.clone(), more);
        world.put("/me/facility").by(&facility).if_match(&json!(1)).json(form).send().await.refused_field(field);
    }
    let form = with(usual, json!({ "status": "exited" }));
    world.put("/me/facility").by(&facility).if_match(&json!(1)).json(form).send().await.refused(422, "unknown_field");
    assert_eq!(world.get("/me/facility").by(&facility).send().await.expect(200)["version"], 1);
}

async fn where_a_facility_is_paid_is_not_public(world: World) {
    let facility = world.facility().await;
    let path = format!("/facilities/{}", facility.organization_id);
    let (firm, other) = (world.enterprise().await, world.facility().await);
    for view in [
        world.get(&path).send().await.expect(200),
        world.get(&path).by(&firm).send().await.expect(200),
        world.get(&path).by(&other).send().await.expect(200),
        world.get("/facilities").send().await.expect(200)["items"][1].clone(),
    ] {
        assert_eq!(view["id"], facility.organization_id, "{view}");
        assert!(!view.to_string().contains("payee") && !view.to_string().contains("北京银行"), "{view}");
    }
    for insider in [&facility, &world.officer().await, &world.auditor().await] {
        assert_eq!(world.get(&path).by(insider).send().await.expect(200)["payee_bank"], "北京银行海淀支行");
    }
}
