//! The yearly assessment of facilities: its notice, what facilities submit, and how they used the money
//! (Art. 11, 13, 14).

use serde_json::{Value, json};
use voucher_domain::facility::FacilityStatus;

use crate::harness::{Account, Reply, World, id, with};
use crate::on_both_stores;

on_both_stores!(
    an_assessment_is_prepared_announced_and_stays_as_it_is,
    what_it_is_judged_by_has_a_form,
    the_figures_are_those_of_the_records_and_stay_as_they_were_handed_in,
    a_submission_is_taken_to_the_end_of_the_last_day,
    only_a_facility_that_serves_submits_and_only_its_own,
    a_year_s_funds_are_stated_beside_what_the_records_say,
);

fn criteria() -> Value {
    let weights = [
        ("operation", 2_000),
        ("opening_rules", 1_000),
        ("openness", 2_000),
        ("service_quality", 1_500),
        ("voucher_work", 2_000),
        ("results", 1_500),
    ];
    let weights: Vec<_> = weights
        .iter()
        .map(|(criterion, weight_bps)| json!({ "criterion": criterion, "weight_bps": weight_bps }))
        .collect();
    json!({
        "weights": weights, "thresholds": { "excellent_bps": 9_000, "good_bps": 8_000, "qualified_bps": 6_000 },
        "max_excellent_share_bps": 3_000, "visit_share_bps": 1_000, "outlier_bps": 1_500, "panel_size": 3
    })
}

/// An assessment of 2026 that takes submissions until the end of the year.
pub fn assessment_form() -> Value {
    json!({
        "title": "2026 年度首都科技条件平台绩效考核", "year": 2026, "submit_by": "2026-12-31",
        "budget_fen": 500_000_000, "criteria": criteria()
    })
}

impl World {
    /// Prepares an assessment.
    pub async fn ask_assessment(&self, officer: &Account, form: Value) -> Reply {
        self.post("/assessments").by(officer).json(form).send().await
    }

    /// The id of an assessment of 2026 that takes submissions until the end of the year.
    pub async fn open_assessment(&self) -> String {
        let officer = self.officer().await;
        let assessment = id(&self.ask_assessment(&officer, assessment_form()).await.expect(201));
        self.post(&format!("/assessments/{assessment}/announce")).by(&officer).send().await.expect(200);
        assessment
    }

    /// Writes a submission over this version of it.
    pub async fn ask_submission(&self, facility: &Account, assessment: &str, version: &str, files: &[&str]) -> Reply {
        let form = json!({ "statement": "全年开放运行情况良好", "file_ids": files });
        let put = self.put(&format!("/assessments/{assessment}/submission")).by(facility);
        put.header("if-match", version).json(form).send().await
    }

    async fn ask_submit(&self, facility: &Account, assessment: &str) -> Reply {
        self.post(&format!("/assessments/{assessment}/submit")).by(facility).send().await
    }
}

/// A figure by its name: its value, and the ids of its records.
fn figure(figures: &Value, name: &str) -> (i64, Vec<String>) {
    let found = figures.as_array().unwrap().iter().find(|figure| figure["figure"] == name).unwrap();
    let sources = found["sources"].as_array().unwrap().iter();
    (found["value"].as_i64().unwrap(), sources.map(id).collect())
}

async fn an_assessment_is_prepared_announced_and_stays_as_it_is(world: World) {
    let (officer, facility) = (world.officer().await, world.facility().await);
    let made = world.ask_assessment(&officer, assessment_form()).await.expect(201);
    assert_eq!((&made["status"], &made["is_open"]), (&json!("draft"), &json!(false)));
    assert_eq!((&made["policy"], &made["closes_at"]), (&json!("kejifa-2023-16"), &json!("2027-01-01T00:00:00+08:00")));
    let path = format!("/assessments/{}", id(&made));
    // Nobody but the commission sees a draft.
    world.get(&path).send().await.refused(404, "not_found");
    world.get(&path).by(&facility).send().await.refused(404, "not_found");
    world.get(&format!("{path}/submission")).by(&facility).send().await.refused(404, "not_found");
    assert_eq!(world.get("/assessments").send().await.expect(200)["items"], json!([]));
    assert_eq!(world.read(&officer, "/assessments").await["items"][0]["id"], made["id"]);
    world.read(&world.auditor().await, &path).await;
    // A year has one.
    let again = world.ask_assessment(&officer, assessment_form()).await.refused_by("already_exists", "11");
    assert_eq!(again["status"], 409);

    let change = json!({ "budget_fen": 600_000_000, "submit_by": "2026-11-30" });
    world.patch(&path).by(&officer).json(change.clone()).send().await.refused(428, "precondition_required");
    let patch = || world.patch(&path).by(&officer).if_match(&made["version"]).json(change.clone());
    let changed = patch().send().await.expect(200);
    assert_eq!((&changed["budget_fen"], &changed["submit_by"]), (&json!(600_000_000), &json!("2026-11-30")));
    patch().send().await.refused(412, "precondition_failed");
    world.post(&format!("{path}/announce")).by(&facility).send().await.refused(403, "forbidden");
    let announced = world.post(&format!("{path}/announce")).by(&officer).send().await.expect(200);
    assert_eq!((&announced["status"], &announced["is_open"]), (&json!("announced"), &json!(true)));
    assert_eq!(world.get(&path).send().await.expect(200), announced);
    assert_eq!(world.get("/assessments").send().await.expect(200)["items"][0], announced);
    // Facilities rely on it.
    let patch = world.patch(&path).by(&officer).if_match(&announced["version"]).json(change.clone());
    patch.send().await.refused_by("invalid_state", "14");
    world.post(&format!("{path}/announce")).by(&officer).send().await.refused_by("invalid_state", "14");
}

async fn what_it_is_judged_by_has_a_form(world: World) {
    let officer = world.officer().await;
    let refused = async |form: Value| {
        let refusal = world.ask_assessment(&officer, form).await.refused(422, "validation_failed");
        let fields = refusal["fields"].as_array().unwrap().iter();
        fields.map(|fault| fault["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let judged_by = |more: Value| with(assessment_form(), json!({ "criteria": with(criteria(), more) }));
    assert_eq!(refused(judged_by(json!({ "weights": [] }))).await, ["criteria.weights", "criteria.weights"]);
    assert_eq!(refused(judged_by(json!({ "panel_size": 0 }))).await, ["criteria.panel_size"]);
    assert_eq!(refused(judged_by(json!({ "visit_share_bps": 10_001 }))).await, ["criteria.visit_share_bps"]);
    assert_eq!(refused(with(assessment_form(), json!({ "year": 2027 }))).await, ["year"]);
    assert_eq!(refused(with(assessment_form(), json!({ "submit_by": "2026-03-01" }))).await, ["submit_by"]);
    let unknown = world.ask_assessment(&officer, judged_by(json!({ "mood": 1 }))).await;
    unknown.refused(422, "unknown_field");
    assert_eq!(world.read(&officer, "/assessments").await["items"], json!([]));
    // One that nobody announced in time is not announced any more.
    let made = world.ask_assessment(&officer, with(assessment_form(), json!({ "submit_by": "2026-03-02" }))).await;
    let path = format!("/assessments/{}/announce", id(&made.expect(201)));
    world.at("2026-03-03T00:00:00+08:00");
    world.post(&path).by(&officer).send().await.refused_field("submit_by");
}

async fn the_figures_are_those_of_the_records_and_stay_as_they_were_handed_in(world: World) {
    let assessment = world.open_assessment().await;
    let approved = world.payable_redemption(5_000_000, 10_000_000, 9_000_000, 4_500_000).await;
    let (facility, officer) = (approved.facility.clone(), approved.approver.clone());
    let instrument = world.instrument_with(&facility, json!({})).await;
    let path = format!("/assessments/{assessment}/submission");
    let own = world.read(&facility, &path).await;
    assert_eq!(own["submission"], Value::Null);
    let (contract, redemption) = (id(&approved.contract), approved.redemption.clone());
    let figures = &own["figures"];
    assert_eq!(figure(figures, "instruments"), (1, vec![instrument.clone()]));
    assert_eq!(figure(figures, "instrument_value_fen"), (1_200_000_000, vec![instrument]));
    assert_eq!(figure(figures, "services").0, 1);
    assert_eq!(figure(figures, "contracts"), (1, vec![contract.clone()]));
    assert_eq!(figure(figures, "redemptions"), (1, vec![redemption.clone()]));
    assert_eq!(figure(figures, "rating_hundredths"), (500, vec![redemption.clone()]));
    assert_eq!(figure(figures, "paid_fen"), (0, vec![]));
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    let figures = world.read(&facility, &path).await["figures"].clone();
    assert_eq!(figure(&figures, "paid_fen"), (4_500_000, vec![redemption.clone()]));
    assert_eq!(figure(&figures, "payments"), (1, vec![redemption.clone()]));
    // Each figure is that of the record itself.
    let record = world.read(&officer, &format!("/redemptions/{redemption}")).await;
    assert_eq!((&record["approved_fen"], &record["status"]), (&json!(4_500_000), &json!("paid")));
    let record = world.read(&officer, &format!("/contracts/{contract}")).await;
    let amount = record["actual_amount_fen"].as_i64().unwrap_or(record["amount_fen"].as_i64().unwrap());
    assert_eq!(figure(&figures, "contract_amount_fen"), (amount, vec![contract]));

    let file = world.upload(&facility, "申报书.pdf").await;
    world.ask_submission(&facility, &assessment, "*", &[&file]).await.expect(200);
    let handed_in = world.ask_submit(&facility, &assessment).await.expect(200)["submission"].clone();
    assert_eq!((&handed_in["status"], &handed_in["figures"]), (&json!("submitted"), &figures));
    // What comes later does not change what was handed in.
    world.instrument_with(&facility, json!({})).await;
    let own = world.read(&facility, &path).await;
    assert_eq!(figure(&own["figures"], "instruments").0, 2);
    assert_eq!(own["submission"], handed_in);
    let shown = world.read(&officer, &format!("/assessment-submissions/{}", id(&handed_in))).await;
    assert_eq!(shown, handed_in);
    let listed = world.read(&officer, &format!("/assessments/{assessment}/submissions?status=submitted")).await;
    assert_eq!(listed["items"][0]["facility_name"], handed_in["facility_name"]);
    assert_eq!(world.get(&format!("/files/{file}")).by(&officer).send().await.status, 200);
}

async fn a_submission_is_taken_to_the_end_of_the_last_day(world: World) {
    let (assessment, facility) = (world.open_assessment().await, world.facility().await);
    let waiting = async || {
        let lists = world.read(&facility, "/me/worklist").await["lists"].clone();
        let list = lists.as_array().unwrap().iter().find(|list| list["task"] == "submit_assessment").unwrap();
        list["items"].as_array().unwrap().iter().map(|item| item["last_day"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [json!("2026-12-31")]);
    world.ask_submit(&facility, &assessment).await.refused(404, "not_found");
    world.ask_submission(&facility, &assessment, "\"1\"", &[]).await.refused(412, "precondition_failed");
    let blank = world.put(&format!("/assessments/{assessment}/submission")).by(&facility).header("if-match", "*");
    blank.json(json!({ "statement": " " })).send().await.refused_field("statement");
    let written = world.ask_submission(&facility, &assessment, "*", &[]).await.expect(200);
    assert_eq!((&written["submission"]["status"], &written["submission"]["version"]), (&json!("draft"), &json!(1)));
    world.ask_submit(&facility, &assessment).await.refused_by("evidence_missing", "14");
    let file = world.upload(&facility, "附件.pdf").await;
    world.ask_submission(&facility, &assessment, "\"1\"", &[&file]).await.expect(200);
    world.ask_submission(&facility, &assessment, "\"1\"", &[&file]).await.refused(412, "precondition_failed");
    world.at("2026-12-31T23:59:59+08:00");
    world.ask_submit(&facility, &assessment).await.expect(200);
    assert_eq!(waiting().await, [json!(null); 0]);
    world.ask_submit(&facility, &assessment).await.refused_by("invalid_state", "14");
    // It may be written anew, and is a draft until it is handed in again.
    let rewritten = world.ask_submission(&facility, &assessment, "*", &[&file]).await.expect(200);
    assert_eq!(
        (&rewritten["submission"]["status"], &rewritten["submission"]["submitted_at"]),
        (&json!("draft"), &Value::Null)
    );
    assert_eq!(waiting().await, [json!("2026-12-31")]);
    let before = world.read(&facility, &format!("/assessments/{assessment}/submission")).await;
    world.at("2027-01-01T00:00:00+08:00");
    assert_eq!(waiting().await, [json!(null); 0]);
    world.ask_submit(&facility, &assessment).await.refused_by("invalid_state", "14");
    world.ask_submission(&facility, &assessment, "*", &[&file]).await.refused_by("invalid_state", "14");
    assert_eq!(
        world.read(&facility, &format!("/assessments/{assessment}/submission")).await["submission"],
        before["submission"]
    );
}

async fn only_a_facility_that_serves_submits_and_only_its_own(world: World) {
    let assessment = world.open_assessment().await;
    let joining = world.drafted_facility(json!({})).await;
    world.ask_submission(&joining, &assessment, "*", &[]).await.refused_by("facility_not_active", "11");
    let (facility, other) = (world.facility().await, world.facility().await);
    let stolen = world.upload(&facility, "附件.pdf").await;
    world.ask_submission(&other, &assessment, "*", &[&stolen]).await.refused_field("file_ids[0]");
    assert_eq!(world.read(&other, &format!("/assessments/{assessment}/submission")).await["submission"], Value::Null);
    world.ask_submission(&facility, &assessment, "*", &[&stolen]).await.expect(200);
    assert_eq!(world.read(&other, &format!("/assessments/{assessment}/submission")).await["submission"], Value::Null);
    world.get(&format!("/files/{stolen}")).by(&other).send().await.refused(404, "not_found");
    world.facility_becomes(&facility, FacilityStatus::Exited, None);
    world.ask_submit(&facility, &assessment).await.refused_by("facility_not_active", "11");
    let firm = world.enterprise().await;
    world.ask_submission(&firm, &assessment, "*", &[]).await.refused(403, "forbidden");
    world.get(&format!("/assessments/{assessment}/submissions")).by(&facility).send().await.refused(403, "forbidden");
}

async fn a_year_s_funds_are_stated_beside_what_the_records_say(world: World) {
    let approved = world.payable_redemption(5_000_000, 10_000_000, 9_000_000, 4_500_000).await;
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    let facility = approved.facility.clone();
    let own = world.read(&facility, "/fund-statements/2026").await;
    assert_eq!(own["statement"], Value::Null);
    assert_eq!(
        (&own["known_voucher_income"]["value"], &own["known_voucher_income"]["sources"][0]["id"]),
        (&json!(4_500_000), &json!(approved.redemption))
    );
    let form = json!({
        "service_income_fen": 10_000_000, "voucher_income_fen": 4_500_000, "subsidy_income_fen": 0,
        "costs_fen": 6_000_000, "incentive_fen": 2_799_999,
        "uses": [{ "purpose": "incentives", "amount_fen": 2_799_999 }], "remarks": ""
    });
    let put = |year: &str, version: &str, form: Value| {
        world.put(&format!("/fund-statements/{year}")).by(&facility).header("if-match", version).json(form)
    };
    put("2026", "\"1\"", form.clone()).send().await.refused(412, "precondition_failed");
    put("2027", "*", form.clone()).send().await.refused_field("year");
    put("26", "*", form.clone()).send().await.refused(404, "not_found");
    let more = with(form.clone(), json!({ "voucher_income_fen": 10_000_001 }));
    put("2026", "*", more).send().await.refused_field("voucher_income_fen");
    let stated = put("2026", "*", form.clone()).send().await.expect(200)["statement"].clone();
    assert_eq!(stated["stated"], form);
    // Just below the usual floor: shown, not refused (可).
    assert_eq!(
        stated["incentive"],
        json!({
            "surplus_fen": 4_000_000, "share_bps": 6_999, "floor_bps": 7_000, "floor_fen": 2_800_000,
            "reaches_floor": false
        })
    );
    let at_floor = with(form.clone(), json!({ "incentive_fen": 2_800_000 }));
    let stated = put("2026", "\"1\"", at_floor).send().await.expect(200)["statement"].clone();
    assert_eq!((&stated["incentive"]["reaches_floor"], &stated["version"]), (&json!(true), &json!(2)));
    put("2026", "\"1\"", form.clone()).send().await.refused(412, "precondition_failed");
    let officer = world.officer().await;
    assert_eq!(world.read(&officer, "/fund-statements?year=2026").await["items"], json!([stated]));
    assert_eq!(world.read(&officer, "/fund-statements?year=2025").await["items"], json!([]));
    world.get("/fund-statements").by(&facility).send().await.refused(403, "forbidden");
    assert_eq!(world.read(&world.facility().await, "/fund-statements/2026").await["statement"], Value::Null);
}
