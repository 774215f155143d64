//! What is open and by when, in a list and as a calendar to subscribe to.

use serde_json::{Value, json};
use voucher_domain::facility::FacilityStatus;

use crate::harness::{Account, World, eligible_profile, id};
use crate::on_both_stores;

on_both_stores!(
    a_registration_concerns_the_applicant_and_whom_its_project_names,
    a_deadline_explains_which_holiday_moved_it,
    the_most_urgent_comes_first_and_what_is_over_is_gone,
    a_redemption_is_the_facility_s_until_it_is_handed_in,
    a_freed_voucher_is_open_until_its_validity_ends,
    experts_officers_and_parties_have_theirs,
    certificates_and_exits_are_on_the_list,
    the_feed_opens_with_its_secret_alone_until_it_is_revoked,
);

impl World {
    /// What somebody has to do: kind and name of each, in order.
    async fn open(&self, account: &Account) -> Vec<(String, String)> {
        let list = self.read(account, "/me/deadlines").await;
        let items = list["items"].as_array().unwrap();
        assert_eq!(list["total"], items.len());
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        items.iter().map(|item| (text(item, "kind"), text(item, "name"))).collect()
    }

    async fn first(&self, account: &Account) -> Value {
        self.read(account, "/me/deadlines").await["items"][0].clone()
    }
}

fn pairs(expected: &[(&str, &Value)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, name)| ((*kind).to_owned(), name.as_str().unwrap().to_owned())).collect()
}

async fn a_registration_concerns_the_applicant_and_whom_its_project_names(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, other, facility) = (world.enterprise().await, world.enterprise().await, world.facility().await);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    let registration = pairs(&[("registration", &voucher["number"])]);
    assert_eq!(world.open(&firm).await, registration);
    assert_eq!((world.open(&other).await, world.open(&facility).await), (vec![], vec![]));

    let project = world.draft_project(&firm, &facility, &[&id(&voucher)], 12_000_000).await;
    assert_eq!(world.open(&facility).await, []);
    world.post(&format!("/projects/{project}/submit")).by(&firm).send().await.expect(200);
    assert_eq!(world.open(&facility).await, registration);
    let accept = format!("/projects/{project}/accept");
    world.post(&accept).by(&facility).json(json!({ "remarks": "" })).send().await.expect(200);
    let item = world.first(&facility).await;
    assert_eq!((&item["part"], &item["article"], &item["days_left"]), (&json!("facility"), &json!("15.2"), &json!(15)));
    assert_eq!((&item["subject_kind"], &item["subject_id"]), (&json!("voucher"), &voucher["id"]));
    assert_eq!(item["deadline"], voucher["register_by"]);

    let form = world.contract_form(&project, &[&id(&voucher)], 12_000_000, "2026-04-30");
    let contract = world.ask_contract(&facility, form).await.expect(201);
    assert_eq!(world.open(&firm).await, []);
    assert_eq!(world.open(&facility).await, pairs(&[("redemption", &contract["number"])]));
}

async fn a_deadline_explains_which_holiday_moved_it(world: World) {
    world.at("2026-09-16T10:00:00+08:00");
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    world.claim(&firm, &cycle, 5_000_000).await;
    let item = world.first(&firm).await;
    assert_eq!(item["last_day"], "2026-10-08");
    let explanation = item["explanation"].as_str().unwrap();
    assert!(explanation.contains("10 月 1 日至 7 日为国庆节假期,顺延至 10 月 8 日"), "{explanation}");
    let english = world.get("/me/deadlines").by(&firm).header("accept-language", "en").send().await.expect(200);
    let item = &english["items"][0];
    assert!(item["explanation"].as_str().unwrap().contains("National Day holiday"), "{item}");
    assert!(item["what_to_do"].as_str().unwrap().contains("signed"), "{item}");
    world.get("/me/deadlines?kind=lunch").by(&firm).send().await.refused_field("kind");
    world.get("/me/deadlines?since=1").by(&firm).send().await.refused(422, "unknown_field");
    world.get("/me/deadlines").send().await.refused(401, "unauthenticated");
    let none = world.get("/me/deadlines?kind=redemption").by(&firm).send().await.expect(200);
    assert_eq!(none["total"], 0);
}

async fn the_most_urgent_comes_first_and_what_is_over_is_gone(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let firm = world.enterprise().await;
    let first = world.claim(&firm, &cycle, 1_000_000).await;
    world.at("2026-03-04T10:00:00+08:00");
    let second = world.claim(&firm, &cycle, 1_000_000).await;
    let both = pairs(&[("registration", &first["number"]), ("registration", &second["number"])]);
    assert_eq!(world.open(&firm).await, both);
    world.at("2026-03-17T23:59:59.999999+08:00");
    assert_eq!(world.open(&firm).await, both);
    assert_eq!(world.first(&firm).await["days_left"], 0);
    // Before any job has written so.
    world.at("2026-03-18T00:00:00+08:00");
    assert_eq!(world.open(&firm).await, pairs(&[("registration", &second["number"])]));
    world.post(&format!("/vouchers/{}/cancel", id(&second))).by(&firm).send().await.expect(200);
    assert_eq!(world.open(&firm).await, []);
}

async fn a_redemption_is_the_facility_s_until_it_is_handed_in(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let number = &signed.contract["number"];
    assert_eq!(world.open(&signed.facility).await, pairs(&[("redemption", number)]));
    assert_eq!(world.first(&signed.facility).await["deadline"], signed.contract["redeem_by"]);
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    assert_eq!(world.open(&signed.facility).await, []);
    let officer = world.officer().await;
    world.confirmed(&signed.applicant, &redemption).await;
    let remarks = json!({ "remarks": "服务报告缺页" });
    let returned = world.tell_redemption(&officer, &redemption, "return", remarks).await.expect(200);
    assert_eq!(world.open(&signed.facility).await, pairs(&[("correction", number)]));
    assert_eq!(world.first(&signed.facility).await["deadline"], returned["correct_by"]);
    world.do_redemption(&signed.facility, &redemption, "submit").await.expect(200);
    assert_eq!(world.open(&signed.facility).await, []);
}

async fn a_freed_voucher_is_open_until_its_validity_ends(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-04-16").await;
    let path = format!("/contracts/{}/terminate", id(&signed.contract));
    world.post(&path).by(&signed.facility).json(json!({ "reason": "设备故障" })).send().await.expect(200);
    // Their project stands accepted: another contract of it may use the voucher.
    for account in [&signed.facility, &signed.applicant] {
        assert_eq!(world.open(account).await, pairs(&[("validity", &signed.voucher["number"])]));
    }
    assert_eq!(world.first(&signed.applicant).await["deadline"], signed.contract["valid_until"]);
    let another = world.facility().await;
    world.submitted_project(&signed.applicant, &another, &[&id(&signed.voucher)], 10_000_000).await;
    assert_eq!(world.open(&another).await, pairs(&[("validity", &signed.voucher["number"])]));
}

async fn experts_officers_and_parties_have_theirs(world: World) {
    let signed = world.signed_contract(5_000_000, 10_000_000, "2026-03-16").await;
    let number = signed.contract["number"].clone();
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    for _ in 0..3 {
        world.expert().await;
    }
    let panel = world.draw_panel(&officer, &redemption).await;
    for expert in &panel {
        assert_eq!(world.open(expert).await, pairs(&[("review", &number)]));
        assert_eq!(world.first(expert).await["expires_at"], Value::Null);
        world.give_review(expert, &redemption, world.review_form(4_500_000, 4_500_000)).await.expect(200);
        assert_eq!(world.open(expert).await, []);
    }
    world.conclude(&officer, &redemption, 4_500_000).await.expect(200);
    let approver = world.officer().await;
    world.do_redemption(&approver, &redemption, "approve").await.expect(200);
    assert_eq!(world.open(&officer).await, []);
    let notice = world.publish(&officer, &[&redemption]).await;
    for account in [&officer, &signed.applicant, &signed.facility] {
        let item = world.first(account).await;
        assert_eq!((&item["kind"], &item["deadline"]), (&json!("notice_end"), &notice["deadline"]));
    }
    let (auditor, outsider) = (world.auditor().await, world.enterprise().await);
    assert_eq!((world.open(&auditor).await, world.open(&outsider).await), (vec![], vec![]));
    world.end_of(&notice);
    assert_eq!((world.open(&officer).await, world.open(&signed.applicant).await), (vec![], vec![]));
}

async fn certificates_and_exits_are_on_the_list(world: World) {
    let firm = world.enterprise().await;
    let certificate = |number: &str, valid_until: &str| json!({ "kind": "technology_sme", "number": number, "issued_on": "2025-06-01", "valid_until": valid_until });
    let mut profile = eligible_profile();
    // The later one of a kind has taken over from the earlier one.
    profile["certificates"] = json!([certificate("A", "2026-03-20"), certificate("B", "2026-05-31")]);
    world.put_profile(&firm, profile).await;
    let item = world.first(&firm).await;
    assert_eq!((&item["kind"], &item["last_day"]), (&json!("certificate_expiry"), &json!("2026-05-31")));
    assert!(item["name"].as_str().unwrap().ends_with('B'), "{item}");
    assert_eq!(item["expires_at"], "2026-06-01T00:00:00+08:00");

    let facility = world.facility().await;
    world.facility_becomes(&facility, FacilityStatus::Exiting, Some("2026-04-30"));
    let item = world.first(&facility).await;
    assert_eq!((&item["kind"], &item["last_day"]), (&json!("facility_exit"), &json!("2026-04-30")));
    world.at("2026-04-30T23:00:00+08:00");
    assert_eq!(world.open(&facility).await.len(), 1);
    world.at("2026-05-01T00:00:00+08:00");
    assert_eq!(world.open(&facility).await, []);
}

async fn the_feed_opens_with_its_secret_alone_until_it_is_revoked(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, other) = (world.enterprise().await, world.enterprise().await);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    let address = async || {
        let made = world.post("/me/deadlines/feed").by(&firm).send().await.expect(201);
        let url = made["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:8080/api/v1/me/deadlines.ics?token="), "{url}");
        url.split_once("/api/v1").unwrap().1.to_owned()
    };
    let first = address().await;
    let feed = world.get(&first).send().await;
    assert_eq!((feed.status, feed.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    let text = String::from_utf8(feed.bytes).unwrap().replace("\r\n ", "");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.contains("DTSTART;VALUE=DATE:20260317"), "{text}");
    assert!(text.contains(&format!("UID:registration-{}@127.0.0.1", id(&voucher))), "{text}");
    assert!(text.contains(voucher["number"].as_str().unwrap()), "{text}");

    // A new address ends the old one; nobody else's call does.
    let second = address().await;
    assert_ne!(first, second);
    world.get(&first).send().await.refused(404, "not_found");
    world.delete("/me/deadlines/feed").by(&other).send().await.refused(404, "not_found");
    assert_eq!(world.get(&second).send().await.status, 200);
    world.delete("/me/deadlines/feed").by(&firm).send().await.expect(204);
    world.get(&second).send().await.refused(404, "not_found");
    world.delete("/me/deadlines/feed").by(&firm).send().await.refused(404, "not_found");

    world.get("/me/deadlines.ics").send().await.refused(404, "not_found");
    world.get("/me/deadlines.ics?token=").send().await.refused(404, "not_found");
    let empty = world.get("/me/deadlines.ics").by(&other).send().await;
    assert!(!String::from_utf8(empty.bytes).unwrap().contains("VEVENT"));

    // An account that was closed shows nothing any more.
    let third = address().await;
    let admin = world.admin().await;
    let user = world.get("/users?role=applicant&limit=200").by(&admin).send().await.expect(200);
    let user = user["items"].as_array().unwrap().iter().find(|user| user["id"] == firm.user_id).unwrap().clone();
    let close = world.patch(&format!("/users/{}", firm.user_id)).by(&admin).if_match(&user["version"]);
    close.json(json!({ "is_active": false })).send().await.expect(200);
    world.get(&third).send().await.refused(404, "not_found");
}
