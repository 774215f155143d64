//! What seals the events, and what was drawn at random.
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

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::backend::types::{Identifier, Moment};

    draw_seeds (id) {
        id -> Identifier,
        hash -> Text,
        committed_at -> Moment,
        ended_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::backend::types::{Document, Identifier, Moment, Word};

    draws (id) {
        id -> Identifier,
        kind -> Word,
        scope -> Nullable<Word>,
        share_bps -> Nullable<Integer>,
        subject_id -> Nullable<Identifier>,
        seed_id -> Nullable<Identifier>,
        seed_hash -> Text,
        committed_at -> Moment,
        seed -> Text,
        entries -> Document,
        list_hash -> Text,
        drawn -> Document,
        drawn_ids -> Document,
        drawn_by -> Identifier,
        drawn_at -> Moment,
        revealed_seed -> Nullable<Text>,
    }
}
