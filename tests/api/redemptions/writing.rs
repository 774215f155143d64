//! What a redemption says: amounts, evidence, its one contract (Art. 12, 15.3).

use serde_json::{Value, json};

use crate::harness::{EVIDENCE, World, id, with};
use crate::on_both_stores;

on_both_stores!(
    a_draft_is_quoted_and_told,
    half_the_actual_amount_is_rounded_down_to_the_fen,
    more_than_the_contract_pays_no_more_than_the_vouchers,
    missing_evidence_is_named_by_kind,
    invoices_must_show_the_actual_amount,
    what_is_malformed_is_named_in_one_answer,
    a_file_must_be_the_facilitys,
    a_change_is_meant_for_a_version,
    a_contract_has_one_redemption_that_stands,
    only_the_facility_of_the_contract_writes,
    a_terminated_contract_is_not_redeemed,
    what_the_completion_recorded_is_redeemed,
);

async fn a_draft_is_quoted_and_told(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let reply = world.post("/redemptions").by(&signed.facility).json(form.clone()).send().await;
    assert_eq!(reply.header("etag"), Some("\"1\""));
    let draft = reply.expect(201);
    assert_eq!((&draft["status"], &draft["contract_id"]), (&json!("draft"), &signed.contract["id"]));
    assert_eq!((&draft["invoices"], &draft["evidence"]), (&form["invoices"], &form["evidence"]));
    assert_eq!(draft["contract_number"], signed.contract["number"]);
    assert_eq!(draft["redeem_by"], signed.contract["redeem_by"]);
    assert_eq!(draft["claimable_fen"], 4_500_000);
    assert_eq!(
        draft["quote"],
        json!({
            "claimable_fen": 4_500_000, "missing_evidence": [], "evidence": EVIDENCE,
            "redeem_by": signed.contract["redeem_by"],
            "formula": "min(创新券合计 50000.00 元, 实际发生金额 90000.00 元 × 50%) = 45000.00 元"
        })
    );
    for field in ["submitted_at", "correct_by", "applicant_agrees", "approved_fen"] {
        assert_eq!(draft[field], Value::Null, "{field}");
    }
    assert_eq!(draft.get("conclusion"), None);
    let contract = world.read(&signed.facility, &format!("/contracts/{}", id(&signed.contract))).await;
    assert_eq!(contract["quote"]["missing_evidence"], json!([]));
    let events = world.read(&signed.facility, &format!("/redemptions/{}/events", id(&draft))).await;
    assert_eq!(events["items"][0]["action"], "redemption_created");
    assert_eq!(events["items"][0]["after"]["invoices"], form["invoices"]);
}

async fn half_the_actual_amount_is_rounded_down_to_the_fen(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = id(&world.draft_redemption(&signed.facility, &signed.contract, 1).await);
    assert_eq!(world.see(&signed.facility, &redemption).await["claimable_fen"], 0);
    for (actual_fen, claimable_fen) in [(9_000_001, 4_500_000), (9_999_999, 4_999_999), (10_000_001, 5_000_000)] {
        let form = world.redemption_form(&signed.facility, &signed.contract, actual_fen).await;
        let written = world.rewrite(&signed.facility, &redemption, form).await.expect(200);
        assert_eq!(written["claimable_fen"], claimable_fen, "{actual_fen}");
        assert_eq!(written["quote"]["claimable_fen"], claimable_fen, "{actual_fen}");
    }
}

async fn more_than_the_contract_pays_no_more_than_the_vouchers(world: World) {
    let approved = world.approved_redemption(3_000_000, 6_000_000, 9_000_000, 3_000_000).await;
    let redemption = world.see(&approved.facility, &approved.redemption).await;
    assert_eq!((&redemption["claimable_fen"], &redemption["approved_fen"]), (&json!(3_000_000), &json!(3_000_000)));
}

async fn missing_evidence_is_named_by_kind(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let whole = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let bare = with(whole.clone(), json!({ "evidence": [] }));
    let draft = world.post("/redemptions").by(&signed.facility).json(bare).send().await.expect(201);
    assert_eq!(draft["quote"]["missing_evidence"], json!(EVIDENCE));
    let redemption = id(&draft);
    world.at("2026-03-16T10:00:00+08:00");
    let submit = || world.do_redemption(&signed.facility, &redemption, "submit");
    let refusal = submit().await.refused_by("evidence_missing", "15.3");
    let rules: Vec<_> = refusal["fields"].as_array().unwrap().iter().map(|field| field["rule"].clone()).collect();
    assert_eq!(rules, EVIDENCE.map(|kind| json!(format!("missing_{kind}"))));
    for (left_out, kind) in EVIDENCE.iter().enumerate() {
        let mut form = whole.clone();
        form["evidence"].as_array_mut().unwrap().remove(left_out);
        world.rewrite(&signed.facility, &redemption, form).await.expect(200);
        let refusal = submit().await.refused_by("evidence_missing", "15.3");
        let named: Vec<_> = refusal["fields"].as_array().unwrap().iter().map(|field| &field["rule"]).collect();
        assert_eq!(named, [&json!(format!("missing_{kind}"))]);
        assert_eq!(world.voucher_of(&signed).await["status"], "registered");
    }
    world.rewrite(&signed.facility, &redemption, whole).await.expect(200);
    submit().await.expect(200);
}

async fn invoices_must_show_the_actual_amount(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let short = with(form.clone(), json!({ "invoices": [world.invoice(4_000_000), world.invoice(4_999_999)] }));
    let redemption = id(&world.post("/redemptions").by(&signed.facility).json(short).send().await.expect(201));
    world.at("2026-03-16T10:00:00+08:00");
    let submit = || world.do_redemption(&signed.facility, &redemption, "submit");
    assert_eq!(submit().await.refused_field("invoices")["article"], "12");
    world.rewrite(&signed.facility, &redemption, with(form.clone(), json!({ "invoices": [] }))).await.expect(200);
    submit().await.refused_field("invoices");
    let digital = json!({ "number": "26117000000123456789", "amount_fen": 5_000_000 });
    let enough = with(form, json!({ "invoices": [world.invoice(4_000_000), digital] }));
    let written = world.rewrite(&signed.facility, &redemption, enough).await.expect(200);
    assert_eq!(written["invoices"][1]["code"], "");
    submit().await.expect(200);
}

async fn what_is_malformed_is_named_in_one_answer(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let form = json!({
        "contract_id": id(&signed.contract), "actual_amount_fen": 0,
        "invoices": [
            { "code": "12345", "number": "12345678", "amount_fen": 1 },
            { "code": "", "number": "12345678", "amount_fen": 0 },
            { "code": "12345", "number": "12345678", "amount_fen": 1 }
        ],
        "remarks": "长".repeat(2_001)
    });
    let refusal =
        world.post("/redemptions").by(&signed.facility).json(form).send().await.refused(422, "validation_failed");
    let named: Vec<_> =
        refusal["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap()).collect();
    assert_eq!(
        named,
        [
            "actual_amount_fen",
            "invoices[0].code",
            "invoices[1].number",
            "invoices[1].amount_fen",
            "invoices[2].code",
            "invoices[2].number",
            "remarks"
        ]
    );
    let unknown = json!({ "contract_id": id(&signed.contract), "actual_amount_fen": 1, "invoices": [{ "number": "1", "amount_fen": 1, "tax": 1 }] });
    world.post("/redemptions").by(&signed.facility).json(unknown).send().await.refused(422, "unknown_field");
}

async fn a_file_must_be_the_facilitys(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let mut form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let foreign = world.upload(&signed.applicant, "验收.pdf").await;
    form["evidence"][4]["file_id"] = json!(foreign);
    world
        .post("/redemptions")
        .by(&signed.facility)
        .json(form.clone())
        .send()
        .await
        .refused_field("evidence[4].file_id");
    assert_eq!(world.read(&signed.facility, "/redemptions").await["items"], json!([]));
    form["evidence"][4]["kind"] = json!("photograph");
    world.post("/redemptions").by(&signed.facility).json(form).send().await.refused(422, "validation_failed");
}

async fn a_change_is_meant_for_a_version(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let path = format!("/redemptions/{}", id(&draft));
    let form = world.redemption_form(&signed.facility, &signed.contract, 8_000_000).await;
    let put = || world.put(&path).by(&signed.facility).json(form.clone());
    put().send().await.refused(428, "precondition_required");
    let changed = put().if_match(&draft["version"]).send().await.expect(200);
    assert_eq!((&changed["version"], &changed["actual_amount_fen"]), (&json!(2), &json!(8_000_000)));
    assert_eq!(changed["invoices"], form["invoices"]);
    put().if_match(&draft["version"]).send().await.refused(412, "precondition_failed");
    let other = world
        .contract(
            &signed.applicant,
            &signed.facility,
            &[&id(&world.claim(&signed.applicant, &signed.cycle, 1_000_000).await)],
            2_000_000,
            "2026-03-16",
        )
        .await;
    let moved = with(form, json!({ "contract_id": id(&other) }));
    world.put(&path).by(&signed.facility).if_match(&json!(2)).json(moved).send().await.refused_field("contract_id");
}

async fn a_contract_has_one_redemption_that_stands(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let write = || world.post("/redemptions").by(&signed.facility).json(form.clone()).send();
    write().await.refused_by("already_exists", "15.3");
    world.do_redemption(&signed.facility, &id(&draft), "withdraw").await.expect(200);
    let second = id(&write().await.expect(201));
    world.at("2026-03-16T10:00:00+08:00");
    world.do_redemption(&signed.facility, &second, "submit").await.expect(200);
    write().await.refused(409, "already_exists");
    world.do_redemption(&signed.facility, &second, "withdraw").await.expect(200);
    world.do_redemption(&signed.facility, &second, "withdraw").await.refused(409, "invalid_state");
    write().await.expect(201);
}

async fn only_the_facility_of_the_contract_writes(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let stranger = world.facility().await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let bare = with(form.clone(), json!({ "evidence": [] }));
    world.post("/redemptions").by(&stranger).json(bare.clone()).send().await.refused(404, "not_found");
    world.post("/redemptions").by(&signed.applicant).json(bare.clone()).send().await.refused(403, "forbidden");
    let unknown = with(bare, json!({ "contract_id": "01900000-0000-7000-8000-000000000000" }));
    world.post("/redemptions").by(&signed.facility).json(unknown).send().await.refused(404, "not_found");
    let redemption = id(&world.post("/redemptions").by(&signed.facility).json(form.clone()).send().await.expect(201));
    for action in ["submit", "withdraw"] {
        world.do_redemption(&stranger, &redemption, action).await.refused(404, "not_found");
        world.do_redemption(&signed.applicant, &redemption, action).await.refused(403, "forbidden");
    }
    let path = format!("/redemptions/{redemption}");
    world.put(&path).by(&stranger).if_match(&json!(1)).json(form).send().await.refused(404, "not_found");
}

async fn what_the_completion_recorded_is_redeemed(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = id(&world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await);
    world.at("2026-03-16T10:00:00+08:00");
    let done = json!({ "completed_on": "2026-03-16", "actual_amount_fen": 8_000_000 });
    let complete = format!("/contracts/{}/complete", id(&signed.contract));
    world.post(&complete).by(&signed.facility).json(done).send().await.expect(200);
    let submit = || world.do_redemption(&signed.facility, &redemption, "submit");
    let refusal = submit().await.refused_field("actual_amount_fen");
    assert!(refusal["fields"][0]["message"].as_str().unwrap().contains("80000.00"), "{refusal}");
    assert_eq!(world.voucher_of(&signed).await["status"], "registered");
    let form = world.redemption_form(&signed.facility, &signed.contract, 8_000_000).await;
    world.rewrite(&signed.facility, &redemption, form).await.expect(200);
    assert_eq!(submit().await.expect(200)["status"], "submitted");
}

async fn a_terminated_contract_is_not_redeemed(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = id(&world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await);
    let terminate = format!("/contracts/{}/terminate", id(&signed.contract));
    world.post(&terminate).by(&signed.facility).json(json!({ "reason": "双方协商一致" })).send().await.expect(200);
    // What was being written for it is taken back with it.
    assert_eq!(world.see(&signed.facility, &redemption).await["status"], "withdrawn");
    let actions = world.actions(&signed.facility, &format!("/redemptions/{redemption}")).await;
    assert_eq!(actions, ["redemption_withdrawn", "redemption_created"]);
    world.at("2026-03-16T10:00:00+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit").await.refused(409, "invalid_state");
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    world.post("/redemptions").by(&signed.facility).json(form.clone()).send().await.refused(409, "invalid_state");
    world.rewrite(&signed.facility, &redemption, form).await.refused(409, "invalid_state");
    world.do_redemption(&signed.facility, &redemption, "withdraw").await.refused(409, "invalid_state");
    assert_eq!(world.voucher_of(&signed).await["contract_id"], Value::Null);
}
