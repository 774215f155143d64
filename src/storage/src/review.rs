//! Panels, reviews and inquiries.

use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;

use crate::aggregate::{aggregate, entry};
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
        /// How many were to be drawn.
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
        pub status: voucher_domain::review::ReviewStatus,
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
        /// Why the expert stepped back.
        pub recusal_reason: Option<String>,
        /// When it was assigned.
        pub assigned_at: Instant,
        /// When it was given.
        pub submitted_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
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
    }
}
