//! Panels, reviews and inquiries.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::review::ReviewStatus;

use crate::aggregate::{aggregate, entry};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{inquiries, panels, reviews};

entry! {
    /// A draw of experts, with all it takes to repeat it.
    pub struct Panel in panels {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What is reviewed.
        pub redemption_id: Uuid,
        /// The seed of the draw.
        pub seed: String,
        /// How many experts the panel is to have; those it lacked were drawn.
        pub size: i32,
        /// From whom it was drawn.
        pub candidate_ids: Vec<Uuid>,
        /// Who was drawn.
        pub drawn_ids: Vec<Uuid>,
        /// Who could not be drawn, and why.
        pub excluded: Vec<voucher_domain::review::Exclusion>,
        /// The officer who had it drawn.
        pub drawn_by: Uuid,
        /// When.
        pub drawn_at: Instant,
    }
}

aggregate! {
    /// An expert's review of a redemption (Art. 15.4).
    pub struct Review in reviews {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What is reviewed.
        pub redemption_id: Uuid,
        /// By whom.
        pub expert_id: Uuid,
        /// Its state.
        pub status: ReviewStatus,
        /// The scores by criterion.
        pub scores: Option<voucher_domain::review::Scores>,
        /// What the expert recommends.
        pub recommendation: Option<voucher_domain::review::Recommendation>,
        /// The amount the expert recommends.
        pub amount_fen: Option<Money>,
        /// Whether the expert has doubts.
        pub is_doubtful: Option<bool>,
        /// The expert's words.
        pub opinion: Option<String>,
        /// Why the expert stepped back, or was released.
        pub recusal_reason: Option<String>,
        /// When it was assigned.
        pub assigned_at: Instant,
        /// When it was given.
        pub submitted_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// The officer who released the expert.
        pub released_by: Option<Uuid>,
    }
}

aggregate! {
    /// A site visit or a defence (Art. 15.4).
    pub struct Inquiry in inquiries {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What it is about.
        pub redemption_id: Uuid,
        /// What kind it is.
        pub kind: voucher_domain::review::InquiryKind,
        /// When it takes place.
        pub scheduled_at: Instant,
        /// What it came to.
        pub outcome: Option<voucher_domain::review::InquiryOutcome>,
        /// What was found.
        pub record: Option<String>,
        /// Who recorded it.
        pub recorded_by: Option<Uuid>,
        /// When it was set.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// Where it takes place.
        pub place: Option<String>,
        /// Who was there.
        pub attendees: Vec<String>,
    }
}

impl Panel {
    /// The draws for a redemption, the first one first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(panels::table.filter(panels::redemption_id.is(redemption_id)).order(panels::id).load(tx)?)
    }
}

impl Review {
    /// The reviews of a redemption, those of the first draw first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(reviews::table.filter(reviews::redemption_id.is(redemption_id)).order(reviews::id).load(tx)?)
    }

    /// The review of a redemption that was assigned to an expert.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_expert(tx: &mut Connection, redemption_id: Uuid, expert_id: Uuid) -> Result<Option<Self>, StorageError> {
        Ok(reviews::table
            .filter(reviews::redemption_id.is(redemption_id))
            .filter(reviews::expert_id.is(expert_id))
            .first(tx)
            .optional()?)
    }

    /// What is or was assigned to an expert, newest first, in one state or in all.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        expert_id: Uuid,
        status: Option<ReviewStatus>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all().filter(reviews::expert_id.is(expert_id));
        if let Some(status) = status {
            rows = rows.filter(reviews::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl Inquiry {
    /// The site visits and defences about a redemption, the first one first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_redemption(tx: &mut Connection, redemption_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(inquiries::table.filter(inquiries::redemption_id.is(redemption_id)).order(inquiries::id).load(tx)?)
    }
}
