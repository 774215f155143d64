//! Applicants and an open cycle, written straight into the store.

use std::ops::Range;
use std::sync::Arc;

use innovation_voucher::adapters::token::JwtTokens;
use innovation_voucher::services::ports::{AccessClaims, Tokens};
use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::cycle::{CycleKind, CycleStatus};
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::text::Language;
use voucher_storage::Store;
use voucher_storage::applicant::Profile;
use voucher_storage::cycle::Cycle;
use voucher_storage::ledger::LedgerEntry;
use voucher_storage::organization::Organization;
use voucher_storage::user::User;

/// How many applicants there are for each of `prepare`'s parts.
pub const APPLICANTS: u64 = 20_000;
/// What each claim asks for: 10 yuan, so that no limit is reached within a run.
pub const AMOUNT_FEN: i64 = 1_000;
const BUDGET_FEN: i64 = 100_000_000_000_000;
const ORGANIZATIONS: u128 = 0x018f_0000_0000_7000_8000_0000_0000_0000;
const USERS: u128 = 0x018f_0000_0000_7000_9000_0000_0000_0000;
const OFFICER: u128 = 0x018f_0000_0000_7000_a000_0000_0000_0000;
const CYCLE: u128 = 0x018f_0000_0000_7000_b000_0000_0000_0000;

/// The cycle's id.
pub fn cycle_id() -> Uuid {
    Uuid::from_u128(CYCLE)
}

/// A token for each applicant of these parts.
pub fn tokens(secret: &str, parts: Range<u64>) -> Arc<Vec<String>> {
    let tokens = JwtTokens::new(secret.as_bytes());
    let expires_at: Instant = "2100-01-01T00:00:00+08:00".parse().unwrap();
    let token = |number: u64| {
        let user_id = Uuid::from_u128(USERS + u128::from(number));
        tokens.issue(AccessClaims { user_id, role: Role::Applicant }, expires_at).unwrap()
    };
    Arc::new((parts.start * APPLICANTS..parts.end * APPLICANTS).map(token).collect())
}

/// Migrates the store and fills it, with so many parts of [`APPLICANTS`].
pub fn prepare(store: &Store, parts: u64) {
    store.migrate().unwrap();
    let at: Instant = "2026-01-01T09:00:00+08:00".parse().unwrap();
    store
        .write(|tx| {
            User::insert(tx, &user(OFFICER, None, Role::Officer, at))?;
            let organizations: Vec<_> = (0..parts * APPLICANTS).map(|number| organization(number, at)).collect();
            Organization::insert_all(tx, &organizations)?;
            let applicant = |number: u64| {
                let organization = Uuid::from_u128(ORGANIZATIONS + u128::from(number));
                user(USERS + u128::from(number), Some(organization), Role::Applicant, at)
            };
            User::insert_all(tx, &(0..parts * APPLICANTS).map(applicant).collect::<Vec<_>>())?;
            let profile =
                |row: &Organization| Profile { id: row.id, document: Some(document()), updated_at: at, version: 2 };
            Profile::insert_all(tx, &organizations.iter().map(profile).collect::<Vec<_>>())?;
            Cycle::insert(tx, &cycle(at))?;
            let entries = ledger::on_budget(Money::from_fen(BUDGET_FEN)).into_iter().map(|movement| LedgerEntry {
                id: Uuid::now_v7(),
                cycle_id: cycle_id(),
                cycle_version: 1,
                from_account: movement.from,
                to_account: movement.to,
                amount_fen: movement.amount_fen,
                cause: movement.cause,
                subject_id: cycle_id(),
                voucher_id: None,
                occurred_at: at,
                request_id: Uuid::nil(),
            });
            LedgerEntry::insert_all(tx, &entries.collect::<Vec<_>>())
        })
        .unwrap();
}

fn organization(number: u64, at: Instant) -> Organization {
    Organization {
        id: Uuid::from_u128(ORGANIZATIONS + u128::from(number)),
        kind: OrganizationKind::Enterprise,
        name: format!("企业 {number}"),
        uscc: Some(format!("{number:018}")),
        created_at: at,
        version: 1,
        legal_representative: None,
        banned_until: None,
    }
}

fn user(id: u128, organization_id: Option<Uuid>, role: Role, at: Instant) -> User {
    User {
        id: Uuid::from_u128(id),
        organization_id,
        role,
        name: "李明".to_owned(),
        email: format!("{id:x}@firm.test"),
        phone: None,
        password_hash: None,
        email_verified_at: Some(at),
        failed_logins: 0,
        locked_until: None,
        is_active: true,
        language: Language::Chinese,
        created_at: at,
        version: 1,
        phone_index: None,
    }
}

/// What each of them has stated.
pub fn document() -> voucher_domain::applicant::Profile {
    let stated = serde_json::json!({
        "region": "beijing", "established_on": "2023-05-10", "is_legal_person": true, "employees": 42,
        "annual_revenue_fen": 800_000_000, "total_assets_fen": 500_000_000, "has_finance_system": true,
        "has_bad_credit": false, "industry": "new_materials", "certificates": []
    });
    voucher_domain::applicant::Profile::from_json(OrganizationKind::Enterprise, stated).unwrap()
}

fn cycle(at: Instant) -> Cycle {
    Cycle {
        id: cycle_id(),
        name: "开放日".to_owned(),
        policy_id: voucher_domain::policy::DEFAULT_POLICY_ID.to_owned(),
        status: CycleStatus::Published,
        budget_fen: Money::from_fen(BUDGET_FEN),
        opens_at: at,
        closes_at: "2099-01-01T00:00:00+08:00".parse().unwrap(),
        available_fen: Money::from_fen(BUDGET_FEN),
        held_fen: Money::ZERO,
        committed_fen: Money::ZERO,
        payable_fen: Money::ZERO,
        paid_fen: Money::ZERO,
        lapsed_fen: Money::ZERO,
        recovered_fen: Money::ZERO,
        created_by: Uuid::from_u128(OFFICER),
        created_at: at,
        version: 1,
        kind: CycleKind::Voucher,
    }
}
