//! Violations, and what follows from them.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Document, Identifier, Moment, Word};

    violations (id) {
        id -> Identifier,
        organization_id -> Identifier,
        kind -> Word,
        status -> Word,
        facts -> Text,
        statement_by -> Document,
        recorded_by -> Identifier,
        recorded_at -> Moment,
        finding -> Nullable<Text>,
        measures -> Nullable<Document>,
        decided_by -> Nullable<Identifier>,
        decided_at -> Nullable<Moment>,
        closed_by -> Nullable<Identifier>,
        closed_at -> Nullable<Moment>,
        closing_reasons -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::backend::types::{Identifier, Moment};

    violation_statements (id) {
        id -> Identifier,
        violation_id -> Identifier,
        statement -> Text,
        made_by -> Identifier,
        made_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::backend::types::{Identifier, Moment, Word};

    sanctions (id) {
        id -> Identifier,
        violation_id -> Identifier,
        organization_id -> Identifier,
        kind -> Word,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        imposed_at -> Moment,
        fulfilled_at -> Nullable<Moment>,
        lifted_by -> Nullable<Identifier>,
        lifted_at -> Nullable<Moment>,
        lift_reasons -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::backend::types::{Fen, Identifier, Moment, Word};

    clawbacks (id) {
        id -> Identifier,
        sanction_id -> Identifier,
        organization_id -> Identifier,
        redemption_id -> Identifier,
        status -> Word,
        amount_fen -> Fen,
        received_fen -> Fen,
        created_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Text};
    use crate::backend::types::{Fen, Identifier, Moment};

    clawback_receipts (id) {
        id -> Identifier,
        clawback_id -> Identifier,
        amount_fen -> Fen,
        received_on -> Date,
        reference -> Text,
        recorded_by -> Identifier,
        recorded_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    violations,
    violation_statements,
    sanctions,
    clawbacks,
    clawback_receipts
);
