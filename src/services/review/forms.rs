//! What officers and experts send about a review.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::review::{Decision, InquiryKind, InquiryOutcome, Recommendation, ReviewStatus, Scores};

/// A draw of experts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelForm {
    /// How many experts the panel is to have; without, as many as before, or as the policy says.
    pub size: Option<u16>,
    /// The seed of the draw, which anyone can repeat it from; without, the one that was committed to before.
    pub seed: Option<String>,
}

/// Which reviews are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ReviewsQuery {
    /// In this state.
    pub status: Option<ReviewStatus>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A review as an expert gives it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewForm {
    /// The scores, each 0 to 100.
    pub scores: Scores,
    /// What the expert recommends.
    pub recommendation: Recommendation,
    /// What the expert would pay, in fen; 0 for a rejection.
    pub amount_fen: Money,
    /// 存疑: whether the expert doubts what is shown.
    pub is_doubtful: bool,
    /// In the expert's words.
    pub opinion: String,
}

/// An expert steps back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecusalForm {
    /// Why.
    pub reason: String,
}

/// An officer takes a review back from an expert who is silent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseForm {
    /// Why.
    pub reason: String,
}

/// A site visit or a defence is arranged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryForm {
    /// What kind it is.
    pub kind: InquiryKind,
    /// When it takes place.
    pub scheduled_at: Instant,
    /// Where it takes place.
    pub place: Option<String>,
}

/// What a site visit or a defence came to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryRecordForm {
    /// What it came to.
    pub outcome: InquiryOutcome,
    /// What was seen and heard.
    pub record: String,
    /// Who was there, by name.
    #[serde(default)]
    pub attendees: Vec<String>,
    /// Photographs, signed minutes: files that the officer has uploaded.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
}

/// What another officer approves; a decision and an amount that are named must be the concluded ones.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalForm {
    /// The decision.
    pub decision: Option<Decision>,
    /// What is to be paid, in fen.
    pub amount_fen: Option<Money>,
    /// What the officer adds.
    pub opinion: Option<String>,
}

/// What an officer concludes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConclusionForm {
    /// The decision.
    pub decision: Decision,
    /// What is to be paid, in fen; 0 for a rejection.
    pub amount_fen: Money,
    /// Why.
    pub opinion: String,
}
