//! Draws that nobody can arrange and anybody can repeat: the seed is committed to before, and revealed
//! after (Art. 15.4, 16). A seed that an officer names leaves the commitment for the next draw.

use futures_util::future;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use voucher_domain::draw as rules;

use crate::harness::{Account, Reply, World, id, with};
use crate::on_both_stores;

on_both_stores!(
    a_panel_is_drawn_by_the_seed_that_was_committed_to_before,
    a_named_seed_leaves_the_commitment_for_the_next_draw,
    a_refused_draw_reveals_nothing,
    what_is_inspected_is_drawn_and_can_be_drawn_again,
    what_ended_in_a_rejection_is_not_inspected,
    a_commitment_under_a_lost_key_is_given_up,
    without_a_commitment_nothing_is_drawn,
    one_seed_waits_at_a_time,
    draws_at_once_use_a_seed_each,
    earlier_work_for_a_party_excludes_for_three_years,
);

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl World {
    async fn next_draw(&self) -> Value {
        self.get("/draws/commitment").send().await.expect(200)["next"].clone()
    }

    async fn draws(&self) -> Vec<Value> {
        self.get("/draws").send().await.expect(200)["items"].as_array().unwrap().clone()
    }
}

impl World {
    async fn ask_spot_check(&self, officer: &Account) -> Reply {
        let body = json!({ "scope": "contracts", "share_bps": 500 });
        self.post("/spot-checks").by(officer).json(body).send().await
    }
}

/// Whether anybody can draw the same from what is published.
pub fn repeat(draw: &Value) {
    let entries: Vec<String> = serde_json::from_value(draw["entries"].clone()).unwrap();
    assert_eq!(draw["list_hash"], sha256(&entries.iter().map(|entry| format!("{entry}\n")).collect::<String>()));
    let revealed = draw["revealed_seed"].as_str().unwrap();
    assert_eq!(draw["seed_hash"], sha256(revealed));
    if draw["seed"] != draw["revealed_seed"] {
        assert_eq!(draw["seed"], format!("{revealed}:{}", draw["subject_id"].as_str().unwrap()));
    }
    let size = draw["drawn"].as_array().unwrap().len();
    assert_eq!(draw["drawn"], json!(rules::drawn(draw["seed"].as_str().unwrap(), size, entries)));
}

async fn a_panel_is_drawn_by_the_seed_that_was_committed_to_before(world: World) {
    world.run_jobs();
    let committed = world.next_draw().await;
    assert_eq!(committed["seed_hash"].as_str().unwrap().len(), 64);
    world.at("2026-03-02T12:00:00+08:00");
    let case = world.case().await;
    for _ in 0..5 {
        world.expert().await;
    }
    assert_eq!(world.next_draw().await, committed);
    let panel = case.tell(&world, "panel", json!({})).await.expect(200);
    let draws = world.draws().await;
    assert_eq!(draws.len(), 1);
    let draw = &draws[0];
    assert_eq!((&draw["id"], &draw["kind"]), (&panel["id"], &json!("panel")));
    assert_eq!((&draw["seed"], &draw["subject_id"]), (&panel["seed"], &json!(case.redemption)));
    assert_eq!((&draw["commitment_id"], &draw["seed_hash"]), (&committed["id"], &committed["seed_hash"]));
    assert_eq!(draw["committed_at"], "2026-03-02T10:00:00+08:00");
    assert_eq!(draw["drawn_at"], "2026-03-02T12:00:00+08:00");
    repeat(draw);
    // Experts are there by pseudonyms that they can reckon themselves.
    let candidates: Vec<&str> =
        panel["candidate_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let own = |expert: &str| sha256(&format!("{}:{expert}", draw["id"].as_str().unwrap()))[..16].to_owned();
    assert_eq!(draw["entries"], json!(candidates.iter().map(|expert| own(expert)).collect::<Vec<_>>()));
    let drawn = panel["drawn"].as_array().unwrap().iter().map(|expert| own(expert["expert_id"].as_str().unwrap()));
    assert_eq!(draw["drawn"], json!(drawn.collect::<Vec<_>>()));
    assert!(candidates.iter().all(|expert| !draw.to_string().contains(expert)), "{draw}");
    // The next draw is committed to already, and by another seed.
    let next = world.next_draw().await;
    assert_ne!(next["seed_hash"], committed["seed_hash"]);
    // All of it is in the log.
    let auditor = world.auditor().await;
    for (action, count) in [("draw_committed", 2), ("draw_made", 1)] {
        let events = world.read(&auditor, &format!("/audit-events?action={action}")).await;
        assert_eq!(events["items"].as_array().unwrap().len(), count, "{action}");
    }
}

async fn a_named_seed_leaves_the_commitment_for_the_next_draw(world: World) {
    world.run_jobs();
    let committed = world.next_draw().await;
    let case = world.case().await;
    for _ in 0..4 {
        world.expert().await;
    }
    let named = json!({ "seed": " 2026-03-02 开奖号码 0507 " });
    case.tell(&world, "panel", named).await.expect(200);
    let draw = world.draws().await.remove(0);
    assert_eq!((&draw["seed"], &draw["commitment_id"]), (&json!("2026-03-02 开奖号码 0507"), &Value::Null));
    assert_eq!(draw["revealed_seed"], draw["seed"]);
    repeat(&draw);
    assert_eq!(world.next_draw().await, committed);
}

async fn a_refused_draw_reveals_nothing(world: World) {
    world.run_jobs();
    let committed = world.next_draw().await;
    let case = world.case().await;
    world.expert().await;
    case.tell(&world, "panel", json!({})).await.refused(409, "invalid_state");
    let officer = world.officer().await;
    let spot_check = async |body: Value| world.post("/spot-checks").by(&officer).json(body).send().await;
    for (share_bps, seed, field) in [
        (json!(0), json!(null), "share_bps"),
        (json!(10_001), json!(null), "share_bps"),
        (json!(1), json!(" "), "seed"),
    ] {
        let body = json!({ "scope": "contracts", "share_bps": share_bps, "seed": seed });
        spot_check(body).await.refused_field(field);
    }
    spot_check(json!({ "scope": "everything", "share_bps": 500 })).await.refused_field("scope");
    assert_eq!((world.draws().await, world.next_draw().await), (Vec::new(), committed));
}

async fn what_is_inspected_is_drawn_and_can_be_drawn_again(world: World) {
    let officer = world.officer().await;
    let ask = async |body: Value| world.post("/spot-checks").by(&officer).json(body).send().await;
    ask(json!({ "scope": "redemptions", "share_bps": 500 })).await.refused_by("invalid_state", "16");
    let cases = [world.case().await, world.case().await, world.case().await];
    let check = ask(json!({ "scope": "contracts", "share_bps": 3_400 })).await.expect(201);
    // 34 % of three, rounded up.
    assert_eq!((check["item_ids"].as_array().unwrap().len(), &check["share_bps"]), (2, &json!(3_400)));
    let mut contracts: Vec<String> = cases.iter().map(|case| id(&case.signed.contract)).collect();
    contracts.sort_unstable();
    assert_eq!(check["entries"], json!(contracts));
    assert_eq!(check["drawn"], check["item_ids"]);
    repeat(&check);
    let named = json!({ "scope": "redemptions", "share_bps": 10_000, "seed": "0507" });
    let second = ask(named).await.expect(201);
    let mut all: Vec<String> = serde_json::from_value(second["item_ids"].clone()).unwrap();
    all.sort_unstable();
    let mut redemptions: Vec<String> = cases.iter().map(|case| case.redemption.clone()).collect();
    redemptions.sort_unstable();
    assert_eq!(all, redemptions);
    let facilities = ask(json!({ "scope": "facilities", "share_bps": 1 })).await.expect(201);
    assert_eq!(facilities["item_ids"].as_array().unwrap().len(), 1);
    for reader in [&officer, &world.auditor().await] {
        assert_eq!(world.read(reader, &format!("/spot-checks/{}", id(&check))).await, check);
        let ids: Vec<String> =
            world.read(reader, "/spot-checks").await["items"].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, [id(&facilities), id(&second), id(&check)]);
    }
    // Everybody may repeat it.
    let public = world.get("/draws?kind=spot_check").send().await.expect(200);
    assert_eq!(public["items"][2]["drawn"], check["drawn"]);
    let nowhere = "/spot-checks/01900000-0000-7000-8000-000000000000";
    world.get(nowhere).by(&officer).send().await.refused(404, "not_found");
    world.post("/spot-checks").by(&world.auditor().await).json(json!({})).send().await.refused(403, "forbidden");
}

async fn a_commitment_under_a_lost_key_is_given_up(world: World) {
    world.run_jobs();
    let committed = world.next_draw().await;
    let spoilt = format!("UPDATE draw_seeds SET hash = 'x' WHERE id = '{}'", committed["id"].as_str().unwrap());
    world.case().await;
    let officer = world.officer().await;
    voucher_storage::testing::change(&world.program.store, &spoilt).unwrap();
    // A seed that nobody could have seen the hash of is not used: the job publishes another one first.
    world.ask_spot_check(&officer).await.refused(503, "overloaded");
    assert_eq!(world.draws().await, Vec::<Value>::new());
    world.run_jobs();
    let next = world.next_draw().await;
    assert_ne!(next["id"], committed["id"]);
    world.at("2026-03-02T12:00:00+08:00");
    let check = world.ask_spot_check(&officer).await.expect(201);
    repeat(&check);
    assert_eq!((&check["commitment_id"], &check["seed_hash"]), (&next["id"], &next["seed_hash"]));
    assert!(check["committed_at"].as_str() < check["drawn_at"].as_str(), "{check}");
    assert_ne!(world.next_draw().await["id"], check["commitment_id"]);
}

async fn without_a_commitment_nothing_is_drawn(world: World) {
    world.case().await;
    let officer = world.officer().await;
    voucher_storage::testing::change(&world.program.store, "DELETE FROM draw_seeds").unwrap();
    world.ask_spot_check(&officer).await.refused(503, "overloaded");
    assert_eq!((world.draws().await, world.next_draw().await), (Vec::new(), Value::Null));
    world.run_jobs();
    let committed = world.next_draw().await;
    world.at("2026-03-02T10:00:00.000001+08:00");
    let check = world.ask_spot_check(&officer).await.expect(201);
    assert_eq!(check["commitment_id"], committed["id"]);
    assert!(check["committed_at"].as_str() < check["drawn_at"].as_str(), "{check}");
}

async fn one_seed_waits_at_a_time(world: World) {
    let second = "INSERT INTO draw_seeds (id, hash, committed_at, ended_at, version) \
                  SELECT '01900000-0000-7000-8000-000000000000', hash, committed_at, NULL, 1 FROM draw_seeds";
    let refused = voucher_storage::testing::change(&world.program.store, second).unwrap_err();
    assert!(refused.is_unique("draw_seeds_pending"), "{refused}");
}

async fn earlier_work_for_a_party_excludes_for_three_years(world: World) {
    let case = world.case().await;
    let work = |ended_on: &str| {
        json!({ "earlier_work": [
            { "organization_id": case.signed.facility.organization_id, "ended_on": "2019-01-31" },
            { "organization_id": case.signed.facility.organization_id, "ended_on": ended_on },
        ] })
    };
    let bound = world.expert_with(work("2023-03-02")).await;
    let free = world.expert_with(work("2023-03-01")).await;
    let elsewhere = json!({ "earlier_work": [
        { "organization_id": world.enterprise().await.organization_id, "ended_on": "2026-02-01" },
    ] });
    let other = world.expert_with(elsewhere).await;
    let panel = case.tell(&world, "panel", json!({ "size": 2 })).await.expect(200);
    assert_eq!(panel["excluded"], json!([{ "expert_id": bound.user_id, "reason": "earlier_work" }]));
    let mut fitting = [free.user_id.clone(), other.user_id.clone()];
    fitting.sort_unstable();
    assert_eq!(panel["candidate_ids"], json!(fitting));
    // Work that comes up later keeps an expert from reviewing.
    let admin = world.admin().await;
    let users = world.read(&admin, "/users?role=expert").await;
    let user =
        users["items"].as_array().unwrap().iter().find(|user| user["id"] == json!(free.user_id)).unwrap().clone();
    assert_eq!(user["earlier_work"][1]["ended_on"], "2023-03-01");
    let path = format!("/users/{}", free.user_id);
    let nobody = json!({ "earlier_work": [
        { "organization_id": "01900000-0000-7000-8000-000000000000", "ended_on": "2026-02-01" },
    ] });
    world.patch(&path).by(&admin).if_match(&user["version"]).json(nobody).send().await.refused_field("earlier_work");
    world.patch(&path).by(&admin).if_match(&user["version"]).json(work("2026-01-31")).send().await.expect(200);
    let form = world.review_form(4_500_000, 4_500_000);
    world.give_review(&free, &case.redemption, form).await.refused_by("conflict_of_interest", "15.4");
}

async fn draws_at_once_use_a_seed_each(world: World) {
    world.case().await;
    let officer = world.officer().await;
    let body = json!({ "scope": "contracts", "share_bps": 500 });
    let ask = || world.post("/spot-checks").by(&officer).json(body.clone()).send();
    let replies = future::join_all([ask(), ask(), ask()]).await;
    let draws: Vec<Value> = replies.into_iter().map(|reply| reply.expect(201)).collect();
    let auditor = world.auditor().await;
    let committed = world.read(&auditor, "/audit-events?action=draw_committed").await["items"].clone();
    let made = world.read(&auditor, "/audit-events?action=draw_made").await["items"].clone();
    let request_of = |events: &Value, id: &Value| {
        let found = events.as_array().unwrap().iter().find(|event| event["subject_id"] == *id);
        found.unwrap()["request_id"].as_str().unwrap().to_owned()
    };
    for (place, draw) in draws.iter().enumerate() {
        repeat(draw);
        assert!(draws[..place].iter().all(|other| other["commitment_id"] != draw["commitment_id"]));
        // It was published before the request that drew by it.
        assert_ne!(request_of(&made, &draw["id"]), request_of(&committed, &draw["commitment_id"]), "{draw}");
    }
}

async fn what_ended_in_a_rejection_is_not_inspected(world: World) {
    let officer = world.officer().await;
    let inspected = async |scope: &str| {
        let body = json!({ "scope": scope, "share_bps": 10_000 });
        world.post("/spot-checks").by(&officer).json(body).send().await
    };
    let (case, experts) = world.case_with_panel().await;
    for expert in &experts {
        let form = with(world.review_form(0, 4_500_000), json!({ "recommendation": "reject" }));
        world.give_review(expert, &case.redemption, form).await.expect(200);
    }
    inspected("contracts").await.expect(201);
    let rejected = json!({ "decision": "reject", "amount_fen": 0, "opinion": "服务未开展" });
    case.tell(&world, "conclude", rejected).await.expect(200);
    world.do_redemption(&world.officer().await, &case.redemption, "approve").await.expect(200);
    let contract = world.read(&officer, &format!("/contracts/{}", id(&case.signed.contract))).await;
    assert_eq!(contract["status"], "settled");
    // Its vouchers are void: no money of the programme stands in it.
    inspected("contracts").await.refused_by("invalid_state", "16");
    let redemptions = inspected("redemptions").await.expect(201);
    assert_eq!(redemptions["item_ids"], json!([case.redemption]), "what was handed in is");
    // One that was paid is settled too, and is.
    let paid = world.payable_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    assert_eq!(inspected("contracts").await.expect(201)["item_ids"], json!([id(&paid.contract)]));
}
