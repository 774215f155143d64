//! Who has stated its facts is judged on the eve of an opening (Art. 7), and claims by that.

use std::thread;

use innovation_voucher::services::claim::{InRush, Judged, eve};
use innovation_voucher::services::{Program, lease};
use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::actor::OrganizationKind;
use voucher_domain::applicant;
use voucher_domain::period::Day;
use voucher_domain::policy::DEFAULT_POLICY_ID;
use voucher_storage::applicant::Profile;
use voucher_storage::judgement::Judgement;
use voucher_storage::organization::Organization;
use voucher_storage::voucher::Voucher;
use voucher_storage::{Connection, StorageError};

use crate::harness::{Account, World, eligible_profile, id, until_another_waits, with};
use crate::on_both_stores;

on_both_stores!(
    who_stated_its_facts_claims_by_what_was_found_on_the_eve,
    the_job_comes_by_of_itself,
    it_is_judged_for_the_day_of_the_opening,
    what_is_stated_anew_is_judged_by_its_claim,
    who_meets_not_all_is_told_so_by_its_claim,
    twelve_hours_ahead_and_not_once_it_is_open,
    drafts_and_what_was_closed_are_not_waited_for,
    cycles_of_one_day_and_policy_are_judged_for_once,
    who_has_claimed_on_that_day_is_not_judged_twice,
    two_servers_judge_each_once,
    what_a_claim_keeps_meanwhile_is_not_kept_twice,
    a_rush_goes_first,
    everybody_is_judged_part_by_part,
    a_policy_that_was_mended_judges_anew,
);

const OPENING: &str = "2026-03-05T09:00:00+08:00";
const EVE: &str = "2026-03-04T22:00:00+08:00";

/// A published cycle that opens at [`OPENING`].
async fn announced_cycle(world: &World) -> String {
    world.open_cycle_with(json!({ "opens_at": OPENING })).await
}

fn judge(program: &Program) -> usize {
    lease::under(program, "judge", eve::run).unwrap().unwrap()
}

fn judgements(world: &World) -> Vec<Judgement> {
    let all = |tx: &mut Connection| Judgement::page(tx, Judgement::all(), None, 1_000);
    world.program.store.read(all).unwrap().items
}

/// The judgement that a voucher was granted by.
fn granted_by(world: &World, voucher: &Value) -> Uuid {
    let voucher_id: Uuid = id(voucher).parse().unwrap();
    world.program.store.read(|tx| Voucher::find(tx, voucher_id)).unwrap().unwrap().judgement_id
}

async fn findings(world: &World, firm: &Account, voucher: &Value) -> Vec<Value> {
    let shown = world.read(firm, &format!("/vouchers/{}", id(voucher))).await;
    shown["findings"].as_array().unwrap().clone()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

async fn who_stated_its_facts_claims_by_what_was_found_on_the_eve(world: World) {
    let (firm, team, cycle) = (world.enterprise().await, world.team().await, announced_cycle(&world).await);
    world.at(EVE);
    assert_eq!((judge(&world.program), judge(&world.program)), (2, 0));
    let kept = judgements(&world);
    assert_eq!(kept.len(), 2);
    world.at(OPENING);
    for applicant in [&firm, &team] {
        let voucher = world.claim(applicant, &cycle, 1_000_000).await;
        let judgement = kept.iter().find(|row| row.id == granted_by(&world, &voucher)).unwrap();
        assert_eq!(judgement.applicant_id.to_string(), applicant.organization_id);
        assert_eq!((judgement.judged_on, judgement.profile_version), (day("2026-03-05"), Some(2)));
        // The voucher shows them as it shows what a claim finds by itself.
        let shown = findings(&world, applicant, &voucher).await;
        let asked = world.get(&format!("/me/eligibility?cycle_id={cycle}")).by(applicant).send().await.expect(200);
        let without_ban = asked["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] != "ban");
        assert_eq!(shown, without_ban.cloned().collect::<Vec<_>>());
        assert_eq!(json!(judgement.annual_limit_fen), asked["annual_limit_fen"]);
    }
    assert_eq!(judgements(&world), kept);
    world.prove();
}

async fn the_job_comes_by_of_itself(world: World) {
    let (firm, cycle) = (world.enterprise().await, announced_cycle(&world).await);
    world.at("2026-03-04T20:59:59+08:00");
    world.run_jobs();
    assert_eq!(judgements(&world), []);
    world.at("2026-03-04T21:00:00+08:00");
    world.run_jobs();
    let kept = judgements(&world);
    assert_eq!(kept.len(), 1);
    world.at(OPENING);
    let voucher = world.claim(&firm, &cycle, 1_000_000).await;
    assert_eq!(granted_by(&world, &voucher), kept[0].id);
}

/// Five years are full on the eve: it could claim then, and cannot any more when the cycle opens.
async fn it_is_judged_for_the_day_of_the_opening(world: World) {
    let grows_too_old = world.enterprise().await;
    let may_still = world.enterprise().await;
    for (firm, established_on) in [(&grows_too_old, "2021-03-04"), (&may_still, "2021-03-05")] {
        let mut profile = eligible_profile();
        profile["established_on"] = json!(established_on);
        world.put_profile(firm, profile).await;
    }
    let cycle = announced_cycle(&world).await;
    world.at(EVE);
    assert_eq!(judge(&world.program), 1);
    assert_eq!(judgements(&world)[0].applicant_id.to_string(), may_still.organization_id);
    world.at(OPENING);
    let refused = world.ask_claim(&grows_too_old, &cycle, 1_000_000).await.refused(409, "not_eligible");
    let failed = refused["findings"].as_array().unwrap().iter().find(|finding| finding["passed"] == false).unwrap();
    assert_eq!(failed["rule"], "enterprise_age");
    world.claim(&may_still, &cycle, 1_000_000).await;
    assert_eq!(judgements(&world).len(), 1);
}

async fn what_is_stated_anew_is_judged_by_its_claim(world: World) {
    let (grown, ruined) = (world.enterprise().await, world.enterprise().await);
    let cycle = announced_cycle(&world).await;
    world.at(EVE);
    assert_eq!(judge(&world.program), 2);
    let mut profile = eligible_profile();
    profile["employees"] = json!(43);
    world.put_profile(&grown, profile.clone()).await;
    profile["has_bad_credit"] = json!(true);
    world.put_profile(&ruined, profile).await;
    world.at(OPENING);
    let voucher = world.claim(&grown, &cycle, 1_000_000).await;
    let shown = findings(&world, &grown, &voucher).await;
    let employees = shown.iter().find(|finding| finding["rule"] == "employees").unwrap();
    assert!(employees["actual"].as_str().unwrap().contains("43"), "{employees}");
    world.ask_claim(&ruined, &cycle, 1_000_000).await.refused(409, "not_eligible");
    // The one from the eve stays as it was, and nothing was kept of who was refused.
    let kept = judgements(&world);
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().any(|row| row.id == granted_by(&world, &voucher) && row.profile_version == Some(3)));
}

async fn who_meets_not_all_is_told_so_by_its_claim(world: World) {
    let firm = world.enterprise().await;
    let mut profile = eligible_profile();
    profile["employees"] = json!(501);
    world.put_profile(&firm, profile).await;
    let cycle = announced_cycle(&world).await;
    world.at(EVE);
    assert_eq!((judge(&world.program), judgements(&world)), (0, Vec::new()));
    world.at(OPENING);
    let refused = world.ask_claim(&firm, &cycle, 1_000_000).await.refused(409, "not_eligible");
    assert!(refused["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == "employees"));
}

async fn twelve_hours_ahead_and_not_once_it_is_open(world: World) {
    world.enterprise().await;
    announced_cycle(&world).await;
    world.at("2026-03-04T20:59:59+08:00");
    assert_eq!(judge(&world.program), 0);
    world.at("2026-03-04T21:00:00+08:00");
    assert_eq!(judge(&world.program), 1);
    world.enterprise().await;
    world.at("2026-03-05T08:59:59+08:00");
    assert_eq!(judge(&world.program), 1);
    world.enterprise().await;
    world.at(OPENING);
    assert_eq!(judge(&world.program), 0);
}

async fn drafts_and_what_was_closed_are_not_waited_for(world: World) {
    let officer = world.officer().await;
    world.enterprise().await;
    let draft = json!({
        "name": "草稿", "budget_fen": 1_000_000, "opens_at": OPENING, "closes_at": "2026-12-31T18:00:00+08:00"
    });
    world.post("/cycles").by(&officer).json(draft).send().await.expect(201);
    let closed = announced_cycle(&world).await;
    world.post(&format!("/cycles/{closed}/close")).by(&officer).send().await.expect(200);
    world.at(EVE);
    assert_eq!(judge(&world.program), 0);
}

async fn cycles_of_one_day_and_policy_are_judged_for_once(world: World) {
    world.enterprise().await;
    announced_cycle(&world).await;
    let at_half_past_nine = json!({ "opens_at": "2026-03-05T09:30:00+08:00" });
    world.open_cycle_with(at_half_past_nine.clone()).await;
    world.at(EVE);
    assert_eq!((judge(&world.program), judge(&world.program)), (1, 0));
    world.open_cycle_with(with(at_half_past_nine, json!({ "policy": "kejifa-2023-16-amended-2025" }))).await;
    // By the other policy it fails: it is no listed technology SME.
    assert_eq!(judge(&world.program), 0);
    let firm = world.enterprise().await;
    let listed = json!({ "kind": "technology_sme", "number": "2026110108A0001", "issued_on": "2026-01-15",
                         "valid_until": "2026-12-31" });
    world.put_profile(&firm, with(eligible_profile(), json!({ "certificates": [listed] }))).await;
    assert_eq!((judge(&world.program), judge(&world.program)), (2, 0));
}

async fn who_has_claimed_on_that_day_is_not_judged_twice(world: World) {
    let (firm, open) = (world.enterprise().await, world.open_cycle(10_000_000).await);
    let cycle = announced_cycle(&world).await;
    world.at("2026-03-05T08:00:00+08:00");
    let early = world.claim(&firm, &open, 1_000_000).await;
    assert_eq!(judge(&world.program), 0);
    world.at(OPENING);
    let late = world.claim(&firm, &cycle, 1_000_000).await;
    assert_eq!(granted_by(&world, &early), granted_by(&world, &late));
}

/// A lease can run out while its holder is slow: then two servers are at it.
async fn two_servers_judge_each_once(world: World) {
    add_applicants(&world, 300);
    announced_cycle(&world).await;
    world.at(EVE);
    let other = world.beside().await;
    let kept: usize = thread::scope(|threads| {
        let judge = |world, job| {
            let program: &Program = world;
            threads.spawn(move || lease::under(program, job, eve::run).unwrap().unwrap())
        };
        [judge(&world.program, "judge"), judge(&other.program, "judge too")]
            .map(|done| done.join().unwrap())
            .iter()
            .sum()
    });
    assert_eq!((kept, judgements(&world).len()), (300, 300));
}

/// A claim has the applicant's lock and keeps its judgement, while the job, which saw none, waits for that lock.
async fn what_a_claim_keeps_meanwhile_is_not_kept_twice(world: World) {
    let (firm, _) = (world.enterprise().await, world.enterprise().await);
    let firm_id: Uuid = firm.organization_id.parse().unwrap();
    let (program, on): (&Program, Day) = (&world.program, day("2026-03-05"));
    let kept = thread::scope(|threads| {
        let mut judging = None;
        let claimed = program.transact(|call| {
            Organization::hold_all(call.tx, &[firm_id])?;
            judging = Some(threads.spawn(move || eve::judge_all(program, DEFAULT_POLICY_ID, on, || Ok(true))));
            until_another_waits(&program.store);
            let policy = call.policy(DEFAULT_POLICY_ID)?.clone();
            let mut judged = Judged::of_each(call, &policy, &[firm_id], on)?;
            Ok(Judgement::insert_all(call.tx, judged.get_mut(&firm_id).unwrap().keep().as_slice())?)
        });
        claimed.unwrap();
        judging.unwrap().join().unwrap().unwrap()
    });
    assert_eq!((kept, judgements(&world).len()), (1, 2));
}

async fn a_rush_goes_first(world: World) {
    world.enterprise().await;
    announced_cycle(&world).await;
    world.at(EVE);
    let claims: Vec<InRush> = (0..8).map(|_| world.program.rush.enter()).collect();
    assert_eq!(judge(&world.program), 0);
    drop(claims);
    assert_eq!(judge(&world.program), 1);
}

/// As many as are read at once, one more, and then more than a part.
async fn everybody_is_judged_part_by_part(world: World) {
    let today = world.program.clock.now().day();
    let judge_all = || eve::judge_all(&world.program, DEFAULT_POLICY_ID, today, || Ok(true)).unwrap();
    add_applicants(&world, 1_000);
    assert_eq!((judge_all(), judge_all()), (1_000, 0));
    add_applicants(&world, 1);
    assert_eq!((judge_all(), judge_all()), (1, 0));
    // It stops between two parts, when it is told to, and goes on another time: those of before are looked at first.
    add_applicants(&world, 1_100);
    let mut parts = 0;
    let stopped = eve::judge_all(&world.program, DEFAULT_POLICY_ID, today, || {
        parts += 1;
        Ok(parts <= 2)
    });
    assert_eq!((stopped.unwrap(), judge_all()), (999, 101));
}

/// What was found on the eve is no grant: the night's correction of a policy's file holds in the morning.
async fn a_policy_that_was_mended_judges_anew(world: World) {
    let (firm, cycle) = (world.enterprise().await, announced_cycle(&world).await);
    world.at(EVE);
    assert_eq!(judge(&world.program), 1);
    let policies = tempfile::tempdir().unwrap();
    let seed = include_str!("../../config/policies/kejifa-2023-16.toml");
    let mended = |employees: u32| {
        let text = seed.replace("max_employees = 500", &format!("max_employees = {employees}"));
        std::fs::write(policies.path().join("kejifa-2023-16.toml"), text).unwrap();
        let directory = policies.path().to_owned();
        world.beside_with(|settings| settings.rules.policies_directory = directory)
    };
    let stricter = mended(41).await;
    let milder = mended(600).await;
    assert_eq!((judge(&stricter.program), judge(&milder.program)), (0, 1));
    assert_eq!(judgements(&world).len(), 2);
    world.at(OPENING);
    let refused = stricter.ask_claim(&firm, &cycle, 1_000_000).await.refused(409, "not_eligible");
    assert!(refused["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == "employees"));
    let form = json!({ "cycle_id": cycle, "amount_fen": 1_000_000, "declaration": true });
    let voucher = milder.post("/vouchers").by(&firm).json(form).key("by the milder one").send().await.expect(201);
    let shown = findings(&milder, &firm, &voucher).await;
    let employees = shown.iter().find(|finding| finding["rule"] == "employees").unwrap();
    assert!(employees["expected"].as_str().unwrap().contains("600"), "{employees}");
    assert_eq!(judgements(&world).len(), 2);
}

/// Many applicants who have stated what meets every condition.
fn add_applicants(world: &World, count: usize) {
    let document = applicant::Profile::from_json(OrganizationKind::Enterprise, eligible_profile()).unwrap();
    let now = world.program.clock.now();
    let organizations: Vec<Organization> = (0..count)
        .map(|_| Organization {
            id: world.program.new_id(now),
            kind: OrganizationKind::Enterprise,
            name: format!("企业 {}", world.next_number()),
            uscc: None,
            created_at: now,
            version: 1,
            legal_representative: None,
            banned_until: None,
        })
        .collect();
    let profile =
        |row: &Organization| Profile { id: row.id, document: Some(document.clone()), updated_at: now, version: 2 };
    let profiles: Vec<Profile> = organizations.iter().map(profile).collect();
    let add = |tx: &mut Connection| -> Result<(), StorageError> {
        Organization::insert_all(tx, &organizations)?;
        Profile::insert_all(tx, &profiles)
    };
    world.program.store.write(add).unwrap();
}
