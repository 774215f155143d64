//! Moving a cycle's money: the entries of the ledger and the cached balances, written together.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::cycle::{CycleKind, CycleWindow};
use voucher_domain::ledger::{self, Balances, Movement};
use voucher_domain::money::Money;
use voucher_domain::refusal::Refusal;
use voucher_storage::cycle::Cycle;
use voucher_storage::ledger::LedgerEntry;
use voucher_storage::{StorageError, Together};

use super::{Call, Failure, Outcome};

/// What a movement comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The thing that caused it: a cycle, a voucher, a contract, a redemption, a payment line, a submission to an
    /// assessment.
    pub subject_id: Uuid,
    /// The voucher whose money it is.
    pub voucher_id: Option<Uuid>,
}

impl Origin {
    /// Something that concerns no voucher.
    pub fn of(subject_id: Uuid) -> Self {
        Self { subject_id, voucher_id: None }
    }

    /// Something that concerns a voucher.
    pub fn of_voucher(subject_id: Uuid, voucher_id: Uuid) -> Self {
        Self { subject_id, voucher_id: Some(voucher_id) }
    }
}

/// The cached balances of a cycle.
pub fn balances(row: &Cycle) -> Balances {
    Balances {
        available_fen: row.available_fen,
        held_fen: row.held_fen,
        committed_fen: row.committed_fen,
        payable_fen: row.payable_fen,
        paid_fen: row.paid_fen,
        lapsed_fen: row.lapsed_fen,
        recovered_fen: row.recovered_fen,
    }
}

/// A movement with what it comes from, where many are written at once.
#[derive(Debug, Clone, Copy)]
pub struct Posting {
    /// What moves.
    pub movement: Movement,
    /// The thing that caused it.
    pub subject_id: Uuid,
    /// The voucher whose money it is.
    pub voucher_id: Option<Uuid>,
    /// By which request.
    pub request_id: Uuid,
}

/// A budget that is to be given out.
#[derive(Debug)]
pub struct NewBudget {
    /// Under which id: an assessment's is the campaign's.
    pub id: Uuid,
    /// As what it is given out.
    pub kind: CycleKind,
    /// What it is called.
    pub name: String,
    /// The policy that judges it for life.
    pub policy_id: String,
    /// When it can be claimed from.
    pub window: CycleWindow,
    /// How much it is.
    pub budget_fen: Money,
}

/// Enters a budget into the ledger: all of it is available.
///
/// # Errors
/// When the store fails.
pub fn begin(call: &mut Call<'_>, new: NewBudget) -> Outcome<Cycle> {
    let NewBudget { id, kind, name, policy_id, window, budget_fen } = new;
    let CycleWindow { status, opens_at, closes_at } = window;
    let row = Cycle {
        id,
        name,
        policy_id,
        status,
        budget_fen,
        opens_at,
        closes_at,
        // The row and its first movement are one: the budget starts out available.
        available_fen: budget_fen,
        held_fen: Money::ZERO,
        committed_fen: Money::ZERO,
        payable_fen: Money::ZERO,
        paid_fen: Money::ZERO,
        lapsed_fen: Money::ZERO,
        recovered_fen: Money::ZERO,
        created_by: call.actor()?.user_id,
        created_at: call.now,
        version: 1,
        kind,
    };
    let row = Cycle::insert(call.tx, &row)?;
    write_entries(call, &row, &ledger::on_budget(budget_fen), Origin::of(id))?;
    Ok(row)
}

/// Cycles that are locked, and whose money the transaction may move. Locking them is the first thing
/// a transaction does: the one lock order is cycles, then applicants, then the rest.
#[derive(Debug)]
pub struct Books {
    cycles: BTreeMap<Uuid, Cycle>,
}

impl Books {
    /// Locks the cycles, in the order of their ids.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(call: &mut Call<'_>, ids: impl IntoIterator<Item = Uuid>) -> Outcome<Self> {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let cycles = Cycle::lock_all(call.tx, &ids)?;
        Ok(Self { cycles: cycles.into_iter().map(|row| (row.id, row)).collect() })
    }

    /// A cycle of the books.
    ///
    /// # Errors
    /// `not_found`.
    pub fn cycle(&self, id: Uuid) -> Result<&Cycle, Refusal> {
        self.cycles.get(&id).ok_or_else(Refusal::not_found)
    }

    /// Moves money of a cycle for one cause.
    ///
    /// # Errors
    /// `pool_exhausted`; internal, when another account would be overdrawn.
    pub fn post(&mut self, call: &mut Call<'_>, cycle_id: Uuid, movements: &[Movement], origin: Origin) -> Outcome<()> {
        let postings = postings(call, movements, origin);
        self.post_all(call, cycle_id, &postings)
    }

    /// Moves money of a cycle for many causes at once.
    ///
    /// # Errors
    /// `pool_exhausted`; internal, when another account would be overdrawn.
    pub fn post_all(&mut self, call: &mut Call<'_>, cycle_id: Uuid, postings: &[Posting]) -> Outcome<()> {
        let moved = self.move_all(call, cycle_id, postings)?;
        let mut together = Together::default();
        moved.join(&mut together);
        written(together.write(call.tx))
    }

    /// Moves money of a cycle for many causes at once, and leaves it to the caller to write what has moved
    /// with other rows, in the same transaction. If that fails, the books are to be opened anew.
    ///
    /// # Errors
    /// As [`Self::post_all`].
    pub fn move_all(&mut self, call: &Call<'_>, cycle_id: Uuid, postings: &[Posting]) -> Outcome<Moved> {
        if postings.is_empty() {
            return Ok(Moved::default());
        }
        let row = self.cycles.get(&cycle_id).cloned();
        let row = row.ok_or_else(|| Failure::internal(format!("cycle {cycle_id} is moved without being locked")))?;
        let movements = postings.iter().map(|posting| &posting.movement);
        let after = balances(&row).after_all(movements).map_err(Refusal::from)?;
        after.require_whole(row.budget_fen).map_err(Refusal::from)?;
        let row = Cycle {
            available_fen: after.available_fen,
            held_fen: after.held_fen,
            committed_fen: after.committed_fen,
            payable_fen: after.payable_fen,
            paid_fen: after.paid_fen,
            lapsed_fen: after.lapsed_fen,
            recovered_fen: after.recovered_fen,
            ..row
        };
        let row = row.next();
        let entries = entries(call, &row, postings);
        self.cycles.insert(cycle_id, row.clone());
        Ok(Moved { cycle: Some(row), entries })
    }
}

/// Money that has moved in the books, and is to be written.
#[must_use = "what is not written has not moved"]
#[derive(Debug, Default)]
pub struct Moved {
    cycle: Option<Cycle>,
    entries: Vec<LedgerEntry>,
}

impl Moved {
    /// Has the cycle's cached balances and the entries written with other rows; what moved of one cycle once
    /// in a statement.
    pub fn join<'a>(&'a self, together: &mut Together<'a>) {
        if let Some(cycle) = &self.cycle {
            together.overwrite(cycle);
        }
        together.add(&self.entries);
    }
}

/// What came of writing money that has moved. The cycles are locked: a change by somebody else is a fault, and
/// no answer to anybody.
///
/// # Errors
/// When the store fails.
pub fn written(outcome: Result<(), StorageError>) -> Outcome<()> {
    outcome.map_err(|error| Failure::from(error).as_fault())
}

/// Writes the entries of movements that the cached balances of the cycle, as it was just saved, have
/// already.
///
/// # Errors
/// When the store fails.
pub fn write_entries(call: &mut Call<'_>, cycle: &Cycle, movements: &[Movement], origin: Origin) -> Outcome<()> {
    let postings = postings(call, movements, origin);
    Ok(LedgerEntry::insert_all(call.tx, &entries(call, cycle, &postings))?)
}

/// Movements with what they come from, where many are posted at once.
pub fn postings(call: &Call<'_>, movements: &[Movement], origin: Origin) -> Vec<Posting> {
    let posting = |movement: &Movement| Posting {
        movement: *movement,
        subject_id: origin.subject_id,
        voucher_id: origin.voucher_id,
        request_id: call.request_id,
    };
    movements.iter().map(posting).collect()
}

fn entries(call: &Call<'_>, cycle: &Cycle, postings: &[Posting]) -> Vec<LedgerEntry> {
    postings
        .iter()
        .map(|posting| LedgerEntry {
            id: call.new_id(),
            cycle_id: cycle.id,
            cycle_version: cycle.version,
            from_account: posting.movement.from,
            to_account: posting.movement.to,
            amount_fen: posting.movement.amount_fen,
            cause: posting.movement.cause,
            subject_id: posting.subject_id,
            voucher_id: posting.voucher_id,
            occurred_at: call.now,
            request_id: posting.request_id,
        })
        .collect()
}
