//! Payment batches (Art. 15.5).

use std::io::Read;

use futures_util::future;
use serde_json::{Value, json};

use crate::harness::{Account, Approved, Reply, Signed, World, failed, id, paid, with};
use crate::on_both_stores;

on_both_stores!(
    a_redemption_is_paid_from_the_instant_its_notice_is_over,
    an_open_objection_holds_one_redemption_out_of_a_batch,
    the_fourth_quarter_pays_nothing,
    another_officer_approves_a_batch,
    a_failed_line_is_paid_in_the_next_batch,
    a_line_gets_its_result_once,
    the_payment_file_is_for_the_bank,
    a_batch_pays_where_it_was_prepared_to_pay,
    a_repeat_answers_the_same_batch,
    two_batches_at_once_never_pay_the_same_redemption,
    a_batch_names_what_it_pays,
);

fn accounts(payable: i64, paid: i64, lapsed: i64) -> Value {
    let available = 100_000_000 - payable - paid - lapsed;
    json!({
        "available": available, "held": 0, "committed": 0, "payable": payable, "paid": paid, "lapsed": lapsed,
        "recovered": 0
    })
}

async fn approve(world: &World, officer: &Account, batch: &Value) -> Reply {
    world.post(&format!("/disbursements/{}/approve", id(batch))).by(officer).send().await
}

async fn a_redemption_is_paid_from_the_instant_its_notice_is_over(world: World) {
    world.at("2026-04-16T10:00:00+08:00");
    let approved = world.approved_redemption(5_000_000, 10_000_000, 9_000_000, 4_000_000).await;
    let officer = approved.approver.clone();
    let named: &[&str] = &[&approved.redemption];
    world.ask_batch(&officer, Some(named)).await.refused_by("invalid_state", "15.5");
    let notice = world.publish(&officer, named).await;
    // 6, 7 and 8 May, the worked Saturday, and Monday.
    assert_eq!(notice["deadline"]["last_day"], "2026-05-11");
    world.at("2026-05-11T23:59:59.999999+08:00");
    let refusal = world.ask_batch(&officer, Some(named)).await.refused_by("notice_running", "15.5");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-05-11"), "{refusal}");
    assert_eq!(refusal["fields"][0]["field"], "redemption_ids[0]");
    world.ask_batch(&officer, None).await.refused_by("invalid_state", "15.5");
    world.at("2026-05-12T00:00:00+08:00");
    // No job has run: what is due is written down by the batch itself.
    let batch = world.ask_batch(&officer, Some(named)).await.expect(201);
    assert_eq!(batch["status"], "prepared");
    assert_eq!((&batch["quarter"], &batch["total_fen"]), (&json!("2026Q2"), &json!(4_000_000)));
    assert_eq!(batch["lines"].as_array().unwrap().len(), 1);
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "in_payment");
    let shown = world.get(&format!("/notices/{}", id(&notice))).send().await.expect(200);
    assert_eq!(shown["items"][0]["status"], "cleared");
    assert_eq!(world.accounts(&approved.cycle).await, accounts(4_000_000, 0, 1_000_000));
    let payer = world.officer().await;
    let batch = approve(&world, &payer, &batch).await.expect(200);
    assert_eq!(world.accounts(&approved.cycle).await, accounts(4_000_000, 0, 1_000_000));
    let settled = world.pay(&payer, &batch).await;
    assert_eq!(settled["status"], "settled");
    assert_eq!(settled["lines"][0]["status"], "paid");
    assert_eq!(settled["lines"][0]["settled_at"], "2026-05-12T00:00:00+08:00");
    assert_eq!(world.accounts(&approved.cycle).await, accounts(0, 4_000_000, 1_000_000));
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "paid");
    let voucher = world.read(&approved.applicant, &format!("/vouchers/{}", id(&approved.voucher))).await;
    assert_eq!((&voucher["status"], &voucher["lapses_at"]), (&json!("redeemed"), &Value::Null));
    assert_eq!(voucher["counted_fen"], 4_000_000);
    let contract = world.read(&approved.facility, &format!("/contracts/{}", id(&approved.contract))).await;
    assert_eq!(contract["status"], "settled");
    let eligibility = format!("/me/eligibility?cycle_id={}", approved.cycle);
    assert_eq!(world.read(&approved.applicant, &eligibility).await["used_fen"], 4_000_000);
}

async fn an_open_objection_holds_one_redemption_out_of_a_batch(world: World) {
    let one = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let other = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = one.approver.clone();
    let notice = world.publish(&officer, &[&one.redemption, &other.redemption]).await;
    let objection = world.object(&notice, 0).await;
    world.end_of(&notice);
    let both: &[&str] = &[&other.redemption, &one.redemption];
    let refusal = world.ask_batch(&officer, Some(both)).await.refused_by("objection_open", "15.5");
    assert_eq!(refusal["fields"][0]["field"], "redemption_ids[1]");
    let batch = world.ask_batch(&officer, None).await.expect(201);
    let lines = batch["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["redemption_id"]), (1, &json!(other.redemption)));
    world.ask_batch(&officer, None).await.refused_by("invalid_state", "15.5");
    world.dismiss(&officer, &objection).await;
    let batch = world.ask_batch(&officer, None).await.expect(201);
    assert_eq!(batch["lines"][0]["redemption_id"], json!(one.redemption));
}

async fn the_fourth_quarter_pays_nothing(world: World) {
    world.at("2026-08-31T10:00:00+08:00");
    let first = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = first.approver.clone();
    world.at("2026-09-30T23:59:59+08:00");
    let batch = world.ask_batch(&officer, None).await.expect(201);
    assert_eq!(batch["quarter"], "2026Q3");
    world.at("2026-10-01T00:00:00+08:00");
    let approver = world.officer().await;
    approve(&world, &approver, &batch).await.refused_by("quarter_closed", "15.5");
    let refusal = world.ask_batch(&officer, None).await.refused_by("quarter_closed", "15.5");
    assert!(refusal["detail"].as_str().unwrap().contains("2027-01-01"), "{refusal}");
    let second = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    for named in [None, Some([second.redemption.as_str()])] {
        let named = named.as_ref().map(|ids| ids.as_slice());
        world.ask_batch(&officer, named).await.refused_by("quarter_closed", "15.5");
    }
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &second.redemption).await, "payable");
    world.at("2026-12-31T23:59:59+08:00");
    world.ask_batch(&officer, None).await.refused_by("quarter_closed", "15.5");
    // 滚动到下一年度: what was due is paid from the first day of the next year.
    world.at("2027-01-01T00:00:00+08:00");
    approve(&world, &approver, &batch).await.expect(200);
    let carried = world.ask_batch(&officer, None).await.expect(201);
    assert_eq!(carried["quarter"], "2027Q1");
    assert_eq!(carried["lines"][0]["redemption_id"], json!(second.redemption));
}

async fn another_officer_approves_a_batch(world: World) {
    let approved = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (preparer, approver) = (world.officer().await, world.officer().await);
    let batch = world.ask_batch(&preparer, None).await.expect(201);
    assert_eq!(batch["prepared_by"], preparer.user_id);
    approve(&world, &preparer, &batch).await.refused_by("same_person", "15.5");
    let export = format!("/disbursements/{}/export", id(&batch));
    world.get(&export).by(&preparer).send().await.refused_by("invalid_state", "15.5");
    let lines = json!([paid(&batch["lines"][0]["id"])]);
    world.ask_results(&preparer, &batch, lines).await.refused(409, "invalid_state");
    for stranger in [&approved.applicant, &approved.facility, &world.auditor().await] {
        approve(&world, stranger, &batch).await.refused(403, "forbidden");
        world.ask_batch(stranger, None).await.refused(403, "forbidden");
        world.get(&export).by(stranger).send().await.refused(403, "forbidden");
    }
    let done = approve(&world, &approver, &batch).await.expect(200);
    assert_eq!((&done["status"], &done["approved_by"]), (&json!("approved"), &json!(approver.user_id)));
    approve(&world, &approver, &batch).await.refused(409, "invalid_state");
    let path = format!("/disbursements/{}", id(&batch));
    let mut shown = world.read(&world.auditor().await, &path).await;
    shown["lines"][0]["payee_account"] = done["lines"][0]["payee_account"].clone();
    assert_eq!(shown, done);
    for stranger in [&approved.applicant, &approved.facility] {
        world.get(&path).by(stranger).send().await.refused(403, "forbidden");
        world.get("/disbursements").by(stranger).send().await.refused(403, "forbidden");
    }
    for (filter, count) in [("", 1), ("?status=approved", 1), ("?status=prepared", 0)] {
        let list = world.read(&preparer, &format!("/disbursements{filter}")).await;
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{filter}");
    }
    let unknown = "01890000-0000-7000-8000-000000000000";
    let path = format!("/disbursements/{unknown}");
    world.get(&path).by(&preparer).send().await.refused(404, "not_found");
    world.post(&format!("{path}/approve")).by(&approver).send().await.refused(404, "not_found");
    world.get(&format!("{path}/export")).by(&approver).send().await.refused(404, "not_found");
    world.ask_results(&approver, &json!({ "id": unknown }), json!([])).await.refused(404, "not_found");
}

async fn a_failed_line_is_paid_in_the_next_batch(world: World) {
    let one = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let other = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 4_000_000).await;
    let notice = world.publish(&one.approver, &[&one.redemption]).await;
    world.end_of(&notice);
    let (batch, officer) = world.approved_batch().await;
    assert_eq!(batch["total_fen"], 9_000_000);
    let line = |redemption: &str| {
        let mut lines = batch["lines"].as_array().unwrap().iter();
        lines.find(|line| line["redemption_id"] == redemption).unwrap()["id"].clone()
    };
    let half = world.ask_results(&officer, &batch, json!([failed(&line(&one.redemption))])).await.expect(200);
    assert_eq!(half["status"], "approved", "one line has no result yet");
    assert_eq!(world.redemption_status(&officer, &one.redemption).await, "payable");
    assert_eq!(world.accounts(&one.cycle).await, accounts(5_000_000, 0, 0));
    let voucher = world.read(&one.applicant, &format!("/vouchers/{}", id(&one.voucher))).await;
    assert_eq!(voucher["status"], "redeeming");
    let settled = world.ask_results(&officer, &batch, json!([paid(&line(&other.redemption))])).await.expect(200);
    assert_eq!(settled["status"], "settled");
    assert_eq!(world.accounts(&other.cycle).await, accounts(0, 4_000_000, 1_000_000));
    let (next, officer) = world.approved_batch().await;
    assert_eq!(next["lines"].as_array().unwrap().len(), 1);
    assert_eq!(next["lines"][0]["redemption_id"], json!(one.redemption));
    world.pay(&officer, &next).await;
    assert_eq!(world.accounts(&one.cycle).await, accounts(0, 5_000_000, 0));
    assert_eq!(world.redemption_status(&officer, &one.redemption).await, "paid");
    // The failed line stays on record in its own batch.
    let first = world.read(&officer, &format!("/disbursements/{}", id(&batch))).await;
    let states: Vec<_> = first["lines"].as_array().unwrap().iter().map(|line| line["status"].clone()).collect();
    assert!(states.contains(&json!("failed")) && states.contains(&json!("paid")), "{first}");
    world.ask_batch(&officer, None).await.refused_by("invalid_state", "15.5");
}

async fn a_line_gets_its_result_once(world: World) {
    let one = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let other = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, officer) = world.approved_batch().await;
    let (first, second) = (&batch["lines"][0]["id"], &batch["lines"][1]["id"]);
    let unknown = json!("01890000-0000-7000-8000-000000000000");
    let bare = |outcome: &str| json!([{ "line_id": first, "outcome": outcome }]);
    for (lines, field) in [
        (json!([]), "lines"),
        (json!([paid(&unknown)]), "lines[0].line_id"),
        (json!([paid(first), paid(first)]), "lines[1].line_id"),
        (bare("paid"), "lines[0].reference"),
        (bare("failed"), "lines[0].reason"),
    ] {
        world.ask_results(&officer, &batch, lines).await.refused_field(field);
    }
    for stranger in [&one.applicant, &one.facility, &world.auditor().await] {
        world.ask_results(stranger, &batch, json!([paid(first)])).await.refused(403, "forbidden");
    }
    let path = format!("/disbursements/{}/results", id(&batch));
    let body = json!({ "lines": [paid(first)] });
    let keyless = world.post(&path).by(&officer).without_key().json(body.clone()).send().await;
    keyless.refused(400, "idempotency_key_required");
    let recorded = world.post(&path).by(&officer).key("bank-1").json(body.clone()).send().await.expect(200);
    assert_eq!(world.post(&path).by(&officer).key("bank-1").json(body.clone()).send().await.expect(200), recorded);
    // Another request about the same line is refused whole, whatever else it reports.
    for lines in [json!([paid(first)]), json!([failed(first)]), json!([paid(second), failed(first)])] {
        world.ask_results(&officer, &batch, lines).await.refused_by("invalid_state", "15.5");
    }
    let sums = [world.accounts(&one.cycle).await, world.accounts(&other.cycle).await];
    assert!(sums.contains(&accounts(0, 5_000_000, 0)) && sums.contains(&accounts(5_000_000, 0, 0)), "{sums:?}");
    world.ask_results(&officer, &batch, json!([paid(second)])).await.expect(200);
    world.ask_results(&officer, &batch, json!([paid(second)])).await.refused(409, "invalid_state");
}

/// A payable redemption whose facility and contract carry what a spreadsheet would take for formulas.
async fn suspicious(world: &World) -> Approved {
    let cycle = world.open_cycle(100_000_000).await;
    let payee = json!({ "payee_name": "@研究所,\"甲\"", "payee_account": "6222020200012345678" });
    let (applicant, facility) = (world.enterprise().await, world.facility_with(payee).await);
    let voucher = world.claim(&applicant, &cycle, 4_500_001).await;
    let number = json!({ "number": "=1+1" });
    let vouchers = [id(&voucher)];
    let contract = world.contract_with(&applicant, &facility, &[&vouchers[0]], 10_000_000, "2026-03-16", number).await;
    let signed = Signed { contract, voucher, cycle, applicant, facility };
    let redemption = world.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    let approved = world.approve_signed(signed, redemption, 4_500_001).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    approved
}

async fn the_payment_file_is_for_the_bank(world: World) {
    let approved = suspicious(&world).await;
    let (batch, officer) = world.approved_batch().await;
    let export = |format: &str| world.get(&format!("/disbursements/{}/export{format}", id(&batch))).by(&officer).send();
    let reply = export("?format=csv").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(reply.header("content-disposition").unwrap().contains(".csv"));
    assert!(reply.bytes.starts_with("\u{feff}".as_bytes()));
    assert_eq!(export("").await.bytes, reply.bytes);
    let mut table = csv::Reader::from_reader(&reply.bytes[3..]);
    let headings: Vec<_> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let expected = [
        "明细编号",
        "收款单位",
        "开户银行",
        "银行账号",
        "金额(元)",
        "合同编号",
        "兑现申请编号",
        "拨付事项",
        "考核申报编号",
    ];
    assert_eq!(headings, expected);
    let rows: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 1);
    let line = batch["lines"][0]["id"].as_str().unwrap();
    let expected = [
        line,
        "'@研究所,\"甲\"",
        "北京银行海淀支行",
        "6222020200012345678",
        "45000.01",
        "'=1+1",
        &approved.redemption,
        "创新券兑现",
        "",
    ];
    assert_eq!(rows[0].iter().collect::<Vec<_>>(), expected);
    let reply = export("?format=xlsx").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-disposition").unwrap().contains(".xlsx"));
    workbook(reply.bytes);
    world
        .get(&format!("/disbursements/{}/export?format=pdf", id(&batch)))
        .by(&officer)
        .send()
        .await
        .refused_field("format");
    let events = done_to(&world, &batch);
    assert_eq!(events.iter().filter(|action| *action == "disbursement_exported").count(), 3);
}

/// What was done to a batch, as the log of events has it.
fn done_to(world: &World, batch: &Value) -> Vec<String> {
    use voucher_storage::StorageError;
    use voucher_storage::event::Event;
    let batch = id(batch).parse().unwrap();
    let events = world
        .program
        .store
        .read(|tx| -> Result<_, StorageError> { Event::of_subject(tx, "disbursement", batch, None, 200) });
    events.unwrap().items.into_iter().map(|event| event.action).collect()
}

/// The workbook holds text as text, the amount as a number, and no formula.
fn workbook(bytes: Vec<u8>) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (sheet, strings) = (read("xl/worksheets/sheet1.xml"), read("xl/sharedStrings.xml"));
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert!(sheet.contains("<v>45000.01</v>"), "{sheet}");
    for text in ["6222020200012345678", "=1+1", "银行账号"] {
        assert!(strings.contains(&format!(">{text}<")), "{strings}");
    }
}

async fn a_batch_pays_where_it_was_prepared_to_pay(world: World) {
    let approved = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, officer) = world.approved_batch().await;
    let present = world.get("/me/facility").by(&approved.facility).send().await.expect(200);
    let account = present["payee_account"].clone();
    assert!(account.is_string(), "{present}");
    let form = json!({
        "district": present["district"], "is_third_party_testing": false, "payee_name": "别的户名",
        "payee_bank": "别的银行", "payee_account": "999"
    });
    let changed =
        world.put("/me/facility").by(&approved.facility).if_match(&present["version"]).json(form).send().await;
    let pending = id(&changed.expect(200)["pending_change"]);
    let approve = world.post(&format!("/facility-changes/{pending}/decision")).by(&officer);
    approve.json(json!({ "decision": "approve" })).send().await.expect(200);
    let shown = world.read(&officer, &format!("/disbursements/{}", id(&batch))).await;
    assert_eq!(shown["lines"][0]["payee_account"], account, "what was approved is what is paid");
    world.ask_results(&officer, &batch, json!([failed(&batch["lines"][0]["id"])])).await.expect(200);
    let (next, _) = world.approved_batch().await;
    let next = world.read(&officer, &format!("/disbursements/{}", id(&next))).await;
    assert_eq!(next["lines"][0]["payee_account"], "999");
}

async fn a_repeat_answers_the_same_batch(world: World) {
    world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (officer, other) = (world.officer().await, world.officer().await);
    let body = json!({ "title": "2026 年第一季度" });
    let ask = || world.post("/disbursements").by(&officer).json(body.clone());
    ask().without_key().send().await.refused(400, "idempotency_key_required");
    let batch = ask().key("batch-1").send().await.expect(201);
    assert_eq!(ask().key("batch-1").send().await.expect(201), batch);
    let list = world.read(&officer, "/disbursements").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let different = world.post("/disbursements").by(&officer).key("batch-1").json(json!({ "title": "另一批" }));
    different.send().await.refused(422, "idempotency_key_reused");
    let approve = format!("/disbursements/{}/approve", id(&batch));
    world.post(&approve).by(&other).without_key().send().await.refused(400, "idempotency_key_required");
    let approved = world.post(&approve).by(&other).key("approve-1").send().await.expect(200);
    assert_eq!(world.post(&approve).by(&other).key("approve-1").send().await.expect(200), approved);
}

async fn two_batches_at_once_never_pay_the_same_redemption(world: World) {
    let mut redemptions = Vec::new();
    for _ in 0..3 {
        redemptions.push(world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await.redemption);
    }
    let (one, other) = (world.officer().await, world.officer().await);
    let forwards: Vec<&str> = redemptions.iter().map(String::as_str).collect();
    let backwards: Vec<&str> = forwards.iter().rev().copied().collect();
    let replies = future::join_all([world.ask_batch(&one, Some(&forwards)), world.ask_batch(&other, Some(&backwards))]);
    let mut replies = replies.await;
    replies.extend(future::join_all([world.ask_batch(&one, None), world.ask_batch(&other, None)]).await);
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    for reply in replies.into_iter().filter(|reply| reply.status == 409) {
        reply.refused_by("invalid_state", "15.5");
    }
    let (batch, officer) = {
        let list = world.read(&one, "/disbursements").await;
        let batch = world.read(&one, &format!("/disbursements/{}", id(&list["items"][0]))).await;
        let approver = if batch["prepared_by"] == one.user_id { other } else { one };
        (approve(&world, &approver, &batch).await.expect(200), approver)
    };
    assert_eq!(batch["lines"].as_array().unwrap().len(), 3);
    let lines: Vec<_> = batch["lines"].as_array().unwrap().iter().map(|line| paid(&line["id"])).collect();
    let replies = future::join_all((0..2).map(|_| world.ask_results(&officer, &batch, json!(lines)))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

async fn a_batch_names_what_it_pays(world: World) {
    let approved = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = approved.approver.clone();
    let ask = |body: Value| world.post("/disbursements").by(&officer).json(body).send();
    let form = json!({ "title": "2026 年第一季度", "redemption_ids": [approved.redemption] });
    ask(with(form.clone(), json!({ "title": " " }))).await.refused_field("title");
    ask(with(form.clone(), json!({ "redemption_ids": [] }))).await.refused_field("redemption_ids");
    let twice = json!({ "redemption_ids": [approved.redemption, approved.redemption] });
    ask(with(form.clone(), twice)).await.refused_field("redemption_ids[1]");
    let unknown = json!({ "redemption_ids": [approved.redemption, "01890000-0000-7000-8000-000000000000"] });
    ask(with(form.clone(), unknown)).await.refused(404, "not_found");
    ask(with(form.clone(), json!({ "total_fen": 1 }))).await.refused(422, "unknown_field");
    ask(form).await.expect(201);
    world.ask_batch(&officer, Some(&[&approved.redemption])).await.refused_by("invalid_state", "15.5");
}
