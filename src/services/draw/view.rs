//! Draws as everybody is shown them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::draw::{DrawKind, SpotScope};
use voucher_domain::period::Instant;
use voucher_storage::draw::{Draw, DrawSeed};

use crate::services::{Call, Outcome, Page, PageRequest};

/// What was published before a draw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommitmentView {
    /// Its id.
    pub id: Uuid,
    /// The SHA-256 of the seed that the next draw uses.
    pub seed_hash: String,
    /// When it was published.
    pub committed_at: Instant,
}

/// The commitment for the next draw.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextDrawView {
    /// The commitment; nothing in the first moments of a new programme.
    pub next: Option<CommitmentView>,
}

/// A draw, with all it takes to repeat it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawView {
    /// Its id.
    pub id: Uuid,
    /// What was drawn.
    pub kind: DrawKind,
    /// What a spot check drew from.
    pub scope: Option<SpotScope>,
    /// Which share of it, in basis points.
    pub share_bps: Option<i32>,
    /// What it was drawn for.
    pub subject_id: Option<Uuid>,
    /// The commitment that the seed was published by; nothing for a seed that an officer named.
    pub commitment_id: Option<Uuid>,
    /// The SHA-256 of the revealed seed.
    pub seed_hash: String,
    /// When that was published; with a seed that an officer named, when it was.
    pub committed_at: Instant,
    /// The seed that was published by its hash, or the one that an officer named.
    pub revealed_seed: String,
    /// The seed that the list was drawn by: the revealed one; where that has drawn several lists at once, followed
    /// by a colon and the `subject_id`.
    pub seed: String,
    /// The list, in the order that was drawn from: experts by pseudonyms, anything else by ids.
    pub entries: Vec<String>,
    /// The SHA-256 of the entries, each followed by a line feed.
    pub list_hash: String,
    /// What was drawn, in the order of the draw.
    pub drawn: Vec<String>,
    /// When.
    pub drawn_at: Instant,
}

/// Which draws are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DrawsQuery {
    /// Of this kind.
    pub kind: Option<DrawKind>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl From<DrawSeed> for CommitmentView {
    fn from(row: DrawSeed) -> Self {
        Self { id: row.id, seed_hash: row.hash, committed_at: row.committed_at }
    }
}

impl From<Draw> for DrawView {
    fn from(row: Draw) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            scope: row.scope,
            share_bps: row.share_bps,
            subject_id: row.subject_id,
            commitment_id: row.seed_id,
            seed_hash: row.seed_hash,
            committed_at: row.committed_at,
            revealed_seed: row.revealed_seed.unwrap_or_else(|| row.seed.clone()),
            seed: row.seed,
            entries: row.entries,
            list_hash: row.list_hash,
            drawn: row.drawn,
            drawn_at: row.drawn_at,
        }
    }
}

/// What has been published of the seed that the next draw uses.
///
/// # Errors
/// When the store fails.
pub fn commitment(call: &mut Call<'_>) -> Outcome<NextDrawView> {
    Ok(NextDrawView { next: DrawSeed::pending(call.tx)?.map(CommitmentView::from) })
}

/// The draws, newest first.
///
/// # Errors
/// `validation_failed` for a bad page.
pub fn list(call: &mut Call<'_>, query: DrawsQuery) -> Outcome<Page<DrawView>> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref())?;
    let rows = Draw::list(call.tx, query.kind, page.before, page.limit)?;
    Page::of(rows, |row| Ok(row.into()))
}
