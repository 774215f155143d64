//! What was drawn at random, and the seeds that were committed to before.

use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::draw::{DrawKind, SpotScope};
use voucher_domain::facility::FacilityStatus;
use voucher_domain::period::Instant;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::voucher::VoucherStatus;

use crate::aggregate::{aggregate, entry};
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{contracts, draw_seeds, draws, facilities, redemptions, vouchers};

aggregate! {
    /// A seed that was committed to by its hash; the program derives it from the id.
    pub struct DrawSeed in draw_seeds {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What was published of it.
        pub hash: String,
        /// When.
        pub committed_at: Instant,
        /// When it was used, or given up.
        pub ended_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

entry! {
    /// A draw, with all it takes to repeat it; never changed.
    pub struct Draw in draws {
        /// Version 7, so that ids sort by creation. A panel's draw has the panel's.
        pub id: Uuid,
        /// What was drawn.
        pub kind: DrawKind,
        /// What a spot check drew from.
        pub scope: Option<SpotScope>,
        /// Which share of it.
        pub share_bps: Option<i32>,
        /// What it was drawn for.
        pub subject_id: Option<Uuid>,
        /// The seed that was committed to; none for one that an officer named.
        pub seed_id: Option<Uuid>,
        /// The hash of the seed that was committed to, or of the one that was named.
        pub seed_hash: String,
        /// When that was published.
        pub committed_at: Instant,
        /// The seed that the list was drawn by.
        pub seed: String,
        /// The list as it is published, in the order that was drawn from.
        pub entries: Vec<String>,
        /// What stands for the list.
        pub list_hash: String,
        /// What was drawn of it, in the order of the draw, as it is published.
        pub drawn: Vec<String>,
        /// What was drawn.
        pub drawn_ids: Vec<Uuid>,
        /// Who had it drawn.
        pub drawn_by: Uuid,
        /// When.
        pub drawn_at: Instant,
        /// The seed that was committed to, where the list's own was derived from it.
        pub revealed_seed: Option<String>,
    }
}

impl DrawSeed {
    /// The seed that the next draw uses.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn pending(tx: &mut Connection) -> Result<Option<Self>, StorageError> {
        let pending = draw_seeds::table.filter(draw_seeds::ended_at.is_null()).order(draw_seeds::id);
        Ok(pending.first(tx).optional()?)
    }

    /// The same, held against other draws until the transaction ends. None as well where another draw has
    /// used it meanwhile: the one that it has committed to was published after this transaction began.
    ///
    /// # Errors
    /// `Contention` when others hold it for too long.
    pub fn take_pending(tx: &mut Connection) -> Result<Option<Self>, StorageError> {
        let pending = draw_seeds::table.filter(draw_seeds::ended_at.is_null()).order(draw_seeds::id).limit(1);
        Ok(for_update(pending).get_result(tx).optional()?)
    }
}

impl Draw {
    /// The draws of a kind or of all, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        kind: Option<DrawKind>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(kind) = kind {
            rows = rows.filter(draws::kind.is(kind));
        }
        Self::page(tx, rows, before, limit)
    }

    /// The contracts that vouchers in one of these states are bound to, sorted by id.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn contracts_of_vouchers(
        tx: &mut Connection,
        statuses: impl IntoIterator<Item = VoucherStatus>,
    ) -> Result<Vec<Uuid>, StorageError> {
        let bound =
            vouchers::table.filter(vouchers::status.among(statuses)).filter(vouchers::contract_id.is_not_null());
        let bound = contracts::table.filter(contracts::id.nullable().eq_any(bound.select(vouchers::contract_id)));
        Ok(bound.order(contracts::id).select(contracts::id).load(tx)?)
    }

    /// The redemptions in one of these states, sorted by id.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn redemptions_among(
        tx: &mut Connection,
        statuses: impl IntoIterator<Item = RedemptionStatus>,
    ) -> Result<Vec<Uuid>, StorageError> {
        let rows = redemptions::table.filter(redemptions::status.among(statuses));
        Ok(rows.order(redemptions::id).select(redemptions::id).load(tx)?)
    }

    /// The facilities in one of these states, sorted by id.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn facilities_among(
        tx: &mut Connection,
        statuses: impl IntoIterator<Item = FacilityStatus>,
    ) -> Result<Vec<Uuid>, StorageError> {
        let rows = facilities::table.filter(facilities::status.among(statuses));
        Ok(rows.order(facilities::id).select(facilities::id).load(tx)?)
    }
}
