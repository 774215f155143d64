//! Becoming a facility, and what it says about itself (Art. 5, 6).

use serde_json::{Value, json};

use crate::harness::{Account, World, facility_form, instrument_form, service_form, uscc, with, without};
use crate::on_both_stores;

on_both_stores!(
    an_officer_enters_a_municipal_institution,
    every_fault_of_an_entry_is_named,
    only_officers_enter_facilities,
    an_institution_is_entered_once,
    a_contact_has_no_other_account,
    an_institution_that_registered_itself_is_taken_on,
    whoever_registered_with_an_institution_s_code_does_not_act_for_it_unconfirmed,
    an_applicant_is_no_facility,
    a_registered_facility_that_is_not_entered_offers_nothing,
    a_facility_states_its_district_anew,
    what_matters_about_a_facility_waits_for_an_officer,
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

/// The code of the institution that somebody registered.
async fn code_of(world: &World, account: &Account) -> Value {
    world.get("/me").by(account).send().await.expect(200)["organization"]["uscc"].clone()
}

async fn an_institution_that_registered_itself_is_taken_on(world: World) {
    let officer = world.officer().await;
    let post = async |form: Value| world.post("/facilities").by(&officer).json(form).send().await;
    let own = world.registered("facility").await;
    let form = with(
        facility_form(1),
        json!({ "uscc": code_of(&world, &own).await, "name": "北京市计量检测科学研究院", "confirmed_emails": [own.email.to_uppercase()] }),
    );
    let entered = post(form).await.expect(201);
    assert_eq!((&entered["id"], &entered["status"]), (&json!(own.organization_id), &json!("active")));
    // Who acts for it from now on is shown to the officer.
    assert_eq!(entered["people"].as_array().unwrap().len(), 1);
    assert_eq!(entered["people"][0]["email"], own.email);
    assert_eq!(world.get("/me/facility").by(&own).send().await.expect(200)["name"], "北京市计量检测科学研究院");
    world.service(&own).await;
    // A contact that is no colleague yet gets an account; one that is keeps the one it has, and is confirmed by it.
    let second = world.registered("facility").await;
    let more = json!({ "uscc": code_of(&world, &second).await, "confirmed_emails": [second.email] });
    let entered = post(with(entry(2, "new@institute.test"), more)).await.expect(201);
    assert_eq!(entered["people"].as_array().unwrap().len(), 2);
    assert_eq!(world.accept_invitation("new@institute.test").await.organization_id, second.organization_id);
    let third = world.registered("facility").await;
    let form = with(entry(3, &third.email), json!({ "uscc": code_of(&world, &third).await }));
    assert_eq!(post(form).await.expect(201)["people"].as_array().unwrap().len(), 1);
}

async fn whoever_registered_with_an_institution_s_code_does_not_act_for_it_unconfirmed(world: World) {
    let officer = world.officer().await;
    let post = async |form: Value| world.post("/facilities").by(&officer).json(form).send().await;
    let squatter = world.registered("facility").await;
    let code = code_of(&world, &squatter).await;
    // Having begun to fill in what it is changes nothing about that.
    let draft =
        json!({ "district": "海淀区", "is_third_party_testing": false, "region": "beijing", "nature": "other" });
    world.put("/me/facility").by(&squatter).header("if-match", "*").json(draft).send().await.expect(200);
    let form = with(entry(1, "real@institute.test"), json!({ "uscc": code }));
    let refusal = post(form.clone()).await.refused_field("confirmed_emails");
    assert!(refusal.to_string().contains(&squatter.email), "{refusal}");
    post(with(form.clone(), json!({ "confirmed_emails": ["nobody@firm.test"] })))
        .await
        .refused_field("confirmed_emails[0]");
    let bare = with(without(form.clone(), "contact"), json!({ "confirmed_emails": [] }));
    post(bare).await.refused_field("contact");
    assert!(world.ids("/facilities").await.is_empty(), "nothing is entered by a refused entry");
    world.get("/me/facility").by(&squatter).send().await.expect(200);
    let entered = post(with(form, json!({ "confirmed_emails": [] }))).await.expect(201);
    let people: Vec<_> = entered["people"].as_array().unwrap().iter().map(|user| user["email"].clone()).collect();
    assert_eq!(people, ["real@institute.test"]);
    world.get("/me/facility").by(&squatter).send().await.refused(401, "unauthenticated");
    let real = world.accept_invitation("real@institute.test").await;
    let mine = world.get("/me/facility").by(&real).send().await.expect(200);
    assert_eq!((&mine["status"], &mine["nature"]), (&json!("active"), &json!("institute")));
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
    world.post("/me/facility/services").by(&own).json(service_form()).send().await.refused(404, "not_found");
    world.post("/me/facility/instruments").by(&own).json(instrument_form()).send().await.refused(404, "not_found");
    world.get("/me/facility/services").by(&own).send().await.refused(404, "not_found");
    world.get(&format!("/facilities/{}", own.organization_id)).send().await.refused(404, "not_found");
}

async fn a_facility_states_its_district_anew(world: World) {
    let facility = world.facility().await;
    let reply = world.get("/me/facility").by(&facility).send().await;
    assert_eq!(reply.header("etag"), Some("\"1\""));
    let before = reply.expect(200);
    let form = with(particulars(&before), json!({ "district": " 昌平区 " }));
    let put = |version: Value| world.put("/me/facility").by(&facility).if_match(&version).json(form.clone());
    let after = put(before["version"].clone()).send().await.expect(200);
    assert_eq!((&after["district"], &after["version"]), (&json!("昌平区"), &json!(2)));
    assert_eq!(
        (&after["name"], &after["status"], after.get("pending_change")),
        (&before["name"], &json!("active"), None)
    );
    put(before["version"].clone()).send().await.refused(412, "precondition_failed");
    let nothing = world.put("/me/facility").by(&facility).json(form.clone()).send().await;
    nothing.refused(428, "precondition_required");
    let now = world.get("/me/facility").by(&facility).send().await.expect(200);
    assert_eq!(now, with(after, json!({ "payee_account": before["payee_account"] })));
}

/// What a facility would state to change nothing.
fn particulars(view: &Value) -> Value {
    let fields = ["district", "is_third_party_testing", "payee_name", "payee_bank", "payee_account"];
    Value::Object(fields.iter().map(|field| ((*field).to_owned(), view[*field].clone())).collect())
}

async fn what_matters_about_a_facility_waits_for_an_officer(world: World) {
    let (facility, officer) = (world.facility().await, world.officer().await);
    let before = world.get("/me/facility").by(&facility).send().await.expect(200);
    let put = async |more: Value| {
        let form = with(particulars(&before), more);
        world.put("/me/facility").by(&facility).header("if-match", "*").json(form).send().await.expect(200)
    };
    let account = json!({ "payee_account": "0200-0045 1234", "name": "北京市新材料研究所", "nature": "university" });
    let after = put(account).await;
    assert_eq!((&after["payee_bank"], &after["name"]), (&before["payee_bank"], &before["name"]));
    let pending = &after["pending_change"];
    assert_eq!(pending["proposed"]["payee_account"], "0200******1234");
    let own = world.get("/me/facility").by(&facility).send().await.expect(200);
    assert_eq!(own["payee_account"], before["payee_account"]);
    assert_eq!(own["pending_change"]["proposed"]["payee_account"], "0200-0045 1234");
    assert_eq!((&pending["status"], &after["version"]), (&json!("pending"), &json!(2)));
    // A second statement takes the place of the first; the same again changes nothing.
    let second = put(json!({ "payee_account": "0200 9999", "is_third_party_testing": true })).await;
    assert_ne!(second["pending_change"]["id"], pending["id"]);
    assert_eq!(second["pending_change"]["proposed"]["name"], before["name"]);
    let again = put(json!({ "payee_account": "0200 9999", "is_third_party_testing": true })).await;
    assert_eq!(again["pending_change"], second["pending_change"]);
    let listed = world.get("/facility-changes?status=pending").by(&officer).send().await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let decide = async |id: &Value, body: Value| {
        let path = format!("/facility-changes/{}/decision", id.as_str().unwrap());
        world.post(&path).by(&officer).json(body).send().await
    };
    decide(&pending["id"], json!({ "decision": "approve" })).await.refused(409, "invalid_state");
    let id = &second["pending_change"]["id"];
    decide(id, json!({ "decision": "reject" })).await.refused_field("remarks");
    let decided = decide(id, json!({ "decision": "approve", "remarks": "已核对开户许可证" })).await.expect(200);
    assert_eq!((&decided["status"], &decided["present"]), (&json!("approved"), &decided["proposed"]));
    decide(id, json!({ "decision": "reject", "remarks": "x" })).await.refused(409, "invalid_state");
    let now = world.get("/me/facility").by(&facility).send().await.expect(200);
    assert_eq!((&now["payee_account"], &now["is_third_party_testing"]), (&json!("0200 9999"), &json!(true)));
    assert_eq!(now.get("pending_change"), None);
    // A rejected one leaves everything as it is; what is stated as it holds waits for nobody.
    let third = put(json!({ "region": "hebei" })).await;
    decide(&third["pending_change"]["id"], json!({ "decision": "reject", "remarks": "注册地未变" })).await.expect(200);
    assert_eq!(world.get("/me/facility").by(&facility).send().await.expect(200)["region"], "beijing");
    let path = format!("/facility-changes/{}", id.as_str().unwrap());
    world.get(&path).by(&world.auditor().await).send().await.expect(200);
    world.get(&path).by(&facility).send().await.refused(403, "forbidden");
    let nobody = "01890000-0000-7000-8000-000000000000";
    world.get(&format!("/facility-changes/{nobody}")).by(&officer).send().await.refused(404, "not_found");
    let renamed = put(json!({ "name": "北京市新材料研究所" })).await;
    decide(&renamed["pending_change"]["id"], json!({ "decision": "approve" })).await.expect(200);
    assert_eq!(world.ids("/facilities?q=%E6%96%B0%E6%9D%90%E6%96%99").await, [facility.organization_id.as_str()]);
}

async fn what_a_facility_cannot_state_is_refused(world: World) {
    let facility = world.facility().await;
    let usual = json!({ "district": "海淀区", "is_third_party_testing": false });
    for (more, field) in [
        (json!({ "name": " " }), "name"),
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
