//! What auditors and administrators are shown of the log.

use std::io::Cursor;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};

use crate::harness::{Account, World, id};
use crate::on_both_stores;

on_both_stores!(
    the_log_is_filtered_and_paged,
    the_log_is_taken_out_as_a_file,
    a_workbook_alone_cuts_what_is_long,
    every_seal_can_be_reckoned_from_the_export,
    a_bad_question_is_refused,
);

async fn listed(world: &World, auditor: &Account, query: &str) -> Vec<Value> {
    let page = world.get(&format!("/audit-events?limit=200{query}")).by(auditor).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn the_log_is_filtered_and_paged(world: World) {
    let auditor = world.auditor().await;
    let cycle = world.open_cycle(10_000_000).await;
    let firm = world.enterprise().await;
    let voucher = id(&world.claim(&firm, &cycle, 3_000_000).await);
    world.run_jobs();
    world.at("2026-03-02T11:00:00+08:00");
    let cancelled = world.post(&format!("/vouchers/{voucher}/cancel")).by(&firm).send().await;
    cancelled.expect(200);
    let of_voucher = listed(&world, &auditor, &format!("&subject_kind=voucher&subject_id={voucher}")).await;
    assert_eq!(of_voucher.len(), 2);
    let (voided, claimed) = (&of_voucher[0], &of_voucher[1]);
    assert_eq!((&voided["action"], &voided["seal"]), (&json!("voucher_voided"), &Value::Null));
    assert_eq!(claimed["action"], "voucher_claimed");
    assert_eq!(claimed["after"]["amount_fen"], 3_000_000);
    assert_eq!(
        (&claimed["actor_role"], &claimed["organization_id"]),
        (&json!("applicant"), &json!(firm.organization_id))
    );
    assert_eq!(claimed["seal"]["hash"].as_str().unwrap().len(), 64);
    let person = claimed["actor_user_id"].as_str().unwrap().to_owned();
    assert!(!claimed["actor_name"].as_str().unwrap().is_empty());
    for (query, count) in [
        (format!("&actor_user_id={person}&action=voucher_claimed"), 1),
        (format!("&action=voucher_claimed&organization_id={}", firm.organization_id), 1),
        (format!("&cycle_id={cycle}&subject_kind=voucher"), 2),
        (format!("&request_id={}", claimed["request_id"].as_str().unwrap()), 1),
        (format!("&subject_id={voucher}&from=2026-03-02T11:00:00%2B08:00"), 1),
        (format!("&subject_id={voucher}&until=2026-03-02T11:00:00%2B08:00"), 1),
        (format!("&subject_id={voucher}&from=2026-03-02T10:00:00%2B08:00&until=2026-03-02T11:00:01%2B08:00"), 2),
        (format!("&subject_id={voucher}&until=2026-03-02T10:00:00%2B08:00"), 0),
        ("&action=sanction_unheard_of".to_owned(), usize::MAX),
    ] {
        if count == usize::MAX {
            let refused = world.get(&format!("/audit-events?limit=200{query}")).by(&auditor).send().await;
            refused.refused(422, "validation_failed");
        } else {
            assert_eq!(listed(&world, &auditor, &query).await.len(), count, "{query}");
        }
    }
    // Page by page it is the same list.
    let all = listed(&world, &auditor, "").await;
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/audit-events?limit=7{cursor}")).by(&auditor).send().await.expect(200);
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, all);
}

async fn the_log_is_taken_out_as_a_file(world: World) {
    world.sealed_log().await;
    let auditor = world.auditor().await;
    let file = async |query: &str| world.get(&format!("/audit-events/export{query}")).by(&auditor).send().await;
    let csv = file("?action=voucher_claimed").await;
    assert_eq!(csv.status, 200);
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.starts_with("\u{feff}编号,时间,操作人"), "{text}");
    assert_eq!(text.lines().count(), 3);
    let workbook = file("?format=xlsx").await;
    assert!(workbook.bytes.starts_with(b"PK"));
    // That the log was taken out is in the log.
    let exported = listed(&world, &auditor, "&action=audit_log_exported").await;
    assert_eq!(exported.len(), 2);
    assert_eq!(exported[1]["after"], json!({ "format": "csv", "events": 2 }));
    // File by file it is the whole log.
    let mut found = Vec::new();
    let mut before = String::new();
    loop {
        let file = file(&format!("?format=jsonl&rows=10&subject_kind=voucher{before}")).await;
        let lines: Vec<Value> =
            String::from_utf8(file.bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let Some(last) = lines.last() else { break };
        before = format!("&before={}", last["id"].as_str().unwrap());
        found.extend(lines);
    }
    assert_eq!(found.len(), listed(&world, &auditor, "&subject_kind=voucher").await.len());
    file("?rows=0").await.refused_field("rows");
    file("?rows=10001").await.refused_field("rows");
}

async fn every_seal_can_be_reckoned_from_the_export(world: World) {
    use sha2::{Digest, Sha256};
    world.sealed_log().await;
    let auditor = world.auditor().await;
    world.run_jobs();
    let file = world.get("/audit-events/export?format=jsonl").by(&auditor).send().await;
    let text = String::from_utf8(file.bytes).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.retain(|line| line["position"].is_i64());
    lines.sort_by_key(|line| line["position"].as_i64());
    assert_eq!(lines.len(), world.seals().len());
    let mut previous = "0".repeat(64);
    for line in &lines {
        let of_event = [
            "id",
            "occurred_at",
            "actor_user_id",
            "actor_role",
            "action",
            "subject_kind",
            "subject_id",
            "organization_id",
            "cycle_id",
            "before",
            "after",
            "request_id",
        ];
        let mut fields = vec![Some(line["position"].to_string()), line["sealed_at"].as_str().map(str::to_owned)];
        fields.push(Some(previous));
        fields.extend(of_event.map(|name| line[name].as_str().map(str::to_owned)));
        let canonical: String = fields
            .iter()
            .map(|field| field.as_ref().map_or("-\n".to_owned(), |text| format!("{}:{text}\n", text.len())))
            .collect();
        let hash: String = Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(line["hash"], hash, "{line}");
        previous = hash;
    }
}

async fn a_bad_question_is_refused(world: World) {
    let auditor = world.auditor().await;
    let ask = async |query: &str| world.get(&format!("/audit-events{query}")).by(&auditor).send().await;
    ask("?limit=0").await.refused_field("limit");
    ask("?cursor=x").await.refused_field("cursor");
    let span = "?from=2026-03-02T10:00:00%2B08:00&until=2026-03-02T10:00:00%2B08:00";
    ask(span).await.refused_field("until");
    ask("?colour=red").await.refused(422, "unknown_field");
    for (_, account) in
        world.one_of_each_role().await.into_iter().filter(|(role, _)| {
            !matches!(role, voucher_domain::actor::Role::Auditor | voucher_domain::actor::Role::Admin)
        })
    {
        world.get("/audit-events").by(&account).send().await.refused(403, "forbidden");
        world.get("/audit-events/verification").by(&account).send().await.refused(403, "forbidden");
    }
}

async fn a_workbook_alone_cuts_what_is_long(world: World) {
    let auditor = world.auditor().await;
    let long = format!("\"{}\"", "长".repeat(40_000));
    let id = "019ca000-0000-7000-8000-000000000077";
    let statement = format!(
        "INSERT INTO events (id, occurred_at, action, subject_kind, subject_id, after, request_id) VALUES \
         ('{id}', '2026-03-02T02:00:00.000000Z', 'voucher_claimed', 'voucher', '{id}', '{long}', '{id}')"
    );
    voucher_storage::testing::change(&world.program.store, &statement).unwrap();
    let file = async |format: &str| {
        let path = format!("/audit-events/export?action=voucher_claimed&format={format}");
        world.get(&path).by(&auditor).send().await.bytes
    };
    let text = String::from_utf8(file("csv").await).unwrap();
    assert!(text.contains(&"长".repeat(40_000)), "{} characters", text.chars().count());
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(file("xlsx").await)).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let cut = sheet.get_value((1, 11)).unwrap().to_string();
    assert_eq!((cut.chars().count(), cut.chars().last()), (32_001, Some('…')));
}
