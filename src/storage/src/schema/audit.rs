//! What seals the events.
#![allow(missing_docs, reason = "columns are explained at the row types")]

use super::events;

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::backend::types::{Identifier, Moment};

    event_seals (position) {
        position -> BigInt,
        event_id -> Identifier,
        sealed_at -> Moment,
        hash -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text};
    use crate::backend::types::{Identifier, Moment};

    audit_roots (id) {
        id -> Identifier,
        day -> Date,
        position -> BigInt,
        hash -> Text,
        closed_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(events, event_seals);
