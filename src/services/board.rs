//! The board that everybody looks at on an opening day: cycles as they were last read, so that those
//! who look do not ask the store each time, and never stand in the way of those who claim.
//!
//! A row is shown to whom asked before this program committed anything after it was read, and for
//! [`MOST_MILLISECONDS`] at the most, because another server may have. What depends on the instant is
//! reckoned anew for each reader.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use uuid::Uuid;
use voucher_domain::period::Instant;
use voucher_storage::StorageError;
use voucher_storage::cycle::Cycle;

use super::Program;
use super::cycle::{CycleView, is_announced, view_at};

/// How long a row is shown that nobody of this program has changed.
const MOST_MILLISECONDS: i64 = 200;

struct Posted {
    row: Cycle,
    commits: u64,
    read_at: Instant,
}

/// The board.
#[derive(Default)]
pub struct Board(RwLock<HashMap<Uuid, Posted>>);

impl Board {
    /// A cycle as the board shows it to everybody who asked when the program had committed so often
    /// ([`voucher_storage::Store::commits`]); nothing when it has to be read.
    pub fn look(&self, program: &Program, id: Uuid, asked_at: u64) -> Option<CycleView> {
        let posted = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let posted = posted.get(&id)?;
        // Whatever is committed after somebody has asked need not be in the answer.
        let fresh =
            posted.commits >= asked_at && age_milliseconds(posted.read_at, program.clock.now()) < MOST_MILLISECONDS;
        fresh.then(|| view_at(posted.row.clone(), program.clock.now(), false))
    }

    /// Whether a cycle is on the board, old or not.
    pub fn has(&self, id: Uuid) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }

    /// Reads a cycle and puts it on the board; nothing when everybody may not see it.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn read(&self, program: &Program, id: Uuid, asked_at: u64) -> Result<Option<CycleView>, StorageError> {
        if let Some(view) = self.look(program, id, asked_at) {
            return Ok(Some(view));
        }
        // Before the reading: what is committed meanwhile makes the row old at once.
        let (commits, read_at) = (program.store.commits(), program.clock.now());
        let row = program.store.read(|tx| Cycle::find(tx, id))?;
        let Some(row) = row.filter(is_announced) else { return Ok(None) };
        let view = view_at(row.clone(), program.clock.now(), false);
        let mut posted = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Who read later may have been faster.
        if posted.get(&id).is_none_or(|posted| posted.commits <= commits) {
            posted.insert(id, Posted { row, commits, read_at });
        }
        Ok(Some(view))
    }
}

fn age_milliseconds(read_at: Instant, now: Instant) -> i64 {
    now.utc().signed_duration_since(read_at.utc()).num_milliseconds()
}
