//! What is flagged for the reviewers when a redemption is handed in.

use serde_json::{Value, json};

use crate::harness::{Account, Signed, World, id, with};
use crate::on_both_stores;

on_both_stores!(
    a_usual_redemption_has_no_flags,
    what_differs_is_flagged_and_looked_at_again,
    an_invoice_of_tomorrow_is_refused,
    contracts_of_one_week_are_flagged,
    related_parties_are_flagged_for_reviewers_alone,
    an_organization_states_who_represents_it,
);

/// The rules of the flags that this account sees; nothing where it sees none at all.
async fn rules(world: &World, account: &Account, redemption: &str) -> Option<Vec<String>> {
    let flags = world.see(account, redemption).await["flags"].clone();
    let rules = flags.as_array()?.iter().map(|flag| flag["rule"].as_str().unwrap().to_owned());
    Some(rules.collect())
}

/// A contract of this month with the form of its redemption, which is not written yet.
async fn due(world: &World) -> (Signed, Value) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    (signed, form)
}

async fn written(world: &World, facility: &Account, form: &Value) -> String {
    id(&world.post("/redemptions").by(facility).json(form.clone()).send().await.expect(201))
}

async fn a_usual_redemption_has_no_flags(world: World) {
    let (signed, form) = due(&world).await;
    let redemption = written(&world, &signed.facility, &form).await;
    let officer = world.officer().await;
    // Nothing was looked at yet.
    assert_eq!(rules(&world, &officer, &redemption).await, None);
    world.at("2026-03-16T10:00:00+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    assert_eq!(rules(&world, &officer, &redemption).await, Some(vec![]));
}

async fn what_differs_is_flagged_and_looked_at_again(world: World) {
    let (signed, form) = due(&world).await;
    let (mut early, mut late) = (world.invoice(5_000_000), world.invoice(4_000_001));
    early["issued_on"] = json!("2026-03-01");
    late["issued_on"] = json!("2026-03-17");
    let odd = with(form.clone(), json!({ "invoices": [early, late] }));
    let redemption = written(&world, &signed.facility, &odd).await;
    world.at("2026-03-17T10:00:00+08:00");
    let completed = json!({ "completed_on": "2026-03-17", "actual_amount_fen": 9_000_000 });
    let complete = format!("/contracts/{}/complete", id(&signed.contract));
    world.post(&complete).by(&signed.facility).json(completed).send().await.expect(200);
    let trial = world.do_redemption(&signed.facility, &redemption, "submit?dry_run=true").await.expect(200);
    assert!(trial.get("flags").is_none(), "{trial}");
    let submitted = world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    assert!(submitted.get("flags").is_none(), "{submitted}");

    let officer = world.officer().await;
    let seen = world.see(&officer, &redemption).await;
    assert_eq!(seen["invoices"][0]["issued_on"], "2026-03-01");
    let flags = seen["flags"].as_array().unwrap();
    assert_eq!(flags[0]["rule"], "invoice_sum_differs");
    assert_eq!(flags[0]["article"], "12");
    assert_eq!(flags[0]["facts"], json!({ "invoiced_fen": 9_000_001, "actual_amount_fen": 9_000_000 }));
    assert!(flags[0]["message"].as_str().unwrap().contains("90000.01"), "{}", flags[0]);
    assert_eq!(flags[1]["rule"], "invoice_date_outside");
    assert_eq!(flags[1]["facts"]["signed_on"], "2026-03-02");
    assert_eq!(flags[1]["facts"]["invoices"][1]["issued_on"], "2026-03-17");
    assert_eq!(flags[2]["rule"], "completion_date_outside");
    assert_eq!(flags.len(), 3);
    let auditor = world.auditor().await;
    assert_eq!(world.see(&auditor, &redemption).await["flags"], seen["flags"]);

    // Corrected, it is looked at again.
    world.tell_redemption(&officer, &redemption, "return", json!({ "remarks": "请核对发票" })).await.expect(200);
    world.rewrite(&signed.facility, &redemption, form).await.expect(200);
    assert_eq!(rules(&world, &officer, &redemption).await.unwrap().len(), 3);
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    assert_eq!(rules(&world, &officer, &redemption).await.unwrap(), ["completion_date_outside"]);

    // What was found before stays in the log, for the commission alone.
    let path = format!("/redemptions/{redemption}/events");
    let checked = async |account: &Account| {
        let events = world.read(account, &path).await["items"].as_array().unwrap().clone();
        events.into_iter().find(|event| event["action"] == "redemption_checked").unwrap()
    };
    let seen = checked(&auditor).await;
    assert_eq!((seen["before"].as_array().unwrap().len(), seen["after"].as_array().unwrap().len()), (3, 1));
    for party in [&signed.facility, &signed.applicant] {
        let seen = checked(party).await;
        assert_eq!((&seen["before"], &seen["after"]), (&Value::Null, &Value::Null));
    }
}

async fn an_invoice_of_tomorrow_is_refused(world: World) {
    let (signed, form) = due(&world).await;
    let mut invoice = world.invoice(9_000_000);
    invoice["issued_on"] = json!("2026-03-17");
    let redemption = written(&world, &signed.facility, &with(form, json!({ "invoices": [invoice] }))).await;
    world.at("2026-03-16T23:59:59+08:00");
    let before = world.see(&signed.facility, &redemption).await;
    let submit = async || world.do_redemption(&signed.facility, &redemption, "submit").await;
    submit().await.refused_field("invoices[0].issued_on");
    assert_eq!(world.see(&signed.facility, &redemption).await, before);
    world.at("2026-03-17T00:00:00+08:00");
    submit().await.expect(200);
}

async fn contracts_of_one_week_are_flagged(world: World) {
    let (signed, form) = due(&world).await;
    let mut others = Vec::new();
    for (day, amount_fen) in [("2026-03-08", 1_000_000), ("2026-03-09", 2_000_000)] {
        world.at(&format!("{day}T10:00:00+08:00"));
        let voucher = id(&world.claim(&signed.applicant, &signed.cycle, amount_fen).await);
        let voucher = [voucher.as_str()];
        others.push(world.contract(&signed.applicant, &signed.facility, &voucher, 4_000_000, "2026-03-20").await);
    }
    // Another applicant's contract with the facility has nothing to do with it.
    let stranger = world.enterprise().await;
    let voucher = id(&world.claim(&stranger, &signed.cycle, 1_000_000).await);
    world.contract(&stranger, &signed.facility, &[&voucher], 4_000_000, "2026-03-20").await;

    let redemption = written(&world, &signed.facility, &form).await;
    world.at("2026-03-16T10:00:00+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    let officer = world.officer().await;
    let flags = world.see(&officer, &redemption).await["flags"].clone();
    assert_eq!((&flags[0]["rule"], flags.as_array().unwrap().len()), (&json!("contract_split"), 1));
    // Signed on 2 March: 8 March is of the same week, 9 March is not.
    let near = json!({
        "id": others[0]["id"], "number": others[0]["number"], "signed_on": "2026-03-08", "amount_fen": 4_000_000,
        "vouchers_fen": 1_000_000
    });
    assert_eq!(flags[0]["facts"], json!({ "vouchers_together_fen": 6_000_000, "contracts": [near] }));

    // One that was ended before the service is none.
    let terminate = format!("/contracts/{}/terminate", id(&others[0]));
    let reason = json!({ "reason": "样品未能按时提供" });
    world.post(&terminate).by(&signed.facility).json(reason).send().await.expect(200);
    world.do_redemption(&signed.facility, &redemption, "withdraw").await.expect(200);
    let again = written(&world, &signed.facility, &form).await;
    world.do_redemption(&signed.facility, &again, "submit").await.expect(200);
    assert_eq!(rules(&world, &officer, &again).await, Some(vec![]));
}

async fn related_parties_are_flagged_for_reviewers_alone(world: World) {
    let (signed, form) = due(&world).await;
    for (account, name) in [(&signed.facility, "王 建国"), (&signed.applicant, "王建国")] {
        let stated = json!({ "legal_representative": name });
        world.patch("/me/organization").by(account).json(stated).send().await.expect(200);
    }
    // The facility's contact is reached under 010-62750001.
    let colleague = json!({ "name": "王芳", "email": "wang@firm.test", "phone": "+86 10 6275 0001" });
    world.post("/me/organization/users").by(&signed.applicant).json(colleague).send().await.expect(201);
    let redemption = written(&world, &signed.facility, &form).await;
    world.at("2026-03-16T10:00:00+08:00");
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    for _ in 0..4 {
        world.expert().await;
    }
    let drawn = world.draw_panel(&officer, &redemption).await;
    let expected = json!({ "representatives": ["王建国"], "phones_ending_in": ["0001"] });
    for reviewer in [&officer, &drawn[0]] {
        let flags = world.see(reviewer, &redemption).await["flags"].clone();
        assert_eq!((&flags[0]["rule"], &flags[0]["article"]), (&json!("related_parties"), &json!("16")));
        assert_eq!(flags[0]["facts"], expected);
    }
    let review = id(&world.review_of(&drawn[0], &redemption).await);
    let materials = world.read(&drawn[0], &format!("/reviews/{review}")).await["materials"].clone();
    assert_eq!(materials["redemption"]["flags"][0]["facts"], expected);
    let english = world.get(&format!("/redemptions/{redemption}")).by(&officer).header("accept-language", "en");
    let english = english.send().await.expect(200)["flags"][0]["message"].clone();
    assert!(english.as_str().unwrap().starts_with("The applicant and the facility are represented"), "{english}");
    for party in [&signed.facility, &signed.applicant] {
        let seen = world.see(party, &redemption).await;
        assert!(seen.get("flags").is_none(), "{seen}");
    }
}

async fn an_organization_states_who_represents_it(world: World) {
    let firm = world.enterprise().await;
    let change = async |body: Value| world.patch("/me/organization").by(&firm).json(body).send().await;
    change(json!({ "legal_representative": " " })).await.refused_field("legal_representative");
    change(json!({ "uscc": "1" })).await.refused(422, "unknown_field");
    let me = world.read(&firm, "/me").await;
    assert!(me["organization"].get("legal_representative").is_none(), "{me}");
    let stated = change(json!({ "legal_representative": " 李明 " })).await.expect(200);
    assert_eq!(stated["legal_representative"], "李明");
    assert_eq!(change(json!({})).await.expect(200)["legal_representative"], "李明");
    assert_eq!(world.read(&firm, "/me").await["organization"]["legal_representative"], "李明");
    world.patch("/me/organization").by(&world.officer().await).json(json!({})).send().await.refused(403, "forbidden");
}
