//! What a registration quotes is honoured, or the differences are answered field by field.

use serde_json::{Value, json};

use crate::harness::{Signed, World, id};
use crate::on_both_stores;

on_both_stores!(
    a_quote_that_is_honoured_leaves_no_difference,
    what_turned_out_otherwise_is_answered_field_by_field,
    an_amendment_quotes_anew,
);

/// What differs, without the reasons, each of which is given.
fn without_reasons(differences: &Value) -> Value {
    let items = differences.as_array().unwrap().iter().map(|one| {
        assert!(!one["because"].as_str().unwrap().is_empty(), "{one}");
        json!([one["field"], one["quoted"], one["actual"]])
    });
    items.collect()
}

async fn contract(world: &World, signed: &Signed) -> Value {
    world.read(&signed.facility, &format!("/contracts/{}", id(&signed.contract))).await
}

async fn a_quote_that_is_honoured_leaves_no_difference(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let quote = signed.contract["quote"].clone();
    let redemption = id(&world.draft_redemption(&signed.facility, &signed.contract, 10_000_000).await);
    world.at("2026-03-16T10:00:00+08:00");
    let submitted = world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    assert_eq!(submitted["claimable_fen"], quote["claimable_fen"]);
    assert_eq!(submitted["quote"]["evidence"], quote["evidence"]);
    assert_eq!(submitted["quote"]["missing_evidence"], json!([]));
    assert_eq!(submitted["quote"]["redeem_by"], quote["redeem_by"]);
    assert_eq!(submitted["differences"], json!([]));
    assert_eq!(contract(&world, &signed).await["differences"], json!([]));
}

async fn what_turned_out_otherwise_is_answered_field_by_field(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = id(&world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await);
    world.at("2026-03-09T10:00:00+08:00");
    let completed = json!({ "completed_on": "2026-03-09", "actual_amount_fen": 9_000_000 });
    let complete = format!("/contracts/{}/complete", id(&signed.contract));
    world.post(&complete).by(&signed.facility).json(completed).send().await.expect(200);
    let expected = json!([
        ["amount_fen", 10_000_000, 9_000_000],
        ["claimable_fen", 5_000_000, 4_500_000],
        ["redeem_by", "2026-04-16", "2026-04-09"]
    ]);
    for path in ["submit?dry_run=true", "submit"] {
        let submitted = world.do_redemption(&signed.facility, &redemption, path).await.expect(200);
        assert_eq!(without_reasons(&submitted["differences"]), expected);
        assert_eq!(submitted["claimable_fen"], 4_500_000);
    }
    // The parties and the commission read the same, here and at the contract.
    let officer = world.officer().await;
    for account in [&signed.applicant, &signed.facility, &officer] {
        assert_eq!(without_reasons(&world.see(account, &redemption).await["differences"]), expected);
        let contract = world.read(account, &format!("/contracts/{}", id(&signed.contract))).await;
        assert_eq!(without_reasons(&contract["differences"]), expected);
    }
    let path = format!("/redemptions/{redemption}");
    let english = world.get(&path).by(&officer).header("accept-language", "en").send().await.expect(200);
    let because = english["differences"][2]["because"].as_str().unwrap();
    assert!(because.starts_with("The service was done on 2026-03-09"), "{because}");
}

async fn an_amendment_quotes_anew(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let path = format!("/contracts/{}", id(&signed.contract));
    let change = json!({ "amount_fen": 12_000_000, "ends_on": "2026-03-20" });
    let amended = world.patch(&path).by(&signed.facility).if_match(&json!(1)).json(change).send().await.expect(200);
    assert_eq!((&amended["quote"]["redeem_by"], &amended["differences"]), (&amended["redeem_by"], &json!([])));
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 13_000_000).await;
    // It cost more, and the vouchers pay what they are worth.
    assert_eq!(without_reasons(&draft["differences"]), json!([["amount_fen", 12_000_000, 13_000_000]]));
    world.do_redemption(&signed.facility, &id(&draft), "withdraw").await.expect(200);
    assert_eq!(contract(&world, &signed).await["differences"], json!([]));
}
