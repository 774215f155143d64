//! A year with the clock moved by hours: every reminder exactly once, and none after the deed.

use std::collections::{BTreeMap, BTreeSet};

use innovation_voucher::jobs;
use innovation_voucher::services::ports::Clock;
use serde_json::{Value, json};
use voucher_domain::period::{Day, Instant};
use voucher_storage::StorageError;
use voucher_storage::reminder::Reminder;

use crate::harness::{Account, World, id, instant};
use crate::on_both_stores;

on_both_stores!(every_reminder_of_a_year_is_given_exactly_once);

const END: &str = "2027-02-28T00:00:00+08:00";
const CLAIMS: usize = 24;

/// A deadline, from when it was open, and when it was done.
struct Open {
    user_id: String,
    subject_id: String,
    last_day: Day,
    expires_at: Instant,
    since: Instant,
    done_at: Option<Instant>,
}

/// What becomes of a voucher.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Forgotten,
    RegisteredLateAndForgotten,
    RegisteredAndRedeemed,
    GivenBack,
}

/// A voucher on its way.
struct Way {
    firm: usize,
    fate: Fate,
    claimed_at: Instant,
    voucher: Value,
    project: Option<String>,
    contract: Option<Value>,
    is_done: bool,
}

fn day(text: &Value) -> Day {
    text.as_str().unwrap().parse().unwrap()
}

fn hours_after(at: Instant, hours: i64) -> Instant {
    at.plus_seconds(hours * 3600).unwrap()
}

struct Story<'w> {
    world: &'w World,
    firms: Vec<Account>,
    facility: Account,
    cycle: String,
    open: Vec<Open>,
    ways: Vec<Way>,
}

impl Story<'_> {
    fn opens(&mut self, account: &Account, subject: &Value, deadline: &Value) {
        self.open.push(Open {
            user_id: account.user_id.clone(),
            subject_id: id(subject),
            last_day: day(&deadline["last_day"]),
            expires_at: instant(deadline["expires_at"].as_str().unwrap()),
            since: self.world.clock.now(),
            done_at: None,
        });
    }

    fn done(&mut self, subject: &Value) {
        let (now, subject) = (self.world.clock.now(), id(subject));
        self.open.iter_mut().filter(|open| open.subject_id == subject).for_each(|open| open.done_at = Some(now));
    }

    async fn claim(&mut self) {
        let number = self.ways.len();
        let (firm, fate) = (
            number % self.firms.len(),
            [Fate::Forgotten, Fate::RegisteredLateAndForgotten, Fate::RegisteredAndRedeemed, Fate::GivenBack]
                [number % 4],
        );
        let account = self.firms[firm].clone();
        let voucher = self.world.claim(&account, &self.cycle, 1_000_000).await;
        self.opens(&account, &voucher, &voucher["register_by"]);
        let claimed_at = self.world.clock.now();
        self.ways.push(Way { firm, fate, claimed_at, voucher, project: None, contract: None, is_done: false });
    }

    /// Takes a voucher's next step, if its hour has come.
    async fn go_on(&mut self, place: usize) {
        let world = self.world;
        let (now, facility) = (world.clock.now(), self.facility.clone());
        let way = &self.ways[place];
        let (firm, fate, voucher) = (self.firms[way.firm].clone(), way.fate, way.voucher.clone());
        let is_after_days = |days: i64| now >= hours_after(way.claimed_at, days * 24);
        let registers = matches!(fate, Fate::RegisteredLateAndForgotten | Fate::RegisteredAndRedeemed);
        let days_to_registration = if fate == Fate::RegisteredAndRedeemed { 3 } else { 12 };
        if fate == Fate::GivenBack && !way.is_done && is_after_days(14) {
            world.post(&format!("/vouchers/{}/cancel", id(&voucher))).by(&firm).unproved().send().await.expect(200);
            self.ways[place].is_done = true;
            self.done(&voucher);
        } else if registers && way.project.is_none() && is_after_days(1) {
            let project = world.submitted_project(&firm, &facility, &[&id(&voucher)], 2_000_000).await;
            self.ways[place].project = Some(project);
            self.opens(&facility, &voucher, &voucher["register_by"]);
        } else if registers && way.contract.is_none() && way.project.is_some() && is_after_days(days_to_registration) {
            let project = way.project.clone().unwrap();
            let accept = format!("/projects/{project}/accept");
            world.post(&accept).by(&facility).json(json!({ "remarks": "" })).unproved().send().await.expect(200);
            let ends_on = hours_after(now, 20 * 24).day().to_string();
            let form = world.contract_form(&project, &[&id(&voucher)], 2_000_000, &ends_on);
            let contract = world.ask_contract(&facility, form).await.expect(201);
            self.done(&voucher);
            self.opens(&facility, &contract, &contract["redeem_by"]);
            self.ways[place].contract = Some(contract);
        } else if let Some(contract) =
            way.contract.clone().filter(|_| fate == Fate::RegisteredAndRedeemed && !way.is_done)
        {
            let end = instant(contract["redeem_by"]["expires_at"].as_str().unwrap());
            if now >= hours_after(end, -60) {
                world.redemption(&facility, &contract, 2_000_000).await;
                self.ways[place].is_done = true;
                self.done(&contract);
            }
        }
    }

    /// Who must have been reminded, of what, how many days ahead, by when the jobs ran.
    fn expected(&self, ran_at: &[Instant]) -> BTreeSet<(String, String, Instant, i32)> {
        let mut expected = BTreeSet::new();
        for open in &self.open {
            let opens = |days: u64| {
                let day = open.last_day.checked_sub_days(chrono::Days::new(days)).unwrap();
                hours_after(Instant::start_of(day).unwrap(), 8)
            };
            for (days, from, until) in [(5, opens(5), opens(1)), (1, opens(1), open.expires_at)] {
                let until = open.done_at.map_or(until, |done_at| done_at.min(until));
                if ran_at.iter().any(|ran| *ran >= from.max(open.since) && *ran < until) {
                    expected.insert((open.user_id.clone(), open.subject_id.clone(), open.expires_at, days));
                }
            }
        }
        expected
    }
}

async fn every_reminder_of_a_year_is_given_exactly_once(world: World) {
    let cycle = world.open_cycle(100_000_000).await;
    let mut firms = Vec::new();
    for _ in 0..3 {
        firms.push(world.enterprise().await);
    }
    let facility = world.facility().await;
    let mut story = Story { world: &world, firms, facility, cycle, open: Vec::new(), ways: Vec::new() };
    let begin = world.clock.now();
    let (mut now, mut ran_at) = (begin, Vec::new());
    for step in 0_i64.. {
        // One to eleven hours, and now and then a server that is down for days.
        let hours = if step % 97 == 96 { 75 } else { step * 7 % 11 + 1 };
        now = hours_after(now, hours);
        if now >= instant(END) {
            break;
        }
        world.clock.move_to(now);
        while story.ways.len() < CLAIMS && now >= hours_after(begin, i64::try_from(story.ways.len()).unwrap() * 240) {
            story.claim().await;
        }
        for place in 0..story.ways.len() {
            story.go_on(place).await;
        }
        jobs::run_once(&world.program);
        ran_at.push(now);
    }
    world.prove();
    let expected = story.expected(&ran_at);
    assert!(expected.len() > CLAIMS, "{}", expected.len());
    let rows = world.program.store.read(|tx| -> Result<Vec<Reminder>, StorageError> {
        let subjects: Vec<_> = story.open.iter().map(|open| open.subject_id.parse().unwrap()).collect();
        Reminder::of_subjects(tx, &subjects)
    });
    let rows = rows.unwrap();
    let given =
        rows.iter().map(|row| (row.user_id.to_string(), row.subject_id.to_string(), row.expires_at, row.days_ahead));
    let given: Vec<_> = given.collect();
    assert_eq!(given.len(), given.iter().collect::<BTreeSet<_>>().len(), "somebody was reminded twice");
    assert_eq!(given.into_iter().collect::<BTreeSet<_>>(), expected);
    letters_are_one_a_turn(&world, &rows);
}

/// Everybody got one letter for all the reminders of a turn.
fn letters_are_one_a_turn(world: &World, rows: &[Reminder]) {
    let mut turns: BTreeMap<String, BTreeSet<Instant>> = BTreeMap::new();
    for row in rows {
        turns.entry(row.user_id.to_string()).or_default().insert(row.created_at);
    }
    let wanted: usize = turns.values().map(BTreeSet::len).sum();
    let letters = world.letters.all();
    let is_reminder = |subject: &str| subject.starts_with("还有") || subject.contains("项期限临近");
    assert_eq!(letters.iter().filter(|letter| is_reminder(&letter.wording.subject)).count(), wanted);
}
