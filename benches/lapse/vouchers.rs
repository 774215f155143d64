//! The vouchers that lapse, written straight into the store, and the claims that go on beside them.

use innovation_voucher::services::claim::{Claim, ClaimForm};
use innovation_voucher::services::ports::AccessClaims;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::ledger;
use voucher_domain::money::Money;
use voucher_domain::period::{Calendar, Deadline, Instant, Span};
use voucher_domain::voucher::{VoucherStatus, number};
use voucher_storage::cycle::Cycle;
use voucher_storage::judgement::Judgement;
use voucher_storage::ledger::LedgerEntry;
use voucher_storage::voucher::Voucher;
use voucher_storage::{StorageError, Store};

use crate::people::{self, AMOUNT_FEN, APPLICANTS};

/// How many lapse at the midnight.
pub const LAPSING: u64 = 100_000;
/// How many more are voided by the baseline.
pub const SINGLE: u64 = 1_000;
/// The end of the fifteenth day after the claims.
pub const MIDNIGHT: &str = "2026-03-18T00:00:00+08:00";
const CLAIMED_AT: &str = "2026-03-02T10:00:00+08:00";
const VOUCHERS: u128 = 0x018f_0000_0000_7000_8000_0001_0000_0000;
const SINGLES: u128 = 0x018f_0000_0000_7000_8000_0002_0000_0000;
const JUDGEMENTS: u128 = 0x018f_0000_0000_7000_8000_0003_0000_0000;
const ORGANIZATIONS: u128 = 0x018f_0000_0000_7000_8000_0000_0000_0000;
const USERS: u128 = 0x018f_0000_0000_7000_9000_0000_0000_0000;
const PART: u64 = 5_000;

/// One half of the applicants let their vouchers lapse, the other half claim.
const FORGETFUL: u64 = APPLICANTS / 2;

/// The vouchers of the baseline.
pub fn single_ids() -> impl Iterator<Item = Uuid> {
    (0..SINGLE).map(|number| Uuid::from_u128(SINGLES + u128::from(number)))
}

/// A claim of one of those who claim.
pub fn claim(turn: u64) -> Claim {
    let user_id = Uuid::from_u128(USERS + u128::from(FORGETFUL + turn % (APPLICANTS - FORGETFUL)));
    let key = Uuid::new_v4();
    Claim {
        claims: AccessClaims { user_id, role: Role::Applicant },
        form: ClaimForm { cycle_id: people::cycle_id(), amount_fen: Money::from_fen(AMOUNT_FEN), declaration: true },
        scope: user_id.to_string(),
        key: key.to_string(),
        fingerprint: key.to_string(),
        request_id: key,
    }
}

/// Writes the vouchers with their entries; those of the baseline are due like the others.
pub fn prepare(store: &Store) {
    let at: Instant = CLAIMED_AT.parse().unwrap();
    let calendar = Calendar::from_csv(include_str!("../../config/calendar/state-council.csv")).unwrap();
    let register_by = Deadline::after(at.day(), Span::Days(15), &calendar).unwrap();
    assert_eq!(register_by.expires_at, MIDNIGHT.parse().unwrap());
    let judgements: Vec<Judgement> = (0..FORGETFUL).map(|number| judgement(number, at)).collect();
    store.write(|tx| Judgement::insert_all(tx, &judgements)).unwrap();
    let ids = (0..LAPSING).map(|number| VOUCHERS + u128::from(number));
    let ids: Vec<u128> = ids.chain((0..SINGLE).map(|number| SINGLES + u128::from(number))).collect();
    for (part, ids) in ids.chunks(usize::try_from(PART).unwrap()).enumerate() {
        let rows: Vec<Voucher> = ids
            .iter()
            .zip(u64::try_from(part).unwrap() * PART..)
            .map(|(id, turn)| voucher(*id, turn % FORGETFUL, at, &register_by))
            .collect();
        store.write(|tx| write(tx, &rows, at)).unwrap();
    }
}

fn write(tx: &mut voucher_storage::Connection, rows: &[Voucher], at: Instant) -> Result<(), StorageError> {
    Voucher::insert_all(tx, rows)?;
    let cycle = Cycle::lock_all(tx, &[people::cycle_id()])?.remove(0);
    let total = Money::from_fen(AMOUNT_FEN * i64::try_from(rows.len()).unwrap());
    let (available_fen, held_fen) = (cycle.available_fen.minus(total).unwrap(), cycle.held_fen.plus(total).unwrap());
    let cycle = Cycle::save(tx, &Cycle { available_fen, held_fen, ..cycle })?;
    let entries: Vec<LedgerEntry> = rows.iter().flat_map(|row| entries(row, &cycle, at)).collect();
    LedgerEntry::insert_all(tx, &entries)
}

fn entries(row: &Voucher, cycle: &Cycle, at: Instant) -> Vec<LedgerEntry> {
    let entry = |movement: ledger::Movement| LedgerEntry {
        id: Uuid::now_v7(),
        cycle_id: cycle.id,
        cycle_version: cycle.version,
        from_account: movement.from,
        to_account: movement.to,
        amount_fen: movement.amount_fen,
        cause: movement.cause,
        subject_id: row.id,
        voucher_id: Some(row.id),
        occurred_at: at,
        request_id: Uuid::nil(),
    };
    ledger::on_claim(row.amount_fen).into_iter().map(entry).collect()
}

fn voucher(id: u128, applicant: u64, at: Instant, register_by: &Deadline) -> Voucher {
    let id = Uuid::from_u128(id);
    let amount_fen = Money::from_fen(AMOUNT_FEN);
    Voucher {
        id,
        number: number(2026, Uuid::new_v4()),
        cycle_id: people::cycle_id(),
        applicant_id: Uuid::from_u128(ORGANIZATIONS + u128::from(applicant)),
        status: VoucherStatus::Claimed,
        void_cause: None,
        amount_fen,
        counted_fen: amount_fen,
        claim_year: 2026,
        claimed_at: at,
        register_by: register_by.clone(),
        registered_on: None,
        valid_until: None,
        contract_id: None,
        lapses_at: Some(register_by.expires_at),
        version: 1,
        judgement_id: Uuid::from_u128(JUDGEMENTS + u128::from(applicant)),
    }
}

fn judgement(applicant: u64, at: Instant) -> Judgement {
    Judgement {
        id: Uuid::from_u128(JUDGEMENTS + u128::from(applicant)),
        applicant_id: Uuid::from_u128(ORGANIZATIONS + u128::from(applicant)),
        profile_version: None,
        edition: voucher_domain::policy::DEFAULT_POLICY_ID.to_owned(),
        judged_on: at.day(),
        annual_limit_fen: None,
        profile: people::document(),
        findings: Vec::new(),
    }
}
