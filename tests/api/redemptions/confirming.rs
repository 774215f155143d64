//! The applicant confirms, an officer accepts (Art. 10.3, 15.3).

use serde_json::{Value, json};

use crate::harness::{Signed, World};
use crate::on_both_stores;

on_both_stores!(
    it_is_accepted_only_with_the_applicants_consent,
    a_change_clears_the_consent,
    a_consent_can_be_meant_for_a_version,
    what_the_applicant_says_has_a_form,
    only_its_applicant_confirms,
    only_an_officer_accepts_and_only_what_is_submitted,
);

async fn submitted(world: &World) -> (Signed, String) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    (signed, redemption)
}

fn agrees() -> Value {
    json!({ "agrees": true, "rating": 4, "remarks": "按时完成" })
}

async fn it_is_accepted_only_with_the_applicants_consent(world: World) {
    let (signed, redemption) = submitted(&world).await;
    let officer = world.officer().await;
    let accept = || world.tell_redemption(&officer, &redemption, "accept", json!({ "remarks": "材料齐全" }));
    accept().await.refused_by("invalid_state", "15.3");
    let disputes = json!({ "agrees": false, "remarks": "报告未交付" });
    let disputed = world.tell_redemption(&signed.applicant, &redemption, "confirm", disputes).await.expect(200);
    assert_eq!((&disputed["applicant_agrees"], &disputed["applicant_rating"]), (&json!(false), &Value::Null));
    accept().await.refused_by("invalid_state", "15.3");
    let confirmed = world.tell_redemption(&signed.applicant, &redemption, "confirm", agrees()).await.expect(200);
    assert_eq!((&confirmed["applicant_agrees"], &confirmed["applicant_rating"]), (&json!(true), &json!(4)));
    assert_eq!(confirmed["applicant_remarks"], "按时完成");
    let accepted = accept().await.expect(200);
    assert_eq!((&accepted["status"], &accepted["officer_remarks"]), (&json!("in_review"), &json!("材料齐全")));
    accept().await.refused(409, "invalid_state");
    world.tell_redemption(&signed.applicant, &redemption, "confirm", agrees()).await.refused(409, "invalid_state");
    world.do_redemption(&signed.facility, &redemption, "withdraw").await.refused(409, "invalid_state");
    let actions = world.actions(&signed.applicant, &format!("/redemptions/{redemption}")).await;
    assert_eq!(
        actions,
        [
            "redemption_accepted",
            "redemption_confirmed",
            "redemption_disputed",
            "redemption_submitted",
            "redemption_checked",
            "redemption_created"
        ]
    );
}

async fn a_change_clears_the_consent(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let draft = crate::harness::id(&world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await);
    world.confirmed(&signed.applicant, &draft).await;
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    let changed = world.rewrite(&signed.facility, &draft, form).await.expect(200);
    for field in ["applicant_agrees", "applicant_rating", "applicant_remarks"] {
        assert_eq!(changed[field], Value::Null, "{field}");
    }
    world.confirmed(&signed.applicant, &draft).await;
    world.at("2026-03-16T10:00:00+08:00");
    // Handing it in changes nothing that was confirmed.
    let submitted = world.do_redemption(&signed.facility, &draft, "submit").await.expect(200);
    assert_eq!(submitted["applicant_agrees"], true);
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_000_000).await;
    world.rewrite(&signed.facility, &draft, form).await.refused(409, "invalid_state");
    let officer = world.officer().await;
    world.tell_redemption(&officer, &draft, "accept", json!({})).await.expect(200);
}

async fn a_consent_can_be_meant_for_a_version(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let draft = world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let redemption = crate::harness::id(&draft);
    let form = world.redemption_form(&signed.facility, &signed.contract, 9_500_000).await;
    let changed = world.rewrite(&signed.facility, &redemption, form).await.expect(200);
    let path = format!("/redemptions/{redemption}/confirm");
    let confirm = || world.post(&path).by(&signed.applicant).json(agrees());
    confirm().if_match(&draft["version"]).send().await.refused(412, "precondition_failed");
    confirm().if_match(&changed["version"]).send().await.expect(200);
}

async fn what_the_applicant_says_has_a_form(world: World) {
    let (signed, redemption) = submitted(&world).await;
    let say = |body| world.tell_redemption(&signed.applicant, &redemption, "confirm", body);
    for rating in [0, 6, 255] {
        say(json!({ "agrees": true, "rating": rating, "remarks": "" })).await.refused_field("rating");
    }
    say(json!({ "agrees": true, "rating": 256, "remarks": "" })).await.refused_field("rating");
    say(json!({ "agrees": false, "remarks": " " })).await.refused_field("remarks");
    say(json!({ "agrees": true, "remarks": "好".repeat(2_001) })).await.refused_field("remarks");
    say(json!({ "rating": 3 })).await.refused_field("agrees");
    assert_eq!(world.see(&signed.applicant, &redemption).await["applicant_agrees"], Value::Null);
    for rating in [1, 5] {
        say(json!({ "agrees": true, "rating": rating })).await.expect(200);
    }
}

async fn only_its_applicant_confirms(world: World) {
    let (signed, redemption) = submitted(&world).await;
    let stranger = world.enterprise().await;
    let confirm = |account| world.tell_redemption(account, &redemption, "confirm", agrees());
    confirm(&stranger).await.refused(404, "not_found");
    confirm(&signed.facility).await.refused(403, "forbidden");
}

async fn only_an_officer_accepts_and_only_what_is_submitted(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let draft = crate::harness::id(&world.draft_redemption(&signed.facility, &signed.contract, 9_000_000).await);
    let (officer, auditor) = (world.officer().await, world.auditor().await);
    world.confirmed(&signed.applicant, &draft).await;
    let remarks = json!({ "remarks": "请补正" });
    for action in ["accept", "return"] {
        world.tell_redemption(&officer, &draft, action, remarks.clone()).await.refused(409, "invalid_state");
        for account in [&auditor, &signed.facility, &signed.applicant] {
            world.tell_redemption(account, &draft, action, remarks.clone()).await.refused(403, "forbidden");
        }
    }
}
