//! Projects and contracts, as most tests need them.

use innovation_voucher::services::ports::Clock;
use serde_json::{Value, json};
use uuid::Uuid;
use voucher_domain::facility::FacilityStatus;
use voucher_domain::period::Day;
use voucher_storage::facility::Facility;

use super::{Account, Reply, World, id, with};

impl World {
    /// The regulation's day at which the clock of the test stands.
    pub fn today(&self) -> String {
        self.clock.now().day().to_string()
    }

    /// A project that can be submitted: one service of the facility, which is entered for it, and these vouchers.
    pub async fn project_form(&self, facility: &Account, vouchers: &[&str], planned_fen: i64) -> Value {
        let service = self.service(facility).await;
        json!({
            "facility_id": facility.organization_id, "title": "固态电池材料表征", "research": "新型电解质的结构分析",
            "kind": "testing", "service_ids": [service], "voucher_ids": vouchers, "planned_amount_fen": planned_fen,
            "is_statutory_testing": false, "has_municipal_funding": false
        })
    }

    /// The id of a draft.
    pub async fn draft_project(
        &self,
        applicant: &Account,
        facility: &Account,
        vouchers: &[&str],
        planned_fen: i64,
    ) -> String {
        let form = self.project_form(facility, vouchers, planned_fen).await;
        id(&self.post("/projects").by(applicant).json(form).send().await.expect(201))
    }

    /// The id of a project that the facility is to decide on.
    pub async fn submitted_project(
        &self,
        applicant: &Account,
        facility: &Account,
        vouchers: &[&str],
        planned_fen: i64,
    ) -> String {
        let project = self.draft_project(applicant, facility, vouchers, planned_fen).await;
        self.post(&format!("/projects/{project}/submit")).by(applicant).send().await.expect(200);
        project
    }

    /// The id of a project that the facility has accepted.
    pub async fn accepted_project(
        &self,
        applicant: &Account,
        facility: &Account,
        vouchers: &[&str],
        planned_fen: i64,
    ) -> String {
        let project = self.submitted_project(applicant, facility, vouchers, planned_fen).await;
        let accepted = format!("/projects/{project}/accept");
        self.post(&accepted).by(facility).json(json!({ "remarks": "同意承接" })).send().await.expect(200);
        project
    }

    /// A contract that is signed and starts today, under a number of its own.
    pub fn contract_form(&self, project: &str, vouchers: &[&str], amount_fen: i64, ends_on: &str) -> Value {
        json!({
            "project_id": project, "number": format!("HT-2026-{:04}", self.next_number()), "signed_on": self.today(),
            "starts_on": self.today(), "ends_on": ends_on, "amount_fen": amount_fen, "voucher_ids": vouchers
        })
    }

    /// Registers a contract.
    pub async fn ask_contract(&self, facility: &Account, form: Value) -> Reply {
        self.post("/contracts").by(facility).json(form).send().await
    }

    /// A registered contract of an accepted project with these vouchers of the applicant, signed and started
    /// today: the body of its 201.
    pub async fn contract(
        &self,
        applicant: &Account,
        facility: &Account,
        vouchers: &[&str],
        amount_fen: i64,
        ends_on: &str,
    ) -> Value {
        self.contract_with(applicant, facility, vouchers, amount_fen, ends_on, json!({})).await
    }

    /// The same, with these fields instead of the usual ones.
    pub async fn contract_with(
        &self,
        applicant: &Account,
        facility: &Account,
        vouchers: &[&str],
        amount_fen: i64,
        ends_on: &str,
        more: Value,
    ) -> Value {
        let project = self.accepted_project(applicant, facility, vouchers, amount_fen).await;
        let form = with(self.contract_form(&project, vouchers, amount_fen, ends_on), more);
        self.ask_contract(facility, form).await.expect(201)
    }

    /// What a caller reads there.
    pub async fn read(&self, account: &Account, path: &str) -> Value {
        self.get(path).by(account).send().await.expect(200)
    }

    /// Puts a facility into a state that no call leads to yet, with an announced last day.
    pub fn facility_becomes(&self, facility: &Account, status: FacilityStatus, last_day: Option<&str>) {
        let id = Uuid::parse_str(&facility.organization_id).unwrap();
        let exit_last_day: Option<Day> = last_day.map(|day| day.parse().unwrap());
        let changed = self.program.store.write(|tx| {
            let row = Facility::find(tx, id)?.unwrap();
            Facility::save(tx, &Facility { status, exit_last_day, ..row })
        });
        changed.unwrap();
    }
}
