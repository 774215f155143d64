//! Payment batches and their lines.

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::disbursement::{DisbursementStatus, LineStatus};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_domain::privacy::Sealed;

use crate::aggregate::aggregate;
use crate::backend::Connection;
use crate::backend::query::{Compare, for_update};
use crate::error::StorageError;
use crate::page::Page;
use crate::schema::{disbursement_lines, disbursements};

aggregate! {
    /// A payment batch (Art. 15.5).
    pub struct Disbursement in disbursements {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What it is called.
        pub title: String,
        /// Its state.
        pub status: DisbursementStatus,
        /// The quarter it belongs to, `2026Q3`.
        pub quarter: String,
        /// The sum of its lines, without those that were withheld.
        pub total_fen: Money,
        /// The officer who prepared it.
        pub prepared_by: Uuid,
        /// The other officer, who approved.
        pub approved_by: Option<Uuid>,
        /// When.
        pub approved_at: Option<Instant>,
        /// When it was prepared.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// One payment of a batch.
    pub struct DisbursementLine in disbursement_lines {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The batch.
        pub disbursement_id: Uuid,
        /// The redemption that is paid, where it is one.
        pub redemption_id: Option<Uuid>,
        /// To whom.
        pub facility_id: Uuid,
        /// The name of the account it goes to, as it was when the batch was prepared.
        pub payee_name: String,
        /// The bank of that account, if the facility has named one.
        pub payee_bank: Option<String>,
        /// The number of that account, sealed, if the facility has named one.
        pub payee_account: Option<Sealed>,
        /// How much.
        pub amount_fen: Money,
        /// Its state.
        pub status: LineStatus,
        /// The bank's reference, once paid.
        pub reference: Option<String>,
        /// Why it failed.
        pub reason: Option<String>,
        /// When the result came.
        pub settled_at: Option<Instant>,
        /// Counts the changes; 1 when new.
        pub version: i64,
        /// The submission to an assessment whose subsidy is paid, where it is one: one or the other.
        pub submission_id: Option<Uuid>,
    }
}

impl Disbursement {
    /// The batches, in one state or in any, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn list(
        tx: &mut Connection,
        status: Option<DisbursementStatus>,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        let mut rows = Self::all();
        if let Some(status) = status {
            rows = rows.filter(disbursements::status.is(status));
        }
        Self::page(tx, rows, before, limit)
    }
}

impl DisbursementLine {
    /// The lines of a batch, in the order they were put together.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_batch(tx: &mut Connection, disbursement_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let lines = disbursement_lines::table.filter(disbursement_lines::disbursement_id.is(disbursement_id));
        Ok(lines.order(disbursement_lines::id).load(tx)?)
    }

    /// The same, locked against other writers until the transaction ends.
    ///
    /// # Errors
    /// `Contention` when others hold one of them for too long.
    pub fn lock_batch(tx: &mut Connection, disbursement_id: Uuid) -> Result<Vec<Self>, StorageError> {
        let lines = disbursement_lines::table.filter(disbursement_lines::disbursement_id.is(disbursement_id));
        Ok(for_update(lines.order(disbursement_lines::id)).load(tx)?)
    }
}
