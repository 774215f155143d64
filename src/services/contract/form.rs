//! What is sent about contracts.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::contract::ContractStatus;
use voucher_domain::money::Money;

/// A signed contract to be registered (合同登记).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractForm {
    /// The accepted project.
    pub project_id: Uuid,
    /// The contract's number, unique for the facility.
    pub number: String,
    /// The day both signed: not before the earliest claim among the vouchers.
    pub signed_on: NaiveDate,
    /// The first day of the service.
    pub starts_on: NaiveDate,
    /// The last day of the service, within the vouchers' validity.
    pub ends_on: NaiveDate,
    /// What the service costs, in fen; the vouchers pay half of it at the most.
    pub amount_fen: Money,
    /// The applicant's vouchers that pay.
    pub voucher_ids: Vec<Uuid>,
    /// Uploaded files to attach, such as the signed contract.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
}

/// An amendment; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractChange {
    /// What the service costs, in fen.
    pub amount_fen: Option<Money>,
    /// The last day of the service.
    pub ends_on: Option<NaiveDate>,
}

/// Why a contract ends before the service.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminationForm {
    /// The reason.
    pub reason: String,
}

/// What is recorded when the service is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionForm {
    /// The day it was done; one earlier than the last day brings the month for the redemption forward.
    pub completed_on: NaiveDate,
    /// What was actually incurred, in fen.
    pub actual_amount_fen: Money,
}

/// Which contracts are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ContractsQuery {
    /// In this state.
    pub status: Option<ContractStatus>,
    /// Of this applicant; for facilities, officers and auditors.
    pub applicant_id: Option<Uuid>,
    /// Of this facility; for applicants, officers and auditors.
    pub facility_id: Option<Uuid>,
    /// How many at the most.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}
