//! Draws that nobody can arrange and anybody can repeat (Art. 15.4, 16): the seed is committed to before
//! the list is known, and revealed with it. Panels, visits and spot checks are drawn here; whatever else is to
//! be drawn asks [`Ready`] in the same way. A seed that an officer names leaves the commitment for the next
//! draw, and is shown with a `commitment_id` of null: nothing was published of it before.

mod spot_check;
mod view;

use uuid::Uuid;
use voucher_domain::draw as rules;
use voucher_domain::draw::{DrawKind, SpotScope};
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::Instant;
use voucher_storage::StorageError;
use voucher_storage::draw::{Draw, DrawSeed};

pub use spot_check::{SpotCheckForm, SpotCheckView, SpotChecksQuery, draw_spot_check, spot_check, spot_checks};
pub use view::{CommitmentView, DrawView, DrawsQuery, NextDrawView, commitment, list};

use super::{Call, Change, Failure, Outcome, Program};

/// The seed of a draw that is about to be made.
pub struct Ready {
    /// The seed.
    pub seed: String,
    /// The one that was committed to, where the seed was derived from it.
    revealed: Option<String>,
    seed_id: Option<Uuid>,
    hash: String,
    committed_at: Instant,
}

/// What was drawn, for the record.
pub struct Drawn<'a> {
    /// The draw's id.
    pub id: Uuid,
    /// What was drawn.
    pub kind: DrawKind,
    /// What a spot check drew from, and which share.
    pub spot_check: Option<(SpotScope, u16)>,
    /// What it was drawn for.
    pub subject_id: Option<Uuid>,
    /// The list that was drawn from, sorted by id.
    pub list: &'a [Uuid],
    /// What was drawn, in the order of the draw.
    pub drawn_ids: &'a [Uuid],
}

/// The seed for a draw: the one that was committed to, unless the officer names one (a lottery's number
/// of that evening), of which nothing was published.
///
/// # Errors
/// `Contention`, so that the transaction is run again, where another draw has used the commitment meanwhile;
/// it stays so where there is none, or one of a key that is lost, until [`stay_committed`] has published
/// another. No draw uses a seed that nobody could have seen the hash of.
pub fn ready(call: &mut Call<'_>, named: Option<&str>) -> Outcome<Ready> {
    if let Some(seed) = named {
        let (seed, committed_at) = (seed.trim().to_owned(), call.now);
        return Ok(Ready { hash: rules::seed_hash(&seed), seed, revealed: None, seed_id: None, committed_at });
    }
    let Some(pending) = DrawSeed::take_pending(call.tx)? else {
        return Err(not_committed("another draw has used the seed, or none is committed to yet"));
    };
    let Some(seed) = revealed(call.program, &pending)? else {
        return Err(not_committed("the seed that was committed to cannot be derived any more"));
    };
    let ended = DrawSeed { ended_at: Some(call.now), ..pending.clone() };
    DrawSeed::save(call.tx, &ended)?;
    // For the next draw, before anybody knows what it will be.
    commit(call)?;
    let (hash, committed_at) = (pending.hash, pending.committed_at);
    Ok(Ready { seed, revealed: None, seed_id: Some(pending.id), hash, committed_at })
}

fn not_committed(why: &str) -> Failure {
    Failure::Storage(StorageError::Contention(why.to_owned()))
}

impl Ready {
    /// The seed for one of several lists that are drawn at once, by what it is drawn for.
    pub fn part(&self, subject_id: Uuid) -> Self {
        Self {
            seed: rules::seed_of_part(&self.seed, subject_id),
            revealed: Some(self.seed.clone()),
            seed_id: self.seed_id,
            hash: self.hash.clone(),
            committed_at: self.committed_at,
        }
    }
}

/// Keeps a draw with all it takes to repeat it, and records it.
///
/// # Errors
/// When the store fails.
pub fn keep(call: &mut Call<'_>, ready: &Ready, drawn: &Drawn<'_>) -> Outcome<Draw> {
    let shown = |id: &Uuid| match drawn.kind {
        // Who reviews is the commission's to know.
        DrawKind::Panel => rules::pseudonym(drawn.id, *id),
        DrawKind::SpotCheck | DrawKind::Visit => id.to_string(),
    };
    let entries: Vec<String> = drawn.list.iter().map(shown).collect();
    let row = Draw {
        id: drawn.id,
        kind: drawn.kind,
        scope: drawn.spot_check.map(|(scope, _)| scope),
        share_bps: drawn.spot_check.map(|(_, share_bps)| i32::from(share_bps)),
        subject_id: drawn.subject_id,
        seed_id: ready.seed_id,
        seed_hash: ready.hash.clone(),
        committed_at: ready.committed_at,
        seed: ready.seed.clone(),
        list_hash: rules::list_hash(&entries),
        entries,
        drawn: drawn.drawn_ids.iter().map(shown).collect(),
        drawn_ids: drawn.drawn_ids.to_vec(),
        drawn_by: call.actor()?.user_id,
        drawn_at: call.now,
        revealed_seed: ready.revealed.clone(),
    };
    let row = Draw::insert(call.tx, &row)?;
    record(call, EventAction::DrawMade, row.id, &DrawView::from(row.clone()))?;
    Ok(row)
}

/// Sees to it that there is always a commitment for the next draw, of a seed that can be revealed; how many
/// were made.
///
/// # Errors
/// When the store fails.
pub fn stay_committed(program: &Program) -> Outcome<usize> {
    let is_ready = |pending: DrawSeed| revealed(program, &pending).map(|seed| seed.is_some());
    if program.store.read(DrawSeed::pending)?.map(is_ready).transpose()? == Some(true) {
        return Ok(0);
    }
    program.transact(|call| {
        if let Some(pending) = DrawSeed::take_pending(call.tx)? {
            if revealed(call.program, &pending)?.is_some() {
                return Ok(0);
            }
            // The program's key is another one than when it was committed to: given up, and visibly so.
            tracing::warn!(commitment = %pending.id, "the seed of a draw cannot be derived any more; it is given up");
            DrawSeed::save(call.tx, &DrawSeed { ended_at: Some(call.now), ..pending })?;
        }
        commit(call).map(|_| 1)
    })
}

/// Commits to a new seed.
fn commit(call: &mut Call<'_>) -> Outcome<DrawSeed> {
    let id = call.new_id();
    let hash = rules::seed_hash(&derived(call.program, id)?);
    let row = DrawSeed { id, hash, committed_at: call.now, ended_at: None, version: 1 };
    let row = DrawSeed::insert(call.tx, &row).map_err(|error| {
        // Another one was committed to at the same time.
        if let StorageError::Unique { constraint } = &error { not_committed(constraint) } else { error.into() }
    })?;
    record(call, EventAction::DrawCommitted, id, &CommitmentView::from(row.clone()))?;
    Ok(row)
}

/// The seed that was committed to; nothing, where the program's key is not the one it was committed under.
fn revealed(program: &Program, pending: &DrawSeed) -> Outcome<Option<String>> {
    let seed = derived(program, pending.id)?;
    Ok(Some(seed).filter(|seed| rules::seed_hash(seed) == pending.hash))
}

/// The seed of a commitment. Whoever has the store alone does not know it before it is revealed.
fn derived(program: &Program, id: Uuid) -> Outcome<String> {
    let sealed = program.tokens.seal(&format!("the seed of the draw {id}"));
    sealed.map_err(|error| Failure::internal(error.to_string()))
}

fn record(call: &mut Call<'_>, action: EventAction, id: Uuid, after: &dyn super::call::erased::Facts) -> Outcome<()> {
    call.record(Change {
        action,
        kind: SubjectKind::Draw,
        id,
        organization_id: None,
        cycle_id: None,
        before: None,
        after: Some(after),
    })
}
