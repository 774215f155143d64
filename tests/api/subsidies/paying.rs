//! Subsidies are paid through the same batches as redemptions, by two officers.

use innovation_voucher::services::ports::Clock;
use innovation_voucher::services::verification::verify;
use serde_json::{Value, json};

use super::accounts;
use crate::assessing::Judging;
use crate::harness::{Account, Approved, Reply, Signed, World, failed, id, only, paid, with};
use crate::on_both_stores;

on_both_stores!(
    a_whole_assessment_goes_from_its_notice_to_its_payment,
    what_is_named_is_paid_and_what_is_not_payable_is_refused,
    a_failed_line_is_payable_again_and_nothing_is_paid_twice,
    what_is_suspended_between_approval_and_payment_waits,
    the_fourth_quarter_pays_subsidies_and_carries_redemptions,
);

impl World {
    /// A decided campaign of three whose notice is over, and the officer who published it.
    async fn payable_results(&self, budget_fen: i64) -> (Judging, Account) {
        let (judging, officer) = self.decided_assessment(budget_fen).await;
        let notice = self.publish_results(&officer, &judging).await;
        self.end_of(&notice);
        (judging, officer)
    }

    /// Prepares a batch of what is named.
    async fn ask_batch_of(&self, officer: &Account, named: Value) -> Reply {
        let body = with(json!({ "title": "后补助拨付" }), named);
        self.post("/disbursements").by(officer).json(body).send().await
    }

    async fn ask_batch_approval(&self, officer: &Account, batch: &Value) -> Reply {
        self.post(&format!("/disbursements/{}/approve", id(batch))).by(officer).send().await
    }
}

/// A redemption of a cycle of 2027 whose notice is over.
async fn payable_in_2027(world: &World) -> Approved {
    let (opens_at, closes_at) = ("2027-01-01T00:00:00+08:00", "2027-12-31T18:00:00+08:00");
    let window = json!({ "budget_fen": 100_000_000, "opens_at": opens_at, "closes_at": closes_at });
    let cycle = world.open_cycle_with(window).await;
    let (applicant, facility) = (world.enterprise().await, world.facility().await);
    let voucher = world.claim(&applicant, &cycle, 5_000_000).await;
    let ends_on = (world.clock.now().day() + chrono::Days::new(14)).to_string();
    let contract = world.contract(&applicant, &facility, &[&id(&voucher)], 10_000_000, &ends_on).await;
    let signed = Signed { contract, voucher, cycle, applicant, facility };
    let redemption = world.redemption(&signed.facility, &signed.contract, 10_000_000).await;
    let approved = world.approve_signed(signed, redemption, 5_000_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    approved
}

/// The line of a batch that pays this submission.
fn line_of<'a>(batch: &'a Value, submission: &str) -> &'a Value {
    batch["lines"].as_array().unwrap().iter().find(|line| line["submission_id"] == submission).unwrap()
}

async fn a_whole_assessment_goes_from_its_notice_to_its_payment(world: World) {
    let (judging, officer) = world.payable_results(200_000_000).await;
    let [first, second, third] = &judging.submissions;
    let path = format!("/assessments/{}", judging.assessment);
    // Everything that is payable by now, written so or not.
    let batch = world.ask_batch(&officer, None).await.expect(201);
    assert_eq!((&batch["total_fen"], batch["lines"].as_array().unwrap().len()), (&json!(140_000_000), 2));
    let line = line_of(&batch, first);
    assert_eq!((&line["kind"], &line["assessment_year"]), (&json!("subsidy"), &json!(2026)));
    assert_eq!((&line["amount_fen"], &line["status"]), (&json!(100_000_000), &json!("pending")));
    assert_eq!((line.get("redemption_id"), line.get("contract_number")), (None, None));
    assert_eq!(line["facility_id"], json!(judging.facilities[0].organization_id));
    assert_eq!(world.submission_status(first).await, "in_payment");
    let decided = world.read(&officer, &format!("/disbursements/{}", id(&batch))).await;
    assert_eq!(line_of(&decided, second)["amount_fen"], 40_000_000);
    world.ask_batch_approval(&officer, &batch).await.refused_by("same_person", "15.5");
    let payer = world.officer().await;
    let batch = world.ask_batch_approval(&payer, &batch).await.expect(200);
    let export = world.get(&format!("/disbursements/{}/export", id(&batch))).by(&payer).send().await;
    assert_eq!(export.status, 200);
    let file = String::from_utf8(export.bytes.to_vec()).unwrap();
    assert!(file.contains("绩效考核后补助") && file.contains("1000000.00") && file.contains(first), "{file}");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 140_000_000, 0, 0));
    let settled = world.pay(&payer, &batch).await;
    assert_eq!(settled["status"], "settled");
    assert_eq!(world.submission_status(first).await, "paid");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 0, 140_000_000, 0));
    world.run_jobs();
    assert_eq!(world.submission_status(third).await, "concluded");
    let results = world.get(&format!("{path}/results")).send().await.expect(200);
    let given: Vec<_> = results["items"].as_array().unwrap().iter().map(|one| one["subsidy_fen"].clone()).collect();
    assert_eq!(given, [100_000_000, 40_000_000, 0]);
    // The records of the year in which it came say so, to the facility that states its funds.
    let own = world.read(&judging.facilities[0], "/fund-statements/2027").await;
    let known = &own["known_subsidy_income"];
    assert_eq!((&known["value"], &known["sources"][0]["id"]), (&json!(100_000_000), &json!(first)));
    assert_eq!(own["known_voucher_income"]["value"], 0);
    let report = verify(&world.program).unwrap();
    assert_eq!((report.fault, report.submissions, report.entries), (None, 3, 5));
    let events = [
        "assessment_submission_written",
        "assessment_submission_handed_in",
        "assessment_review_given",
        "subsidy_approved",
        "submission_published",
        "subsidy_payable",
        "subsidy_in_payment",
        "subsidy_paid",
    ];
    let auditor = world.auditor().await;
    for event in events {
        let found = world.read(&auditor, &format!("/audit-events?action={event}&subject_id={first}")).await;
        assert_ne!(found["items"], json!([]), "{event}");
    }
}

async fn what_is_named_is_paid_and_what_is_not_payable_is_refused(world: World) {
    let (judging, officer) = world.decided_assessment(200_000_000).await;
    let [first, second, third] = &judging.submissions;
    let named = |ids: &[&str]| json!({ "submission_ids": ids });
    world.ask_batch_of(&officer, named(&[first])).await.refused_by("invalid_state", "14");
    let notice = world.publish_results(&officer, &judging).await;
    let running = world.ask_batch_of(&officer, named(&[second, first])).await.refused(409, "notice_running");
    assert_eq!(running["fields"][0]["field"], "submission_ids[0]");
    let objection = world.object(&notice, 0).await;
    world.end_of(&notice);
    let open = world.ask_batch_of(&officer, named(&[second, first])).await.refused(409, "objection_open");
    assert_eq!(open["fields"][0]["field"], "submission_ids[1]");
    assert_eq!(world.submission_status(first).await, "in_notice");
    world.dismiss(&officer, &objection).await;
    world.ask_batch_of(&officer, named(&[])).await.refused_field("submission_ids");
    world.ask_batch_of(&officer, named(&[first, first])).await.refused_field("submission_ids[1]");
    let unknown = world.ask_batch_of(&officer, named(&[first, &judging.assessment])).await.refused(404, "not_found");
    assert_eq!(unknown["fields"][0]["field"], "submission_ids[1]");
    world.ask_batch_of(&officer, json!({ "redemption_ids": [first] })).await.refused(404, "not_found");
    // What is given nothing is not paid.
    world.ask_batch_of(&officer, named(&[third])).await.refused_by("invalid_state", "14");
    world.run_jobs();
    world.ask_batch_of(&officer, named(&[third])).await.refused_by("invalid_state", "14");
    world.ask_batch_of(&judging.facilities[0], named(&[first])).await.refused(403, "forbidden");
    // Both kinds in one batch, and nothing that is not named.
    let approved = payable_in_2027(&world).await;
    let both = json!({ "redemption_ids": [approved.redemption], "submission_ids": [second] });
    let batch = world.ask_batch_of(&officer, both).await.expect(201);
    assert_eq!((&batch["total_fen"], batch["lines"].as_array().unwrap().len()), (&json!(45_000_000), 2));
    let redemption = &batch["lines"][0];
    assert_eq!(
        (&redemption["kind"], &redemption["redemption_id"]),
        (&json!("redemption"), &json!(approved.redemption))
    );
    assert_eq!(redemption.get("submission_id"), None);
    let payer = world.officer().await;
    let batch = world.ask_batch_approval(&payer, &batch).await.expect(200);
    world.pay(&payer, &batch).await;
    assert_eq!(world.submission_status(first).await, "payable");
    assert_eq!(world.submission_status(second).await, "paid");
    assert_eq!(world.redemption_status(&payer, &approved.redemption).await, "paid");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 100_000_000, 40_000_000, 0));
    assert_eq!(world.accounts(&approved.cycle).await["paid"], 5_000_000);
}

async fn a_failed_line_is_payable_again_and_nothing_is_paid_twice(world: World) {
    let (judging, officer) = world.payable_results(200_000_000).await;
    let [first, second, _] = &judging.submissions;
    let batch = world.ask_batch(&officer, None).await.expect(201);
    let again = world.ask_batch_of(&officer, json!({ "submission_ids": [first] })).await;
    again.refused_by("invalid_state", "14");
    world.ask_batch(&officer, None).await.refused(409, "invalid_state");
    let payer = world.officer().await;
    let batch = world.ask_batch_approval(&payer, &batch).await.expect(200);
    let lines = json!([failed(&line_of(&batch, first)["id"]), paid(&line_of(&batch, second)["id"])]);
    let settled = world.ask_results(&payer, &batch, lines).await.expect(200);
    assert_eq!(settled["status"], "settled");
    assert_eq!(line_of(&settled, first)["reason"], "账号与户名不符");
    assert_eq!(world.submission_status(first).await, "payable");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 100_000_000, 40_000_000, 0));
    world.ask_batch_of(&officer, json!({ "submission_ids": [second] })).await.refused_by("invalid_state", "14");
    let (next, payer) = world.approved_batch().await;
    assert_eq!((next["lines"].as_array().unwrap().len(), &next["total_fen"]), (1, &json!(100_000_000)));
    world.pay(&payer, &next).await;
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 0, 140_000_000, 0));
}

async fn what_is_suspended_between_approval_and_payment_waits(world: World) {
    let (judging, officer) = world.payable_results(200_000_000).await;
    let [first, second, _] = &judging.submissions;
    let prepared = world.ask_batch(&officer, None).await.expect(201);
    let payer = world.officer().await;
    let batch = world.ask_batch_approval(&payer, &prepared).await.expect(200);
    let place = batch["lines"].as_array().unwrap().iter().position(|line| line["submission_id"] == *first).unwrap();
    let sanctioned = world.sanctioned(&judging.facilities[0], only("suspend_payment")).await;
    let export = world.get(&format!("/disbursements/{}/export", id(&batch))).by(&payer).send().await;
    let held = export.refused_by("payment_suspended", "17");
    assert_eq!(held["fields"][0]["field"], format!("lines[{place}]"));
    let withhold = || world.post(&format!("/disbursements/{}/withhold", id(&batch))).by(&payer).send();
    let withheld = withhold().await.expect(200);
    assert_eq!(line_of(&withheld, first)["status"], "failed");
    withhold().await.refused_by("invalid_state", "17");
    assert_eq!(world.submission_status(first).await, "payable");
    let settled = world.ask_results(&payer, &batch, json!([paid(&line_of(&batch, second)["id"])])).await.expect(200);
    assert_eq!(settled["status"], "settled");
    // While it lasts it is in no batch, named or not.
    let named = json!({ "submission_ids": [first] });
    world.ask_batch_of(&officer, named.clone()).await.refused_by("payment_suspended", "17");
    world.ask_batch(&officer, None).await.refused(409, "invalid_state");
    assert_eq!(world.assessment_accounts(&judging.assessment).await, accounts(60_000_000, 100_000_000, 40_000_000, 0));
    world.ask_lift(&payer, &sanctioned["sanctions"][0]).await.expect(200);
    let batch = world.ask_batch_of(&officer, named).await.expect(201);
    // Suspended again before the second officer looks.
    world.sanctioned(&judging.facilities[0], only("suspend_payment")).await;
    world.ask_batch_approval(&payer, &batch).await.refused_by("payment_suspended", "17");
    assert_eq!(world.submission_status(first).await, "in_payment");
}

async fn the_fourth_quarter_pays_subsidies_and_carries_redemptions(world: World) {
    let (judging, officer) = world.payable_results(200_000_000).await;
    let approved = payable_in_2027(&world).await;
    world.at("2027-10-08T10:00:00+08:00");
    let both = json!({ "redemption_ids": [approved.redemption], "submission_ids": [judging.submissions[0]] });
    world.ask_batch_of(&officer, both).await.refused_by("quarter_closed", "15.5");
    let batch = world.ask_batch(&officer, None).await.expect(201);
    assert_eq!((&batch["quarter"], &batch["total_fen"]), (&json!("2027Q4"), &json!(140_000_000)));
    let payer = world.officer().await;
    let batch = world.ask_batch_approval(&payer, &batch).await.expect(200);
    world.pay(&payer, &batch).await;
    // What is left is redemptions, which wait for the next year.
    world.ask_batch(&officer, None).await.refused_by("quarter_closed", "15.5");
    assert_eq!(world.redemption_status(&payer, &approved.redemption).await, "payable");
    world.at("2028-01-03T10:00:00+08:00");
    world.ask_batch(&officer, None).await.expect(201);
}
