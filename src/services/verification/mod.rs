//! Proving the ledger, the chains of attempts and the log of events: every balance, every voucher and every
//! subsidy recomputed from the entries, every grant found in its place, every event as it was sealed.

mod attempts;
mod events;
mod sanctions;
mod subsidies;

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::cycle::CycleKind;
use voucher_domain::ledger::{Account, Balances, Movement};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::voucher::VoucherStatus;
use voucher_storage::cycle::Cycle;
use voucher_storage::ledger::LedgerEntry;
use voucher_storage::orphan::{self, Orphan};
use voucher_storage::voucher::Voucher;
use voucher_storage::{Connection, StorageError};

use self::attempts::Granted;
use super::{Program, accounts};

const BATCH: u16 = 1000;

/// What the proof came to.
#[derive(Debug, Default)]
pub struct Report {
    /// How many cycles were proved.
    pub cycles: usize,
    /// How many entries were read.
    pub entries: usize,
    /// How many vouchers were held against their entries.
    pub vouchers: usize,
    /// How many submissions to assessments were held against theirs.
    pub submissions: usize,
    /// How many attempts to claim were followed.
    pub attempts: usize,
    /// How many sealed events were followed.
    pub events: i64,
    /// The last seal that was reached.
    pub last_seal: Option<String>,
    /// The first fault, if there is one.
    pub fault: Option<String>,
}

/// Why a proof stopped.
enum Stop {
    Fault(String),
    Storage(StorageError),
}

impl From<StorageError> for Stop {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Proves everything from one consistent state of the store.
///
/// # Errors
/// When the store cannot be read. What is not whole is no error but a fault of the report.
pub fn verify(program: &Program) -> Result<Report, String> {
    let now = program.clock.now();
    program.store.read(|tx| prove(tx, now)).map_err(|error| error.to_string())
}

/// Proves everything within a transaction.
///
/// # Errors
/// As [`verify`].
pub fn prove(tx: &mut Connection, now: Instant) -> Result<Report, StorageError> {
    let mut report = Report::default();
    let proved = prove_ledger(tx, &mut report).and_then(|()| events::follow(tx, now, &mut report));
    reported(proved, report)
}

/// Proves the log of events alone.
///
/// # Errors
/// As [`verify`].
pub fn prove_events(tx: &mut Connection, now: Instant) -> Result<Report, StorageError> {
    let mut report = Report::default();
    let proved = events::follow(tx, now, &mut report);
    reported(proved, report)
}

fn reported(proved: Result<(), Stop>, report: Report) -> Result<Report, StorageError> {
    match proved {
        Ok(()) => Ok(report),
        Err(Stop::Fault(fault)) => Ok(Report { fault: Some(fault), ..report }),
        Err(Stop::Storage(error)) => Err(error),
    }
}

fn prove_ledger(tx: &mut Connection, report: &mut Report) -> Result<(), Stop> {
    let cycles = Cycle::every(tx)?;
    for cycle in &cycles {
        prove_cycle(tx, cycle, report)?;
    }
    subsidies::prove_ledgers(tx, &cycles)?;
    sanctions::prove(tx)?;
    match orphan::first(tx)? {
        None => Ok(()),
        Some(Orphan { table, id, refers_to }) => {
            Err(Stop::Fault(format!("the row {id} of {table} refers to one of {refers_to} that is not there")))
        }
    }
}

/// Where the money of each voucher, or of each submission to an assessment, is by the entries.
type ByOwner = BTreeMap<Uuid, BTreeMap<Account, i128>>;

fn prove_cycle(tx: &mut Connection, cycle: &Cycle, report: &mut Report) -> Result<(), Stop> {
    let mut balances = Balances::default();
    let mut by_owner = ByOwner::new();
    let mut after: Option<LedgerEntry> = None;
    loop {
        let entries = LedgerEntry::of_cycle(tx, cycle.id, after.as_ref(), BATCH)?;
        let Some(last) = entries.last() else { break };
        after = Some(last.clone());
        for entry in &entries {
            balances = balances
                .after(&movement(entry))
                .map_err(|fault| Stop::Fault(format!("cycle {}, entry {}: {fault}", cycle.id, entry.id)))?;
            if let Some(owner_id) = owner(cycle, entry) {
                let accounts = by_owner.entry(owner_id).or_default();
                let fen = i128::from(entry.amount_fen.fen());
                accounts
                    .entry(entry.from_account)
                    .and_modify(|sum| *sum = sum.saturating_sub(fen))
                    .or_insert(fen.saturating_neg());
                accounts.entry(entry.to_account).and_modify(|sum| *sum = sum.saturating_add(fen)).or_insert(fen);
            }
            report.entries = report.entries.saturating_add(1);
        }
    }
    balances.require_whole(cycle.budget_fen).map_err(|fault| Stop::Fault(format!("cycle {}: {fault}", cycle.id)))?;
    // Before the sums: an entry or a voucher that was altered is named itself.
    match cycle.kind {
        CycleKind::Voucher => {
            let mut granted = attempts::follow(tx, cycle, report)?;
            prove_vouchers(tx, cycle, &mut by_owner, &mut granted, report)?;
        }
        CycleKind::Subsidy => subsidies::prove(tx, cycle, &mut by_owner, report)?,
    }
    let cached = accounts::balances(cycle);
    if cached != balances {
        return Err(Stop::Fault(format!("cycle {}: its accounts say {cached:?}, its entries {balances:?}", cycle.id)));
    }
    report.cycles = report.cycles.saturating_add(1);
    Ok(())
}

/// Whose money an entry moves: a voucher's, or a submission's to the assessment whose budget it is.
fn owner(cycle: &Cycle, entry: &LedgerEntry) -> Option<Uuid> {
    match cycle.kind {
        CycleKind::Voucher => entry.voucher_id,
        CycleKind::Subsidy => Some(entry.subject_id).filter(|id| *id != cycle.id),
    }
}

fn movement(entry: &LedgerEntry) -> Movement {
    Movement { from: entry.from_account, to: entry.to_account, amount_fen: entry.amount_fen, cause: entry.cause }
}

/// Each voucher's money must be where its state says, and no entry may name a voucher that is not there.
fn prove_vouchers(
    tx: &mut Connection,
    cycle: &Cycle,
    by_voucher: &mut ByOwner,
    granted: &mut Granted,
    report: &mut Report,
) -> Result<(), Stop> {
    let mut after = None;
    loop {
        let vouchers = Voucher::of_cycle(tx, cycle.id, after, BATCH)?;
        let Some(last) = vouchers.last() else { break };
        after = Some(last.id);
        for voucher in &vouchers {
            let accounts = by_voucher.remove(&voucher.id).unwrap_or_default();
            if let Err(fault) = prove_voucher(voucher, &accounts) {
                let entries: Vec<String> =
                    LedgerEntry::of_voucher(tx, voucher.id)?.iter().map(|entry| entry.id.to_string()).collect();
                return Err(Stop::Fault(format!("{fault} (entries {})", entries.join(", "))));
            }
            granted.prove(voucher).map_err(Stop::Fault)?;
            report.vouchers = report.vouchers.saturating_add(1);
        }
    }
    granted.done(cycle).map_err(Stop::Fault)?;
    match by_voucher.keys().next() {
        Some(stranger) => {
            Err(Stop::Fault(format!("cycle {}: entries name the voucher {stranger}, which is not there", cycle.id)))
        }
        None => Ok(()),
    }
}

fn prove_voucher(voucher: &Voucher, accounts: &BTreeMap<Account, i128>) -> Result<(), String> {
    let at = |account: Account| accounts.get(&account).copied().unwrap_or_default();
    let amount = i128::from(voucher.amount_fen.fen());
    let holds = match voucher.status {
        VoucherStatus::Claimed => at(Account::Held) == amount,
        VoucherStatus::Registered => at(Account::Committed) == amount,
        // Approved in part or whole: what is payable and what lapsed are the voucher's amount.
        VoucherStatus::Redeeming => {
            at(Account::Committed) == amount || at(Account::Payable).saturating_add(at(Account::Lapsed)) == amount
        }
        VoucherStatus::Redeemed => {
            at(Account::Paid).saturating_add(at(Account::Recovered)).saturating_add(at(Account::Lapsed)) == amount
        }
        VoucherStatus::Void => at(Account::Lapsed) == amount,
    };
    let counted = voucher.counted_fen >= Money::ZERO && voucher.counted_fen <= voucher.amount_fen;
    if holds && counted {
        Ok(())
    } else {
        Err(format!(
            "voucher {} ({}) is {} with {} yuan, but its entries say {accounts:?}",
            voucher.number, voucher.id, voucher.status, voucher.amount_fen
        ))
    }
}
