//! A registration that is granted.

use serde_json::{Value, json};

use super::accounts;
use crate::harness::{World, id, with};
use crate::on_both_stores;

on_both_stores!(
    a_contract_binds_its_voucher_and_commits_its_money,
    the_parties_and_the_commission_see_it,
    the_signed_contract_is_attached
);

async fn a_contract_binds_its_voucher_and_commits_its_money(world: World) {
    let scene = world.scene().await;
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 5_000_000, 0, 0));
    world.at("2026-03-05T15:00:00+08:00");
    let project = scene.project(&world).await;
    let form = world.contract_form(&project, &[&scene.voucher], 9_999_999 + 1, "2026-04-30");
    let reply = world.ask_contract(&scene.facility, form.clone()).await;
    assert_eq!(reply.header("etag"), Some("\"1\""));
    let contract = reply.expect(201);
    assert_eq!((&contract["status"], &contract["policy"]), (&json!("registered"), &json!("kejifa-2023-16")));
    assert_eq!((&contract["number"], &contract["project_id"]), (&form["number"], &json!(project)));
    assert_eq!(contract["applicant_id"], scene.firm.organization_id);
    assert_eq!(contract["facility_id"], scene.facility.organization_id);
    assert_eq!(contract["registered_at"], "2026-03-05T15:00:00+08:00");
    // Three months from the registration: 5 June 2026 is a Friday. One month from the last day: 30 May is a Saturday.
    assert_eq!(contract["valid_until"]["last_day"], "2026-06-05");
    assert_eq!(contract["valid_until"]["period"], "P3M");
    assert_eq!(contract["valid_until"]["counted_from"], "2026-03-05");
    assert_eq!(contract["redeem_from"], "2026-04-30");
    assert_eq!(contract["redeem_by"]["last_day"], "2026-06-01");
    assert_eq!(contract["redeem_by"]["expires_at"], "2026-06-02T00:00:00+08:00");
    assert_eq!(
        contract["redeem_by"]["moved_past"],
        json!([{ "day": "2026-05-30", "because": "weekend" }, { "day": "2026-05-31", "because": "weekend" }])
    );
    assert_eq!(contract["voucher_ids"], json!([scene.voucher]));
    assert_eq!(
        contract["quote"],
        json!({
            "claimable_fen": 5_000_000,
            "formula": "min(创新券合计 50000.00 元, 合同金额 100000.00 元 × 50%) = 50000.00 元",
            "missing_evidence": ["contract", "invoice", "payment_proof", "service_report", "acceptance"],
            "evidence": ["contract", "invoice", "payment_proof", "service_report", "acceptance"],
            "redeem_by": contract["redeem_by"]
        })
    );
    assert_eq!(contract["differences"], json!([]));

    let voucher = scene.voucher(&world).await;
    assert_eq!((&voucher["status"], &voucher["contract_id"]), (&json!("registered"), &contract["id"]));
    assert_eq!(voucher["valid_until"], contract["valid_until"]);
    assert_eq!(voucher["lapses_at"], contract["redeem_by"]["expires_at"]);
    assert_eq!(voucher["counted_fen"], 5_000_000);
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 0, 5_000_000, 0));

    let events = world.read(&scene.firm, &format!("/vouchers/{}/events", scene.voucher)).await;
    let registered = &events["items"][0];
    assert_eq!((&registered["action"], &registered["actor_role"]), (&json!("voucher_registered"), &json!("facility")));
    assert_eq!(
        (&registered["before"]["status"], &registered["after"]["status"]),
        (&json!("claimed"), &json!("registered"))
    );
    let events = world.read(&scene.firm, &format!("/contracts/{}/events", id(&contract))).await;
    assert_eq!(events["items"][0]["action"], "contract_registered");
    assert_eq!(events["items"][0]["after"]["amount_fen"], 10_000_000);
}

async fn the_parties_and_the_commission_see_it(world: World) {
    let scene = world.scene().await;
    let contract = scene.contract(&world, "2026-04-30").await;
    let path = format!("/contracts/{}", id(&contract));
    let (officer, auditor, expert) = (world.officer().await, world.auditor().await, world.expert().await);
    let (rival, stranger) = (world.enterprise().await, world.facility().await);
    for account in [&scene.firm, &scene.facility, &officer, &auditor] {
        assert_eq!(world.read(account, &path).await, contract);
        let list = world.read(account, "/contracts").await;
        assert_eq!(list["items"], json!([contract]));
        world.read(account, &format!("{path}/events")).await;
    }
    for outsider in [&rival, &stranger, &expert] {
        world.get(&path).by(outsider).send().await.refused(404, "not_found");
        world.get(&format!("{path}/events")).by(outsider).send().await.refused(404, "not_found");
    }
    assert_eq!(world.read(&rival, "/contracts").await["items"], json!([]));
    world.get("/contracts").by(&expert).send().await.refused(403, "forbidden");

    let list = async |query: String| world.read(&officer, &format!("/contracts?{query}")).await["items"].clone();
    assert_eq!(list(format!("applicant_id={}", scene.firm.organization_id)).await, json!([contract]));
    assert_eq!(list(format!("facility_id={}", stranger.organization_id)).await, json!([]));
    assert_eq!(list("status=registered".into()).await, json!([contract]));
    assert_eq!(list("status=terminated".into()).await, json!([]));

    // Only the facility acts on it, and only its own.
    for (account, status, code) in
        [(&stranger, 404, "not_found"), (&scene.firm, 403, "forbidden"), (&officer, 403, "forbidden")]
    {
        let amendment = world.patch(&path).by(account).if_match(&json!(1)).json(json!({ "amount_fen": 13_000_000 }));
        amendment.send().await.refused(status, code);
        for (action, body) in [
            ("terminate", json!({ "reason": "样品未能按时提供" })),
            ("complete", json!({ "completed_on": "2026-03-02", "actual_amount_fen": 12_000_000 })),
        ] {
            world.post(&format!("{path}/{action}")).by(account).json(body).send().await.refused(status, code);
        }
    }
    let form = world.contract_form(contract["project_id"].as_str().unwrap(), &[&scene.voucher], 1, "2026-04-30");
    let form = with(form, json!({ "redeem_by": Value::Null }));
    world.ask_contract(&scene.facility, form.clone()).await.refused(422, "unknown_field");
    world.ask_contract(&scene.firm, form).await.refused(403, "forbidden");
    assert_eq!(world.read(&scene.firm, &path).await, contract);
}

async fn the_signed_contract_is_attached(world: World) {
    let scene = world.scene().await;
    let project = scene.project(&world).await;
    let (signed, theirs) =
        (world.upload(&scene.facility, "合同扫描件.pdf").await, world.upload(&scene.firm, "报价单.pdf").await);
    let form = world.contract_form(&project, &[&scene.voucher], 12_000_000, "2026-04-30");
    let ask = |ids: Value| world.ask_contract(&scene.facility, with(form.clone(), json!({ "file_ids": ids })));
    ask(json!([signed, theirs])).await.refused_field("file_ids[1]");
    assert_eq!(world.accounts(&scene.cycle).await, accounts(5_000_000, 5_000_000, 0, 0));
    let contract = ask(json!([signed])).await.expect(201);
    assert_eq!(contract["files"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&contract["files"][0]["id"], &contract["files"][0]["name"]),
        (&json!(signed), &json!("合同扫描件.pdf"))
    );
    assert_eq!(world.read(&scene.firm, &format!("/contracts/{}", id(&contract))).await, contract);
    // Whoever sees the contract may read it.
    let file = world.get(&format!("/files/{signed}")).by(&scene.firm).send().await;
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/pdf")));
    let rival = world.enterprise().await;
    world.get(&format!("/files/{signed}")).by(&rival).send().await.refused(404, "not_found");
}
