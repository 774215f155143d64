//! What is published before it is paid, and objections to it (Art. 15.5).

use serde_json::{Value, json};
use voucher_storage::event::Event;
use voucher_storage::{StorageError, Store};

use crate::harness::{Account, Approved, Signed, World, id};
use crate::on_both_stores;

on_both_stores!(
    the_public_reads_what_it_needs_and_nothing_confidential,
    five_working_days_pass_over_the_national_day_holiday,
    an_objection_at_the_last_second_holds_back_one_item,
    an_upheld_objection_lowers_what_is_paid_from_the_last_voucher_on,
    a_cancelled_item_voids_its_vouchers_and_gives_the_yearly_limit_back,
    what_is_not_approved_is_not_published,
    who_objects_is_known_to_the_commission_alone,
    an_objection_is_resolved_once_with_reasons,
    a_changed_item_waits_for_its_other_objections,
);

/// A notice, as anybody reads it.
async fn published(world: &World, notice: &Value) -> Value {
    world.get(&format!("/notices/{}", id(notice))).send().await.expect(200)
}

async fn voucher(world: &World, account: &Account, voucher: &str) -> Value {
    world.read(account, &format!("/vouchers/{voucher}")).await
}

fn accounts(payable: i64, paid: i64, lapsed: i64) -> Value {
    let available = 100_000_000 - payable - paid - lapsed;
    json!({
        "available": available, "held": 0, "committed": 0, "payable": payable, "paid": paid, "lapsed": lapsed,
        "recovered": 0
    })
}

async fn the_public_reads_what_it_needs_and_nothing_confidential(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 9_000_001, 4_500_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    assert_eq!(notice["status"], "running");
    assert_eq!(notice["published_at"], "2026-03-16T10:00:00+08:00");
    assert_eq!(notice["deadline"]["period"], "P5WD");
    assert_eq!(notice["deadline"]["last_day"], "2026-03-23");
    assert_eq!(world.redemption_status(&approved.approver, &approved.redemption).await, "in_notice");
    let shown = published(&world, &notice).await;
    assert_eq!(shown, notice);
    let me = |account| world.get("/me").by(account).send();
    let applicant_name = me(&approved.applicant).await.expect(200)["organization"]["name"].clone();
    let facility_name = me(&approved.facility).await.expect(200)["organization"]["name"].clone();
    assert_eq!(
        shown["items"][0]["facts"],
        json!({
            "applicant_name": applicant_name, "facility_name": facility_name, "service_kind": "testing",
            "amount_fen": 4_500_000, "starts_on": "2026-03-02", "ends_on": "2026-03-16"
        })
    );
    let item: Vec<_> = shown["items"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(item, ["facts", "id", "open_objections", "status", "subject_id"]);
    let text = shown.to_string();
    let project = world.read(&approved.facility, &format!("/contracts/{}", id(&approved.contract))).await;
    for secret in ["固态电池材料表征", "新型电解质", project["number"].as_str().unwrap(), &approved.approver.user_id]
    {
        assert!(!text.contains(secret), "{secret} is published: {text}");
    }
    for (filter, count) in [("", 1), ("?status=running", 1), ("?status=ended", 0), ("?kind=facility", 0)] {
        let list = world.get(&format!("/notices{filter}")).send().await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{filter}");
    }
    world.end_of(&notice);
    let list = world.get("/notices?status=ended&kind=redemption").send().await.expect(200);
    assert_eq!(list["items"][0]["status"], "ended");
}

async fn five_working_days_pass_over_the_national_day_holiday(world: World) {
    world.at("2026-09-14T10:00:00+08:00");
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    // 29 and 30 September, 8 and 9 October, and the worked Saturday.
    assert_eq!(notice["deadline"]["counted_from"], "2026-09-28");
    assert_eq!(notice["deadline"]["last_day"], "2026-10-10");
    assert_eq!(notice["deadline"]["expires_at"], "2026-10-11T00:00:00+08:00");
    world.at("2026-10-10T23:59:59.999999+08:00");
    world.run_jobs();
    assert_eq!(world.redemption_status(&approved.approver, &approved.redemption).await, "in_notice");
    assert_eq!(published(&world, &notice).await["status"], "running");
    world.at("2026-10-11T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.redemption_status(&approved.approver, &approved.redemption).await, "payable");
    let shown = published(&world, &notice).await;
    assert_eq!((&shown["status"], &shown["items"][0]["status"]), (&json!("ended"), &json!("cleared")));
    assert_eq!(world.accounts(&approved.cycle).await, accounts(5_000_000, 0, 0));
}

async fn an_objection_at_the_last_second_holds_back_one_item(world: World) {
    let one = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let other = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = one.approver.clone();
    let notice = world.publish(&officer, &[&one.redemption, &other.redemption]).await;
    assert_eq!(notice["deadline"]["last_day"], "2026-04-07", "over 清明节");
    world.at("2026-04-07T23:59:59+08:00");
    let objection = world.object(&notice, 0).await;
    let shown = published(&world, &notice).await;
    assert_eq!(shown["open_objections"], 1);
    let open: Vec<_> = shown["items"].as_array().unwrap().iter().map(|item| item["open_objections"].clone()).collect();
    assert_eq!(open, [1, 0]);
    world.at("2026-04-08T00:00:00+08:00");
    world.ask_objection(&notice, 1).await.refused_by("invalid_state", "15.5");
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &one.redemption).await, "in_notice");
    assert_eq!(world.redemption_status(&officer, &other.redemption).await, "payable");
    world.dismiss(&officer, &objection).await;
    let shown = published(&world, &notice).await;
    assert_eq!((&shown["open_objections"], &shown["items"][0]["status"]), (&json!(0), &json!("published")));
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &one.redemption).await, "payable");
    assert_eq!(published(&world, &notice).await["items"][0]["status"], "cleared");
}

/// A contract that two vouchers of two cycles pay: 30 000 and 20 000 yuan, of which 45 000 are approved.
async fn two_vouchers(world: &World) -> (Approved, [String; 2], [String; 2]) {
    let cycles = [world.open_cycle(100_000_000).await, world.open_cycle(100_000_000).await];
    let (applicant, facility) = (world.enterprise().await, world.facility().await);
    let first = world.claim(&applicant, &cycles[0], 3_000_000).await;
    let second = world.claim(&applicant, &cycles[1], 2_000_000).await;
    let vouchers = [id(&first), id(&second)];
    let contract = world.contract(&applicant, &facility, &[&vouchers[0], &vouchers[1]], 10_000_000, "2026-03-16").await;
    let signed = Signed { contract, voucher: first, cycle: cycles[0].clone(), applicant, facility };
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let approved = world.approve_signed(signed, redemption, 4_500_000).await;
    (approved, cycles, vouchers)
}

async fn an_upheld_objection_lowers_what_is_paid_from_the_last_voucher_on(world: World) {
    let (approved, cycles, vouchers) = two_vouchers(&world).await;
    let officer = approved.approver.clone();
    assert_eq!(world.accounts(&cycles[0]).await, accounts(3_000_000, 0, 0));
    assert_eq!(world.accounts(&cycles[1]).await, accounts(1_500_000, 0, 500_000));
    let notice = world.publish(&officer, &[&approved.redemption]).await;
    let objection = world.object(&notice, 0).await;
    let upheld = |fen: i64| json!({ "outcome": "upheld", "amount_fen": fen, "reasons": "部分费用不属于服务内容" });
    let refusal = world.resolve(&officer, &objection, upheld(4_500_001)).await.refused_field("amount_fen");
    assert_eq!(refusal["maximum_fen"], 4_500_000);
    let resolved = world.resolve(&officer, &objection, upheld(2_000_000)).await.expect(200);
    assert_eq!((&resolved["status"], &resolved["amount_fen"]), (&json!("upheld"), &json!(2_000_000)));
    assert_eq!(world.accounts(&cycles[0]).await, accounts(2_000_000, 0, 1_000_000));
    assert_eq!(world.accounts(&cycles[1]).await, accounts(0, 0, 2_000_000));
    for (id, counted) in vouchers.iter().zip([2_000_000, 0]) {
        let voucher = voucher(&world, &officer, id).await;
        assert_eq!((&voucher["status"], &voucher["counted_fen"]), (&json!("redeeming"), &json!(counted)));
    }
    let eligibility = format!("/me/eligibility?cycle_id={}", cycles[0]);
    assert_eq!(world.read(&approved.applicant, &eligibility).await["used_fen"], 2_000_000);
    let redemption = world.read(&officer, &format!("/redemptions/{}", approved.redemption)).await;
    assert_eq!((&redemption["status"], &redemption["approved_fen"]), (&json!("approved"), &json!(2_000_000)));
    assert_eq!(published(&world, &notice).await["items"][0]["status"], "changed");
    world.ask_objection(&notice, 0).await.refused(409, "invalid_state");
    // Its first notice lets nothing through; it is published again with the lower amount.
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "approved");
    let again = world.publish(&officer, &[&approved.redemption]).await;
    assert_eq!(again["items"][0]["facts"]["amount_fen"], 2_000_000);
    world.end_of(&again);
    let (batch, payer) = world.approved_batch().await;
    assert_eq!(batch["total_fen"], 2_000_000);
    world.pay(&payer, &batch).await;
    assert_eq!(world.accounts(&cycles[0]).await, accounts(0, 2_000_000, 1_000_000));
    assert_eq!(world.accounts(&cycles[1]).await, accounts(0, 0, 2_000_000));
    for id in &vouchers {
        assert_eq!(voucher(&world, &officer, id).await["status"], "redeemed");
    }
}

async fn a_cancelled_item_voids_its_vouchers_and_gives_the_yearly_limit_back(world: World) {
    let (approved, cycles, vouchers) = two_vouchers(&world).await;
    let officer = approved.approver.clone();
    let notice = world.publish(&officer, &[&approved.redemption]).await;
    let (right, late) = (world.object(&notice, 0).await, world.object(&notice, 0).await);
    let cancelled = json!({ "outcome": "upheld", "reasons": "服务并未开展" });
    let resolved = world.resolve(&officer, &right, cancelled.clone()).await.expect(200);
    assert_eq!((&resolved["status"], &resolved["amount_fen"]), (&json!("upheld"), &json!(0)));
    assert_eq!(world.accounts(&cycles[0]).await, accounts(0, 0, 3_000_000));
    assert_eq!(world.accounts(&cycles[1]).await, accounts(0, 0, 2_000_000));
    for id in &vouchers {
        let voucher = voucher(&world, &officer, id).await;
        assert_eq!((&voucher["status"], &voucher["void_cause"]), (&json!("void"), &json!("redemption_rejected")));
        assert_eq!((&voucher["counted_fen"], &voucher["lapses_at"]), (&json!(0), &Value::Null));
    }
    let eligibility = format!("/me/eligibility?cycle_id={}", cycles[0]);
    assert_eq!(world.read(&approved.applicant, &eligibility).await["used_fen"], 0);
    let redemption = world.read(&officer, &format!("/redemptions/{}", approved.redemption)).await;
    assert_eq!((&redemption["status"], &redemption["approved_fen"]), (&json!("rejected"), &json!(0)));
    let contract = world.read(&officer, &format!("/contracts/{}", id(&approved.contract))).await;
    assert_eq!(contract["status"], "settled");
    assert_eq!(published(&world, &notice).await["items"][0]["status"], "cancelled");
    // The other objection has lost its object.
    world.resolve(&officer, &late, cancelled).await.refused(409, "invalid_state");
    world.dismiss(&officer, &late).await;
    world.ask_notice(&officer, &[&approved.redemption]).await.refused_by("invalid_state", "15.5");
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "rejected");
    world.ask_batch(&officer, Some(&[&approved.redemption])).await.refused_by("invalid_state", "15.5");
}

async fn what_is_not_approved_is_not_published(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let submitted = world.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = approved.approver.clone();
    let both = [approved.redemption.as_str(), submitted.as_str()];
    let refusal = world.ask_notice(&officer, &both).await.refused_by("invalid_state", "15.5");
    assert_eq!(refusal["fields"][0]["field"], "subject_ids[1]");
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "approved", "nothing is published");
    let unknown = "01890000-0000-7000-8000-000000000000";
    world.ask_notice(&officer, &[&approved.redemption, unknown]).await.refused(404, "not_found");
    world.ask_notice(&officer, &[]).await.refused_field("subject_ids");
    world.ask_notice(&officer, &[&approved.redemption, &approved.redemption]).await.refused_field("subject_ids[1]");
    let of_kind = |kind: &str| json!({ "kind": kind, "subject_ids": [approved.facility.organization_id] });
    world.post("/notices").by(&officer).json(of_kind("subsidy")).send().await.refused(404, "not_found");
    // It serves already.
    world.post("/notices").by(&officer).json(of_kind("facility")).send().await.refused_by("invalid_state", "6");
    for stranger in [&approved.applicant, &approved.facility, &world.auditor().await] {
        world.ask_notice(stranger, &[&approved.redemption]).await.refused(403, "forbidden");
    }
    world.publish(&officer, &[&approved.redemption]).await;
    world.ask_notice(&officer, &[&approved.redemption]).await.refused_by("invalid_state", "15.5");
    world.get(&format!("/notices/{unknown}")).send().await.refused(404, "not_found");
}

/// Everything that the log of events says about a thing.
fn logged(store: &Store, kind: &str, subject: &str) -> String {
    let subject = subject.parse().unwrap();
    let events = store.read(|tx| -> Result<_, StorageError> { Event::of_subject(tx, kind, subject, None, 200) });
    format!("{:?}", events.unwrap().items)
}

async fn who_objects_is_known_to_the_commission_alone(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    let path = format!("/notices/{}/objections", id(&notice));
    let form = world.objection_form(&notice, 0);
    let with = |field: &str, value: &str| {
        let mut form = form.clone();
        form[field] = json!(value);
        form
    };
    for (field, value) in [("name", ""), ("contact", " "), ("grounds", "")] {
        world.post(&path).json(with(field, value)).send().await.refused_field(field);
    }
    let unknown = "01890000-0000-7000-8000-000000000000";
    world.post(&path).json(with("item_id", unknown)).send().await.refused_field("item_id");
    world.post(&format!("/notices/{unknown}/objections")).json(form.clone()).send().await.refused(404, "not_found");
    let receipt = world.post(&path).json(form).send().await.expect(201);
    assert_eq!(receipt["status"], "open");
    let listed = world.get("/notices").send().await.expect(200);
    for text in [
        receipt.to_string(),
        published(&world, &notice).await.to_string(),
        listed.to_string(),
        logged(&world.program.store, "objection", receipt["id"].as_str().unwrap()),
    ] {
        assert!(!text.contains("郑直") && !text.contains("13911112222"), "{text}");
    }
    for reader in [&approved.approver, &world.auditor().await] {
        let list = world.read(reader, &path).await;
        assert_eq!(list["items"][0]["name"], "郑*");
        assert_eq!(list["items"][0]["contact"], "139****2222");
        assert_eq!(list["items"][0]["id"], receipt["id"]);
        let whole = world.read(reader, &format!("/objections/{}", id(&receipt))).await;
        assert_eq!((&whole["name"], &whole["contact"]), (&json!("郑直"), &json!("13911112222")));
    }
    world.get(&path).send().await.refused(401, "unauthenticated");
    for stranger in [&approved.applicant, &approved.facility, &world.expert().await] {
        world.get(&path).by(stranger).send().await.refused(403, "forbidden");
    }
    let unknown = format!("/notices/{unknown}/objections");
    world.get(&unknown).by(&approved.approver).send().await.refused(404, "not_found");
}

async fn an_objection_is_resolved_once_with_reasons(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = approved.approver.clone();
    let notice = world.publish(&officer, &[&approved.redemption]).await;
    let objection = world.object(&notice, 0).await;
    let dismissed = json!({ "outcome": "dismissed", "reasons": "经核实,服务属实" });
    let with_amount = json!({ "outcome": "dismissed", "amount_fen": 1, "reasons": "经核实" });
    world.resolve(&officer, &objection, with_amount).await.refused_field("amount_fen");
    let without_reasons = json!({ "outcome": "dismissed", "reasons": " " });
    world.resolve(&officer, &objection, without_reasons).await.refused_field("reasons");
    let negative = json!({ "outcome": "upheld", "amount_fen": -1, "reasons": "经核实" });
    world.resolve(&officer, &objection, negative).await.refused_field("amount_fen");
    let unknown = "01890000-0000-7000-8000-000000000000";
    world.resolve(&officer, unknown, dismissed.clone()).await.refused(404, "not_found");
    for stranger in [&approved.applicant, &approved.facility, &world.auditor().await] {
        world.resolve(stranger, &objection, dismissed.clone()).await.refused(403, "forbidden");
    }
    let resolved = world.resolve(&officer, &objection, dismissed.clone()).await.expect(200);
    assert_eq!(resolved["resolved_by"], officer.user_id);
    assert_eq!(resolved["reasons"], "经核实,服务属实");
    assert_eq!(resolved.get("amount_fen"), None);
    world.resolve(&officer, &objection, dismissed).await.refused_by("invalid_state", "15.5");
    let upheld = json!({ "outcome": "upheld", "reasons": "经核实" });
    world.resolve(&officer, &objection, upheld).await.refused_by("invalid_state", "15.5");
    assert_eq!(world.accounts(&approved.cycle).await, accounts(5_000_000, 0, 0));
}

async fn a_changed_item_waits_for_its_other_objections(world: World) {
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let officer = approved.approver.clone();
    let notice = world.publish(&officer, &[&approved.redemption]).await;
    let (right, other) = (world.object(&notice, 0).await, world.object(&notice, 0).await);
    let upheld = json!({ "outcome": "upheld", "amount_fen": 5_000_000, "reasons": "公示内容有误" });
    world.resolve(&officer, &right, upheld).await.expect(200);
    // Published anew with the same amount: nothing was taken.
    assert_eq!(world.accounts(&approved.cycle).await, accounts(5_000_000, 0, 0));
    let refusal = world.ask_notice(&officer, &[&approved.redemption]).await.refused_by("objection_open", "15.5");
    assert_eq!(refusal["fields"][0]["field"], "subject_ids[0]");
    world.dismiss(&officer, &other).await;
    let again = world.publish(&officer, &[&approved.redemption]).await;
    world.end_of(&again);
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &approved.redemption).await, "payable");
}
