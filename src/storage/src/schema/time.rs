//! What runs by itself, and when: leases, rest days, feeds and reminders.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::backend::types::{Identifier, Moment};

    leases (name) {
        name -> Text,
        holder -> Identifier,
        expires_at -> Moment,
        succeeded_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable};
    use crate::backend::types::{Document, Identifier, Moment};

    calendar_years (year) {
        year -> Integer,
        days -> Document,
        loaded_by -> Identifier,
        loaded_at -> Moment,
        settled_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::backend::types::{Identifier, Moment};

    deadline_feeds (user_id) {
        user_id -> Identifier,
        token_hash -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::backend::types::{Identifier, Moment, Word};

    reminders (id) {
        id -> Identifier,
        user_id -> Identifier,
        kind -> Word,
        part -> Word,
        name -> Text,
        subject_kind -> Word,
        subject_id -> Identifier,
        last_day -> Date,
        expires_at -> Moment,
        days_ahead -> Integer,
        created_at -> Moment,
        letter_id -> Nullable<Identifier>,
    }
}
