//! From the record of a violation to the approval of what follows: the party is heard in between.

use serde_json::{Value, json};

use crate::harness::{World, id, only, with};
use crate::on_both_stores;

on_both_stores!(
    the_party_is_heard_and_two_officers_decide,
    silence_ends_with_the_deadline,
    nothing_follows_from_a_dropped_violation,
    a_proposal_is_not_the_party_s_to_know,
    nothing_tells_the_party_that_there_is_a_proposal,
    without_whoever_proposed_nobody_approves,
    evidence_is_for_the_party_and_the_commission,
    what_is_not_right_about_a_sanction_is_named,
    a_lifted_sanction_says_why,
    credit_records_are_exported,
    the_time_for_statements_follows_the_calendar,
    what_is_to_be_done_waits_for_whoever_can_do_it,
);

async fn kinds(world: &World, account: &crate::harness::Account) -> Vec<String> {
    let told = world.get("/notifications?limit=200").by(account).send().await.expect(200);
    told["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

async fn the_party_is_heard_and_two_officers_decide(world: World) {
    let (officer, approver, firm) = (world.officer().await, world.officer().await, world.enterprise().await);
    let violation = world.violation(&officer, &firm).await;
    assert_eq!(kinds(&world, &firm).await[0], "violation_recorded");
    // Monday 2 March 2026 and five working days.
    let open = world.read(&firm, "/me/deadlines").await;
    assert_eq!(open["items"][0]["kind"], "statement");
    assert_eq!(open["items"][0]["last_day"], "2026-03-09");
    let early = world.ask_decision(&officer, &violation, only("ban")).await.refused_by("invalid_state", "17");
    assert!(early["detail"].as_str().unwrap().contains("2026-03-09"), "{early}");
    world.ask_approval(&approver, &violation).await.refused_by("invalid_state", "17");
    let stated = json!({ "statement": " 系录入错误,已更正 " });
    let heard = world.tell_violation(&firm, &violation, "statement", stated).await.expect(200);
    assert_eq!(heard["statements"][0]["statement"], "系录入错误,已更正");
    assert_eq!(kinds(&world, &officer).await[0], "statement_made");
    let decided = world.ask_decision(&officer, &violation, only("ban")).await.expect(200);
    assert_eq!((&decided["status"], &decided["sanctions"]), (&json!("decided"), &json!([])));
    world.ask_approval(&officer, &violation).await.refused_by("same_person", "17");
    let closed = world.ask_approval(&approver, &violation).await.expect(200);
    assert_eq!((&closed["status"], &closed["closed_by"]), (&json!("sanctioned"), &json!(approver.user_id)));
    let ban = &closed["sanctions"][0];
    assert_eq!((&ban["kind"], &ban["status"]), (&json!("ban"), &json!("in_force")));
    assert_eq!((&ban["starts_on"], &ban["ends_on"]), (&json!("2026-03-02"), &json!("2029-03-02")));
    // After the approval it is too late to state more.
    let late = json!({ "statement": "补充" });
    world.tell_violation(&firm, &violation, "statement", late).await.refused_by("invalid_state", "17");
    world.ask_approval(&approver, &violation).await.refused_by("invalid_state", "17");
    world.ask_decision(&officer, &violation, only("ban")).await.refused_by("invalid_state", "17");
    let told = world.read(&firm, "/notifications").await;
    assert_eq!(told["items"][0]["kind"], "sanctions_imposed");
    assert!(told["items"][0]["text"].as_str().unwrap().contains("2029-03-02"), "{told}");
    let seen = world.read(&firm, &format!("/violations/{violation}")).await;
    assert_eq!((&seen["finding"], seen.get("decided_by")), (&json!("经查证属实"), None));
    let listed = world.read(&approver, "/sanctions?kind=ban&status=in_force").await;
    assert_eq!(listed["items"][0]["id"], ban["id"]);
    assert_eq!(world.read(&approver, "/sanctions?status=ended").await["items"], json!([]));
}

async fn silence_ends_with_the_deadline(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let violation = world.violation(&officer, &firm).await;
    world.at("2026-03-09T23:59:59.999999+08:00");
    world.ask_decision(&officer, &violation, only("credit_record")).await.refused_by("invalid_state", "17");
    world.at("2026-03-10T00:00:00+08:00");
    let late = json!({ "statement": "补充说明" });
    let refusal = world.tell_violation(&firm, &violation, "statement", late).await.refused_by("invalid_state", "17");
    assert!(refusal["detail"].as_str().unwrap().contains("2026-03-09"), "{refusal}");
    assert_eq!(world.read(&firm, "/me/deadlines").await["items"], json!([]));
    world.ask_decision(&officer, &violation, only("credit_record")).await.expect(200);
}

async fn nothing_follows_from_a_dropped_violation(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let violation = world.violation(&officer, &firm).await;
    world.tell_violation(&officer, &violation, "drop", json!({ "reasons": " " })).await.refused_field("reasons");
    let dropped =
        world.tell_violation(&officer, &violation, "drop", json!({ "reasons": "证据不足" })).await.expect(200);
    assert_eq!((&dropped["status"], &dropped["closing_reasons"]), (&json!("dropped"), &json!("证据不足")));
    assert_eq!(kinds(&world, &firm).await[0], "violation_dropped");
    for action in ["statement", "decision", "drop"] {
        let (account, body) = match action {
            "statement" => (&firm, json!({ "statement": "说明" })),
            "decision" => (&officer, json!({ "finding": "属实", "sanctions": only("ban") })),
            _ => (&officer, json!({ "reasons": "再次" })),
        };
        world.tell_violation(account, &violation, action, body).await.refused_by("invalid_state", "17");
    }
    let cycle = world.open_cycle(10_000_000).await;
    world.claim(&firm, &cycle, 1_000_000).await;
}

async fn a_proposal_is_not_the_party_s_to_know(world: World) {
    let (firm, other) = (world.enterprise().await, world.enterprise().await);
    let violation = world.decided(&firm, only("ban")).await;
    let seen = world.read(&firm, &format!("/violations/{violation}")).await;
    assert_eq!(seen["status"], "recorded");
    for hidden in ["finding", "proposed", "recorded_by", "decided_by"] {
        assert_eq!(seen.get(hidden), None, "{hidden}");
    }
    assert_eq!(world.read(&firm, "/violations?status=recorded").await["items"][0]["id"], violation);
    assert_eq!(world.read(&firm, "/violations?status=decided").await["items"], json!([]));
    let auditor = world.auditor().await;
    let whole = world.read(&auditor, &format!("/violations/{violation}")).await;
    assert_eq!((&whole["status"], &whole["proposed"]), (&json!("decided"), &only("ban")));
    // Nothing binds yet, and nobody else sees it.
    let cycle = world.open_cycle(10_000_000).await;
    world.claim(&firm, &cycle, 1_000_000).await;
    assert_eq!(world.read(&other, "/violations").await["items"], json!([]));
    world.get(&format!("/violations/{violation}")).by(&other).send().await.refused(404, "not_found");
    let statement = json!({ "statement": "与我无关" });
    world.tell_violation(&other, &violation, "statement", statement).await.refused(404, "not_found");
}

async fn nothing_tells_the_party_that_there_is_a_proposal(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let violation = world.violation(&officer, &firm).await;
    let path = format!("/violations/{violation}");
    let state = |words: &str| {
        let statement = json!({ "statement": words });
        world.tell_violation(&firm, &violation, "statement", statement)
    };
    state("系录入错误").await.expect(200);
    let shown = async || {
        let seen = world.get(&path).by(&firm).send().await;
        let tag = seen.header("etag").map(str::to_owned);
        let listed = world.read(&firm, "/violations").await;
        (
            seen.expect(200),
            tag,
            listed,
            world.read(&firm, "/me/deadlines").await,
            world.read(&firm, "/me/worklist").await,
        )
    };
    let before = shown().await;
    assert_eq!(before.3["items"][0]["kind"], "statement");
    world.ask_decision(&officer, &violation, only("ban")).await.expect(200);
    assert_eq!(shown().await, before);
    world.ask_decision(&officer, &violation, only("credit_record")).await.expect(200);
    assert_eq!(shown().await, before);
    // It goes on stating its side while its time runs, and the commission reads it before it approves.
    let heard = state("补充说明").await.expect(200);
    assert_eq!((&heard["status"], heard.get("version")), (&json!("recorded"), None));
    let whole = world.read(&officer, &path).await;
    assert_eq!((&whole["status"], whole["statements"].as_array().unwrap().len()), (&json!("decided"), 2));
    world.at("2026-03-10T00:00:00+08:00");
    let late = state("再补充").await.refused_by("invalid_state", "17");
    assert!(late["detail"].as_str().unwrap().contains("2026-03-09"), "{late}");
    world.ask_approval(&world.officer().await, &violation).await.expect(200);
}

async fn without_whoever_proposed_nobody_approves(world: World) {
    let firm = world.enterprise().await;
    let violation = world.decided(&firm, only("ban")).await;
    world.spoil("UPDATE violations SET decided_by = NULL");
    world.ask_approval(&world.officer().await, &violation).await.refused(500, "internal_error");
    assert_eq!(world.read(&world.auditor().await, "/sanctions").await["items"], json!([]));
}

async fn evidence_is_for_the_party_and_the_commission(world: World) {
    let (officer, facility, firm) = (world.officer().await, world.facility().await, world.enterprise().await);
    let evidence = world.upload(&officer, "抽查记录.pdf").await;
    let form = with(world.violation_form(&facility), json!({ "file_ids": [evidence] }));
    let recorded = world.post("/violations").by(&officer).json(form).send().await.expect(201);
    assert_eq!(recorded["files"][0]["id"], evidence);
    let answer = world.upload(&facility, "原始数据.pdf").await;
    let statement = json!({ "statement": "见附件", "file_ids": [answer] });
    let heard = world.tell_violation(&facility, &id(&recorded), "statement", statement).await.expect(200);
    assert_eq!(heard["statements"][0]["files"][0]["id"], answer);
    let auditor = world.auditor().await;
    for file in [&evidence, &answer] {
        for reader in [&facility, &officer, &auditor] {
            world.get(&format!("/files/{file}")).by(reader).send().await.expect(200);
        }
        world.get(&format!("/files/{file}")).by(&firm).send().await.refused(404, "not_found");
    }
    let strange = with(world.violation_form(&facility), json!({ "file_ids": [answer] }));
    world.post("/violations").by(&officer).json(strange).send().await.refused_field("file_ids[0]");
    let nobody = with(world.violation_form(&facility), json!({ "organization_id": officer.user_id, "facts": "无" }));
    world.post("/violations").by(&officer).json(nobody).send().await.refused_field("organization_id");
}

async fn what_is_not_right_about_a_sanction_is_named(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let violation = world.violation(&officer, &firm).await;
    world.tell_violation(&firm, &violation, "statement", json!({ "statement": "说明" })).await.expect(200);
    let ask = |sanctions: Value| world.ask_decision(&officer, &violation, sanctions);
    ask(json!([])).await.refused_field("sanctions");
    ask(json!([{ "kind": "ban" }, { "kind": "ban" }])).await.refused_field("sanctions[1].kind");
    ask(only("delist")).await.refused_field("sanctions[0].kind");
    ask(only("claw_back")).await.refused_field("sanctions[0].amount_fen");
    let strange = json!([{ "kind": "claw_back", "redemption_id": violation, "amount_fen": 1 }]);
    ask(strange).await.refused_field("sanctions[0].redemption_id");
    ask(json!([{ "kind": "ban", "years": 1 }])).await.refused(422, "unknown_field");
    // A facility that is none of the platform yet.
    let facility = world.drafted_facility(json!({})).await;
    let other = world.violation(&officer, &facility).await;
    world.tell_violation(&facility, &other, "statement", json!({ "statement": "说明" })).await.expect(200);
    world.ask_decision(&officer, &other, only("delist")).await.refused(409, "invalid_state");
    assert_eq!(world.read(&officer, &format!("/violations/{violation}")).await["status"], "recorded");
}

async fn a_lifted_sanction_says_why(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let sanctions = json!([{ "kind": "credit_record" }, { "kind": "referral" }]);
    let closed = world.sanctioned(&firm, sanctions).await;
    let (record, referral) = (&closed["sanctions"][0], &closed["sanctions"][1]);
    let path = format!("/sanctions/{}/lift", id(record));
    world.post(&path).by(&officer).json(json!({ "reasons": "" })).send().await.refused_field("reasons");
    let lifted = world.ask_lift(&officer, record).await.expect(200);
    assert_eq!((&lifted["status"], &lifted["lift_reasons"]), (&json!("lifted"), &json!("整改完成")));
    assert_eq!(kinds(&world, &firm).await[0], "sanction_lifted");
    world.ask_lift(&officer, record).await.refused_by("invalid_state", "17");
    world.ask_lift(&officer, referral).await.refused_by("invalid_state", "17");
    let listed = world.read(&officer, "/sanctions?status=lifted").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

async fn credit_records_are_exported(world: World) {
    let (officer, firm, other) = (world.officer().await, world.enterprise().await, world.enterprise().await);
    world.sanctioned(&firm, json!([{ "kind": "ban" }, { "kind": "credit_record" }])).await;
    world.sanctioned(&other, only("ban")).await;
    let reply = world.get("/credit-records").by(&officer).send().await;
    assert_eq!(reply.status, 200);
    let text = String::from_utf8(reply.bytes.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    for told in ["提供虚假信息", "第16条", "2026-03-02", "取消申报资格、记入科技信用记录", "2029-03-02", "执行中"]
    {
        assert!(lines[1].contains(told), "{told}: {text}");
    }
    let workbook = world.get("/credit-records?format=xlsx").by(&world.auditor().await).send().await;
    assert!(workbook.bytes.starts_with(b"PK"));
    world.get("/credit-records").by(&firm).send().await.refused(403, "forbidden");
}

async fn the_time_for_statements_follows_the_calendar(world: World) {
    world.at("2026-12-28T10:00:00+08:00");
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let violation = world.violation(&officer, &firm).await;
    let by = |detail: &Value| detail["statement_by"]["last_day"].as_str().unwrap().to_owned();
    let path = format!("/violations/{violation}");
    let before = by(&world.read(&firm, &path).await);
    let notice = json!({ "days": [
        { "date": "2027-01-01", "kind": "holiday" }, { "date": "2027-01-04", "kind": "holiday" }
    ] });
    let loaded = world.put("/calendar/2027").by(&officer).if_match(&json!(0)).json(notice).send().await.expect(200);
    assert_eq!(loaded["recounted"]["statements"], 1, "{loaded}");
    let after = by(&world.read(&firm, &path).await);
    assert!(before < after, "{before} {after}");
    assert_eq!(kinds(&world, &firm).await[0], "deadline_moved");
}

/// What waits for somebody about violations: the tasks by kind.
async fn waiting(world: &World, account: &crate::harness::Account) -> Vec<String> {
    let worklist = world.read(account, "/me/worklist").await;
    let mut waiting = Vec::new();
    for list in worklist["lists"].as_array().unwrap() {
        let about = list["items"].as_array().unwrap().iter().filter(|item| item["subject_kind"] == "violation");
        waiting.extend(about.map(|_| list["task"].as_str().unwrap().to_owned()));
    }
    waiting
}

async fn what_is_to_be_done_waits_for_whoever_can_do_it(world: World) {
    let (officer, other, facility) = (world.officer().await, world.officer().await, world.facility().await);
    let violation = world.violation(&officer, &facility).await;
    assert_eq!(waiting(&world, &facility).await, ["answer_violation_as_facility"]);
    assert!(waiting(&world, &officer).await.is_empty());
    world.tell_violation(&facility, &violation, "statement", json!({ "statement": "说明" })).await.expect(200);
    assert_eq!(waiting(&world, &officer).await, ["decide_violation"]);
    world.ask_decision(&officer, &violation, only("ban")).await.expect(200);
    assert!(waiting(&world, &officer).await.is_empty());
    assert_eq!(waiting(&world, &other).await, ["approve_sanctions"]);
    world.ask_approval(&other, &violation).await.expect(200);
    assert!(waiting(&world, &other).await.is_empty());
    assert!(waiting(&world, &facility).await.is_empty());
}
