//! People are reminded of deadlines 5 days and 1 day ahead, each once, and never after the deed (SPEC §9).

mod year;

use innovation_voucher::services::{deadlines, lease};
use serde_json::{Value, json};
use voucher_domain::facility::FacilityStatus;

use crate::assessments::assessment_form;
use crate::harness::{Account, World, eligible_profile, id, with};
use crate::on_both_stores;

on_both_stores!(
    both_sides_are_reminded_5_days_and_1_day_ahead,
    what_falls_on_one_day_comes_in_one_letter,
    nobody_is_reminded_of_what_is_done,
    a_letter_that_waited_says_what_is_still_open,
    a_server_that_was_down_sends_late_what_still_helps,
    a_deadline_that_moved_is_another_one,
    several_servers_remind_once,
    every_kind_of_deadline_is_reminded_of,
);

impl World {
    /// The deadlines that somebody was reminded of in the application: how many days were left, the newest
    /// first.
    async fn reminded(&self, account: &Account) -> Vec<String> {
        let list = self.read(account, "/notifications?limit=200").await;
        let near = list["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "deadline_near");
        near.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    /// The letters of reminders to an address, the oldest first: their subjects.
    fn letters_of_reminders(&self, account: &Account) -> Vec<String> {
        let letters = self.letters.all();
        let theirs = letters.iter().filter(|letter| letter.recipient == account.email);
        let subjects = theirs.map(|letter| letter.wording.subject.clone());
        subjects.filter(|subject| subject.starts_with("还有") || subject.contains("项期限临近")).collect()
    }

    /// Reminds, and sends nothing.
    fn remind_alone(&self) -> usize {
        lease::under(&self.program, "remind", deadlines::remind).unwrap().unwrap()
    }
}

async fn both_sides_are_reminded_5_days_and_1_day_ahead(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility, other) = (world.enterprise().await, world.facility().await, world.enterprise().await);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    let number = voucher["number"].as_str().unwrap();
    world.submitted_project(&firm, &facility, &[&id(&voucher)], 10_000_000).await;
    // Until the end of 17 March.
    let five = format!("还有5天:登记服务合同 {number}(截止2026年3月17日)");
    let one = format!("还有1天:登记服务合同 {number}(截止2026年3月17日)");
    for (at, told) in [
        ("2026-03-12T07:59:59+08:00", vec![]),
        ("2026-03-12T08:00:00+08:00", vec![&five]),
        ("2026-03-12T09:00:00+08:00", vec![&five]),
        ("2026-03-15T23:00:00+08:00", vec![&five]),
        ("2026-03-16T08:00:00+08:00", vec![&one, &five]),
        ("2026-03-17T23:59:59+08:00", vec![&one, &five]),
        ("2026-03-18T08:00:00+08:00", vec![&one, &five]),
    ] {
        world.at(at);
        world.run_jobs();
        world.run_jobs();
        for account in [&firm, &facility] {
            assert_eq!(world.reminded(account).await.iter().collect::<Vec<_>>(), told, "{at}");
            let mut letters = world.letters_of_reminders(account);
            letters.reverse();
            assert_eq!(letters.iter().collect::<Vec<_>>(), told, "{at}");
        }
    }
    assert_eq!(world.reminded(&other).await, [""; 0]);
    let list = world.read(&facility, "/notifications").await;
    let near = list["items"].as_array().unwrap().iter().find(|item| item["kind"] == "deadline_near").unwrap();
    assert_eq!((&near["subject_kind"], &near["subject_id"]), (&json!("voucher"), &voucher["id"]));
    let text = near["text"].as_str().unwrap();
    assert!(text.contains("登记服务合同") && text.contains("自 2026-03-02 的次日起算 15 日"), "{text}");
}

async fn what_falls_on_one_day_comes_in_one_letter(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, other) = (world.enterprise().await, world.enterprise().await);
    let first = world.claim(&firm, &cycle, 1_000_000).await;
    let second = world.claim(&firm, &cycle, 1_000_000).await;
    world.claim(&other, &cycle, 1_000_000).await;
    world.at("2026-03-03T10:00:00+08:00");
    world.claim(&firm, &cycle, 1_000_000).await;
    world.at("2026-03-13T10:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.reminded(&firm).await.len(), 3);
    assert_eq!(world.letters_of_reminders(&firm), ["有 3 项期限临近"]);
    assert_eq!(world.letters_of_reminders(&other).len(), 1);
    let letter = world.letter_to(&firm.email).wording.text;
    let place = |text: &Value| letter.find(text.as_str().unwrap()).unwrap_or_else(|| panic!("{letter}"));
    assert!(place(&first["number"]) < letter.find("2026-03-18").unwrap(), "{letter}");
    assert!(place(&second["number"]) < letter.find("2026-03-18").unwrap(), "{letter}");
}

async fn nobody_is_reminded_of_what_is_done(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, facility) = (world.enterprise().await, world.facility().await);
    let registered = world.claim(&firm, &cycle, 5_000_000).await;
    let given_back = world.claim(&firm, &cycle, 1_000_000).await;
    let contract = world.contract(&firm, &facility, &[&id(&registered)], 10_000_000, "2026-03-10").await;
    world.post(&format!("/vouchers/{}/cancel", id(&given_back))).by(&firm).send().await.expect(200);
    for day in 3..=31 {
        world.at(&format!("2026-03-{day:02}T12:00:00+08:00"));
        world.run_jobs();
    }
    // The month for the redemption ends on 10 April.
    assert_eq!(contract["redeem_by"]["last_day"], "2026-04-10");
    world.redemption(&facility, &contract, 9_000_000).await;
    for day in 1..=11 {
        world.at(&format!("2026-04-{day:02}T12:00:00+08:00"));
        world.run_jobs();
    }
    assert_eq!((world.reminded(&firm).await, world.reminded(&facility).await), (vec![], vec![]));
}

async fn a_letter_that_waited_says_what_is_still_open(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, other) = (world.enterprise().await, world.enterprise().await);
    let done = world.claim(&firm, &cycle, 1_000_000).await;
    let open = world.claim(&firm, &cycle, 1_000_000).await;
    let others = world.claim(&other, &cycle, 1_000_000).await;
    world.run_jobs();
    world.at("2026-03-12T08:00:00+08:00");
    assert_eq!(world.remind_alone(), 3);
    for (account, voucher) in [(&firm, &done), (&other, &others)] {
        world.post(&format!("/vouchers/{}/cancel", id(voucher))).by(account).send().await.expect(200);
    }
    world.run_jobs();
    assert_eq!(world.letters_of_reminders(&firm), ["有 1 项期限临近"]);
    let texts: Vec<String> = world.letters.all().iter().map(|letter| letter.wording.text.clone()).collect();
    let reminding: Vec<&String> = texts.iter().filter(|text| text.contains("以下事项的期限临近")).collect();
    assert!(reminding.iter().all(|text| text.contains(open["number"].as_str().unwrap())), "{reminding:?}");
    assert!(reminding.iter().all(|text| !text.contains(done["number"].as_str().unwrap())), "{reminding:?}");
    // Everything it would have reminded of was done.
    assert_eq!(world.letters_of_reminders(&other), [""; 0]);
}

async fn a_server_that_was_down_sends_late_what_still_helps(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    world.claim(&firm, &cycle, 1_000_000).await;
    world.at("2026-03-14T03:00:00+08:00");
    world.run_jobs();
    assert!(world.reminded(&firm).await[0].starts_with("还有3天"));
    world.at("2026-03-17T20:00:00+08:00");
    world.claim(&firm, &cycle, 1_000_000).await;
    world.run_jobs();
    assert_eq!(world.reminded(&firm).await.len(), 2);
    assert!(world.reminded(&firm).await[0].starts_with("还有0天"));
    // Down over both days of the second: one reminder, and not two at once.
    world.at("2026-04-01T20:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.reminded(&firm).await.len(), 3);
    world.at("2026-04-02T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.reminded(&firm).await.len(), 3);
}

async fn a_deadline_that_moved_is_another_one(world: World) {
    world.at("2026-12-17T10:00:00+08:00");
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    world.claim(&firm, &cycle, 1_000_000).await;
    world.at("2026-12-27T08:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.reminded(&firm).await.len(), 1);
    let csv = "date,kind\n2027-01-01,holiday\n2027-01-02,holiday\n2027-01-03,holiday\n";
    let put = world.put("/calendar/2027").by(&officer).if_match(&json!(0));
    put.json(json!({ "csv": csv })).send().await.expect(200);
    // Now until 4 January: five days ahead is the 30th, one day ahead the 3rd.
    for (at, count) in [
        ("2026-12-29T09:00:00+08:00", 1),
        ("2026-12-30T08:00:00+08:00", 2),
        ("2026-12-31T08:00:00+08:00", 2),
        ("2027-01-03T08:00:00+08:00", 3),
        ("2027-01-04T23:00:00+08:00", 3),
    ] {
        world.at(at);
        world.run_jobs();
        assert_eq!(world.reminded(&firm).await.len(), count, "{at}");
    }
}

async fn several_servers_remind_once(world: World) {
    let other = world.beside().await;
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    world.claim(&firm, &cycle, 1_000_000).await;
    world.at("2026-03-12T08:00:00+08:00");
    other.run_jobs();
    world.run_jobs();
    // Not even when each believes that it is its turn.
    assert_eq!((world.remind_alone(), other.remind_alone()), (0, 0));
    assert_eq!(world.reminded(&firm).await.len(), 1);
    assert_eq!(world.letters_of_reminders(&firm).len(), 1);
}

async fn every_kind_of_deadline_is_reminded_of(world: World) {
    let certified = world.enterprise().await;
    let mut profile = eligible_profile();
    profile["certificates"] =
        json!([{ "kind": "technology_sme", "number": "C", "issued_on": "2025-06-01", "valid_until": "2026-03-20" }]);
    world.put_profile(&certified, profile).await;
    let leaving = world.facility().await;
    world.facility_becomes(&leaving, FacilityStatus::Exiting, Some("2026-03-20"));
    let freed = world.signed_contract(1_000_000, 2_000_000, "2026-03-16").await;
    let path = format!("/contracts/{}/terminate", id(&freed.contract));
    world.post(&path).by(&freed.facility).json(json!({ "reason": "设备故障" })).send().await.expect(200);
    let published = world.approved_redemption(5_000_000, 10_000_000, 9_000_000, 4_500_000).await;
    let officer = published.approver.clone();
    world.publish(&officer, &[&published.redemption]).await;
    let returned = world.signed_contract(1_000_000, 2_000_000, "2026-03-16").await;
    let redemption = world.redemption(&returned.facility, &returned.contract, 1_800_000).await;
    world.confirmed(&returned.applicant, &redemption).await;
    world.tell_redemption(&officer, &redemption, "return", json!({ "remarks": "缺页" })).await.expect(200);
    let waiting = world.signed_contract(1_000_000, 2_000_000, "2026-03-16").await;
    let assessment = with(assessment_form(), json!({ "submit_by": "2026-03-20" }));
    let assessment = id(&world.ask_assessment(&officer, assessment).await.expect(201));
    world.post(&format!("/assessments/{assessment}/announce")).by(&officer).send().await.expect(200);
    for day in ["2026-03-19T09:00:00+08:00", "2026-04-11T09:00:00+08:00", "2026-05-28T09:00:00+08:00"] {
        world.at(day);
        world.run_jobs();
    }
    for (account, title) in [
        (&certified, "更新证书"),
        (&leaving, "办理退出事宜"),
        (&freed.applicant, "将创新券用于新的合同"),
        (&officer, "关注公示并处理异议"),
        (&published.applicant, "关注公示并处理异议"),
        (&published.facility, "关注公示并处理异议"),
        (&returned.facility, "补正并重新提交兑现申请"),
        (&waiting.facility, ":提交兑现申请"),
        (&waiting.facility, "提交绩效考核申报"),
    ] {
        let told = world.reminded(account).await;
        assert!(told.iter().any(|found| found.contains(title)), "{title}: {told:?}");
    }
}
