//! What refers to something that the database does not look for: a rush would pay for foreign keys at
//! each claim. `voucher verify` looks.

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::backend::Connection;
use crate::error::StorageError;
use crate::schema::{cycles, judgements, ledger_entries, organizations, vouchers};

/// A row that refers to one that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orphan {
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub id: Uuid,
    /// The table of what is not there.
    pub refers_to: &'static str,
}

/// The ids of a table's rows whose column finds no row of another table.
macro_rules! orphan {
    ($tx:ident, $table:ident.$column:ident => $parent:ident) => {{
        let lost = $table::table
            .left_join($parent::table.on($parent::id.eq($table::$column)))
            .filter($parent::id.nullable().is_null())
            .select($table::id);
        if let Some(id) = lost.first($tx).optional()? {
            return Ok(Some(Orphan { table: stringify!($table), id, refers_to: stringify!($parent) }));
        }
    }};
}

/// The first row that refers to nothing, if there is one.
///
/// # Errors
/// Failures of the store alone.
pub fn first(tx: &mut Connection) -> Result<Option<Orphan>, StorageError> {
    orphan!(tx, vouchers.cycle_id => cycles);
    orphan!(tx, vouchers.applicant_id => organizations);
    orphan!(tx, vouchers.judgement_id => judgements);
    orphan!(tx, judgements.applicant_id => organizations);
    orphan!(tx, ledger_entries.cycle_id => cycles);
    Ok(None)
}
