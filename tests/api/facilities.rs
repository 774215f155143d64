//! Facilities and the catalogue of what they open and sell (Art. 5, 6).

use serde_json::json;

use crate::harness::{World, facility_form, with};
use crate::on_both_stores;

on_both_stores!(an_officer_enters_a_municipal_institution,);

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
