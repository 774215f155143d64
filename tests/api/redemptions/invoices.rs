//! An invoice supports one redemption (Art. 15.3, 16).

use serde_json::{Value, json};

use crate::harness::{Account, World, id, with};
use crate::on_both_stores;

on_both_stores!(
    an_invoice_is_used_once_and_freed_by_a_withdrawal,
    an_invoice_is_kept_while_its_redemption_is_corrected,
    a_lapse_and_a_rejection_free_invoices,
    a_refused_invoice_is_refused_again_under_its_key,
);

/// Two contracts of different facilities whose redemptions carry the same invoice, at 10:00 of their last day.
struct Rivals {
    facilities: [Account; 2],
    applicants: [Account; 2],
    redemptions: [String; 2],
    forms: [Value; 2],
}

async fn rivals(world: &World) -> Rivals {
    let one = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let other = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let invoices = json!({ "invoices": [world.invoice(9_000_000)] });
    let first = world.redemption_form(&one.facility, &one.contract, 9_000_000).await;
    let second = world.redemption_form(&other.facility, &other.contract, 9_000_000).await;
    let forms = [with(first, invoices.clone()), with(second, invoices)];
    let mut redemptions = Vec::new();
    for (form, facility) in forms.iter().zip([&one.facility, &other.facility]) {
        redemptions.push(id(&world.post("/redemptions").by(facility).json(form.clone()).send().await.expect(201)));
    }
    world.at("2026-03-16T10:00:00+08:00");
    Rivals {
        facilities: [one.facility, other.facility],
        applicants: [one.applicant, other.applicant],
        redemptions: redemptions.try_into().unwrap(),
        forms,
    }
}

impl Rivals {
    async fn submit(&self, world: &World, which: usize) -> crate::harness::Reply {
        world.do_redemption(&self.facilities[which], &self.redemptions[which], "submit").await
    }
}

async fn an_invoice_is_used_once_and_freed_by_a_withdrawal(world: World) {
    let rivals = rivals(&world).await;
    rivals.submit(&world, 0).await.expect(200);
    let before = world.see(&rivals.facilities[1], &rivals.redemptions[1]).await;
    let refusal = rivals.submit(&world, 1).await.refused_by("invoice_reused", "15.3");
    let number = rivals.forms[1]["invoices"][0]["number"].as_str().unwrap();
    assert!(refusal["detail"].as_str().unwrap().contains(number), "{refusal}");
    world
        .do_redemption(&rivals.facilities[1], &rivals.redemptions[1], "submit?dry_run=true")
        .await
        .refused(409, "invoice_reused");
    assert_eq!(world.see(&rivals.facilities[1], &rivals.redemptions[1]).await, before);

    // The same number under another code is another invoice.
    let mut form = rivals.forms[1].clone();
    form["invoices"][0]["code"] = json!("011002600112");
    world.rewrite(&rivals.facilities[1], &rivals.redemptions[1], form).await.expect(200);
    world.do_redemption(&rivals.facilities[1], &rivals.redemptions[1], "submit?dry_run=true").await.expect(200);
    world.rewrite(&rivals.facilities[1], &rivals.redemptions[1], rivals.forms[1].clone()).await.expect(200);

    world.do_redemption(&rivals.facilities[0], &rivals.redemptions[0], "withdraw").await.expect(200);
    rivals.submit(&world, 1).await.expect(200);
    // And now it is the first who cannot use it, in a new redemption of the same contract.
    let again = world.post("/redemptions").by(&rivals.facilities[0]).json(rivals.forms[0].clone()).send().await;
    let again = id(&again.expect(201));
    world.do_redemption(&rivals.facilities[0], &again, "submit").await.refused(409, "invoice_reused");
}

async fn an_invoice_is_kept_while_its_redemption_is_corrected(world: World) {
    let rivals = rivals(&world).await;
    rivals.submit(&world, 0).await.expect(200);
    let officer = world.officer().await;
    let remarks = json!({ "remarks": "请更换发票" });
    world.tell_redemption(&officer, &rivals.redemptions[0], "return", remarks).await.expect(200);
    rivals.submit(&world, 1).await.refused(409, "invoice_reused");
    // Saying the same again keeps it; another one frees it at once and is taken at once.
    world.rewrite(&rivals.facilities[0], &rivals.redemptions[0], rivals.forms[0].clone()).await.expect(200);
    rivals.submit(&world, 1).await.refused(409, "invoice_reused");
    let fresh = with(rivals.forms[0].clone(), json!({ "invoices": [world.invoice(9_000_000)] }));
    world.rewrite(&rivals.facilities[0], &rivals.redemptions[0], fresh.clone()).await.expect(200);
    rivals.submit(&world, 1).await.expect(200);
    let taken = world.rewrite(&rivals.facilities[0], &rivals.redemptions[0], rivals.forms[0].clone()).await;
    taken.refused_by("invoice_reused", "15.3");
    assert_eq!(world.see(&rivals.facilities[0], &rivals.redemptions[0]).await["invoices"], fresh["invoices"]);
    rivals.submit(&world, 0).await.expect(200);
}

async fn a_lapse_and_a_rejection_free_invoices(world: World) {
    let rivals = rivals(&world).await;
    rivals.submit(&world, 0).await.expect(200);
    let officer = world.reviewed(&rivals.applicants[0], &rivals.redemptions[0], 0).await;
    world.conclude(&officer, &rivals.redemptions[0], 0).await.expect(200);
    rivals.submit(&world, 1).await.refused(409, "invoice_reused");
    let approver = world.officer().await;
    world.do_redemption(&approver, &rivals.redemptions[0], "approve").await.expect(200);
    rivals.submit(&world, 1).await.expect(200);
    let remarks = json!({ "remarks": "请补正" });
    world.tell_redemption(&officer, &rivals.redemptions[1], "return", remarks).await.expect(200);
    world.at("2026-03-24T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.see(&officer, &rivals.redemptions[1]).await["status"], "void");
    let third = world.signed_contract(5_000_000, 10_000_000, "2026-03-25").await;
    let form = world.redemption_form(&third.facility, &third.contract, 9_000_000).await;
    let form = with(form, json!({ "invoices": rivals.forms[0]["invoices"] }));
    let redemption = id(&world.post("/redemptions").by(&third.facility).json(form).send().await.expect(201));
    world.at("2026-03-25T10:00:00+08:00");
    world.do_redemption(&third.facility, &redemption, "submit").await.expect(200);
}

/// On PostgreSQL a broken constraint spoils the transaction; what the refusal leaves behind must not.
async fn a_refused_invoice_is_refused_again_under_its_key(world: World) {
    let rivals = rivals(&world).await;
    rivals.submit(&world, 0).await.expect(200);
    let path = format!("/redemptions/{}/submit", rivals.redemptions[1]);
    let submit = || world.post(&path).by(&rivals.facilities[1]).key("submit-once").send();
    let first = submit().await.refused(409, "invoice_reused");
    world.do_redemption(&rivals.facilities[0], &rivals.redemptions[0], "withdraw").await.expect(200);
    assert_eq!(submit().await.refused(409, "invoice_reused"), first);
    rivals.submit(&world, 1).await.expect(200);
}
