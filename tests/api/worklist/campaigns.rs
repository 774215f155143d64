//! The people of a yearly assessment are told, reminded, and see what waits for them (Art. 13, 14; SPEC §9).

use serde_json::{Value, json};

use super::pairs;
use crate::assessing::given;
use crate::assessments::assessment_form;
use crate::harness::{Account, World, failed, id, only, with};
use crate::on_both_stores;

on_both_stores!(
    who_may_submit_is_told_and_reminded_until_it_is_handed_in,
    a_reminder_that_waits_is_not_sent_once_it_is_handed_in,
    experts_and_officers_see_the_next_step_of_a_campaign,
    facilities_are_told_of_their_visit_and_their_result,
    the_use_of_a_year_s_money_is_to_be_stated_once_the_year_is_over,
    what_becomes_of_a_subsidy_waits_for_officers_and_is_told,
);

const TITLE: &str = "2026 年度首都科技条件平台绩效考核";

impl World {
    /// What somebody was told of the assessment, the first first: kind, title and text.
    async fn told_of_assessment(&self, account: &Account) -> Vec<(String, String)> {
        let list = self.read(account, "/notifications?limit=200").await;
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        let items = list["items"].as_array().unwrap().iter().rev();
        let told = items.filter(|item| {
            let kind = item["kind"].as_str().unwrap();
            kind.starts_with("assessment_") || kind.starts_with("subsidy_") || kind == "deadline_near"
        });
        told.map(|item| (text(item, "kind"), format!("{} {}", text(item, "title"), text(item, "text")))).collect()
    }

    /// The kinds of it alone.
    async fn kinds_of_assessment(&self, account: &Account) -> Vec<String> {
        self.told_of_assessment(account).await.into_iter().map(|(kind, _)| kind).collect()
    }

    /// An assessment that takes submissions until 20 March.
    async fn brief_assessment(&self, officer: &Account) -> String {
        let form = with(assessment_form(), json!({ "submit_by": "2026-03-20" }));
        let assessment = id(&self.ask_assessment(officer, form).await.expect(201));
        self.ask_of(officer, &assessment, "announce").await.expect(200);
        assessment
    }
}

async fn who_may_submit_is_told_and_reminded_until_it_is_handed_in(world: World) {
    let officer = world.officer().await;
    let (quick, slow, banned) = (world.facility().await, world.facility().await, world.facility().await);
    let (newcomer, firm) = (world.drafted_facility(json!({})).await, world.enterprise().await);
    world.sanctioned(&banned, only("ban")).await;
    let none: [String; 0] = [];
    // What is only being prepared is told to nobody.
    let form = with(assessment_form(), json!({ "submit_by": "2026-03-20" }));
    let assessment = id(&world.ask_assessment(&officer, form).await.expect(201));
    assert_eq!(world.kinds_of_assessment(&quick).await, none);
    world.ask_of(&officer, &assessment, "announce").await.expect(200);
    for facility in [&quick, &slow] {
        let told = world.told_of_assessment(facility).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "assessment_announced");
        assert!(told[0].1.contains(TITLE) && told[0].1.contains("2026年3月20日"), "{told:?}");
        assert!(world.letter_to(&facility.email).wording.subject.contains(TITLE));
        assert_eq!(world.waiting(facility).await, pairs(&[("submit_assessment", &json!(TITLE))]));
        let item = world.the(facility, "submit_assessment").await;
        assert_eq!((&item["last_day"], &item["days_left"]), (&json!("2026-03-20"), &json!(18)));
        let deadlines = world.read(facility, "/me/deadlines?kind=assessment").await;
        assert_eq!((&deadlines["total"], &deadlines["items"][0]["subject_id"]), (&json!(1), &json!(assessment)));
        assert_eq!(deadlines["items"][0]["article"], "14");
    }
    for other in [&banned, &newcomer, &firm] {
        assert_eq!(world.kinds_of_assessment(other).await, none);
        assert_eq!(world.read(other, "/me/deadlines?kind=assessment").await["total"], 0);
    }
    assert!(!world.waiting(&banned).await.iter().any(|(task, _)| task == "submit_assessment"));

    world.handed_in(&quick, &assessment).await;
    assert_eq!(world.kinds_of_assessment(&quick).await, ["assessment_announced", "assessment_submitted"]);
    assert_eq!(world.waiting(&quick).await, []);
    world.at("2026-03-15T07:59:59+08:00");
    world.run_jobs();
    assert_eq!(world.kinds_of_assessment(&slow).await, ["assessment_announced"]);
    world.at("2026-03-15T08:00:00+08:00");
    world.run_jobs();
    world.run_jobs();
    let told = world.told_of_assessment(&slow).await;
    assert_eq!(told.len(), 2);
    assert!(told[1].1.contains("还有5天:提交绩效考核申报") && told[1].1.contains("2026年3月20日"), "{told:?}");
    assert!(world.letter_to(&slow.email).wording.subject.starts_with("还有5天:提交绩效考核申报"));
    assert_eq!(world.kinds_of_assessment(&quick).await.len(), 2, "what is handed in is not reminded of");
    // Written anew, it is to be handed in anew.
    let own = world.read(&quick, &format!("/assessments/{assessment}/submission")).await;
    let version = format!("\"{}\"", own["submission"]["version"]);
    world.ask_submission(&quick, &assessment, &version, &[]).await.expect(200);
    assert_eq!(world.waiting(&quick).await, pairs(&[("submit_assessment", &json!(TITLE))]));
    world.at("2026-03-19T08:00:00+08:00");
    world.run_jobs();
    for facility in [&quick, &slow] {
        let told = world.told_of_assessment(facility).await;
        assert_eq!(told.len(), 3);
        assert!(told[2].1.contains("还有1天:提交绩效考核申报"), "{told:?}");
    }
    assert_eq!(world.kinds_of_assessment(&banned).await, none);
    // Until the last instant of the last day.
    world.at("2026-03-20T23:59:59.999999+08:00");
    assert_eq!(world.waiting(&slow).await, pairs(&[("submit_assessment", &json!(TITLE))]));
    world.at("2026-03-21T00:00:00+08:00");
    assert_eq!(world.waiting(&slow).await, []);
    // Nothing was handed in: nothing is to be judged.
    assert_eq!(world.waiting(&officer).await, []);
}

async fn a_reminder_that_waits_is_not_sent_once_it_is_handed_in(world: World) {
    let (officer, facility) = (world.officer().await, world.facility().await);
    let assessment = world.brief_assessment(&officer).await;
    world.run_jobs();
    world.at("2026-03-15T08:00:00+08:00");
    let program = &world.program;
    let given =
        innovation_voucher::services::lease::under(program, "remind", innovation_voucher::services::deadlines::remind);
    assert_eq!(given.unwrap().unwrap(), 1);
    world.handed_in(&facility, &assessment).await;
    world.run_jobs();
    let letters = world.letters.all();
    let subjects = letters.iter().filter(|letter| letter.recipient == facility.email);
    let subjects: Vec<&str> = subjects.map(|letter| letter.wording.subject.as_str()).collect();
    assert!(subjects.iter().any(|subject| subject.contains("的申报已提交")), "{subjects:?}");
    assert!(!subjects.iter().any(|subject| subject.starts_with("还有")), "{subjects:?}");
}

async fn experts_and_officers_see_the_next_step_of_a_campaign(world: World) {
    let judging = world.judging(200_000_000).await;
    let (officer, other) = (&judging.officer, world.officer().await);
    let title = json!(TITLE);
    let next = async |task: &str| {
        for reader in [officer, &other] {
            assert_eq!(world.waiting(reader).await, pairs(&[(task, &title)]));
        }
        assert_eq!(world.the(officer, task).await["subject_id"], judging.assessment);
    };
    next("draw_assessment_panels").await;
    let experts = [world.expert().await, world.expert().await, world.expert().await];
    world.ask_of(officer, &judging.assessment, "panel").await.expect(200);
    assert_eq!(world.waiting(officer).await, []);
    let name = async |facility: &Account| world.read(facility, "/me").await["organization"]["name"].clone();
    for expert in &experts {
        let waiting = world.waiting(expert).await;
        assert_eq!(waiting.len(), 3);
        for facility in &judging.facilities {
            let task = pairs(&[("score_submission", &name(facility).await)]).remove(0);
            assert!(waiting.contains(&task), "{waiting:?}");
        }
        let told = world.told_of_assessment(expert).await;
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|(kind, text)| kind == "assessment_review_assigned" && text.contains(TITLE)));
        assert_eq!(world.read(expert, "/me/deadlines?kind=assessment_review").await["total"], 3);
    }
    // Somebody steps back: another is to be drawn, and is told.
    let review = world.open_reviews(&experts[0]).await.remove(0);
    let path = format!("/assessment-reviews/{}/recuse", id(&review));
    world.post(&path).by(&experts[0]).json(json!({ "reason": "曾参与其项目" })).send().await.expect(200);
    assert_eq!(world.waiting(&experts[0]).await.len(), 2);
    next("draw_assessment_panels").await;
    let another = world.expert().await;
    world.ask_of(officer, &judging.assessment, "panel").await.expect(200);
    assert_eq!(world.kinds_of_assessment(&another).await, ["assessment_review_assigned"]);
    for expert in experts.iter().chain([&another]) {
        assert_eq!(world.waiting(officer).await, []);
        for review in world.open_reviews(expert).await {
            world.ask_scores(expert, &review, given(95, false)).await.expect(200);
        }
        assert_eq!(world.waiting(expert).await, []);
    }
    next("draw_assessment_visits").await;
    let visits = world.ask_of(officer, &judging.assessment, "visits").await.expect(200)["visits"].clone();
    let visits = visits.as_array().unwrap();
    let waiting = world.waiting(&other).await;
    assert_eq!(waiting.len(), visits.len());
    assert!(waiting.iter().all(|(task, _)| task == "record_assessment_visit"), "{waiting:?}");
    for visit in visits {
        world.ask_visit(&judging, visit["submission_id"].as_str().unwrap(), "confirmed").await.expect(200);
    }
    next("grade_assessment").await;
    world.ask_grade(&judging, json!([])).await.expect(200);
    // Whoever proposed has nothing to do but wait.
    assert_eq!(world.waiting(officer).await, []);
    assert_eq!(world.waiting(&other).await, pairs(&[("approve_grades", &title)]));
    world.ask_of(&other, &judging.assessment, "approve").await.expect(200);
    assert!(!world.waiting(&other).await.iter().any(|(task, _)| task == "approve_grades"));
}

async fn facilities_are_told_of_their_visit_and_their_result(world: World) {
    let judging = world.judging(200_000_000).await;
    world.scored(&judging, [(95, true), (85, true), (95, true)]).await;
    world.visited(&judging, "confirmed").await;
    world.ask_grade(&judging, json!([])).await.expect(200);
    for facility in &judging.facilities {
        let kinds = world.kinds_of_assessment(facility).await;
        let last = kinds.last().map(String::as_str);
        assert_eq!(last, Some("assessment_visit_called"), "a proposal is told to nobody");
    }
    let other = world.officer().await;
    world.ask_of(&judging.officer, &judging.assessment, "approve").await.refused_by("same_person", "14");
    let kinds = world.kinds_of_assessment(&judging.facilities[0]).await;
    assert_eq!(kinds, ["assessment_submitted", "assessment_visit_called"], "nor is what was refused");
    world.ask_of(&other, &judging.assessment, "approve").await.expect(200);
    let [first, second, testing] = &judging.facilities;
    for (facility, kind, words) in [
        (first, "subsidy_approved", ["优秀", "1,000,000.00 元"]),
        (second, "subsidy_approved", ["良好", "400,000.00 元"]),
        (testing, "assessment_graded", ["优秀", "不安排后补助资金"]),
    ] {
        let told = world.told_of_assessment(facility).await;
        let (last, text) = told.last().unwrap();
        assert_eq!(last, kind);
        assert!(words.iter().all(|word| text.contains(word)) && text.contains(TITLE), "{text}");
        assert!(world.letter_to(&facility.email).wording.subject.contains(words[0]));
    }
}

async fn the_use_of_a_year_s_money_is_to_be_stated_once_the_year_is_over(world: World) {
    let paid = world.payable_redemption(5_000_000, 10_000_000, 10_000_000, 5_000_000).await;
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    let other = world.facility().await;
    let asked = async |facility: &Account| {
        let waiting = world.waiting(facility).await.into_iter();
        waiting.filter(|(task, _)| task == "state_funds").map(|(_, year)| year).collect::<Vec<_>>()
    };
    world.at("2026-12-31T23:59:59.999999+08:00");
    assert_eq!(asked(&paid.facility).await, [""; 0]);
    world.at("2027-01-01T00:00:00+08:00");
    assert_eq!(asked(&paid.facility).await, ["2026"]);
    assert_eq!(world.the(&paid.facility, "state_funds").await["last_day"], Value::Null, "the text sets no day");
    assert_eq!(asked(&other).await, [""; 0], "no money came");
    let form = json!({
        "service_income_fen": 10_000_000, "voucher_income_fen": 5_000_000, "subsidy_income_fen": 0,
        "costs_fen": 6_000_000, "incentive_fen": 2_800_000, "uses": [], "remarks": ""
    });
    let put = world.put("/fund-statements/2026").by(&paid.facility).header("if-match", "*");
    put.json(form).send().await.expect(200);
    assert_eq!(asked(&paid.facility).await, [""; 0]);
}

/// The stage, amount and quarter of what a facility expects, and whether it is held back.
async fn expected(world: &World, facility: &Account) -> Vec<(Value, Value, Value, Value)> {
    let forecast = world.read(facility, "/me/worklist").await["forecast"].clone();
    let payments = forecast["payments"].as_array().unwrap().iter();
    let field = |one: &Value, name: &str| one[name].clone();
    payments
        .map(|one| (field(one, "stage"), field(one, "amount_fen"), field(one, "quarter"), field(one, "is_suspended")))
        .collect()
}

async fn what_becomes_of_a_subsidy_waits_for_officers_and_is_told(world: World) {
    let (judging, officer) = world.decided_assessment(200_000_000).await;
    let [first, second, testing] = &judging.facilities;
    let name = async |facility: &Account| world.read(facility, "/me").await["organization"]["name"].clone();
    let (one, two) = (name(first).await, name(second).await);
    let last = async |facility: &Account| world.told_of_assessment(facility).await.pop().unwrap();
    // Grades without money are published too.
    let waiting = world.waiting(&officer).await;
    assert_eq!(waiting.iter().filter(|(task, _)| task == "publish_result").count(), 3, "{waiting:?}");
    let stage = |stage: &str, fen: i64| vec![(json!(stage), json!(fen), json!("2027Q1"), json!(false))];
    assert_eq!(expected(&world, first).await, stage("approved", 100_000_000));
    assert_eq!(expected(&world, testing).await, []);
    let notice = world.publish_results(&officer, &judging).await;
    assert_eq!(world.waiting(&officer).await, []);
    assert_eq!(expected(&world, second).await, stage("in_notice", 40_000_000));
    for (facility, words) in [(first, ["优秀", "1,000,000.00 元"]), (testing, ["优秀", "0.00 元"])] {
        let (kind, text) = last(facility).await;
        assert_eq!(kind, "assessment_published");
        assert!(words.iter().all(|word| text.contains(word)) && text.contains("1月"), "{text}");
    }

    let objection = world.object(&notice, 0).await;
    assert_eq!(world.waiting(&officer).await, pairs(&[("resolve_objection", &one)]));
    for account in [first, &officer] {
        let (kind, text) = last(account).await;
        assert_eq!(kind, "assessment_objected");
        assert!(text.contains(one.as_str().unwrap()), "{text}");
    }
    let upheld = json!({
        "outcome": "upheld", "grade": "good", "amount_fen": 50_000_000, "reasons": "部分数据重复计算"
    });
    world.resolve(&officer, &objection, upheld).await.expect(200);
    let (kind, text) = last(first).await;
    assert_eq!(kind, "assessment_objection_resolved");
    assert!(text.contains("变更为良好") && text.contains("500000.00") && text.contains("部分数据重复计算"), "{text}");
    assert_eq!(world.waiting(&officer).await, pairs(&[("publish_result", &one)]));
    assert_eq!(world.the(&officer, "publish_result").await["amount_fen"], 50_000_000);
    let again = world.ask_notice_of(&officer, "subsidy", &[&judging.submissions[0]]).await.expect(201);
    let idle = world.object(&again, 0).await;
    world.dismiss(&officer, &idle).await;
    assert!(last(first).await.1.contains("异议不成立"));
    world.end_of(&again);
    world.run_jobs();
    assert_eq!(last(first).await.0, "subsidy_payable");
    assert_eq!(last(testing).await.0, "assessment_published", "a grade alone pays nothing");
    let payable = pairs(&[("prepare_disbursement", &one), ("prepare_disbursement", &two)]);
    assert_eq!(world.waiting(&officer).await, payable);

    // What is suspended is named so, and promised in no quarter.
    world.sanctioned(second, only("suspend_payment")).await;
    let list = world.read(&officer, "/me/worklist").await["lists"].clone();
    let list = list.as_array().unwrap().iter().find(|list| list["task"] == "prepare_disbursement").unwrap();
    let notes: Vec<bool> = list["items"].as_array().unwrap().iter().map(|item| item["note"].is_string()).collect();
    assert_eq!(notes, [false, true]);
    assert_eq!(expected(&world, second).await[0].2, Value::Null);
    assert_eq!(expected(&world, second).await[0].3, true);
    let (batch, payer) = world.approved_batch().await;
    assert_eq!(expected(&world, first).await, stage("in_payment", 50_000_000));
    world.ask_results(&payer, &batch, json!([failed(&batch["lines"][0]["id"])])).await.expect(200);
    let (kind, text) = last(first).await;
    assert_eq!(kind, "subsidy_payment_failed");
    assert!(text.contains("账号与户名不符") && text.contains("500,000.00 元"), "{text}");
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    let (kind, text) = last(first).await;
    assert_eq!(kind, "subsidy_paid");
    assert!(text.contains("500,000.00 元"), "{text}");
    assert_eq!(expected(&world, first).await, []);
    // Its use is to be stated when the year is over.
    world.at("2028-01-01T00:00:00+08:00");
    assert_eq!(world.waiting(first).await, pairs(&[("state_funds", &json!("2027"))]));
}
