//! What a migration makes of what is there already.

use diesel::connection::SimpleConnection;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::assessment::{CampaignStatus, SubmissionStatus};
use voucher_domain::code::Code;
use voucher_domain::cycle::{CycleKind, CycleStatus};
use voucher_domain::facility::{FacilityNature, FacilityRegion, FacilityStatus};
use voucher_domain::money::Money;

use super::{instant, organization, user};
use crate::assessment::{Assessment, Submission};
use crate::attempt::{Attempt, ToldClaims};
use crate::cycle::Cycle;
use crate::facility::Facility;
use crate::ledger::LedgerEntry;
use crate::organization::Organization;
use crate::testing::both;
use crate::user::User;
use crate::{Connection, StorageError};

fn campaign(officer_id: Uuid, year: i32, status: CampaignStatus) -> Assessment {
    let at = instant("2026-10-08T01:02:03Z");
    let criteria = serde_json::json!({
        "weights": [], "thresholds": { "excellent_bps": 9000, "good_bps": 8000, "qualified_bps": 6000 },
        "visit_share_bps": 1000, "outlier_bps": 1500, "panel_size": 3
    });
    Assessment {
        id: Uuid::now_v7(),
        year,
        title: format!("{year} 年度绩效考核"),
        policy_id: "kejifa-2023-16".to_owned(),
        status,
        submit_by: at.day(),
        closes_at: at,
        budget_fen: Money::from_fen(1_000),
        criteria: serde_json::from_value(criteria).unwrap(),
        created_by: officer_id,
        announced_at: (status != CampaignStatus::Draft).then_some(at),
        created_at: at,
        version: 1,
        graded_by: None,
        decided_by: None,
        decided_at: (status == CampaignStatus::Decided).then_some(at),
        visits_draw_id: None,
    }
}

fn facility(id: Uuid) -> Facility {
    Facility {
        id,
        status: FacilityStatus::Active,
        region: FacilityRegion::Beijing,
        district: "海淀".to_owned(),
        nature: FacilityNature::University,
        is_third_party_testing: false,
        exit_last_day: None,
        payee_name: None,
        payee_bank: None,
        payee_account: None,
        entered_by: None,
        created_at: instant("2026-10-08T01:02:03Z"),
        version: 1,
        notice_id: None,
        exit_reason: None,
        terms: None,
    }
}

/// A submission as it was before it could be published.
fn submit(tx: &mut Connection, campaign: &Assessment, status: SubmissionStatus, fen: i64) -> Result<(), StorageError> {
    let organization = Organization::insert(tx, &organization(None))?;
    Facility::insert(tx, &facility(organization.id))?;
    let (id, facility_id, campaign_id) = (Uuid::now_v7(), organization.id, campaign.id);
    let insert = format!(
        "INSERT INTO assessment_submissions (id, assessment_id, facility_id, status, statement, created_at, version, subsidy_fen)
         SELECT '{id}', a.id, '{facility_id}', '{status}', '', a.created_at, 1, {fen} FROM assessments a
         WHERE a.id = '{campaign_id}'"
    );
    Ok(tx.batch_execute(&insert)?)
}

#[test]
fn assessments_that_were_announced_before_get_their_ledgers() {
    const STEP: &str = "2026-11-22-000020_subsidies";
    for store in both() {
        store.revert_all().unwrap();
        let since = store.migrate().unwrap().iter().filter(|name| name.as_str() >= STEP).count();
        store.revert(since).unwrap();
        let made = store.write(|tx| -> Result<_, StorageError> {
            let officer = User::insert(tx, &user("a@example.org", Role::Officer, None))?;
            Assessment::insert(tx, &campaign(officer.id, 2024, CampaignStatus::Draft))?;
            let announced = Assessment::insert(tx, &campaign(officer.id, 2025, CampaignStatus::Announced))?;
            let decided = Assessment::insert(tx, &campaign(officer.id, 2026, CampaignStatus::Decided))?;
            submit(tx, &announced, SubmissionStatus::Submitted, 0)?;
            submit(tx, &decided, SubmissionStatus::Approved, 600)?;
            submit(tx, &decided, SubmissionStatus::Approved, 300)?;
            submit(tx, &decided, SubmissionStatus::Graded, 0)?;
            Ok((announced, decided))
        });
        let (announced, decided) = made.unwrap();
        store.migrate().unwrap();
        let ledgers = store.read(|tx| -> Result<_, StorageError> {
            let entries = LedgerEntry::of_cycle(tx, decided.id, None, 10)?;
            let granted = Submission::of_campaign(tx, decided.id, SubmissionStatus::ALL.iter().copied())?;
            assert!(granted.iter().all(|row| row.notice_id.is_none()));
            Ok((Cycle::every(tx)?, entries))
        });
        let (cycles, entries) = ledgers.unwrap();
        let seen: Vec<_> = cycles.iter().map(|row| (row.id, row.available_fen.fen(), row.payable_fen.fen())).collect();
        assert_eq!(seen, [(announced.id, 1_000, 0), (decided.id, 100, 900)]);
        assert!(cycles.iter().all(|row| (row.kind, row.status) == (CycleKind::Subsidy, CycleStatus::Closed)));
        let moved: Vec<_> = entries.iter().map(|row| (row.cause.code(), row.amount_fen.fen())).collect();
        assert_eq!(moved[0], ("budget", 1_000));
        assert_eq!(moved.len(), 3);
        assert!(moved[1..].contains(&("subsidy", 600)) && moved[1..].contains(&("subsidy", 300)));
        // Back again: what the older program would take for issuing windows is gone, and the entries stay kept.
        store.revert(since).unwrap();
        store.migrate().unwrap();
        assert_eq!(store.read(Cycle::every).unwrap(), cycles);
        let forget =
            |tx: &mut Connection| -> Result<(), StorageError> { Ok(tx.batch_execute("DELETE FROM ledger_entries")?) };
        assert!(store.write(forget).is_err());
    }
}

#[test]
fn claims_of_before_count_as_told() {
    const STEP: &str = "2026-11-22-000028_told_claims";
    for store in both() {
        store.revert_all().unwrap();
        let since = store.migrate().unwrap().iter().filter(|name| name.as_str() >= STEP).count();
        let at = instant("2026-10-08T01:02:03Z");
        let made = store.write(|tx| -> Result<_, StorageError> {
            let officer = User::insert(tx, &user("a@example.org", Role::Officer, None))?;
            let begun = Cycle::insert(tx, &cycle(officer.id, CycleKind::Voucher))?;
            let fresh = Cycle::insert(tx, &cycle(officer.id, CycleKind::Voucher))?;
            Cycle::insert(tx, &cycle(officer.id, CycleKind::Subsidy))?;
            let attempts = [1, 2, 3].map(|sequence| Attempt {
                cycle_id: begun.id,
                sequence,
                decided_at: at,
                outcome: "pool_exhausted".to_owned(),
                amount_fen: Money::from_fen(1),
                remaining_fen: Money::ZERO,
                previous_hash: String::new(),
                hash: String::new(),
                applicant_id: Uuid::now_v7(),
                voucher_id: None,
            });
            Attempt::insert_all(tx, &attempts)?;
            Ok((begun.id, fresh.id))
        });
        let (begun, fresh) = made.unwrap();
        store.revert(since).unwrap();
        store.migrate().unwrap();
        assert_eq!(store.read(ToldClaims::behind).unwrap(), []);
        let told = store.write(|tx| -> Result<_, StorageError> {
            Ok([ToldClaims::lock(tx, begun)?.sequence, ToldClaims::lock(tx, fresh)?.sequence])
        });
        assert_eq!(told.unwrap(), [3, 0]);
    }
}

fn cycle(officer_id: Uuid, kind: CycleKind) -> Cycle {
    let at = instant("2026-10-08T01:02:03Z");
    Cycle {
        id: Uuid::now_v7(),
        name: "第一期".to_owned(),
        policy_id: "kejifa-2023-16".to_owned(),
        status: CycleStatus::Published,
        budget_fen: Money::from_fen(1_000),
        opens_at: at,
        closes_at: at.plus_seconds(1).unwrap(),
        available_fen: Money::from_fen(1_000),
        held_fen: Money::ZERO,
        committed_fen: Money::ZERO,
        payable_fen: Money::ZERO,
        paid_fen: Money::ZERO,
        lapsed_fen: Money::ZERO,
        recovered_fen: Money::ZERO,
        created_by: officer_id,
        created_at: at,
        version: 1,
        kind,
    }
}
