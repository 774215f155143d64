//! Somebody of each role and somebody else, and the things that the paths of routes name.

use std::collections::BTreeMap;

use innovation_voucher::http::route::Route;
use serde_json::{Value, json};
use voucher_domain::actor::Role;

use crate::harness::{Account, Approved, World, id};
use innovation_voucher::services::ports::Clock;

/// Somebody of each role, and somebody of the same role who has nothing to do with them.
pub struct Cast {
    ones: BTreeMap<Role, Account>,
    others: BTreeMap<Role, Account>,
}

impl Cast {
    pub fn one(&self, role: Role) -> &Account {
        &self.ones[&role]
    }
}

/// Whose a thing is.
enum Thing {
    /// The applicant's, the facility's and the expert's of one redemption, as far as it concerns them.
    Common(String),
    /// One for each role that has one.
    Each(BTreeMap<Role, String>),
}

/// The things by the beginning of the paths that name them.
pub struct Things(Vec<(&'static str, Thing)>);

/// Whose things a role's are: the commission's people see what their tasks are about.
fn owns(role: Role) -> bool {
    super::owns(role)
}

impl Things {
    fn of(&self, path: &str) -> Option<&Thing> {
        let named = self.0.iter().find(|(stem, _)| path == *stem || path.starts_with(&format!("{stem}/")));
        named.map(|(_, thing)| thing)
    }

    /// Whether there is a thing for this route's path.
    pub fn know(&self, route: &Route) -> bool {
        route.parameter_names().is_empty() || self.of(route.path).is_some()
    }

    /// Some thing that a path may name.
    pub fn any(&self, path: &str) -> Option<String> {
        match self.of(path)? {
            Thing::Common(id) => Some(id.clone()),
            Thing::Each(ids) => ids.values().next().cloned(),
        }
    }

    /// About which things a role's people ask, and whose these are.
    pub fn to_ask<'a>(&self, path: &str, cast: &'a Cast, role: Role) -> Vec<(&'static str, &'a Account, String)> {
        let one = cast.one(role);
        match self.of(path) {
            None => Vec::new(),
            Some(Thing::Common(id)) if owns(role) => {
                vec![("own", one, id.clone()), ("another's", &cast.others[&role], id.clone())]
            }
            Some(Thing::Common(id)) => vec![("any", one, id.clone())],
            Some(Thing::Each(ids)) => {
                let own = ids.get(&role).map(|id| ("own", one, id.clone()));
                let strange = ids.iter().find(|(owner, _)| **owner != role);
                own.into_iter().chain(strange.map(|(_, id)| ("another's", one, id.clone()))).collect()
            }
        }
    }

    /// One of everything, on one redemption's way as far as that goes.
    pub async fn made(world: &World) -> (Cast, Self) {
        let clawback = clawback(world).await;
        let paid = world.payable_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
        let batch = world.ask_batch(&paid.approver, None).await.expect(201);
        let approved = world.approved_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
        let cast = cast(world, &approved).await;
        let assessed = world.assigned_assessment_review(&approved, cast.one(Role::Expert)).await;
        let mut things = of_redemption(world, &approved).await;
        things.push(("/assessment-reviews/{id}", Thing::Common(assessed)));
        things.push(("/disbursements/{id}", Thing::Common(id(&batch))));
        things.extend(of_facility(world, &cast).await);
        things.extend(of_everybody(world, &cast).await);
        things.extend(of_commission(world, &cast).await);
        things.push(("/violations/{id}", of_parties(world, &cast).await));
        things.push(("/sanctions/{id}", Thing::Common(clawback["sanction_id"].as_str().unwrap().to_owned())));
        things.push(("/clawbacks/{id}", Thing::Common(id(&clawback))));
        (cast, Self(things))
    }
}

/// What is claimed back of somebody's who is nobody of the cast.
async fn clawback(world: &World) -> Value {
    let paid = world.payable_redemption(5_000_000, 12_000_000, 9_000_000, 4_500_000).await;
    let (batch, payer) = world.approved_batch().await;
    world.pay(&payer, &batch).await;
    let measure = json!([{ "kind": "claw_back", "redemption_id": paid.redemption, "amount_fen": 1_000_000 }]);
    world.sanctioned(&paid.facility, measure).await["sanctions"][0]["clawback"].clone()
}

/// A violation of each who can be a party.
async fn of_parties(world: &World, cast: &Cast) -> Thing {
    let mut violations = BTreeMap::new();
    for role in [Role::Applicant, Role::Facility] {
        violations.insert(role, world.violation(cast.one(Role::Officer), cast.one(role)).await);
    }
    Thing::Each(violations)
}

async fn cast(world: &World, approved: &Approved) -> Cast {
    let reviews = format!("/redemptions/{}/reviews", approved.redemption);
    let reviews = world.read(&approved.concluder, &reviews).await;
    let expert = world.known_expert(reviews["items"][0]["expert_id"].as_str().unwrap());
    let ones = BTreeMap::from([
        (Role::Applicant, approved.applicant.clone()),
        (Role::Facility, approved.facility.clone()),
        (Role::Expert, expert),
        (Role::Officer, approved.approver.clone()),
        (Role::Auditor, world.auditor().await),
        (Role::Admin, world.admin().await),
    ]);
    Cast { ones, others: world.one_of_each_role().await.into_iter().collect() }
}

async fn of_redemption(world: &World, approved: &Approved) -> Vec<(&'static str, Thing)> {
    let officer = &approved.concluder;
    let reviews = world.read(officer, &format!("/redemptions/{}/reviews", approved.redemption)).await;
    let notice = world.publish(officer, &[&approved.redemption]).await;
    let objection = world.object(&notice, 0).await;
    [
        ("/cycles/{id}", approved.cycle.clone()),
        ("/vouchers/{id}", id(&approved.voucher)),
        ("/projects/{id}", approved.contract["project_id"].as_str().unwrap().to_owned()),
        ("/contracts/{id}", id(&approved.contract)),
        ("/redemptions/{id}", approved.redemption.clone()),
        ("/reviews/{id}", id(&reviews["items"][0])),
        ("/notices/{id}", id(&notice)),
        ("/objections/{id}", objection),
        ("/inquiries/{id}", inquiry(world).await),
    ]
    .map(|(stem, id)| (stem, Thing::Common(id)))
    .into()
}

/// A site visit that is arranged, about another redemption.
async fn inquiry(world: &World) -> String {
    let ends_on = (world.clock.now().day() + chrono::Days::new(14)).to_string();
    let signed = world.signed_contract(5_000_000, 12_000_000, &ends_on).await;
    let redemption = world.redemption(&signed.facility, &signed.contract, 9_000_000).await;
    let officer = world.accepted_redemption(&signed.applicant, &redemption).await;
    world.draw_panel(&officer, &redemption).await;
    let visit = json!({ "kind": "site_visit", "scheduled_at": "2027-03-05T14:00:00+08:00" });
    id(&world.tell_redemption(&officer, &redemption, "inquiries", visit).await.expect(201))
}

async fn of_facility(world: &World, cast: &Cast) -> Vec<(&'static str, Thing)> {
    let (facility, officer) = (cast.one(Role::Facility), cast.one(Role::Officer));
    let service = world.service(facility).await;
    let instrument = world.instrument_with(facility, json!({})).await;
    let (_, application) = world.applied_facility(json!({})).await;
    let present = world.read(facility, "/me/facility").await;
    let mut form = json!({ "payee_account": "6222025550000001" });
    for field in ["district", "is_third_party_testing", "payee_name", "payee_bank"] {
        form[field] = present[field].clone();
    }
    let put = world.put("/me/facility").by(facility).header("if-match", "*").json(form).send().await.expect(200);
    let assessment = world.open_assessment().await;
    world.ask_submission(facility, &assessment, "*", &[]).await.expect(200);
    let submissions = world.read(officer, &format!("/assessments/{assessment}/submissions")).await;
    [
        ("/facilities/{id}", facility.organization_id.clone()),
        ("/instruments/{id}", instrument.clone()),
        ("/services/{id}", service.clone()),
        ("/me/facility/instruments/{id}", instrument),
        ("/me/facility/services/{id}", service),
        ("/facility-applications/{id}", application),
        ("/facility-changes/{id}", id(&put["pending_change"])),
        ("/assessments/{id}", assessment),
        ("/assessment-submissions/{id}", id(&submissions["items"][0])),
        ("/fund-statements/{year}", "2026".to_owned()),
    ]
    .map(|(stem, id)| (stem, Thing::Common(id)))
    .into()
}

/// What each person has for themselves.
async fn of_everybody(world: &World, cast: &Cast) -> Vec<(&'static str, Thing)> {
    let (mut corrections, mut files, mut told) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (role, account) in &cast.ones {
        let form = json!({ "field": "other", "proposed": "x", "grounds": "x" });
        let correction = world.post("/me/corrections").by(account).json(form).send().await.expect(201);
        corrections.insert(*role, id(&correction));
        files.insert(*role, world.upload(account, "own").await);
        let notifications = world.read(account, "/notifications").await;
        if let Some(first) = notifications["items"].as_array().and_then(|items| items.first()) {
            told.insert(*role, id(first));
        }
    }
    let mut colleagues = BTreeMap::new();
    for role in [Role::Applicant, Role::Facility] {
        let form = json!({ "name": "王芳", "email": format!("{role}@colleague.test") });
        let colleague = world.post("/me/organization/users").by(cast.one(role)).json(form).send().await;
        colleagues.insert(role, id(&colleague.expect(201)));
    }
    vec![
        ("/corrections/{id}", Thing::Common(corrections[&Role::Applicant].clone())),
        ("/me/corrections/{id}", Thing::Each(corrections)),
        ("/files/{id}", Thing::Each(files)),
        ("/notifications/{id}", Thing::Each(told)),
        ("/me/organization/users/{id}", Thing::Each(colleagues)),
        ("/users/{id}", Thing::Common(cast.one(Role::Applicant).user_id.clone())),
    ]
}

async fn of_commission(world: &World, cast: &Cast) -> Vec<(&'static str, Thing)> {
    let first = |list: Value| id(&list["items"][0]);
    let letter = first(world.read(cast.one(Role::Admin), "/outbox").await);
    let form = json!({ "scope": "facilities", "share_bps": 1 });
    let check = world.post("/spot-checks").by(cast.one(Role::Officer)).json(form).send().await.expect(201);
    [
        ("/outbox/{id}", letter),
        ("/policies/{id}", "kejifa-2023-16".to_owned()),
        ("/calendar/{year}", "2026".to_owned()),
        ("/spot-checks/{id}", id(&check)),
    ]
    .map(|(stem, id)| (stem, Thing::Common(id)))
    .into()
}
