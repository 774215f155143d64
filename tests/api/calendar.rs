//! A year's rest days are loaded while the server runs, and open deadlines follow (SPEC §2).

use innovation_voucher::services::ports::Clock;
use innovation_voucher::services::{Call, Failure, Precondition, calendar};
use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::actor::{Actor, Role};
use voucher_domain::period::DayKind;
use voucher_domain::refusal::RefusalCode;
use voucher_storage::calendar::CalendarYear;

use crate::harness::{Account, Reply, World, id, until_another_waits};
use crate::on_both_stores;

on_both_stores!(
    a_year_is_shown_to_everybody,
    provisional_deadlines_follow_the_year_they_lie_in,
    a_deadline_is_shortened_only_while_there_is_time,
    everything_that_is_open_follows,
    what_is_dead_or_done_stays_as_it_is,
    a_loaded_year_is_corrected_the_same_way,
    every_server_follows_at_once,
    a_notice_that_is_not_right_changes_nothing,
    of_two_who_load_a_year_first_one_is_told_so,
);

/// New Year, and an imagined holiday on Friday 15 January 2027.
fn notice_of_2027() -> Value {
    json!({ "days": [
        { "date": "2027-01-01", "kind": "holiday" }, { "date": "2027-01-02", "kind": "holiday" },
        { "date": "2027-01-03", "kind": "holiday" }, { "date": "2027-01-15", "kind": "holiday" }
    ] })
}

impl World {
    async fn ask_calendar(&self, officer: &Account, year: i32, version: i64, form: Value) -> Reply {
        let put = self.put(&format!("/calendar/{year}")).by(officer).if_match(&json!(version));
        put.json(form).send().await
    }

    async fn load(&self, officer: &Account, year: i32, version: i64, form: Value) -> Value {
        self.ask_calendar(officer, year, version, form).await.expect(200)
    }

    async fn voucher(&self, account: &Account, voucher: &Value) -> Value {
        self.read(account, &format!("/vouchers/{}", id(voucher))).await
    }
}

async fn a_year_is_shown_to_everybody(world: World) {
    let shown = world.get("/calendar/2026").send().await;
    assert_eq!(shown.header("etag"), Some("\"0\""));
    let shown = shown.expect(200);
    assert_eq!((&shown["loaded"], &shown["loaded_at"]), (&json!(true), &Value::Null));
    assert!(shown["days"].as_array().unwrap().contains(&json!({ "date": "2026-10-10", "kind": "workday" })));
    let unknown = world.get("/calendar/2027").send().await.expect(200);
    assert_eq!((&unknown["loaded"], &unknown["days"], &unknown["version"]), (&json!(false), &json!([]), &json!(0)));
    for year in ["1999", "2101", "27", "+2027", "next"] {
        world.get(&format!("/calendar/{year}")).send().await.refused(404, "not_found");
    }
}

async fn provisional_deadlines_follow_the_year_they_lie_in(world: World) {
    world.at("2026-12-17T10:00:00+08:00");
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    assert_eq!(
        (&voucher["register_by"]["last_day"], &voucher["register_by"]["provisional"]),
        (&json!("2027-01-01"), &json!(true))
    );
    let loaded = world.load(&officer, 2027, 0, notice_of_2027()).await;
    let recounted = json!({ "vouchers": 1, "contracts": 0, "redemptions": 0, "notices": 0, "statements": 0 });
    assert_eq!(loaded["recounted"], recounted);
    assert_eq!((&loaded["version"], &loaded["loaded"]), (&json!(1), &json!(true)));
    let after = world.voucher(&firm, &voucher).await;
    assert_eq!(after["register_by"]["last_day"], "2027-01-04");
    assert_eq!(after["register_by"]["provisional"], false);
    assert_eq!(after["register_by"]["counted_from"], "2026-12-17");
    assert_eq!(after["lapses_at"], "2027-01-05T00:00:00+08:00");
    let events = world.read(&firm, &format!("/vouchers/{}/events", id(&voucher))).await;
    assert_eq!(events["items"][0]["action"], "voucher_deadline_moved");
    assert_eq!(events["items"][0]["after"]["register_by"]["last_day"], "2027-01-04");
    let told = world.read(&firm, "/notifications").await;
    let told = &told["items"][0];
    assert_eq!((&told["kind"], &told["subject_id"]), (&json!("deadline_moved"), &voucher["id"]));
    let letter = world.letter_to(&firm.email);
    assert!(letter.wording.subject.contains("2027年1月4日"), "{letter:?}");
    // The new end binds.
    world.at("2027-01-04T23:59:59+08:00");
    world.run_jobs();
    assert_eq!(world.voucher(&firm, &voucher).await["status"], "claimed");
    world.at("2027-01-05T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.voucher(&firm, &voucher).await["status"], "void");
}

async fn a_deadline_is_shortened_only_while_there_is_time(world: World) {
    world.at("2026-12-18T10:00:00+08:00");
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    assert_eq!(voucher["register_by"]["last_day"], "2027-01-04");
    let worked_saturday = json!({ "csv": "date,kind\n2027-01-01,holiday\n2027-01-02,workday\n" });
    let loaded = world.load(&officer, 2027, 0, worked_saturday.clone()).await;
    assert_eq!(loaded["recounted"]["vouchers"], 1);
    assert_eq!(world.voucher(&firm, &voucher).await["register_by"]["last_day"], "2027-01-02");
    let longer = json!({ "csv": "date,kind\n2027-01-01,holiday\n2027-01-04,holiday\n" });
    world.load(&officer, 2027, 1, longer).await;
    assert_eq!(world.voucher(&firm, &voucher).await["register_by"]["last_day"], "2027-01-05");
    world.at("2026-12-30T10:00:00+08:00");
    world.load(&officer, 2027, 2, worked_saturday).await;
    let kept = world.voucher(&firm, &voucher).await;
    assert_eq!(
        (&kept["register_by"]["last_day"], &kept["lapses_at"]),
        (&json!("2027-01-05"), &json!("2027-01-06T00:00:00+08:00"))
    );
}

async fn everything_that_is_open_follows(world: World) {
    world.at("2026-12-10T10:00:00+08:00");
    let (signed, freed) = (
        world.signed_contract(5_000_000, 10_000_000, "2026-12-15").await,
        world.signed_contract(5_000_000, 10_000_000, "2026-12-15").await,
    );
    let terminate = format!("/contracts/{}/terminate", id(&freed.contract));
    world.post(&terminate).by(&freed.facility).json(json!({ "reason": "设备故障" })).send().await.expect(200);
    let to_correct = world.signed_contract(5_000_000, 10_000_000, "2026-12-28").await;
    let published = world.approved_redemption(5_000_000, 10_000_000, 9_000_000, 4_500_000).await;
    world.at("2026-12-28T10:00:00+08:00");
    let notice = world.publish(&published.approver, &[&published.redemption]).await;
    let redemption = world.redemption(&to_correct.facility, &to_correct.contract, 9_000_000).await;
    let officer = world.officer().await;
    world.confirmed(&to_correct.applicant, &redemption).await;
    let remarks = json!({ "remarks": "缺页" });
    let returned = world.tell_redemption(&officer, &redemption, "return", remarks).await.expect(200);
    let days = |thing: &Value, field: &str| thing[field]["last_day"].as_str().unwrap().to_owned();
    assert_eq!(days(&signed.contract, "redeem_by"), "2027-01-15");
    assert_eq!(days(&freed.contract, "valid_until"), "2027-03-10");
    assert_eq!((days(&returned, "correct_by"), days(&notice, "deadline")), ("2027-01-04".into(), "2027-01-04".into()));

    let mut form = notice_of_2027();
    form["days"].as_array_mut().unwrap().push(json!({ "date": "2027-03-10", "kind": "holiday" }));
    let recounted = world.load(&officer, 2027, 0, form).await["recounted"].clone();
    // The contract of what is published can still be redeemed by its words: it follows, too.
    assert_eq!((&recounted["redemptions"], &recounted["notices"]), (&json!(1), &json!(1)));
    let contract = world.read(&signed.facility, &format!("/contracts/{}", id(&signed.contract))).await;
    assert_eq!(days(&contract, "redeem_by"), "2027-01-18");
    assert_eq!(contract["version"], signed.contract["version"].as_i64().unwrap() + 1);
    let bound = world.voucher(&signed.applicant, &signed.voucher).await;
    assert_eq!(
        (days(&bound, "valid_until").as_str(), &bound["lapses_at"]),
        ("2027-03-11", &json!("2027-01-19T00:00:00+08:00"))
    );
    let free = world.voucher(&freed.applicant, &freed.voucher).await;
    assert_eq!(free["lapses_at"], "2027-03-12T00:00:00+08:00");
    let returned = world.read(&to_correct.facility, &format!("/redemptions/{redemption}")).await;
    assert_eq!(days(&returned, "correct_by"), "2027-01-05");
    let voucher = world.voucher(&to_correct.applicant, &to_correct.voucher).await;
    assert_eq!(voucher["lapses_at"], "2027-01-06T00:00:00+08:00");
    let notice = world.get(&format!("/notices/{}", id(&notice))).send().await.expect(200);
    assert_eq!(days(&notice, "deadline"), "2027-01-05");
    // The job settles nothing earlier.
    world.at("2027-01-05T23:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &published.redemption).await, "in_notice");
    world.at("2027-01-06T00:00:00+08:00");
    world.run_jobs();
    assert_eq!(world.redemption_status(&officer, &published.redemption).await, "payable");
    assert_eq!(world.redemption_status(&officer, &redemption).await, "void");
}

async fn what_is_dead_or_done_stays_as_it_is(world: World) {
    world.at("2026-12-17T10:00:00+08:00");
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let (dying, given_back) =
        (world.claim(&firm, &cycle, 1_000_000).await, world.claim(&firm, &cycle, 1_000_000).await);
    world.post(&format!("/vouchers/{}/cancel", id(&given_back))).by(&firm).send().await.expect(200);
    // Over, though no job has written so.
    world.at("2027-01-02T00:00:00+08:00");
    let recounted = world.load(&officer, 2027, 0, notice_of_2027()).await["recounted"].clone();
    assert_eq!(recounted["vouchers"], 0);
    world.run_jobs();
    assert_eq!(world.voucher(&firm, &dying).await["void_cause"], "registration_overdue");
    assert_eq!(world.voucher(&firm, &given_back).await["register_by"]["provisional"], true);
}

async fn a_loaded_year_is_corrected_the_same_way(world: World) {
    world.at("2026-09-16T10:00:00+08:00");
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let voucher = world.claim(&firm, &cycle, 5_000_000).await;
    assert_eq!(voucher["register_by"]["last_day"], "2026-10-08");
    let mut days = world.get("/calendar/2026").send().await.expect(200)["days"].clone();
    days.as_array_mut().unwrap().push(json!({ "date": "2026-10-08", "kind": "holiday" }));
    let loaded = world.load(&officer, 2026, 0, json!({ "days": days })).await;
    assert_eq!(loaded["days"], days_in_order(days));
    assert_eq!(world.voucher(&firm, &voucher).await["register_by"]["last_day"], "2026-10-09");
    world.ask_calendar(&officer, 2026, 0, notice_of_2027()).await.refused(412, "precondition_failed");
    // What the notice does not name any more is an ordinary day again.
    let bare = json!({ "csv": "date,kind\n2026-10-01,holiday\n" });
    let loaded = world.load(&officer, 2026, 1, bare).await;
    assert_eq!((loaded["days"].as_array().unwrap().len(), &loaded["version"]), (1, &json!(2)));
    assert_eq!(world.voucher(&firm, &voucher).await["register_by"]["last_day"], "2026-10-02");
}

fn days_in_order(mut days: Value) -> Value {
    days.as_array_mut().unwrap().sort_by_key(|day| day["date"].as_str().unwrap().to_owned());
    days
}

async fn every_server_follows_at_once(world: World) {
    world.at("2026-12-17T10:00:00+08:00");
    let other = world.beside().await;
    let cycle = world.open_cycle(100_000_000).await;
    let (firm, officer) = (world.enterprise().await, world.officer().await);
    let before = other.claim(&firm, &cycle, 1_000_000).await;
    assert_eq!(before["register_by"]["last_day"], "2027-01-01");
    world.load(&officer, 2027, 0, notice_of_2027()).await;
    let after = other.claim(&firm, &cycle, 1_000_000).await;
    assert_eq!(
        (&after["register_by"]["last_day"], &after["register_by"]["provisional"]),
        (&json!("2027-01-04"), &json!(false))
    );
    assert_eq!(other.get("/calendar/2027").send().await.expect(200)["loaded"], true);
    // The job looks once more, and finds nothing that was reckoned by the old one.
    world.at("2026-12-17T10:02:00+08:00");
    other.run_jobs();
    assert_eq!(world.voucher(&firm, &after).await["version"], after["version"]);
}

async fn a_notice_that_is_not_right_changes_nothing(world: World) {
    let (officer, firm) = (world.officer().await, world.enterprise().await);
    let day = |date: &str| json!({ "date": date, "kind": "holiday" });
    let put = || world.put("/calendar/2027");
    put().by(&officer).json(notice_of_2027()).send().await.refused(428, "precondition_required");
    put().by(&firm).if_match(&json!(0)).json(notice_of_2027()).send().await.refused(403, "forbidden");
    put().if_match(&json!(0)).json(notice_of_2027()).send().await.refused(401, "unauthenticated");
    let cases = [
        (json!({}), "days"),
        (json!({ "days": [day("2027-01-01")], "csv": "date,kind\n2027-01-01,holiday" }), "days"),
        (json!({ "days": [] }), "days"),
        (json!({ "days": [day("2026-12-31")] }), "days"),
        (json!({ "days": [day("2027-01-01"), day("2028-01-01")] }), "days"),
        (json!({ "days": [day("2027-01-01"), day("2027-01-01")] }), "days[1].date"),
        (json!({ "days": [{ "date": "2027-13-01", "kind": "holiday" }] }), "days[0].date"),
        (json!({ "days": [{ "date": "2027-01-01", "kind": "rest" }] }), "days[0].kind"),
        (json!({ "csv": "date,kind\n2027-01-01,rest" }), "csv"),
        (json!({ "csv": "day,kind\n2027-01-01,holiday" }), "csv"),
        (json!({ "csv": "date,kind\n2026-01-01,holiday" }), "csv"),
    ];
    for (form, field) in cases {
        let reply = world.ask_calendar(&officer, 2027, 0, form.clone()).await;
        assert_eq!(reply.status, 422, "{form}");
        reply.refused_field(field);
    }
    let message = world.ask_calendar(&officer, 2027, 0, json!({ "csv": "date,kind\n2027-01-01,rest" })).await;
    assert!(message.body["fields"][0]["message"].as_str().unwrap().contains("第 2 行"), "{}", message.body);
    assert_eq!(world.get("/calendar/2027").send().await.expect(200)["loaded"], false);
    world.ask_calendar(&officer, 1999, 0, notice_of_2027()).await.refused(404, "not_found");
}

async fn of_two_who_load_a_year_first_one_is_told_so(world: World) {
    let (one, other) = (world.officer().await, world.officer().await);
    let (program, now) = (&world.program, world.clock.now());
    let days = vec![("2027-01-01".parse().unwrap(), DayKind::Holiday)];
    let first = CalendarYear {
        year: 2027,
        days,
        loaded_by: one.user_id.parse().unwrap(),
        loaded_at: now,
        settled_at: None,
        version: 1,
    };
    let caller = Some(Actor { user_id: other.user_id.parse().unwrap(), role: Role::Officer, organization_id: None });
    let second = || {
        program.store.write(|tx| {
            let (request_id, precondition) = (Uuid::nil(), Some(Precondition::Any));
            let mut call = Call { program, tx, now, caller, request_id, precondition };
            calendar::load(&mut call, "2027", serde_json::from_value(notice_of_2027()).unwrap())
        })
    };
    let answer = std::thread::scope(|scope| {
        let mut answer = None;
        let written = program.store.write(|tx| {
            assert!(CalendarYear::insert_or_ignore(tx, &first)?);
            // Before it is committed, another officer loads the same year, whatever is there.
            answer = Some(scope.spawn(second));
            until_another_waits(&program.store);
            Ok::<_, voucher_storage::StorageError>(())
        });
        written.unwrap();
        answer.unwrap().join().unwrap()
    });
    // Whoever is answered that the year is loaded has loaded it.
    let stored = world.get("/calendar/2027").send().await.expect(200);
    match answer {
        Ok(loaded) => assert_eq!(serde_json::to_value(&loaded).unwrap()["days"], stored["days"]),
        Err(Failure::Refused(refusal)) => {
            assert_eq!(refusal.code, RefusalCode::PreconditionFailed);
            assert_eq!(stored["days"], json!([{ "date": "2027-01-01", "kind": "holiday" }]));
        }
        Err(failure) => panic!("{failure}"),
    }
}
