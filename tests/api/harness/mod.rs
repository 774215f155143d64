//! The application in process, on a store of its own, with a clock that the test moves.
//!
//! Every answer is held against the OpenAPI document, and after every change the ledger is proved,
//! so that each test also tests these two.

mod client;
mod joining;
mod market;
mod payment;
mod people;
mod programme;
mod publication;
mod supervision;
mod trade;

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use actix_http::Request;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::web::Data;
use actix_web::{App, test};
use innovation_voucher::adapters::clock::SimulatedClock;
use innovation_voucher::adapters::mail::Letters;
use innovation_voucher::config::{Mail as MailSettings, Settings};
use innovation_voucher::http::route::Route;
use innovation_voucher::http::routes;
use innovation_voucher::http::server::{self, Shared};
use innovation_voucher::jobs;
use innovation_voucher::services::Program;
use innovation_voucher::services::claim::telling;
use innovation_voucher::services::lease;
use innovation_voucher::services::ports::{Clock, Letter, Mail, MailError};
use innovation_voucher::services::{draw, verification};
use innovation_voucher::wiring;
use voucher_domain::period::Instant;
use voucher_storage::Store;
use voucher_storage::connection::DatabaseKind;
use voucher_storage::outbox::OutboxMail;
use voucher_storage::testing::{self, TestStore};

pub use client::{Ask, Reply, multipart};
pub use joining::*;
pub use market::*;
pub use payment::*;
pub use people::{Account, PASSWORD, eligible_profile, uscc};
pub use programme::*;
pub use publication::*;
pub use supervision::*;

/// When a test begins unless it says otherwise: a Monday without holidays near.
pub const START: &str = "2026-03-02T10:00:00+08:00";

type Answering = dyn Fn(Request) -> Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>>;

/// Keeps the letters instead of sending them, unless they are to go another way.
#[derive(Default)]
pub struct Letterbox {
    kept: Mutex<Vec<Letter>>,
    other_way: Mutex<Option<Arc<dyn Mail>>>,
}

impl Letterbox {
    /// Every letter, the oldest first.
    pub fn all(&self) -> Vec<Letter> {
        self.kept.lock().unwrap().clone()
    }
}

impl Mail for Letterbox {
    fn send(&self, letter: &Letter, now: Instant) -> Result<(), MailError> {
        if let Some(mail) = self.other_way.lock().unwrap().as_ref() {
            return mail.send(letter, now);
        }
        self.kept.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

/// A running application with its store, clock and letterbox.
pub struct World {
    service: Rc<Answering>,
    pub program: Arc<Program>,
    pub clock: Arc<SimulatedClock>,
    pub letters: Arc<Letterbox>,
    routes: Vec<Route>,
    sequence: Cell<u32>,
    admin: std::cell::RefCell<Option<Account>>,
    experts: std::cell::RefCell<Vec<Account>>,
    is_spoilt: Cell<bool>,
    // Dropped last: the database and the files.
    home: Rc<Home>,
}

/// What a world and those beside it share, gone with the last of them.
struct Home {
    clock: Arc<SimulatedClock>,
    letters: Arc<Letterbox>,
    directory: tempfile::TempDir,
    store: TestStore,
}

impl World {
    pub async fn sqlite() -> Self {
        Self::on(testing::sqlite()).await
    }

    pub async fn postgres() -> Self {
        Self::on(testing::postgres()).await
    }

    async fn on(store: TestStore) -> Self {
        Self::with_settings(store, |_| {}).await
    }

    /// A world whose configuration differs from the tests' usual one.
    pub async fn with_settings(store: TestStore, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Arc::new(SimulatedClock::at(instant(START)));
        let home = Home { clock, letters: Arc::default(), directory: tempfile::tempdir().unwrap(), store };
        Self::at_home(Rc::new(home), change).await
    }

    /// A second server on the same store, with the same clock, letterbox and administrator.
    pub async fn beside(&self) -> Self {
        let other = Self::at_home(Rc::clone(&self.home), |_| {}).await;
        // The names that each of them makes up must not meet.
        other.sequence.set(self.sequence.get() + 5_000);
        other.admin.replace(self.admin.borrow().clone());
        other
    }

    /// A server on the same store that is configured otherwise.
    pub async fn beside_with(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let other = Self::at_home(Rc::clone(&self.home), change).await;
        other.sequence.set(self.sequence.get() + 10_000);
        other.admin.replace(self.admin.borrow().clone());
        other
    }

    /// Another world in which everything is as it is in this one, which is not to be used any more.
    pub async fn copy(&self) -> Self {
        let files = self.home.directory.path().join("files");
        let clock = Arc::new(SimulatedClock::at(self.clock.now()));
        let store = testing::copy_of(&self.home.store);
        let home = Home { clock, letters: Arc::default(), directory: tempfile::tempdir().unwrap(), store };
        let other = Self::at_home(Rc::new(home), |settings| settings.files.directory = files).await;
        // Names and keys that were used are not used again.
        other.sequence.set(self.sequence.get() + 10_000);
        other
    }

    async fn at_home(home: Rc<Home>, change: impl FnOnce(&mut Settings)) -> Self {
        let directory = &home.directory;
        let mut settings = Settings::load(None).unwrap();
        settings.database.url = home.store.url().to_owned();
        settings.database.max_connections = 4;
        settings.files.directory = directory.path().join("files");
        settings.mail.directory = directory.path().join("mail");
        settings.auth.secret = "a secret that only these tests know".to_owned();
        settings.privacy.keys = "tests:a-secret-that-only-these-tests-know".to_owned();
        // The clock is moved by months in a test; its people stay logged in.
        settings.auth.access_token_minutes = 60 * 24 * 365 * 10;
        settings.auth.argon2_memory_kib = 8;
        settings.auth.argon2_iterations = 1;
        settings.auth.guesses_per_minute = 10_000;
        change(&mut settings);
        let (clock, letters) = (Arc::clone(&home.clock), Arc::clone(&home.letters));
        let mut program = wiring::program_with_clock(settings, Some(Arc::clone(&clock))).unwrap();
        program.mail = Arc::clone(&letters) as Arc<dyn Mail>;
        draw::stay_committed(&program).unwrap();
        let program = Arc::new(program);
        let shared = Data::new(Shared::new(Arc::clone(&program)));
        let service = test::init_service(App::new().configure(|service| server::configure(&shared, service))).await;
        let service = Rc::new(service);
        let answering = move |request: Request| -> Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>> {
            let service = Rc::clone(&service);
            Box::pin(async move { service.call(request).await.unwrap().map_into_boxed_body() })
        };
        let routes = routes::table(&program);
        Self {
            service: Rc::new(answering),
            program,
            clock,
            letters,
            routes,
            sequence: Cell::new(0),
            admin: std::cell::RefCell::new(None),
            experts: std::cell::RefCell::default(),
            is_spoilt: Cell::new(false),
            home,
        }
    }

    /// Moves the clock forward to this instant.
    pub fn at(&self, text: &str) {
        assert!(self.clock.move_to(instant(text)), "{text} is in the past of the test");
    }

    /// Runs the jobs once, as they run every few seconds.
    pub fn run_jobs(&self) {
        jobs::run_once(&self.program);
        self.prove();
        self.prove_wording();
    }

    /// Tells what has been claimed, and does nothing else that is due; how many attempts were looked at.
    pub fn tell_claims(&self) -> usize {
        lease::under(&self.program, "tell", telling::run).unwrap().unwrap()
    }

    /// Takes something out of the store that the program cannot do without: it may answer a fault of its own.
    pub fn spoil(&self, statement: &str) {
        testing::tamper(&self.program.store, statement);
        self.is_spoilt.set(true);
    }

    /// Proves the ledger from its entries.
    pub fn prove(&self) {
        let report = verification::verify(&self.program).unwrap();
        assert_eq!(report.fault, None, "the ledger is not whole");
    }

    /// Proves that every letter could be put into words.
    fn prove_wording(&self) {
        let letters = self.program.store.read(|tx| OutboxMail::list(tx, None, None, 200)).unwrap().items;
        let unworded =
            letters.iter().find(|letter| letter.last_error.as_ref().is_some_and(|error| error.starts_with("template")));
        assert_eq!(unworded, None, "a letter could not be put into words");
    }

    /// A number that was not used in this world, for names that must differ.
    pub fn next_number(&self) -> u32 {
        self.sequence.set(self.sequence.get() + 1);
        self.sequence.get()
    }

    /// From now on letters are sent as the program does, with these settings instead of the usual ones.
    pub fn send_letters_with(&self, change: impl FnOnce(&mut MailSettings)) {
        let mut settings = self.program.settings.mail.clone();
        change(&mut settings);
        *self.letters.other_way.lock().unwrap() = Some(Arc::new(Letters::from_settings(&settings).unwrap()));
    }

    /// From now on letters are kept again.
    pub fn keep_letters(&self) {
        *self.letters.other_way.lock().unwrap() = None;
    }

    /// How many letters were sent.
    pub fn letters_sent(&self) -> usize {
        self.letters.kept.lock().unwrap().len()
    }

    /// The newest letter to this address.
    pub fn letter_to(&self, address: &str) -> Letter {
        self.run_jobs();
        let letters = self.letters.kept.lock().unwrap();
        letters
            .iter()
            .rev()
            .find(|letter| letter.recipient == address)
            .unwrap_or_else(|| panic!("no letter to {address}"))
            .clone()
    }

    /// The token that the newest letter to this address carries.
    pub fn token_for(&self, address: &str) -> String {
        let body = self.letter_to(address).wording.text;
        let rest = body.split("token=").nth(1).unwrap_or_else(|| panic!("no token in {body}"));
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
    }
}

/// Waits until another transaction waits for a lock. On SQLite it waits before it has begun.
pub fn until_another_waits(store: &Store) {
    const NOBODY: &str = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
                          AND wait_event_type = 'Lock') THEN RAISE EXCEPTION 'nobody waits'; END IF; END $$";
    match store.kind() {
        DatabaseKind::Sqlite => {}
        DatabaseKind::Postgresql => {
            let waits = (0..20_000).any(|_| testing::change(store, NOBODY).is_ok());
            assert!(waits, "nobody ever waited");
        }
    }
}

/// An instant from its text.
pub fn instant(text: &str) -> Instant {
    text.parse().unwrap_or_else(|_| panic!("{text} is no instant"))
}

/// Declares the named `async fn(World)` as tests on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[actix_web::test] async fn $name() { super::$name($crate::harness::World::sqlite().await).await; })+
        }
        mod on_postgresql {
            $(#[actix_web::test] async fn $name() { super::$name($crate::harness::World::postgres().await).await; })+
        }
    };
}

/// The same, for a configuration that differs from the tests' usual one.
#[macro_export]
macro_rules! on_both_stores_with {
    ($change:ident; $($name:ident),+ $(,)?) => {
        mod configured_on_sqlite {
            $(#[actix_web::test] async fn $name() {
                let store = voucher_storage::testing::sqlite();
                super::$name($crate::harness::World::with_settings(store, super::$change).await).await;
            })+
        }
        mod configured_on_postgresql {
            $(#[actix_web::test] async fn $name() {
                let store = voucher_storage::testing::postgres();
                super::$name($crate::harness::World::with_settings(store, super::$change).await).await;
            })+
        }
    };
}
