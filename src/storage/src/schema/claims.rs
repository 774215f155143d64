//! What claims are decided by, and the trace they leave.
#![allow(missing_docs, reason = "columns are explained at the row types")]

use super::{cycles, vouchers};

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::backend::types::{Document, Fen, Identifier};

    judgements (id) {
        id -> Identifier,
        applicant_id -> Identifier,
        profile_version -> Nullable<BigInt>,
        // The column is named after what it held before: the policy's id alone.
        #[sql_name = "policy_id"]
        edition -> Text,
        judged_on -> Date,
        annual_limit_fen -> Nullable<Fen>,
        profile -> Document,
        findings -> Document,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Fen, Identifier, Moment};

    attempts (cycle_id, sequence) {
        cycle_id -> Identifier,
        sequence -> BigInt,
        decided_at -> Moment,
        outcome -> Text,
        amount_fen -> Fen,
        remaining_fen -> Fen,
        previous_hash -> Text,
        hash -> Text,
        applicant_id -> Identifier,
        voucher_id -> Nullable<Identifier>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::backend::types::Identifier;

    told_claims (cycle_id) {
        cycle_id -> Identifier,
        sequence -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(judgements, vouchers);
diesel::allow_tables_to_appear_in_same_query!(attempts, told_claims, cycles);
