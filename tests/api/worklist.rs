//! What waits for whom, and what a facility can expect to be paid (SPEC §5, §6).

mod campaigns;

use serde_json::{Value, json};

use crate::harness::{Account, World, id, own_particulars, paid};
use crate::on_both_stores;

on_both_stores!(
    an_applicant_s_list_goes_from_its_facts_to_its_confirmation,
    a_facility_s_list_goes_from_the_proposal_to_the_redemption,
    an_officer_s_list_follows_a_redemption_and_leaves_out_what_is_another_s,
    doubts_and_objections_wait_for_an_officer,
    facilities_on_their_way_in_wait_for_both_sides,
    what_a_facility_can_expect_moves_from_contract_to_batch,
    what_falls_due_in_the_fourth_quarter_is_expected_in_the_next_year,
    nothing_waits_for_those_who_only_look_on,
);

impl World {
    /// What waits for somebody: each task with the name of its thing, list by list.
    async fn waiting(&self, account: &Account) -> Vec<(String, String)> {
        let worklist = self.read(account, "/me/worklist").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let lists = worklist["lists"].as_array().unwrap().iter();
        let items = lists.flat_map(|list| {
            assert_eq!(list["has_more"], false);
            list["items"].as_array().unwrap().iter().map(|item| (text(&list["task"]), text(&item["name"])))
        });
        items.collect()
    }

    /// The only thing of this task that waits for somebody.
    async fn the(&self, account: &Account, task: &str) -> Value {
        let worklist = self.read(account, "/me/worklist").await;
        let list = worklist["lists"].as_array().unwrap().iter().find(|list| list["task"] == task).unwrap();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        list["items"][0].clone()
    }

    /// What a facility expects: stage, amount and quarter of each payment.
    async fn expected(&self, facility: &Account) -> Vec<(String, i64, String)> {
        let forecast = self.read(facility, "/me/worklist").await["forecast"].clone();
        let payments = forecast["payments"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |one: &Value| (text(&one["stage"]), one["amount_fen"].as_i64().unwrap(), text(&one["quarter"]));
        payments.map(of).collect()
    }
}

fn pairs(expected: &[(&str, &Value)]) -> Vec<(String, String)> {
    expected.iter().map(|(task, name)| ((*task).to_owned(), name.as_str().unwrap().to_owned())).collect()
}

fn payment(stage: &str, amount_fen: i64, quarter: &str) -> Vec<(String, i64, String)> {
    vec![(stage.to_owned(), amount_fen, quarter.to_owned())]
}

async fn an_applicant_s_list_goes_from_its_facts_to_its_confirmation(world: World) {
    let newcomer = world.registered("enterprise").await;
    let name = world.read(&newcomer, "/me").await["organization"]["name"].clone();
    assert_eq!(world.waiting(&newcomer).await, pairs(&[("state_profile", &name)]));

    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    assert_eq!(world.waiting(&firm).await, []);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    let use_voucher = ("use_voucher", &voucher["number"]);
    assert_eq!(world.waiting(&firm).await, pairs(&[use_voucher]));
    let item = world.the(&firm, "use_voucher").await;
    assert_eq!((&item["deadline"], &item["days_left"]), (&voucher["register_by"], &json!(15)));

    let project = world.submitted_project(&firm, &facility, &[&id(&voucher)], 10_000_000).await;
    assert_eq!(world.waiting(&firm).await, pairs(&[use_voucher]));
    let path = format!("/projects/{project}/return");
    world.post(&path).by(&facility).json(json!({ "remarks": "请补充样品数量" })).send().await.expect(200);
    let title = json!("固态电池材料表征");
    assert_eq!(world.waiting(&firm).await, pairs(&[use_voucher, ("correct_project", &title)]));
    let item = world.the(&firm, "correct_project").await;
    assert_eq!((&item["subject_id"], &item["subject_kind"]), (&json!(project), &json!("project")));
    assert_eq!((&item["deadline"], &item["since"]), (&voucher["register_by"], &json!("2026-03-02T10:00:00+08:00")));
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.expect(200);
    let path = format!("/projects/{project}/accept");
    world.post(&path).by(&facility).json(json!({ "remarks": "" })).send().await.expect(200);
    let form = world.contract_form(&project, &[&id(&voucher)], 10_000_000, "2026-03-16");
    let contract = world.ask_contract(&facility, form).await.expect(201);
    assert_eq!(world.waiting(&firm).await, []);

    let redemption = world.redemption(&facility, &contract, 9_000_000).await;
    assert_eq!(world.waiting(&firm).await, pairs(&[("confirm_redemption", &contract["number"])]));
    assert_eq!(world.the(&firm, "confirm_redemption").await["deadline"], Value::Null);
    world.confirmed(&firm, &redemption).await;
    assert_eq!(world.waiting(&firm).await, []);
    // Nobody else's.
    assert_eq!(world.waiting(&world.enterprise().await).await, []);
}

async fn a_facility_s_list_goes_from_the_proposal_to_the_redemption(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility, other) = (world.enterprise().await, world.facility().await, world.facility().await);
    let first = world.claim(&firm, &cycle, 2_000_000).await;
    world.at("2026-03-04T10:00:00+08:00");
    let second = world.claim(&firm, &cycle, 3_000_000).await;
    let vouchers = [id(&second), id(&first)];
    let vouchers = [vouchers[0].as_str(), vouchers[1].as_str()];
    let project = world.submitted_project(&firm, &facility, &vouchers, 10_000_000).await;
    let title = json!("固态电池材料表征");
    assert_eq!(world.waiting(&facility).await, pairs(&[("decide_project", &title)]));
    let item = world.the(&facility, "decide_project").await;
    assert_eq!(item["deadline"], first["register_by"], "the first of its vouchers to die");
    assert_eq!((&item["amount_fen"], &item["subject_id"]), (&json!(10_000_000), &json!(project)));

    let path = format!("/projects/{project}/accept");
    world.post(&path).by(&facility).json(json!({ "remarks": "" })).send().await.expect(200);
    assert_eq!(world.waiting(&facility).await, pairs(&[("register_contract", &title)]));
    assert_eq!(world.the(&facility, "register_contract").await["deadline"], first["register_by"]);
    // At the instant at which the first dies, whether or not a job has written so.
    world.at("2026-03-18T00:00:00+08:00");
    assert_eq!(world.the(&facility, "register_contract").await["deadline"], second["register_by"]);

    let form = world.contract_form(&project, &vouchers[..1], 10_000_000, "2026-04-16");
    let contract = world.ask_contract(&facility, form).await.expect(201);
    let number = &contract["number"];
    assert_eq!(world.waiting(&facility).await, pairs(&[("perform_contract", number)]));
    let item = world.the(&facility, "perform_contract").await;
    assert_eq!((&item["last_day"], &item["deadline"]), (&json!("2026-04-16"), &Value::Null));
    world.at("2026-04-16T00:00:00+08:00");
    assert_eq!(world.waiting(&facility).await, pairs(&[("submit_redemption", number)]));
    assert_eq!(world.the(&facility, "submit_redemption").await["deadline"], contract["redeem_by"]);

    let redemption = world.redemption(&facility, &contract, 9_000_000).await;
    assert_eq!(world.waiting(&facility).await, []);
    let officer = world.officer().await;
    let remarks = json!({ "remarks": "服务报告缺页" });
    let returned = world.tell_redemption(&officer, &redemption, "return", remarks).await.expect(200);
    assert_eq!(world.waiting(&facility).await, pairs(&[("correct_redemption", number)]));
    assert_eq!(world.the(&facility, "correct_redemption").await["deadline"], returned["correct_by"]);
    assert_eq!(world.the(&firm, "confirm_redemption").await["deadline"], returned["correct_by"]);
    assert_eq!(world.waiting(&other).await, []);
}

async fn an_officer_s_list_follows_a_redemption_and_leaves_out_what_is_another_s(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let number = signed.contract["number"].clone();
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let (officer, approver) = (world.officer().await, world.officer().await);
    let list = async |task| {
        for reader in [&officer, &approver] {
            assert_eq!(world.waiting(reader).await, pairs(&[(task, &number)]));
        }
        world.the(&officer, task).await
    };
    let item = list("accept_redemption").await;
    assert!(item["note"].as_str().unwrap().contains("尚未确认"), "{item}");
    assert_eq!((&item["amount_fen"], &item["subject_id"]), (&json!(4_500_000), &json!(redemption)));
    world.confirmed(&signed.applicant, &redemption).await;
    assert_eq!(list("accept_redemption").await["note"], Value::Null);
    world.tell_redemption(&officer, &redemption, "accept", json!({ "remarks": "" })).await.expect(200);
    list("draw_panel").await;
    for _ in 0..3 {
        world.expert().await;
    }
    for expert in world.draw_panel(&officer, &redemption).await {
        assert_eq!(world.waiting(&officer).await, []);
        assert_eq!(world.waiting(&expert).await, pairs(&[("give_review", &number)]));
        world.give_review(&expert, &redemption, world.review_form(4_500_000, 4_500_000)).await.expect(200);
        assert_eq!(world.waiting(&expert).await, []);
    }
    list("conclude_review").await;
    world.conclude(&officer, &redemption, 4_500_000).await.expect(200);
    // Whoever concluded has nothing to do but wait.
    assert_eq!(world.waiting(&officer).await, []);
    assert_eq!(world.waiting(&approver).await, pairs(&[("approve_review", &number)]));
    world.do_redemption(&approver, &redemption, "approve").await.expect(200);
    list("publish_redemption").await;
    let notice = world.publish(&approver, &[&redemption]).await;
    assert_eq!(world.waiting(&officer).await, []);
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(list("prepare_disbursement").await["opens_on"], Value::Null);
    let batch = world.ask_batch(&officer, None).await.expect(201);
    let title = &batch["title"];
    assert_eq!(world.waiting(&officer).await, []);
    assert_eq!(world.waiting(&approver).await, pairs(&[("approve_disbursement", title)]));
    let path = format!("/disbursements/{}/approve", id(&batch));
    let batch = world.post(&path).by(&approver).send().await.expect(200);
    for reader in [&officer, &approver] {
        assert_eq!(world.waiting(reader).await, pairs(&[("record_payments", title)]));
    }
    world.pay(&officer, &batch).await;
    assert_eq!(world.waiting(&officer).await, []);
}

async fn doubts_and_objections_wait_for_an_officer(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let number = signed.contract["number"].clone();
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    for _ in 0..3 {
        world.expert().await;
    }
    for expert in world.draw_panel(&officer, &redemption).await {
        let mut form = world.review_form(4_500_000, 4_500_000);
        form["is_doubtful"] = json!(true);
        world.give_review(&expert, &redemption, form).await.expect(200);
    }
    assert_eq!(world.waiting(&officer).await, pairs(&[("arrange_inquiry", &number)]));
    let visit = json!({ "kind": "site_visit", "scheduled_at": "2026-03-18T14:00:00+08:00" });
    let inquiry = world.tell_redemption(&officer, &redemption, "inquiries", visit).await.expect(201);
    assert_eq!(world.waiting(&officer).await, pairs(&[("record_inquiry", &number)]));
    let item = world.the(&officer, "record_inquiry").await;
    assert_eq!((&item["subject_id"], &item["opens_on"]), (&inquiry["id"], &json!("2026-03-18")));
    world.at("2026-03-18T16:00:00+08:00");
    let record = json!({ "outcome": "confirmed", "record": "现场核实无误" });
    let path = format!("/inquiries/{}", id(&inquiry));
    world.put(&path).by(&officer).header("if-match", "*").json(record).send().await.expect(200);
    world.conclude(&officer, &redemption, 4_500_000).await.expect(200);
    let approver = world.officer().await;
    world.do_redemption(&approver, &redemption, "approve").await.expect(200);

    let notice = world.publish(&officer, &[&redemption]).await;
    let (first, second) = (world.object(&notice, 0).await, world.object(&notice, 0).await);
    let waiting = pairs(&[("resolve_objection", &number), ("resolve_objection", &number)]);
    assert_eq!(world.waiting(&officer).await, waiting);
    let upheld = json!({ "outcome": "upheld", "amount_fen": 4_000_000, "reasons": "部分费用不属于服务内容" });
    world.resolve(&officer, &first, upheld).await.expect(200);
    let waiting = pairs(&[("publish_redemption", &number), ("resolve_objection", &number)]);
    assert_eq!(world.waiting(&officer).await, waiting);
    let item = world.the(&officer, "publish_redemption").await;
    assert_eq!(item["amount_fen"], 4_000_000);
    assert!(item["note"].as_str().unwrap().contains("异议"), "{item}");
    assert_eq!(world.the(&officer, "resolve_objection").await["subject_id"], json!(second));
    let dismissed = json!({ "outcome": "dismissed", "reasons": "经核实,服务属实" });
    world.resolve(&officer, &second, dismissed).await.expect(200);
    assert_eq!(world.the(&officer, "publish_redemption").await["note"], Value::Null);
}

async fn facilities_on_their_way_in_wait_for_both_sides(world: World) {
    let account = world.registered("facility").await;
    let name = world.read(&account, "/me").await["organization"]["name"].clone();
    let apply = pairs(&[("apply_as_facility", &name)]);
    assert_eq!(world.waiting(&account).await, apply);
    let form = own_particulars();
    world.put("/me/facility").by(&account).header("if-match", "*").json(form.clone()).send().await.expect(200);
    assert_eq!(world.waiting(&account).await, apply);
    let hand_in = async || {
        let form = world.application_form(&account).await;
        id(&world.ask_application(&account, form).await.expect(201)["application"])
    };
    let application = hand_in().await;
    assert_eq!(world.waiting(&account).await, []);
    let officer = world.officer().await;
    assert_eq!(world.waiting(&officer).await, pairs(&[("decide_application", &name)]));
    assert_eq!(world.the(&officer, "decide_application").await["subject_id"], json!(application));
    let returned = json!({ "decision": "return", "remarks": "缺少财务制度" });
    world.decide(&officer, &application, returned).await.expect(200);
    assert_eq!((world.waiting(&officer).await, world.waiting(&account).await), (vec![], apply));
    assert!(world.the(&account, "apply_as_facility").await["note"].as_str().unwrap().contains("退回"));
    let application = hand_in().await;
    world.decide(&officer, &application, json!({ "decision": "approve" })).await.expect(200);
    assert_eq!(world.waiting(&officer).await, pairs(&[("publish_facility", &name)]));
    let notice = world.ask_facility_notice(&officer, &[&account.organization_id]).await.expect(201);
    let objection = world.object(&notice, 0).await;
    assert_eq!(world.waiting(&officer).await, pairs(&[("resolve_objection", &name)]));
    world.dismiss(&officer, &objection).await;
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!((world.waiting(&officer).await, world.waiting(&account).await), (vec![], vec![]));
    // What an officer looks at before it holds.
    let mut moved = form;
    moved["nature"] = json!("institute");
    let facility = world.read(&account, "/me/facility").await;
    world.put("/me/facility").by(&account).if_match(&facility["version"]).json(moved).send().await.expect(200);
    assert_eq!(world.waiting(&officer).await, pairs(&[("decide_facility_change", &name)]));
    let exit = json!({ "reason": "业务调整", "last_day": "2026-06-30" });
    world.post("/me/facility/exit").by(&account).json(exit).send().await.expect(200);
    assert_eq!(world.waiting(&account).await, pairs(&[("prepare_exit", &name)]));
    assert_eq!(world.the(&account, "prepare_exit").await["last_day"], "2026-06-30");
}

async fn what_a_facility_can_expect_moves_from_contract_to_batch(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let facility = signed.facility.clone();
    // Five working days after the last day of the contract it is still March; a week later it is not.
    assert_eq!(world.expected(&facility).await, payment("contracted", 5_000_000, "2026Q1"));
    world.at("2026-03-24T10:00:00+08:00");
    assert_eq!(world.expected(&facility).await, payment("contracted", 5_000_000, "2026Q2"));
    let contract = world.read(&facility, "/me/worklist").await["forecast"]["payments"][0].clone();
    assert_eq!((&contract["subject_kind"], &contract["subject_id"]), (&json!("contract"), &signed.contract["id"]));
    // A draft changes nothing.
    world.draft_redemption(&facility, &signed.contract, 9_000_000).await;
    assert_eq!(world.expected(&facility).await, payment("contracted", 5_000_000, "2026Q2"));
    let redemption = world.read(&facility, "/redemptions").await["items"][0]["id"].as_str().unwrap().to_owned();
    world.do_redemption(&facility, &redemption, "submit").await.expect(200);
    assert_eq!(world.expected(&facility).await, payment("under_review", 4_500_000, "2026Q2"));

    let approved = world.approve_signed(signed, redemption.clone(), 4_000_000).await;
    assert_eq!(world.expected(&facility).await, payment("approved", 4_000_000, "2026Q2"));
    let notice = world.publish(&approved.approver, &[&redemption]).await;
    assert_eq!(world.expected(&facility).await, payment("in_notice", 4_000_000, "2026Q2"));
    world.end_of(&notice);
    world.run_jobs();
    assert_eq!(world.expected(&facility).await, payment("payable", 4_000_000, "2026Q2"));
    world.at("2026-09-30T10:00:00+08:00");
    let (batch, officer) = world.approved_batch().await;
    assert_eq!(world.expected(&facility).await, payment("in_payment", 4_000_000, "2026Q3"));
    // The bank's answer may come when nothing new is paid any more.
    world.at("2026-10-09T10:00:00+08:00");
    let forecast = world.read(&facility, "/me/worklist").await["forecast"].clone();
    assert_eq!(
        forecast["quarters"],
        json!([{
            "quarter": "2026Q3", "approved_fen": 4_000_000, "under_review_fen": 0, "contracted_fen": 0,
            "at_most_fen": 4_000_000
        }])
    );
    world.ask_results(&officer, &batch, json!([paid(&batch["lines"][0]["id"])])).await.expect(200);
    assert_eq!(world.expected(&facility).await, []);
    // Nobody else's money.
    assert_eq!(world.expected(&world.facility().await).await, []);
}

async fn what_falls_due_in_the_fourth_quarter_is_expected_in_the_next_year(world: World) {
    world.at("2026-09-14T10:00:00+08:00");
    let approved = world.approved_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    // Of the same facility a contract that is not done yet: its notice ends after the quarter's end.
    let firm = world.enterprise().await;
    let voucher = world.claim(&firm, &approved.cycle, 2_000_000).await;
    world.contract(&firm, &approved.facility, &[&id(&voucher)], 4_000_000, "2026-10-30").await;
    let forecast = world.read(&approved.facility, "/me/worklist").await["forecast"].clone();
    let next_year = |approved: i64, contracted: i64| {
        json!([{
            "quarter": "2027Q1", "approved_fen": approved, "under_review_fen": 0, "contracted_fen": contracted,
            "at_most_fen": approved + contracted
        }])
    };
    // 28 September and five working days over the National Day holiday.
    assert_eq!(forecast["quarters"], next_year(5_000_000, 2_000_000));
    let notice = world.publish(&approved.approver, &[&approved.redemption]).await;
    world.end_of(&notice);
    world.run_jobs();
    let forecast = world.read(&approved.facility, "/me/worklist").await["forecast"].clone();
    assert_eq!(forecast["quarters"], next_year(5_000_000, 2_000_000));
    let item = world.the(&approved.concluder, "prepare_disbursement").await;
    assert_eq!(item["opens_on"], "2027-01-01");
}

async fn nothing_waits_for_those_who_only_look_on(world: World) {
    for reader in [&world.auditor().await, &world.admin().await] {
        world.get("/me/worklist").by(reader).send().await.refused(403, "forbidden");
    }
    world.get("/me/worklist").send().await.refused(401, "unauthenticated");
    let officer = world.officer().await;
    let english = world.get("/me/worklist").by(&officer).header("accept-language", "en").send().await.expect(200);
    assert_eq!((&english["part"], &english["forecast"]), (&json!("officer"), &Value::Null));
    let lists = english["lists"].as_array().unwrap();
    assert_eq!(lists.len(), 22);
    assert_eq!(
        (&lists[0]["title"], &lists[0]["article"]),
        (&json!("Decide an application of a facility"), &json!("6"))
    );
    assert!(lists.iter().all(|list| list["items"] == json!([])));
    let applicant = world.read(&world.enterprise().await, "/me/worklist").await;
    assert_eq!((&applicant["part"], &applicant["forecast"]), (&json!("applicant"), &Value::Null));
}
