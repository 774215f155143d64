//! Who uses the system, and what every change leaves behind.
#![allow(missing_docs, reason = "columns are explained at the row types")]

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::backend::types::{Identifier, Moment, Word};

    organizations (id) {
        id -> Identifier,
        kind -> Word,
        name -> Text,
        uscc -> Nullable<Text>,
        created_at -> Moment,
        version -> BigInt,
        legal_representative -> Nullable<Text>,
        banned_until -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::backend::types::{Cipher, Identifier, Moment, Word};

    users (id) {
        id -> Identifier,
        organization_id -> Nullable<Identifier>,
        role -> Word,
        name -> Text,
        email -> Text,
        phone -> Nullable<Cipher>,
        password_hash -> Nullable<Text>,
        email_verified_at -> Nullable<Moment>,
        failed_logins -> Integer,
        locked_until -> Nullable<Moment>,
        is_active -> Bool,
        language -> Word,
        created_at -> Moment,
        version -> BigInt,
        phone_index -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::backend::types::{Identifier, Moment, Word};

    account_tokens (token_hash) {
        token_hash -> Text,
        user_id -> Identifier,
        purpose -> Word,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::backend::types::{Identifier, Moment};

    refresh_tokens (token_hash) {
        token_hash -> Text,
        family_id -> Identifier,
        user_id -> Identifier,
        created_at -> Moment,
        expires_at -> Moment,
        spent_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::backend::types::Moment;

    idempotency_keys (scope, key) {
        scope -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        body -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::backend::types::{Identifier, Moment, Word};

    events (id) {
        id -> Identifier,
        occurred_at -> Moment,
        actor_user_id -> Nullable<Identifier>,
        actor_role -> Nullable<Word>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Identifier,
        organization_id -> Nullable<Identifier>,
        cycle_id -> Nullable<Identifier>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        request_id -> Identifier,
    }
}

diesel::joinable!(users -> organizations (organization_id));
diesel::joinable!(account_tokens -> users (user_id));
diesel::joinable!(refresh_tokens -> users (user_id));
