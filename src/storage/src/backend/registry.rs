//! The domain's types that columns hold: one line each.

use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::applicant::{Industry, Profile};
use voucher_domain::assessment::{
    Award, CampaignStatus, Criteria, Figure, GivenScores, SubmissionStatus, Visit, funds::Funds,
};
use voucher_domain::contract::ContractStatus;
use voucher_domain::cycle::{CycleKind, CycleStatus};
use voucher_domain::disbursement::{DisbursementStatus, LineStatus};
use voucher_domain::draw::{DrawKind, SpotScope};
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::facility::{
    ApplicationStatus, ChangeStatus, ComputeTerms, Condition, FacilityNature, FacilityRegion, FacilityStatus,
    ServiceKind,
};
use voucher_domain::finding::KeptFinding;
use voucher_domain::ledger::{Account, MovementCause};
use voucher_domain::notice::{NoticeItemStatus, NoticeKind, ObjectionStatus};
use voucher_domain::notification::{Facts, LetterState, NotificationKind};
use voucher_domain::period::{Day, DayKind, Deadline};
use voucher_domain::privacy::{CorrectionField, CorrectionStatus, Place};
use voucher_domain::project::ProjectStatus;
use voucher_domain::redemption::{EvidenceKind, Flag, RedemptionStatus};
use voucher_domain::review::{
    EarlierWork, Exclusion, InquiryKind, InquiryOutcome, Recommendation, ReviewStatus, Scores,
};
use voucher_domain::supervision::{ClawbackStatus, Measure, SanctionKind, ViolationKind, ViolationStatus};
use voucher_domain::text::{Language, Text};
use voucher_domain::voucher::{VoidCause, VoucherStatus};

use crate::token::TokenPurpose;

// Coded enums, in columns of type `Word`.
coded!(
    OrganizationKind,
    Role,
    TokenPurpose,
    Industry,
    FacilityStatus,
    FacilityRegion,
    FacilityNature,
    ServiceKind,
    ApplicationStatus,
    ChangeStatus,
    CycleKind,
    CycleStatus,
    Account,
    MovementCause,
    VoucherStatus,
    VoidCause,
    ProjectStatus,
    ContractStatus,
    SubjectKind,
    RedemptionStatus,
    EvidenceKind,
    Recommendation,
    ReviewStatus,
    InquiryKind,
    InquiryOutcome,
    NoticeKind,
    NoticeItemStatus,
    ObjectionStatus,
    DisbursementStatus,
    LineStatus,
    DrawKind,
    SpotScope,
    DeadlineKind,
    Part,
    Language,
    NotificationKind,
    LetterState,
    ViolationKind,
    ViolationStatus,
    SanctionKind,
    ClawbackStatus,
    Place,
    CorrectionField,
    CorrectionStatus,
    CampaignStatus,
    SubmissionStatus,
);

// Structs kept as JSON, in columns of type `Document`.
document!(Text, Profile, Deadline, Scores, Facts, ComputeTerms, Criteria, Funds, Award, GivenScores, Visit);

// Lists, and JSON of any shape, in columns of type `Document`.
document_of_known_type!(
    Vec<KeptFinding>,
    Vec<Uuid>,
    Vec<Industry>,
    Vec<Exclusion>,
    Vec<EarlierWork>,
    Vec<String>,
    Vec<Condition>,
    Vec<Flag>,
    Vec<Measure>,
    Vec<Figure>,
    Vec<(Day, DayKind)>,
    serde_json::Value
);
