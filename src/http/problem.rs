//! The only mapping of refusals to HTTP: RFC 9457 problem details with our members.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::attempt::Receipt;
use voucher_domain::code::Code;
use voucher_domain::finding::Finding;
use voucher_domain::money::Money;
use voucher_domain::refusal::{FieldFault, Refusal, RefusalCode};
use voucher_domain::text::Text;

use super::answer::{Answer, Body};

/// The media type of a problem (RFC 9457).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A refusal as it is answered (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: Text,
    /// The HTTP status.
    pub status: u16,
    /// This problem, and what would be right.
    pub detail: Text,
    /// The stable code that clients branch on.
    pub code: RefusalCode,
    /// The article of the regulation it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// What the rules found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFault>,
    /// What remains in the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_fen: Option<Money>,
    /// The most that would be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_fen: Option<Money>,
    /// After how many seconds to try again; also as `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// The receipt of a refused claim: its place in the cycle's published chain of attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// The request's id, to be named when asking for help.
    pub request_id: Uuid,
}

/// The HTTP status of a code.
pub fn status(code: RefusalCode) -> u16 {
    match code {
        RefusalCode::MalformedRequest | RefusalCode::IdempotencyKeyRequired => 400,
        RefusalCode::Unauthenticated => 401,
        RefusalCode::Forbidden => 403,
        RefusalCode::NotFound => 404,
        RefusalCode::MethodNotAllowed => 405,
        RefusalCode::PreconditionFailed => 412,
        RefusalCode::PayloadTooLarge => 413,
        RefusalCode::UnsupportedMediaType => 415,
        RefusalCode::ValidationFailed | RefusalCode::UnknownField | RefusalCode::IdempotencyKeyReused => 422,
        RefusalCode::AccountLocked => 423,
        RefusalCode::PreconditionRequired => 428,
        RefusalCode::RateLimited => 429,
        RefusalCode::Internal => 500,
        RefusalCode::Overloaded => 503,
        RefusalCode::CycleNotOpen
        | RefusalCode::NotEligible
        | RefusalCode::Banned
        | RefusalCode::SingleCapExceeded
        | RefusalCode::AnnualLimitExceeded
        | RefusalCode::PoolExhausted
        | RefusalCode::VoucherNotClaimed
        | RefusalCode::RegistrationOverdue
        | RefusalCode::ValidityExceeded
        | RefusalCode::ShareExceeded
        | RefusalCode::FacilityNotActive
        | RefusalCode::ProjectNotAccepted
        | RefusalCode::RedemptionOverdue
        | RefusalCode::RedemptionTooEarly
        | RefusalCode::EvidenceMissing
        | RefusalCode::InvoiceReused
        | RefusalCode::SamePerson
        | RefusalCode::ConflictOfInterest
        | RefusalCode::NoticeRunning
        | RefusalCode::ObjectionOpen
        | RefusalCode::QuarterClosed
        | RefusalCode::PaymentSuspended
        | RefusalCode::InvalidState
        | RefusalCode::AlreadyExists => 409,
    }
}

fn title(status: u16) -> Text {
    match status {
        400 => Text::new("请求无法理解", "The request cannot be understood"),
        401 => Text::new("需要登录", "Login required"),
        403 => Text::new("没有权限", "Not allowed"),
        404 => Text::new("没有找到", "Not found"),
        405 => Text::new("不支持的方法", "Method not allowed"),
        412 => Text::new("内容已被修改", "Changed in the meantime"),
        413 => Text::new("内容过大", "Too large"),
        415 => Text::new("不支持的类型", "Type not supported"),
        422 => Text::new("提交的内容有误", "The content is not right"),
        423 => Text::new("账号暂时锁定", "Account locked for now"),
        428 => Text::new("缺少前提条件", "Precondition required"),
        429 => Text::new("请求过于频繁", "Too many requests"),
        503 => Text::new("系统繁忙", "Busy at the moment"),
        409 => Text::new("当前不能办理", "Not possible as things stand"),
        _ => Text::new("系统内部错误", "A fault of the system"),
    }
}

impl Problem {
    /// The problem of a refusal.
    pub fn new(refusal: Refusal, request_id: Uuid) -> Self {
        let status = status(refusal.code);
        Self {
            kind: format!("urn:innovation-voucher:problem:{}", refusal.code.code()),
            title: title(status),
            status,
            detail: refusal.message,
            code: refusal.code,
            article: refusal.article,
            findings: refusal.findings,
            fields: refusal.fields,
            remaining_fen: refusal.remaining_fen,
            maximum_fen: refusal.maximum_fen,
            retry_after_seconds: refusal.retry_after_seconds,
            receipt: refusal.receipt,
            request_id,
        }
    }

    /// The problem as an answer.
    pub fn answer(&self) -> Answer {
        let body = serde_json::to_value(self).map_or(Body::Empty, Body::Json);
        Answer { status: self.status, body }
    }
}
