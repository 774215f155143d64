//! What is kept of a site visit or a defence: where, who was there, what was shown (Art. 15.4).

use serde_json::{Value, json};

use crate::harness::{World, id};
use crate::on_both_stores;

on_both_stores!(place_people_and_files_are_recorded, a_bad_record_is_refused);

fn visit(place: &str) -> Value {
    json!({ "kind": "site_visit", "scheduled_at": "2026-03-05T14:00:00+08:00", "place": place })
}

async fn place_people_and_files_are_recorded(world: World) {
    let (case, experts) = world.case_with_panel().await;
    let arranged = case.tell(&world, "inquiries", visit(" 海淀区中关村南大街1号 ")).await.expect(201);
    assert_eq!((&arranged["place"], &arranged["attendees"]), (&json!("海淀区中关村南大街1号"), &json!([])));
    let file = world.upload(&case.officer, "minutes.pdf").await;
    let record = json!({
        "outcome": "confirmed",
        "record": "仪器运行正常",
        "attendees": ["王芳", " 李强 "],
        "file_ids": [file],
    });
    let path = format!("/inquiries/{}", id(&arranged));
    let recorded =
        world.put(&path).by(&case.officer).if_match(&arranged["version"]).json(record).send().await.expect(200);
    assert_eq!(recorded["attendees"], json!(["王芳", "李强"]));
    assert_eq!(recorded["files"][0]["id"], file);
    assert_eq!(case.read(&world, "/inquiries").await["items"][0], recorded);
    let seen = world.review_of(&experts[0], &case.redemption).await;
    let review = world.read(&experts[0], &format!("/reviews/{}", id(&seen))).await;
    assert_eq!(review["materials"]["inquiries"][0]["attendees"], recorded["attendees"]);
    // The parties learn where and what it came to; not who was there, nor what was written.
    for party in [&case.signed.applicant, &case.signed.facility] {
        let shown = world.read(party, &format!("/redemptions/{}/inquiries", case.redemption)).await["items"][0].clone();
        assert_eq!((&shown["place"], &shown["outcome"]), (&recorded["place"], &json!("confirmed")));
        assert_eq!((&shown["attendees"], &shown["files"], &shown["record"]), (&json!([]), &json!([]), &Value::Null));
        world.get(&format!("/files/{file}")).by(party).send().await.refused(404, "not_found");
    }
    let outsider = world.expert().await;
    world.get(&format!("/files/{file}")).by(&outsider).send().await.refused(404, "not_found");
    for reader in [&experts[0], &world.officer().await, &world.auditor().await] {
        assert_eq!(world.get(&format!("/files/{file}")).by(reader).send().await.status, 200);
    }
}

async fn a_bad_record_is_refused(world: World) {
    let (case, _) = world.case_with_panel().await;
    case.tell(&world, "inquiries", visit(" ")).await.refused_field("place");
    case.tell(&world, "inquiries", visit(&"长".repeat(201))).await.refused_field("place");
    let arranged = case.tell(&world, "inquiries", visit("现场")).await.expect(201);
    let stranger = world.upload(&case.signed.facility, "own.pdf").await;
    for (attendees, file_ids, field) in [
        (json!([" "]), json!([]), "attendees[0]"),
        (json!(vec!["王芳"; 51]), json!([]), "attendees"),
        (json!([]), json!([stranger]), "file_ids[0]"),
    ] {
        let record = json!({ "outcome": "confirmed", "record": "记录", "attendees": attendees, "file_ids": file_ids });
        let path = format!("/inquiries/{}", id(&arranged));
        world
            .put(&path)
            .by(&case.officer)
            .if_match(&arranged["version"])
            .json(record)
            .send()
            .await
            .refused_field(field);
    }
    assert_eq!(case.read(&world, "/inquiries").await["items"][0], arranged);
}
