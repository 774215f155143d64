//! Uploads: what is taken, and who may read it (Art. 9.3).

use serde_json::{Value, json};
use voucher_domain::actor::Role;
use voucher_storage::event::Event;
use voucher_storage::testing;

use crate::harness::{Account, EVIDENCE, World, id, multipart, pdf};
use crate::on_both_stores;

on_both_stores!(
    a_file_comes_back_as_it_was_sent,
    the_content_decides_what_is_taken,
    the_name_is_not_trusted,
    what_is_no_upload_is_refused,
    a_file_is_its_organizations_alone,
    the_same_content_is_another_file,
    the_parties_and_the_commission_read_the_evidence,
    an_expert_reads_the_evidence_while_the_review_is_open,
    an_expert_who_recused_reads_no_more,
    the_signed_contract_is_read_like_the_evidence,
    an_outsiders_reading_is_on_record,
    evidence_that_was_taken_out_is_its_senders_alone,
    only_own_files_are_attached,
);

async fn a_file_comes_back_as_it_was_sent(world: World) {
    let facility = world.facility().await;
    let content = pdf("合同");
    let file = world.ask_upload(&facility, "服务合同.pdf", &content).await.expect(201);
    assert_eq!(file["content_type"], "application/pdf");
    assert_eq!(file["name"], "服务合同.pdf");
    assert_eq!(file["bytes"].as_u64().unwrap(), content.len() as u64);
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    let reply = world.get(&format!("/files/{}", file["id"].as_str().unwrap())).by(&facility).send().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.bytes, content);
    assert_eq!(reply.header("content-type"), Some("application/pdf"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let disposition = "attachment; filename*=UTF-8''%E6%9C%8D%E5%8A%A1%E5%90%88%E5%90%8C.pdf";
    assert_eq!(reply.header("content-disposition"), Some(disposition));
}

async fn the_content_decides_what_is_taken(world: World) {
    let firm = world.enterprise().await;
    let html = b"<!DOCTYPE html><script>alert(1)</script>";
    let refusal = world.ask_upload(&firm, "contract.pdf", html).await.refused(415, "unsupported_media_type");
    let detail = refusal["detail"].as_str().unwrap();
    assert!(detail.contains("text/html") && detail.contains("application/pdf"), "{detail}");
    for (content, found) in [
        (&b"MZ\x90\0\x03\0\0\0\x04\0\0\0"[..], "application/vnd.microsoft.portable-executable"),
        (b"<?xml version=\"1.0\"?><svg/>", "text/xml"),
        (b"#!/bin/sh\nid\n", "text/x-shellscript"),
        (b"only words", "text/plain"),
        (b"\0\x01\x02", "application/octet-stream"),
    ] {
        let refusal = world.ask_upload(&firm, "a.png", content).await.refused(415, "unsupported_media_type");
        assert!(refusal["detail"].as_str().unwrap().contains(found), "{refusal}");
    }
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    assert_eq!(world.ask_upload(&firm, "scan.pdf", png).await.expect(201)["content_type"], "image/png");
}

async fn the_name_is_not_trusted(world: World) {
    let firm = world.enterprise().await;
    for (given, kept) in
        [("../../../etc/passwd", "passwd"), ("C:/a/合同.pdf", "合同.pdf"), ("", "file"), ("..", "file")]
    {
        let file = world.ask_upload(&firm, given, &pdf(given)).await.expect(201);
        assert_eq!(file["name"], kept);
    }
    let long = format!("{}.pdf", "长".repeat(300));
    let file = world.ask_upload(&firm, &long, &pdf("long")).await.expect(201);
    let name = file["name"].as_str().unwrap();
    assert_eq!(name.chars().count(), 200);
    assert!(name.ends_with("长.pdf"));
}

async fn what_is_no_upload_is_refused(world: World) {
    let firm = world.enterprise().await;
    let (kind, body) = multipart("document", "a.pdf", &pdf("a"));
    let refusal = world.post("/files").by(&firm).raw(&kind, body).send().await.refused(422, "unknown_field");
    assert_eq!(refusal["fields"][0]["field"], "document");
    world.ask_upload(&firm, "a.pdf", b"").await.refused_field("file");
    let boundary = "multipart/form-data; boundary=b";
    world.post("/files").by(&firm).raw(boundary, "--b--\r\n").send().await.refused_field("file");
    world.post("/files").by(&firm).raw("application/pdf", pdf("a")).send().await.refused(415, "unsupported_media_type");
    let broken = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4";
    world.post("/files").by(&firm).raw(boundary, broken).send().await.refused(400, "malformed_request");
    let (kind, body) = multipart("file", "a.pdf", &pdf("a"));
    world.post("/files").raw(&kind, body).send().await.refused(401, "unauthenticated");
}

#[actix_web::test]
async fn a_file_has_a_size() {
    let world = World::with_settings(testing::sqlite(), |settings| settings.files.max_bytes = 1_000).await;
    let firm = world.enterprise().await;
    let mut content = pdf("large");
    content.resize(1_000, b' ');
    world.ask_upload(&firm, "a.pdf", &content).await.expect(201);
    content.push(b' ');
    world.ask_upload(&firm, "a.pdf", &content).await.refused(413, "payload_too_large");
    // What says beforehand that it is too large is not read at all.
    content.resize(100_000, b' ');
    world.ask_upload(&firm, "a.pdf", &content).await.refused(413, "payload_too_large");
}

async fn a_file_is_its_organizations_alone(world: World) {
    let (facility, other, firm) = (world.facility().await, world.facility().await, world.enterprise().await);
    let (officer, auditor, expert) = (world.officer().await, world.auditor().await, world.expert().await);
    let path = format!("/files/{}", world.upload(&facility, "a.pdf").await);
    for stranger in [&other, &firm, &officer, &auditor, &expert, &world.admin().await] {
        world.get(&path).by(stranger).send().await.refused(404, "not_found");
    }
    world.get(&path).send().await.refused(401, "unauthenticated");
    world.get("/files/no-id").by(&facility).send().await.refused(404, "not_found");
    world.get(&format!("{path}?as=text")).by(&facility).send().await.refused(422, "unknown_field");
    let colleague = json!({ "name": "吴敏", "email": "wu@institute.test" });
    world.post("/me/organization/users").by(&facility).json(colleague).send().await.expect(201);
    let colleague = world.accept_invitation("wu@institute.test").await;
    world.get(&path).by(&colleague).send().await.expect(200);
    let own = format!("/files/{}", world.upload(&expert, "a.pdf").await);
    world.get(&own).by(&expert).send().await.expect(200);
    world.get(&own).by(&world.expert().await).send().await.refused(404, "not_found");
}

async fn the_same_content_is_another_file(world: World) {
    let (facility, firm) = (world.facility().await, world.enterprise().await);
    let one = world.ask_upload(&facility, "a.pdf", &pdf("same")).await.expect(201);
    let two = world.ask_upload(&firm, "b.pdf", &pdf("same")).await.expect(201);
    assert_eq!(one["sha256"], two["sha256"]);
    assert_ne!(one["id"], two["id"]);
    world.get(&format!("/files/{}", one["id"].as_str().unwrap())).by(&firm).send().await.refused(404, "not_found");
    let (kind, body) = multipart("file", "a.pdf", &pdf("keyed"));
    let first = world.post("/files").by(&firm).key("k1").raw(&kind, body.clone()).send().await.expect(201);
    let again = world.post("/files").by(&firm).key("k1").raw(&kind, body).send().await.expect(201);
    assert_eq!(first["id"], again["id"]);
    let (kind, body) = multipart("file", "a.pdf", &pdf("other"));
    world.post("/files").by(&firm).key("k1").raw(&kind, body).send().await.refused(422, "idempotency_key_reused");
}

/// The path of the first file that a redemption rests on.
async fn evidence(world: &World, facility: &Account, redemption: &str) -> String {
    let redemption = world.read(facility, &format!("/redemptions/{redemption}")).await;
    format!("/files/{}", redemption["evidence"][0]["file_id"].as_str().unwrap())
}

/// Whether these people can read the file, and the others cannot.
async fn only_these_read(world: &World, path: &str, readers: &[&Account], others: &[&Account]) {
    for reader in readers {
        let reply = world.get(path).by(reader).send().await;
        assert_eq!((reply.status, &reply.bytes[..5]), (200, &b"%PDF-"[..]), "{}", reader.email);
    }
    for other in others {
        world.get(path).by(other).send().await.refused(404, "not_found");
    }
}

async fn the_parties_and_the_commission_read_the_evidence(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 12_000_000).await;
    let path = evidence(&world, &signed.facility, &redemption).await;
    let (officer, auditor, admin) = (world.officer().await, world.auditor().await, world.admin().await);
    let (rival, stranger, expert) = (world.facility().await, world.enterprise().await, world.expert().await);
    let readers = [&signed.facility, &signed.applicant, &officer, &auditor];
    only_these_read(&world, &path, &readers, &[&rival, &stranger, &expert, &admin]).await;
}

async fn an_expert_reads_the_evidence_while_the_review_is_open(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 12_000_000).await;
    let path = evidence(&world, &signed.facility, &redemption).await;
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    for _ in 0..3 {
        world.expert().await;
    }
    let drawn = world.draw_panel(&officer, &redemption).await;
    let experts: Vec<&Account> = drawn.iter().collect();
    let undrawn = world.expert().await;
    only_these_read(&world, &path, &experts, &[&undrawn]).await;
    for expert in &drawn {
        let form = world.review_form(5_000_000, 5_000_000);
        world.give_review(expert, &redemption, form).await.expect(200);
    }
    // An opinion may be changed until the conclusion, so the materials stay open.
    only_these_read(&world, &path, &experts, &[&undrawn]).await;
    world.conclude(&officer, &redemption, 5_000_000).await.expect(200);
    only_these_read(&world, &path, &[&officer, &signed.applicant], &experts).await;
}

async fn an_expert_who_recused_reads_no_more(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 12_000_000).await;
    let path = evidence(&world, &signed.facility, &redemption).await;
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    for _ in 0..3 {
        world.expert().await;
    }
    let drawn = world.draw_panel(&officer, &redemption).await;
    let review = id(&world.review_of(&drawn[0], &redemption).await);
    let reason = json!({ "reason": "与该单位有合作" });
    world.post(&format!("/reviews/{review}/recuse")).by(&drawn[0]).json(reason).send().await.expect(200);
    only_these_read(&world, &path, &[&drawn[1], &drawn[2]], &[&drawn[0]]).await;
}

async fn the_signed_contract_is_read_like_the_evidence(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (applicant, facility) = (world.enterprise().await, world.facility().await);
    let voucher = id(&world.claim(&applicant, &cycle, 5_000_000).await);
    let file = world.upload(&facility, "合同.pdf").await;
    let path = format!("/files/{file}");
    let (officer, rival, stranger) = (world.officer().await, world.facility().await, world.enterprise().await);
    only_these_read(&world, &path, &[&facility], &[&applicant, &officer]).await;
    let more = json!({ "file_ids": [file] });
    let contract = world.contract_with(&applicant, &facility, &[&voucher], 12_000_000, "2026-03-20", more).await;
    only_these_read(&world, &path, &[&facility, &applicant, &officer], &[&rival, &stranger]).await;
    let redemption = world.redemption(&facility, &contract, 12_000_000).await;
    let officer = world.accepted_redemption(&applicant, &redemption).await;
    for _ in 0..3 {
        world.expert().await;
    }
    let drawn = world.draw_panel(&officer, &redemption).await;
    only_these_read(&world, &path, &[&drawn[0], &drawn[1], &drawn[2]], &[&world.expert().await]).await;
    let review = id(&world.review_of(&drawn[0], &redemption).await);
    let reason = json!({ "reason": "与该单位有合作" });
    world.post(&format!("/reviews/{review}/recuse")).by(&drawn[0]).json(reason).send().await.expect(200);
    only_these_read(&world, &path, &[&drawn[1]], &[&drawn[0]]).await;
}

async fn an_outsiders_reading_is_on_record(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 12_000_000).await;
    let path = evidence(&world, &signed.facility, &redemption).await;
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    for _ in 0..3 {
        world.expert().await;
    }
    let drawn = world.draw_panel(&officer, &redemption).await;
    let file_id = path.rsplit('/').next().unwrap().parse().unwrap();
    let readings = || {
        let events = world.program.store.read(|tx| Event::of_subject(tx, "file", file_id, None, 50)).unwrap().items;
        events.into_iter().filter(|event| event.action == "materials_read").collect::<Vec<_>>()
    };
    only_these_read(&world, &path, &[&signed.facility, &signed.applicant, &officer], &[&world.expert().await]).await;
    assert!(readings().is_empty(), "{:?}", readings());
    only_these_read(&world, &path, &[&drawn[0]], &[]).await;
    let read = readings();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].actor_role, Some(Role::Expert));
    assert_eq!(read[0].actor_user_id.unwrap().to_string(), drawn[0].user_id);
    assert_eq!(read[0].organization_id.unwrap().to_string(), signed.applicant.organization_id);
}

async fn evidence_that_was_taken_out_is_its_senders_alone(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 12_000_000).await;
    let wrong = evidence(&world, &signed.facility, &id(&draft)).await;
    let officer = world.officer().await;
    only_these_read(&world, &wrong, &[&signed.facility, &signed.applicant, &officer], &[]).await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 12_000_000).await;
    let path = format!("/redemptions/{}", id(&draft));
    world.put(&path).by(&signed.facility).if_match(&draft["version"]).json(form).send().await.expect(200);
    only_these_read(&world, &wrong, &[&signed.facility], &[&signed.applicant, &officer]).await;
    let right = evidence(&world, &signed.facility, &id(&draft)).await;
    only_these_read(&world, &right, &[&signed.facility, &signed.applicant, &officer], &[]).await;
}

async fn only_own_files_are_attached(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let theirs = world.upload(&signed.applicant, "a.pdf").await;
    let nothing = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
    for foreign in [theirs, nothing] {
        let mut form = world.redemption_form(&signed.facility, &signed.contract, 12_000_000).await;
        let last = EVIDENCE.len() - 1;
        form["evidence"][last]["file_id"] = Value::String(foreign);
        let reply = world.post("/redemptions").by(&signed.facility).json(form).send().await;
        reply.refused_field(&format!("evidence[{last}].file_id"));
    }
    let none = world.get("/redemptions").by(&signed.facility).send().await.expect(200);
    assert_eq!(none["items"], json!([]));
}
