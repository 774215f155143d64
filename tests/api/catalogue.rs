//! What facilities open and sell, and how it is found (Art. 5, 6).

use serde_json::{Value, json};
use voucher_domain::facility::FacilityStatus;
use voucher_storage::facility::Facility;

use crate::harness::{Account, World, id, instrument_form, service_form, with, without};
use crate::on_both_stores;

on_both_stores!(
    an_instrument_lives_from_listing_to_removal,
    every_fault_of_an_instrument_is_named,
    a_service_lives_from_listing_to_removal,
    every_fault_of_a_service_is_named,
    a_service_names_instruments_of_its_own_house,
    nobody_touches_what_is_anothers,
    the_catalogue_is_searched_by_its_filters,
    the_catalogue_is_read_page_by_page,
    a_facility_that_does_not_serve_is_not_shown,
    every_change_is_on_record,
);

/// Puts a facility into a state that it comes to on ways of its own.
fn put_into(world: &World, facility: &Account, status: FacilityStatus) {
    let facility_id = facility.organization_id.parse().unwrap();
    let changed = world.program.transact(|call| {
        let row = Facility::lock(call.tx, facility_id)?.unwrap();
        Ok(Facility::save(call.tx, &Facility { status, ..row })?)
    });
    changed.unwrap();
}

async fn an_instrument_lives_from_listing_to_removal(world: World) {
    let facility = world.facility().await;
    let listed = world.post("/me/facility/instruments").by(&facility).json(instrument_form()).send().await.expect(201);
    let (own, public) = (format!("/me/facility/instruments/{}", id(&listed)), format!("/instruments/{}", id(&listed)));
    assert_eq!(
        (&listed["maker"], &listed["is_offered"], &listed["version"]),
        (&json!("JEOL"), &json!(true), &json!(1))
    );
    assert_eq!(world.get(&public).send().await.expect(200), listed);
    let change = json!({ "opening_rules": "全天开放" });
    let patch = |version: i64| world.patch(&own).by(&facility).if_match(&json!(version)).json(change.clone());
    let changed = patch(1).send().await.expect(200);
    assert_eq!((&changed["opening_rules"], &changed["model"]), (&json!("全天开放"), &json!("JEM-F200")));
    patch(1).send().await.refused(412, "precondition_failed");
    world.patch(&own).by(&facility).json(change.clone()).send().await.refused(428, "precondition_required");
    for (change, field) in
        [(json!({ "maker": " " }), "maker"), (json!({ "original_value_fen": 0 }), "original_value_fen")]
    {
        world.patch(&own).by(&facility).if_match(&json!(2)).json(change).send().await.refused_field(field);
    }
    world.delete(&own).by(&facility).send().await.expect(204);
    world.get(&public).send().await.refused(404, "not_found");
    assert_eq!(world.get(&own).by(&facility).send().await.expect(200)["is_offered"], false);
    patch(3).send().await.refused(409, "invalid_state");
    world.delete(&own).by(&facility).send().await.expect(204);
    let mine = world.get("/me/facility/instruments").by(&facility).send().await.expect(200);
    assert_eq!((&mine["items"][0]["is_offered"], &mine["items"][0]["version"]), (&json!(false), &json!(3)));
}

async fn every_fault_of_an_instrument_is_named(world: World) {
    let facility = world.facility().await;
    let post = async |form: Value| world.post("/me/facility/instruments").by(&facility).json(form).send().await;
    let bad = json!({
        "name": "", "maker": "", "model": "", "category": "", "original_value_fen": -1, "opening_rules": ""
    });
    let refusal = post(bad).await.refused(422, "validation_failed");
    assert_eq!(refusal["fields"].as_array().unwrap().len(), 6, "{refusal}");
    post(with(instrument_form(), json!({ "price_fen": 1 }))).await.refused(422, "unknown_field");
    post(without(instrument_form(), "category")).await.refused_field("category");
    post(with(instrument_form(), json!({ "original_value_fen": 1.5 }))).await.refused_field("original_value_fen");
    post(with(instrument_form(), json!({ "name": "名".repeat(201) }))).await.refused_field("name");
    assert!(world.ids("/instruments").await.is_empty());
}

async fn a_service_lives_from_listing_to_removal(world: World) {
    let facility = world.facility().await;
    let listed = world.post("/me/facility/services").by(&facility).json(service_form()).send().await.expect(201);
    let (own, public) = (format!("/me/facility/services/{}", id(&listed)), format!("/services/{}", id(&listed)));
    assert_eq!((&listed["price_fen"], &listed["instrument_ids"]), (&json!(80_000), &json!([])));
    assert_eq!(listed["facility_id"], facility.organization_id);
    assert_eq!(world.get(&public).send().await.expect(200), listed);
    let patch = |version: i64, change: Value| world.patch(&own).by(&facility).if_match(&json!(version)).json(change);
    let changed = patch(1, json!({ "price_fen": 1, "is_statutory_testing": true })).send().await.expect(200);
    assert_eq!((&changed["price_fen"], &changed["is_statutory_testing"]), (&json!(1), &json!(true)));
    assert_eq!((&changed["name"], &changed["version"]), (&listed["name"], &json!(2)));
    patch(1, json!({ "price_fen": 2 })).send().await.refused(412, "precondition_failed");
    world.patch(&own).by(&facility).json(json!({})).send().await.refused(428, "precondition_required");
    for (change, field) in [
        (json!({ "price_fen": 0 }), "price_fen"),
        (json!({ "turnaround_days": 0 }), "turnaround_days"),
        (json!({ "turnaround_days": -1 }), "turnaround_days"),
        (json!({ "field": "astrology" }), "field"),
    ] {
        patch(2, change).send().await.refused_field(field);
    }
    patch(2, json!({ "facility_id": "x" })).send().await.refused(422, "unknown_field");
    assert_eq!(world.get(&public).send().await.expect(200), changed);
    world.delete(&own).by(&facility).send().await.expect(204);
    world.get(&public).send().await.refused(404, "not_found");
    assert!(world.ids("/services").await.is_empty());
    patch(3, json!({ "price_fen": 2 })).send().await.refused(409, "invalid_state");
    world.delete(&own).by(&facility).send().await.expect(204);
    let mine = world.get("/me/facility/services").by(&facility).send().await.expect(200);
    assert_eq!((&mine["items"][0]["is_offered"], &mine["items"][0]["version"]), (&json!(false), &json!(3)));
}

async fn every_fault_of_a_service_is_named(world: World) {
    let facility = world.facility().await;
    let post = async |form: Value| world.post("/me/facility/services").by(&facility).json(form).send().await;
    let bad = with(
        service_form(),
        json!({ "name": "", "purpose": "", "price_fen": 0, "unit": "", "turnaround_days": 3_651 }),
    );
    let refusal = post(bad).await.refused(422, "validation_failed");
    assert_eq!(refusal["fields"].as_array().unwrap().len(), 5, "{refusal}");
    for (more, field) in [
        (json!({ "price_fen": -1 }), "price_fen"),
        (json!({ "price_fen": 9_300_000_000_000_000_000_u64 }), "price_fen"),
        (json!({ "kind": "gambling" }), "kind"),
        (json!({ "unit": "单".repeat(21) }), "unit"),
        (json!({ "turnaround_days": 4_294_967_296_u64 }), "turnaround_days"),
    ] {
        post(with(service_form(), more)).await.refused_field(field);
    }
    post(with(service_form(), json!({ "id": "x" }))).await.refused(422, "unknown_field");
    assert!(world.ids("/services").await.is_empty());
}

async fn a_service_names_instruments_of_its_own_house(world: World) {
    let (facility, other) = (world.facility().await, world.facility().await);
    let microscope = world.instrument_with(&facility, json!({})).await;
    let (foreign, gone) =
        (world.instrument_with(&other, json!({})).await, world.instrument_with(&facility, json!({})).await);
    world.delete(&format!("/me/facility/instruments/{gone}")).by(&facility).send().await.expect(204);
    let service = world.service_with(&facility, json!({ "instrument_ids": [microscope] })).await;
    let post = async |ids: Value| {
        let form = with(service_form(), json!({ "instrument_ids": ids }));
        world.post("/me/facility/services").by(&facility).json(form).send().await
    };
    post(json!([microscope, foreign])).await.refused_field("instrument_ids[1]");
    post(json!([gone])).await.refused_field("instrument_ids[0]");
    post(json!([microscope, microscope])).await.refused_field("instrument_ids[1]");
    post(json!(vec![microscope.clone(); 51])).await.refused_field("instrument_ids");
    post(json!(["x"])).await.refused_field("instrument_ids[0]");
    // An instrument that is taken off later does not stand in the way of other changes.
    world.delete(&format!("/me/facility/instruments/{microscope}")).by(&facility).send().await.expect(204);
    let path = format!("/me/facility/services/{service}");
    let change = world.patch(&path).by(&facility).if_match(&json!(1)).json(json!({ "price_fen": 70_000 }));
    assert_eq!(change.send().await.expect(200)["instrument_ids"], json!([microscope]));
    let change = json!({ "instrument_ids": [microscope] });
    world.patch(&path).by(&facility).if_match(&json!(2)).json(change).send().await.refused_field("instrument_ids[0]");
}

async fn nobody_touches_what_is_anothers(world: World) {
    let (facility, other) = (world.facility().await, world.facility().await);
    let service = world.service(&facility).await;
    let instrument = world.instrument_with(&facility, json!({})).await;
    for path in [format!("/me/facility/services/{service}"), format!("/me/facility/instruments/{instrument}")] {
        world.get(&path).by(&other).send().await.refused(404, "not_found");
        let change = world.patch(&path).by(&other).header("if-match", "*").json(json!({ "name": "x" }));
        change.send().await.refused(404, "not_found");
        world.delete(&path).by(&other).send().await.refused(404, "not_found");
        assert_eq!(world.get(&path).by(&facility).send().await.expect(200)["version"], 1);
    }
    let theirs = world.get("/me/facility/services").by(&other).send().await.expect(200);
    assert_eq!(theirs["items"], json!([]));
}

async fn the_catalogue_is_searched_by_its_filters(world: World) {
    let haidian = world.facility().await;
    let tianjin =
        world.facility_with(json!({ "region": "tianjin", "district": "南开区", "nature": "university" })).await;
    let test = world.service(&haidian).await;
    let dear = world.service_with(&haidian, json!({ "field": "medicine_health", "price_fen": 5_000_000 })).await;
    let compute = json!({
        "kind": "compute", "field": "next_generation_it", "price_fen": 79_999,
        "compute": { "model": "8×H20 96GB", "amount": 1, "unit": "card_hour" }
    });
    let compute = world.service_with(&tianjin, compute).await;
    let microscope = world.instrument_with(&haidian, json!({})).await;
    let cluster = world.instrument_with(&tianjin, json!({ "category": "算力设备" })).await;
    let (first, second) = (&haidian.organization_id, &tianjin.organization_id);
    let of_second = format!("facility_id={second}");
    for (path, query, found) in [
        ("/services", "", vec![&compute, &dear, &test]),
        ("/services", "field=new_materials", vec![&test]),
        ("/services", "kind=compute", vec![&compute]),
        ("/services", "district=%E6%B5%B7%E6%B7%80%E5%8C%BA", vec![&dear, &test]),
        ("/services", "max_price_fen=80000", vec![&compute, &test]),
        ("/services", "max_price_fen=79999", vec![&compute]),
        ("/services", "max_price_fen=80000&kind=testing", vec![&test]),
        ("/services", of_second.as_str(), vec![&compute]),
        ("/services", "field=green_energy", vec![]),
        ("/instruments", "", vec![&cluster, &microscope]),
        ("/instruments", "category=%E7%AE%97%E5%8A%9B%E8%AE%BE%E5%A4%87", vec![&cluster]),
        ("/instruments", "district=%E6%B5%B7%E6%B7%80%E5%8C%BA", vec![&microscope]),
        ("/instruments", of_second.as_str(), vec![&cluster]),
        ("/facilities", "", vec![second, first]),
        ("/facilities", "region=tianjin", vec![second]),
        ("/facilities", "nature=institute", vec![first]),
        ("/facilities", "district=%E5%8D%97%E5%BC%80%E5%8C%BA", vec![second]),
        ("/facilities", "category=%E7%AE%97%E5%8A%9B%E8%AE%BE%E5%A4%87", vec![second]),
        ("/facilities", "field=medicine_health", vec![first]),
        ("/facilities", "max_price_fen=79999", vec![second]),
        // One service must fit all that is asked of it: the cheap one here is of another field.
        ("/facilities", "field=medicine_health&max_price_fen=80000", vec![]),
        ("/facilities", "kind=compute&max_price_fen=79999", vec![second]),
    ] {
        let found: Vec<String> = found.into_iter().cloned().collect();
        assert_eq!(world.ids(&format!("{path}?{query}")).await, found, "{path}?{query}");
    }
    for (query, field) in
        [("max_price_fen=0", "max_price_fen"), ("max_price_fen=-5", "max_price_fen"), ("kind=x", "kind")]
    {
        world.get(&format!("/services?{query}")).send().await.refused_field(field);
        world.get(&format!("/facilities?{query}")).send().await.refused_field(field);
    }
    world.get("/services?facility_id=x").send().await.refused_field("facility_id");
    world.get("/services?category=x").send().await.refused(422, "unknown_field");
    // What is taken off is found no more, neither itself nor through it.
    world.delete(&format!("/me/facility/services/{dear}")).by(&haidian).send().await.expect(204);
    world.delete(&format!("/me/facility/instruments/{cluster}")).by(&tianjin).send().await.expect(204);
    assert!(world.ids("/facilities?field=medicine_health").await.is_empty());
    assert!(world.ids("/facilities?category=%E7%AE%97%E5%8A%9B%E8%AE%BE%E5%A4%87").await.is_empty());
    assert_eq!(world.ids("/instruments").await, [microscope]);
}

async fn the_catalogue_is_read_page_by_page(world: World) {
    let facility = world.facility().await;
    let mut listed = Vec::new();
    for _ in 0..5 {
        listed.insert(0, world.service(&facility).await);
    }
    let (mut read, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/services?limit=2{cursor}")).send().await.expect(200);
        read.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(read, listed);
    for query in ["limit=0", "limit=201"] {
        world.get(&format!("/services?{query}")).send().await.refused_field("limit");
    }
    world.get("/facilities?cursor=x").send().await.refused_field("cursor");
}

async fn a_facility_that_does_not_serve_is_not_shown(world: World) {
    let facility = world.facility().await;
    let service = world.service(&facility).await;
    let instrument = world.instrument_with(&facility, json!({})).await;
    let one = format!("/facilities/{}", facility.organization_id);
    let paths = [one.clone(), format!("/services/{service}"), format!("/instruments/{instrument}")];
    put_into(&world, &facility, FacilityStatus::Exiting);
    for path in &paths {
        world.get(path).send().await.expect(200);
    }
    for status in [FacilityStatus::Delisted, FacilityStatus::Exited, FacilityStatus::InNotice] {
        put_into(&world, &facility, status);
        for path in &paths {
            world.get(path).send().await.refused(404, "not_found");
        }
        for list in ["/facilities", "/services", "/instruments"] {
            assert!(world.ids(list).await.is_empty(), "{list} of a facility that is {status}");
        }
        for insider in [&facility, &world.officer().await, &world.auditor().await] {
            assert_eq!(world.get(&one).by(insider).send().await.expect(200)["status"], status.to_string());
        }
        world.get(&one).by(&world.enterprise().await).send().await.refused(404, "not_found");
    }
}

async fn every_change_is_on_record(world: World) {
    use voucher_storage::event::Event;

    let facility = world.facility().await;
    let service = world.service(&facility).await;
    let path = format!("/me/facility/services/{service}");
    world.patch(&path).by(&facility).if_match(&json!(1)).json(json!({ "price_fen": 5 })).send().await.expect(200);
    world.delete(&path).by(&facility).send().await.expect(204);
    // Taking it off again changes nothing, so nothing is recorded.
    world.delete(&path).by(&facility).send().await.expect(204);
    let recorded = |kind: &str, id: &str| {
        let id = id.parse().unwrap();
        world.program.store.read(|tx| Event::of_subject(tx, kind, id, None, 50)).unwrap().items
    };
    let facts = |written: &Option<String>| -> Value { serde_json::from_str(written.as_deref().unwrap()).unwrap() };
    let events = recorded("service", &service);
    let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["service_removed", "service_changed", "service_created"]);
    assert_eq!(facts(&events[1].before)["price_fen"], 80_000);
    assert_eq!(facts(&events[1].after)["price_fen"], 5);
    assert_eq!(events[1].organization_id.unwrap().to_string(), facility.organization_id);
    assert_eq!(events[1].actor_user_id.unwrap().to_string(), facility.user_id);
    let entered = recorded("facility", &facility.organization_id);
    assert_eq!(entered[0].action, "facility_entered");
    assert_eq!(entered[0].actor_role, Some(voucher_domain::actor::Role::Officer));
}
