//! What every use case is given: the transaction, the instant, the person, the program's parts.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use uuid::{ContextV7, Timestamp, Uuid};
use voucher_domain::actor::{Actor, Role};
use voucher_domain::code::Code;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::{Day, Instant};
use voucher_domain::policy::{Policies, Policy};
use voucher_domain::refusal::{Refusal, RefusalCode};
use voucher_storage::event::Event;
use voucher_storage::{Connection, Store};

use super::calendar::RestDays;
use super::catalogue::KnownTraits;
use super::claim::Rush;
use super::ports::{Clock, Files, Mail, MovableClock, Passwords, Templates, Tokens, Vault};
use super::{Failure, Outcome};
use crate::config::Settings;

/// The parts of the running program, made once by `main`.
pub struct Program {
    /// The store.
    pub store: Store,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// The clock again, where it can be moved (`--simulated-clock`).
    pub simulated_clock: Option<Arc<dyn MovableClock>>,
    /// The policies of `config/policies/`.
    pub policies: Policies,
    /// The rest days of the files, with the notices loaded since.
    pub rest_days: RestDays,
    /// The combinations of traits that the catalogue counts by.
    pub known_traits: KnownTraits,
    /// How many claim at this moment.
    pub rush: Rush,
    /// The configuration.
    pub settings: Settings,
    /// Hashes passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Signs tokens.
    pub tokens: Arc<dyn Tokens>,
    /// Seals personal details.
    pub vault: Arc<dyn Vault>,
    /// Keeps uploads.
    pub files: Arc<dyn Files>,
    /// Puts messages into words.
    pub templates: Arc<dyn Templates>,
    /// Sends letters.
    pub mail: Arc<dyn Mail>,
    /// Which of several servers this one is: leases are held in this name.
    pub server_id: Uuid,
    /// Orders the ids made within one millisecond.
    pub id_sequence: Mutex<ContextV7>,
}

impl Program {
    /// A new id, ordered by the instant it was made at.
    pub fn new_id(&self, now: Instant) -> Uuid {
        let utc = now.utc();
        let seconds = u64::try_from(utc.timestamp()).unwrap_or_default();
        let context = self.id_sequence.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, utc.timestamp_subsec_nanos()))
    }
}

impl Program {
    /// Runs a piece of the program's own work as one transaction: nobody calls, the program does.
    ///
    /// # Errors
    /// What the work fails with.
    pub fn transact<T>(&self, mut work: impl FnMut(&mut Call<'_>) -> Outcome<T>) -> Outcome<T> {
        let now = self.clock.now();
        let request_id = self.new_id(now);
        self.store.write(|tx| work(&mut Call { program: self, tx, now, caller: None, request_id, precondition: None }))
    }

    /// Runs a piece of the program's own work that only reads, in one consistent state of the store.
    ///
    /// # Errors
    /// What the work fails with.
    pub fn observe<T>(&self, work: impl FnOnce(&mut Call<'_>) -> Outcome<T>) -> Outcome<T> {
        let now = self.clock.now();
        let request_id = self.new_id(now);
        self.store.read(|tx| work(&mut Call { program: self, tx, now, caller: None, request_id, precondition: None }))
    }
}

/// The version of a thing that a change is meant for (`If-Match`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Any version (`*`).
    Any,
    /// This version.
    Version(i64),
}

/// One use case under way.
pub struct Call<'a> {
    /// The program.
    pub program: &'a Program,
    /// The open transaction.
    pub tx: &'a mut Connection,
    /// The instant of the call, read once.
    pub now: Instant,
    /// Who calls; nobody for what is public.
    pub caller: Option<Actor>,
    /// The request's id, which ends up in every event and answer.
    pub request_id: Uuid,
    /// The version that the caller read, where a change asks for it.
    pub precondition: Option<Precondition>,
}

/// A change of state, as the log of events keeps it.
pub struct Change<'a> {
    /// What was done.
    pub action: EventAction,
    /// To what kind of thing.
    pub kind: SubjectKind,
    /// To which.
    pub id: Uuid,
    /// Whose thing it is, where it has an owner.
    pub organization_id: Option<Uuid>,
    /// The cycle whose money it touches.
    pub cycle_id: Option<Uuid>,
    /// Before; nothing when it was made.
    pub before: Option<&'a dyn erased::Facts>,
    /// After; nothing when it is gone.
    pub after: Option<&'a dyn erased::Facts>,
}

/// Anything that can be written down as JSON, behind a reference.
pub mod erased {
    use serde::Serialize;

    /// A value that can be written down.
    pub trait Facts {
        /// The value as JSON.
        ///
        /// # Errors
        /// When it has no JSON form.
        fn facts(&self) -> Result<String, serde_json::Error>;
    }

    impl<T: Serialize> Facts for T {
        fn facts(&self) -> Result<String, serde_json::Error> {
            serde_json::to_string(self)
        }
    }
}

impl Call<'_> {
    /// The regulation's day of the call.
    pub fn today(&self) -> Day {
        self.now.day()
    }

    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.program.new_id(self.now)
    }

    /// The person who calls.
    ///
    /// # Errors
    /// `unauthenticated` when there is none.
    pub fn actor(&self) -> Result<Actor, Refusal> {
        self.caller.ok_or_else(unauthenticated)
    }

    /// The organization the caller acts for.
    ///
    /// # Errors
    /// `forbidden` for an account without one.
    pub fn organization(&self) -> Result<Uuid, Refusal> {
        self.actor()?.organization_id.ok_or_else(|| {
            Refusal::forbidden("此操作仅限申领单位或开放单位。", "Only the people of an organization can do this.")
        })
    }

    /// Whether the caller has this role.
    pub fn is_role(&self, role: Role) -> bool {
        self.caller.is_some_and(|actor| actor.role == role)
    }

    /// The policy of an id that the store holds.
    ///
    /// # Errors
    /// Internal, when the file of a policy in use is missing.
    pub fn policy(&self, id: &str) -> Outcome<&Policy> {
        self.program
            .policies
            .get(id)
            .ok_or_else(|| Failure::internal(format!("policy {id} is in use, but its file is gone")))
    }

    /// The edition of a policy that this server has loaded.
    ///
    /// # Errors
    /// Internal, when the policy is none of those.
    pub fn edition(&self, policy: &Policy) -> Outcome<String> {
        let edition = self.program.policies.edition(&policy.id);
        edition.map(str::to_owned).ok_or_else(|| Failure::internal(format!("policy {} was not loaded", policy.id)))
    }

    /// Refuses a change that is meant for another version than the present one (RFC 9110 §13.1.1).
    ///
    /// # Errors
    /// `precondition_required` without `If-Match`, `precondition_failed` with an old one.
    pub fn expect_version(&self, version: i64) -> Result<(), Refusal> {
        match self.precondition {
            Some(Precondition::Any) => Ok(()),
            Some(Precondition::Version(read)) if read == version => Ok(()),
            Some(Precondition::Version(_)) => Err(Refusal::new(
                RefusalCode::PreconditionFailed,
                "内容在您读取之后已被修改,请重新读取(GET)后再提交。",
                "This has changed since you read it; please read it again (GET) and repeat.",
            )),
            None => Err(precondition_required()),
        }
    }

    /// As [`Self::expect_version`], where naming a version is left to the caller.
    ///
    /// # Errors
    /// `precondition_failed` with an old one.
    pub fn respect_version(&self, version: i64) -> Result<(), Refusal> {
        if self.precondition.is_some() { self.expect_version(version) } else { Ok(()) }
    }

    /// Records that somebody of another organization, or an expert, read an organization's materials: an
    /// applicant's (Art. 9.3), or what a facility has submitted to the assessment.
    ///
    /// # Errors
    /// When the store fails.
    pub fn record_reading(&mut self, kind: SubjectKind, id: Uuid, organization_id: Uuid) -> Outcome<()> {
        let outsider = self.caller.is_some_and(|actor| match actor.role {
            Role::Expert => true,
            Role::Applicant | Role::Facility => !actor.is_of(organization_id),
            Role::Officer | Role::Auditor | Role::Admin => false,
        });
        if !outsider {
            return Ok(());
        }
        self.record(Change {
            action: EventAction::MaterialsRead,
            kind,
            id,
            organization_id: Some(organization_id),
            cycle_id: None,
            before: None,
            after: None,
        })
    }

    /// Writes a change into the log of events, in the transaction of the change itself.
    ///
    /// # Errors
    /// When the store fails.
    pub fn record(&mut self, change: Change<'_>) -> Outcome<()> {
        let row = self.event(change)?;
        Event::insert(self.tx, &row)?;
        Ok(())
    }

    /// Writes many changes into the log at once.
    ///
    /// # Errors
    /// When the store fails.
    pub fn record_all(&mut self, changes: Vec<Change<'_>>) -> Outcome<()> {
        let rows = changes.into_iter().map(|change| self.event(change)).collect::<Outcome<Vec<_>>>()?;
        Ok(Event::insert_all(self.tx, &rows)?)
    }

    /// The event of a change, where many are written at once.
    ///
    /// # Errors
    /// Internal, when the change has no JSON form.
    pub fn event(&self, change: Change<'_>) -> Outcome<Event> {
        Ok(Event {
            id: self.new_id(),
            occurred_at: self.now,
            actor_user_id: self.caller.map(|actor| actor.user_id),
            actor_role: self.caller.map(|actor| actor.role),
            action: change.action.code().to_owned(),
            subject_kind: change.kind.code().to_owned(),
            subject_id: change.id,
            organization_id: change.organization_id,
            cycle_id: change.cycle_id,
            before: written(change.before)?,
            after: written(change.after)?,
            request_id: self.request_id,
        })
    }
}

fn written(facts: Option<&dyn erased::Facts>) -> Outcome<Option<String>> {
    facts
        .map(erased::Facts::facts)
        .transpose()
        .map_err(|error| Failure::internal(format!("an event has no JSON form: {error}")))
}

/// What an event says was before or after, as it was written.
///
/// # Errors
/// Internal, when it is no JSON.
pub fn facts(written: &str) -> Outcome<Value> {
    serde_json::from_str(written).map_err(|error| Failure::internal(format!("an event holds no JSON: {error}")))
}

/// The refusal of a change without `If-Match`.
pub fn precondition_required() -> Refusal {
    Refusal::new(
        RefusalCode::PreconditionRequired,
        "修改前请先读取(GET),并把返回的 ETag 放入 If-Match 请求头。",
        "Please read this first (GET) and send the ETag of the answer as If-Match.",
    )
}

/// Whether an answer is given again to a repeat under its key: what was done, and a refusal by the rules
/// (409), but no fault of form.
pub fn is_kept(status: u16) -> bool {
    status < 300 || status == 409
}

/// The refusal of an idempotency key that stands for another request.
pub fn key_reused() -> Refusal {
    Refusal::new(
        RefusalCode::IdempotencyKeyReused,
        "这个 Idempotency-Key 已用于另一个请求;新的请求请换一个新的键。",
        "This Idempotency-Key was used for another request; a new request takes a new key.",
    )
}

/// The refusal of a call without a valid token.
pub fn unauthenticated() -> Refusal {
    Refusal::new(
        RefusalCode::Unauthenticated,
        "请先登录:缺少访问令牌,或令牌已失效。",
        "Please log in: the access token is missing or no longer valid.",
    )
}
