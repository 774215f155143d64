//! What people are told, in the application and by letter.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::Nullable;
    use crate::backend::types::{Document, Identifier, Moment, Word};

    notifications (id) {
        id -> Identifier,
        user_id -> Identifier,
        kind -> Word,
        subject_kind -> Word,
        subject_id -> Identifier,
        facts -> Document,
        created_at -> Moment,
        read_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::backend::types::{Document, Identifier, Moment, Word};

    outbox (id) {
        id -> Identifier,
        user_id -> Nullable<Identifier>,
        recipient -> Text,
        name -> Text,
        language -> Word,
        kind -> Word,
        facts -> Document,
        subject_kind -> Nullable<Word>,
        subject_id -> Nullable<Identifier>,
        state -> Word,
        created_at -> Moment,
        attempts -> Integer,
        next_attempt_at -> Moment,
        settled_at -> Nullable<Moment>,
        last_error -> Nullable<Text>,
    }
}
