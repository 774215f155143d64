//! What people send about a redemption.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::Day;
use voucher_domain::redemption::{EvidenceKind, Invoice, RedemptionStatus};

/// A redemption as the facility describes it. A draft may still lack invoices and evidence.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionForm {
    /// The contract it is about; it stays the same when the redemption is changed.
    pub contract_id: Uuid,
    /// What the service really cost, in fen.
    pub actual_amount_fen: Money,
    /// The invoices that show it.
    #[serde(default)]
    pub invoices: Vec<InvoiceItem>,
    /// The files it rests on.
    #[serde(default)]
    pub evidence: Vec<EvidenceItem>,
    /// In the facility's words.
    #[serde(default)]
    pub remarks: String,
}

/// An invoice (发票).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceItem {
    /// 发票代码, 10 to 12 digits; empty or absent for a fully digital invoice (数电票).
    #[serde(default)]
    pub code: String,
    /// 发票号码, 8 to 20 digits; 20 where there is no code.
    pub number: String,
    /// Its amount with tax, in fen.
    pub amount_fen: Money,
    /// 开票日期; reviewers look at one outside of the contract's days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    pub issued_on: Option<Day>,
}

impl From<InvoiceItem> for Invoice {
    fn from(item: InvoiceItem) -> Self {
        Self { code: item.code, number: item.number, amount_fen: item.amount_fen, issued_on: item.issued_on }
    }
}

/// A file that proves something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceItem {
    /// What it proves.
    pub kind: EvidenceKind,
    /// The uploaded file.
    pub file_id: Uuid,
}

/// What the applicant says about a redemption.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationForm {
    /// Whether it shows what was done.
    pub agrees: bool,
    /// The service, from 1 (poor) to 5 (excellent).
    pub rating: Option<u8>,
    /// In the applicant's words; required when it does not agree.
    #[serde(default)]
    pub remarks: String,
}

/// What an officer remarks.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionRemarks {
    /// The remarks; required when the redemption is returned.
    #[serde(default)]
    pub remarks: String,
}

/// Which redemptions are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RedemptionsQuery {
    /// In this state.
    pub status: Option<RedemptionStatus>,
    /// Of this contract.
    pub contract_id: Option<Uuid>,
    /// Of this applicant.
    pub applicant_id: Option<Uuid>,
    /// Of this facility.
    pub facility_id: Option<Uuid>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}
