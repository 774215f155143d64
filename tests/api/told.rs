//! Who is told what on a voucher's way from claim to payment (SPEC §9).

use serde_json::{Value, json};

use crate::harness::{Account, World, failed, id};
use crate::on_both_stores;

on_both_stores!(
    both_sides_are_told_of_every_step,
    what_goes_back_is_told_with_its_reason,
    a_review_is_told_to_its_expert_and_its_end_to_both_sides,
    an_objection_is_told_without_its_name,
    what_lapses_is_told_to_whoever_lost_it,
    a_refused_act_tells_nobody,
);

async fn told(world: &World, account: &Account) -> Vec<Value> {
    world.tell_claims();
    let page = world.get("/notifications?limit=200").by(account).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// The kinds that somebody was told since then, the first one first; every one went by letter too.
async fn since(world: &World, account: &Account, seen: &mut usize) -> Vec<String> {
    let items = told(world, account).await;
    let new: Vec<&Value> = items.iter().rev().skip(*seen).collect();
    *seen = items.len();
    if let Some(newest) = items.first() {
        let letter = world.letter_to(&account.email);
        assert_eq!(letter.id.to_string(), newest["id"].as_str().unwrap());
    }
    new.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

fn text(item: &Value) -> &str {
    item["text"].as_str().unwrap()
}

async fn both_sides_are_told_of_every_step(world: World) {
    let (firm, facility, cycle) =
        (world.enterprise().await, world.facility().await, world.open_cycle(100_000_000).await);
    let (mut of_firm, mut of_facility) = (0, 0);
    let voucher = id(&world.claim(&firm, &cycle, 5_000_000).await);
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["voucher_claimed"]);
    let project = world.accepted_project(&firm, &facility, &[&voucher], 12_000_000).await;
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["project_accepted"]);
    assert_eq!(since(&world, &facility, &mut of_facility).await, ["project_submitted"]);
    let accepted = &told(&world, &firm).await[0];
    assert!(text(accepted).contains("同意承接") && text(accepted).contains("固态电池材料表征"), "{accepted}");

    let form = world.contract_form(&project, &[&voucher], 12_000_000, "2026-03-20");
    let contract = world.ask_contract(&facility, form).await.expect(201);
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["contract_registered"]);
    assert_eq!(since(&world, &facility, &mut of_facility).await, ["contract_registered"]);
    let registered = &told(&world, &facility).await[0];
    assert_eq!(registered["subject_id"], contract["id"]);
    // 1 month from 20 March.
    assert!(text(registered).contains("2026年4月20日") && text(registered).contains("120,000.00 元"), "{registered}");

    let change = json!({ "ends_on": "2026-03-18" });
    let path = format!("/contracts/{}", id(&contract));
    world.patch(&path).by(&facility).if_match(&contract["version"]).json(change).send().await.expect(200);
    let done = json!({ "completed_on": "2026-03-06", "actual_amount_fen": 11_000_000 });
    world.at("2026-03-06T10:00:00+08:00");
    let completed = world.post(&format!("{path}/complete")).by(&facility).json(done).send().await.expect(200);
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["contract_amended", "contract_completed"]);
    assert_eq!(since(&world, &facility, &mut of_facility).await, ["contract_amended"]);
    assert!(text(&told(&world, &firm).await[0]).contains("110,000.00 元"));

    let redemption = world.redemption(&facility, &completed, 11_000_000).await;
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["redemption_submitted"]);
    let officer = world.accepted_redemption(&firm, &redemption).await;
    assert_eq!(since(&world, &facility, &mut of_facility).await, ["redemption_confirmed", "redemption_accepted"]);
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["redemption_accepted"]);
    let signed = world.redemption_status(&officer, &redemption).await;
    assert_eq!(signed, "in_review");
}

async fn what_goes_back_is_told_with_its_reason(world: World) {
    let (firm, facility, cycle) =
        (world.enterprise().await, world.facility().await, world.open_cycle(100_000_000).await);
    let act = async |project: &str, action: &str, remarks: &str| {
        let path = format!("/projects/{project}/{action}");
        world.post(&path).by(&facility).json(json!({ "remarks": remarks })).send().await.expect(200);
    };
    let voucher = id(&world.claim(&firm, &cycle, 5_000_000).await);
    world.tell_claims();
    let project = world.submitted_project(&firm, &facility, &[&voucher], 10_000_000).await;
    act(&project, "return", "请说明样品数量").await;
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.expect(200);
    act(&project, "decline", "设备检修中").await;
    let items = told(&world, &firm).await;
    assert_eq!((&items[1]["kind"], &items[0]["kind"]), (&json!("project_returned"), &json!("project_declined")));
    assert!(text(&items[1]).contains("请说明样品数量") && text(&items[0]).contains("设备检修中"), "{items:?}");

    let contract = world.contract(&firm, &facility, &[&voucher], 12_000_000, "2026-03-20").await;
    let redemption = world.redemption(&facility, &contract, 12_000_000).await;
    let disagrees = json!({ "agrees": false, "remarks": "报告未交付" });
    world.tell_redemption(&firm, &redemption, "confirm", disagrees).await.expect(200);
    let disputed = &told(&world, &facility).await[0];
    assert_eq!(disputed["kind"], "redemption_disputed");
    assert!(text(disputed).contains("报告未交付"), "{disputed}");
    let officer = world.officer().await;
    let returned = json!({ "remarks": "请补充报告" });
    world.tell_redemption(&officer, &redemption, "return", returned).await.expect(200);
    for account in [&firm, &facility] {
        let returned = &told(&world, account).await[0];
        assert_eq!(returned["kind"], "redemption_returned");
        // Friday 20 March and 5 working days.
        assert!(text(returned).contains("请补充报告") && text(returned).contains("2026年3月27日"), "{returned}");
    }
    world.do_redemption(&facility, &redemption, "withdraw").await.expect(200);
    assert_eq!(told(&world, &firm).await[0]["kind"], "redemption_withdrawn");
    let terminated = format!("/contracts/{}/terminate", id(&contract));
    world.post(&terminated).by(&facility).json(json!({ "reason": "双方协商一致" })).send().await.expect(200);
    let ended = &told(&world, &firm).await[0];
    assert_eq!(ended["kind"], "contract_terminated");
    assert!(text(ended).contains("双方协商一致"), "{ended}");
}

async fn a_review_is_told_to_its_expert_and_its_end_to_both_sides(world: World) {
    let signed = world.signed_contract(5_000_000, 12_000_000, "2026-03-20").await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 12_000_000).await;
    let (firm, facility) = (signed.applicant.clone(), signed.facility.clone());
    let (mut of_firm, mut of_facility) = (told(&world, &firm).await.len(), told(&world, &facility).await.len());
    let approved = world.approve_signed(signed, redemption, 4_500_000).await;
    let reviews = world.read(&approved.concluder, &format!("/redemptions/{}/reviews", approved.redemption)).await;
    for review in reviews["items"].as_array().unwrap() {
        let expert = world.known_expert(review["expert_id"].as_str().unwrap());
        let items = told(&world, &expert).await;
        assert_eq!((items.len(), &items[0]["kind"]), (1, &json!("review_assigned")));
        assert_eq!((&items[0]["subject_kind"], &items[0]["subject_id"]), (&json!("review"), &review["id"]));
        // Who the parties are is in the materials, which are read on record.
        assert!(!text(&items[0]).contains("单位"), "{}", items[0]);
    }
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["redemption_accepted", "redemption_approved"]);
    assert!(text(&told(&world, &firm).await[0]).contains("45,000.00 元"));

    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    world.run_jobs();
    let (batch, officer) = world.approved_batch().await;
    world.ask_results(&officer, &batch, json!([failed(&batch["lines"][0]["id"])])).await.expect(200);
    let failure = &told(&world, &facility).await[0];
    assert_eq!(failure["kind"], "payment_failed");
    assert!(text(failure).contains("账号与户名不符"), "{failure}");
    let (batch, officer) = world.approved_batch().await;
    world.pay(&officer, &batch).await;
    assert_eq!(since(&world, &firm, &mut of_firm).await, ["redemption_published", "payment_paid"]);
    let all = ["redemption_confirmed", "redemption_accepted", "redemption_approved", "redemption_published"];
    let end = ["redemption_payable", "payment_failed", "payment_paid"];
    assert_eq!(since(&world, &facility, &mut of_facility).await, [&all[..], &end[..]].concat());
}

async fn an_objection_is_told_without_its_name(world: World) {
    let approved = world.approved_redemption(5_000_000, 12_000_000, 12_000_000, 5_000_000).await;
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    let (first, second) = (world.object(&notice, 0).await, world.object(&notice, 0).await);
    for account in [&approved.facility, &approved.approver] {
        let made = &told(&world, account).await[0];
        assert_eq!((&made["kind"], &made["subject_id"]), (&json!("objection_made"), &json!(second)));
        assert!(!made.to_string().contains("郑直") && !made.to_string().contains("13911112222"), "{made}");
    }
    world.dismiss(&approved.approver, &first).await;
    let upheld = json!({ "outcome": "upheld", "amount_fen": 3_000_000, "reasons": "部分服务未完成" });
    world.resolve(&approved.approver, &second, upheld).await.expect(200);
    for account in [&approved.facility, &approved.applicant] {
        let items = told(&world, account).await;
        let kinds = (&items[1]["kind"], &items[0]["kind"]);
        assert_eq!(kinds, (&json!("objection_dismissed"), &json!("objection_upheld")));
        assert!(text(&items[0]).contains("30,000.00 元") && text(&items[0]).contains("部分服务未完成"), "{items:?}");
    }
}

async fn what_lapses_is_told_to_whoever_lost_it(world: World) {
    let (firm, facility, cycle) =
        (world.enterprise().await, world.facility().await, world.open_cycle(100_000_000).await);
    let given_back = id(&world.claim(&firm, &cycle, 1_000_000).await);
    world.post(&format!("/vouchers/{given_back}/cancel")).by(&firm).send().await.expect(200);
    let cancelled = &told(&world, &firm).await[0];
    assert_eq!((&cancelled["kind"], &cancelled["subject_id"]), (&json!("voucher_voided"), &json!(given_back)));
    let overdue = id(&world.claim(&firm, &cycle, 1_000_000).await);
    let bound = id(&world.claim(&firm, &cycle, 1_000_000).await);
    world.contract(&firm, &facility, &[&bound], 12_000_000, "2026-03-20").await;
    world.at("2026-03-18T00:00:00+08:00");
    world.run_jobs();
    let lapsed = &told(&world, &firm).await[0];
    assert_eq!((&lapsed["kind"], &lapsed["subject_id"]), (&json!("voucher_voided"), &json!(overdue)));
    assert!(text(lapsed).contains("逾期未登记合同"), "{lapsed}");
    assert_eq!(told(&world, &facility).await[0]["kind"], "contract_registered");
    world.at("2026-04-21T00:00:00+08:00");
    world.run_jobs();
    for account in [&firm, &facility] {
        let lapsed = &told(&world, account).await[0];
        assert_eq!((&lapsed["kind"], &lapsed["subject_id"]), (&json!("voucher_voided"), &json!(bound)));
        assert!(text(lapsed).contains("逾期未申请兑现"), "{lapsed}");
    }
}

async fn a_refused_act_tells_nobody(world: World) {
    let (firm, facility, cycle) = (world.enterprise().await, world.facility().await, world.open_cycle(1_000_000).await);
    let voucher = id(&world.claim(&firm, &cycle, 500_000).await);
    let claimed = told(&world, &firm).await;
    world.ask_claim(&firm, &cycle, 500_001).await.refused(409, "pool_exhausted");
    let dry = json!({ "cycle_id": cycle, "amount_fen": 1, "declaration": true });
    world.post("/vouchers?dry_run=true").by(&firm).json(dry).send().await.expect(201);
    let project = world.submitted_project(&firm, &facility, &[&voucher], 1_000_000).await;
    world.run_jobs();
    let (seen, sent) = (told(&world, &facility).await, world.letters_sent());
    let remarks = json!({ "remarks": "" });
    world
        .post(&format!("/projects/{project}/return"))
        .by(&facility)
        .json(remarks)
        .send()
        .await
        .refused_field("remarks");
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.refused(409, "invalid_state");
    world.run_jobs();
    assert_eq!((told(&world, &firm).await, told(&world, &facility).await), (claimed, seen));
    assert_eq!(world.letters_sent(), sent);
}
