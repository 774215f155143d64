//! Why something was refused: a stable code, the article, the findings and the fields at fault.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::attempt::Receipt;
use crate::code::Code;
use crate::coded_enum;
use crate::finding::Finding;
use crate::money::{Money, MoneyOverflow};
use crate::text::Text;

coded_enum! {
    /// The stable code of a refusal, which clients branch on.
    pub enum RefusalCode ("problem code") {
        /// The body or a parameter breaks a rule of form; `fields` names each.
        ValidationFailed = "validation_failed",
        /// The body has a field the call does not know.
        UnknownField = "unknown_field",
        /// The body is not JSON, or not of the announced type.
        MalformedRequest = "malformed_request",
        /// Money would move and no `Idempotency-Key` was sent.
        IdempotencyKeyRequired = "idempotency_key_required",
        /// The key was used for another request.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// A change without `If-Match`.
        PreconditionRequired = "precondition_required",
        /// The thing changed since it was read.
        PreconditionFailed = "precondition_failed",
        /// No valid token.
        Unauthenticated = "unauthenticated",
        /// Too many failed logins.
        AccountLocked = "account_locked",
        /// Seen, but not allowed.
        Forbidden = "forbidden",
        /// Absent, or not to be seen.
        NotFound = "not_found",
        /// The path knows other methods.
        MethodNotAllowed = "method_not_allowed",
        /// A body larger than allowed.
        PayloadTooLarge = "payload_too_large",
        /// A file or body of a type that is not taken.
        UnsupportedMediaType = "unsupported_media_type",
        /// Too many requests in a short time.
        RateLimited = "rate_limited",
        /// The store or a queue cannot take more at the moment.
        Overloaded = "overloaded",
        /// The cycle is not open at this instant.
        CycleNotOpen = "cycle_not_open",
        /// A condition of Art. 7 is not met.
        NotEligible = "not_eligible",
        /// A ban of Art. 17 runs.
        Banned = "banned",
        /// More than one voucher may carry.
        SingleCapExceeded = "single_cap_exceeded",
        /// More than the applicant's yearly limit.
        AnnualLimitExceeded = "annual_limit_exceeded",
        /// The cycle's pool is smaller than the request.
        PoolExhausted = "pool_exhausted",
        /// The voucher is not one that can be used here.
        VoucherNotClaimed = "voucher_not_claimed",
        /// The 15 days for the registration are over.
        RegistrationOverdue = "registration_overdue",
        /// The contract would end after the voucher's validity.
        ValidityExceeded = "validity_exceeded",
        /// The vouchers exceed their share of the contract's amount.
        ShareExceeded = "share_exceeded",
        /// The facility may not serve (at that time).
        FacilityNotActive = "facility_not_active",
        /// The facility has not accepted the project.
        ProjectNotAccepted = "project_not_accepted",
        /// The month for the redemption is over.
        RedemptionOverdue = "redemption_overdue",
        /// The contract has not ended yet.
        RedemptionTooEarly = "redemption_too_early",
        /// A kind of evidence is missing.
        EvidenceMissing = "evidence_missing",
        /// The invoice supports another redemption.
        InvoiceReused = "invoice_reused",
        /// Two pairs of eyes are asked for, and these are the same.
        SamePerson = "same_person",
        /// The person is tied to a party.
        ConflictOfInterest = "conflict_of_interest",
        /// The notice has not run its days.
        NoticeRunning = "notice_running",
        /// An objection is unresolved.
        ObjectionOpen = "objection_open",
        /// Nothing is paid in this quarter.
        QuarterClosed = "quarter_closed",
        /// Payment to this party is suspended.
        PaymentSuspended = "payment_suspended",
        /// The thing is in a state that does not allow this.
        InvalidState = "invalid_state",
        /// Something that must be unique is taken.
        AlreadyExists = "already_exists",
        /// A fault of ours.
        Internal = "internal_error",
    }
}

/// A field of the request at fault: where, which rule, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldFault {
    /// The path of the field, `members[0].name`.
    pub field: String,
    /// The rule's stable name, `positive`.
    pub rule: String,
    /// What is wrong and what would be right.
    pub message: Text,
}

/// Why an action was refused. Built by the rule that refuses, carried unchanged to the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// The article it rests on, where a rule of the regulation speaks.
    pub article: Option<String>,
    /// The reason for people.
    pub message: Text,
    /// What the rules found, where rules were applied.
    pub findings: Vec<Finding>,
    /// The fields at fault.
    pub fields: Vec<FieldFault>,
    /// What remains in the pool, with `pool_exhausted`.
    pub remaining_fen: Option<Money>,
    /// The most that would be allowed, with `share_exceeded` and the caps.
    pub maximum_fen: Option<Money>,
    /// After how many seconds to try again, with `rate_limited`, `account_locked` and `overloaded`.
    pub retry_after_seconds: Option<i64>,
    /// The receipt of a refused claim.
    pub receipt: Option<Receipt>,
}

impl Refusal {
    /// A refusal with its code and reason.
    pub fn new(code: RefusalCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            article: None,
            message: Text::new(zh, en),
            findings: Vec::new(),
            fields: Vec::new(),
            remaining_fen: None,
            maximum_fen: None,
            retry_after_seconds: None,
            receipt: None,
        }
    }

    /// Resting on this article.
    #[must_use]
    pub fn article(mut self, article: &str) -> Self {
        self.article = Some(article.to_owned());
        self
    }

    /// With these findings.
    #[must_use]
    pub fn findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }

    /// Pointing at the field of the request that names what it is about.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        let (rule, message) = (self.code.code().to_owned(), self.message.clone());
        self.fields.push(FieldFault { field: field.to_owned(), rule, message });
        self
    }

    /// Naming the most that would be allowed.
    #[must_use]
    pub fn maximum(mut self, maximum: Money) -> Self {
        self.maximum_fen = Some(maximum);
        self
    }

    /// Naming what remains.
    #[must_use]
    pub fn remaining(mut self, remaining: Money) -> Self {
        self.remaining_fen = Some(remaining);
        self
    }

    /// Naming after how many seconds to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Absent, or not to be seen by the one who asks: both look the same.
    pub fn not_found() -> Self {
        Self::new(
            RefusalCode::NotFound,
            "没有找到所请求的内容,或您无权查看。",
            "There is nothing here, or nothing that you may see.",
        )
    }

    /// Seen, but not allowed.
    pub fn forbidden(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(RefusalCode::Forbidden, zh, en)
    }

    /// In a state that does not allow the action.
    pub fn invalid_state(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(RefusalCode::InvalidState, zh, en)
    }

    /// One field at fault.
    pub fn field(field: &str, rule: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let mut faults = Faults::default();
        faults.add(field, rule, zh, en);
        faults.into_refusal()
    }
}

impl From<MoneyOverflow> for Refusal {
    fn from(_: MoneyOverflow) -> Self {
        Self::new(
            RefusalCode::ValidationFailed,
            "金额超出可表示的范围,请核对后重新填写。",
            "The amount is too large to be represented; please check it.",
        )
    }
}

/// Collects every fault of a request, so that one answer names them all.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<FieldFault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, field: &str, rule: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push(FieldFault { field: field.to_owned(), rule: rule.to_owned(), message: Text::new(zh, en) });
    }

    /// Notes a fault unless the condition holds.
    pub fn require(&mut self, holds: bool, field: &str, rule: &str, zh: impl Into<String>, en: impl Into<String>) {
        if !holds {
            self.add(field, rule, zh, en);
        }
    }

    /// Notes the faults that another check found.
    pub fn take_in(&mut self, checked: Result<(), Refusal>) {
        if let Err(refusal) = checked {
            self.0.extend(refusal.fields);
        }
    }

    /// A text that must say something, within a length counted in characters.
    pub fn require_text(&mut self, field: &str, value: &str, max_characters: usize) {
        let length = value.trim().chars().count();
        self.require(length > 0, field, "not_blank", "不能为空。", "must not be blank.");
        self.require(
            length <= max_characters,
            field,
            "max_length",
            format!("最多 {max_characters} 个字。"),
            format!("may have at most {max_characters} characters."),
        );
    }

    /// A list of things that must name at least one, each once, and so many at the most.
    pub fn require_distinct_ids(&mut self, field: &str, ids: &[Uuid], max_count: usize) {
        self.require(!ids.is_empty(), field, "not_empty", "请至少选择一项。", "must name at least one.");
        self.require(
            ids.len() <= max_count,
            field,
            "max_length",
            format!("最多 {max_count} 项。"),
            format!("may name at most {max_count}."),
        );
        let mut seen = BTreeSet::new();
        for (index, id) in ids.iter().enumerate() {
            let is_new = seen.insert(id);
            self.require(is_new, &format!("{field}[{index}]"), "unique", "该项重复。", "is named twice.");
        }
    }

    /// An amount that must be more than nothing.
    pub fn require_positive(&mut self, field: &str, amount: Money) {
        self.require(amount.is_positive(), field, "positive", "金额必须大于 0 分。", "must be more than 0 fen.");
    }

    /// Nothing, or the refusal that names every fault.
    ///
    /// # Errors
    /// `validation_failed` with the faults, if there are any.
    pub fn done(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_refusal()) }
    }

    fn into_refusal(self) -> Refusal {
        let mut refusal = Refusal::new(
            RefusalCode::ValidationFailed,
            "提交的内容有误,请按各字段的提示修改。",
            "Some fields are not right; each says what would be.",
        );
        refusal.fields = self.0;
        refusal
    }
}
