//! How submissions to the yearly assessment are scored, visited, graded and decided (Art. 11, 14).

use serde_json::{Value, json};
use voucher_storage::StorageError;
use voucher_storage::assessment::AssessmentReview;

use crate::assessments::assessment_form;
use crate::harness::{Account, Approved, Reply, World, id, with, without};
use crate::on_both_stores;

on_both_stores!(
    an_assessment_goes_from_its_panels_to_its_results,
    a_budget_that_does_not_suffice_is_refused_with_a_proposal,
    who_steps_back_is_replaced_and_who_is_tied_is_not_drawn,
    what_a_visit_does_not_confirm_costs_the_grade,
);

/// A campaign of three facilities whose time is over: of class I, of class II, and one whose main business is
/// testing for others.
pub struct Judging {
    pub assessment: String,
    /// The officer who made it and proposes its grades.
    pub officer: Account,
    pub facilities: [Account; 3],
    pub submissions: [String; 3],
}

impl World {
    /// Does something to an assessment that takes no body.
    pub async fn ask_of(&self, account: &Account, assessment: &str, what: &str) -> Reply {
        self.post(&format!("/assessments/{assessment}/{what}")).by(account).send().await
    }

    /// The campaign of three, with this budget.
    pub async fn judging(&self, budget_fen: i64) -> Judging {
        let officer = self.officer().await;
        let mut form = with(assessment_form(), json!({ "budget_fen": budget_fen }));
        form["criteria"] = without(form["criteria"].clone(), "max_excellent_share_bps");
        let assessment = id(&self.post("/assessments").by(&officer).json(form).send().await.expect(201));
        self.ask_of(&officer, &assessment, "announce").await.expect(200);
        let facilities = [
            self.facility().await,
            self.facility().await,
            self.facility_with(json!({ "is_third_party_testing": true })).await,
        ];
        let mut submissions = Vec::new();
        for (facility, value_fen) in facilities.iter().zip([1_000_000_000_i64, 999_999_999, 500_000_000]) {
            self.instrument_with(facility, json!({ "original_value_fen": value_fen })).await;
            submissions.push(self.handed_in(facility, &assessment).await);
        }
        self.at("2027-01-01T00:00:00+08:00");
        Judging { assessment, officer, facilities, submissions: submissions.try_into().unwrap() }
    }

    /// The id of a submission that a facility has handed in.
    pub async fn handed_in(&self, facility: &Account, assessment: &str) -> String {
        let file = self.upload(facility, "申报书.pdf").await;
        let form = json!({ "statement": "全年开放运行情况良好", "file_ids": [file] });
        let put = self.put(&format!("/assessments/{assessment}/submission")).by(facility).header("if-match", "*");
        put.json(form).send().await.expect(200);
        id(&self.ask_of(facility, assessment, "submit").await.expect(200)["submission"])
    }

    /// The reviews of an expert that are open.
    pub async fn open_reviews(&self, expert: &Account) -> Vec<Value> {
        self.read(expert, "/assessment-reviews?status=assigned").await["items"].as_array().unwrap().clone()
    }

    /// An expert who was drawn for a submission.
    fn someone_drawn(&self) -> String {
        let reviews = self
            .program
            .store
            .read(|tx| -> Result<_, StorageError> { AssessmentReview::page(tx, AssessmentReview::all(), None, 1) });
        reviews.unwrap().items.remove(0).expert_id.to_string()
    }

    /// Gives an expert's scores.
    pub async fn ask_scores(&self, expert: &Account, review: &Value, form: Value) -> Reply {
        let put = self.put(&format!("/assessment-reviews/{}", id(review))).by(expert);
        put.if_match(&review["version"]).json(form).send().await
    }

    /// Three new experts are drawn for every submission, and give each its score.
    pub async fn scored(&self, judging: &Judging, scores: [(u8, bool); 3]) {
        let experts = [self.expert().await, self.expert().await, self.expert().await];
        self.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200);
        for expert in &experts {
            for review in self.open_reviews(expert).await {
                let place = judging.submissions.iter().position(|id| review["submission_id"] == *id).unwrap();
                let (score, is_doubtful) = scores[place];
                self.ask_scores(expert, &review, given(score, is_doubtful)).await.expect(200);
            }
        }
    }

    /// Draws the visits, and records that each found this.
    pub async fn visited(&self, judging: &Judging, outcome: &str) -> Vec<Value> {
        let drawn = self.ask_of(&judging.officer, &judging.assessment, "visits").await.expect(200);
        let visits = drawn["visits"].as_array().unwrap().clone();
        for visit in &visits {
            self.ask_visit(judging, visit["submission_id"].as_str().unwrap(), outcome).await.expect(200);
        }
        visits
    }

    /// Records what a visit found.
    pub async fn ask_visit(&self, judging: &Judging, submission: &str, outcome: &str) -> Reply {
        let form = json!({ "outcome": outcome, "record": "现场查看设备与记录" });
        let put = self.put(&format!("/assessment-submissions/{submission}/visit")).by(&judging.officer);
        put.header("if-match", "*").json(form).send().await
    }

    /// Proposes grades.
    pub async fn ask_grade(&self, judging: &Judging, subsidies: Value) -> Reply {
        let path = format!("/assessments/{}/grade", judging.assessment);
        self.post(&path).by(&judging.officer).json(json!({ "subsidies": subsidies })).send().await
    }

    /// A campaign of three that is decided: class I excellent, class II good, and one that is given nothing for what
    /// its main business is. The officer is answered who decided.
    pub async fn decided_assessment(&self, budget_fen: i64) -> (Judging, Account) {
        let judging = self.judging(budget_fen).await;
        self.scored(&judging, [(95, false), (85, false), (95, false)]).await;
        self.visited(&judging, "confirmed").await;
        self.ask_grade(&judging, json!([])).await.expect(200);
        let decider = self.officer().await;
        self.ask_of(&decider, &judging.assessment, "approve").await.expect(200);
        (judging, decider)
    }

    /// The seven accounts of an assessment's budget.
    pub async fn assessment_accounts(&self, assessment: &str) -> Value {
        let officer = self.officer().await;
        self.read(&officer, &format!("/assessments/{assessment}")).await["accounts"].clone()
    }

    /// The id of this expert's review in an assessment of 2025, to which the approved one's facility submits and
    /// for which all experts are drawn. The clock is moved to the next day.
    pub async fn assigned_assessment_review(&self, approved: &Approved, expert: &Account) -> String {
        let officer = &approved.concluder;
        let mut form = with(assessment_form(), json!({ "year": 2025, "submit_by": self.today() }));
        form["criteria"]["panel_size"] = json!(self.count_of_experts());
        let assessment = id(&self.post("/assessments").by(officer).json(form).send().await.expect(201));
        self.ask_of(officer, &assessment, "announce").await.expect(200);
        self.handed_in(&approved.facility, &assessment).await;
        let tomorrow = self.read(officer, &format!("/assessments/{assessment}")).await["closes_at"].clone();
        self.at(tomorrow.as_str().unwrap());
        self.ask_of(officer, &assessment, "panel").await.expect(200);
        id(&self.open_reviews(expert).await[0])
    }
}

/// Scores of an expert, the same for each criterion.
pub fn given(score: u8, is_doubtful: bool) -> Value {
    let six = ["operation", "opening_rules", "openness", "service_quality", "voucher_work", "results"];
    let scores: Vec<_> = six.iter().map(|criterion| json!({ "criterion": criterion, "score": score })).collect();
    json!({ "scores": scores, "is_doubtful": is_doubtful, "opinion": "情况属实" })
}

/// What is proposed for a submission: class, grade, cap and subsidy.
fn award(proposal: &Value, submission: &str) -> (String, String, i64, i64) {
    let awards = proposal["awards"].as_array().unwrap();
    let found = awards.iter().find(|award| award["submission_id"] == submission).unwrap();
    let text = |field: &str| found["award"][field].as_str().unwrap().to_owned();
    let cap = found["award"]["cap_fen"].as_i64().unwrap();
    (text("class"), text("grade"), cap, found["subsidy_fen"].as_i64().unwrap())
}

fn expected(class: &str, grade: &str, cap_fen: i64, subsidy_fen: i64) -> (String, String, i64, i64) {
    (class.to_owned(), grade.to_owned(), cap_fen, subsidy_fen)
}

async fn an_assessment_goes_from_its_panels_to_its_results(world: World) {
    let judging = world.judging(200_000_000).await;
    let (officer, path) = (&judging.officer, format!("/assessments/{}", judging.assessment));
    // Nobody fits yet, and nothing has happened.
    world.ask_of(officer, &judging.assessment, "panel").await.refused(409, "invalid_state");
    assert_eq!(world.read(officer, &path).await["status"], "announced");
    world.ask_of(officer, &judging.assessment, "visits").await.refused_by("invalid_state", "14");
    world.scored(&judging, [(95, false), (85, true), (95, false)]).await;
    assert_eq!(world.read(officer, &path).await["status"], "in_review");
    // Whoever has scored takes along what was said.
    let expert = world.known_expert(&world.someone_drawn());
    let export = world.read(&expert, "/me/data-export").await;
    let scored = export["assessment_reviews"].as_array().unwrap();
    assert!(!scored.is_empty() && scored.iter().all(|review| review["given"]["opinion"] == "情况属实"), "{export}");
    assert_eq!((&scored[0]["expert_id"], &export["is_complete"]), (&json!(expert.user_id), &json!(true)));
    // Anybody can repeat the draws; who was drawn is told by pseudonyms alone.
    let draws = world.get("/draws?kind=panel").send().await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(draws.len(), 3);
    assert!(draws.iter().all(|draw| judging.submissions.iter().any(|id| draw["subject_id"] == *id)));
    world.ask_grade(&judging, json!([])).await.refused_by("invalid_state", "14");
    world.get(&format!("{path}/proposal")).by(officer).send().await.refused_by("invalid_state", "14");

    let drawn = world.ask_of(officer, &judging.assessment, "visits").await.expect(200);
    let visits = drawn["visits"].as_array().unwrap();
    let doubtful: Vec<_> = visits.iter().filter(|visit| visit["reason"] == "doubtful").collect();
    assert_eq!(doubtful.len(), 1);
    assert_eq!(doubtful[0]["submission_id"], judging.submissions[1]);
    world.ask_of(officer, &judging.assessment, "visits").await.refused_by("invalid_state", "14");
    world.ask_grade(&judging, json!([])).await.refused_by("invalid_state", "14");
    let called: Vec<_> = visits.iter().map(|visit| visit["submission_id"].as_str().unwrap()).collect();
    for submission in &judging.submissions {
        let reply = world.ask_visit(&judging, submission, "confirmed").await;
        if called.contains(&submission.as_str()) {
            assert_eq!(reply.expect(200)["visit"]["outcome"], "confirmed");
        } else {
            reply.refused(404, "not_found");
        }
    }
    let proposal = world.read(officer, &format!("{path}/proposal")).await;
    assert_eq!((&proposal["suffices"], &proposal["total_fen"]), (&json!(true), &json!(140_000_000)));
    let proposed = world.ask_grade(&judging, json!([])).await.expect(200);
    assert_eq!(award(&proposed, &judging.submissions[0]), expected("one", "excellent", 100_000_000, 100_000_000));
    assert_eq!(award(&proposed, &judging.submissions[1]), expected("two", "good", 40_000_000, 40_000_000));
    // Graded, and given nothing for what its main business is.
    assert_eq!(award(&proposed, &judging.submissions[2]), expected("two", "excellent", 0, 0));

    world.get(&format!("{path}/results")).send().await.refused(404, "not_found");
    world.ask_of(officer, &judging.assessment, "approve").await.refused_by("same_person", "14");
    let other = world.officer().await;
    let decided = world.ask_of(&other, &judging.assessment, "approve").await.expect(200);
    assert_eq!(decided["status"], "decided");
    world.ask_of(&other, &judging.assessment, "approve").await.refused_by("invalid_state", "14");
    world.ask_grade(&judging, json!([])).await.refused_by("invalid_state", "14");
    let results = world.get(&format!("{path}/results")).send().await.expect(200);
    let subsidies: Vec<_> = results["items"].as_array().unwrap().iter().map(|one| one["subsidy_fen"].clone()).collect();
    assert_eq!(subsidies, [100_000_000, 40_000_000, 0]);
    let statuses = async |facility: &Account| {
        world.read(facility, &format!("{path}/submission")).await["submission"]["status"].clone()
    };
    assert_eq!(statuses(&judging.facilities[0]).await, "approved");
    assert_eq!(statuses(&judging.facilities[2]).await, "graded");
}

async fn a_budget_that_does_not_suffice_is_refused_with_a_proposal(world: World) {
    let judging = world.judging(100_000_001).await;
    world.scored(&judging, [(95, false), (85, false), (70, false)]).await;
    world.visited(&judging, "confirmed").await;
    let refusal = world.ask_grade(&judging, json!([])).await.refused_by("pool_exhausted", "11");
    assert_eq!(refusal["remaining_fen"], 100_000_001);
    let path = format!("/assessments/{}", judging.assessment);
    assert_eq!(world.read(&judging.officer, &path).await["status"], "in_review", "nothing is cut");
    let proposal = world.read(&judging.officer, &format!("{path}/proposal")).await;
    assert_eq!((&proposal["suffices"], &proposal["remainder_fen"]), (&json!(false), &json!(1)));
    let parts: Vec<_> =
        proposal["awards"].as_array().unwrap().iter().map(|award| award["proportional_fen"].clone()).collect();
    assert_eq!(parts, [71_428_572, 28_571_428, 0]);
    let named = |first: i64, second: i64| {
        json!([
            { "submission_id": judging.submissions[0], "amount_fen": first },
            { "submission_id": judging.submissions[1], "amount_fen": second }
        ])
    };
    let above = world.ask_grade(&judging, named(60_000_000, 40_000_001)).await.refused_field("subsidies[1].amount_fen");
    assert_eq!(above["article"], "11");
    let unknown = json!([{ "submission_id": judging.assessment, "amount_fen": 1 }]);
    world.ask_grade(&judging, unknown).await.refused_field("subsidies[0].submission_id");
    let proposed = world.ask_grade(&judging, named(71_428_572, 28_571_428)).await.expect(200);
    assert_eq!(award(&proposed, &judging.submissions[0]), expected("one", "excellent", 100_000_000, 71_428_572));
    assert_eq!(award(&proposed, &judging.submissions[2]), expected("two", "qualified", 0, 0));
    // Until another officer decides it may be proposed anew.
    world.ask_grade(&judging, named(60_000_000, 40_000_000)).await.expect(200);
}

async fn who_steps_back_is_replaced_and_who_is_tied_is_not_drawn(world: World) {
    let judging = world.judging(200_000_000).await;
    let employer = world.read(&judging.facilities[0], "/me").await["organization"]["name"].clone();
    let tied = world.expert_with(json!({ "employer_name": employer })).await;
    let experts = [world.expert().await, world.expert().await, world.expert().await];
    let panels = world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200)["panels"].clone();
    let of_first =
        panels.as_array().unwrap().iter().find(|one| one["submission_id"] == judging.submissions[0]).unwrap();
    assert_eq!(of_first["excluded"], json!([{ "expert_id": tied.user_id, "reason": "same_organization" }]));
    world.ask_of(&judging.officer, &judging.assessment, "panel").await.refused_by("invalid_state", "14");

    let reviews = world.open_reviews(&experts[0]).await;
    let review = reviews.iter().find(|review| review["submission_id"] == judging.submissions[0]).unwrap();
    let path = format!("/assessment-reviews/{}", id(review));
    let shown = world.read(&experts[0], &path).await;
    assert_eq!(shown["materials"]["id"], judging.submissions[0]);
    let file = shown["materials"]["files"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/files/{file}")).by(&experts[0]).send().await.status, 200);
    // Both are on record, as readings of what is the facility's.
    let readings = format!("/audit-events?action=materials_read&actor_user_id={}", experts[0].user_id);
    let readings = world.read(&world.auditor().await, &readings).await;
    let read = |place: usize, field: &str| readings["items"][place][field].clone();
    assert_eq!([read(0, "subject_id"), read(1, "subject_id")], [json!(file), json!(judging.submissions[0])]);
    assert_eq!((read(0, "subject_kind"), read(1, "subject_kind")), (json!("file"), json!("assessment_submission")));
    for place in [0, 1] {
        assert_eq!(read(place, "organization_id"), judging.facilities[0].organization_id.as_str());
    }
    world.get(&path).by(&experts[1]).send().await.refused(404, "not_found");
    world.ask_scores(&experts[1], review, given(90, false)).await.refused(404, "not_found");
    world.ask_scores(&experts[0], review, given(101, false)).await.refused(422, "validation_failed");
    let recuse = || world.post(&format!("{path}/recuse")).by(&experts[0]).json(json!({ "reason": "曾参与其项目" }));
    assert_eq!(recuse().send().await.expect(200)["status"], "recused");
    recuse().send().await.refused(409, "invalid_state");
    world.get(&format!("/files/{file}")).by(&experts[0]).send().await.refused(404, "not_found");
    // Nobody is left who fits; then somebody is.
    world.ask_of(&judging.officer, &judging.assessment, "panel").await.refused(409, "invalid_state");
    let another = world.expert().await;
    let again = world.ask_of(&judging.officer, &judging.assessment, "panel").await.expect(200)["panels"].clone();
    assert_eq!(again.as_array().unwrap().len(), 1);
    assert_eq!(again[0]["drawn_ids"], json!([another.user_id]));
    world.ask_of(&judging.officer, &judging.assessment, "visits").await.refused_by("invalid_state", "14");
    for expert in experts.iter().chain([&another, &tied]) {
        for review in world.open_reviews(expert).await {
            world.ask_scores(expert, &review, given(90, false)).await.expect(200);
        }
    }
    let reviews = world.read(&another, "/assessment-reviews").await["items"].clone();
    world.visited(&judging, "confirmed").await;
    world.ask_scores(&another, &reviews[0], given(10, false)).await.refused_by("invalid_state", "14");
}

async fn what_a_visit_does_not_confirm_costs_the_grade(world: World) {
    let judging = world.judging(200_000_000).await;
    world.scored(&judging, [(95, true), (95, true), (59, true)]).await;
    let visits = world.visited(&judging, "partly_confirmed").await;
    assert_eq!(visits.len(), 3, "all that are in doubt");
    // Recorded anew while grades are not proposed.
    world.ask_visit(&judging, &judging.submissions[1], "not_confirmed").await.expect(200);
    let proposed = world.ask_grade(&judging, json!([])).await.expect(200);
    assert_eq!(award(&proposed, &judging.submissions[0]), expected("one", "good", 60_000_000, 60_000_000));
    assert_eq!(award(&proposed, &judging.submissions[1]), expected("two", "unqualified", 0, 0));
    assert_eq!(award(&proposed, &judging.submissions[2]), expected("two", "unqualified", 0, 0));
    world.ask_visit(&judging, &judging.submissions[0], "confirmed").await.refused_by("invalid_state", "14");
    let shown = world.read(&judging.facilities[0], &format!("/assessments/{}/submission", judging.assessment)).await;
    assert_eq!(shown["submission"].get("visit"), None, "the record is the commission's");
}
